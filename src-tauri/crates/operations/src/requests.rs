//! The request log: the last requests of this process over all connections, without ids, values, bodies or headers.
//! It lives in memory only.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use crm::Timestamp;
use hubspot::{ClientOptions, End, Method, Observed, Observer, TransportKind};

use crate::{
    core::{Core, count, lock},
    wire::{RequestGroup, RequestLog, RequestLogRequest, RequestRow, WireError},
};

/// Requests that are remembered.
const KEPT: usize = 2_000;
/// Rows that are shown; groups are made of all that are remembered.
const SHOWN: usize = 500;

/// What was asked, oldest first.
#[derive(Default)]
pub(crate) struct Requests(Mutex<VecDeque<Asked>>);

#[derive(Clone)]
struct Asked {
    /// When it was sent.
    at: Timestamp,
    connection: Arc<str>,
    attempt: Observed,
}

/// Writes the requests of one connection's client down.
struct Clerk {
    connection: Arc<str>,
    requests: Arc<Requests>,
}

impl fmt::Debug for Clerk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clerk({})", self.connection)
    }
}

impl Observer for Clerk {
    fn observed(&self, attempt: &Observed) {
        let at = Timestamp::from_system(SystemTime::now()).minus(attempt.took);
        let mut requests = lock(&self.requests.0);
        if requests.len() >= KEPT {
            requests.pop_front();
        }
        requests.push_back(Asked { at, connection: Arc::clone(&self.connection), attempt: attempt.clone() });
    }
}

/// How many requests there were, and how many of them failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Share {
    pub(crate) all: usize,
    pub(crate) failed: usize,
}

impl Requests {
    pub(crate) fn share(&self) -> Share {
        let requests = lock(&self.0);
        Share {
            all: requests.len(),
            failed: requests.iter().filter(|asked| is_trouble(&asked.attempt)).count(),
        }
    }

    /// Of one connection, or of all. Newest first.
    pub(crate) fn log(&self, connection: Option<&str>, failed: bool) -> RequestLog {
        let requests = lock(&self.0);
        let wanted: Vec<&Asked> = requests
            .iter()
            .rev()
            .filter(|asked| connection.is_none_or(|id| *asked.connection == *id))
            .collect();
        let rows = wanted.iter().filter(|asked| !failed || is_failed(&asked.attempt)).take(SHOWN);
        RequestLog { rows: rows.map(|asked| row(asked)).collect(), groups: groups(&wanted) }
    }
}

impl Core {
    /// How a client is set up here: its requests are remembered under this name (a connection's id).
    pub(crate) fn client_options(&self, connection: &str) -> ClientOptions {
        let clerk = Clerk { connection: connection.into(), requests: Arc::clone(&self.0.requests) };
        ClientOptions {
            observer: Some(Arc::new(clerk)),
            retry: self.0.place.retry(),
            ca_file: self.0.place.ca_file().map(std::path::Path::to_owned),
            ..ClientOptions::default()
        }
    }
}

/// The last requests of this process.
pub async fn request_log(core: &Core, request: RequestLogRequest) -> Result<RequestLog, WireError> {
    let connection = match request.connection.as_deref() {
        None => None,
        Some(name) => Some(core.find_connection(name)?.id),
    };
    Ok(core.0.requests.log(connection.as_ref().map(crm::ConnectionId::as_str), request.failed))
}

fn is_failed(attempt: &Observed) -> bool {
    !matches!(attempt.end, End::Good { .. })
}

/// That something is not there (a record, a type that the account's plan lacks) is an answer, and no trouble.
fn is_trouble(attempt: &Observed) -> bool {
    is_failed(attempt) && attempt.end.status() != Some(404)
}

fn row(asked: &Asked) -> RequestRow {
    let attempt = &asked.attempt;
    RequestRow {
        at: asked.at.to_string(),
        connection: asked.connection.to_string(),
        method: match attempt.method {
            Method::Get => "GET",
            Method::Post => "POST",
        }
        .to_owned(),
        path: attempt.path.clone(),
        status: attempt.end.status(),
        ms: millis(attempt.took),
        attempt: attempt.attempt,
        reason: reason(&attempt.end),
        correlation_id: match &attempt.end {
            End::Refused { correlation_id, .. } => correlation_id.clone(),
            _ => None,
        },
    }
}

pub(crate) fn millis(took: Duration) -> u32 {
    count(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

fn reason(end: &End) -> Option<String> {
    match end {
        End::Good { .. } => None,
        End::Unreadable { .. } => Some("not as promised".to_owned()),
        End::Refused { category, .. } => category.clone(),
        End::Lost(kind) => Some(lost(*kind).to_owned()),
    }
}

fn lost(kind: TransportKind) -> &'static str {
    match kind {
        TransportKind::Dns => "address not found",
        TransportKind::Connect => "no connection",
        TransportKind::Tls => "not trusted",
        TransportKind::Timeout => "no answer in time",
        TransportKind::Interrupted => "broken off",
        TransportKind::Proxy => "stopped by the proxy",
    }
}

/// Failures of one kind together, most frequent first.
fn groups(newest_first: &[&Asked]) -> Vec<RequestGroup> {
    let mut groups: Vec<RequestGroup> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for asked in newest_first.iter().filter(|asked| is_failed(&asked.attempt)) {
        let status = asked.attempt.end.status().map(|status| status.to_string());
        let kind = [status, reason(&asked.attempt.end)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let place = *places.entry(kind.clone()).or_insert_with(|| {
            groups.push(RequestGroup { kind, count: 0, last_at: asked.at.to_string() });
            groups.len() - 1
        });
        groups[place].count += 1;
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

#[cfg(test)]
mod tests {
    use hubspot::Pool;

    use super::*;

    fn end(status: u16, category: &str) -> End {
        End::Refused { status, category: Some(category.to_owned()), correlation_id: None }
    }

    fn requests(ends: &[(&str, End)]) -> Requests {
        let requests = Arc::new(Requests::default());
        for (connection, end) in ends {
            let clerk = Clerk { connection: (*connection).into(), requests: Arc::clone(&requests) };
            clerk.observed(&Observed {
                method: Method::Get,
                path: "/crm/objects/2026-03/contacts".to_owned(),
                pool: Pool::General,
                attempt: 1,
                took: Duration::from_millis(7),
                end: end.clone(),
            });
        }
        Arc::try_unwrap(requests).ok().expect("the clerks are gone")
    }

    #[test]
    fn failures_of_one_kind_stand_together_most_frequent_first() {
        let requests = requests(&[
            ("a", end(503, "SERVICE_TROUBLE")),
            ("a", end(429, "DAILY")),
            ("b", End::Lost(TransportKind::Timeout)),
            ("a", End::Good { status: 200 }),
            ("a", end(429, "DAILY")),
            ("c", end(404, "OBJECT_NOT_FOUND")),
        ]);
        let kinds = |log: &RequestLog| {
            log.groups.iter().map(|group| (group.kind.clone(), group.count)).collect::<Vec<_>>()
        };
        let all = requests.log(None, false);
        assert_eq!(all.rows.len(), 6);
        assert_eq!(kinds(&all)[0], ("429 DAILY".to_owned(), 2));
        assert_eq!(all.groups.len(), 4);
        let failed = requests.log(Some("b"), true);
        assert_eq!(kinds(&failed), [("no answer in time".to_owned(), 1)]);
        assert_eq!(failed.rows[0].status, None);
        assert_eq!(requests.share(), Share { all: 6, failed: 4 });
    }

    #[test]
    fn only_the_last_requests_are_remembered() {
        let many: Vec<(&str, End)> = (0..KEPT + 50).map(|_| ("a", End::Good { status: 200 })).collect();
        let requests = requests(&many);
        assert_eq!(requests.share().all, KEPT);
        assert_eq!(requests.log(None, false).rows.len(), SHOWN);
    }
}
