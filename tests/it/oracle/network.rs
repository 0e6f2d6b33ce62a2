//! What is to be found of a server's network.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use super::planted::{Became, DENIED, MALFORMED, MET, OUT_OF_PLAY, Planted, UNMET, holds, refusal};

impl Planted<'_> {
    fn endpoints(&self, state: &str) -> bool {
        self.server["network"]["endpoints"]
            .as_array()
            .is_some_and(|all| all.iter().any(|endpoint| endpoint == state))
    }

    pub fn private_path(&self) -> Became {
        holds(self.integrated() || (self.endpoints("Approved") && self.closed()))
    }

    /// Whether an endpoint is approved, and whether none waits for approval.
    pub fn private_link(&self) -> [Became; 2] {
        if self.integrated() {
            return [OUT_OF_PLAY; 2];
        }
        [
            holds(self.endpoints("Approved")),
            holds(!self.endpoints("Pending")),
        ]
    }

    /// The rules of the firewall without the one for every Azure tenant, and whether that one is there.
    fn rules(&self) -> (Vec<Range<u64>>, bool) {
        let mut azure = false;
        let mut rules = Vec::new();
        for rule in self.server["network"]["firewallRules"]
            .as_array()
            .expect("a list")
        {
            let of = |end: &str| number(rule[end].as_str().expect("an address"));
            let range = of("start")..of("end") + 1;
            if range == (0..1) {
                azure = true;
            } else {
                rules.push(range);
            }
        }
        (rules, azure)
    }

    /// Open to the world, wide, open to Azure.
    pub fn firewall(&self) -> [Became; 3] {
        if self.closed() {
            return [OUT_OF_PLAY; 3];
        }
        if self.denied("firewallRules") {
            return [DENIED; 3];
        }
        let thresholds = &self.ruleset.thresholds;
        let (rules, azure) = self.rules();
        let allowed: Vec<Range<u64>> = thresholds
            .allowed_public_ranges
            .iter()
            .map(|range| u32::from(range.start).into()..u64::from(u32::from(range.end)) + 1)
            .collect();
        let world = rules.iter().any(|range| range.end - range.start >= 1 << 24)
            || covered(&rules, &[]) >= 1 << 31;
        let wide = covered(&rules, &allowed) > thresholds.firewall_max_addresses;
        [holds(!world), holds(!wide), holds(!azure)]
    }

    /// Whether the delegated subnet has a network security group, and whether that lets in no broad public space.
    pub fn security_group(&self) -> [Became; 2] {
        if !self.integrated() {
            return [OUT_OF_PLAY; 2];
        }
        let subnet = &self.server["subnet"];
        if let Some(unread) = refusal(&subnet["read"]) {
            return [unread; 2];
        }
        let group = &subnet["networkSecurityGroup"];
        if group.is_null() {
            return [UNMET, OUT_OF_PLAY];
        }
        let narrow = refusal(&group["read"]).unwrap_or_else(|| narrow(subnet));
        [MET, narrow]
    }
}

fn number(address: &str) -> u64 {
    address
        .split('.')
        .map(|part| part.parse::<u64>().expect("a number"))
        .fold(0, |sum, part| sum * 256 + part)
}

/// How many addresses lie in one of `ranges` and in none of `allowed`, by going along the line of addresses.
fn covered(ranges: &[Range<u64>], allowed: &[Range<u64>]) -> u64 {
    let mut steps: BTreeMap<u64, [i64; 2]> = BTreeMap::new();
    for (which, all) in [ranges, allowed].into_iter().enumerate() {
        for range in all {
            steps.entry(range.start).or_default()[which] += 1;
            steps.entry(range.end).or_default()[which] -= 1;
        }
    }
    let (mut open, mut at, mut sum) = ([0, 0], 0, 0);
    for (place, step) in steps {
        if open[0] > 0 && open[1] == 0 {
            sum += place - at;
        }
        at = place;
        open = [open[0] + step[0], open[1] + step[1]];
    }
    sum
}

/// The addresses of a prefix of IPv4; None for anything else.
fn prefix(text: &str) -> Option<Range<u64>> {
    let (address, length) = text.split_once('/').unwrap_or((text, "32"));
    let is_address = address.split('.').count() == 4
        && address.split('.').all(|part| part.parse::<u8>().is_ok());
    let length: u32 = length.parse().ok()?;
    is_address.then(|| {
        let size = 1_u64 << (32 - length);
        let start = number(address) / size * size;
        start..start + size
    })
}

/// The space that is not public: private, shared, this machine, this link, and from the multicast range on.
const NOT_PUBLIC: [&str; 8] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// Service tags that are planted and name a small or no public space.
const NARROW_TAGS: [&str; 2] = ["VirtualNetwork", "AzureLoadBalancer"];

/// What traffic may come from: addresses of IPv4, or something that has no known addresses.
#[derive(PartialEq)]
enum From<'a> {
    Addresses(Range<u64>),
    Ipv6,
    Azure,
    Tag(&'a str),
}

fn everything(source: &str) -> bool {
    ["*", "Any", "Internet", "0.0.0.0/0"].contains(&source)
}

/// Whether a rule with this source acts on traffic from there.
fn acts_on(source: &str, from: &From<'_>) -> bool {
    match from {
        From::Addresses(part) => {
            everything(source)
                || prefix(source).is_some_and(|all| all.start <= part.start && part.end <= all.end)
        }
        // What names every address means those of IPv6 too, unless it is written as a prefix of IPv4.
        From::Ipv6 => source == "::/0" || (everything(source) && source != "0.0.0.0/0"),
        From::Azure => source.starts_with("AzureCloud") || everything(source),
        From::Tag(tag) => source == *tag || everything(source),
    }
}

fn words(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it.as_str().expect("text"))
        .collect()
}

/// Whether a rule is about connections to a database in the subnet.
fn concerns(rule: &Value, subnet: &[Range<u64>]) -> bool {
    let protocol = rule["protocol"].as_str().expect("text").to_lowercase();
    let port = words(&rule["ports"]).into_iter().any(|ports| {
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        ports == "*"
            || (first.parse::<u16>().expect("a port")..=last.parse().expect("a port"))
                .contains(&3306)
    });
    let here = words(&rule["destinations"]).into_iter().any(|it| {
        everything(it)
            || it == "VirtualNetwork"
            || prefix(it).is_some_and(|it| {
                subnet
                    .iter()
                    .any(|own| own.start < it.end && it.start < own.end)
            })
    });
    rule["direction"] == "Inbound" && ["*", "tcp", "6"].contains(&protocol.as_str()) && port && here
}

/// Whether the rules let in less public space than a prefix of eight bits has, step by step along the line of addresses.
pub fn narrow(subnet: &Value) -> Became {
    let own: Vec<Range<u64>> = words(&subnet["prefixes"])
        .into_iter()
        .map(|it| prefix(it).expect("a prefix"))
        .collect();
    let mut rules: Vec<&Value> = subnet["networkSecurityGroup"]["rules"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|rule| concerns(rule, &own))
        .collect();
    rules.sort_by_key(|rule| rule["priority"].as_u64());
    let sources: Vec<(Vec<&str>, bool)> = rules
        .iter()
        .map(|rule| (words(&rule["sources"]), rule["access"] == "Allow"))
        .collect();
    let first = |from: &From<'_>| {
        sources
            .iter()
            .find(|(sources, _)| sources.iter().any(|source| acts_on(source, from)))
            .is_some_and(|(_, allow)| *allow)
    };

    let named: Vec<&str> = sources
        .iter()
        .flat_map(|(all, _)| all.iter().copied())
        .collect();
    let hidden: Vec<Range<u64>> = NOT_PUBLIC
        .iter()
        .map(|it| prefix(it).expect("a prefix"))
        .collect();
    let mut edges: Vec<u64> = named
        .iter()
        .filter_map(|source| prefix(source))
        .chain(hidden.iter().cloned())
        .flat_map(|range| [range.start, range.end])
        .chain([0, 1 << 32])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let mut open = 0;
    for pair in edges.windows(2) {
        let part = pair[0]..pair[1];
        let public = !hidden
            .iter()
            .any(|it| it.start <= part.start && part.end <= it.end);
        if public && first(&From::Addresses(part.clone())) {
            open += part.end - part.start;
        }
    }
    let is_named = |wanted: &str| named.iter().any(|it| it.starts_with(wanted));
    let broad =
        open >= 1 << 24 || first(&From::Ipv6) || (is_named("AzureCloud") && first(&From::Azure));
    if broad {
        return UNMET;
    }
    let unresolved = named.iter().any(|source| {
        prefix(source).is_none()
            && !everything(source)
            && *source != "::/0"
            && !source.starts_with("AzureCloud")
            && !NARROW_TAGS.contains(source)
            && first(&From::Tag(source))
    });
    if unresolved { MALFORMED } else { MET }
}
