//! Whatever comes from outside, mangled: nothing panics, and nothing is taken for what it is not.
//!
//! Each test mangles a few good texts for a minute, by a chance that can be repeated: a failure names seed and round.
//! `PORTSIDE_FUZZ_SECONDS` sets another length, `PORTSIDE_SEED` another seed.
#![expect(clippy::print_stderr, reason = "the number of rounds is what a person wants to know of a good end")]

mod answers;
mod callback;
mod chance;
mod key;
mod returned;
