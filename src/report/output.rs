//! The forms in which a whole report can be written, and how a file's name tells one.

use std::fmt;
use std::str::FromStr;

use super::Format;

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// Rows of a table.
    Rows(Format),
    /// One page that needs nothing but a browser.
    Html,
    /// SARIF 2.1.0: what is open, for code scanning.
    Sarif,
    /// OCSF: an array of events of the class Compliance Finding.
    Ocsf,
    /// A workbook for a spreadsheet.
    Xlsx,
}

/// What the names of files end with, the longest ending first.
const ENDINGS: [(&str, Output); 14] = [
    (".sarif.json", Output::Sarif),
    (".ocsf.json", Output::Ocsf),
    (".sarif", Output::Sarif),
    (".ocsf", Output::Ocsf),
    (".json", Output::Rows(Format::Json)),
    (".ndjson", Output::Rows(Format::Ndjson)),
    (".jsonl", Output::Rows(Format::Ndjson)),
    (".csv", Output::Rows(Format::Csv)),
    (".md", Output::Rows(Format::Markdown)),
    (".markdown", Output::Rows(Format::Markdown)),
    (".txt", Output::Rows(Format::Table)),
    (".html", Output::Html),
    (".htm", Output::Html),
    (".xlsx", Output::Xlsx),
];

impl Output {
    /// Every form.
    pub const ALL: [Self; 10] = [
        Self::Rows(Format::Table),
        Self::Rows(Format::Json),
        Self::Rows(Format::Ndjson),
        Self::Rows(Format::Csv),
        Self::Rows(Format::Markdown),
        Self::Rows(Format::Plain),
        Self::Html,
        Self::Sarif,
        Self::Ocsf,
        Self::Xlsx,
    ];

    /// The word for it in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rows(format) => format.word(),
            Self::Html => "html",
            Self::Sarif => "sarif",
            Self::Ocsf => "ocsf",
            Self::Xlsx => "xlsx",
        }
    }

    /// The form that the name of a file tells by its ending.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let known = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
        known.map(|(_, output)| *output)
    }

    /// The endings that [`Output::of_file`] knows, as a list for a sentence.
    #[must_use]
    pub fn endings() -> String {
        ENDINGS.map(|(ending, _)| ending).join(", ")
    }

    /// Whether it is bytes that no terminal can show.
    #[must_use]
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::Xlsx)
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|output| output.word() == word);
        known.ok_or_else(|| format!("no format is called {word:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_by_its_word_and_by_the_end_of_a_name() {
        for output in Output::ALL {
            assert_eq!(output.word().parse(), Ok(output));
        }
        for (name, output) in [
            ("a.json", Some(Output::Rows(Format::Json))),
            ("a.sarif.json", Some(Output::Sarif)),
            ("/x/A.SARIF", Some(Output::Sarif)),
            ("a.ocsf.json", Some(Output::Ocsf)),
            ("a.b.XLSX", Some(Output::Xlsx)),
            ("a.md", Some(Output::Rows(Format::Markdown))),
            ("a", None),
            ("json", None),
        ] {
            assert_eq!(Output::of_file(name), output, "{name}");
        }
    }
}
