//! Files that a person writes: config, themes, exemptions, keys.

use std::path::Path;

use flexposture::app::{Key, KeySequence, Keymap};
use flexposture::config::{ConfigError, File};
use flexposture::documents::DocumentKind;
use flexposture::look::{Colours, Look, Role, Theme, ThemeError};
use flexposture::posture::{Exemptions, Judge, Ruleset, Thresholds};
use serde_json::json;

use super::documents::server_of;
use super::text_of;

pub fn theme(data: &[u8]) {
    let text = text_of(data);
    let lines = text.lines().count() + 1;
    let own = |name: &str| (name == "own").then(|| ("own.toml".to_owned(), Ok(text.clone())));
    match Theme::named("own", &own) {
        Ok(theme) => {
            let _ = (theme.description(), theme.ground());
            for colours in [
                Colours::None,
                Colours::Sixteen,
                Colours::TwoFiftySix,
                Colours::TrueColour,
            ] {
                let look = Look::new(&theme, colours, true);
                for role in Role::ALL {
                    let _ = look.style(*role);
                }
            }
        }
        Err(ThemeError::Wrong(problems)) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(
                    (1..=lines).contains(&problem.line),
                    "{problem} of {lines} lines"
                );
            }
        }
        Err(ThemeError::NoSuchTheme { .. }) => panic!("the theme is there"),
    }
}

pub fn config(data: &[u8]) {
    let text = text_of(data);
    let lines = text.lines().count() + 1;
    let held = |problems: &[flexposture::config::Problem]| {
        for problem in problems {
            assert!(
                (1..=lines).contains(&problem.line),
                "{problem} of {lines} lines"
            );
        }
    };
    let file = match File::parse(Path::new("config.toml"), text.clone()) {
        Ok(file) => file,
        Err(ConfigError::Wrong(problems)) => return held(&problems),
        Err(error) => panic!("{error}"),
    };
    held(&file.unknown_keys(&["theme", "thresholds", "keys", "watch", "strict_baseline"]));
    if let Some(table) = file.get("thresholds") {
        match Thresholds::read(file.text(), &table) {
            Ok(thresholds) => {
                let id = Ruleset {
                    thresholds,
                    ..Ruleset::default()
                }
                .id();
                assert!(!id.is_empty());
            }
            Err(problems) => assert!(problems.iter().all(|it| (1..=lines).contains(&it.line))),
        }
    }
    if let Some(table) = file.get("keys") {
        match Keymap::from_config(&table) {
            Ok(keymap) => {
                for own in keymap.own() {
                    assert!(text.get(own.place.clone()).is_some());
                }
            }
            Err(problems) => {
                let problems: Vec<_> = problems
                    .into_iter()
                    .map(|it| file.problem(&it.place, it.message))
                    .collect();
                held(&problems);
            }
        }
    }
}

pub fn exemptions(data: &[u8]) {
    let text = text_of(data);
    let lines = text.lines().count() + 1;
    match Exemptions::parse(&text) {
        Ok(exemptions) => {
            let documents = server_of(
                "db",
                vec![(DocumentKind::Server, json!({"properties": {}}))],
            )
            .expect("a plain name");
            let judge = Judge {
                exemptions,
                ..Judge::by(Ruleset::default())
            };
            let _ = judge.exemptions.concern(documents.id(), judge.today);
            let _ = (judge.id(), judge.findings(&documents));
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(
                    (1..=lines).contains(&problem.line),
                    "{problem:?} of {lines} lines"
                );
            }
        }
    }
}

/// Keys as they are written, one sequence a line.
pub fn keys(data: &[u8]) {
    for line in text_of(data).lines() {
        if let Ok(key) = line.parse::<Key>() {
            assert_eq!(key.to_string().parse::<Key>().ok(), Some(key), "{line:?}");
        }
        if let Ok(keys) = line.parse::<KeySequence>() {
            let again = keys.to_string().parse::<KeySequence>();
            assert_eq!(
                again.ok().as_ref(),
                Some(&keys),
                "{line:?} is shown as {keys}"
            );
        }
    }
}
