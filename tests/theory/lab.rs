//! Scenarios written in a test, loaded and run the way a user would: from a TOML file.

use std::path::Path;

use tinsel::report::ledger;
use tinsel::scenario::resolved::Scenario;
use tinsel::scenario::{LoadOptions, Rejected, load, render};
use tinsel::simulation::result::{ReplicationResult, RunResult};
use tinsel::simulation::{Execution, Progress, run};

/// The scenario written as `text`.
pub fn scenario(text: &str) -> Scenario {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("scenario.toml");
    std::fs::write(&path, text).expect("a file in a temporary directory");
    scenario_file(&path, &[])
}

/// The scenario in the file at `path`, with `overrides` as of `--set`.
pub fn scenario_file(path: &Path, overrides: &[&str]) -> Scenario {
    let overrides = overrides.iter().map(|&one| one.to_owned()).collect();
    match load(path, &LoadOptions { overrides, ..LoadOptions::default() }) {
        Ok(loaded) => loaded.scenario,
        Err(Rejected::Invalid(diagnostics)) => panic!("{}", render(&diagnostics, false)),
        Err(error) => panic!("{error}"),
    }
}

/// Runs `scenario`; every ledger must close.
pub fn outcome(scenario: &Scenario) -> RunResult {
    let result = run(scenario, Execution::default(), &Progress::default()).expect("nobody cancels it");
    ledger::check(&result).expect("every ledger closes");
    result
}

/// Runs the scenario written as `text`, all replications.
pub fn replications(text: &str) -> Vec<ReplicationResult> {
    outcome(&scenario(text)).replications
}
