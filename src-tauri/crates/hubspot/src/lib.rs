//! HubSpot's API: requests as values, one client that sends.
//!
//! An endpoint is a value: it says what to ask and reads what is answered, and never sends. [`Client`] is the only
//! one that sends: it keeps the limits ([`pool`]), decides what follows an attempt ([`retry`]) and keeps what HubSpot
//! says about a refusal ([`Error`]). What can be copied is data ([`catalog`]). Tokens are asked for with forms, which
//! carry no key ([`Forms`], [`oauth`]).
//!
//! Deliberately absent: storing anything, deciding what to fetch next, and knowing how a token was come by
//! ([`TokenSource`] is implemented elsewhere).

#![forbid(unsafe_code)]

pub mod catalog;
mod client;
mod clock;
pub mod endpoint;
mod error;
mod form;
pub mod oauth;
mod observe;
mod options;
mod origin;
mod page;
mod path;
mod pool;
mod refusal;
mod request;
pub mod retry;
mod token;
mod wire;
mod zone;

pub use catalog::ObjectKind;
pub use client::Client;
pub use endpoint::{
    AccountDetails, AssociationLabels, AssociationsRead, BatchAnswer, BatchRead, Filter, GetRecord,
    LinksAnswer, ListRecords, Op, Owners, OwnersPage, Pipelines, Properties, RecordPage, Schemas, Search,
    SearchPage, Teams, TokenDetails, TokenInfo, Users, UsersPage,
};
pub use error::{Error, Malformed, TransportKind};
pub use form::{FormAnswer, Forms};
pub use oauth::{GrantType, OauthRefusal, OauthRefused};
pub use observe::{End, Observed, Observer};
pub use options::{ClientOptions, Daily, LimitsSnapshot, OwnDay, PoolSnapshot, Speed, Speeds, Usage};
pub use origin::{BadOrigin, Origin};
pub use refusal::{Detail, Refusal};
pub use request::{ApiVersion, Endpoint, Family, Lane, Method, Pool, Request};
pub use retry::RetryPolicy;
pub use token::{Caller, StaticToken, Token, TokenError, TokenSource};
pub use zone::midnight_after;
