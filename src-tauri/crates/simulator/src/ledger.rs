//! What was asked of the portal: calls per pool and route, statuses, refusals, and how many came at once.
//!
//! Deliberately absent: bodies, ids and tokens.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use tokio::sync::watch;

use crate::limits::Pool;

/// A copy of the counts at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Every request, whatever its answer.
    pub calls: u64,
    /// Requests by the pool they draw on, the refused ones included; the OAuth routes draw on none.
    pub pools: BTreeMap<Pool, u64>,
    /// Requests by method and route (`GET objects/contacts`).
    pub routes: BTreeMap<String, u64>,
    /// Answers by status; 0 stands for none (reset, or still waiting when stopped).
    pub statuses: BTreeMap<u16, u64>,
    /// Answers with status 429.
    pub refused: u64,
    /// 429s by the limit that was reached.
    pub refused_by: BTreeMap<String, u64>,
    /// Most requests in work at one moment.
    pub peak: u64,
    /// Bytes of all answers' bodies.
    pub bytes: u64,
    /// Access tokens issued to apps, by what was given for them.
    pub tokens: BTreeMap<GrantType, u64>,
}

impl Ledger {
    /// How many access tokens were issued for something of this kind.
    pub fn tokens_issued(&self, by: GrantType) -> u64 {
        self.tokens.get(&by).copied().unwrap_or_default()
    }
}

/// What an access token is issued for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
}

/// Where the counts are kept while the portal runs.
#[derive(Debug)]
pub(crate) struct Book {
    counts: Mutex<Ledger>,
    in_work: AtomicU64,
    calls: watch::Sender<u64>,
}

/// A request being answered; dropping it ends it.
pub(crate) struct Visit<'b>(&'b Book);

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0.in_work.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Book {
    pub(crate) fn new() -> Book {
        Book {
            counts: Mutex::new(Ledger::default()),
            in_work: AtomicU64::new(0),
            calls: watch::Sender::new(0),
        }
    }

    pub(crate) fn arrive(&self) -> Visit<'_> {
        let now = self.in_work.fetch_add(1, Ordering::Relaxed) + 1;
        self.change(|l| l.peak = l.peak.max(now));
        Visit(self)
    }

    /// Notes a request before it is answered, so that a waiting test sees it at once.
    pub(crate) fn enter(&self, pool: Option<Pool>, route: &str) {
        let calls = self.change(|l| {
            l.calls += 1;
            if let Some(pool) = pool {
                *l.pools.entry(pool).or_default() += 1;
            }
            match l.routes.get_mut(route) {
                Some(count) => *count += 1,
                None => {
                    l.routes.insert(route.to_owned(), 1);
                }
            }
            l.calls
        });
        self.calls.send_replace(calls);
    }

    pub(crate) fn answered(&self, status: u16, bytes: usize, refused_by: Option<&'static str>) {
        self.change(|l| {
            *l.statuses.entry(status).or_default() += 1;
            l.bytes += bytes as u64;
            if status == 429 {
                l.refused += 1;
                *l.refused_by.entry(refused_by.unwrap_or("fault").to_owned()).or_default() += 1;
            }
        });
    }

    pub(crate) fn issued(&self, by: GrantType) {
        self.change(|l| *l.tokens.entry(by).or_default() += 1);
    }

    pub(crate) fn copy(&self) -> Ledger {
        self.change(|l| l.clone())
    }

    pub(crate) fn reset(&self) {
        self.change(|l| *l = Ledger::default());
        self.calls.send_replace(0);
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.calls.subscribe()
    }

    fn change<T>(&self, act: impl FnOnce(&mut Ledger) -> T) -> T {
        act(&mut self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
