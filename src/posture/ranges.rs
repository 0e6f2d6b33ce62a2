//! Arithmetic on ranges of IPv4 addresses.

use super::AddressRange;

/// A range as numbers, both ends included.
type Numbers = (u32, u32);

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
    fn ends_in_the_wrong_order_still_open_what_lies_between() {
        assert_eq!(range("10.0.0.9", "10.0.0.0").len(), 10);
    }
}
