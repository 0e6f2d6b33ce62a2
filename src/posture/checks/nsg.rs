//! NS-1, network security groups: whether one guards the delegated subnet, and whom it lets in.
//!
//! How the rules of a group are read stands in `rules`, which public ranges they let in, and what counts as broad, in
//! `first_match`. Here they become conditions with evidence.

mod first_match;
mod rules;

use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{Cause, DocumentKind, Fact, ResourceId, Source};
use crate::posture::address_set::AddressSet;
use crate::posture::{Condition, Evidence, Judgement, Severity};

use self::first_match::{Outcome, evaluate};
use self::rules::{Doubt, SecurityRule};
use super::look::{Look, Rule, Seen};
use super::ns;

const SUBNET_GROUP: Rule = Rule {
    id: "subnet-nsg",
    statement: "the delegated subnet has a network security group",
    severity: Severity::Medium,
};
const GROUP_BROAD: Rule = Rule {
    id: "nsg-broad",
    statement: "the network security group lets no broad public range through to the server's port",
    severity: Severity::Medium,
};

/// The conditions of NS-1 Network Security Group Support.
pub const RULES: [Rule; 2] = [SUBNET_GROUP, GROUP_BROAD];

const REFERENCE: &str = "/properties/networkSecurityGroup";
const REFERENCE_ID: &str = "/properties/networkSecurityGroup/id";
const OWN_RULES: &str = "/properties/securityRules";
const DEFAULT_RULES: &str = "/properties/defaultSecurityRules";
const PORT: &str = "/properties/databasePort";
/// The port of a server that names none.
const USUAL_PORT: u16 = 3306;
/// How many rules are shown as evidence at most.
const SHOWN: usize = 10;
const EXPECTED: &str =
    "no first match that lets in 16,777,216 public IPv4 addresses, an IPv6 /16 or AzureCloud";

/// NS-1 Network Security Group Support: `subnet-nsg` and `nsg-broad`.
pub fn network_security_group(look: &Look<'_>) -> Vec<Condition> {
    let subnet = ns::subnet(look);
    let evidence = look.evidence(&subnet, "the id of a delegated subnet");
    let both = |judgement: Judgement| {
        RULES
            .map(|rule| rule.decides(judgement.clone(), vec![evidence.clone()]))
            .to_vec()
    };
    let subnet = match subnet.fact {
        Fact::Known(id) => id,
        Fact::Unread(cause) => return both(Judgement::Unread(cause)),
        Fact::Absent => {
            let why =
                "the server is not integrated into a virtual network: it has no delegated subnet";
            return both(Judgement::NotApplicable(why.to_owned()));
        }
    };
    let group = group_of_subnet(look);
    let evidence = look.evidence(&group, "the id of a network security group");
    match group.fact {
        Fact::Unread(cause) => RULES
            .map(|rule| {
                let judgement = Judgement::Unread(cause.clone());
                let mut condition = rule.decides(judgement, vec![evidence.clone()]);
                condition.note = elsewhere(look, "the subnet", &subnet);
                condition
            })
            .to_vec(),
        Fact::Absent => {
            let why = Judgement::NotApplicable(
                "the subnet has no network security group whose rules could be judged".to_owned(),
            );
            vec![
                SUBNET_GROUP.decides(Judgement::Unmet, vec![evidence.clone()]),
                GROUP_BROAD.decides(why, vec![evidence]),
            ]
        }
        Fact::Known(group) => vec![
            SUBNET_GROUP.decides(Judgement::Met, vec![evidence.clone()]),
            broad(look, &group, evidence),
        ],
    }
}

/// The id of the group that the subnet names. Its absence means that there is none.
fn group_of_subnet(look: &Look<'_>) -> Seen<String> {
    let id = look
        .in_document(DocumentKind::Subnet, REFERENCE_ID)
        .map(Fact::text);
    let malformed = |detail: &str| {
        Fact::Unread(Cause::Malformed {
            detail: detail.to_owned(),
        })
    };
    match &id.fact {
        Fact::Known(text) if text.trim().is_empty() => {
            id.map(|_| malformed("the id of the network security group is empty"))
        }
        Fact::Absent => {
            let reference = look.in_document(DocumentKind::Subnet, REFERENCE);
            match reference.fact {
                Fact::Absent => id,
                _ => reference.map(|_| malformed("the network security group has no id")),
            }
        }
        Fact::Known(_) | Fact::Unread(_) => id,
    }
}

/// Says in which subscription something lies, when that is not the server's.
fn elsewhere(look: &Look<'_>, what: &str, id: &str) -> Option<String> {
    let id = ResourceId::parse(id).ok()?;
    let own = look.documents.id().subscription();
    (!id.subscription().eq_ignore_ascii_case(own)).then(|| {
        format!(
            "{what} lies in the subscription {}, not in the server's",
            neutral(id.subscription())
        )
    })
}

/// `nsg-broad`, of the group that the subnet names.
fn broad(look: &Look<'_>, group: &str, reference: Evidence) -> Condition {
    let (judgement, mut evidence) = judge(look);
    evidence.insert(0, reference);
    let mut condition = GROUP_BROAD.decides(judgement, evidence);
    if matches!(condition.judgement, Judgement::Unread(_)) {
        condition.note = elsewhere(look, "the network security group", group);
    }
    condition
}

fn judge(look: &Look<'_>) -> (Judgement, Vec<Evidence>) {
    let own = rule_list(look, OWN_RULES);
    let defaults = rule_list(look, DEFAULT_RULES);
    if let Fact::Unread(cause) = own.fact {
        return unread(look, cause, own.source, "a list of rules");
    }
    let port = port(look);
    let addresses = subnet_addresses(look);
    let known = |list: &Seen<Vec<SecurityRule>>| list.fact.clone().known().unwrap_or_default();
    let rules = [known(&own), known(&defaults)].concat();
    let show = |rule: &SecurityRule| {
        let source = group_source(rule.pointer.clone());
        look.evidence_of(source, &rule.describe(), EXPECTED)
    };
    let told_port = port.fact.clone().known();
    match evaluate(&rules, told_port, addresses.fact.clone().known().as_ref()) {
        Outcome::Open(open) => {
            let mut evidence: Vec<Evidence> = open.into_iter().take(SHOWN).map(show).collect();
            evidence.extend(port_evidence(look));
            (Judgement::Unmet, evidence)
        }
        Outcome::Closed { considered } => {
            let observed = format!(
                "no rule lets in a broad public range; {} rules evaluated, {considered} of them about TCP to the port",
                rules.len()
            );
            let list = match own.fact {
                Fact::Absent => defaults.source,
                _ => own.source,
            };
            let mut evidence = vec![look.evidence_of(list, &observed, EXPECTED)];
            evidence.extend(port_evidence(look));
            (Judgement::Met, evidence)
        }
        Outcome::Unclear { rule, doubt } => match doubt {
            Doubt::Port => unread(look, cause_of(port.fact), port.source, "a port"),
            Doubt::Subnet => {
                let cause = cause_of(addresses.fact);
                unread(look, cause, addresses.source, "addresses of the subnet")
            }
            Doubt::Defaults => without_defaults(look, defaults),
            Doubt::Rule(what) => {
                let name = rule.map_or("", |rule| rule.name.as_str());
                let detail = format!("of the rule {name:?}, {what}");
                let evidence = rule.map(show).into_iter().collect();
                (Judgement::Unread(Cause::Malformed { detail }), evidence)
            }
        },
    }
}

/// The port that the server names, where it names one.
fn port_evidence(look: &Look<'_>) -> Option<Evidence> {
    let port = look.member(PORT).map(Fact::integer);
    let number = port.fact.known()?.to_string();
    Some(look.evidence_of(port.source, &number, "the port that rules are held against"))
}

/// The own rules leave something open, and Azure's, which deny the rest, are not in the answer.
fn without_defaults(
    look: &Look<'_>,
    defaults: Seen<Vec<SecurityRule>>,
) -> (Judgement, Vec<Evidence>) {
    let expected = "a rule about all that no other rule is about";
    if let Fact::Known(rules) = defaults.fact {
        let observed = format!("{} rules, none of them about what is left", rules.len());
        let evidence = look.evidence_of(defaults.source, &observed, expected);
        return (Judgement::Unread(Cause::Absent), vec![evidence]);
    }
    unread(look, cause_of(defaults.fact), defaults.source, expected)
}

fn unread(
    look: &Look<'_>,
    cause: Cause,
    source: Source,
    expected: &str,
) -> (Judgement, Vec<Evidence>) {
    let observed = match &cause {
        Cause::Absent => "not present".to_owned(),
        other => other.to_string(),
    };
    let evidence = look.evidence_of(source, &observed, expected);
    (Judgement::Unread(cause), vec![evidence])
}

fn cause_of<T>(fact: Fact<T>) -> Cause {
    match fact {
        Fact::Unread(cause) => cause,
        Fact::Known(_) | Fact::Absent => Cause::Absent,
    }
}

fn group_source(pointer: String) -> Source {
    Source {
        kind: DocumentKind::NetworkSecurityGroup,
        pointer,
    }
}

/// One of the two lists of rules.
fn rule_list(look: &Look<'_>, list: &str) -> Seen<Vec<SecurityRule>> {
    look.in_document(DocumentKind::NetworkSecurityGroup, list)
        .map(Fact::list)
        .map(|fact| {
            fact.map(|items| {
                items
                    .iter()
                    .enumerate()
                    .map(|(place, item)| SecurityRule::read(list, place, item))
                    .collect()
            })
        })
}

/// The port of the server: the usual one when a server that was read names none.
fn port(look: &Look<'_>) -> Seen<u16> {
    look.member(PORT).map(|fact| match fact.integer() {
        Fact::Absent => Fact::Known(USUAL_PORT),
        Fact::Unread(cause) => Fact::Unread(cause),
        Fact::Known(number) => match u16::try_from(number) {
            Ok(port) if port > 0 => Fact::Known(port),
            _ => Fact::Unread(Cause::Malformed {
                detail: format!("{number} is no port"),
            }),
        },
    })
}

/// The addresses of the subnet, which stand in a member of singular or of plural name, or in both.
fn subnet_addresses(look: &Look<'_>) -> Seen<AddressSet> {
    let read = |pointer| look.in_document(DocumentKind::Subnet, pointer);
    let (one, many) = (
        read("/properties/addressPrefix"),
        read("/properties/addressPrefixes"),
    );
    let mut prefixes: Vec<&Value> = Vec::new();
    match many.fact {
        Fact::Known(Value::Array(items)) => prefixes.extend(items),
        Fact::Known(other) => prefixes.push(other),
        Fact::Absent | Fact::Unread(_) => {}
    }
    let source = if prefixes.is_empty() {
        one.source
    } else {
        many.source
    };
    prefixes.extend(one.fact.known());
    let sets: Option<Vec<AddressSet>> = prefixes
        .iter()
        .map(|prefix| AddressSet::parse(prefix.as_str()?))
        .collect();
    let fact = match sets {
        Some(sets) if sets.is_empty() => Fact::Unread(Cause::Absent),
        Some(sets) => Fact::Known(
            sets.iter()
                .fold(AddressSet::default(), |all, it| all.union(it)),
        ),
        None => Fact::Unread(Cause::Malformed {
            detail: "a prefix of the subnet is no block of addresses".to_owned(),
        }),
    };
    Seen { fact, source }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::baseline::FeatureId;
    use crate::posture::fixtures::{Fixture, causes};
    use crate::posture::{Finding, Ruleset, Verdict};

    const SUBNET_ID: &str = "/subscriptions/s1/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/n";
    const GROUP_ID: &str =
        "/subscriptions/s1/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/g";

    fn conditions(fixture: Fixture) -> [Condition; 2] {
        let documents = fixture.documents();
        let ruleset = Ruleset::default();
        let look = Look {
            documents: &documents,
            ruleset: &ruleset,
        };
        network_security_group(&look)
            .try_into()
            .expect("two conditions")
    }

    fn server() -> Fixture {
        Fixture::new().server(json!({"network": {"delegatedSubnetResourceId": SUBNET_ID}}))
    }

    fn subnet_body() -> Value {
        json!({"properties": {
            "addressPrefix": "10.1.2.0/24", "networkSecurityGroup": {"id": GROUP_ID}
        }})
    }

    /// A server in a subnet with a group.
    fn guarded(group: Value) -> Fixture {
        server()
            .read(DocumentKind::Subnet, subnet_body())
            .read(DocumentKind::NetworkSecurityGroup, group)
    }

    /// An incoming rule about port 3306 with some members otherwise; null takes one away.
    fn rule(access: &str, priority: u16, source: &str, otherwise: &Value) -> Value {
        let mut properties = json!({
            "protocol": "Tcp", "sourcePortRange": "*", "destinationPortRange": "3306",
            "sourceAddressPrefix": source, "destinationAddressPrefix": "*", "access": access,
            "priority": priority, "direction": "Inbound", "sourcePortRanges": [],
            "destinationPortRanges": [], "sourceAddressPrefixes": [],
            "destinationAddressPrefixes": []
        });
        for (member, value) in otherwise.as_object().into_iter().flatten() {
            properties[member] = value.clone();
        }
        json!({"name": format!("{access}-{priority}"), "properties": properties})
    }

    fn allow(priority: u16, source: &str) -> Value {
        rule("Allow", priority, source, &json!({}))
    }

    fn deny(priority: u16, source: &str) -> Value {
        rule("Deny", priority, source, &json!({}))
    }

    fn allow_but(otherwise: Value) -> Value {
        rule("Allow", 200, "*", &otherwise)
    }

    fn deny_but(otherwise: Value) -> Value {
        rule("Deny", 100, "*", &otherwise)
    }

    /// What Azure puts into every group.
    fn defaults() -> Value {
        let any = json!({"protocol": "*", "destinationPortRange": "*"});
        let mut inside = any.clone();
        inside["destinationAddressPrefix"] = json!("VirtualNetwork");
        json!([
            rule("Allow", 65_000, "VirtualNetwork", &inside),
            rule("Allow", 65_001, "AzureLoadBalancer", &any),
            rule("Deny", 65_500, "*", &any),
            rule(
                "Allow",
                65_001,
                "*",
                &json!({"direction": "Outbound", "protocol": "*"})
            ),
        ])
    }

    fn group(own: &[Value]) -> Value {
        json!({"properties": {"securityRules": own, "defaultSecurityRules": defaults()}})
    }

    fn judged(own: &[Value]) -> Judgement {
        let [named, broad] = conditions(guarded(group(own)));
        assert_eq!(named.judgement, Judgement::Met);
        assert!(broad.evidence.len() >= 2, "{own:?}");
        broad.judgement
    }

    fn assert_unclear(judgement: &Judgement, about: &str, case: &str) {
        match judgement {
            Judgement::Unread(Cause::Malformed { detail }) => {
                assert!(detail.contains(about), "{case}: {detail:?} lacks {about:?}");
            }
            other => panic!("{case}: {other:?}"),
        }
    }

    #[test]
    fn broad_public_ranges_that_come_through_are_seen() {
        let eighth = json!({"sourceAddressPrefix": "", "sourceAddressPrefixes": ["10.0.0.0/8", "0.0.0.0/0"]});
        let halves: [&[Value]; 2] = [
            &[allow(200, "52.0.0.0/9"), allow(201, "52.128.0.0/9")],
            &[allow(200, "20.0.0.0/9"), allow(201, "198.0.0.0/9")],
        ];
        let cases: &[(&str, &[Value])] = &[
            ("everything", &[allow(200, "*")]),
            ("everything in a word", &[allow(200, "Any")]),
            ("all of IPv4", &[allow(200, "0.0.0.0/0")]),
            ("all of IPv6", &[allow(200, "::/0")]),
            ("the given part of IPv6", &[allow(200, "2000::/3")]),
            ("a /16 of IPv6", &[allow(200, "2a00::/16")]),
            ("the internet", &[allow(200, "Internet")]),
            ("the internet in any case", &[allow(200, "INTERNET")]),
            ("Azure", &[allow(200, "AzureCloud")]),
            ("a region of Azure", &[allow(200, "azurecloud.WestEurope")]),
            ("a whole /8", &[allow(200, "20.0.0.0/8")]),
            (
                "a /8 by its last address",
                &[allow(200, "20.255.255.255/8")],
            ),
            ("a range", &[allow(200, "20.0.0.0-20.255.255.255")]),
            ("two halves that touch", halves[0]),
            ("two halves far apart", halves[1]),
            ("one of several prefixes", &[allow_but(eighth)]),
            (
                "both members at once",
                &[allow_but(json!({
                    "sourceAddressPrefix": "10.0.0.1", "sourceAddressPrefixes": ["Internet"]
                }))],
            ),
            ("any protocol", &[allow_but(json!({"protocol": "*"}))]),
            ("TCP in capitals", &[allow_but(json!({"protocol": "TCP"}))]),
            ("TCP by number", &[allow_but(json!({"protocol": "6"}))]),
            (
                "every port",
                &[allow_but(json!({"destinationPortRange": "*"}))],
            ),
            (
                "a range of ports",
                &[allow_but(json!({"destinationPortRange": "3000-4000"}))],
            ),
            (
                "a list of ports",
                &[allow_but(json!({
                    "destinationPortRange": null, "destinationPortRanges": ["22", "3300-3306"]
                }))],
            ),
            (
                "to the virtual network",
                &[allow_but(
                    json!({"destinationAddressPrefix": "VirtualNetwork"}),
                )],
            ),
            (
                "to a wider block",
                &[allow_but(json!({"destinationAddressPrefix": "10.0.0.0/8"}))],
            ),
            (
                "to one address of the subnet",
                &[allow_but(json!({"destinationAddressPrefix": "10.1.2.9"}))],
            ),
            (
                "to everything",
                &[allow_but(json!({"destinationAddressPrefix": "0.0.0.0/0"}))],
            ),
            (
                "words in other case",
                &[allow_but(
                    json!({"access": "allow", "direction": "INBOUND"}),
                )],
            ),
            (
                "a priority as text",
                &[allow_but(json!({"priority": "200"})), deny(300, "*")],
            ),
            ("denied too late", &[deny(300, "*"), allow(200, "*")]),
            (
                "the lower half denied",
                &[deny(100, "0.0.0.0/1"), allow(200, "*")],
            ),
            (
                "UDP denied",
                &[deny_but(json!({"protocol": "Udp"})), allow(200, "*")],
            ),
            (
                "another port denied",
                &[
                    deny_but(json!({"destinationPortRange": "22"})),
                    allow(200, "*"),
                ],
            ),
            (
                "denied on the way out",
                &[deny_but(json!({"direction": "Outbound"})), allow(200, "*")],
            ),
            (
                "denied to one address",
                &[
                    deny_but(json!({"destinationAddressPrefix": "10.1.2.9"})),
                    allow(200, "*"),
                ],
            ),
            (
                "denied to another subnet",
                &[
                    deny_but(json!({"destinationAddressPrefix": "10.9.0.0/16"})),
                    allow(200, "*"),
                ],
            ),
            (
                "denied for an application security group",
                &[
                    deny_but(json!({
                        "sourceAddressPrefix": null, "sourceApplicationSecurityGroups": [{"id": "a"}]
                    })),
                    allow(200, "*"),
                ],
            ),
            (
                "IPv4 denied, IPv6 not",
                &[deny(100, "0.0.0.0/0"), allow(200, "*")],
            ),
            (
                "Azure denied, the rest not",
                &[deny(100, "AzureCloud"), allow(200, "Internet")],
            ),
            (
                "a service denied, the rest not",
                &[deny(100, "Storage"), allow(200, "Internet")],
            ),
            (
                "one region denied, Azure not",
                &[deny(100, "AzureCloud.WestEurope"), allow(200, "AzureCloud")],
            ),
            (
                "one region denied, another not",
                &[
                    deny(100, "AzureCloud.WestEurope"),
                    allow(200, "AzureCloud.NorthEurope"),
                ],
            ),
            (
                "half of the internet denied, Azure not",
                &[deny(100, "0.0.0.0/1"), allow(200, "AzureCloud")],
            ),
            (
                "the virtual network denied",
                &[deny(100, "VirtualNetwork"), allow(200, "*")],
            ),
            (
                "open before a rule that is not understood",
                &[allow(200, "*"), deny(300, "?")],
            ),
            (
                "a tag beside an open door",
                &[allow(200, "Storage"), allow(201, "*")],
            ),
        ];
        for (case, own) in cases {
            assert_eq!(judged(own), Judgement::Unmet, "{case}");
        }
    }

    #[test]
    fn what_is_narrow_private_or_denied_before_holds() {
        let tiles: Vec<Value> = (0..8_u16)
            .map(|n| deny(100 + n, &format!("{}.0.0.0/3", n * 32)))
            .collect();
        let in_pieces = [
            tiles.as_slice(),
            &[allow(200, "Internet"), allow(201, "Storage")],
            &[deny(99, "::/0")],
        ]
        .concat();
        let cases: &[(&str, &[Value])] = &[
            ("no own rule", &[]),
            ("one address", &[allow(200, "203.0.113.7")]),
            ("a /9", &[allow(200, "52.0.0.0/9")]),
            (
                "the same /9 twice",
                &[allow(200, "52.0.0.0/9"), allow(201, "52.0.0.0/9")],
            ),
            ("nearly a /8", &[allow(200, "20.0.0.0-20.255.255.254")]),
            ("a private /8", &[allow(200, "10.0.0.0/8")]),
            (
                "all private ranges",
                &[allow_but(json!({
                    "sourceAddressPrefix": null,
                    "sourceAddressPrefixes": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "224.0.0.0/3", "127.0.0.0/8"]
                }))],
            ),
            ("a /17 of IPv6", &[allow(200, "2a00::/17")]),
            ("private IPv6", &[allow(200, "fc00::/7")]),
            ("the virtual network", &[allow(200, "VirtualNetwork")]),
            ("the load balancer", &[allow(200, "AzureLoadBalancer")]),
            (
                "an application security group",
                &[allow_but(json!({
                    "sourceAddressPrefix": "", "sourceApplicationSecurityGroups": [{"id": "a"}]
                }))],
            ),
            (
                "to an application security group",
                &[allow_but(json!({
                    "destinationAddressPrefix": "", "destinationApplicationSecurityGroups": [{"id": "a"}]
                }))],
            ),
            ("UDP", &[allow_but(json!({"protocol": "UDP"}))]),
            ("UDP by number", &[allow_but(json!({"protocol": "17"}))]),
            ("outbound", &[allow_but(json!({"direction": "Outbound"}))]),
            (
                "other ports",
                &[allow_but(json!({"destinationPortRange": "1000-2000"}))],
            ),
            (
                "to another subnet",
                &[allow_but(
                    json!({"destinationAddressPrefix": "10.250.0.0/16"}),
                )],
            ),
            (
                "to the internet",
                &[allow_but(json!({"destinationAddressPrefix": "Internet"}))],
            ),
            (
                "everything denied before",
                &[allow(200, "*"), deny(100, "*")],
            ),
            (
                "the internet denied before",
                &[deny(100, "Internet"), allow(200, "*")],
            ),
            (
                "the internet denied before Azure",
                &[deny(100, "Internet"), allow(200, "AzureCloud")],
            ),
            (
                "Azure denied before Azure",
                &[deny(100, "AzureCloud"), allow(200, "AzureCloud.WestEurope")],
            ),
            (
                "IPv4 denied before a service",
                &[
                    deny(100, "0.0.0.0/0"),
                    allow(200, "Storage"),
                    allow(201, "AzureCloud"),
                ],
            ),
            ("denied in pieces", &in_pieces),
            (
                "all but a /9 denied",
                &[
                    deny(100, "0.0.0.0-51.255.255.255"),
                    deny(101, "52.128.0.0-255.255.255.255"),
                    deny(102, "::/0"),
                    allow(200, "*"),
                ],
            ),
            (
                "each address denied before",
                &[
                    deny_but(json!({"destinationAddressPrefix": "10.1.2.0/25"})),
                    rule(
                        "Deny",
                        101,
                        "*",
                        &json!({"destinationAddressPrefix": "10.1.2.128/25"}),
                    ),
                    allow(200, "*"),
                ],
            ),
            (
                "the open address denied before",
                &[
                    deny_but(json!({"destinationAddressPrefix": "10.1.2.9"})),
                    allow_but(json!({"destinationAddressPrefix": "10.1.2.9/32"})),
                ],
            ),
            (
                "odd but outbound",
                &[allow_but(
                    json!({"direction": "Outbound", "access": null, "priority": []}),
                )],
            ),
            (
                "odd but UDP",
                &[allow_but(
                    json!({"protocol": "Udp", "sourceAddressPrefix": "?"}),
                )],
            ),
            (
                "odd but about another port",
                &[allow_but(
                    json!({"destinationPortRange": "22", "direction": "?"}),
                )],
            ),
            (
                "odd but denied before",
                &[deny(100, "*"), allow(200, "?"), allow(201, "Storage")],
            ),
        ];
        for (case, own) in cases {
            assert_eq!(judged(own), Judgement::Met, "{case}");
        }
    }

    #[test]
    fn what_cannot_be_understood_and_may_matter_is_named_and_not_judged() {
        let cases: &[(&str, &[Value], &str)] = &[
            (
                "a service",
                &[allow(200, "Storage.WestEurope")],
                "Storage.WestEurope is a service tag",
            ),
            (
                "a tag that nobody knows",
                &[allow(200, "PartnerEdge")],
                "PartnerEdge",
            ),
            (
                "a tag after half of the internet",
                &[deny(100, "0.0.0.0/1"), allow(200, "Sql")],
                "Sql",
            ),
            (
                "a tag denied before one /8",
                &[deny(100, "Storage"), allow(200, "20.0.0.0/8")],
                "Storage",
            ),
            (
                "Azure denied before one /8",
                &[deny(100, "AzureCloud"), allow(200, "20.0.0.0/8")],
                "azurecloud",
            ),
            ("no address", &[allow(200, "300.1.2.3")], "300.1.2.3"),
            (
                "a block too long",
                &[allow(200, "20.0.0.0/33")],
                "20.0.0.0/33",
            ),
            (
                "text of another kind",
                &[allow(200, "\u{1b}[31m")],
                "Allow-200",
            ),
            (
                "no source",
                &[allow_but(json!({"sourceAddressPrefix": null}))],
                "sources are not told",
            ),
            (
                "sources that are no list",
                &[allow_but(
                    json!({"sourceAddressPrefixes": "*", "sourceAddressPrefix": ""}),
                )],
                "sources are not told",
            ),
            (
                "no access",
                &[allow_but(json!({"access": null}))],
                "neither Allow nor Deny",
            ),
            (
                "another access",
                &[allow_but(json!({"access": "Log"}))],
                "neither Allow nor Deny",
            ),
            (
                "no priority before a Deny",
                &[allow_but(json!({"priority": null})), deny(300, "*")],
                "no priority",
            ),
            (
                "a Deny without priority",
                &[allow(200, "*"), deny_but(json!({"priority": "soon"}))],
                "no priority",
            ),
            (
                "no direction",
                &[allow_but(json!({"direction": null}))],
                "direction",
            ),
            (
                "no protocol",
                &[allow_but(json!({"protocol": null}))],
                "protocol",
            ),
            (
                "another protocol",
                &[allow_but(json!({"protocol": "Sctp"}))],
                "Sctp",
            ),
            (
                "no port",
                &[allow_but(json!({"destinationPortRange": null}))],
                "ports are not told",
            ),
            (
                "ports the wrong way round",
                &[allow_but(json!({"destinationPortRange": "4000-3000"}))],
                "4000-3000",
            ),
            (
                "no destination",
                &[allow_but(json!({"destinationAddressPrefix": null}))],
                "destinations are not told",
            ),
            (
                "to a tag",
                &[allow_but(json!({"destinationAddressPrefix": "Sql"}))],
                "Sql",
            ),
            (
                "to no address",
                &[allow_but(json!({"destinationAddressPrefix": "here"}))],
                "here",
            ),
            (
                "denied to no address",
                &[
                    deny_but(json!({"destinationAddressPrefix": "1/2"})),
                    allow(200, "*"),
                ],
                "1/2",
            ),
            (
                "denied from no address",
                &[deny(100, "1/2"), allow(200, "*")],
                "1/2",
            ),
            ("not a rule", &[json!("x")], "/properties/securityRules/0"),
        ];
        for (case, own, about) in cases {
            assert_unclear(&judged(own), about, case);
        }
    }

    #[test]
    fn rules_of_one_priority_are_not_put_into_an_order_that_azure_does_not_tell() {
        for own in [
            [allow(200, "*"), deny(200, "*")],
            [deny(200, "*"), allow(200, "*")],
        ] {
            assert_unclear(&judged(&own), "same priority", "a tie");
        }
        assert_eq!(
            judged(&[allow(200, "10.0.0.0/8"), deny(200, "*")]),
            Judgement::Met
        );
        assert_eq!(
            judged(&[deny(200, "10.0.0.0/8"), allow(200, "*")]),
            Judgement::Unmet
        );
    }

    #[test]
    fn the_rules_that_let_in_are_the_evidence() {
        let own = [
            deny(100, "10.0.0.0/8"),
            allow(300, "52.128.0.0/9"),
            rule(
                "Allow",
                200,
                "",
                &json!({
                    "sourceAddressPrefixes": ["52.0.0.0/9", "10.0.0.0/8"],
                    "destinationPortRange": null, "destinationPortRanges": ["22", "3300-3310"]
                }),
            ),
            allow(400, "10.1.0.0/16"),
        ];
        let [named, broad] = conditions(guarded(group(&own)));
        assert_eq!(named.evidence[0].document, DocumentKind::Subnet);
        assert_eq!(named.evidence[0].pointer, REFERENCE_ID);
        assert_eq!(named.evidence[0].observed, GROUP_ID);
        let seen: Vec<(&str, &str)> = broad
            .evidence
            .iter()
            .map(|it| (it.pointer.as_str(), it.observed.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (REFERENCE_ID, GROUP_ID),
                (
                    "/properties/securityRules/2",
                    r#"Allow 200 "Allow-200" from 52.0.0.0/9, 10.0.0.0/8 to port 22, 3300-3310"#
                ),
                (
                    "/properties/securityRules/1",
                    r#"Allow 300 "Allow-300" from 52.128.0.0/9 to port 3306"#
                ),
            ]
        );
        assert_eq!(
            broad.evidence[1].document,
            DocumentKind::NetworkSecurityGroup
        );
        let beside = [
            allow(200, "203.0.113.7"),
            allow(300, "*"),
            allow(400, "Internet"),
        ];
        let [_, alone] = conditions(guarded(group(&beside)));
        let to_blame: Vec<&str> = alone.evidence[1..]
            .iter()
            .map(|it| it.pointer.as_str())
            .collect();
        assert_eq!(to_blame, ["/properties/securityRules/1"]);
        let [_, holds] = conditions(guarded(group(&[allow(200, "10.0.0.0/8")])));
        assert_eq!(holds.evidence[1].pointer, OWN_RULES);
        assert_eq!(
            holds.evidence[1].observed,
            "no rule lets in a broad public range; 5 rules evaluated, 4 of them about TCP to the port"
        );
    }

    #[test]
    fn text_of_a_rule_is_neutralised() {
        let hostile = json!({"name": "a\u{202e}b", "properties": {
            "protocol": "Tcp", "destinationPortRange": "3306\u{1b}", "access": "Allow", "priority": 200,
            "sourceAddressPrefix": "azurecloud.\u{202e}", "destinationAddressPrefix": "*", "direction": "Inbound"
        }});
        let [_, broad] = conditions(guarded(group(&[hostile])));
        let Judgement::Unread(cause) = &broad.judgement else {
            panic!("{:?}", broad.judgement);
        };
        for text in [cause.to_string(), broad.evidence[1].observed.clone()] {
            assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text:?}");
        }
    }

    #[test]
    fn the_port_is_that_of_the_server() {
        let with_port = |port: Value| {
            Fixture::new()
                .server(json!({
                    "network": {"delegatedSubnetResourceId": SUBNET_ID}, "databasePort": port
                }))
                .read(DocumentKind::Subnet, subnet_body())
        };
        let judge = |port: Value, own: &[Value]| {
            let fixture = with_port(port).read(DocumentKind::NetworkSecurityGroup, group(own));
            conditions(fixture)[1].clone()
        };
        let other = allow_but(json!({"destinationPortRange": "25565"}));
        for (port, usual, at_other) in [
            (json!(25_565), Judgement::Met, Judgement::Unmet),
            (json!("25565"), Judgement::Met, Judgement::Unmet),
            (json!(3306), Judgement::Unmet, Judgement::Met),
            (json!(null), Judgement::Unmet, Judgement::Met),
        ] {
            let condition = judge(port.clone(), &[allow(200, "*")]);
            assert_eq!(condition.judgement, usual, "{port}");
            let told = condition.evidence.iter().any(|it| it.pointer == PORT);
            assert_eq!(told, !port.is_null(), "{port}");
            assert_eq!(
                judge(port, std::slice::from_ref(&other)).judgement,
                at_other
            );
        }
        // A port that is none leaves open what is not about all ports.
        for port in [json!(0), json!(70_000), json!("x"), json!([])] {
            assert!(matches!(
                judge(port.clone(), &[allow(200, "*")]).judgement,
                Judgement::Unread(Cause::Malformed { .. })
            ));
            let every = allow_but(json!({"destinationPortRange": "*"}));
            assert_eq!(judge(port.clone(), &[every]).judgement, Judgement::Unmet);
            assert_eq!(judge(port, &[]).judgement, Judgement::Met);
        }
    }

    #[test]
    fn a_port_that_only_the_unread_server_would_tell_is_not_guessed() {
        let row = json!({"properties": {"network": {"delegatedSubnetResourceId": SUBNET_ID}}});
        let fixture = Fixture::new()
            .read(DocumentKind::Inventory, row)
            .unread(DocumentKind::Server, Cause::TimedOut)
            .read(DocumentKind::Subnet, subnet_body())
            .read(
                DocumentKind::NetworkSecurityGroup,
                group(&[allow(200, "*")]),
            );
        let [named, broad] = conditions(fixture);
        assert_eq!(named.judgement, Judgement::Met);
        assert_eq!(broad.judgement, Judgement::Unread(Cause::TimedOut));
        assert_eq!(broad.evidence[1].pointer, PORT);
    }

    #[test]
    fn a_server_without_a_subnet_is_out_of_play() {
        let public = Fixture::new().server(json!({"network": {"publicNetworkAccess": "Enabled"}}));
        for condition in conditions(public) {
            assert!(matches!(condition.judgement, Judgement::NotApplicable(_)));
            assert!(!condition.evidence.is_empty());
        }
        let untold = Fixture::new().server(json!({"network": {}}));
        for condition in conditions(untold) {
            assert_eq!(condition.judgement, Judgement::Unread(Cause::Absent));
        }
    }

    #[test]
    fn a_subnet_without_a_group_fails_once() {
        for body in [
            json!({"properties": {"addressPrefix": "10.1.2.0/24"}}),
            json!({"properties": {"networkSecurityGroup": null}}),
        ] {
            let found = conditions(server().read(DocumentKind::Subnet, body));
            assert_eq!(found[0].judgement, Judgement::Unmet);
            assert_eq!(found[0].evidence[0].observed, "not present");
            assert!(matches!(found[1].judgement, Judgement::NotApplicable(_)));
            let finding = Finding::from_conditions(FeatureId::NetworkSecurityGroup, found.to_vec());
            assert_eq!(finding.verdict, Verdict::Fail);
        }
    }

    #[test]
    fn odd_subnets_are_not_judged() {
        for body in [
            json!([]),
            json!({"properties": []}),
            json!({"properties": {"networkSecurityGroup": {}}}),
            json!({"properties": {"networkSecurityGroup": {"id": ""}}}),
            json!({"properties": {"networkSecurityGroup": {"id": 7}}}),
            json!({"properties": {"networkSecurityGroup": "g"}}),
        ] {
            for condition in conditions(server().read(DocumentKind::Subnet, body.clone())) {
                assert!(
                    matches!(
                        condition.judgement,
                        Judgement::Unread(Cause::Malformed { .. })
                    ),
                    "{body}"
                );
            }
        }
    }

    #[test]
    fn what_is_unread_stays_unread_and_says_in_which_subscription_it_lies() {
        let far = SUBNET_ID.replace("/s1/", "/s2/");
        for cause in causes() {
            let unread = Judgement::Unread(cause.clone());
            for condition in conditions(Fixture::new().unread(DocumentKind::Server, cause.clone()))
            {
                assert_eq!(condition.judgement, unread, "{cause:?}");
            }
            for condition in conditions(server().unread(DocumentKind::Subnet, cause.clone())) {
                assert_eq!(condition.judgement, unread, "{cause:?}");
                assert_eq!(condition.note, None);
            }
            let elsewhere = Fixture::new()
                .server(json!({"network": {"delegatedSubnetResourceId": far}}))
                .unread(DocumentKind::Subnet, cause.clone());
            for condition in conditions(elsewhere) {
                assert_eq!(condition.judgement, unread, "{cause:?}");
                assert!(condition.note.is_some_and(|note| note.contains(" s2,")));
            }
            for (subscription, noted) in [("s1", false), ("S1", false), ("s3", true)] {
                let id = GROUP_ID.replace("/s1/", &format!("/{subscription}/"));
                let [named, broad] = conditions(
                    server()
                        .read(
                            DocumentKind::Subnet,
                            json!({"properties": {"networkSecurityGroup": {"id": id}}}),
                        )
                        .unread(DocumentKind::NetworkSecurityGroup, cause.clone()),
                );
                assert_eq!(named.judgement, Judgement::Met);
                assert_eq!(broad.judgement, unread, "{cause:?}");
                assert_eq!(broad.evidence[1].observed, cause.to_string());
                assert_eq!(broad.note.is_some_and(|note| note.contains("s3")), noted);
            }
        }
        let not_asked = conditions(server());
        assert_eq!(not_asked[0].judgement, Judgement::Unread(Cause::NotAsked));
    }

    #[test]
    fn a_missing_list_of_default_rules_matters_only_where_own_rules_leave_something() {
        let judge = |properties: Value| {
            let [_, broad] = conditions(guarded(json!({ "properties": properties })));
            broad
        };
        let open = judge(json!({"securityRules": [allow(200, "*")]}));
        assert_eq!(open.judgement, Judgement::Unmet);
        let shut = judge(json!({"securityRules": [deny(200, "*")]}));
        assert_eq!(shut.judgement, Judgement::Met);
        for properties in [
            json!({"securityRules": [allow(200, "10.0.0.0/8")]}),
            json!({"securityRules": [], "defaultSecurityRules": []}),
            json!({}),
        ] {
            let condition = judge(properties.clone());
            assert_eq!(
                condition.judgement,
                Judgement::Unread(Cause::Absent),
                "{properties}"
            );
            assert_eq!(condition.evidence[1].pointer, DEFAULT_RULES);
        }
        let only_defaults = judge(json!({"defaultSecurityRules": defaults()}));
        assert_eq!(only_defaults.judgement, Judgement::Met);
        assert_eq!(only_defaults.evidence[1].pointer, DEFAULT_RULES);
        for properties in [
            json!({"securityRules": {}, "defaultSecurityRules": defaults()}),
            json!({"securityRules": [], "defaultSecurityRules": "none"}),
            json!([]),
        ] {
            assert!(
                matches!(
                    judge(properties.clone()).judgement,
                    Judgement::Unread(Cause::Malformed { .. })
                ),
                "{properties}"
            );
        }
    }

    #[test]
    fn destinations_are_held_against_all_prefixes_of_the_subnet() {
        let judge = |prefixes: Value, destination: &str| {
            let mut subnet = json!({"properties": {"networkSecurityGroup": {"id": GROUP_ID}}});
            for (member, value) in prefixes.as_object().expect("members") {
                subnet["properties"][member] = value.clone();
            }
            let own = allow_but(json!({"destinationAddressPrefix": destination}));
            let [_, broad] = conditions(
                server()
                    .read(DocumentKind::Subnet, subnet)
                    .read(DocumentKind::NetworkSecurityGroup, group(&[own])),
            );
            broad.judgement
        };
        let two = json!({"addressPrefixes": ["10.1.0.0/26", "10.1.0.64/26"]});
        let both = json!({"addressPrefix": "10.1.0.0/26", "addressPrefixes": ["10.1.0.0/26"]});
        assert_eq!(judge(two.clone(), "10.1.0.64/26"), Judgement::Unmet);
        assert_eq!(judge(two, "10.1.0.128/26"), Judgement::Met);
        assert_eq!(judge(both, "10.1.0.9"), Judgement::Unmet);
        assert_eq!(
            judge(json!({"addressPrefix": "fd00::/64"}), "10.1.0.9"),
            Judgement::Met
        );
        // Without prefixes, only what needs none can be told.
        assert_eq!(judge(json!({}), "*"), Judgement::Unmet);
        assert_eq!(judge(json!({}), "0.0.0.0/0"), Judgement::Unmet);
        assert_eq!(
            judge(json!({}), "10.1.0.9"),
            Judgement::Unread(Cause::Absent)
        );
        assert!(matches!(
            judge(json!({"addressPrefix": "here"}), "10.1.0.9"),
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }
}
