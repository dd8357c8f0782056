//! What can be copied, as data: object types, their stamps and scopes, and which of them can be linked. A new type is a
//! row here. Deliberately absent: which of them a connection wants.

mod links;

use crm::{ObjectType, PropertyName, Schema};

pub use links::{inverse, pairs, pairs_of_custom};

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

struct Row {
    name: &'static str,
    type_id: &'static str,
    singular: &'static str,
    plural: &'static str,
    created: &'static str,
    modified: &'static str,
    primary: &'static str,
    pipelines: bool,
    scopes: &'static [&'static [&'static str]],
}

const CONTACTS_READ: &[&[&str]] = &[&["crm.objects.contacts.read"]];
const HS_CREATED: &str = "hs_createdate";
const HS_MODIFIED: &str = "hs_lastmodifieddate";

const ROWS: [Row; 11] = [
    Row {
        name: "contacts",
        type_id: "0-1",
        singular: "Contact",
        plural: "Contacts",
        created: "createdate",
        modified: "lastmodifieddate",
        primary: "email",
        pipelines: false,
        scopes: CONTACTS_READ,
    },
    Row {
        name: "companies",
        type_id: "0-2",
        singular: "Company",
        plural: "Companies",
        created: "createdate",
        modified: HS_MODIFIED,
        primary: "name",
        pipelines: false,
        scopes: &[&["crm.objects.companies.read"]],
    },
    Row {
        name: "deals",
        type_id: "0-3",
        singular: "Deal",
        plural: "Deals",
        created: "createdate",
        modified: HS_MODIFIED,
        primary: "dealname",
        pipelines: true,
        scopes: &[&["crm.objects.deals.read"]],
    },
    Row {
        name: "tickets",
        type_id: "0-5",
        singular: "Ticket",
        plural: "Tickets",
        created: "createdate",
        modified: HS_MODIFIED,
        primary: "subject",
        pipelines: true,
        scopes: &[&["tickets"]],
    },
    Row {
        name: "line_items",
        type_id: "0-8",
        singular: "Line item",
        plural: "Line items",
        created: "createdate",
        modified: HS_MODIFIED,
        primary: "name",
        pipelines: false,
        scopes: &[&["crm.objects.line_items.read"], &["e-commerce"]],
    },
    Row {
        name: "products",
        type_id: "0-7",
        singular: "Product",
        plural: "Products",
        created: "createdate",
        modified: HS_MODIFIED,
        primary: "name",
        pipelines: false,
        scopes: &[&["crm.objects.products.read"], &["e-commerce"]],
    },
    Row {
        name: "notes",
        type_id: "0-46",
        singular: "Note",
        plural: "Notes",
        created: HS_CREATED,
        modified: HS_MODIFIED,
        primary: "hs_note_body",
        pipelines: false,
        scopes: CONTACTS_READ,
    },
    Row {
        name: "calls",
        type_id: "0-48",
        singular: "Call",
        plural: "Calls",
        created: HS_CREATED,
        modified: HS_MODIFIED,
        primary: "hs_call_title",
        pipelines: false,
        scopes: CONTACTS_READ,
    },
    Row {
        name: "emails",
        type_id: "0-49",
        singular: "E-mail",
        plural: "E-mails",
        created: HS_CREATED,
        modified: HS_MODIFIED,
        primary: "hs_email_subject",
        pipelines: false,
        scopes: &[&["crm.objects.contacts.read"], &["sales-email-read"]],
    },
    Row {
        name: "meetings",
        type_id: "0-47",
        singular: "Meeting",
        plural: "Meetings",
        created: HS_CREATED,
        modified: HS_MODIFIED,
        primary: "hs_meeting_title",
        pipelines: false,
        scopes: CONTACTS_READ,
    },
    Row {
        name: "tasks",
        type_id: "0-27",
        singular: "Task",
        plural: "Tasks",
        created: HS_CREATED,
        modified: HS_MODIFIED,
        primary: "hs_task_subject",
        pipelines: false,
        scopes: CONTACTS_READ,
    },
];

/// Scopes of what belongs to no object type. Each list: any one of them is enough.
pub const OWNERS_SCOPES: &[&str] = &["crm.objects.owners.read", "automation"];
pub const USERS_SCOPES: &[&str] = &["settings.users.read", "crm.objects.users.read"];
pub const TEAMS_SCOPES: &[&str] = &["settings.users.teams.read"];
pub const SCHEMAS_SCOPES: &[&str] = &["crm.schemas.custom.read", "crm.objects.custom.read"];

/// HubSpot's own object types, in the order in which people think of them.
pub fn core() -> Vec<ObjectKind> {
    ROWS.iter().map(ObjectKind::from).collect()
}

impl From<&Row> for ObjectKind {
    fn from(row: &Row) -> ObjectKind {
        ObjectKind {
            object: row.name.into(),
            path: row.name.to_owned(),
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

/// Names that no custom object's table may take: other object types', and the mirror's own tables and views.
const RESERVED: &[&str] = &[
    // HubSpot's object types, whether we copy them yet or not
    "contacts",
    "companies",
    "deals",
    "tickets",
    "products",
    "line_items",
    "quotes",
    "communications",
    "feedback_submissions",
    "tasks",
    "notes",
    "meetings",
    "calls",
    "emails",
    "invoices",
    "marketing_events",
    "subscriptions",
    "goal_targets",
    "discounts",
    "fees",
    "taxes",
    "payments",
    "crm_users",
    "postal_mail",
    "orders",
    "leads",
    "carts",
    "services",
    "courses",
    "listings",
    "appointments",
    "projects",
    // what a mirror keeps beside them
    "account",
    "associations",
    "links",
    "owners",
    "users",
    "teams",
    "pipelines",
    "stages",
    "properties",
    "property_options",
    "association_types",
    "schemas",
    "objects",
    "merged_ids",
    "erased",
    "history",
    "ranges",
    "checkpoints",
    "runs",
    "run_events",
    "quarantine",
    "queue",
    "run_streams",
    "exclusions",
    "property_statistics",
    "proofs",
    "picks",
    "suspects",
    "unreachable",
    "object_types",
];

/// A custom object. Its table has the object's name, or the fully qualified one where that is taken: by HubSpot's own
/// types and the mirror's own tables always, by `reserved` as well.
pub fn custom(schema: &Schema, reserved: &[&str]) -> ObjectKind {
    let mut taken = RESERVED.iter().chain(reserved);
    let lower = schema.name.to_ascii_lowercase();
    // `<object>_view` is the object's view; the other beginnings are SQLite's and the full-text index's.
    let awkward = lower.is_empty()
        || lower.ends_with("_view")
        || lower.starts_with("sqlite_")
        || lower.starts_with("fts")
        || lower.starts_with('_');
    let table = if awkward || taken.any(|name| name.eq_ignore_ascii_case(&lower)) {
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
