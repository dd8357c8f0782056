//! A request, taken apart: method, route, version, query.
//!
//! One reading for `v3`, `v4` and the dated versions, so that all of them reach the same handler. Deliberately absent:
//! what the routes do.

use std::borrow::Cow;

use crate::oauth::Caller;

/// The version in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
    V3,
    V4,
    March2026,
    September2026,
}

impl Version {
    fn parse(text: &str) -> Option<Version> {
        Some(match text {
            "v1" => Version::V1,
            "v2" => Version::V2,
            "v3" => Version::V3,
            "v4" => Version::V4,
            "2026-03" => Version::March2026,
            "2026-09" => Version::September2026,
            _ => return None,
        })
    }
}

/// A path without its version: the API family, and what follows.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    pub(crate) family: &'a str,
    pub(crate) version: Version,
    pub(crate) rest: Vec<Cow<'a, str>>,
}

impl<'a> Route<'a> {
    /// `/crm/v3/objects/contacts/` and `/crm/objects/2026-03/contacts` are the same route.
    pub(crate) fn parse(path: &'a str) -> Option<Route<'a>> {
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        let (&root, after) = parts.split_first()?;
        let (family, version, rest) = match root {
            "crm" | "settings" => match Version::parse(after.first()?) {
                Some(version) => (*after.get(1)?, version, after.get(2..)?),
                None => (*after.first()?, Version::parse(after.get(1)?)?, after.get(2..)?),
            },
            "oauth" | "account-info" | "appinstalls" | "crm-object-schemas" => {
                (root, Version::parse(after.first()?)?, after.get(1..)?)
            }
            _ => return None,
        };
        Some(Route { family, version, rest: rest.iter().map(|p| decode(p, false)).collect() })
    }

    pub(crate) fn rest(&self) -> Vec<&str> {
        self.rest.iter().map(AsRef::as_ref).collect()
    }
}

/// The query of a URL; values are decoded when they are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a>(pub(crate) &'a str);

impl<'a> Query<'a> {
    fn pairs(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")))
    }

    pub(crate) fn get(self, key: &str) -> Option<Cow<'a, str>> {
        self.pairs().find(|(k, _)| *k == key).map(|(_, v)| decode(v, true))
    }

    /// In any case: HubSpot's own Python client writes `True`.
    pub(crate) fn is_true(self, key: &str) -> bool {
        self.get(key).is_some_and(|v| v.eq_ignore_ascii_case("true"))
    }

    /// The raw text of a list parameter, as a key for what was made from it.
    pub(crate) fn raw_list(self, key: &str) -> String {
        let mut raw = String::new();
        for (_, value) in self.pairs().filter(|(k, _)| *k == key) {
            if !raw.is_empty() {
                raw.push(',');
            }
            raw.push_str(value);
        }
        raw
    }

    /// A list parameter: comma-separated, repeated, or both.
    pub(crate) fn list(self, key: &str) -> Vec<String> {
        let values = self.pairs().filter(|(k, _)| *k == key).map(|(_, v)| decode(v, true));
        values
            .flat_map(|v| {
                v.split(',').map(|item| item.trim().to_owned()).filter(|i| !i.is_empty()).collect::<Vec<_>>()
            })
            .collect()
    }
}

/// Undoes percent-encoding, and in queries `+`.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> Cow<'_, str> {
    if !text.bytes().any(|b| b == b'%' || (plus_is_space && b == b'+')) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = || u8::from_str_radix(text.get(at + 1..at + 3)?, 16).ok();
        match bytes[at] {
            b'%' => match hex() {
                Some(byte) => {
                    out.push(byte);
                    at += 2;
                }
                None => out.push(b'%'),
            },
            b'+' if plus_is_space => out.push(b' '),
            byte => out.push(byte),
        }
        at += 1;
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// One request in the simulator's own terms.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Query<'a>,
    pub(crate) bearer: Option<&'a str>,
    /// Whose the bearer token is, once that is known.
    pub(crate) caller: Caller,
    pub(crate) body: &'a [u8],
    /// Scheme and host as the caller wrote them, for links back.
    pub(crate) origin: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_trailing_slashes_lead_to_the_same_route() {
        for path in [
            "/crm/v3/objects/contacts",
            "/crm/v3/objects/contacts/",
            "/crm/objects/2026-03/contacts",
            "/crm/objects/2026-09/contacts/",
        ] {
            let route = Route::parse(path).unwrap();
            assert_eq!((route.family, route.rest()), ("objects", vec!["contacts"]), "{path}");
        }
        let owners = Route::parse("/crm/v3/owners/").unwrap();
        assert_eq!((owners.family, owners.rest().len()), ("owners", 0));
        let teams = Route::parse("/settings/users/2026-03/teams").unwrap();
        assert_eq!((teams.family, teams.rest()), ("users", vec!["teams"]));
        let old_teams = Route::parse("/settings/v3/users/teams").unwrap();
        assert_eq!((old_teams.family, old_teams.rest()), ("users", vec!["teams"]));
        assert!(Route::parse("/crm/objects/2025-01/contacts").is_none());
        assert!(Route::parse("/").is_none());
    }

    #[test]
    fn query_lists_may_be_comma_separated_encoded_or_repeated() {
        for query in ["properties=a,b,c", "properties=a%2Cb&properties=c", "x=1&properties=a&properties=b,c"]
        {
            assert_eq!(Query(query).list("properties"), ["a", "b", "c"]);
        }
        assert_eq!(Query("email=a%2Bb%40c.example&x=a+b").get("email").unwrap(), "a+b@c.example");
        assert_eq!(Query("x=a+b").get("x").unwrap(), "a b");
        assert!(Query("archived=True").is_true("archived") && !Query("archived=False").is_true("archived"));
    }
}
