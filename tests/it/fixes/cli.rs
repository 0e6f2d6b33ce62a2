//! The real commands of the Azure CLI, and what is wrong with a line that claims to be one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde::Deserialize;
use serde_json::Value;

/// What the CLI knows, as `.github/azure_cli_table.py` wrote it down.
#[derive(Deserialize)]
pub struct Table {
    #[serde(rename = "azure-cli")]
    pub version: String,
    global: Vec<String>,
    pub commands: BTreeMap<String, CommandFact>,
    pub refusals: Vec<Refusal>,
}

/// One command.
#[derive(Deserialize)]
pub struct CommandFact {
    options: BTreeMap<String, OptionFact>,
    #[serde(default)]
    deprecated: bool,
}

#[derive(Deserialize)]
struct OptionFact {
    values: Count,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    choices: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Count {
    None,
    Maybe,
    One,
    Many,
}

/// Something that the CLI refuses beyond its options.
#[derive(Deserialize)]
pub struct Refusal {
    pub command: String,
    pub source: String,
    #[serde(flatten)]
    what: What,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum What {
    Together {
        options: Vec<String>,
    },
    Needs {
        option: String,
        needs: String,
    },
    Excludes {
        options: Vec<String>,
    },
    Alone {
        option: String,
    },
    Range {
        option: String,
        least: i64,
        most: i64,
    },
    Form {
        option: String,
        form: String,
    },
    OneOf {
        option: String,
        values: Vec<String>,
    },
    Server {
        options: Vec<String>,
        #[serde(default)]
        values: Vec<String>,
        without: Option<String>,
        state: BTreeMap<String, String>,
    },
}

/// A line taken apart: the command, and every option with its values.
pub struct Line {
    pub command: String,
    pub options: BTreeMap<String, Vec<String>>,
}

impl Table {
    pub fn load() -> Self {
        serde_json::from_str(include_str!("../data/azure-cli-commands.json"))
            .expect("the table of commands")
    }

    /// Takes a line apart as a POSIX shell and the CLI do.
    pub fn parse(&self, line: &str) -> Result<Line, String> {
        let words = shlex::split(line).ok_or("a quote is open")?;
        let (program, words) = words.split_first().ok_or("nothing")?;
        if program != "az" {
            return Err(format!("{program} is not the Azure CLI"));
        }
        let depth = words
            .iter()
            .position(|word| word.starts_with('-'))
            .unwrap_or(words.len());
        let command = words[..depth].join(" ");
        let fact = self
            .commands
            .get(&command)
            .ok_or(format!("no command {command:?} in the table"))?;
        let mut options: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut words = words[depth..].iter().peekable();
        while let Some(word) = words.next() {
            let (name, inline) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            let name = self
                .option(fact, name)
                .ok_or(format!("{command} has no option {name}"))?;
            let mut values: Vec<String> = inline.into_iter().collect();
            while let Some(value) = words.next_if(|word| !word.starts_with('-')) {
                values.push(value.clone());
            }
            if options.insert(name.clone(), values).is_some() {
                return Err(format!("{name} is given twice"));
            }
        }
        Ok(Line { command, options })
    }

    fn option(&self, fact: &CommandFact, name: &str) -> Option<String> {
        let known = |(first, option): (&String, &OptionFact)| {
            (first == name || option.also.iter().any(|it| it == name)).then(|| first.clone())
        };
        let global = || self.global.iter().find(|it| *it == name).cloned();
        fact.options.iter().find_map(known).or_else(global)
    }

    /// Everything that is wrong with a line, given the state of the server that it is for.
    pub fn faults(&self, line: &Line, server: Option<&Value>) -> Vec<String> {
        let fact = &self.commands[&line.command];
        let mut faults = Vec::new();
        let mut fault = |text: String| faults.push(format!("{}: {text}", line.command));
        if fact.deprecated {
            fault("deprecated".to_owned());
        }
        for (name, option) in &fact.options {
            let Some(values) = line.options.get(name) else {
                if option.required {
                    fault(format!("{name} is required"));
                }
                continue;
            };
            let fits = match option.values {
                Count::None => values.is_empty(),
                Count::Maybe => values.len() <= 1,
                Count::One => values.len() == 1,
                Count::Many => !values.is_empty(),
            };
            if !fits {
                fault(format!("{name} with {} values", values.len()));
            }
            if option.deprecated {
                fault(format!("{name} is deprecated"));
            }
            if !option.choices.is_empty() {
                for value in values.iter().filter(|it| !option.choices.contains(it)) {
                    fault(format!("{name} is not to be {value}"));
                }
            }
        }
        for refusal in self
            .refusals
            .iter()
            .filter(|it| it.command == line.command || it.command == "*")
        {
            if let Some(text) = refusal.what.breaks(line, server) {
                fault(format!("{text} ({})", refusal.source));
            }
        }
        faults
    }
}

impl What {
    fn breaks(&self, line: &Line, server: Option<&Value>) -> Option<String> {
        let has = |name: &String| line.options.contains_key(name);
        let values = |name: &String| line.options.get(name).into_iter().flatten();
        match self {
            Self::Together { options } => {
                let given = options.iter().filter(|name| has(name)).count();
                (given != 0 && given != options.len()).then(|| format!("{options:?} come together"))
            }
            Self::Needs { option, needs } => {
                (has(option) && !has(needs)).then(|| format!("{option} needs {needs}"))
            }
            Self::Excludes { options } => options
                .iter()
                .all(has)
                .then(|| format!("{options:?} exclude each other")),
            Self::Alone { option } => {
                let beside: BTreeSet<_> = line.options.keys().map(String::as_str).collect();
                let fine = BTreeSet::from([
                    option.as_str(),
                    "--name",
                    "--resource-group",
                    "--subscription",
                ]);
                (has(option) && !beside.is_subset(&fine))
                    .then(|| format!("{option} drops what is beside it"))
            }
            Self::Range {
                option,
                least,
                most,
            } => {
                let bad = |value: &&String| {
                    !is_variable(value)
                        && !value
                            .parse()
                            .is_ok_and(|it: i64| (*least..=*most).contains(&it))
                };
                values(option)
                    .find(bad)
                    .map(|value| format!("{option} {value} is not from {least} to {most}"))
            }
            Self::Form { option, form } if option == "*" => line
                .options
                .values()
                .flatten()
                .find(|value| !has_form(form, value))
                .map(|value| format!("{value:?} is no {form}")),
            Self::Form { option, form } => values(option)
                .find(|value| !is_variable(value) && !has_form(form, value))
                .map(|value| format!("{option} {value:?} is no {form}")),
            Self::OneOf {
                option,
                values: known,
            } => values(option)
                .find(|value| !known.iter().any(|it| it.eq_ignore_ascii_case(value)))
                .map(|value| format!("{option} is not to be {value}")),
            Self::Server {
                options,
                values: only,
                without,
                state,
            } => {
                let server = server?;
                let applies = options.iter().any(|name| {
                    has(name) && (only.is_empty() || values(name).any(|value| only.contains(value)))
                });
                let saved = without.as_ref().is_some_and(has);
                let matches = state.iter().all(|(pointer, value)| {
                    server.pointer(pointer).and_then(Value::as_str) == Some(value.as_str())
                });
                (applies && !saved && matches)
                    .then(|| format!("refused while the server has {state:?}"))
            }
        }
    }
}

/// A value that the reader sets.
pub fn is_variable(value: &str) -> bool {
    value.contains("${")
}

fn has_form(form: &str, value: &str) -> bool {
    match form {
        "ipv4" => value.parse::<Ipv4Addr>().is_ok(),
        "firewall-rule-name" => {
            let body = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            value.len() <= 80
                && value.chars().all(body)
                && value.starts_with(|c: char| c.is_ascii_alphanumeric())
                && !value.ends_with('-')
        }
        "maintenance-window" => {
            let mut parts = value.split(':');
            let day = parts.next().unwrap_or_default();
            let rest: Vec<Option<u8>> = parts.map(|part| part.parse().ok()).collect();
            let days = [
                "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Disabled", "disabled",
            ];
            days.contains(&day)
                && rest.len() <= 2
                && rest
                    .iter()
                    .zip([23, 59])
                    .all(|(it, most)| it.is_some_and(|it| it <= most))
        }
        "no-file" => {
            let file = |text: &str| text.starts_with('@');
            !file(value) && !value.split_once('=').is_some_and(|(_, rest)| file(rest))
        }
        other => panic!("the form {other:?} is not known here"),
    }
}
