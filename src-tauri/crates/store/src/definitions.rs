//! What the portal says about itself: account, object types, properties, owners, users, teams, pipelines, schemas.
//!
//! Each call replaces what it covers. What has vanished is kept and marked archived: old records still need its label.

use crm::{
    Account, AssociationType, ObjectType, Owner, OwnerTeam, Pair, Pipeline, PropertyDefinition,
    PropertyGroup, PropertyName, Schema, Sensitivity, Team, User, is_reserved,
};
use rusqlite::{OptionalExtension, Transaction, named_params, params};

use crate::{
    Error, NewProperties, Writer, exclusions,
    names::quoted,
    picks,
    value::{self, json_list},
    writer::{archived_index, known, live_index},
};

/// An object type, with the words people use for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    pub object: ObjectType,
    /// HubSpot's own number for it, such as `0-1`.
    pub type_id: String,
    pub singular: String,
    pub plural: String,
    /// The property that names a record, where the portal says so.
    pub primary_property: Option<PropertyName>,
    pub custom: bool,
}

pub(crate) const SENSITIVITIES: [(&str, Sensitivity); 3] = [
    ("non_sensitive", Sensitivity::NonSensitive),
    ("sensitive", Sensitivity::Sensitive),
    ("highly_sensitive", Sensitivity::HighlySensitive),
];

impl Writer {
    pub fn put_account(&mut self, account: &Account) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute("DELETE FROM account", [])?;
        tx.execute(
            "INSERT INTO account (portal_id, account_type, time_zone, currency, utc_offset_ms, ui_domain, region)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                value::portal(account.portal),
                account.account_type,
                account.time_zone,
                account.currency,
                account.utc_offset_ms,
                account.ui_domain,
                account.region,
            ],
        )?;
        Ok(tx.commit()?)
    }

    /// Makes room for an object type: its table and its view. Calling it again changes the words only.
    pub fn put_object(&mut self, info: &ObjectInfo) -> Result<(), Error> {
        let tx = self.begin()?;
        let name = info.object.as_str();
        let view = match known_as(&tx, name)? {
            Some((exact, view)) if exact == name => view,
            Some(_) => return Err(Error::NameTaken(name.to_owned())),
            None => create(&tx, &info.object)?,
        };
        tx.execute(
            "INSERT INTO object_types (object_type, type_id, singular, plural, primary_property, custom, view_name)
             VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (object_type) DO UPDATE SET type_id = excluded.type_id, singular = excluded.singular,
                 plural = excluded.plural, primary_property = excluded.primary_property, custom = excluded.custom",
            params![
                name,
                info.type_id,
                info.singular,
                info.plural,
                info.primary_property.as_ref().map(PropertyName::as_str),
                info.custom,
                view,
            ],
        )?;
        picks::rebuild_view(&tx, &info.object)?;
        Ok(tx.commit()?)
    }

    /// The definitions of a type's properties. The first time they bring the default picks; the view follows them.
    pub fn put_properties(
        &mut self,
        object: &ObjectType,
        definitions: &[PropertyDefinition],
    ) -> Result<(), Error> {
        let all = SENSITIVITIES.map(|(_, sensitivity)| sensitivity);
        self.put_properties_under(object, definitions, &all, NewProperties::Store)
    }

    /// The same for what `asked` covers, with what becomes of properties that are new to a type that is already known.
    /// Properties of another sensitivity stay as they are.
    pub fn put_properties_under(
        &mut self,
        object: &ObjectType,
        definitions: &[PropertyDefinition],
        asked: &[Sensitivity],
        new: NewProperties,
    ) -> Result<(), Error> {
        let tx = self.begin()?;
        known(&tx, object)?;
        let mut known_before = 0;
        for sensitivity in asked {
            known_before += tx.execute(
                "UPDATE properties SET archived = 1 WHERE object_type = ? AND sensitivity = ?",
                [object.as_str(), value::name_of(*sensitivity, &SENSITIVITIES)],
            )?;
        }
        // All that a type has when it is first seen is not new to its portal.
        let new = if known_before == 0 { NewProperties::Store } else { new };
        for definition in definitions {
            put_property(&tx, object, definition, new)?;
        }
        picks::follow_definitions(&tx, object)?;
        exclusions::follow_definitions(&tx, object)?;
        Ok(tx.commit()?)
    }

    /// The groups in which a portal shows a type's properties.
    pub fn put_property_groups(
        &mut self,
        object: &ObjectType,
        groups: &[PropertyGroup],
    ) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute("UPDATE property_groups SET archived = 1 WHERE object_type = ?", [object.as_str()])?;
        let mut put = tx.prepare_cached("INSERT OR REPLACE INTO property_groups VALUES (?, ?, ?, ?, ?)")?;
        for group in groups {
            put.execute(params![
                object.as_str(),
                group.name,
                group.label,
                group.display_order,
                group.archived
            ])?;
        }
        drop(put);
        Ok(tx.commit()?)
    }

    /// Owners, those who left included. A name that HubSpot has cleared stays as it was last known.
    pub fn put_owners(&mut self, live: &[Owner], archived: &[Owner]) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute("UPDATE owners SET archived = 1", [])?;
        let rows = archived.iter().map(|owner| (owner, true)).chain(live.iter().map(|owner| (owner, false)));
        for (owner, gone) in rows {
            put_owner(&tx, owner, gone || owner.archived)?;
        }
        Ok(tx.commit()?)
    }

    pub fn put_users(&mut self, users: &[User]) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute("UPDATE users SET archived = 1", [])?;
        for user in users {
            tx.prepare_cached(
                "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)
                 ON CONFLICT (id) DO UPDATE SET email = excluded.email,
                     first_name = coalesce(excluded.first_name, first_name),
                     last_name = coalesce(excluded.last_name, last_name), role_ids = excluded.role_ids,
                     primary_team_id = excluded.primary_team_id, secondary_team_ids = excluded.secondary_team_ids,
                     super_admin = excluded.super_admin, archived = 0",
            )?
            .execute(params![
                user.id,
                user.email,
                user.first_name,
                user.last_name,
                json_list(&user.role_ids),
                user.primary_team_id,
                json_list(&user.secondary_team_ids),
                user.super_admin,
            ])?;
        }
        Ok(tx.commit()?)
    }

    pub fn put_teams(&mut self, teams: &[Team]) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute("UPDATE teams SET archived = 1", [])?;
        for team in teams {
            tx.prepare_cached("INSERT OR REPLACE INTO teams VALUES (?, ?, ?, ?, 0)")?.execute(params![
                team.id,
                team.name,
                json_list(&team.user_ids),
                json_list(&team.secondary_user_ids),
            ])?;
        }
        Ok(tx.commit()?)
    }

    pub fn put_pipelines(&mut self, object: &ObjectType, pipelines: &[Pipeline]) -> Result<(), Error> {
        let tx = self.begin()?;
        let table = object.as_str();
        tx.execute("UPDATE pipelines SET archived = 1 WHERE object_type = ?", [table])?;
        tx.execute("UPDATE stages SET archived = 1 WHERE object_type = ?", [table])?;
        for pipeline in pipelines {
            tx.prepare_cached("INSERT OR REPLACE INTO pipelines VALUES (?, ?, ?, ?, ?)")?.execute(
                params![table, pipeline.id, pipeline.label, pipeline.display_order, pipeline.archived,],
            )?;
            for stage in &pipeline.stages {
                tx.prepare_cached("INSERT OR REPLACE INTO stages VALUES (?, ?, ?, ?, ?, ?, ?)")?.execute(
                    params![
                        table,
                        stage.id,
                        pipeline.id,
                        stage.label,
                        stage.display_order,
                        stage.metadata,
                        stage.archived || pipeline.archived,
                    ],
                )?;
            }
        }
        Ok(tx.commit()?)
    }

    /// Custom objects, each with the name of its table here.
    pub fn put_schemas(&mut self, schemas: &[(Schema, ObjectType)]) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute("UPDATE schemas SET archived = 1", [])?;
        for (schema, object) in schemas {
            tx.prepare_cached("INSERT OR REPLACE INTO schemas VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?.execute(
                params![
                    schema.object_type_id,
                    object.as_str(),
                    schema.fully_qualified_name,
                    schema.name,
                    schema.singular,
                    schema.plural,
                    schema.primary_display_property.as_ref().map(PropertyName::as_str),
                    json_list(&schema.associated_type_ids),
                    schema.archived,
                ],
            )?;
        }
        Ok(tx.commit()?)
    }

    /// The association types of one direction.
    pub fn put_association_types(&mut self, pair: &Pair, types: &[AssociationType]) -> Result<(), Error> {
        let tx = self.begin()?;
        let (from, to) = (pair.from.as_str(), pair.to.as_str());
        tx.execute(
            "UPDATE association_types SET archived = 1 WHERE from_type = ? AND to_type = ?",
            [from, to],
        )?;
        for kind in types {
            tx.prepare_cached("INSERT OR REPLACE INTO association_types VALUES (?, ?, ?, ?, ?, 0)")?
                .execute(params![from, to, kind.category, kind.type_id, kind.label])?;
        }
        Ok(tx.commit()?)
    }
}

/// The exact name under which a type is known (case ignored in the asking), and its view.
fn known_as(tx: &Transaction<'_>, name: &str) -> Result<Option<(String, String)>, Error> {
    let known = tx.query_row(
        "SELECT object_type, view_name FROM object_types WHERE object_type = ?",
        [name],
        |row| Ok((row.get(0)?, row.get(1)?)),
    );
    Ok(known.optional()?)
}

/// Creates an object type's table; gives back the name for its view.
fn create(tx: &Transaction<'_>, object: &ObjectType) -> Result<String, Error> {
    let name = object.as_str();
    let taken = |name: &str| {
        tx.query_row("SELECT count(*) FROM sqlite_schema WHERE name = ? COLLATE NOCASE", [name], |row| {
            row.get::<_, i64>(0)
        })
        .map(|count| count > 0)
    };
    if is_reserved(name) || taken(name)? {
        return Err(Error::NameTaken(name.to_owned()));
    }
    let mut view = format!("{name}_view");
    while taken(&view)? {
        view.push('_');
    }
    tx.execute_batch(&format!(
        "CREATE TABLE {table} (
    id INTEGER PRIMARY KEY,
    created_at TEXT,
    updated_at TEXT NOT NULL,
    archived INTEGER NOT NULL,
    archived_at TEXT,
    merged_into INTEGER,
    synced_at TEXT NOT NULL,
    picked TEXT NOT NULL,
    properties TEXT NOT NULL
);
CREATE INDEX {live} ON {table} (id, updated_at) WHERE archived = 0;
CREATE INDEX {archived} ON {table} (id, archived_at) WHERE archived = 1;",
        table = quoted(name),
        live = live_index(object),
        archived = archived_index(object),
    ))?;
    Ok(view)
}

fn put_property(
    tx: &Transaction<'_>,
    object: &ObjectType,
    definition: &PropertyDefinition,
    new: NewProperties,
) -> Result<(), Error> {
    let (table, name) = (object.as_str(), definition.name.as_str());
    let open = definition.sensitivity == Sensitivity::NonSensitive;
    tx.prepare_cached(
        // What is stored and exposed stays as it was chosen, unless its sensitivity has changed.
        "INSERT INTO properties (object_type, name, label, type, field_type, group_name, description, display_order,
             calculated, external_options, has_unique_value, hidden, hubspot_defined, read_only_value,
             referenced_object_type, currency_property, show_currency_symbol, sensitivity, archived, stored, exposed)
         VALUES (:object, :name, :label, :type, :field_type, :group, :description, :order, :calculated,
             :external_options, :unique, :hidden, :hubspot_defined, :read_only, :referenced, :currency_property,
             :show_currency, :sensitivity, :archived, :stored, :exposed)
         ON CONFLICT (object_type, name) DO UPDATE SET label = excluded.label, type = excluded.type,
             field_type = excluded.field_type, group_name = excluded.group_name, description = excluded.description,
             display_order = excluded.display_order, calculated = excluded.calculated,
             external_options = excluded.external_options, has_unique_value = excluded.has_unique_value,
             hidden = excluded.hidden, hubspot_defined = excluded.hubspot_defined,
             read_only_value = excluded.read_only_value, referenced_object_type = excluded.referenced_object_type,
             currency_property = excluded.currency_property, show_currency_symbol = excluded.show_currency_symbol,
             stored = iif(sensitivity = excluded.sensitivity, stored, excluded.stored),
             exposed = iif(sensitivity = excluded.sensitivity, exposed, excluded.exposed),
             sensitivity = excluded.sensitivity, archived = excluded.archived",
    )?
    .execute(named_params! {
        ":object": table,
        ":name": name,
        ":label": definition.label,
        ":type": definition.kind,
        ":field_type": definition.field_type,
        ":group": definition.group,
        ":description": definition.description,
        ":order": definition.display_order,
        ":calculated": definition.calculated,
        ":external_options": definition.external_options,
        ":unique": definition.has_unique_value,
        ":hidden": definition.hidden,
        ":hubspot_defined": definition.hubspot_defined,
        ":read_only": definition.read_only_value,
        ":referenced": definition.referenced_object_type,
        ":currency_property": definition.currency_property,
        ":show_currency": definition.show_currency_symbol,
        ":sensitivity": value::name_of(definition.sensitivity, &SENSITIVITIES),
        ":archived": definition.archived,
        ":stored": open && new == NewProperties::Store,
        ":exposed": open,
    })?;
    tx.prepare_cached("UPDATE property_options SET archived = 1 WHERE object_type = ? AND property = ?")?
        .execute([table, name])?;
    let mut put =
        tx.prepare_cached("INSERT OR REPLACE INTO property_options VALUES (?, ?, ?, ?, ?, ?, 0, ?)")?;
    for (position, option) in definition.options.iter().enumerate() {
        put.execute(params![
            table,
            name,
            option.value,
            option.label,
            option.display_order,
            option.hidden,
            i64::try_from(position).unwrap_or(i64::MAX),
        ])?;
    }
    Ok(())
}

fn put_owner(tx: &Transaction<'_>, owner: &Owner, archived: bool) -> Result<(), Error> {
    // A name counts as cleared only when both parts are: someone may have lost a last name by marriage.
    tx.prepare_cached(
        "INSERT INTO owners (id, email, kind, first_name, last_name, user_id, user_id_including_inactive, teams,
             archived, created_at, updated_at)
         VALUES (:id, :email, :kind, nullif(:first, ''), nullif(:last, ''), :user, :any_user, :teams, :archived,
             :created, :updated)
         ON CONFLICT (id) DO UPDATE SET
             email = coalesce(excluded.email, email),
             kind = coalesce(excluded.kind, kind),
             first_name = iif(coalesce(excluded.first_name, excluded.last_name) IS NULL, first_name, excluded.first_name),
             last_name = iif(coalesce(excluded.first_name, excluded.last_name) IS NULL, last_name, excluded.last_name),
             user_id = excluded.user_id,
             user_id_including_inactive = coalesce(excluded.user_id_including_inactive, user_id_including_inactive),
             teams = excluded.teams,
             archived = excluded.archived,
             created_at = coalesce(excluded.created_at, created_at),
             updated_at = coalesce(excluded.updated_at, updated_at)",
    )?
    .execute(named_params! {
        ":id": owner.id,
        ":email": owner.email.as_deref().filter(|email| !email.is_empty()),
        ":kind": owner.kind,
        ":first": owner.first_name.as_deref().map(str::trim),
        ":last": owner.last_name.as_deref().map(str::trim),
        ":user": owner.user_id,
        ":any_user": owner.user_id_including_inactive,
        ":teams": teams_json(&owner.teams),
        ":archived": archived,
        ":created": value::time(owner.created_at),
        ":updated": value::time(owner.updated_at),
    })?;
    Ok(())
}

fn teams_json(teams: &[OwnerTeam]) -> String {
    let teams: Vec<_> = teams
        .iter()
        .map(|team| serde_json::json!({"id": team.id, "name": team.name, "primary": team.primary}))
        .collect();
    serde_json::Value::from(teams).to_string()
}
