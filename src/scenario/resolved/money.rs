//! What things cost, and how many days of each kind a year has.

use crate::units::Cents;

/// Prices and shares behind every amount that is not a basket.
#[derive(Clone, Debug)]
pub struct Money {
    /// Share of the sales blocked by the network that is lost (0..=1); the rest is made later or elsewhere in the chain.
    pub lost_share: f64,
    /// Probability that a sale approved offline is refused afterwards (0..=1).
    pub late_decline: f64,
    /// A technician's journey.
    pub truck_roll: Cents,
    /// An LTE uplink's data plan, a month.
    pub lte_plan: Cents,
    /// An LTE uplink's modem or router.
    pub lte_device: Cents,
    /// The plan of an out-of-band gateway that carries no store traffic, a month.
    pub oobm_plan: Cents,
    /// An out-of-band gateway.
    pub oobm_appliance: Cents,
    /// Its switched outlets.
    pub remote_outlet: Cents,
    /// Its management licence, a year.
    pub oobm_licence: Cents,
    /// An hour of a network engineer.
    pub staff_hour: Cents,
    /// Years over which devices are written off.
    pub gear_life_years: f64,
}

/// What kind of day a day is: exposure differs, and a year is made of so many of each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[repr(u8)]
pub enum DayKind {
    /// A usual day.
    #[default]
    Normal = 0,
    /// A day of the weeks around the holidays.
    Holiday = 1,
    /// Thanksgiving to Cyber Monday.
    Cyber5 = 2,
    /// Stores stay closed.
    Closed = 3,
}

impl DayKind {
    /// In the order of [`super::Scenario::year`].
    pub const ALL: [DayKind; 4] = [DayKind::Normal, DayKind::Holiday, DayKind::Cyber5, DayKind::Closed];
}
