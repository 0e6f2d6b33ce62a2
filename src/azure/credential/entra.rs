//! Credentials that Microsoft Entra exchanges for a token: a client secret, or the token of a workload identity.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, Transport};
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use super::{CredentialOptions, Passed, retry, token};
use crate::azure::cloud::Cloud;
use crate::azure::environment::Environment;
use crate::azure::http;
use crate::azure::origin::Origin;
use crate::azure::secret::Secret;
use crate::azure::token::{Token, TokenError, TokenRequest, TokenSource};

/// Tokens from the authority of the cloud.
pub(super) struct Entra {
    tenant: String,
    client_id: String,
    authority: Origin,
    proof: Proof,
    http: reqwest::Client,
    time_limit: Duration,
}

/// What proves who we are.
enum Proof {
    Secret(Secret),
    TokenFile(PathBuf),
}

impl Entra {
    pub(super) fn client_secret(
        environment: &Environment,
        cloud: &Cloud,
        options: &CredentialOptions,
    ) -> Result<Self, Passed> {
        let secret = environment.get("AZURE_CLIENT_SECRET").unwrap_or_default();
        Self::new(
            Proof::Secret(Secret::new(secret)),
            environment,
            cloud,
            options,
        )
    }

    pub(super) fn workload_identity(
        environment: &Environment,
        cloud: &Cloud,
        options: &CredentialOptions,
    ) -> Result<Self, Passed> {
        let file = environment
            .get("AZURE_FEDERATED_TOKEN_FILE")
            .unwrap_or_default();
        Self::new(Proof::TokenFile(file.into()), environment, cloud, options)
    }

    fn new(
        proof: Proof,
        environment: &Environment,
        cloud: &Cloud,
        options: &CredentialOptions,
    ) -> Result<Self, Passed> {
        let tenant = options
            .tenant
            .as_deref()
            .or_else(|| environment.get("AZURE_TENANT_ID"))
            .ok_or_else(|| {
                Passed::Unusable("AZURE_TENANT_ID is not set, and there is no --tenant".to_owned())
            })?;
        Ok(Self {
            tenant: tenant.to_owned(),
            client_id: environment
                .get("AZURE_CLIENT_ID")
                .unwrap_or_default()
                .to_owned(),
            authority: authority(environment, cloud)?,
            proof,
            http: http::authority(&options.certificates)
                .map_err(|error| Passed::Unusable(error.to_string()))?,
            time_limit: options.time_limit,
        })
    }

    fn client_options(&self) -> ClientOptions {
        let mut custom = CustomConfiguration::default();
        custom.authority_host = self.authority.to_string();
        ClientOptions {
            retry: retry(),
            transport: Some(Transport::new(Arc::new(self.http.clone()))),
            cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
            ..ClientOptions::default()
        }
    }

    /// A new credential for every token: it would keep a token of its own, one that Azure may have refused.
    fn credential(&self, tenant: &str) -> azure_core::Result<Arc<dyn TokenCredential>> {
        Ok(match &self.proof {
            Proof::Secret(secret) => ClientSecretCredential::new(
                tenant,
                self.client_id.clone(),
                secret.expose().to_owned().into(),
                Some(ClientSecretCredentialOptions {
                    client_options: self.client_options(),
                }),
            )?,
            Proof::TokenFile(file) => {
                WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                    credential_options: ClientAssertionCredentialOptions {
                        client_options: self.client_options(),
                    },
                    client_id: Some(self.client_id.clone()),
                    tenant_id: Some(tenant.to_owned()),
                    token_file_path: Some(file.clone()),
                }))?
            }
        })
    }
}

/// Who issues tokens: the cloud's own authority; for a custom cloud that names none, the one that the environment names.
fn authority(environment: &Environment, cloud: &Cloud) -> Result<Origin, Passed> {
    if let Some(authority) = cloud.authority() {
        return Ok(authority);
    }
    let named = environment.get("AZURE_AUTHORITY_HOST").ok_or_else(|| {
        Passed::Unusable(
            "a custom cloud does not say who issues its tokens: add --authority URL, or set AZURE_AUTHORITY_HOST"
                .to_owned(),
        )
    })?;
    let origin = Origin::parse(named)
        .map_err(|error| Passed::Unusable(format!("AZURE_AUTHORITY_HOST: {error}")))?;
    if origin.is_encrypted() {
        Ok(origin)
    } else {
        Err(Passed::Unusable(
            "AZURE_AUTHORITY_HOST is not https, and a credential never goes over plain http"
                .to_owned(),
        ))
    }
}

#[async_trait::async_trait]
impl TokenSource for Entra {
    async fn token(&self, request: &TokenRequest) -> Result<Token, TokenError> {
        let tenant = request.tenant.as_deref().unwrap_or(&self.tenant);
        let answer = match self.credential(tenant) {
            Ok(credential) => credential.get_token(&[&request.scope], None).await,
            Err(error) => Err(error),
        };
        token(answer)
    }

    fn time_limit(&self) -> Duration {
        self.time_limit
    }
}
