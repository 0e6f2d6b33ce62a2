//! Ranges of IPv4 addresses: as people write them, and arithmetic on them.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A range of IPv4 addresses, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AddressRange {
    /// The first address.
    pub start: Ipv4Addr,
    /// The last address.
    pub end: Ipv4Addr,
}

/// A range as numbers, both ends included.
type Numbers = (u32, u32);

/// Why a text is no range of addresses, with what would be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARange {
    /// It is written in none of the three forms.
    #[error(
        "{0:?} is no range of IPv4 addresses; write 203.0.113.0/24, 203.0.113.8-203.0.113.15 or 203.0.113.8"
    )]
    Form(String),
    /// The network's address has bits beyond its prefix.
    #[error("{written:?} names an address inside a network; the network is {network}")]
    Inside {
        /// What was written.
        written: String,
        /// The network around it.
        network: AddressRange,
    },
    /// The last address lies before the first.
    #[error("{0:?} ends before it begins")]
    Backwards(String),
}

impl FromStr for AddressRange {
    type Err = NotARange;

    /// Reads `203.0.113.0/24`, `203.0.113.8-203.0.113.15` or a single address.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || NotARange::Form(text.to_owned());
        let address = |text: &str| text.trim().parse::<Ipv4Addr>().map_err(|_| form());
        if let Some((network, prefix)) = text.split_once('/') {
            let network = u32::from(address(network)?);
            let digits = prefix.trim();
            let prefix: u32 = digits
                .parse()
                .ok()
                .filter(|prefix| *prefix <= 32 && digits.bytes().all(|it| it.is_ascii_digit()))
                .ok_or_else(form)?;
            let beyond = u32::MAX.checked_shr(prefix).unwrap_or(0);
            let range = Self {
                start: (network & !beyond).into(),
                end: (network | beyond).into(),
            };
            return if network & beyond == 0 {
                Ok(range)
            } else {
                Err(NotARange::Inside {
                    written: text.to_owned(),
                    network: range,
                })
            };
        }
        let (start, end) = match text.split_once('-') {
            Some((start, end)) => (address(start)?, address(end)?),
            None => (address(text)?, address(text)?),
        };
        if end < start {
            return Err(NotARange::Backwards(text.to_owned()));
        }
        Ok(Self { start, end })
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = self.numbers();
        let between = start ^ end;
        if start == end {
            return write!(f, "{}", self.start);
        }
        let is_network = between.wrapping_add(1).is_power_of_two() || between == u32::MAX;
        if is_network && start & between == 0 {
            write!(f, "{}/{}", Ipv4Addr::from(start), between.leading_zeros())
        } else {
            write!(f, "{}-{}", Ipv4Addr::from(start), Ipv4Addr::from(end))
        }
    }
}

impl AddressRange {
    fn numbers(self) -> Numbers {
        let (a, b) = (u32::from(self.start), u32::from(self.end));
        (a.min(b), a.max(b))
    }

    /// How many addresses it holds. Ends in the wrong order are taken the right way round.
    #[must_use]
    pub fn len(self) -> u64 {
        let (start, end) = self.numbers();
        u64::from(end) - u64::from(start) + 1
    }

    /// A range is never empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// The ranges in order, those that touch or overlap joined.
fn union(ranges: &[AddressRange]) -> Vec<Numbers> {
    let mut numbers: Vec<Numbers> = ranges.iter().map(|range| range.numbers()).collect();
    numbers.sort_unstable();
    let mut joined: Vec<Numbers> = Vec::with_capacity(numbers.len());
    for (start, end) in numbers {
        match joined.last_mut() {
            Some(last) if u64::from(start) <= u64::from(last.1) + 1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// How many addresses the ranges hold together.
#[must_use]
pub fn union_len(ranges: &[AddressRange]) -> u64 {
    union(ranges)
        .into_iter()
        .map(|(start, end)| u64::from(end) - u64::from(start) + 1)
        .sum()
}

/// How many addresses the ranges hold together beside those of `allowed`.
#[must_use]
pub fn len_without(ranges: &[AddressRange], allowed: &[AddressRange]) -> u64 {
    let both: Vec<AddressRange> = ranges.iter().chain(allowed).copied().collect();
    union_len(&both) - union_len(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: &str, end: &str) -> AddressRange {
        AddressRange {
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
        }
    }

    #[test]
    fn overlapping_and_touching_ranges_count_once() {
        let ranges = [
            range("10.0.0.10", "10.0.0.19"),
            range("10.0.0.0", "10.0.0.9"),
            range("10.0.0.5", "10.0.0.14"),
            range("10.0.1.0", "10.0.1.0"),
        ];
        assert_eq!(union_len(&ranges), 21);
    }

    #[test]
    fn the_whole_address_space_does_not_overflow() {
        let all = [
            range("0.0.0.0", "255.255.255.255"),
            range("255.255.255.255", "255.255.255.255"),
        ];
        assert_eq!(union_len(&all), 1 << 32);
        assert_eq!(all[0].len(), 1 << 32);
    }

    #[test]
    fn allowed_ranges_are_taken_out_wherever_they_lie() {
        let ranges = [range("192.0.2.0", "192.0.2.255")];
        assert_eq!(len_without(&ranges, &[]), 256);
        assert_eq!(
            len_without(&ranges, &[range("192.0.2.0", "192.0.2.127")]),
            128
        );
        assert_eq!(
            len_without(&ranges, &[range("198.51.100.0", "198.51.100.255")]),
            256
        );
        assert_eq!(
            len_without(&ranges, &[range("0.0.0.0", "255.255.255.255")]),
            0
        );
    }

    #[test]
    fn a_range_is_read_in_three_forms_and_written_in_the_shortest() {
        for (written, start, end, shown) in [
            (
                "203.0.113.0/24",
                "203.0.113.0",
                "203.0.113.255",
                "203.0.113.0/24",
            ),
            (
                "203.0.113.0 - 203.0.113.255",
                "203.0.113.0",
                "203.0.113.255",
                "203.0.113.0/24",
            ),
            (
                "203.0.113.8-203.0.113.17",
                "203.0.113.8",
                "203.0.113.17",
                "203.0.113.8-203.0.113.17",
            ),
            (
                "203.0.113.1-203.0.113.2",
                "203.0.113.1",
                "203.0.113.2",
                "203.0.113.1-203.0.113.2",
            ),
            ("203.0.113.8", "203.0.113.8", "203.0.113.8", "203.0.113.8"),
            (
                "203.0.113.8/32",
                "203.0.113.8",
                "203.0.113.8",
                "203.0.113.8",
            ),
            ("0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.0/0"),
            ("128.0.0.0/1", "128.0.0.0", "255.255.255.255", "128.0.0.0/1"),
        ] {
            let read: AddressRange = written.parse().unwrap();
            assert_eq!(read, range(start, end), "{written}");
            assert_eq!(read.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_range_says_why() {
        let why = |text: &str| text.parse::<AddressRange>().unwrap_err().to_string();
        for text in [
            "",
            "here",
            "203.0.113.0/33",
            "203.0.113.0/+8",
            "203.0.113.0/",
            "203.0.113/24",
            "::/0",
            "1.2.3.4-",
        ] {
            assert!(
                why(text).contains("no range of IPv4 addresses; write 203.0.113.0/24"),
                "{text}"
            );
        }
        assert_eq!(
            why("203.0.113.9/24"),
            "\"203.0.113.9/24\" names an address inside a network; the network is 203.0.113.0/24"
        );
        assert_eq!(
            why("10.0.0.9-10.0.0.1"),
            "\"10.0.0.9-10.0.0.1\" ends before it begins"
        );
    }

    #[test]
    fn ends_in_the_wrong_order_still_open_what_lies_between() {
        assert_eq!(range("10.0.0.9", "10.0.0.0").len(), 10);
    }
}
