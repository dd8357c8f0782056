//! One record's page: its properties in groups, and what it is linked to.

use std::collections::BTreeMap;

use crm::{ObjectType, RecordId};
use store::{ConnectionKind, LinkedRow, StoredProperty, StoredRecord};

use crate::{
    browse::{cell, kind_of},
    core::{Core, count},
    errors,
    wire::{
        Code, LinkedGroup, LinkedRecord, PropertyGroup, PropertyValue, RecordLink, RecordLinkRequest,
        RecordPage, RecordRequest, WireError,
    },
};

/// Linked records of one type that a page lists; the total is said beside them.
const LINKED_MAX: usize = 50;

pub async fn record(core: &Core, request: RecordRequest) -> Result<RecordPage, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        let (object, id) = (ObjectType::new(request.object), parse_id(&request.id)?);
        let answer = core.read(&connection.id, |reader| {
            let Some(stored) = reader.record(&object, id)? else { return Ok(None) };
            let linked = reader.links(&object, stored.id, LINKED_MAX)?;
            let objects = reader.objects()?;
            let skipped: BTreeMap<String, String> = objects
                .iter()
                .filter_map(|info| {
                    let mark = sync::stream_mark(reader, info.object.as_str()).ok().flatten()?;
                    (mark.state == sync::StreamState::Skipped)
                        .then(|| (info.object.to_string(), mark.reason.unwrap_or_default()))
                })
                .collect();
            Ok(Some((stored, linked, objects, skipped)))
        })?;
        let (stored, linked, objects, skipped) =
            answer.flatten().ok_or_else(|| errors::say(Code::NoSuchRecord, ""))?;
        let label = |object: &str| {
            let info = objects.iter().find(|info| info.object.as_str() == object);
            info.map_or_else(|| object.to_owned(), |info| info.plural.clone())
        };
        let linked = linked
            .into_iter()
            .map(|group| LinkedGroup {
                label: label(group.object.as_str()),
                skipped: skipped.get(group.object.as_str()).cloned(),
                total: count(group.total),
                records: group.rows.into_iter().map(linked_record).collect(),
                object: group.object.to_string(),
            })
            .collect();
        let singular = objects.iter().find(|info| info.object == object).map(|info| info.singular.clone());
        Ok(page(&object, singular.unwrap_or_default(), stored, linked))
    })
    .await
}

fn parse_id(text: &str) -> Result<RecordId, WireError> {
    text.parse().map_err(|_| errors::say(Code::NoSuchRecord, ""))
}

fn linked_record(row: LinkedRow) -> LinkedRecord {
    LinkedRecord {
        id: row.id.to_string(),
        missing: row.title.is_none(),
        title: row.title.unwrap_or_else(|| format!("Record {}", row.id)),
        subtitle: row.subtitle,
        labels: row.labels,
    }
}

fn page(object: &ObjectType, singular: String, stored: StoredRecord, linked: Vec<LinkedGroup>) -> RecordPage {
    let defined = count(stored.properties.len() as u64);
    let filled =
        count(stored.properties.iter().filter(|property| property.cell.text.is_some()).count() as u64);
    let mut groups: Vec<PropertyGroup> = Vec::new();
    for property in stored.properties {
        let group = heading(property.group.as_deref(), property.group_label.as_deref());
        let value = property_value(property);
        match groups.iter_mut().find(|known| known.label == group) {
            Some(known) => known.properties.push(value),
            None => groups.push(PropertyGroup { label: group, properties: vec![value] }),
        }
    }
    RecordPage {
        object: object.to_string(),
        id: stored.id.to_string(),
        singular,
        title: stored.title,
        subtitle: stored.subtitle,
        archived: stored.archived,
        created_at: stored.created_at.map(|at| at.to_string()),
        updated_at: stored.updated_at.map(|at| at.to_string()),
        synced_at: stored.synced_at.map(|at| at.to_string()),
        groups,
        filled,
        defined,
        linked,
    }
}

fn property_value(property: StoredProperty) -> PropertyValue {
    PropertyValue {
        kind: kind_of(&property.name, &property.kind, &property.field_type, property.money),
        name: property.name.to_string(),
        label: property.label,
        value: cell(property.cell),
        calculated: property.calculated,
        sensitive: property.sensitive,
        stored: property.stored,
        description: property.description,
    }
}

/// What HubSpot calls its own groups, for copies made before their labels were asked for.
const GROUPS: [(&str, &str); 8] = [
    ("contactinformation", "Contact information"),
    ("companyinformation", "Company information"),
    ("dealinformation", "Deal information"),
    ("ticketinformation", "Ticket information"),
    ("analyticsinformation", "Web activity"),
    ("conversioninformation", "Conversions"),
    ("emailinformation", "E-mail"),
    ("socialmediainformation", "Social media"),
];

/// The heading of a group of properties: the portal's own where it has told, else something readable made of the name.
pub(crate) fn heading(name: Option<&str>, label: Option<&str>) -> String {
    if let Some(label) = label.filter(|label| !label.trim().is_empty()) {
        return label.to_owned();
    }
    let Some(name) = name else { return "Other".to_owned() };
    if let Some((_, label)) = GROUPS.iter().find(|(known, _)| *known == name) {
        return (*label).to_owned();
    }
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The record's page at HubSpot: the address HubSpot gave, if it is on a HubSpot host, else the usual one.
pub async fn record_link(core: &Core, request: RecordLinkRequest) -> Result<RecordLink, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        if connection.kind == ConnectionKind::Demo {
            return Ok(RecordLink { url: None });
        }
        let (object, id) = (ObjectType::new(request.object), parse_id(&request.id)?);
        let Some(account) = &connection.account else { return Ok(RecordLink { url: None }) };
        let type_id = core.read(&connection.id, |reader| {
            Ok(reader.objects()?.into_iter().find(|info| info.object == object).map(|info| info.type_id))
        })?;
        let domain = account.ui_domain.as_deref().filter(|domain| is_hubspots(domain));
        let url = type_id.flatten().zip(domain).map(|(type_id, domain)| {
            format!("https://{domain}/contacts/{}/record/{type_id}/{id}", account.portal)
        });
        Ok(RecordLink { url })
    })
    .await
}

fn is_hubspots(host: &str) -> bool {
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
    plain && (host == "hubspot.com" || host.ends_with(".hubspot.com"))
}
