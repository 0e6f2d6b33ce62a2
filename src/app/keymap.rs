//! From keys to commands: the keys of the program, with those of the config file laid over them.
//!
//! A map is made once for every scope, when the program starts or its config file is read again; a look-up is one step.

mod read;

use std::collections::HashMap;

use super::{Command, CommandRecord, Key, KeySequence, Scope, commands};

pub use read::{KeyProblem, OwnKey};

/// A way to a command.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The keys.
    pub keys: KeySequence,
    /// Where they lead.
    pub record: &'static CommandRecord,
    /// Whether the config file says so.
    pub own: bool,
}

/// The keys of one scope.
#[derive(Clone, Debug, Default)]
struct InScope {
    /// In the order of the table of commands; the keys of the config file first among those of a command.
    bindings: Vec<Binding>,
    /// Where keys lead: to a binding by its place, or nowhere yet.
    index: HashMap<Vec<Key>, Option<usize>>,
}

/// Which keys lead to which commands.
#[derive(Clone, Debug)]
pub struct Keymap {
    scopes: Vec<InScope>,
    own: Vec<OwnKey>,
}

/// What keys lead to.
#[derive(Clone, Copy, Debug)]
pub enum Lookup {
    /// A command.
    Command(&'static CommandRecord),
    /// Nothing yet: they begin the keys of several commands.
    Pending,
    /// Nothing.
    Nothing,
}

impl Default for Keymap {
    fn default() -> Self {
        Self {
            scopes: Scope::ALL.map(|scope| InScope::new(defaults(scope))).into(),
            own: Vec::new(),
        }
    }
}

impl Keymap {
    /// What keys lead to in a scope.
    #[must_use]
    pub fn look_up(&self, scope: Scope, keys: &[Key]) -> Lookup {
        let Some(in_scope) = self.in_scope(scope) else {
            return Lookup::Nothing;
        };
        match in_scope.index.get(keys) {
            Some(Some(place)) => in_scope
                .bindings
                .get(*place)
                .map_or(Lookup::Nothing, |binding| Lookup::Command(binding.record)),
            Some(None) => Lookup::Pending,
            None => Lookup::Nothing,
        }
    }

    /// What can follow after some keys: the rest of the keys, and the command.
    #[must_use]
    pub fn continuations(
        &self,
        scope: Scope,
        keys: &[Key],
    ) -> Vec<(KeySequence, &'static CommandRecord)> {
        self.bindings(scope)
            .iter()
            .filter_map(|binding| {
                let rest = binding.keys.0.strip_prefix(keys)?;
                (!rest.is_empty()).then(|| (KeySequence(rest.to_vec()), binding.record))
            })
            .collect()
    }

    /// The keys of a scope, in the order of the table of commands.
    #[must_use]
    pub fn bindings(&self, scope: Scope) -> &[Binding] {
        self.in_scope(scope)
            .map_or(&[], |in_scope| in_scope.bindings.as_slice())
    }

    /// The keys of a command in a scope, the most telling first.
    pub fn keys_of(&self, scope: Scope, command: Command) -> impl Iterator<Item = &KeySequence> {
        self.bindings(scope)
            .iter()
            .filter(move |binding| binding.record.command == command)
            .map(|binding| &binding.keys)
    }

    /// The keys of a command in a scope as text, the most telling first; empty when it has none.
    #[must_use]
    pub fn words(&self, scope: Scope, command: Command) -> String {
        let keys: Vec<String> = self
            .keys_of(scope, command)
            .map(ToString::to_string)
            .collect();
        keys.join("  ")
    }

    /// What the config file says, in its order.
    #[must_use]
    pub fn own(&self) -> &[OwnKey] {
        &self.own
    }

    fn in_scope(&self, scope: Scope) -> Option<&InScope> {
        self.scopes.get(scope as usize)
    }
}

impl InScope {
    fn new(bindings: Vec<Binding>) -> Self {
        let mut index = HashMap::new();
        for (place, binding) in bindings.iter().enumerate() {
            let keys = &binding.keys.0;
            for end in 1..keys.len() {
                index.entry(keys[..end].to_vec()).or_insert(None);
            }
            index.insert(keys.clone(), Some(place));
        }
        Self { bindings, index }
    }
}

/// The keys that a scope has by default, in the order of the table.
fn defaults(scope: Scope) -> Vec<Binding> {
    commands()
        .filter(|record| record.scopes.contains(scope))
        .flat_map(|record| {
            record.keys.iter().filter_map(move |keys| {
                keys.parse().ok().map(|keys| Binding {
                    keys,
                    record,
                    own: false,
                })
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Command;

    #[test]
    fn every_key_of_the_table_is_a_key() {
        for keys in commands().flat_map(|record| record.keys) {
            assert!(keys.parse::<KeySequence>().is_ok(), "{keys}");
        }
    }

    #[test]
    fn scopes_stand_in_their_list_in_the_order_of_the_type() {
        for (place, scope) in Scope::ALL.into_iter().enumerate() {
            assert_eq!(scope as usize, place, "{scope:?}");
        }
    }

    #[test]
    fn no_two_commands_of_a_scope_share_keys_and_none_hides_behind_another() {
        let keymap = Keymap::default();
        for scope in Scope::ALL {
            let bindings = keymap.bindings(scope);
            for (place, one) in bindings.iter().enumerate() {
                for other in &bindings[..place] {
                    assert!(
                        !one.keys.0.starts_with(&other.keys.0)
                            && !other.keys.0.starts_with(&one.keys.0),
                        "{scope:?}: {} for {:?} and {} for {:?}",
                        one.keys,
                        one.record.command,
                        other.keys,
                        other.record.command
                    );
                }
            }
        }
    }

    #[test]
    fn keys_that_write_text_are_not_commands_where_text_is_written() {
        let keymap = Keymap::default();
        for scope in Scope::ALL.into_iter().filter(|scope| scope.writes_text()) {
            for binding in keymap.bindings(scope) {
                assert!(binding.keys.0.iter().all(|key| key.text().is_none()));
            }
        }
    }

    #[test]
    fn every_scope_can_be_left() {
        let keymap = Keymap::default();
        for scope in Scope::ALL {
            let found = keymap.look_up(scope, &[Key::control('c')]);
            assert!(
                matches!(found, Lookup::Command(record) if record.command == Command::QuitNow),
                "{scope:?}"
            );
        }
    }

    #[test]
    fn a_chord_is_pending_until_it_is_whole() {
        let keymap = Keymap::default();
        let g = Key::character('g');
        assert!(matches!(
            keymap.look_up(Scope::Fleet, &[g]),
            Lookup::Pending
        ));
        assert!(matches!(
            keymap.look_up(Scope::Fleet, &[g, g]),
            Lookup::Command(record) if record.command == Command::First
        ));
        assert!(matches!(
            keymap.look_up(Scope::Fleet, &[g, Key::character('x')]),
            Lookup::Nothing
        ));
        assert_eq!(
            keymap
                .continuations(Scope::Fleet, &[Key::character('s')])
                .len(),
            7
        );
    }
}
