//! What physically works at a store, given the faults that are open.

use crate::scenario::resolved::{Part, ServiceId, Signature};
use crate::units::{SimTime, Span};

use super::faults::Fault;
use super::faults::service::Where;

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

    fn suffer(&mut self, signature: Signature) {
        match signature {
            Signature::CarrierLost => (self.alive, self.carrier) = (false, false),
            Signature::Blackhole => self.alive = false,
            Signature::Announced => (self.alive, self.announced) = (false, true),
            Signature::PartialLoss(loss) => {
                self.fault_loss = 1.0 - (1.0 - self.fault_loss) * (1.0 - loss);
            }
            Signature::Latency(extra) => self.extra_rtt += extra,
        }
    }
}

/// What answers payments, as this store finds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answering {
    /// Whether any attempt is answered.
    pub alive: bool,
    /// Probability that an attempt stays without an answer.
    pub failing: f64,
    /// How much later answers come.
    pub extra: Span,
}

impl Answering {
    /// Without faults.
    pub const HEALTHY: Answering = Answering { alive: true, failing: 0.0, extra: Span::ZERO };

    fn and(self, other: Answering) -> Answering {
        Answering {
            alive: self.alive && other.alive,
            failing: 1.0 - (1.0 - self.failing) * (1.0 - other.failing),
            extra: self.extra + other.extra,
        }
    }

    fn suffer(&mut self, signature: Signature) {
        match signature {
            Signature::CarrierLost | Signature::Blackhole | Signature::Announced => self.alive = false,
            Signature::PartialLoss(share) => self.failing = 1.0 - (1.0 - self.failing) * (1.0 - share),
            Signature::Latency(extra) => self.extra += extra,
        }
    }
}

/// Every physical thing at a store that can be broken.
#[derive(Clone, Debug)]
pub struct Plant {
    /// The primary uplink, router aside; if that is LTE, the one over the SIM in use.
    pub primary: Link,
    /// The LTE uplink over the modem's first SIM, router aside.
    pub lte: Link,
    /// The same over the modem's second SIM.
    pub second: Link,
    /// Whether the edge router works.
    pub router: bool,
    /// Whether the store's switch works.
    pub switch: bool,
    /// Whether there is power.
    pub power: bool,
    /// Tills at which nobody can be served, a bit each; all of them without the store's server or power.
    pub dead_tills: u128,
    /// What answers payments, whichever service it is.
    service: Answering,
    /// The ways into services that are impaired.
    entrances: Vec<(ServiceId, Answering)>,
    open: Vec<Fault>,
    lte_is_primary: bool,
    /// Whether a primary that is LTE uses the second SIM.
    on_second: bool,
}

impl Plant {
    /// Everything works.
    #[must_use]
    pub fn new(now: SimTime, lte_is_primary: bool) -> Self {
        let (primary, lte) = (Link::healthy(now), Link::healthy(now));
        Plant {
            primary,
            lte,
            second: lte,
            router: true,
            switch: true,
            power: true,
            dead_tills: 0,
            service: Answering::HEALTHY,
            entrances: Vec::new(),
            open: Vec::new(),
            lte_is_primary,
            on_second: false,
        }
    }

    /// Faults that are open, in order of onset.
    #[must_use]
    pub fn open(&self) -> &[Fault] {
        &self.open
    }

    /// What answers payments at service `id`, the service itself aside.
    #[must_use]
    pub fn answering(&self, id: ServiceId) -> Answering {
        let mine = self.entrances.iter().filter(|(entrance, _)| *entrance == id);
        mine.fold(self.service, |all, (_, one)| all.and(*one))
    }

    /// Whether nothing at the store itself keeps payments from whatever answers them.
    #[must_use]
    pub const fn answers_at_all(&self) -> bool {
        self.service.alive
    }

    /// Since when the way into service `id` is dead.
    #[must_use]
    pub fn entrance_dead_since(&self, id: ServiceId) -> Option<SimTime> {
        if self.entrances.is_empty() {
            return None;
        }
        let dead = |fault: &&Fault| fault.service == Where::Entrance(id) && fault.signature.is_dead();
        self.open.iter().filter(dead).map(|fault| fault.window.start).min()
    }

    /// The earliest repair among the open faults.
    #[must_use]
    pub fn next_repair(&self) -> SimTime {
        self.open.iter().map(|fault| fault.window.end).min().unwrap_or(SimTime::NEVER)
    }

    /// The SIM that a primary which is LTE uses from `now` on.
    pub fn use_sim(&mut self, now: SimTime, second: bool) {
        self.on_second = second;
        self.settle(now);
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

    /// Somebody finds at `now` that the backup is dead: a latent fault is mended as soon as its repair takes, unless that was
    /// under way already. Returns whether there was one that nobody knew of.
    pub fn find_latent(&mut self, now: SimTime) -> bool {
        let mut found = false;
        for fault in &mut self.open {
            if let Some(takes) = fault.repair_if_found
                && now + takes < fault.window.end
            {
                fault.window.end = now + takes;
                fault.repair_if_found = None;
                found = true;
            }
        }
        found
    }

    /// The open fault `number` will end at `end`, because somebody mends it thus.
    pub fn mend(&mut self, number: u32, end: SimTime, remedy: &'static str) {
        if let Some(fault) = self.open.iter_mut().find(|fault| fault.number == number) {
            (fault.window.end, fault.remedy) = (end, remedy);
        }
    }

    fn settle(&mut self, now: SimTime) {
        let mut primary = Link::healthy(now);
        let mut lte = Link::healthy(now);
        let mut second = Link::healthy(now);
        (self.router, self.switch, self.power) = (true, true, true);
        (self.dead_tills, self.service) = (0, Answering::HEALTHY);
        self.entrances.clear();
        for fault in &self.open {
            for part in fault.parts.iter() {
                match part {
                    Part::Router => self.router = false,
                    Part::Switch => self.switch = false,
                    Part::Uplink if self.lte_is_primary => lte.suffer(fault.signature),
                    Part::Uplink => primary.suffer(fault.signature),
                    Part::Backup if fault.second_sim => second.suffer(fault.signature),
                    Part::Backup => lte.suffer(fault.signature),
                    Part::StoreServer => self.dead_tills = u128::MAX,
                    Part::Lane => self.dead_tills |= 1 << fault.lane,
                    Part::Power => {
                        (self.power, self.router, self.switch) = (false, false, false);
                        self.dead_tills = u128::MAX;
                    }
                    Part::Service => match fault.service {
                        Where::Store => self.service.suffer(fault.signature),
                        Where::Entrance(id) => {
                            let mut here = Answering::HEALTHY;
                            here.suffer(fault.signature);
                            self.entrances.push((id, here));
                        }
                        // The store meets it when it asks.
                        Where::Service(_) => {}
                    },
                }
            }
        }
        if self.lte_is_primary {
            primary = if self.on_second { second } else { lte };
        }
        self.primary.becomes(now, primary);
        self.lte.becomes(now, lte);
        self.second.becomes(now, second);
    }
}
