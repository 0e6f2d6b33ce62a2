//! The managed identity of the machine or service that this runs on.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, Transport};
use azure_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId};

use super::{CredentialOptions, Passed, retry, token};
use crate::azure::http;
use crate::azure::token::{Token, TokenError, TokenRequest, TokenSource};

/// An identity endpoint answers at once or never: off Azure its address leads nowhere, and the library would go on trying
/// for more than a minute.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Tokens from the identity endpoint of App Service, or from the metadata service of a virtual machine.
pub(super) struct ManagedIdentity {
    client_id: Option<String>,
    http: reqwest::Client,
    time_limit: Duration,
}

impl ManagedIdentity {
    pub(super) fn new(
        client_id: Option<String>,
        options: &CredentialOptions,
    ) -> Result<Self, Passed> {
        Ok(Self {
            client_id,
            http: http::managed_identity().map_err(|error| Passed::Unusable(error.to_string()))?,
            time_limit: options.time_limit.min(TIME_LIMIT),
        })
    }
}

#[async_trait::async_trait]
impl TokenSource for ManagedIdentity {
    async fn token(&self, request: &TokenRequest) -> Result<Token, TokenError> {
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: self.client_id.clone().map(UserAssignedId::ClientId),
            client_options: ClientOptions {
                retry: retry(),
                transport: Some(Transport::new(Arc::new(self.http.clone()))),
                ..ClientOptions::default()
            },
        };
        let answer = match ManagedIdentityCredential::new(Some(options)) {
            Ok(credential) => credential.get_token(&[&request.scope], None).await,
            Err(error) => Err(error),
        };
        token(answer)
    }

    fn time_limit(&self) -> Duration {
        self.time_limit
    }
}
