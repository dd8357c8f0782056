//! How many records a type has, and the sums between their positions and their ids.
//!
//! A record has an *ordinal* (its place in creation order, archived ones included) and, unless archived, a *seat* (its
//! place among the live ones). Ids ascend with the ordinal: a few short ones from the early days, then twelve digits
//! with gaps. Deliberately absent: tables. Every sum is done in constant time.

use crate::noise;

const SHORT_IDS: [u64; 5] = [151, 1_303, 20_957, 880_121, 31_415_927];
/// The first whole number that a double cannot hold.
const BEYOND_DOUBLES: u64 = 9_007_199_254_740_993;
const HUGE_COUNT: u64 = 5;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) live: u64,
    /// One archived record stands in the middle of every so many live ones; 0 for none.
    every: u64,
    pub(crate) total: u64,
    first: u64,
    stride: u64,
    seed: u64,
    huge: u64,
}

impl Extent {
    pub(crate) fn new(live: u64, every: u64, huge_ids: bool, first: u64, seed: u64) -> Extent {
        let archived = live.checked_div(every).unwrap_or(0);
        let total = live + archived;
        let huge = if huge_ids { HUGE_COUNT.min(total.saturating_sub(SHORT_IDS.len() as u64)) } else { 0 };
        Extent { live, every, total, first, stride: 97, seed, huge }
    }

    pub(crate) fn id(&self, ordinal: u64) -> u64 {
        if let Some(short) = usize::try_from(ordinal).ok().and_then(|o| SHORT_IDS.get(o)) {
            return *short;
        }
        let from_end = self.total.saturating_sub(ordinal);
        if from_end <= self.huge {
            return BEYOND_DOUBLES + (self.huge - from_end) * 2;
        }
        self.first + ordinal * self.stride + noise::below(noise::at(self.seed, ordinal), self.stride - 8)
    }

    /// The first ordinal whose id is not below `id`; `total` when there is none.
    pub(crate) fn at_or_after(&self, id: u64) -> u64 {
        let guess = id.saturating_sub(self.first) / self.stride;
        let guess = if id > self.first { guess.min(self.total) } else { 0 };
        let mut ordinal = guess.saturating_sub(1);
        if self.total - ordinal.min(self.total) <= self.huge {
            ordinal = self.total - self.huge;
        }
        while ordinal > 0 && self.id(ordinal - 1) >= id {
            ordinal -= 1;
        }
        while ordinal < self.total && self.id(ordinal) < id {
            ordinal += 1;
        }
        ordinal
    }

    pub(crate) fn find(&self, id: u64) -> Option<u64> {
        let ordinal = self.at_or_after(id);
        (ordinal < self.total && self.id(ordinal) == id).then_some(ordinal)
    }

    fn full_blocks(&self) -> u64 {
        self.live.checked_div(self.every).unwrap_or(0)
    }

    /// The seat of a live record; none for an archived one.
    pub(crate) fn seat(&self, ordinal: u64) -> Option<u64> {
        if self.every == 0 {
            return Some(ordinal);
        }
        let (block, place) = (ordinal / (self.every + 1), ordinal % (self.every + 1));
        let middle = self.every / 2;
        if block >= self.full_blocks() || place < middle {
            Some(ordinal - block.min(self.full_blocks()))
        } else if place == middle {
            None
        } else {
            Some(ordinal - block - 1)
        }
    }

    pub(crate) fn ordinal(&self, seat: u64) -> u64 {
        if self.every == 0 {
            return seat;
        }
        let (block, place) = (seat / self.every, seat % self.every);
        let past_archived = block < self.full_blocks() && place >= self.every / 2;
        seat + block + u64::from(past_archived)
    }

    /// How many live records come before an ordinal.
    pub(crate) fn live_before(&self, ordinal: u64) -> u64 {
        match self.seat(ordinal) {
            Some(seat) => seat,
            None => self.seat(ordinal + 1).unwrap_or(self.live),
        }
    }

    pub(crate) fn last_id(&self) -> u64 {
        if self.total == 0 { self.first } else { self.id(self.total - 1).max(self.first) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_and_are_found_again() {
        for (live, every, huge) in [(0, 250, false), (3, 250, false), (1_000, 250, false), (2_000, 40, true)]
        {
            let extent = Extent::new(live, every, huge, 108_400_000_000, 7);
            let ids: Vec<u64> = (0..extent.total).map(|o| extent.id(o)).collect();
            assert!(ids.is_sorted_by(|a, b| a < b));
            for (ordinal, id) in (0_u64..).zip(&ids) {
                assert_eq!(extent.find(*id), Some(ordinal));
                assert_eq!(extent.at_or_after(id + 1), ordinal + 1);
            }
            assert_eq!(extent.at_or_after(0), 0);
            assert_eq!(extent.at_or_after(u64::MAX), extent.total);
        }
    }

    #[test]
    fn every_live_record_has_a_seat_and_every_seat_a_record() {
        for (live, every) in [(0, 250), (249, 250), (250, 250), (1_003, 10), (55, 0)] {
            let extent = Extent::new(live, every, false, 1_000_000, 7);
            let seats: Vec<u64> = (0..extent.total).filter_map(|o| extent.seat(o)).collect();
            assert_eq!(seats, (0..live).collect::<Vec<_>>());
            for seat in 0..live {
                let ordinal = extent.ordinal(seat);
                assert_eq!(extent.seat(ordinal), Some(seat));
                assert_eq!(extent.live_before(ordinal), seat);
            }
            assert_eq!(extent.live_before(extent.total), live);
        }
    }
}
