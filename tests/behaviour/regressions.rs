//! Every scenario that once went wrong runs, and its ledgers close and its stages are in order (`tests/regressions/README.md`).

use std::path::Path;

use super::lab::{outcome, scenario_file};
use tinsel::simulation::result::{IncidentKind, IncidentRow};

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
