//! The whole schema of a mirror as it is today, kept for review; and what definitions look like when they come back.

use crm::{ObjectType, PropertyDefinition, PropertyName, PropertyOption, Sensitivity};
use store::{AppDb, Home, ObjectInfo, Reader, Writer};

use crate::make::{contacts, definition, info, mirror, record, rows};

/// The types every portal has, with properties as portals define them.
const TYPES: [(&str, &str, &str); 11] = [
    (
        "contacts",
        "0-1",
        "firstname=First Name lastname=Last Name email=Email phone=Phone Number company=Company Name jobtitle=Job Title \
         hubspot_owner_id=Contact owner:enumeration/select lifecyclestage=Lifecycle Stage:enumeration/radio \
         hs_lead_status=Lead Status:enumeration/radio country=Country/Region",
    ),
    (
        "companies",
        "0-2",
        "name=Company name domain=Company Domain Name lifecyclestage=Lifecycle Stage:enumeration/radio \
         hubspot_owner_id=Company owner:enumeration/select industry=Industry:enumeration/select city=City \
         country=Country/Region numberofemployees=Number of Employees:number/number \
         annualrevenue=Annual Revenue:number/number",
    ),
    (
        "deals",
        "0-3",
        "dealname=Deal Name amount=Amount:number/number dealstage=Deal Stage:enumeration/radio \
         closedate=Close Date:datetime/date pipeline=Pipeline:enumeration/select \
         hubspot_owner_id=Deal owner:enumeration/select dealtype=Deal Type:enumeration/radio",
    ),
    (
        "tickets",
        "0-5",
        "subject=Ticket name hs_pipeline=Pipeline:enumeration/select hs_pipeline_stage=Ticket status:enumeration/radio \
         hs_ticket_priority=Priority:enumeration/select hs_ticket_category=Category:enumeration/checkbox \
         hubspot_owner_id=Ticket owner:enumeration/select closed_date=Close date:datetime/date",
    ),
    (
        "line_items",
        "0-8",
        "name=Name quantity=Quantity:number/number price=Unit price:number/number amount=Net price:number/number hs_sku=SKU",
    ),
    ("products", "0-7", "name=Name price=Unit price:number/number hs_sku=SKU"),
    (
        "notes",
        "0-46",
        "hs_note_body=Note body:string/html hs_timestamp=Activity date:datetime/date \
         hubspot_owner_id=Activity assigned to:enumeration/select",
    ),
    (
        "calls",
        "0-48",
        "hs_call_title=Call Title hs_timestamp=Activity date:datetime/date hs_call_duration=Call duration:number/number",
    ),
    ("emails", "0-49", "hs_email_subject=Email subject hs_timestamp=Activity date:datetime/date"),
    (
        "meetings",
        "0-47",
        "hs_meeting_title=Meeting name hs_meeting_start_time=Meeting start time:datetime/date",
    ),
    ("tasks", "0-27", "hs_task_subject=Task Title hs_task_status=Task Status:enumeration/select"),
];

/// `name=Label:type/field_type`; a text where nothing is said.
fn properties(lines: &str) -> Vec<PropertyDefinition> {
    let mut found: Vec<PropertyDefinition> = Vec::new();
    for word in lines.split_whitespace() {
        match word.split_once('=') {
            Some((name, label)) => found.push(definition(name, label, "string")),
            None => {
                let label = &mut found.last_mut().unwrap().label;
                label.push(' ');
                label.push_str(word);
            }
        }
    }
    for property in &mut found {
        if let Some((label, kind)) = property.label.clone().split_once(':') {
            let (kind, field_type) = kind.split_once('/').unwrap();
            (property.label, property.kind, property.field_type) =
                (label.to_owned(), kind.to_owned(), field_type.to_owned());
        }
    }
    found
}

#[test]
fn the_schema_is_the_one_that_was_reviewed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.db");
    let mut writer = Writer::open(&path).unwrap();
    for (table, type_id, lines) in TYPES {
        writer.put_object(&info(table, type_id)).unwrap();
        writer.put_properties(&table.into(), &properties(lines)).unwrap();
    }
    let bikes =
        ObjectInfo { primary_property: Some("frame_number".into()), custom: true, ..info("bikes", "2-1") };
    writer.put_object(&bikes).unwrap();
    writer
        .put_properties(&"bikes".into(), &properties("frame_number=Frame number hs_pipeline=Pipeline"))
        .unwrap();
    for (table, ..) in TYPES {
        while !writer.index_step(&table.into(), 100).unwrap().done {}
    }
    writer.index_links().unwrap();
    let schema = rows(
        &rusqlite::Connection::open(&path).unwrap(),
        "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    );
    insta::assert_snapshot!("mirror", schema.join("\n\n"));
}

#[test]
fn the_apps_own_schema_is_the_one_that_was_reviewed() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    AppDb::open(&home).unwrap();
    let conn = rusqlite::Connection::open(home.database()).unwrap();
    let schema = rows(&conn, "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
    insta::assert_snapshot!("app", schema.join("\n\n"));
}

#[test]
fn definitions_come_back_as_they_were_put() {
    let mut mirror = mirror();
    let option = |value: &str, order: Option<i64>| PropertyOption {
        value: value.to_owned(),
        label: format!("Label of {value}"),
        display_order: order,
        hidden: order.is_none(),
    };
    let full = PropertyDefinition {
        group: Some("contactinformation".to_owned()),
        description: Some("What \"it\" is".to_owned()),
        options: vec![option("z", Some(0)), option("a", None), option("", Some(2))],
        display_order: Some(-1),
        calculated: true,
        external_options: true,
        has_unique_value: true,
        hidden: true,
        hubspot_defined: false,
        read_only_value: true,
        referenced_object_type: Some("OWNER".to_owned()),
        currency_property: Some("code".to_owned()),
        show_currency_symbol: true,
        sensitivity: Sensitivity::HighlySensitive,
        ..definition("full", "Full", "enumeration")
    };
    let definitions = [definition("plain", "Plain", "string"), full];
    mirror.writer.put_properties(&contacts(), &definitions).unwrap();
    assert_eq!(mirror.writer.definitions(&contacts()).unwrap(), definitions);
    let gone = [definitions[0].clone()];
    mirror.writer.put_properties(&contacts(), &gone).unwrap();
    let kept = Reader::open(&mirror.path()).unwrap().definitions(&contacts()).unwrap();
    assert_eq!((kept[0].archived, kept[1].archived, kept[1].options.len()), (false, true, 3));
}

#[test]
fn a_mirror_with_many_wide_types_stays_readable() {
    let mut mirror = mirror();
    let many: Vec<PropertyDefinition> = (0..1_200)
        .map(|number| definition(&format!("p_{number}"), &format!("P {number}"), "string"))
        .collect();
    mirror.writer.put_properties(&contacts(), &many).unwrap();
    let names: Vec<PropertyName> = many.iter().take(500).map(|definition| definition.name.clone()).collect();
    mirror.writer.pick(&contacts(), &names).unwrap();
    let error = mirror.writer.pick(&contacts(), &["p_600".into()]).unwrap_err();
    assert!(matches!(error, store::Error::TooManyPicks { most: 500, .. }), "{error}");
    let text: Vec<String> = many.iter().map(|definition| format!("\"{}\":\"v\"", definition.name)).collect();
    mirror.page(&[record(1, 1, &format!("{{{}}}", text.join(",")))]);
    assert_eq!(mirror.rows("SELECT p_0, p_499 FROM contacts_view"), ["v|v"]);
    let row = Reader::open(&mirror.path()).unwrap().record(&contacts(), crate::make::id(1)).unwrap().unwrap();
    assert_eq!(row.properties.len(), 1_200);
}

#[test]
fn handles_can_be_given_to_threads() {
    fn sent<T: Send>() {}
    fn shared<T: Send + Sync + Clone>() {}
    sent::<Writer>();
    sent::<Reader>();
    sent::<AppDb>();
    shared::<Home>();
    shared::<ObjectType>();
}
