//! The table of commands as a whole: names, and the way to every screen.

use std::collections::BTreeMap;

use flexposture::app::{CommandRecord, Key, Keymap, Lookup, Scope, commands, hints};

use super::fixture::{opened, press};

/// What leads where, from the list of servers or from a feature: the keys and the command.
const WAYS: &[(Scope, &str, &str)] = &[
    (Scope::Fleet, "g p", "policies"),
    (Scope::Fleet, "p", "policies"),
    (Scope::Fleet, "g e", "exemptions"),
    (Scope::Fleet, "w", "exemptions"),
    (Scope::Fleet, "g a", "permissions"),
    (Scope::Fleet, "g l", "errors"),
    (Scope::Fleet, "L", "errors"),
    (Scope::Fleet, "P", "progress"),
    (Scope::Fleet, "g t", "trend"),
    (Scope::Fleet, "g m", "matrix"),
    (Scope::Fleet, "m", "matrix"),
    (Scope::Fleet, "g s", "scans"),
    (Scope::Fleet, "g d", "difference"),
    (Scope::Fleet, "d", "difference"),
    (Scope::Fleet, "g c", "controls"),
    (Scope::Fleet, "?", "help"),
    (Scope::Fleet, ":", "palette"),
    (Scope::Fleet, "Ctrl-p", "palette"),
    (Scope::Feature, "Alt-1", "tab-finding"),
    (Scope::Feature, "Alt-2", "tab-guidance"),
    (Scope::Feature, "Alt-3", "tab-policies"),
    (Scope::Feature, "Alt-4", "tab-fix"),
    (Scope::Feature, "}", "next-tab"),
    (Scope::Feature, "{", "previous-tab"),
    (Scope::Prompt, "Ctrl-p", "up"),
    (Scope::Palette, "Ctrl-p", "up"),
];

/// What a command does may be told more closely where a place has a way of its own.
#[test]
fn a_command_has_one_name_and_one_title_and_one_description_in_a_place() {
    let mut known: BTreeMap<&str, &CommandRecord> = BTreeMap::new();
    let mut described: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for record in commands() {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(record.id.chars().all(letters), "{}", record.id);
        // The palette and the list of keys have a column for it.
        assert!(record.id.len() <= 26, "{} is too long", record.id);
        let first = known.entry(record.id).or_insert(record);
        assert_eq!(first.command, record.command, "{}", record.id);
        assert_eq!(first.title, record.title, "{} has two titles", record.id);
        assert!(record.doc.ends_with('.'), "{}: {}", record.id, record.doc);
        for scope in record.scopes.iter() {
            let doc = described
                .entry((record.id, scope.id()))
                .or_insert(record.doc);
            assert_eq!(*doc, record.doc, "{} in {}", record.id, scope.id());
        }
    }
}

#[test]
fn an_alias_means_one_command_and_hides_no_name() {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for record in commands() {
        for alias in record.aliases {
            let meant = known.entry(alias).or_insert(record.id);
            assert_eq!(*meant, record.id, "{alias}");
            assert!(
                commands().all(|other| other.id != *alias),
                "{alias} is a name"
            );
        }
    }
}

#[test]
fn every_command_can_be_asked_for_somewhere() {
    let keymap = Keymap::default();
    for record in commands() {
        assert!(record.scopes.iter().next().is_some(), "{}", record.id);
        for scope in record.scopes.iter() {
            assert!(
                keymap.keys_of(scope, record.command).next().is_some(),
                "{} has no key in {}",
                record.id,
                scope.id()
            );
        }
    }
}

#[test]
fn the_keys_of_the_design_lead_where_they_should() {
    let keymap = Keymap::default();
    for (scope, keys, id) in WAYS {
        let keys: Vec<Key> = keys.split(' ').map(|key| key.parse().unwrap()).collect();
        let Lookup::Command(record) = keymap.look_up(*scope, &keys) else {
            panic!("{keys:?} does nothing in {}", scope.id());
        };
        assert_eq!(record.id, *id, "{keys:?} in {}", scope.id());
    }
}

#[test]
fn names_of_places_are_one_of_a_kind() {
    let mut ids: Vec<&str> = Scope::ALL.into_iter().map(Scope::id).collect();
    ids.push("everywhere");
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn help_and_the_way_out_are_hinted_at_every_width_that_holds_them() {
    for script in ["", "l", "ll", "gp", "gc", "gm", "gt", "gs"] {
        for columns in [40, 60, 80, 120] {
            let mut state = opened(columns, 24);
            press(&mut state, script);
            let all = hints(&state);
            let always: Vec<&str> = all
                .iter()
                .filter(|hint| hint.always)
                .map(|hint| hint.title)
                .collect();
            assert!(always.contains(&"help"), "{script}: {all:?}");
            assert!(
                always.contains(&"quit") || always.contains(&"close"),
                "{script}: {all:?}"
            );
            let line = super::palette::last_line(&state);
            for title in always {
                assert!(line.contains(title), "{script} {columns}: {line}");
            }
        }
    }
}
