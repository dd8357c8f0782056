//! Requests as they go on the wire, and answers as they come.

use bytes::Bytes;
use crm::{PropertyName, RecordId, Sensitivity};

use super::*;
use crate::{ApiVersion, Endpoint, Method, ObjectKind, Pool, Token, catalog};

fn kind(name: &str) -> ObjectKind {
    catalog::core().into_iter().find(|kind| kind.path == name).unwrap()
}

fn id(id: i64) -> RecordId {
    RecordId::new(id).unwrap()
}

fn names(names: &[&str]) -> Vec<PropertyName> {
    names.iter().map(|name| PropertyName::from(*name)).collect()
}

fn path(endpoint: &impl Endpoint, version: ApiVersion) -> String {
    endpoint.request(version).path
}

fn body(endpoint: &impl Endpoint) -> String {
    String::from_utf8(endpoint.request(ApiVersion::default()).body.unwrap().to_vec()).unwrap()
}

fn read<E: Endpoint>(endpoint: &E, body: &str) -> E::Output {
    endpoint.read(Bytes::copy_from_slice(body.as_bytes())).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn each_family_has_its_path_in_each_edition() {
    use ApiVersion::{V3, V2026_03, V2026_09};
    let contacts = kind("contacts");
    let companies = kind("companies");
    let list = ListRecords { kind: &contacts, after: None, limit: 100, properties: &[], archived: false };
    assert_eq!(path(&list, V3), "/crm/v3/objects/contacts?limit=100");
    assert_eq!(path(&list, V2026_03), "/crm/objects/2026-03/contacts?limit=100");
    assert_eq!(path(&list, V2026_09), "/crm/objects/2026-09/contacts?limit=100");
    let links = AssociationsRead { from: &contacts, to: &companies, inputs: &[] };
    assert_eq!(path(&links, V3), "/crm/v4/associations/contacts/companies/batch/read");
    assert_eq!(path(&links, V2026_03), "/crm/associations/2026-03/contacts/companies/batch/read");
    let labels = AssociationLabels { from: &contacts, to: &companies };
    assert_eq!(path(&labels, V3), "/crm/v4/associations/contacts/companies/labels");
    assert_eq!(path(&Schemas, V3), "/crm-object-schemas/v3/schemas");
    assert_eq!(path(&Schemas, V2026_03), "/crm-object-schemas/2026-03/schemas");
    assert_eq!(path(&AccountDetails, V3), "/account-info/v3/details");
    assert_eq!(path(&AccountDetails, V2026_03), "/account-info/2026-03/details");
    assert_eq!(path(&Teams, V3), "/settings/v3/users/teams");
    assert_eq!(path(&Teams, V2026_03), "/settings/users/2026-03/teams");
    assert_eq!(
        path(&Users { after: Some("7".into()) }, V2026_03),
        "/settings/users/2026-03?limit=100&after=7"
    );
    assert_eq!(path(&Pipelines { kind: &kind("deals") }, V2026_03), "/crm/pipelines/2026-03/deals");
    let owners = Owners { archived: true, after: None };
    assert_eq!(path(&owners, V3), "/crm/v3/owners?limit=100&archived=true");
    let sensitive = Properties { kind: &contacts, sensitivity: Sensitivity::HighlySensitive };
    assert_eq!(
        path(&sensitive, V2026_03),
        "/crm/properties/2026-03/contacts?dataSensitivity=highly_sensitive"
    );
}

#[test]
fn records_are_asked_for_as_the_api_says() {
    let contacts = kind("contacts");
    let asked = names(&["email", "lastname"]);
    let list = ListRecords {
        kind: &contacts,
        after: Some("513".into()),
        limit: 100,
        properties: &asked,
        archived: true,
    };
    let request = list.request(ApiVersion::default());
    assert_eq!((request.method, request.pool), (Method::Get, Pool::General));
    assert_eq!(
        request.path,
        "/crm/objects/2026-03/contacts?limit=100&after=513&properties=email,lastname&archived=true"
    );
    let one = GetRecord { kind: &contacts, id: id(7), properties: &asked, archived: false };
    assert_eq!(path(&one, ApiVersion::V3), "/crm/v3/objects/contacts/7?properties=email,lastname");
    let batch = BatchRead { kind: &contacts, ids: &[id(7), id(8)], properties: &asked, archived: true };
    assert_eq!(path(&batch, ApiVersion::V3), "/crm/v3/objects/contacts/batch/read?archived=true");
    assert_eq!(body(&batch), r#"{"inputs":[{"id":"7"},{"id":"8"}],"properties":["email","lastname"]}"#);
}

#[test]
fn a_search_body_has_the_documented_shape() {
    let contacts = kind("contacts");
    let asked = names(&["email"]);
    let modified = contacts.modified_property.clone();
    let search = Search {
        kind: &contacts,
        filters: vec![
            Filter::between(modified, "1", "2"),
            Filter::new("hs_object_id".into(), Op::Gt, "7"),
            Filter { property: "email".into(), op: Op::HasProperty, value: None, high: None },
        ],
        sorts: Some(("hs_object_id".into(), false)),
        properties: &asked,
        limit: 200,
        after: Some("200".into()),
    };
    assert_eq!(search.request(ApiVersion::default()).pool, Pool::Search);
    assert_eq!(path(&search, ApiVersion::default()), "/crm/objects/2026-03/contacts/search");
    let shape: serde_json::Value = serde_json::from_str(&body(&search)).unwrap();
    let expected = serde_json::json!({
        "filterGroups": [{"filters": [
            {"propertyName": "lastmodifieddate", "operator": "BETWEEN", "value": "1", "highValue": "2"},
            {"propertyName": "hs_object_id", "operator": "GT", "value": "7"},
            {"propertyName": "email", "operator": "HAS_PROPERTY"},
        ]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": ["email"],
        "limit": 200,
        "after": "200",
    });
    assert_eq!(shape, expected);
    let bare = Search { filters: vec![], sorts: None, properties: &[], limit: 1, after: None, ..search };
    assert_eq!(body(&bare), r#"{"limit":1}"#);
}

#[test]
fn a_search_without_a_total_is_malformed() {
    let contacts = kind("contacts");
    let search =
        Search { kind: &contacts, filters: vec![], sorts: None, properties: &[], limit: 1, after: None };
    assert_eq!(read(&search, r#"{"total":12,"results":[]}"#).total, 12);
    assert!(search.read(Bytes::from_static(br#"{"results":[]}"#)).is_err());
}

#[test]
fn a_partial_batch_answer_is_an_answer() {
    let contacts = kind("contacts");
    let batch = BatchRead { kind: &contacts, ids: &[id(1), id(2)], properties: &[], archived: false };
    let answer = read(
        &batch,
        r#"{"status":"COMPLETE","results":[{"id":"1","updatedAt":"2026-01-01T00:00:00Z","properties":{}}],
            "numErrors":1,"errors":[{"status":"error","category":"OBJECT_NOT_FOUND","context":{"ids":["2"]}}]}"#,
    );
    assert_eq!(answer.records.len(), 1);
}

#[test]
fn links_are_read_with_numbers_or_texts_once_each_and_with_their_cursors() {
    let (deals, companies) = (kind("deals"), kind("companies"));
    let inputs = [(id(515), None), (id(516), Some("77".to_owned()))];
    let ask = AssociationsRead { from: &deals, to: &companies, inputs: &inputs };
    assert_eq!(body(&ask), r#"{"inputs":[{"id":"515"},{"id":"516","after":"77"}]}"#);
    assert_eq!(ask.request(ApiVersion::default()).pool, Pool::Associations);
    let answer = read(
        &ask,
        r#"{"status":"COMPLETE","results":[
            {"from":{"id":"516"},"to":[
                {"toObjectId":9007199254740993,"associationTypes":[
                    {"category":"HUBSPOT_DEFINED","typeId":341,"label":null},
                    {"category":"HUBSPOT_DEFINED","typeId":5,"label":"Primary"}]},
                {"toObjectId":"8","associationTypes":[{"category":"USER_DEFINED","typeId":71,"label":"Payer"}]},
                {"toObjectId":8,"associationTypes":[{"category":"USER_DEFINED","typeId":71,"label":"Payer"}]}],
             "paging":{"next":{"after":"99","link":"x"}}},
            {"from":{"id":519},"to":[]},
            {"from":{"id":"520"},"to":[{"toObjectId":"x","associationTypes":[]}]}],
          "numErrors":2,"errors":[
            {"status":"error","category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND",
             "message":"No company is associated with deal 515.",
             "context":{"fromObjectId":["515"],"fromObjectType":["deal"],"toObjectType":["company"]}},
            {"status":"error","category":"OBJECT_NOT_FOUND","message":"gone","context":{"fromObjectId":["517","518"]}},
            {"status":"error","category":"INTERNAL_ERROR","message":"something"}]}"#,
    );
    let (set, after) = &answer.sets[0];
    assert_eq!((set.from, after.as_deref()), (id(516), Some("99")));
    let links: Vec<(i64, i64, Option<&str>)> =
        set.links.iter().map(|link| (link.to.get(), link.type_id, link.label.as_deref())).collect();
    assert_eq!(links.len(), 3);
    assert!(links.contains(&(9_007_199_254_740_993, 341, None)));
    assert!(links.contains(&(9_007_199_254_740_993, 5, Some("Primary"))));
    assert!(links.contains(&(8, 71, Some("Payer"))));
    assert_eq!(answer.sets[1].0.from, id(519));
    assert!(answer.sets[1].0.links.is_empty());
    assert_eq!(answer.none, [id(515)]);
    let failed: Vec<&[RecordId]> = answer.failed.iter().map(|(ids, _)| ids.as_slice()).collect();
    assert_eq!(failed, [&[id(520)][..], &[id(517), id(518)], &[]]);
}

#[test]
fn definitions_are_read_with_whatever_is_missing() {
    let contacts = kind("contacts");
    let ask = Properties { kind: &contacts, sensitivity: Sensitivity::Sensitive };
    let read = read(
        &ask,
        r#"{"results":[
            {"name":"lifecyclestage","label":"Lifecycle stage","type":"enumeration","fieldType":"radio",
             "groupName":"info","description":"","displayOrder":-1,"calculated":false,"externalOptions":false,
             "hasUniqueValue":false,"hidden":true,"hubspotDefined":true,
             "options":[{"label":"Lead","value":"lead","displayOrder":0,"hidden":false,"description":null},
                        {"label":"","value":1}],
             "modificationMetadata":{"archivable":true,"readOnlyDefinition":true,"readOnlyValue":true},"new":{}},
            {"name":"bare","options":null,"displayOrder":"first"}]}"#,
    );
    let stage = &read[0];
    assert!(stage.hidden && stage.hubspot_defined && stage.read_only_value);
    assert_eq!(
        (stage.kind.as_str(), stage.display_order, stage.description.as_deref()),
        ("enumeration", Some(-1), None)
    );
    let options: Vec<(&str, &str)> =
        stage.options.iter().map(|option| (option.value.as_str(), option.label.as_str())).collect();
    assert_eq!(options, [("lead", "Lead"), ("1", "1")]);
    let bare = &read[1];
    assert_eq!((bare.label.as_str(), bare.kind.as_str(), bare.display_order), ("bare", "string", None));
    assert_eq!(bare.sensitivity, Sensitivity::Sensitive);
}

#[test]
fn pipelines_keep_their_stages_metadata_as_it_came() {
    let deals = kind("deals");
    let read = read(
        &Pipelines { kind: &deals },
        r#"{"results":[{"id":"default","label":"Sales","displayOrder":0,"archived":false,"stages":[
            {"id":"closedwon","label":"Won","displayOrder":5,"metadata":{"isClosed":"true","probability":"1.0"},"archived":false},
            {"id":7,"label":"Odd","metadata":null}]}]}"#,
    );
    let stages = &read[0].stages;
    assert_eq!(stages[0].metadata, r#"{"isClosed":"true","probability":"1.0"}"#);
    assert_eq!((stages[1].id.as_str(), stages[1].metadata.as_str()), ("7", "{}"));
}

#[test]
fn owners_users_and_teams_are_read() {
    let owners = read(
        &Owners { archived: true, after: None },
        r#"{"results":[{"id":"41629779","email":"a@example.com","type":"PERSON","firstName":"Ada","lastName":"L",
            "userId":null,"userIdIncludingInactive":9586504,"createdAt":"2026-01-01T00:00:00Z","archived":true,
            "teams":[{"id":"1","name":"Sales","primary":true}]},{"id":7}],"paging":{"next":{"after":"x"}}}"#,
    );
    assert_eq!(owners.after.as_deref(), Some("x"));
    let ada = &owners.owners[0];
    assert_eq!((ada.user_id, ada.user_id_including_inactive), (None, Some(9_586_504)));
    assert_eq!(ada.teams[0].name, "Sales");
    assert_eq!((owners.owners[1].id.as_str(), owners.owners[1].archived), ("7", true));
    let users = read(
        &Users { after: None },
        r#"{"results":[{"id":"1","email":"a@example.com","roleId":"9","primaryTeamId":4,"superAdmin":true}]}"#,
    );
    let user = &users.users[0];
    assert_eq!((user.role_ids[0].as_str(), user.primary_team_id.as_deref()), ("9", Some("4")));
    assert!(user.super_admin && users.after.is_none());
    let teams =
        read(&Teams, r#"{"results":[{"id":"4","name":"Sales","userIds":["1",2],"secondaryUserIds":null}]}"#);
    assert_eq!((teams[0].user_ids.join(","), teams[0].secondary_user_ids.len()), ("1,2".into(), 0));
}

#[test]
fn account_and_token_are_read() {
    let account = read(
        &AccountDetails,
        r#"{"portalId":1234567,"accountType":"STANDARD","timeZone":"US/Eastern","companyCurrency":"USD",
            "additionalCurrencies":[],"utcOffset":"-04:00","utcOffsetMilliseconds":-14400000,
            "uiDomain":"app-eu1.hubspot.com","dataHostingLocation":"eu1"}"#,
    );
    assert_eq!((account.portal.0, account.utc_offset_ms), (1_234_567, Some(-14_400_000)));
    let ask = TokenInfo { token: Token::new("pat-na1-secret".into()) };
    assert_eq!(body(&ask), r#"{"tokenKey":"pat-na1-secret"}"#);
    let shown = format!("{ask:?} {:?}", ask.request(ApiVersion::default()));
    assert!(!shown.contains("secret"), "{shown}");
    let details = read(&ask, r#"{"userId":1,"hubId":2,"appId":"3","scopes":["oauth","tickets"]}"#);
    assert_eq!((details.hub_id.0, details.user_id.as_deref(), details.scopes.len()), (2, Some("1"), 2));
}

#[test]
fn schemas_name_the_types_they_are_linked_to_once() {
    let schemas = read(
        &Schemas,
        r#"{"results":[{"id":"123","objectTypeId":"2-123","fullyQualifiedName":"p99_car","name":"car",
            "labels":{"singular":"Car","plural":"Cars"},"primaryDisplayProperty":"plate","archived":false,
            "associations":[{"id":"1","fromObjectTypeId":"2-123","toObjectTypeId":"0-1"},
                            {"id":"2","fromObjectTypeId":"0-1","toObjectTypeId":"2-123"},
                            {"id":"3","fromObjectTypeId":"2-123","toObjectTypeId":"2-7"}]}]}"#,
    );
    assert_eq!(schemas[0].associated_type_ids, ["0-1", "2-7"]);
    assert_eq!((schemas[0].singular.as_deref(), schemas[0].plural.as_deref()), (Some("Car"), Some("Cars")));
}
