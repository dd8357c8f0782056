//! Forms posted without a key: how tokens are asked for. The same wire as every other call, so the same limits on where
//! it goes: one origin, no redirects. Deliberately absent: retrying, and knowing what a form means.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use crm::Timestamp;
use zeroize::Zeroizing;

use crate::{
    ApiVersion, ClientOptions, End, Error, Method, Observed, Observer, Origin, Pool,
    observe::template,
    wire::{Lost, Wire},
};

/// The way to one origin for forms. What is posted there is wiped from memory once it is sent.
pub struct Forms {
    wire: Wire,
    version: ApiVersion,
    observer: Option<Arc<dyn Observer>>,
}

/// An answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct FormAnswer {
    pub status: u16,
    pub body: Bytes,
    /// HubSpot's clock when it answered.
    pub date: Option<Timestamp>,
}

impl Forms {
    pub fn new(origin: Origin, options: &ClientOptions) -> Result<Forms, Error> {
        let wire = Wire::new(origin, options)?;
        Ok(Forms { wire, version: options.version, observer: options.observer.clone() })
    }

    /// Posts a form once. `body` is encoded already.
    pub async fn post(&self, path: &str, body: Zeroizing<Vec<u8>>) -> Result<FormAnswer, Error> {
        let started = Instant::now();
        let answer = self.wire.post_form(path, Bytes::from_owner(body)).await;
        self.observed(path, started.elapsed(), &answer);
        Ok(answer?)
    }

    fn observed(&self, path: &str, took: Duration, answer: &Result<FormAnswer, Lost>) {
        let Some(observer) = &self.observer else { return };
        let end = match answer {
            Ok(answer) if answer.status < 400 => End::Good { status: answer.status },
            // What was said may repeat what was posted.
            Ok(answer) => End::Refused { status: answer.status, category: None, correlation_id: None },
            Err(lost) => End::Lost(lost.kind),
        };
        let (path, pool) = (template(path), Pool::General);
        observer.observed(&Observed { method: Method::Post, path, pool, attempt: 1, took, end });
    }

    pub fn origin(&self) -> &Origin {
        self.wire.origin()
    }

    pub fn version(&self) -> ApiVersion {
        self.version
    }
}

impl fmt::Debug for Forms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Forms({})", self.origin())
    }
}

/// Without the body, which may hold tokens.
impl fmt::Debug for FormAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FormAnswer({}, {} bytes)", self.status, self.body.len())
    }
}
