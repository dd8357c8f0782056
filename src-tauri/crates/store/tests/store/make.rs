//! Things to put into a mirror, and a look at what is in it.

use crm::{
    Link, LinkSet, ObjectType, PropertyDefinition, PropertyName, Record, RecordId, Sensitivity, Timestamp,
};
use rusqlite::Connection;
use store::{Asked, ObjectInfo, PageCommit, Writer};
use tempfile::TempDir;

/// A mirror with contacts and companies in a folder of its own.
pub(crate) struct Mirror {
    pub(crate) writer: Writer,
    pub(crate) folder: TempDir,
}

pub(crate) fn mirror() -> Mirror {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(&folder.path().join("m.db")).unwrap();
    writer.put_object(&info("contacts", "0-1")).unwrap();
    writer.put_object(&info("companies", "0-2")).unwrap();
    Mirror { writer, folder }
}

impl Mirror {
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("m.db")
    }

    /// All rows of a query, each as its values joined by `|`; `-` is null.
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        rows(&Connection::open(self.path()).unwrap(), sql)
    }

    /// Commits one page to a new range that covers everything.
    pub(crate) fn page(&mut self, records: &[Record]) -> store::PageStored {
        let contacts = contacts();
        let range = self.writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
        self.writer.commit_page(&page(&contacts, range.id, records)).unwrap()
    }
}

pub(crate) fn rows(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..columns).map(|at| match row.get_ref(at).unwrap() {
            rusqlite::types::ValueRef::Null => "-".to_owned(),
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            rusqlite::types::ValueRef::Real(number) => format!("{number:?}"),
            rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => {
                String::from_utf8_lossy(bytes).into_owned()
            }
        });
        Ok(cells.collect::<Vec<_>>().join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

pub(crate) fn contacts() -> ObjectType {
    ObjectType::from("contacts")
}

pub(crate) fn companies() -> ObjectType {
    ObjectType::from("companies")
}

pub(crate) fn info(table: &str, type_id: &str) -> ObjectInfo {
    ObjectInfo {
        object: ObjectType::from(table),
        type_id: type_id.to_owned(),
        singular: table.trim_end_matches('s').to_owned(),
        plural: table.to_owned(),
        primary_property: None,
        custom: false,
    }
}

pub(crate) fn id(id: i64) -> RecordId {
    RecordId::new(id).unwrap()
}

pub(crate) fn day(day: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + day * 86_400_000)
}

/// A live record, modified on a day of 2026.
pub(crate) fn record(number: i64, modified: i64, properties: &str) -> Record {
    Record {
        id: id(number),
        properties: properties.to_owned(),
        created_at: Some(day(0)),
        updated_at: day(modified),
        archived: false,
        archived_at: None,
        merged_ids: Vec::new(),
        url: None,
    }
}

pub(crate) fn page<'a>(object: &'a ObjectType, range: i64, records: &'a [Record]) -> PageCommit<'a> {
    PageCommit {
        object,
        range,
        records,
        unreadable: &[],
        past: records.last().map_or(0, |record| record.id.get()),
        cursor: None,
        done: false,
        keep_since: None,
        sweep: false,
        asked: Asked::All,
        at: day(100),
    }
}

pub(crate) fn definition(name: &str, label: &str, kind: &str) -> PropertyDefinition {
    PropertyDefinition {
        name: PropertyName::from(name),
        label: label.to_owned(),
        kind: kind.to_owned(),
        field_type: "text".to_owned(),
        group: None,
        description: None,
        options: Vec::new(),
        display_order: None,
        calculated: false,
        external_options: false,
        has_unique_value: false,
        hidden: false,
        hubspot_defined: true,
        read_only_value: false,
        referenced_object_type: None,
        currency_property: None,
        show_currency_symbol: false,
        sensitivity: Sensitivity::NonSensitive,
        archived: false,
    }
}

pub(crate) fn links(from: i64, to: &[i64]) -> LinkSet {
    let link =
        |to: &i64| Link { to: id(*to), category: "HUBSPOT_DEFINED".to_owned(), type_id: 279, label: None };
    LinkSet { from: id(from), links: to.iter().map(link).collect() }
}
