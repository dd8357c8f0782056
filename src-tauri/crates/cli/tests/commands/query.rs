//! Questions and picks.

use serde_json::json;

use crate::rig::{Ended, Home, ID, portal, small};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_come_as_a_table_as_csv_and_as_json() {
    let home = Home::copied(&portal(small()).await).await;
    let sql = "SELECT 7 AS n, 'Zoë, \"東京\"' AS name, NULL AS missing, 9007199254740993 AS big";
    let ask = async |rest: &[&str]| home.run(&[&["query", ID, sql], rest].concat()).await;
    let table = ask(&[]).await;
    assert_eq!(table.out.lines().count(), 3, "{table:?}");
    assert!(table.out.starts_with("n  name"), "{table:?}");
    let csv = ask(&["--format", "csv"]).await;
    assert_eq!(csv.out, "n,name,missing,big\n7,\"Zoë, \"\"東京\"\"\",,9007199254740993\n");
    let row = json!({ "n": 7, "name": "Zoë, \"東京\"", "missing": null, "big": "9007199254740993" });
    assert_eq!(ask(&["--format", "json"]).await.json(), json!([row]));
    let object = ask(&["--json"]).await.json();
    assert_eq!((&object["rows"], &object["error"]), (&json!([row]), &json!(null)));
    assert_eq!(object["columns"], json!(["n", "name", "missing", "big"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_reading_is_possible() {
    let home = Home::copied(&portal(small()).await).await;
    let target = home.path().join("stolen.db");
    let (vacuum, attach) =
        (format!("VACUUM INTO '{}'", target.display()), format!("ATTACH '{}' AS x", target.display()));
    for sql in
        ["DELETE FROM contacts", "UPDATE contacts SET archived = 1", "DROP TABLE contacts", &vacuum, &attach]
    {
        home.run(&["query", ID, sql, "--json"]).await.assert_refused(1, "not_read_only");
    }
    assert!(!target.exists());
    home.run(&["query", ID, "SELEC 1", "--json"]).await.assert_refused(1, "bad_query");
    let rows = home.run(&["query", ID, "SELECT count(*) AS n FROM contacts", "--format", "json"]).await;
    assert_eq!(rows.json()[0]["n"], 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_has_seen_enough_is_no_error() {
    let home = Home::copied(&portal(small()).await).await;
    let sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 50000) SELECT x FROM n";
    for format in ["table", "csv", "json"] {
        let mut run = home.spawn(&["query", ID, sql, "--format", format]);
        drop(run.stdout.take());
        let ended = tokio::task::spawn_blocking(move || run.wait_with_output().expect("it ends"));
        let ended = Ended::from(ended.await.expect("nothing panics"));
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{format}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn picked_properties_get_columns_and_lose_them_again() {
    let home = Home::copied(&portal(small()).await).await;
    let has = |ended: &Ended| {
        let picks = ended.json()["picks"].as_array().expect("picks").clone();
        picks.into_iter().find(|pick| pick["property"] == "website")
    };
    assert!(has(&home.run(&["pick", ID, "contacts", "--list", "--json"]).await).is_none());
    let picked = home.run(&["pick", ID, "contacts", "website", "--no-agent", "--json"]).await;
    assert_eq!(picked.code, 0, "{picked:?}");
    assert_eq!(has(&picked).expect("it is picked")["exposed"], false);
    let asked =
        home.run(&["query", ID, "SELECT count(website) AS n FROM contacts", "--format", "json"]).await;
    assert!(asked.json()[0]["n"].as_i64().is_some_and(|n| n > 0), "{asked:?}");
    let dropped = home.run(&["pick", ID, "contacts", "website", "--drop", "--json"]).await;
    assert!(has(&dropped).is_none(), "{dropped:?}");
    home.run(&["pick", ID, "contacts", "no_such", "--json"]).await.assert_refused(1, "no_such_property");
    home.run(&["pick", ID, "unicorns", "--list", "--json"]).await.assert_refused(1, "no_such_object");
}
