//! What things cost, and how many days of each kind a year has.

use super::{OobmKind, Scenario, Store, Topology};
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
    /// A line of an LTE uplink whose plan has no price of its own, a month.
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
    /// An hour of an engineer of the operations centre on duty.
    pub staff_hour: Cents,
    /// Years over which devices are written off.
    pub gear_life_years: f64,
}

/// What of a store's network is paid for, month by month or once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gear {
    /// Lines of its LTE uplink: one for each SIM.
    pub lines: u32,
    /// Whether there is a modem or router for that uplink by itself, not in a gateway.
    pub modem: bool,
    /// Whether there is an out-of-band unit or gateway.
    pub unit: bool,
    /// Whether that has a line for management only.
    pub unit_line: bool,
    /// Whether it switches outlets.
    pub outlets: bool,
}

impl Scenario {
    /// What the network of `store` consists of.
    #[must_use]
    pub fn gear(&self, store: &Store) -> Gear {
        let is_lte = self.technologies[store.technology.0 as usize].is_lte;
        let gateway = matches!(store.topology, Topology::GatewayCarrying | Topology::GatewayOnly);
        // The gateway's own modem carries the store's traffic, so it has no line for management besides.
        let carries = store.topology == Topology::GatewayCarrying && !is_lte;
        let modem = is_lte || matches!(store.topology, Topology::InRouter | Topology::SecondRouter);
        let unit = gateway || store.oobm.kind != OobmKind::None;
        Gear {
            lines: u32::from(modem || carries) * (1 + u32::from(store.second.is_some())),
            modem,
            unit,
            unit_line: unit && !carries,
            outlets: store.oobm.kind == OobmKind::ConsoleOutlet,
        }
    }

    /// What all cellular lines of `store` cost a month.
    #[must_use]
    pub fn lines_month(&self, store: &Store) -> Cents {
        let gear = self.gear(store);
        let line = store.plan.map_or(self.money.lte_plan, |plan| self.plans[plan.0 as usize].price);
        let unit = if gear.unit_line { self.money.oobm_plan } else { Cents(0) };
        Cents(line.0 * i64::from(gear.lines)) + unit
    }
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
