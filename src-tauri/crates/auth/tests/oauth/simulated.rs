//! The whole way with the pretend HubSpot, which shares no code with us: approve, stay, leave, be thrown out.

use std::{sync::Arc, time::Duration};

use auth::{
    Attempt, AttemptError, Effect, ExchangeProblem, Grant, OauthApp, OauthCredential, OauthTokens, Secret,
};
use crm::PortalId;
use hubspot::{AccountDetails, Client, Error, OauthRefusal, Origin, TokenError, TokenSource};
use simulator::{App, Config, GrantType, RefreshRotation, Simulator, Switches};
use store::Home;

use crate::rig::{FolderVault, TestClock, apart, id, options, send};

struct Signed {
    folder: tempfile::TempDir,
    simulator: Simulator,
    app: OauthApp,
    vault: FolderVault,
    clock: Arc<TestClock>,
}

async fn simulated(slot: u16, switches: Switches) -> Signed {
    let redirects = apart(slot).map(|port| format!("http://localhost:{port}/oauth-callback"));
    let redirects: Vec<&str> = redirects.iter().map(String::as_str).collect();
    let reader = App::reader(&redirects).expect("random");
    let apps = vec![reader.clone()];
    let config = Config { contacts: 3, apps, auto_approve: true, switches, ..Config::default() };
    let simulator = Simulator::start(config).await.expect("a port");
    let origin = Origin::parse(&simulator.base_url(), false).expect("an origin");
    let app = OauthApp {
        client_id: reader.client_id,
        client_secret: Secret::new(reader.client_secret),
        scopes: auth::ScopeSets {
            required: reader.required_scopes,
            conditional: reader.conditional_scopes,
            optional: reader.optional_scopes,
        },
        api: origin.clone(),
        app: origin,
        allow_host: false,
    };
    let folder = tempfile::tempdir().expect("a folder");
    let vault = FolderVault::new(folder.path().join("vault"));
    Signed { folder, simulator, app, vault, clock: TestClock::new() }
}

/// What a browser does: opens the address, and follows where it is sent.
async fn browse(simulator: &Simulator, url: &str) -> String {
    let path = url.strip_prefix(&simulator.base_url()).expect("the simulator's own address");
    let address = simulator.address();
    let get = |path: &str, port: u16, host: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n")
    };
    let page = send("127.0.0.1", address.port(), &get(path, address.port(), "127.0.0.1")).await;
    let Some(location) = page.lines().find_map(|line| line.strip_prefix("location: ")) else { return page };
    let rest = location.strip_prefix("http://localhost:").expect("a return address");
    let (port, path) = rest.split_once('/').expect("a path");
    let port = port.parse().expect("a port");
    send("127.0.0.1", port, &get(&format!("/{path}"), port, "localhost")).await
}

impl Signed {
    async fn attempt(&self, slot: u16) -> (String, Result<Grant, AttemptError>) {
        let attempt = Attempt::new(self.app.clone(), &apart(slot), &options()).await.expect("a port");
        let url = attempt.authorize_url().to_owned();
        let running = tokio::spawn(attempt.run());
        let page = browse(&self.simulator, &url).await;
        (page, running.await.expect("no panic"))
    }

    /// Signs in and keeps it; also a client that lives on it.
    async fn sign_in(&self, slot: u16) -> (OauthTokens, Client) {
        let (page, grant) = self.attempt(slot).await;
        let mut grant = grant.expect("a grant");
        assert!(page.contains("You can close this tab."), "{page}");
        grant.received_at = auth::Clock::wall(&*self.clock);
        let credential = OauthCredential::new(&self.app, &grant);
        credential.save(&self.vault, &id(), &grant).expect("kept");
        let home = Home::open(self.folder.path().join("home")).expect("a data folder");
        let (vault, clock) = (Arc::new(self.vault.clone()), self.clock.clone());
        let tokens =
            OauthTokens::with_clock(credential, &id(), vault, &home, &options(), clock).expect("a source");
        let client =
            Client::new(self.app.api.clone(), Arc::new(tokens.clone()), options()).expect("a client");
        (tokens, client)
    }

    fn pass(&self, seconds: u64) {
        self.clock.pass(seconds);
        self.simulator.clock().advance(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_sign_in_lives_through_its_expiries_whether_or_not_the_refresh_token_changes() {
    for (slot, rotation) in [(4, RefreshRotation::Never), (5, RefreshRotation::OldDies)] {
        let signed =
            simulated(slot, Switches { refresh_token_rotates: rotation, ..Switches::default() }).await;
        let (_, client) = signed.sign_in(slot).await;
        for expiries in 1..=5 {
            let account = client.send(&AccountDetails).await.expect("an answer");
            assert_eq!(account.portal, PortalId(Config::default().portal));
            signed.pass(if expiries % 2 == 0 { 1700 } else { 1900 });
        }
        client.send(&AccountDetails).await.expect("an answer");
        let ledger = signed.simulator.ledger();
        assert_eq!(ledger.tokens_issued(GrantType::RefreshToken), 5);
        assert_eq!(ledger.tokens_issued(GrantType::AuthorizationCode), 1);
    }
}

#[tokio::test]
async fn an_uninstalled_app_and_a_token_that_was_given_up_end_the_connection() {
    let signed = simulated(6, Switches::default()).await;
    let (tokens, client) = signed.sign_in(6).await;
    signed.simulator.edit().uninstall();
    signed.pass(1900);
    let error = client.send(&AccountDetails).await.expect_err("it is over");
    assert_eq!(error, Error::Token(TokenError::Revoked));
    assert_eq!(tokens.over(), Some(TokenError::Revoked));

    signed.simulator.edit().reinstall();
    let (tokens, _) = signed.sign_in(6).await;
    let effect = auth::revoke(Arc::new(signed.vault.clone()), &id(), &options()).await;
    assert!(matches!(effect, Some(Effect::RevokedAtHubspot(Ok(())))), "{effect:?}");
    signed.pass(1900);
    assert_eq!(tokens.token().await.expect_err("it was given up"), TokenError::Revoked);
}

#[tokio::test]
async fn a_wrong_secret_is_named_as_what_it_is() {
    let mut signed = simulated(7, Switches::default()).await;
    signed.app.client_secret = Secret::new("00000000-0000-0000-0000-000000000000".into());
    let (page, refused) = signed.attempt(7).await;
    let Err(AttemptError::Exchange { problem: ExchangeProblem::Refused(refused), .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(refused.refusal, OauthRefusal::BadClientSecret);
    assert!(page.contains("exchange_failed"), "{page}");
}
