//! Read-only SQL over a mirror.

use std::time::Duration;

use serde_json::Value;
use store::{QueryLimits, SqlValue};

use crate::{
    core::Core,
    errors,
    wire::{Code, QueryAnswer, QueryRequest, WireError},
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
