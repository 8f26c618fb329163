use offload_engine::config::{Config, ConfigError};
use offload_protocol::window::{DailyLimit, WindowSettings};
use std::path::Path;
pub(crate) trait Shim {
    fn window_settings(&self, s: bool) -> WindowSettings;
    fn set_close_told(_d: &Path) -> Result<(), ConfigError> {
        Ok(())
    }
    fn set_window_settings(_d: &Path, _s: &WindowSettings) -> Result<(), ConfigError> {
        Ok(())
    }
}
impl Shim for Config {
    fn window_settings(&self, start_at_login: bool) -> WindowSettings {
        WindowSettings {
            bandwidth: self.upload.bandwidth,
            daily: None,
            concurrency: self.upload.concurrency,
            gps: self.upload.gps,
            start_at_login,
            notify_done: true,
            notify_attention: true,
            keep_awake: true,
            appearance: Default::default(),
            language: Default::default(),
        }
    }
}
pub(crate) trait HandleShim {
    fn set_daily(&self, _d: Option<DailyLimit>) {}
    fn set_concurrency(&self, _c: u32) {}
    fn set_gps(&self, _g: bool) {}
}
impl HandleShim for offload_engine::engine::Handle {}
