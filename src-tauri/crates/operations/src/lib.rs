//! everything a host may ask, one function each.
#![forbid(unsafe_code)]

pub mod wire;
