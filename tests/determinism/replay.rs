//! A store that is run again, watched, or alone with its journal, does what it did in the run: inside an attach storm too.

use std::path::Path;

use tinsel::model::shared::Grant;
use tinsel::scenario::resolved::{Scenario, StoreRank};
use tinsel::scenario::{LoadOptions, load};
use tinsel::simulation::replay::{Entry, Journal, replay, replay_from};
use tinsel::simulation::result::ReplicationResult;
use tinsel::simulation::{Execution, Progress, run_some};
use tinsel::units::Span;

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

/// How long the store's backup took from detection until it was ready, in the replication's first incident there.
fn brought_up(result: &ReplicationResult, rank: StoreRank) -> Span {
    let incident = result.incidents.iter().find(|row| row.store == rank).expect("the cut");
    let (detected, ready) = (incident.detected.expect("noticed"), incident.backup_ready.expect("ready"));
    ready.since(detected)
}

/// Three hundred modems register at once at a core that takes five a second: one who comes last waits for the better part of a minute.
#[test]
fn a_store_inside_an_attach_storm_is_replayed_from_its_journal() {
    let storm = |registrations: &str| {
        let core = format!("carriers.att.registrations_per_s={registrations}");
        scenario("scenarios/lab/mall-storm.toml", &["fleet.draw.standby=\"radio-off\"", &core])
    };
    let (short, ample) = (storm("5"), storm("100000"));
    let run = |scenario: &Scenario| {
        let result = run_some(scenario, &[1], Execution::default(), &Progress::default());
        result.expect("not cancelled").replications.remove(0)
    };
    let (queued, unqueued) = (run(&short), run(&ample));
    // The same draws at a core that is never short: the difference is the wait in the queue.
    let mut waits: Vec<(Span, u32)> = (0..short.stores.len() as u32)
        .map(|rank| {
            let took = |result| brought_up(result, StoreRank(rank));
            (Span::from_nanos(took(&queued).as_nanos().saturating_sub(took(&unqueued).as_nanos())), rank)
        })
        .collect();
    waits.sort_unstable();
    let (usual, longest) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    println!("waits: {} s in the middle, {} s at most", usual.0.as_secs_f64(), longest.0.as_secs_f64());
    assert!(usual.0 >= Span::from_secs(15) && longest.0 >= Span::from_secs(40));
    holds(&short, 1, &[usual.1, longest.1]);
    // In the journal too it is granted after it has asked: that long after what it would be at an ample core.
    let granted = |scenario: &Scenario| {
        let watched = replay(scenario, StoreRank(longest.1), 1, Execution::default(), &Progress::default());
        let entries = watched.expect("not cancelled").journal.real;
        let grant = entries.iter().find_map(|entry| match entry {
            Entry::Grant(_, at, Grant::Registration { .. }) => Some(*at),
            _ => None,
        });
        grant.expect("it is registered by the core")
    };
    let later = granted(&short).since(granted(&ample));
    assert!(later >= Span::from_secs(40), "granted {} s later", later.as_secs_f64());
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
