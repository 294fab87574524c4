//! What a ticket may be asked, drawn at its fault's own address, used or not; and the way of a repair that waits for nobody.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::model::law::Sampler;
use crate::model::purpose::{Purpose, address};
use crate::scenario::resolved::{Law, Noc, NocStore, Playbook};
use crate::units::{SimTime, Span};

use super::{Remedy, STEP};

/// Where the draws of a ticket are: its store and cause, and the onset of its fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TicketDraws {
    entity: Entity,
    onset: SimTime,
}

impl TicketDraws {
    /// Those of the fault of `cause` that began at the store `id` at `onset`.
    #[must_use]
    pub fn new(id: &str, cause: &str, onset: SimTime) -> Self {
        TicketDraws { entity: Entity::new("ticket", id, cause), onset }
    }

    /// Whether the store's out-of-band unit answers for this ticket.
    #[must_use]
    pub fn unit_answers(self, noc: &Noc, key: Key) -> bool {
        unit(self.block(key, 1)[3]) >= noc.oobm_dead
    }

    fn block(self, key: Key, block: u64) -> [u64; 4] {
        key.block(address(self.entity, Purpose::Ticket, self.onset.as_nanos()), block)
    }
}

/// How long everything takes that may be done about one fault, and what of it helps.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Odds {
    /// Until somebody has looked at the ticket.
    pub acknowledge: Span,
    /// A remote attempt, if there is something to try: whether it helps, and its time.
    pub remote: Option<(bool, Span)>,
    /// Talking somebody at the store through it, if that is tried.
    pub staff: Option<(bool, Span)>,
    /// Sending a technician, or handing the fault to its provider.
    pub handling: Span,
    /// Until a part is there; zero if none is needed.
    pub parts: Span,
    /// On the road.
    pub travel: Span,
    /// At the store.
    pub on_site: Span,
}

/// Work takes at least a step of the grid, so that its end can still be granted.
fn at_least_a_step(law: &Law, word: u64) -> Span {
    Sampler::new(law).span(word).max(STEP)
}

impl Odds {
    /// Of a ticket of `priority` (from 0) at `store`; `playbook` is `None` for what a provider mends.
    #[must_use]
    pub fn draw(
        noc: &Noc,
        playbook: Option<&Playbook>,
        store: &NocStore,
        priority: u8,
        key: Key,
        at: TicketDraws,
    ) -> Self {
        let [first, second, third] = [1, 2, 3].map(|block| at.block(key, block));
        let acknowledge = Sampler::new(&noc.acknowledge[usize::from(priority)]).span(first[0]);
        let Some(playbook) = playbook else {
            let handling = at_least_a_step(&noc.provider_call, second[3]);
            let none = Span::ZERO;
            return Odds {
                acknowledge,
                remote: None,
                staff: None,
                handling,
                parts: none,
                travel: none,
                on_site: none,
            };
        };
        let odds = store.oobm.odds(playbook);
        let answers = at.unit_answers(noc, key);
        let remote = (unit(first[1]) < odds, at_least_a_step(&playbook.remote_time, first[2]));
        let staff = (unit(second[0]) < playbook.staff, at_least_a_step(&playbook.staff_time, second[1]));
        let needs_part = unit(third[1]) < playbook.parts;
        Odds {
            acknowledge,
            remote: (odds > 0.0 && answers).then_some(remote),
            staff: (playbook.staff > 0.0).then_some(staff),
            handling: at_least_a_step(&noc.dispatch, second[3]),
            parts: if needs_part { Sampler::new(&playbook.parts_wait).span(third[2]) } else { Span::ZERO },
            travel: Sampler::new(&noc.travel).span(third[0]),
            on_site: at_least_a_step(&playbook.on_site_time, second[2]),
        }
    }

    /// When and by whom a fault would be mended whose alarm came at `alarm`, if nobody had anything else to do.
    #[must_use]
    pub fn unqueued(&self, alarm: SimTime, store: &NocStore) -> (SimTime, Remedy) {
        let mut now = alarm + self.acknowledge;
        if let Some((helps, takes)) = self.remote {
            now += takes;
            if helps {
                return (now, Remedy::Remote);
            }
        }
        if let Some((helps, takes)) = self.staff {
            now = when_open(store, now) + takes;
            if helps {
                return (now, Remedy::Staff);
            }
        }
        let arrives = when_open(store, now + self.handling + self.parts + self.travel);
        (arrives + self.on_site, Remedy::OnSite)
    }
}

/// The first instant from `at` on at which somebody is at `store`. Before the days that are simulated somebody always is;
/// after the last closing nobody is any more.
#[must_use]
pub fn when_open(store: &NocStore, at: SimTime) -> SimTime {
    if at < store.from || store.open.is_empty() {
        return at;
    }
    let next = store.open.partition_point(|window| window.end <= at);
    store.open.get(next).map_or(SimTime::NEVER, |window| window.start.max(at))
}

/// When a fault that begins at `onset` raises an alarm at the store `id`: at a poll, or when its out-of-band unit tells.
#[must_use]
pub fn alarm_at(noc: &Noc, id: &str, key: Key, onset: SimTime, told: bool) -> SimTime {
    let entity = Entity::new("store", id, "");
    let phase = unit(key.block(address(entity, Purpose::Poll, 0), 1)[0]);
    let every = noc.poll.as_nanos();
    let phase = (phase * every as f64) as u64;
    let into = onset.as_nanos().saturating_sub(phase);
    let first = SimTime::from_nanos(phase + into.div_ceil(every) * every);
    let polled = first + noc.poll.times(u64::from(noc.polls_to_alarm) - 1);
    if told { polled.min(onset + noc.oobm_alarm) } else { polled }
}
