//! What HubSpot sends, and worse.

use super::*;

fn kind() -> ObjectKind {
    crate::catalog::core().swap_remove(0)
}

fn page(body: &str) -> Page {
    read("test", &kind(), body.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

/// A page of one record with these fields beside its id and stamp.
fn one(fields: &str) -> Record {
    let body = format!(r#"{{"results":[{{"id":"1","updatedAt":"2026-01-02T03:04:05Z",{fields}}}]}}"#);
    let mut page = page(&body);
    assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
    page.records.remove(0)
}

#[test]
fn a_page_is_read_with_its_records_total_and_cursor() {
    let page = page(
        r#"{"total":1234,"results":[{"id":"512","properties":{"email":"ada@example.com","phone":null},
            "createdAt":"2026-01-01T00:00:00.5Z","updatedAt":"2026-03-12T10:00:00Z","archived":false,
            "url":"https://app.hubspot.com/contacts/1/record/0-1/512"}],
            "paging":{"next":{"after":"513","link":"https://elsewhere.example/"}}}"#,
    );
    assert_eq!((page.total, page.after.as_deref()), (Some(1234), Some("513")));
    let record = &page.records[0];
    assert_eq!(record.id.to_string(), "512");
    assert_eq!(record.properties, r#"{"email":"ada@example.com"}"#);
    assert_eq!(record.created_at.unwrap().to_string(), "2026-01-01T00:00:00.500Z");
    assert_eq!(record.updated_at.to_string(), "2026-03-12T10:00:00.000Z");
    assert_eq!(record.url.as_deref(), Some("https://app.hubspot.com/contacts/1/record/0-1/512"));
    assert!(!record.archived && record.archived_at.is_none() && record.merged_ids.is_empty());
}

#[test]
fn the_last_page_has_no_cursor_however_that_is_said() {
    for paging in [
        "",
        r#","paging":null"#,
        r#","paging":{}"#,
        r#","paging":{"next":null}"#,
        r#","paging":{"next":{"after":""}}"#,
    ] {
        assert_eq!(page(&format!(r#"{{"results":[]{paging}}}"#)).after, None, "{paging}");
    }
    assert_eq!(page(r#"{"results":[],"paging":{"next":{"after":513}}}"#).after.as_deref(), Some("513"));
}

#[test]
fn values_are_kept_to_the_byte() {
    let sent = concat!(
        r#"{"plain":"x","empty":"","escaped":"a\"b\\c\/\u00e9\n","nul":"a\u0000b","lone":"\ud800x","pair":"\ud83d\ude00","#,
        r#""raw":"é😀","number":1.50,"big":123456789012345678901,"yes":true,"list":[1, {"a" : null}],"näme\u0021":"y"}"#,
    );
    assert_eq!(one(&format!(r#""properties":{sent}"#)).properties, sent);
}

#[test]
fn null_is_left_out_and_an_empty_text_is_not() {
    assert_eq!(
        one(r#""properties":{"a":null,"b":"","c":null,"d":"null"}"#).properties,
        r#"{"b":"","d":"null"}"#
    );
    assert_eq!(one(r#""properties":{}"#).properties, "{}");
    assert_eq!(one(r#""properties":null"#).properties, "{}");
    assert_eq!(one(r#""archived":null"#).properties, "{}");
}

#[test]
fn unknown_fields_are_passed_over() {
    let record =
        one(r#""properties":{"a":"1"},"associations":{"x":{"results":[]}},"new":[[[{"deep":"\ud800"}]]]"#);
    assert_eq!(record.properties, r#"{"a":"1"}"#);
    assert_eq!(
        page(r#"{"status":"COMPLETE","results":[],"numErrors":0,"errors":[{}],"links":null}"#).records,
        []
    );
}

#[test]
fn ids_come_as_text_or_number_and_keep_all_digits() {
    for (sent, id) in [
        (r#""9007199254740993""#, "9007199254740993"),
        ("9007199254740993", "9007199254740993"),
        ("9223372036854775807", "9223372036854775807"),
        (r#""9223372036854775807""#, "9223372036854775807"),
    ] {
        let body = format!(r#"{{"results":[{{"id":{sent},"updatedAt":"2026-01-02T03:04:05Z"}}]}}"#);
        assert_eq!(page(&body).records[0].id.to_string(), id);
    }
}

#[test]
fn a_missing_stamp_is_taken_from_the_properties() {
    let times = |body: &str| {
        let record = page(body).records.remove(0);
        (record.created_at.map(|time| time.to_string()), record.updated_at.to_string())
    };
    let modified = r#"{"results":[{"id":"1","properties":{"lastmodifieddate":"2026-03-12T10:00:00.1Z"}}]}"#;
    assert_eq!(times(modified), (None, "2026-03-12T10:00:00.100Z".into()));
    let millis = r#"{"results":[{"id":"1","updatedAt":"nonsense","properties":{"lastmodifieddate":"1762000000000"}}]}"#;
    assert_eq!(times(millis).1, "2025-11-01T12:26:40.000Z");
    let created =
        r#"{"results":[{"id":"1","createdAt":"2026-01-01T00:00:00Z","updatedAt":null,"properties":{}}]}"#;
    assert_eq!(times(created).1, "2026-01-01T00:00:00.000Z");
    let by_property = r#"{"results":[{"id":"1","properties":{"createdate":"2026-01-01T00:00:00Z"}}]}"#;
    assert_eq!(times(by_property).0.as_deref(), Some("2026-01-01T00:00:00.000Z"));
}

#[test]
fn merged_ids_are_read_and_stay_in_the_properties() {
    let record = one(r#""properties":{"hs_merged_object_ids":"7;8;nonsense;9007199254740993"}"#);
    let ids: Vec<String> = record.merged_ids.iter().map(ToString::to_string).collect();
    assert_eq!(ids, ["7", "8", "9007199254740993"]);
    assert!(record.properties.contains("7;8"));
    assert!(one(r#""properties":{"hs_merged_object_ids":""}"#).merged_ids.is_empty());
    assert!(
        one(r#""properties":{"hs_merged_object_id":"7","hs_merged_object_idz":"8"}"#).merged_ids.is_empty()
    );
}

#[test]
fn an_archived_record_tells_when() {
    let record = one(r#""archived":true,"archivedAt":"2026-02-03T04:05:06.789Z""#);
    assert!(record.archived);
    assert_eq!(record.archived_at.unwrap().to_string(), "2026-02-03T04:05:06.789Z");
}

#[test]
fn an_unreadable_record_costs_only_itself() {
    let good = r#"{"id":"ID","updatedAt":"2026-01-02T03:04:05Z","properties":{"a":"1"}}"#;
    for (broken, id, reason) in [
        (r#"{"properties":{}}"#, None, "no id"),
        (r#"{"id":null}"#, Some("null"), "no id"),
        (r#"{"id":"-5","updatedAt":"2026-01-02T03:04:05Z"}"#, Some("-5"), "no id"),
        (r#"{"id":"9223372036854775808"}"#, Some("9223372036854775808"), "no id"),
        (r#"{"id":1.5}"#, Some("1.5"), "no id"),
        (r#"{"id":"\ud800"}"#, Some(r#""\ud800""#), "no id"),
        (r#"{"id":"7"}"#, Some("7"), "no time"),
        (r#"{"id":"7","properties":[1]}"#, Some("7"), "not the expected shape"),
        (r#"{"id":"7","archived":"perhaps"}"#, Some("7"), "not the expected shape"),
        ("null", None, "not the expected shape"),
        ("17", None, "not the expected shape"),
        (r#"["x"]"#, None, "not the expected shape"),
    ] {
        let (first, last) = (good.replace("ID", "1"), good.replace("ID", "3"));
        let body = format!(r#"{{"results":[{first},{broken},{last}],"paging":{{"next":{{"after":"4"}}}}}}"#);
        let page = page(&body);
        let ids: Vec<String> = page.records.iter().map(|record| record.id.to_string()).collect();
        assert_eq!(ids, ["1", "3"], "{broken}");
        assert_eq!(page.after.as_deref(), Some("4"), "{broken}");
        let set_aside = &page.unreadable[0];
        assert_eq!(set_aside.id.as_deref(), id, "{broken}");
        assert!(set_aside.reason.contains(reason), "{broken}: {}", set_aside.reason);
        assert_eq!(set_aside.body, broken);
    }
}

#[test]
fn what_is_kept_of_an_unreadable_record_is_bounded_and_cut_between_characters() {
    let broken = format!(r#"{{"id":"x","properties":{{"a":"{}"}}}}"#, "é".repeat(100_000));
    let page = page(&format!(r#"{{"results":[{broken}]}}"#));
    let kept = &page.unreadable[0].body;
    assert!(kept.len() <= 64 * 1024 && kept.len() > 60 * 1024 && broken.starts_with(kept.as_str()));
}

#[test]
fn a_reason_quotes_nothing_of_the_record() {
    let page =
        page(r#"{"results":[{"id":"7","archived":"secret-value"},{"id":"8","properties":"secret-value"}]}"#);
    assert_eq!(page.unreadable.len(), 2);
    for record in &page.unreadable {
        assert!(!record.reason.contains("secret"), "{}", record.reason);
    }
}

#[test]
fn invalid_utf8_costs_its_characters_only() {
    let mut body =
        br#"{"results":[{"id":"1","updatedAt":"2026-01-02T03:04:05Z","properties":{"a":"x??y"}}]}"#.to_vec();
    let at = body.windows(2).position(|pair| pair == b"??").unwrap();
    body[at] = 0xff;
    body[at + 1] = 0xfe;
    let page = read("test", &kind(), &body).unwrap();
    assert_eq!(page.records[0].properties, "{\"a\":\"x\u{fffd}\u{fffd}y\"}");
}

#[test]
fn a_page_that_is_no_page_is_malformed() {
    let whole = r#"{"results":[{"id":"1","updatedAt":"2026-01-02T03:04:05Z","properties":{"a":"1"}}]}"#;
    for cut in 0..whole.len() {
        assert!(read("test", &kind(), &whole.as_bytes()[..cut]).is_err(), "cut at {cut}");
    }
    for body in
        ["", "null", "[]", "{}", "<html>", r#"{"results":{}}"#, r#"{"results":[]}x"#, r#"{"results":null}"#]
    {
        assert!(read("test", &kind(), body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn deep_nesting_is_no_danger() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let record = one(&format!(r#""properties":{{"a":{deep}}},"other":{deep}"#));
    assert_eq!(record.properties.len(), deep.len() + r#"{"a":}"#.len());
}
