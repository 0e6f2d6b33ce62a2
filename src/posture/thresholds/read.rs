//! Thresholds out of the config file's table, each checked.

use toml::de::{DeTable, DeValue};

use super::{AUDIT_EVENTS, Kind, THRESHOLDS, Threshold, Thresholds};
use crate::posture::reading::{Place, Problem, Reader, kind, nearest};
use crate::posture::{AddressRange, NotARange};

/// The longest value of an environment variable, in bytes.
const LONGEST_VARIABLE: usize = 1 << 16;

/// The longest name of a tag that Azure keeps, in characters.
const LONGEST_TAG: usize = 512;

impl Thresholds {
    /// The defaults with what the table `thresholds` of a config file says laid over them. `text` is the whole file, in
    /// which the table's places lie.
    ///
    /// # Errors
    /// Everything that is wrong in the table, each with its line: an unknown key, a wrong type, a value that is not
    /// allowed.
    pub fn read(text: &str, table: &Place<'_>) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(text);
        let mut thresholds = Self::default();
        let Some(entries) = table.get_ref().as_table() else {
            let message = format!(
                "`thresholds` is {}, and a table is needed: [thresholds]",
                kind(table.get_ref())
            );
            reader.problem(&table.span(), message);
            return reader.finish(thresholds);
        };
        let keys: Vec<&str> = THRESHOLDS.iter().map(|threshold| threshold.key).collect();
        reader.keys(entries, &keys);
        for threshold in &THRESHOLDS {
            if let Some(value) = entries.get(threshold.key) {
                threshold.read(&mut reader, value, &mut thresholds);
            }
        }
        reader.finish(thresholds)
    }
}

impl Threshold {
    /// Takes the value that an environment variable gives: a number, `true` or `false`, or words with commas between
    /// them; `[]` is the list of nothing.
    ///
    /// # Errors
    /// When the value is not allowed: what is, in words that follow "needs".
    pub fn take(&self, thresholds: &mut Thresholds, text: &str) -> Result<(), String> {
        let value = match self.kind {
            Kind::Whole(..) | Kind::Count(..) => text.trim().to_owned(),
            Kind::Choice(_) => match text.trim().to_ascii_lowercase().as_str() {
                "1" => "true".to_owned(),
                "0" => "false".to_owned(),
                word => word.to_owned(),
            },
            Kind::Ranges(_) | Kind::Events(_) | Kind::Tags(_) => {
                let words = text.trim();
                let inside = words.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
                let words = inside.unwrap_or(words).split(',');
                let words = words.map(|word| word.trim().trim_matches('"'));
                let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
                serde_json::json!(words).to_string()
            }
        };
        let refused = || self.allowed();
        // A number or a choice is one word: no comment, no table, nothing that is nested.
        let is_list = matches!(self.kind, Kind::Ranges(_) | Kind::Events(_) | Kind::Tags(_));
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if value.len() > LONGEST_VARIABLE || !(is_list || value.chars().all(plain)) {
            return Err(refused());
        }
        let text = format!("value = {value}");
        let table = DeTable::parse(&text).map_err(|_| refused())?;
        let value = table.get_ref().get("value").ok_or_else(refused)?;
        let mut reader = Reader::new(&text);
        let mut changed = thresholds.clone();
        self.read(&mut reader, value, &mut changed);
        *thresholds = reader.finish(changed).map_err(|_| refused())?;
        Ok(())
    }

    fn read(&self, reader: &mut Reader<'_>, value: &Place<'_>, thresholds: &mut Thresholds) {
        match self.kind {
            Kind::Whole(from, to, member) => {
                if let Some(number) = self.whole(reader, value, from, to) {
                    *member(thresholds) = number;
                }
            }
            Kind::Count(to, member) => {
                let to = i64::try_from(to).unwrap_or(i64::MAX);
                if let Some(number) = self.whole(reader, value, 0, to) {
                    *member(thresholds) = number.unsigned_abs();
                }
            }
            Kind::Choice(member) => match value.get_ref().as_bool() {
                Some(choice) => *member(thresholds) = choice,
                None => self.wrong_type(reader, value),
            },
            Kind::Ranges(member) => {
                let parse = |text: &str| {
                    text.parse::<AddressRange>()
                        .map_err(|error: NotARange| error.to_string())
                };
                if let Some(ranges) = self.list(reader, value, parse) {
                    *member(thresholds) = ranges;
                }
            }
            Kind::Events(member) => {
                if let Some(events) = self.list(reader, value, event) {
                    *member(thresholds) = events;
                }
            }
            Kind::Tags(member) => {
                if let Some(tags) = self.list(reader, value, tag) {
                    *member(thresholds) = tags;
                }
            }
        }
    }

    fn whole(&self, reader: &mut Reader<'_>, value: &Place<'_>, from: i64, to: i64) -> Option<i64> {
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(reader, value);
            return None;
        };
        // A number that is too large for this type is too large for every threshold.
        let number = i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|number| (from..=to).contains(number));
        if number.is_none() {
            let message = format!(
                "`{}` is {}, and needs {}",
                self.key,
                integer.as_str(),
                self.allowed()
            );
            reader.problem(&value.span(), message);
        }
        number
    }

    fn list<T: PartialEq>(
        &self,
        reader: &mut Reader<'_>,
        value: &Place<'_>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(reader, value);
            return None;
        };
        let mut list = Vec::with_capacity(items.len());
        for item in items.iter() {
            let Some(text) = item.get_ref().as_str() else {
                self.wrong_type(reader, item);
                continue;
            };
            match parse(text.trim()) {
                Ok(item) if list.contains(&item) => {}
                Ok(item) => list.push(item),
                Err(why) => reader.problem(&item.span(), format!("`{}`: {why}", self.key)),
            }
        }
        Some(list)
    }

    fn wrong_type(&self, reader: &mut Reader<'_>, value: &Place<'_>) {
        let found = kind(value.get_ref());
        let message = format!(
            "`{}` needs {}, and this is {found}",
            self.key,
            self.allowed()
        );
        reader.problem(&value.span(), message);
    }
}

fn event(word: &str) -> Result<String, String> {
    let known = AUDIT_EVENTS
        .iter()
        .find(|event| event.eq_ignore_ascii_case(word));
    match (known, nearest(word, AUDIT_EVENTS.into_iter())) {
        (Some(event), _) => Ok((*event).to_owned()),
        (None, Some(near)) => Err(format!(
            "{word:?} is no kind of audit event; the nearest is {near:?}"
        )),
        (None, None) => Err(format!(
            "{word:?} is no kind of audit event; there are {}",
            AUDIT_EVENTS.join(", ")
        )),
    }
}

fn tag(name: &str) -> Result<String, String> {
    match name.chars().count() {
        0 => Err("the name of a tag is empty".to_owned()),
        1..=LONGEST_TAG => Ok(name.to_owned()),
        _ => Err(format!(
            "the name of a tag has at most {LONGEST_TAG} characters"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_gives_what_the_file_would_and_is_named_after_the_key() {
        for threshold in &THRESHOLDS {
            let named = format!("FLEXPOSTURE_{}", threshold.key.to_uppercase());
            assert_eq!(threshold.variable, named);
        }
        let taken = |key: &str, text: &str| {
            let mut thresholds = Thresholds::default();
            let threshold = THRESHOLDS.iter().find(|it| it.key == key).unwrap();
            let taken = threshold.take(&mut thresholds, text);
            taken.map(|()| threshold.value(&thresholds).to_string())
        };
        for (key, text, value) in [
            ("min_backup_retention_days", " 30 ", "30"),
            ("firewall_max_addresses", "0", "0"),
            ("require_cmk", "TRUE", "true"),
            ("require_cmk", "1", "true"),
            ("require_geo_redundant_backup", "0", "false"),
            (
                "required_tags",
                "owner, cost centre",
                "[\"owner\", \"cost centre\"]",
            ),
            ("required_tags", "[\"owner\"]", "[\"owner\"]"),
            ("required_audit_events", "[]", "[]"),
            ("required_audit_events", "ddl", "[\"DDL\"]"),
            (
                "allowed_public_ranges",
                "203.0.113.0/24",
                "[\"203.0.113.0/24\"]",
            ),
        ] {
            assert_eq!(taken(key, text).as_deref(), Ok(value), "{key} {text}");
        }
        for (key, text) in [
            ("min_backup_retention_days", "36"),
            ("min_backup_retention_days", "30\n[x]"),
            ("min_backup_retention_days", "[[[["),
            ("min_backup_retention_days", "30 # days"),
            ("require_cmk", "yes"),
            ("required_audit_events", "EVERYTHING"),
            ("allowed_public_ranges", "the office"),
        ] {
            let threshold = THRESHOLDS.iter().find(|it| it.key == key).unwrap();
            assert_eq!(taken(key, text), Err(threshold.allowed()), "{key} {text}");
        }
        let deep = "[".repeat(100_000);
        assert!(taken("min_backup_retention_days", &deep).is_err());
        assert!(taken("min_backup_retention_days", &deep[..60_000]).is_err());
    }

    fn read(text: &str) -> Result<Thresholds, Vec<Problem>> {
        let file = DeTable::parse(text).unwrap();
        Thresholds::read(text, file.get_ref().get("thresholds").unwrap())
    }

    fn problems(text: &str) -> Vec<(usize, String)> {
        read(text)
            .unwrap_err()
            .into_iter()
            .map(|problem| (problem.line, problem.message))
            .collect()
    }

    #[test]
    fn every_threshold_is_read_and_what_is_left_out_keeps_its_default() {
        let all = read(
            "[thresholds]\n\
             allowed_public_ranges = [\"203.0.113.0/24\", \"198.51.100.7\", \"203.0.113.0-203.0.113.255\"]\n\
             firewall_max_addresses = 1_024\n\
             require_cmk = true\n\
             min_backup_retention_days = 0x0e\n\
             require_geo_redundant_backup = false\n\
             max_backup_age_hours = 30\n\
             key_expiry_warning_days = 0\n\
             required_audit_events = [\"connection\", \"DDL\"]\n\
             version_eol_warning_days = 365\n\
             required_tags = [\"owner\", \" env \"]\n",
        );
        let expected = Thresholds {
            allowed_public_ranges: vec![
                "203.0.113.0/24".parse().unwrap(),
                "198.51.100.7".parse().unwrap(),
            ],
            firewall_max_addresses: 1024,
            require_cmk: true,
            min_backup_retention_days: 14,
            require_geo_redundant_backup: false,
            max_backup_age_hours: 30,
            key_expiry_warning_days: 0,
            required_audit_events: vec!["CONNECTION".to_owned(), "DDL".to_owned()],
            version_eol_warning_days: 365,
            required_tags: vec!["owner".to_owned(), "env".to_owned()],
        };
        assert_eq!(all, Ok(expected));
        assert_eq!(read("[thresholds]\n"), Ok(Thresholds::default()));
    }

    #[test]
    fn every_limit_is_inside_and_what_lies_beyond_is_refused() {
        for (key, from, to) in [
            ("firewall_max_addresses", 0, 4_294_967_296_i64),
            ("min_backup_retention_days", 1, 35),
            ("max_backup_age_hours", 1, 840),
            ("key_expiry_warning_days", 0, 3650),
            ("version_eol_warning_days", 0, 3650),
        ] {
            let of = |number: i64| read(&format!("[thresholds]\n{key} = {number}\n"));
            assert!(of(from).is_ok() && of(to).is_ok(), "{key}");
            for number in [from - 1, to + 1] {
                let problems = of(number).unwrap_err();
                let words =
                    format!("`{key}` is {number}, and needs a whole number from {from} to {to}");
                assert_eq!(
                    (problems[0].line, problems[0].message.as_str()),
                    (2, words.as_str())
                );
            }
        }
        let beyond = problems("[thresholds]\nmax_backup_age_hours = 9223372036854775807\n");
        assert_eq!(beyond.len(), 1);
    }

    #[test]
    fn every_problem_is_told_with_its_line_and_what_is_allowed() {
        let found = problems(
            "strict_baseline = true\n\
             [thresholds]\n\
             min_backup_retention_day = 7\n\
             require_cmk = \"yes\"\n\
             max_backup_age_hours = 1.5\n\
             required_audit_events = [\n  \"CONNECTION\",\n  \"CONECTION\",\n  \"everything at all\",\n  3,\n]\n\
             allowed_public_ranges = \"203.0.113.0/24\"\n\
             required_tags = [\"\"]\n\
             colour = 1\n",
        );
        let keys = THRESHOLDS
            .iter()
            .map(|it| it.key)
            .collect::<Vec<_>>()
            .join(", ");
        let events = AUDIT_EVENTS.join(", ");
        let expected = [
            (3, "unknown key `min_backup_retention_day`; the nearest is `min_backup_retention_days`".to_owned()),
            (4, "`require_cmk` needs true or false, and this is text".to_owned()),
            (5, "`max_backup_age_hours` needs a whole number from 1 to 840, and this is a number with a fraction".to_owned()),
            (8, "`required_audit_events`: \"CONECTION\" is no kind of audit event; the nearest is \"CONNECTION\"".to_owned()),
            (9, format!("`required_audit_events`: \"everything at all\" is no kind of audit event; there are {events}")),
            (10, format!("`required_audit_events` needs a list out of {events}, and this is a whole number")),
            (12, "`allowed_public_ranges` needs a list of address ranges, such as [\"203.0.113.0/24\"], and this is text".to_owned()),
            (13, "`required_tags`: the name of a tag is empty".to_owned()),
            (14, format!("unknown key `colour`; known are {keys}")),
        ];
        assert_eq!(found, expected);
        assert_eq!(
            problems("thresholds = 3\n"),
            [(
                1,
                "`thresholds` is a whole number, and a table is needed: [thresholds]".to_owned()
            )]
        );
    }

    #[test]
    fn a_value_is_shown_as_the_file_has_it() {
        let text = "[thresholds]\nrequired_tags = [\"owner\", \"a \\\"b\\\"\"]\nallowed_public_ranges = [\"203.0.113.0/24\"]\n";
        let thresholds = read(text).unwrap();
        let again: String = THRESHOLDS
            .iter()
            .map(|it| format!("{} = {}\n", it.key, it.value(&thresholds)))
            .collect();
        assert!(
            again.contains("required_tags = [\"owner\", 'a \"b\"']"),
            "{again}"
        );
        assert_eq!(read(&format!("[thresholds]\n{again}")), Ok(thresholds));
    }
}
