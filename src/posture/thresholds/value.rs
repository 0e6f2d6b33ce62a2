//! The value of a setting, as it is shown.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::posture::AddressRange;

/// The value of a setting. As text it has the form of the config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Whole(i64),
    /// True or false.
    Choice(bool),
    /// Ranges of addresses.
    Ranges(Vec<AddressRange>),
    /// Words.
    Words(Vec<String>),
}

impl Value {
    /// The same with lists in order and without what stands in them twice.
    #[must_use]
    pub fn in_order(&self) -> Self {
        let mut value = self.clone();
        match &mut value {
            Self::Ranges(ranges) => {
                ranges.sort_unstable();
                ranges.dedup();
            }
            Self::Words(words) => {
                words.sort_unstable();
                words.dedup();
            }
            Self::Whole(_) | Self::Choice(_) => {}
        }
        value
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |words: Vec<String>| toml::Value::from(words);
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::Choice(choice) => write!(f, "{choice}"),
            Self::Ranges(ranges) => {
                let ranges = ranges.iter().map(AddressRange::to_string).collect();
                write!(f, "{}", words(ranges))
            }
            Self::Words(list) => write!(f, "{}", words(list.clone())),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Choice(choice) => serializer.serialize_bool(*choice),
            Self::Ranges(ranges) => {
                serializer.collect_seq(ranges.iter().map(AddressRange::to_string))
            }
            Self::Words(words) => serializer.collect_seq(words),
        }
    }
}
