//! Questions to Resource Graph about what stands around servers: subnets, network security groups, vaults, policy states,
//! policy exemptions, plans of Microsoft Defender.
//!
//! Every question leaves out, without a word, what the caller may not see.

use std::borrow::Cow;

use serde_json::Value;

use super::arm::ArmClient;
use super::error::ReadError;
use super::graph::{self, Pages, Rows, ScopeFilter};

/// The most subscriptions in one question to Resource Graph.
pub const SUBSCRIPTIONS_OF_A_QUESTION: usize = 300;

/// A question about subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// The vaults and managed HSMs, by id, name and type.
    Vaults,
    /// The subnets that are delegated to flexible servers, in the form of Resource Manager: Resource Graph shows subnets
    /// inside their virtual networks only. Of a network with more than 2,000 it leaves the rest out without a word.
    DelegatedSubnets,
    /// Network security groups, in the form of Resource Manager.
    SecurityGroups {
        /// The ids of those that are meant; each [can stand in a question](can_stand_in_a_question).
        ids: &'a [String],
    },
    /// What Azure Policy says about flexible servers: one row a server, assignment and definition.
    PolicyStates {
        /// How the ids begin of the servers that are meant, as far as they can stand in a question; empty for all servers
        /// of the subscriptions.
        below: &'a [String],
    },
    /// How many policy states are visible in each subscription, whatever they are about.
    PolicyVisibility,
    /// The exemptions of Azure Policy at, below and above the subscriptions.
    PolicyExemptions,
    /// The subscriptions themselves, with the management groups above them.
    ManagementGroups,
    /// The plan of Microsoft Defender for open-source relational databases, of each subscription.
    DefenderPlans,
}

impl Question<'_> {
    /// The question in the query language of Resource Graph. The id is among the columns wherever an answer can have
    /// several pages, or the answer has no token for the next one; the order is what makes pages stable.
    #[must_use]
    pub fn text(self) -> Cow<'static, str> {
        let text = match self {
            Self::Vaults => {
                "resources \
                 | where type in~ ('microsoft.keyvault/vaults', 'microsoft.keyvault/managedhsms') \
                 | project id, name, type, subscriptionId \
                 | order by id asc"
            }
            Self::DelegatedSubnets => {
                "resources \
                 | where type =~ 'microsoft.network/virtualnetworks' \
                 | mv-expand subnet = properties.subnets limit 2000 \
                 | where tostring(subnet.properties.delegations) contains 'Microsoft.DBforMySQL/flexibleServers' \
                 | project id = tostring(subnet.id), name = tostring(subnet.name), subscriptionId, \
                 properties = subnet.properties \
                 | order by id asc"
            }
            Self::SecurityGroups { ids } => {
                return format!(
                    "resources \
                     | where type =~ 'microsoft.network/networksecuritygroups' \
                     | where id in~ ('{}') \
                     | project id, name, type, location, subscriptionId, properties \
                     | order by id asc",
                    ids.join("', '")
                )
                .into();
            }
            Self::PolicyStates { below } => return policy_states(below).into(),
            Self::PolicyVisibility => {
                "policyresources \
                 | where type =~ 'microsoft.policyinsights/policystates' \
                 | summarize states = count() by subscriptionId \
                 | order by subscriptionId asc"
            }
            Self::PolicyExemptions => {
                "policyresources \
                 | where type =~ 'microsoft.authorization/policyexemptions' \
                 | project id, name, subscriptionId, properties \
                 | order by id asc"
            }
            Self::ManagementGroups => {
                "resourcecontainers \
                 | where type =~ 'microsoft.resources/subscriptions' \
                 | project id, subscriptionId, properties \
                 | order by id asc"
            }
            Self::DefenderPlans => {
                "securityresources \
                 | where type =~ 'microsoft.security/pricings' \
                 | where name =~ 'OpenSourceRelationalDatabases' \
                 | project id, name, type, subscriptionId, properties \
                 | order by id asc"
            }
        };
        text.into()
    }

    const fn scope_filter(self) -> ScopeFilter {
        match self {
            Self::PolicyExemptions => ScopeFilter::AtScopeAboveAndBelow,
            _ => ScopeFilter::AtScopeAndBelow,
        }
    }
}

fn policy_states(below: &[String]) -> String {
    let mut text = "policyresources \
         | where type =~ 'microsoft.policyinsights/policystates' \
         | where tostring(properties.resourceType) =~ 'microsoft.dbformysql/flexibleservers' "
        .to_owned();
    for (place, start) in below.iter().enumerate() {
        let join = if place == 0 { "| where" } else { "or" };
        text += &format!("{join} tostring(properties.resourceId) startswith '{start}' ");
    }
    text + "| project id, subscriptionId, properties | order by id asc"
}

/// Whether a text means itself between the quotes of a question: an id of Azure does, unless somebody made it up.
#[must_use]
pub fn can_stand_in_a_question(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\'' | '"' | '\\'))
}

/// Asks a question about at most [`SUBSCRIPTIONS_OF_A_QUESTION`] subscriptions, and reads all pages of the answer.
///
/// # Errors
/// Why the answer is not there, or not whole.
pub async fn ask(
    client: &ArmClient,
    subscriptions: &[String],
    question: Question<'_>,
) -> Result<Rows, ReadError> {
    pages(client, subscriptions, question).all().await
}

/// As [`ask`], page by page.
#[must_use]
pub fn pages(client: &ArmClient, subscriptions: &[String], question: Question<'_>) -> Pages {
    let pages = graph::pages(
        client,
        subscriptions,
        &question.text(),
        question.scope_filter(),
    );
    match question {
        // They are the longest by far, and are kept packed.
        Question::PolicyStates { .. } => pages.at_most_lists(2),
        _ => pages,
    }
}

/// The text of a member of a row, when it is text.
#[must_use]
pub fn text<'a>(row: &'a Value, pointer: &str) -> Option<&'a str> {
    row.pointer(pointer)?.as_str()
}
