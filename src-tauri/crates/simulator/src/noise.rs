//! Numbers that look random and are always the same for the same seed.
//!
//! Deliberately absent: state. Every number is computed from its coordinates, so a record needs no memory.

/// Scrambles one number (the finaliser of splitmix64).
pub(crate) fn mix(value: u64) -> u64 {
    let mut x = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The number at a pair of coordinates.
pub(crate) fn at(seed: u64, salt: u64) -> u64 {
    mix(seed ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93))
}

/// A number below `bound`, without the cost of a division.
pub(crate) fn below(noise: u64, bound: u64) -> u64 {
    let wide = u128::from(noise) * u128::from(bound);
    u64::try_from(wide >> 64).expect("the upper half of a 128-bit product fits 64 bits")
}

/// Like [`below`], for indexing.
pub(crate) fn pick(noise: u64, len: usize) -> usize {
    usize::try_from(below(noise, len as u64)).expect("an index below a length fits")
}

/// A fixed shuffle of the numbers below `len` that can be undone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shuffle {
    len: u64,
    factor: u64,
    offset: u64,
    inverse: u64,
}

impl Shuffle {
    pub(crate) fn new(len: u64, seed: u64) -> Shuffle {
        if len < 3 {
            return Shuffle { len, factor: 1, offset: 0, inverse: 1 };
        }
        let mut factor = len / 2 + below(mix(seed), len / 3) + 1;
        while gcd(factor, len) != 1 {
            factor += 1;
        }
        factor %= len;
        let inverse = invert(factor, len);
        Shuffle { len, factor, offset: below(at(seed, 1), len), inverse }
    }

    pub(crate) fn forth(&self, x: u64) -> u64 {
        if self.len == 0 { 0 } else { (x * self.factor + self.offset) % self.len }
    }

    pub(crate) fn back(&self, y: u64) -> u64 {
        if self.len == 0 { 0 } else { (y + self.len - self.offset) % self.len * self.inverse % self.len }
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The number that undoes multiplication by `factor` below `len` (extended Euclid).
fn invert(factor: u64, len: u64) -> u64 {
    let (mut r0, mut r1) = (i128::from(len), i128::from(factor));
    let (mut t0, mut t1) = (0_i128, 1_i128);
    while r1 != 0 {
        let q = r0 / r1;
        (r0, r1) = (r1, r0 - q * r1);
        (t0, t1) = (t1, t0 - q * t1);
    }
    u64::try_from(t0.rem_euclid(i128::from(len))).expect("a remainder of a 64-bit modulus fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_is_undone_by_its_way_back() {
        for len in [1, 2, 3, 7, 10, 97, 1_000, 4_099] {
            let shuffle = Shuffle::new(len, 42 + len);
            let mut seen = vec![false; usize::try_from(len).unwrap()];
            for x in 0..len {
                let y = shuffle.forth(x);
                assert_eq!(shuffle.back(y), x, "length {len}");
                assert!(!std::mem::replace(&mut seen[usize::try_from(y).unwrap()], true), "length {len}");
            }
        }
    }
}
