//! Answers of HubSpot's API, broken: read or refused, with every record counted.

use bytes::Bytes;
use crm::{PropertyName, RecordId, Sensitivity};
use hubspot::{
    AccountDetails, AssociationLabels, AssociationsRead, BatchRead, Endpoint, GetRecord, GrantType,
    ListRecords, OauthRefusal, OauthRefused, ObjectKind, Owners, Pipelines, Properties, Refusal, Schemas,
    Search, Teams, Token, TokenInfo, Users, catalog,
};
use serde_json::Value;

use crate::chance::fuzz;

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "9223372036854775808",
    "18446744073709551616",
    "0.1",
    "\"\"",
    "\"id\":",
    "\"id\":\"x\",",
    "\"results\":",
    "\"results\":[],",
    "\"total\":-1,",
    "\"paging\":{\"next\":{\"after\":",
    "\\ud800",
    "\\udc00\\ud800",
    "\\u0000",
    "\\x",
    "\u{0}",
    "\u{feff}",
    "é",
    "\"properties\":null,",
    "\"updatedAt\":\"\",",
    "2026-13-45T99:99:99Z",
    "-99999-01-01T00:00:00Z",
    "\"archived\":\"yes\",",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":",
    "\"hs_merged_object_ids\":\"1;2;x;;\",",
];

const RECORDS: &str = r#"{"total":2,"results":[{"id":"101","properties":{"email":"a@b.example","hs_object_id":"101",
"hs_merged_object_ids":"7;8","note":"x\u00e9\n"},"createdAt":"2024-01-02T03:04:05.678Z","updatedAt":"2024-02-02T03:04:05Z",
"archived":false},{"id":"102","properties":{"email":null},"createdAt":"2024-01-02T03:04:05.678Z",
"updatedAt":"2024-02-02T03:04:05.1Z","archived":true,"archivedAt":"2024-03-02T03:04:05Z"}],
"paging":{"next":{"after":"103","link":"https://elsewhere.example/?after=103"}}}"#;
const LINKS: &str = r#"{"status":"COMPLETE","results":[{"from":{"id":"101"},"to":[{"toObjectId":5,"associationTypes":
[{"category":"HUBSPOT_DEFINED","typeId":1,"label":null},{"category":"USER_DEFINED","typeId":9,"label":"Boss"}]}],
"paging":{"next":{"after":"MTA="}}}],"numErrors":1,"errors":[{"status":"error","category":"OBJECT_NOT_FOUND","subCategory":
"crm.associations.NO_ASSOCIATIONS_FOUND","message":"none","context":{"fromObjectId":["102"]}}]}"#;
const PEOPLE: &str = r#"{"results":[{"id":"1","email":"a@b.example","firstName":"A","lastName":"B","userId":3,"archived":false,
"createdAt":"2024-01-02T03:04:05Z","updatedAt":"2024-01-02T03:04:05Z","teams":[{"id":"4","name":"T","primary":true}],
"name":"T","userIds":["3"],"primaryTeamId":"4","superAdmin":false}],"paging":{"next":{"after":"2"}}}"#;
const DEFINITIONS: &str = r#"{"results":[{"name":"stage","label":"Stage","type":"enumeration","fieldType":"select","groupName":"g",
"options":[{"label":"One","value":"1","displayOrder":1,"hidden":false}],"calculated":false,"hasUniqueValue":false,
"modificationMetadata":{"readOnlyValue":true},"id":"p","displayOrder":0,"stages":[{"id":"s","label":"S","displayOrder":0,
"metadata":{"isClosed":"true"}}],"objectTypeId":"2-1","fullyQualifiedName":"p1_bike","labels":{"singular":"Bike",
"plural":"Bikes"},"properties":[],"associations":[],"primaryDisplayProperty":"name","category":"USER_DEFINED","typeId":7}]}"#;
const ACCOUNT: &str = r#"{"portalId":24817305,"accountType":"STANDARD","timeZone":"Europe/Berlin","companyCurrency":"EUR",
"utcOffset":"+01:00","utcOffsetMilliseconds":3600000,"uiDomain":"app.hubspot.com","dataHostingLocation":"eu1",
"hubId":24817305,"userId":1,"appId":2,"scopes":["oauth","tickets"]}"#;
const REFUSED: &str = r#"{"status":"BAD_REFRESH_TOKEN","error":"invalid_grant","error_description":"refresh token s3cr3t-s3cr3t is
invalid","message":"missing","correlationId":"c","category":"MISSING_SCOPES","errors":[{"message":"m","code":"c","context":
{"requiredGranularScopes":["tickets"],"propertyName":["x"]}}],"policyName":"TEN_SECONDLY_ROLLING"}"#;

/// How many records an answer holds, where it can be read at all.
fn counted(body: &[u8]) -> Option<usize> {
    let whole: Value = serde_json::from_slice(body).ok()?;
    whole["results"].as_array().map(Vec::len)
}

fn read_all(kind: &ObjectKind, body: &Bytes) {
    let (after, none): (_, &[PropertyName]) = (None, &[]);
    let list = ListRecords { kind, after: after.clone(), limit: 100, properties: none, archived: false };
    let search = Search { kind, filters: Vec::new(), sorts: None, properties: none, limit: 200, after };
    let batch = BatchRead { kind, ids: &[], properties: none, archived: false };
    let expected = counted(body);
    for (found, cursor) in [
        list.read(body.clone()).ok().map(|page| (page.records.len() + page.unreadable.len(), page.after)),
        search.read(body.clone()).ok().map(|page| (page.records.len() + page.unreadable.len(), page.after)),
        batch.read(body.clone()).ok().map(|page| (page.records.len() + page.unreadable.len(), None)),
    ]
    .into_iter()
    .flatten()
    {
        assert!(
            expected.is_none_or(|expected| expected == found),
            "{found} of {expected:?} records came out"
        );
        assert!(cursor.is_none_or(|after| !after.is_empty()), "an empty cursor would begin again");
    }
    if let Ok(page) = list.read(body.clone()) {
        for record in &page.records {
            let properties: Result<Value, _> = serde_json::from_str(&record.properties);
            let is_object = properties.as_ref().is_ok_and(Value::is_object);
            // A lone half of a surrogate pair is kept to the byte, and that no reader of JSON takes.
            assert!(is_object || record.properties.contains("\\u"), "{}", record.properties);
        }
    }
    let id: RecordId = "101".parse().expect("an id");
    let _ = GetRecord { kind, id, properties: none, archived: false }.read(body.clone());
}

fn read_others(kind: &ObjectKind, body: &Bytes) {
    if let Ok(links) = (AssociationsRead { from: kind, to: kind, inputs: &[] }).read(body.clone()) {
        let expected = counted(body);
        let found = links.sets.len() + links.failed.len();
        assert!(expected.is_none_or(|expected| found >= expected), "{found} of {expected:?} sets came out");
    }
    let _ = AssociationLabels { from: kind, to: kind }.read(body.clone());
    let _ = Owners { archived: false, after: None }.read(body.clone());
    let _ = Users { after: None }.read(body.clone());
    let _ = Teams.read(body.clone());
    let _ = Pipelines { kind }.read(body.clone());
    let _ = Properties { kind, sensitivity: Sensitivity::NonSensitive }.read(body.clone());
    let _ = Schemas.read(body.clone());
    let _ = AccountDetails.read(body.clone());
    let _ = TokenInfo { token: Token::new("pat-eu1-0f1e2d3c".to_owned()) }.read(body.clone());
}

fn read_refusals(body: &Bytes) {
    const SECRET: &str = "s3cr3t-s3cr3t";
    for status in [200, 400, 401, 403, 429, 500] {
        let refused = OauthRefused::read(status, body, GrantType::RefreshToken, &[SECRET]);
        assert!(!format!("{refused:?} {refused}").contains(SECRET), "a secret is repeated");
        let judged = (400..500).contains(&status) && status != 429;
        assert!(judged || refused.refusal == OauthRefusal::Other, "{refused:?}");
        let refusal = Refusal::read(status, body);
        assert_eq!(refusal.status, status);
        drop((refusal.required_scopes(), refusal.named_properties()));
    }
}

#[test]
fn a_broken_answer_is_read_or_refused_and_loses_no_record() {
    let kinds = catalog::core();
    let kind = kinds.iter().find(|kind| kind.plural.eq_ignore_ascii_case("contacts")).expect("contacts");
    let texts = [RECORDS, RECORDS, LINKS, PEOPLE, DEFINITIONS, ACCOUNT, REFUSED];
    let mut good = 0_u64;
    fuzz(
        "answers",
        |chance| {
            let text = chance.pick(&texts);
            Bytes::from(chance.mangled(text.as_bytes(), WORDS))
        },
        |body| {
            read_all(kind, body);
            read_others(kind, body);
            read_refusals(body);
            good += u64::from(counted(body).is_some());
        },
    );
    assert!(good > 0, "no whole answer came by");
}
