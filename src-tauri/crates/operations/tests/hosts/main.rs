//! The core as its hosts see it, against a pretend HubSpot: operations in, words out.

mod bundle;
mod doctor;
mod rig;
mod schedule;
mod troubles;
