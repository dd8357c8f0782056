//! Who is linked to whom, in both directions, without a table of links.
//!
//! A *layer* deals the members of one type out to the groups of another, a few groups getting many. Its only memory is
//! where each group's share starts; a fixed shuffle hides that the shares are consecutive.

use crate::noise::{self, Shuffle};

#[derive(Debug)]
pub(crate) struct Layer {
    shuffle: Shuffle,
    bounds: Vec<u32>,
}

/// How unevenly members are spread over groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spread {
    Even,
    /// A few groups are far larger than the rest, as companies are.
    Skewed,
}

impl Layer {
    /// Deals `per_mille` of `members` out to `groups`.
    pub(crate) fn new(members: u64, groups: u64, per_mille: u64, spread: Spread, seed: u64) -> Layer {
        let covered = if groups == 0 { 0 } else { members * per_mille / 1_000 };
        let weight = |group: u64| -> u64 {
            let noise = noise::at(seed, group);
            match spread {
                Spread::Even => 40 + noise::below(noise, 40),
                // One giant, so that paging within one record's links is exercised at every scale.
                Spread::Skewed if group == groups / 3 => 20 * (4 + groups.isqrt() * 12),
                Spread::Skewed => {
                    20 + noise::below(noise, 120) + if noise.is_multiple_of(83) { 1_600 } else { 0 }
                }
            }
        };
        let whole: u64 = (0..groups).map(weight).sum();
        let mut bounds = Vec::with_capacity(usize::try_from(groups + 1).expect("groups fit memory"));
        let mut sum = 0_u64;
        bounds.push(0);
        for group in 0..groups {
            sum += weight(group);
            let share = u128::from(sum) * u128::from(covered) / u128::from(whole);
            bounds.push(u32::try_from(share).expect("fewer members than 2^32"));
        }
        Layer { shuffle: Shuffle::new(members, noise::mix(seed)), bounds }
    }

    fn covered(&self) -> u64 {
        self.bounds.last().map_or(0, |&b| u64::from(b))
    }

    /// The group of a member, and the member's place within it.
    pub(crate) fn group_of(&self, member: u64) -> Option<(u64, u64)> {
        let place = self.shuffle.forth(member);
        if place >= self.covered() {
            return None;
        }
        let group = self.bounds.partition_point(|&b| u64::from(b) <= place) - 1;
        Some((group as u64, place - u64::from(self.bounds[group])))
    }

    /// The members of a group.
    pub(crate) fn members_of(&self, group: u64) -> impl Iterator<Item = u64> + '_ {
        let (from, to) = self.share(group);
        (from..to).map(|place| self.shuffle.back(place))
    }

    pub(crate) fn size_of(&self, group: u64) -> u64 {
        let (from, to) = self.share(group);
        to - from
    }

    fn share(&self, group: u64) -> (u64, u64) {
        let Ok(group) = usize::try_from(group) else { return (0, 0) };
        match (self.bounds.get(group), self.bounds.get(group + 1)) {
            (Some(&from), Some(&to)) => (u64::from(from), u64::from(to)),
            _ => (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_tell_the_same_links() {
        for (members, groups, spread) in
            [(1_000, 170, Spread::Skewed), (50, 200, Spread::Even), (10, 0, Spread::Even)]
        {
            let layer = Layer::new(members, groups, 900, spread, 5);
            let mut down = Vec::new();
            for group in 0..groups {
                down.extend(layer.members_of(group).map(|m| (m, group)));
            }
            let mut up: Vec<_> =
                (0..members).filter_map(|m| layer.group_of(m).map(|(g, _)| (m, g))).collect();
            down.sort_unstable();
            up.sort_unstable();
            assert_eq!(down, up);
            assert_eq!(up.len() as u64, if groups == 0 { 0 } else { members * 900 / 1_000 });
        }
    }
}
