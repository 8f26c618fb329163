//! The window's commands, made from the list in `offload_protocol::window_commands!`: each calls the method of the same name of
//! `Shell`, so one that is missing there, or has other types, does not compile.

use crate::shell::Shell;
use offload_protocol::checkup::Checkup;
use offload_protocol::control::{ControlError, RetryWhat, Scope, SourceEdit};
use offload_protocol::view::{FileRow, Page, PageQuery, SourceView, Status, Story};
use offload_protocol::window::{
    BackendProtocol, BrowserCode, Connected, Connection, FirstPicture, Given, Measured, Opening, SignInWays, Taking,
    WindowSettings,
};
use std::sync::Arc;
use tauri::State;

macro_rules! commands {
    ($( $(#[$doc:meta])* $name:ident ( $($argument:ident : $type:ty),* ) -> $answer:ty ; )*) => {
        $(
            $(#[$doc])*
            #[tauri::command(rename_all = "snake_case")]
            async fn $name(shell: State<'_, Arc<Shell>>, $($argument: $type),*) -> Result<$answer, ControlError> {
                shell.$name($($argument),*).await
            }
        )*

        /// Answers the window.
        pub(crate) fn answer<R: tauri::Runtime>() -> impl Fn(tauri::ipc::Invoke<R>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),*]
        }
    };
}

offload_protocol::window_commands!(commands);
