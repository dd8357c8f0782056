//! Access tokens of an app, always good when asked for: kept in memory, replaced before they end, by one task of one
//! process at a time. The order of things in [`renew`](Inner::renew) is what makes a sudden end harmless.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crm::ConnectionId;
use futures::future::BoxFuture;
use hubspot::{Caller, ClientOptions, Forms, OauthRefusal, RetryPolicy, Token, TokenError, TokenSource};
use store::Home;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use crate::{
    Clock, Error, ExchangeProblem, Kept, OauthCredential, SecretStore, SystemClock,
    credential::Access,
    exchange,
    freshness::{Life, Moment, Standing},
    refresh_lock,
};

/// How long another process's refresh is waited for.
const LOCK_PATIENCE: Duration = Duration::from_mins(1);
/// How long a token that is still good is used before a failed refresh is tried again; as long for a failed vault.
const AGAIN: Duration = Duration::from_secs(15);
/// Tries for a token that is needed now.
const ATTEMPTS_MAX: u32 = 4;

/// The token source of an OAuth connection. Cheap to clone; several of them, in as many processes as there are, share
/// one connection's tokens through the vault.
#[derive(Clone)]
pub struct OauthTokens(Arc<Inner>);

struct Inner {
    id: ConnectionId,
    client_id: String,
    vault: Arc<dyn SecretStore>,
    lock: PathBuf,
    forms: Forms,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
    /// Whoever has the turn may refresh; the others wait, or use what there is.
    turn: Arc<Turn<Lasting>>,
}

/// What every call looks at.
#[derive(Default)]
struct Held {
    access: Option<(Token, Life)>,
    /// HubSpot's final no: nothing is sent any more.
    over: Option<TokenError>,
    /// After a failure that passes: not before this moment of the monotonic clock, as long as there is a good token.
    not_before: Option<Duration>,
    /// The vault did not take something: tried again from this moment on.
    save_again: Option<Duration>,
}

/// What only the holder of the turn looks at.
struct Lasting {
    credential: OauthCredential,
    /// The refresh token as the vault last had it.
    refresh_seen: Token,
    /// The access token that the vault last had.
    access_seen: Option<Token>,
    /// What the vault did not take yet.
    unsaved: Option<Unsaved>,
}

struct Unsaved {
    lasting: bool,
    access: Access,
}

/// How a refresh went wrong.
enum Failed {
    /// Nothing can be had until somebody does something.
    Over(TokenError),
    /// This time.
    Now(TokenError),
}

impl OauthTokens {
    pub fn new(
        credential: OauthCredential,
        id: &ConnectionId,
        vault: Arc<dyn SecretStore>,
        home: &Home,
        options: &ClientOptions,
    ) -> Result<OauthTokens, Error> {
        OauthTokens::with_clock(credential, id, vault, home, options, Arc::new(SystemClock::default()))
    }

    /// As [`OauthTokens::new`], with other clocks than this computer's.
    pub fn with_clock(
        credential: OauthCredential,
        id: &ConnectionId,
        vault: Arc<dyn SecretStore>,
        home: &Home,
        options: &ClientOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<OauthTokens, Error> {
        let forms = Forms::new(credential.api.clone(), options)?;
        let (client_id, refresh_seen) = (credential.client_id.clone(), credential.refresh.clone());
        let lasting = Lasting { credential, refresh_seen, access_seen: None, unsaved: None };
        Ok(OauthTokens(Arc::new(Inner {
            id: id.clone(),
            client_id,
            vault,
            lock: refresh_lock::path(home, id),
            forms,
            retry: options.retry,
            clock,
            held: Mutex::default(),
            turn: Arc::new(Turn::new(lasting)),
        })))
    }

    /// Whether HubSpot ended the connection, as far as this source has been told.
    pub fn over(&self) -> Option<TokenError> {
        self.0.held().over.clone()
    }

    /// Waits until no refresh is under way: an answer that is not kept yet would be lost with the process.
    pub async fn settled(&self) {
        drop(self.0.turn.lock().await);
    }

    async fn good(&self) -> Result<Token, TokenError> {
        let (held, standing) = self.0.look()?;
        match (held, standing) {
            (Some(token), Standing::Fresh) => {
                self.save_again_if_due();
                Ok(token)
            }
            (Some(token), standing) if standing.may_be_good() => {
                // The others go on with what is good while one renews.
                match self.0.turn.clone().try_lock_owned() {
                    Ok(turn) if self.0.may_try() => self.renewed(turn, None).await,
                    _ => Ok(token),
                }
            }
            _ => {
                let turn = self.0.turn.clone().lock_owned().await;
                self.renewed(turn, None).await
            }
        }
    }

    async fn fresh_after_401(&self, stale: &Token) -> Result<Option<Token>, TokenError> {
        let turn = self.0.turn.clone().lock_owned().await;
        self.renewed(turn, Some(stale.clone())).await.map(Some)
    }

    /// A vault that failed is tried again beside the calls, which have their token already.
    fn save_again_if_due(&self) {
        let due = |at: Duration| self.0.clock.monotonic() >= at;
        if !self.0.held().save_again.is_some_and(due) {
            return;
        }
        if let Ok(turn) = self.0.turn.clone().try_lock_owned() {
            let inner = self.0.clone();
            tokio::spawn(async move { inner.save_late(turn).await });
        }
    }

    /// Renews in a task of its own: a caller that gives up must not lose an answer that is on its way.
    async fn renewed(
        &self,
        turn: OwnedMutexGuard<Lasting>,
        stale: Option<Token>,
    ) -> Result<Token, TokenError> {
        let inner = self.0.clone();
        let task = tokio::spawn(async move { inner.renew(turn, stale.as_ref()).await });
        task.await.unwrap_or_else(|failed| {
            Err(TokenError::Refresh { transient: true, detail: format!("it was interrupted: {failed}") })
        })
    }
}

impl TokenSource for OauthTokens {
    fn token(&self) -> BoxFuture<'_, Result<Token, TokenError>> {
        Box::pin(self.good())
    }

    fn refresh(&self, stale: &Token) -> BoxFuture<'_, Result<Option<Token>, TokenError>> {
        let stale = stale.clone();
        Box::pin(async move { self.fresh_after_401(&stale).await })
    }

    fn caller(&self) -> Caller {
        Caller::App(self.0.client_id.clone())
    }
}

impl Inner {
    fn held(&self) -> MutexGuard<'_, Held> {
        // Every change is one assignment: a panic elsewhere leaves nothing half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        Moment::now(&*self.clock)
    }

    fn look(&self) -> Result<(Option<Token>, Standing), TokenError> {
        let held = self.held();
        if let Some(over) = &held.over {
            return Err(over.clone());
        }
        Ok(match &held.access {
            Some((token, life)) => (Some(token.clone()), life.standing(self.now())),
            None => (None, Standing::Expired),
        })
    }

    fn may_try(&self) -> bool {
        self.held().not_before.is_none_or(|not_before| self.now().monotonic >= not_before)
    }

    /// A good token: another's that came meanwhile, or a new one. `stale` is one that HubSpot did not take.
    async fn renew(
        &self,
        mut lasting: OwnedMutexGuard<Lasting>,
        stale: Option<&Token>,
    ) -> Result<Token, TokenError> {
        let is_stale = |token: &Token| stale.is_some_and(|stale| stale.same_as(token));
        let (ours, standing) = self.look()?;
        if let Some(token) = ours.as_ref().filter(|token| standing == Standing::Fresh && !is_stale(token)) {
            return Ok(token.clone());
        }
        match self.replaced(&mut lasting, stale).await {
            Ok(token) => Ok(token),
            Err(Failed::Over(error)) => {
                let mut held = self.held();
                held.over = Some(error.clone());
                held.access = None;
                Err(error)
            }
            Err(Failed::Now(error)) => {
                tracing::debug!(%error, "a token could not be replaced");
                self.held().not_before = Some(self.now().monotonic + AGAIN);
                self.spare(stale).ok_or(error)
            }
        }
    }

    /// A token that may do until there is a better one.
    fn spare(&self, stale: Option<&Token>) -> Option<Token> {
        let now = self.now();
        let held = self.held();
        let (token, life) = held.access.as_ref()?;
        let fits = life.standing(now).may_be_good() && !stale.is_some_and(|stale| stale.same_as(token));
        fits.then(|| token.clone())
    }

    async fn replaced(&self, lasting: &mut Lasting, stale: Option<&Token>) -> Result<Token, Failed> {
        let failed = |detail: String| Failed::Now(TokenError::Refresh { transient: true, detail });
        let patience = if self.spare(stale).is_some() { Duration::ZERO } else { LOCK_PATIENCE };
        let lock = refresh_lock::take(&self.lock, patience).await;
        let lock = lock.map_err(|error| failed(format!("{}: {error}", self.lock.display())))?;
        let Some(_lock) = lock else {
            return Err(failed("another program is replacing it, and does not come to an end".into()));
        };
        if let Some(token) = self.found(lasting, stale).await {
            return Ok(token);
        }
        let certain = self.read_lasting(lasting).await?;
        let tokens = self.asked(lasting, self.spare(stale).is_some(), certain).await?;
        if let Some(refresh) = tokens.refresh {
            lasting.credential.refresh = refresh;
        }
        let now = self.now();
        let life = Life::begun(now, tokens.life);
        let access = Access { token: tokens.access.clone(), obtained_at: now.wall, expires_in: tokens.life };
        lasting.unsaved =
            Some(Unsaved { lasting: !lasting.credential.refresh.same_as(&lasting.refresh_seen), access });
        // Kept before it is used; used all the same if it cannot be kept.
        self.save(lasting).await;
        self.take_in(tokens.access.clone(), life);
        Ok(tokens.access)
    }

    fn take_in(&self, token: Token, life: Life) {
        let mut held = self.held();
        held.access = Some((token, life));
        held.not_before = None;
    }

    /// Another's access token in the vault, if it is newer than all that we know and good.
    async fn found(&self, lasting: &mut Lasting, stale: Option<&Token>) -> Option<Token> {
        let id = self.id.clone();
        let access = self.blocking(move |vault| Access::load(vault, &id)).await.ok()??;
        let known = |token: &Option<Token>| token.as_ref().is_some_and(|token| token.same_as(&access.token));
        let ours = self.held().access.as_ref().map(|(token, _)| token.clone());
        if known(&lasting.access_seen)
            || known(&ours)
            || stale.is_some_and(|stale| stale.same_as(&access.token))
        {
            return None;
        }
        lasting.access_seen = Some(access.token.clone());
        // Another process's is newer than one that the vault did not take.
        if let Some(unsaved) = lasting.unsaved.take_if(|unsaved| !unsaved.lasting) {
            drop(unsaved);
        }
        let now = self.now();
        let life = Life::remembered(access.obtained_at, now, access.expires_in);
        let usable = self.forms.origin().accepts(&access.token, lasting.credential.allow_host).is_ok();
        let standing = life.standing(now);
        if usable && standing.may_be_good() {
            self.take_in(access.token.clone(), life);
        }
        (usable && standing == Standing::Fresh).then_some(access.token)
    }

    /// Brings what we know up to what the vault has: another process may have been given another refresh token, or the
    /// user may have connected again. Answers whether the vault could be read.
    async fn read_lasting(&self, lasting: &mut Lasting) -> Result<bool, Failed> {
        let id = self.id.clone();
        let other = |detail: &str| {
            let detail = detail.to_owned();
            Failed::Now(TokenError::Vault { locked: false, detail })
        };
        match self.blocking(move |vault| Kept::load(vault, &id)).await {
            Ok(Kept::Oauth(kept)) if kept.api == lasting.credential.api => {
                if !kept.refresh.same_as(&lasting.refresh_seen) {
                    lasting.refresh_seen = kept.refresh.clone();
                    lasting.credential = kept;
                    lasting.unsaved = None;
                } else if !lasting.unsaved.as_ref().is_some_and(|unsaved| unsaved.lasting) {
                    lasting.credential = kept;
                }
                Ok(true)
            }
            Ok(_) => Err(other("the connection was made anew with another kind of key")),
            // Nothing there may mean disconnected, or locked: asking HubSpot would be wrong in the one case.
            Err(Error::Vault(vault::Error::NoEntry)) => Err(other("there is no such entry")),
            Err(Error::Vault(_)) => Ok(false),
            Err(error) => Err(other(&error.to_string())),
        }
    }

    /// Asks HubSpot, more than once only when a token is needed now.
    async fn asked(
        &self,
        lasting: &Lasting,
        has_spare: bool,
        certain: bool,
    ) -> Result<exchange::Tokens, Failed> {
        let OauthCredential { client_id, client_secret, refresh, .. } = &lasting.credential;
        let attempts = if has_spare { 1 } else { self.retry.attempts_max.clamp(1, ATTEMPTS_MAX) };
        let mut attempt = 1;
        loop {
            let asked = exchange::refresh(client_id, client_secret.expose(), &self.forms, refresh).await;
            match asked {
                Ok(tokens) => return self.checked(lasting, tokens),
                Err(problem) if problem.is_transient() && attempt < attempts => {
                    tokio::time::sleep(self.retry.pause_base * 2_u32.pow(attempt - 1)).await;
                    attempt += 1;
                }
                Err(problem) => return Err(failed(&problem, certain)),
            }
        }
    }

    fn checked(&self, lasting: &Lasting, tokens: exchange::Tokens) -> Result<exchange::Tokens, Failed> {
        let origin = self.forms.origin();
        let sent = [Some(&tokens.access), tokens.refresh.as_ref()].into_iter().flatten();
        for token in sent {
            origin.accepts(token, lasting.credential.allow_host).map_err(|bad| {
                Failed::Now(TokenError::Refresh { transient: false, detail: bad.to_string() })
            })?;
        }
        Ok(tokens)
    }

    /// What lasts first, and only if it changed: with the new refresh token lost, the old one may be worth nothing.
    async fn save(&self, lasting: &mut Lasting) {
        let Some(unsaved) = &mut lasting.unsaved else {
            self.held().save_again = None;
            return;
        };
        if unsaved.lasting {
            let (id, credential) = (self.id.clone(), lasting.credential.clone());
            match self.blocking(move |vault| credential.save_lasting(vault, &id)).await {
                Ok(()) => {
                    unsaved.lasting = false;
                    lasting.refresh_seen = lasting.credential.refresh.clone();
                }
                Err(error) => tracing::warn!(%error, "a new refresh token could not be kept"),
            }
        }
        let (id, access) = (self.id.clone(), unsaved.access.clone());
        let kept = self.blocking(move |vault| access.save(vault, &id)).await;
        if let Err(error) = &kept {
            tracing::warn!(%error, "a new access token could not be kept");
        } else {
            lasting.access_seen = Some(unsaved.access.token.clone());
        }
        if kept.is_ok() && !unsaved.lasting {
            lasting.unsaved = None;
        }
        let again = lasting.unsaved.is_some().then(|| self.clock.monotonic() + AGAIN);
        self.held().save_again = again;
    }

    /// Keeps what could not be kept before, unless another process knows better by now.
    async fn save_late(&self, mut lasting: OwnedMutexGuard<Lasting>) {
        self.held().save_again = Some(self.clock.monotonic() + AGAIN);
        let Ok(Some(_lock)) = refresh_lock::take(&self.lock, Duration::ZERO).await else { return };
        if self.found(&mut lasting, None).await.is_none()
            && matches!(self.read_lasting(&mut lasting).await, Ok(true))
        {
            self.save(&mut lasting).await;
        }
        if lasting.unsaved.is_none() {
            self.held().save_again = None;
        }
    }

    async fn blocking<T: Send + 'static, E: Send + 'static>(
        &self,
        act: impl FnOnce(&dyn SecretStore) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let vault = self.vault.clone();
        let done = tokio::task::spawn_blocking(move || act(&*vault)).await;
        match done.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(done) => done,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and this task with it.
            Err(Err(_)) => std::future::pending().await,
        }
    }
}

/// What HubSpot's answer means for the connection. `certain`: the refresh token is the one that the vault has; one from
/// memory may have been replaced by another process.
fn failed(problem: &ExchangeProblem, certain: bool) -> Failed {
    let detail = problem.to_string();
    match problem {
        ExchangeProblem::Refused(refused) => match refused.refusal {
            _ if refused.is_transient() => Failed::Now(TokenError::Refresh { transient: true, detail }),
            OauthRefusal::BadRefreshToken if !certain => {
                let detail = "the vault could not be read, and the token in memory is no longer taken".into();
                Failed::Now(TokenError::Vault { locked: true, detail })
            }
            OauthRefusal::BadRefreshToken => Failed::Over(TokenError::Revoked),
            refusal if refusal.is_final() => Failed::Over(TokenError::Refused(refusal)),
            _ => Failed::Now(TokenError::Refresh { transient: false, detail }),
        },
        ExchangeProblem::Transport { .. } | ExchangeProblem::Malformed => {
            Failed::Now(TokenError::Refresh { transient: true, detail })
        }
    }
}
