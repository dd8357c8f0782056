//! No secret lies where it could be found: not in a file, a log, an answer, a process's arguments or its environment.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Output,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use simulator::{Config, RefreshRotation, Switches};
use tests::leak;

use crate::rig::{
    command::{Home, ID},
    proxy::{Passing, Proxy},
    sign_in::{SignIn, Typed, ask, parameter, portal_with_app, reached, visit},
    truth::Compared,
};

/// All that came by which is worth something to a thief.
#[derive(Default)]
struct Heard {
    all: BTreeSet<String>,
    /// The newest refresh token.
    refresh: String,
}

type Secrets = Arc<Mutex<Heard>>;

/// Keeps what a token endpoint was given and gave.
fn overheard(secrets: &Secrets, passing: &Passing<'_>) {
    if !passing.path.contains("/token") {
        return;
    }
    let mut secrets = secrets.lock().expect("nothing panics with this lock held");
    for name in ["code", "code_verifier"] {
        let found = passing.asked.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        secrets.all.extend(found.map(str::to_owned));
    }
    let answer: Value = serde_json::from_str(&passing.body).unwrap_or_default();
    secrets.all.extend(answer["access_token"].as_str().map(str::to_owned));
    if let Some(refresh) = answer["refresh_token"].as_str() {
        secrets.all.insert(refresh.to_owned());
        refresh.clone_into(&mut secrets.refresh);
    }
}

fn heard(secrets: &Secrets) -> Vec<String> {
    secrets.lock().expect("nothing panics with this lock held").all.iter().cloned().collect()
}

fn assert_nowhere(secrets: &[String], folders: &[&Path], processes: &[u32]) {
    for (number, secret) in secrets.iter().enumerate() {
        let found = leak::of(secret, folders, processes);
        assert!(found.is_empty(), "secret {number} of {} is in {found:?}", secrets.len());
    }
}

/// A folder with a program that browsers are opened by, which keeps what it was given.
fn browser(folder: &Path) {
    let program = folder.join("xdg-open");
    let script = "#!/bin/sh\n{ /usr/bin/env; printf '%s\\n' \"$@\"; } > \"$0.part\"\n/bin/mv \"$0.part\" \"$0.seen\"\n";
    fs::write(&program, script).expect("a file can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("and be made a program");
}

async fn seen_by_browser(folder: &Path) -> String {
    for _ in 0..500 {
        if let Ok(seen) = fs::read_to_string(folder.join("xdg-open.seen")) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no browser was opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_signing_in_to_disconnecting_no_secret_is_left_anywhere() {
    let switches = Switches { refresh_token_rotates: RefreshRotation::OldDies, ..Switches::default() };
    let latency = Duration::from_millis(10);
    let (portal, port) =
        portal_with_app(Config { contacts: 6_000, latency, switches, ..Config::default() }).await;
    let secrets = Secrets::default();
    let proxy = {
        let secrets = Arc::clone(&secrets);
        Proxy::before(&portal, move |passing| overheard(&secrets, passing)).await
    };
    let said = tempfile::tempdir().expect("a temporary folder can be made");
    let path = tempfile::tempdir().expect("another one");
    browser(path.path());
    let mut home = Home::new();
    // All that any of our crates, and of theirs, would ever write down.
    home.environment = vec![("PORTSIDE_LOG", "trace".to_owned())];
    let everywhere = [home.path(), said.path().to_owned()];
    let everywhere: Vec<&Path> = everywhere.iter().map(AsRef::as_ref).collect();

    let typed = Typed { api_base: proxy.base_url(), ..Typed::for_portal(&portal, port) };
    let sign_in = SignIn::begin_opening(&home, &typed, path.path()).await;
    let secret = typed.client_secret.clone();
    let opened = seen_by_browser(path.path()).await;
    assert!(opened.contains(sign_in.authorize_url()) && !opened.contains(&secret), "{opened}");
    assert_nowhere(&[secret.clone(), sign_in.state()], &[&home.path()], &[sign_in.pid()]);
    let (state, back) = (sign_in.state(), sign_in.sent_back("approve").await);
    let tab = visit(&back).await;
    let ended = sign_in.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");
    fs::write(said.path().join("connect"), format!("{}\n{}", ended.err, tab.body())).expect("it can be kept");
    let grant = heard(&secrets);
    assert!(grant.contains(&parameter(&back, "code")) && grant.len() >= 4, "{} were heard", grant.len());
    assert!(grant.iter().all(|secret| !opened.contains(secret)));

    let mut run = home.command(&["sync", "--since", "all", "--json"]).spawn().expect("portside runs");
    for more in [15, 90] {
        reached(&portal, &mut run, portal.ledger().calls + more).await;
        portal.clock().advance(Duration::from_mins(31));
        let known = [heard(&secrets), vec![secret.clone()]].concat();
        assert_nowhere(&known, &everywhere, &run.id().into_iter().collect::<Vec<_>>());
    }
    keep(said.path(), "sync", &run.wait_with_output().await.expect("it ends"));
    for arguments in [
        &["status", "--json"][..],
        &["connections", "--json"],
        &["doctor", "--json"],
        &["query", ID, "SELECT * FROM runs", "--format", "json"],
    ] {
        keep(said.path(), arguments[0], &home.run(arguments).await);
    }
    home.assert_copied(ID, &portal, &Compared::default());
    let refresh = secrets.lock().expect("nothing panics with this lock held").refresh.clone();
    keep(said.path(), "disconnect", &home.run(&["disconnect", "--json"]).await);

    // One code and one proof, and a pair of tokens for the sign-in and for each refresh.
    let mut all = heard(&secrets);
    assert!(all.len() >= 2 + 3 * 2, "only {} were heard", all.len());
    all.extend([secret.clone(), state]);
    assert_nowhere(&all, &everywhere, &[]);
    let form = format!(
        "grant_type=refresh_token&client_id={}&client_secret={secret}&refresh_token={refresh}",
        typed.client_id
    );
    let answer = ask("POST", &format!("{}/oauth/2026-03/token", portal.base_url()), &form).await;
    assert!(answer.body().contains("BAD_REFRESH_TOKEN"), "the sign-in is not revoked: {}", answer.body());
}

fn keep(folder: &Path, name: &str, output: &Output) {
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    fs::write(folder.join(name), [&output.stdout[..], &output.stderr].concat()).expect("it can be kept");
}
