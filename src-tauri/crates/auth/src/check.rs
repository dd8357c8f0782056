//! Is a key any good, whose is it, and what may it do: one question each, over a client. Every answer is usable without
//! the others, so a window can show them as they come. Deliberately absent: words, order and timing.

use crm::{Account, PortalId, Sensitivity, Timestamp};
use hubspot::{
    AccountDetails, Client, Daily, Error, ObjectKind, PoolSnapshot, Properties, Search, Token, TokenInfo,
};

/// HubSpot knows the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The portal it opens, when HubSpot says so at once.
    pub portal: Option<PortalId>,
    /// What it may do; `None` when HubSpot does not tell: then calls are tried, and a 403 teaches.
    pub scopes: Option<Vec<String>>,
}

/// Whether HubSpot accepts the key: an error of [`Error::Unauthorized`] is its no.
pub async fn accepted(client: &Client, token: &Token) -> Result<Accepted, Error> {
    match client.send(&TokenInfo { token: token.clone() }).await {
        Ok(details) => Ok(Accepted { portal: Some(details.hub_id), scopes: Some(details.scopes) }),
        // The question is undocumented for some kinds of keys. A call that any key may make decides then.
        Err(error) if is_no_answer(&error) => match client.send(&AccountDetails).await {
            Ok(account) => Ok(Accepted { portal: Some(account.portal), scopes: None }),
            // A key that lacks a permission is a key that was recognised.
            Err(Error::MissingScopes { .. }) => Ok(Accepted { portal: None, scopes: None }),
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// The scopes the key was granted; `None` when HubSpot does not tell.
pub async fn granted_scopes(client: &Client, token: &Token) -> Result<Option<Vec<String>>, Error> {
    match client.send(&TokenInfo { token: token.clone() }).await {
        Ok(details) => Ok(Some(details.scopes)),
        Err(error) if is_no_answer(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The account behind the key. Where details are refused, its id alone is known.
pub async fn identity(client: &Client, token: &Token) -> Result<Account, Error> {
    let account = match client.send(&AccountDetails).await {
        Ok(account) => account,
        Err(error @ (Error::MissingScopes { .. } | Error::Refused(_))) => {
            let details = client.send(&TokenInfo { token: token.clone() }).await.map_err(|_| error)?;
            Account {
                portal: details.hub_id,
                account_type: None,
                time_zone: None,
                currency: None,
                utc_offset_ms: None,
                ui_domain: None,
                region: None,
            }
        }
        Err(error) => return Err(error),
    };
    client.know_account(&account);
    Ok(account)
}

/// Whether the key may read an object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Granted,
    /// Add these.
    Missing(Vec<&'static str>),
    /// HubSpot does not tell.
    Unknown,
}

/// What was granted, against what each object type needs.
pub fn access<'k>(kinds: &'k [ObjectKind], granted: Option<&[String]>) -> Vec<(&'k ObjectKind, Access)> {
    let one = |kind: &ObjectKind| match (granted, kind.missing(granted)) {
        (None, _) => Access::Unknown,
        (Some(_), None) => Access::Granted,
        (Some(_), Some(scopes)) => Access::Missing(scopes),
    };
    kinds.iter().map(|kind| (kind, one(kind))).collect()
}

/// How many live records of a type there are, by one search.
pub async fn count(client: &Client, kind: &ObjectKind) -> Result<u64, Error> {
    let search = Search { kind, filters: Vec::new(), sorts: None, properties: &[], limit: 1, after: None };
    Ok(client.send(&search).await?.total)
}

/// How many properties of a type are defined, the sensitive ones not counted.
pub async fn definitions(client: &Client, kind: &ObjectKind) -> Result<usize, Error> {
    Ok(client.send(&Properties { kind, sensitivity: Sensitivity::NonSensitive }).await?.len())
}

/// What HubSpot's answers have said about the budget of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    pub general: PoolSnapshot,
    /// `None` for apps that have no daily limit, and until an answer names it.
    pub daily: Option<Daily>,
}

pub fn budget(client: &Client) -> Budget {
    let limits = client.limits();
    Budget { general: limits.general, daily: limits.daily }
}

/// How many milliseconds this computer's clock is ahead of HubSpot's; negative when it is behind. `None` before the
/// first answer.
pub fn clock_ahead_ms(client: &Client, ours: Timestamp) -> Option<i64> {
    client.server_time().map(|theirs| ours.millis() - theirs.millis())
}

/// The question itself was not answered, which says nothing about the key.
fn is_no_answer(error: &Error) -> bool {
    matches!(
        error,
        Error::Refused(_)
            | Error::NotFound(_)
            | Error::Conflict(_)
            | Error::MissingScopes { .. }
            | Error::Malformed(_)
            | Error::Server(_)
    )
}
