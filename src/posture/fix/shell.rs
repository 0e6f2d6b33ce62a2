//! Command lines that a person pastes into a shell: every word quoted, no value that the shell or the Azure CLI could
//! take for something else.
//!
//! The lines are for a POSIX shell (bash, zsh, dash; the Azure Cloud Shell's Bash).

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::documents::ResourceId;
use crate::documents::text::neutral;

/// The longest value from Azure that is put into a command. The longest real ones are resource ids.
const LONGEST: usize = 2_000;

/// A value that only the reader knows: a shell variable that must be set, written `"${SUBNET_ID:?…}"`.
///
/// While it is unset or empty the shell says what it stands for and runs nothing of the line, and nothing of what follows
/// it in [`script`]. A `<placeholder>` would be a redirection, a plain `"$SUBNET_ID"` an empty argument, and a guard in
/// front of the command stops nothing where lines are pasted one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The shell variable, in capitals.
    pub name: Cow<'static, str>,
    /// What it stands for; the shell says it when the variable is not set. Only letters, digits, spaces and `,.:/-`.
    pub what: &'static str,
}

impl Variable {
    /// A variable by its name and what it stands for.
    pub const fn new(name: &'static str, what: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            what,
        }
    }

    /// The same for one of several things.
    pub fn numbered(&self, number: usize) -> Self {
        Self {
            name: format!("{}_{number}", self.name).into(),
            what: self.what,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(Variable),
}

/// One word of a command: text, a variable, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(Vec<Part>);

impl Word {
    fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// The variables that must be set for this word.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Text(_) => None,
        })
    }
}

impl From<Variable> for Word {
    fn from(variable: Variable) -> Self {
        Self(vec![Part::Variable(variable)])
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => f.write_str(&quoted(text))?,
                Part::Variable(Variable { name, what }) => write!(f, "\"${{{name}:?{what}}}\"")?,
            }
        }
        Ok(())
    }
}

/// One command, ready to be pasted: its `Display` is the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The words, from `az` on.
    pub words: Vec<Word>,
    /// What to know of this one command.
    pub note: Option<&'static str>,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, word) in self.words.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            word.fmt(f)?;
        }
        Ok(())
    }
}

impl Serialize for Command {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The commands as one piece to paste: each runs only when the one before it has succeeded.
#[must_use]
pub fn script(commands: &[Command]) -> String {
    commands
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" &&\n")
}

/// Text as one word of a POSIX shell. Between single quotes nothing has a meaning but the single quote itself.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:,+".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Whether text that came from Azure may stand in a command as a value.
///
/// Quoting keeps it from the shell, yet the CLI has meanings of its own. A value that starts with `@`, or that does after
/// its first `=`, is replaced by the content of that file; one that starts with a bracket, a brace or a quote is taken
/// for structured input. And text that does not look like what it is (control characters, invisible ones, overrides of
/// direction) is nothing to paste.
fn usable(text: &str) -> bool {
    let file = |text: &str| text.starts_with('@');
    let structured = text.starts_with(['[', '{', '\'', '"']) || text.eq_ignore_ascii_case("null");
    !text.trim().is_empty()
        && text.len() <= LONGEST
        && neutral(text) == text
        && !file(text)
        && !text.split_once('=').is_some_and(|(_, value)| file(value))
        && !structured
}

/// A command in the making. One value that cannot be used makes the whole of it unusable.
#[derive(Clone, Debug)]
pub struct Draft {
    command: Command,
    usable: bool,
}

impl Draft {
    /// A command of the Azure CLI, by its words: `network private-endpoint create`.
    pub fn new(command: &str) -> Self {
        Self {
            command: Command {
                words: std::iter::once("az")
                    .chain(command.split(' '))
                    .map(Word::text)
                    .collect(),
                note: None,
            },
            usable: true,
        }
    }

    /// A command on a resource: its name under `option`, its resource group and its subscription.
    pub fn on(command: &str, option: &'static str, resource: &ResourceId) -> Self {
        Self::new(command)
            .given(option, resource.name())
            .within(resource)
    }

    /// The resource group and the subscription of a resource.
    pub fn within(self, resource: &ResourceId) -> Self {
        self.given(
            "--resource-group",
            resource.resource_group().unwrap_or_default(),
        )
        .given("--subscription", resource.subscription())
    }

    /// An option with a value that is this program's own.
    pub fn own(mut self, option: &'static str, value: &str) -> Self {
        self.command
            .words
            .extend([Word::text(option), Word::text(value)]);
        self
    }

    /// An option without a value.
    pub fn flag(mut self, option: &'static str) -> Self {
        self.command.words.push(Word::text(option));
        self
    }

    /// An option with a value that came from Azure or from the person's settings.
    pub fn given(mut self, option: &'static str, value: &str) -> Self {
        self.usable &= usable(value);
        if value.starts_with('-') {
            // Else it would be taken for an option.
            self.command
                .words
                .push(Word::text(format!("{option}={value}")));
            self
        } else {
            self.own(option, value)
        }
    }

    /// One more value that came from Azure, for the option before it.
    pub fn also(mut self, value: &str) -> Self {
        self.usable &= usable(value) && !value.starts_with('-');
        self.command.words.push(Word::text(value));
        self
    }

    /// An option with a value that only the reader knows.
    pub fn ask(mut self, option: &'static str, variable: Variable) -> Self {
        self.command
            .words
            .extend([Word::text(option), variable.into()]);
        self
    }

    /// A pair `name=value` whose value only the reader knows, for the option before it.
    pub fn ask_pair(mut self, name: &str, variable: Variable) -> Self {
        self.usable &= usable(name) && !name.starts_with('-') && !name.contains('=');
        let text = Part::Text(format!("{name}="));
        self.command
            .words
            .push(Word(vec![text, Part::Variable(variable)]));
        self
    }

    /// What to know of this one command.
    pub const fn note(mut self, note: &'static str) -> Self {
        self.command.note = Some(note);
        self
    }

    /// The command, when every value in it can be used.
    pub fn finish(self) -> Option<Command> {
        self.usable.then_some(self.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_plain_and_everything_else_is_quoted() {
        for (text, expected) in [
            ("db-1", "db-1"),
            (
                "/subscriptions/s/resourceGroups/rg",
                "/subscriptions/s/resourceGroups/rg",
            ),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(reboot)", "'$(reboot)'"),
            ("`id`", "'`id`'"),
            ("a;b&c|d", "'a;b&c|d'"),
            ("~", "'~'"),
            ("*", "'*'"),
            ("a=b", "'a=b'"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn a_value_that_the_cli_would_read_as_something_else_makes_no_command() {
        for value in [
            "",
            " ",
            "@/etc/hostname",
            "tag=@/etc/hostname",
            "[1]",
            "{a:1}",
            "'a'",
            "null",
            "a\nb",
            "a\u{1b}[31m",
            "a\u{202e}b",
            "a\u{200b}b",
        ] {
            assert_eq!(
                Draft::new("x").given("--name", value).finish(),
                None,
                "{value:?}"
            );
            assert_eq!(Draft::new("x").also(value).finish(), None, "{value:?}");
        }
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(Draft::new("x").given("--name", &long).finish(), None);
    }

    #[test]
    fn a_value_that_looks_like_an_option_stays_a_value() {
        let command = Draft::new("x").given("--name", "--yes").finish();
        assert_eq!(
            command.map(|it| it.to_string()).as_deref(),
            Some("az x '--name=--yes'")
        );
        assert_eq!(Draft::new("x").also("--yes").finish(), None);
    }

    #[test]
    fn what_only_the_reader_knows_is_a_variable_that_must_be_set() {
        let variable = Variable::new("SUBNET_ID", "the subnet");
        let command = Draft::new("x")
            .ask("--subnet", variable.clone())
            .flag("--tags")
            .ask_pair("a b", variable);
        assert_eq!(
            command.finish().map(|it| it.to_string()).as_deref(),
            Some(
                r#"az x --subnet "${SUBNET_ID:?the subnet}" --tags 'a b='"${SUBNET_ID:?the subnet}""#
            )
        );
    }

    #[test]
    fn a_script_goes_on_only_after_success() {
        let commands: Vec<Command> = ["a", "b"]
            .map(Draft::new)
            .into_iter()
            .filter_map(Draft::finish)
            .collect();
        assert_eq!(script(&commands), "az a &&\naz b");
    }
}
