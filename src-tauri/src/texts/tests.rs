use super::{ENGLISH, KOREAN, Say, Texts, grouped, number, tongue, words};
use fluent_bundle::FluentResource;
use offload_protocol::window::{Language, Tongue};
use std::collections::{BTreeMap, BTreeSet};

/// Each message's variables, by its id; read from the text, so that nothing of Fluent's own leniency hides a slip.
fn variables(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((id, _)) = line.split_once(" = ").filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic())) {
            current = id.to_owned();
            assert!(messages.insert(current.clone(), BTreeSet::new()).is_none(), "{id} stands twice");
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            messages.entry(current.clone()).or_default().insert(name);
        }
    }
    messages
}

#[test]
fn both_languages_say_the_same_things() {
    for source in [ENGLISH, KOREAN] {
        FluentResource::try_new(source.to_owned()).map(|_| ()).map_err(|(_, errors)| errors).unwrap();
    }
    assert_eq!(variables(ENGLISH), variables(KOREAN));
    let said: BTreeSet<String> = Say::ALL.iter().map(|say| say.id().to_owned()).collect();
    assert_eq!(said, variables(ENGLISH).into_keys().collect(), "every message is used, every message used is there");
}

#[test]
fn every_message_can_be_said() {
    for tongue in [Tongue::En, Tongue::Ko] {
        let texts = Texts::of(tongue);
        for say in Say::ALL {
            let names = &variables(ENGLISH)[say.id()];
            for count in [1, 2] {
                let text = texts.fill(
                    *say,
                    names.iter().map(|name| {
                        let name: &'static str = name.clone().leak();
                        let text = matches!(name, "name" | "state" | "more" | "time");
                        (name, if text { words("x") } else { number(count) })
                    }),
                );
                assert!(!text.is_empty() && !text.contains('{') && text != say.id(), "{tongue:?} {say:?}: {text}");
            }
        }
    }
}

#[test]
fn numbers_and_plurals() {
    let english = Texts::of(Tongue::En);
    assert_eq!(english.fill(Say::NotifyDone, [("files", number(1))]), "1 file is safe");
    assert_eq!(english.fill(Say::NotifyDone, [("files", number(12_340))]), "12,340 files are safe");
    assert_eq!(Texts::of(Tongue::Ko).fill(Say::Safe, [("files", number(1_234))]), "파일 1,234개 안전");
    for (value, text) in
        [(0.0, "0"), (999.0, "999"), (1000.0, "1,000"), (-1000.0, "-1,000"), (1_234_567.0, "1,234,567")]
    {
        assert_eq!(grouped(value), text);
    }
}

#[test]
fn names_stay_text() {
    let english = Texts::of(Tongue::En);
    let name = "{ $files } & <b>";
    assert_eq!(english.fill(Say::NotifyDoneTitle, [("name", words(name))]), name);
}

#[test]
fn tongues() {
    for (language, desktop, spoken) in [
        (Language::System, Some("ko-KR"), Tongue::Ko),
        (Language::System, Some("ko_KR.UTF-8"), Tongue::Ko),
        (Language::System, Some("ko"), Tongue::Ko),
        (Language::System, Some("kok-IN"), Tongue::En),
        (Language::System, Some("de-DE"), Tongue::En),
        (Language::System, None, Tongue::En),
        (Language::En, Some("ko-KR"), Tongue::En),
        (Language::Ko, None, Tongue::Ko),
    ] {
        assert_eq!(tongue(language, desktop), spoken, "{language:?} {desktop:?}");
    }
}
