//! The arguments that say which Azure to ask, and as whom: the same for every command that asks it.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::azure::{
    Access, ArmClient, Attempt, AttemptOutcome, CertificateFile, Cloud, CloudName,
    CredentialChoice, CredentialKind, CredentialOptions, Environment, Selection, SelectionError,
    Settings, select,
};

/// Which Azure to ask, and as whom.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Azure")]
pub struct AzureArguments {
    /// The cloud to ask [default: public, or custom with --arm-endpoint]
    #[arg(long, value_name = "CLOUD", value_parser = words::<CloudName, 4>(CloudName::WORDS))]
    pub cloud: Option<CloudName>,

    /// Where Azure Resource Manager of a custom cloud answers; plain http on this machine only, with the token in
    /// FLEXPOSTURE_TOKEN
    #[arg(long, value_name = "URL")]
    pub arm_endpoint: Option<String>,

    /// Who issues the tokens of a custom cloud
    #[arg(long, value_name = "URL")]
    pub authority: Option<String>,

    /// Whom the tokens of a custom cloud are for [default: the endpoint]
    #[arg(long, value_name = "URI")]
    pub audience: Option<String>,

    /// The credential to use; auto is what the environment sets up, else the Azure CLI
    #[arg(long, value_name = "CREDENTIAL", default_value = "auto", value_parser = words::<CredentialChoice, 5>(CredentialChoice::WORDS))]
    pub auth: CredentialChoice,

    /// The tenant to sign in to, when not the account's own
    #[arg(long, value_name = "TENANT", value_parser = tenant)]
    pub tenant: Option<String>,

    /// A file with further certificate authorities to trust, in PEM form
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// How many seconds a credential may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub auth_timeout: u16,
}

/// What the arguments and the environment come to, before anything is asked.
#[derive(Debug)]
pub struct SignIn {
    /// The cloud.
    pub cloud: Cloud,
    /// The tenant to sign in to, when not the account's own.
    pub tenant: Option<String>,
    /// Further authorities to trust.
    pub certificates: CertificateFile,
    /// The credential, or why there is none.
    pub selection: Result<Selection, SelectionError>,
}

/// A client that is ready to ask.
#[derive(Debug)]
pub struct Connection {
    /// The cloud that it asks.
    pub cloud: Cloud,
    /// The kind of credential that it uses.
    pub credential: CredentialKind,
    /// What may be wrong although a credential was found.
    pub hints: Vec<String>,
    /// The client.
    pub client: ArmClient,
}

impl AzureArguments {
    /// Works out cloud and credential. Nothing is asked yet.
    ///
    /// # Errors
    /// When the arguments do not fit each other, or the file of certificates cannot be used.
    pub fn sign_in(&self, environment: &Environment) -> anyhow::Result<SignIn> {
        let cloud = Cloud::choose(
            self.cloud,
            self.arm_endpoint.as_deref(),
            self.authority.as_deref(),
            self.audience.as_deref(),
        )?;
        let certificates = match &self.ca_file {
            Some(file) => CertificateFile::read(file)?,
            None => CertificateFile::default(),
        };
        let options = CredentialOptions {
            tenant: self.tenant.clone(),
            certificates: certificates.clone(),
            time_limit: Duration::from_secs(self.auth_timeout.into()),
        };
        let selection = select(self.auth, environment, &cloud, &options);
        Ok(SignIn {
            cloud,
            tenant: self.tenant.clone(),
            certificates,
            selection,
        })
    }

    /// Makes the client, which is this patient. No token is asked for yet.
    ///
    /// # Errors
    /// When the arguments do not fit each other, when no credential can be used, or when the one there is must not speak
    /// to the endpoint.
    pub fn connect(
        &self,
        environment: &Environment,
        settings: Settings,
    ) -> anyhow::Result<Connection> {
        let sign_in = self.sign_in(environment)?;
        let selection = sign_in.selection.map_err(|error| {
            let account = account_of(&error.attempts);
            anyhow::Error::new(error).context(format!(
                "no credential for Azure{account}; flexposture doctor shows each that was tried"
            ))
        })?;
        let access = Access::new(&sign_in.cloud, selection.account, sign_in.tenant.as_deref())?;
        let client = ArmClient::new(access, &sign_in.certificates, settings)?;
        Ok(Connection {
            cloud: sign_in.cloud,
            credential: selection.kind,
            hints: selection.hints,
            client,
        })
    }
}

/// What became of each credential that was passed over, in one line.
fn account_of(attempts: &[Attempt]) -> String {
    let passed: Vec<String> = attempts
        .iter()
        .filter_map(|attempt| match &attempt.outcome {
            AttemptOutcome::NotSetUp(why) => Some(format!("{}: {why}", attempt.kind.title())),
            AttemptOutcome::Unusable(_) | AttemptOutcome::Chosen => None,
        })
        .collect();
    if passed.is_empty() {
        String::new()
    } else {
        format!(" (passed over: {})", passed.join("; "))
    }
}

/// A parser that offers a type's words.
fn words<T, const N: usize>(
    words: [&'static str; N],
) -> impl clap::builder::TypedValueParser<Value = T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}

/// A tenant is an id or a domain; nothing else may reach a command line or a URL.
fn tenant(text: &str) -> Result<String, String> {
    let well_formed = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if well_formed && text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err("a tenant is an id or a domain, like contoso.onmicrosoft.com".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        azure: AzureArguments,
    }

    fn parse(arguments: &[&str]) -> AzureArguments {
        let arguments = std::iter::once(&"flexposture").chain(arguments);
        Program::try_parse_from(arguments).unwrap().azure
    }

    #[test]
    fn a_static_token_connects_to_this_machine_only() {
        crate::azure::install_crypto_provider();
        let environment: Environment = [("FLEXPOSTURE_TOKEN", "t")].into_iter().collect();
        let connection = parse(&["--arm-endpoint", "http://127.0.0.1:1"])
            .connect(&environment, Settings::default())
            .unwrap();
        assert_eq!(connection.credential, CredentialKind::Static);
        assert_eq!(connection.client.origin().to_string(), "http://127.0.0.1:1");
        let error = parse(&[])
            .connect(&environment, Settings::default())
            .unwrap_err();
        assert!(
            format!("{error:#}").contains("FLEXPOSTURE_TOKEN"),
            "{error:#}"
        );
    }

    #[test]
    fn a_real_credential_does_not_connect_over_plain_http() {
        crate::azure::install_crypto_provider();
        let error = parse(&["--arm-endpoint", "http://127.0.0.1:1", "--auth", "cli"])
            .connect(&Environment::default(), Settings::default())
            .unwrap_err();
        assert!(format!("{error:#}").contains("plain http"), "{error:#}");
    }

    #[test]
    fn hostile_tenants_and_unknown_words_are_refused() {
        for arguments in [
            ["--tenant", "x; touch y"],
            ["--tenant", "--"],
            ["--tenant", ""],
            ["--cloud", "moon"],
            ["--auth", "token"],
            ["--auth-timeout", "0"],
        ] {
            let all = std::iter::once("flexposture").chain(arguments);
            assert!(Program::try_parse_from(all).is_err(), "{arguments:?}");
        }
        assert_eq!(
            parse(&["--tenant", "a.example"]).tenant.as_deref(),
            Some("a.example")
        );
    }
}
