//! What a store is like at an instant, for whoever watches it from outside: its paths, its failover, its servers. Reading it changes
//! nothing, and nothing is noted for it while nobody looks.

use crate::model::failover::Route;
use crate::model::ledger::LossStage;
use crate::units::{Cents, SimTime};

use super::Store;

/// A store at an instant.
#[derive(Clone, PartialEq, Debug)]
pub struct View {
    /// Whether its doors are open.
    pub open: bool,
    /// Whether no uplink works.
    pub dark: bool,
    /// Whether the way in use gets answers.
    pub answers: bool,
    /// Whether its traffic is on LTE.
    pub on_lte: bool,
    /// What a customer who leaves now is lost to.
    pub stage: LossStage,
    /// Where new packets go.
    pub route: Route,
    /// Whether the primary passes traffic, and the backup.
    pub works: [bool; 2],
    /// Whether the primary is held to be up.
    pub declared_up: bool,
    /// Where failover stands.
    pub controller: &'static str,
    /// Customers who wait in the queue.
    pub waiting: u32,
    /// Payments stored for later.
    pub stored: u32,
    /// Who is at a server: its number, then what she does.
    pub servers: Vec<(usize, AtServer)>,
}

/// A customer at a server.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AtServer {
    /// Number of her draws.
    pub customer: u64,
    /// What she pays for.
    pub value: Cents,
    /// What she, or her payment, is doing.
    pub phase: &'static str,
    /// Attempts before the present one.
    pub attempt: u16,
    /// Over which route the present attempt went.
    pub via: Route,
}

impl Store<'_> {
    /// What it is like at `now`, after all that happens then.
    #[must_use]
    pub fn view(&self, now: SimTime) -> View {
        let state = self.network.state(now);
        View {
            open: state.open,
            dark: state.dark,
            answers: state.answers,
            on_lte: state.on_lte,
            stage: state.stage,
            route: self.network.route(),
            works: [Route::Primary, Route::Backup].map(|route| self.network.works(route)),
            declared_up: self.network.is_declared_up(),
            controller: self.network.failover_stage(),
            waiting: self.tills.checkout.waiting(),
            stored: self.tills.replay.count(),
            servers: self.tills.at_servers().collect(),
        }
    }
}
