//! A look at the files themselves: whole or not, and of which shape.

use std::fs;

use crm::ConnectionId;
use store::{AppDb, Error, Health, Home, Writer};

use crate::make::{contacts, info, page, record};

fn home() -> (tempfile::TempDir, Home, ConnectionId) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    (folder, home, "acme".parse().unwrap())
}

#[test]
fn whole_files_are_found_whole_while_somebody_writes() {
    let (_folder, home, id) = home();
    AppDb::open(&home).unwrap();
    let mut writer = Writer::open(&home.mirror(&id)).unwrap();
    writer.put_object(&info("contacts", "0-1")).unwrap();
    let range = writer.plan_ranges("contacts", "list", &[(1, i64::MAX)]).unwrap().remove(0);
    let records: Vec<_> =
        (1..=500).map(|id| record(id, 1, r#"{"email":"a@b.c","firstname":"Zoë"}"#)).collect();
    writer.commit_page(&page(&contacts(), range.id, &records)).unwrap();
    writer.index_step(&contacts(), 1_000).unwrap();

    let app = Health::of_app(&home).unwrap();
    assert_eq!((app.quick().unwrap(), app.full().unwrap()), (vec![], vec![]));
    assert!(app.size().unwrap().database > 0);
    let copy = Health::of_mirror(&home, &id).unwrap();
    assert_eq!((copy.quick().unwrap(), copy.full().unwrap()), (vec![], vec![]));
    assert!(copy.size().unwrap().log > 0, "the writer is still there");
    assert_eq!(copy.version(), 2);
}

#[test]
fn a_copy_with_a_damaged_page_is_found_out() {
    let (_folder, home, id) = home();
    let path = home.mirror(&id);
    let mut writer = Writer::open(&path).unwrap();
    writer.put_object(&info("contacts", "0-1")).unwrap();
    drop(writer);
    let mut bytes = fs::read(&path).unwrap();
    let page = 16_384;
    for at in (page..bytes.len()).step_by(page) {
        bytes[at..at + 64].fill(0xA5);
    }
    fs::write(&path, bytes).unwrap();
    let faults = Health::of_mirror(&home, &id).and_then(|copy| copy.quick());
    assert!(
        matches!(&faults, Ok(faults) if !faults.is_empty()) || matches!(&faults, Err(Error::Corrupt(_))),
        "{faults:?}"
    );
}

#[test]
fn a_copy_that_is_not_there_is_not_made() {
    let (_folder, home, id) = home();
    assert!(matches!(Health::of_mirror(&home, &id), Err(Error::NoMirror(_))));
    assert!(!home.mirror(&id).exists());
}

#[test]
fn the_shape_names_tables_with_their_columns_and_no_rows() {
    let (_folder, home, id) = home();
    let mut writer = Writer::open(&home.mirror(&id)).unwrap();
    writer.put_object(&info("contacts", "0-1")).unwrap();
    let shapes = Health::of_mirror(&home, &id).unwrap().shapes().unwrap();
    let contacts = shapes.iter().find(|shape| shape.name == "contacts").unwrap();
    assert_eq!(contacts.kind, "table");
    assert!(contacts.columns.contains(&("id".to_owned(), "INTEGER".to_owned())), "{contacts:?}");
    assert!(shapes.iter().any(|shape| shape.kind == "view" && shape.name == "links"));
}
