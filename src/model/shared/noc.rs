//! The operations centre (NOC): alarms become tickets, engineers and technicians end faults (request and grant).
//!
//! ```text
//! alarm ─▶ noticed ─▶ queue ─▶ engineer: remote session ──helps──────────────────▶ repaired
//!                       ▲         │ no way in, or in vain
//!            doors open │         ▼
//!                       └──── engineer: somebody at the store ──helps────────────▶ repaired
//!                                 │ in vain, or not tried
//!                                 ▼
//!                             engineer: dispatch ─▶ part ─▶ technician's queue ─▶ travel ─▶ at the store ─▶ repaired
//! a provider's fault: engineer: call, once for all the stores it hits; closed when the provider has mended it
//! ```
//!
//! Waiting tickets are served by priority, then age, then store. A ticket whose remote attempt finds all sessions taken lets
//! others pass. An engineer whose shift ends finishes what is under way. Everything that is drawn belongs to the fault
//! ([`Odds`]); what the queues add belongs to nobody. Within a step everything happens at its own instant, so the
//! grid decides nothing but when a store hears of it; work takes at least a step, so it never hears too late.
//!
//! Not modelled: breaks, hand-over between shifts, escalation, tickets about anything but the faults of the scenario.

mod books;
mod odds;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::kernel::draws::Key;
use crate::kernel::driver::Granted;
use crate::model::cause::IncidentCause;
use crate::scenario::resolved::{self, PlaybookId, StoreRank};
use crate::units::{SimTime, Span};

pub use books::{HourRow, TicketRow};
pub use odds::{Odds, TicketDraws, alarm_at, when_open};

use books::Hours;

/// Step of the centre's grid: people are slower. No work takes less, so a repair always lies beyond the step in which it is
/// decided.
pub const STEP: Span = Span::from_secs(10);

/// Who ends a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Remedy {
    /// An engineer over the out-of-band path.
    Remote,
    /// Somebody at the store, talked through it.
    Staff,
    /// A technician at the store.
    OnSite,
    /// The provider.
    Provider,
}

impl Remedy {
    /// The word of the `remedy` column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Remedy::Remote => "remote",
            Remedy::Staff => "staff",
            Remedy::OnSite => "on_site",
            Remedy::Provider => "provider",
        }
    }
}

/// What a store sends.
#[derive(Clone, Copy, Debug)]
pub enum NocMessage {
    /// Something has failed.
    Alarm(Alarm),
    /// Whether the store's out-of-band path works, if that has changed.
    Path(bool),
}

/// An alarm: what opens a ticket.
#[derive(Clone, Copy, Debug)]
pub struct Alarm {
    /// Number of the fault at its store: the grant bears it.
    pub fault: u32,
    /// What broke; for the row.
    pub cause: IncidentCause,
    /// When.
    pub onset: SimTime,
    /// What to do; `None` if the provider mends it.
    pub playbook: Option<PlaybookId>,
    /// When the provider will have mended it; never if it is the retailer's own.
    pub ends: SimTime,
    /// Position among the replication's shared faults, if it is one of them.
    pub shared: Option<u32>,
    /// Share of the store's sales that is at risk: all of them unless a path works and it takes payments.
    pub at_risk: f64,
    /// Whether the out-of-band path works.
    pub path: bool,
    /// Where its draws are.
    pub draws: TicketDraws,
}

/// An engineer's work on a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Work {
    Remote,
    Staff,
    Dispatch,
    Call,
}

/// Where a ticket is; what its next event means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Opened; somebody will look at it.
    Opened,
    /// Waits for an engineer to begin this.
    Queued(Work),
    /// An engineer does this.
    Engineer(Work),
    /// Nobody is at the store; the call comes when its doors open.
    Closed,
    /// A part is on its way.
    Parts,
    /// Waits for a technician.
    Crew,
    /// A technician is under way or at the store.
    OnSite,
    /// The provider has it.
    Provider,
    /// Done.
    Resolved,
}

#[derive(Clone, Debug)]
struct Ticket {
    row: TicketRow,
    fault: u32,
    ends: SimTime,
    odds: Odds,
    stage: Stage,
    /// The provider has been called about the same fault of another store.
    child: bool,
}

/// Order in which tickets are served.
type Place = (u8, SimTime, StoreRank, usize);

/// See the module.
#[derive(Clone, Debug)]
pub struct Noc {
    facts: Arc<resolved::Noc>,
    key: Key,
    /// Nothing happens from here on.
    end: SimTime,
    on_duty: u32,
    /// Next entry of the schedule of shifts.
    shift: usize,
    busy: u32,
    sessions: u32,
    /// Technicians out, by pool.
    out: Vec<u32>,
    tickets: Vec<Ticket>,
    /// A ticket's next event. A provider's ticket has its end besides.
    events: BTreeSet<(SimTime, usize)>,
    queue: BTreeSet<Place>,
    crews: Vec<BTreeSet<Place>>,
    /// Faults of many stores whose provider is called once.
    called: BTreeSet<(IncidentCause, Option<u32>)>,
    /// Out-of-band paths that have failed or come back since the alarm.
    paths: BTreeMap<StoreRank, bool>,
    hours: Hours,
}

impl Noc {
    /// An idle centre whose books are kept from `start` to `end`.
    #[must_use]
    pub fn new(facts: Arc<resolved::Noc>, key: Key, start: SimTime, end: SimTime) -> Self {
        let pools = facts.pools.len();
        let on_duty = facts.engineers.first().map_or(0, |&(_, engineers)| engineers);
        Noc {
            facts,
            key,
            end,
            on_duty,
            shift: 1,
            busy: 0,
            sessions: 0,
            out: vec![0; pools],
            tickets: Vec::new(),
            events: BTreeSet::new(),
            queue: BTreeSet::new(),
            crews: vec![BTreeSet::new(); pools],
            called: BTreeSet::new(),
            paths: BTreeMap::new(),
            hours: Hours::new(start, end),
        }
    }

    /// Takes in messages in (time, store) order, and does all that is due up to and at `at`; grants are the repairs.
    pub fn fold(
        &mut self,
        at: SimTime,
        messages: impl Iterator<Item = (SimTime, u32, NocMessage)>,
        grants: &mut Vec<Granted<(u32, Remedy)>>,
    ) {
        let mut messages = messages.peekable();
        while let Some(&(now, ..)) = messages.peek() {
            self.advance(now, grants);
            // What comes at one instant is all there before anybody picks from it.
            while let Some((_, rank, message)) = messages.next_if(|&(sent, ..)| sent == now) {
                match message {
                    NocMessage::Alarm(alarm) => self.open(now, StoreRank(rank), &alarm),
                    NocMessage::Path(works) => {
                        self.paths.insert(StoreRank(rank), works);
                    }
                }
            }
        }
        self.advance(at, grants);
    }

    /// The books, once no store runs any more.
    #[must_use]
    pub fn into_books(mut self) -> (Vec<TicketRow>, Vec<HourRow>) {
        self.advance(self.end, &mut Vec::new());
        self.account(self.end);
        let close_after = self.facts.close_after;
        let end = self.end;
        let finish = |ticket: Ticket| {
            let mut row = ticket.row;
            row.resolved = row.resolved.filter(|&at| at <= end);
            row.closed = row.resolved.map(|at| at + close_after).filter(|&at| at <= end);
            if row.resolved.is_none() {
                row.remedy = None;
            }
            row
        };
        (self.tickets.into_iter().map(finish).collect(), self.hours.into_rows())
    }

    /// Whether nothing is due and nobody waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.events.is_empty() && self.queue.is_empty() && self.crews.iter().all(BTreeSet::is_empty)
    }

    /// Nothing of what a store may hear happens before, unless one sends something.
    #[must_use]
    pub fn calm_until(&self) -> SimTime {
        let event = self.events.first().map_or(SimTime::NEVER, |&(at, _)| at);
        let shift = self.facts.engineers.get(self.shift).map_or(SimTime::NEVER, |&(at, _)| at);
        if self.queue.is_empty() { event } else { event.min(shift) }.min(self.end)
    }

    /// Does all that is due up to and at `until`.
    fn advance(&mut self, until: SimTime, grants: &mut Vec<Granted<(u32, Remedy)>>) {
        let until = until.min(self.end);
        loop {
            let event = self.events.first().map_or(SimTime::NEVER, |&(at, _)| at);
            let shift = self.facts.engineers.get(self.shift).map_or(SimTime::NEVER, |&(at, _)| at);
            let now = event.min(shift);
            if now > until {
                break;
            }
            self.account(now);
            while let Some(&(_, engineers)) =
                self.facts.engineers.get(self.shift).filter(|&&(at, _)| at <= now)
            {
                self.on_duty = engineers;
                self.shift += 1;
            }
            while let Some(&(at, ticket)) = self.events.first()
                && at <= now
            {
                self.events.pop_first();
                self.due(now, ticket, grants);
            }
            self.send_technicians(now, grants);
            self.assign(now, grants);
        }
    }

    /// Books the time up to `now`.
    fn account(&mut self, now: SimTime) {
        let waiting = self.queue.len() as u32;
        let out = self.out.iter().sum();
        self.hours.elapse(now, [waiting, self.on_duty, self.busy, self.sessions, out]);
    }

    fn open(&mut self, now: SimTime, store: StoreRank, alarm: &Alarm) {
        self.account(now);
        let facts = Arc::clone(&self.facts);
        let known = facts.store(store);
        let playbook = alarm.playbook.map(|id| &facts.playbooks[usize::from(id.0)]);
        let at_risk = known.hourly_sales.0 as f64 * alarm.at_risk;
        let priority = facts.at_risk.iter().position(|limit| at_risk >= limit.0 as f64).unwrap_or(2) as u8;
        let odds = Odds::draw(&facts, playbook, known, priority, self.key, alarm.draws);
        self.paths.insert(store, alarm.path);
        self.hours.count_opened(now);
        let ticket = self.tickets.len();
        self.tickets.push(Ticket {
            row: TicketRow::opened(store, alarm, now, priority + 1),
            fault: alarm.fault,
            ends: alarm.ends,
            odds,
            stage: Stage::Opened,
            child: false,
        });
        self.schedule(now + odds.acknowledge, ticket);
        let one_call_for_all = alarm.shared.is_some() || matches!(alarm.cause, IncidentCause::Scheduled(_));
        if playbook.is_none() {
            self.tickets[ticket].child = one_call_for_all && !self.called.insert((alarm.cause, alarm.shared));
            self.schedule(alarm.ends.max(now), ticket);
        }
    }

    /// The ticket's next event.
    fn due(&mut self, now: SimTime, ticket: usize, grants: &mut Vec<Granted<(u32, Remedy)>>) {
        let Ticket { stage, ends, odds, .. } = self.tickets[ticket];
        if ends <= now {
            return self.provider_is_done(now, ticket);
        }
        match stage {
            Stage::Opened => {
                self.tickets[ticket].row.acknowledged = Some(now);
                if self.tickets[ticket].child {
                    self.tickets[ticket].row.in_progress = Some(now);
                    self.tickets[ticket].stage = Stage::Provider;
                    return;
                }
                let own = self.tickets[ticket].row.playbook.is_some();
                let first = match (own, odds.remote, odds.staff) {
                    (false, ..) => Work::Call,
                    (true, Some(_), _) => Work::Remote,
                    (true, None, Some(_)) => Work::Staff,
                    (true, None, None) => Work::Dispatch,
                };
                self.enqueue(ticket, first);
            }
            Stage::Closed => self.enqueue(ticket, Work::Staff),
            Stage::Engineer(Work::Remote) => {
                self.sessions -= 1;
                match odds.remote {
                    Some((true, _)) => self.release(ticket),
                    Some((false, _)) | None => self.work(now, ticket, after_remote(&odds), grants),
                }
            }
            Stage::Engineer(Work::Staff) => match odds.staff {
                Some((true, _)) => self.release(ticket),
                Some((false, _)) | None => self.work(now, ticket, Work::Dispatch, grants),
            },
            Stage::Engineer(Work::Dispatch) => {
                self.busy -= 1;
                self.tickets[ticket].stage = Stage::Parts;
                self.schedule(now + odds.parts, ticket);
            }
            Stage::Engineer(Work::Call) => {
                self.busy -= 1;
                self.tickets[ticket].stage = Stage::Provider;
            }
            Stage::Parts => {
                self.tickets[ticket].stage = Stage::Crew;
                let (pool, place) = (self.pool_of(ticket), self.place(ticket));
                self.crews[pool].insert(place);
            }
            Stage::OnSite => {
                let pool = self.pool_of(ticket);
                self.out[pool] -= 1;
                self.tickets[ticket].stage = Stage::Resolved;
            }
            Stage::Queued(_) | Stage::Crew | Stage::Provider | Stage::Resolved => {
                unreachable!("a ticket that waits for somebody has no event")
            }
        }
    }

    /// The engineer is free, the ticket resolved.
    fn release(&mut self, ticket: usize) {
        self.busy -= 1;
        self.tickets[ticket].stage = Stage::Resolved;
    }

    /// A provider's fault is over, wherever its ticket is.
    fn provider_is_done(&mut self, now: SimTime, ticket: usize) {
        match self.tickets[ticket].stage {
            // The rest of its events; the ticket is done already.
            Stage::Resolved => return,
            Stage::Engineer(_) => {
                self.busy -= 1;
                let row = &mut self.tickets[ticket].row;
                row.engineer = row.engineer.saturating_sub(row.planned_end.since(now));
            }
            Stage::Queued(_) => {
                let place = self.place(ticket);
                self.queue.remove(&place);
            }
            Stage::Opened | Stage::Provider => {}
            Stage::Closed | Stage::Parts | Stage::Crew | Stage::OnSite => {
                unreachable!("a provider's ticket is called in, no more")
            }
        }
        let ticket = &mut self.tickets[ticket];
        ticket.stage = Stage::Resolved;
        ticket.row.resolve(now, Remedy::Provider);
    }

    /// The ticket's next event; none after the end.
    fn schedule(&mut self, at: SimTime, ticket: usize) {
        if at < self.end {
            self.events.insert((at, ticket));
        }
    }

    fn enqueue(&mut self, ticket: usize, work: Work) {
        self.tickets[ticket].stage = Stage::Queued(work);
        let place = self.place(ticket);
        self.queue.insert(place);
    }

    fn place(&self, ticket: usize) -> Place {
        let row = &self.tickets[ticket].row;
        (row.priority, row.opened, row.store, ticket)
    }

    fn pool_of(&self, ticket: usize) -> usize {
        self.facts.store(self.tickets[ticket].row.store).pool as usize
    }

    /// Gives tickets to engineers as long as both are there.
    fn assign(&mut self, now: SimTime, grants: &mut Vec<Granted<(u32, Remedy)>>) {
        let mut passed = None;
        while self.busy < self.on_duty {
            let from = passed.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
            let Some(&place) = self.queue.range((from, std::ops::Bound::Unbounded)).next() else { return };
            let (.., ticket) = place;
            let Stage::Queued(mut work) = self.tickets[ticket].stage else {
                unreachable!("what is in the queue is queued")
            };
            if work == Work::Remote && !self.path_works(ticket) {
                work = after_remote(&self.tickets[ticket].odds);
            }
            if work == Work::Remote && self.sessions >= self.facts.sessions {
                passed = Some(place);
                continue;
            }
            self.queue.remove(&place);
            self.busy += 1;
            self.tickets[ticket].row.in_progress.get_or_insert(now);
            self.work(now, ticket, work, grants);
        }
    }

    fn path_works(&self, ticket: usize) -> bool {
        self.paths.get(&self.tickets[ticket].row.store).copied().unwrap_or(false)
    }

    /// An engineer, who is on it already, begins `work`.
    fn work(&mut self, now: SimTime, ticket: usize, work: Work, grants: &mut Vec<Granted<(u32, Remedy)>>) {
        let store = self.tickets[ticket].row.store;
        let Odds { remote, staff, handling, .. } = self.tickets[ticket].odds;
        let (takes, remedy) = match work {
            Work::Remote => {
                self.sessions += 1;
                let (helps, takes) = remote.unwrap_or((false, STEP));
                (takes, helps.then_some(Remedy::Remote))
            }
            Work::Staff => {
                let opens = when_open(self.facts.store(store), now);
                if opens > now {
                    self.busy -= 1;
                    self.tickets[ticket].stage = Stage::Closed;
                    self.schedule(opens, ticket);
                    return;
                }
                let (helps, takes) = staff.unwrap_or((false, STEP));
                (takes, helps.then_some(Remedy::Staff))
            }
            Work::Dispatch | Work::Call => (handling, None),
        };
        let ends = now + takes;
        self.tickets[ticket].stage = Stage::Engineer(work);
        let row = &mut self.tickets[ticket].row;
        row.engineer += takes;
        row.planned_end = ends;
        self.schedule(ends, ticket);
        if let Some(remedy) = remedy {
            self.grant(ticket, ends, remedy, grants);
        }
    }

    /// The fault behind `ticket` ends at `at`.
    fn grant(
        &mut self,
        ticket: usize,
        at: SimTime,
        remedy: Remedy,
        grants: &mut Vec<Granted<(u32, Remedy)>>,
    ) {
        let Ticket { row, fault, .. } = &mut self.tickets[ticket];
        row.resolve(at, remedy);
        grants.push(Granted { rank: row.store.0, at, grant: (*fault, remedy) });
    }

    /// Sends technicians who are free to stores that wait for one.
    fn send_technicians(&mut self, now: SimTime, grants: &mut Vec<Granted<(u32, Remedy)>>) {
        for pool in 0..self.crews.len() {
            while self.out[pool] < self.facts.pools[pool].technicians
                && let Some((.., ticket)) = self.crews[pool].pop_first()
            {
                self.out[pool] += 1;
                let Odds { travel, on_site, .. } = self.tickets[ticket].odds;
                let store = self.tickets[ticket].row.store;
                let ends = when_open(self.facts.store(store), now + travel) + on_site;
                self.tickets[ticket].stage = Stage::OnSite;
                self.tickets[ticket].row.dispatched = Some(now);
                self.schedule(ends, ticket);
                self.grant(ticket, ends, Remedy::OnSite, grants);
            }
        }
    }
}

/// What an engineer does when no remote attempt is left.
const fn after_remote(odds: &Odds) -> Work {
    if odds.staff.is_some() { Work::Staff } else { Work::Dispatch }
}
