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
        let request = wire::Pick {
            connection: connection.clone(),
            object: asked.object,
            properties: asked.properties,
            drop: asked.drop,
            exposed: !asked.no_agent,
        };
        operations::pick(core, request).await?
    };
    let mut table = Table::new(["property", "label", "column", "agents"].map(|name| (name, Align::Left)));
    for row in &picks.picks {
        table.row([row.property.as_str(), &row.label, &row.column, if row.exposed { "yes" } else { "no" }]);
    }
    said.words(&if table.is_empty() { "Nothing is picked.".to_owned() } else { table.render() })?;
    let state = connections::summary(core, &connection).await?.state;
    said.object(&json!(state), None, json!({ "picks": picks.picks }))?;
    Ok(Exit::Done)
}
