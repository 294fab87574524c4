//! The store's use of services: which one an attempt goes to, what it is told there, and outages.

use crate::kernel::driver::{ResourceIndex, Stamped};
use crate::model::faults::shared::SharedFaults;
use crate::model::law::Sampler;
use crate::model::purpose::{Purpose, address};
use crate::model::shared::service::schedule::{FULL, Phase, phases};
use crate::model::shared::service::{
    Fate, ServiceMessage, ServiceState, billionth, by_clock, crash_fault, is_full,
};
use crate::model::shared::{Message, Published};
use crate::scenario::resolved::{Scenario, SecondAcquirer, ServiceFault, ServiceId, StandbySite};
use crate::units::{SimTime, Span};

use super::tills::Customer;
use super::{Connections, Store, World};

/// Longer than any terminal waits.
const FOREVER: Span = Span::from_secs(86_400);

/// What a service makes of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// An answer, so much later than from a service at leisure.
    After(Span),
    /// A refusal at once.
    Refused,
    /// Nothing.
    Silence,
}

/// What the services are like that payments ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Served {
    /// Nothing is wrong with any.
    Well,
    /// Something is with the one that payments go to, and they get answers, if perhaps not all.
    Limping,
    /// Something is with the one that is only asked if the other does not answer.
    SpareLimps,
    /// The first does not answer, and new payments go to the second.
    Elsewhere,
    /// The one that new payments go to answers none, or none in time.
    Nobody,
}

/// The first acquirer's service and the second's.
pub(super) struct Services {
    links: Vec<Link>,
    /// One that has to be coupled before anything else happens.
    uncoupled: Option<ResourceIndex>,
    second: Option<SecondAcquirer>,
    /// How long a terminal waits.
    timeout: Span,
    /// Up to when changes have been told.
    told: SimTime,
}

/// What the store knows of one service.
struct Link {
    id: ServiceId,
    resource: Option<ResourceIndex>,
    coupled: bool,
    faults: Vec<ServiceFault>,
    standby: Option<StandbySite>,
    phases: Vec<Phase>,
    state: ServiceState,
    /// Whether its queue is longer than a terminal waits, and since when that is known.
    late: bool,
    turned: SimTime,
}

impl Services {
    /// Nothing that changed until `begin` is told any more.
    pub(super) fn new(
        scenario: &Scenario,
        world: World,
        connections: Connections,
        shared: &SharedFaults,
        begin: SimTime,
    ) -> Self {
        let second = scenario.payments.second;
        let link = |(id, resource)| Link::new(scenario, id, world, resource, shared);
        let timeout = scenario.payments.timeout;
        let links: Vec<Link> = scenario.payments.services().zip(connections.services).map(link).collect();
        Services { uncoupled: uncoupled(&links), links, second, timeout, told: begin }
    }

    /// The service of acquirer `position`.
    pub(super) fn id(&self, position: u8) -> ServiceId {
        self.links[usize::from(position)].id
    }

    /// A service that has to be coupled before anything else happens.
    pub(super) const fn uncoupled(&self) -> Option<ResourceIndex> {
        self.uncoupled
    }

    pub(super) fn has(&self, resource: ResourceIndex) -> bool {
        self.links.iter().any(|link| link.resource == Some(resource))
    }

    pub(super) fn couple(&mut self, resource: ResourceIndex, coupled: bool) {
        let mine = self.links.iter_mut().filter(|link| link.resource == Some(resource));
        mine.for_each(|link| link.coupled = coupled);
        self.uncoupled = uncoupled(&self.links);
    }

    /// When what they are like changes next, or payments begin to go to the second acquirer; the way into the first is dead
    /// since `entrance`.
    pub(super) fn next(&self, entrance: Option<SimTime>) -> SimTime {
        let changes = self.links.iter().map(|link| link.next_change(self.told)).min();
        let follows = self.second.and_then(|second| {
            let silent = self.links[0].silent_since(self.told).into_iter().chain(entrance).min()?;
            Some(silent + second.detection).filter(|&at| at > self.told)
        });
        changes.into_iter().chain(follows).min().unwrap_or(SimTime::NEVER)
    }

    /// What they are like at `now`; the way into the first is dead since `entrance`.
    pub(super) fn served(&self, now: SimTime, entrance: Option<SimTime>) -> Served {
        let asked = usize::from(self.choose(now, 0, entrance));
        let well = |link: &Link| link.present(now).is_healthy();
        let link = &self.links[asked];
        if !link.present(now).up || link.late {
            Served::Nobody
        } else if asked > 0 {
            Served::Elsewhere
        } else if !well(link) {
            Served::Limping
        } else if self.links.iter().all(well) {
            Served::Well
        } else {
            Served::SpareLimps
        }
    }

    /// Takes over what was published; whether a service has crashed, or its queue has grown beyond what a terminal waits or fallen
    /// below it.
    pub(super) fn read(&mut self, board: &[Published]) -> bool {
        let mut changed = false;
        for link in &mut self.links {
            let (true, Some(resource)) = (link.coupled, link.resource) else { continue };
            let Published::Service(state) = &board[resource.0 as usize] else { continue };
            if state.at == link.state.at {
                continue;
            }
            let known = link.state.crashes.len();
            if state.crashes.len() > known {
                link.faults.extend(state.crashes[known..].iter().map(|&window| crash_fault(window)));
                link.phases = phases(&link.faults, link.standby.as_ref());
                changed = true;
            }
            let late = state.wait >= self.timeout;
            if late != link.late {
                (link.late, link.turned) = (late, state.at);
                changed = true;
            }
            link.state.clone_from(state);
        }
        changed
    }

    /// Where an attempt at `now` goes, after `failed` attempts without an answer; the way into the first is dead since `entrance`.
    fn choose(&self, now: SimTime, failed: u32, entrance: Option<SimTime>) -> u8 {
        let Some(second) = self.second else { return 0 };
        let since = self.links[0].silent_since(now).into_iter().chain(entrance).min();
        let silent = since.is_some_and(|since| now.since(since) >= second.detection);
        u8::from(failed >= second.after || silent)
    }
}

/// The first service that has to be coupled.
fn uncoupled(links: &[Link]) -> Option<ResourceIndex> {
    links.iter().filter(|link| !link.coupled).find_map(|link| link.resource)
}

impl Link {
    fn new(
        scenario: &Scenario,
        id: ServiceId,
        world: World,
        resource: Option<ResourceIndex>,
        shared: &SharedFaults,
    ) -> Self {
        let spec = &scenario.services[id.0 as usize];
        let faults = match world {
            World::Real => shared.of_service(id).faults.clone(),
            World::Undisturbed | World::FaultFree => Vec::new(),
        };
        Link {
            id,
            resource,
            coupled: false,
            phases: phases(&faults, spec.standby.as_ref()),
            faults,
            standby: spec.standby,
            state: ServiceState::default(),
            late: false,
            turned: SimTime::default(),
        }
    }

    fn present(&self, now: SimTime) -> Phase {
        let passed = self.phases.partition_point(|phase| phase.from <= now);
        passed.checked_sub(1).map_or(Phase::HEALTHY, |position| self.phases[position])
    }

    fn down_since(&self, now: SimTime) -> Option<SimTime> {
        let phase = self.present(now);
        (!phase.up).then_some(phase.from)
    }

    /// Since when terminals have had no answer in time: it is down, or its queue is longer than they wait.
    fn silent_since(&self, now: SimTime) -> Option<SimTime> {
        self.down_since(now).into_iter().chain(self.late.then_some(self.turned)).min()
    }

    /// The first change after `told`.
    fn next_change(&self, told: SimTime) -> SimTime {
        let passed = self.phases.partition_point(|phase| phase.from <= told);
        let phase = self.phases.get(passed).map_or(SimTime::NEVER, |phase| phase.from);
        if self.turned > told { phase.min(self.turned) } else { phase }
    }
}

impl Store<'_> {
    /// Where the attempt of `customer` goes that is sent now.
    pub(super) fn choose_service(&self, now: SimTime, customer: &Customer) -> u8 {
        self.services.choose(now, customer.attempt.into(), self.network.entrance_dead_since())
    }

    /// What the service that `customer`'s attempt goes to makes of it at `now`; `host` is its service time. The service hears
    /// of it unless it has `heard` before.
    #[inline]
    pub(super) fn ask_service(
        &self,
        now: SimTime,
        customer: &Customer,
        host: Span,
        heard: bool,
        outbox: &mut Vec<Stamped<Message>>,
    ) -> Answer {
        let place = address(self.entity, Purpose::ServiceFate, customer.draw);
        let marks = || self.key.block(place, 1 + u64::from(customer.attempt)).map(billionth);
        self.ask(now, customer.service, marks, host, heard, outbox)
    }

    /// The same for the stored payment of a customer's `draw`, replayed after `tries` in vain, at a host of this law.
    pub(super) fn ask_again(
        &self,
        now: SimTime,
        draw: u64,
        tries: u32,
        host: &Sampler,
        outbox: &mut Vec<Stamped<Message>>,
    ) -> Answer {
        let service = self.services.choose(now, tries, self.network.entrance_dead_since());
        let words = self.key.block(address(self.entity, Purpose::Replay, draw), 1 + u64::from(tries));
        self.ask(now, service, || words.map(billionth), host.span(words[2]), false, outbox)
    }

    #[inline]
    fn ask(
        &self,
        now: SimTime,
        service: u8,
        marks: impl Fn() -> [u64; 4],
        host: Span,
        heard: bool,
        outbox: &mut Vec<Stamped<Message>>,
    ) -> Answer {
        let link = &self.services.links[usize::from(service)];
        if link.resource.is_none() && link.phases.is_empty() {
            return Answer::After(Span::ZERO);
        }
        let phase = link.present(now);
        let silent = !phase.up || (phase.failing > 0 && marks()[1] < phase.failing);
        let slower = |speed: u64| by_clock(host.as_nanos(), speed.max(1)).min(FOREVER).saturating_sub(host);
        let plain = phase.is_healthy() && link.state.is_plain();
        let (answer, fate) = if silent {
            (Answer::Silence, Fate::Failed)
        } else if plain {
            (Answer::After(Span::ZERO), Fate::Served { wait: Span::ZERO })
        } else if link.resource.is_none() {
            (Answer::After(slower(phase.speed) + phase.extra), Fate::Served { wait: Span::ZERO })
        } else {
            let state = &link.state;
            let wait = state.wait_at(now);
            if is_full(wait, state.full) && marks()[0] >= state.admitted {
                (Answer::Refused, Fate::Shed)
            } else {
                let speed = u128::from(phase.speed) * u128::from(state.efficiency) / u128::from(FULL);
                (Answer::After(wait.min(FOREVER) + slower(speed as u64) + phase.extra), Fate::Served { wait })
            }
        };
        if let Some(to) = link.resource.filter(|_| !heard) {
            let message = Message::Attempt(ServiceMessage { work: host, fate });
            outbox.push(Stamped { at: now, rank: self.rank.0, to, message });
        }
        answer
    }

    /// Services change at `now`: what is under way at one that goes down is never answered.
    pub(super) fn change_services(&mut self, now: SimTime, outbox: &mut Vec<Stamped<Message>>) {
        for position in 0..self.services.links.len() {
            if self.services.links[position].down_since(now) == Some(now) {
                self.lose_attempts(position as u8);
            }
        }
        self.services.told = now;
        self.refresh_path(now, outbox);
    }
}
