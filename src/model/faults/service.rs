//! What happens to a service as a whole, and what a store notices of it.
//!
//! The service itself ([`crate::model::shared::service`]) and every store work out from the same list who serves when. A store's
//! incident lasts while nobody serves because of the fault, not until the first site is mended: what happens to the store
//! meanwhile, once the standby serves, has other causes.

use crate::model::cause::IncidentCause;
use crate::model::shared::service::schedule::phases;
use crate::scenario::resolved::{
    Part, Parts, Scenario, Scope, ServiceEffect, ServiceFault, ServiceId, Signature, StandbySite, Window,
};
use crate::units::SimTime;

use super::Fault;

/// Where a fault of what answers payments sits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// At the store: nothing that answers payments does, whichever service it is.
    Store,
    /// On the way into one service: this store does not get there, others may.
    Entrance(ServiceId),
    /// In the service: the store meets it there.
    Service(ServiceId),
}

impl Where {
    /// Which service it is about; `None`: any.
    #[must_use]
    pub const fn service(self) -> Option<ServiceId> {
        match self {
            Where::Store => None,
            Where::Entrance(id) | Where::Service(id) => Some(id),
        }
    }
}

/// What happens to one service.
#[derive(Clone, Debug, Default)]
pub struct ServiceHistory {
    /// In order of onset.
    pub faults: Vec<ServiceFault>,
    /// What of that stores notice: nobody serves, or the service limps. In order of onset.
    pub hits: Vec<Fault>,
}

/// A fault of a service as a whole, and what a store books when it notices it.
pub(super) type Whole = (ServiceFault, Fault);

/// What a store books of a fault of service `id` as a whole.
pub(super) fn noticed(
    (cause, shared): (IncidentCause, Option<u32>),
    id: ServiceId,
    signature: Signature,
    window: Window,
    remedy: &'static str,
) -> Fault {
    Fault {
        cause,
        shared,
        scope: Scope::Service,
        parts: Parts::of(Part::Service),
        service: Where::Service(id),
        second_sim: false,
        repair_if_found: None,
        from_load: None,
        lane: 0,
        signature,
        window,
        remedy,
        carrier_word: 0,
        playbook: None,
        number: 0,
    }
}

/// What the scenario says happens to service `id`.
pub(super) fn scheduled(scenario: &Scenario, id: ServiceId) -> Vec<Whole> {
    let faults = scenario.services[id.0 as usize].faults.iter();
    let whole = |fault: &ServiceFault| {
        let number = fault.scheduled?;
        let said = &scenario.scheduled_faults[number as usize];
        let cause = (IncidentCause::Scheduled(number), None);
        Some((fault.clone(), noticed(cause, id, said.signature, fault.window, said.remedy)))
    };
    faults.filter_map(whole).collect()
}

impl ServiceHistory {
    /// That which `faults` make of a service with `standby`.
    pub(super) fn new(mut faults: Vec<Whole>, standby: Option<&StandbySite>) -> Self {
        faults.sort_by_key(|(fault, _)| fault.window.start);
        let list: Vec<ServiceFault> = faults.iter().map(|(fault, _)| fault.clone()).collect();
        let silences = silences(&list, standby);
        let mut hits = Vec::new();
        for (fault, noticed) in &faults {
            match fault.effect {
                ServiceEffect::Outage { .. } => {
                    let felt = silences.iter().filter_map(|silence| common(*silence, fault.window));
                    hits.extend(felt.map(|window| Fault { window, ..*noticed }));
                }
                ServiceEffect::Brownout { .. } => hits.push(*noticed),
            }
        }
        // Traffic goes back to the first site: that minute is the outage's that sent it away.
        let is_outage = |fault: &ServiceFault| matches!(fault.effect, ServiceEffect::Outage { .. });
        let outages = || faults.iter().filter(|(fault, _)| is_outage(fault));
        for silence in &silences {
            if outages().any(|(fault, _)| common(*silence, fault.window).is_some()) {
                continue;
            }
            let before = outages().filter(|(fault, _)| fault.window.end <= silence.start);
            if let Some((_, noticed)) = before.max_by_key(|(fault, _)| fault.window.end) {
                hits.push(Fault { window: *silence, ..*noticed });
            }
        }
        hits.sort_by_key(|hit| hit.window.start);
        ServiceHistory { faults: list, hits }
    }
}

/// Stretches in which nobody serves.
fn silences(faults: &[ServiceFault], standby: Option<&StandbySite>) -> Vec<Window> {
    let mut silences: Vec<Window> = Vec::new();
    let mut since: Option<SimTime> = None;
    for phase in phases(faults, standby) {
        match (since, phase.up) {
            (None, false) => since = Some(phase.from),
            (Some(start), true) => {
                silences.push(Window { start, end: phase.from });
                since = None;
            }
            (None, true) | (Some(_), false) => {}
        }
    }
    silences
}

fn common(left: Window, right: Window) -> Option<Window> {
    let both = Window { start: left.start.max(right.start), end: left.end.min(right.end) };
    (both.start < both.end).then_some(both)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::resolved::{CauseId, Control};
    use crate::units::Span;

    fn at(minute: u64) -> SimTime {
        SimTime::from_unix_seconds(1_000_000_020 + 60 * minute)
    }

    fn outage(cause: u32, start: u64, end: u64) -> Whole {
        let window = Window { start: at(start), end: at(end) };
        let effect = ServiceEffect::Outage { network: false };
        let fault = ServiceFault { name: String::new(), scheduled: None, window, effect };
        let cause = (IncidentCause::Process(CauseId(cause)), None);
        (fault, noticed(cause, ServiceId(0), Signature::Blackhole, window, "provider"))
    }

    /// Minutes from and to, and the number of the cause.
    fn told(faults: Vec<Whole>, standby: Option<&StandbySite>) -> Vec<(u64, u64, u32)> {
        let minute = |instant: SimTime| instant.since(at(0)).as_nanos() / 60_000_000_000;
        let hits = ServiceHistory::new(faults, standby).hits;
        hits.iter()
            .map(|hit| {
                let IncidentCause::Process(cause) = hit.cause else { panic!("a process") };
                (minute(hit.window.start), minute(hit.window.end), cause.0)
            })
            .collect()
    }

    #[test]
    fn a_store_notices_an_outage_until_the_standby_serves_and_when_traffic_goes_back() {
        let standby = StandbySite {
            control: Control::InBand,
            detection: Span::from_secs(120),
            activation: Span::from_secs(600),
            capacity: 1_000_000_000,
            extra: Span::ZERO,
            resync: Span::from_secs(1_800),
            returns: true,
            switch: Span::from_secs(60),
        };
        let one = || vec![outage(1, 0, 60)];
        assert_eq!(told(one(), None), [(0, 60, 1)]);
        assert_eq!(told(one(), Some(&standby)), [(0, 12, 1), (90, 91, 1)]);
        let two = vec![outage(1, 0, 60), outage(2, 30, 70)];
        assert_eq!(told(two.clone(), None), [(0, 60, 1), (30, 70, 2)]);
        assert_eq!(
            told(two, Some(&standby)),
            [(0, 12, 1), (100, 101, 2)],
            "the second befalls a site at rest"
        );
    }
}
