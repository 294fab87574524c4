//! What a day of one supercenter costs, through the real store: `cargo bench --bench store_day`.
//!
//! Time is reported per customer. The day is Black Friday; on the fault day the store has no network at all for two
//! hours around noon, so that payments hang, time out and are tried again; on the failover day it moves to LTE and back,
//! which brings in the cell, the grid and the fault-free twin.

use std::fs;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tinsel::kernel::draws::Key;
use tinsel::kernel::driver::{Group, Stepping};
use tinsel::model::faults::shared::SharedFaults;
use tinsel::model::shared::Shared;
use tinsel::model::store::{Connections, Store, World};
use tinsel::scenario::resolved::{Scenario, StoreRank};
use tinsel::scenario::{LoadOptions, load};
use tinsel::simulation::{Execution, Progress, run};

const SCENARIO: &str = r#"
[scenario]
name = "One supercenter, Black Friday"
seed = 20191129
replications = 1
first_day = 2019-11-29
last_day = 2019-11-29

[fleet.generate]
stores = 1
format = "supercenter"
timezone = "America/Chicago"

[fleet.draw]
technology = "fibre_dia"
standby = "warm"
sales_spread = 0

[[calendar]]
date = 2019-11-29
formats = ["supercenter"]
multiplier = 1.70
baseline = "2019 average day"
curve = "instore_black_friday"

[faults]
enabled = false
"#;

const FAULT: &str = r#"
[[faults.scheduled]]
name = "cut"
at = "2019-11-29 11:00"
duration = "2 h"
"#;

/// The scenario with `more` in its file and `topology` for the backup.
fn scenario(more: &str, topology: &str) -> Scenario {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("store-day.toml");
    fs::write(&file, format!("{SCENARIO}{more}")).expect("writable");
    let overrides = vec![format!("fleet.draw.topology=\"{topology}\"")];
    load(&file, &LoadOptions { overrides, ..LoadOptions::default() }).expect("a good scenario").scenario
}

/// Customers of the only store's day, alone, with nothing shared.
fn day(scenario: &Scenario) -> u64 {
    let key = Key { seed: scenario.seed, replication: 0 };
    let store = Store::new(
        scenario,
        StoreRank(0),
        key,
        World::Real,
        Connections::default(),
        &SharedFaults::scheduled(scenario),
    );
    let begins = store.begins();
    let (stores, ..) = Group::new(vec![store], Vec::<Shared>::new(), begins, Stepping::Skipping)
        .run(&|| false)
        .finished()
        .expect("not cancelled");
    stores[0].books.days.iter().map(|day| day.ledger.customers).sum()
}

/// The same through the whole simulation, with cell and twin.
fn simulated(scenario: &Scenario) -> u64 {
    let result = run(scenario, Execution::default(), &Progress::default()).expect("nobody cancels it");
    result.replications[0].stores[0].ledger.customers
}

fn supercenter_day(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("supercenter day, per customer");
    group.measurement_time(Duration::from_secs(5));
    let healthy = scenario("", "none");
    group.throughput(Throughput::Elements(day(&healthy)));
    group.bench_function("healthy", |bencher| bencher.iter(|| day(&healthy)));
    let fault = scenario(FAULT, "none");
    group.bench_function("two hours without network", |bencher| bencher.iter(|| day(&fault)));
    let failover = scenario(FAULT, "second-router");
    group.bench_function("two hours on LTE, and the twin", |bencher| bencher.iter(|| simulated(&failover)));
    group.finish();
}

criterion_group! {
    name = benches;
    // The crate's own use of plotters (embedded fonts only) leaves criterion's plots without a font.
    config = Criterion::default().without_plots();
    targets = supercenter_day
}
criterion_main!(benches);
