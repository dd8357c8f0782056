//! Properties of a type: what is known of them, and what is chosen about them (stored, picked, exposed).

use crm::{ConnectionId, ObjectType, PropertyName, Sensitivity};
use store::{PropertyChoice, Reader, Writer};

use crate::{
    core::{Core, clock, count},
    errors,
    record::heading,
    runs,
    wire::{
        self, Code, CoreEvent, Pick, PickRow, Picks, PicksRequest, Properties, PropertiesRequest,
        PropertyRow, PropertySample, WireError,
    },
};

/// Records of one call that fetches a property of old records (API.md 7).
const REFILL_PAGE: u64 = 100;
/// Rows of one step that builds an index or takes values out.
const STEP: usize = 50_000;

pub async fn properties(core: &Core, request: PropertiesRequest) -> Result<Properties, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        let object = ObjectType::new(request.object.as_str());
        let answer = core.read(&connection.id, |reader| {
            let choices = reader.property_choices(&object)?;
            Ok((choices, reader.counts(&object)?.live))
        })?;
        let (choices, live) = answer.ok_or_else(|| errors::say(Code::NoSuchObject, &request.object))?;
        let counted = choices.iter().filter_map(|choice| choice.statistics.as_ref().map(|(_, at)| *at)).max();
        Ok(Properties {
            object: request.object,
            records: count(live),
            counted_at: counted.map(|at| at.to_string()),
            properties: choices.into_iter().map(row).collect(),
        })
    })
    .await
}

fn row(choice: PropertyChoice) -> PropertyRow {
    let definition = choice.definition;
    let found = choice.statistics.map(|(found, _)| found);
    let is_always = store::is_always_stored(definition.name.as_str());
    PropertyRow {
        group: heading(definition.group.as_deref(), choice.group_label.as_deref()),
        label: if definition.label.trim().is_empty() {
            definition.name.to_string()
        } else {
            definition.label
        },
        kind: definition.kind,
        field_type: definition.field_type,
        description: definition.description,
        stored: choice.stored,
        picked: choice.column.is_some(),
        column: choice.column,
        exposed: choice.stored && choice.exposed,
        locked: is_always.then(|| "The copy cannot be kept current without it.".to_owned()),
        sensitivity: match definition.sensitivity {
            Sensitivity::NonSensitive => wire::Sensitivity::NonSensitive,
            Sensitivity::Sensitive => wire::Sensitivity::Sensitive,
            Sensitivity::HighlySensitive => wire::Sensitivity::HighlySensitive,
        },
        calculated: definition.calculated,
        read_only: definition.read_only_value,
        unique: definition.has_unique_value,
        hidden: definition.hidden,
        custom: !definition.hubspot_defined,
        gone: definition.archived,
        filled: found.as_ref().map(|found| count(found.filled)),
        of: found.as_ref().map(|found| count(found.of)),
        distinct: found.as_ref().and_then(|found| found.distinct).map(count),
        samples: found
            .into_iter()
            .flat_map(|found| found.samples)
            .map(|sample| PropertySample { value: sample.value, count: sample.count.map(count) })
            .collect(),
        used: choice.used.into_iter().map(str::to_owned).collect(),
        refilling: choice.refilling,
        name: definition.name.to_string(),
    }
}

pub async fn picks(core: &Core, request: PicksRequest) -> Result<Picks, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        listed(core, &connection.id, &ObjectType::new(request.object), &[])
    })
    .await
}

/// Picks and refills as they are, with those that `more` would add.
fn listed(
    core: &Core,
    id: &ConnectionId,
    object: &ObjectType,
    more: &[PropertyName],
) -> Result<Picks, WireError> {
    let look = |reader: &Reader| {
        let choices = reader.property_choices(object)?;
        if let Some(unknown) =
            more.iter().find(|name| choices.iter().all(|choice| choice.definition.name != **name))
        {
            let property = unknown.to_string();
            return Err(store::Error::UnknownProperty { object: object.clone(), property });
        }
        let wanted = |choice: &PropertyChoice| {
            choice.refilling || (!choice.stored && more.contains(&choice.definition.name))
        };
        let refill: Vec<String> = choices
            .iter()
            .filter(|choice| wanted(choice))
            .map(|choice| choice.definition.name.to_string())
            .collect();
        Ok((reader.picks(object)?, refill, reader.counts(object)?.live))
    };
    let (picks, refill, live) =
        core.read(id, look)?.ok_or_else(|| errors::say(Code::NoSuchObject, object.as_str()))?;
    let row = |pick: store::Pick| PickRow {
        property: pick.property.to_string(),
        label: pick.label,
        column: pick.column,
        exposed: pick.exposed,
    };
    Ok(Picks {
        picks: picks.into_iter().map(row).collect(),
        refill_calls: if refill.is_empty() { 0 } else { count(live.div_ceil(REFILL_PAGE)) },
        refill,
    })
}

/// Chooses about properties. A run that is under way stops at its next page, and is to be started again.
pub async fn pick(core: &Core, request: Pick) -> Result<Picks, WireError> {
    let connection = core.find_connection(&request.connection)?;
    let object = ObjectType::new(request.object.as_str());
    let names: Vec<PropertyName> =
        request.properties.iter().map(|name| PropertyName::from(name.as_str())).collect();
    let is_on = |choice: Option<bool>| choice == Some(true);
    if request.store == Some(false) && (is_on(request.column) || is_on(request.agent)) {
        return Err(errors::say(Code::BadRequest, "What has a column or is shown to agents is stored."));
    }
    if let Some(locked) = names.iter().find(|name| store::is_always_stored(name.as_str()))
        && request.store == Some(false)
    {
        let words = format!("“{locked}” is needed to keep the copy current; it is always stored.");
        return Err(errors::say(Code::BadRequest, &words));
    }
    let switched_on = is_on(request.store) || is_on(request.column) || is_on(request.agent);
    let plan = {
        let (id, object, names) = (connection.id.clone(), object.clone(), names.clone());
        let more = if switched_on { names } else { Vec::new() };
        core.blocking(move |core| listed(core, &id, &object, &more)).await?
    };
    if request.plan {
        return Ok(plan);
    }
    let held = runs::take_over(core, &connection.id).await?;
    core.blocking(move |core| {
        let mut writer =
            Writer::open(&core.0.home.mirror(&connection.id)).map_err(|error| errors::store(&error))?;
        let newly = choose(&mut writer, &object, &names, &request).map_err(|error| errors::store(&error))?;
        sync::request_refill(&mut writer, &object, &newly, clock()).map_err(|error| errors::sync(&error))?;
        tracing::info!(connection = %connection.id, object = %object, at = %clock(), "picks changed");
        drop(held);
        core.tell(CoreEvent::ConnectionsChanged);
        listed(core, &connection.id, &object, &[])
    })
    .await
}

/// Gives back the properties whose values old records have yet to get.
fn choose(
    writer: &mut Writer,
    object: &ObjectType,
    names: &[PropertyName],
    request: &Pick,
) -> Result<Vec<PropertyName>, store::Error> {
    if request.store == Some(false) {
        writer.drop_properties(object, names)?;
        while !writer.strip_step(object, STEP)? {}
        return Ok(Vec::new());
    }
    let mut newly =
        if request.store == Some(true) { writer.store_properties(object, names)? } else { Vec::new() };
    match request.column {
        Some(true) => {
            newly.extend(writer.pick(object, names)?);
            while !writer.index_step(object, STEP)?.done {}
        }
        Some(false) => writer.drop_picks(object, names)?,
        None => {}
    }
    if let Some(agent) = request.agent {
        newly.extend(writer.expose_properties(object, names, agent)?);
    }
    Ok(newly)
}
