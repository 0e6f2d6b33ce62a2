//! Whole numbers in a table of the config file.

use std::ops::RangeInclusive;

use toml::de::DeValue;

use super::{Config, ConfigError, File, Origin, Problem, Setting};

impl Config {
    /// The whole numbers of a table of the config file, in the order of `keys`, each with its range and its default. No
    /// variable and no option gives them.
    ///
    /// # Errors
    /// When the table is none, holds another key, or a value is no whole number in its range: everything that is wrong.
    pub fn numbers<const N: usize>(
        &self,
        table: &str,
        keys: [(&str, RangeInclusive<u32>, u32); N],
    ) -> Result<[Setting<u32>; N], ConfigError> {
        let mut found = keys
            .each_ref()
            .map(|(_, _, default)| Setting::of(*default, Origin::Default));
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
            match keys.iter().position(|(known, _, _)| *known == name) {
                None => {
                    let known: Vec<&str> = keys.iter().map(|(known, _, _)| *known).collect();
                    let message = format!(
                        "unknown key `{table}.{name}`; known are {}",
                        known.join(", ")
                    );
                    wrong.push(file.problem(&key.span(), message));
                }
                Some(place) => {
                    let (_, range, _) = &keys[place];
                    match number(value.get_ref(), range) {
                        Some(number) => {
                            found[place] = Setting::of(number, file.origin(&value.span()));
                        }
                        None => wrong.push(out_of_range(file, table, name, range, &value.span())),
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

fn out_of_range(
    file: &File,
    table: &str,
    name: &str,
    range: &RangeInclusive<u32>,
    place: &std::ops::Range<usize>,
) -> Problem {
    let (from, to) = (range.start(), range.end());
    file.problem(
        place,
        format!("`{table}.{name}` needs a whole number from {from} to {to}"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::Environment;
    use super::*;

    fn numbers(text: &str) -> Result<[Setting<u32>; 2], String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        let environment = std::iter::empty::<(&str, &str)>().collect::<Environment>();
        let config = Config::find(None, environment, Some(folder.path())).unwrap();
        config
            .numbers("watch", [("hours", 0..=10, 5), ("days", 0..=10, 7)])
            .map_err(|error| error.to_string())
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
