//! Searches that were given a name: the list, and the text in which they are kept.

use serde::Deserialize;

use super::{ListPosition, Prompt};
use crate::nesting::{TOO_DEEP, too_deep};

/// A search that was given a name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedSearch {
    /// The name.
    pub name: String,
    /// The filter, as it is typed.
    pub query: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    search: Vec<SavedSearch>,
}

/// What is known of the searches that are kept.
#[derive(Clone, Debug, Default)]
pub struct SavedSearches {
    /// The searches, in the order of their file.
    pub list: Vec<SavedSearch>,
    /// The text of the file, when it was read.
    pub(super) text: Option<String>,
    /// Why the file could not be read.
    pub problem: Option<String>,
}

/// The list of saved searches.
#[derive(Clone, Debug, Default)]
pub struct SavedMode {
    /// Where it stands.
    pub position: ListPosition,
    /// The name that is being written for the filter in force.
    pub naming: Option<Prompt>,
}

/// What stands at the top of a new file.
const INTRODUCTION: &str =
    "# Saved searches. Edit freely: a name, and a filter as it is typed after /.\n";

impl SavedSearches {
    /// Takes the text of the file; a missing file is an empty text.
    pub(super) fn read(&mut self, text: &str) {
        let file = match too_deep(text) {
            Some(_) => Err(TOO_DEEP.to_owned()),
            None => toml::from_str::<File>(text).map_err(|error| error.to_string()),
        };
        match file {
            Ok(file) => {
                *self = Self {
                    list: file.search,
                    text: Some(text.to_owned()),
                    problem: None,
                };
            }
            Err(error) => {
                *self = Self {
                    problem: Some(error),
                    ..Self::default()
                };
            }
        }
    }

    /// The text to add to the file for one more search.
    pub(super) fn addition(&self, search: &SavedSearch) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let is_new = self.text.as_deref().is_none_or(str::is_empty);
        let before = if is_new {
            INTRODUCTION
        } else if self
            .text
            .as_deref()
            .is_some_and(|text| text.ends_with('\n'))
        {
            ""
        } else {
            "\n"
        };
        let (name, query) = (quoted(&search.name), quoted(&search.query));
        format!("{before}\n[[search]]\nname = {name}\nquery = {query}\n")
    }

    /// The text of the file without one search; comments stay. `None` when it is not written in a way that can be cut.
    pub(super) fn without(&self, place: usize) -> Option<String> {
        let mut left = String::new();
        let mut next = 0;
        let mut cutting = false;
        for line in self.text.as_deref()?.split_inclusive('\n') {
            if line.trim_start().starts_with('[') {
                cutting = line.trim_start().starts_with("[[") && next == place;
                next += 1;
            }
            if !cutting {
                left.push_str(line);
            }
        }
        let mut expected = self.list.clone();
        if place < expected.len() {
            expected.remove(place);
        }
        let file = toml::from_str::<File>(&left).ok()?;
        (file.search == expected).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(name: &str, query: &str) -> SavedSearch {
        SavedSearch {
            name: name.to_owned(),
            query: query.to_owned(),
        }
    }

    #[test]
    fn what_is_added_is_read_again_and_what_a_person_wrote_stays() {
        let mut saved = SavedSearches::default();
        saved.read("");
        let mut text = String::new();
        for added in [
            search("critical", "sev:critical tag:env=\"prod\""),
            search("odd \" ' \u{1b} é", "a\\b 'x'"),
        ] {
            text += &saved.addition(&added);
            saved.read(&text);
            assert_eq!(saved.list.last(), Some(&added), "{text}");
        }
        assert!(text.starts_with(INTRODUCTION) && text.matches(INTRODUCTION).count() == 1);
        let edited = format!("# mine\n{text}# the end\n");
        saved.read(&edited);
        let left = saved.without(0).expect("text");
        assert!(left.contains("# mine") && left.contains("# the end"));
        saved.read(&left);
        assert_eq!(saved.list, [search("odd \" ' \u{1b} é", "a\\b 'x'")]);
    }

    #[test]
    fn a_file_that_is_wrong_is_not_touched_and_says_what_is_wrong() {
        let mut saved = SavedSearches::default();
        saved.read("[[search]]\nname = \"x\"\n");
        assert!(
            saved
                .problem
                .as_ref()
                .is_some_and(|why| why.contains("query"))
        );
        assert!(saved.list.is_empty() && saved.without(0).is_none());
        saved.read("search = [{ name = \"x\", query = \"y\" }]\n");
        assert_eq!(saved.list.len(), 1);
        assert_eq!(saved.without(0), None, "written in another way");
    }
}
