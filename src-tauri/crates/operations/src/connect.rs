//! The way in: a draft that is checked before anything is kept, then a connection with its import running. A draft comes
//! from a pasted key, or from a sign-in that has just succeeded.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use auth::{PasteProblem, Pasted};
use crm::{ConnectionId, Timestamp};
use hubspot::{ClientOptions, Origin, RetryPolicy, Token};
use store::{Connection, ConnectionKind, Since};

use crate::{
    checks as wizard,
    clients::{client_of, client_with},
    connections::free_name,
    core::{Core, clock, fresh_name, lock},
    errors,
    keeping::{Wanted, keep},
    runs,
    wire::{
        self, BeginKey, Checks, ChecksRequest, Code, ConnectKey, Connected, CoreEvent, DiscardDraft, Done,
        FinishConnect, KeyDraft, StartChecks, WireError,
    },
};

/// A way in that is being checked; lives in memory only.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) source: Source,
    pub(crate) origin: Origin,
    pub(crate) hint: String,
    pub(crate) checked: Arc<Mutex<wizard::Checked>>,
    /// The connection this is for, where there is one already: it keeps to its portal.
    pub(crate) target: Option<ConnectionId>,
    /// The connection did not exist before this way in.
    is_new: bool,
    began: Instant,
}

#[derive(Clone)]
pub(crate) enum Source {
    /// A pasted key; nothing is kept yet.
    Key(Token),
    /// Signed in; the connection is there, and its tokens are in the vault.
    SignedIn,
}

impl Draft {
    /// `before`: what the connection was granted until now, where it was there already.
    pub(crate) fn signed_in(connection: &Connection, before: Option<&[String]>, origin: Origin) -> Draft {
        let (account, granted) = (connection.account.clone(), connection.granted_scopes.clone());
        let checked = wizard::Checked::known(account, granted, before.unwrap_or_default());
        Draft {
            source: Source::SignedIn,
            origin,
            hint: connection.key_hint.clone().unwrap_or_default(),
            checked: Arc::new(Mutex::new(checked)),
            target: Some(connection.id.clone()),
            is_new: before.is_none(),
            began: Instant::now(),
        }
    }
}

/// Two years: the default window of a first copy.
const WINDOW: Duration = Duration::from_hours(2 * 365 * 24 + 12);
/// A person waits for the checks: they give up within seconds, and can be run again.
pub(crate) const LIVE: RetryPolicy = RetryPolicy { pause_base: Duration::from_millis(400), attempts_max: 3 };
/// What requests are remembered under before there is a connection.
pub(crate) const SETUP: &str = "setup";
/// Drafts that nobody came back to.
const DRAFT_KEPT: Duration = Duration::from_hours(1);

/// Cleans and recognises a pasted key, before any network call.
pub async fn begin_key(core: &Core, request: BeginKey) -> Result<KeyDraft, WireError> {
    let pasted = auth::paste(&request.text).map_err(pasted_wrong)?;
    let base = request.api_base.filter(|base| !base.trim().is_empty());
    let origin = origin(base.as_deref().or(core.0.place.api_base()), false, &pasted.token)?;
    let target = match request.connection.as_deref() {
        None => None,
        Some(name) => Some(core.find_connection(name)?),
    };
    let draft = fresh_name("draft-");
    let answer = KeyDraft {
        draft: draft.clone(),
        hint: pasted.token.hint(),
        cleaned: pasted.cleaned.iter().map(ToString::to_string).collect(),
        warning: pasted.warning.as_ref().map(ToString::to_string),
    };
    let Pasted { token, .. } = pasted;
    let kept = Draft {
        hint: token.hint(),
        source: Source::Key(token),
        origin,
        checked: Arc::default(),
        is_new: target.is_none(),
        target: target.map(|connection| connection.id),
        began: Instant::now(),
    };
    let mut drafts = lock(&core.0.drafts);
    drafts.retain(|_, old| old.began.elapsed() < DRAFT_KEPT);
    drafts.insert(draft, kept);
    Ok(answer)
}

/// Runs the live checks in the background; `checks` tells how they go.
pub async fn start_checks(core: &Core, request: StartChecks) -> Result<Checks, WireError> {
    let draft = find(core, &request.draft)?;
    let options = ClientOptions { retry: LIVE, ..core.client_options(SETUP) };
    let client = match (&draft.source, &draft.target) {
        (Source::Key(token), _) => client_with(&draft.origin, token.clone(), options)?,
        (Source::SignedIn, Some(id)) => client_of(core, &core.find_connection(id.as_str())?, options).await?,
        (Source::SignedIn, None) => return Err(errors::internal(&"a sign-in without its connection")),
    };
    wizard::start(core, &request.draft, &draft, client, &request.only);
    Ok(wizard::shown(&request.draft, &draft))
}

pub async fn checks(core: &Core, request: ChecksRequest) -> Result<Checks, WireError> {
    Ok(wizard::shown(&request.draft, &find(core, &request.draft)?))
}

pub async fn discard_draft(core: &Core, request: DiscardDraft) -> Result<Done, WireError> {
    lock(&core.0.drafts).remove(&request.draft);
    Ok(Done {})
}

/// Keeps the connection and starts its import.
pub async fn finish_connect(core: &Core, request: FinishConnect) -> Result<Connected, WireError> {
    let draft = find(core, &request.draft)?;
    let (account, granted) = {
        let checked = lock(&draft.checked);
        (checked.account.clone(), checked.granted.clone())
    };
    let account =
        account.ok_or_else(|| errors::say(Code::BadRequest, "The key has not been checked yet."))?;
    let since = if request.all_history { Since::All } else { default_window() };
    let connection = match draft.source {
        Source::Key(token) => {
            let wanted = Wanted {
                target: draft.target,
                name: Some(request.name),
                kind: kept_kind(Some(request.kind)),
                since,
                account,
                granted,
                allow_host: false,
            };
            keep(core, token, draft.origin, wanted).await?
        }
        Source::SignedIn => {
            let id = draft.target.ok_or_else(|| errors::internal(&"a sign-in without its connection"))?;
            core.blocking(move |core| {
                let mut connection = core.find_connection(id.as_str())?;
                connection.name = free_name(core, &request.name, Some(id.as_str()))?;
                // A connection that was there keeps its window, unless all history is asked for.
                if draft.is_new || since == Since::All {
                    connection.since = since;
                }
                core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))?;
                core.tell(CoreEvent::ConnectionsChanged);
                Ok(connection)
            })
            .await?
        }
    };
    lock(&core.0.drafts).remove(&request.draft);
    let id = connection.id.to_string();
    runs::launch(core, connection, runs::Start::default()).await?;
    Ok(Connected { connection: id })
}

/// Connects without a window: the key is checked with HubSpot, kept, and nothing is imported yet.
pub async fn connect_key(core: &Core, request: ConnectKey) -> Result<Connected, WireError> {
    let Pasted { token, .. } = auth::paste(&request.text).map_err(pasted_wrong)?;
    let base = request.api_base.as_deref().or(core.0.place.api_base());
    let origin = origin(base, request.allow_host, &token)?;
    let client =
        client_with(&origin, token.clone(), ClientOptions { retry: LIVE, ..core.client_options(SETUP) })?;
    let account = auth::identity(&client, &token).await.map_err(|error| refused_key(&error))?;
    let granted = auth::granted_scopes(&client, &token).await.map_err(|error| refused_key(&error))?;
    let kind = kept_kind(request.kind);
    let wanted = Wanted {
        target: None,
        name: request.name,
        kind,
        since: default_window(),
        account,
        granted,
        allow_host: request.allow_host,
    };
    let connection = keep(core, token, origin, wanted).await?;
    Ok(Connected { connection: connection.id.to_string() })
}

/// HubSpot's word on a key that was just pasted: 401 means wrong, not ended.
pub(crate) fn refused_key(error: &hubspot::Error) -> WireError {
    let mut said = errors::hubspot(error);
    if said.code == Code::AuthExpired {
        let technical = said.technical;
        said = errors::say(Code::TokenInvalid, "");
        said.technical = technical;
    }
    said
}

pub(crate) fn default_window() -> Since {
    window_before(clock())
}

/// The default window of a first copy that begins then.
pub(crate) fn window_before(at: Timestamp) -> Since {
    Since::At(at.minus(WINDOW))
}

/// Both kinds of key look alike; one that nobody named is taken for what can still be made today.
fn kept_kind(kind: Option<wire::ConnectionKind>) -> ConnectionKind {
    match kind {
        Some(wire::ConnectionKind::PrivateApp) => ConnectionKind::PrivateApp,
        _ => ConnectionKind::ServiceKey,
    }
}

fn find(core: &Core, draft: &str) -> Result<Draft, WireError> {
    let found = lock(&core.0.drafts).get(draft).cloned();
    found.ok_or_else(|| errors::say(Code::BadRequest, "This setup was closed. Start it again."))
}

fn origin(base: Option<&str>, allow_host: bool, token: &Token) -> Result<Origin, WireError> {
    let origin = match base {
        Some(base) => Origin::parse(base, allow_host),
        None => Ok(Origin::hubspot()),
    };
    let bad = |error: hubspot::BadOrigin| errors::say(Code::BadOrigin, &error.to_string());
    let origin = origin.map_err(bad)?;
    origin.accepts(token, allow_host).map_err(bad)?;
    Ok(origin)
}

fn pasted_wrong(problem: PasteProblem) -> WireError {
    let code = match problem {
        PasteProblem::Empty => Code::KeyEmpty,
        PasteProblem::Masked => Code::KeyMasked,
        PasteProblem::ClientSecret => Code::KeyIsClientSecret,
        PasteProblem::RefreshToken => Code::KeyIsRefreshToken,
        PasteProblem::Url => Code::KeyIsUrl,
        PasteProblem::Email => Code::KeyIsEmail,
        PasteProblem::Several => Code::KeyTwice,
        _ => Code::KeyRubbish,
    };
    errors::say(code, "")
}
