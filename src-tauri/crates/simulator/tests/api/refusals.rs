//! Every refusal in its own words: tokens, scopes, limits, lengths, unknown places.

use serde_json::json;
use simulator::{Config, IntrospectionError, Limits, Pool, Search429, Switches, Tier, TokenState};

use crate::caller::{portal, small};

const LIST: &str = "/crm/v3/objects/contacts";

#[tokio::test]
async fn tokens_are_refused_in_hubspots_words() {
    let portal = small(5).await;
    for headers in ["", "Authorization: Basic abc\r\n", "Authorization: Bearer pat-eu1-0000-wrong\r\n"] {
        let reply = portal.raw("GET", LIST, headers, "").await.unwrap();
        assert_eq!(
            (reply.status, &reply.json()["category"]),
            (401, &json!("INVALID_AUTHENTICATION")),
            "{headers}"
        );
        assert!(
            reply.json()["message"].as_str().unwrap().starts_with("Authentication credentials not found.")
        );
        assert_eq!(reply.json()["correlationId"], reply.header("x-hubspot-correlation-id").unwrap());
    }
    let rubbish = portal.raw("GET", LIST, "Authorization: Bearer notatoken\r\n", "").await.unwrap();
    assert_eq!(rubbish.status, 401);
    assert_eq!(rubbish.json()["category"], "EXPIRED_AUTHENTICATION");
    assert_eq!(rubbish.json()["context"]["expire time"], json!(["1970-01-01T00:00:00Z"]));
    portal.simulator.faults().set_token(TokenState::Revoked);
    assert_eq!(portal.get(LIST).await.json()["category"], "INVALID_AUTHENTICATION");
    portal.simulator.faults().set_token(TokenState::Expired);
    assert_eq!(
        portal.get(LIST).await.json()["message"],
        "The OAuth token used to make this call expired 2 hour(s) ago."
    );
    portal.simulator.faults().clear();
    assert_eq!(portal.get(LIST).await.status, 200);
}

#[tokio::test]
async fn every_start_has_its_own_token_unless_one_is_given() {
    let (a, b) = (small(1).await, small(1).await);
    assert_ne!(a.simulator.token(), b.simulator.token());
    assert!(a.simulator.token().starts_with("pat-eu1-") && a.simulator.token().len() == 44);
    let given = portal(Config { token: Some("pat-na1-given".to_owned()), ..Config::default() }).await;
    assert_eq!(given.simulator.token(), "pat-na1-given");
}

#[tokio::test]
async fn a_missing_scope_is_named_and_costs_only_its_object() {
    let portal = small(5).await;
    portal.simulator.faults().lose_scopes(&["tickets", "e-commerce", "crm.objects.products.read"]);
    let reply = portal.get("/crm/v3/objects/tickets").await;
    assert_eq!((reply.status, &reply.json()["category"]), (403, &json!("MISSING_SCOPES")));
    let error = &reply.json()["errors"][0];
    assert_eq!(error["message"], "One or more of the following scopes are required.");
    assert_eq!(error["context"]["requiredGranularScopes"], json!(["tickets"]));
    assert!(reply.json()["links"]["scopes"].is_string());
    let either = portal.get("/crm/v3/objects/products").await.json();
    let named = json!(["crm.objects.products.read", "e-commerce"]);
    assert_eq!(either["errors"][0]["context"]["requiredGranularScopes"], named);
    for path in ["/crm/v3/pipelines/tickets", "/crm/v4/associations/contacts/tickets/labels"] {
        assert_eq!(portal.get(path).await.status, 403, "{path}");
    }
    for path in [LIST, "/crm/v3/objects/line_items", "/account-info/v3/details", "/crm/v3/owners"] {
        assert_eq!(portal.get(path).await.status, 200, "{path}");
    }
    let newest = portal.get("/crm/objects/2026-09/line_items").await;
    assert_eq!(newest.status, 403, "2026-09 asks for both");
}

#[tokio::test]
async fn writing_needs_more_than_reading() {
    let scopes = vec!["crm.objects.contacts.read".to_owned()];
    let portal = portal(Config { contacts: 5, scopes, ..Config::default() }).await;
    assert_eq!(portal.get(LIST).await.status, 200);
    assert_eq!(portal.post(&format!("{LIST}/search"), &json!({})).await.status, 200);
    assert_eq!(portal.post(&format!("{LIST}/batch/read"), &json!({"inputs": []})).await.status, 200);
    assert_eq!(portal.post(LIST, &json!({"properties": {"email": "a@b.example"}})).await.status, 403);
    assert_eq!(portal.get("/crm/v3/owners").await.status, 403);
    assert_eq!(portal.get("/crm/v3/properties/contacts").await.status, 200, "an object scope will do");
}

#[tokio::test]
async fn introspection_tells_what_a_token_holds() {
    let portal = small(5).await;
    let path = "/oauth/v2/private-apps/get/access-token-info";
    let known = json!({"tokenKey": portal.simulator.token()});
    let reply = portal.post(path, &known).await;
    assert_eq!((reply.status, &reply.json()["hubId"]), (200, &json!(24_817_305)));
    assert!(reply.json()["scopes"].as_array().unwrap().contains(&json!("tickets")));
    portal.simulator.faults().lose_scopes(&["tickets"]);
    assert!(
        !portal.post(path, &known).await.json()["scopes"].as_array().unwrap().contains(&json!("tickets"))
    );
    assert_eq!(portal.raw("POST", path, "", &known.to_string()).await.unwrap().status, 401);
    assert_eq!(portal.post(path, &json!({"tokenKey": "pat-eu1-wrong"})).await.status, 404);
    let switches = Switches {
        introspection_bearer: false,
        introspection_error: IntrospectionError::Unauthorized,
        ..Switches::default()
    };
    let other = crate::caller::portal(Config { switches, ..Config::default() }).await;
    let known = json!({"tokenKey": other.simulator.token()}).to_string();
    assert_eq!(other.raw("POST", path, "", &known).await.unwrap().status, 200);
    assert_eq!(other.post(path, &json!({"tokenKey": "x"})).await.status, 401);
}

#[tokio::test]
async fn without_limits_nothing_is_refused_and_no_header_speaks_of_any() {
    let portal = small(5).await;
    for _ in 0..30 {
        let reply = portal.post(&format!("{LIST}/search"), &json!({})).await;
        assert_eq!(reply.status, 200);
    }
    let reply = portal.get(LIST).await;
    assert!(!reply.headers.keys().any(|name| name.contains("ratelimit")), "{:?}", reply.headers);
    assert!(reply.header("date").unwrap().ends_with("GMT"));
    assert!(reply.header("x-hubspot-correlation-id").is_some());
}

#[tokio::test]
async fn the_burst_limit_counts_down_and_refuses() {
    let limits = Limits { burst: 5, ..Tier::Starter.limits() };
    let portal = portal(Config { contacts: 5, limits: Some(limits), ..Config::default() }).await;
    for left in (0..5).rev() {
        let reply = portal.get(LIST).await;
        assert_eq!(reply.header("x-hubspot-ratelimit-interval-milliseconds"), Some("10000"));
        assert_eq!(reply.header("x-hubspot-ratelimit-max"), Some("5"));
        assert_eq!(reply.header("x-hubspot-ratelimit-remaining"), Some(left.to_string().as_str()));
        assert_eq!(reply.header("x-hubspot-ratelimit-daily"), Some("250000"));
        assert!(reply.header("x-hubspot-ratelimit-secondly").is_some(), "deprecated, still sent");
    }
    let refused = portal.get(LIST).await;
    assert_eq!(refused.status, 429);
    let body = refused.json();
    assert_eq!(body["message"], "You have reached your ten_secondly_rolling limit.");
    assert_eq!(
        (&body["errorType"], &body["policyName"]),
        (&json!("RATE_LIMIT"), &json!("TEN_SECONDLY_ROLLING"))
    );
    assert!(body["groupName"].is_string() && refused.header("retry-after").is_none());
    let ids = json!({"inputs": [{"id": "1"}]});
    let links = portal.post("/crm/v4/associations/contacts/companies/batch/read", &ids).await;
    assert_eq!(links.status, 207, "associations are counted apart");
    assert!(links.header("x-hubspot-ratelimit-max").is_none());
    let ledger = portal.simulator.ledger();
    assert_eq!((ledger.calls, ledger.refused, ledger.pools[&Pool::Associations]), (7, 1, 1));
    assert_eq!(ledger.refused_by["ten_secondly_rolling"], 1);
    assert_eq!(ledger.routes["GET objects/contacts"], 6);
    assert_eq!((ledger.statuses[&200], ledger.statuses[&207], ledger.statuses[&429]), (5, 1, 1));
}

#[tokio::test]
async fn search_has_a_limit_and_words_of_its_own() {
    for (switch, header) in [(Search429::PolicyName, false), (Search429::Category, true)] {
        let limits = Limits { search: 2, ..Tier::Enterprise.limits() };
        let switches = Switches {
            search_429: switch,
            search_daily_headers: header,
            retry_after_on_429: header.then_some(1),
            ..Switches::default()
        };
        let portal =
            portal(Config { contacts: 5, limits: Some(limits), switches, ..Config::default() }).await;
        let path = format!("{LIST}/search");
        let body = json!({});
        let three =
            tokio::join!(portal.post(&path, &body), portal.post(&path, &body), portal.post(&path, &body));
        let three = [three.0, three.1, three.2];
        let refused = three.iter().find(|r| r.status == 429).expect("three at once are one too many");
        let answered = three.iter().find(|r| r.status == 200).unwrap();
        assert_eq!(refused.json()["message"], "You have reached your secondly limit.");
        assert_eq!(refused.header("retry-after"), header.then_some("1"));
        match switch {
            Search429::PolicyName => assert_eq!(refused.json()["policyName"], "SECONDLY"),
            Search429::Category => assert_eq!(refused.json()["category"], "RATE_LIMITS"),
        }
        assert!(answered.header("x-hubspot-ratelimit-max").is_none());
        assert_eq!(answered.header("x-hubspot-ratelimit-daily").is_some(), header);
    }
}

#[tokio::test]
async fn the_day_has_a_limit_and_the_account_says_how_much_is_left() {
    let limits = Limits { daily: Some(3), ..Tier::Starter.limits() };
    let portal = portal(Config { contacts: 5, limits: Some(limits), ..Config::default() }).await;
    portal.get(LIST).await;
    let usage = portal.get("/account-info/v3/api-usage/daily/private-apps").await.json();
    let usage = &usage["results"][0];
    assert_eq!((&usage["usageLimit"], &usage["currentUsage"]), (&json!(3), &json!(2)));
    assert_eq!(portal.get(LIST).await.header("x-hubspot-ratelimit-daily-remaining"), Some("0"));
    let refused = portal.get(LIST).await;
    assert_eq!((refused.status, &refused.json()["policyName"]), (429, &json!("DAILY")));
    assert_eq!(refused.json()["message"], "You have reached your daily limit.");
    portal.simulator.clock().advance(std::time::Duration::from_hours(24));
    assert_eq!(portal.get(LIST).await.status, 200, "a new day");
}

#[tokio::test]
async fn associations_may_share_the_general_pool_or_send_headers_of_their_own() {
    let limits = Some(Limits { burst: 2, ..Tier::OauthApp.limits() });
    let path = "/crm/v4/associations/contacts/companies/labels";
    let shared = Switches { association_shares_pool: true, ..Switches::default() };
    let shared = portal(Config { limits, switches: shared, ..Config::default() }).await;
    shared.get(LIST).await;
    let second = shared.get(path).await;
    assert_eq!(second.header("x-hubspot-ratelimit-remaining"), Some("0"));
    assert!(second.header("x-hubspot-ratelimit-daily").is_none(), "OAuth apps have no daily pair");
    assert_eq!(shared.get(path).await.status, 429);
    let own = Switches { association_headers: true, ..Switches::default() };
    let own = portal(Config { limits, switches: own, ..Config::default() }).await;
    assert_eq!(own.get(path).await.header("x-hubspot-ratelimit-max"), Some("100"));
}

#[tokio::test]
async fn long_urls_unknown_places_wrong_methods_and_broken_bodies_are_refused() {
    let switches = Switches { url_max: 8_000, ..Switches::default() };
    let portal = portal(Config { contacts: 5, switches, ..Config::default() }).await;
    let long = format!("{LIST}?properties={}", "x".repeat(8_000));
    assert_eq!(portal.get(&long).await.status, 414);
    assert_eq!(portal.get(&long[..8_000]).await.status, 200);
    let nowhere = portal.get("/crm/v3/penguins").await;
    assert_eq!((nowhere.status, &nowhere.json()["message"]), (404, &json!("resource not found")));
    assert_eq!(portal.get("/crm/v3/objects/contacts/77").await.json()["category"], "OBJECT_NOT_FOUND");
    assert_eq!(portal.call("PUT", LIST, "{}").await.status, 405);
    for path in ["/search", "/batch/read", "/batch/create", ""] {
        let reply = portal.call("POST", &format!("{LIST}{path}"), "{\"inputs\": [").await;
        assert_eq!((reply.status, &reply.json()["category"]), (400, &json!("VALIDATION_ERROR")), "{path}");
    }
}
