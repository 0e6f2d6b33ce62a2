//! The keys of a config file, laid over those of the program. Every mistake is told at once, each with its place.
//!
//! ```toml
//! [keys.fleet]
//! "g x" = "export"      # keys of one's own, in the place of the program's
//! "S" = false           # keys that do nothing
//!
//! [keys.everywhere]     # wherever the command can be asked for
//! "F2" = "matrix"
//! ```
//!
//! Two things stay as they are: `Ctrl-c` ends the program from everywhere, and what leads out of a place keeps a key there.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Binding, InScope, Keymap, defaults};
use crate::app::{Command, CommandRecord, Key, KeySequence, Scope, commands};
use crate::posture::reading::{kind, nearest};

/// The table that means every scope.
const EVERYWHERE: &str = "everywhere";

/// One mistake in the keys of a config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProblem {
    /// Where it stands, in bytes of the file.
    pub place: Range<usize>,
    /// What is wrong, and what is allowed.
    pub message: String,
}

/// One line of the config file about keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnKey {
    /// The scope's id, or `everywhere`.
    pub scope: &'static str,
    /// The keys.
    pub keys: KeySequence,
    /// The command's id; `None` when the keys do nothing.
    pub command: Option<&'static str>,
    /// Where it stands, in bytes of the file.
    pub place: Range<usize>,
}

/// Where a line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Everywhere,
    In(Scope),
}

/// A line as it is meant.
struct Wish {
    place_of_scope: Where,
    keys: KeySequence,
    command: Option<Command>,
    place: Range<usize>,
}

impl Wish {
    const fn scope(&self) -> &'static str {
        match self.place_of_scope {
            Where::Everywhere => EVERYWHERE,
            Where::In(scope) => scope.id(),
        }
    }
}

impl Keymap {
    /// The keys of the program with those of the table `keys` of a config file laid over them.
    ///
    /// # Errors
    /// Everything that is wrong in the table, in the order of the file: a scope, a command or a key that there is not; the
    /// same keys twice in a scope; keys that begin other keys; a way out that would be lost.
    pub fn from_config(table: &Spanned<DeValue<'_>>) -> Result<Self, Vec<KeyProblem>> {
        let mut problems = Vec::new();
        let mut wishes = wishes(table, &mut problems);
        wishes.sort_by_key(|wish| wish.place.start);
        let scopes = Scope::ALL
            .into_iter()
            .map(|scope| InScope::new(lay_over(scope, &wishes, &mut problems)))
            .collect();
        if problems.is_empty() {
            let own = wishes
                .into_iter()
                .map(|wish| OwnKey {
                    scope: wish.scope(),
                    keys: wish.keys,
                    command: wish.command.map(Command::id),
                    place: wish.place,
                })
                .collect();
            return Ok(Self { scopes, own });
        }
        problems.sort_by_key(|problem| problem.place.start);
        // What holds everywhere is wrong once, not once for every scope.
        problems.dedup_by(|one, other| one.place == other.place);
        Err(problems)
    }
}

fn wishes(table: &Spanned<DeValue<'_>>, problems: &mut Vec<KeyProblem>) -> Vec<Wish> {
    let mut wishes = Vec::new();
    let Some(scopes) = table_of(table, "keys", "[keys.fleet]", problems) else {
        return wishes;
    };
    for (name, entries) in scopes {
        let written = name.get_ref().as_ref();
        let scope = Scope::ALL.into_iter().find(|scope| scope.id() == written);
        let place_of_scope = match scope {
            Some(scope) => Where::In(scope),
            None if written == EVERYWHERE => Where::Everywhere,
            None => {
                let known = || Scope::ALL.into_iter().map(Scope::id).chain([EVERYWHERE]);
                problems.push(KeyProblem {
                    place: name.span(),
                    message: unknown("place", written, known),
                });
                continue;
            }
        };
        let whole = format!("keys.{written}");
        let Some(entries) = table_of(entries, &whole, &format!("[{whole}]"), problems) else {
            continue;
        };
        for (keys, value) in entries {
            wishes.extend(wish(place_of_scope, keys, value, problems));
        }
    }
    wishes
}

fn table_of<'t, 'i>(
    value: &'t Spanned<DeValue<'i>>,
    name: &str,
    needed: &str,
    problems: &mut Vec<KeyProblem>,
) -> Option<&'t DeTable<'i>> {
    let table = value.get_ref().as_table();
    if table.is_none() {
        let found = kind(value.get_ref());
        problems.push(KeyProblem {
            place: value.span(),
            message: format!("`{name}` is {found}, and a table is needed: {needed}"),
        });
    }
    table
}

/// One line; `None` when it is wrong.
fn wish(
    place_of_scope: Where,
    keys: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    problems: &mut Vec<KeyProblem>,
) -> Option<Wish> {
    let mut problem = |place: Range<usize>, message: String| {
        problems.push(KeyProblem { place, message });
    };
    let parsed: KeySequence = match keys.get_ref().parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            problem(keys.span(), error.to_string());
            return None;
        }
    };
    if parsed.0.contains(&Key::control('c')) {
        let message = "`Ctrl-c` ends the program from everywhere, and stays as it is";
        problem(keys.span(), message.to_owned());
        return None;
    }
    let command = match value.get_ref() {
        DeValue::Boolean(false) => None,
        DeValue::String(id) => {
            let Some(record) = commands().find(|record| record.id == *id) else {
                let known = || commands().map(|record| record.id);
                problem(value.span(), unknown("command", id, known));
                return None;
            };
            Some(record.command)
        }
        other => {
            let message = format!(
                "`{parsed}` is {}, and needs the name of a command in quotes, or false for nothing",
                kind(other)
            );
            problem(value.span(), message);
            return None;
        }
    };
    if let (Some(command), Where::In(scope)) = (command, place_of_scope) {
        if record_in(scope, command).is_none() {
            let places: Vec<&str> = places_of(command).map(Scope::id).collect();
            let message = format!(
                "`{}` cannot be asked for in `{}`, only in {}",
                command.id(),
                scope.id(),
                places.join(", ")
            );
            problem(value.span(), message);
            return None;
        }
        if scope.writes_text() && parsed.0.iter().any(|key| key.text().is_some()) {
            let message = format!(
                "`{parsed}` is text where a line is written, as in `{}`",
                scope.id()
            );
            problem(keys.span(), message);
            return None;
        }
    }
    Some(Wish {
        place_of_scope,
        keys: parsed,
        command,
        place: keys.span(),
    })
}

fn unknown<'k, I: Iterator<Item = &'k str>>(
    what: &str,
    name: &str,
    known: impl Fn() -> I,
) -> String {
    match nearest(name, known()) {
        Some(near) => format!("unknown {what} `{name}`; the nearest is `{near}`"),
        None if what == "command" => {
            format!("unknown {what} `{name}`; `flexposture keys` lists all of them")
        }
        None => {
            let known: Vec<&str> = known().collect();
            format!("unknown {what} `{name}`; known are {}", known.join(", "))
        }
    }
}

fn record_in(scope: Scope, command: Command) -> Option<&'static CommandRecord> {
    commands().find(|record| record.command == command && record.scopes.contains(scope))
}

fn places_of(command: Command) -> impl Iterator<Item = Scope> {
    Scope::ALL
        .into_iter()
        .filter(move |scope| record_in(*scope, command).is_some())
}

/// The keys of one scope: what holds everywhere is laid over the program's keys, and what holds in the scope over both.
fn lay_over(scope: Scope, wishes: &[Wish], problems: &mut Vec<KeyProblem>) -> Vec<Binding> {
    let mut bindings = defaults(scope);
    // Where each key of one's own stands, by its keys.
    let mut own: Vec<(&Wish, Option<&'static CommandRecord>)> = Vec::new();
    for layer in [Where::Everywhere, Where::In(scope)] {
        let first_of_layer = own.len();
        for wish in wishes.iter().filter(|wish| wish.place_of_scope == layer) {
            let record = wish.command.and_then(|command| record_in(scope, command));
            let text = scope.writes_text() && wish.keys.0.iter().any(|key| key.text().is_some());
            // A command that holds everywhere holds where it can be asked for.
            if wish.command.is_some() && (record.is_none() || text) {
                continue;
            }
            let same = |known: &(&Wish, Option<&CommandRecord>)| known.0.keys == wish.keys;
            if let Some((other, _)) = own.iter().skip(first_of_layer).find(|known| same(known)) {
                problems.push(KeyProblem {
                    place: wish.place.clone(),
                    message: format!(
                        "`{}` stands twice in `{}`: for {} and for {}",
                        wish.keys,
                        wish.scope(),
                        name(other.command),
                        name(wish.command)
                    ),
                });
                continue;
            }
            own.retain(|known| !same(known));
            own.push((wish, record));
        }
    }
    bindings.retain(|binding| own.iter().all(|(wish, _)| wish.keys != binding.keys));
    for (wish, record) in &own {
        if let Some(record) = *record {
            add(&mut bindings, &wish.keys, record);
        }
    }
    for (wish, record) in &own {
        if record.is_some() {
            problems.extend(hidden(scope, wish, &bindings));
        }
    }
    problems.extend(lost(scope, &own, &bindings));
    bindings
}

/// Puts keys before the others of the same command, so that hints show them.
fn add(bindings: &mut Vec<Binding>, keys: &KeySequence, record: &'static CommandRecord) {
    let order = |known: &CommandRecord| commands().position(|it| std::ptr::eq(it, known));
    let place = bindings
        .iter()
        .position(|binding| order(binding.record) >= order(record))
        .unwrap_or(bindings.len());
    let keys = keys.clone();
    let own = true;
    bindings.insert(place, Binding { keys, record, own });
}

/// Keys of one's own that begin other keys, or are begun by them: one of the two could never be pressed.
fn hidden(scope: Scope, wish: &Wish, bindings: &[Binding]) -> Option<KeyProblem> {
    let begins =
        |one: &KeySequence, other: &KeySequence| one != other && other.0.starts_with(&one.0);
    let other = bindings
        .iter()
        .find(|binding| begins(&binding.keys, &wish.keys) || begins(&wish.keys, &binding.keys))?;
    let (short, long) = if begins(&wish.keys, &other.keys) {
        (
            (&wish.keys, name(wish.command)),
            (&other.keys, name(Some(other.record.command))),
        )
    } else {
        (
            (&other.keys, name(Some(other.record.command))),
            (&wish.keys, name(wish.command)),
        )
    };
    let rest = bindings
        .iter()
        .filter(|binding| begins(&wish.keys, &binding.keys))
        .count();
    let more = match rest.saturating_sub(1) {
        0 => String::new(),
        more => format!(", and of {more} more"),
    };
    Some(KeyProblem {
        place: wish.place.clone(),
        message: format!(
            "in `{}` `{}` for {} is the beginning of `{}` for {}{more}; take one of them away, as in \"{}\" = false",
            scope.id(),
            short.0,
            short.1,
            long.0,
            long.1,
            other.keys
        ),
    })
}

/// A way out of the scope that has no key any more.
fn lost(
    scope: Scope,
    own: &[(&Wish, Option<&'static CommandRecord>)],
    bindings: &[Binding],
) -> Option<KeyProblem> {
    let there = |bindings: &[Binding], command: Command| {
        bindings
            .iter()
            .any(|binding| binding.record.command == command)
    };
    let before = defaults(scope);
    let lost = before
        .iter()
        .map(|binding| binding.record.command)
        .find(|command| command.leaves() && !there(bindings, *command))?;
    let (wish, _) = own.iter().rev().find(|(wish, _)| {
        before
            .iter()
            .any(|binding| binding.keys == wish.keys && binding.record.command == lost)
    })?;
    Some(KeyProblem {
        place: wish.place.clone(),
        message: format!(
            "without `{}` nothing would be left for `{}` in `{}`, and what leads out of a place keeps a key",
            wish.keys,
            lost.id(),
            scope.id()
        ),
    })
}

fn name(command: Option<Command>) -> String {
    command.map_or_else(
        || "nothing".to_owned(),
        |command| format!("`{}`", command.id()),
    )
}
