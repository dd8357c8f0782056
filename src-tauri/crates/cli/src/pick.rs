//! Choosing the properties that get a column of their own.

use operations::{
    Core,
    wire::{self, PicksRequest},
};
use serde_json::json;

use crate::{
    arguments, connections,
    failure::{Ended, Exit},
    said::Said,
    table::{Align, Table},
};

pub(crate) async fn pick(core: &Core, said: Said, asked: arguments::Pick) -> Result<Exit, Ended> {
    let connection = connections::id_of(core, Some(&asked.connection))?;
    let picks = if asked.list {
        let request = PicksRequest { connection: connection.clone(), object: asked.object };
        operations::picks(core, request).await?
    } else {
        operations::pick(core, request(connection.clone(), asked)).await?
    };
    let mut table = Table::new(["property", "label", "column", "agents"].map(|name| (name, Align::Left)));
    for row in &picks.picks {
        table.row([row.property.as_str(), &row.label, &row.column, if row.exposed { "yes" } else { "no" }]);
    }
    said.words(&if table.is_empty() { "Nothing is picked.".to_owned() } else { table.render() })?;
    if !picks.refill.is_empty() {
        let (names, calls) = (picks.refill.join(", "), picks.refill_calls);
        said.words(&format!(
            "Values of old records are fetched with the next sync ({calls} calls): {names}."
        ))?;
    }
    let state = connections::summary(core, &connection).await?.state;
    said.object(&json!(state), None, json!(picks))?;
    Ok(Exit::Done)
}

/// Without a flag: a column, and agents may see it.
fn request(connection: String, asked: arguments::Pick) -> wire::Pick {
    let column = match (asked.drop, asked.store || asked.agent || asked.no_store) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    };
    let agent =
        if asked.no_agent { Some(false) } else { (asked.agent || column == Some(true)).then_some(true) };
    let store = if asked.no_store { Some(false) } else { asked.store.then_some(true) };
    wire::Pick {
        connection,
        object: asked.object,
        properties: asked.properties,
        store,
        column,
        agent,
        plan: asked.plan,
    }
}
