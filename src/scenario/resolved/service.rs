//! What stores talk to: services, their faults and standbys, and the online orders that share them.

use serde::{Deserialize, Serialize};

use super::{Law, Signature, Window};
use crate::units::{Cents, SimTime, Span};

/// Position of a service in [`super::Scenario::services`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ServiceId(pub u32);

/// A data centre or a processor.
#[derive(Clone, Debug)]
pub struct Service {
    /// Name in scenario files and output; part of its draws' addresses.
    pub name: String,
    /// How much it can do; `None`: it is never short of anything, and couples nobody.
    pub capacity: Option<Capacity>,
    /// Its second site.
    pub standby: Option<StandbySite>,
    /// What the scenario says happens to it whatever the load, in order of onset.
    pub faults: Vec<ServiceFault>,
}

/// What a finite service can do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Capacity {
    /// Attempts served at once.
    pub servers: u32,
    /// Attempts that may wait; more are refused at once.
    pub queue_limit: u64,
    /// Step of its grid while it is busy.
    pub step: Span,
    /// What becomes of it under too much load.
    pub overload: ServiceOverload,
}

/// How a service suffers from its own queue. The *level* of overload rises from 0 to 1 as the wait of a new attempt
/// rises from `begins` to `full`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ServiceOverload {
    /// Wait at which it begins.
    pub begins: Span,
    /// Wait at which it is complete; later than `begins`.
    pub full: Span,
    /// Work done at complete overload over what a healthy service does (0..=1], linear in the level.
    pub efficiency: f64,
    /// Crashes an hour at complete overload, in proportion to the level.
    pub crashes_per_hour: f64,
    /// From a crash until it serves again, seconds.
    pub restart: Law,
}

/// The second site of a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StandbySite {
    /// Whether it can be activated while the first site's network is down.
    pub control: Control,
    /// Until the outage of the first site is noticed.
    pub detection: Span,
    /// From the order until it serves.
    pub activation: Span,
    /// What it can do over what the first site can, parts per billion.
    pub capacity: u64,
    /// Added to every answer.
    pub extra: Span,
    /// From the repair of the first site until its data are those of the standby.
    pub resync: Span,
    /// Whether traffic goes back by itself then; otherwise it stays.
    pub returns: bool,
    /// How long nobody serves while traffic goes back.
    pub switch: Span,
}

/// How the order to activate a standby gets there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// Over the network that the service itself uses: not while a fault has it down.
    InBand,
    /// Over a network of its own (LTE, out-of-band management), which takes this much longer.
    OutOfBand(Span),
}

/// Something that happens to a service's first site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceFault {
    /// Name, for reports: the cause's or the scheduled fault's.
    pub name: String,
    /// Position in [`super::Scenario::scheduled_faults`], if it is one of them.
    pub scheduled: Option<u32>,
    /// When.
    pub window: Window,
    /// What.
    pub effect: ServiceEffect,
}

/// What a fault does to a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServiceEffect {
    /// Nothing is answered.
    Outage {
        /// Whether the site's network is down too, so that nothing there can be reached.
        network: bool,
    },
    /// It limps.
    Brownout {
        /// Share of attempts that get no answer, parts per billion.
        failing: u64,
        /// Added to every answer.
        extra: Span,
        /// What it can still do, parts per billion.
        capacity: u64,
    },
}

/// Everything, in parts per billion.
const FULL: u64 = 1_000_000_000;

impl ServiceEffect {
    /// What a fault with this signature does to a service: what is dead answers nothing, and with `network` cannot be reached
    /// either; else it limps with what is left of its `capacity`, parts per billion.
    #[must_use]
    pub fn of(signature: Signature, network: bool, capacity: u64) -> Self {
        let limps = |failing, extra| ServiceEffect::Brownout { failing, extra, capacity };
        match signature {
            Signature::CarrierLost | Signature::Blackhole | Signature::Announced => {
                ServiceEffect::Outage { network }
            }
            Signature::PartialLoss(share) => limps((share * FULL as f64 + 0.5) as u64, Span::ZERO),
            Signature::Latency(extra) => limps(0, extra),
        }
    }

    /// The signature that comes nearest to it.
    #[must_use]
    pub fn signature(self) -> Signature {
        match self {
            ServiceEffect::Outage { .. } => Signature::Blackhole,
            ServiceEffect::Brownout { failing: 0, extra, .. } => Signature::Latency(extra),
            ServiceEffect::Brownout { failing, .. } => Signature::PartialLoss(failing as f64 / FULL as f64),
        }
    }
}

/// Orders that come over the Internet and use a service as stores do.
#[derive(Clone, Debug)]
pub struct Online {
    /// Which service.
    pub service: ServiceId,
    /// Value of an order.
    pub basket: Cents,
    /// Service time of an order.
    pub service_time: Span,
    /// Gross margin on it.
    pub gross_margin: f64,
    /// Expected orders by stretch of time: sorted, disjoint.
    pub pieces: Vec<OnlinePiece>,
    /// Share of orders that are given up when the answer is late: (delay, parts per billion), ascending, linear between.
    pub slow: [(Span, u64); 2],
}

/// A stretch with a constant rate of orders.
#[derive(Clone, Copy, Debug)]
pub struct OnlinePiece {
    /// When; whole seconds.
    pub window: Window,
    /// Expected orders a second.
    pub per_second: f64,
}

impl Online {
    /// The rate at `at`, and the next instant at which it changes.
    #[must_use]
    pub fn rate(&self, at: SimTime) -> (f64, SimTime) {
        let after = self.pieces.partition_point(|piece| piece.window.end <= at);
        match self.pieces.get(after) {
            Some(piece) if piece.window.start <= at => (piece.per_second, piece.window.end),
            Some(piece) => (0.0, piece.window.start),
            None => (0.0, SimTime::NEVER),
        }
    }
}
