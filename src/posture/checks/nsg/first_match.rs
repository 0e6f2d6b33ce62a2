//! Which public sources the rules of a network security group let in: for each, the first rule that matches decides.
//!
//! Not everything about a rule can always be told. So the rules are walked through twice: once with every doubt taken
//! so that most is let in, once so that least is. What even the second walk lets in is open for certain, what even the
//! first one keeps out is closed for certain, and between the two nothing is known.
//!
//! What counts as broad:
//! - of IPv4, 2²⁴ public addresses together, as many as a /8 holds. Not public are 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10,
//!   127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16 and everything from 224.0.0.0 on (IANA's registry of
//!   special-purpose addresses);
//! - of IPv6, as much of 2000::/3, the space that is given out at all, as a /16 holds: more than nearly every network
//!   that belongs to one holder;
//! - the tag `AzureCloud`, of one region too: anybody can rent a machine there. That is why denying a part of the
//!   internet does not make it narrower; it takes a rule about the tag, or about all of public IPv4.
//!
//! The addresses of any other service tag change from week to week and are in no answer that a scan reads. An Allow for
//! one leaves the condition open, unless all of public IPv4 is decided before. A Deny for one can take away only a part
//! of the internet: what is open beyond a quarter of IPv4 stays open whatever the tag stands for.
//!
//! `VirtualNetwork` counts as private. It may take in more where a route table sends everything to an appliance; route
//! tables are not read.

use std::sync::LazyLock;

use super::rules::{AZURE_CLOUD, Access, Doubt, Matches, Prefix, SecurityRule, shown};
use crate::posture::address_set::{AddressSet, RangeSet};

/// As many addresses as an IPv4 /8 holds.
const BROAD_V4: u128 = 1 << 24;
/// As many addresses as an IPv6 /16 holds.
const BROAD_V6: u128 = 1 << 112;
/// More IPv4 addresses than any service tag stands for: a quarter of all. Azure's are a small part of that.
const MOST_OF_A_TAG_V4: u128 = 1 << 30;
/// More IPv6 addresses than any service tag stands for.
const MOST_OF_A_TAG_V6: u128 = 1 << 112;

/// Every address.
static ALL: LazyLock<AddressSet> = LazyLock::new(AddressSet::all);

/// The addresses from which strangers come.
static PUBLIC: LazyLock<AddressSet> = LazyLock::new(|| {
    let block = |text: &str| AddressSet::parse(text).unwrap_or_default();
    let private = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    ]
    .map(block)
    .iter()
    .fold(AddressSet::default(), |all, it| all.union(it));
    AddressSet {
        v4: ALL.v4.minus(&private.v4),
        v6: block("2000::/3").v6,
    }
});

/// What the rules do with public sources.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// These rules let in a broad range.
    Open(Vec<&'a SecurityRule>),
    /// No rule does; so many were about the traffic at all.
    Closed { considered: usize },
    /// It cannot be told, because of this.
    Unclear {
        rule: Option<&'a SecurityRule>,
        doubt: Doubt,
    },
}

/// A rule that is, or may be, about the traffic.
struct Step<'a> {
    rule: &'a SecurityRule,
    /// Why it may not be.
    doubt: Option<Doubt>,
}

/// What becomes of TCP from public sources to a port of a subnet. `None` stands for a port, or addresses of the subnet,
/// that are not known.
#[must_use]
pub fn evaluate<'a>(
    rules: &'a [SecurityRule],
    port: Option<u16>,
    subnet: Option<&AddressSet>,
) -> Outcome<'a> {
    let about: Vec<(&SecurityRule, Matches)> = rules
        .iter()
        .map(|rule| (rule, rule.is_about(port)))
        .filter(|(_, matches)| *matches != Matches::No)
        .collect();
    let parts = match subnet {
        Some(subnet) => parts(subnet, &about).into_iter().map(Some).collect(),
        None => vec![None],
    };
    let mut unclear = None;
    for part in parts {
        let steps: Vec<Step<'a>> = about
            .iter()
            .filter_map(|(rule, matches)| {
                let doubt = match (matches, rule.reaches(part.as_ref())) {
                    (Matches::No, _) | (_, Matches::No) => return None,
                    (Matches::Unclear(doubt), _) => Some(doubt.clone()),
                    (Matches::Yes, Matches::Unclear(doubt)) => Some(doubt),
                    (Matches::Yes, Matches::Yes) => None,
                };
                Some(Step { rule, doubt })
            })
            .collect();
        match judge(&steps) {
            Outcome::Open(rules) => return Outcome::Open(rules),
            Outcome::Closed { .. } => {}
            doubtful @ Outcome::Unclear { .. } => unclear = unclear.or(Some(doubtful)),
        }
    }
    unclear.unwrap_or(Outcome::Closed {
        considered: about.len(),
    })
}

/// The subnet cut along the destinations of the rules: every rule is about all of a part or about nothing of it.
fn parts(subnet: &AddressSet, about: &[(&SecurityRule, Matches)]) -> Vec<AddressSet> {
    let mut cuts: Vec<AddressSet> = Vec::new();
    for cut in about.iter().map(|(rule, _)| rule.destination_set()) {
        if !cut.is_empty() && !cuts.contains(&cut) {
            cuts.push(cut);
        }
    }
    cuts.iter().fold(vec![subnet.clone()], |parts, cut| {
        parts
            .iter()
            .flat_map(|part| [part.intersection(cut), part.minus(cut)])
            .filter(|part| !part.is_empty())
            .collect()
    })
}

fn judge<'a>(steps: &[Step<'a>]) -> Outcome<'a> {
    let least = walk(steps, Reading::Least);
    if least.broad {
        // Where rules are broad by themselves, those that open little beside them are not to blame.
        let alone = !least.broad_alone.is_empty();
        return Outcome::Open(if alone {
            least.broad_alone
        } else {
            least.opened
        });
    }
    let most = walk(steps, Reading::Most);
    if !most.broad {
        // Azure ends every list with a rule that denies the rest; where that one is missing, so is an answer.
        let left = ALL.minus(&most.decided);
        return if is_broad(&most.allowed.union(&left), false) {
            Outcome::Unclear {
                rule: None,
                doubt: Doubt::Defaults,
            }
        } else {
            Outcome::Closed {
                considered: steps.len(),
            }
        };
    }
    let doubts = most.doubts.into_iter().chain(least.doubts);
    let (rule, doubt) = doubts.into_iter().next().map_or_else(
        || {
            let what = "a rule with the same priority does the opposite".to_owned();
            (most.opened.first().copied(), Doubt::Rule(what))
        },
        |(rule, doubt)| (Some(rule), doubt),
    );
    Outcome::Unclear { rule, doubt }
}

/// How doubts are taken: so that most is let in, or least.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Most,
    Least,
}

impl Reading {
    /// Whether a rule lets in. One that does not say so does what the reading asks for.
    fn allows(self, rule: &SecurityRule) -> bool {
        rule.access
            .map_or(self == Self::Most, |access| access == Access::Allow)
    }

    /// Whether the doubts about a rule are taken so that it covers as much as it may.
    fn stretches(self, rule: &SecurityRule) -> bool {
        self.allows(rule) == (self == Self::Most)
    }
}

/// What a walk through the rules came to.
#[derive(Default)]
struct Walk<'a> {
    broad: bool,
    /// The rules that let in something public.
    opened: Vec<&'a SecurityRule>,
    /// Those of them that let in a broad range by themselves.
    broad_alone: Vec<&'a SecurityRule>,
    allowed: AddressSet,
    /// What some rule was about.
    decided: AddressSet,
    /// The tags of Azure's data centres that some rule was about.
    decided_tags: Vec<&'a str>,
    /// Whether a tag was denied, so that some addresses are decided of which it is not known which.
    denied_tag: bool,
    /// The rules that were stretched, where that made a difference.
    doubts: Vec<(&'a SecurityRule, Doubt)>,
}

fn walk<'a>(steps: &[Step<'a>], reading: Reading) -> Walk<'a> {
    let mut order: Vec<&Step<'a>> = steps.iter().collect();
    // Rules of one priority, which Azure refuses, come in the order that suits the reading; so do rules without one.
    order.sort_by_key(|step| {
        let stretches = reading.stretches(step.rule);
        let unknown = if stretches { i64::MIN } else { i64::MAX };
        (step.rule.priority.unwrap_or(unknown), !stretches)
    });
    let mut walk = Walk::default();
    for step in order {
        let stretches = reading.stretches(step.rule);
        if stretches || step.doubt.is_none() {
            walk.take(step, reading.allows(step.rule), stretches);
        }
    }
    walk
}

impl<'a> Walk<'a> {
    fn take(&mut self, step: &Step<'a>, allows: bool, stretches: bool) {
        let rule = step.rule;
        let named = Named::by(rule);
        let mut addresses = named.addresses;
        let mut doubt = step.doubt.clone().or_else(|| untold(rule));
        let mut hides = false;
        if stretches {
            if let Some(odd) = rule.odd_source() {
                addresses = ALL.clone();
                doubt = doubt.or(Some(Doubt::Rule(odd)));
            }
            let unresolved = if allows {
                named.tags.first()
            } else {
                named.tags.first().or_else(|| named.azure.first())
            };
            if let Some(tag) = unresolved {
                hides = !allows;
                if allows {
                    addresses.v4 = addresses.v4.union(&PUBLIC.v4);
                }
                doubt = doubt.or_else(|| {
                    Some(Doubt::Rule(format!(
                        "its source {} is a service tag, and the answer does not tell its addresses",
                        shown(tag)
                    )))
                });
            }
        }
        let fresh = addresses.minus(&self.decided).intersection(&PUBLIC);
        let fresh_tag = named.azure.iter().any(|tag| !self.has_decided(tag));
        let matters = !fresh.is_empty() || fresh_tag || hides;
        if allows && (!fresh.is_empty() || fresh_tag) {
            self.opened.push(rule);
            self.allowed = self.allowed.union(&fresh);
            if fresh_tag || is_broad(&fresh, self.denied_tag) {
                self.broad_alone.push(rule);
            }
            self.broad |= fresh_tag || is_broad(&self.allowed, self.denied_tag);
        }
        self.denied_tag |= hides;
        self.decided = self.decided.union(&addresses);
        self.decided_tags.extend(named.azure);
        if let Some(doubt) = doubt.filter(|_| stretches && matters) {
            self.doubts.push((rule, doubt));
        }
    }

    /// Whether a tag of Azure's data centres is decided: itself, that of every region, or all public addresses of IPv4.
    /// Its addresses of IPv6 are less than what counts as broad.
    fn has_decided(&self, tag: &str) -> bool {
        self.decided_tags
            .iter()
            .any(|it| *it == tag || *it == AZURE_CLOUD)
            || self.decided.v4.covers(&PUBLIC.v4)
    }
}

/// What a rule does not tell of itself.
fn untold(rule: &SecurityRule) -> Option<Doubt> {
    let what = match (rule.access, rule.priority) {
        (None, _) => "it says neither Allow nor Deny",
        (_, None) => "it has no priority",
        _ => return None,
    };
    Some(Doubt::Rule(what.to_owned()))
}

/// The sources of a rule, sorted by what is known of them.
#[derive(Default)]
struct Named<'a> {
    addresses: AddressSet,
    /// Tags of Azure's data centres.
    azure: Vec<&'a str>,
    /// Tags whose addresses are not told.
    tags: Vec<&'a str>,
}

impl<'a> Named<'a> {
    fn by(rule: &'a SecurityRule) -> Self {
        let mut named = Self::default();
        for source in &rule.sources {
            let addresses = match source {
                Prefix::Everything => &*ALL,
                Prefix::Internet => &*PUBLIC,
                Prefix::Addresses(addresses) => addresses,
                Prefix::AzureCloud(tag) => {
                    named.azure.push(tag);
                    continue;
                }
                Prefix::Tag(tag) => {
                    named.tags.push(tag);
                    continue;
                }
                Prefix::VirtualNetwork | Prefix::LoadBalancer | Prefix::Unreadable(_) => continue,
            };
            named.addresses = named.addresses.union(addresses);
        }
        named
    }
}

/// Whether addresses are a broad public range; `beside_a_tag` when some of them may be those of a denied tag.
fn is_broad(addresses: &AddressSet, beside_a_tag: bool) -> bool {
    let reaches = |part: &RangeSet, public: &RangeSet, broad: u128, tag: u128| {
        part.intersection(public).len() >= broad + if beside_a_tag { tag } else { 0 }
    };
    reaches(&addresses.v4, &PUBLIC.v4, BROAD_V4, MOST_OF_A_TAG_V4)
        || reaches(&addresses.v6, &PUBLIC.v6, BROAD_V6, MOST_OF_A_TAG_V6)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// A rule over some of the blocks 1.0.0.0/8 to 8.0.0.0/8, to all of the subnet or to one half of it.
    #[derive(Clone, Debug)]
    struct Drawn {
        /// `None`: it does not say.
        allows: Option<bool>,
        blocks: Vec<bool>,
        /// `None`: to everything.
        half: Option<bool>,
        priority: u16,
    }

    const HALVES: [&str; 2] = ["10.0.0.0/25", "10.0.0.128/25"];

    impl Drawn {
        fn written(&self) -> Value {
            let sources: Vec<String> = (1..)
                .zip(&self.blocks)
                .filter(|(_, is_in)| **is_in)
                .map(|(number, _)| format!("{number}.0.0.0/8"))
                .collect();
            let destination = self.half.map_or("*", |upper| HALVES[usize::from(upper)]);
            json!({"name": "drawn", "properties": {
                "access": self.allows.map(|allows| if allows { "Allow" } else { "Deny" }),
                "direction": "Inbound", "protocol": "Tcp", "destinationPortRange": "3306",
                "priority": self.priority, "sourceAddressPrefixes": sources,
                "destinationAddressPrefix": destination,
            }})
        }
    }

    fn drawn(says: bool) -> impl Strategy<Value = Vec<Drawn>> {
        let access = proptest::option::weighted(0.6, any::<bool>())
            .prop_map(move |allows| if says { allows.or(Some(false)) } else { allows });
        let blocks = proptest::collection::vec(any::<bool>(), 8)
            .prop_filter("a rule has a source", |blocks| blocks.contains(&true));
        let half = proptest::option::of(any::<bool>());
        let rule =
            (access, blocks, half, 0..8_u16).prop_map(|(allows, blocks, half, priority)| Drawn {
                allows,
                blocks,
                half,
                priority,
            });
        proptest::collection::vec(rule, 0..6)
    }

    /// All rules, and one at the end that denies the rest.
    fn read(rules: &[Drawn]) -> Vec<SecurityRule> {
        let rest = Drawn {
            allows: Some(false),
            blocks: Vec::new(),
            half: None,
            priority: 100,
        };
        let mut rest = rest.written();
        rest["properties"]["sourceAddressPrefix"] = json!("*");
        rules
            .iter()
            .map(Drawn::written)
            .chain([rest])
            .enumerate()
            .map(|(place, rule)| SecurityRule::read("/rules", place, &rule))
            .collect()
    }

    /// Whether some half is open to some block, by looking at each alone. `None` where rules of one priority make it
    /// depend on their order.
    fn model(rules: &[Drawn]) -> Option<bool> {
        let open = |allow_first: bool| {
            (0..8).any(|block| {
                [false, true].into_iter().any(|half| {
                    rules
                        .iter()
                        .filter(|rule| rule.blocks[block] && rule.half.is_none_or(|it| it == half))
                        .min_by_key(|rule| {
                            (rule.priority, (rule.allows == Some(true)) != allow_first)
                        })
                        .is_some_and(|rule| rule.allows == Some(true))
                })
            })
        };
        (open(true) == open(false)).then(|| open(true))
    }

    fn outcome(rules: &[Drawn]) -> Option<bool> {
        let subnet = AddressSet::parse("10.0.0.0/24").expect("a block");
        match evaluate(&read(rules), Some(3306), Some(&subnet)) {
            Outcome::Open(_) => Some(true),
            Outcome::Closed { .. } => Some(false),
            Outcome::Unclear { .. } => None,
        }
    }

    proptest! {
        #[test]
        fn the_first_match_decides_for_every_block_and_every_part_of_the_subnet(rules in drawn(true)) {
            prop_assert_eq!(outcome(&rules), model(&rules));
        }

        #[test]
        fn what_is_told_in_spite_of_doubts_holds_however_they_end(rules in drawn(false)) {
            let doubtful: Vec<usize> =
                (0..rules.len()).filter(|place| rules[*place].allows.is_none()).collect();
            if let told @ Some(_) = outcome(&rules) {
                for choice in 0..1_u32 << doubtful.len() {
                    let mut settled = rules.clone();
                    for (bit, place) in doubtful.iter().enumerate() {
                        settled[*place].allows = Some(choice >> bit & 1 == 1);
                    }
                    prop_assert_eq!(model(&settled), told, "{:?}", settled);
                }
            }
        }
    }

    #[test]
    fn public_space_is_what_the_table_says() {
        let private: u128 = (1 << 24) * 3 + (1 << 22) + (1 << 16) * 2 + (1 << 20) + (1 << 29);
        assert_eq!(PUBLIC.v4.len(), (1 << 32) - private);
        assert_eq!(PUBLIC.v6.len(), 1 << 125);
    }
}
