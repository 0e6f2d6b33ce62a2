//! The kinds of credential, the words for them, and what came of looking at each.

use std::str::FromStr;

/// The kinds of credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// The account that the Azure CLI is signed in with.
    AzureCli,
    /// The identity of the machine or service that this runs on.
    ManagedIdentity {
        /// The client id of a user-assigned identity; `None` for the system-assigned one.
        client_id: Option<String>,
    },
    /// A workload identity of Kubernetes.
    WorkloadIdentity,
    /// A service principal with a client secret.
    ClientSecret,
    /// A token given as it is, for endpoints on this machine only.
    Static,
}

impl CredentialKind {
    /// The word for it, as `--auth` takes it and `doctor --json` writes it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::AzureCli => "cli",
            Self::ManagedIdentity { .. } => "managed-identity",
            Self::WorkloadIdentity => "workload-identity",
            Self::ClientSecret => "client-secret",
            Self::Static => "static-token",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::AzureCli => "Azure CLI",
            Self::ManagedIdentity { .. } => "managed identity",
            Self::WorkloadIdentity => "workload identity",
            Self::ClientSecret => "client secret",
            Self::Static => "static token",
        }
    }
}

/// What was asked for by `--auth`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialChoice {
    /// The environment's own kind, else the Azure CLI.
    #[default]
    Auto,
    /// The Azure CLI.
    AzureCli,
    /// Managed identity, on virtual machines too.
    ManagedIdentity,
    /// Workload identity.
    WorkloadIdentity,
    /// Client secret.
    ClientSecret,
}

impl CredentialChoice {
    /// The words for the choices.
    pub const WORDS: [&str; 5] = [
        "auto",
        "cli",
        "managed-identity",
        "workload-identity",
        "client-secret",
    ];
}

impl FromStr for CredentialChoice {
    type Err = UnknownCredential;

    fn from_str(word: &str) -> Result<Self, UnknownCredential> {
        Ok(match word {
            "auto" => Self::Auto,
            "cli" => Self::AzureCli,
            "managed-identity" => Self::ManagedIdentity,
            "workload-identity" => Self::WorkloadIdentity,
            "client-secret" => Self::ClientSecret,
            _ => return Err(UnknownCredential(word.chars().take(40).collect())),
        })
    }
}

/// No credential goes by this word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a credential: choose {words}", words = CredentialChoice::WORDS.join(", "))]
pub struct UnknownCredential(String);

/// One credential that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which one.
    pub kind: CredentialKind,
    /// What came of it.
    pub outcome: AttemptOutcome,
}

/// What came of looking at a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The environment does not set it up; what is missing.
    NotSetUp(String),
    /// It is set up, but wrongly; what is wrong.
    Unusable(String),
    /// This is the one to ask.
    Chosen,
}
