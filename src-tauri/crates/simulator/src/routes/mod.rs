//! From a request to its answer: which area it is for, what it draws on, what it needs, and who answers.
//!
//! Deliberately absent: the network, faults and limits (`server`).

pub(crate) mod account;
mod installs;
mod links;
mod objects;
mod people;
mod pipelines;
mod properties;
mod schemas;

use crate::answer::{Answer, Refusal};
use crate::ask::{Ask, Route, Version};
use crate::catalog::{COMPANIES, CONTACTS, DEALS, EMAILS, Kind, LINE_ITEMS, Need, PRODUCTS, QUOTES};
use crate::limits::Pool;
use crate::oauth::{self, Caller, Place};
use crate::portal::Portal;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Oauth(Place),
    Introspection,
    Install,
    Account,
    Owners,
    Users,
    Properties(Kind),
    Pipelines(Kind),
    Schemas,
    Objects(Kind),
    Links(Kind, Kind),
    Nowhere,
}

/// A request that has been understood.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) area: Area,
    pub(crate) version: Version,
    pub(crate) rest: Vec<std::borrow::Cow<'a, str>>,
    /// None where nothing is counted.
    pub(crate) pool: Option<Pool>,
    /// Method and route, without ids and names.
    pub(crate) label: String,
}

/// Reads where a request wants to go.
pub(crate) fn resolve<'a>(portal: &Portal, method: &str, path: &'a str) -> Target<'a> {
    let nowhere = || Target {
        area: Area::Nowhere,
        version: Version::V3,
        rest: Vec::new(),
        pool: Some(Pool::General),
        label: format!("{method} elsewhere"),
    };
    if let Some(place) = Place::of_page(path) {
        let label = format!("{method} {}", place.label());
        return Target { area: Area::Oauth(place), pool: None, label, ..nowhere() };
    }
    let Some(route) = Route::parse(path) else { return nowhere() };
    let Some((area, label)) = area(portal, &route) else { return nowhere() };
    let shares = portal.config.switches.association_shares_pool;
    let pool = match area {
        Area::Oauth(_) => None,
        Area::Objects(_) if route.rest.get(1).is_some_and(|r| r == "search") => Some(Pool::Search),
        Area::Links(..) if !shares => Some(Pool::Associations),
        _ => Some(Pool::General),
    };
    Target { area, version: route.version, rest: route.rest, pool, label: format!("{method} {label}") }
}

fn area(portal: &Portal, route: &Route<'_>) -> Option<(Area, String)> {
    let rest = route.rest();
    let version = route.version;
    let kind = |text: &str| portal.kinds.find(text);
    // A version serves the families it was made for: v4 is about links, v1 and v2 about tokens, the rest is v3 or
    // dated.
    let links_only = version == Version::V4;
    if matches!(version, Version::V1 | Version::V2) && route.family != "oauth" {
        return None;
    }
    if links_only && !matches!(route.family, "objects" | "associations") {
        return None;
    }
    let plain = |area: Area, name: &str| Some((area, name.to_owned()));
    match (route.family, rest.as_slice()) {
        ("oauth", ["private-apps", "get", "access-token-info"]) if version == Version::V2 => {
            plain(Area::Introspection, "introspection")
        }
        ("oauth", _) => Place::of_api(version, &rest).and_then(|p| plain(Area::Oauth(p), p.label())),
        ("appinstalls", ["external-install"]) => plain(Area::Install, "appinstalls/external-install"),
        ("account-info", _) => plain(Area::Account, "account-info"),
        ("owners", _) => plain(Area::Owners, "owners"),
        ("users", ["teams"]) => plain(Area::Users, "users/teams"),
        ("users", _) => plain(Area::Users, "users"),
        ("properties", [t, ..]) => kind(t).map(|k| (Area::Properties(k), format!("properties/{}", k.name()))),
        ("pipelines", [t, ..]) => kind(t).map(|k| (Area::Pipelines(k), format!("pipelines/{}", k.name()))),
        ("crm-object-schemas", ["schemas", ..]) => plain(Area::Schemas, "schemas"),
        ("objects", [from, _, "associations", "default", to, _]) if version != Version::V3 => {
            Some(links_area(kind(from)?, kind(to)?, "default"))
        }
        ("objects", [from, _, "associations", to] | [from, _, "associations", to, _])
            if version != Version::V3 =>
        {
            Some(links_area(kind(from)?, kind(to)?, "one"))
        }
        ("objects", [t, tail @ ..]) if !links_only => {
            let k = kind(t)?;
            let label = match tail {
                [] => format!("objects/{}", k.name()),
                ["search" | "merge" | "gdpr-delete"] | ["batch", _] => {
                    format!("objects/{}/{}", k.name(), tail.join("/"))
                }
                _ => format!("objects/{}/{{id}}", k.name()),
            };
            Some((Area::Objects(k), label))
        }
        ("associations", [from, to, "labels", ..]) if version != Version::V3 => {
            Some(links_area(kind(from)?, kind(to)?, "labels"))
        }
        ("associations", [from, to, "batch", tail @ ..]) => {
            Some(links_area(kind(from)?, kind(to)?, &format!("batch/{}", tail.join("/"))))
        }
        _ => None,
    }
}

fn links_area(from: Kind, to: Kind, what: &str) -> (Area, String) {
    (Area::Links(from, to), format!("associations/{}/{}/{what}", from.name(), to.name()))
}

/// What a caller lacks for a request, as the scopes any of which would do.
pub(crate) fn lacking(
    portal: &Portal,
    caller: &Caller,
    target: &Target<'_>,
    method: &str,
) -> Option<Vec<&'static str>> {
    let lacks = |need: Need| (!portal.meets(caller, need)).then(|| need.concat());
    let tail: Vec<&str> = target.rest.iter().map(AsRef::as_ref).collect();
    let reads = method == "GET" || matches!(tail.as_slice(), [.., "batch", "read"] | [.., "search"]);
    match target.area {
        // A key opens its account without that scope.
        Area::Account if matches!(caller, Caller::App(_)) => lacks(&[&["oauth"]]),
        Area::Oauth(_) | Area::Introspection | Area::Install | Area::Account | Area::Nowhere => None,
        Area::Owners => lacks(&[&["crm.objects.owners.read"], &["automation"]]),
        Area::Users if tail == ["teams"] => lacks(&[&["settings.users.teams.read"]]),
        Area::Users => lacks(&[&["settings.users.read"], &["crm.objects.users.read"]]),
        Area::Properties(kind) | Area::Pipelines(kind) if reads => {
            let schema = schema_read(kind);
            if schema.is_some_and(|scope| portal.holds(caller, scope)) {
                return None;
            }
            lacks(kind.row().read).map(|mut scopes| {
                scopes.extend(schema);
                scopes
            })
        }
        Area::Properties(kind) | Area::Pipelines(kind) => lacks(kind.row().schema_write),
        Area::Schemas if reads => lacks(&[&["crm.schemas.custom.read"], &["crm.objects.custom.read"]]),
        Area::Schemas => lacks(&[&["crm.schemas.custom.write"]]),
        Area::Objects(kind) => lacks(object_need(kind, reads, target.version)),
        Area::Links(from, to) => {
            let need = |kind: Kind| object_need(kind, reads, target.version);
            lacks(need(from)).or_else(|| lacks(need(to)))
        }
    }
}

/// `2026-09` asks for both scopes where earlier versions took either.
fn object_need(kind: Kind, reads: bool, version: Version) -> Need {
    let row = kind.row();
    if version != Version::September2026 {
        return if reads { row.read } else { row.write };
    }
    match (kind, reads) {
        (LINE_ITEMS, true) => &[&["crm.objects.line_items.read", "e-commerce"]],
        (LINE_ITEMS, false) => &[&["crm.objects.line_items.write", "e-commerce"]],
        (PRODUCTS, true) => &[&["crm.objects.products.read", "e-commerce"]],
        (PRODUCTS, false) => &[&["crm.objects.products.write", "e-commerce"]],
        (QUOTES, true) => &[&["crm.objects.quotes.read", "e-commerce"]],
        (QUOTES, false) => &[&["crm.objects.quotes.write", "e-commerce"]],
        (EMAILS, true) => &[&["crm.objects.contacts.read", "sales-email-read"]],
        (EMAILS, false) => &[&["crm.objects.contacts.write", "sales-email-read"]],
        (_, true) => row.read,
        (_, false) => row.write,
    }
}

fn schema_read(kind: Kind) -> Option<&'static str> {
    match kind {
        COMPANIES => Some("crm.schemas.companies.read"),
        DEALS => Some("crm.schemas.deals.read"),
        LINE_ITEMS => Some("crm.schemas.line_items.read"),
        PRODUCTS => Some("crm.schemas.products.read"),
        CONTACTS => Some("crm.schemas.contacts.read"),
        kind if kind.is_custom() => Some("crm.schemas.custom.read"),
        // Engagements go with contacts.
        kind if kind.row().engagement => Some("crm.schemas.contacts.read"),
        _ => None,
    }
}

/// Answers a request that may pass.
pub(crate) fn act(portal: &Portal, target: &Target<'_>, ask: &Ask<'_>) -> Answer {
    let rest: Vec<&str> = target.rest.iter().map(AsRef::as_ref).collect();
    match target.area {
        Area::Oauth(Place::Authorize(account)) => oauth::authorize::answer(portal, account, ask),
        Area::Oauth(Place::Token) => oauth::token::answer(portal, target.version, ask),
        Area::Oauth(Place::Introspect) => oauth::inspect::introspect(portal, target.version, ask),
        Area::Oauth(Place::Revoke) => oauth::inspect::revoke(portal, target.version, ask),
        Area::Oauth(Place::AccessTokens) => oauth::inspect::access_v1(portal, rest[1], ask),
        Area::Oauth(Place::RefreshTokens) => oauth::inspect::refresh_v1(portal, rest[1], ask),
        Area::Introspection => account::introspect(portal, ask),
        Area::Install => installs::answer(portal, ask),
        Area::Account => account::answer(portal, &rest, ask),
        Area::Owners => people::owners(portal, &rest, ask),
        Area::Users => people::users(portal, &rest, ask),
        Area::Properties(kind) => properties::answer(portal, kind, &rest[1..], ask),
        Area::Pipelines(kind) => pipelines::answer(portal, kind, target.version, &rest[1..], ask),
        Area::Schemas => schemas::answer(portal, &rest[1..], ask),
        Area::Objects(kind) => objects::answer(portal, kind, &rest[1..], ask),
        Area::Links(from, to) => links::answer(portal, from, to, target, ask),
        Area::Nowhere => Refusal::not_found().into(),
    }
}

/// The path is known, the method is not.
pub(crate) fn wrong_method() -> Answer {
    Refusal::new(405, "Method Not Allowed").into()
}
