use super::*;
use crate::transfer::scripted::{Connection, Scripted, answer};

fn at(server: &Scripted) -> DeviceGrant {
    DeviceGrant {
        device_authorization_endpoint: format!("http://{}/device", server.address),
        token_endpoint: format!("http://{}/token", server.address),
        client_id: "offload".into(),
        scope: Some("photos read".into()),
    }
}

const CODE: &str = r#"{"device_code":"MARKER-DEVICE","user_code":"WDJB-MJHT","verification_uri":"https://a.example/device",
    "verification_uri_complete":"https://a.example/device?user_code=WDJB-MJHT","expires_in":600,"interval":1}"#;
const TOKENS: &str =
    r#"{"access_token":"MARKER-ACCESS","token_type":"Bearer","expires_in":3600,"refresh_token":"MARKER-REFRESH"}"#;

/// Gives the answers one after the other, the last one again and again.
async fn saying(answers: Vec<String>) -> Scripted {
    Scripted::start(move |mut connection: Connection, number| {
        let text = answers[number.min(answers.len() - 1)].clone();
        async move {
            connection.request().await;
            connection.send(text.as_bytes()).await;
            connection.close().await;
        }
    })
    .await
}

fn json(status: &str, body: &str) -> String {
    answer(status, "Content-Type: application/json\r\n", body)
}

#[tokio::test]
async fn a_code_is_shown_and_tokens_come_once_it_is_approved() {
    let pending = json("400 Bad Request", r#"{"error":"authorization_pending"}"#);
    let busy = answer("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>restarting</html>");
    let server = saying(vec![json("200 OK", CODE), pending, busy, json("200 OK", TOKENS)]).await;
    let begun = DeviceSignIn::begin(at(&server)).await.unwrap();
    assert!(!format!("{begun:?}").contains("MARKER"));
    let code = begun.code();
    assert_eq!((code.user_code.as_str(), code.expires_in), ("WDJB-MJHT", Duration::from_secs(600)));
    assert_eq!(code.page().as_str(), "https://a.example/device?user_code=WDJB-MJHT");
    let grant = begun.wait().await.unwrap();
    assert_eq!(grant.access.expose(), "MARKER-ACCESS");
    assert_eq!(grant.refresh.unwrap().expose(), "MARKER-REFRESH");
    assert!(grant.ends_ms.unwrap() > grant.renew_ms.unwrap());
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    for (text, code, word) in [
        (json("400 No", r#"{"error":"access_denied"}"#), Code::SignedOut, "refused in the browser"),
        (json("400 No", r#"{"error":"expired_token"}"#), Code::SignedOut, "in time"),
        (json("400 No", r#"{"error":"invalid_client"}"#), Code::BackendAnswer, "invalid_client"),
        (json("200 OK", "{}"), Code::BackendAnswer, "none of OAuth"),
        (answer("404 Not Found", "Content-Type: text/html\r\n", "<html>MARKER"), Code::BackendAnswer, "none of OAuth"),
    ] {
        let server = saying(vec![json("200 OK", CODE), text]).await;
        let cause = Cause::from(DeviceSignIn::begin(at(&server)).await.unwrap().wait().await.unwrap_err());
        assert_eq!(cause.code, code, "{cause:?}");
        assert!(cause.message.contains(word) && !format!("{cause:?}").contains("MARKER"), "{cause:?}");
    }
    for text in [
        json("400 No", r#"{"error":"invalid_client"}"#),
        json("200 OK", "{}"),
        json("200 OK", &CODE.replace("https://a.example", "http://a.example")),
        json("200 OK", &CODE.replace("https://a.example", "javascript:alert(1)//")),
        json("200 OK", &CODE.replace("https://a.example", "https://kim:secret@a.example")),
        answer("302 Found", "Location: /login\r\n", ""),
    ] {
        let server = saying(vec![text.clone()]).await;
        assert_eq!(DeviceSignIn::begin(at(&server)).await.unwrap_err().code, Code::BackendAnswer, "{text}");
    }
    let server = saying(vec![json("200 OK", CODE)]).await;
    let plain = DeviceGrant { device_authorization_endpoint: "http://a.example/device".into(), ..at(&server) };
    assert_eq!(DeviceSignIn::begin(plain).await.unwrap_err().code, Code::BackendAnswer, "never without encryption");
}

#[tokio::test]
async fn ways_are_told_with_and_without_a_token() {
    let told = r#"{"account":"kim","sign_in":{"device":{"device_authorization_endpoint":"https://a/d","token_endpoint":"https://a/t","client_id":"c"}}}"#;
    for (text, offered) in [
        (json("200 OK", told), Some(true)),
        (json("401 Unauthorized", told), Some(true)),
        (json("401 Unauthorized", r#"{"title":"Not signed in"}"#), Some(false)),
        (json("401 Unauthorized", r#"{"sign_in":"yes"}"#), Some(false)),
        (answer("401 Unauthorized", "", "<html>"), Some(false)),
        (json("200 OK", r#"{"account":"kim","sign_in":{"passkey":{}}}"#), Some(false)),
        (answer("404 Not Found", "", ""), None),
    ] {
        let server = saying(vec![text.clone()]).await;
        let address = Address::parse(&format!("http://{}", server.address)).unwrap();
        let ways = ways(&address, &Dialect::default()).await.ok();
        assert_eq!(ways.map(|ways| ways.device.is_some()), offered, "{text}");
    }
}
