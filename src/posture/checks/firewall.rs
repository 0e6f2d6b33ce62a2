//! NS-2, how bad it is while public access is enabled: what the firewall lets in. Rules are matched by their range, never
//! by their name.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact, Source, at};
use crate::posture::ranges::{len_without, union_len};
use crate::posture::{AddressRange, Evidence, Judgement, Severity};

use super::look::{Look, Rule};

/// A single rule of this many addresses opens the server to the world: an IPv4 /8.
pub const WORLD_RULE: u64 = 1 << 24;
/// Rules that together hold this many addresses open the server to the world: half of IPv4.
pub const WORLD_UNION: u64 = 1 << 31;
const FIREWALL_WORLD: Rule = Rule {
    id: "fw-world",
    statement: "no firewall rule holds an IPv4 /8 or more, and all rules together hold less than half of IPv4",
    severity: Severity::Critical,
};
const FIREWALL_WIDE: Rule = Rule {
    id: "fw-wide",
    statement: "the firewall opens few public addresses beside the allowed ranges",
    severity: Severity::High,
};
const FIREWALL_AZURE: Rule = Rule {
    id: "fw-azure",
    statement: "no firewall rule lets in every Azure tenant (0.0.0.0 to 0.0.0.0)",
    severity: Severity::High,
};

/// The conditions of this file.
pub const RULES: [Rule; 3] = [FIREWALL_WORLD, FIREWALL_WIDE, FIREWALL_AZURE];

/// A firewall rule as Azure lists it.
struct FirewallRule {
    position: usize,
    name: String,
    range: AddressRange,
}

impl FirewallRule {
    /// The rule that lets in every Azure tenant is told by its range, never by its name.
    const fn is_azure(&self) -> bool {
        self.range.start.is_unspecified() && self.range.end.is_unspecified()
    }

    fn describe(&self) -> String {
        format!("{} – {} {:?}", self.range.start, self.range.end, self.name)
    }
}

fn firewall_rules(look: &Look<'_>) -> Fact<Vec<FirewallRule>> {
    look.items(DocumentKind::FirewallRules)
        .fact
        .and_then(|items| {
            let mut rules = Vec::with_capacity(items.len());
            for (position, item) in items.iter().enumerate() {
                let address = |member: &str| -> Option<Ipv4Addr> {
                    at(item, member)?.as_str()?.trim().parse().ok()
                };
                let (Some(start), Some(end)) = (
                    address("/properties/startIpAddress"),
                    address("/properties/endIpAddress"),
                ) else {
                    return Fact::Unread(Cause::Malformed {
                        detail: format!("firewall rule {position} has no pair of IPv4 addresses"),
                    });
                };
                rules.push(FirewallRule {
                    position,
                    name: item
                        .get("name")
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned(),
                    range: AddressRange { start, end },
                });
            }
            Fact::Known(rules)
        })
}

/// The three firewall conditions, given what became of `public-disabled` and the evidence for it.
pub fn judge(
    look: &Look<'_>,
    public_disabled: &Judgement,
    public_evidence: &[Evidence],
) -> impl Iterator<Item = (Rule, Judgement, Vec<Evidence>)> {
    let every = [FIREWALL_WORLD, FIREWALL_WIDE, FIREWALL_AZURE];
    let same = |judgement: Judgement, evidence: Vec<Evidence>| {
        every
            .map(|rule| (rule, judgement.clone(), evidence.clone()))
            .into_iter()
    };
    match public_disabled {
        Judgement::Met => {
            return same(
                Judgement::NotApplicable("there is no public endpoint to guard".to_owned()),
                public_evidence.to_vec(),
            );
        }
        Judgement::Unread(cause) => {
            return same(Judgement::Unread(cause.clone()), public_evidence.to_vec());
        }
        _ => {}
    }
    let source = |pointer: String| Source {
        kind: DocumentKind::FirewallRules,
        pointer,
    };
    let list = || source("/value".to_owned());
    let rules = match firewall_rules(look) {
        Fact::Known(rules) => rules,
        unknown => {
            let cause = match unknown {
                Fact::Unread(cause) => cause,
                _ => Cause::Absent,
            };
            let evidence = look.evidence_of(list(), &cause.to_string(), "a list of firewall rules");
            return same(Judgement::Unread(cause), vec![evidence]);
        }
    };
    let show = |rule: &FirewallRule, expected: &str| {
        look.evidence_of(
            source(format!("/value/{}/properties", rule.position)),
            &rule.describe(),
            expected,
        )
    };
    let open: Vec<&FirewallRule> = rules.iter().filter(|rule| !rule.is_azure()).collect();
    let ranges: Vec<AddressRange> = open.iter().map(|rule| rule.range).collect();

    let together = union_len(&ranges);
    let mut world: Vec<Evidence> = open
        .iter()
        .filter(|rule| rule.range.len() >= WORLD_RULE)
        .map(|rule| show(rule, "fewer than 16,777,216 addresses in one rule"))
        .collect();
    let world_open = !world.is_empty() || together >= WORLD_UNION;
    if world.is_empty() {
        world.push(look.evidence_of(
            list(),
            &format!(
                "{}, {} together",
                counted(open.len() as u64, "rule", "rules"),
                counted(together, "address", "addresses")
            ),
            "fewer than 2,147,483,648 addresses together",
        ));
    }

    let thresholds = &look.ruleset.thresholds;
    let beside = len_without(&ranges, &thresholds.allowed_public_ranges);
    let wide_open = beside > thresholds.firewall_max_addresses;
    let expected = format!(
        "at most {} beside the allowed ranges",
        counted(thresholds.firewall_max_addresses, "address", "addresses")
    );
    let mut wide = vec![look.evidence_of(
        list(),
        &format!(
            "{} beside the allowed ranges",
            counted(beside, "address", "addresses")
        ),
        &expected,
    )];
    if wide_open {
        let mut widest = open.clone();
        widest.sort_by_key(|rule| std::cmp::Reverse(rule.range.len()));
        wide.extend(widest.iter().take(3).map(|rule| show(rule, &expected)));
    }

    let mut azure: Vec<Evidence> = rules
        .iter()
        .filter(|rule| rule.is_azure())
        .map(|rule| show(rule, "no rule from 0.0.0.0 to 0.0.0.0"))
        .collect();
    let azure_open = !azure.is_empty();
    if azure.is_empty() {
        azure.push(look.evidence_of(
            list(),
            &format!(
                "{}, none from 0.0.0.0 to 0.0.0.0",
                counted(rules.len() as u64, "rule", "rules")
            ),
            "no rule from 0.0.0.0 to 0.0.0.0",
        ));
    }
    [
        (FIREWALL_WORLD, Judgement::from_bool(!world_open), world),
        (FIREWALL_WIDE, Judgement::from_bool(!wide_open), wide),
        (FIREWALL_AZURE, Judgement::from_bool(!azure_open), azure),
    ]
    .into_iter()
}

fn counted(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", grouped(number))
}

/// A number as people read it, in groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{counted, grouped};

    #[test]
    fn one_address_is_not_told_as_many() {
        assert_eq!(counted(1, "address", "addresses"), "1 address");
        assert_eq!(counted(0, "address", "addresses"), "0 addresses");
        assert_eq!(counted(2_000, "address", "addresses"), "2,000 addresses");
    }

    #[test]
    fn digits_come_in_groups_of_three() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (16_777_216, "16,777,216"),
            (4_294_967_296, "4,294,967,296"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
