//! A sign-in that ends at another portal than the connection's: taken as a connection of its own, or given up at HubSpot.

use std::net::{Ipv4Addr, TcpListener};

use operations::{
    Core, await_oauth, begin_oauth, discard_draft, finish_connect, oauth_attempt, run_sync,
    use_as_new_connection,
    wire::{
        AttemptPhase, AttemptRequest, AwaitOauth, BeginOauth, Code, DiscardDraft, ErrorAction, OauthAttempt,
        RunSync, ScopeSets, UseAsNewConnection,
    },
};
use simulator::{App, Config, Simulator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    connecting::{checked, finish},
    rig::Rig,
};

/// Two portals that know one app, and where it listens.
struct Portals {
    own: Simulator,
    other: Simulator,
    app: App,
    port: u16,
}

impl Portals {
    async fn start() -> Portals {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
        let port = port.expect("a port is free").port();
        let app = App::reader(&[&format!("http://localhost:{port}/oauth-callback")]).expect("random bytes");
        let of = |portal, seed| Config {
            portal,
            seed,
            contacts: 20,
            apps: vec![app.clone()],
            ..Config::default()
        };
        let own = Simulator::start(of(24_817_305, 1)).await.expect("a port is free");
        let other = Simulator::start(of(7_654_321, 2)).await.expect("a port is free");
        Portals { own, other, app, port }
    }

    /// Signs in at a portal, for a connection or for a new one; the attempt as it ended.
    async fn sign_in(&self, core: &Core, at: &Simulator, connection: Option<&str>) -> OauthAttempt {
        let begun = self.begin(core, at, connection).await;
        approve(&begun.authorize_url).await;
        let mut events = core.events();
        loop {
            let request = AttemptRequest { attempt: begun.attempt.clone() };
            let attempt = oauth_attempt(core, request).await.expect("it is known");
            if !matches!(attempt.phase, AttemptPhase::Waiting | AttemptPhase::Exchanging) {
                return attempt;
            }
            let _ = events.recv().await;
        }
    }

    async fn begin(&self, core: &Core, at: &Simulator, connection: Option<&str>) -> OauthAttempt {
        let scopes = ScopeSets { required: self.app.required_scopes.clone(), ..ScopeSets::default() };
        let request = BeginOauth {
            connection: connection.map(str::to_owned),
            name: String::new(),
            client_id: self.app.client_id.clone(),
            client_secret: self.app.client_secret.clone(),
            scopes,
            port: Some(self.port),
            api_base: Some(at.base_url()),
            app_base: Some(at.base_url()),
        };
        begin_oauth(core, request).await.expect("it waits")
    }

    /// Connected to its own portal, by sign-in.
    async fn connected(&self, core: &Core) -> String {
        let attempt = self.sign_in(core, &self.own, None).await;
        assert_eq!(attempt.phase, AttemptPhase::Connected, "{:?}", attempt.error);
        attempt.connection
    }

    /// And then the other one is approved for it.
    async fn astray(&self, core: &Core, connection: &str) -> String {
        let attempt = self.sign_in(core, &self.other, Some(connection)).await;
        let error = attempt.error.expect("it is refused");
        assert_eq!((attempt.phase, error.code), (AttemptPhase::Failed, Code::WrongAccount));
        assert!(error.title.contains("7654321") && error.text.contains("24817305"), "{error:?}");
        assert!(error.actions.contains(&ErrorAction::UseAsNewConnection));
        assert_eq!(revoked(&self.other), 0, "it may still be used");
        attempt.draft.expect("the draft that it waits in")
    }
}

/// The person at HubSpot's page says yes, and the browser goes where it is sent.
async fn approve(authorize_url: &str) {
    let answer = ask("POST", authorize_url, "decision=approve").await;
    let location = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
    });
    ask("GET", &location.unwrap_or_else(|| panic!("it sends nobody back: {answer}")), "").await;
}

async fn ask(method: &str, address: &str, form: &str) -> String {
    let rest = address.strip_prefix("http://").expect("an address of this computer");
    let (host, path) = rest.split_once('/').expect("it has a path");
    let (_, port) = host.split_once(':').expect("it names a port");
    let port = port.parse().expect("a number");
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("somebody listens");
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.expect("it is heard");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers in UTF-8");
    answer
}

fn asked(portal: &Simulator, route: &str) -> u64 {
    portal.ledger().routes.get(route).copied().unwrap_or_default()
}

fn revoked(portal: &Simulator) -> u64 {
    asked(portal, "POST oauth/token/revoke")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_portal_becomes_a_connection_of_its_own_without_signing_in_again() {
    let portals = Portals::start().await;
    let rig = Rig::new();
    let core = rig.core();
    let own = portals.connected(&core).await;
    let draft = portals.astray(&core, &own).await;
    let used = use_as_new_connection(&core, UseAsNewConnection { draft: draft.clone() }).await;
    assert_eq!(used.expect("it becomes a new one").draft, draft);
    let found = checked(&core, &draft).await;
    assert!(found.can_finish, "{:?}", found.rows);
    assert_eq!(found.portal.map(|portal| portal.portal).as_deref(), Some("7654321"));
    let made = finish_connect(&core, finish(&draft, "Boats", true)).await.expect("it is connected");
    assert_ne!(made.connection, own);
    core.shutdown().await;
    assert_eq!((asked(&portals.other, "POST oauth/token"), revoked(&portals.other)), (1, 0));
    let vault = vault::Vault::open(rig.vault.clone());
    assert!(vault.read(&format!("connection/{}", made.connection)).is_ok());
    assert_eq!(
        (core.find_connection(&own).expect("it is there").state, revoked(&portals.own)),
        (store::ConnectionState::Active, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_that_is_not_wanted_is_given_up_at_hubspot_and_the_connection_lives_on() {
    let portals = Portals::start().await;
    let rig = Rig::new();
    let core = rig.core();
    let own = portals.connected(&core).await;

    // Let go of by hand.
    let draft = portals.astray(&core, &own).await;
    discard_draft(&core, DiscardDraft { draft: draft.clone() }).await.expect("it is let go of");
    core.settle().await;
    assert_eq!(revoked(&portals.other), 1);
    let gone = use_as_new_connection(&core, UseAsNewConnection { draft }).await.expect_err("it is gone");
    assert_eq!(gone.code, Code::BadRequest);

    // Replaced by the next attempt.
    portals.other.reset_ledger();
    portals.astray(&core, &own).await;
    let attempt = portals.sign_in(&core, &portals.own, Some(&own)).await;
    assert_eq!((attempt.phase, attempt.connection.as_str()), (AttemptPhase::Connected, own.as_str()));
    core.settle().await;
    assert_eq!((revoked(&portals.other), revoked(&portals.own)), (1, 0));

    // The app ends.
    portals.other.reset_ledger();
    portals.astray(&core, &own).await;
    core.shutdown().await;
    assert_eq!(revoked(&portals.other), 1);

    // Nobody is there to be asked.
    portals.other.reset_ledger();
    let begun = portals.begin(&core, &portals.other, Some(&own)).await;
    approve(&begun.authorize_url).await;
    let refused = await_oauth(&core, AwaitOauth { attempt: begun.attempt }).await.expect_err("it is refused");
    core.settle().await;
    assert_eq!((refused.code, revoked(&portals.other)), (Code::WrongAccount, 1));

    let entries = ["", "/access", "/setup"].map(|part| format!("connection/portal-7654321{part}"));
    let vault = vault::Vault::open(rig.vault.clone());
    for entry in entries {
        assert!(matches!(vault.read(&entry), Err(vault::Error::NoEntry)), "{entry}");
    }
    let request = RunSync { connection: own, full: false, since: None, wait: false };
    let report = run_sync(&core, request).await.expect("a run");
    assert!(report.done, "its own sign-in works: {:?}", report.error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_connection_uses_is_not_given_up() {
    let portals = Portals::start().await;
    let rig = Rig::new();
    let core = rig.core();
    let own = portals.connected(&core).await;
    let attempt = portals.sign_in(&core, &portals.other, None).await;
    assert_eq!(attempt.phase, AttemptPhase::Connected, "{:?}", attempt.error);
    let draft = portals.astray(&core, &own).await;
    discard_draft(&core, DiscardDraft { draft }).await.expect("it is let go of");
    core.settle().await;
    assert_eq!(revoked(&portals.other), 0, "the other connection has the same app at the same portal");
    let draft = portals.astray(&core, &own).await;
    use_as_new_connection(&core, UseAsNewConnection { draft: draft.clone() }).await.expect("it is taken");
    let kept = finish_connect(&core, finish(&draft, "Boats", false)).await.expect("it is kept");
    assert_eq!(kept.connection, attempt.connection, "one portal keeps to one connection");
    core.shutdown().await;
}
