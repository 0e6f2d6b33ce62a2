//! The arguments that say which servers and findings a command is about: the explorer's filter, groups and orders.

use unicode_width::UnicodeWidthStr;

use crate::documents::text::neutral;
use crate::query::{GroupBy, Query, QueryError, Sort};
use crate::report::Selection;

/// Which servers and findings a command is about.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Selection")]
pub struct FilterArgument {
    /// Only what this finds: the language of the explorer's filter, for example 'sub:prod state:fail sev:high'
    #[arg(long, value_name = "QUERY")]
    pub filter: Option<String>,
}

/// Which servers and findings a command is about, and in which order.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionArguments {
    /// What finds them.
    #[command(flatten)]
    pub filter: FilterArgument,

    /// In groups, the worst first: by subscription, resource-group, region, version or tag:NAME
    #[arg(long, value_name = "FIELD")]
    pub group: Option<GroupBy>,

    /// The order: risk, match, name, score, region, version or subscription of the servers, or a column of the rows, such
    /// as severity; turned round by :desc [default: risk]
    #[arg(long, value_name = "FIELD[:desc]")]
    pub sort: Option<String>,
}

/// A filter that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}", pointed_out(.text, .errors))]
pub struct FilterError {
    text: String,
    errors: Vec<QueryError>,
}

impl FilterArgument {
    /// What to look for.
    ///
    /// # Errors
    /// When the filter cannot be read; the error points at every place that is wrong.
    pub fn query(&self) -> Result<Query, FilterError> {
        let text = self.filter.as_deref().unwrap_or_default();
        Query::parse(text).map_err(|errors| FilterError {
            text: text.to_owned(),
            errors,
        })
    }
}

impl SelectionArguments {
    /// What was asked for, with the servers in this order.
    ///
    /// # Errors
    /// When the filter cannot be read.
    pub fn selection(&self, sort: Sort) -> Result<Selection, FilterError> {
        Ok(Selection {
            query: self.filter.query()?,
            sort,
            group: self.group.clone().unwrap_or_default(),
        })
    }
}

/// What is wrong, and below it the filter with carets under the place.
fn pointed_out(text: &str, errors: &[QueryError]) -> String {
    let mut words = String::from("the filter cannot be read");
    for error in errors {
        let before = neutral(text.get(..error.range.start).unwrap_or_default());
        let wrong = neutral(text.get(error.range.clone()).unwrap_or_default());
        let carets = "^".repeat(wrong.width().max(1));
        let gap = " ".repeat(before.width());
        words += &format!("\n  {error}\n    {}\n    {gap}{carets}", neutral(text));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_mistake_has_carets_under_it() {
        let argument = FilterArgument {
            filter: Some("名 sev:hihg colour:x".to_owned()),
        };
        let words = argument.query().unwrap_err().to_string();
        let lines: Vec<&str> = words.lines().collect();
        assert!(lines[1].contains("did you mean high?"), "{words}");
        assert_eq!(lines[2], "    名 sev:hihg colour:x");
        assert_eq!(
            lines[3], "           ^^^^",
            "two columns for the first character"
        );
        assert_eq!(lines[6], "                ^^^^^^");
    }
}
