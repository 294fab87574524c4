//! How a run is executed: threads, grid, which twins are run.

use tinsel::kernel::driver::Stepping;
use tinsel::scenario::LoadOptions;
use tinsel::simulation::{Execution, RESULTS_VERSION};

use super::world::World;
use super::{Files, USUAL, assert_same, loaded, shipped, simulate, simulate_on};

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let scenario = World::new(60).scenario();
    let one = simulate_on(1, &scenario);
    let files = Files::of(&scenario, &one);
    for threads in [2, 3, 8] {
        let other = simulate_on(threads, &scenario);
        assert_same(&format!("{threads} threads against one"), &files, &Files::of(&scenario, &other));
        let counters = |result: &tinsel::simulation::result::RunResult| {
            result.replications.iter().map(|replication| replication.kernel).collect::<Vec<_>>()
        };
        assert_eq!(counters(&one), counters(&other), "events, ties and folds");
    }
}

/// 300 stores in one cell: one group, so the threads share its windows and not its replications alone.
#[test]
fn any_number_of_threads_gives_the_same_bytes_in_one_coupled_group() {
    let scenario = loaded(&shipped("scenarios/lab/mall-storm.toml"), &LoadOptions::default());
    let files = Files::of(&scenario, &simulate_on(1, &scenario));
    assert!(files.table("cells.csv").cells("stores_max").any(|stores| stores == "300"));
    for threads in [2, 3, 8] {
        let other = Files::of(&scenario, &simulate_on(threads, &scenario));
        assert_same(&format!("{threads} threads against one"), &files, &other);
    }
}

/// Skipping is an optimisation; every grid instant visited is what is meant.
#[test]
fn every_grid_instant_gives_the_same_bytes_as_skipping() {
    let options = LoadOptions { replications: Some(1), ..LoadOptions::default() };
    let coupled = LoadOptions { overrides: vec!["fleet.generate.stores=16".to_owned()], ..options.clone() };
    for (name, scenario) in [
        ("three regions", World::new(16).load(&options)),
        ("mall", loaded(&shipped("scenarios/lab/mall-storm.toml"), &coupled)),
    ] {
        let every = Execution { stepping: Stepping::Every, ..USUAL };
        let (skipping, every) = (simulate(&scenario, USUAL), simulate(&scenario, every));
        let folds = |result: &tinsel::simulation::result::RunResult| result.replications[0].kernel.folds;
        assert!(folds(&skipping) > 0 && folds(&every) > folds(&skipping), "{name}: it did skip");
        assert_same(name, &Files::of(&scenario, &skipping), &Files::of(&scenario, &every));
    }
}

/// A store that was never disturbed is its own twin.
#[test]
fn running_every_twin_gives_the_same_bytes() {
    let scenario = World::new(60).scenario();
    let every = Execution { every_twin: true, ..USUAL };
    let (some, every) = (simulate(&scenario, USUAL), simulate(&scenario, every));
    assert_same("every twin", &Files::of(&scenario, &some), &Files::of(&scenario, &every));
}

/// Two events of one store at the same instant are ordered by class: rare, and counted so that it can be seen.
#[test]
fn ties_are_counted_and_reported() {
    let scenario = World::new(24).scenario();
    let result = simulate(&scenario, USUAL);
    let report = tinsel::report::manifest::run_info(&tinsel::report::RunMeta::default(), &result);
    let total = |of: fn(&tinsel::simulation::result::KernelCounters) -> u64| -> u64 {
        result.replications.iter().map(|replication| of(&replication.kernel)).sum()
    };
    assert_eq!(report["kernel"]["events"], total(|kernel| kernel.events));
    assert_eq!(report["kernel"]["ties"], total(|kernel| kernel.ties));
    assert_eq!(report["kernel"]["folds"], total(|kernel| kernel.folds));
    let (events, ties) = (total(|kernel| kernel.events), total(|kernel| kernel.ties));
    assert!(events > 100_000 && ties > 0, "calendars make ties: {ties} of {events}");
    assert!(ties * 100 < events, "more than one event in a hundred is a tie: {ties} of {events}");
    assert_eq!(RESULTS_VERSION, 3, "a new version of the results needs a line under Result changes");
}
