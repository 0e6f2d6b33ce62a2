//! NS-2: firewall rules that let in too much are deleted, one command a rule.

use std::cmp::Reverse;
use std::net::Ipv4Addr;

use serde_json::Value;

use crate::documents::DocumentKind;
use crate::documents::text::neutral;
use crate::posture::checks::{WORLD_RULE, WORLD_UNION};
use crate::posture::ranges::{len_without, union_len};
use crate::posture::{AddressRange, ConditionId};

use super::need::Need;
use super::{Fix, Undo};

/// A rule that lets addresses in.
#[derive(Clone, Copy, Debug)]
struct Open<'a> {
    name: &'a str,
    range: AddressRange,
}

/// The rules without which the conditions hold, deleted.
pub fn delete_rules(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let doomed = doomed(need, unmet);
    let (named, odd): (Vec<_>, Vec<_>) = doomed.into_iter().partition(|rule| rule_name(rule.name));
    let portal = "the server › Settings › Networking › Firewall rules";
    let mut fix = Fix::new(unmet, "Delete the firewall rules that let in too much", portal)
        .first(
            "Find the clients that connect through these rules and give them a private path, or a rule for their own \
             addresses.",
        )
        .first(
            "Do this before public access is disabled: the Azure CLI refuses commands on firewall rules of a server \
             without a public endpoint, and rules that stay are in force again when it is opened.",
        )
        .first("A delete lock on the server keeps its rules as well: take it away for the time.")
        .breaks("Clients that no other rule lets in are refused, at their next connection at the latest.");
    for rule in odd {
        fix = fix.first(format!(
            "The rule {:?} ({} to {}) has a name that the Azure CLI refuses: delete it in the portal.",
            neutral(rule.name),
            rule.range.start,
            rule.range.end
        ));
    }
    let on = |command: &str, rule: &Open<'_>| {
        Need::on(need.server(), &format!("firewall-rule {command}")).given("--rule-name", rule.name)
    };
    let back: Vec<_> = named
        .iter()
        .map(|rule| {
            on("create", rule)
                .own(
                    "--start-ip-address",
                    &rule.range.start.min(rule.range.end).to_string(),
                )
                .own(
                    "--end-ip-address",
                    &rule.range.end.max(rule.range.start).to_string(),
                )
        })
        .collect();
    vec![
        fix.commands(named.iter().map(|rule| on("delete", rule).flag("--yes")))
            .undo(Undo::by(back).note(
                "Lets the same addresses in again. It works only while public access is enabled.",
            )),
    ]
}

/// The rules to delete, the widest first, until what is unmet holds.
fn doomed<'a>(need: &Need<'a>, unmet: &[ConditionId]) -> Vec<Open<'a>> {
    let rules: Vec<Open<'a>> = need
        .items(DocumentKind::FirewallRules)
        .iter()
        .filter_map(open)
        .collect();
    let is_azure =
        |rule: &Open<'_>| rule.range.start.is_unspecified() && rule.range.end.is_unspecified();
    let (azure, mut rest): (Vec<_>, Vec<_>) = rules.into_iter().partition(is_azure);
    let mut doomed: Vec<Open<'a>> = if unmet.contains(&"fw-azure") {
        azure
    } else {
        Vec::new()
    };
    let allowed = &need.ruleset.thresholds.allowed_public_ranges;
    rest.sort_by_key(|rule| Reverse(rule.range.len()));
    // A rule within the allowed ranges stays, unless it opens the server to the world.
    let mut kept: Vec<Open<'a>> = Vec::new();
    for (place, rule) in rest.iter().enumerate() {
        let left: Vec<AddressRange> = kept
            .iter()
            .chain(&rest[place..])
            .map(|rule| rule.range)
            .collect();
        let world = unmet.contains(&"fw-world")
            && (left.iter().any(|range| range.len() >= WORLD_RULE)
                || union_len(&left) >= WORLD_UNION);
        let wide = unmet.contains(&"fw-wide")
            && len_without(&left, allowed) > need.ruleset.thresholds.firewall_max_addresses;
        if world || (wide && len_without(&[rule.range], allowed) > 0) {
            doomed.push(*rule);
        } else {
            kept.push(*rule);
        }
    }
    doomed
}

fn open(item: &Value) -> Option<Open<'_>> {
    let address =
        |member: &str| -> Option<Ipv4Addr> { item.pointer(member)?.as_str()?.trim().parse().ok() };
    Some(Open {
        name: item.get("name")?.as_str()?,
        range: AddressRange {
            start: address("/properties/startIpAddress")?,
            end: address("/properties/endIpAddress")?,
        },
    })
}

/// Whether the Azure CLI takes this name of a rule.
fn rule_name(name: &str) -> bool {
    let body = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=80).contains(&name.len())
        && name.bytes().all(body)
        && name.as_bytes()[0].is_ascii_alphanumeric()
        && !name.ends_with('-')
}
