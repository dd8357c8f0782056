//! Schemas of custom objects.

use bytes::Bytes;
use crm::{PropertyName, Schema};
use serde::Deserialize;

use super::{Listed, lenient, parse};
use crate::{ApiVersion, Endpoint, Family, Malformed, Request, page::text, path::Path};

/// All custom objects; HubSpot does not page them.
#[derive(Debug, Clone, Copy)]
pub struct Schemas;

impl Schemas {
    const KIND: &'static str = "custom object schemas";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSchema {
    object_type_id: String,
    #[serde(default, deserialize_with = "lenient")]
    fully_qualified_name: Option<String>,
    name: String,
    #[serde(default, deserialize_with = "lenient")]
    labels: RawLabels,
    #[serde(default, deserialize_with = "lenient")]
    primary_display_property: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    associations: Vec<RawAssociation>,
    #[serde(default, deserialize_with = "lenient")]
    archived: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawLabels {
    singular: Option<String>,
    plural: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawAssociation {
    from_object_type_id: Option<String>,
    to_object_type_id: Option<String>,
}

impl Endpoint for Schemas {
    type Output = Vec<Schema>;

    fn request(&self, version: ApiVersion) -> Request {
        Request::get(Self::KIND, Path::new(Family::Schemas.base(version)).done())
    }

    fn read(&self, body: Bytes) -> Result<Vec<Schema>, Malformed> {
        let listed: Listed<RawSchema> = parse(Self::KIND, &text(&body))?;
        Ok(listed.results.into_iter().map(schema).collect())
    }
}

fn schema(raw: RawSchema) -> Schema {
    let ends = raw.associations.into_iter().flat_map(|association| {
        [association.from_object_type_id, association.to_object_type_id].into_iter().flatten()
    });
    let mut associated: Vec<String> = ends.filter(|id| *id != raw.object_type_id).collect();
    associated.sort();
    associated.dedup();
    Schema {
        fully_qualified_name: raw.fully_qualified_name.unwrap_or_else(|| raw.object_type_id.clone()),
        object_type_id: raw.object_type_id,
        name: raw.name,
        singular: raw.labels.singular,
        plural: raw.labels.plural,
        primary_display_property: raw.primary_display_property.map(PropertyName::new),
        associated_type_ids: associated,
        archived: raw.archived,
    }
}
