//! Connections and settings.

use crm::{Account, PortalId, Timestamp};
use store::{AppDb, Connection, ConnectionKind, ConnectionState, Home, LastError, OauthSetup, Since};

fn connection(id: &str, created: i64) -> Connection {
    Connection {
        id: id.parse().unwrap(),
        name: "Acme".to_owned(),
        kind: ConnectionKind::ServiceKey,
        state: ConnectionState::PendingSetup,
        account: None,
        granted_scopes: None,
        key_hint: None,
        key_set_at: None,
        oauth: None,
        since: Since::All,
        paused_at: None,
        last_error: None,
        created_at: Timestamp::from_millis(created),
        disconnected_at: None,
    }
}

#[test]
fn connections_come_back_as_they_were_put_the_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    let app = AppDb::open(&home).unwrap();
    let full = Connection {
        kind: ConnectionKind::Demo,
        state: ConnectionState::Revoked,
        account: Some(Account {
            portal: PortalId(4711),
            account_type: Some("STANDARD".to_owned()),
            time_zone: Some("Europe/Berlin".to_owned()),
            currency: Some("EUR".to_owned()),
            utc_offset_ms: Some(-3_600_000),
            ui_domain: Some("app-eu1.hubspot.com".to_owned()),
            region: None,
        }),
        granted_scopes: Some(vec!["crm.objects.contacts.read".to_owned()]),
        key_hint: Some("pat-na1-…3f9c".to_owned()),
        key_set_at: Some(Timestamp::from_millis(8)),
        oauth: Some(OauthSetup {
            client_id: "5ff1a2d3-0000-4000-8000-000000000001".to_owned(),
            required: vec!["oauth".to_owned(), "crm.objects.contacts.read".to_owned()],
            conditional: vec![],
            optional: vec!["tickets".to_owned()],
            port: Some(21_117),
        }),
        since: Since::At(Timestamp::from_millis(12_345)),
        paused_at: Some(Timestamp::from_millis(5)),
        last_error: Some(LastError {
            code: "revoked".to_owned(),
            message: "HubSpot refused the key".to_owned(),
            at: Timestamp::from_millis(6),
        }),
        disconnected_at: Some(Timestamp::from_millis(7)),
        ..connection("full", 1000)
    };
    let plain = connection("plain", 2000);
    app.put_connection(&plain).unwrap();
    app.put_connection(&full).unwrap();
    assert_eq!(app.connections().unwrap(), [full.clone(), plain.clone()]);

    let active = Connection { state: ConnectionState::Active, granted_scopes: Some(vec![]), ..plain };
    app.put_connection(&active).unwrap();
    drop(app);
    let app = AppDb::open(&home).unwrap();
    assert_eq!(app.connection(&active.id).unwrap(), Some(active.clone()));
    app.remove_connection(&active.id).unwrap();
    assert_eq!(app.connection(&active.id).unwrap(), None);
    assert_eq!(app.connections().unwrap(), [full]);
}

#[test]
fn a_setting_is_there_until_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let app = AppDb::open(&Home::open(folder.path()).unwrap()).unwrap();
    assert_eq!(app.setting("theme").unwrap(), None);
    app.put_setting("theme", Some("dark")).unwrap();
    app.put_setting("theme", Some("light")).unwrap();
    assert_eq!(app.setting("theme").unwrap().as_deref(), Some("light"));
    app.put_setting("theme", None).unwrap();
    assert_eq!(app.setting("theme").unwrap(), None);
}
