//! Draws for attributes that the fleet file does not give: each at its own store's address, so that one more
//! store, or one more column, changes no other store.

use crate::kernel::draws::{Address, Entity, Key};
use crate::scenario::reader::Named;
use crate::scenario::resolved::Law;
use crate::scenario::values::{NormalLevel, Weights};

/// What a draw about a store of a fleet is for. The numbers are addresses: append only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum FleetPurpose {
    /// Access technology of the primary.
    Technology = 1000,
    /// Who sells it.
    Provider = 1001,
    /// Cellular carrier.
    Carrier = 1002,
    /// LTE signal.
    Signal = 1003,
    /// Failover profile.
    Profile = 1004,
    /// Where the backup lives.
    Topology = 1005,
    /// Standby state of the backup.
    Standby = 1006,
    /// The store's sales about its format's.
    Sales = 1007,
    /// Format.
    Format = 1008,
    /// Time zone.
    Timezone = 1009,
    /// Place of a generated store.
    Position = 1010,
    /// Whether a scheduled fault with a share hits the store (sub-unit: the fault's name).
    ScheduledShare = 1011,
    /// When within its spread a scheduled fault hits (sub-unit: the fault's name).
    ScheduledSpread = 1012,
    /// How long a scheduled fault lasts (sub-unit: the fault's name).
    ScheduledDuration = 1013,
    /// Whether there is a generator.
    Generator = 1020,
    /// Carrier of the second SIM.
    SecondCarrier = 1035,
    /// LTE signal of the second SIM.
    SecondSignal = 1036,
    /// Category of the modem.
    Modem = 1037,
    /// Data plan.
    Plan = 1038,
    /// What the out-of-band unit can do.
    Oobm = 1040,
    /// Carrier of the out-of-band unit.
    OobmCarrier = 1041,
}

/// Fleet attributes are the same in every replication: the fleet is given, the weekend is not.
const FLEET_REPLICATION: u64 = 0;

/// The draws of one store.
#[derive(Clone, Copy)]
pub(crate) struct StoreDraws {
    key: Key,
    entity: Entity,
}

impl StoreDraws {
    /// Draws of store `id`, or of `sub_unit` of it.
    pub(crate) fn new(seed: u64, id: &str, sub_unit: &str) -> Self {
        StoreDraws {
            key: Key { seed, replication: FLEET_REPLICATION },
            entity: Entity::new("store", id, sub_unit),
        }
    }

    /// Draws of a carrier, of `sub_unit` of it.
    pub(crate) fn of_carrier(seed: u64, name: &str, sub_unit: &str) -> Self {
        StoreDraws {
            key: Key { seed, replication: FLEET_REPLICATION },
            entity: Entity::new("carrier", name, sub_unit),
        }
    }

    /// Draws of the fault called `name` of a service as a whole.
    pub(crate) fn of_service(seed: u64, name: &str) -> Self {
        StoreDraws {
            key: Key { seed, replication: FLEET_REPLICATION },
            entity: Entity::new("service-fault", name, ""),
        }
    }

    /// The store's identity among all draws.
    pub(crate) fn entity(self) -> Entity {
        self.entity
    }

    fn words(self, purpose: FleetPurpose) -> [u64; 4] {
        self.key.block(Address { entity: self.entity, purpose: purpose as u64, draw: 0 }, 1)
    }

    /// Uniform on [0, 1), from the first word's top 53 bits.
    pub(crate) fn uniform(self, purpose: FleetPurpose) -> f64 {
        unit(self.words(purpose)[0])
    }

    /// Two uniforms on [0, 1).
    pub(crate) fn uniform_pair(self, purpose: FleetPurpose) -> (f64, f64) {
        let words = self.words(purpose);
        (unit(words[0]), unit(words[1]))
    }

    /// Standard normal, by Box and Muller (1958) from two words.
    pub(crate) fn normal(self, purpose: FleetPurpose) -> f64 {
        let (first, second) = self.uniform_pair(purpose);
        // 1 - u lies in (0, 1], so the logarithm is finite.
        libm::sqrt(-2.0 * libm::log(1.0 - first)) * libm::cos(std::f64::consts::TAU * second)
    }

    /// One of the names, in proportion to the weights; `None` if there is none.
    pub(crate) fn pick(self, purpose: FleetPurpose, weights: &Weights) -> Option<&Named> {
        let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
        let mut left = self.uniform(purpose) * total;
        for (name, weight) in weights {
            if left < *weight {
                return Some(name);
            }
            left -= weight;
        }
        weights.iter().rev().find(|(_, weight)| *weight > 0.0).map(|(name, _)| name)
    }

    /// A level, clipped to `least..=most`.
    pub(crate) fn level(self, purpose: FleetPurpose, level: NormalLevel, (least, most): (f64, f64)) -> f64 {
        (level.mean + level.sd * self.normal(purpose)).clamp(least, most)
    }

    /// Lognormal with mean 1.
    pub(crate) fn factor(self, purpose: FleetPurpose, sigma: f64) -> f64 {
        libm::exp(sigma * self.normal(purpose) - sigma * sigma / 2.0)
    }

    /// A duration in seconds.
    pub(crate) fn duration(self, purpose: FleetPurpose, law: Law) -> f64 {
        match law {
            Law::Constant(seconds) => seconds,
            Law::Uniform { low, high } => low + (high - low) * self.uniform(purpose),
            Law::Exponential { mean } => -mean * libm::log(1.0 - self.uniform(purpose)),
            Law::Lognormal { median, sigma } => median * libm::exp(sigma * self.normal(purpose)),
        }
    }
}

fn unit(word: u64) -> f64 {
    const TWO_TO_MINUS_53: f64 = 1.0 / 9_007_199_254_740_992.0;
    (word >> 11) as f64 * TWO_TO_MINUS_53
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::tree::Place;

    fn named(text: &str) -> Named {
        Named { text: text.to_owned(), place: Place { source: 0, start: 0, end: 0 } }
    }

    #[test]
    fn shares_and_moments_are_as_asked() {
        let weights = vec![(named("cable"), 0.2), (named("fibre"), 0.8)];
        let count = 20_000;
        let (mut cable, mut sum, mut squares, mut factors) = (0, 0.0, 0.0, 0.0);
        for store in 0..count {
            let draws = StoreDraws::new(7, &store.to_string(), "");
            cable += i32::from(
                draws.pick(FleetPurpose::Technology, &weights).is_some_and(|name| name.text == "cable"),
            );
            let normal = draws.normal(FleetPurpose::Signal);
            sum += normal;
            squares += normal * normal;
            factors += draws.factor(FleetPurpose::Sales, 0.25);
        }
        let n = f64::from(count);
        // Five standard errors each.
        assert!((f64::from(cable) / n - 0.2).abs() < 5.0 * 0.4 / n.sqrt());
        assert!((sum / n).abs() < 5.0 / n.sqrt());
        assert!((squares / n - 1.0).abs() < 5.0 * 2.0_f64.sqrt() / n.sqrt());
        assert!((factors / n - 1.0).abs() < 5.0 * 0.26 / n.sqrt());
    }

    #[test]
    fn values_are_stable() {
        // Computed with a separate Python implementation of SHA-256 addresses and Philox4x64-10.
        let draws = StoreDraws::new(20_191_129, "0042", "");
        assert_eq!(draws.entity(), Entity(0x6bee_9757_1e8d_9fb8));
        assert_eq!(draws.words(FleetPurpose::Technology)[0], 0xb484_c5c9_bebf_49c2);
        let normal = draws.normal(FleetPurpose::Signal);
        assert!((normal - 2.3341260988911086).abs() < 1e-15, "{normal}");
        let other = StoreDraws::new(20_191_129, "42", "");
        assert_ne!(draws.entity(), other.entity());
    }
}
