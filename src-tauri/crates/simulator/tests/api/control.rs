//! The control routes and the guard on the host name.

use serde_json::{Value, json};
use simulator::Config;

use crate::caller::{portal, small};

#[tokio::test]
async fn without_control_routes_there_are_none() {
    let portal = small(5).await;
    for path in ["/_simulator/faults", "/_simulator/ledger", "/_simulator/truth"] {
        assert_eq!(portal.raw("GET", path, "", "").await.unwrap().status, 401, "{path}");
        assert_eq!(portal.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn faults_ledger_and_truth_can_be_had_over_the_wire() {
    let portal = portal(Config { contacts: 60, control_routes: true, ..Config::default() }).await;
    let faults = json!({"rules": [{"path": "/crm/", "times": 1, "effect": {"status": {"status": 502}}}]});
    let put = portal.raw("PUT", "/_simulator/faults", "", &faults.to_string()).await.unwrap();
    assert_eq!(put.status, 204);
    assert_eq!(portal.get("/crm/v3/objects/contacts").await.status, 502);
    let bad = portal.raw("PUT", "/_simulator/faults", "", r#"{"rulez": []}"#).await.unwrap();
    assert_eq!(bad.status, 400);
    let now = portal.raw("GET", "/_simulator/faults", "", "").await.unwrap().json();
    assert_eq!(now["rules"][0]["effect"]["status"]["status"], 502);
    let ledger = portal.raw("GET", "/_simulator/ledger", "", "").await.unwrap().json();
    assert_eq!(
        (&ledger["calls"], &ledger["pools"]["general"], &ledger["statuses"]["502"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let truth = portal.raw("GET", "/_simulator/truth", "", "").await.unwrap();
    let lines: Vec<Value> = truth.body.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let contacts = lines.iter().filter(|l| l["object"] == "contacts" && l["archived"] == false).count();
    assert_eq!(contacts, 60);
    assert!(lines.iter().any(|l| l["from"] == "deals" && l["to"] == "contacts"));
    let mut whole = Vec::new();
    portal.simulator.truth().write_json_lines(&mut whole).unwrap();
    assert_eq!(String::from_utf8(whole).unwrap(), truth.body);
}

#[tokio::test]
async fn a_guarded_portal_answers_its_own_address_only_and_never_a_browser_page() {
    let portal = portal(Config { check_host: true, ..Config::demo() }).await;
    let port = portal.simulator.address().port();
    let token = format!("Authorization: Bearer {}\r\n", portal.simulator.token());
    let path = "/crm/v3/objects/contacts";
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
        let headers = format!("Host: {host}\r\nOrigin: http://evil.example\r\n{token}");
        let reply = portal.raw("GET", path, &headers, "").await.unwrap();
        assert_eq!(reply.status, 200, "{host}");
        assert!(!reply.headers.keys().any(|h| h.starts_with("access-control")));
    }
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "127.0.0.1:1"] {
        let headers = format!("Host: {host}\r\n{token}");
        assert_eq!(portal.raw("GET", path, &headers, "").await.unwrap().status, 421, "{host}");
    }
    assert_eq!(
        portal.raw("OPTIONS", path, &format!("Host: 127.0.0.1:{port}\r\n"), "").await.unwrap().status,
        401
    );
    assert_eq!(
        portal
            .raw("GET", "/_simulator/truth", &format!("Host: 127.0.0.1:{port}\r\n"), "")
            .await
            .unwrap()
            .status,
        401
    );
}
