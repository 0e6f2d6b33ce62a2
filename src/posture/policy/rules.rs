//! What the rules of the built-in policies come to over the documents of one server. Each follows the definition of its
//! policy in Azure/azure-policy, at the version that the catalogue names.

use crate::baseline::Policy;
use crate::documents::text::neutral;
use crate::documents::{Cause, DocumentKind, Fact, ServerDocuments, Source};
use crate::posture::Evidence;

use super::truth::{Field, Trace, Truth};
use super::{Evaluates, Reading};

mod diagnostics;

/// The reading of a policy, with where it looked.
pub fn read(
    documents: &ServerDocuments,
    policy: &Policy,
    evaluates: &Evaluates,
) -> (Reading, Vec<Evidence>) {
    if let Evaluates::Never(why) = evaluates {
        return (Reading::DoesNotApply(why.clone()), Vec::new());
    }
    let mut trace = Trace::new(documents);
    let reading = match policy.guid.get(..8) {
        Some("c9299215") => public_access(&mut trace),
        Some("40e85574") => entra_only(&mut trace),
        Some("3bc8a0d5" | "3d5ed4c2") => threat_protection(&mut trace),
        Some("493c215d") => zone_resilient(&mut trace),
        Some("be3ddb6b") => diagnostics::read(&mut trace, &diagnostics::EVENT_HUB),
        Some("7860f3fe") => diagnostics::read(&mut trace, &diagnostics::LOG_ANALYTICS),
        Some("95f9d29c") => diagnostics::read(&mut trace, &diagnostics::STORAGE),
        Some("0a9fbe0d" | "44433aa3") => defender_plan(&mut trace),
        _ => Reading::Open {
            why: "this program does not know the rule of this policy".to_owned(),
            cause: Some(Cause::NotAsked),
        },
    };
    (reading, trace.evidence)
}

/// The reading of a rule that says what complies.
fn complies(
    truth: Truth,
    holds: impl FnOnce() -> String,
    broken: impl FnOnce() -> String,
) -> Reading {
    match truth {
        Truth::True => Reading::Compliant(holds()),
        Truth::False => Reading::NonCompliant(broken()),
        Truth::Open(cause) => open(cause),
    }
}

fn open(cause: Cause) -> Reading {
    Reading::Open {
        why: neutral(&cause.to_string()).into_owned(),
        cause: Some(cause),
    }
}

/// A value in a sentence: neutralised, and not longer than a sentence bears.
fn shown(field: &Field) -> String {
    neutral(&field.seen()).chars().take(80).collect()
}

/// c9299215, version 2.3.0. The create mode is known while a server is made; afterwards Azure leaves it out, and then a
/// missing `publicNetworkAccess` is no breach.
fn public_access(trace: &mut Trace<'_>) -> Reading {
    let network = "/properties/network";
    let subnet = trace.server(
        &format!("{network}/delegatedSubnetResourceId"),
        "present, or what follows",
    );
    let zone = trace.server(
        &format!("{network}/privateDnsZoneResourceId"),
        "present, or what follows",
    );
    let mode = trace.server(
        "/properties/createMode",
        "decides what a missing access means",
    );
    let access = trace.server(&format!("{network}/publicNetworkAccess"), "Disabled");
    let named_modes = [
        "Create",
        "Default",
        "PointInTimeRestore",
        "GeoRestore",
        "Replica",
    ];
    let open_to_the_public = named_modes
        .iter()
        .map(|name| Truth::all([mode.equals(name), access.not_equals("Disabled")]))
        .chain([Truth::all([
            mode.not_equals("Create"),
            access.exists(),
            access.not_equals("Disabled"),
        ])]);
    let breaks = Truth::all([
        subnet.exists().not(),
        zone.exists().not(),
        Truth::any(open_to_the_public),
    ]);
    let holds = || {
        if subnet.exists() == Truth::True {
            "it has a delegated subnet, with which this rule is content".to_owned()
        } else if zone.exists() == Truth::True {
            "it names a private DNS zone, with which this rule is content".to_owned()
        } else if access.exists() == Truth::False {
            "publicNetworkAccess is not in the answer, and on a server that exists only a value that is present and not \
             Disabled breaks this rule"
                .to_owned()
        } else {
            "publicNetworkAccess is Disabled".to_owned()
        }
    };
    let broken = || match access.exists() {
        Truth::False => format!(
            "publicNetworkAccess is not in the answer, which with the create mode {} counts as open",
            shown(&mode)
        ),
        _ => format!(
            "publicNetworkAccess is {}, with neither a delegated subnet nor a private DNS zone",
            shown(&access)
        ),
    };
    complies(breaks.not(), holds, broken)
}

/// 40e85574, version 1.0.1. Its alias reads the member `value` of the parameter, what was asked for, and not
/// `currentValue`, what is in force.
fn entra_only(trace: &mut Trace<'_>) -> Reading {
    let name = "aad_auth_only";
    let (items, _) = trace.documents.items(DocumentKind::Configurations);
    let position = trace
        .documents
        .parameters()
        .and_then(|index| index.position(name));
    let (field, place) = match (items, position) {
        (Fact::Known(items), Some(place)) if place < items.len() => (
            Field::of(&items[place], "/properties/value"),
            place.to_string(),
        ),
        // Every server has this parameter, so a list without it does not prove that there is none.
        (Fact::Known(_) | Fact::Absent, _) => (Field::unread(Cause::Absent), format!("[{name}]")),
        (Fact::Unread(cause), _) => (Field::unread(cause), format!("[{name}]")),
    };
    let source = Source {
        kind: DocumentKind::Configurations,
        pointer: format!("/value/{place}/properties/value"),
    };
    let value = trace.note(field, source, "ON");
    complies(
        value.equals("ON"),
        || "the value asked for aad_auth_only is ON".to_owned(),
        || format!("the value asked for aad_auth_only is {}", shown(&value)),
    )
}

/// 3bc8a0d5 and 3d5ed4c2, version 1.0.0: one rule, with different effects.
fn threat_protection(trace: &mut Trace<'_>) -> Reading {
    let state = trace.member(
        DocumentKind::ThreatProtection,
        "/properties/state",
        "Enabled",
    );
    complies(
        state.equals("Enabled"),
        || "the threat protection setting Default is Enabled".to_owned(),
        || {
            format!(
                "the state of the threat protection setting Default is {}",
                shown(&state)
            )
        },
    )
}

/// 493c215d, version 1.0.0-preview. Its parameter `allow`, which is not read, is taken as its default, `Both`; no value
/// of it makes another mode comply.
fn zone_resilient(trace: &mut Trace<'_>) -> Reading {
    let mode = trace.server(
        "/properties/highAvailability/mode",
        "ZoneRedundant or SameZone",
    );
    complies(
        Truth::any([mode.equals("ZoneRedundant"), mode.equals("SameZone")]),
        || {
            format!(
                "the high availability mode is {}, unless the assignment narrows what it allows",
                shown(&mode)
            )
        },
        || format!("the high availability mode is {}", shown(&mode)),
    )
}

/// 0a9fbe0d and 44433aa3, version 1.0.0: one rule, with different effects.
fn defender_plan(trace: &mut Trace<'_>) -> Reading {
    let tier = trace.member(
        DocumentKind::DefenderPlan,
        "/properties/pricingTier",
        "Standard",
    );
    complies(
        tier.equals("Standard"),
        || "the subscription's plan is on the tier Standard".to_owned(),
        || format!("the tier of the subscription's plan is {}", shown(&tier)),
    )
}

#[cfg(test)]
mod tests;
