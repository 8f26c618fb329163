//! Looking after things outside the window: the file itself, the logs, a description for whoever helps.

use super::{Shell, refused};
use crate::setting::blocking;
use offload_engine::contract::{Here, Options, checkup};
use offload_engine::diagnostics::Machine;
use offload_engine::program::logs_folder;
use offload_protocol::checkup::Checkup;
use offload_protocol::control::ControlError;
use offload_protocol::window::Stage;
use std::sync::Arc;

impl Shell {
    pub(crate) async fn reveal(&self, id: i64) -> Result<(), ControlError> {
        let path = self.life.engine()?.local_path(id).await.map_err(refused)?.ok_or_else(|| ControlError {
            code: "not_there".into(),
            message: "the ledger does not know this file any more".into(),
            hint: None,
        })?;
        let desk = Arc::clone(&self.desk);
        blocking(move || {
            if path.symlink_metadata().is_err() {
                return Err(ControlError {
                    code: "not_there".into(),
                    message: format!("{} is not there", offload_engine::watch::name::shown(&path)),
                    hint: Some("it was moved, renamed or deleted, or its disk is not connected".into()),
                });
            }
            desk.reveal(&path)
        })
        .await?
    }

    pub(crate) async fn open_logs(&self) -> Result<(), ControlError> {
        let (desk, folder) = (Arc::clone(&self.desk), logs_folder(&self.setting.dir));
        blocking(move || desk.open(&folder)).await?
    }

    pub(crate) async fn copy_diagnostics(&self) -> Result<String, ControlError> {
        let text = self.diagnostics().await?;
        let (desk, copy) = (Arc::clone(&self.desk), text.clone());
        blocking(move || desk.copy(copy)).await??;
        Ok(text)
    }

    /// Looks at this machine and its backend; with `probe` a small file is really sent.
    pub(crate) async fn doctor(&self, probe: bool) -> Result<Checkup, ControlError> {
        let tokens = self.setting.tokens();
        let here = Here {
            dir: &self.setting.dir,
            config: self.setting.config().await,
            tokens: tokens.as_ref(),
            token_from_environment: self.setting.token_from_environment,
        };
        Ok(Box::pin(checkup(here, Options { probe, speed: None })).await)
    }
}

impl Shell {
    /// No secret, and no name of a file, folder, client or account.
    async fn diagnostics(&self) -> Result<String, ControlError> {
        if let Ok(engine) = self.life.engine() {
            return Box::pin(engine.diagnostics()).await.map_err(refused);
        }
        let (dir, stage) = (self.setting.dir.clone(), self.life.stage());
        let machine = blocking(move || Machine::look(&dir)).await?;
        let stage = match stage {
            Stage::Broken(error) => format!("broken: {}", error.code),
            other => crate::life::word(&other).to_owned(),
        };
        Ok(format!(
            "Offload {}\nsystem   {}\ndesktop  {}, time zone {}\ndata     {}, ledger of {} bytes\nstage    {stage}\n",
            env!("CARGO_PKG_VERSION"),
            machine.system,
            machine.desktop,
            machine.zone,
            machine.data_dir,
            machine.ledger_bytes,
        ))
    }
}
