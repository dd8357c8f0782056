//! The proof: the copy held against HubSpot, in a run of its own. Three findings, each saying no more than it proves.

mod words;

pub use words::{Detail, in_words};
