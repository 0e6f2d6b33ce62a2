//! From keys to commands.

use super::{CommandRecord, Key, KeySequence, Scope, commands};

/// A way to a command.
#[derive(Clone, Debug)]
struct Binding {
    keys: KeySequence,
    record: &'static CommandRecord,
}

/// Which keys lead to which commands.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
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
        let bindings = commands()
            .flat_map(|record| {
                record
                    .keys
                    .iter()
                    .filter_map(move |keys| keys.parse().ok().map(|keys| Binding { keys, record }))
            })
            .collect();
        Self { bindings }
    }
}

impl Keymap {
    /// What keys lead to in a scope.
    #[must_use]
    pub fn look_up(&self, scope: Scope, keys: &[Key]) -> Lookup {
        let mut found = Lookup::Nothing;
        for binding in self.in_scope(scope) {
            if binding.keys.0 == keys {
                return Lookup::Command(binding.record);
            }
            if binding.keys.0.starts_with(keys) {
                found = Lookup::Pending;
            }
        }
        found
    }

    /// What can follow after some keys: the rest of the keys, and the command.
    #[must_use]
    pub fn continuations(
        &self,
        scope: Scope,
        keys: &[Key],
    ) -> Vec<(KeySequence, &'static CommandRecord)> {
        self.in_scope(scope)
            .filter_map(|binding| {
                let rest = binding.keys.0.strip_prefix(keys)?;
                (!rest.is_empty()).then(|| (KeySequence(rest.to_vec()), binding.record))
            })
            .collect()
    }

    fn in_scope(&self, scope: Scope) -> impl Iterator<Item = &Binding> {
        self.bindings
            .iter()
            .filter(move |binding| binding.record.scopes.contains(&scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Command;

    #[test]
    fn every_key_of_the_table_is_a_key() {
        let keys: usize = commands().map(|record| record.keys.len()).sum();
        assert_eq!(Keymap::default().bindings.len(), keys);
    }

    #[test]
    fn no_two_commands_of_a_scope_share_keys_and_none_hides_behind_another() {
        let keymap = Keymap::default();
        for scope in Scope::ALL {
            let bindings: Vec<_> = keymap.in_scope(scope).collect();
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
        for binding in &Keymap::default().bindings {
            for scope in [Scope::Prompt, Scope::HelpPrompt] {
                if binding.record.scopes.contains(&scope) {
                    assert!(binding.keys.0.iter().all(|key| key.text().is_none()));
                }
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
