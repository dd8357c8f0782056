//! The client over real HTTP on 127.0.0.1, against a server that plays a script.

mod lanes;
mod limits;
mod observing;
mod proxy;
mod refusals;
mod server;
mod sharing;
mod transport;
