//! `flexposture doctor`: which cloud, which credentials were tried and why each did not serve, whether there is a token,
//! whether Azure Resource Manager answers it, and what the roles of the account grant. It shows no token.

mod roles;
mod write;

use std::io::Write;
use std::time::Duration;

use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::azure::{
    Access, Account, ArmClient, AttemptOutcome, Environment, Settings, TokenRequest, subscriptions,
};

use super::azure_arguments::{AzureArguments, SignIn};
use roles::Roles;

/// Check what this program needs: the cloud, the credentials, the way to Azure
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArguments {
    /// Write JSON
    #[arg(long)]
    pub json: bool,

    /// Which Azure to check, and as whom.
    #[command(flatten)]
    pub azure: AzureArguments,
}

/// Facts about something else than Azure, to be shown after it.
#[derive(Clone, Debug)]
pub struct Section {
    /// What the facts are about, in one word.
    pub title: &'static str,
    /// Names and values.
    pub facts: Vec<(String, String)>,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    cloud: CloudFacts,
    credentials: Vec<CredentialFacts>,
    hints: Vec<String>,
    token: Step,
    resource_manager: Step,
    /// By how many seconds Azure's clock is ahead of this machine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_ahead_seconds: Option<i64>,
    roles: Roles,
}

#[derive(Debug, Serialize)]
struct CloudFacts {
    name: &'static str,
    endpoint: String,
    authority: Option<String>,
    scope: String,
}

#[derive(Debug, Serialize)]
struct CredentialFacts {
    kind: &'static str,
    #[serde(skip)]
    title: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// One step towards an answer.
#[derive(Debug, Default, Serialize)]
struct Step {
    /// `ok`, `failed` or `not-asked`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in_minutes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscriptions: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
}

impl Step {
    fn ok() -> Self {
        Self {
            status: "ok",
            ..Self::default()
        }
    }

    fn failed(reason: impl ToString) -> Self {
        Self {
            status: "failed",
            reason: Some(reason.to_string()),
            ..Self::default()
        }
    }

    fn not_asked(reason: impl ToString) -> Self {
        Self {
            status: "not-asked",
            ..Self::failed(reason)
        }
    }

    fn is_ok(&self) -> bool {
        self.status == "ok"
    }
}

/// Checks, and writes what was found, followed by the sections that the caller adds. The answer is whether all is well.
///
/// # Errors
/// When the arguments do not fit each other, when a signal ends the check, or when the output cannot be written.
pub async fn run(
    arguments: &DoctorArguments,
    environment: &Environment,
    more: &[Section],
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let sign_in = arguments.azure.sign_in(environment)?;
    // A program that a credential runs has a process group of its own, which the terminal's signals do not reach: it
    // ends with us only if we end in order.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut hung_up = signal(SignalKind::hangup())?;
    let report = tokio::select! {
        report = check(sign_in) => report,
        _ = interrupted.recv() => anyhow::bail!("interrupted"),
        _ = terminated.recv() => anyhow::bail!("terminated"),
        _ = hung_up.recv() => anyhow::bail!("hung up"),
    };
    if arguments.json {
        write::json(&report, more, out)?;
    } else {
        write::text(&report, more, out)?;
    }
    Ok(report.ok)
}

async fn check(sign_in: SignIn) -> Report {
    let cloud = CloudFacts {
        name: sign_in.cloud.name().word(),
        endpoint: sign_in.cloud.endpoint().to_string(),
        authority: sign_in.cloud.authority().map(|origin| origin.to_string()),
        scope: sign_in.cloud.scope(),
    };
    let (attempts, hints) = match &sign_in.selection {
        Ok(selection) => (&selection.attempts, selection.hints.clone()),
        Err(error) => (&error.attempts, Vec::new()),
    };
    let mut credentials: Vec<CredentialFacts> = attempts
        .iter()
        .map(|attempt| {
            let (outcome, reason) = match &attempt.outcome {
                AttemptOutcome::NotSetUp(why) => ("not-set-up", Some(why.clone())),
                AttemptOutcome::Unusable(why) => ("unusable", Some(why.clone())),
                AttemptOutcome::Chosen => ("chosen", None),
            };
            CredentialFacts {
                kind: attempt.kind.word(),
                title: attempt.kind.title(),
                outcome,
                reason,
            }
        })
        .collect();
    let mut clock_ahead_seconds = None;
    let (token, (resource_manager, roles)) = match sign_in.selection {
        Err(error) => (
            Step::not_asked(&error),
            nobody(Step::not_asked("there is no credential")),
        ),
        Ok(selection) => {
            let request = TokenRequest::new(&sign_in.cloud, sign_in.tenant.as_deref());
            let token = token_step(&selection.account, &request).await;
            if let (Some(chosen), Some(reason)) = (credentials.last_mut(), &token.reason) {
                chosen.outcome = "failed";
                chosen.reason = Some(reason.clone());
            }
            let asked =
                match Access::new(&sign_in.cloud, selection.account, sign_in.tenant.as_deref()) {
                    Err(error) => nobody(Step::not_asked(error)),
                    Ok(_) if !token.is_ok() => nobody(Step::not_asked("there is no token")),
                    Ok(access) => {
                        let settings = Settings {
                            tries: 2,
                            time_limit: Duration::from_secs(20),
                            longest_wait: Duration::from_secs(20),
                            ..Settings::default()
                        };
                        match ArmClient::new(access, &sign_in.certificates, settings) {
                            Err(error) => nobody(Step::failed(error)),
                            Ok(client) => {
                                let answer = ask(&client).await;
                                clock_ahead_seconds = client.clock_ahead();
                                answer
                            }
                        }
                    }
                };
            (token, asked)
        }
    };
    Report {
        ok: token.is_ok() && resource_manager.is_ok(),
        cloud,
        credentials,
        hints,
        token,
        resource_manager,
        clock_ahead_seconds,
        roles,
    }
}

/// A step after which nothing is known of roles.
fn nobody(step: Step) -> (Step, Roles) {
    (step, Roles::default())
}

async fn token_step(account: &Account, request: &TokenRequest) -> Step {
    match account {
        Account::Static(_) => Step::ok(),
        Account::Credential(cache) => match cache.token(request).await {
            Ok(token) => Step {
                expires_in_minutes: token.remaining().map(|left| left.as_secs().div_ceil(60)),
                ..Step::ok()
            },
            Err(error) => Step::failed(error),
        },
    }
}

async fn ask(client: &ArmClient) -> (Step, Roles) {
    match subscriptions(client).await {
        Ok(visible) => {
            let step = Step {
                subscriptions: Some(visible.subscriptions.len()),
                ..Step::ok()
            };
            (step, Roles::read(client, &visible.subscriptions).await)
        }
        Err(error) => nobody(Step {
            cause: Some(error.cause.word()),
            ..Step::failed(error)
        }),
    }
}
