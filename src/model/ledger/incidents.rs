//! What became of each fault at a store: stages reached, losses while it was open.
//!
//! Losses go to one incident at most, so that their sum over incidents never counts a loss twice: to the earliest that is
//! open, or else to the one repaired last, for as long as the queue it left behind takes to go ([`AFTERMATH`]). A fault of
//! the backup is never the reason: traffic needs the backup only because of something else.

use crate::scenario::resolved::{Scope, StoreRank};
use crate::units::{Cents, SimTime, Span};

use super::{IncidentKind, IncidentRow};
use crate::model::cause::IncidentCause;
use crate::model::faults::Fault;

/// How long after an incident losses are still put down to it [engineering assumption]: longer than nine of ten customers'
/// patience (median 8 min, S94), so that the queue of an outage has gone by then.
pub const AFTERMATH: Span = Span::from_secs(15 * 60);

/// The incidents of one store.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    rows: Vec<IncidentRow>,
    /// Positions in `rows` of incidents that are not over, in order of onset.
    open: Vec<usize>,
    /// The incident that the present excursion from the primary belongs to.
    excursion: Option<usize>,
    /// Since when traffic has been on the backup.
    moved: Option<SimTime>,
}

impl Incidents {
    /// All incidents in order of onset.
    #[must_use]
    pub fn into_rows(mut self) -> Vec<IncidentRow> {
        for (number, row) in self.rows.iter_mut().enumerate() {
            row.number = number as u32 + 1;
        }
        self.rows
    }

    /// A fault begins. `masked`: nobody will notice it.
    pub fn begin(
        &mut self,
        store: StoreRank,
        fault: &Fault,
        open_store: bool,
        masked: bool,
        lte_is_primary: bool,
    ) {
        let uplink = match fault.scope {
            Scope::Uplink => "primary",
            Scope::Backup if lte_is_primary => "primary",
            Scope::Backup => "backup",
            Scope::Router => "router",
            Scope::Switch => "switch",
        };
        let kind = if masked { IncidentKind::Masked } else { IncidentKind::NoFailover };
        self.push(IncidentRow {
            kind,
            uplink,
            scope: fault.scope.name(),
            signature: fault.signature.name(),
            remedy: fault.remedy,
            open_at_fault: open_store,
            ..blank(store, fault.cause, fault.window.start)
        });
    }

    /// An excursion that no fault explains begins with its detection.
    pub fn begin_false_alarm(&mut self, store: StoreRank, now: SimTime, open_store: bool) {
        let row = IncidentRow {
            kind: IncidentKind::NoFailover,
            open_at_fault: open_store,
            detected: Some(now),
            repaired: Some(now),
            ..blank(store, IncidentCause::FalseAlarm, now)
        };
        let position = self.push(row);
        self.excursion = Some(position);
    }

    fn push(&mut self, row: IncidentRow) -> usize {
        self.rows.push(row);
        self.open.push(self.rows.len() - 1);
        self.rows.len() - 1
    }

    /// A fault ends.
    pub fn repair(&mut self, now: SimTime, cause: IncidentCause) {
        let found = self.open.iter().copied().find(|&position| {
            let row = &self.rows[position];
            row.cause == cause && row.repaired.is_none()
        });
        if let Some(position) = found {
            self.rows[position].repaired = Some(now);
        }
    }

    /// The primary was declared down. Belongs to the open incident of the path to the primary that explains it best, or else
    /// to the last one repaired; `since` is how far back that may be. Returns whether there is one.
    pub fn detect(&mut self, now: SimTime, since: SimTime) -> bool {
        let on_path = |row: &IncidentRow| row.uplink != "backup" && row.uplink != "switch";
        let rows = &self.rows;
        let candidates = || self.open.iter().copied().filter(|&position| on_path(&rows[position]));
        let open = |signatures: &'static [&'static str]| {
            candidates().find(|&position| {
                let row = &rows[position];
                row.repaired.is_none()
                    && row.kind != IncidentKind::Masked
                    && signatures.contains(&row.signature)
            })
        };
        let lately = || {
            candidates()
                .filter(|&position| rows[position].kind != IncidentKind::Masked)
                .rfind(|&position| rows[position].repaired.is_some_and(|repaired| repaired >= since))
        };
        // A fault that was hidden so far is noticed now if it is all there is.
        let masked = || candidates().find(|&position| rows[position].repaired.is_none());
        // What lets nothing pass is the likeliest reason, what only makes answers late the least likely.
        let found = open(&["blackhole", "carrier-lost", "announced"])
            .or_else(|| open(&["partial-loss"]))
            .or_else(lately)
            .or_else(|| open(&["latency"]))
            .or_else(masked);
        if let Some(position) = found {
            let row = &mut self.rows[position];
            if row.kind == IncidentKind::Masked {
                row.kind = IncidentKind::NoFailover;
            }
            row.detected.get_or_insert(now);
            if row.failback.is_none() {
                row.recovery_detected = None;
            }
            self.excursion = Some(position);
        }
        found.is_some()
    }

    /// The profile's rule said "down" once more.
    pub fn alarm(&mut self) {
        if let Some(row) = self.of_excursion() {
            row.alarms += 1;
        }
    }

    /// The backup path became usable.
    pub fn backup_ready(&mut self, now: SimTime) {
        if let Some(row) = self.of_excursion() {
            row.backup_ready.get_or_insert(now);
        }
    }

    /// Traffic moved to the backup. Returns whether that was because of a fault.
    pub fn failover(&mut self, now: SimTime) -> bool {
        self.moved = Some(now);
        let Some(row) = self.of_excursion() else { return false };
        // Away once more because of the same fault: the way back that counts is the last one.
        (row.recovery_detected, row.failback) = (None, None);
        if row.failover.is_none() {
            row.failover = Some(now);
            row.kind = match row.cause {
                IncidentCause::FalseAlarm => IncidentKind::FalseFailover,
                IncidentCause::Process(_) | IncidentCause::Scheduled(_) => {
                    if row.repaired.is_some_and(|repaired| repaired < now) {
                        IncidentKind::LateFailover
                    } else {
                        IncidentKind::Failover
                    }
                }
            };
        }
        row.cause != IncidentCause::FalseAlarm
    }

    /// The primary was declared up.
    pub fn recover(&mut self, now: SimTime) {
        // With a failback noted, this was a further alarm that moved nothing.
        if let Some(row) = self.of_excursion()
            && row.failback.is_none()
        {
            row.recovery_detected = Some(now);
        }
    }

    /// The primary was declared down again before traffic had moved back.
    pub fn relapse(&mut self) {
        if let Some(row) = self.of_excursion() {
            row.recovery_detected = None;
        }
    }

    /// Traffic is on the primary again, after a failover (`moved`) or because it had not left yet.
    pub fn failback(&mut self, now: SimTime, moved: bool) {
        self.count_backup(now);
        if let Some(row) = self.of_excursion()
            && moved
        {
            row.failback = Some(now);
        }
        self.excursion = None;
    }

    /// Traffic has left the backup, or the run ends.
    fn count_backup(&mut self, now: SimTime) {
        if let Some(since) = self.moved.take()
            && let Some(row) = self.of_excursion()
        {
            row.on_backup += now.since(since);
        }
    }

    /// Closes incidents whose fault was repaired before `before` and that keep nothing away from the primary.
    fn settle(&mut self, before: SimTime) {
        let (rows, excursion) = (&self.rows, self.excursion);
        self.open.retain(|&position| {
            excursion == Some(position) || rows[position].repaired.is_none_or(|repaired| repaired >= before)
        });
    }

    /// Time up to `now` in which the route in use got no answer.
    pub fn count_gap(&mut self, now: SimTime, span: Span) {
        if let Some(position) = self.responsible(now) {
            self.rows[position].gap += span;
        }
    }

    /// A basket left behind.
    pub fn count_lost_sale(&mut self, now: SimTime, value: Cents) {
        if let Some(position) = self.responsible(now) {
            self.rows[position].lost_sales += value;
        }
    }

    /// A payment without an answer.
    pub fn count_lost_payment(&mut self, now: SimTime) {
        if let Some(position) = self.responsible(now) {
            self.rows[position].payments_lost += 1;
        }
    }

    /// The run ends: whatever is open is censored.
    pub fn end(&mut self, now: SimTime) {
        self.count_backup(now);
        for &position in &self.open {
            let row = &mut self.rows[position];
            row.censored = row.repaired.is_none() || self.excursion == Some(position);
        }
    }

    /// Forgets incidents that were over before `start`: the lead-in only sets the stage.
    pub fn drop_before(&mut self, start: SimTime) {
        self.settle(start);
        let keep: Vec<usize> = self.open.clone();
        let renumber = |position: usize| keep.iter().position(|&kept| kept == position);
        self.excursion = self.excursion.and_then(renumber);
        self.rows = keep.iter().map(|&position| self.rows[position].clone()).collect();
        self.open = (0..self.rows.len()).collect();
    }

    fn of_excursion(&mut self) -> Option<&mut IncidentRow> {
        self.excursion.map(|position| &mut self.rows[position])
    }

    /// The earliest incident that is not over, or else the one repaired last within [`AFTERMATH`] of `now`. A dead backup
    /// is never the reason: traffic needs it only because of something else.
    fn responsible(&mut self, now: SimTime) -> Option<usize> {
        self.settle(now.saturating_sub(AFTERMATH));
        let (rows, excursion) = (&self.rows, self.excursion);
        let candidates = || self.open.iter().copied().filter(|&position| rows[position].uplink != "backup");
        let under_way = |position: &usize| excursion == Some(*position) || rows[*position].repaired.is_none();
        candidates().find(under_way).or_else(|| candidates().max_by_key(|&position| rows[position].repaired))
    }
}

fn blank(store: StoreRank, cause: IncidentCause, onset: SimTime) -> IncidentRow {
    IncidentRow {
        store,
        number: 0,
        cause,
        kind: IncidentKind::NoFailover,
        uplink: "primary",
        scope: "uplink",
        signature: "",
        remedy: "self",
        open_at_fault: false,
        fault: onset,
        detected: None,
        backup_ready: None,
        failover: None,
        repaired: None,
        recovery_detected: None,
        failback: None,
        alarms: 0,
        on_backup: Span::ZERO,
        gap: Span::ZERO,
        payments_lost: 0,
        lost_sales: Cents(0),
        censored: false,
    }
}
