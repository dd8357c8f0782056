//! operations as a command line.
fn main() {}
