//! Owners, users and teams.

use bytes::Bytes;
use crm::{Owner, OwnerTeam, Team, Timestamp, User};
use serde::Deserialize;

use super::{Listed, lenient, parse, scalar, scalar_option, scalars, stamp};
use crate::{ApiVersion, Endpoint, Family, Malformed, Request, page::text, path::Path};

/// A page of owners: the live ones, or those of users who left.
#[derive(Debug, Clone)]
pub struct Owners {
    pub archived: bool,
    pub after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersPage {
    pub owners: Vec<Owner>,
    pub after: Option<String>,
}

impl Owners {
    const KIND: &'static str = "owners";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawOwner {
    #[serde(deserialize_with = "scalar")]
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    email: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    user_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    user_id_including_inactive: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    archived: bool,
    #[serde(default, deserialize_with = "stamp")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "stamp")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient")]
    teams: Vec<RawOwnerTeam>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawOwnerTeam {
    #[serde(deserialize_with = "scalar")]
    id: String,
    #[serde(deserialize_with = "scalar")]
    name: String,
    #[serde(deserialize_with = "lenient")]
    primary: bool,
}

impl Endpoint for Owners {
    type Output = OwnersPage;

    fn request(&self, version: ApiVersion) -> Request {
        let path = Path::new(Family::Owners.base(version))
            .query("limit", "100")
            .query_some("after", self.after.as_deref())
            .archived(self.archived);
        Request::get(Self::KIND, path.done())
    }

    fn read(&self, body: Bytes) -> Result<OwnersPage, Malformed> {
        let listed: Listed<RawOwner> = parse(Self::KIND, &text(&body))?;
        let (raw, after) = listed.split();
        Ok(OwnersPage { owners: raw.into_iter().map(|raw| owner(raw, self.archived)).collect(), after })
    }
}

fn owner(raw: RawOwner, archived: bool) -> Owner {
    let team = |team: RawOwnerTeam| OwnerTeam { id: team.id, name: team.name, primary: team.primary };
    Owner {
        id: raw.id,
        email: raw.email,
        kind: raw.kind,
        first_name: raw.first_name,
        last_name: raw.last_name,
        user_id: raw.user_id,
        user_id_including_inactive: raw.user_id_including_inactive,
        archived: raw.archived || archived,
        created_at: raw.created_at,
        updated_at: raw.updated_at,
        teams: raw.teams.into_iter().map(team).collect(),
    }
}

/// A page of the portal's users.
#[derive(Debug, Clone)]
pub struct Users {
    pub after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersPage {
    pub users: Vec<User>,
    pub after: Option<String>,
}

impl Users {
    const KIND: &'static str = "users";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawUser {
    #[serde(deserialize_with = "scalar")]
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    email: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "scalar_option")]
    role_id: Option<String>,
    #[serde(default, deserialize_with = "scalars")]
    role_ids: Vec<String>,
    #[serde(default, deserialize_with = "scalar_option")]
    primary_team_id: Option<String>,
    #[serde(default, deserialize_with = "scalars")]
    secondary_team_ids: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    super_admin: bool,
}

impl Endpoint for Users {
    type Output = UsersPage;

    fn request(&self, version: ApiVersion) -> Request {
        let path = Path::new(Family::Users.base(version))
            .query("limit", "100")
            .query_some("after", self.after.as_deref());
        Request::get(Self::KIND, path.done())
    }

    fn read(&self, body: Bytes) -> Result<UsersPage, Malformed> {
        let listed: Listed<RawUser> = parse(Self::KIND, &text(&body))?;
        let (raw, after) = listed.split();
        Ok(UsersPage { users: raw.into_iter().map(user).collect(), after })
    }
}

fn user(raw: RawUser) -> User {
    let role_ids = if raw.role_ids.is_empty() { raw.role_id.into_iter().collect() } else { raw.role_ids };
    User {
        id: raw.id,
        email: raw.email,
        first_name: raw.first_name,
        last_name: raw.last_name,
        role_ids,
        primary_team_id: raw.primary_team_id,
        secondary_team_ids: raw.secondary_team_ids,
        super_admin: raw.super_admin,
    }
}

/// The portal's teams; HubSpot does not page them.
#[derive(Debug, Clone, Copy)]
pub struct Teams;

impl Teams {
    const KIND: &'static str = "teams";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawTeam {
    #[serde(deserialize_with = "scalar")]
    id: String,
    #[serde(default, deserialize_with = "scalar")]
    name: String,
    #[serde(default, deserialize_with = "scalars")]
    user_ids: Vec<String>,
    #[serde(default, deserialize_with = "scalars")]
    secondary_user_ids: Vec<String>,
}

impl Endpoint for Teams {
    type Output = Vec<Team>;

    fn request(&self, version: ApiVersion) -> Request {
        Request::get(Self::KIND, Path::new(Family::Users.base(version)).segment("teams").done())
    }

    fn read(&self, body: Bytes) -> Result<Vec<Team>, Malformed> {
        let listed: Listed<RawTeam> = parse(Self::KIND, &text(&body))?;
        let team = |raw: RawTeam| Team {
            id: raw.id,
            name: raw.name,
            user_ids: raw.user_ids,
            secondary_user_ids: raw.secondary_user_ids,
        };
        Ok(listed.results.into_iter().map(team).collect())
    }
}
