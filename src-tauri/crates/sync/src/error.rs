//! Why a run or one of its streams cannot go on.

use crm::{PropertyName, Timestamp};

/// What ends a run or a stream.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Hubspot(#[from] hubspot::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A kept mark of an earlier run could not be read.
    #[error("the mirror's mark {key} cannot be read: {source}")]
    Mark { key: String, source: serde_json::Error },
    /// The writer's thread is gone, which only happens while the process ends.
    #[error("the mirror's writer has stopped")]
    WriterGone,
    /// HubSpot's list went backwards or in circles for this type.
    #[error("HubSpot's list of {0} did not move forward")]
    ListStuck(String),
    /// Without that property no search could tell what has changed: it would find nothing, and say so without an error.
    #[error("{object} have no property {property}, which tells when a record was last changed")]
    StampUndefined { object: String, property: PropertyName },
}

/// Why a run ended before everything was copied.
#[derive(Debug)]
pub enum Stop {
    /// Asked to: pause, disconnect, quit.
    Cancelled,
    /// The daily limit is used up, or the part of it (in percent) that may be used; calls work again at that time, where it
    /// is known.
    DailyLimit { resumes_at: Option<Timestamp>, share: Option<u8> },
    /// Nothing can go on: revoked, offline, disk full, …
    Failed(Error),
}

impl Error {
    /// Whether the whole run must stop; otherwise only this stream does.
    pub(crate) fn stops_the_run(&self) -> bool {
        match self {
            Error::Hubspot(error) => matches!(
                error,
                hubspot::Error::Unauthorized(_)
                    | hubspot::Error::DailyLimit { .. }
                    | hubspot::Error::ShareUsedUp { .. }
                    | hubspot::Error::RateLimited(_)
                    | hubspot::Error::Moving { .. }
                    | hubspot::Error::Transport { .. }
                    | hubspot::Error::Token(_)
                    | hubspot::Error::Origin(_)
            ),
            Error::Store(_) | Error::WriterGone | Error::Mark { .. } => true,
            Error::ListStuck(_) | Error::StampUndefined { .. } => false,
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        match error {
            Error::Hubspot(hubspot::Error::DailyLimit { resumes_at, .. }) => {
                Stop::DailyLimit { resumes_at, share: None }
            }
            Error::Hubspot(hubspot::Error::ShareUsedUp { resumes_at, percent, .. }) => {
                Stop::DailyLimit { resumes_at, share: Some(percent) }
            }
            other => Stop::Failed(other),
        }
    }
}

/// How work inside a run comes back early.
#[derive(Debug)]
pub(crate) enum Halt {
    Cancelled,
    Error(Error),
}

impl<E: Into<Error>> From<E> for Halt {
    fn from(error: E) -> Halt {
        Halt::Error(error.into())
    }
}
