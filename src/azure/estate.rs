//! Questions to Resource Graph about what stands around servers: vaults, policy states, policy exemptions.
//!
//! Every question leaves out, without a word, what the caller may not see.

use serde_json::Value;

use super::arm::ArmClient;
use super::error::ReadError;
use super::graph::{self, Rows, ScopeFilter};

/// The most subscriptions in one question to Resource Graph.
pub const SUBSCRIPTIONS_OF_A_QUESTION: usize = 300;

/// A question about subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The vaults and managed HSMs, by id, name and type.
    Vaults,
    /// What Azure Policy says about flexible servers: one row a server, assignment and definition.
    PolicyStates,
    /// How many policy states are visible in each subscription, whatever they are about.
    PolicyVisibility,
    /// The exemptions of Azure Policy at, below and above the subscriptions.
    PolicyExemptions,
    /// The subscriptions themselves, with the management groups above them.
    ManagementGroups,
}

impl Question {
    /// The question in the query language of Resource Graph. The id is among the columns wherever an answer can have
    /// several pages, or the answer has no token for the next one; the order is what makes pages stable.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Vaults => {
                "resources \
                 | where type in~ ('microsoft.keyvault/vaults', 'microsoft.keyvault/managedhsms') \
                 | project id, name, type, subscriptionId \
                 | order by id asc"
            }
            Self::PolicyStates => {
                "policyresources \
                 | where type =~ 'microsoft.policyinsights/policystates' \
                 | where tostring(properties.resourceType) =~ 'microsoft.dbformysql/flexibleservers' \
                 | project id, subscriptionId, properties \
                 | order by id asc"
            }
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
        }
    }

    const fn scope_filter(self) -> ScopeFilter {
        match self {
            Self::PolicyExemptions => ScopeFilter::AtScopeAboveAndBelow,
            _ => ScopeFilter::AtScopeAndBelow,
        }
    }
}

/// Asks a question about at most [`SUBSCRIPTIONS_OF_A_QUESTION`] subscriptions.
///
/// # Errors
/// Why the answer is not there, or not whole.
pub async fn ask(
    client: &ArmClient,
    subscriptions: &[String],
    question: Question,
) -> Result<Rows, ReadError> {
    let ids: Vec<&str> = subscriptions.iter().map(String::as_str).collect();
    graph::query_within(client, &ids, question.text(), question.scope_filter()).await
}

/// The text of a member of a row, when it is text.
#[must_use]
pub fn text<'a>(row: &'a Value, pointer: &str) -> Option<&'a str> {
    row.pointer(pointer)?.as_str()
}
