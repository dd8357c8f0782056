//! Chance, for samples. Pure but for the seed.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};

/// Numbers that nobody can foresee well enough to hide a fault from a sample (`SplitMix64`).
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new() -> Chance {
        Chance(std::hash::RandomState::new().build_hasher().finish())
    }

    /// A number below `end`, all equally likely for our purposes; 0 if `end` is.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The high half of the product: no bias worth speaking of, and no division.
        u64::try_from((u128::from(mixed) * u128::from(end)) >> 64).unwrap_or(0)
    }

    /// `many` different places among `all`, ascending; all of them if there are not more.
    pub(super) fn places(&mut self, many: u64, all: u64) -> Vec<u64> {
        if all <= many {
            return (0..all).collect();
        }
        // Floyd's way: as many draws as places.
        let mut drawn = BTreeSet::new();
        for last in all - many..all {
            let place = self.below(last + 1);
            if !drawn.insert(place) {
                drawn.insert(last);
            }
        }
        drawn.into_iter().collect()
    }

    /// One place in each of `many` equal parts of `all`, ascending.
    pub(super) fn spread(&mut self, many: u64, all: u64) -> Vec<u64> {
        (0..many)
            .map(|part| {
                let (from, to) = (part * all / many, (part + 1) * all / many);
                from + self.below(to - from)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_the_asked_number_of_different_places() {
        let mut chance = Chance(7);
        for (many, all) in [(3_000, 1_000_000), (3_000, 3_001), (5, 5), (5, 3), (0, 9), (4, 0)] {
            let places = chance.places(many, all);
            assert_eq!(places.len() as u64, many.min(all));
            assert!(places.is_sorted_by(|a, b| a < b) && places.iter().all(|place| *place < all));
        }
        let spread = chance.spread(20, 1_000);
        assert!(
            (0..20).all(|part| (part * 50..part * 50 + 50).contains(&spread[usize::try_from(part).unwrap()]))
        );
    }

    #[test]
    fn every_place_is_drawn_sooner_or_later() {
        let mut chance = Chance(1);
        let drawn: BTreeSet<u64> = (0..200).flat_map(|_| chance.places(3, 20)).collect();
        assert_eq!(drawn.len(), 20);
    }
}
