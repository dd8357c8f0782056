//! What is kept of a sign-in, in a real vault.

use std::fs;

use auth::{Credential, Error, Kept, OauthCredential, Secret, forget_setup, keep_secret, kept_secret};
use hubspot::{BadOrigin, Origin, Token};
use vault::{FileVault, Options, Vault};

use crate::rig::{Connected, id};

fn vault(folder: &std::path::Path) -> Vault {
    let passphrase_file = folder.join("passphrase");
    fs::write(&passphrase_file, "correct horse").expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&passphrase_file, fs::Permissions::from_mode(0o600)).expect("permissions");
    }
    let file = FileVault { path: folder.join("vault.age"), passphrase_file };
    Vault::open(Options { service: "Portside-test".into(), file: Some(file) })
}

#[tokio::test]
async fn a_sign_in_comes_back_with_its_addresses_and_leaves_whole() {
    let connected = Connected::new().await;
    let vault = vault(connected.folder.path());
    let credential = OauthCredential {
        refresh: Token::new(format!("na1-{}", "r".repeat(300))),
        api: Origin::hubspot(),
        app: Origin::hubspot_app(),
        ..connected.credential()
    };
    // As long as HubSpot's tokens may get.
    credential.save(&vault, &id(), &connected.grant(&"a".repeat(512))).unwrap();
    let Kept::Oauth(back) = Kept::load(&vault, &id()).unwrap() else { panic!("it is a key") };
    assert_eq!(
        (back.client_id.as_str(), back.refresh.expose()),
        (credential.client_id.as_str(), credential.refresh.expose())
    );
    assert_eq!((back.api.as_str(), back.app.as_str()), ("https://api.hubapi.com", "https://app.hubspot.com"));
    assert!(Credential::load(&vault, &id()).is_err(), "a sign-in is no key");
    Kept::delete(&vault, &id()).unwrap();
    for entry in ["connection/acme", "connection/acme/access"] {
        assert!(matches!(vault.read(entry), Err(vault::Error::NoEntry)), "{entry}");
    }
}

#[tokio::test]
async fn a_key_in_place_of_a_sign_in_takes_its_token_away() {
    let connected = Connected::new().await;
    let key =
        Credential { token: Token::new("pat-na1-1".into()), origin: Origin::hubspot(), allow_host: false };
    key.save(&connected.vault, &id()).unwrap();
    let back = Kept::load(&connected.vault, &id()).unwrap();
    assert!(matches!(&back, Kept::Key(key) if key.token.expose() == "pat-na1-1"));
    assert_eq!(back.api().as_str(), "https://api.hubapi.com");
    assert_eq!(fs::read_dir(connected.folder.path().join("vault")).unwrap().count(), 1);
}

#[tokio::test]
async fn an_entry_whose_address_somebody_changed_is_refused() {
    let connected = Connected::new().await;
    let mut credential = connected.credential();
    credential.api = Origin::parse("https://evil.example", true).unwrap();
    credential.save(&connected.vault, &id(), &connected.grant("access-0")).unwrap();
    let refused = Kept::load(&connected.vault, &id());
    assert!(matches!(refused, Err(Error::Hubspot(hubspot::Error::Origin(BadOrigin::ForeignHost { .. })))));
}

#[tokio::test]
async fn the_secret_of_a_setup_is_known_until_it_is_forgotten() {
    let connected = Connected::new().await;
    let other: crm::ConnectionId = "setup-1".parse().unwrap();
    let known = |id: &crm::ConnectionId| {
        kept_secret(&connected.vault, id).unwrap().map(|secret| secret.expose().to_owned())
    };
    assert_eq!(known(&other), None);
    keep_secret(&connected.vault, &other, &Secret::new("typed".into())).unwrap();
    assert_eq!(known(&other).as_deref(), Some("typed"));
    forget_setup(&connected.vault, &other).unwrap();
    forget_setup(&connected.vault, &other).unwrap();
    assert_eq!(known(&other), None);
    assert_eq!(
        known(&id()).as_deref(),
        Some(crate::endpoint::SECRET),
        "a finished one has it in its own entry"
    );
    keep_secret(&connected.vault, &other, &Secret::new("typed".into())).unwrap();
    Kept::delete(&connected.vault, &other).unwrap();
    assert_eq!(known(&other), None);
}
