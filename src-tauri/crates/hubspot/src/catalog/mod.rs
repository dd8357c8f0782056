//! What can be copied, as data: object types, their stamps and scopes, and which of them can be linked. A new type is a
//! row here. Deliberately absent: which of them a connection wants.

mod links;
mod rows;

use crm::{ObjectType, PropertyName, Schema};
use rows::{HS_CREATED, HS_MODIFIED, Row};

pub use links::{inverse, is_certain, pairs, pairs_of_custom};

/// One object type that can be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectKind {
    /// Its table in the mirror.
    pub object: ObjectType,
    /// Its name in API paths: `contacts`, `2-123`.
    pub path: String,
    pub type_id: String,
    pub singular: String,
    pub plural: String,
    pub created_property: PropertyName,
    pub modified_property: PropertyName,
    /// Any one of these sets lets a token read it.
    pub scopes: &'static [&'static [&'static str]],
    pub custom: bool,
    pub pipelines: bool,
    pub primary_property: Option<PropertyName>,
}

impl ObjectKind {
    /// The scopes to add so that this type can be read; `None` when it can be, or when what was granted is unknown.
    pub fn missing(&self, granted: Option<&[String]>) -> Option<Vec<&'static str>> {
        let granted = granted?;
        let lacks = |set: &&[&'static str]| -> Vec<&'static str> {
            set.iter().copied().filter(|scope| !granted.iter().any(|has| has == scope)).collect()
        };
        // The first set is the one to recommend, unless another needs less.
        let fewest = self.scopes.iter().map(lacks).min_by_key(Vec::len)?;
        if fewest.is_empty() { None } else { Some(fewest) }
    }
}

/// Scopes of what belongs to no object type. Each list: any one of them is enough.
pub const OWNERS_SCOPES: &[&str] = &["crm.objects.owners.read", "automation"];
pub const USERS_SCOPES: &[&str] = &["settings.users.read", "crm.objects.users.read"];
pub const TEAMS_SCOPES: &[&str] = &["settings.users.teams.read"];
pub const SCHEMAS_SCOPES: &[&str] = &["crm.schemas.custom.read", "crm.objects.custom.read"];

/// The types that every portal works with, in the order in which people think of them. They are always asked for.
pub fn core() -> Vec<ObjectKind> {
    rows::CORE.iter().map(ObjectKind::from).collect()
}

/// Types that come with some plans only. Each is tried, and left alone where the portal does not have it.
pub fn rarer() -> Vec<ObjectKind> {
    rows::RARER.iter().map(ObjectKind::from).collect()
}

/// All of HubSpot's own object types.
pub fn all() -> Vec<ObjectKind> {
    let mut kinds = core();
    kinds.extend(rarer());
    kinds
}

impl From<&Row> for ObjectKind {
    fn from(row: &Row) -> ObjectKind {
        ObjectKind {
            object: row.name.into(),
            path: row.path.to_owned(),
            type_id: row.type_id.to_owned(),
            singular: row.singular.to_owned(),
            plural: row.plural.to_owned(),
            created_property: row.created.into(),
            modified_property: row.modified.into(),
            scopes: row.scopes,
            custom: false,
            pipelines: row.pipelines,
            primary_property: Some(row.primary.into()),
        }
    }
}

/// A custom object. Its table has the object's name, or the fully qualified one where that is taken: by HubSpot's own
/// types and the mirror's own tables always, by `reserved` as well.
pub fn custom(schema: &Schema, reserved: &[&str]) -> ObjectKind {
    let own = rows::CORE.iter().chain(&rows::RARER).map(|row| row.name);
    let lower = schema.name.to_ascii_lowercase();
    // `<object>_view` is the object's view; the other beginnings are the full-text index's.
    let awkward = crm::is_reserved(&lower)
        || lower.ends_with("_view")
        || lower.starts_with("fts")
        || lower.starts_with('_');
    let table =
        if awkward || own.chain(reserved.iter().copied()).any(|name| name.eq_ignore_ascii_case(&lower)) {
            &schema.fully_qualified_name
        } else {
            &schema.name
        };
    ObjectKind {
        object: ObjectType::new(table.as_str()),
        path: schema.object_type_id.clone(),
        type_id: schema.object_type_id.clone(),
        singular: schema.singular.clone().unwrap_or_else(|| schema.name.clone()),
        plural: schema
            .plural
            .clone()
            .or_else(|| schema.singular.clone())
            .unwrap_or_else(|| schema.name.clone()),
        created_property: HS_CREATED.into(),
        modified_property: HS_MODIFIED.into(),
        scopes: &[&["crm.objects.custom.read"]],
        custom: true,
        pipelines: true,
        primary_property: schema.primary_display_property.clone(),
    }
}

#[cfg(test)]
mod tests;
