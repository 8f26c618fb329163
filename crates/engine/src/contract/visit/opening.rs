//! The beginning of a visit: session, who it says we are, its clock.

use super::super::answers::{self, Raw};
use super::super::caller::{As, Endpoint};
use super::super::checks::Check;
use super::super::{clock, session};
use super::doors::{is_refusal_of_token, tells};
use super::{Ends, Visit};
use crate::transfer::quote::quote;

impl Visit {
    pub(super) async fn session(&mut self) -> Result<(), Ends> {
        let mut raw = self.reached(self.caller.session(As::Us).await)?;
        if is_refusal_of_token(&raw) {
            raw = self.by_another_scheme(raw, Endpoint::Session, None).await?;
        }
        if !raw.is_good() {
            return self.no_session(&raw).await;
        }
        self.session_is_good = true;
        let Some(value) = answers::not_json(&raw).map_or_else(
            || raw.json(),
            |finding| {
                self.add(finding);
                None
            },
        ) else {
            // A page at session's address: the address is wrong, or a proxy answers.
            return Err(Ends);
        };
        let base = self.caller.base().to_owned();
        let mut server_time = None;
        match session::read(&raw.body, &value) {
            Ok(session) => {
                let account = quote(&session.account, 100);
                self.add(Check::Backend.good(format!("{base} answers, and knows you as {account}")));
                session::check(&session).into_iter().for_each(|finding| self.add(finding));
                self.limits = session.limits;
                server_time = session.server_time;
            }
            Err(finding) => self.add(finding),
        }
        self.clock(&raw, server_time.as_deref());
        Ok(())
    }

    /// What can be told without a token: whether a backend is there, and whether it asks who comes.
    pub(super) async fn outside(&mut self) {
        if self.knock().await.is_ok() {
            self.add(
                Check::NotLookedAt.unknown("presign, the signature, the keys, a probe, complete; nobody is signed in"),
            );
        }
    }

    async fn knock(&mut self) -> Result<(), Ends> {
        let base = self.caller.base().to_owned();
        let mut raw = self.reached(self.caller.session(As::Nobody).await)?;
        if raw.is_nowhere() {
            raw = self.reached(self.caller.presign(&[], As::Nobody).await)?;
        }
        if raw.is_nowhere() {
            self.has_no_session = true;
            let finding = self.no_presign(&raw, None).await?;
            self.add(finding);
            return Err(Ends);
        }
        if is_refusal_of_token(&raw) {
            self.add(Check::Backend.good(format!("{base} answers, and wants to know who is there")));
            self.clock(&raw, None);
        } else if tells(Endpoint::Session, &raw) {
            self.add(Check::AnyToken.problem("it answers: session, without a token"));
        } else if let Some(finding) = answers::not_json(&raw) {
            self.add(finding);
        } else if !raw.is_good() {
            self.add(answers::refused(&raw));
        }
        Ok(())
    }

    fn clock(&mut self, raw: &Raw, server_time: Option<&str>) {
        let asked = clock::Asked { at: raw.asked_at, answered: raw.answered_at };
        let seen = clock::compare(raw.date, server_time, asked);
        self.ahead = seen.ahead;
        self.add(seen.finding);
    }

    async fn no_session(&mut self, raw: &Raw) -> Result<(), Ends> {
        if raw.is_nowhere() {
            if self.reached(self.caller.is_there_with_slash(Endpoint::Session, None).await)? {
                self.add(
                    Check::TrailingSlash
                        .problem(format!("{}/v1/session is only there with a slash at its end", self.caller.base())),
                );
                return Err(Ends);
            }
            self.has_no_session = true;
            self.clock(raw, None);
            return Ok(());
        }
        let finding = answers::refused(raw);
        let ends = !matches!(raw.status, 400 | 405 | 415 | 422 | 429 | 500..=599)
            || finding.code == Check::TrailingSlash.code();
        self.add(finding);
        if ends { Err(Ends) } else { Ok(()) }
    }
}
