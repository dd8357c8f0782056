//! SQL over a copy, as a table, CSV or JSON.

use std::io::{self, Write};

use operations::{
    Core,
    wire::{QueryAnswer, QueryRequest},
};
use serde_json::{Map, Value, json};

use crate::{
    arguments,
    arguments::Format,
    connections,
    failure::{Ended, Exit},
    said::{self, Said},
    table::{Align, Table},
};

pub(crate) async fn ask(core: &Core, said: Said, asked: arguments::Query) -> Result<Exit, Ended> {
    let connection = connections::id_of(core, Some(&asked.connection))?;
    let request = QueryRequest { connection: connection.clone(), sql: asked.sql };
    let answer = operations::query(core, request).await?;
    if said.json {
        let state = connections::summary(core, &connection).await?.state;
        let rest = json!({ "columns": answer.columns, "rows": objects(&answer), "cut": answer.cut });
        said.object(&json!(state), None, rest)?;
    } else {
        match asked.format {
            Format::Table => said.words(&table(&answer))?,
            Format::Csv => csv(&answer)?,
            Format::Json => said::line(&objects(&answer))?,
        }
    }
    if let Some(cut) = &answer.cut {
        said::aside(&format!("Not all rows are shown: {cut}.\n"));
    }
    Ok(Exit::Done)
}

fn table(answer: &QueryAnswer) -> String {
    let is_number = |at: usize| {
        let mut cells =
            answer.rows.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_null()).peekable();
        cells.peek().is_some() && cells.all(Value::is_number)
    };
    let align = |at| if is_number(at) { Align::Right } else { Align::Left };
    let columns = answer.columns.iter().enumerate().map(|(at, name)| (name.as_str(), align(at)));
    let mut table = Table::new(columns);
    for row in &answer.rows {
        table.row(row.iter().map(text));
    }
    table.render()
}

fn csv(answer: &QueryAnswer) -> Result<(), Ended> {
    let mut writer = csv::Writer::from_writer(io::BufWriter::new(io::stdout().lock()));
    writer.write_record(&answer.columns)?;
    for row in &answer.rows {
        writer.write_record(row.iter().map(text))?;
    }
    let mut out = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(out.flush()?)
}

/// One object a row. Columns of the same name are told apart by a number.
fn objects(answer: &QueryAnswer) -> Value {
    let mut names: Vec<String> = Vec::with_capacity(answer.columns.len());
    for column in &answer.columns {
        let mut tries = (1..).map(|n| if n == 1 { column.clone() } else { format!("{column}_{n}") });
        names.push(tries.find(|name| !names.contains(name)).expect("some number is free"));
    }
    let object = |row: &Vec<Value>| {
        Value::Object(names.iter().cloned().zip(row.iter().cloned()).collect::<Map<_, _>>())
    };
    Value::Array(answer.rows.iter().map(object).collect())
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
