//! a pretend HubSpot on loopback.
//!
//! It serves the paths, refusals and limits that HubSpot's documents and recordings show, from a made-up wholesaler's
//! portal: every record is computed from a seed, so a million contacts start in no time and cost next to no memory;
//! changes lie on top. It is the demo portal for newcomers and the test server for the rest of the project, and it
//! shares no code with them, so that a wrong belief cannot hide in both.
//!
//! ```no_run
//! # async fn run() -> std::io::Result<()> {
//! use simulator::{Config, Effect, Fault, Simulator};
//!
//! let simulator = Simulator::start(Config { contacts: 5_000, ..Config::default() }).await?;
//! simulator.faults().add(Fault::new(Effect::Status { status: 503 }).on("/crm/").times(3));
//! println!("{} {}", simulator.base_url(), simulator.token());
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! The account can be connected to [`Config::apps`], through the page at `/oauth/authorize` and the token routes; an
//! app's tokens work beside the key.
//!
//! What the documents leave open is a switch ([`Switches`]); troubles are switched while it runs ([`FaultControl`]);
//! [`Ledger`] tells what was asked, [`Truth`] what the portal holds at the end. With [`Config::control_routes`] the
//! same can be had over the wire, without a token:
//!
//! - `GET /_simulator/faults`, `PUT /_simulator/faults` with a [`Faults`] as JSON;
//! - `PUT /_simulator/oauth` with `{"uninstall": true}`, `{"reinstall": true}` or `{"advance_seconds": 1800}`: takes
//!   every app out of the account, takes that back, or moves the portal's clock;
//! - `POST /_simulator/edit` with a [`Step`] as JSON: its change is made at once, and answered with `{"id": …}`, the
//!   record it made or left, or null; a change that cannot be made is a 400 that says why;
//! - `PUT /_simulator/script` with a list of [`Step`]s: they are made as the requests they wait for are answered;
//!   `GET /_simulator/script` tells how each stands;
//! - `GET /_simulator/ledger`;
//! - `GET /_simulator/truth`: JSON lines, every record, what was merged away or erased, then every link.
//!
//! Deliberately absent: TLS, CORS, persistence, and any crate of ours.

#![forbid(unsafe_code)]

mod answer;
mod app;
mod ask;
mod associations;
mod catalog;
mod clock;
mod config;
mod definitions;
mod edit;
mod edits;
mod faults;
mod json;
mod labels;
mod ledger;
mod limits;
mod noise;
mod oauth;
mod people;
mod pipelines;
mod portal;
mod records;
mod routes;
mod script;
mod secret;
mod server;
mod stamp;
mod switches;
mod troubles;
mod truth;
mod values;
mod world;
mod zone;

pub use app::{App, Distribution};
pub use clock::Clock;
pub use config::{Config, Limits, Poison, Region, Tier};
pub use edit::{Edit, EditError};
pub use faults::{
    AuthorizeTrouble, Effect, Fault, FaultControl, Faults, LimitName, RefusedProperty, Rotation, TokenState,
};
pub use ledger::{GrantType, Ledger};
pub use limits::Pool;
pub use oauth::refusal::OauthStatus;
pub use script::{Change, Script, Step, StepState};
pub use server::Simulator;
pub use switches::{
    CapBody, DeleteTwice, Denial, Held, IdOrder, IntrospectionError, ListAfter, MergeSurvivor,
    OauthErrorShape, PrivateAppLimits, QUESTIONS, Question, RedirectMatch, RefreshRotation, Search429,
    Switches, UninstalledToken, UnknownFilter,
};
pub use troubles::TROUBLES;
pub use truth::{TrueLink, TrueRecord, Truth};
pub use zone::Zone;
