//! One value with its origin.

use std::fmt;
use std::path::PathBuf;

/// The names of one setting in the places where it may be given.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// The key at the top of the config file.
    pub key: &'static str,
    /// The environment variable.
    pub variable: &'static str,
    /// The option of the command line.
    pub option: &'static str,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The config file.
    File {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(&'static str),
    /// An option of the command line.
    Option(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{}:{line}", file.display()),
            Self::Environment(name) | Self::Option(name) => f.write_str(name),
        }
    }
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// A value from somewhere.
    #[must_use]
    pub const fn of(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}
