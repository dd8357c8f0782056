//! The core as its hosts see it, against a pretend HubSpot: operations in, words out.

mod bundle;
mod connecting;
mod diagnostics;
mod doctor;
mod host;
mod keys;
mod leaving_out;
mod locked;
mod rig;
mod schedule;
mod signing_in;
mod troubles;
