//! An account joined with the one origin that its tokens may be sent to.

use super::cloud::Cloud;
use super::credential::Account;
use super::origin::Origin;
use super::secret::Secret;
use super::token::{Token, TokenCache, TokenError, TokenRequest};

/// The right to ask one origin. There is no other way to a client, so a real credential cannot come to speak plain
/// http, nor a static token to leave this machine.
#[derive(Clone, Debug)]
pub struct Access {
    origin: Origin,
    tokens: Tokens,
}

#[derive(Clone, Debug)]
enum Tokens {
    Static(Secret),
    Cached(TokenCache, TokenRequest),
}

/// Why an account may not speak to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// A static token for an endpoint elsewhere.
    #[error(
        "FLEXPOSTURE_TOKEN is for endpoints on this machine only, not for {0}: unset it, or choose a credential with \
         --auth"
    )]
    StaticTokenElsewhere(Origin),
    /// A real credential for an endpoint without TLS.
    #[error(
        "a real credential never goes over plain http, so {0} was not asked: use https, or set FLEXPOSTURE_TOKEN to a \
         token that is good for nothing else"
    )]
    PlainHttp(Origin),
}

impl Access {
    /// Lets an account ask the endpoint of a cloud; `tenant` is the tenant to ask tokens of, when not the account's own.
    ///
    /// # Errors
    /// When the account is a real credential and the endpoint speaks plain http, or when the account is a static token
    /// and the endpoint is not on this machine.
    pub fn new(cloud: &Cloud, account: Account, tenant: Option<&str>) -> Result<Self, AccessError> {
        let origin = cloud.endpoint();
        let tokens = match account {
            Account::Static(_) if !origin.is_loopback() => {
                return Err(AccessError::StaticTokenElsewhere(origin));
            }
            Account::Static(token) => Tokens::Static(token),
            Account::Credential(_) if !origin.is_encrypted() => {
                return Err(AccessError::PlainHttp(origin));
            }
            Account::Credential(cache) => Tokens::Cached(cache, TokenRequest::new(cloud, tenant)),
        };
        Ok(Self { origin, tokens })
    }

    /// The origin that is asked.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether a token that was refused can be exchanged for another one.
    pub(super) const fn can_renew(&self) -> bool {
        matches!(self.tokens, Tokens::Cached(..))
    }

    pub(super) async fn token(&self) -> Result<Token, TokenError> {
        match &self.tokens {
            Tokens::Static(secret) => Ok(Token::unchanging(secret.clone())),
            Tokens::Cached(cache, request) => cache.token(request).await,
        }
    }

    /// The newest token that is known, without asking for another one.
    pub(super) fn known_token(&self) -> Option<Token> {
        match &self.tokens {
            Tokens::Static(_) => None,
            Tokens::Cached(cache, request) => cache.known(request),
        }
    }

    /// Forgets a token that was refused, so that the next request gets another one.
    pub(super) fn forget(&self, token: &Token) {
        if let Tokens::Cached(cache, request) = &self.tokens {
            cache.forget(request, token);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::token::tests::Fixed;
    use super::*;

    fn cloud(endpoint: &str) -> Cloud {
        Cloud::choose(None, Some(endpoint), None, None).unwrap()
    }

    #[test]
    fn a_static_token_stays_on_this_machine() {
        let account = || Account::Static(Secret::new("t"));
        assert!(Access::new(&cloud("http://127.0.0.1:1"), account(), None).is_ok());
        assert!(Access::new(&cloud("https://localhost:1"), account(), None).is_ok());
        for elsewhere in [Cloud::Public, cloud("https://arm.example")] {
            assert!(matches!(
                Access::new(&elsewhere, account(), None),
                Err(AccessError::StaticTokenElsewhere(_))
            ));
        }
    }

    #[test]
    fn a_real_credential_never_speaks_plain_http() {
        let account = || Account::Credential(TokenCache::new(Arc::new(Fixed::default())));
        assert!(Access::new(&Cloud::Public, account(), None).is_ok());
        assert!(Access::new(&cloud("https://127.0.0.1:1"), account(), None).is_ok());
        assert!(matches!(
            Access::new(&cloud("http://127.0.0.1:1"), account(), None),
            Err(AccessError::PlainHttp(_))
        ));
    }
}
