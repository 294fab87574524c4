//! Every scenario that once went wrong runs, and its ledgers close and its stages are in order (`tests/regressions/README.md`).

use std::path::Path;

use super::lab::{outcome, scenario_file};
use tinsel::kernel::driver::Stepping;
use tinsel::simulation::result::{IncidentKind, IncidentRow};
use tinsel::simulation::{Execution, Progress, run};
use tinsel::units::Span;

/// The stages of an incident come in their order.
pub fn in_order(row: &IncidentRow) -> bool {
    let stages = [Some(row.fault), row.detected, row.backup_ready, row.failover, row.failback];
    let moved =
        matches!(row.kind, IncidentKind::Failover | IncidentKind::LateFailover | IncidentKind::FalseFailover);
    stages.iter().flatten().is_sorted()
        && moved == row.failover.is_some()
        && row.repaired.is_none_or(|repaired| repaired >= row.fault)
        && row
            .failback
            .is_none_or(|failback| row.recovery_detected.is_some_and(|recovered| recovered <= failback))
}

#[test]
fn what_once_went_wrong_goes_right() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let entries = std::fs::read_dir(directory).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        println!("{}", file.display());
        for replication in outcome(&scenario_file(&file, &[])).replications {
            for row in &replication.incidents {
                assert!(in_order(row), "{row:?}");
            }
        }
    }
}

/// The incidents of a scenario that once went wrong, by name of the file.
fn incidents_of(name: &str) -> Vec<IncidentRow> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions").join(format!("{name}.toml"));
    outcome(&scenario_file(&file, &[])).replications.remove(0).incidents
}

/// Seconds from the fault to traffic on the backup of the incident at `position`.
fn failover_s(rows: &[IncidentRow], position: usize) -> f64 {
    let failover = rows[position].failover.expect("it failed over");
    failover.since(rows[position].fault).as_secs_f64()
}

#[test]
fn whatever_once_went_wrong_is_the_same_on_every_grid_instant() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let scenario = scenario_file(&path, &[]);
        let [skipping, every] = [Stepping::Skipping, Stepping::Every].map(|stepping| {
            let execution = Execution { stepping, ..Execution::default() };
            let result = run(&scenario, execution, &Progress::default()).expect("not cancelled");
            let replication = &result.replications[0];
            format!("{:?}{:?}{:?}", replication.days, replication.incidents, replication.cells)
        });
        assert!(skipping == every, "{}", path.display());
    }
}

#[test]
fn a_rebooted_router_sees_that_its_link_has_no_carrier_or_loses_packets() {
    // The router hangs for twenty minutes from 12:05 on; the cut is at 12:00. It fails over before and again after.
    let rows = incidents_of("reboot-with-the-carrier-lost");
    let gap = rows.iter().map(|row| row.gap.as_secs_f64()).sum::<f64>();
    assert!((1_200.0..1_210.0).contains(&gap), "{gap} s without service: the hang and two failovers");
    let rows = incidents_of("reboot-on-a-lossy-link");
    assert!(failover_s(&rows, 0) < 5.0, "{rows:?}");
    let rows = incidents_of("answers-later-than-the-timeout");
    assert!(failover_s(&rows, 0) < 3.5, "{rows:?}");
}

#[test]
fn losses_are_put_down_to_what_sent_traffic_to_a_dead_backup() {
    let rows = incidents_of("backup-dead-before-the-cut");
    let [backup, cut] = &rows[..] else { panic!("two incidents: {rows:?}") };
    assert_eq!((backup.uplink, backup.gap, backup.payments_lost), ("backup", Span::ZERO, 0));
    assert!(cut.gap > Span::from_secs(3_600) && cut.payments_lost > 0, "{cut:?}");
}

#[test]
fn offline_payments_make_room_when_an_answer_comes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/regressions/offline-room-on-a-path-that-works.toml");
    let result = outcome(&scenario_file(&file, &[]));
    let ledger = &result.replications[0].stores[0].ledger;
    assert!(ledger.authorized_offline > 100 && ledger.payments_lost == 0, "{ledger:?}");
}

#[test]
fn a_cell_never_carries_more_than_it_has_when_buffers_drain() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/doors-close-on-a-full-cell.toml");
    let result = outcome(&scenario_file(&file, &[]));
    let per_second: Vec<u64> =
        result.replications[0].timeline.cells.iter().map(|cell| cell.lte_bytes).collect();
    let closing = 20 * 3_600 + 30 * 60;
    // What the cell has in that hour of the day, from the seconds before the doors close; 2 % for payments.
    let full = per_second[closing - 600..closing].iter().max().expect("ten minutes");
    for (second, bytes) in per_second[closing..closing + 900].iter().enumerate() {
        assert!(bytes * 50 <= full * 51, "{bytes} of {full} bytes {second} s after closing");
    }
}
