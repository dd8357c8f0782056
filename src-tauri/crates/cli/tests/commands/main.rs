//! The real program against a pretend portal: what it says, where, and with which number it ends.

mod config;
mod connect;
mod disk;
mod doctor;
mod query;
mod rig;
mod simulator;
mod sync;
mod usage;
