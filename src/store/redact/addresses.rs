//! Addresses under pseudonyms that keep all arithmetic: which address lies in which range, how many addresses a range
//! holds, and which ranges overlap.
//!
//! An address is a way down a tree, a bit a step. At each place of the tree a keyed coin says whether its two sides
//! change places, so that whatever is one block before is one block after. Sides stay where they are on the way to a
//! block whose meaning is fixed by a registry, and where the end of a range lies that is no block.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::pseudonyms::Pseudonyms;

/// Blocks of IPv4 that stay what they are, with how many leading bits name them and whether all that is in them stays as
/// it is: IANA's registry of special-purpose addresses, as far as conditions look at it, multicast and what is reserved,
/// and the address of Azure's platform.
const FIXED_4: [(Ipv4Addr, u8, bool); 9] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, true),
    (Ipv4Addr::new(10, 0, 0, 0), 8, false),
    (Ipv4Addr::new(100, 64, 0, 0), 10, false),
    (Ipv4Addr::new(127, 0, 0, 0), 8, true),
    (Ipv4Addr::new(168, 63, 129, 16), 32, true),
    (Ipv4Addr::new(169, 254, 0, 0), 16, true),
    (Ipv4Addr::new(172, 16, 0, 0), 12, false),
    (Ipv4Addr::new(192, 168, 0, 0), 16, false),
    (Ipv4Addr::new(224, 0, 0, 0), 3, true),
];

/// The same of IPv6.
const FIXED_6: [(Ipv6Addr, u8, bool); 5] = [
    (Ipv6Addr::LOCALHOST, 127, true),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, false),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, false),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, false),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, true),
];

/// The pseudonyms of all addresses of a file.
pub struct Addresses {
    four: Tree,
    six: Tree,
}

impl Addresses {
    /// Those of a file in which nothing was seen yet.
    pub fn new() -> Self {
        let mut four = Tree::new(32);
        for (start, bits, whole) in FIXED_4 {
            four.fix(u32::from(start).into(), bits, whole);
        }
        let mut six = Tree::new(128);
        for (start, bits, whole) in FIXED_6 {
            six.fix(start.into(), bits, whole);
        }
        Self { four, six }
    }

    /// Notes a range, both ends included, before any address is changed: it must stay one range.
    pub fn note(&mut self, start: IpAddr, end: IpAddr) {
        match (start, end) {
            (IpAddr::V4(start), IpAddr::V4(end)) => {
                self.four
                    .hold(u32::from(start).into(), u32::from(end).into());
            }
            (IpAddr::V6(start), IpAddr::V6(end)) => self.six.hold(start.into(), end.into()),
            _ => {}
        }
    }

    /// The pseudonym of an address.
    pub fn address(&mut self, pseudonyms: &Pseudonyms, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(address) => {
                let changed = self.four.map(pseudonyms, u32::from(address).into());
                Ipv4Addr::from(u32::try_from(changed).unwrap_or(0)).into()
            }
            IpAddr::V6(address) => Ipv6Addr::from(self.six.map(pseudonyms, address.into())).into(),
        }
    }

    /// The pseudonym of an address, or of a block in the form `203.0.113.0/24`; `None` for a text that is neither.
    pub fn text(&mut self, pseudonyms: &Pseudonyms, text: &str) -> Option<String> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(self.address(pseudonyms, address).to_string());
        }
        let (address, bits) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits: u8 = bits.parse().ok().filter(|bits| *bits <= most)?;
        Some(match (self.address(pseudonyms, address), bits) {
            // What lies behind the prefix says nothing to a condition, but zeros must stay zeros.
            (IpAddr::V4(changed), bits) => {
                let rest = u32::MAX.checked_shr(bits.into()).unwrap_or(0);
                let is_start = as_number(address) & u128::from(rest) == 0;
                let changed = u32::from(changed);
                let changed = if is_start { changed & !rest } else { changed };
                format!("{}/{bits}", Ipv4Addr::from(changed))
            }
            (IpAddr::V6(changed), bits) => {
                let rest = u128::MAX.checked_shr(bits.into()).unwrap_or(0);
                let is_start = as_number(address) & rest == 0;
                let changed = u128::from(changed);
                let changed = if is_start { changed & !rest } else { changed };
                format!("{}/{bits}", Ipv6Addr::from(changed))
            }
        })
    }
}

fn as_number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

/// The addresses of one family.
struct Tree {
    bits: u8,
    /// The places, as the length of a prefix and the prefix itself, whose sides stay.
    still: HashSet<(u8, u128)>,
    /// Blocks that stay as they are, likewise.
    whole: Vec<(u8, u128)>,
    known: HashMap<u128, u128>,
}

impl Tree {
    fn new(bits: u8) -> Self {
        Self {
            bits,
            still: HashSet::new(),
            whole: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// The first `length` bits of an address.
    fn prefix(&self, address: u128, length: u8) -> u128 {
        address
            .checked_shr(u32::from(self.bits - length))
            .unwrap_or(0)
    }

    fn fix(&mut self, start: u128, length: u8, whole: bool) {
        for above in 0..length {
            let prefix = self.prefix(start, above);
            self.still.insert((above, prefix));
        }
        if whole {
            self.whole.push((length, self.prefix(start, length)));
        }
    }

    /// Keeps a range in one piece.
    fn hold(&mut self, start: u128, end: u128) {
        if start <= end {
            self.hold_below(0, 0, start, end, false);
        }
    }

    fn hold_below(&mut self, length: u8, prefix: u128, start: u128, end: u128, is_split: bool) {
        let rest = u32::from(self.bits - length);
        let first = prefix.checked_shl(rest).unwrap_or(0);
        let size_less_one = match rest {
            0 => 0,
            rest => u128::MAX >> (128 - rest),
        };
        let last = first | size_less_one;
        if end < first || last < start {
            return;
        }
        if start <= first && last <= end {
            // Its ends are told, and so must be the ends of what comes of it.
            for below in length..self.bits {
                if first == start {
                    self.still.insert((below, self.prefix(first, below)));
                }
                if last == end {
                    self.still.insert((below, self.prefix(last, below)));
                }
            }
            return;
        }
        let middle = first + size_less_one / 2;
        // Above the place where a range lies on both sides, its block moves as one.
        let is_split = is_split || (start <= middle && middle < end);
        if is_split {
            self.still.insert((length, prefix));
        }
        self.hold_below(length + 1, prefix << 1, start, end, is_split);
        self.hold_below(length + 1, (prefix << 1) | 1, start, end, is_split);
    }

    fn map(&mut self, pseudonyms: &Pseudonyms, address: u128) -> u128 {
        let stays = |(length, prefix): &(u8, u128)| self.prefix(address, *length) == *prefix;
        if self.whole.iter().any(stays) {
            return address;
        }
        if let Some(known) = self.known.get(&address) {
            return *known;
        }
        let mut changed = 0;
        for length in 0..self.bits {
            let prefix = self.prefix(address, length);
            let bit = self.prefix(address, length + 1) & 1;
            let flip = !self.still.contains(&(length, prefix))
                && pseudonyms.coin(self.bits, length, prefix);
            changed = (changed << 1) | (bit ^ u128::from(flip));
        }
        self.known.insert(address, changed);
        changed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn changed(addresses: &mut Addresses, address: u32) -> u32 {
        let pseudonyms = Pseudonyms::with([7; 32]);
        match addresses.address(&pseudonyms, Ipv4Addr::from(address).into()) {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(_) => unreachable!("a family stays one"),
        }
    }

    fn class(address: u32) -> Option<usize> {
        FIXED_4.iter().position(|(start, bits, _)| {
            let rest = 32 - u32::from(*bits);
            (u64::from(u32::from(*start)) >> rest) == (u64::from(address) >> rest)
        })
    }

    proptest! {
        #[test]
        fn a_range_stays_a_range_of_its_size_and_holds_what_it_held(
            start in any::<u32>(), size in 0_u32..100_000, others in proptest::collection::vec(any::<u32>(), 20),
        ) {
            let end = start.saturating_add(size);
            let mut addresses = Addresses::new();
            addresses.note(Ipv4Addr::from(start).into(), Ipv4Addr::from(end).into());
            let (first, last) = (changed(&mut addresses, start), changed(&mut addresses, end));
            prop_assert_eq!(last.checked_sub(first), Some(end - start));
            let near = others.iter().map(|it| start.wrapping_sub(50_000).wrapping_add(it % 200_000));
            for other in others.iter().copied().chain(near) {
                let now = changed(&mut addresses, other);
                prop_assert_eq!((start..=end).contains(&other), (first..=last).contains(&now));
                prop_assert_eq!(class(other), class(now));
            }
        }

        #[test]
        fn what_two_blocks_have_in_common_stays(one in any::<u32>(), other in any::<u32>()) {
            let mut addresses = Addresses::new();
            let (a, b) = (changed(&mut addresses, one), changed(&mut addresses, other));
            prop_assert_eq!((one ^ other).leading_zeros(), (a ^ b).leading_zeros());
        }
    }

    #[test]
    fn what_has_a_meaning_of_its_own_stays_and_the_rest_does_not() {
        let pseudonyms = Pseudonyms::with([7; 32]);
        let mut addresses = Addresses::new();
        for same in [
            "0.0.0.0",
            "255.255.255.255",
            "0.0.0.0/0",
            "10.0.0.0/8",
            "192.168.0.0/16",
            "168.63.129.16",
            "::/0",
            "::1",
        ] {
            let text = addresses.text(&pseudonyms, same);
            assert_eq!(text.as_deref(), Some(same));
        }
        for other in [
            "203.0.113.7",
            "10.1.2.3",
            "192.168.1.0/24",
            "2001:db8::7",
            "fd00::1/64",
        ] {
            let text = addresses.text(&pseudonyms, other).unwrap();
            assert_ne!(text, other);
            assert_eq!(text.contains('/'), other.contains('/'));
        }
        for wrong in [
            "",
            "203.0.113",
            "203.0.113.0/33",
            "Internet",
            "10.0.0.1-10.0.0.9",
        ] {
            assert_eq!(addresses.text(&pseudonyms, wrong), None);
        }
    }
}
