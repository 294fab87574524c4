//! The operations centre as it is run: people, playbooks, and what is known of each store.

use serde::{Deserialize, Serialize};

use super::{CarrierId, Law, StoreRank, Window};
use crate::units::{Cents, SimTime, Span};

/// Everything the operations centre depends on.
#[derive(Clone, Debug)]
pub struct Noc {
    /// How often a store is polled; each store at its own phase.
    pub poll: Span,
    /// Polls in a row without an answer that raise an alarm.
    pub polls_to_alarm: u32,
    /// Until somebody has looked at a ticket, by priority from the highest, seconds.
    pub acknowledge: [Law; 3],
    /// Sales at risk in an hour from which a ticket has the first and the second priority.
    pub at_risk: [Cents; 2],
    /// Share of a store's sales that is at risk while another path works (0..=1).
    pub at_risk_on_backup: f64,
    /// Engineers on duty from each instant on; the first instant is not after any alarm.
    pub engineers: Vec<(SimTime, u32)>,
    /// Remote sessions that can be open at once.
    pub sessions: u32,
    /// Engineer's time to hand a fault to its provider, seconds.
    pub provider_call: Law,
    /// Engineer's time to send a technician, seconds.
    pub dispatch: Law,
    /// Technician's time on the road, seconds.
    pub travel: Law,
    /// From resolved to closed.
    pub close_after: Span,
    /// Until an out-of-band unit tells of a fault, if its path works.
    pub oobm_alarm: Span,
    /// Probability that an out-of-band unit does not answer when it is needed (0..=1).
    pub oobm_dead: f64,
    /// In name order.
    pub playbooks: Vec<Playbook>,
    /// By [`super::CauseId`]: the playbook, for causes that are the retailer's own to mend.
    pub playbook_of_cause: Vec<Option<PlaybookId>>,
    /// By position in [`super::Scenario::scheduled_faults`].
    pub playbook_of_scheduled: Vec<Option<PlaybookId>>,
    /// Technicians, by market (or region) in name order.
    pub pools: Vec<Pool>,
    /// By [`StoreRank`].
    pub stores: Vec<NocStore>,
}

impl Noc {
    /// What the centre knows of a store.
    #[must_use]
    pub fn store(&self, rank: StoreRank) -> &NocStore {
        &self.stores[rank.0 as usize]
    }
}

/// Position of a playbook in [`Noc::playbooks`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct PlaybookId(pub u16);

/// What is done about one cause.
#[derive(Clone, Debug)]
pub struct Playbook {
    /// Name of the cause.
    pub name: String,
    /// What has failed, and must be on a console port or an outlet to be mended from afar.
    pub device: Device,
    /// Probability that it can be mended over a console (0..=1).
    pub console: f64,
    /// The same if its outlet can be switched, too.
    pub outlet: f64,
    /// How long a remote attempt takes, successful or not, seconds.
    pub remote_time: Law,
    /// Probability that somebody at the store can be talked through it (0..=1).
    pub staff: f64,
    /// How long that takes, successful or not, seconds.
    pub staff_time: Law,
    /// A technician's time at the store, seconds.
    pub on_site_time: Law,
    /// Probability that a part has to be sent first (0..=1).
    pub parts: f64,
    /// How long a part takes, seconds.
    pub parts_wait: Law,
}

/// A device as the operations centre lists it, in the order in which console ports and outlets are given out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Device {
    /// The edge router.
    Router,
    /// The store's switch.
    Switch,
    /// The server of the tills.
    StoreServer,
    /// A till.
    Lane,
}

impl Device {
    /// The word used in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Device::Router => "router",
            Device::Switch => "switch",
            Device::StoreServer => "store-server",
            Device::Lane => "lane",
        }
    }
}

/// Technicians who serve the same stores.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Market, or region where stores have no market.
    pub name: String,
    /// How many there are.
    pub technicians: u32,
}

/// What the operations centre knows of a store.
#[derive(Clone, Debug)]
pub struct NocStore {
    /// Position in [`Noc::pools`].
    pub pool: u32,
    /// Expected sales in an hour of opening.
    pub hourly_sales: Cents,
    /// Start of the days that are simulated.
    pub from: SimTime,
    /// When somebody is at the store in those; sorted, disjoint.
    pub open: Vec<Window>,
    /// As [`super::Store::oobm`].
    pub oobm: Oobm,
}

/// A store's out-of-band management.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Oobm {
    /// What it can do.
    pub kind: OobmKind,
    /// Whose cellular network it uses.
    pub carrier: CarrierId,
    /// Whether that is the carrier of the store's own LTE uplink, so that both fail together.
    pub shares_carrier: bool,
    /// Devices on console ports, in the order of [`Device`].
    pub console_ports: u32,
    /// Devices on switched outlets, in the same order.
    pub outlets: u32,
}

/// What an out-of-band unit can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OobmKind {
    /// There is none.
    None,
    /// Console ports.
    Console,
    /// Console ports and switched outlets.
    ConsoleOutlet,
}

impl OobmKind {
    /// The word used in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            OobmKind::None => "none",
            OobmKind::Console => "console",
            OobmKind::ConsoleOutlet => "console-outlet",
        }
    }
}

impl Oobm {
    /// The probability that `playbook` mends its device over this unit; zero if there is nothing to try.
    #[must_use]
    pub fn odds(&self, playbook: &Playbook) -> f64 {
        let position = playbook.device as u32;
        let console = position < self.console_ports;
        let outlet = position < self.outlets;
        match self.kind {
            OobmKind::None => 0.0,
            OobmKind::Console if console => playbook.console,
            OobmKind::ConsoleOutlet if outlet => playbook.outlet,
            OobmKind::ConsoleOutlet if console => playbook.console,
            OobmKind::Console | OobmKind::ConsoleOutlet => 0.0,
        }
    }
}
