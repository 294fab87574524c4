//! Reports from results made by hand: golden files, ledgers, the results directory, the summary, the charts.
//!
//! `UPDATE_GOLDEN=1 cargo test --test report` rewrites the golden files and the data dictionary; look at the
//! difference before committing it.

#![expect(clippy::unwrap_used, reason = "a helper that cannot do its work ends the test")]

#[path = "report/charts.rs"]
mod charts;
#[path = "report/golden.rs"]
mod golden;
#[path = "report/ledger.rs"]
mod ledger;
#[path = "report/money.rs"]
mod money;
#[path = "report/page.rs"]
mod page;
#[path = "report/parquet.rs"]
mod parquet;
#[path = "report/results.rs"]
mod results;
#[path = "report/schemas.rs"]
mod schemas;
#[path = "report/summary.rs"]
mod summary;
#[path = "report/synthetic.rs"]
mod synthetic;
#[path = "report/text_cells.rs"]
mod text_cells;
#[path = "report/validator.rs"]
mod validator;

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tinsel::report::{Formats, InputDigest, OutputDir, ReportError, RunMeta, Setting, write_results};
use tinsel::scenario::resolved::Scenario;
use tinsel::simulation::result::RunResult;

/// Tables as CSV, and what every run writes.
const TABLES: Formats = Formats { csv: true, parquet: false, charts: false, page: false };

/// Writes results to `place`, which nobody has used.
fn write(
    place: &Path,
    scenario: &Scenario,
    result: &RunResult,
    meta: &RunMeta,
    formats: Formats,
) -> Result<PathBuf, ReportError> {
    let output = OutputDir::prepare(place, &[], false).unwrap();
    write_results(&output, scenario, result, meta, formats)?;
    Ok(output.commit().unwrap())
}

/// Results in a scratch directory, and where in it.
fn written(scenario: &Scenario, result: &RunResult, formats: Formats) -> (TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let place = write(&root.path().join("run"), scenario, result, &meta(), formats).unwrap();
    (root, place)
}

/// What the command line would know about the run.
fn meta() -> RunMeta {
    RunMeta {
        stopped: None,
        command: "tinsel run scenarios/small.toml".to_owned(),
        reproduce: "tinsel run scenarios/small.toml".to_owned(),
        arguments: vec!["run".to_owned(), "scenarios/small.toml".to_owned()],
        inputs: vec![InputDigest { path: "scenarios/small.toml".to_owned(), sha256: "00".repeat(32) }],
        settings: vec![Setting {
            path: "payments.timeout".to_owned(),
            value: "45 s".to_owned(),
            origin: "default: S12".to_owned(),
        }],
        drawn: vec![("signal".to_owned(), 3)],
        version: "0.1.0".to_owned(),
        results_version: 1,
        grid: "skip".to_owned(),
        threads: 2,
        wall_s: 1.25,
        cpu_s: 2.4,
        peak_memory_bytes: Some(812_000_000),
        customers: 2_400_000,
        results: "results/small".to_owned(),
    }
}
