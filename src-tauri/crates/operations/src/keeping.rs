//! What came of a way in, kept: the secret in the vault, then the connection. One portal keeps to one connection of a
//! name; another portal is refused. What a sign-in granted is in `grants`.

use auth::Credential;
use crm::{Account, ConnectionId};
use hubspot::{Origin, Token};
use store::{Connection, ConnectionKind, ConnectionState, Since};

use crate::{
    connections::free_name,
    core::{Core, clock, lock},
    errors,
    wire::{Code, CoreEvent, WireError},
};

/// What a key was found to be good for, on its way to a connection.
pub(crate) struct Wanted {
    pub(crate) target: Option<ConnectionId>,
    pub(crate) name: Option<String>,
    pub(crate) kind: ConnectionKind,
    pub(crate) since: Since,
    pub(crate) account: Account,
    pub(crate) granted: Option<Vec<String>>,
    pub(crate) allow_host: bool,
}

/// Stores key and connection. A connection of the same name and portal gets the new key and keeps its copy; the same
/// name with another portal is refused.
pub(crate) async fn keep(
    core: &Core,
    token: Token,
    origin: Origin,
    wanted: Wanted,
) -> Result<Connection, WireError> {
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
pub(crate) fn existing<'a>(
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

/// A setup that nobody named is named after its portal in the end.
pub(crate) const UNNAMED: &str = "HubSpot";

pub(crate) fn is_unnamed(name: &str) -> bool {
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
pub(crate) fn free_id(known: &[Connection], account: &Account) -> ConnectionId {
    let base = format!("portal-{}", account.portal);
    let taken = |id: &str| known.iter().any(|other| other.id.as_str() == id);
    let mut names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
    let id = names.find(|id| !taken(id)).expect("there is always a next number");
    id.parse().expect("digits and letters make an id")
}
