//! What holds for a subscription or a tenant as a whole: Defender plans and Customer Lockbox.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Read;
use crate::simulator::fleet::{Fleet, Lockbox};
use crate::simulator::plant;
use crate::simulator::render::zulu;

/// The plans that a subscription has; the one for open-source databases is planted.
const PLANS: [&str; 6] = [
    "VirtualMachines",
    "SqlServers",
    "StorageAccounts",
    "KeyVaults",
    "Arm",
    DATABASES,
];

const DATABASES: &str = "OpenSourceRelationalDatabases";

/// Whether the plans of a subscription can be read.
pub(in crate::simulator) fn pricing_read(fleet: &Fleet, subscription: u32) -> Read {
    if fleet.subscriptions[subscription as usize].children_denied {
        Read::Denied
    } else {
        Read::Readable
    }
}

fn tier(fleet: &Fleet, subscription: u32) -> &'static str {
    let start = plant::dice(fleet.options.seed, "pricing", 0).u32(..2);
    if (start + subscription).is_multiple_of(2) {
        "Standard"
    } else {
        "Free"
    }
}

/// One Defender plan as an ARM resource, if there is one of this name.
pub(in crate::simulator) fn pricing(fleet: &Fleet, subscription: u32, name: &str) -> Option<Value> {
    let name = PLANS.into_iter().find(|it| it.eq_ignore_ascii_case(name))?;
    let tier = if name == DATABASES {
        tier(fleet, subscription)
    } else {
        "Standard"
    };
    let id = &fleet.subscriptions[subscription as usize].id;
    let standard = tier == "Standard";
    let mut properties = json!({
        "pricingTier": tier,
        "freeTrialRemainingTime": if standard { "PT0S" } else { "P30D" },
        "enforce": "False",
        "resourcesCoverageStatus": if standard { "FullyCovered" } else { "NotCovered" },
    });
    if standard {
        let enabled = fleet.options.now - SignedDuration::from_hours(24 * 200);
        properties["enablementTime"] = zulu(enabled).into();
    }
    Some(json!({
        "id": format!("/subscriptions/{id}/providers/Microsoft.Security/pricings/{name}"),
        "name": name,
        "type": "Microsoft.Security/pricings",
        "properties": properties,
    }))
}

/// The plans that Resource Graph shows, in the order of their ids: subscriptions in order of their ids, of each the plans
/// in order of their names. Where a caller may not read plans, it shows none.
pub(in crate::simulator) fn plans_shown(fleet: &Fleet) -> Vec<(u32, &'static str)> {
    let mut places: Vec<u32> = (0..fleet.subscriptions.len() as u32)
        .filter(|it| pricing_read(fleet, *it) == Read::Readable)
        .collect();
    places.sort_by_key(|it| &fleet.subscriptions[*it as usize].id);
    let mut names = PLANS;
    names.sort_by_key(|it| it.to_lowercase());
    places
        .into_iter()
        .flat_map(move |place| names.map(|name| (place, name)))
        .collect()
}

/// A column of the plan at this place among those that are shown.
pub(in crate::simulator) fn plan_column(fleet: &Fleet, row: usize, column: &str) -> Value {
    let Some((subscription, name)) = fleet.plan_rows().get(row).copied() else {
        return Value::Null;
    };
    let Some(mut plan) = pricing(fleet, subscription, name) else {
        return Value::Null;
    };
    let it = &fleet.subscriptions[subscription as usize];
    match column {
        "id" | "name" | "properties" => plan[column].take(),
        "type" => "microsoft.security/pricings".into(),
        "subscriptionid" => it.id.as_str().into(),
        "tenantid" => it.tenant.as_str().into(),
        "kind" | "location" | "managedby" | "resourcegroup" => "".into(),
        _ => Value::Null,
    }
}

/// What was planted about the plan for open-source databases.
pub(in crate::simulator) fn pricing_manifest(fleet: &Fleet, subscription: u32) -> Value {
    json!({
        "read": pricing_read(fleet, subscription),
        "openSourceRelationalDatabases": tier(fleet, subscription),
    })
}

/// Whether a tenant opted in to Customer Lockbox; None when the caller may not know. Of two tenants one has and
/// one has not.
pub(in crate::simulator) fn lockbox(fleet: &Fleet, tenant: &str) -> Option<bool> {
    let own = fleet.tenant.eq_ignore_ascii_case(tenant);
    let known = own
        || fleet
            .subscriptions
            .iter()
            .any(|it| it.tenant.eq_ignore_ascii_case(tenant));
    match fleet.options.lockbox {
        _ if !known => None,
        Lockbox::Denied => None,
        Lockbox::On => Some(own),
        Lockbox::Off => Some(!own),
    }
}

/// What was planted about each tenant.
pub(in crate::simulator) fn tenants_manifest(fleet: &Fleet) -> Vec<Value> {
    let mut ids = vec![fleet.tenant.as_str()];
    for subscription in &fleet.subscriptions {
        if !ids.contains(&subscription.tenant.as_str()) {
            ids.push(&subscription.tenant);
        }
    }
    ids.into_iter()
        .map(|id| {
            let opted_in = lockbox(fleet, id);
            json!({
                "id": id,
                "lockbox": {
                    "read": if opted_in.is_some() { Read::Readable } else { Read::Denied },
                    "isOptedIn": opted_in,
                },
            })
        })
        .collect()
}
