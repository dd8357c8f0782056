//! The schemas of the portal's custom objects.
//!
//! Deliberately absent: making and changing schemas.

use serde_json::{Value, json};

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::catalog::{BIKES, Kind};
use crate::labels::Category;
use crate::portal::Portal;

pub(crate) fn answer(portal: &Portal, rest: &[&str], ask: &Ask<'_>) -> Answer {
    match (ask.method, rest) {
        ("GET", []) if ask.query.is_true("archived") => Answer::results(Vec::new()),
        ("GET", []) => Answer::results(custom(portal).map(|kind| schema(portal, kind))),
        ("GET", [name]) => match custom(portal).find(|&kind| is_named(portal, kind, name)) {
            Some(kind) => Answer::ok(&schema(portal, kind)),
            None => Refusal::not_found().into(),
        },
        _ => wrong_method(),
    }
}

fn custom(portal: &Portal) -> impl Iterator<Item = Kind> {
    portal.kinds.all().filter(|kind| kind.is_custom())
}

fn is_named(portal: &Portal, kind: Kind, name: &str) -> bool {
    let row = kind.row();
    let id = row.type_id.trim_start_matches("2-");
    [row.name, row.singular, row.type_id, id].contains(&name)
        || name.eq_ignore_ascii_case(&kind.fully_qualified(portal.config.portal))
}

fn schema(portal: &Portal, kind: Kind) -> Value {
    const MADE: &str = "2022-02-14T09:26:41.5Z";
    let row = kind.row();
    let state = portal.read();
    let live = state.definitions(kind).list.iter().filter(|p| p.archived_at.is_none());
    let properties: Vec<Value> = live.map(|p| p.to_json()).collect();
    let own = state.labels.list.iter().filter(|t| (t.from == kind || t.to == kind) && t.label.is_none());
    let associations: Vec<Value> = own
        .filter(|t| t.category == Category::User)
        .map(|t| {
            json!({
                "id": t.id.to_string(),
                "name": t.name,
                "fromObjectTypeId": t.from.row().type_id,
                "toObjectTypeId": t.to.row().type_id,
                "createdAt": MADE,
                "updatedAt": MADE,
            })
        })
        .collect();
    let (singular, plural, description) = if kind == BIKES {
        ("Bike".to_owned(), "Bikes".to_owned(), "A bicycle that we sold and look after")
    } else {
        (row.singular.to_owned(), format!("{} (ours)", row.singular), "")
    };
    let secondary: &[&str] = if kind == BIKES { &["frame_number", "category"] } else { &[] };
    json!({
        "id": row.type_id.trim_start_matches("2-"),
        "objectTypeId": row.type_id,
        "fullyQualifiedName": kind.fully_qualified(portal.config.portal),
        "name": row.singular,
        "labels": {"singular": singular, "plural": plural},
        "description": description,
        "primaryDisplayProperty": row.defaults[0],
        "secondaryDisplayProperties": secondary,
        "requiredProperties": [row.defaults[0]],
        "searchableProperties": row.searched,
        "properties": properties,
        "associations": associations,
        "archived": false,
        "createdAt": MADE,
        "updatedAt": MADE,
        "createdByUserId": 9_586_504,
        "updatedByUserId": 9_586_504,
        "allowsSensitiveProperties": false,
    })
}
