//! NS, network security: who can reach the server.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact, Source};
use crate::posture::ranges::{len_without, union_len};
use crate::posture::{AddressRange, Condition, Evidence, Judgement, Severity, Weight};

use super::look::{Look, Rule, Seen, unknown_value};

/// A single rule of this many addresses opens the server to the world: an IPv4 /8.
const WORLD_RULE: u64 = 1 << 24;
/// Rules that together hold this many addresses open the server to the world: half of IPv4.
const WORLD_UNION: u64 = 1 << 31;
const SUBNET: &str = "/properties/network/delegatedSubnetResourceId";
const PUBLIC_ACCESS: &str = "/properties/network/publicNetworkAccess";

const PRIVATE_PATH: Rule = Rule {
    id: "private-path",
    statement: "clients reach the server over a delegated subnet, or over an approved private endpoint while public \
                access is disabled",
    severity: Severity::High,
};
const ENDPOINT_APPROVED: Rule = Rule {
    id: "pe-approved",
    statement: "at least one private endpoint connection is approved",
    severity: Severity::High,
};
const ENDPOINT_PENDING: Rule = Rule {
    id: "pe-pending",
    statement: "no private endpoint connection waits for approval",
    severity: Severity::Low,
};
const PUBLIC_DISABLED: Rule = Rule {
    id: "public-disabled",
    statement: "public network access is disabled, or the server is integrated into a virtual network",
    severity: Severity::High,
};
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

/// Whether the server is integrated into a virtual network: the subnet's id when it is.
fn subnet(look: &Look<'_>) -> Seen<String> {
    look.member_text(SUBNET).map(|fact| match fact {
        Fact::Known(id) if id.trim().is_empty() => Fact::Absent,
        fact => fact,
    })
}

/// What Azure says of public network access.
enum PublicAccess {
    Disabled,
    Enabled,
    Other(String),
    Unread(Cause),
}

/// Public network access with the absence rule: absent with a subnet means disabled, absent without one has no
/// documented meaning.
fn public_access(look: &Look<'_>) -> (PublicAccess, Seen<String>) {
    let seen = look.member_text(PUBLIC_ACCESS);
    let access = match &seen.fact {
        Fact::Known(value) if value.eq_ignore_ascii_case("disabled") => PublicAccess::Disabled,
        Fact::Known(value) if value.eq_ignore_ascii_case("enabled") => PublicAccess::Enabled,
        Fact::Known(value) => PublicAccess::Other(value.clone()),
        Fact::Unread(cause) => PublicAccess::Unread(cause.clone()),
        Fact::Absent => match subnet(look).fact {
            Fact::Known(_) => PublicAccess::Disabled,
            Fact::Absent => PublicAccess::Unread(Cause::Absent),
            Fact::Unread(cause) => PublicAccess::Unread(cause),
        },
    };
    (access, seen)
}

/// How many private endpoint connections are in which state.
struct Endpoints {
    approved: usize,
    pending: usize,
    other: usize,
    /// Connections whose state was not told.
    untold: usize,
}

/// The private endpoint connections: from the server itself, else from the child list.
fn endpoints(look: &Look<'_>) -> (Fact<Endpoints>, Source) {
    let own = look
        .member("/properties/privateEndpointConnections")
        .map(Fact::list);
    let seen = match own.fact {
        Fact::Known(items) => Seen {
            fact: Fact::Known(items),
            source: own.source,
        },
        unknown => {
            let list = look
                .items(DocumentKind::PrivateEndpointConnections)
                .map(|fact| fact.map(<[Value]>::to_vec));
            match (&list.fact, unknown) {
                (Fact::Unread(Cause::NotAsked), Fact::Unread(cause)) => Seen {
                    fact: Fact::Unread(cause),
                    source: own.source,
                },
                _ => list,
            }
        }
    };
    let fact = seen.fact.map(|items| {
        let mut endpoints = Endpoints {
            approved: 0,
            pending: 0,
            other: 0,
            untold: 0,
        };
        for item in &items {
            let state = item
                .pointer("/properties/privateLinkServiceConnectionState/status")
                .and_then(Value::as_str);
            match state {
                Some(state) if state.eq_ignore_ascii_case("approved") => endpoints.approved += 1,
                Some(state) if state.eq_ignore_ascii_case("pending") => endpoints.pending += 1,
                Some(_) => endpoints.other += 1,
                None => endpoints.untold += 1,
            }
        }
        endpoints
    });
    (fact, seen.source)
}

impl Endpoints {
    fn describe(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (count, word) in [
            (self.approved, "Approved"),
            (self.pending, "Pending"),
            (self.other, "rejected or disconnected"),
            (self.untold, "without a state"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        if parts.is_empty() {
            "none".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

fn endpoint_evidence(
    look: &Look<'_>,
    fact: &Fact<Endpoints>,
    source: Source,
    expected: &str,
) -> Evidence {
    let observed = match fact {
        Fact::Known(endpoints) => endpoints.describe(),
        Fact::Absent => "not present".to_owned(),
        Fact::Unread(cause) => cause.to_string(),
    };
    look.evidence_of(source, &observed, expected)
}

/// Whether an approved endpoint exists; a connection without a state leaves it open.
fn approved(fact: &Fact<Endpoints>) -> Fact<bool> {
    match fact {
        Fact::Known(endpoints) if endpoints.approved > 0 => Fact::Known(true),
        Fact::Known(endpoints) if endpoints.untold > 0 => Fact::Unread(Cause::Absent),
        Fact::Known(_) => Fact::Known(false),
        Fact::Absent => Fact::Unread(Cause::Absent),
        Fact::Unread(cause) => Fact::Unread(cause.clone()),
    }
}

/// NS-1 Virtual Network Integration: `private-path`.
pub fn private_path(look: &Look<'_>) -> Condition {
    let subnet = subnet(look);
    let subnet_evidence = look.evidence(&subnet, "the id of a delegated subnet");
    if let Fact::Known(_) = subnet.fact {
        let mut condition = PRIVATE_PATH.decides(Judgement::Met, vec![subnet_evidence]);
        condition.note = Some("the path is the delegated subnet".to_owned());
        return condition;
    }
    let (access, access_seen) = public_access(look);
    let (endpoints, endpoints_source) = endpoints(look);
    let approved = approved(&endpoints);
    let evidence = vec![
        subnet_evidence,
        endpoint_evidence(look, &endpoints, endpoints_source, "at least one Approved"),
        look.evidence(&access_seen, "Disabled"),
    ];
    let by_endpoint = match (&approved, &access) {
        (Fact::Known(true), PublicAccess::Disabled) => Judgement::Met,
        (Fact::Known(false), _) | (_, PublicAccess::Enabled) => Judgement::Unmet,
        (Fact::Unread(cause), _) | (_, PublicAccess::Unread(cause)) => {
            Judgement::Unread(cause.clone())
        }
        (Fact::Absent, _) => Judgement::Unread(Cause::Absent),
        (_, PublicAccess::Other(value)) => unknown_value(value),
    };
    let judgement = match (by_endpoint, subnet.fact) {
        (Judgement::Unmet, Fact::Unread(cause)) => Judgement::Unread(cause),
        (judgement, _) => judgement,
    };
    let mut condition = PRIVATE_PATH.decides(judgement, evidence);
    if condition.judgement == Judgement::Met {
        condition.note = Some("the path is an approved private endpoint".to_owned());
    } else if condition.is_unmet() && matches!(approved, Fact::Known(true)) {
        condition.note = Some(
            "a private endpoint is approved, but the public door is still open beside it"
                .to_owned(),
        );
    }
    condition
}

/// NS-2 Azure Private Link: `pe-approved` and `pe-pending`.
pub fn private_link(look: &Look<'_>) -> Vec<Condition> {
    let subnet = subnet(look);
    let subnet_evidence = look.evidence(&subnet, "not integrated into a virtual network");
    let not_applicable = matches!(subnet.fact, Fact::Known(_)).then(|| {
        Judgement::NotApplicable(
            "the server is integrated into a virtual network; private endpoints are for the others"
                .to_owned(),
        )
    });
    let (endpoints, source) = endpoints(look);
    let judge = |expected: &str, holds: &dyn Fn(&Endpoints) -> Judgement| {
        if let Some(judgement) = &not_applicable {
            return (judgement.clone(), vec![subnet_evidence.clone()]);
        }
        let evidence = vec![endpoint_evidence(
            look,
            &endpoints,
            source.clone(),
            expected,
        )];
        let judgement = match (&endpoints, &subnet.fact) {
            (Fact::Known(endpoints), subnet) => match (holds(endpoints), subnet) {
                (Judgement::Unmet, Fact::Unread(cause)) => Judgement::Unread(cause.clone()),
                (judgement, _) => judgement,
            },
            (Fact::Unread(cause), _) => Judgement::Unread(cause.clone()),
            (Fact::Absent, _) => Judgement::Unread(Cause::Absent),
        };
        (judgement, evidence)
    };
    let (approved_judgement, approved_evidence) = judge(
        "at least one Approved",
        &|found: &Endpoints| match (found.approved, found.untold) {
            (0, 0) => Judgement::Unmet,
            (0, _) => Judgement::Unread(Cause::Absent),
            _ => Judgement::Met,
        },
    );
    let (pending_judgement, pending_evidence) = judge("none Pending", &|found: &Endpoints| match (
        found.pending,
        found.untold,
    ) {
        (0, 0) => Judgement::Met,
        (0, _) => Judgement::Unread(Cause::Absent),
        _ => Judgement::Unmet,
    });
    vec![
        ENDPOINT_APPROVED.decides(approved_judgement, approved_evidence),
        ENDPOINT_PENDING.weighted(Weight::Informs, pending_judgement, pending_evidence),
    ]
}

/// NS-2 Disable Public Network Access: `public-disabled`, and how bad it is while public access is enabled.
pub fn public_network_access(look: &Look<'_>) -> Vec<Condition> {
    let strict = look.ruleset.strict_baseline;
    let (toggle, rules) = if strict {
        (Weight::Informs, Weight::Decides)
    } else {
        (Weight::Decides, Weight::Informs)
    };
    let subnet = subnet(look);
    let (access, seen) = public_access(look);
    let integrated = matches!(subnet.fact, Fact::Known(_));
    let judgement = if integrated {
        Judgement::Met
    } else {
        match &access {
            PublicAccess::Disabled => Judgement::Met,
            PublicAccess::Enabled => Judgement::Unmet,
            PublicAccess::Other(value) => unknown_value(value),
            PublicAccess::Unread(cause) => Judgement::Unread(cause.clone()),
        }
    };
    let mut evidence = vec![look.evidence(&seen, "Disabled")];
    if integrated || matches!(seen.fact, Fact::Absent) {
        evidence.push(look.evidence(&subnet, "the id of a delegated subnet"));
    }
    let mut public_disabled = PUBLIC_DISABLED.weighted(toggle, judgement.clone(), evidence);
    if integrated {
        public_disabled.note =
            Some("integrated into a virtual network: there is no public endpoint".to_owned());
    }
    let mut conditions = vec![public_disabled];
    conditions.extend(
        firewall(look, &judgement)
            .map(|(rule, judgement, evidence)| rule.weighted(rules, judgement, evidence)),
    );
    conditions
}

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
                    item.pointer(member)?.as_str()?.trim().parse().ok()
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

/// The three firewall conditions, given what became of `public-disabled`.
fn firewall(
    look: &Look<'_>,
    public_disabled: &Judgement,
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
                Vec::new(),
            );
        }
        Judgement::Unread(cause) => return same(Judgement::Unread(cause.clone()), Vec::new()),
        _ => {}
    }
    let source = |pointer: String| Source {
        kind: DocumentKind::FirewallRules,
        pointer,
    };
    let list = || source("/value".to_owned());
    let rules = match firewall_rules(look) {
        Fact::Known(rules) => rules,
        Fact::Absent => return same(Judgement::Unread(Cause::Absent), Vec::new()),
        Fact::Unread(cause) => {
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
            &format!("{} rules, {together} addresses together", open.len()),
            "fewer than 2,147,483,648 addresses together",
        ));
    }

    let thresholds = &look.ruleset.thresholds;
    let beside = len_without(&ranges, &thresholds.allowed_public_ranges);
    let wide_open = beside > thresholds.firewall_max_addresses;
    let expected = format!(
        "at most {} addresses beside the allowed ranges",
        thresholds.firewall_max_addresses
    );
    let mut wide = vec![look.evidence_of(
        list(),
        &format!("{beside} addresses beside the allowed ranges"),
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
            &format!("{} rules, none of them 0.0.0.0 – 0.0.0.0", rules.len()),
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
