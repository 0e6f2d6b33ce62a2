//! What the roles of the account grant in each subscription, beside what a scan reads.

use std::fmt::Write as _;

use serde::Serialize;
use tokio::task::JoinSet;

use crate::azure::{ArmClient, granted};
use crate::documents::Subscription;
use crate::documents::text::neutral;
use crate::posture::permissions::{all_actions, is_tenant_level};

/// The most subscriptions that are asked: the answers are for a person.
const MOST: usize = 50;

/// What is granted in the subscriptions.
#[derive(Debug, Default, Serialize)]
pub struct Roles {
    /// One entry for each subscription that was asked.
    asked: Vec<InSubscription>,
    /// How many more are visible and were not asked.
    not_asked: usize,
}

#[derive(Debug, Serialize)]
struct InSubscription {
    id: String,
    name: String,
    /// The actions of a scan that no role grants in the whole subscription; `None`: Azure did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Vec<&'static str>>,
    /// Why Azure did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Roles {
    /// Asks Azure.
    pub async fn read(client: &ArmClient, subscriptions: &[Subscription]) -> Self {
        let mut reads = JoinSet::new();
        for (place, subscription) in subscriptions.iter().take(MOST).cloned().enumerate() {
            let client = client.clone();
            reads.spawn(async move { (place, in_subscription(&client, subscription).await) });
        }
        let mut asked = reads.join_all().await;
        asked.sort_by_key(|(place, _)| *place);
        Self {
            asked: asked.into_iter().map(|(_, it)| it).collect(),
            not_asked: subscriptions.len().saturating_sub(MOST),
        }
    }

    /// The lines that say it.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let whole = |it: &&InSubscription| it.missing.as_ref().is_some_and(Vec::is_empty);
        let count = self.asked.iter().filter(whole).count();
        if count > 0 {
            let of = self.asked.len();
            lines.push(format!(
                "in {count} of {of} subscriptions a scan may read everything"
            ));
        }
        for it in self.asked.iter().filter(|it| !whole(it)) {
            let mut line = format!("{} ({})", it.name, it.id);
            match (&it.missing, &it.reason) {
                (Some(missing), _) => {
                    let _ = write!(line, ": not granted: {}", missing.join(", "));
                }
                (None, reason) => {
                    let reason = reason.as_deref().unwrap_or("no reason was given");
                    let _ = write!(line, ": what is granted cannot be told: {reason}");
                }
            }
            lines.push(line);
        }
        if self.not_asked > 0 {
            lines.push(format!("{} more were not asked", self.not_asked));
        }
        lines
    }
}

async fn in_subscription(client: &ArmClient, subscription: Subscription) -> InSubscription {
    let (missing, reason) = match granted(client, &subscription.id).await {
        Ok(granted) => {
            // What is on the tenant no role in a subscription grants.
            let missing = all_actions()
                .into_iter()
                .filter(|action| !is_tenant_level(action) && !granted.has(action))
                .collect();
            (Some(missing), None)
        }
        Err(error) => (None, Some(neutral(&error.to_string()).into_owned())),
    };
    InSubscription {
        id: subscription.id,
        name: neutral(&subscription.name).into_owned(),
        missing,
        reason,
    }
}
