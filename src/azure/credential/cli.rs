//! The Azure CLI as a credential: `az` runs without our terminal, in a process group of its own, for a limited time, and
//! never outlives the question.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_identity::{AzureCliCredential, AzureCliCredentialOptions, Executor};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::token;
use crate::azure::cloud::Cloud;
use crate::azure::environment::Environment;
use crate::azure::error::shorten;
use crate::azure::token::{Token, TokenError, TokenRequest, TokenSource};

/// The most output that `az` may have, in bytes.
const MOST_OUTPUT: u64 = 1 << 20;

/// Tokens from `az account get-access-token`.
pub(super) struct AzureCli {
    time_limit: Duration,
}

impl AzureCli {
    pub(super) const fn new(time_limit: Duration) -> Self {
        Self { time_limit }
    }
}

#[async_trait::async_trait]
impl TokenSource for AzureCli {
    async fn token(&self, request: &TokenRequest) -> Result<Token, TokenError> {
        let options = AzureCliCredentialOptions {
            tenant_id: request.tenant.clone(),
            executor: Some(Arc::new(QuietExecutor {
                limit: self.time_limit,
            })),
            ..AzureCliCredentialOptions::default()
        };
        let answer = match AzureCliCredential::new(Some(options)) {
            Ok(credential) => credential.get_token(&[&request.scope], None).await,
            Err(error) => Err(error),
        };
        token(answer).map_err(advise)
    }

    fn time_limit(&self) -> Duration {
        // The executor ends in time by itself and says so better; this is for what it cannot see.
        self.time_limit + Duration::from_secs(1)
    }
}

/// Adds what to do, where `az` itself does not say it.
fn advise(error: TokenError) -> TokenError {
    let reason = error
        .0
        .strip_prefix("timed out error: ")
        .unwrap_or(&error.0)
        .to_owned();
    TokenError(if reason.contains("not found on PATH") {
        format!("{reason}: install the Azure CLI, or choose another credential with --auth")
    } else if reason.starts_with("expected ") || reason.contains("at line ") {
        format!("az answered with something that is not its JSON: {reason}")
    } else {
        reason
    })
}

/// Runs a program for no longer than the limit, with nothing on its standard input. When the time is over, or whoever
/// waits gives up, the whole process group is killed.
#[derive(Debug)]
struct QuietExecutor {
    limit: Duration,
}

/// Kills the process group unless it is released.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0.take() {
            // The group may be gone already, which is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[async_trait::async_trait]
impl Executor for QuietExecutor {
    async fn run(&self, program: &OsStr, arguments: &[&OsStr]) -> io::Result<Output> {
        let mut child = tokio::process::Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let mut group = Group(
            child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(Pid::from_raw),
        );
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let finished = async {
            let (stdout, stderr, status) =
                tokio::try_join!(read(stdout), read(stderr), child.wait())?;
            Ok(Output {
                status,
                stdout,
                stderr,
            })
        };
        match tokio::time::timeout(self.limit, finished).await {
            Ok(Ok(output)) => {
                group.0 = None;
                Ok(output)
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!(
                    "az did not answer within {} seconds and was ended",
                    self.limit.as_secs_f32()
                ),
            )),
        }
    }
}

async fn read(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MOST_OUTPUT + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > MOST_OUTPUT {
        return Err(io::Error::other("az wrote more than a token can be"));
    }
    Ok(bytes)
}

/// Says when the Azure CLI is set to another cloud than the one that is asked: its tokens would be of the wrong
/// authority. Read from its configuration, since running `az cloud show` takes as long as asking for a token.
pub(super) fn cloud_hint(environment: &Environment, cloud: &Cloud) -> Option<String> {
    let ours = cloud.cli_name()?;
    let theirs = match environment.get("AZURE_CLOUD_NAME") {
        Some(name) => name.to_owned(),
        None => {
            let folder = match environment.get("AZURE_CONFIG_DIR") {
                Some(folder) => folder.into(),
                None => Path::new(environment.get("HOME")?).join(".azure"),
            };
            configured_cloud(&std::fs::read_to_string(folder.join("config")).unwrap_or_default())
                .unwrap_or_else(|| "AzureCloud".to_owned())
        }
    };
    (!theirs.eq_ignore_ascii_case(ours)).then(|| {
        format!(
            "the Azure CLI is set to the cloud {}, but {ours} is asked: run az cloud set --name {ours} and az login, or \
             choose another --cloud",
            shorten(&theirs)
        )
    })
}

/// The member `name` of the section `cloud` in the CLI's configuration file.
fn configured_cloud(configuration: &str) -> Option<String> {
    let mut in_section = false;
    for line in configuration.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            in_section = section.trim_end_matches(']').trim() == "cloud";
        } else if in_section
            && let Some((name, value)) = line.split_once('=')
            && name.trim() == "name"
        {
            return Some(value.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cloud_of_the_azure_cli_is_compared_with_ours() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("config"),
            "[core]\nname = x\n[cloud]\nname = AzureUSGovernment\nprofile = latest\n",
        )
        .unwrap();
        let environment: Environment = [("AZURE_CONFIG_DIR", folder.path().to_str().unwrap())]
            .into_iter()
            .collect();
        let hint = cloud_hint(&environment, &Cloud::Public).unwrap();
        assert!(hint.contains("az cloud set --name AzureCloud"), "{hint}");
        assert_eq!(cloud_hint(&environment, &Cloud::UsGovernment), None);
        let named: Environment = [("AZURE_CLOUD_NAME", "AzureChinaCloud")]
            .into_iter()
            .collect();
        assert_eq!(cloud_hint(&named, &Cloud::China), None);
        assert!(cloud_hint(&named, &Cloud::Public).is_some());
    }

    #[test]
    fn without_configuration_the_azure_cli_is_in_the_public_cloud() {
        let folder = tempfile::tempdir().unwrap();
        let environment: Environment = [("HOME", folder.path().to_str().unwrap())]
            .into_iter()
            .collect();
        assert_eq!(cloud_hint(&environment, &Cloud::Public), None);
        assert!(cloud_hint(&environment, &Cloud::China).is_some());
        assert_eq!(configured_cloud("[cloud]\n[core]\nname = x"), None);
    }

    #[tokio::test]
    async fn endless_output_ends_the_program() {
        let executor = QuietExecutor {
            limit: Duration::from_secs(60),
        };
        let arguments = [OsStr::new("-c"), OsStr::new("while :; do echo junk; done")];
        let error = executor
            .run(OsStr::new("/bin/sh"), &arguments)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("more than a token"), "{error}");
    }
}
