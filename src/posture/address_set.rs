//! Sets of IPv4 and IPv6 addresses: what is in one, in both, or in one and not the other.
//!
//! Only arithmetic and the reading of addresses. What an address means to a check does not belong here.

use std::net::IpAddr;

/// Addresses of one family as numbers: ranges with both ends included, in order, none touching another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeSet(Vec<(u128, u128)>);

impl RangeSet {
    /// All numbers of these ranges. A range whose end lies before its start holds nothing.
    pub fn new(ranges: impl IntoIterator<Item = (u128, u128)>) -> Self {
        let mut ranges: Vec<(u128, u128)> = ranges
            .into_iter()
            .filter(|(start, end)| start <= end)
            .collect();
        ranges.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (start, end) in ranges {
            match joined.last_mut() {
                Some(last) if start <= last.1.saturating_add(1) => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Self(joined)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::new(self.0.iter().chain(&other.0).copied())
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut mine, mut theirs) = (self.0.as_slice(), other.0.as_slice());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (mine.first(), theirs.first()) {
            let (start, end) = (a.0.max(b.0), a.1.min(b.1));
            if start <= end {
                both.push((start, end));
            }
            if a.1 < b.1 {
                mine = &mine[1..];
            } else {
                theirs = &theirs[1..];
            }
        }
        Self(both)
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut theirs = other.0.as_slice();
        let mut left = Vec::new();
        for &(start, end) in &self.0 {
            while theirs.first().is_some_and(|hole| hole.1 < start) {
                theirs = &theirs[1..];
            }
            // The first number of the range that no hole has taken yet; none when a hole reaches past its end.
            let mut next = Some(start);
            for hole in theirs.iter().take_while(|hole| hole.0 <= end) {
                let Some(from) = next else { break };
                if from < hole.0 {
                    left.push((from, hole.0 - 1));
                }
                next = hole.1.checked_add(1).filter(|after| *after <= end);
            }
            if let Some(from) = next {
                left.push((from, end));
            }
        }
        Self(left)
    }

    /// How many numbers it holds; all 2¹²⁸ of them count as one fewer.
    #[must_use]
    pub fn len(&self) -> u128 {
        self.0.iter().fold(0, |sum: u128, (start, end)| {
            sum.saturating_add(end - start).saturating_add(1)
        })
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds all of the other.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }
}

/// Addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressSet {
    /// Those of IPv4.
    pub v4: RangeSet,
    /// Those of IPv6.
    pub v6: RangeSet,
}

impl AddressSet {
    /// Every address of both families.
    #[must_use]
    pub fn all() -> Self {
        Self {
            v4: RangeSet::new([(0, u128::from(u32::MAX))]),
            v6: RangeSet::new([(0, u128::MAX)]),
        }
    }

    /// The addresses of a text: one address, a block (`192.0.2.0/24`) or a range (`192.0.2.1-192.0.2.9`). `None` when it
    /// is none of these. A block may be written by any address in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let address = |text: &str| text.trim().parse::<IpAddr>().ok();
        if let Some((base, length)) = text.split_once('/') {
            let digits = length.trim();
            let digits_only = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let length: u32 = digits.parse().ok().filter(|_| digits_only)?;
            return Self::block(address(base)?, length);
        }
        let (start, end) = match text.split_once('-') {
            Some((start, end)) => (address(start)?, address(end)?),
            None => (address(text)?, address(text)?),
        };
        let same_family = start.is_ipv4() == end.is_ipv4();
        (same_family && start <= end).then(|| Self::range(start, number(start), number(end)))
    }

    fn block(base: IpAddr, length: u32) -> Option<Self> {
        let bits: u32 = if base.is_ipv4() { 32 } else { 128 };
        let host = bits.checked_sub(length)?;
        let mask = u128::MAX.checked_shr(128 - host).unwrap_or(0);
        let base_number = number(base);
        Some(Self::range(base, base_number & !mask, base_number | mask))
    }

    fn range(family: IpAddr, start: u128, end: u128) -> Self {
        let ranges = RangeSet::new([(start, end)]);
        match family {
            IpAddr::V4(_) => Self {
                v4: ranges,
                v6: RangeSet::default(),
            },
            IpAddr::V6(_) => Self {
                v4: RangeSet::default(),
                v6: ranges,
            },
        }
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.union(&other.v4),
            v6: self.v6.union(&other.v6),
        }
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.intersection(&other.v4),
            v6: self.v6.intersection(&other.v6),
        }
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.minus(&other.v4),
            v6: self.v6.minus(&other.v6),
        }
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn ranges() -> impl Strategy<Value = Vec<(u128, u128)>> {
        proptest::collection::vec((0..40_u128, 0..40_u128), 0..6)
    }

    fn model(ranges: &[(u128, u128)]) -> BTreeSet<u128> {
        ranges
            .iter()
            .flat_map(|(start, end)| *start..=*end)
            .collect()
    }

    fn numbers(set: &RangeSet) -> BTreeSet<u128> {
        model(&set.0)
    }

    fn is_normal(set: &RangeSet) -> bool {
        set.0.iter().all(|(start, end)| start <= end)
            && set.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0)
    }

    proptest! {
        #[test]
        fn ranges_are_the_sets_that_they_stand_for(a in ranges(), b in ranges()) {
            let (one, other) = (RangeSet::new(a.clone()), RangeSet::new(b.clone()));
            let (a, b) = (model(&a), model(&b));
            prop_assert_eq!(numbers(&one), a.clone());
            prop_assert_eq!(one.len(), a.len() as u128);
            prop_assert_eq!(one.is_empty(), a.is_empty());
            prop_assert_eq!(one.covers(&other), a.is_superset(&b));
            let union = one.union(&other);
            let intersection = one.intersection(&other);
            let minus = one.minus(&other);
            prop_assert_eq!(numbers(&union), &a | &b);
            prop_assert_eq!(numbers(&intersection), &a & &b);
            prop_assert_eq!(numbers(&minus), &a - &b);
            for set in [&one, &union, &intersection, &minus] {
                prop_assert!(is_normal(set), "{:?}", set);
            }
        }

        #[test]
        fn the_same_holds_at_the_upper_end_of_the_numbers(a in ranges(), b in ranges()) {
            // Mirrored, so that what begins at 0 ends at the greatest number.
            let mirror = |ranges: &[(u128, u128)]| -> RangeSet {
                RangeSet::new(ranges.iter().map(|(start, end)| (u128::MAX - end, u128::MAX - start)))
            };
            let back = |set: &RangeSet| -> BTreeSet<u128> {
                set.0.iter().flat_map(|(start, end)| (u128::MAX - end)..=(u128::MAX - start)).collect()
            };
            let (one, other) = (mirror(&a), mirror(&b));
            let (a, b) = (model(&a), model(&b));
            prop_assert_eq!(back(&one.union(&other)), &a | &b);
            prop_assert_eq!(back(&one.intersection(&other)), &a & &b);
            prop_assert_eq!(back(&one.minus(&other)), &a - &b);
            prop_assert_eq!(one.len(), a.len() as u128);
        }

        #[test]
        fn a_block_holds_as_many_addresses_as_its_length_says(base: u32, length in 0..=32_u32) {
            let block = format!("{}/{length}", std::net::Ipv4Addr::from(base));
            let set = AddressSet::parse(&block).expect("a block");
            prop_assert_eq!(set.v4.len(), 1_u128 << (32 - length));
            prop_assert!(set.v4.covers(&RangeSet::new([(base.into(), base.into())])));
            prop_assert!(set.v6.is_empty());
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9a-f:./ -]{0,24}") {
            let _ = AddressSet::parse(&text);
        }
    }

    fn v4(start: u128, end: u128) -> Option<AddressSet> {
        Some(AddressSet {
            v4: RangeSet::new([(start, end)]),
            v6: RangeSet::default(),
        })
    }

    #[test]
    fn addresses_blocks_and_ranges_are_read() {
        let start = 0xc000_0200;
        for (text, expected) in [
            ("192.0.2.0/24", v4(start, start + 255)),
            ("192.0.2.77/24", v4(start, start + 255)),
            ("192.0.2.4", v4(start + 4, start + 4)),
            ("192.0.2.4/32", v4(start + 4, start + 4)),
            ("192.0.2.1-192.0.2.9", v4(start + 1, start + 9)),
            ("192.0.2.1 - 192.0.2.9", v4(start + 1, start + 9)),
            ("0.0.0.0/0", v4(0, u128::from(u32::MAX))),
            ("192.0.2.9-192.0.2.1", None),
            ("192.0.2.0/33", None),
            ("192.0.2.0/+8", None),
            ("192.0.2.0/-1", None),
            ("192.0.2.0/", None),
            ("192.0.2", None),
            ("192.0.2.256", None),
            ("192.0.2.1-::1", None),
            ("", None),
            ("Internet", None),
        ] {
            assert_eq!(AddressSet::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn both_families_are_read_and_kept_apart() {
        let every = AddressSet::parse("::/0").expect("a block");
        assert_eq!(every.v6, AddressSet::all().v6);
        assert!(every.v4.is_empty());
        let global = AddressSet::parse("2000::/3").expect("a block");
        assert_eq!(global.v6.len(), 1 << 125);
        let one = AddressSet::parse("2001:db8::1").expect("an address");
        assert_eq!(one.v6.len(), 1);
        assert!(global.v6.covers(&one.v6) && !one.v6.covers(&global.v6));
        let both = one.union(&AddressSet::parse("192.0.2.4").expect("an address"));
        assert_eq!((both.v4.len(), both.v6.len()), (1, 1));
        assert_eq!(both.minus(&every).v6, RangeSet::default());
        assert_eq!(both.intersection(&every), one);
        assert!(both.minus(&AddressSet::all()).is_empty());
    }
}
