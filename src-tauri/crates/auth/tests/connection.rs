//! A connection's key in a real vault, and giving it up, with a real data folder.

use std::{fs, path::Path};

use auth::{Credential, Effect, Error, disconnect};
use crm::{ConnectionId, Timestamp};
use hubspot::{BadOrigin, Origin, Token};
use store::{AppDb, Connection, ConnectionKind, ConnectionState, Home, Since};
use vault::{FileVault, Options, Secret, Vault};

const KEY: &str = "pat-na1-11111111-2222-3333-4444-555555553f9c";

struct Place {
    folder: tempfile::TempDir,
    vault: Vault,
    home: Home,
    app: AppDb,
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, "correct horse").expect("written");
    private(&passphrase);
    let file = FileVault { path: folder.path().join("vault.age"), passphrase_file: passphrase };
    let vault = Vault::open(Options { service: "Portside-test".into(), file: Some(file) });
    let home = Home::open(folder.path().join("home")).expect("a data folder");
    let app = AppDb::open(&home).expect("a database");
    Place { folder, vault, home, app }
}

fn private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("permissions");
    }
    #[cfg(not(unix))]
    let _ = path;
}

fn id() -> ConnectionId {
    "acme".parse().expect("an id")
}

fn credential(origin: &str, allow_host: bool) -> Credential {
    let origin = Origin::parse(origin, allow_host).expect("an origin");
    Credential { token: Token::new(KEY.into()), origin, allow_host }
}

fn connection(kind: ConnectionKind) -> Connection {
    Connection {
        id: id(),
        name: "Acme".into(),
        kind,
        state: ConnectionState::Active,
        account: None,
        granted_scopes: None,
        key_hint: Some("pat-na1-…3f9c".into()),
        key_set_at: None,
        oauth: None,
        since: Since::All,
        paused_at: None,
        last_error: None,
        created_at: Timestamp::from_millis(0),
        disconnected_at: None,
    }
}

const NOW: Timestamp = Timestamp(1_800_000_000_000);

#[test]
fn a_key_comes_back_with_the_address_it_was_kept_with() {
    let place = place();
    for (origin, allow_host) in
        [("https://api.hubapi.com", false), ("http://127.0.0.1:8080", false), ("https://proxy.example", true)]
    {
        credential(origin, allow_host).save(&place.vault, &id()).unwrap();
        let back = Credential::load(&place.vault, &id()).unwrap();
        assert_eq!(back.token.expose(), KEY);
        assert_eq!((back.origin.as_str(), back.allow_host), (origin, allow_host));
    }
    Credential::delete(&place.vault, &id()).unwrap();
    assert!(matches!(Credential::load(&place.vault, &id()), Err(Error::Vault(vault::Error::NoEntry))));
    Credential::delete(&place.vault, &id()).unwrap();
}

#[test]
fn an_entry_that_somebody_changed_is_refused_without_being_shown() {
    let place = place();
    let entry = |text: String| place.vault.store("connection/acme", &Secret::new(text)).unwrap();
    for text in [String::new(), "null".into(), KEY.into(), format!(r#"{{"token":"{KEY}"}}"#)] {
        entry(text);
        let error = Credential::load(&place.vault, &id()).unwrap_err();
        assert!(matches!(error, Error::Damaged));
        assert!(!format!("{error} {error:?}").contains("1111"));
    }
    entry(format!(r#"{{"token":"{KEY}","api_base":"https://evil.example","allow_host":false}}"#));
    let refused = Credential::load(&place.vault, &id());
    assert!(matches!(refused, Err(Error::Hubspot(hubspot::Error::Origin(BadOrigin::ForeignHost { .. })))));
    entry(format!(r#"{{"token":"{KEY}","api_base":"http://evil.example","allow_host":true}}"#));
    assert!(matches!(Credential::load(&place.vault, &id()), Err(Error::Hubspot(hubspot::Error::Origin(_)))));
}

#[test]
fn a_credential_does_not_show_its_key() {
    assert!(!format!("{:?}", credential("https://api.hubapi.com", false)).contains("1111"));
}

#[test]
fn disconnecting_deletes_the_key_marks_the_connection_and_keeps_the_copy() {
    let place = place();
    credential("https://api.hubapi.com", false).save(&place.vault, &id()).unwrap();
    let connection = connection(ConnectionKind::ServiceKey);
    place.app.put_connection(&connection).unwrap();
    drop(store::Writer::open(&place.home.mirror(&id())).unwrap());

    let effects = disconnect((&place.vault, &place.app, &place.home), &connection, false, NOW);
    assert!(matches!(
        effects[..],
        [
            Effect::KeyStaysValid { .. },
            Effect::KeyDeleted(Ok(())),
            Effect::MarkedInactive(Ok(())),
            Effect::CopyKept
        ]
    ));
    assert!(matches!(place.vault.read("connection/acme"), Err(vault::Error::NoEntry)));
    let over = place.app.connection(&id()).unwrap().unwrap();
    assert_eq!((over.state, over.disconnected_at), (ConnectionState::Inactive, Some(NOW)));
    assert_eq!(over.key_hint, None);
    assert!(place.home.mirror(&id()).exists());
}

#[test]
fn wiping_also_deletes_the_copy_and_forgets_the_connection() {
    let place = place();
    let connection = connection(ConnectionKind::PrivateApp);
    place.app.put_connection(&connection).unwrap();
    drop(store::Writer::open(&place.home.mirror(&id())).unwrap());
    let effects = disconnect((&place.vault, &place.app, &place.home), &connection, true, NOW);
    assert!(effects.iter().all(|effect| effect.error().is_none()), "{effects:?}");
    assert!(matches!(effects.last(), Some(Effect::CopyWiped(Ok(())))));
    assert!(!place.home.mirror(&id()).exists());
    assert_eq!(place.app.connection(&id()).unwrap(), None);
}

#[test]
fn a_key_that_cannot_be_deleted_does_not_keep_the_rest_from_being_done() {
    let place = place();
    credential("https://api.hubapi.com", false).save(&place.vault, &id()).unwrap();
    fs::write(place.folder.path().join("passphrase"), "wrong").unwrap();
    let connection = connection(ConnectionKind::ServiceKey);
    place.app.put_connection(&connection).unwrap();
    let effects = disconnect((&place.vault, &place.app, &place.home), &connection, false, NOW);
    let failed: Vec<&Error> = effects.iter().filter_map(Effect::error).collect();
    assert!(matches!(failed[..], [Error::Vault(vault::Error::BadPassphrase)]), "{effects:?}");
    assert_eq!(place.app.connection(&id()).unwrap().unwrap().state, ConnectionState::Inactive);
}

#[test]
fn the_demo_portal_has_no_key_to_delete() {
    let place = place();
    let effects =
        disconnect((&place.vault, &place.app, &place.home), &connection(ConnectionKind::Demo), false, NOW);
    assert!(matches!(effects[..], [Effect::MarkedInactive(Ok(())), Effect::CopyKept]));
}

#[test]
fn of_a_sign_in_all_that_is_kept_is_deleted_and_no_key_stays_valid() {
    let place = place();
    for entry in ["connection/acme", "connection/acme/access", "connection/acme/setup"] {
        place.vault.store(entry, &Secret::new("worth something".into())).unwrap();
    }
    let effects =
        disconnect((&place.vault, &place.app, &place.home), &connection(ConnectionKind::Oauth), false, NOW);
    assert!(matches!(
        effects[..],
        [Effect::KeyDeleted(Ok(())), Effect::MarkedInactive(Ok(())), Effect::CopyKept]
    ));
    for entry in ["connection/acme", "connection/acme/access", "connection/acme/setup"] {
        assert!(matches!(place.vault.read(entry), Err(vault::Error::NoEntry)), "{entry}");
    }
}
