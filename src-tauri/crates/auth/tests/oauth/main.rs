//! Signing in and staying signed in over real sockets: hostile callbacks, honest tabs, tokens that two processes share.

mod attempts;
mod clocks;
mod endpoint;
mod hostile;
mod kept;
mod leaving;
mod ports;
mod processes;
mod rig;
mod simulated;
mod tokens;
