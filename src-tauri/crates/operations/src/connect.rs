//! The way in: a draft that is checked before anything is kept, then a connection with its import running. A draft comes
//! from a pasted key, or from a sign-in that has just succeeded.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use auth::{Credential, Grant, Kept, OauthApp, OauthCredential, OauthTokens, PasteProblem, Pasted};
use crm::{Account, ConnectionId};
use hubspot::{Client, ClientOptions, Origin, RetryPolicy, StaticToken, Token};
use store::{Connection, ConnectionKind, ConnectionState, Since};

use crate::{
    checks as wizard,
    connections::free_name,
    core::{Core, clock, fresh_name, lock},
    demo, errors, runs,
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
const LIVE: RetryPolicy = RetryPolicy { pause_base: Duration::from_millis(400), attempts_max: 3 };
/// What requests are remembered under before there is a connection.
const SETUP: &str = "setup";
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
    runs::launch(core, connection, false).await?;
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

/// A client for a run, with the key or the tokens from the vault. A key's permissions are asked for again: they can be
/// added to it in HubSpot at any time, and are kept with the connection here.
pub(crate) async fn client_for_run(core: &Core, connection: &mut Connection) -> Result<Client, WireError> {
    if connection.kind == ConnectionKind::Demo {
        return demo::client(core).await;
    }
    // A process that was cut may have been calling until a moment ago; its calls still count.
    let id = connection.id.clone();
    let resumed = core.blocking(move |core| Ok(was_cut(core, &id))).await?;
    let options = ClientOptions { resumed, ..core.client_options(connection.id.as_str()) };
    let kept = kept(core, &connection.id).await?;
    let key = match &kept {
        Kept::Key(key) => Some(key.token.clone()),
        Kept::Oauth(_) => None,
    };
    let client = client_with_kept(core, connection, kept, options)?;
    if let Some(account) = &connection.account {
        client.know_account(account);
    }
    if let Some(key) = key
        // Whatever else is wrong, the run itself will say.
        && let Ok(Some(granted)) = auth::granted_scopes(&client, &key).await
    {
        connection.granted_scopes = Some(granted);
    }
    Ok(client)
}

pub(crate) async fn client_of(
    core: &Core,
    connection: &Connection,
    options: ClientOptions,
) -> Result<Client, WireError> {
    let kept = kept(core, &connection.id).await?;
    client_with_kept(core, connection, kept, options)
}

async fn kept(core: &Core, id: &ConnectionId) -> Result<Kept, WireError> {
    let id = id.clone();
    core.blocking(move |core| Kept::load(&*core.0.vault, &id).map_err(|error| errors::auth(&error))).await
}

fn client_with_kept(
    core: &Core,
    connection: &Connection,
    kept: Kept,
    options: ClientOptions,
) -> Result<Client, WireError> {
    match kept {
        Kept::Key(key) => client_with(&key.origin, key.token, options),
        Kept::Oauth(oauth) => {
            let origin = oauth.api.clone();
            let tokens = tokens_of(core, &connection.id, oauth)?;
            Client::new(origin, Arc::new(tokens), options).map_err(|error| errors::hubspot(&error))
        }
    }
}

/// One source of tokens for each connection of this process, so that its tasks share one refresh.
fn tokens_of(core: &Core, id: &ConnectionId, kept: OauthCredential) -> Result<OauthTokens, WireError> {
    let mut known = lock(&core.0.tokens);
    if let Some(tokens) = known.get(id).filter(|tokens| tokens.over().is_none()) {
        return Ok(tokens.clone());
    }
    let (vault, options) = (core.0.vault.clone(), core.client_options(id.as_str()));
    let tokens = OauthTokens::new(kept, id, vault, &core.0.home, &options);
    let tokens = tokens.map_err(|error| errors::auth(&error))?;
    known.insert(id.clone(), tokens.clone());
    Ok(tokens)
}

fn was_cut(core: &Core, id: &ConnectionId) -> bool {
    let mark = core.read(id, |reader| Ok(sync::import_mark(reader).ok().flatten()));
    matches!(mark, Ok(Some(Some(mark))) if mark.open)
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

struct Wanted {
    target: Option<ConnectionId>,
    name: Option<String>,
    kind: ConnectionKind,
    since: Since,
    account: Account,
    granted: Option<Vec<String>>,
    allow_host: bool,
}

/// Stores key and connection. A connection of the same name and portal gets the new key and keeps its copy; the same
/// name with another portal is refused.
async fn keep(core: &Core, token: Token, origin: Origin, wanted: Wanted) -> Result<Connection, WireError> {
    let connection = core
        .blocking(move |core| {
            let known = core.0.app.connections().map_err(|error| errors::store(&error))?;
            let name = wanted.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
            let target = wanted.target.as_ref();
            let existing = existing(&known, target, name, &wanted.account)?;
            let mut connection = match existing {
                Some(existing) => existing.clone(),
                None => new_connection(
                    free_id(&known, &wanted.account),
                    free_name(core, name.unwrap_or(&format!("Portal {}", wanted.account.portal)), None)?,
                    wanted.kind,
                    wanted.since,
                ),
            };
            if let Some(name) = name.filter(|_| target.is_some()) {
                connection.name = free_name(core, name, Some(connection.id.as_str()))?;
            }
            connection.kind = wanted.kind;
            connection.oauth = None;
            connection.state = ConnectionState::Active;
            (connection.account, connection.granted_scopes) = (Some(wanted.account), wanted.granted);
            // The same key again is no newer for that.
            let hint = Some(token.hint());
            if connection.key_hint != hint || connection.key_set_at.is_none() {
                (connection.key_hint, connection.key_set_at) = (hint, Some(clock()));
            }
            (connection.last_error, connection.disconnected_at) = (None, None);
            let credential = Credential { token, origin, allow_host: wanted.allow_host };
            credential.save(&*core.0.vault, &connection.id).map_err(|error| errors::auth(&error))?;
            lock(&core.0.tokens).remove(&connection.id);
            core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))?;
            Ok(connection)
        })
        .await?;
    core.tell(CoreEvent::ConnectionsChanged);
    core.tell_status(&connection.id);
    Ok(connection)
}

/// The connection that a key or a grant of this account belongs to: the one it was meant for, else the one of that
/// name, else, without a name, the one of that portal. One of another portal is refused.
fn existing<'a>(
    known: &'a [Connection],
    target: Option<&ConnectionId>,
    name: Option<&str>,
    account: &Account,
) -> Result<Option<&'a Connection>, WireError> {
    let portal = account.portal;
    let of_portal = |other: &&Connection| {
        other.kind != ConnectionKind::Demo
            && other.account.as_ref().is_some_and(|account| account.portal == portal)
    };
    let found = match (target, name) {
        (Some(target), _) => known.iter().find(|other| other.id == *target),
        (None, Some(name)) => known.iter().find(|other| other.name.eq_ignore_ascii_case(name)),
        (None, None) => known.iter().find(of_portal),
    };
    found.map_or(Ok(()), |other| of_same_portal(other, Some(account)))?;
    Ok(found)
}

/// A connection keeps to its portal, once it has one.
pub(crate) fn of_same_portal(connection: &Connection, account: Option<&Account>) -> Result<(), WireError> {
    let (Some(own), Some(other)) = (&connection.account, account) else { return Ok(()) };
    if own.portal == other.portal {
        return Ok(());
    }
    let mut error = errors::say(Code::WrongAccount, &other.portal.to_string());
    error.text = format!("“{}” keeps to its portal ({}).", connection.name, own.portal);
    Err(error)
}

/// Keeps what a sign-in granted: tokens in the vault, then the connection. Setup that was begun becomes the portal's
/// connection; one that was there keeps its copy, and refuses another portal. Also tells the scopes such a one had.
pub(crate) async fn keep_grant(
    core: &Core,
    id: &ConnectionId,
    app: &OauthApp,
    grant: Grant,
) -> Result<(Connection, Option<Vec<String>>), WireError> {
    let options = ClientOptions { retry: LIVE, ..core.client_options(SETUP) };
    let client = client_with(&app.api, grant.access.clone(), options)?;
    let account = auth::oauth_identity(&client, &grant).await.map_err(|error| errors::hubspot(&error))?;
    let credential = OauthCredential::new(app, &grant);
    let scopes = auth::oauth_scopes(&credential, &grant, &core.client_options(SETUP))
        .await
        .map_err(|error| errors::auth(&error))?;
    let id = id.clone();
    let kept = core
        .blocking(move |core| {
            let known = core.0.app.connections().map_err(|error| errors::store(&error))?;
            let begun = known
                .iter()
                .find(|other| other.id == id)
                .ok_or_else(|| errors::say(Code::NoSuchConnection, id.as_str()))?;
            let is_setup = begun.account.is_none();
            let named = (is_setup && !is_unnamed(&begun.name)).then_some(begun.name.as_str());
            let meant = if is_setup { None } else { Some(&id) };
            let existing = match named {
                // Its own name is no other connection's.
                Some(_) => None,
                None => existing(&known, meant, None, &account)?,
            };
            let mut connection = match existing {
                Some(existing) => existing.clone(),
                None => {
                    let others: Vec<_> = known.iter().filter(|other| other.id != id).cloned().collect();
                    let name = named.map_or_else(|| format!("Portal {}", account.portal), str::to_owned);
                    let name = unique_name(&others, &name);
                    new_connection(free_id(&others, &account), name, ConnectionKind::Oauth, begun.since)
                }
            };
            let before = existing.map(|known| known.granted_scopes.clone().unwrap_or_default());
            connection.kind = ConnectionKind::Oauth;
            connection.oauth.clone_from(&begun.oauth);
            connection.state = ConnectionState::Active;
            connection.account = Some(account);
            connection.granted_scopes = scopes;
            (connection.key_hint, connection.key_set_at) = (None, Some(clock()));
            (connection.last_error, connection.disconnected_at) = (None, None);
            credential.save(&*core.0.vault, &connection.id, &grant).map_err(|error| errors::auth(&error))?;
            lock(&core.0.tokens).remove(&connection.id);
            core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))?;
            // What was only begun is done; a secret left behind by a failure here is overwritten by the next setup.
            let _ = auth::forget_setup(&*core.0.vault, &id);
            if id != connection.id && is_setup {
                core.0.app.remove_connection(&id).map_err(|error| errors::store(&error))?;
            }
            Ok((connection, before))
        })
        .await?;
    Ok(kept)
}

/// A setup that nobody named is named after its portal in the end.
pub(crate) const UNNAMED: &str = "HubSpot";

fn is_unnamed(name: &str) -> bool {
    name == UNNAMED || name.strip_prefix(UNNAMED).is_some_and(|rest| rest.trim_start().parse::<u32>().is_ok())
}

pub(crate) fn new_connection(
    id: ConnectionId,
    name: String,
    kind: ConnectionKind,
    since: Since,
) -> Connection {
    Connection {
        id,
        name,
        kind,
        state: ConnectionState::PendingSetup,
        account: None,
        granted_scopes: None,
        key_hint: None,
        key_set_at: None,
        oauth: None,
        since,
        paused_at: None,
        last_error: None,
        created_at: clock(),
        disconnected_at: None,
    }
}

/// The name, with a number behind it where it is taken.
pub(crate) fn unique_name(known: &[Connection], name: &str) -> String {
    let taken = |name: &str| known.iter().any(|other| other.name.eq_ignore_ascii_case(name));
    let mut names = std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name} {number}")));
    names.find(|name| !taken(name)).expect("there is always a next number")
}

/// `portal-<hub id>`, with a number behind it where that is taken.
fn free_id(known: &[Connection], account: &Account) -> ConnectionId {
    let base = format!("portal-{}", account.portal);
    let taken = |id: &str| known.iter().any(|other| other.id.as_str() == id);
    let mut names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
    let id = names.find(|id| !taken(id)).expect("there is always a next number");
    id.parse().expect("digits and letters make an id")
}

pub(crate) fn default_window() -> Since {
    Since::At(clock().minus(WINDOW))
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

fn client_with(origin: &Origin, token: Token, options: ClientOptions) -> Result<Client, WireError> {
    Client::new(origin.clone(), Arc::new(StaticToken(token)), options)
        .map_err(|error| errors::hubspot(&error))
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
