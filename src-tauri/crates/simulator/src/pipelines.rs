//! The pipelines the portal is born with: deals, tickets and bikes.
//!
//! Deliberately absent: the routes (`routes::pipelines`).

use serde_json::{Value, json};

use crate::catalog::{BIKES, DEALS, Kind, LEADS, ORDERS, SERVICES, TICKETS};
use crate::definitions::OptionRow;
use crate::stamp;

#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) order: i64,
    pub(crate) metadata: Value,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) archived: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Pipeline {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) order: i64,
    pub(crate) stages: Vec<Stage>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) archived: bool,
}

/// A stage as the world's values need it: id, label, and what its metadata says.
pub(crate) type StageRow = (&'static str, &'static str, &'static str);
/// A pipeline's id, label and stages.
pub(crate) type PipelineRow = (&'static str, &'static str, &'static [StageRow]);

static DEAL_ROWS: &[PipelineRow] = &[
    (
        "default",
        "Sales Pipeline",
        &[
            ("appointmentscheduled", "Appointment Scheduled", "0.2"),
            ("qualifiedtobuy", "Qualified To Buy", "0.4"),
            ("presentationscheduled", "Presentation Scheduled", "0.6"),
            ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
            ("contractsent", "Contract Sent", "0.9"),
            ("closedwon", "Closed Won", "1.0"),
            ("closedlost", "Closed Lost", "0.0"),
        ],
    ),
    (
        "183740211",
        "Dealer programme",
        &[
            ("309112871", "Applied", "0.1"),
            ("309112872", "Shop visited", "0.5"),
            ("309112873", "Contract out", "0.9"),
            ("309112874", "Dealer", "1.0"),
            ("309112875", "Declined", "0.0"),
        ],
    ),
];

static TICKET_ROWS: &[PipelineRow] = &[
    (
        "0",
        "Support Pipeline",
        &[
            ("1", "New", "OPEN"),
            ("2", "Waiting on contact", "OPEN"),
            ("3", "Waiting on us", "OPEN"),
            ("4", "Closed", "CLOSED"),
        ],
    ),
    (
        "183740212",
        "Warranty",
        &[
            ("309112881", "Reported", "OPEN"),
            ("309112882", "At the workshop", "OPEN"),
            ("309112883", "Replaced", "CLOSED"),
            ("309112884", "Refused", "CLOSED"),
        ],
    ),
];

static BIKE_ROWS: &[PipelineRow] = &[(
    "183740213",
    "Life of a bike",
    &[
        ("309112891", "In stock", "OPEN"),
        ("309112892", "Sold", "OPEN"),
        ("309112893", "In service", "OPEN"),
        ("309112894", "Retired", "CLOSED"),
    ],
)];

static LEAD_ROWS: &[PipelineRow] = &[(
    "lead-pipeline-id",
    "Lead pipeline",
    &[
        ("new-stage-id", "New", "OPEN"),
        ("attempting-stage-id", "Attempting", "OPEN"),
        ("connected-stage-id", "Connected", "OPEN"),
        ("qualified-stage-id", "Qualified", "CLOSED"),
        ("unqualified-stage-id", "Disqualified", "CLOSED"),
    ],
)];

static ORDER_ROWS: &[PipelineRow] = &[(
    "14a2e10e-5471-408a-906e-c51f3b04369e",
    "Order pipeline",
    &[
        ("4b27b500-f031-4927-9811-68a0b525cbae", "Open", "OPEN"),
        ("3725360f-519b-4b18-a593-494d60a29c9f", "Processed", "OPEN"),
        ("aa99e8d0-c1d5-4071-b915-d240bbb1aed9", "Shipped", "CLOSED"),
        ("3c85a297-e9ce-400b-b42e-9f16853d69d6", "Cancelled", "CLOSED"),
    ],
)];

static SERVICE_ROWS: &[PipelineRow] = &[(
    "183740214",
    "Service pipeline",
    &[
        ("309112901", "New", "OPEN"),
        ("309112902", "In progress", "OPEN"),
        ("309112903", "Done", "CLOSED"),
        ("309112904", "Cancelled", "CLOSED"),
    ],
)];

pub(crate) fn rows(kind: Kind) -> &'static [PipelineRow] {
    match kind {
        DEALS => DEAL_ROWS,
        TICKETS => TICKET_ROWS,
        BIKES => BIKE_ROWS,
        LEADS => LEAD_ROWS,
        ORDERS => ORDER_ROWS,
        SERVICES => SERVICE_ROWS,
        _ => &[],
    }
}

/// The pipelines of a type as they are at the start.
pub(crate) fn initial(kind: Kind) -> Vec<Pipeline> {
    const MADE_HERE: i64 = 1_644_830_801_500;
    let pipeline = |(order, &(id, label, stages)): (i64, &PipelineRow)| {
        // What HubSpot builds in says it is as old as time.
        let made = if order == 0 && kind != BIKES { 0 } else { MADE_HERE };
        let stage = |(order, &(id, label, fact)): (i64, &StageRow)| Stage {
            id: id.to_owned(),
            label: label.to_owned(),
            order,
            metadata: metadata(kind, fact),
            created_at: made,
            updated_at: made,
            archived: false,
        };
        Pipeline {
            id: id.to_owned(),
            label: label.to_owned(),
            order,
            stages: (0..).zip(stages).map(stage).collect(),
            created_at: made,
            updated_at: made,
            archived: false,
        }
    };
    (0..).zip(rows(kind)).map(pipeline).collect()
}

fn metadata(kind: Kind, fact: &str) -> Value {
    if kind == DEALS {
        let closed = if fact == "1.0" || fact == "0.0" { "true" } else { "false" };
        json!({"isClosed": closed, "probability": fact})
    } else {
        let closed = if fact == "CLOSED" { "true" } else { "false" };
        json!({"ticketState": fact, "isClosed": closed})
    }
}

pub(crate) fn pipeline_options(kind: Kind) -> Vec<OptionRow> {
    rows(kind).iter().map(|&(id, label, _)| option(id, label)).collect()
}

pub(crate) fn stage_options(kind: Kind) -> Vec<OptionRow> {
    rows(kind).iter().flat_map(|&(_, _, stages)| stages).map(|&(id, label, _)| option(id, label)).collect()
}

fn option(id: &str, label: &str) -> OptionRow {
    OptionRow { value: id.to_owned(), label: label.to_owned(), ..OptionRow::default() }
}

impl Stage {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "label": self.label,
            "displayOrder": self.order,
            "metadata": self.metadata,
            "id": self.id,
            "createdAt": stamp::iso_text(self.created_at),
            "updatedAt": stamp::iso_text(self.updated_at),
            "archived": self.archived,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        })
    }
}

impl Pipeline {
    pub(crate) fn to_json(&self) -> Value {
        let stages: Vec<Value> = self.stages.iter().filter(|s| !s.archived).map(Stage::to_json).collect();
        json!({
            "label": self.label,
            "displayOrder": self.order,
            "id": self.id,
            "stages": stages,
            "createdAt": stamp::iso_text(self.created_at),
            "updatedAt": stamp::iso_text(self.updated_at),
            "archived": self.archived,
        })
    }
}
