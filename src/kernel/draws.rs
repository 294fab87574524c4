//! Addressed draws: Philox4x64-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3",
//! SC 2011), a function of an address instead of a stream with a state.
//!
//! ```text
//! key     = (seed, replication)
//! counter = (block, draw, entity, purpose)         block counts from 1
//! ```
//!
//! NumPy's `Philox(key=[seed, replication], counter=[0, draw, entity, purpose])` therefore streams exactly the
//! words of one address: it increments the counter before its first output. Whoever asks for a word by its
//! address gets the same word, whatever else was or was not drawn: that is what lets two designs face the same
//! customers and the same faults, and what makes one more store change nothing elsewhere.

use std::convert::Infallible;

use rand::rand_core::{TryRng, utils};
use sha2::{Digest, Sha256};

const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
const WEYL: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];
const ROUNDS: usize = 10;

/// Seed and replication: what all draws of one run have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The scenario's seed.
    pub seed: u64,
    /// Number of the replication, from 0.
    pub replication: u64,
}

/// A stable identity to which draws belong: the first 8 bytes (big-endian) of SHA-256(kind, 0, id, 0,
/// sub-unit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity(pub u64);

/// Which question is asked of which entity: everything of the counter but the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whose draw it is.
    pub entity: Entity,
    /// What it is for; the caller's append-only enumeration.
    pub purpose: u64,
    /// Which one of its kind, counted absolutely (a quarter hour and a customer's number, a bin and a fault's
    /// number).
    pub draw: u64,
}

impl Entity {
    /// The identity of `sub_unit` of the thing called `id` among those of `kind`.
    #[must_use]
    pub fn new(kind: &str, id: &str, sub_unit: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(kind.as_bytes());
        hash.update([0]);
        hash.update(id.as_bytes());
        hash.update([0]);
        hash.update(sub_unit.as_bytes());
        let digest = hash.finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Entity(u64::from_be_bytes(first))
    }
}

impl Key {
    /// The four words at `address`, block `block` (from 1).
    #[inline]
    #[must_use]
    pub fn block(self, address: Address, block: u64) -> [u64; 4] {
        philox4x64_10([block, address.draw, address.entity.0, address.purpose], [self.seed, self.replication])
    }

    /// All words of `address` from block `first_block` on, one after the other.
    #[must_use]
    pub fn words(self, address: Address, first_block: u64) -> Words {
        Words { key: self, address, next_block: first_block, buffer: [0; 4], used: 4 }
    }
}

/// The words of one address as an unbounded sequence.
///
/// Also a generator for whoever speaks `rand` ([`rand::Rng`], through [`TryRng`]). What decides a result is
/// drawn with [`variates`](super::variates) instead: `rand_distr` calls the platform's `libm` once any crate of
/// the build asks for `num-traits/std`.
#[derive(Clone, Debug)]
pub struct Words {
    key: Key,
    address: Address,
    next_block: u64,
    buffer: [u64; 4],
    used: usize,
}

impl Words {
    /// The next word.
    #[inline]
    pub fn next_word(&mut self) -> u64 {
        if self.used == 4 {
            self.buffer = self.key.block(self.address, self.next_block);
            self.next_block += 1;
            self.used = 0;
        }
        let word = self.buffer[self.used];
        self.used += 1;
        word
    }
}

/// Takes whole words only: half a word is the high half of the next, bytes are the words in little-endian
/// order.
impl TryRng for Words {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_word() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_word())
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(destination, || Ok(self.next_word()))
    }
}

/// Philox4x64 with ten rounds: a bijection of 256-bit counters under a 128-bit key.
///
/// The plain loop on purpose: unrolling it or regrouping its exclusive-ors changes its throughput by 7 % at
/// most, one way or the other (`docs/adr/0001-addressed-draws.md`).
#[inline]
#[must_use]
pub fn philox4x64_10(mut counter: [u64; 4], mut key: [u64; 2]) -> [u64; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let left = u128::from(MULTIPLIERS[0]) * u128::from(counter[0]);
        let right = u128::from(MULTIPLIERS[1]) * u128::from(counter[2]);
        counter = [
            (right >> 64) as u64 ^ counter[1] ^ key[0],
            right as u64,
            (left >> 64) as u64 ^ counter[3] ^ key[1],
            left as u64,
        ];
    }
    counter
}

#[cfg(test)]
mod tests;
