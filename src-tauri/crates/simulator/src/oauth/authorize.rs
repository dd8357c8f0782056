//! The page that asks the account's owner, and where their browser goes from it.
//!
//! Deliberately absent: signing in, and choosing among accounts: there is one of each.

use std::net::IpAddr;

use super::challenge::Challenge;
use super::page::{self, Turned};
use super::{Code, Grant};
use crate::answer::Answer;
use crate::app::App;
use crate::ask::{Ask, Query};
use crate::faults::AuthorizeTrouble;
use crate::portal::Portal;
use crate::routes::wrong_method;
use crate::switches::{Denial, RedirectMatch};

/// What an app wants, once nothing speaks against it.
pub(super) struct Wish<'p> {
    pub(super) app: &'p App,
    place: usize,
    redirect_uri: String,
    state: Option<String>,
    /// What the app will hold, in the order it was asked for.
    pub(super) scopes: Vec<String>,
    challenge: Option<Challenge>,
}

pub(crate) fn answer(portal: &Portal, account: Option<u64>, ask: &Ask<'_>) -> Answer {
    if !matches!(ask.method, "GET" | "POST") {
        return wrong_method();
    }
    let wish = match read(portal, account, ask.query) {
        Ok(wish) => wish,
        Err(turned) => return page::turned_away(&turned),
    };
    let decision = Query(std::str::from_utf8(ask.body).unwrap_or_default()).get("decision");
    match (ask.method, decision.as_deref()) {
        ("POST", Some("approve")) => approve(portal, wish),
        ("POST", Some("deny")) => deny(portal, &wish),
        _ if portal.config.auto_approve => approve(portal, wish),
        _ => page::question(portal, &wish, ask),
    }
}

fn approve(portal: &Portal, wish: Wish<'_>) -> Answer {
    let life = i64::try_from(portal.config.switches.authorization_code_seconds).unwrap_or(i64::MAX / 1_000);
    let code = Code {
        grant: Grant::new(wish.place, wish.scopes),
        redirect_uri: wish.redirect_uri.clone(),
        challenge: wish.challenge,
        dies_at: portal.clock.now().saturating_add(life.saturating_mul(1_000)),
    };
    let code = portal.oauth.add_code(portal.config.region, code);
    back(&wish.redirect_uri, &[("code", Some(&code)), ("state", wish.state.as_deref())])
}

fn deny(portal: &Portal, wish: &Wish<'_>) -> Answer {
    if portal.config.switches.denial == Denial::Silent {
        return page::left_alone(wish.app);
    }
    let told = Some("The user denied access to the app.");
    back(
        &wish.redirect_uri,
        &[("error", Some("access_denied")), ("error_description", told), ("state", wish.state.as_deref())],
    )
}

/// Sends the browser back to the app.
fn back(redirect_uri: &str, parameters: &[(&str, Option<&str>)]) -> Answer {
    let mut address = redirect_uri.to_owned();
    let mut glue = if redirect_uri.contains('?') { '&' } else { '?' };
    for (name, value) in parameters {
        let Some(value) = value else { continue };
        address.push(glue);
        address.push_str(name);
        address.push('=');
        encode(&mut address, value);
        glue = '&';
    }
    let mut answer = Answer::empty(302);
    answer.headers.push(("location", address));
    answer.headers.push(("cache-control", "no-store".to_owned()));
    answer
}

fn encode(out: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(half), 16).expect("four bits are one digit");
                out.push(digit.to_ascii_uppercase());
            }
        }
    }
}

/// Checks what an app asks for, in this order: trouble, client, account, return address, scopes.
fn read<'p>(portal: &'p Portal, account: Option<u64>, query: Query<'_>) -> Result<Wish<'p>, Turned> {
    match portal.faults.authorize() {
        AuthorizeTrouble::None | AuthorizeTrouble::Slow => {}
        AuthorizeTrouble::NoMarketplaceAccess => return Err(Turned::NO_MARKETPLACE_ACCESS),
        AuthorizeTrouble::AdminApproval => return Err(Turned::ADMIN_APPROVAL),
        AuthorizeTrouble::WrongFlowClaude => return Err(Turned::WRONG_FLOW_CLAUDE),
    }
    let client = query.get("client_id").unwrap_or_default();
    let place = portal.config.apps.iter().position(|app| app.client_id == *client);
    let place = place.ok_or(Turned::UNKNOWN_CLIENT)?;
    let app = &portal.config.apps[place];
    if account.is_some_and(|account| account != portal.config.portal) {
        return Err(Turned::OTHER_ACCOUNT);
    }
    let redirect_uri = query.get("redirect_uri").unwrap_or_default().into_owned();
    if !may_return_to(&redirect_uri) {
        return Err(Turned::IMPOSSIBLE_REDIRECT);
    }
    let how = portal.config.switches.redirect_match;
    if !app.redirect_uris.iter().any(|registered| is_registered(registered, &redirect_uri, how)) {
        return Err(Turned::UNREGISTERED_REDIRECT);
    }
    let list = |name| -> Vec<String> {
        let text = query.get(name).unwrap_or_default();
        text.split_whitespace().map(str::to_owned).collect()
    };
    let scopes = scopes(app, &portal.config.lacking_scopes, &list("scope"), &list("optional_scope"))?;
    let challenge = query.get("code_challenge").map(|text| Challenge {
        text: text.into_owned(),
        is_s256: query.get("code_challenge_method").is_some_and(|method| method == "S256"),
    });
    let state = query.get("state").map(std::borrow::Cow::into_owned);
    Ok(Wish { app, place, redirect_uri, state, scopes, challenge })
}

/// https to a name, or http to `localhost`; never an IP address.
fn may_return_to(uri: &str) -> bool {
    if !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return false;
    }
    let (scheme, rest) = uri.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let bracketed = authority.starts_with('[');
    let host = authority.split(':').next().unwrap_or_default();
    let is_name = !bracketed && !host.is_empty() && host.parse::<IpAddr>().is_err();
    is_name && (scheme == "https" || (scheme == "http" && host == "localhost"))
}

fn is_registered(registered: &str, given: &str, how: RedirectMatch) -> bool {
    match how {
        RedirectMatch::Exact => registered == given,
        RedirectMatch::Prefix => given.starts_with(registered),
        RedirectMatch::AnyLocalPort => {
            let without_port = |uri: &str| {
                let rest = uri.strip_prefix("http://localhost")?;
                let after =
                    rest.strip_prefix(':').map(|r| r.trim_start_matches(|c: char| c.is_ascii_digit()));
                Some(after.unwrap_or(rest).to_owned())
            };
            registered == given
                || without_port(registered).is_some_and(|path| without_port(given) == Some(path))
        }
    }
}

/// What an app that asks so will hold.
fn scopes(
    app: &App,
    lacking: &[String],
    asked: &[String],
    optional: &[String],
) -> Result<Vec<String>, Turned> {
    let has = |list: &[String], scope: &str| list.iter().any(|other| other == scope);
    if !has(asked, "oauth") || app.required_scopes.iter().any(|scope| !has(asked, scope)) {
        return Err(Turned::SCOPES_INSUFFICIENT);
    }
    let is_required = |scope: &str| scope == "oauth" || has(&app.required_scopes, scope);
    let fits = asked.iter().all(|scope| is_required(scope) || has(&app.conditional_scopes, scope))
        && optional.iter().all(|scope| is_required(scope) || has(&app.optional_scopes, scope));
    if !fits {
        return Err(Turned::SCOPES_MISMATCH);
    }
    if asked.iter().any(|scope| has(lacking, scope)) {
        return Err(Turned::ACCOUNT_LACKS_SCOPE);
    }
    let mut held: Vec<String> = Vec::new();
    for scope in asked.iter().chain(optional.iter().filter(|scope| !has(lacking, scope))) {
        if !has(&held, scope) {
            held.push(scope.clone());
        }
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_sent_back_to_a_name_over_https_or_to_localhost() {
        for good in ["http://localhost:14117/oauth-callback", "http://localhost/", "https://app.example/back"]
        {
            assert!(may_return_to(good), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "http://127.0.0.1:14117/oauth-callback",
            "https://127.0.0.1/",
            "http://[::1]:14117/oauth-callback",
            "http://app.example/back",
            "http://localhost.example/",
            "https:///nowhere",
            "myapp://back",
            "http://localhost:1/\r\nx: y",
        ] {
            assert!(!may_return_to(bad), "{bad}");
        }
    }

    #[test]
    fn how_a_return_address_is_compared_is_a_switch() {
        let registered = "http://localhost:14117/oauth-callback";
        for (given, exact, any_port, prefix) in [
            (registered, true, true, true),
            ("http://localhost:21117/oauth-callback", false, true, false),
            ("http://localhost/oauth-callback", false, true, false),
            ("http://localhost:14117/oauth-callback/more", false, false, true),
            ("http://localhost:14117/other", false, false, false),
            ("https://localhost:14117/oauth-callback", false, false, false),
        ] {
            let compared = [RedirectMatch::Exact, RedirectMatch::AnyLocalPort, RedirectMatch::Prefix]
                .map(|how| is_registered(registered, given, how));
            assert_eq!(compared, [exact, any_port, prefix], "{given}");
        }
    }
}
