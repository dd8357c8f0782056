//! SQL from outside can read the mirror, and nothing else.

use std::time::Duration;

use store::{Cut, Error, QueryLimits, Reader, SqlValue};

use crate::make::{Mirror, contacts, definition, mirror, record};

const LIMITS: QueryLimits = QueryLimits { time: Duration::from_secs(20), rows: 1_000, bytes: 1 << 20 };

fn filled() -> Mirror {
    let mut mirror = mirror();
    let definitions = [definition("email", "Email", "string"), definition("score", "Score", "number")];
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    mirror.writer.pick(&contacts(), &["score".into()]).unwrap();
    mirror.page(&[
        record(1, 1, r#"{"email":"ada@example.com","score":"1.5"}"#),
        record(2, 1, r#"{"email":"lone\ud800surrogate"}"#),
    ]);
    while !mirror.writer.index_step(&contacts(), 100).unwrap().done {}
    mirror
}

#[test]
fn reading_works_with_joins_views_json_dates_windows_full_text_and_table_info() {
    let mirror = filled();
    let reader = Reader::open(&mirror.path()).unwrap();
    for (sql, expected) in [
        ("SELECT count(*) FROM contacts", "2"),
        ("SELECT email FROM contacts_view WHERE id = 1", "ada@example.com"),
        ("SELECT sum(score) FROM contacts;", "1.5"),
        ("SELECT email FROM contacts WHERE id = 2", "lone\u{fffd}\u{fffd}\u{fffd}surrogate"),
        ("SELECT json_extract(properties, '$.score') FROM contacts WHERE id = 1", "1.5"),
        ("SELECT properties ->> 'score' FROM contacts WHERE id = 1", "1.5"),
        ("SELECT strftime('%Y', updated_at) FROM contacts LIMIT 1", "2026"),
        ("SELECT row_number() OVER (ORDER BY id) FROM contacts ORDER BY 1 DESC LIMIT 1", "2"),
        ("SELECT group_concat(value, '+') FROM json_each('[1,2]')", "1+2"),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT max(i) FROM n",
            "5",
        ),
        ("SELECT rowid FROM contacts$find WHERE contacts$find MATCH 'ada'", "1"),
        ("SELECT name FROM pragma_table_xinfo('contacts') WHERE name = 'email'", "email"),
        ("SELECT count(*) > 10 FROM pragma_table_list", "1"),
        ("SELECT count(*) FROM sqlite_schema WHERE name = 'contacts_view'", "1"),
        ("SELECT count(*) FROM links", "0"),
        ("VALUES (1)", "1"),
        ("/* hello */ SELECT x'00ff'", "[00, ff]"),
        ("SELECT 9007199254740993", "9007199254740993"),
    ] {
        let answer = reader.query(sql, &LIMITS).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let shown = match &answer.rows[0][0] {
            SqlValue::Null => "-".to_owned(),
            SqlValue::Integer(number) => number.to_string(),
            SqlValue::Real(number) => number.to_string(),
            SqlValue::Text(text) => text.clone(),
            SqlValue::Blob(bytes) => format!("{bytes:02x?}"),
        };
        assert_eq!(shown, expected, "{sql}");
        assert_eq!(answer.cut, None, "{sql}");
    }
    let answer =
        reader.query("EXPLAIN QUERY PLAN SELECT id FROM contacts WHERE email = 'x'", &LIMITS).unwrap();
    let SqlValue::Text(plan) = &answer.rows[0][3] else { panic!("no plan") };
    assert!(plan.contains("contacts$email"), "{plan}");
}

#[test]
fn nothing_else_works() {
    let mirror = filled();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("stolen.db");
    let target = target.to_str().unwrap();
    let reader = Reader::open(&mirror.path()).unwrap();
    let before = mirror.rows("SELECT * FROM contacts");
    let refused = [
        "DELETE FROM contacts".to_owned(),
        "UPDATE contacts SET archived = 1".to_owned(),
        "INSERT INTO contacts SELECT * FROM contacts".to_owned(),
        "INSERT INTO contacts$find (contacts$find) VALUES ('delete-all')".to_owned(),
        "WITH x AS (SELECT 1) DELETE FROM contacts".to_owned(),
        "CREATE TABLE t (x)".to_owned(),
        "CREATE TEMP TABLE t (x)".to_owned(),
        "CREATE VIEW v AS SELECT 1".to_owned(),
        "CREATE TEMP TRIGGER t AFTER INSERT ON contacts BEGIN SELECT 1; END".to_owned(),
        "DROP TABLE contacts".to_owned(),
        "ALTER TABLE contacts RENAME TO c".to_owned(),
        "REINDEX".to_owned(),
        "ANALYZE".to_owned(),
        "VACUUM".to_owned(),
        format!("VACUUM INTO '{target}'"),
        format!("ATTACH '{target}' AS x"),
        "ATTACH ':memory:' AS x".to_owned(),
        "DETACH main".to_owned(),
        "BEGIN".to_owned(),
        "BEGIN IMMEDIATE".to_owned(),
        "COMMIT".to_owned(),
        "SAVEPOINT s".to_owned(),
        "PRAGMA query_only = off".to_owned(),
        "PRAGMA writable_schema = on".to_owned(),
        "PRAGMA journal_mode = delete".to_owned(),
        "PRAGMA wal_checkpoint(TRUNCATE)".to_owned(),
        "PRAGMA table_info(contacts)".to_owned(),
        "PRAGMA database_list".to_owned(),
        "SELECT file FROM pragma_database_list".to_owned(),
        "SELECT * FROM pragma_journal_mode".to_owned(),
        "SELECT load_extension('x')".to_owned(),
        "SELECT fts3_tokenizer('simple')".to_owned(),
        "SELECT randomblob(1000000000)".to_owned(),
        "SELECT zeroblob(1000000000)".to_owned(),
        "SELECT readfile('/etc/passwd')".to_owned(),
        "SELECT last_insert_rowid()".to_owned(),
        "SELECT sqlite_compileoption_get(0)".to_owned(),
        "EXPLAIN DELETE FROM contacts".to_owned(),
        "SELECT 1; DROP TABLE contacts".to_owned(),
    ];
    for sql in refused {
        match reader.query(&sql, &LIMITS).unwrap_err() {
            Error::NotReadOnly(what) => assert!(!what.is_empty(), "{sql}"),
            // What this SQLite does not know at all.
            Error::Sql { message } => assert!(message.contains("no such"), "{sql}: {message}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file was written");
    assert_eq!(mirror.rows("SELECT * FROM contacts"), before);
    assert_eq!(
        reader.query("SELECT count(*) FROM contacts", &LIMITS).unwrap().rows[0][0],
        SqlValue::Integer(2)
    );
}

#[test]
fn mistakes_are_told_in_sqlites_words() {
    let mirror = filled();
    let reader = Reader::open(&mirror.path()).unwrap();
    for (sql, words) in [
        ("SELECT nope FROM contacts", "no such column: nope"),
        ("SELEC 1", "near \"SELEC\": syntax error"),
        ("SELECT 1; SELECT 2", "only one statement"),
        ("SELECT * FROM missing", "no such table: missing"),
        ("SELECT printf('%*d', 100000000, 1)", "longer than"),
        ("SELECT ?", ""),
    ] {
        match reader.query(sql, &LIMITS) {
            Err(Error::Sql { message }) => assert!(message.contains(words), "{sql}: {message}"),
            Ok(answer) => assert_eq!(answer.rows, [[SqlValue::Null]], "{sql}"),
            Err(other) => panic!("{sql}: {other:?}"),
        }
    }
    for sql in ["", "   ", "-- nothing", ";"] {
        reader.query(sql, &LIMITS).unwrap_err();
    }
}

#[test]
fn endless_and_endlessly_large_questions_come_to_an_end() {
    let mirror = filled();
    let reader = Reader::open(&mirror.path()).unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT";
    let limits = QueryLimits { time: Duration::from_millis(50), ..LIMITS };
    let error = reader.query(&format!("{endless} max(i) FROM n"), &limits).unwrap_err();
    assert!(matches!(error, Error::QueryTimedOut(time) if time == limits.time), "{error}");

    let answer = reader.query(&format!("{endless} i FROM n"), &QueryLimits { rows: 7, ..LIMITS }).unwrap();
    assert_eq!((answer.rows.len(), answer.cut), (7, Some(Cut::Rows(7))));
    let answer = reader.query("SELECT 1 UNION ALL SELECT 2", &QueryLimits { rows: 2, ..LIMITS }).unwrap();
    assert_eq!((answer.rows.len(), answer.cut), (2, None));
    let limits = QueryLimits { bytes: 1_000, ..LIMITS };
    let answer = reader.query(&format!("{endless} printf('%100d', i) FROM n"), &limits).unwrap();
    assert_eq!((answer.rows.len(), answer.cut), (10, Some(Cut::Bytes(1_000))));
    reader.query("SELECT 1", &LIMITS).unwrap();
}
