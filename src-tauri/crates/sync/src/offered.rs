//! Which of HubSpot's object types this portal has. Each of the rarer ones is tried with one call, and what came of it is
//! remembered: a type that is not in the portal's plan costs nothing at the next poll, and is no trouble.

use crm::Timestamp;
use futures::stream::{self, StreamExt};
use hubspot::{ObjectKind, catalog, endpoint::ListRecords};
use serde::{Deserialize, Serialize};

use crate::{Error, ImportMark, context::Context, error::Halt, mark, stream::permission_missing};

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
    fn has(&self, kind: &ObjectKind) -> bool {
        self.present.iter().any(|name| name == kind.object.as_str())
    }

    fn tried_at(&self, kind: &ObjectKind) -> Option<i64> {
        self.absent.iter().find(|absent| absent.object == kind.object.as_str())?.tried_at
    }

    /// What a try has shown; what was known of that type before is forgotten.
    fn learn(&mut self, outcome: Result<String, Absent>) {
        let name = match &outcome {
            Ok(name) => name,
            Err(absent) => &absent.object,
        };
        self.absent.retain(|absent| absent.object != *name);
        match outcome {
            Ok(name) => self.present.push(name),
            Err(absent) => self.absent.push(absent),
        }
    }

    pub(crate) fn kinds(&self) -> Vec<ObjectKind> {
        catalog::rarer().into_iter().filter(|kind| self.has(kind)).collect()
    }
}

/// Types that are tried side by side: what a cut repeats is no more than that.
const TRYING: usize = 6;

/// Tries the types that were not tried lately. What is found is kept as it comes, so that a run that is cut does not try
/// them all again.
pub(crate) async fn ask(context: &Context, import: &mut ImportMark) -> Result<(), Halt> {
    let now = context.now();
    // When everything is read again, what this run tried before it was cut still counts.
    let since =
        if context.full { context.started.unwrap_or(now).millis() } else { now.millis() - AGAIN_AFTER };
    let mut waiting = Vec::new();
    for kind in catalog::rarer() {
        if import.rarer.has(&kind) || context.leaves_out(&kind.object) {
            continue;
        }
        if let Some(scopes) = kind.missing(context.granted.as_deref()) {
            let scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
            import.rarer.learn(Err(absent(&kind, permission_missing(&scopes), scopes, None)));
        } else if !import.rarer.tried_at(&kind).is_some_and(|at| (since..=now.millis()).contains(&at)) {
            waiting.push(kind);
        }
    }
    let tries = waiting.into_iter().map(|kind| attempt(context, kind, now));
    let mut tried = stream::iter(tries).buffer_unordered(TRYING);
    while let Some(outcome) = tried.next().await {
        import.rarer.learn(outcome?);
        mark::write_import(&context.writer, import, context.now()).await?;
    }
    Ok(())
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
