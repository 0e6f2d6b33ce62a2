//! NS, network security: who can reach the server.

use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact, Source, at};
use crate::posture::{Condition, Evidence, Judgement, Severity, Weight};

use super::firewall;
use super::look::{Look, Rule, Seen, unknown_value};

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

/// The condition of NS-1 Virtual Network Integration.
pub const INTEGRATION_RULES: [Rule; 1] = [PRIVATE_PATH];
/// The conditions of NS-2 Azure Private Link.
pub const PRIVATE_LINK_RULES: [Rule; 2] = [ENDPOINT_APPROVED, ENDPOINT_PENDING];
/// The conditions of NS-2 Disable Public Network Access.
pub const PUBLIC_ACCESS_RULES: [Rule; 4] = [
    PUBLIC_DISABLED,
    firewall::RULES[0],
    firewall::RULES[1],
    firewall::RULES[2],
];

/// Whether the server is integrated into a virtual network: the subnet's id when it is.
///
/// Its absence means that it is not, where the answer says something of the network: one that names neither a subnet nor
/// public access is of a form that is not known, like that of 2020.
pub(super) fn subnet(look: &Look<'_>) -> Seen<String> {
    look.member_text(SUBNET).map(|fact| match fact {
        Fact::Known(id) if !id.trim().is_empty() => Fact::Known(id),
        Fact::Unread(cause) => Fact::Unread(cause),
        Fact::Known(_) | Fact::Absent => match look.member(PUBLIC_ACCESS).fact {
            Fact::Absent => Fact::Unread(Cause::Absent),
            Fact::Known(_) | Fact::Unread(_) => Fact::Absent,
        },
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
    refused: usize,
    /// Connections whose state was not told, or is none that this version knows.
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
            refused: 0,
            untold: 0,
        };
        for item in &items {
            let state = at(item, "/properties/privateLinkServiceConnectionState/status")
                .and_then(Value::as_str);
            match state {
                Some(state) if state.eq_ignore_ascii_case("approved") => endpoints.approved += 1,
                Some(state) if state.eq_ignore_ascii_case("pending") => endpoints.pending += 1,
                Some(state)
                    if ["rejected", "disconnected"]
                        .contains(&state.to_ascii_lowercase().as_str()) =>
                {
                    endpoints.refused += 1;
                }
                Some(_) | None => endpoints.untold += 1,
            }
        }
        endpoints
    });
    (fact, seen.source)
}

impl Endpoints {
    const fn count(&self) -> usize {
        self.approved + self.pending + self.refused + self.untold
    }

    fn describe(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (count, word) in [
            (self.approved, "Approved"),
            (self.pending, "Pending"),
            (self.refused, "rejected or disconnected"),
            (self.untold, "without a state that is known"),
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
            // A connection proves that the server is not integrated; where there is none, that must be known.
            (Fact::Known(endpoints), subnet) => match (holds(endpoints), subnet) {
                (Judgement::Unmet, Fact::Unread(cause)) => Judgement::Unread(cause.clone()),
                (Judgement::Met, Fact::Unread(cause)) if endpoints.count() == 0 => {
                    Judgement::Unread(cause.clone())
                }
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
    // By the page alone an open door is judged by its firewall, since the page accepts an IP filter; a closed one holds.
    let by_filter = look.ruleset.strict_baseline && judgement != Judgement::Met;
    let (toggle, rules) = if by_filter {
        (Weight::Informs, Weight::Decides)
    } else {
        (Weight::Decides, Weight::Informs)
    };
    let mut evidence = vec![look.evidence(&seen, "Disabled")];
    if integrated || matches!(seen.fact, Fact::Absent) {
        evidence.push(look.evidence(&subnet, "the id of a delegated subnet"));
    }
    let mut public_disabled = PUBLIC_DISABLED.weighted(toggle, judgement.clone(), evidence.clone());
    if integrated {
        public_disabled.note =
            Some("integrated into a virtual network: there is no public endpoint".to_owned());
    }
    let mut conditions = vec![public_disabled];
    conditions.extend(
        firewall::judge(look, &judgement, &evidence)
            .map(|(rule, judgement, evidence)| rule.weighted(rules, judgement, evidence)),
    );
    conditions
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use serde_json::json;

    use super::*;
    use crate::posture::fixtures::{Fixture, causes};
    use crate::posture::{AddressRange, Finding, Ruleset, Thresholds, Verdict};

    const SUBNET_ID: &str =
        "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/n";

    fn with<T>(fixture: Fixture, judge: impl FnOnce(&Look<'_>) -> T) -> T {
        with_ruleset(fixture, &Ruleset::default(), judge)
    }

    fn with_ruleset<T>(
        fixture: Fixture,
        ruleset: &Ruleset,
        judge: impl FnOnce(&Look<'_>) -> T,
    ) -> T {
        let documents = fixture.documents();
        judge(&Look {
            documents: &documents,
            ruleset,
        })
    }

    fn endpoint(status: &str) -> Value {
        json!({"properties": {"privateLinkServiceConnectionState": {"status": status}}})
    }

    fn public(access: &str, endpoints: &[&str]) -> Fixture {
        let endpoints: Vec<Value> = endpoints.iter().map(|status| endpoint(status)).collect();
        Fixture::new().server(json!({
            "network": {"publicNetworkAccess": access}, "privateEndpointConnections": endpoints
        }))
    }

    fn integrated() -> Fixture {
        Fixture::new().server(json!({"network": {"delegatedSubnetResourceId": SUBNET_ID}}))
    }

    fn rules(ranges: &[(&str, &str)]) -> Fixture {
        let items: Vec<Value> = ranges
            .iter()
            .map(|(start, end)| {
                json!({"name": "rule", "properties": {"startIpAddress": start, "endIpAddress": end}})
            })
            .collect();
        public("Enabled", &[]).list(DocumentKind::FirewallRules, Value::Array(items))
    }

    fn judgement_of(conditions: &[Condition], id: &str) -> Judgement {
        conditions
            .iter()
            .find(|condition| condition.id == id)
            .map(|condition| condition.judgement.clone())
            .unwrap_or_else(|| panic!("no condition {id}"))
    }

    #[test]
    fn private_path_holds_by_subnet_or_by_endpoint_with_public_access_off() {
        for (fixture, expected) in [
            (integrated(), Judgement::Met),
            (public("Disabled", &["Approved"]), Judgement::Met),
            (
                public("disabled", &["Rejected", "approved"]),
                Judgement::Met,
            ),
            (public("Enabled", &["Approved"]), Judgement::Unmet),
            (public("Disabled", &["Pending"]), Judgement::Unmet),
            (public("Disabled", &[]), Judgement::Unmet),
            (public("Enabled", &[]), Judgement::Unmet),
        ] {
            assert_eq!(with(fixture, private_path).judgement, expected);
        }
        assert_eq!(
            with(integrated(), private_path).note.as_deref(),
            Some("the path is the delegated subnet")
        );
    }

    #[test]
    fn private_path_is_unread_when_the_part_that_would_decide_is() {
        for cause in causes() {
            let unread = Judgement::Unread(cause.clone());
            let fixture = Fixture::new().unread(DocumentKind::Server, cause.clone());
            assert_eq!(with(fixture, private_path).judgement, unread, "{cause:?}");
            let fixture = Fixture::new()
                .server(json!({"network": {"publicNetworkAccess": "Disabled"}}))
                .unread(DocumentKind::PrivateEndpointConnections, cause.clone());
            assert_eq!(with(fixture, private_path).judgement, unread, "{cause:?}");
        }
        let odd = public("SecuredByPerimeter", &["Approved"]);
        assert!(matches!(
            with(odd, private_path).judgement,
            Judgement::Unread(Cause::Malformed { .. })
        ));
        let no_member =
            Fixture::new().server(json!({"privateEndpointConnections": [endpoint("Approved")]}));
        assert_eq!(
            with(no_member, private_path).judgement,
            Judgement::Unread(Cause::Absent)
        );
    }

    #[test]
    fn trap_15_a_member_missing_from_the_list_form_means_nothing() {
        let row = json!({"properties": {"network": {"publicNetworkAccess": "Enabled"}}});
        let fixture = || {
            Fixture::new()
                .read(DocumentKind::Inventory, row.clone())
                .unread(DocumentKind::Server, Cause::NotFound)
        };
        // The row does not name a subnet: that is no proof that there is none.
        assert_eq!(
            with(fixture(), private_path).judgement,
            Judgement::Unread(Cause::NotFound)
        );
        // What the row does carry was read.
        let conditions = with(fixture(), public_network_access);
        assert_eq!(
            judgement_of(&conditions, "public-disabled"),
            Judgement::Unmet
        );
        assert_eq!(
            judgement_of(&with(fixture(), private_link), "pe-approved"),
            Judgement::Unread(Cause::NotFound)
        );
    }

    #[test]
    fn trap_5_an_integrated_server_without_the_member_is_not_failed_for_public_access() {
        let conditions = with(integrated(), public_network_access);
        assert_eq!(judgement_of(&conditions, "public-disabled"), Judgement::Met);
        assert!(matches!(
            judgement_of(&conditions, "fw-world"),
            Judgement::NotApplicable(_)
        ));
        let verdict =
            Finding::from_conditions(crate::baseline::FeatureId::PublicNetworkAccess, conditions)
                .verdict;
        assert_eq!(verdict, Verdict::Pass);
    }

    #[test]
    fn trap_9_a_pending_private_endpoint_does_not_count() {
        let conditions = with(public("Enabled", &["Pending"]), private_link);
        assert_eq!(judgement_of(&conditions, "pe-approved"), Judgement::Unmet);
        assert_eq!(judgement_of(&conditions, "pe-pending"), Judgement::Unmet);
        let conditions = with(public("Enabled", &["Approved"]), private_link);
        assert_eq!(judgement_of(&conditions, "pe-approved"), Judgement::Met);
        assert_eq!(judgement_of(&conditions, "pe-pending"), Judgement::Met);
    }

    #[test]
    fn private_link_is_for_servers_outside_a_virtual_network() {
        for condition in with(integrated(), private_link) {
            assert!(
                matches!(condition.judgement, Judgement::NotApplicable(_)),
                "{}",
                condition.id
            );
        }
    }

    #[test]
    fn a_connection_without_a_state_is_neither_approved_nor_refused() {
        let fixture = Fixture::new().server(json!({
            "network": {"publicNetworkAccess": "Disabled"}, "privateEndpointConnections": [{}]
        }));
        assert_eq!(
            judgement_of(&with(fixture, private_link), "pe-approved"),
            Judgement::Unread(Cause::Absent)
        );
    }

    #[test]
    fn public_access_by_its_words() {
        for (access, expected) in [
            ("Disabled", Judgement::Met),
            ("DISABLED", Judgement::Met),
            ("Enabled", Judgement::Unmet),
        ] {
            let conditions = with(public(access, &[]), public_network_access);
            assert_eq!(
                judgement_of(&conditions, "public-disabled"),
                expected,
                "{access}"
            );
        }
        let absent = Fixture::new().server(json!({"network": {}}));
        assert_eq!(
            judgement_of(&with(absent, public_network_access), "public-disabled"),
            Judgement::Unread(Cause::Absent)
        );
        let odd = public("SecuredByPerimeter", &[]);
        assert!(matches!(
            judgement_of(&with(odd, public_network_access), "public-disabled"),
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }

    #[test]
    fn trap_10_a_firewall_rule_of_almost_the_whole_internet_is_seen() {
        let conditions = with(
            rules(&[("1.0.0.0", "255.255.255.255")]),
            public_network_access,
        );
        assert_eq!(judgement_of(&conditions, "fw-world"), Judgement::Unmet);
        let finding =
            Finding::from_conditions(crate::baseline::FeatureId::PublicNetworkAccess, conditions);
        assert_eq!(finding.severity(), Some(Severity::Critical));
    }

    #[test]
    fn firewall_rules_are_judged_by_range() {
        use Judgement::{Met, Unmet};
        type Case<'a> = (&'a [(&'a str, &'a str)], Judgement, Judgement, Judgement);
        let table: &[Case<'_>] = &[
            (&[], Met, Met, Met),
            (&[("203.0.113.7", "203.0.113.7")], Met, Met, Met),
            (&[("203.0.113.0", "203.0.113.255")], Met, Met, Met),
            (&[("203.0.113.0", "203.0.114.0")], Met, Unmet, Met),
            (&[("0.0.0.0", "0.0.0.0")], Met, Met, Unmet),
            (&[("0.0.0.0", "255.255.255.255")], Unmet, Unmet, Met),
            (&[("10.0.0.0", "10.255.255.255")], Unmet, Unmet, Met),
            (&[("10.0.0.0", "10.255.255.254")], Met, Unmet, Met),
        ];
        for (ranges, world, wide, azure) in table {
            let conditions = with(rules(ranges), public_network_access);
            assert_eq!(judgement_of(&conditions, "fw-world"), *world, "{ranges:?}");
            assert_eq!(judgement_of(&conditions, "fw-wide"), *wide, "{ranges:?}");
            assert_eq!(judgement_of(&conditions, "fw-azure"), *azure, "{ranges:?}");
        }
        // Many rules, none of them an /8, together half of the internet.
        let slices: Vec<(String, String)> = (0..256_u32)
            .map(|slice| {
                let start = slice << 24;
                (
                    Ipv4Addr::from(start + 1).to_string(),
                    Ipv4Addr::from(start + (1 << 23)).to_string(),
                )
            })
            .collect();
        let slices: Vec<(&str, &str)> = slices
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let conditions = with(rules(&slices), public_network_access);
        assert_eq!(judgement_of(&conditions, "fw-world"), Unmet);
    }

    #[test]
    fn allowed_ranges_are_not_wide() {
        let ruleset = Ruleset {
            thresholds: Thresholds {
                allowed_public_ranges: vec![AddressRange {
                    start: Ipv4Addr::new(203, 0, 112, 0),
                    end: Ipv4Addr::new(203, 0, 115, 255),
                }],
                ..Thresholds::default()
            },
            ..Ruleset::default()
        };
        let fixture = rules(&[("203.0.112.0", "203.0.115.255")]);
        let conditions = with_ruleset(fixture, &ruleset, public_network_access);
        assert_eq!(judgement_of(&conditions, "fw-wide"), Judgement::Met);
    }

    #[test]
    fn firewall_rules_that_cannot_be_read_judge_nothing() {
        for cause in causes() {
            let fixture = public("Enabled", &[]).unread(DocumentKind::FirewallRules, cause.clone());
            let conditions = with(fixture, public_network_access);
            for id in ["fw-world", "fw-wide", "fw-azure"] {
                assert_eq!(
                    judgement_of(&conditions, id),
                    Judgement::Unread(cause.clone())
                );
            }
        }
        let odd = public("Enabled", &[]).list(
            DocumentKind::FirewallRules,
            json!([{"name": "x", "properties": {"startIpAddress": "::", "endIpAddress": "::"}}]),
        );
        assert!(matches!(
            judgement_of(&with(odd, public_network_access), "fw-world"),
            Judgement::Unread(Cause::Malformed { .. })
        ));
        let unknown_access = Fixture::new()
            .unread(DocumentKind::Server, Cause::TimedOut)
            .list(DocumentKind::FirewallRules, json!([]));
        assert_eq!(
            judgement_of(&with(unknown_access, public_network_access), "fw-world"),
            Judgement::Unread(Cause::TimedOut)
        );
    }

    #[test]
    fn by_the_page_alone_the_firewall_decides() {
        let strict = Ruleset {
            strict_baseline: true,
            ..Ruleset::default()
        };
        let verdict = |fixture, ruleset: &Ruleset| {
            Finding::from_conditions(
                crate::baseline::FeatureId::PublicNetworkAccess,
                with_ruleset(fixture, ruleset, public_network_access),
            )
            .verdict
        };
        let narrow = || rules(&[("203.0.113.7", "203.0.113.7")]);
        assert_eq!(verdict(public("Disabled", &[]), &strict), Verdict::Pass);
        assert_eq!(verdict(narrow(), &strict), Verdict::Pass);
        assert_eq!(verdict(narrow(), &Ruleset::default()), Verdict::Fail);
        assert_eq!(
            verdict(rules(&[("0.0.0.0", "0.0.0.0")]), &strict),
            Verdict::Fail
        );
    }
}
