//! Which probes are lost by chance: found by geometric skipping, the same whoever asks.
//!
//! The sequence restarts in every absolute quarter hour, so that what is lost in one quarter does not depend on
//! where anybody began to look.

use std::ops::Range;

use crate::kernel::draws::{Entity, Key, Words};
use crate::kernel::variates::geometric;
use crate::model::purpose::{Purpose, address};

/// How numbers of probes map to quarter hours.
pub(super) trait Numbering {
    /// The quarter hour that holds probe `slot`.
    fn quarter(&self, slot: u64) -> u64;
    /// The probes that `quarter` can hold.
    fn range(&self, quarter: u64) -> Range<u64>;
}

/// Lost probes of one uplink, each lost independently with the same probability.
#[derive(Clone, Debug)]
pub(super) struct Losses {
    key: Key,
    uplink: Entity,
    purpose: Purpose,
    probability: f64,
    quarter: u64,
    words: Option<Words>,
    /// No probe in `from..lost` is lost; `lost` is.
    from: u64,
    lost: u64,
}

impl Losses {
    pub(super) fn new(key: Key, uplink: Entity, purpose: Purpose, probability: f64) -> Self {
        Losses { key, uplink, purpose, probability, quarter: 0, words: None, from: 0, lost: 0 }
    }

    /// The same losses under another probability.
    pub(super) fn set_probability(&mut self, probability: f64) {
        if probability != self.probability {
            self.probability = probability;
            self.words = None;
        }
    }

    /// The first lost probe at or after `slot` and before `limit`; `limit` if there is none.
    pub(super) fn next_lost(&mut self, slot: u64, limit: u64, numbering: &impl Numbering) -> u64 {
        if self.probability <= 0.0 || slot >= limit {
            return limit;
        }
        if self.words.is_none() || slot < self.from || slot > self.lost {
            if self.words.is_none() || slot < self.from || numbering.quarter(slot) != self.quarter {
                self.enter(numbering.quarter(slot), numbering);
            }
            self.from = slot;
        }
        loop {
            let end = numbering.range(self.quarter).end;
            if self.lost >= end {
                if end >= limit {
                    return limit;
                }
                self.enter(self.quarter + 1, numbering);
            } else if self.lost >= slot {
                break;
            } else {
                self.skip(self.lost + 1);
            }
        }
        self.lost.min(limit)
    }

    /// Whether probe `slot` is lost.
    pub(super) fn is_lost(&mut self, slot: u64, numbering: &impl Numbering) -> bool {
        self.next_lost(slot, slot + 1, numbering) == slot
    }

    fn enter(&mut self, quarter: u64, numbering: &impl Numbering) {
        self.quarter = quarter;
        self.words = Some(self.key.words(address(self.uplink, self.purpose, quarter), 1));
        self.skip(numbering.range(quarter).start);
    }

    /// Moves `lost` to the first lost probe at or after `slot`, by one geometric draw.
    fn skip(&mut self, slot: u64) {
        let probability = self.probability;
        let Some(words) = &mut self.words else { return };
        self.lost = slot.saturating_add(geometric(words.next_word(), probability));
    }
}
