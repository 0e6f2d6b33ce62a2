//! Which servers there are, of those that a scope means.

use crate::azure::{self, ArmClient, Inventory, inventory_by_list};
use crate::documents::Subscription;
use crate::documents::text::neutral;
use crate::store::Scope;

use super::run::describe;
use super::select;

/// The servers that were found, and the subscriptions whose servers could not be listed.
pub(super) struct Found {
    pub(super) inventory: Inventory,
    pub(super) unlisted: Vec<String>,
    /// What of the scope no server fits, in words.
    pub(super) unmatched: Vec<String>,
}

impl Found {
    /// Whether some servers were asked for and none is there, as far as that can be told.
    pub(super) fn fits_nothing(&self, scope: &Scope) -> bool {
        scope.is_narrow() && self.inventory.rows.is_empty() && self.unlisted.is_empty()
    }
}

/// Finds the servers by Resource Graph, and where that is refused by the list of each subscription.
pub(super) async fn find_servers(
    client: &ArmClient,
    scope: &Scope,
    subscriptions: &[Subscription],
    notes: &mut Vec<String>,
) -> Found {
    let ids: Vec<String> = subscriptions.iter().map(|s| s.id.clone()).collect();
    let mut found = Found {
        inventory: Inventory::default(),
        unlisted: Vec::new(),
        unmatched: Vec::new(),
    };
    if ids.is_empty() {
        return found;
    }
    let filter = select::server_filter(scope);
    match azure::inventory(client, &ids, &filter).await {
        Ok(inventory) => found.inventory = inventory,
        Err(error) => {
            notes.push(format!(
                "Resource Graph did not answer ({}); the servers were listed subscription by subscription",
                describe(&error)
            ));
            for subscription in subscriptions {
                match inventory_by_list(client, &subscription.id, &filter).await {
                    Ok(mut inventory) => {
                        found.inventory.rows.append(&mut inventory.rows);
                        found.inventory.rejected.append(&mut inventory.rejected);
                    }
                    Err(error) => {
                        notes.push(format!(
                            "the servers of {} ({}) are not visible: {}",
                            neutral(&subscription.name),
                            subscription.id,
                            describe(&error)
                        ));
                        found.unlisted.push(subscription.id.clone());
                    }
                }
            }
        }
    }
    notes.extend(found.inventory.rejected.iter().cloned());
    found.unmatched = select::unmatched(client, scope, &ids, &found.inventory.rows).await;
    found
}
