//! Where a proof stands that was cut, and when each was last made.

use crm::Timestamp;
use serde::{Deserialize, Serialize};
use store::Finding;

use crate::{Error, mark, writer::WriterHandle};

const KEY: &str = "proof";

/// A proof under way, or the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProofMark {
    /// It was cut, and can be continued.
    pub open: bool,
    pub deep: bool,
    /// Epoch milliseconds by HubSpot's clock.
    pub began: i64,
    /// Findings made so far: type and kind.
    pub done: Vec<(String, String)>,
    /// Where the reading of every id stands.
    pub ids: Option<IdsPlace>,
    /// When the last plain and the last deep proof ended, epoch milliseconds.
    pub counted_at: Option<i64>,
    pub deep_at: Option<i64>,
}

/// How far the ids of a type have been read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdsPlace {
    pub object: String,
    pub parts: Vec<IdsPart>,
    pub compared: u64,
    pub missing: u64,
    pub extra: u64,
    pub wrong: u64,
    pub young: u64,
    pub unclear: u64,
    pub calls: u64,
}

/// Ids in `past + 1 .. hi` are still to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdsPart {
    /// Records below are another piece's, though a list may name them.
    pub lo: i64,
    pub past: i64,
    /// Where the list said that its next page begins.
    pub cursor: Option<String>,
    pub hi: i64,
    pub by_search: bool,
    pub done: bool,
}

/// How long a cut proof is worth continuing.
const CONTINUED: i64 = 24 * 3_600_000;

impl ProofMark {
    /// The mark to go on from: what was cut, if it proves at least as much and is not old; else a new one.
    pub(super) fn begin(self, deep: bool, now: Timestamp) -> ProofMark {
        let age = now.millis() - self.began;
        if self.open && (self.deep || !deep) && (0..CONTINUED).contains(&age) {
            return self;
        }
        ProofMark {
            open: true,
            deep,
            began: now.millis(),
            done: Vec::new(),
            ids: None,
            counted_at: self.counted_at,
            deep_at: self.deep_at,
        }
    }

    pub(super) fn has(&self, object: &str, finding: Finding) -> bool {
        self.done.iter().any(|(done, kind)| done == object && kind == finding.as_str())
    }

    pub(super) fn finish(&mut self, now: Timestamp) {
        (self.open, self.ids) = (false, None);
        self.done.clear();
        self.counted_at = Some(now.millis());
        if self.deep {
            self.deep_at = Some(now.millis());
        }
    }
}

pub(super) async fn read(writer: &WriterHandle) -> Result<ProofMark, Error> {
    mark::read(writer, KEY.to_owned()).await
}

pub(super) async fn write(writer: &WriterHandle, mark: &ProofMark, at: Timestamp) -> Result<(), Error> {
    mark::write(writer, KEY.to_owned(), mark, at).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_proof_goes_on_while_it_is_young_and_proves_enough() {
        let at = |hour: i64| Timestamp::from_millis(hour * 3_600_000);
        let cut = |deep| ProofMark {
            open: true,
            deep,
            began: at(10).millis(),
            counted_at: Some(5),
            ..ProofMark::default()
        };
        assert_eq!(cut(true).begin(false, at(12)), cut(true));
        assert_eq!(cut(false).begin(false, at(33)), cut(false));
        for (mark, deep, now) in [(cut(false), true, 12), (cut(true), true, 34), (cut(true), true, 9)] {
            let begun = mark.begin(deep, at(now));
            assert_eq!((begun.began, begun.deep, begun.counted_at), (at(now).millis(), deep, Some(5)));
        }
        let mut ended = cut(true);
        ended.finish(at(13));
        assert_eq!(
            (ended.open, ended.counted_at, ended.deep_at),
            (false, Some(at(13).millis()), Some(at(13).millis()))
        );
    }
}
