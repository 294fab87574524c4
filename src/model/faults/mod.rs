//! Which faults hit a store, and when: Poisson processes per cause, replayed from their addresses.
//!
//! Onsets are keyed (cause, unit, absolute day, k), from `faults.lead_in` before the window. All that a fault may be
//! asked is drawn at its own address, used or not. A fault of a (cause, unit) that is still down is absorbed: different
//! causes overlap, the same one does not. A unit is a store, a till, or something that many stores share ([`shared`]).

mod centre;
mod conditioned;
pub mod forced;
mod onsets;
pub mod service;
pub mod shared;

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::scenario::resolved::{
    Cause, CauseId, Factor, Part, Parts, PlaybookId, RaisedBy, Scenario, Scope, Signature, Store, StoreRank,
    Window,
};
use crate::units::{SimTime, Span};

use super::cause::IncidentCause;
use super::law::Sampler;
use super::payment::mean_service_s;
use super::purpose::{Purpose, address, fault_draw};
use super::shared::cell::FULL;
use centre::Centre;
use onsets::onsets;
use service::Where;
use shared::SharedFaults;

/// A fault of the lead-in matters to the window if what it led to may still be going on: longer than any shipped
/// profile takes to detect, recover and fail back (Digi SureLink: 2,715 s each way).
pub const SETTLING: Span = Span::from_secs(6 * 3_600);

/// A fault at one store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// Where it comes from.
    pub cause: IncidentCause,
    /// Position among the replication's shared faults, if it is one of them.
    pub shared: Option<u32>,
    /// For what it was drawn.
    pub scope: Scope,
    /// What it breaks.
    pub parts: Parts,
    /// Where it sits, if it breaks what answers payments.
    pub service: Where,
    /// Whether the LTE that it breaks is that of the modem's second SIM instead of the first's.
    pub second_sim: bool,
    /// If nobody knows of it: how long its repair takes once it is found, which may be before `window` says.
    pub repair_if_found: Option<Span>,
    /// If it is a candidate: from which load of the store's cell on (parts per billion of airtime) it happens, 0 at any. That its
    /// cause is down already is looked at then, too.
    pub from_load: Option<u64>,
    /// Which till, if it breaks one.
    pub lane: u16,
    /// How it looks.
    pub signature: Signature,
    /// Onset and repair.
    pub window: Window,
    /// Who ends it.
    pub remedy: &'static str,
    /// Word from which the delay until a lost carrier is seen is drawn.
    pub carrier_word: u64,
    /// What the operations centre does about it. Then its end is known once that is under way: until then it is never.
    pub playbook: Option<PlaybookId>,
    /// Its number at the store, once it has begun.
    pub number: u32,
}

impl Fault {
    /// Whether it is a failure of a carrier's core, which takes registrations with it, and not of one site.
    #[must_use]
    pub const fn is_of_core(&self) -> bool {
        matches!(self.scope, Scope::Carrier | Scope::Parent)
            && self.parts.has(Part::Backup)
            && self.signature.is_dead()
    }
}

/// Faults of a store in order of onset, and how many were absorbed.
#[derive(Clone, Debug, Default)]
pub struct FaultHistory {
    /// In order of (onset, cause).
    pub faults: Vec<Fault>,
    /// Onsets of a cause of the store's own that was still down.
    pub absorbed: u64,
}

/// All faults of the store at `rank` that begin in the lead-in or in `window`, those that it shares included.
#[must_use]
pub fn history(
    scenario: &Scenario,
    rank: StoreRank,
    window: Window,
    key: Key,
    shared: &SharedFaults,
) -> FaultHistory {
    let store = &scenario.stores[rank.0 as usize];
    let span = Window { start: window.start.saturating_sub(scenario.fault_lead_in), end: window.end };
    let mut history = FaultHistory::default();
    let centre = Centre::new(scenario, rank, key);
    for (number, cause) in scenario.causes.iter().enumerate().filter(|(_, cause)| cause.shared.is_none()) {
        let rate = cause.rate_per_s[store.technology.0 as usize];
        if rate > 0.0 {
            let factors = factors_at(scenario, cause, rank);
            let process =
                Process { scenario, cause, id: CauseId(number as u32), rate, store, key, factors, centre };
            process.run(span, &mut history);
        }
    }
    for (number, scheduled) in scenario.scheduled_faults.iter().enumerate() {
        for hit in scheduled.hits.iter().filter(|hit| hit.store == rank) {
            let entity = Entity::new("fault", &store.id, &scheduled.name);
            let words = key.block(address(entity, Purpose::Fault, hit.window.start.as_nanos()), 1);
            history.faults.push(Fault {
                cause: IncidentCause::Scheduled(number as u32),
                shared: None,
                scope: scheduled.scope,
                parts: hit.parts,
                service: scheduled.service.map_or(Where::Store, Where::Entrance),
                second_sim: scheduled.carrier.is_some_and(|carrier| carrier != store.carrier),
                repair_if_found: None,
                from_load: None,
                lane: lane_of(store, words[3]),
                signature: scheduled.signature,
                window: hit.window,
                remedy: scheduled.remedy,
                carrier_word: words[2],
                playbook: None,
                number: 0,
            });
        }
    }
    let of_services = scenario.payments.services().flat_map(|id| &shared.of_service(id).hits);
    let begins_in_span = |fault: &&Fault| span.start <= fault.window.start && fault.window.start < span.end;
    history.faults.extend(shared.of_store(rank).iter().chain(of_services).filter(begins_in_span));
    if let Some(centre) = centre {
        // The store's own processes have asked already, for what they absorb.
        // Nobody at the stores mends a service.
        let is_at_stores = |fault: &Fault| match fault.service {
            Where::Store | Where::Entrance(_) => true,
            Where::Service(_) => false,
        };
        let others =
            history.faults.iter_mut().filter(|fault| fault.playbook.is_none() && is_at_stores(fault));
        others.for_each(|fault| centre.takes_over(fault));
    }
    history.faults = history.faults.into_iter().flat_map(|fault| bridged(store, fault)).collect();
    history.faults.sort_by_key(|fault| (fault.window.start, fault.cause));
    history
}

/// Windows in which the rate of `cause` at the store is another.
fn factors_at(scenario: &Scenario, cause: &Cause, rank: StoreRank) -> Vec<Factor> {
    let windows = cause.rate_windows.iter().map(|&number| &scenario.rate_windows[number as usize]);
    let here = windows.filter(|window| window.stores.binary_search(&rank).is_ok());
    here.map(|window| (window.window, window.factor)).collect()
}

/// What is felt of a fault: of a loss of power what batteries and a generator do not bridge, and, if it breaks more than that,
/// the rest for as long as it lasts.
fn bridged(store: &Store, fault: Fault) -> impl Iterator<Item = Fault> {
    let rest = Fault { parts: fault.parts.without(Part::Power), ..fault };
    let failed = fault.window.start;
    let dark = Window {
        start: failed + store.ups,
        end: store.generator.map_or(fault.window.end, |starts| fault.window.end.min(failed + starts)),
    };
    let felt = fault.parts.has(Part::Power) && dark.start < dark.end;
    let power = Fault { parts: Parts::of(Part::Power), window: dark, ..fault };
    [(!rest.parts.is_empty()).then_some(rest), felt.then_some(power)].into_iter().flatten()
}

/// The till that a word stands for.
fn lane_of(store: &Store, word: u64) -> u16 {
    let tills = store.lanes + store.self_checkouts;
    ((unit(word) * f64::from(tills)) as u32).min(tills.saturating_sub(1)) as u16
}

/// Faults from the last instant before the window at which nothing was broken nor settling, and that instant. What a fault
/// leads to is over `settling` after its repair.
#[must_use]
pub fn from_last_quiet(faults: Vec<Fault>, window: Window, settling: Span) -> (SimTime, Vec<Fault>) {
    let mut begin = window.start;
    let mut busy_from = window.start;
    let mut busy_until = SimTime::default();
    for fault in faults.iter().filter(|fault| fault.window.start < window.start) {
        if fault.window.start > busy_until {
            busy_from = fault.window.start;
        }
        busy_until = busy_until.max(fault.window.end + settling);
    }
    if busy_until > window.start {
        begin = busy_from;
    }
    let kept = faults.into_iter().filter(|fault| fault.window.start >= begin).collect();
    (begin, kept)
}

/// One cause at one store.
struct Process<'a> {
    scenario: &'a Scenario,
    cause: &'a Cause,
    id: CauseId,
    rate: f64,
    store: &'a Store,
    key: Key,
    factors: Vec<Factor>,
    centre: Option<Centre<'a>>,
}

impl Process<'_> {
    /// Adds the faults whose onset lies in `span`.
    fn run(&self, span: Window, history: &mut FaultHistory) {
        let entity = Entity::new("fault", &self.store.id, &self.cause.name);
        let of_tills = self.cause.parts.has(Part::Lane);
        let tills = if of_tills { self.store.lanes + self.store.self_checkouts } else { 1 };
        if tills == 0 {
            return;
        }
        let ceiling = self.cause.load_factor;
        let rate = self.rate * f64::from(tills) * ceiling;
        let mut down_until = vec![SimTime::default(); tills as usize];
        onsets(self.key, entity, rate, &self.factors, span, |(bin, index, onset)| {
            let draw = fault_draw(bin, index);
            // Candidates strike at the ceiling rate, whatever the load; the mark says which of them are faults.
            let from_load = if ceiling > 1.0 { self.least_load(entity, draw) } else { 0.0 };
            let published = self.cause.load == RaisedBy::Published;
            if !published && from_load > 0.0 && from_load >= self.load(onset) {
                return;
            }
            let mut fault = self.fault(entity, draw, onset);
            if let Some(centre) = &self.centre {
                centre.takes_over(&mut fault);
            }
            if published {
                // What the cell is like then is known in the run only, and with it which of them have happened.
                fault.from_load = Some(libm::ceil(from_load * FULL as f64) as u64);
                history.faults.push(fault);
                return;
            }
            let down_until = &mut down_until[if of_tills { usize::from(fault.lane) } else { 0 }];
            if onset < *down_until {
                history.absorbed += 1;
                return;
            }
            // How long people will need is not known here: then the store absorbs what comes in the meantime.
            if fault.window.end < SimTime::NEVER {
                *down_until = fault.window.end;
            }
            history.faults.push(fault);
        });
    }

    /// The load above which a candidate is a fault, 0 if it is one at any (Lewis and Shedler 1979).
    fn least_load(&self, entity: Entity, draw: u64) -> f64 {
        let mark = unit(self.key.block(address(entity, Purpose::FaultMark, draw), 1)[0]);
        let ceiling = self.cause.load_factor;
        ((mark * ceiling - 1.0) / (ceiling - 1.0)).max(0.0)
    }

    /// The load that is expected at `at`: at the tills, or, of a cause that breaks LTE alone, the phones' in the store's cell.
    fn load(&self, at: SimTime) -> f64 {
        if self.cause.parts == Parts::of(Part::Backup) {
            self.scenario.cells[self.store.cell.0 as usize].phones_at(at).min(1.0)
        } else {
            expected_load(self.scenario, self.store, at)
        }
    }

    fn fault(&self, entity: Entity, draw: u64, onset: SimTime) -> Fault {
        let words = self.key.block(address(entity, Purpose::Fault, draw), 1);
        let repair = Sampler::new(&self.cause.repair[self.store.technology.0 as usize]).span(words[0]);
        let takes_lte = self.cause.takes_lte > 0.0
            && unit(self.key.block(address(entity, Purpose::FaultMark, draw), 1)[1]) < self.cause.takes_lte;
        let parts = self.cause.parts;
        Fault {
            cause: IncidentCause::Process(self.id),
            shared: None,
            scope: self.cause.scope,
            parts: if takes_lte { parts.with(Part::Backup) } else { parts },
            service: Where::Store,
            second_sim: false,
            repair_if_found: None,
            from_load: None,
            lane: lane_of(self.store, words[3]),
            signature: pick(&self.cause.signatures, unit(words[1])),
            // A repair takes some time, or onset and repair would be one event.
            window: Window { start: onset, end: onset + repair.max(Span::from_millis(1)) },
            remedy: self.cause.remedy,
            carrier_word: words[2],
            playbook: None,
            number: 0,
        }
    }
}

/// Share of the store's tills that the customers expected at `at` (surges aside) keep busy, at most 1.
fn expected_load(scenario: &Scenario, store: &Store, at: SimTime) -> f64 {
    let demand = store.days.iter().flat_map(|day| &day.demand);
    let holds = |window: &Window| window.start <= at && at < window.end;
    let Some(piece) = demand.into_iter().find(|piece| holds(&piece.window)) else { return 0.0 };
    let per_s = piece.customers / piece.window.end.since(piece.window.start).as_secs_f64();
    let service_s = mean_service_s(scenario, &scenario.formats[store.format.0 as usize]);
    (per_s * service_s / f64::from((store.lanes + store.self_checkouts).max(1))).min(1.0)
}

fn pick(signatures: &[(Signature, f64)], share: f64) -> Signature {
    let mut left = share;
    for &(signature, weight) in signatures {
        if left < weight {
            return signature;
        }
        left -= weight;
    }
    signatures.last().map_or(Signature::Blackhole, |&(signature, _)| signature)
}
