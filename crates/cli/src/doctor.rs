//! `doctor`: looks at everything an upload needs, and says how to mend what is wrong.

use crate::args::Doctor;
use crate::failure::{DONE, Failure, SOME};
use crate::out;
use crate::setting::Setting;
use crate::words::clean;
use offload_engine::contract::{Here, Options, checkup};
use offload_protocol::checkup::{About, Checkup, Finding, Mend, Stack, Verdict};
use std::fmt::Write as _;

pub(crate) async fn doctor(setting: &Setting, doctor: Doctor) -> Result<u8, Failure> {
    let tokens = setting.tokens();
    let here = Here {
        dir: &setting.dir,
        config: setting.config_quietly().await.map_err(Failure::into_control),
        tokens: tokens.as_ref(),
        token_from_environment: setting.has_token_in_environment(),
    };
    let checkup = checkup(here, Options { probe: !doctor.no_probe, speed: None }).await;
    if setting.json {
        out::json(&checkup)?;
    } else {
        out::line(report(&checkup).trim_end())?;
    }
    Ok(if problems(&checkup) == 0 { DONE } else { SOME })
}

fn problems(checkup: &Checkup) -> usize {
    checkup.findings.iter().filter(|finding| finding.verdict == Verdict::Problem).count()
}

/// The whole for a terminal: by subject, each finding on its line, what mends it below.
fn report(checkup: &Checkup) -> String {
    let mut text = String::new();
    for about in [About::Machine, About::Backend, About::SignIn, About::Signature, About::Probe] {
        let findings: Vec<&Finding> = checkup.findings.iter().filter(|finding| finding.about == about).collect();
        if findings.is_empty() {
            continue;
        }
        // A String takes everything.
        let _ = writeln!(text, "{}", heading(about));
        for finding in findings {
            let _ = writeln!(text, "  {}  {}: {}", word(finding.verdict), finding.code, clean(&finding.detail));
            for mend in &finding.mends {
                let _ = writeln!(text, "             {} {}", whose(mend), clean(&mend.text));
            }
        }
        text.push('\n');
    }
    let summary = match problems(checkup) {
        0 => "No problem was found.".to_owned(),
        1 => "1 problem was found.".to_owned(),
        count => format!("{count} problems were found."),
    };
    let _ = writeln!(text, "{summary} docs/doctor.md tells what each word means.");
    text
}

const fn heading(about: About) -> &'static str {
    match about {
        About::Machine => "This machine",
        About::Backend => "The backend",
        About::SignIn => "Who may ask",
        About::Signature => "What it signs",
        About::Probe => "A file that was really sent",
    }
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "ok     ",
        Verdict::Note => "note   ",
        Verdict::Problem => "PROBLEM",
        Verdict::Unknown => "?      ",
    }
}

const fn whose(mend: &Mend) -> &'static str {
    match mend.with {
        Stack::Anyone => "mend:      ",
        Stack::Django => "Django:    ",
        Stack::Js => "JavaScript:",
        Stack::Companion => "Companion: ",
    }
}

#[cfg(test)]
mod tests {
    use super::{problems, report};
    use offload_engine::contract::Check;
    use offload_protocol::checkup::Checkup;

    #[test]
    fn a_report_groups_and_counts() {
        let findings = vec![
            Check::Probe.good("S3 took it, under k/\u{1b}[2J"),
            Check::Ledger.good("the ledger is sound"),
            Check::KeyCollides.problem("two files get one key"),
            Check::NotLookedAt.unknown("complete"),
        ];
        let checkup = Checkup { backend: None, findings };
        let text = report(&checkup);
        assert_eq!(problems(&checkup), 1);
        assert!(
            text.starts_with(
                "This machine\n  ok       ledger: the ledger is sound\n\nWhat it signs\n  PROBLEM  key_collides: two"
            ),
            "{text}"
        );
        assert!(text.contains("Django:     key = f\"") && text.contains("JavaScript: `${user}"), "{text}");
        assert!(text.contains("  ?        not_looked_at") && text.contains("1 problem was found."), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
