//! Which of HubSpot's object types this portal has. Each of the rarer ones is tried with one call, and what came of it is
//! remembered: a type that is not in the portal's plan costs nothing at the next poll, and is no trouble.

use crm::Timestamp;
use futures::future::try_join_all;
use hubspot::{ObjectKind, catalog, endpoint::ListRecords};
use serde::{Deserialize, Serialize};

use crate::{Error, context::Context, error::Halt, mark, stream::permission_missing};

/// Why a type is left out that HubSpot answers for with a refusal, whatever is asked of it.
pub(crate) const NOT_OFFERED: &str = "Not in this account's plan, or not switched on.";

/// What is known of the rarer types.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rarer {
    /// Tables of those that the portal has, or had once.
    pub present: Vec<String>,
    pub absent: Vec<Absent>,
}

/// A type that this portal does not have, or does not show to this key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Absent {
    /// The table it would have.
    pub object: String,
    pub label: String,
    pub reason: String,
    pub missing_scopes: Vec<String>,
    /// When HubSpot said so, epoch milliseconds; none where it was not asked.
    pub tried_at: Option<i64>,
}

/// A plan changes rarely; a permission that was added is known by name at once where HubSpot tells what is granted.
const AGAIN_AFTER: i64 = 24 * 60 * 60 * 1_000;

impl Rarer {
    pub(crate) fn kinds(&self) -> Vec<ObjectKind> {
        let is_here = |kind: &ObjectKind| self.present.iter().any(|name| name == kind.object.as_str());
        catalog::rarer().into_iter().filter(is_here).collect()
    }
}

/// Tries the types that were not tried lately.
pub(crate) async fn ask(context: &Context, known: &Rarer) -> Result<Rarer, Halt> {
    let now = context.now();
    let again = if context.full { 0 } else { AGAIN_AFTER };
    let look = |kind: ObjectKind| async move {
        if known.present.iter().any(|name| name == kind.object.as_str()) {
            return Ok(Ok(kind.object.to_string()));
        }
        if let Some(scopes) = kind.missing(context.granted.as_deref()) {
            let scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
            return Ok(Err(absent(&kind, permission_missing(&scopes), scopes, None)));
        }
        let before = known.absent.iter().find(|absent| absent.object == kind.object.as_str());
        if let Some(before) = before
            && before.tried_at.is_some_and(|at| (0..again).contains(&(now.millis() - at)))
        {
            return Ok(Err(before.clone()));
        }
        attempt(context, kind, now).await
    };
    let mut found = Rarer::default();
    for outcome in try_join_all(catalog::rarer().into_iter().map(look)).await? {
        match outcome {
            Ok(present) => found.present.push(present),
            Err(absent) => found.absent.push(absent),
        }
    }
    Ok(found)
}

/// Whether a type that was never copied is refused even when next to nothing is asked of it.
pub(crate) async fn lacks(context: &Context, kind: &ObjectKind) -> Result<bool, Halt> {
    if mark::read_stream(&context.writer, kind.object.as_str()).await?.first_pass_done {
        return Ok(false);
    }
    match context.send(&plainest(kind)).await {
        Err(Halt::Error(Error::Hubspot(hubspot::Error::NotFound(_) | hubspot::Error::Refused(_)))) => {
            Ok(true)
        }
        Err(Halt::Error(error)) if error.stops_the_run() => Err(error.into()),
        Err(Halt::Cancelled) => Err(Halt::Cancelled),
        _ => Ok(false),
    }
}

fn plainest(kind: &ObjectKind) -> ListRecords<'_> {
    ListRecords { kind, after: None, limit: 1, properties: &[], archived: false }
}

async fn attempt(
    context: &Context,
    kind: ObjectKind,
    now: Timestamp,
) -> Result<Result<String, Absent>, Halt> {
    let error = match context.send(&plainest(&kind)).await {
        Ok(_) => return Ok(Ok(kind.object.to_string())),
        Err(Halt::Error(Error::Hubspot(error))) => error,
        Err(halt) => return Err(halt),
    };
    let (reason, scopes, tried_at) = match error {
        hubspot::Error::MissingScopes { scopes, .. } => {
            (permission_missing(&scopes), scopes, Some(now.millis()))
        }
        hubspot::Error::NotFound(_) | hubspot::Error::Refused(_) | hubspot::Error::Conflict(_) => {
            (NOT_OFFERED.to_owned(), Vec::new(), Some(now.millis()))
        }
        error if Error::Hubspot(error.clone()).stops_the_run() => return Err(error.into()),
        error => (format!("It could not be asked for: {error}"), Vec::new(), None),
    };
    tracing::debug!(object = %kind.object, reason, "left out");
    Ok(Err(absent(&kind, reason, scopes, tried_at)))
}

fn absent(kind: &ObjectKind, reason: String, missing_scopes: Vec<String>, tried_at: Option<i64>) -> Absent {
    Absent { object: kind.object.to_string(), label: kind.plural.clone(), reason, missing_scopes, tried_at }
}
