//! What Azure Policy says: the rows of its states that name the server.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use crate::baseline::Policy;
use crate::documents::text::neutral;
use crate::documents::{Cause, DocumentKind, Fact, ServerDocuments};
use crate::posture::parse_time;

use super::Evaluates;

/// A state of Azure Policy. The order is the one in which Azure lets one state win over another where several assignments
/// evaluate one resource (Microsoft's page on compliance states); a word that this program does not know comes after
/// those that say something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ComplianceState {
    /// The rule is broken.
    NonCompliant,
    /// The rule holds.
    Compliant,
    /// The evaluation failed.
    Error,
    /// Assignments contradict each other.
    Conflict,
    /// A word that this program does not know, neutralised.
    Other(String),
    /// An exemption of Azure Policy covers it.
    Exempt,
    /// Not evaluated, or not known to Azure.
    Unknown,
}

impl ComplianceState {
    fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "noncompliant" => Self::NonCompliant,
            "compliant" => Self::Compliant,
            "error" => Self::Error,
            "conflict" => Self::Conflict,
            "exempt" => Self::Exempt,
            "unknown" => Self::Unknown,
            _ => Self::Other(neutral(word).into_owned()),
        }
    }

    /// The state as Azure writes it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::NonCompliant => "NonCompliant",
            Self::Compliant => "Compliant",
            Self::Error => "Error",
            Self::Conflict => "Conflict",
            Self::Other(word) => word,
            Self::Exempt => "Exempt",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for ComplianceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What Azure says about a server in one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureState {
    /// The state.
    pub state: ComplianceState,
    /// When Azure last evaluated it so; `None` where the row does not say.
    pub at: Option<Timestamp>,
}

/// An assignment, as a state of Azure Policy tells it. All text is neutralised for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The assignment's id.
    pub id: String,
    /// The assignment's name, the last segment of its id.
    pub name: String,
    /// The id of the initiative through which the policy is assigned; `None` where it is assigned by itself.
    pub initiative: Option<String>,
    /// The policy's reference id within the initiative.
    pub reference: Option<String>,
    /// The effect that Azure names in the state, in its own spelling.
    pub effect: Option<String>,
    /// The version of the definition that was evaluated, where Azure names it.
    pub version: Option<String>,
    /// The state under this assignment.
    pub state: AzureState,
}

/// Whether the states of Azure Policy show that a policy is assigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// They do: at least one assignment.
    Yes(Vec<Assignment>),
    /// No state of it shows; the text says what that can mean.
    NotSeen(String),
    /// The states could not be read.
    Unread(Cause),
}

impl Assigned {
    /// The assignments that were seen.
    #[must_use]
    pub fn assignments(&self) -> &[Assignment] {
        match self {
            Self::Yes(assignments) => assignments,
            Self::NotSeen(_) | Self::Unread(_) => &[],
        }
    }
}

/// Whether any state of Azure Policy is visible where a server stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visible {
    /// At least one is, of whatever resource and policy.
    Yes,
    /// None is.
    No,
    /// That could not be read.
    Unread(Cause),
}

/// A row of the states that name the server.
#[derive(Clone, Copy, Debug)]
pub struct StateRow<'a>(&'a Value);

impl<'a> StateRow<'a> {
    /// The name of the policy's definition, which for a built-in one is its GUID.
    ///
    /// # Errors
    /// When the row does not name a definition.
    pub fn definition(&self) -> Result<&'a str, Cause> {
        let malformed = || Cause::Malformed {
            detail: "a policy state does not name its policy definition".to_owned(),
        };
        let id = self.text("policyDefinitionId").ok_or_else(malformed)?;
        let mut segments = id.split('/');
        segments
            .by_ref()
            .find(|segment| segment.eq_ignore_ascii_case("policyDefinitions"))
            .and_then(|_| segments.next())
            .filter(|name| !name.is_empty())
            .ok_or_else(malformed)
    }

    /// Whether it is a state of this policy.
    pub fn is_of(&self, policy: &Policy) -> bool {
        self.definition()
            .is_ok_and(|name| name.eq_ignore_ascii_case(&policy.guid))
    }

    fn text(&self, member: &str) -> Option<&'a str> {
        self.0
            .get("properties")?
            .get(member)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    fn neutral_text(&self, member: &str) -> Option<String> {
        self.text(member).map(|text| neutral(text).into_owned())
    }

    /// The id of the assignment, neutralised; empty where the row names none.
    pub fn assignment_id(&self) -> String {
        self.neutral_text("policyAssignmentId").unwrap_or_default()
    }

    /// The policy's reference id within its initiative.
    pub fn reference(&self) -> Option<&'a str> {
        self.text("policyDefinitionReferenceId")
    }

    fn assignment(&self) -> Assignment {
        let id = self.assignment_id();
        Assignment {
            name: self
                .neutral_text("policyAssignmentName")
                .unwrap_or_else(|| id.rsplit('/').next().unwrap_or_default().to_owned()),
            id,
            initiative: self.neutral_text("policySetDefinitionId"),
            reference: self.neutral_text("policyDefinitionReferenceId"),
            effect: self.neutral_text("policyDefinitionAction"),
            version: self.neutral_text("policyDefinitionVersion"),
            state: AzureState {
                state: match self.text("complianceState") {
                    Some(word) => ComplianceState::of(word),
                    None => ComplianceState::Other("not told".to_owned()),
                },
                at: self.text("timestamp").and_then(parse_time),
            },
        }
    }
}

/// The rows of the states that name the server.
pub fn state_rows(documents: &ServerDocuments) -> Fact<Vec<StateRow<'_>>> {
    documents
        .items(DocumentKind::PolicyStates)
        .0
        .map(|items| items.iter().map(StateRow).collect())
}

/// Whether any state of Azure Policy is visible where the server stands, beside those that name it.
pub fn visible(documents: &ServerDocuments) -> Visible {
    let body = match documents.body(DocumentKind::PolicyVisibility) {
        Ok(body) => body,
        Err(cause) => return Visible::Unread(cause),
    };
    let states = match body.get("states") {
        None | Some(Value::Null) => Fact::Absent,
        Some(states) => Fact::Known(states).integer(),
    };
    match states {
        Fact::Known(1..) => Visible::Yes,
        Fact::Known(0) => Visible::No,
        Fact::Known(_) | Fact::Absent => Visible::Unread(Cause::Malformed {
            detail: "the answer does not say how many policy states are visible".to_owned(),
        }),
        Fact::Unread(cause) => Visible::Unread(cause),
    }
}

/// Whether a policy is seen assigned to the server, and what Azure says about the server in it.
pub fn of_policy(
    documents: &ServerDocuments,
    policy: &Policy,
    evaluates: &Evaluates,
) -> (Assigned, Option<AzureState>) {
    let rows = state_rows(documents);
    if let Fact::Known(rows) = &rows {
        let assignments: Vec<Assignment> = rows
            .iter()
            .filter(|row| row.is_of(policy))
            .map(StateRow::assignment)
            .collect();
        if !assignments.is_empty() {
            let azure = first_in_rank(&assignments);
            return (Assigned::Yes(assignments), azure);
        }
    }
    let not_seen = |why: &str| Assigned::NotSeen(why.to_owned());
    let assigned = match (evaluates, rows) {
        (Evaluates::Never(_), _) => {
            not_seen("it never evaluates a flexible server, so no state of it can name one")
        }
        (Evaluates::Subscription, _) => {
            not_seen("its states are about the subscription; those are not read")
        }
        (Evaluates::FlexibleServer, Fact::Unread(cause)) => Assigned::Unread(cause),
        (Evaluates::FlexibleServer, Fact::Absent) => Assigned::Unread(Cause::Absent),
        (Evaluates::FlexibleServer, Fact::Known(rows)) => {
            if let Some(cause) = rows.iter().find_map(|row| row.definition().err()) {
                Assigned::Unread(cause)
            } else if !rows.is_empty() {
                not_seen(NO_STATE)
            } else {
                match visible(documents) {
                    Visible::Yes => not_seen(NO_STATE),
                    Visible::No => Assigned::NotSeen(format!(
                        "not visible: no state of anything shows in the subscription; possibly the action {} is missing",
                        DocumentKind::PolicyStates.action()
                    )),
                    Visible::Unread(cause) => Assigned::NotSeen(format!(
                        "no state of it, and whether states are visible in the subscription is unread: {}",
                        neutral(&cause.to_string())
                    )),
                }
            }
        }
    };
    (assigned, None)
}

const NO_STATE: &str = "no state of it: not assigned, or not evaluated yet";

/// Of several assignments, the state that wins in Azure's order, with its newest time.
fn first_in_rank(assignments: &[Assignment]) -> Option<AzureState> {
    assignments
        .iter()
        .map(|assignment| &assignment.state)
        .min_by(|one, other| {
            let by_state = one.state.cmp(&other.state);
            by_state.then_with(|| other.at.cmp(&one.at))
        })
        .cloned()
}
