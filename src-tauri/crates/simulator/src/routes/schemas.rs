//! The schema of the portal's custom object.
//!
//! Deliberately absent: making and changing schemas.

use serde_json::{Value, json};

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::catalog::{BIKES, COMPANIES, CONTACTS, Kind, fully_qualified};
use crate::portal::Portal;
use crate::world::links::{DEALER, RIDER};

pub(crate) fn answer(portal: &Portal, rest: &[&str], ask: &Ask<'_>) -> Answer {
    match (ask.method, rest) {
        ("GET", []) if ask.query.is_true("archived") => Answer::results(Vec::new()),
        ("GET", []) => Answer::results(vec![schema(portal)]),
        ("GET", [name]) if Kind::find(name, portal.config.portal) == Some(BIKES) || *name == "41873006" => {
            Answer::ok(&schema(portal))
        }
        ("GET", [_]) => Refusal::not_found().into(),
        _ => wrong_method(),
    }
}

fn schema(portal: &Portal) -> Value {
    const MADE: &str = "2022-02-14T09:26:41.5Z";
    let row = BIKES.row();
    let state = portal.read();
    let properties: Vec<Value> = state
        .definitions(BIKES)
        .list
        .iter()
        .filter(|p| p.archived_at.is_none())
        .map(|p| p.to_json())
        .collect();
    let association = |id: u32, from: Kind, to: Kind, name: &str| {
        json!({
            "id": id.to_string(),
            "name": name,
            "fromObjectTypeId": from.row().type_id,
            "toObjectTypeId": to.row().type_id,
            "createdAt": MADE,
            "updatedAt": MADE,
        })
    };
    json!({
        "id": row.type_id.trim_start_matches("2-"),
        "objectTypeId": row.type_id,
        "fullyQualifiedName": fully_qualified(portal.config.portal),
        "name": row.singular,
        "labels": {"singular": "Bike", "plural": "Bikes"},
        "description": "A bicycle that we sold and look after",
        "primaryDisplayProperty": "model_name",
        "secondaryDisplayProperties": ["frame_number", "category"],
        "requiredProperties": ["model_name"],
        "searchableProperties": ["model_name", "frame_number"],
        "properties": properties,
        "associations": [
            association(RIDER.0, BIKES, CONTACTS, "bike_to_contact"),
            association(RIDER.1, CONTACTS, BIKES, "bike_to_contact"),
            association(DEALER.0, BIKES, COMPANIES, "bike_to_company"),
            association(DEALER.1, COMPANIES, BIKES, "bike_to_company"),
        ],
        "archived": false,
        "createdAt": MADE,
        "updatedAt": MADE,
        "createdByUserId": 9_586_504,
        "updatedByUserId": 9_586_504,
        "allowsSensitiveProperties": false,
    })
}
