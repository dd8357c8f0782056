//! Mangling by a chance that can be repeated, and the loop around it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::{Duration, Instant},
};

const SECONDS: u64 = 60;
const LENGTH_MAX: usize = 64 * 1024;

/// The same seed gives the same numbers.
pub(crate) struct Chance(u64);

impl Chance {
    fn new(seed: u64, round: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ round.wrapping_mul(0xbf58_476d_1ce4_e5b9))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).expect("fits");
        usize::try_from(self.next() % end).expect("fits")
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// A few small damages, or none; `words` are put in where they hurt.
    pub(crate) fn mangled(&mut self, good: &[u8], words: &[&str]) -> Vec<u8> {
        let mut text = good.to_vec();
        for _ in 0..self.below(5) {
            let at = self.below(text.len() + 1);
            let end = (at + self.below(24)).min(text.len());
            match self.below(9) {
                0 if at < text.len() => text[at] ^= 1 << self.below(8),
                1 if at < text.len() => text[at] = u8::try_from(self.below(256)).expect("a byte"),
                2 => drop(text.drain(at..end)),
                3 => text.truncate(at),
                4 => {
                    let piece = text[at..end].to_vec();
                    let to = self.below(text.len() + 1);
                    text.splice(to..to, piece);
                }
                5 => {
                    let piece = text.clone();
                    text.splice(at..at, piece);
                }
                6 => {
                    let word = self.pick(words).repeat(1 + self.below(3));
                    text.splice(at..end, word.into_bytes());
                }
                _ => {
                    let word = self.pick(words);
                    text.splice(at..at, word.bytes());
                }
            }
            text.truncate(LENGTH_MAX);
        }
        text
    }

    /// The same for what is text when it comes.
    pub(crate) fn mangled_text(&mut self, good: &str, words: &[&str]) -> String {
        String::from_utf8_lossy(&self.mangled(good.as_bytes(), words)).into_owned()
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Makes an input for each round and tries it, until the time is over.
pub(crate) fn fuzz<I: std::fmt::Debug>(
    what: &str,
    mut make: impl FnMut(&mut Chance) -> I,
    mut check: impl FnMut(&I),
) {
    let seed = number("PORTSIDE_SEED").unwrap_or(1);
    let until = Instant::now() + Duration::from_secs(number("PORTSIDE_FUZZ_SECONDS").unwrap_or(SECONDS));
    let mut round = 0;
    while round == 0 || Instant::now() < until {
        let input = make(&mut Chance::new(seed, round));
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| check(&input))) {
            let shown: String = format!("{input:?}").chars().take(4_000).collect();
            eprintln!("{what}: round {round} (PORTSIDE_SEED={seed}) fails with {shown}");
            resume_unwind(cause);
        }
        round += 1;
    }
    eprintln!("{what}: {round} rounds (PORTSIDE_SEED={seed})");
}

/// A query as its parameters, decoded by hand: what the judge under test is compared with.
pub(crate) fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).expect("two digits"));
                at += 3;
                continue;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What a query says when it is judged strictly: HubSpot's yes, HubSpot's no, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Yes,
    No,
    Nothing,
}

pub(crate) fn said(query: &str, state: &str) -> Said {
    let parameters = parameters(query);
    let all = |name: &str| {
        parameters
            .iter()
            .filter(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
    };
    let once = ["state", "code", "error", "error_description"].iter().all(|name| all(name).len() <= 1);
    let good = |code: &&str| {
        (1..=2_048).contains(&code.len()) && !code.chars().any(|c| c.is_control() || c.is_whitespace())
    };
    match (
        once && all("state") == [state],
        all("error").is_empty(),
        all("code").first().filter(|code| good(code)),
    ) {
        (true, false, _) => Said::No,
        (true, true, Some(_)) => Said::Yes,
        _ => Said::Nothing,
    }
}
