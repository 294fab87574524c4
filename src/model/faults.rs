//! Which faults hit a store, and when: Poisson processes per cause, replayed from their addresses.
//!
//! Onsets are keyed (cause, store, absolute day, k), from `faults.lead_in` before the window. All that a fault may be
//! asked is drawn at its own address, used or not. A fault of a cause that is still down is absorbed: different
//! causes overlap, the same one does not.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::{exponential, unit};
use crate::scenario::resolved::{Cause, CauseId, Scenario, Scope, Signature, Store, StoreRank, Window};
use crate::units::{SimTime, Span};

use super::cause::IncidentCause;
use super::law::Sampler;
use super::purpose::{FAULT_BIN, Purpose, address, fault_draw};

/// A fault of the lead-in matters to the window if what it led to may still be going on: longer than any shipped
/// profile takes to detect, recover and fail back (Digi SureLink: 2,715 s each way).
const SETTLING: Span = Span::from_secs(6 * 3_600);

/// A fault at one store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// Where it comes from.
    pub cause: IncidentCause,
    /// What it breaks.
    pub scope: Scope,
    /// How it looks.
    pub signature: Signature,
    /// Onset and repair.
    pub window: Window,
    /// Who ends it.
    pub remedy: &'static str,
    /// Word from which the delay until a lost carrier is seen is drawn.
    pub carrier_word: u64,
}

/// Faults of a store in order of onset, and how many were absorbed.
#[derive(Clone, Debug, Default)]
pub struct FaultHistory {
    /// In order of (onset, cause).
    pub faults: Vec<Fault>,
    /// Onsets of a cause that was still down.
    pub absorbed: u64,
}

/// All faults of the store at `rank` that begin in the lead-in or in `window`.
#[must_use]
pub fn history(scenario: &Scenario, rank: StoreRank, window: Window, key: Key) -> FaultHistory {
    let store = &scenario.stores[rank.0 as usize];
    let earliest = window.start.saturating_sub(scenario.fault_lead_in);
    let mut history = FaultHistory::default();
    for (number, cause) in scenario.causes.iter().enumerate() {
        let rate = cause.rate_per_s[store.technology.0 as usize];
        if rate > 0.0 {
            let process = Process { cause, id: CauseId(number as u32), rate, store, key };
            process.run(Window { start: earliest, end: window.end }, &mut history);
        }
    }
    for (number, scheduled) in scenario.scheduled_faults.iter().enumerate() {
        for &(_, window) in scheduled.hits.iter().filter(|&&(hit, _)| hit == rank) {
            let entity = Entity::new("fault", &store.id, &scheduled.name);
            let words = key.block(address(entity, Purpose::Fault, window.start.as_nanos()), 1);
            history.faults.push(Fault {
                cause: IncidentCause::Scheduled(number as u32),
                scope: scheduled.scope,
                signature: scheduled.signature,
                window,
                remedy: "provider",
                carrier_word: words[2],
            });
        }
    }
    history.faults.sort_by_key(|fault| (fault.window.start, fault.cause));
    history
}

/// Faults from the last instant before the window at which nothing was broken nor settling, and that instant.
#[must_use]
pub fn from_last_quiet(faults: Vec<Fault>, window: Window) -> (SimTime, Vec<Fault>) {
    let mut begin = window.start;
    let mut busy_from = window.start;
    let mut busy_until = SimTime::default();
    for fault in faults.iter().filter(|fault| fault.window.start < window.start) {
        if fault.window.start > busy_until {
            busy_from = fault.window.start;
        }
        busy_until = busy_until.max(fault.window.end + SETTLING);
    }
    if busy_until > window.start {
        begin = busy_from;
    }
    let kept = faults.into_iter().filter(|fault| fault.window.start >= begin).collect();
    (begin, kept)
}

struct Process<'a> {
    cause: &'a Cause,
    id: CauseId,
    rate: f64,
    store: &'a Store,
    key: Key,
}

impl Process<'_> {
    /// Adds the faults whose onset lies in `span`.
    fn run(&self, span: Window, history: &mut FaultHistory) {
        let entity = Entity::new("fault", &self.store.id, &self.cause.name);
        let mean_gap_s = 1.0 / self.rate;
        let mut down_until = SimTime::default();
        let mut bin = span.start.bin(FAULT_BIN);
        loop {
            let start = SimTime::from_nanos(bin * FAULT_BIN.as_nanos());
            if start >= span.end {
                return;
            }
            let mut gaps = self.key.words(address(entity, Purpose::FaultOnset, bin), 1);
            let mut onset = start;
            for index in 0.. {
                onset += Span::from_secs_f64(mean_gap_s * exponential(gaps.next_word()));
                if onset.bin(FAULT_BIN) != bin || onset >= span.end {
                    break;
                }
                if onset < span.start {
                    continue;
                }
                if onset < down_until {
                    history.absorbed += 1;
                    continue;
                }
                let fault = self.fault(entity, fault_draw(bin, index), onset);
                down_until = fault.window.end;
                history.faults.push(fault);
            }
            bin += 1;
        }
    }

    fn fault(&self, entity: Entity, draw: u64, onset: SimTime) -> Fault {
        let words = self.key.block(address(entity, Purpose::Fault, draw), 1);
        let repair = Sampler::new(&self.cause.repair[self.store.technology.0 as usize]).span(words[0]);
        Fault {
            cause: IncidentCause::Process(self.id),
            scope: self.cause.scope,
            signature: pick(&self.cause.signatures, unit(words[1])),
            // A repair takes some time, or onset and repair would be one event.
            window: Window { start: onset, end: onset + repair.max(Span::from_millis(1)) },
            remedy: self.cause.remedy,
            carrier_word: words[2],
        }
    }
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
