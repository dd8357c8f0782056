//! The way in: a draft that is checked before anything is kept, then a connection with its import running. A draft comes
//! from a pasted key, or from a sign-in that has just succeeded.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use auth::{PasteProblem, Pasted};
use crm::{Account, ConnectionId, Timestamp};
use hubspot::{Client, ClientOptions, Origin, RetryPolicy, Token};
use store::{Connection, ConnectionKind, Since};
use tokio_util::sync::CancellationToken;

use crate::{
    checks as wizard,
    clients::{client_of, client_with},
    connections::free_name,
    core::{Core, clock, fresh_name, lock},
    errors,
    grants::{self, Stray},
    keeping::{Wanted, keep},
    runs,
    wire::{
        self, BeginKey, Checks, ChecksRequest, Code, ConnectKey, Connected, CoreEvent, DiscardDraft, Done,
        FinishConnect, KeyDraft, StartChecks, UseAsNewConnection, WireError,
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
    pub(crate) is_new: bool,
    /// Ends the plan that is being made for it.
    planning: Arc<Mutex<CancellationToken>>,
    began: Instant,
}

#[derive(Clone)]
pub(crate) enum Source {
    /// A pasted key; nothing is kept yet.
    Key(Token),
    /// Signed in; the connection is there, and its tokens are in the vault.
    SignedIn,
    /// Signed in to another portal than was asked for: nothing is kept, and it may become a connection of its own.
    Stray(Arc<Stray>),
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
            planning: Arc::default(),
            began: Instant::now(),
        }
    }

    /// Nothing can be asked with it before it is taken as a connection of its own.
    pub(crate) fn of_stray(stray: Stray, origin: Origin) -> Draft {
        Draft {
            source: Source::Stray(Arc::new(stray)),
            origin,
            hint: String::new(),
            checked: Arc::default(),
            target: None,
            is_new: true,
            planning: Arc::default(),
            began: Instant::now(),
        }
    }

    /// What its checks found: whose it is, and what it may read.
    pub(crate) fn found(&self) -> Result<(Account, Option<Vec<String>>), WireError> {
        let checked = lock(&self.checked);
        let account = checked.account.clone();
        let account =
            account.ok_or_else(|| errors::say(Code::BadRequest, "The key has not been checked yet."))?;
        Ok((account, checked.granted.clone()))
    }

    /// Another plan is begun: the one before it asks for no more.
    pub(crate) fn begin_planning(&self) -> CancellationToken {
        let mut planning = lock(&self.planning);
        planning.cancel();
        *planning = CancellationToken::new();
        planning.clone()
    }

    pub(crate) fn stop_planning(&self) {
        lock(&self.planning).cancel();
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
    let Pasted { token, cleaned, warning } = pasted;
    let kept = Draft {
        hint: token.hint(),
        source: Source::Key(token),
        origin,
        checked: Arc::default(),
        is_new: target.is_none(),
        planning: Arc::default(),
        target: target.map(|connection| connection.id),
        began: Instant::now(),
    };
    Ok(KeyDraft {
        hint: kept.hint.clone(),
        draft: open_draft(core, kept),
        cleaned: cleaned.iter().map(ToString::to_string).collect(),
        warning: warning.as_ref().map(ToString::to_string),
    })
}

/// Remembers a draft under a name of its own, and forgets those that nobody came back to.
pub(crate) fn open_draft(core: &Core, draft: Draft) -> String {
    let name = fresh_name("draft-");
    let mut drafts = lock(&core.0.drafts);
    let old: Vec<Draft> =
        drafts.extract_if(|_, old| old.began.elapsed() >= DRAFT_KEPT).map(|(_, old)| old).collect();
    drafts.insert(name.clone(), draft);
    drop(drafts);
    for draft in &old {
        grants::dropped(core, draft);
    }
    name
}

/// What was given opens another portal than the one it was given for: it becomes a connection of its own, and nothing is
/// asked for once more. Its checks begin anew.
pub async fn use_as_new_connection(core: &Core, request: UseAsNewConnection) -> Result<KeyDraft, WireError> {
    let draft = find(core, &request.draft)?;
    draft.stop_planning();
    let anew = match &draft.source {
        Source::Key(_) => Draft {
            checked: Arc::default(),
            target: None,
            is_new: true,
            planning: Arc::default(),
            began: Instant::now(),
            ..draft
        },
        Source::Stray(stray) => {
            let (connection, before) = grants::keep_stray(core, stray).await?;
            Draft::signed_in(&connection, before.as_deref(), draft.origin)
        }
        Source::SignedIn => draft,
    };
    let hint = anew.hint.clone();
    lock(&core.0.drafts).insert(request.draft.clone(), anew);
    Ok(KeyDraft { draft: request.draft, hint, cleaned: Vec::new(), warning: None })
}

/// Runs the live checks in the background; `checks` tells how they go.
pub async fn start_checks(core: &Core, request: StartChecks) -> Result<Checks, WireError> {
    let draft = find(core, &request.draft)?;
    let client = client_of_draft(core, &draft).await?;
    wizard::start(core, &request.draft, &draft, client, &request.only);
    Ok(wizard::shown(&request.draft, &draft))
}

/// For what is asked while somebody waits in the wizard.
pub(crate) async fn client_of_draft(core: &Core, draft: &Draft) -> Result<Client, WireError> {
    let options = ClientOptions { retry: LIVE, ..core.client_options(SETUP) };
    match (&draft.source, &draft.target) {
        (Source::Key(token), _) => client_with(&draft.origin, token.clone(), options),
        (Source::SignedIn, Some(id)) => client_of(core, &core.find_connection(id.as_str())?, options).await,
        (Source::SignedIn, None) => Err(errors::internal(&"a sign-in without its connection")),
        (Source::Stray(_), _) => Err(errors::say(Code::BadRequest, "It was approved for another portal.")),
    }
}

pub async fn checks(core: &Core, request: ChecksRequest) -> Result<Checks, WireError> {
    Ok(wizard::shown(&request.draft, &find(core, &request.draft)?))
}

pub async fn discard_draft(core: &Core, request: DiscardDraft) -> Result<Done, WireError> {
    if let Some(draft) = lock(&core.0.drafts).remove(&request.draft) {
        draft.stop_planning();
        grants::dropped(core, &draft);
    }
    Ok(Done {})
}

/// Keeps the connection and starts its import.
pub async fn finish_connect(core: &Core, request: FinishConnect) -> Result<Connected, WireError> {
    let draft = find(core, &request.draft)?;
    let (account, granted) = draft.found()?;
    let since = window_for(request.all_history);
    let planning = Arc::clone(&draft.planning);
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
        Source::Stray(_) => return Err(errors::say(Code::BadRequest, "It was approved for another portal.")),
    };
    lock(&core.0.drafts).remove(&request.draft);
    // The import has the requests to itself, whether or not the plan has been made.
    lock(&planning).cancel();
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

/// The window that is chosen in the wizard.
pub(crate) fn window_for(all_history: bool) -> Since {
    if all_history { Since::All } else { default_window() }
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

pub(crate) fn find(core: &Core, draft: &str) -> Result<Draft, WireError> {
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
