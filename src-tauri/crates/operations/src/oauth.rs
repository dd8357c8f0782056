//! Signing in with the user's own HubSpot app, as a host sees it: what to prepare, one attempt at a time, how it ends.
//! What was typed is kept with a connection in `pending_setup`, so that nothing has to be typed twice.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use auth::{Attempt, AttemptError, AttemptHandle, Grant, OauthApp, Phase, Tab};
use crm::ConnectionId;
use hubspot::Origin;
use store::{Connection, ConnectionKind, ConnectionState};

use crate::{
    connect::{self, Draft},
    connections::free_name,
    core::{Core, count, fresh_name, lock},
    errors,
    grants::{self, Refused},
    keeping, scopes,
    wire::{
        AttemptPhase, AttemptRequest, AwaitOauth, BeginOauth, Code, Connected, CoreEvent, DiscardDraft, Done,
        OauthAttempt, OauthSetup, OauthSetupRequest, PasteCallback, RedirectAddress, ScopeSets, WireError,
    },
};

/// An attempt under way, or one that has ended and may still be asked about.
pub(crate) struct Opened {
    connection: Mutex<ConnectionId>,
    authorize_url: String,
    redirect_address: String,
    began: Instant,
    handle: AttemptHandle,
    /// Said while it goes on: no port was free, so the address has to be pasted.
    notice: Option<WireError>,
    ended: tokio::sync::watch::Sender<Option<Ended>>,
    /// The browser has its answer too, and nothing listens any more.
    closed: tokio::sync::watch::Sender<bool>,
}

#[derive(Clone)]
enum Ended {
    Connected { draft: String },
    Failed { error: Box<WireError>, draft: Option<String> },
}

/// Ended attempts that nobody asks about any more.
const KEPT_FOR: Duration = Duration::from_hours(1);
/// How long an attempt waits (`auth::Patience`).
const PATIENCE: Duration = Duration::from_mins(10);

/// The return address of a port, exactly as it is sent and must be registered.
pub(crate) fn redirect_address(port: u16) -> String {
    format!("http://localhost:{port}{}", auth::CALLBACK_PATH)
}

pub(crate) fn redirect_addresses() -> Vec<String> {
    auth::PORTS.into_iter().map(redirect_address).collect()
}

/// What to agree on with HubSpot before the browser opens.
pub async fn oauth_setup(core: &Core, request: OauthSetupRequest) -> Result<OauthSetup, WireError> {
    let known = match request.connection.as_deref() {
        None => None,
        Some(name) => Some(core.find_connection(name)?),
    };
    let kept = known.as_ref().and_then(|connection| connection.oauth.clone());
    let port = kept.as_ref().and_then(|kept| kept.port);
    let mut redirects = Vec::new();
    for port in port.map_or_else(|| auth::PORTS.to_vec(), |port| vec![port]) {
        let taken = auth::Listener::bind(&[port]).await.err().and_then(|taken| taken.into_iter().next());
        redirects.push(RedirectAddress {
            port,
            address: redirect_address(port),
            free: taken.is_none(),
            taken_by: taken.and_then(|taken| taken.by).map(|by| format!("{}, process {}", by.name, by.pid)),
        });
    }
    let id = known.map(|connection| connection.id);
    let has_secret = match id.filter(|_| kept.is_some()) {
        None => false,
        Some(id) => {
            let kept = move |core: &Core| auth::kept_secret(&*core.0.vault, &id);
            core.blocking(move |core| kept(core).map_err(|error| errors::auth(&error))).await?.is_some()
        }
    };
    Ok(OauthSetup {
        client_id: kept.as_ref().map(|kept| kept.client_id.clone()).unwrap_or_default(),
        has_secret,
        scopes: kept.map_or_else(scopes::suggested, |kept| ScopeSets {
            required: kept.required,
            conditional: kept.conditional,
            optional: kept.optional,
        }),
        redirects,
        port,
    })
}

/// Keeps what was typed and listens for the browser. The host opens `authorize_url`.
pub async fn begin_oauth(core: &Core, request: BeginOauth) -> Result<OauthAttempt, WireError> {
    let (connection, app) = core.blocking(move |core| prepare(core, &request)).await?;
    core.tell(CoreEvent::ConnectionsChanged);
    give_up_others(core, &connection.id);
    grants::drop_those_of(core, &connection.id);
    let ports = connection
        .oauth
        .as_ref()
        .and_then(|oauth| oauth.port)
        .map_or_else(|| auth::PORTS.to_vec(), |port| vec![port]);
    let options = core.client_options(connection.id.as_str());
    let (attempt, notice) = match Attempt::new(app.clone(), &ports, &options).await {
        Ok(attempt) => (attempt, None),
        Err(error @ AttemptError::PortsTaken { .. }) => {
            let by_hand = Attempt::by_hand(app.clone(), ports[0], &options);
            (by_hand.map_err(|error| errors::attempt(&error))?, Some(errors::attempt(&error)))
        }
        Err(error) => return Err(errors::attempt(&error)),
    };
    let name = fresh_name("attempt-");
    let opened = Arc::new(Opened {
        connection: Mutex::new(connection.id.clone()),
        authorize_url: attempt.authorize_url().to_owned(),
        redirect_address: attempt.redirect_uri().to_owned(),
        began: Instant::now(),
        handle: attempt.handle(),
        notice,
        ended: tokio::sync::watch::Sender::new(None),
        closed: tokio::sync::watch::Sender::new(false),
    });
    let mut attempts = lock(&core.0.attempts);
    attempts.retain(|_, old| old.began.elapsed() < KEPT_FOR);
    attempts.insert(name.clone(), Arc::clone(&opened));
    drop(attempts);
    tokio::spawn(tell_progress(core.clone(), name.clone(), Arc::clone(&opened)));
    let (settling, closing) = ((core.clone(), Arc::clone(&opened)), Arc::clone(&opened));
    let run = attempt.run_then(
        async move |granted| {
            let (core, opened) = settling;
            settle(&core, &opened, &connection, &app, granted).await
        },
        tab,
    );
    tokio::spawn(async move {
        let _ = run.await;
        closing.closed.send_replace(true);
    });
    Ok(shown(&name, &opened))
}

pub async fn oauth_attempt(core: &Core, request: AttemptRequest) -> Result<OauthAttempt, WireError> {
    let opened = find(core, &request.attempt)?;
    Ok(shown(&request.attempt, &opened))
}

/// Takes the address the browser ended on, in place of the callback.
pub async fn paste_callback(core: &Core, request: PasteCallback) -> Result<OauthAttempt, WireError> {
    let opened = find(core, &request.attempt)?;
    let address = zeroize::Zeroizing::new(request.address);
    opened.handle.paste(&address).map_err(errors::pasted_address)?;
    Ok(shown(&request.attempt, &opened))
}

pub async fn cancel_oauth(core: &Core, request: AttemptRequest) -> Result<Done, WireError> {
    let opened = find(core, &request.attempt)?;
    opened.handle.cancel();
    opened.end().await;
    Ok(Done {})
}

/// Waits until an attempt has ended and the browser has been told, for hosts that end with it.
pub async fn await_oauth(core: &Core, request: AwaitOauth) -> Result<Connected, WireError> {
    let opened = find(core, &request.attempt)?;
    let ended = opened.end().await;
    // A process that goes away takes the tab's answer with it.
    let _ = opened.closed.subscribe().wait_for(|closed| *closed).await.map(drop);
    match ended {
        Some(Ended::Connected { draft }) => {
            lock(&core.0.drafts).remove(&draft);
            Ok(Connected { connection: lock(&opened.connection).to_string() })
        }
        Some(Ended::Failed { error, draft }) => {
            // Nobody is there to be asked whether another portal will do.
            if let Some(draft) = draft {
                connect::discard_draft(core, DiscardDraft { draft }).await?;
            }
            Err(*error)
        }
        None => Err(errors::internal(&"the attempt was dropped")),
    }
}

impl Core {
    /// What the browser has to open for an attempt, for hosts that open it. The page never names an address itself.
    pub fn authorize_url(&self, attempt: &str) -> Result<String, WireError> {
        find(self, attempt).map(|opened| opened.authorize_url.clone())
    }
}

impl Opened {
    async fn end(&self) -> Option<Ended> {
        let mut ended = self.ended.subscribe();
        ended.wait_for(Option::is_some).await.ok().and_then(|ended| ended.clone())
    }
}

fn find(core: &Core, attempt: &str) -> Result<Arc<Opened>, WireError> {
    let found = lock(&core.0.attempts).get(attempt).cloned();
    found.ok_or_else(|| errors::say(Code::BadRequest, "This sign-in was closed. Start it again."))
}

/// A connection has one attempt at a time: a new one ends those before it, so that ports are free again.
fn give_up_others(core: &Core, id: &ConnectionId) {
    for other in lock(&core.0.attempts).values() {
        if *lock(&other.connection) == *id && other.ended.borrow().is_none() {
            other.handle.cancel();
        }
    }
}

fn shown(name: &str, opened: &Opened) -> OauthAttempt {
    let progress = opened.handle.progress();
    let ended = opened.ended.borrow().clone();
    let (phase, error, draft) = match ended {
        Some(Ended::Connected { draft }) => (AttemptPhase::Connected, None, Some(draft)),
        Some(Ended::Failed { error, .. }) if error.code == Code::SetupCancelled => {
            (AttemptPhase::Cancelled, Some(*error), None)
        }
        Some(Ended::Failed { error, draft }) => (AttemptPhase::Failed, Some(*error), draft),
        None if progress.phase == Phase::Waiting => (AttemptPhase::Waiting, opened.notice.clone(), None),
        None => (AttemptPhase::Exchanging, None, None),
    };
    let elapsed = opened.began.elapsed();
    OauthAttempt {
        attempt: name.to_owned(),
        connection: lock(&opened.connection).to_string(),
        phase,
        authorize_url: opened.authorize_url.clone(),
        redirect_address: opened.redirect_address.clone(),
        elapsed: count(elapsed.as_secs()),
        left: count(PATIENCE.saturating_sub(elapsed).as_secs()),
        strangers: progress.older_attempts + progress.unproven_denials,
        error,
        draft,
    }
}

async fn tell_progress(core: Core, attempt: String, opened: Arc<Opened>) {
    let mut progress = opened.handle.watch();
    let mut ended = opened.ended.subscribe();
    loop {
        let over = tokio::select! {
            changed = progress.changed() => changed.is_err(),
            () = async { drop(ended.wait_for(Option::is_some).await) } => true,
        };
        core.tell(CoreEvent::AttemptChanged { attempt: attempt.clone() });
        if over {
            return;
        }
    }
}

/// Checks what was typed, and keeps it: all but the secret in the app's database, the secret in the vault.
fn prepare(core: &Core, request: &BeginOauth) -> Result<(Connection, OauthApp), WireError> {
    let client_id = client_id(&request.client_id)?;
    let scopes = tidy(&request.scopes);
    let origin = |given: Option<&str>, place: Option<&str>, usual: fn() -> Origin| match given
        .filter(|base| !base.trim().is_empty())
        .or(place)
    {
        Some(base) => {
            Origin::parse(base, false).map_err(|error| errors::say(Code::BadOrigin, &error.to_string()))
        }
        None => Ok(usual()),
    };
    let known = core.0.app.connections().map_err(|error| errors::store(&error))?;
    let existing = match request.connection.as_deref() {
        Some(named) => Some(core.find_connection(named)?),
        None => known
            .iter()
            .find(|other| {
                let name = request.name.trim();
                (!name.is_empty() && other.name.eq_ignore_ascii_case(name))
                    // Setup that was begun and not finished goes on, whatever it is called.
                    || (name.is_empty()
                        && other.state == ConnectionState::PendingSetup
                        && other.oauth.as_ref().is_some_and(|oauth| oauth.client_id == client_id))
            })
            .cloned(),
    };
    let client_secret = match (request.client_secret.trim(), &existing) {
        ("", Some(connection)) => match auth::kept_secret(&*core.0.vault, &connection.id) {
            Ok(Some(secret)) => secret,
            Ok(None) => client_secret("")?,
            Err(error) => return Err(errors::auth(&error)),
        },
        (typed, _) => client_secret(typed)?,
    };
    let app = OauthApp {
        client_id: client_id.clone(),
        client_secret,
        scopes: auth::ScopeSets {
            required: scopes.required.clone(),
            conditional: scopes.conditional.clone(),
            optional: scopes.optional.clone(),
        },
        api: origin(request.api_base.as_deref(), core.0.place.api_base(), Origin::hubspot)?,
        app: origin(request.app_base.as_deref(), core.0.place.app_base(), Origin::hubspot_app)?,
        allow_host: false,
    };
    app.check_origins().map_err(|error| errors::say(Code::BadOrigin, &error.to_string()))?;
    let mut connection = match existing {
        Some(existing) => existing,
        None => {
            let name = match request.name.trim() {
                "" => keeping::unique_name(&known, keeping::UNNAMED),
                name => free_name(core, name, None)?,
            };
            let since = connect::default_window();
            keeping::new_connection(fresh_setup_id(&known), name, ConnectionKind::Oauth, since)
        }
    };
    connection.oauth = Some(store::OauthSetup {
        client_id,
        required: scopes.required,
        conditional: scopes.conditional,
        optional: scopes.optional,
        port: request.port,
    });
    auth::keep_secret(&*core.0.vault, &connection.id, &app.client_secret)
        .map_err(|error| errors::auth(&error))?;
    // A connection that works, or worked, keeps its app until another one has proved itself.
    if connection.account.is_none() {
        core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))?;
    }
    Ok((connection, app))
}

/// Setup is not a portal yet: its id is given up for the portal's once that is known.
fn fresh_setup_id(known: &[Connection]) -> ConnectionId {
    let taken = |id: &str| known.iter().any(|other| other.id.as_str() == id);
    let mut ids = (1..u64::MAX).map(|number| format!("setup-{number}"));
    ids.find(|id| !taken(id))
        .expect("there is always a next number")
        .parse()
        .expect("letters and digits make an id")
}

/// Keeps what came of an attempt; the connection stays in `pending_setup` unless it succeeded.
async fn settle(
    core: &Core,
    opened: &Opened,
    begun: &Connection,
    app: &OauthApp,
    granted: Result<Grant, AttemptError>,
) -> Result<Connection, WireError> {
    let settled = match granted {
        Ok(grant) => grants::keep(core, begun, app, grant).await,
        Err(error) => Err(Refused { error: errors::attempt(&error), draft: None }),
    };
    let id = &begun.id;
    let ended = match &settled {
        Ok((connection, before)) => {
            *lock(&opened.connection) = connection.id.clone();
            let made = Draft::signed_in(connection, before.as_deref(), app.api.clone());
            Ended::Connected { draft: connect::open_draft(core, made) }
        }
        Err(Refused { error, draft }) => {
            keep_error(core, id, error).await;
            Ended::Failed { error: Box::new(error.clone()), draft: draft.clone() }
        }
    };
    opened.ended.send_replace(Some(ended));
    core.tell(CoreEvent::ConnectionsChanged);
    core.tell_status(id);
    settled.map(|(connection, _)| connection).map_err(|refused| refused.error)
}

/// An attempt that failed is remembered with a connection that is not set up; one that works is left alone.
async fn keep_error(core: &Core, id: &ConnectionId, error: &WireError) {
    let (id, error) = (id.clone(), error.clone());
    let kept = core
        .blocking(move |core| {
            let known = core.0.app.connection(&id).map_err(|error| errors::store(&error))?;
            let Some(mut connection) = known.filter(|known| known.state == ConnectionState::PendingSetup)
            else {
                return Ok(());
            };
            connection.last_error = Some(errors::kept(&error));
            core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))
        })
        .await;
    if let Err(error) = kept {
        tracing::error!(code = ?error.code, "why a setup failed could not be kept");
    }
}

/// What the browser tab says: the truth, in the app's own words.
fn tab(settled: &Result<Connection, WireError>) -> Tab {
    match settled {
        Ok(connection) => {
            let portal = connection.account.as_ref().map(|account| account.portal.to_string());
            Tab {
                title: format!("Connected to portal {}.", portal.unwrap_or_default()),
                text: "You can close this tab and go back to Portside.".into(),
                code: None,
            }
        }
        Err(error) => Tab {
            title: error.title.clone(),
            text: format!("{} Go back to Portside.", error.text).trim().to_owned(),
            code: errors::code_name(error.code),
        },
    }
}

/// The lists without blanks and doubles; `oauth` is required by every app, and a scope stands in one list only.
pub(crate) fn tidy(scopes: &ScopeSets) -> ScopeSets {
    let mut seen = vec!["oauth".to_owned()];
    let mut once = |list: &[String]| {
        let mut kept = Vec::new();
        for scope in list.iter().flat_map(|scope| scope.split([' ', ',', '\n', '\t', '\r'])) {
            if !scope.is_empty() && !seen.iter().any(|known| known == scope) {
                seen.push(scope.to_owned());
                kept.push(scope.to_owned());
            }
        }
        kept
    };
    let (required, conditional, optional) =
        (once(&scopes.required), once(&scopes.conditional), once(&scopes.optional));
    let required = std::iter::once("oauth".to_owned()).chain(required).collect();
    ScopeSets { required, conditional, optional }
}

/// HubSpot's client ids are UUIDs; what is plainly something else is named before anything is sent.
fn client_id(text: &str) -> Result<String, WireError> {
    let bare = text.trim().trim_matches(['"', '\'', '`']);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (8..=100).contains(&bare.len()) && bare.chars().all(plain) && !bare.starts_with("pat-") {
        Ok(bare.to_owned())
    } else {
        Err(errors::say(Code::ClientIdWrong, ""))
    }
}

fn client_secret(text: &str) -> Result<vault::Secret, WireError> {
    use auth::PasteProblem as P;
    let wrong = |why: &str| Err(errors::say(Code::ClientSecretWrong, why));
    let bare = text.trim().trim_matches(['"', '\'', '`']);
    match auth::paste(text) {
        // What a key cannot be, a client secret is: a UUID.
        Err(P::ClientSecret) => Ok(vault::Secret::new(bare.to_owned())),
        Ok(pasted) if pasted.token.expose().starts_with("pat-") => Err(errors::say(Code::SecretIsKey, "")),
        // No document says what secrets look like, so one of another shape is tried.
        Ok(pasted) => Ok(vault::Secret::new(pasted.token.expose().to_owned())),
        Err(P::Empty) => wrong("Nothing was pasted."),
        Err(P::Masked) => wrong("It is masked: HubSpot shows dots until the secret is revealed."),
        Err(P::RefreshToken) => wrong("It looks like a refresh token."),
        Err(P::Url) => wrong("It is a web address."),
        Err(P::Email) => wrong("It is an e-mail address."),
        Err(P::Several) => wrong("It was pasted twice."),
        Err(P::TooLong | P::Rubbish) => wrong("It holds what no secret does."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_stands_in_one_list_and_oauth_is_always_required() {
        let list = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        let sets =
            ScopeSets { required: list("b, a|a"), conditional: list("c|b"), optional: list("oauth|d\nc|a") };
        let tidied = tidy(&sets);
        assert_eq!(tidied.required, ["oauth", "b", "a"]);
        assert_eq!(tidied.conditional, ["c"]);
        assert_eq!(tidied.optional, ["d"]);
        assert_eq!(tidy(&tidied), tidied);
    }

    #[test]
    fn what_is_no_client_secret_is_named_before_anything_is_sent() {
        let code = |text: &str| client_secret(text).err().map(|error| error.code);
        assert_eq!(code("0a1b2c3d-0000-4000-8000-00000000000a"), None);
        assert_eq!(code(" \"0a1b2c3d-0000-4000-8000-00000000000a\" "), None);
        assert_eq!(code("pat-eu1-0a1b2c3d-0000-4000-8000-00000000000a"), Some(Code::SecretIsKey));
        for text in ["", "••••", "eu1-0a1b-2c3d", "https://app.hubspot.com/", "ada@example.com"] {
            assert_eq!(code(text), Some(Code::ClientSecretWrong), "{text}");
        }
    }

    #[test]
    fn what_is_no_client_id_is_named() {
        let wrong = |text: &str| client_id(text).is_err();
        assert!(!wrong(" 0a1b2c3d-0000-4000-8000-00000000000a\n"));
        for text in ["", "123", "pat-na1-0a1b2c3d", "https://x.example/", "two words here"] {
            assert!(wrong(text), "{text}");
        }
    }
}
