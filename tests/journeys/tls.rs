//! Networks that stand between: an authority that only a company trusts, proxies, and servers that send one elsewhere.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use simulator::Simulator;
use tempfile::TempDir;

use crate::rig::{
    command::{Ended, Home, ID},
    portal,
    proxy::Proxy,
    sign_in::{SignIn, Typed, finish, free_port, portal_with_app},
    small,
    tls::{FAR, Front, take},
    truth::Compared,
};

/// A folder for certificates.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.file(name).to_str().expect("a plain path").to_owned()
    }
}

async fn connect(home: &Home, portal: &Simulator, base: &str, more: &[&str]) -> Ended {
    let arguments = [&["connect", "--token-stdin", "--json", "--api-base", base], more].concat();
    home.ask_with(&arguments, portal.token()).await
}

async fn copy(home: &Home, portal: &Simulator) {
    let ended = home.ask(&["sync", "--since", "all", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    home.assert_copied(ID, portal, &Compared::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_authority_is_refused_until_its_certificate_is_given() {
    let (portal, folder) = (portal(small()).await, Folder::new());
    let front = Front::tls(&portal, &folder.file("company.pem")).await;
    Front::tls(&portal, &folder.file("other.pem")).await;
    let base = format!("https://localhost:{}", front.address.port());
    let mut home = Home::new();
    for ca_file in [None, Some("other.pem"), Some("missing.pem")] {
        home.environment = ca_file.map(|name| ("PORTSIDE_CA_FILE", folder.text(name))).into_iter().collect();
        let ended = connect(&home, &portal, &base, &[]).await;
        ended.assert_refused(1, "tls_failed");
        assert!(ended.err.contains("not trusted"), "{ended:?}");
    }
    assert_eq!(portal.ledger().calls, 0, "something was said to a stranger");

    home.environment = vec![("PORTSIDE_CA_FILE", folder.text("company.pem"))];
    assert_eq!(connect(&home, &portal, &base, &[]).await.code, 0);
    copy(&home, &portal).await;
    // Trouble of the network is not the key's: with the certificate it goes on.
    let trusting = std::mem::take(&mut home.environment);
    home.ask(&["sync", "--json"]).await.assert_refused(1, "tls_failed");
    assert_eq!(home.ask(&["status", "--json"]).await.json()["state"], "error");
    home.environment = trusting;
    copy(&home, &portal).await;
}

/// Forms go the same way as every other call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_trusts_the_same_authority_and_no_other() {
    let ((portal, port), folder) = (portal_with_app(small()).await, Folder::new());
    let front = Front::tls(&portal, &folder.file("company.pem")).await;
    let api_base = format!("https://localhost:{}", front.address.port());
    let typed = Typed { api_base, ..Typed::for_portal(&portal, port) };
    let mut home = Home::new();
    let sign_in = SignIn::begin_with(&home, &typed, &["--name", "Bikes"]).await;
    sign_in.approve().await;
    let ended = sign_in.end().await;
    ended.assert_refused(3, "exchange_failed");
    assert!(ended.err.contains("not trusted"), "{ended:?}");
    assert_eq!(portal.ledger().routes.get("POST oauth/token"), None);

    home.environment = vec![("PORTSIDE_CA_FILE", folder.text("company.pem"))];
    finish(SignIn::begin_with(&home, &typed, &["--name", "Bikes"]).await).await;
    copy(&home, &portal).await;
    assert_eq!(home.ask(&["disconnect"]).await.code, 0);
    assert_eq!(portal.ledger().routes["POST oauth/token/revoke"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_is_named_is_used_and_its_failure_is_called_one() {
    let (portal, folder, seen) = (portal(small()).await, Folder::new(), Arc::new(Mutex::default()));
    let front = Front::tls(&portal, &folder.file("company.pem")).await;
    let leads = Front::proxy(Some(front.address), Arc::clone(&seen)).await;
    let refuses = Front::proxy(None, Arc::clone(&seen)).await;
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let base = format!("https://{FAR}");
    let mut home = Home::new();
    let through = |proxy: String| {
        let mut environment = vec![("PORTSIDE_CA_FILE", folder.text("company.pem"))];
        environment.extend(["HTTPS_PROXY", "https_proxy"].map(|name| (name, proxy.clone())));
        environment.extend(["NO_PROXY", "no_proxy"].map(|name| (name, String::new())));
        environment
    };
    let connect_line = format!("CONNECT {FAR}:443 HTTP/1.1");

    home.environment = through(format!("http://{}", refuses.address));
    connect(&home, &portal, &base, &["--allow-host"]).await.assert_refused(1, "proxy_failed");
    assert!(take(&seen).contains(&connect_line));
    home.environment = through(nobody);
    connect(&home, &portal, &base, &["--allow-host"]).await.assert_refused(1, "proxy_failed");
    assert_eq!(portal.ledger().calls, 0);

    home.environment = through(format!("http://{}", leads.address));
    let ended = connect(&home, &portal, &base, &["--allow-host"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    copy(&home, &portal).await;
    let lines = take(&seen);
    assert!(!lines.is_empty() && lines.iter().all(|line| *line == connect_line), "{lines:?}");
}

/// A proxy would be handed the key of a server on this computer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_proxy_is_asked_for_this_computer() {
    let (portal, seen) = (portal(small()).await, Arc::new(Mutex::default()));
    let proxy = Front::proxy(None, Arc::clone(&seen)).await;
    let mut home = Home::new();
    let address = format!("http://{}", proxy.address);
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    home.environment = names.map(|name| (name, address.clone())).to_vec();
    assert_eq!(connect(&home, &portal, &portal.base_url(), &[]).await.code, 0);
    copy(&home, &portal).await;
    assert_eq!(take(&seen), Vec::<String>::new());
}

/// A key for one server is never carried to another, and neither is a client secret.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_sent_elsewhere_with_a_token() {
    for status in [301, 302, 303, 307, 308] {
        let ((portal, port), seen) = (portal_with_app(small()).await, Arc::new(Mutex::default()));
        let thief = Front::silent(Arc::clone(&seen)).await;
        let elsewhere = format!("http://localhost:{}", thief.address.port());
        let proxy = Proxy::before(&portal, move |passing| {
            if passing.path.starts_with("/crm/") || passing.path.contains("/token") {
                passing.status = status;
                passing.location = Some(format!("{elsewhere}{}", passing.path));
            }
        })
        .await;
        let home = Home::new();
        assert_eq!(connect(&home, &portal, &proxy.base_url(), &["--name", "Keyed"]).await.code, 0);
        let ended = home.ask(&["sync", "Keyed", "--json"]).await;
        assert_ne!(ended.code, 0, "{ended:?}");
        let typed = Typed { api_base: proxy.base_url(), ..Typed::for_portal(&portal, port) };
        let sign_in = SignIn::begin_with(&home, &typed, &["--name", "Signed in"]).await;
        sign_in.approve().await;
        sign_in.end().await.assert_refused(3, "exchange_failed");
        assert_eq!(take(&seen), Vec::<String>::new(), "{status} was followed");
    }
}
