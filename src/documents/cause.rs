//! Why something could not be read, in words that a person can act on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kept a request from reaching its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Unreachable {
    /// The host name could not be resolved.
    Dns,
    /// The TLS session could not be established, most often an untrusted certificate.
    Tls,
    /// The connection was refused, reset, or ended before the answer was whole.
    Reset,
    /// It was not sent: so many reads like it had failed before that they were given up.
    GivenUp,
}

/// Why a fact is unread. A cause is never a verdict about the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// Azure refused the read (403). The action and scope are those that Azure named, else those that the
    /// request is documented to need.
    Denied {
        /// The missing role-based access control action, for example
        /// `Microsoft.DBforMySQL/flexibleServers/configurations/read`.
        action: String,
        /// The resource that the action was asked on.
        scope: String,
    },
    /// A list that silently leaves out what the caller may not see came back without it.
    NotVisible,
    /// The server was not running, so this read could not be answered.
    ServerStopped,
    /// Azure's request limit was reached and the wait it asked for is longer than a scan waits.
    Throttled,
    /// No whole answer came within the time limit.
    TimedOut,
    /// Azure says that the resource does not exist (404).
    NotFound,
    /// An answer came, but it does not have the shape of one.
    Malformed {
        /// What is wrong with it.
        detail: String,
    },
    /// Azure answered with an error of its own.
    Failed {
        /// The HTTP status.
        status: u16,
        /// Azure's error code, empty when the answer carried none.
        code: String,
    },
    /// No answer came at all.
    Unreachable {
        /// Where the way ended.
        kind: Unreachable,
        /// The chain of errors, neutralised for display.
        detail: String,
    },
    /// The parameter was changed, and which value is in force is not told before the next restart.
    PendingRestart,
    /// The answer lacks the member, and its absence has no documented meaning.
    Absent,
    /// The scan was cancelled before this was read.
    Cancelled,
    /// This scan did not ask for it.
    NotAsked,
    /// It was read while it was changing, so it says nothing that will last.
    Unsettled {
        /// What was changing.
        what: String,
    },
    /// It was read by an earlier scan, over which this one lies, and that scan is not at hand.
    NotHere {
        /// Which scan, and what is wrong with it.
        detail: String,
    },
}

/// A cause without its details: the form that lists need. The variants are those of [`Cause`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is documented at its twin in Cause")]
pub enum CauseKind {
    Denied,
    NotVisible,
    ServerStopped,
    Throttled,
    TimedOut,
    NotFound,
    Malformed,
    Failed,
    Unreachable,
    PendingRestart,
    Absent,
    Cancelled,
    NotAsked,
    Unsettled,
    NotHere,
}

impl CauseKind {
    /// Every kind, in order.
    pub const ALL: [Self; 15] = [
        Self::Denied,
        Self::NotVisible,
        Self::ServerStopped,
        Self::Throttled,
        Self::TimedOut,
        Self::NotFound,
        Self::Malformed,
        Self::Failed,
        Self::Unreachable,
        Self::PendingRestart,
        Self::Absent,
        Self::Cancelled,
        Self::NotAsked,
        Self::Unsettled,
        Self::NotHere,
    ];

    /// The word for it, as it stands in reports and in `findings --json`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Denied => "Denied",
            Self::NotVisible => "NotVisible",
            Self::ServerStopped => "ServerStopped",
            Self::Throttled => "Throttled",
            Self::TimedOut => "TimedOut",
            Self::NotFound => "NotFound",
            Self::Malformed => "Malformed",
            Self::Failed => "Failed",
            Self::Unreachable => "Unreachable",
            Self::PendingRestart => "PendingRestart",
            Self::Absent => "Absent",
            Self::Cancelled => "Cancelled",
            Self::NotAsked => "NotAsked",
            Self::Unsettled => "Unsettled",
            Self::NotHere => "NotHere",
        }
    }

    /// A few words for a list.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Denied => "access denied",
            Self::NotVisible => "not visible",
            Self::ServerStopped => "server not running",
            Self::Throttled => "request limit reached",
            Self::TimedOut => "timed out",
            Self::NotFound => "not found",
            Self::Malformed => "not understood",
            Self::Failed => "Azure failed",
            Self::Unreachable => "unreachable",
            Self::PendingRestart => "waits for a restart",
            Self::Absent => "not in the answer",
            Self::Cancelled => "scan cancelled",
            Self::NotAsked => "not asked by this scan",
            Self::Unsettled => "was just changing",
            Self::NotHere => "in a missing scan",
        }
    }
}

impl Cause {
    /// Stands for Azure's error code, with the status 401, where a request was not even sent for want of a token.
    pub const NO_TOKEN: &str = "NoToken";

    /// The cause without its details.
    #[must_use]
    pub const fn kind(&self) -> CauseKind {
        match self {
            Self::Denied { .. } => CauseKind::Denied,
            Self::NotVisible => CauseKind::NotVisible,
            Self::ServerStopped => CauseKind::ServerStopped,
            Self::Throttled => CauseKind::Throttled,
            Self::TimedOut => CauseKind::TimedOut,
            Self::NotFound => CauseKind::NotFound,
            Self::Malformed { .. } => CauseKind::Malformed,
            Self::Failed { .. } => CauseKind::Failed,
            Self::Unreachable { .. } => CauseKind::Unreachable,
            Self::PendingRestart => CauseKind::PendingRestart,
            Self::Absent => CauseKind::Absent,
            Self::Cancelled => CauseKind::Cancelled,
            Self::NotAsked => CauseKind::NotAsked,
            Self::Unsettled { .. } => CauseKind::Unsettled,
            Self::NotHere { .. } => CauseKind::NotHere,
        }
    }

    /// The word for this cause, as it stands in reports and in `findings --json`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.kind().word()
    }

    /// Whether the same question may be answered a little later, with nothing changed on either side. A refusal is an
    /// answer.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Throttled | Self::TimedOut | Self::Unreachable { .. } | Self::Cancelled => true,
            Self::Failed { status, .. } => *status == 401 || *status >= 500,
            _ => false,
        }
    }

    /// How likely a person can do something about it: of several causes that hide one verdict, the one with the
    /// lowest rank is shown.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Denied { .. } => 0,
            Self::ServerStopped => 1,
            Self::Throttled => 2,
            Self::TimedOut => 3,
            Self::Unreachable { .. } => 4,
            Self::Failed { .. } => 5,
            Self::Malformed { .. } => 6,
            Self::PendingRestart => 7,
            Self::Unsettled { .. } => 8,
            Self::NotVisible => 9,
            Self::NotFound => 10,
            Self::Absent => 11,
            Self::Cancelled => 12,
            Self::NotAsked => 13,
            Self::NotHere { .. } => 14,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { action, scope } => {
                write!(f, "access denied: needs the action {action} on {scope}")
            }
            Self::NotVisible => {
                f.write_str("not visible: the list leaves out what you may not read")
            }
            Self::ServerStopped => {
                f.write_str("the server is not running: start it, then read again")
            }
            Self::Throttled => f.write_str("Azure's request limit was reached: read again later"),
            Self::TimedOut => f.write_str("no whole answer within the time limit: read again"),
            Self::NotFound => f.write_str("Azure says that this does not exist (404)"),
            Self::Malformed { detail } => write!(f, "not understood: {detail}"),
            Self::Failed { status: 401, code } if code == Self::NO_TOKEN => f.write_str(
                "there was no token to ask with: sign in again, then read again; `flexposture doctor` says why",
            ),
            Self::Failed { status, code } if code.is_empty() => {
                write!(f, "Azure answered with the error {status}")
            }
            Self::Failed { status, code } => {
                write!(f, "Azure answered with the error {status} {code}")
            }
            Self::Unreachable { kind, detail } => {
                let what = match kind {
                    Unreachable::Dns => "the host name could not be resolved",
                    Unreachable::Tls => "no TLS session could be established",
                    Unreachable::Reset => "the connection was refused or broken off",
                    Unreachable::GivenUp => "not asked any more",
                };
                write!(f, "{what}: {detail}")
            }
            Self::PendingRestart => f.write_str(
                "changed but waiting for a restart: the value in force is not told until then",
            ),
            Self::Absent => f.write_str("the answer does not carry this value"),
            Self::Cancelled => f.write_str("the scan was cancelled before this was read"),
            Self::NotAsked => f.write_str("this scan did not ask for it"),
            Self::Unsettled { what } => write!(f, "{what}: read again when that has ended"),
            Self::NotHere { detail } => f.write_str(detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_at_its_place() {
        for (place, kind) in CauseKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
        assert_eq!(CauseKind::NotHere as usize + 1, CauseKind::ALL.len());
    }

    #[test]
    fn want_of_a_token_is_not_called_an_answer_of_azure() {
        let cause = |code: &str| Cause::Failed {
            status: 401,
            code: code.to_owned(),
        };
        assert!(
            !cause(Cause::NO_TOKEN)
                .to_string()
                .contains("Azure answered")
        );
        assert!(
            cause("ExpiredAuthenticationToken")
                .to_string()
                .contains("Azure answered")
        );
    }
}
