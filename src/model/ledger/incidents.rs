//! What became of each fault at a store: stages reached, losses while it was open.
//!
//! Losses go to one incident at most, so that their sum over incidents never counts a loss twice: to the earliest that is
//! open, or else to the one that was over last, for as long as the queue it left behind takes to go ([`AFTERMATH`]). A fault
//! of the backup is never the reason: traffic needs the backup only because of something else.

use std::collections::BTreeMap;

use crate::scenario::resolved::{Part, Parts, StoreRank};
use crate::units::{Cents, SimTime, Span};

use super::{IncidentKind, IncidentRow, LossPart, LossStage};
use crate::model::cause::IncidentCause;
use crate::model::faults::Fault;

/// How long after an incident losses are still put down to it [engineering assumption]: longer than nine of ten customers'
/// patience (median 8 min, S94), so that the queue of an outage has gone by then.
pub const AFTERMATH: Span = Span::from_secs(15 * 60);

/// How long a repaired incident is remembered, for a verdict that comes late: longer than any rule looks back.
const REMEMBERED: Span = Span::from_secs(6 * 3_600);

/// Which incident is under way from an instant on, and what keeps payments from their answers.
#[derive(Clone, Copy, Debug)]
struct Standing {
    since: SimTime,
    /// Number of the incident; 0 = none.
    incident: u32,
    stage: LossStage,
    /// The incident that was over last, and since when.
    over: (u32, SimTime),
}

/// The incidents of one store.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    rows: Vec<IncidentRow>,
    /// In order of time.
    standings: Vec<Standing>,
    /// Losses by number of the incident (0 = none) and stage.
    parts: BTreeMap<(u32, LossStage), LossPart>,
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

    /// Losses by number of the incident (0 = none) and stage, in this order.
    #[must_use]
    pub const fn parts(&self) -> &BTreeMap<(u32, LossStage), LossPart> {
        &self.parts
    }

    /// From `now` on, whichever incident is under way now is responsible, and `stage` is what keeps payments from their
    /// answers. To be told after every change.
    pub fn note(&mut self, now: SimTime, stage: LossStage) {
        self.settle(now.saturating_sub(REMEMBERED));
        let incident = self.under_way().map_or(0, |position| position as u32 + 1);
        if stage != LossStage::Aftermath
            && let Some(row) = self.row(incident)
        {
            row.last_stage = stage;
        }
        let over = match self.standings.last() {
            Some(last) if (last.incident, last.stage) == (incident, stage) => return,
            Some(last) if last.incident != 0 && incident == 0 => (last.incident, now),
            Some(last) => last.over,
            None => (0, now),
        };
        self.standings.push(Standing { since: now, incident, stage, over });
    }

    /// The incident responsible for what is lost at `at` (0 = none), and the stage.
    #[must_use]
    pub fn standing_at(&self, at: SimTime) -> (u32, LossStage) {
        let after = self.standings.partition_point(|standing| standing.since <= at);
        let standing = after.checked_sub(1).map(|position| self.standings[position]);
        responsible(standing, at, standing.map_or(LossStage::Aftermath, |standing| standing.stage))
    }

    /// The same for what is lost now in `stage`.
    #[must_use]
    pub fn standing(&self, now: SimTime, stage: LossStage) -> (u32, LossStage) {
        responsible(self.standings.last().copied(), now, stage)
    }

    fn row(&mut self, number: u32) -> Option<&mut IncidentRow> {
        number.checked_sub(1).and_then(|position| self.rows.get_mut(position as usize))
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
        let kind = if masked { IncidentKind::Masked } else { IncidentKind::NoFailover };
        self.push(IncidentRow {
            kind,
            uplink: what_broke(fault.parts, lte_is_primary),
            shared: fault.shared,
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

    /// The excursion under way finds the backup dead; `latent`: and nobody knew of that.
    pub fn find_backup_dead(&mut self, latent: bool) {
        if let Some(row) = self.of_excursion() {
            row.backup_dead = true;
        }
        if latent {
            for &position in &self.open {
                let row = &mut self.rows[position];
                if row.cause == IncidentCause::Latent && row.repaired.is_none() {
                    row.found_by = "need";
                }
            }
        }
    }

    /// A fault ends.
    pub fn repair(&mut self, now: SimTime, fault: &Fault) {
        let found = self.open.iter().copied().find(|&position| {
            let row = &self.rows[position];
            row.cause == fault.cause && row.fault == fault.window.start && row.repaired.is_none()
        });
        if let Some(position) = found {
            let row = &mut self.rows[position];
            (row.repaired, row.remedy) = (Some(now), fault.remedy);
            if fault.cause == IncidentCause::Latent && row.found_by.is_empty() {
                row.found_by = "test";
            }
        }
    }

    /// The primary was declared down. Belongs to the open incident of the path to the primary that explains it best, or else
    /// to the last one repaired; `since` is how far back that may be. Returns whether there is one.
    pub fn detect(&mut self, now: SimTime, since: SimTime) -> bool {
        let on_path = |row: &IncidentRow| ["primary", "both", "router"].contains(&row.uplink);
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

    /// A payment lost its answer in `stage` and was approved offline.
    pub fn store_offline(&mut self, now: SimTime, stage: LossStage) {
        let (incident, _) = self.standing(now, stage);
        if let Some(row) = self.row(incident) {
            row.stored += 1;
            row.resync_done = None;
        }
    }

    /// Bulk data that cannot be carried in `stage` piles up.
    pub fn pile_up(&mut self, now: SimTime, stage: LossStage) {
        let (incident, _) = self.standing(now, stage);
        if let Some(row) = self.row(incident) {
            (row.piled, row.resync_done) = (true, None);
        }
    }

    /// Nothing is stored offline and no data waits any more.
    pub fn resync_done(&mut self, now: SimTime) {
        for row in self.rows.iter_mut().filter(|row| row.stored > 0 || row.piled) {
            row.resync_done.get_or_insert(now);
        }
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
                IncidentCause::Process(_) | IncidentCause::Scheduled(_) | IncidentCause::Latent => {
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

    /// Traffic leaves the backup for a while: the modem changes its SIM.
    pub fn leave_backup(&mut self, now: SimTime) {
        self.count_backup(now);
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

    /// Time up to `now` in which the route in use got no answer because of `stage`.
    pub fn count_gap(&mut self, now: SimTime, span: Span, stage: LossStage) {
        let (incident, stage) = self.standing(now, stage);
        self.parts.entry((incident, stage)).or_default().gap += span;
        if let Some(row) = self.row(incident) {
            row.gap += span;
        }
    }

    /// A basket of this `value` that the fault-free twin sells; negative if it is the other way round.
    pub fn count_lost_sale(&mut self, incident: u32, stage: LossStage, value: Cents) {
        self.parts.entry((incident, stage)).or_default().lost_sales += value;
        if let Some(row) = self.row(incident) {
            row.lost_sales += value;
        }
    }

    /// A sale approved offline that the issuer will refuse.
    pub fn count_late_decline(&mut self, now: SimTime, value: Cents) {
        let (incident, stage) = self.standing(now, LossStage::OfflineDecline);
        self.parts.entry((incident, stage)).or_default().late_declined += value;
    }

    /// A payment without an answer because of `stage`.
    pub fn count_lost_payment(&mut self, now: SimTime, stage: LossStage) {
        let (incident, stage) = self.standing(now, stage);
        self.parts.entry((incident, stage)).or_default().payments_lost += 1;
        if let Some(row) = self.row(incident) {
            row.payments_lost += 1;
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
        self.standings.clear();
        self.parts.clear();
    }

    fn of_excursion(&mut self) -> Option<&mut IncidentRow> {
        self.excursion.map(|position| &mut self.rows[position])
    }

    /// The earliest fault that is open and was not hidden, or else what keeps traffic from the primary, or else the earliest
    /// that is open at all. A dead backup is never the reason: traffic needs it only because of something else.
    fn under_way(&self) -> Option<usize> {
        let rows = &self.rows;
        let open =
            |position: &usize| rows[*position].uplink != "backup" && rows[*position].repaired.is_none();
        let seen = |position: &usize| rows[*position].kind != IncidentKind::Masked;
        let candidates = || self.open.iter().copied().filter(open);
        // One till out of many explains a queue only if nothing greater does.
        let great = |position: &usize| seen(position) && rows[*position].uplink != "lane";
        let first = candidates().find(great).or(self.excursion);
        first.or_else(|| candidates().find(seen)).or_else(|| candidates().next())
    }
}

/// The incident responsible for what is lost at `at` in `stage`, given what has stood since then: the one under way, or else
/// the one that was over last, within [`AFTERMATH`].
fn responsible(standing: Option<Standing>, at: SimTime, stage: LossStage) -> (u32, LossStage) {
    let incident = standing.map_or(0, |Standing { incident, over: (last, since), .. }| match incident {
        0 if at.since(since) <= AFTERMATH => last,
        incident => incident,
    });
    match stage {
        LossStage::Aftermath if incident == 0 => (0, LossStage::Unattributed),
        stage => (incident, stage),
    }
}

/// What of the store a fault has broken, as the column `uplink` says it: the greatest of the parts.
fn what_broke(parts: Parts, lte_is_primary: bool) -> &'static str {
    let both = parts.has(Part::Uplink) && parts.has(Part::Backup);
    let by_size = [
        (Part::Power, "site-power"),
        (Part::Switch, "switch"),
        (Part::Router, "router"),
        (Part::Uplink, if both { "both" } else { "primary" }),
        (Part::Backup, if lte_is_primary { "primary" } else { "backup" }),
        (Part::StoreServer, "store-server"),
        (Part::Service, "service"),
    ];
    by_size.into_iter().find(|&(part, _)| parts.has(part)).map_or("lane", |(_, word)| word)
}

fn blank(store: StoreRank, cause: IncidentCause, onset: SimTime) -> IncidentRow {
    IncidentRow {
        store,
        shared: None,
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
        stored: 0,
        piled: false,
        resync_done: None,
        alarms: 0,
        on_backup: Span::ZERO,
        gap: Span::ZERO,
        payments_lost: 0,
        lost_sales: Cents(0),
        last_stage: LossStage::Aftermath,
        censored: false,
        backup_dead: false,
        found_by: "",
    }
}
