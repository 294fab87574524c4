//! What becomes of a fault where an operations centre mends its cause: its end is not drawn, people make it.

use crate::kernel::draws::Key;
use crate::model::cause::IncidentCause;
use crate::model::shared::noc::{Odds, TicketDraws, alarm_at};
use crate::scenario::resolved::{Noc, OobmKind, PlaybookId, Scenario, Store, StoreRank};
use crate::units::SimTime;

use super::Fault;

/// The operations centre as a store's faults find it.
#[derive(Clone, Copy)]
pub(super) struct Centre<'a> {
    noc: &'a Noc,
    scenario: &'a Scenario,
    rank: StoreRank,
    key: Key,
}

impl<'a> Centre<'a> {
    pub(super) fn new(scenario: &'a Scenario, rank: StoreRank, key: Key) -> Option<Self> {
        Some(Centre { noc: scenario.noc.as_deref()?, scenario, rank, key })
    }

    fn playbook(&self, cause: IncidentCause) -> Option<PlaybookId> {
        match cause {
            IncidentCause::Process(id) => self.noc.playbook_of_cause[id.0 as usize],
            IncidentCause::Scheduled(number) => self.noc.playbook_of_scheduled[number as usize],
            IncidentCause::Latent | IncidentCause::FalseAlarm => None,
        }
    }

    /// Makes `fault` one that people end, if there is a playbook for it. What began in the lead-in is mended without waiting
    /// for anybody, so that it is known from when on the store has to be simulated.
    pub(super) fn takes_over(&self, fault: &mut Fault) {
        let Some(playbook) = self.playbook(fault.cause) else { return };
        let store: &Store = &self.scenario.stores[self.rank.0 as usize];
        let known = self.noc.store(self.rank);
        let onset = fault.window.start;
        fault.playbook = Some(playbook);
        fault.window.end = SimTime::NEVER;
        if onset < known.from {
            let draws = TicketDraws::new(&store.id, fault.cause.name(self.scenario), onset);
            let told = store.oobm.kind != OobmKind::None && draws.unit_answers(self.noc, self.key);
            let alarm = alarm_at(self.noc, &store.id, self.key, onset, told);
            let playbook = &self.noc.playbooks[usize::from(playbook.0)];
            let odds = Odds::draw(self.noc, Some(playbook), known, 0, self.key, draws);
            let (end, remedy) = odds.unqueued(alarm, known);
            fault.window.end = end;
            fault.remedy = remedy.name();
        }
    }
}
