//! Connecting an app as a browser and a program do it together, up to the first call with its token.
//!
//! Deliberately absent: refusals (`oauth_refusals`) and what becomes of tokens later (`oauth_tokens`).

use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::{App, Config, Distribution, GrantType};

use crate::caller::{Portal, Reply, portal};

pub(crate) const BACK: &str = "http://localhost:14117/oauth-callback";
pub(crate) const TOKEN: &str = "/oauth/2026-03/token";
pub(crate) const LIST: &str = "/crm/v3/objects/contacts";

pub(crate) fn app() -> App {
    let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    App {
        name: "Bells & <Whistles>".to_owned(),
        client_id: "11111111-2222-3333-4444-555555555555".to_owned(),
        client_secret: "99999999-8888-7777-6666-555555555555".to_owned(),
        redirect_uris: owned(&[BACK, "http://localhost:21117/oauth-callback"]),
        required_scopes: owned(&["oauth", "crm.objects.contacts.read"]),
        conditional_scopes: owned(&["crm.objects.deals.read"]),
        optional_scopes: owned(&["tickets", "crm.objects.companies.read"]),
        distribution: Distribution::Private,
    }
}

pub(crate) fn config() -> Config {
    Config { contacts: 5, apps: vec![app()], ..Config::default() }
}

/// What an app that is set up well asks for.
pub(crate) fn wish() -> Vec<(&'static str, &'static str)> {
    vec![
        ("client_id", "11111111-2222-3333-4444-555555555555"),
        ("redirect_uri", BACK),
        ("scope", "oauth crm.objects.contacts.read"),
        ("optional_scope", "tickets"),
        ("state", "a b&c=d/é"),
    ]
}

/// The same parameters with one of them another; none without a value.
pub(crate) fn with<'a>(
    mut list: Vec<(&'a str, &'a str)>,
    name: &'a str,
    value: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    list.retain(|(other, _)| *other != name);
    list.extend(value.map(|value| (name, value)));
    list
}

pub(crate) fn encoded(list: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in list {
        write!(out, "&{name}=").unwrap();
        for byte in value.bytes() {
            write!(out, "%{byte:02X}").unwrap();
        }
    }
    out.split_off(out.len().min(1))
}

impl Portal {
    pub(crate) async fn authorize(&self, wish: &[(&str, &str)]) -> Reply {
        self.raw("GET", &format!("/oauth/authorize?{}", encoded(wish)), "", "").await.unwrap()
    }

    pub(crate) async fn decide(&self, wish: &[(&str, &str)], decision: &str) -> Reply {
        let path = format!("/oauth/authorize?{}", encoded(wish));
        self.raw("POST", &path, "", &format!("decision={decision}")).await.unwrap()
    }

    pub(crate) async fn form(&self, path: &str, list: &[(&str, &str)]) -> Reply {
        self.raw("POST", path, "", &encoded(list)).await.unwrap()
    }

    pub(crate) async fn code(&self, wish: &[(&str, &str)]) -> String {
        let reply = self.decide(wish, "approve").await;
        returned(&reply).remove("code").unwrap_or_else(|| panic!("no code: {} {}", reply.status, reply.body))
    }

    /// Connects the app and answers what the token endpoint said.
    pub(crate) async fn connect(&self, wish: &[(&str, &str)]) -> Value {
        let code = self.code(wish).await;
        let reply = self.form(TOKEN, &exchange(&code)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    }

    pub(crate) async fn refresh(&self, token: &Value) -> Reply {
        self.form(TOKEN, &refresh(token.as_str().unwrap())).await
    }

    pub(crate) async fn get_as(&self, token: &Value, path: &str) -> Reply {
        self.call_as(token, "GET", path).await
    }

    pub(crate) async fn call_as(&self, token: &Value, method: &str, path: &str) -> Reply {
        let header = format!("Authorization: Bearer {}\r\n", token.as_str().unwrap());
        self.raw(method, path, &header, "").await.unwrap()
    }
}

pub(crate) fn exchange(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("client_id", "11111111-2222-3333-4444-555555555555"),
        ("client_secret", "99999999-8888-7777-6666-555555555555"),
    ]
}

pub(crate) fn refresh(token: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", "11111111-2222-3333-4444-555555555555"),
        ("client_secret", "99999999-8888-7777-6666-555555555555"),
    ]
}

/// The parameters that the browser brings back.
pub(crate) fn returned(reply: &Reply) -> HashMap<String, String> {
    let Some(address) = reply.header("location") else { return HashMap::new() };
    let (place, query) = address.split_once('?').unwrap();
    assert_eq!(place, BACK);
    let decoded = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            let hex = || u8::from_str_radix(std::str::from_utf8(after.get(..2)?).ok()?, 16).ok();
            match (first, hex()) {
                (b'%', Some(byte)) => {
                    bytes.push(byte);
                    rest = &after[2..];
                }
                _ => {
                    bytes.push(first);
                    rest = after;
                }
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}

#[tokio::test]
async fn the_owner_is_asked_and_the_browser_comes_back_with_a_code_and_the_state() {
    let portal = portal(config()).await;
    for path in ["/oauth/authorize", "/oauth/24817305/authorize"] {
        let page = portal.raw("GET", &format!("{path}?{}", encoded(&wish())), "", "").await.unwrap();
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html;charset=utf-8")));
        for part in [
            "id=\"question\"",
            "id=\"approve\"",
            "id=\"deny\"",
            "Bells &amp; &lt;Whistles&gt;",
            "norrskencycles.example (24817305)",
            "<li><code>crm.objects.contacts.read</code></li>",
            "<li><code>tickets</code></li>",
        ] {
            assert!(page.body.contains(part), "{part} is missing: {}", page.body);
        }
        assert!(!page.body.contains("<script"));
    }
    let reply = portal.decide(&wish(), "approve").await;
    assert_eq!(reply.status, 302);
    let back = returned(&reply);
    assert_eq!(back["state"], "a b&c=d/é");
    assert!(back["code"].starts_with("eu1-") && back.len() == 2, "{back:?}");
    assert_eq!(portal.simulator.ledger().tokens.len(), 0, "a code is not a connection");
    let stateless = returned(&portal.decide(&with(wish(), "state", None), "approve").await);
    assert_eq!(stateless.keys().collect::<Vec<_>>(), ["code"]);
}

#[tokio::test]
async fn a_code_becomes_tokens_that_open_what_was_granted_and_no_more() {
    for (version, is_first) in [("v1", true), ("v3", false), ("2026-03", false), ("2026-09", false)] {
        let portal = portal(config()).await;
        let code = portal.code(&wish()).await;
        let reply = portal.form(&format!("/oauth/{version}/token"), &exchange(&code)).await;
        assert_eq!(reply.status, 200, "{version}: {}", reply.body);
        let tokens = reply.json();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(1_800)));
        assert_eq!(tokens["hub_id"], 24_817_305);
        assert_eq!(tokens["scopes"], json!(["oauth", "crm.objects.contacts.read", "tickets"]));
        assert_eq!(tokens["token_use"].is_null(), is_first);
        let access = &tokens["access_token"];
        assert!((200..=512).contains(&access.as_str().unwrap().len()));
        assert!(tokens["refresh_token"].as_str().unwrap().starts_with("eu1-"));
        for (path, status) in [
            (LIST, 200),
            ("/crm/v3/objects/tickets", 200),
            ("/account-info/2026-03/details", 200),
            ("/crm/v3/objects/companies", 403),
            ("/crm/v3/objects/deals", 403),
            ("/crm/v3/owners", 403),
        ] {
            assert_eq!(portal.get_as(access, path).await.status, status, "{path}");
        }
        assert_eq!(portal.get("/crm/v3/owners").await.status, 200, "the key works beside it");
        let ledger = portal.simulator.ledger();
        assert_eq!(ledger.tokens_issued(GrantType::AuthorizationCode), 1);
        assert_eq!((ledger.routes["POST oauth/authorize"], ledger.routes["POST oauth/token"]), (1, 1));
    }
}

#[tokio::test]
async fn the_first_version_alone_takes_parameters_from_the_url() {
    for (version, status) in [("v1", 200), ("v3", 400), ("2026-03", 400), ("2026-09", 400)] {
        let portal = portal(config()).await;
        let code = portal.code(&wish()).await;
        let path = format!("/oauth/{version}/token?{}", encoded(&exchange(&code)));
        assert_eq!(portal.raw("POST", &path, "", "").await.unwrap().status, status, "{version}");
    }
}

#[tokio::test]
async fn optional_scopes_that_the_account_lacks_are_dropped_without_a_word() {
    let lacking_scopes = vec!["tickets".to_owned(), "crm.objects.deals.read".to_owned()];
    let portal = portal(Config { lacking_scopes, auto_approve: true, ..config() }).await;
    let optional = with(wish(), "optional_scope", Some("tickets crm.objects.companies.read"));
    let reply = portal.authorize(&optional).await;
    assert_eq!(reply.status, 302, "nobody is asked");
    let tokens = portal.form(TOKEN, &exchange(&returned(&reply)["code"])).await.json();
    let held = json!(["oauth", "crm.objects.contacts.read", "crm.objects.companies.read"]);
    assert_eq!(tokens["scopes"], held);
    let needed = with(wish(), "scope", Some("oauth crm.objects.contacts.read crm.objects.deals.read"));
    let page = portal.authorize(&needed).await;
    assert!(page.body.contains("id=\"account-lacks-scope\""), "{}", page.body);
}

#[tokio::test]
async fn a_refresh_brings_a_fresh_access_token_and_the_same_refresh_token() {
    let portal = portal(config()).await;
    let first = portal.connect(&wish()).await;
    portal.simulator.clock().advance(Duration::from_secs(1_799));
    assert_eq!(portal.get_as(&first["access_token"], LIST).await.status, 200);
    let second = portal.refresh(&first["refresh_token"]).await.json();
    assert_eq!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(second["scopes"], first["scopes"]);
    portal.simulator.clock().advance(Duration::from_secs(7_201));
    let expired = portal.get_as(&first["access_token"], LIST).await;
    assert_eq!((expired.status, &expired.json()["category"]), (401, &json!("EXPIRED_AUTHENTICATION")));
    let message = "The OAuth token used to make this call expired 2 hour(s) ago.";
    assert_eq!(expired.json()["message"], message);
    assert!(expired.json()["context"]["expire time"][0].as_str().unwrap().ends_with('Z'));
    let third = portal.refresh(&first["refresh_token"]).await.json();
    assert_eq!(portal.get_as(&third["access_token"], LIST).await.status, 200);
    assert_eq!(portal.simulator.ledger().tokens_issued(GrantType::RefreshToken), 2);
}
