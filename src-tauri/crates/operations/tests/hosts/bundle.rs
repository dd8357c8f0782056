//! What gets into a support bundle: twenty secrets and twenty addresses are planted, and none is found.

use std::{
    fs,
    io::{Cursor, Read},
};

use crm::Timestamp;
use operations::{
    Core, bundle, connect_key, examine, query, run_sync, save_bundle,
    wire::{
        Bundle, BundleRequest, Code, ConnectKey, QueryRequest, RunDoctor, RunSync, SaveBundle, SavedBundle,
    },
};
use simulator::{Config, Simulator};
use store::{AppDb, Home, LastError, Level, RunEvent, Writer};
use vault::{Secret, Vault};

use crate::rig::Rig;

/// Of every kind that there is; the first is the connection's own key.
const SECRETS: [&str; 20] = [
    "pat-eu1-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "pat-na1-11111111-2222-3333-4444-555555553f9c",
    "pat-ap1-aaaaaaaa-bbbb-cccc-dddd-eeeeeeee1234",
    "eu1-9f8e-7d6c-5b4a-refresh-0011",
    "na1-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    "CJT2ronBMRIHAAEBQAAAGRiJpL4BIP7QtQ0yFGhJ",
    "COvVzpb2MhIOQlNQMl8kQEwrAgoACAgFBwEYqYh",
    "CLjw4YbFMxIPQlNQMl8kQEwrAgsACBkGAQc",
    "5ff1a2d3-0000-4000-8000-123456789abc",
    "8d7c6b5a-1234-4321-9876-fedcba987654",
    "0123456789abcdef0123456789abcdef",
    "deadbeefcafe0123456789deadbeefca",
    "hunter2-of-the-proxy",
    "Zm9vYmFy/aGVsbG8+d29ybGQ0Mg==",
    "1b2c3d4e-5f60-4a7b-8c9d-0e1f2a3b4c5d",
    "eyJhbGciOiJIUzI1NiJ9eyJzdWIiOiJqYW5lIn0",
    "0a9b8c7d6e5f4a3b2c1d",
    "AUTHcode0123456789xyzABCDEF",
    "state-7f3d9b2c1e5a8064",
    "na2-c0ffee00-1111-2222-3333-444455556666",
];

fn addresses() -> Vec<String> {
    let plain =
        ["jane.doe", "o'neil", "zoë", "a+b", "first_last", "x", "ceo", "élodie.marchand", "info", "q-7"];
    let hosts = ["acme.com", "atelier-cycle.fr"];
    plain.iter().flat_map(|name| hosts.map(|host| format!("{name}@{host}"))).collect()
}

struct Planted {
    rig: Rig,
    core: Core,
    /// The addresses, and e-mails and names of copied people.
    people: Vec<String>,
}

/// A connected and copied portal with everything bad that could have got into texts.
async fn planted() -> Planted {
    let rig = Rig::new();
    let portal = Config { contacts: 60, token: Some(SECRETS[0].to_owned()), ..Config::default() };
    let portal = Simulator::start(portal).await.expect("a port is free");
    let core = rig.core();
    let request = ConnectKey {
        text: SECRETS[0].to_owned(),
        name: Some("Jane Doe's portal".to_owned()),
        kind: None,
        api_base: Some(portal.base_url()),
        allow_host: false,
    };
    let id = connect_key(&core, request).await.expect("it connects").connection;
    let request = RunSync { connection: id.clone(), full: false, since: Some("all".to_owned()), wait: false };
    assert!(run_sync(&core, request).await.expect("a run").done);
    examine(&core, RunDoctor { only: vec!["app".to_owned(), "key".to_owned(), "copy".to_owned()] })
        .await
        .expect("checks run");

    let sql = "SELECT email, firstname || ' ' || lastname FROM contacts WHERE email IS NOT NULL LIMIT 40";
    let copied =
        query(&core, QueryRequest { connection: id.clone(), sql: sql.to_owned() }).await.expect("rows");
    let mut people: Vec<String> =
        copied.rows.iter().flatten().filter_map(|cell| cell.as_str().map(str::to_owned)).collect();
    assert!(people.len() >= 40, "there are people to be found: {people:?}");
    people.extend(addresses());
    plant(&rig, &id);
    Planted { rig, core, people }
}

/// Into the vault, run events, the last error and the log.
fn plant(rig: &Rig, id: &str) {
    let vault = Vault::open(rig.vault.clone());
    let entry = format!(r#"{{"token":"{}","obtained_at":1,"expires_in":2}}"#, SECRETS[5]);
    vault.store(&format!("connection/{id}/access"), &Secret::new(entry)).expect("it is stored");
    // Nothing in the form of these gives them away: they are known, because the vault holds them.
    vault.store(&format!("connection/{id}/setup"), &Secret::new(SECRETS[12].to_owned())).expect("stored");

    let home = Home::open(rig.home()).expect("the data folder");
    let sentences = [
        "Stopped: HubSpot refused: status 400, VALIDATION_ERROR: no {s} for {a}",
        "Authorization: Bearer {s} of {a}",
        "could not read {a}: token={s}",
        "{\"refresh_token\":\"{s}\",\"user\":\"{a}\"}",
        "?code={s}&state={s}&email={a}",
        "client_secret={s} <{a}>",
        "the key {s} belongs to “{a}”, call +41 79 123 45 67",
    ];
    let addresses = addresses();
    let texts: Vec<String> = SECRETS
        .iter()
        .zip(&addresses)
        .enumerate()
        .map(|(at, (secret, address))| {
            sentences[at % sentences.len()].replace("{s}", secret).replace("{a}", address)
        })
        .collect();
    let now: Timestamp = "2026-11-21T10:00:00Z".parse().expect("a time");
    let mut writer = Writer::open(&home.mirror(&id.parse().expect("an id"))).expect("the copy");
    let run = writer.begin_run("sync", now).expect("a run");
    for text in &texts {
        let (code, message) = ("run_failed".to_owned(), text.clone());
        writer
            .run_event(run, &RunEvent { at: now, level: Level::Error, code, object: None, message })
            .expect("told");
    }
    let app = AppDb::open(&home).expect("the app's database");
    let mut connection = app.connections().expect("connections").remove(0);
    let message = texts.join("; ");
    connection.last_error = Some(LastError { code: "internal".to_owned(), message, at: now });
    app.put_connection(&connection).expect("kept");
    let lines: Vec<String> =
        texts.iter().map(|text| format!("2026-11-21T10:00:00.000Z  WARN portside: said={text}")).collect();
    fs::write(home.logs().join("portside.2026-11-21.log"), lines.join("\n")).expect("a log");
}

fn text(bundle: &Bundle) -> String {
    let parts: Vec<String> =
        bundle.files.iter().map(|file| format!("== {}\n{}\n", file.name, file.text)).collect();
    parts.concat()
}

async fn save(core: &Core, bundle: &Bundle, path: &str) -> Result<SavedBundle, operations::wire::WireError> {
    save_bundle(core, SaveBundle { id: bundle.id.clone(), path: path.to_owned() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_no_address_and_no_person_is_in_it() {
    let Planted { rig, core, people } = planted().await;
    let made = bundle(&core, BundleRequest {}).await.expect("a bundle");
    let path = rig.folder.path().join("b.zip");
    save(&core, &made, &path.display().to_string()).await.expect("it is saved");
    let bytes = fs::read(&path).expect("there it is");
    let shown = text(&made);
    let holds = |what: &str| {
        shown.contains(what) || bytes.windows(what.len()).any(|window| window == what.as_bytes())
    };
    let folder = rig.home().display().to_string();
    let mut hidden: Vec<String> = people;
    hidden.extend(SECRETS.map(str::to_owned));
    // Not a telling part of a secret either.
    hidden.extend(SECRETS.map(|secret| secret[secret.len() / 3..secret.len() * 2 / 3].to_owned()));
    hidden.extend(["Jane Doe", "24817305", "79 123 45 67", "@acme.com", &folder].map(str::to_owned));
    let found: Vec<&String> = hidden.iter().filter(|what| what.len() >= 6 && holds(what)).collect();
    assert!(found.is_empty(), "{found:?} are in the bundle:\n{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_previewed_is_what_is_saved_and_it_helps() {
    let Planted { rig, core, .. } = planted().await;
    let made = bundle(&core, BundleRequest {}).await.expect("a bundle");
    let names: Vec<&str> = made.files.iter().map(|file| file.name.as_str()).collect();
    let expected = [
        "about.txt",
        "doctor.json",
        "connections.json",
        "runs.json",
        "requests.json",
        "settings.json",
        "schema.txt",
        "log.txt",
    ];
    assert_eq!(names, expected);
    let shown = text(&made);
    for helps in [
        env!("CARGO_PKG_VERSION"),
        "portal-…305",
        "run_failed",
        "VALIDATION_ERROR",
        "/crm/objects/2026-03/contacts",
        "table contacts: id INTEGER",
        "table associations",
        "REDACTED",
        "<email>",
        "stream_copied",
    ] {
        assert!(shown.contains(helps), "{helps} is not in the bundle:\n{shown}");
    }
    for file in &made.files[1..=5] {
        serde_json::from_str::<serde_json::Value>(&file.text).expect("what is called JSON is JSON");
    }

    let path = rig.folder.path().join("b.zip").display().to_string();
    let saved = save(&core, &made, &path).await.expect("it is saved");
    assert_eq!(saved.path, path);
    let bytes = fs::read(&path).expect("there it is");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip file");
    assert_eq!(zip.len(), made.files.len());
    for file in &made.files {
        let mut text = String::new();
        zip.by_name(&file.name).expect("every file").read_to_string(&mut text).expect("in UTF-8");
        assert_eq!(text, file.text);
    }
    let error = save(&core, &made, &path).await.expect_err("a file is never replaced");
    assert_eq!(error.code, Code::BadRequest);
    let other = Bundle { id: "000000".to_owned(), files: Vec::new() };
    let error = save(&core, &other, "").await.expect_err("only what was previewed");
    assert_eq!(error.code, Code::BadRequest);
}
