//! copy a portal, and bring the copy up to date.
//!
//! A run has streams: one per object type, one per pair of linked types. Each works through ranges kept in the
//! mirror, commits every page together with where it stands, and can be cut at any instant. Streams run side by side
//! and fail alone; what stops the whole run is told apart in [`Stop`].
//!
//! Deliberately absent: the proof; any wall clock below the [`Job`]; anything that prints.
#![forbid(unsafe_code)]

mod archived;
mod asked;
mod board;
pub mod cadence;
mod calculated;
mod census;
mod context;
mod definitions;
mod error;
mod fetch;
mod increment;
mod indexing;
mod learned;
mod linked;
mod links;
mod mark;
mod offered;
mod pairs;
mod plan;
mod planning;
mod proof;
mod records;
mod refill;
mod refused;
mod removals;
mod run;
mod spans;
mod stream;
mod tally;
mod tending;
mod trust;
mod way;
mod window;
mod writer;

pub use board::{Board, BoardSnapshot, StreamBoard, StreamState, Totals};
pub use error::{Error, Stop};
pub use mark::{
    Checked, ImportMark, LinkMark, OpenWindow, Reading, RunFacts, StreamMark, Tended, Watermark, import_mark,
    link_marks, stream_mark,
};
pub use offered::{Absent, Rarer};
pub use plan::{
    Ways,
    predict::{Calls, Plan, Stages, TypePlan},
};
pub use planning::{Fact, PlanJob, PlanMark, Planned, plan, plan_mark};
pub use proof::{
    Depth, Detail, IdsPart, IdsPlace, ProofCost, ProofMark, Proved, in_words, proof_costs, verify,
    weekly_proof,
};
pub use refill::{Refill, RefillReason, Refills, refills, request_refill};
pub use refused::{Refusal, Refused, refused};
pub use run::{Job, Options, Outcome, RunKind, StreamReport, run};
pub use stream::{LEFT_OUT, permission_missing};
pub use tending::KeepHistory;
pub use way::Way;
