//! A service that serves attempt by attempt, first come, first served, and can say at any moment what the next would wait.

use tinsel::model::shared::service::{Fate, ServiceMessage, ServiceState};
use tinsel::scenario::resolved::{self, Control, Scenario, ServiceEffect, ServiceFault, StandbySite};
use tinsel::units::{SimTime, Span};

/// Everything, in the parts per billion in which stores hear of shares.
const PARTS: f64 = 1e9;

pub struct PlainService {
    capacity: resolved::Capacity,
    faults: Vec<ServiceFault>,
    standby: Option<StandbySite>,
    /// What each server has still to do, seconds of a healthy server.
    servers: Vec<f64>,
    /// The same with what waits, given to the server that will be free first.
    ahead: Vec<f64>,
    /// What waits, in order: seconds of a healthy server.
    waiting: std::collections::VecDeque<f64>,
    at: SimTime,
}

impl PlainService {
    /// The finite service of `spec` with its `faults`; a standby knows what to do about one outage.
    pub fn new(
        scenario: &Scenario,
        spec: &resolved::Service,
        faults: Vec<ServiceFault>,
        start: SimTime,
    ) -> Self {
        let capacity = spec.capacity.expect("a finite service");
        assert!(scenario.online.is_none(), "not known here");
        let is_outage = |fault: &&ServiceFault| matches!(fault.effect, ServiceEffect::Outage { .. });
        let outages = faults.iter().filter(is_outage).count();
        assert!(spec.standby.is_none() || outages <= 1, "not known here");
        assert!(capacity.overload.crashes_per_hour <= 0.0, "not known here");
        PlainService {
            capacity,
            faults,
            standby: spec.standby,
            servers: vec![0.0; capacity.servers as usize],
            ahead: vec![0.0; capacity.servers as usize],
            waiting: std::collections::VecDeque::new(),
            at: start,
        }
    }

    /// An attempt arrives.
    pub fn hear(&mut self, at: SimTime, message: ServiceMessage) {
        self.come_to(at);
        match message.fate {
            Fate::Served { .. } => {
                let first = earliest(&self.ahead);
                self.ahead[first] += message.work.as_secs_f64();
                self.waiting.push_back(message.work.as_secs_f64());
                self.seat();
            }
            Fate::Shed | Fate::Failed => {}
        }
    }

    /// What an attempt would meet at `at`.
    pub fn state(&mut self, at: SimTime) -> ServiceState {
        self.come_to(at);
        let waits_s = self.work_ahead() / self.speed();
        let wait = Span::from_secs_f64(waits_s);
        let full = self.waiting.len() as u64 >= self.capacity.queue_limit;
        ServiceState {
            at,
            wait,
            slope: 0,
            full: if full { wait } else { Span::MAX },
            admitted: 0,
            efficiency: (self.efficiency() * PARTS) as u64,
            crashes: Vec::new(),
        }
    }

    /// Of a healthy server, until the next attempt would be served.
    fn work_ahead(&self) -> f64 {
        self.ahead[earliest(&self.ahead)]
    }

    /// What its faults leave of a healthy server; zero: down.
    fn healthy_part(&self, at: SimTime) -> f64 {
        if let Some([first, activated, back, home]) = self.moves()
            && first <= at
            && at < home
        {
            let serves = activated <= at && at < back;
            return if serves { self.standby.map_or(0.0, |site| site.capacity as f64 / PARTS) } else { 0.0 };
        }
        let open = self.faults.iter().filter(|fault| fault.window.start <= at && at < fault.window.end);
        open.fold(1.0, |speed, fault| match fault.effect {
            ServiceEffect::Outage { .. } => 0.0,
            ServiceEffect::Brownout { capacity, .. } => speed * capacity as f64 / PARTS,
        })
    }

    /// From the outage on: when the standby serves, when it ends to, and when the first site serves again.
    fn moves(&self) -> Option<[SimTime; 4]> {
        let site = self.standby.as_ref()?;
        let outage = |fault: &&ServiceFault| matches!(fault.effect, ServiceEffect::Outage { .. });
        let fault = self.faults.iter().find(outage)?;
        let network = fault.effect == ServiceEffect::Outage { network: true };
        let noticed = fault.window.start + site.detection;
        let ordered = match site.control {
            Control::OutOfBand(delay) => noticed + delay,
            Control::InBand if network => noticed.max(fault.window.end),
            Control::InBand => noticed,
        };
        let activated = ordered + site.activation;
        let back = if site.returns { fault.window.end + site.resync } else { SimTime::NEVER };
        let home = if site.returns { back + site.switch } else { SimTime::NEVER };
        (activated < fault.window.end).then_some([fault.window.start, activated, back, home])
    }

    /// What its own queue leaves of that.
    fn efficiency(&self) -> f64 {
        let overload = &self.capacity.overload;
        let part = self.healthy_part(self.at);
        let wait_s = if part > 0.0 { self.work_ahead() / part } else { 0.0 };
        let (begins_s, full_s) = (overload.begins.as_secs_f64(), overload.full.as_secs_f64());
        let level = ((wait_s - begins_s) / (full_s - begins_s)).clamp(0.0, 1.0);
        1.0 - (1.0 - overload.efficiency) * level
    }

    fn speed(&self) -> f64 {
        (self.healthy_part(self.at) * self.efficiency()).max(1e-9)
    }

    /// Lets idle servers take what waits.
    fn seat(&mut self) {
        while let Some(idle) = self.servers.iter().position(|left| *left <= 0.0) {
            let Some(work) = self.waiting.pop_front() else { return };
            self.servers[idle] += work;
        }
    }

    /// Serves up to `to`, one completion after the other.
    fn come_to(&mut self, to: SimTime) {
        while self.at < to {
            let edges = self.faults.iter().flat_map(|fault| [fault.window.start, fault.window.end]);
            let edges = edges.chain(self.moves().into_iter().flatten());
            let until = edges.filter(|&edge| edge > self.at).min().unwrap_or(SimTime::NEVER).min(to);
            if self.healthy_part(self.at) <= 0.0 {
                // Down: what was there is lost.
                self.servers.fill(0.0);
                self.ahead.fill(0.0);
                self.waiting.clear();
                self.at = until;
                continue;
            }
            let speed = self.speed();
            let busy = self.servers.iter().copied().filter(|left| *left > 0.0).fold(f64::INFINITY, f64::min);
            let span_s = until.since(self.at).as_secs_f64();
            if busy.is_finite() && busy / speed < span_s {
                self.serve(busy);
                self.at += Span::from_secs_f64(busy / speed);
            } else {
                self.serve(span_s * speed);
                self.at = until;
            }
            self.seat();
        }
    }

    /// Every busy server does so much.
    fn serve(&mut self, work: f64) {
        for left in self.servers.iter_mut().chain(&mut self.ahead) {
            *left = if *left - work < 1e-9 { 0.0 } else { *left - work };
        }
    }
}

fn earliest(servers: &[f64]) -> usize {
    (0..servers.len()).min_by(|&one, &other| servers[one].total_cmp(&servers[other])).expect("a server")
}
