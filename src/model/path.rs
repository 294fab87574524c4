//! What physically works at a store, given the faults that are open.

use crate::scenario::resolved::{Scope, Signature};
use crate::units::{SimTime, Span};

use super::faults::Fault;

/// One way out, as packets find it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Whether anything passes.
    pub alive: bool,
    /// Since when `alive` has had its value.
    pub since: SimTime,
    /// Whether the link's carrier is there (a dead link may well show one).
    pub carrier: bool,
    /// Probability that a packet and its answer do not both arrive because of a fault.
    pub fault_loss: f64,
    /// Extra round trip because of a fault.
    pub extra_rtt: Span,
    /// Whether the far end said that it leaves before it did.
    pub announced: bool,
}

impl Link {
    /// A link without faults.
    #[must_use]
    pub const fn healthy(since: SimTime) -> Self {
        Link { alive: true, since, carrier: true, fault_loss: 0.0, extra_rtt: Span::ZERO, announced: false }
    }

    fn becomes(&mut self, now: SimTime, next: Link) {
        let since = if self.alive == next.alive { self.since } else { now };
        *self = Link { since, ..next };
    }
}

/// Every physical thing at a store that can be broken.
#[derive(Clone, Debug)]
pub struct Plant {
    /// The primary uplink, router aside.
    pub primary: Link,
    /// The LTE uplink, router aside.
    pub lte: Link,
    /// Whether the edge router works.
    pub router: bool,
    /// Whether the store's switch works.
    pub switch: bool,
    open: Vec<Fault>,
    lte_is_primary: bool,
}

impl Plant {
    /// Everything works.
    #[must_use]
    pub fn new(now: SimTime, lte_is_primary: bool) -> Self {
        let (primary, lte) = (Link::healthy(now), Link::healthy(now));
        Plant { primary, lte, router: true, switch: true, open: Vec::new(), lte_is_primary }
    }

    /// Faults that are open, in order of onset.
    #[must_use]
    pub fn open(&self) -> &[Fault] {
        &self.open
    }

    /// The earliest repair among the open faults.
    #[must_use]
    pub fn next_repair(&self) -> SimTime {
        self.open.iter().map(|fault| fault.window.end).min().unwrap_or(SimTime::NEVER)
    }

    /// A fault begins.
    pub fn begin(&mut self, now: SimTime, fault: Fault) {
        self.open.push(fault);
        self.settle(now);
    }

    /// Ends the first open fault whose repair is due at `now`, and hands it back.
    pub fn repair(&mut self, now: SimTime) -> Option<Fault> {
        let position = self.open.iter().position(|fault| fault.window.end <= now)?;
        let fault = self.open.remove(position);
        self.settle(now);
        Some(fault)
    }

    fn settle(&mut self, now: SimTime) {
        let mut primary = Link::healthy(now);
        let mut lte = Link::healthy(now);
        (self.router, self.switch) = (true, true);
        for fault in &self.open {
            let link = match fault.scope {
                Scope::Router => {
                    self.router = false;
                    continue;
                }
                Scope::Switch => {
                    self.switch = false;
                    continue;
                }
                Scope::Uplink => &mut primary,
                Scope::Backup if self.lte_is_primary => &mut primary,
                Scope::Backup => &mut lte,
            };
            match fault.signature {
                Signature::CarrierLost => (link.alive, link.carrier) = (false, false),
                Signature::Blackhole => link.alive = false,
                Signature::Announced => (link.alive, link.announced) = (false, true),
                Signature::PartialLoss(loss) => {
                    link.fault_loss = 1.0 - (1.0 - link.fault_loss) * (1.0 - loss);
                }
                Signature::Latency(extra) => link.extra_rtt += extra,
            }
        }
        self.primary.becomes(now, primary);
        self.lte.becomes(now, lte);
    }
}
