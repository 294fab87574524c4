//! A store that is run again, watched, or alone with its journal, does what it did in the run: inside an attach storm too.

use std::path::Path;

use tinsel::scenario::resolved::{Scenario, StoreRank};
use tinsel::scenario::{LoadOptions, load};
use tinsel::simulation::replay::{Journal, replay, replay_from};
use tinsel::simulation::result::ReplicationResult;
use tinsel::simulation::{Execution, Progress, run_some};

fn scenario(file: &str, overrides: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let overrides = overrides.iter().map(|one| (*one).to_owned()).collect();
    let options = LoadOptions { overrides, replications: Some(2), ..LoadOptions::default() };
    load(&path, &options).expect("a good scenario").scenario
}

/// The store's rows, as bytes; without what only the whole fleet knows: pooled bills, and journeys that tickets tell of.
fn rows(result: &ReplicationResult, rank: StoreRank) -> String {
    let mut store = result.stores.iter().find(|row| row.store == rank).expect("its row").clone();
    (store.over_bytes, store.over_cost, store.truck_rolls) = Default::default();
    let days: Vec<_> = result.days.iter().filter(|row| row.store == rank).collect();
    let incidents: Vec<_> = result.incidents.iter().filter(|row| row.store == rank).collect();
    let losses: Vec<_> = result.losses.iter().filter(|row| row.store == rank).collect();
    serde_json::to_string(&(store, days, incidents, losses)).expect("rows are JSON")
}

fn holds(scenario: &Scenario, replication: u32, ranks: &[u32]) {
    let whole = run_some(scenario, &[replication], Execution::default(), &Progress::default())
        .expect("not cancelled");
    for &rank in ranks {
        let rank = StoreRank(rank);
        let wanted = rows(&whole.replications[0], rank);
        let watched = replay(scenario, rank, replication, Execution::default(), &Progress::default());
        let watched = watched.expect("not cancelled");
        assert!(rows(&watched.result, rank) == wanted, "watched, store {} is another", rank.0);
        // Through text and back, as a file has it.
        let text = serde_json::to_string(&watched.journal).expect("a journal is JSON");
        let journal: Journal = serde_json::from_str(&text).expect("a journal");
        assert!(journal == watched.journal);
        let alone = replay_from(scenario, rank, replication, &journal).expect("its own journal");
        assert!(rows(&alone.result, rank) == wanted, "alone, store {} is another", rank.0);
        assert!(alone.trace == watched.trace && alone.journal == watched.journal);
        assert!(!watched.trace.spans.is_empty());
    }
}

#[test]
fn a_store_inside_an_attach_storm_is_replayed_from_its_journal() {
    let scenario = scenario("scenarios/lab/mall-storm.toml", &[]);
    let last = scenario.stores.len() as u32 - 1;
    holds(&scenario, 1, &[0, last / 2, last]);
}

#[test]
fn so_is_one_with_a_centre_and_a_service_that_runs_short() {
    let more = [
        "noc.enabled=true",
        "services.processor.servers=2",
        "services.processor.queue_limit=4",
        "online.orders_per_day=60000",
    ];
    holds(&scenario("scenarios/north-pole.toml", &more), 0, &[0, 3]);
}
