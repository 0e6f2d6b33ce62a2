//! What can go wrong with settings, in words that name the place.

use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
        } = self;
        write!(f, "{}:{line}:{column}: {message}", file.display())
    }
}

/// Why settings could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something in a file is wrong: everything that is, in the order of the lines.
    #[error("{}", lines(.0))]
    Wrong(Vec<Problem>),
    /// An environment variable has a value that is not allowed.
    #[error("{name} is {value:?}, and needs {allowed}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// There is no folder for the file, and nobody named one.
    #[error("no config folder: neither HOME nor XDG_CONFIG_HOME is set; name the file by {option}")]
    NoFolder {
        /// The option that names the file.
        option: &'static str,
    },
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    match lines.as_slice() {
        [line] => line.clone(),
        // Each on a line of its own that begins with its file, as editors read it.
        lines => format!("{} mistakes\n{}", lines.len(), lines.join("\n")),
    }
}
