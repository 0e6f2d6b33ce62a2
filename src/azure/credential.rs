//! The credentials: which one serves here, and why the others do not.
//!
//! The choice is explicit, or else the environment's own kind, or else the Azure CLI. A credential that was chosen and
//! fails is not replaced by the next one: a scan under another identity than the one that was set up would be a wrong
//! answer. The metadata service of virtual machines is never asked unless managed identity was asked for by name.

mod cli;
mod entra;
mod kind;
mod managed_identity;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::credentials::AccessToken;
use azure_core::http::{ExponentialRetryOptions, RetryOptions};

pub use kind::{Attempt, AttemptOutcome, CredentialChoice, CredentialKind, UnknownCredential};

use super::cloud::Cloud;
use super::environment::Environment;
use super::error::{advise, chain};
use super::http::CertificateFile;
use super::secret::Secret;
use super::token::{Token, TokenCache, TokenError, TokenSource};

/// The variable that holds a static token, for endpoints on this machine.
const STATIC_TOKEN: &str = "FLEXPOSTURE_TOKEN";

/// What the credential library puts before the error of its last try.
const RETRIED: &str = "retry policy expired and the request will no longer be retried: ";

/// What a credential needs beside the environment.
#[derive(Clone, Debug)]
pub struct CredentialOptions {
    /// The tenant to ask, when not the account's own.
    pub tenant: Option<String>,
    /// Authorities of certificates to trust beside those of the system.
    pub certificates: CertificateFile,
    /// The longest that a credential is waited for. Managed identity answers within 5 s or not at all.
    pub time_limit: Duration,
}

impl Default for CredentialOptions {
    fn default() -> Self {
        Self {
            tenant: None,
            certificates: CertificateFile::default(),
            time_limit: Duration::from_secs(30),
        }
    }
}

/// Where tokens come from.
#[derive(Clone, Debug)]
pub enum Account {
    /// One token, given as it is.
    Static(Secret),
    /// A real credential behind the cache.
    Credential(TokenCache),
}

/// The credential that was chosen.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Its kind.
    pub kind: CredentialKind,
    /// Where its tokens come from.
    pub account: Account,
    /// All that were looked at, in order, the chosen one last.
    pub attempts: Vec<Attempt>,
    /// What may be wrong although a credential was found.
    pub hints: Vec<String>,
}

/// No credential can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectionError {
    /// Why, for a person.
    pub reason: String,
    /// All that were looked at, in order.
    pub attempts: Vec<Attempt>,
}

impl SelectionError {
    const fn new(reason: String, attempts: Vec<Attempt>) -> Self {
        Self { reason, attempts }
    }
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for SelectionError {}

/// Why a kind of credential was passed over.
enum Passed {
    NotSetUp(String),
    Unusable(String),
}

/// Finds the credential to use for a cloud. Nothing is asked of it yet.
///
/// # Errors
/// When none can be used, with the reason for each.
pub fn select(
    choice: CredentialChoice,
    environment: &Environment,
    cloud: &Cloud,
    options: &CredentialOptions,
) -> Result<Selection, SelectionError> {
    let mut attempts = Vec::new();
    if choice == CredentialChoice::Auto {
        if let Some(token) = environment.get(STATIC_TOKEN) {
            return static_token(token, cloud);
        }
        if cloud.endpoint().is_loopback() {
            attempts.push(Attempt {
                kind: CredentialKind::Static,
                outcome: AttemptOutcome::NotSetUp(not_set(&[STATIC_TOKEN])),
            });
        }
    }
    let candidates = match choice {
        CredentialChoice::Auto => vec![
            CredentialKind::WorkloadIdentity,
            CredentialKind::ClientSecret,
            managed(environment),
            CredentialKind::AzureCli,
        ],
        CredentialChoice::AzureCli => vec![CredentialKind::AzureCli],
        CredentialChoice::ManagedIdentity => vec![managed(environment)],
        CredentialChoice::WorkloadIdentity => vec![CredentialKind::WorkloadIdentity],
        CredentialChoice::ClientSecret => vec![CredentialKind::ClientSecret],
    };
    let explicit = choice != CredentialChoice::Auto;
    for kind in candidates {
        match source(&kind, explicit, environment, cloud, options) {
            Ok(source) => {
                attempts.push(Attempt {
                    kind: kind.clone(),
                    outcome: AttemptOutcome::Chosen,
                });
                let hints = match kind {
                    CredentialKind::AzureCli => cli::cloud_hint(environment, cloud),
                    _ => None,
                };
                return Ok(Selection {
                    kind,
                    account: Account::Credential(TokenCache::new(source)),
                    attempts,
                    hints: hints.into_iter().collect(),
                });
            }
            Err(Passed::NotSetUp(why)) => {
                let reason = format!("{}: {why}", kind.title());
                attempts.push(Attempt {
                    kind,
                    outcome: AttemptOutcome::NotSetUp(why),
                });
                if explicit {
                    return Err(SelectionError::new(reason, attempts));
                }
            }
            Err(Passed::Unusable(why)) => {
                let reason = format!("{}: {why}", kind.title());
                attempts.push(Attempt {
                    kind,
                    outcome: AttemptOutcome::Unusable(why),
                });
                return Err(SelectionError::new(reason, attempts));
            }
        }
    }
    Err(SelectionError::new(
        "no credential is set up".to_owned(),
        attempts,
    ))
}

fn static_token(token: &str, cloud: &Cloud) -> Result<Selection, SelectionError> {
    let mut attempts = vec![Attempt {
        kind: CredentialKind::Static,
        outcome: AttemptOutcome::Chosen,
    }];
    if cloud.endpoint().is_loopback() {
        return Ok(Selection {
            kind: CredentialKind::Static,
            account: Account::Static(Secret::new(token)),
            attempts,
            hints: Vec::new(),
        });
    }
    let reason = super::access::AccessError::StaticTokenElsewhere(cloud.endpoint()).to_string();
    attempts[0].outcome = AttemptOutcome::Unusable(reason.clone());
    Err(SelectionError::new(reason, attempts))
}

fn managed(environment: &Environment) -> CredentialKind {
    CredentialKind::ManagedIdentity {
        client_id: environment.get("AZURE_CLIENT_ID").map(str::to_owned),
    }
}

fn source(
    kind: &CredentialKind,
    explicit: bool,
    environment: &Environment,
    cloud: &Cloud,
    options: &CredentialOptions,
) -> Result<Arc<dyn TokenSource>, Passed> {
    match kind {
        CredentialKind::AzureCli => Ok(Arc::new(cli::AzureCli::new(options.time_limit))),
        CredentialKind::ManagedIdentity { client_id } => {
            if !explicit {
                // Without both, the credential would go looking for the metadata service of a virtual machine.
                require(environment, &["IDENTITY_ENDPOINT", "IDENTITY_HEADER"])?;
            }
            let source = managed_identity::ManagedIdentity::new(client_id.clone(), options)?;
            Ok(Arc::new(source))
        }
        CredentialKind::WorkloadIdentity => {
            let names = ["AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_ID"];
            require(environment, &names)?;
            let source = entra::Entra::workload_identity(environment, cloud, options)?;
            Ok(Arc::new(source))
        }
        CredentialKind::ClientSecret => {
            require(environment, &["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"])?;
            let source = entra::Entra::client_secret(environment, cloud, options)?;
            Ok(Arc::new(source))
        }
        CredentialKind::Static => Err(Passed::NotSetUp(not_set(&[STATIC_TOKEN]))),
    }
}

fn require(environment: &Environment, names: &[&str]) -> Result<(), Passed> {
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| environment.get(name).is_none())
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Passed::NotSetUp(not_set(&missing)))
    }
}

fn not_set(names: &[&str]) -> String {
    match names {
        [name] => format!("{name} is not set"),
        names => format!("{} are not set", names.join(" and ")),
    }
}

/// A token of the credential library as ours.
fn token(answer: azure_core::Result<AccessToken>) -> Result<Token, TokenError> {
    match answer {
        Ok(token) if token.token.secret().is_empty() => {
            Err(TokenError("the answer holds no token".to_owned()))
        }
        Ok(token) => Ok(Token::new(
            Secret::new(token.token.secret()),
            SystemTime::from(token.expires_on),
        )),
        Err(error) => Err(TokenError(reason(&error))),
    }
}

/// How often the credential library tries again. Left to itself it goes on for a minute, in which a certificate that is
/// not trusted looks like a service that does not answer.
fn retry() -> RetryOptions {
    RetryOptions::exponential(ExponentialRetryOptions {
        max_retries: 2,
        max_total_elapsed: azure_core::time::Duration::seconds(10),
        ..ExponentialRetryOptions::default()
    })
}

/// The reason of a credential's error, neutralised, since it holds the text of other programs and of services verbatim.
/// The frame that the library puts around it, with a link to its own help, is left out.
fn reason(error: &azure_core::Error) -> String {
    let framed = error.to_string().contains("https://aka.ms/azsdk/");
    let reason = match std::error::Error::source(error) {
        Some(source) if framed => chain(source),
        _ => chain(error),
    };
    advise(reason.strip_prefix(RETRIED).unwrap_or(&reason).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs.iter().copied().collect()
    }

    fn choose(
        choice: &str,
        pairs: &[(&str, &str)],
        cloud: &Cloud,
    ) -> Result<Selection, SelectionError> {
        super::super::install_crypto_provider();
        select(
            choice.parse().unwrap(),
            &environment(pairs),
            cloud,
            &CredentialOptions::default(),
        )
    }

    fn loopback() -> Cloud {
        Cloud::choose(None, Some("http://127.0.0.1:1"), None, None).unwrap()
    }

    #[test]
    fn with_nothing_set_it_is_the_azure_cli_and_each_other_has_its_reason() {
        let selection = choose("auto", &[], &Cloud::Public).unwrap();
        assert_eq!(selection.kind, CredentialKind::AzureCli);
        let tried: Vec<_> = selection
            .attempts
            .iter()
            .map(|attempt| attempt.kind.word())
            .collect();
        assert_eq!(
            tried,
            [
                "workload-identity",
                "client-secret",
                "managed-identity",
                "cli"
            ]
        );
        assert_eq!(
            selection.attempts[2].outcome,
            AttemptOutcome::NotSetUp(
                "IDENTITY_ENDPOINT and IDENTITY_HEADER are not set".to_owned()
            )
        );
    }

    #[test]
    fn the_environments_own_kind_goes_before_the_azure_cli() {
        let secret = [
            ("AZURE_TENANT_ID", "t"),
            ("AZURE_CLIENT_ID", "c"),
            ("AZURE_CLIENT_SECRET", "s"),
        ];
        let selection = choose("auto", &secret, &Cloud::Public).unwrap();
        assert_eq!(selection.kind, CredentialKind::ClientSecret);
        let identity = [
            ("IDENTITY_ENDPOINT", "http://127.0.0.1:1"),
            ("IDENTITY_HEADER", "h"),
        ];
        let selection = choose("auto", &identity, &Cloud::Public).unwrap();
        assert_eq!(selection.kind.word(), "managed-identity");
        // Half of what App Service sets would lead to the metadata service.
        let selection = choose("auto", &identity[..1], &Cloud::Public).unwrap();
        assert_eq!(selection.kind, CredentialKind::AzureCli);
    }

    #[test]
    fn what_is_set_up_wrongly_is_not_passed_over_in_silence() {
        let error = choose(
            "auto",
            &[("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "s")],
            &Cloud::Public,
        )
        .unwrap_err();
        assert!(error.reason.contains("AZURE_TENANT_ID"), "{error}");
        let error = choose(
            "client-secret",
            &[
                ("AZURE_TENANT_ID", "t"),
                ("AZURE_CLIENT_ID", "c"),
                ("AZURE_CLIENT_SECRET", "s"),
            ],
            &Cloud::choose(None, Some("https://arm.example"), None, None).unwrap(),
        )
        .unwrap_err();
        assert!(error.reason.contains("--authority"), "{error}");
        let error = choose("client-secret", &[], &Cloud::Public).unwrap_err();
        assert!(error.reason.contains("AZURE_CLIENT_SECRET"), "{error}");
    }

    #[test]
    fn a_static_token_is_for_this_machine() {
        let token = [("FLEXPOSTURE_TOKEN", "t")];
        assert_eq!(
            choose("auto", &token, &loopback()).unwrap().kind,
            CredentialKind::Static
        );
        let error = choose("auto", &token, &Cloud::Public).unwrap_err();
        assert!(error.reason.contains("FLEXPOSTURE_TOKEN"), "{error}");
        assert_eq!(
            choose("cli", &token, &Cloud::Public).unwrap().kind,
            CredentialKind::AzureCli
        );
    }
}
