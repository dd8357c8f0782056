//! What a portal says about itself: account, properties, owners, users, teams, pipelines, custom objects, labels.

use crate::{PortalId, PropertyName, Timestamp};

/// The portal behind a token (`/account-info/{V}/details`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub portal: PortalId,
    /// `STANDARD`, `DEVELOPER_TEST`, `SANDBOX`, `APP_DEVELOPER`.
    pub account_type: Option<String>,
    pub time_zone: Option<String>,
    pub currency: Option<String>,
    /// Offset from UTC in milliseconds, daylight saving included.
    pub utc_offset_ms: Option<i64>,
    /// Host of the portal's pages, such as `app-eu1.hubspot.com`.
    pub ui_domain: Option<String>,
    /// Data region, such as `eu1`.
    pub region: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sensitivity {
    NonSensitive,
    Sensitive,
    HighlySensitive,
}

/// A property's definition. `kind` is HubSpot's `type` (string, number, date, datetime, enumeration, bool, …).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyDefinition {
    pub name: PropertyName,
    pub label: String,
    pub kind: String,
    pub field_type: String,
    pub group: Option<String>,
    pub description: Option<String>,
    pub options: Vec<PropertyOption>,
    pub display_order: Option<i64>,
    pub calculated: bool,
    pub external_options: bool,
    pub has_unique_value: bool,
    pub hidden: bool,
    pub hubspot_defined: bool,
    pub read_only_value: bool,
    pub referenced_object_type: Option<String>,
    pub currency_property: Option<String>,
    pub show_currency_symbol: bool,
    pub sensitivity: Sensitivity,
    pub archived: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyOption {
    pub value: String,
    pub label: String,
    pub display_order: Option<i64>,
    pub hidden: bool,
}

/// A heading under which a portal shows properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyGroup {
    pub name: String,
    pub label: String,
    pub display_order: Option<i64>,
    pub archived: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub id: String,
    pub email: Option<String>,
    /// `PERSON` or `QUEUE`.
    pub kind: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub user_id: Option<i64>,
    pub user_id_including_inactive: Option<i64>,
    pub archived: bool,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub teams: Vec<OwnerTeam>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerTeam {
    pub id: String,
    pub name: String,
    pub primary: bool,
}

/// A user of the portal (`/settings/users`), not the CRM object of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: String,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role_ids: Vec<String>,
    pub primary_team_id: Option<String>,
    pub secondary_team_ids: Vec<String>,
    pub super_admin: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub id: String,
    pub name: String,
    pub user_ids: Vec<String>,
    pub secondary_user_ids: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    pub id: String,
    pub label: String,
    pub display_order: Option<i64>,
    pub archived: bool,
    pub stages: Vec<Stage>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub id: String,
    pub label: String,
    pub display_order: Option<i64>,
    pub archived: bool,
    /// `metadata` as JSON object text: `isClosed`, `probability`, `ticketState`, …
    pub metadata: String,
}

/// A custom object's schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// `2-NNN`.
    pub object_type_id: String,
    pub fully_qualified_name: String,
    pub name: String,
    pub singular: Option<String>,
    pub plural: Option<String>,
    pub primary_display_property: Option<PropertyName>,
    /// Type ids this object may be associated with (`0-1`, `2-7`, …), itself excluded.
    pub associated_type_ids: Vec<String>,
    pub archived: bool,
}

/// One association type in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociationType {
    pub category: String,
    pub type_id: i64,
    pub label: Option<String>,
}
