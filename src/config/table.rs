//! Whole numbers in a table of the config file.

use std::ops::RangeInclusive;

use toml::de::DeValue;

use super::{Config, ConfigError, Origin, Setting};

/// A whole number of a table.
#[derive(Clone, Debug)]
pub struct Number {
    /// Its key in the table.
    pub key: &'static str,
    /// The environment variable that gives it.
    pub variable: &'static str,
    /// What is allowed.
    pub range: RangeInclusive<u32>,
    /// What it is when nobody says anything.
    pub default: u32,
}

impl Config {
    /// The whole numbers of a table of the config file, in the order of `keys`. An environment variable goes before the
    /// file; no option gives them.
    ///
    /// # Errors
    /// When the table is none, holds another key, or a value is no whole number in its range: everything that is wrong.
    pub fn numbers<const N: usize>(
        &self,
        table: &str,
        keys: [Number; N],
    ) -> Result<[Setting<u32>; N], ConfigError> {
        let mut found = self.numbers_of_file(table, &keys)?;
        for (key, setting) in keys.iter().zip(&mut found) {
            let Some(text) = self.variable(key.variable) else {
                continue;
            };
            let number = text.trim().parse().ok();
            match number.filter(|number| key.range.contains(number)) {
                Some(number) => {
                    *setting = Setting::of(number, Origin::Environment(key.variable));
                }
                None => {
                    return Err(ConfigError::Variable {
                        name: key.variable,
                        value: text.to_owned(),
                        allowed: key.allowed(),
                    });
                }
            }
        }
        Ok(found)
    }

    fn numbers_of_file<const N: usize>(
        &self,
        table: &str,
        keys: &[Number; N],
    ) -> Result<[Setting<u32>; N], ConfigError> {
        let mut found = keys
            .each_ref()
            .map(|key| Setting::of(key.default, Origin::Default));
        let Some((file, value)) = self.file().and_then(|file| Some((file, file.get(table)?)))
        else {
            return Ok(found);
        };
        let DeValue::Table(entries) = value.get_ref() else {
            let message = format!("`{table}` needs to be a table");
            return Err(ConfigError::Wrong(vec![
                file.problem(&value.span(), message),
            ]));
        };
        let mut wrong = Vec::new();
        for (key, value) in entries {
            let name = key.get_ref().as_ref();
            match keys.iter().position(|known| known.key == name) {
                None => {
                    let known: Vec<&str> = keys.iter().map(|known| known.key).collect();
                    let message = format!(
                        "unknown key `{table}.{name}`; known are {}",
                        known.join(", ")
                    );
                    wrong.push(file.problem(&key.span(), message));
                }
                Some(place) => {
                    let known = &keys[place];
                    match number(value.get_ref(), &known.range) {
                        Some(number) => {
                            found[place] = Setting::of(number, file.origin(&value.span()));
                        }
                        None => {
                            let message = format!("`{table}.{name}` needs {}", known.allowed());
                            wrong.push(file.problem(&value.span(), message));
                        }
                    }
                }
            }
        }
        if wrong.is_empty() {
            return Ok(found);
        }
        wrong.sort_by_key(|problem| problem.line);
        Err(ConfigError::Wrong(wrong))
    }
}

fn number(value: &DeValue<'_>, range: &RangeInclusive<u32>) -> Option<u32> {
    let integer = value.as_integer()?;
    let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok()?;
    range.contains(&number).then_some(number)
}

impl Number {
    fn allowed(&self) -> String {
        let (from, to) = (self.range.start(), self.range.end());
        format!("a whole number from {from} to {to}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Environment;
    use super::*;

    fn numbers(text: &str) -> Result<[Setting<u32>; 2], String> {
        numbers_with(text, &[])
    }

    fn numbers_with(text: &str, variables: &[(&str, &str)]) -> Result<[Setting<u32>; 2], String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        let environment = variables.iter().copied().collect::<Environment>();
        let config = Config::find(None, environment, Some(folder.path())).unwrap();
        let key = |key, variable, default| Number {
            key,
            variable,
            range: 0..=10,
            default,
        };
        config
            .numbers("watch", [key("hours", "HOURS", 5), key("days", "DAYS", 7)])
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_variable_goes_before_the_file_and_keeps_to_the_range() {
        let [hours, days] = numbers_with("[watch]\ndays = 3\n", &[("DAYS", "9")]).unwrap();
        assert_eq!(hours, Setting::of(5, Origin::Default));
        assert_eq!(days, Setting::of(9, Origin::Environment("DAYS")));
        let error = numbers_with("", &[("HOURS", "11")]).unwrap_err();
        assert_eq!(
            error,
            "HOURS is \"11\", and needs a whole number from 0 to 10"
        );
    }

    #[test]
    fn numbers_come_from_the_table_or_are_the_defaults() {
        let all = numbers("[watch]\ndays = 3\n").unwrap();
        assert_eq!([all[0].value, all[1].value], [5, 3]);
        assert_eq!(all[0].origin, Origin::Default);
        assert!(matches!(all[1].origin, Origin::File { line: 2, .. }));
        assert_eq!(numbers("").unwrap()[0].value, 5);
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_line() {
        let error = numbers("[watch]\nhours = 11\ndays = \"x\"\nweeks = 1\n").unwrap_err();
        for (line, words) in [
            (
                "config.toml:2:",
                "`watch.hours` needs a whole number from 0 to 10",
            ),
            ("config.toml:3:", "`watch.days` needs a whole number"),
            (
                "config.toml:4:",
                "unknown key `watch.weeks`; known are hours, days",
            ),
        ] {
            let told = |it: &str| it.contains(line) && it.contains(words);
            assert!(error.lines().any(told), "{line} {words}: {error}");
        }
        assert!(
            numbers("watch = 1")
                .unwrap_err()
                .contains("needs to be a table")
        );
    }
}
