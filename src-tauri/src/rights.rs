//! Holds what the page may do against what it is meant to: a strict policy, two permissions, no window that is made elsewhere.

use serde_json::{Value, json};

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_policy_allows_our_own_files_only() {
    let config = read(include_str!("../tauri.conf.json"));
    let security = &config["app"]["security"];
    let policy = security["csp"].as_str().unwrap();
    let directives: Vec<&str> = policy.split("; ").collect();
    assert_eq!(
        directives,
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' thumb: http://thumb.localhost",
            "font-src 'self'",
            "connect-src ipc: http://ipc.localhost",
        ]
    );
    assert_eq!(security["freezePrototype"], json!(true));
    assert_eq!(security["capabilities"], json!(["main"]));
    assert_eq!(config["app"]["withGlobalTauri"], json!(false));
    assert_eq!(config["app"]["windows"], json!([]));
    for loose in ["dangerousDisableAssetCspModification", "assetProtocol", "devCsp"] {
        assert!(security.get(loose).is_none(), "{loose}");
    }
}

#[test]
fn the_page_may_hear_events_and_nothing_else() {
    let capability = read(include_str!("../capabilities/main.json"));
    assert_eq!(capability["windows"], json!(["main"]));
    assert_eq!(capability["permissions"], json!(["core:event:allow-listen", "core:event:allow-unlisten"]));
    assert!(capability.get("remote").is_none());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("capabilities");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "no other capability file");
}
