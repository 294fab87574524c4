//! Money in whole cents of the scenario's currency.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// An amount of money in cents; may be negative (a difference).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Cents(pub i64);

impl Cents {
    /// The amount nearest to `units` whole currency units (dollars).
    #[must_use]
    pub fn from_units_f64(units: f64) -> Self {
        let scaled = units * 100.0;
        Cents(if scaled < 0.0 { (scaled - 0.5) as i64 } else { (scaled + 0.5) as i64 })
    }

    /// The amount in whole currency units (dollars), for estimators and output.
    #[must_use]
    pub fn as_units_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// The nearest amount to `factor` of it.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Cents::from_units_f64(self.as_units_f64() * factor)
    }
}

impl Add for Cents {
    type Output = Cents;
    fn add(self, other: Cents) -> Cents {
        Cents(self.0 + other.0)
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Cents) {
        self.0 += other.0;
    }
}

impl Sub for Cents {
    type Output = Cents;
    fn sub(self, other: Cents) -> Cents {
        Cents(self.0 - other.0)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Cents>>(amounts: I) -> Cents {
        amounts.fold(Cents(0), Add::add)
    }
}
