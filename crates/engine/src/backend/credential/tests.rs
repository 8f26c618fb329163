use super::*;

fn grant(renew_ms: Option<i64>) -> Grant {
    let at = DeviceGrant {
        device_authorization_endpoint: "https://a.example/device".into(),
        token_endpoint: "https://a.example/token".into(),
        client_id: "offload".into(),
        scope: None,
    };
    let refresh = Some(Secret::new("MARKER-REFRESH".into()));
    Grant { access: Secret::new("MARKER-ACCESS".into()), refresh, ends_ms: Some(9_000), renew_ms, at }
}

#[test]
fn what_is_kept_comes_back_and_prints_nothing() {
    let credential = Credential::Grant(grant(Some(7)));
    let kept = credential.to_keep();
    let read = Credential::read(&kept).unwrap();
    assert!(!format!("{credential:?} {kept:?} {read:?}").contains("MARKER"));
    let Credential::Grant(read) = read else { panic!() };
    assert_eq!(read.access.expose(), "MARKER-ACCESS");
    assert_eq!(read.refresh.as_ref().unwrap().expose(), "MARKER-REFRESH");
    assert_eq!((read.ends_ms, read.renew_ms, read.at), (Some(9_000), Some(7), grant(None).at));

    let pasted = Credential::read(&Secret::new("a token".into())).unwrap();
    assert!(matches!(&pasted, Credential::Token(token) if token.expose() == "a token"));
    assert_eq!((pasted.to_keep().expose(), pasted.renew_ms()), ("a token", None));
    for broken in ["offload-grant:", "offload-grant:{}", "offload-grant:{\"access\":\"MARKER\""] {
        let cause = Credential::read(&Secret::new(broken.into())).unwrap_err();
        assert_eq!(cause.code, Code::SignedOut);
        assert!(!format!("{cause:?}").contains("MARKER"));
    }
}

#[test]
fn a_grant_is_renewed_before_its_end() {
    for (lasts_ms, renew_ms) in [
        (Some(3_600_000), Some(1_000 + 3_480_000)),
        (Some(60_000), Some(1_000 + 45_000)),
        (Some(0), Some(1_000)),
        (None, None),
    ] {
        let given = grant(None);
        let made = Grant::new(given.access, given.refresh, 1_000, lasts_ms, given.at);
        assert_eq!(made.renew_ms, renew_ms, "{lasts_ms:?}");
        assert_eq!(made.ends_ms, lasts_ms.map(|lasts| 1_000 + lasts));
    }
    let without = Grant { refresh: None, ..grant(Some(7)) };
    assert_eq!(Credential::Grant(without).renew_ms(), None, "there is nothing to renew it with");
}
