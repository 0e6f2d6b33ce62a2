//! One cache around every credential: asked once for all who wait, refreshed before expiry, never for longer than its
//! time limit.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::cloud::Cloud;
use super::secret::Secret;

/// How long before its expiry a token is exchanged; of a token that lives shorter than twice this, half its life.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// How long a failure stands for those who ask next, so that a credential that fails is not asked once per request.
const FAILURE_STANDS: Duration = Duration::from_secs(5);

/// The longest life that is believed.
const LONGEST_LIFE: Duration = Duration::from_secs(365 * 24 * 3600);

/// What a token is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenRequest {
    /// The tenant to ask, when not the account's own.
    pub tenant: Option<String>,
    /// The scope, ending in `/.default`.
    pub scope: String,
}

impl TokenRequest {
    /// The request for a cloud's Resource Manager.
    #[must_use]
    pub fn new(cloud: &Cloud, tenant: Option<&str>) -> Self {
        Self {
            tenant: tenant.map(str::to_owned),
            scope: cloud.scope(),
        }
    }
}

/// A bearer token.
#[derive(Clone, Debug)]
pub struct Token {
    secret: Secret,
    life: Option<Life>,
    serial: u64,
}

/// When a token ends, on two clocks: the steady one does not run while a laptop sleeps, the other can be set.
#[derive(Clone, Copy, Debug)]
struct Life {
    refresh_at: Instant,
    ends: Instant,
    ends_on_clock: SystemTime,
}

impl Token {
    /// A token that ends at a moment of the system's clock.
    #[must_use]
    pub fn new(secret: Secret, ends_on_clock: SystemTime) -> Self {
        let left = ends_on_clock
            .duration_since(SystemTime::now())
            .unwrap_or_default()
            .min(LONGEST_LIFE);
        let now = Instant::now();
        Self {
            secret,
            life: Some(Life {
                refresh_at: now + left - MARGIN.min(left / 2),
                ends: now + left,
                ends_on_clock,
            }),
            serial: 0,
        }
    }

    /// A token that is never exchanged.
    pub(super) const fn unchanging(secret: Secret) -> Self {
        Self {
            secret,
            life: None,
            serial: 0,
        }
    }

    /// How long it is still good for; `None` when that is not known.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.life.map(|life| {
            let on_clock = life
                .ends_on_clock
                .duration_since(SystemTime::now())
                .unwrap_or_default();
            life.ends
                .saturating_duration_since(Instant::now())
                .min(on_clock)
        })
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.secret
    }

    fn is_fresh(&self) -> bool {
        self.is_usable()
            && self
                .life
                .is_none_or(|life| Instant::now() < life.refresh_at)
    }

    fn is_usable(&self) -> bool {
        self.remaining().is_none_or(|left| !left.is_zero())
    }
}

/// Why there is no token, in words for a person, neutralised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenError(pub String);

/// Something that tokens can be asked of: a credential.
#[async_trait::async_trait]
pub trait TokenSource: Send + Sync {
    /// Asks for a new token. Nothing is cached here.
    ///
    /// # Errors
    /// When the credential gives none.
    async fn token(&self, request: &TokenRequest) -> Result<Token, TokenError>;

    /// The longest that [`TokenSource::token`] is waited for.
    fn time_limit(&self) -> Duration;
}

/// A cache around a credential. Clones share it.
#[derive(Clone)]
pub struct TokenCache {
    shared: Arc<Shared>,
}

struct Shared {
    source: Arc<dyn TokenSource>,
    slots: Mutex<HashMap<TokenRequest, Arc<Slot>>>,
}

/// What is known for one request. The asynchronous lock is held while the credential is asked, which is what makes
/// everyone else wait for that one answer.
#[derive(Default)]
struct Slot {
    flight: tokio::sync::Mutex<Option<(Instant, TokenError)>>,
    token: Mutex<(u64, Option<Token>)>,
}

impl TokenCache {
    /// Puts a cache around a credential.
    #[must_use]
    pub fn new(source: Arc<dyn TokenSource>) -> Self {
        Self {
            shared: Arc::new(Shared {
                source,
                slots: Mutex::default(),
            }),
        }
    }

    /// A token that is good for the request: the cached one, or a new one. While one caller asks the credential, the
    /// others wait for its answer. A token near its end is kept in use as long as no other can be had.
    ///
    /// # Errors
    /// What the credential answered, the same for all who waited; and for those who ask within the next seconds.
    pub async fn token(&self, request: &TokenRequest) -> Result<Token, TokenError> {
        let slot = Arc::clone(lock(&self.shared.slots).entry(request.clone()).or_default());
        if let Some(token) = slot.current().filter(Token::is_fresh) {
            return Ok(token);
        }
        let mut failure = slot.flight.lock().await;
        let current = slot.current();
        if let Some(token) = current.as_ref().filter(|token| token.is_fresh()) {
            return Ok(token.clone());
        }
        let usable = current.filter(Token::is_usable);
        if let Some((when, error)) = failure.as_ref()
            && when.elapsed() < FAILURE_STANDS
        {
            return usable.ok_or_else(|| error.clone());
        }
        let limit = self.shared.source.time_limit();
        let answer = tokio::time::timeout(limit, self.shared.source.token(request))
            .await
            .unwrap_or_else(|_| {
                Err(TokenError(format!(
                    "no answer within {} seconds",
                    limit.as_secs_f32()
                )))
            });
        match answer {
            Ok(token) => {
                *failure = None;
                Ok(slot.put(token))
            }
            Err(error) => {
                *failure = Some((Instant::now(), error.clone()));
                usable.ok_or(error)
            }
        }
    }

    /// The token that is known now, without asking for another one.
    pub(super) fn known(&self, request: &TokenRequest) -> Option<Token> {
        let slot = lock(&self.shared.slots).get(request).cloned()?;
        slot.current().filter(Token::is_usable)
    }

    /// Forgets a token that Azure refused. A newer one, which someone else has got in the meantime, stays.
    pub fn forget(&self, request: &TokenRequest, refused: &Token) {
        let slot = lock(&self.shared.slots).get(request).cloned();
        if let Some(slot) = slot {
            let mut state = lock(&slot.token);
            if state
                .1
                .as_ref()
                .is_some_and(|token| token.serial == refused.serial)
            {
                state.1 = None;
            }
        }
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache")
    }
}

impl Slot {
    fn current(&self) -> Option<Token> {
        lock(&self.token).1.clone()
    }

    fn put(&self, mut token: Token) -> Token {
        let mut state = lock(&self.token);
        state.0 += 1;
        token.serial = state.0;
        state.1 = Some(token.clone());
        token
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // The guarded values are whole after every statement, so a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A credential that takes a second, and whose tokens live as long as it is told.
    pub(in crate::azure) struct Fixed {
        pub(in crate::azure) calls: AtomicUsize,
        fails: Mutex<usize>,
        takes: Duration,
        life: Duration,
    }

    impl Default for Fixed {
        fn default() -> Self {
            Self {
                calls: AtomicUsize::new(0),
                fails: Mutex::new(0),
                takes: Duration::from_secs(1),
                life: Duration::from_secs(3600),
            }
        }
    }

    #[async_trait::async_trait]
    impl TokenSource for Fixed {
        async fn token(&self, _: &TokenRequest) -> Result<Token, TokenError> {
            let call = self.calls.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(self.takes).await;
            let mut fails = lock(&self.fails);
            if *fails > 0 {
                *fails -= 1;
                return Err(TokenError(format!("failure {call}")));
            }
            Ok(Token::new(
                Secret::new(format!("token-{call}")),
                SystemTime::now() + self.life,
            ))
        }

        fn time_limit(&self) -> Duration {
            Duration::from_secs(30)
        }
    }

    fn request(tenant: &str) -> TokenRequest {
        TokenRequest::new(&Cloud::Public, Some(tenant))
    }

    fn cache(fixed: Fixed) -> (TokenCache, Arc<Fixed>) {
        let fixed = Arc::new(fixed);
        (TokenCache::new(Arc::clone(&fixed) as _), fixed)
    }

    async fn many(cache: &TokenCache, count: usize) -> Vec<Result<String, TokenError>> {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..count {
            let cache = cache.clone();
            tasks.spawn(async move {
                let token = cache.token(&request("a")).await?;
                Ok(token.secret().expose().to_owned())
            });
        }
        tasks.join_all().await
    }

    #[tokio::test(start_paused = true)]
    async fn twenty_at_once_ask_once() {
        let (cache, fixed) = cache(Fixed::default());
        let tokens = many(&cache, 20).await;
        assert_eq!(fixed.calls.load(Ordering::SeqCst), 1);
        assert!(tokens.iter().all(|token| token.as_deref() == Ok("token-0")));
        many(&cache, 20).await;
        assert_eq!(fixed.calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn tenants_do_not_share_tokens() {
        let (cache, fixed) = cache(Fixed::default());
        let one = cache.token(&request("a")).await.unwrap();
        let other = cache.token(&request("b")).await.unwrap();
        assert_ne!(one.secret().expose(), other.secret().expose());
        assert_eq!(fixed.calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_refreshed_before_it_expires() {
        let (cache, fixed) = cache(Fixed::default());
        cache.token(&request("a")).await.unwrap();
        tokio::time::advance(Duration::from_secs(54 * 60)).await;
        cache.token(&request("a")).await.unwrap();
        assert_eq!(fixed.calls.load(Ordering::SeqCst), 1);
        tokio::time::advance(Duration::from_secs(2 * 60)).await;
        let token = cache.token(&request("a")).await.unwrap();
        assert_eq!(token.secret().expose(), "token-1");
    }

    #[tokio::test(start_paused = true)]
    async fn while_no_other_can_be_had_the_old_token_serves_to_its_end() {
        let (cache, fixed) = cache(Fixed::default());
        cache.token(&request("a")).await.unwrap();
        *lock(&fixed.fails) = usize::MAX;
        tokio::time::advance(Duration::from_secs(56 * 60)).await;
        let token = cache.token(&request("a")).await.unwrap();
        assert_eq!(token.secret().expose(), "token-0");
        tokio::time::advance(Duration::from_secs(5 * 60)).await;
        assert!(cache.token(&request("a")).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_shared_with_those_who_waited_and_is_not_for_ever() {
        let (cache, fixed) = cache(Fixed::default());
        *lock(&fixed.fails) = 1;
        let answers = many(&cache, 20).await;
        assert_eq!(fixed.calls.load(Ordering::SeqCst), 1);
        assert!(
            answers
                .iter()
                .all(|answer| *answer == Err(TokenError("failure 0".to_owned())))
        );
        tokio::time::advance(FAILURE_STANDS).await;
        assert!(cache.token(&request("a")).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_credential_that_hangs_ends_at_its_time_limit() {
        let (cache, _) = cache(Fixed {
            takes: Duration::from_secs(86_400),
            ..Fixed::default()
        });
        let started = Instant::now();
        let error = cache.token(&request("a")).await.unwrap_err();
        assert_eq!(started.elapsed().as_secs(), 30);
        assert_eq!(error.to_string(), "no answer within 30 seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_leaves_the_way_free() {
        let (cache, fixed) = cache(Fixed::default());
        let request = request("a");
        let given_up =
            tokio::time::timeout(Duration::from_millis(100), cache.token(&request)).await;
        assert!(given_up.is_err());
        assert!(cache.token(&request).await.is_ok());
        assert_eq!(fixed.calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_token_is_forgotten_once_and_its_successor_stays() {
        let (cache, fixed) = cache(Fixed::default());
        let request = request("a");
        let first = cache.token(&request).await.unwrap();
        cache.forget(&request, &first);
        let second = cache.token(&request).await.unwrap();
        assert_eq!(second.secret().expose(), "token-1");
        cache.forget(&request, &first);
        cache.token(&request).await.unwrap();
        assert_eq!(fixed.calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_expired_token_is_not_used_again() {
        let (cache, fixed) = cache(Fixed {
            life: Duration::ZERO,
            ..Fixed::default()
        });
        cache.token(&request("a")).await.unwrap();
        cache.token(&request("a")).await.unwrap();
        assert_eq!(fixed.calls.load(Ordering::SeqCst), 2);
    }
}
