//! Signing in by a browser: device authorization at the sandbox, renewals while files go out, and the end of a sign-in.

use async_trait::async_trait;
use offload_engine::backend::{Address, Credential, DeviceSignIn, Dialect, Wish, in_use, sign_in, ways};
use offload_engine::cause::{Cause, Code};
use offload_engine::secrets::{Secret, SecretError, TokenStore};
use offload_protocol::view::Health;
use offload_tests::Studio;
use offload_tests::compare::nothing_is_lost;
use offload_tests::photos::bytes;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A keyring in memory; the real one is tested where there is one.
#[derive(Debug, Default)]
struct Kept {
    token: Mutex<Option<Secret>>,
    stored: AtomicUsize,
    /// The next `store` is lost, as by a kill between the server's answer and our note of it.
    loses: AtomicBool,
}

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self, _backend: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.token.lock().unwrap().clone())
    }

    async fn store(&self, _backend: &str, token: &Secret) -> Result<(), SecretError> {
        if self.loses.swap(false, Ordering::SeqCst) {
            return Err(SecretError::Failed("lost".into()));
        }
        self.stored.fetch_add(1, Ordering::SeqCst);
        *self.token.lock().unwrap() = Some(token.clone());
        Ok(())
    }

    async fn forget(&self, _backend: &str) -> Result<bool, SecretError> {
        Ok(self.token.lock().unwrap().take().is_some())
    }
}

fn address(studio: &Studio) -> Address {
    Address::parse(studio.sandbox.backend_url()).unwrap()
}

/// Signs in as a person does: looks at the code, answers in the browser.
async fn signed_in(studio: &Studio, kept: &Kept, approve: bool) -> Result<String, Code> {
    let offered = ways(&address(studio), &Dialect::default()).await.unwrap().device.expect("it is offered");
    let begun = DeviceSignIn::begin(offered).await.unwrap();
    let code = begun.code().user_code.clone();
    assert_eq!(studio.sandbox.sign_ins_waiting(), std::slice::from_ref(&code));
    let waits = tokio::spawn(begun.wait());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waits.is_finished());
    assert!(studio.sandbox.answer_sign_in(&code, approve));
    let grant = waits.await.unwrap().map_err(|error| Cause::from(error).code)?;
    let credential = Credential::Grant(grant);
    let url = studio.sandbox.backend_url();
    let (_, session) = sign_in(&studio.data(), url, &Wish::default(), &credential, Some(kept)).await.unwrap();
    Ok(session.account)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_out_over_many_renewals_and_stop_where_the_studio_ends_the_sign_in() {
    let mut studio = Studio::without_engine(|sandbox| sandbox.oauth = Some(Duration::from_secs(2))).await;
    let kept = Arc::new(Kept::default());
    assert_eq!(signed_in(&studio, &kept, true).await, Ok("studio".into()));
    let held = kept.token.lock().unwrap().clone().unwrap();
    assert!(held.expose().starts_with("offload-grant:"));
    let tokens: Arc<Kept> = kept.clone();
    studio.start_with(|options| options.tokens = tokens).await;
    studio.sandbox.faults().add("s3=slow:rate=40k".parse().unwrap());
    let mut paths = Vec::new();
    for number in 0..24u64 {
        let name = format!("{number}.jpg");
        paths.push((name.clone(), studio.put(&name, &bytes(number, 60_000))));
    }
    studio.watch().await;
    let renewals = || kept.stored.load(Ordering::SeqCst) - 1;
    studio
        .until("through, over three renewals", |status| {
            assert_ne!(status.health, Health::SignedOut, "{:?}", status.detail);
            if renewals() >= 3 {
                studio.sandbox.faults().clear();
            }
            status.totals.confirmed.files == 24 && renewals() >= 3
        })
        .await;
    nothing_is_lost(&studio, &studio.photos(), &paths).await;
    assert!(studio.rows().await.iter().all(|row| row.attempts == 0));
    // A token that is refused before its time is renewed, and nobody is asked to sign in.
    let before = renewals();
    studio.sandbox.forget_access_tokens();
    studio.put("next.jpg", &bytes(98, 1000));
    studio
        .until("the next one is through", |status| {
            assert_ne!(status.health, Health::SignedOut, "{:?}", status.detail);
            status.totals.confirmed.files == 25
        })
        .await;
    assert!(renewals() > before);
    // The studio takes the leave away: said, and a new sign-in goes on.
    studio.sandbox.revoke_sign_ins().unwrap();
    let status = studio.until("signed out", |status| status.health == Health::SignedOut).await;
    assert!(status.detail.unwrap().contains("sign in again"));
    studio.put("late.jpg", &bytes(99, 1000));
    signed_in(&studio, &kept, true).await.unwrap();
    studio.handle().token_changed();
    studio.until_confirmed(26).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_was_lost_on_its_way_into_the_keyring_is_no_end() {
    let studio = Studio::without_engine(|sandbox| sandbox.oauth = Some(Duration::from_secs(3600))).await;
    let kept = Kept::default();
    signed_in(&studio, &kept, true).await.unwrap();
    let before = kept.token.lock().unwrap().clone().unwrap();
    kept.loses.store(true, Ordering::SeqCst);
    in_use(&kept, &address(&studio), true).await.unwrap_err();
    assert_eq!(kept.token.lock().unwrap().as_ref().unwrap().expose(), before.expose());
    // The server has renewed it already; the old refresh token counts until the new access token is used.
    let renewed = in_use(&kept, &address(&studio), true).await.unwrap().unwrap();
    let kept_now = kept.token.lock().unwrap().clone().unwrap();
    assert_eq!(renewed.to_keep().expose(), kept_now.expose());
    assert_ne!(kept_now.expose(), before.expose());
    let token = Credential::Token(renewed.access().clone());
    sign_in(&studio.data(), studio.sandbox.backend_url(), &Wish::default(), &token, None).await.unwrap();
    // Now the old one is worth nothing, and that is told as what it is.
    *kept.token.lock().unwrap() = Some(before);
    let cause = in_use(&kept, &address(&studio), true).await.unwrap_err();
    assert!(cause.to_string().contains("the sign-in is over"), "{cause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_refused_keeps_nothing() {
    let studio = Studio::without_engine(|sandbox| sandbox.oauth = Some(Duration::from_secs(60))).await;
    let kept = Kept::default();
    assert_eq!(signed_in(&studio, &kept, false).await, Err(Code::SignedOut));
    assert!(kept.token.lock().unwrap().is_none());
    let without = Studio::without_engine(|_| {}).await;
    assert!(ways(&address(&without), &Dialect::default()).await.unwrap().device.is_none());
}
