//! Forms posted without a key: how tokens are asked for. The same wire as every other call, so the same limits on where
//! it goes: one origin, no redirects. Deliberately absent: retrying, and knowing what a form means.

use std::fmt;

use bytes::Bytes;
use crm::Timestamp;
use zeroize::Zeroizing;

use crate::{ApiVersion, ClientOptions, Error, Origin, wire::Wire};

/// The way to one origin for forms. What is posted there is wiped from memory once it is sent.
pub struct Forms {
    wire: Wire,
    version: ApiVersion,
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
        Ok(Forms { wire: Wire::new(origin, options)?, version: options.version })
    }

    /// Posts a form once. `body` is encoded already.
    pub async fn post(&self, path: &str, body: Zeroizing<Vec<u8>>) -> Result<FormAnswer, Error> {
        Ok(self.wire.post_form(path, Bytes::from_owner(body)).await?)
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
