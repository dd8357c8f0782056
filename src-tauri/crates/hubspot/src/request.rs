//! What to ask, as values. Deliberately absent: sending, tokens, hosts.

use std::fmt;

use bytes::Bytes;

use crate::Malformed;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Post,
}

/// Which of a portal's limits a call draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pool {
    General,
    Search,
    Associations,
}

impl Pool {
    pub const ALL: [Pool; 3] = [Pool::General, Pool::Search, Pool::Associations];
}

/// Whose call goes first where several wait for the same pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lane {
    /// Somebody looks at a screen and waits.
    #[default]
    Person,
    /// What changed lately.
    Incremental,
    /// A first copy, a refill, a sweep over everything.
    Backfill,
}

impl Lane {
    pub const ALL: [Lane; 3] = [Lane::Person, Lane::Incremental, Lane::Backfill];
}

/// One call. All of them only read, so each may be repeated.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    /// Path and query, encoded.
    pub path: String,
    pub body: Option<Bytes>,
    pub pool: Pool,
    /// What is asked, without ids or values: for logs.
    pub kind: &'static str,
}

impl Request {
    pub(crate) fn get(kind: &'static str, path: String) -> Request {
        Request { method: Method::Get, path, body: None, pool: Pool::General, kind }
    }

    pub(crate) fn post(kind: &'static str, path: String, body: Bytes) -> Request {
        Request { method: Method::Post, path, body: Some(body), pool: Pool::General, kind }
    }

    pub(crate) fn in_pool(self, pool: Pool) -> Request {
        Request { pool, ..self }
    }
}

/// Without the body, which may hold a token.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} ({})", self.method, self.path, self.kind)
    }
}

/// One thing that can be asked: it builds the call and reads the answer.
pub trait Endpoint: Send + Sync {
    type Output: Send;

    fn request(&self, version: ApiVersion) -> Request;

    /// Reads the body of a successful answer (200, 201, 207).
    fn read(&self, body: Bytes) -> Result<Self::Output, Malformed>;
}

/// Which edition of HubSpot's API is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApiVersion {
    /// The paths from before dated versions (v3, and v4 for associations).
    V3,
    #[default]
    V2026_03,
    V2026_09,
}

/// A family of paths that HubSpot versions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Objects,
    Associations,
    Properties,
    Pipelines,
    Owners,
    Schemas,
    Account,
    Users,
    Oauth,
}

impl Family {
    /// The path that all of the family's paths begin with.
    pub fn base(self, version: ApiVersion) -> String {
        let dated = match version {
            ApiVersion::V3 => return self.undated().to_owned(),
            ApiVersion::V2026_03 => "2026-03",
            ApiVersion::V2026_09 => "2026-09",
        };
        match self {
            Family::Objects => format!("/crm/objects/{dated}"),
            Family::Associations => format!("/crm/associations/{dated}"),
            Family::Properties => format!("/crm/properties/{dated}"),
            Family::Pipelines => format!("/crm/pipelines/{dated}"),
            Family::Owners => format!("/crm/owners/{dated}"),
            Family::Schemas => format!("/crm-object-schemas/{dated}/schemas"),
            Family::Account => format!("/account-info/{dated}"),
            Family::Users => format!("/settings/users/{dated}"),
            Family::Oauth => format!("/oauth/{dated}"),
        }
    }

    fn undated(self) -> &'static str {
        match self {
            Family::Objects => "/crm/v3/objects",
            Family::Associations => "/crm/v4/associations",
            Family::Properties => "/crm/v3/properties",
            Family::Pipelines => "/crm/v3/pipelines",
            Family::Owners => "/crm/v3/owners",
            Family::Schemas => "/crm-object-schemas/v3/schemas",
            Family::Account => "/account-info/v3",
            Family::Users => "/settings/v3/users",
            Family::Oauth => "/oauth/v3",
        }
    }
}
