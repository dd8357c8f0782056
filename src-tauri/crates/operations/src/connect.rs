//! The way in with a key: a draft that is checked before anything is kept, then a connection with its import running.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use auth::{Credential, PasteProblem, Pasted};
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

/// A pasted key on its way to a connection; lives in memory only.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) token: Token,
    pub(crate) origin: Origin,
    pub(crate) hint: String,
    pub(crate) checked: Arc<Mutex<wizard::Checked>>,
    began: Instant,
}

/// Two years: the default window of a first copy.
const WINDOW: Duration = Duration::from_hours(2 * 365 * 24 + 12);
/// A person waits for the checks: they give up within seconds, and can be run again.
const LIVE: RetryPolicy = RetryPolicy { pause_base: Duration::from_millis(400), attempts_max: 3 };
/// Drafts that nobody came back to.
const DRAFT_KEPT: Duration = Duration::from_hours(1);

/// Cleans and recognises a pasted key, before any network call.
pub async fn begin_key(core: &Core, request: BeginKey) -> Result<KeyDraft, WireError> {
    let pasted = auth::paste(&request.text).map_err(pasted_wrong)?;
    let base = request.api_base.filter(|base| !base.trim().is_empty());
    let origin = origin(base.as_deref().or(core.0.place.api_base()), false, &pasted.token)?;
    let draft = fresh_name("draft-");
    let answer = KeyDraft {
        draft: draft.clone(),
        hint: pasted.token.hint(),
        cleaned: pasted.cleaned.iter().map(ToString::to_string).collect(),
        warning: pasted.warning.as_ref().map(ToString::to_string),
    };
    let Pasted { token, .. } = pasted;
    let kept = Draft { hint: token.hint(), token, origin, checked: Arc::default(), began: Instant::now() };
    let mut drafts = lock(&core.0.drafts);
    drafts.retain(|_, old| old.began.elapsed() < DRAFT_KEPT);
    drafts.insert(draft, kept);
    Ok(answer)
}

/// Runs the live checks in the background; `checks` tells how they go.
pub async fn start_checks(core: &Core, request: StartChecks) -> Result<Checks, WireError> {
    let draft = find(core, &request.draft)?;
    let client = client_with(
        &draft.origin,
        draft.token.clone(),
        ClientOptions { retry: LIVE, ..ClientOptions::default() },
    )?;
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
    let kind = kept_kind(Some(request.kind));
    let wanted = Wanted { name: Some(request.name), kind, since, account, granted, allow_host: false };
    let connection = keep(core, draft.token, draft.origin, wanted).await?;
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
        client_with(&origin, token.clone(), ClientOptions { retry: LIVE, ..ClientOptions::default() })?;
    let account = auth::identity(&client, &token).await.map_err(|error| refused_key(&error))?;
    let granted = auth::granted_scopes(&client, &token).await.map_err(|error| refused_key(&error))?;
    let kind = kept_kind(request.kind);
    let wanted = Wanted {
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

/// A client for a connection, with the key from the vault.
pub(crate) async fn client(core: &Core, connection: &Connection) -> Result<Client, WireError> {
    if connection.kind == ConnectionKind::Demo {
        return demo::client(core).await;
    }
    let id = connection.id.clone();
    let (credential, was_cut) = core
        .blocking(move |core| {
            let credential = Credential::load(&core.0.vault, &id).map_err(|error| errors::auth(&error))?;
            Ok((credential, was_cut(core, &id)))
        })
        .await?;
    // A process that was cut may have been calling until a moment ago; its calls still count.
    let options = ClientOptions { resumed: was_cut, ..ClientOptions::default() };
    let client = client_with(&credential.origin, credential.token, options)?;
    if let Some(account) = &connection.account {
        client.know_account(account);
    }
    Ok(client)
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
            let portal = wanted.account.portal;
            let name = wanted.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
            let same_name =
                name.and_then(|name| known.iter().find(|other| other.name.eq_ignore_ascii_case(name)));
            let existing = same_name.or_else(|| {
                let of_portal = |other: &&Connection| {
                    other.kind != ConnectionKind::Demo
                        && other.account.as_ref().is_some_and(|account| account.portal == portal)
                };
                if name.is_none() { known.iter().find(of_portal) } else { None }
            });
            if let Some(other) = existing
                .filter(|other| other.account.as_ref().is_some_and(|account| account.portal != portal))
            {
                let mut error = errors::say(Code::WrongAccount, &portal.to_string());
                error.text = format!("“{}” keeps to its portal.", other.name);
                return Err(error);
            }
            let mut connection = match existing {
                Some(existing) => existing.clone(),
                None => Connection {
                    id: free_id(&known, &wanted.account),
                    name: free_name(core, name.unwrap_or(&format!("Portal {portal}")), None)?,
                    kind: wanted.kind,
                    state: ConnectionState::Active,
                    account: None,
                    granted_scopes: None,
                    key_hint: None,
                    key_set_at: None,
                    oauth: None,
                    since: wanted.since,
                    paused_at: None,
                    last_error: None,
                    created_at: clock(),
                    disconnected_at: None,
                },
            };
            connection.kind = wanted.kind;
            connection.state = ConnectionState::Active;
            (connection.account, connection.granted_scopes) = (Some(wanted.account), wanted.granted);
            connection.key_hint = Some(token.hint());
            (connection.last_error, connection.disconnected_at) = (None, None);
            let credential = Credential { token, origin, allow_host: wanted.allow_host };
            credential.save(&core.0.vault, &connection.id).map_err(|error| errors::auth(&error))?;
            core.0.app.put_connection(&connection).map_err(|error| errors::store(&error))?;
            Ok(connection)
        })
        .await?;
    core.tell(CoreEvent::ConnectionsChanged);
    Ok(connection)
}

/// `portal-<hub id>`, with a number behind it where that is taken.
fn free_id(known: &[Connection], account: &Account) -> ConnectionId {
    let base = format!("portal-{}", account.portal);
    let taken = |id: &str| known.iter().any(|other| other.id.as_str() == id);
    let mut names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
    let id = names.find(|id| !taken(id)).expect("there is always a next number");
    id.parse().expect("digits and letters make an id")
}

fn default_window() -> Since {
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
