use super::{Backend, Config, ConfigError, FILE_NAME, Upload, Watch};
use crate::backend::Address;
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
    assert_eq!(config.backend.auth_scheme, "Bearer");
}

#[test]
fn everything_set() {
    let (_dir, config) = with(
        "[backend]\nurl = \"https://a.example/api/\"\nauth_scheme = \"Token\"\n[upload]\nconcurrency = 4\nbandwidth = \"5MB\"\ngps = true\n[watch]\nrescan_minutes = 5\nsettle_ms = 100\n",
    );
    let config = config.unwrap();
    assert_eq!(
        config.backend,
        Backend { url: Some(Address::parse("https://a.example/api").unwrap()), auth_scheme: "Token".into() }
    );
    assert_eq!(config.upload, Upload { concurrency: 4, bandwidth: Some(5_000_000), gps: true });
    assert_eq!(config.watch, Watch { rescan_minutes: 5, settle_ms: Some(100) });
    assert!(config.warnings.is_empty());
}

#[test]
fn an_engine_starts_with_them() {
    let config = with("[backend]\nauth_scheme = \"Token\"\n[upload]\nconcurrency = 4\nbandwidth = \"5MB\"\ngps = true\n[watch]\nrescan_minutes = 5\nsettle_ms = 100\n").1.unwrap();
    let tokens = std::sync::Arc::new(crate::secrets::FromEnvironment::new(None));
    let options = config.engine_options(Path::new("/data"), Address::parse("https://a.example").unwrap(), tokens);
    assert_eq!((options.auth_scheme.as_str(), options.concurrency, options.bandwidth), ("Token", 4, Some(5_000_000)));
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
    Config::set_backend(dir.path(), &Address::parse("https://a.example/api/").unwrap(), Some("Token")).unwrap();
    assert!(read().starts_with(before), "{}", read());
    let config = Config::load(dir.path()).unwrap();
    assert_eq!(config.backend.url.unwrap().as_str(), "https://a.example/api");
    assert_eq!(config.backend.auth_scheme, "Token");
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
