//! From a scope to what is read: the subscriptions, which servers of them, and which documents; and what was asked for
//! that is not there.

use strsim::damerau_levenshtein;

use crate::azure::estate::{Question, SUBSCRIPTIONS_OF_A_QUESTION, ask, text};
use crate::azure::{ArmClient, InventoryRow, ServerFilter, filter, inventory};
use crate::baseline::FeatureId;
use crate::documents::text::neutral;
use crate::documents::{DocumentKind, ServerDocuments, Subscription};
use crate::posture::needs_of;
use crate::store::{Scope, TagFilter};

use super::plan::Wanted;
use super::run::ScanError;

/// What the id of a management group begins with, in lower case.
const GROUP_ID: &str = "/providers/microsoft.management/managementgroups/";
/// The most names that are offered in the place of one that is not there.
const MOST_NEAR: usize = 3;

/// The subscriptions that are scanned.
pub struct Selected {
    /// They, of those that are visible.
    pub subscriptions: Vec<Subscription>,
    /// What was asked for and is not visible, in words.
    pub missing: Vec<String>,
}

/// The visible subscriptions that a scope means. The management groups are asked about only when it names one.
///
/// # Errors
/// When the management groups cannot be read, or nothing that is visible is meant.
pub async fn subscriptions(
    client: &ArmClient,
    scope: &Scope,
    visible: &[Subscription],
) -> Result<Selected, ScanError> {
    let mut missing = Vec::new();
    for wanted in &scope.subscriptions {
        if !visible.iter().any(|it| is_subscription(wanted, it)) {
            let names = visible.iter().map(|it| it.name.as_str());
            missing.push(format!(
                "the subscription {} was asked for and is not visible to this account{}",
                neutral(wanted),
                near(wanted, names)
            ));
        }
    }
    let mut selected: Vec<Subscription> = visible
        .iter()
        .filter(|it| {
            scope.subscriptions.is_empty()
                || scope
                    .subscriptions
                    .iter()
                    .any(|wanted| is_subscription(wanted, it))
        })
        .cloned()
        .collect();
    if !scope.management_groups.is_empty() {
        let below = below(client, visible).await?;
        for wanted in &scope.management_groups {
            if !below.iter().any(|(_, group)| group.is(wanted)) {
                let names = below.iter().map(|(_, group)| group.name.as_str());
                missing.push(format!(
                    "the management group {} was asked for and lies above no subscription that is visible to this account{}",
                    neutral(wanted),
                    near(wanted, names)
                ));
            }
        }
        selected.retain(|it| {
            below.iter().any(|(subscription, group)| {
                it.id.eq_ignore_ascii_case(subscription)
                    && scope.management_groups.iter().any(|it| group.is(it))
            })
        });
    }
    let asks = !(scope.subscriptions.is_empty() && scope.management_groups.is_empty());
    if asks && selected.is_empty() {
        if missing.is_empty() {
            missing.push(
                "none of the subscriptions that were asked for lies below the management groups that were".to_owned(),
            );
        }
        return Err(ScanError::NothingFits(missing));
    }
    Ok(Selected {
        subscriptions: selected,
        missing,
    })
}

fn is_subscription(wanted: &str, subscription: &Subscription) -> bool {
    subscription.id.eq_ignore_ascii_case(wanted)
        || subscription.name.to_lowercase() == wanted.to_lowercase()
}

/// A management group above a subscription.
struct Group {
    name: String,
    shown: String,
}

impl Group {
    /// Whether this is its name, its id, or the name under which it is shown.
    fn is(&self, wanted: &str) -> bool {
        let wanted = wanted.to_lowercase();
        let name = wanted.strip_prefix(GROUP_ID).unwrap_or(&wanted);
        name == self.name.to_lowercase() || wanted == self.shown.to_lowercase()
    }
}

/// The subscriptions with each of the management groups above them.
async fn below(
    client: &ArmClient,
    visible: &[Subscription],
) -> Result<Vec<(String, Group)>, ScanError> {
    let ids: Vec<String> = visible.iter().map(|it| it.id.clone()).collect();
    let mut below = Vec::new();
    for batch in ids.chunks(SUBSCRIPTIONS_OF_A_QUESTION) {
        let answer = ask(client, batch, Question::ManagementGroups)
            .await
            .map_err(ScanError::ManagementGroups)?;
        for row in &answer.rows {
            let Some(subscription) = text(row, "/subscriptionId") else {
                continue;
            };
            let chain = row
                .pointer("/properties/managementGroupAncestorsChain")
                .and_then(|chain| chain.as_array());
            for group in chain.into_iter().flatten() {
                if let Some(name) = text(group, "/name") {
                    let shown = text(group, "/displayName").unwrap_or(name);
                    below.push((
                        subscription.to_owned(),
                        Group {
                            name: name.to_owned(),
                            shown: shown.to_owned(),
                        },
                    ));
                }
            }
        }
    }
    Ok(below)
}

/// Which servers of the subscriptions a scope means.
#[must_use]
pub fn server_filter(scope: &Scope) -> ServerFilter {
    ServerFilter {
        resource_groups: scope.resource_groups.clone(),
        tags: scope
            .tags
            .iter()
            .map(|it| (it.name.clone(), it.value.clone()))
            .collect(),
        servers: scope.servers.clone(),
    }
}

/// The parts of a scope that no server has been found for yet.
pub struct Unmatched {
    groups: Vec<String>,
    tags: Vec<TagFilter>,
    servers: Vec<String>,
    /// Whether the scope has more than one part, which one server has to fit all.
    has_others: bool,
}

impl Unmatched {
    /// All parts of a scope.
    #[must_use]
    pub fn of(scope: &Scope) -> Self {
        Self {
            groups: scope.resource_groups.clone(),
            tags: scope.tags.clone(),
            servers: scope.servers.clone(),
            has_others: scope.parts() > 1,
        }
    }

    /// Takes away what a server fits.
    pub fn see(&mut self, row: &InventoryRow) {
        let fits = |filter: ServerFilter| filter.accepts(&row.id, &row.body);
        self.groups.retain(|it| {
            !fits(ServerFilter {
                resource_groups: vec![it.clone()],
                ..ServerFilter::default()
            })
        });
        self.tags.retain(|it| {
            !fits(ServerFilter {
                tags: vec![(it.name.clone(), it.value.clone())],
                ..ServerFilter::default()
            })
        });
        self.servers.retain(|it| !filter::names(it, &row.id));
    }

    /// What is left, in words, with names that are near: those of all servers are asked for only when something is. Where
    /// no list of servers came, nothing can be said, and nothing is.
    pub async fn words(self, client: &ArmClient, subscriptions: &[String]) -> Vec<String> {
        let Self {
            groups,
            tags,
            servers,
            has_others,
        } = self;
        if groups.is_empty() && tags.is_empty() && servers.is_empty() {
            return Vec::new();
        }
        words(client, subscriptions, groups, tags, servers, has_others).await
    }
}

async fn words(
    client: &ArmClient,
    subscriptions: &[String],
    groups: Vec<String>,
    tags: Vec<TagFilter>,
    servers: Vec<String>,
    has_others: bool,
) -> Vec<String> {
    let all = inventory(client, subscriptions, &ServerFilter::default())
        .await
        .unwrap_or_default()
        .rows;
    let also = if has_others {
        " that fits the other options"
    } else {
        ""
    };
    let mut words = Vec::new();
    for group in groups {
        let names = all.iter().filter_map(|row| row.id.resource_group());
        words.push(format!(
            "there is no visible server{also} in a resource group {}{}",
            neutral(&group),
            near(&group, names)
        ));
    }
    for tag in tags {
        let mut of_name: Vec<String> = Vec::new();
        for row in &all {
            let tags = row.body.get("tags").and_then(|tags| tags.as_object());
            for (name, value) in tags.into_iter().flatten() {
                of_name.push(name.clone());
                of_name.push(format!("{name}={}", value.as_str().unwrap_or_default()));
            }
        }
        let wanted = tag.to_string();
        let names = of_name
            .iter()
            .filter(|it| it.contains('=') == wanted.contains('='));
        words.push(format!(
            "there is no visible server{also} with the tag {}{}",
            neutral(&wanted),
            near(&wanted, names.map(String::as_str))
        ));
    }
    for server in servers {
        words.push(format!(
            "there is no visible server{also} called {}{}",
            neutral(&server),
            near(&server, all.iter().map(|row| row.id.name()))
        ));
    }
    words
}

/// Which documents of a server are read.
#[must_use]
pub fn wanted(scope: &Scope, server: &ServerDocuments) -> Wanted {
    if scope.only.is_empty() {
        return Wanted::Everything;
    }
    let kinds: Vec<DocumentKind> = FeatureId::ALL
        .into_iter()
        .filter(|feature| scope.reads_for(*feature))
        .flat_map(|feature| needs_of(feature, server))
        .collect();
    Wanted::Only(kinds)
}

/// Names that look like one that is not there, in words; empty when there are none.
fn near<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> String {
    let wanted = wanted.rsplit('/').next().unwrap_or(wanted).to_lowercase();
    let mut near: Vec<(usize, &str)> = names
        .map(|name| (damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= wanted.chars().count().div_ceil(3))
        .collect();
    near.sort_unstable();
    near.dedup();
    let words: Vec<String> = near
        .iter()
        .take(MOST_NEAR)
        .map(|(_, name)| neutral(name).into_owned())
        .collect();
    if words.is_empty() {
        String::new()
    } else {
        format!("; there is {}", words.join(", "))
    }
}
