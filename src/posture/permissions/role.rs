//! The smallest custom role, in the form that `az role definition create --role-definition @FILE` takes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{MissingAction, all_actions, is_tenant_level};

/// A custom role. Member names are those of the Azure CLI's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// The role's name, unique in a tenant.
    pub name: String,
    /// Always true: it is no built-in role.
    pub is_custom: bool,
    /// What it is for.
    pub description: String,
    /// The actions, sorted, each once.
    pub actions: Vec<String>,
    /// Always empty.
    pub not_actions: Vec<String>,
    /// Always empty: the program reads no data plane.
    pub data_actions: Vec<String>,
    /// Always empty.
    pub not_data_actions: Vec<String>,
    /// Where it can be assigned: subscriptions.
    pub assignable_scopes: Vec<String>,
}

/// An action that is not in a role, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The action.
    pub action: String,
    /// Why it is not in the role.
    pub why: &'static str,
}

/// A role, and what cannot be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleProposal {
    /// The role; `None` where there is nothing to put into one.
    pub role: Option<Role>,
    /// What is left out, in order.
    pub left_out: Vec<LeftOut>,
}

const TENANT: &str = "it is on the tenant, and a role for subscriptions does not reach it; the role Reader at the root \
                      scope, or a role assigned there, does";
const NO_READ: &str = "it is not a plain read, so it was not put into a role";
const NO_PLACE: &str = "the subscription that it is missing in is not known";

/// The role for everything that a scan may read, assignable to these scopes: `/subscriptions/{id}`.
#[must_use]
pub fn role_of_everything(scopes: Vec<String>) -> RoleProposal {
    let (tenant, actions): (Vec<&str>, Vec<&str>) = all_actions()
        .into_iter()
        .partition(|action| is_tenant_level(action));
    RoleProposal {
        role: Some(Role::new(
            "flexposture reader",
            "All that a scan of flexposture may read.",
            actions.into_iter().map(str::to_owned).collect(),
            scopes,
        )),
        left_out: tenant
            .into_iter()
            .map(|action| LeftOut {
                action: action.to_owned(),
                why: TENANT,
            })
            .collect(),
    }
}

/// The smallest role that holds these actions where they are missing. What Azure names in a refusal is text from outside:
/// only a plain read goes into a role that somebody is about to create.
pub(super) fn propose<'a>(missing: impl Iterator<Item = &'a MissingAction>) -> RoleProposal {
    let mut actions: BTreeMap<String, String> = BTreeMap::new();
    let mut scopes: BTreeMap<String, String> = BTreeMap::new();
    let mut left_out: BTreeMap<String, LeftOut> = BTreeMap::new();
    for one in missing {
        let subscriptions: Vec<&str> = one
            .places
            .iter()
            .filter_map(|place| place.subscription.as_deref())
            .filter(|id| is_plain(id, "-"))
            .collect();
        let why = if is_tenant_level(&one.action) {
            Some(TENANT)
        } else if !is_read(&one.action) {
            Some(NO_READ)
        } else if subscriptions.is_empty() {
            Some(NO_PLACE)
        } else {
            None
        };
        let key = one.action.to_lowercase();
        if let Some(why) = why {
            left_out.entry(key).or_insert_with(|| LeftOut {
                action: one.action.clone(),
                why,
            });
            continue;
        }
        actions.entry(key).or_insert_with(|| one.action.clone());
        for id in subscriptions {
            scopes
                .entry(id.to_lowercase())
                .or_insert_with(|| format!("/subscriptions/{id}"));
        }
    }
    RoleProposal {
        role: (!actions.is_empty()).then(|| {
            Role::new(
                "flexposture missing reads",
                "The reads that a scan of flexposture could not make.",
                actions.into_values().collect(),
                scopes.into_values().collect(),
            )
        }),
        left_out: left_out.into_values().collect(),
    }
}

impl Role {
    fn new(name: &str, description: &str, actions: Vec<String>, scopes: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            is_custom: true,
            description: description.to_owned(),
            actions,
            not_actions: Vec::new(),
            data_actions: Vec::new(),
            not_data_actions: Vec::new(),
            assignable_scopes: scopes,
        }
    }
}

fn is_read(action: &str) -> bool {
    is_plain(action, "./-_") && action.to_lowercase().ends_with("/read")
}

fn is_plain(text: &str, more: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}
