//! *Make trouble*: what the demo portal can do wrong on purpose, to see what Portside does about it. The trouble is made
//! by the portal, so everything from the wire to the error card is as it would be. Deliberately absent: any switch that
//! reaches a portal of HubSpot's.

use std::collections::BTreeSet;

use crate::{
    core::{Core, lock},
    demo, errors,
    wire::{Code, MakeTrouble, Trouble, Troubles, TroublesRequest, WireError},
};

/// Something that goes wrong at the demo portal, by the name that its host knows it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DemoTrouble(&'static Row);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    id: &'static str,
    label: &'static str,
    text: &'static str,
}

const fn row(id: &'static str, label: &'static str, text: &'static str) -> Row {
    Row { id, label, text }
}

static ROWS: [Row; 9] = [
    row(
        "key_ended",
        "The key was ended",
        "The next call is refused: the connection stops and asks for a new key.",
    ),
    row(
        "scope_lost",
        "A permission was taken away",
        "Tickets are skipped and named; everything else goes on.",
    ),
    row(
        "rate_limited",
        "Too many requests",
        "HubSpot asks to wait for a quarter of an hour: the sync stops and says so.",
    ),
    row(
        "daily_limit",
        "Today's requests are used up",
        "The sync pauses until midnight in the portal's time zone.",
    ),
    row(
        "hubspot_trouble",
        "HubSpot has a problem",
        "Every call fails with 503 and asks to come back in an hour: each type of record stops and says so.",
    ),
    row("slow", "HubSpot is slow", "Every answer takes a second longer; nothing is lost."),
    row(
        "cut",
        "The network breaks off",
        "Every connection is reset: tried again for half a minute, then said.",
    ),
    row(
        "malformed",
        "Half an answer",
        "Every answer ends in the middle: asked for again, never taken for whole.",
    ),
    row(
        "account_moving",
        "The account is being moved",
        "HubSpot moves it to another data centre and answers nothing.",
    ),
];

impl DemoTrouble {
    pub fn as_str(self) -> &'static str {
        self.0.id
    }
}

/// What can be made, and what is made now.
pub async fn troubles(core: &Core, _: TroublesRequest) -> Result<Troubles, WireError> {
    Ok(shown(core))
}

/// Makes a trouble, or takes it back.
pub async fn make_trouble(core: &Core, request: MakeTrouble) -> Result<Troubles, WireError> {
    let Some(row) = ROWS.iter().find(|row| row.id == request.id) else {
        let text = format!("There is no trouble called “{}”.", request.id);
        return Err(errors::say(Code::BadRequest, &text));
    };
    let host = demo::host(core)?;
    demo::ensure(core).await?;
    let wanted = {
        let mut made = lock(&core.0.troubles);
        if request.on {
            made.insert(DemoTrouble(row))
        } else {
            made.remove(&DemoTrouble(row))
        };
        made.iter().copied().collect()
    };
    host.trouble(wanted).await.map_err(|error| errors::internal(&error))?;
    Ok(shown(core))
}

fn shown(core: &Core) -> Troubles {
    let made: BTreeSet<DemoTrouble> = lock(&core.0.troubles).clone();
    let troubles = ROWS.iter().map(|row| Trouble {
        id: row.id.to_owned(),
        label: row.label.to_owned(),
        text: row.text.to_owned(),
        on: made.contains(&DemoTrouble(row)),
    });
    Troubles { troubles: troubles.collect() }
}
