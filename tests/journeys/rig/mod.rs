//! What every journey needs: a portal, a copy of it, and the comparison of the two.

pub(crate) mod command;
pub(crate) mod editor;
mod http;
pub(crate) mod proxy;
pub(crate) mod sign_in;
pub(crate) mod tls;
pub(crate) mod truth;

use std::{path::PathBuf, sync::Arc, time::Duration};

use crm::Timestamp;
use hubspot::{Client, ClientOptions, Origin, RetryPolicy, StaticToken, Token};
use simulator::{Config, Simulator};
use sync::{Board, Job, Options, Outcome, StreamReport, StreamState};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Starts a portal.
pub(crate) async fn portal(config: Config) -> Simulator {
    Simulator::start(config).await.expect("a port is free")
}

/// A portal of a few hundred records of every type, with custom labels and a custom object.
pub(crate) fn small() -> Config {
    Config { contacts: 300, ..Config::default() }
}

/// A copy in the making: one mirror, whatever runs on it.
pub(crate) struct Copy {
    folder: TempDir,
    pub(crate) options: Options,
    pub(crate) client: ClientOptions,
    /// What this computer believes the time to be.
    pub(crate) clock: fn() -> Timestamp,
}

impl Copy {
    /// Of everything, with a client that repeats quickly.
    pub(crate) fn new() -> Copy {
        let retry = RetryPolicy { pause_base: Duration::from_millis(2), ..RetryPolicy::default() };
        Copy {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
            options: Options::default(),
            client: ClientOptions { retry, ..ClientOptions::default() },
            clock: now,
        }
    }

    pub(crate) fn mirror(&self) -> PathBuf {
        self.folder.path().join("mirror.db")
    }

    /// One run to its end, whatever that is.
    pub(crate) async fn run(&self, portal: &Simulator) -> Outcome {
        self.run_at(&portal.base_url(), portal.token()).await
    }

    pub(crate) async fn run_at(&self, base: &str, token: &str) -> Outcome {
        sync::run(self.job(base, token, CancellationToken::new())).await
    }

    pub(crate) fn job(&self, base: &str, token: &str, cancel: CancellationToken) -> Job {
        let origin = Origin::parse(base, false).expect("a loopback address");
        let tokens = Arc::new(StaticToken(Token::new(token.to_owned())));
        Job {
            client: Client::new(origin, tokens, self.client.clone()).expect("a client"),
            mirror: self.mirror(),
            board: Arc::new(Board::new(now())),
            cancel,
            options: self.options.clone(),
            clock: self.clock,
        }
    }

    /// One run that must copy everything.
    pub(crate) async fn import(&self, portal: &Simulator) -> Outcome {
        let outcome = self.run(portal).await;
        assert_done(&outcome);
        outcome
    }

    /// The mirror, for looking.
    pub(crate) fn look(&self) -> rusqlite::Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        rusqlite::Connection::open_with_flags(self.mirror(), flags).expect("there is a mirror")
    }

    /// One number out of the mirror.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.look().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The first column of every row.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let look = self.look();
        let mut statement = look.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let rows = statement.query_map([], |row| row.get(0)).expect("it can be asked");
        rows.collect::<Result<_, _>>().expect("texts")
    }
}

fn now() -> Timestamp {
    Timestamp::from_system(std::time::SystemTime::now())
}

/// The run came to its end, and no stream failed or was left out.
pub(crate) fn assert_done(outcome: &Outcome) {
    assert!(outcome.stop.is_none(), "stopped: {:?}", outcome.stop);
    for stream in &outcome.streams {
        assert_eq!(stream.state, StreamState::Done, "{stream:?}");
    }
    assert!(!outcome.streams.is_empty());
}

pub(crate) fn stream<'a>(outcome: &'a Outcome, object: &str) -> &'a StreamReport {
    let found = outcome.streams.iter().find(|stream| stream.object.as_str() == object);
    found.unwrap_or_else(|| panic!("no stream {object}"))
}
