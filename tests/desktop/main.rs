//! The few things that only a real window and a real keychain can prove: the first run, a pasted key and where it
//! stays, troubles with the keychain and the data folder, sudden ends, and how the window looks.
//!
//! Every test has a desktop of its own (`tests/with-desktop`), so they may run side by side.

mod cut;
mod first_run;
mod folder;
mod key;
mod keychain;
mod look;
mod oauth;
