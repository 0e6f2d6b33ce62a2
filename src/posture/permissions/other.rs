//! Causes for which no permission would have helped.

use std::collections::BTreeSet;

use crate::baseline::FeatureId;
use crate::documents::CauseKind;
use crate::posture::ConditionId;

/// What is unknown for one cause that is no matter of permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherCause {
    /// The cause.
    pub kind: CauseKind,
    /// On how many servers.
    pub servers: usize,
    /// In which features.
    pub features: BTreeSet<FeatureId>,
    /// Which conditions.
    pub conditions: BTreeSet<ConditionId>,
    /// How many of those are open, over all servers.
    pub open_conditions: usize,
    /// The first server.
    pub example: Option<String>,
}

impl OtherCause {
    pub(super) const fn new(kind: CauseKind) -> Self {
        Self {
            kind,
            servers: 0,
            features: BTreeSet::new(),
            conditions: BTreeSet::new(),
            open_conditions: 0,
            example: None,
        }
    }
}

/// What to do about a cause.
#[must_use]
pub const fn advice(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Denied => "grant the action",
        CauseKind::NotVisible => "grant the action that is possibly missing",
        CauseKind::ServerStopped => "start the server, then scan again",
        CauseKind::Throttled => "scan again later",
        CauseKind::TimedOut => "scan again",
        CauseKind::NotFound => "see whether it was deleted or moved since the server last named it",
        CauseKind::Malformed => {
            "look at the document itself; a newer version of the program may understand it"
        }
        CauseKind::Failed => {
            "scan again; if it stays, the code in the finding is Azure's own reason"
        }
        CauseKind::Unreachable => {
            "look at network, proxy and certificates; `flexposture doctor` says how far it comes"
        }
        CauseKind::PendingRestart => "restart the server when that is possible, then scan again",
        CauseKind::Unsettled => "scan again when the change has ended",
        CauseKind::Absent => "nothing to grant: what was asked for is not in Azure's answer",
        CauseKind::Cancelled => "scan again, to the end",
        CauseKind::NotHere => {
            "put the file of the earlier scan beside this one, or scan the fleet again"
        }
        CauseKind::NotAsked => {
            "scan again; what stays so is not read or judged by this version of the program"
        }
    }
}
