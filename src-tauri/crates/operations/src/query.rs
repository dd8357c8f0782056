//! Read-only SQL over a mirror, and the choice of picked properties.

use std::time::Duration;

use crm::{ObjectType, PropertyName};
use serde_json::Value;
use store::{QueryLimits, SqlValue};

use crate::{
    core::{Core, clock},
    errors, runs,
    wire::{Code, CoreEvent, Pick, PickRow, Picks, PicksRequest, QueryAnswer, QueryRequest, WireError},
};

const LIMITS: QueryLimits = QueryLimits { time: Duration::from_secs(30), rows: 100_000, bytes: 64 << 20 };

/// Numbers that a JSON reader with 64-bit floats keeps exactly.
const SAFE_INTEGER: i64 = 1 << 53;

pub async fn query(core: &Core, request: QueryRequest) -> Result<QueryAnswer, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        let answer = core.read(&connection.id, |reader| reader.query(&request.sql, &LIMITS))?;
        let answer = answer.ok_or_else(|| errors::say(Code::NoSuchObject, &connection.name))?;
        let rows = answer.rows.into_iter().map(|row| row.into_iter().map(value).collect()).collect();
        Ok(QueryAnswer { columns: answer.columns, rows, cut: answer.cut.map(|cut| cut.to_string()) })
    })
    .await
}

fn value(value: SqlValue) -> Value {
    match value {
        SqlValue::Null => Value::Null,
        SqlValue::Integer(number) if number.abs() > SAFE_INTEGER => Value::String(number.to_string()),
        SqlValue::Integer(number) => number.into(),
        SqlValue::Real(number) => number.into(),
        SqlValue::Text(text) => Value::String(text),
        SqlValue::Blob(bytes) => Value::String(format!("x'{}'", hex(&bytes))),
    }
}

/// Two lower-case digits a byte.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

pub async fn picks(core: &Core, request: PicksRequest) -> Result<Picks, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        listed(core, &connection.id, &ObjectType::new(request.object))
    })
    .await
}

fn listed(core: &Core, id: &crm::ConnectionId, object: &ObjectType) -> Result<Picks, WireError> {
    let picks = core.read(id, |reader| {
        if reader.objects()?.iter().all(|known| known.object != *object) {
            return Err(store::Error::UnknownObject(object.clone()));
        }
        reader.picks(object)
    })?;
    let picks = picks.ok_or_else(|| errors::say(Code::NoSuchObject, object.as_str()))?;
    let row = |pick: store::Pick| PickRow {
        property: pick.property.to_string(),
        label: pick.label,
        column: pick.column,
        exposed: pick.exposed,
    };
    Ok(Picks { picks: picks.into_iter().map(row).collect() })
}

/// Gives properties a column, or takes it away. A run that is under way stops at its next page, and is to be started
/// again.
pub async fn pick(core: &Core, request: Pick) -> Result<Picks, WireError> {
    let connection = core.find_connection(&request.connection)?;
    let object = ObjectType::new(request.object.as_str());
    {
        let (id, object) = (connection.id.clone(), object.clone());
        core.blocking(move |core| listed(core, &id, &object)).await?;
    }
    let held = runs::take_over(core, &connection.id).await?;
    core.blocking(move |core| {
        let mut writer = store::Writer::open(&core.0.home.mirror(&connection.id))
            .map_err(|error| errors::store(&error))?;
        let names: Vec<PropertyName> =
            request.properties.iter().map(|name| PropertyName::from(name.as_str())).collect();
        let done = if request.drop {
            writer.drop_picks(&object, &names)
        } else {
            writer.pick(&object, &names, request.exposed).and_then(|()| {
                while !writer.index_step(&object, 50_000)?.done {}
                Ok(())
            })
        };
        done.map_err(|error| errors::store(&error))?;
        tracing::info!(connection = %connection.id, object = %object, at = %clock(), "picks changed");
        drop(held);
        core.tell(CoreEvent::ConnectionsChanged);
        listed(core, &connection.id, &object)
    })
    .await
}
