//! What the portal says about itself, read before its records: account, custom objects, properties, owners, users,
//! teams, pipelines. A part that may not be read is left out and told; it never stops the records.

use std::time::Duration;

use crm::{
    AssociationType, ObjectType, Pair, PropertyDefinition, PropertyName, Schema, Sensitivity, Timestamp,
};
use futures::stream::{FuturesUnordered, StreamExt};
use hubspot::{
    ObjectKind, catalog,
    endpoint::{
        AccountDetails, AssociationLabels, Owners, Pipelines, Properties, PropertyGroups, Schemas, Teams,
        Users,
    },
};
use store::{Level, ObjectInfo};

use crate::{
    Error,
    asked::Asked,
    context::Context,
    error::Halt,
    mark::{self, CustomMark, ImportMark},
    offered, refused,
};

/// A run that was cut is gone on with for so long after its start; later, what was changed since matters more.
const RESUMED_WITHIN: i64 = 5 * 60_000;

/// An object type of this portal, with the properties to ask for.
pub(crate) struct Portal {
    pub(crate) kinds: Vec<ObjectKind>,
    pub(crate) schemas: Vec<Schema>,
}

/// Reads and stores all definitions, unless this run has done so before it was cut, or stored ones will do. Either way
/// HubSpot's clock and the portal's are known afterwards.
pub(crate) async fn read(context: &mut Context, import: &mut ImportMark) -> Result<Portal, Halt> {
    meet(context, import).await?;
    if import.defined {
        return Ok(portal_of(import));
    }
    if import.first_done && !context.moment().hourly(import.defined_at.map(Timestamp::from_millis)) {
        import.defined = true;
        return Ok(portal_of(import));
    }
    let context = &*context;
    // What changes rarely, or is of use to few, is asked for once a day.
    let widely = context.full || context.moment().daily(import.widely_at.map(Timestamp::from_millis));
    if !import.listed {
        let schemas =
            tolerate(context, "custom objects", context.send(&Schemas).await).await?.unwrap_or_default();
        import.custom = schemas.iter().map(mark_of).collect();
        if widely {
            offered::ask(context, import).await?;
        }
        import.listed = true;
        mark::write_import(&context.writer, import, context.now()).await?;
    }
    let portal = portal_of(import);
    store_objects(context, &portal).await?;
    futures::try_join!(people(context), define_all(context, &portal, widely, import))?;
    if widely {
        import.widely_at = context.started.map(Timestamp::millis);
    }
    import.learned.clear();
    import.defined = true;
    import.defined_at = context.started.map(Timestamp::millis);
    mark::write_import(&context.writer, import, context.now()).await?;
    Ok(portal)
}

/// Types whose definitions are read side by side: what a cut repeats is no more than that.
const DEFINING: usize = 3;

/// Definitions of all types; those that this run has read before it was cut are not read again.
async fn define_all(
    context: &Context,
    portal: &Portal,
    widely: bool,
    import: &mut ImportMark,
) -> Result<(), Halt> {
    let learned = import.learned.clone();
    let mut waiting =
        portal.kinds.iter().filter(|kind| !learned.iter().any(|name| name == kind.object.as_str()));
    let mut defining = FuturesUnordered::new();
    loop {
        while defining.len() < DEFINING
            && let Some(kind) = waiting.next()
        {
            defining
                .push(async move { define(context, kind, widely).await.map(|()| kind.object.to_string()) });
        }
        let Some(name) = defining.next().await else { return Ok(()) };
        import.learned.push(name?);
        mark::write_import(&context.writer, import, context.now()).await?;
    }
}

/// Asks who the portal is: the answer also tells the time, which no window of changes can do without.
async fn meet(context: &mut Context, import: &mut ImportMark) -> Result<(), Halt> {
    if let Some(account) = tolerate(context, "account", context.send(&AccountDetails).await).await? {
        context.client.know_account(&account);
        context.utc_offset_ms = account.utc_offset_ms.unwrap_or(0);
        context.writer.call(move |store| store.put_account(&account)).await?;
    }
    // HubSpot tells whole seconds; what was changed in the one under way is not to wait for the next run.
    let now = context.client.server_time().map(|now| now.plus(Duration::from_secs(1)));
    let is_old = |cut: i64| now.is_some_and(|now| now.millis() - cut >= RESUMED_WITHIN);
    if import.first_done && import.started.is_some_and(is_old) {
        // What a run found out that was cut long ago says little about now: another begins, where its streams stopped.
        context.began = (context.clock)();
        (import.began, import.started, import.defined) = (context.began.millis(), None, false);
    }
    import.started = import.started.or(now.map(Timestamp::millis));
    context.started = import.started.map(Timestamp::from_millis);
    // A run that is cut and gone on with ends its windows where it would have.
    Ok(mark::write_import(&context.writer, import, context.now()).await?)
}

/// The portal as the last run that read definitions found it.
pub(crate) fn stored(import: &ImportMark) -> Portal {
    portal_of(import)
}

pub(crate) fn portal_of(import: &ImportMark) -> Portal {
    let schemas: Vec<Schema> = import.custom.iter().map(schema_of).collect();
    let mut kinds = catalog::core();
    kinds.extend(import.rarer.kinds());
    for schema in schemas.iter().filter(|schema| !schema.archived) {
        let taken: Vec<ObjectType> = kinds.iter().map(|kind| kind.object.clone()).collect();
        let taken: Vec<&str> = taken.iter().map(ObjectType::as_str).collect();
        kinds.push(catalog::custom(schema, &taken));
    }
    Portal { kinds, schemas }
}

async fn store_objects(context: &Context, portal: &Portal) -> Result<(), Error> {
    for kind in &portal.kinds {
        let info = ObjectInfo {
            object: kind.object.clone(),
            type_id: kind.type_id.clone(),
            singular: kind.singular.clone(),
            plural: kind.plural.clone(),
            primary_property: kind.primary_property.clone(),
            custom: kind.custom,
        };
        context.writer.call(move |store| store.put_object(&info)).await?;
    }
    let rows: Vec<(Schema, ObjectType)> = portal
        .schemas
        .iter()
        .filter_map(|schema| {
            let kind = portal.kinds.iter().find(|kind| kind.type_id == schema.object_type_id)?;
            Some((schema.clone(), kind.object.clone()))
        })
        .collect();
    context.writer.call(move |store| store.put_schemas(&rows)).await
}

/// Properties and pipelines of one type; `widely` those properties and groups, too, that few need.
async fn define(context: &Context, kind: &ObjectKind, widely: bool) -> Result<(), Halt> {
    if context.leaves_out(&kind.object) || kind.missing(context.granted.as_deref()).is_some() {
        return Ok(());
    }
    let read = async {
        let what = format!("properties of {}", kind.object);
        let properties = Properties { kind, sensitivity: Sensitivity::NonSensitive };
        let plain = async { tolerate(context, &what, context.send(&properties).await).await };
        let more = async |sensitivity| {
            if widely { sensitive(context, kind, sensitivity).await } else { Ok(None) }
        };
        let (plain, sensitive, highly) =
            futures::try_join!(plain, more(Sensitivity::Sensitive), more(Sensitivity::HighlySensitive))?;
        let Some(mut definitions) = plain else { return Ok(()) };
        let mut asked = vec![Sensitivity::NonSensitive];
        for (sensitivity, more) in
            [(Sensitivity::Sensitive, sensitive), (Sensitivity::HighlySensitive, highly)]
        {
            if let Some(more) = more {
                definitions.extend(more);
                asked.push(sensitivity);
            }
        }
        let (object, new) = (kind.object.clone(), context.new_properties);
        let put =
            move |store: &mut store::Writer| store.put_properties_under(&object, &definitions, &asked, new);
        context.writer.call(put).await?;
        Ok::<(), Halt>(())
    };
    let groups = async {
        if widely {
            let what = format!("groups of properties of {}", kind.object);
            if let Some(groups) =
                tolerate(context, &what, context.send(&PropertyGroups { kind }).await).await?
            {
                let object = kind.object.clone();
                context.writer.call(move |store| store.put_property_groups(&object, &groups)).await?;
            }
        }
        Ok(())
    };
    let stages = async {
        if kind.pipelines {
            let what = format!("pipelines of {}", kind.object);
            if let Some(pipelines) = tolerate(context, &what, context.send(&Pipelines { kind }).await).await?
            {
                let object = kind.object.clone();
                context.writer.call(move |store| store.put_pipelines(&object, &pipelines)).await?;
            }
        }
        Ok(())
    };
    futures::try_join!(read, groups, stages)?;
    Ok(())
}

/// Definitions that many portals do not have, or do not show to this key: a refusal is no trouble, and says nothing about
/// those that are known.
async fn sensitive(
    context: &Context,
    kind: &ObjectKind,
    sensitivity: Sensitivity,
) -> Result<Option<Vec<PropertyDefinition>>, Halt> {
    match context.send(&Properties { kind, sensitivity }).await {
        Ok(definitions) => Ok(Some(definitions)),
        Err(Halt::Error(error)) if !error.stops_the_run() => {
            tracing::debug!(object = %kind.object, ?sensitivity, %error, "definitions are not shown");
            Ok(None)
        }
        Err(halt) => Err(halt),
    }
}

async fn people(context: &Context) -> Result<(), Halt> {
    let owners = async {
        let (live, archived) = futures::try_join!(all_owners(context, false), all_owners(context, true))?;
        if let (Some(live), Some(archived)) = (live, archived) {
            context.writer.call(move |store| store.put_owners(&live, &archived)).await?;
        }
        Ok::<(), Halt>(())
    };
    let users = async {
        let mut users = Vec::new();
        let mut after = None;
        loop {
            let Some(page) = tolerate(context, "users", context.send(&Users { after }).await).await? else {
                return Ok(());
            };
            users.extend(page.users);
            after = page.after;
            if after.is_none() {
                break;
            }
        }
        context.writer.call(move |store| store.put_users(&users)).await?;
        Ok(())
    };
    let teams = async {
        if let Some(teams) = tolerate(context, "teams", context.send(&Teams).await).await? {
            context.writer.call(move |store| store.put_teams(&teams)).await?;
        }
        Ok(())
    };
    futures::try_join!(owners, users, teams)?;
    Ok(())
}

async fn all_owners(context: &Context, archived: bool) -> Result<Option<Vec<crm::Owner>>, Halt> {
    let mut owners = Vec::new();
    let mut after = None;
    loop {
        let page = tolerate(context, "owners", context.send(&Owners { archived, after }).await).await?;
        let Some(page) = page else { return Ok(None) };
        owners.extend(page.owners);
        after = page.after;
        if after.is_none() {
            return Ok(Some(owners));
        }
    }
}

/// The types of a pair's links, in the direction asked and back; asked only where links were found that need them.
pub(crate) async fn labels(
    context: &Context,
    near: &ObjectKind,
    far: &ObjectKind,
) -> Result<(Vec<AssociationType>, Vec<AssociationType>), Halt> {
    let there = labels_of(context, near, far);
    if near.object == far.object {
        let types = there.await?;
        return Ok((types.clone(), types));
    }
    futures::try_join!(there, labels_of(context, far, near))
}

async fn labels_of(
    context: &Context,
    from: &ObjectKind,
    to: &ObjectKind,
) -> Result<Vec<AssociationType>, Halt> {
    let what = format!("labels between {} and {}", from.object, to.object);
    let answer = context.send(&AssociationLabels { from, to }).await;
    let Some(types) = tolerate(context, &what, answer).await? else { return Ok(Vec::new()) };
    let (pair, kept) = (Pair::new(from.object.clone(), to.object.clone()), types.clone());
    context.writer.call(move |store| store.put_association_types(&pair, &kept)).await?;
    Ok(types)
}

/// A definition that cannot be read is told and left out; what stops the run still does.
async fn tolerate<T>(context: &Context, what: &str, answer: Result<T, Halt>) -> Result<Option<T>, Halt> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Halt::Error(error)) if !error.stops_the_run() => {
            let code = if matches!(error, Error::Hubspot(hubspot::Error::MissingScopes { .. })) {
                "definitions_not_permitted"
            } else {
                "definitions_failed"
            };
            context.tell(Level::Warn, code, None, format!("The {what} could not be read: {error}")).await?;
            Ok(None)
        }
        Err(halt) => Err(halt),
    }
}

/// The properties to ask for: those that are stored.
pub(crate) async fn asked(context: &Context, kind: &ObjectKind) -> Result<Asked, Error> {
    let object = kind.object.clone();
    let look =
        move |reader: &store::Reader| Ok((reader.definitions(&object)?, reader.stored_properties(&object)?));
    let (definitions, mut names) = context.writer.read(look).await?;
    let refused = refused::read(&context.writer, &kind.object).await?.properties;
    names.retain(|name| !refused.contains_key(name.as_str()));
    // A property that has vanished, or is refused, keeps the values it had here.
    let whole = refused.is_empty() && definitions.iter().all(|definition| !definition.archived);
    if names.is_empty() {
        // Without definitions the stamps at least are asked by name; HubSpot adds its default set.
        names.extend([kind.created_property.clone(), kind.modified_property.clone()]);
    }
    // Whether or not it is defined or stored: it tells which records went into this one.
    let merged = PropertyName::from("hs_merged_object_ids");
    if !names.contains(&merged) {
        names.push(merged);
    }
    Ok(Asked::new(names, whole))
}

/// What was changed is found by a stamp. A filter on a property that a type does not have finds nothing and says no word,
/// so its absence is an error of that type.
pub(crate) async fn stamp_defined(context: &Context, kind: &ObjectKind) -> Result<(), Error> {
    let object = kind.object.clone();
    let definitions = context.writer.read(move |reader| reader.definitions(&object)).await?;
    let defined =
        |name: &PropertyName| definitions.iter().any(|known| known.name == *name && !known.archived);
    if definitions.is_empty() || defined(&kind.modified_property) {
        return Ok(());
    }
    Err(Error::StampUndefined { object: kind.plural.clone(), property: kind.modified_property.clone() })
}

/// Whether a property is asked for.
pub(crate) fn is_asked(definition: &PropertyDefinition) -> bool {
    !definition.archived && definition.sensitivity == Sensitivity::NonSensitive
}

pub(crate) fn mark_of(schema: &Schema) -> CustomMark {
    CustomMark {
        object_type_id: schema.object_type_id.clone(),
        fully_qualified_name: schema.fully_qualified_name.clone(),
        name: schema.name.clone(),
        singular: schema.singular.clone(),
        plural: schema.plural.clone(),
        primary: schema.primary_display_property.as_ref().map(|name| name.as_str().to_owned()),
        associated: schema.associated_type_ids.clone(),
    }
}

fn schema_of(mark: &CustomMark) -> Schema {
    Schema {
        object_type_id: mark.object_type_id.clone(),
        fully_qualified_name: mark.fully_qualified_name.clone(),
        name: mark.name.clone(),
        singular: mark.singular.clone(),
        plural: mark.plural.clone(),
        primary_display_property: mark.primary.as_deref().map(PropertyName::from),
        associated_type_ids: mark.associated.clone(),
        archived: false,
    }
}
