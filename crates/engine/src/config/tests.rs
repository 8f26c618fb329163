use super::{App, Backend, Config, ConfigError, FILE_NAME, Upload, Watch};
use crate::backend::{Address, Dialect};
use offload_protocol::window::{Appearance, DailyLimit, Language, WindowSettings};
use std::path::Path;

fn with(text: &str) -> (tempfile::TempDir, Result<Config, ConfigError>) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE_NAME), text).unwrap();
    let config = Config::load(dir.path());
    (dir, config)
}

#[test]
fn no_file_means_the_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::load(dir.path()).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!((config.upload.concurrency, config.upload.gps, config.watch.rescan_minutes), (16, false, 60));
    assert_eq!(config.backend.dialect, Dialect::default());
}

#[test]
fn everything_set() {
    let (_dir, config) = with(
        "[backend]\nurl = \"https://a.example/api/\"\nauth_scheme = \"Token\"\n[upload]\nconcurrency = 4\nbandwidth = \"5MB\"\ngps = true\n[watch]\nrescan_minutes = 5\nsettle_ms = 100\n",
    );
    let config = config.unwrap();
    assert_eq!(
        config.backend,
        Backend {
            url: Some(Address::parse("https://a.example/api").unwrap()),
            dialect: Dialect { auth_scheme: "Token".into(), ..Dialect::default() }
        }
    );
    assert_eq!(config.upload, Upload { concurrency: 4, bandwidth: Some(5_000_000), daily: None, gps: true });
    assert_eq!(config.watch, Watch { rescan_minutes: 5, settle_ms: Some(100) });
    assert!(config.warnings.is_empty());
}

#[test]
fn an_engine_starts_with_them() {
    let config = with("[backend]\nauth_scheme = \"Token\"\n[upload]\nconcurrency = 4\nbandwidth = \"5MB\"\ngps = true\n[watch]\nrescan_minutes = 5\nsettle_ms = 100\n").1.unwrap();
    let tokens = std::sync::Arc::new(crate::secrets::FromEnvironment::new(None));
    let options = config.engine_options(Path::new("/data"), Address::parse("https://a.example").unwrap(), tokens);
    assert_eq!(
        (options.dialect.auth_scheme.as_str(), options.concurrency, options.bandwidth),
        ("Token", 4, Some(5_000_000))
    );
    assert_eq!((options.gps, options.rescan_every.as_secs()), (crate::media::GpsConsent::Share, 300));
    assert_eq!((options.settle.still_ms, options.settle.empty_still_ms), (100, 500));
}

#[test]
fn wrong_values_name_their_key_and_line() {
    let table = [
        ("[upload]\n\nconcurrency = 0\n", "upload.concurrency", 3),
        ("[upload]\nconcurrency = 65\n", "upload.concurrency", 2),
        ("[upload]\nconcurrency = \"many\"\n", "upload.concurrency", 2),
        ("upload.concurrency = -1\n", "upload.concurrency", 1),
        ("[upload]\nbandwidth = 5\n", "upload.bandwidth", 2),
        ("[upload]\nbandwidth = \"5 parsecs\"\n", "upload.bandwidth", 2),
        ("[upload]\nbandwidth = [1]\n", "upload.bandwidth", 2),
        ("# gps\n[upload]\n# yes\ngps = \"yes\"\n", "upload.gps", 4),
        ("[upload]\ndaily = \"08:00\"\n", "upload.daily", 2),
        ("[upload]\ndaily = { from = \"08:00\" }\n", "upload.daily", 2),
        ("[upload]\ndaily = { from = \"8 o'clock\", to = \"18:00\" }\n", "upload.daily.from", 2),
        ("[upload.daily]\nfrom = \"08:00\"\nto = 18\n", "upload.daily.to", 3),
        ("[upload.daily]\nfrom = \"08:00\"\nto = \"18:00\"\nbandwidth = \"fast\"\n", "upload.daily.bandwidth", 4),
        ("[app]\nkeep_awake = 1\n", "app.keep_awake", 2),
        ("[app]\nappearance = \"dim\"\n", "app.appearance", 2),
        ("[app]\nlanguage = \"de\"\n", "app.language", 2),
        ("[watch]\nrescan_minutes = 0\n", "watch.rescan_minutes", 2),
        ("[watch]\nsettle_ms = -5\n", "watch.settle_ms", 2),
        ("[backend]\nurl = \"ftp://a.example\"\n", "backend.url", 2),
        ("[backend]\nurl = \"\"\n", "backend.url", 2),
        ("[backend]\nauth_scheme = \"two words\"\n", "backend.auth_scheme", 2),
        ("\nbackend = \"https://a.example\"\n", "backend", 2),
    ];
    for (text, key, line) in table {
        let error = with(text).1.unwrap_err();
        let said = error.to_string();
        assert!(said.contains(&format!("`{key}`")) && said.contains(&format!("line {line}:")), "{text:?}: {said}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_slip_of_the_pen_names_its_line() {
    let error = with("[upload]\ngps = tru\n").1.unwrap_err();
    assert!(matches!(error, ConfigError::Syntax { line: 2, .. }), "{error}");
}

#[test]
fn unknown_keys_are_warned_of() {
    let config = with("colour = 1\n[upload]\nconcurrencey = 5\n[watching]\nx = 1\n").1.unwrap();
    assert_eq!(config.warnings.len(), 3);
    assert!(config.warnings[1].contains("line 3") && config.warnings[1].contains("`upload.concurrencey`"));
}

#[test]
fn writing_keeps_the_rest() {
    let before = "# our studio\n[upload]\ngps = true # the client asks for it\nbandwidth = \"5MB\" # office line\n";
    let (dir, _) = with(before);
    let read = || std::fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    let token = Dialect { auth_scheme: "Token".into(), ..Dialect::default() };
    Config::set_backend(dir.path(), &Address::parse("https://a.example/api/").unwrap(), &token).unwrap();
    assert!(read().starts_with(before), "{}", read());
    let config = Config::load(dir.path()).unwrap();
    assert_eq!(config.backend.url.unwrap().as_str(), "https://a.example/api");
    assert_eq!(config.backend.dialect.auth_scheme, "Token");
    Config::set_bandwidth(dir.path(), Some(7_000_000)).unwrap();
    assert!(read().contains("bandwidth = 7000000 # office line"), "{}", read());
    Config::set_bandwidth(dir.path(), None).unwrap();
    assert_eq!(Config::load(dir.path()).unwrap().upload, Upload { gps: true, ..Upload::default() });
    assert!(read().contains("# the client asks for it"));
}

#[test]
fn a_broken_file_is_not_written_over() {
    let (dir, config) = with("[upload\n");
    config.unwrap_err();
    Config::set_bandwidth(dir.path(), None).unwrap_err();
    assert_eq!(std::fs::read_to_string(dir.path().join(FILE_NAME)).unwrap(), "[upload\n");
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let data: &Path = &dir.path().join("data");
    Config::set_bandwidth(data, Some(5_000_000)).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(data), mode(&data.join(FILE_NAME))), (0o700, 0o600));
}

#[test]
fn a_part_of_the_day_in_every_way_to_write_it() {
    let day = |bandwidth| DailyLimit { from_minute: 480, to_minute: 1080, bandwidth };
    for (text, expected) in [
        ("[upload]\ndaily = { from = \"08:00\", to = \"18:00\", bandwidth = \"1MB\" }\n", day(Some(1_000_000))),
        ("[upload]\ndaily = { from = \"8:00\", to = \"18:00\", bandwidth = 5000 }\n", day(Some(5000))),
        ("[upload]\ndaily = { from = \"08:00\", to = \"18:00\", bandwidth = \"0\" }\n", day(None)),
        ("[upload]\ndaily = { from = \"08:00\", to = \"18:00\", bandwidth = 0 }\n", day(None)),
        ("[upload]\ndaily = { from = \"08:00\", to = \"18:00\" }\n", day(None)),
        ("[upload.daily]\nfrom = \"08:00\"\nto = \"18:00\"\n", day(None)),
    ] {
        assert_eq!(with(text).1.unwrap().upload.daily, Some(expected), "{text}");
    }
    let odd = with("[upload]\ndaily = { from = \"08:00\", to = \"18:00\", speed = 5 }\n").1.unwrap();
    assert!(odd.warnings[0].contains("line 2") && odd.warnings[0].contains("`upload.daily.speed`"), "{odd:?}");
}

fn settings() -> WindowSettings {
    WindowSettings {
        bandwidth: Some(7_000_000),
        daily: Some(DailyLimit { from_minute: 480, to_minute: 0, bandwidth: Some(1_000_000) }),
        concurrency: 8,
        gps: true,
        start_at_login: true,
        notify_done: false,
        notify_attention: false,
        keep_awake: false,
        appearance: Appearance::Dark,
        language: Language::Ko,
    }
}

#[test]
fn the_window_writes_what_it_changed_and_keeps_the_rest() {
    let before = "# our studio\n[backend]\nurl = \"https://a.example\" # theirs\n[upload]\nbandwidth = \"5MB\" # office line\n\n[upload.daily]\nfrom = \"07:00\" # the cleaner comes\nto = \"18:00\"\n[app]\ncolour = 1\nlanguage = \"en\"\n";
    let (dir, config) = with(before);
    let read = || std::fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    let unchanged = config.unwrap().window(true);
    Config::set_window(dir.path(), &unchanged).unwrap();
    assert_eq!(read(), before, "nothing changed, so nothing is written otherwise");
    Config::set_window(dir.path(), &settings()).unwrap();
    Config::set_close_told(dir.path()).unwrap();
    let config = Config::load(dir.path()).unwrap();
    assert_eq!(config.window(true), settings());
    assert!(config.app.close_told);
    for kept in [
        "# our studio",
        "# theirs",
        "bandwidth = 7000000 # office line",
        "from = \"08:00\" # the cleaner comes",
        "colour = 1",
    ] {
        assert!(read().contains(kept), "{kept} is not in {}", read());
    }
    assert!(!read().contains("start_at_login"), "that is the system's to know");
    // And back to the defaults.
    let plain = Config::default().window(false);
    Config::set_window(dir.path(), &plain).unwrap();
    assert_eq!(Config::load(dir.path()).unwrap().window(false), plain);
    assert!(!read().contains("daily"));
}

#[test]
fn the_window_begins_with_an_empty_file() {
    let dir = tempfile::tempdir().unwrap();
    Config::set_window(dir.path(), &settings()).unwrap();
    let config = Config::load(dir.path()).unwrap();
    assert_eq!(config.window(true), settings());
    let text = std::fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    assert!(text.contains("daily = { from = \"08:00\", to = \"00:00\", bandwidth = 1000000 }"), "{text}");
    assert_eq!(
        Config::default().app,
        App { keep_awake: true, notify_done: true, notify_attention: true, ..App::default() }
    );
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let error = Config::set_window(dir.path(), &WindowSettings { concurrency: 65, ..settings() }).unwrap_err();
    assert!(error.to_string().contains("upload.concurrency"), "{error}");
    Config::set_window(dir.path(), &WindowSettings { bandwidth: Some(5), ..settings() }).unwrap_err();
    assert!(!dir.path().join(FILE_NAME).exists());
}
