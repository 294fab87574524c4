//! Seeds and replications are keys of the draws: other keys, other worlds; the same key, the same world.

use tinsel::kernel::draws::Key;
use tinsel::kernel::driver::{Group, Stepping};
use tinsel::model::faults::shared::SharedFaults;
use tinsel::model::shared::Shared;
use tinsel::model::store::{Connections, Store, World as Kind};
use tinsel::scenario::LoadOptions;
use tinsel::scenario::resolved::{StoreRank, Topology};

use super::world::World;
use super::{Files, USUAL, simulate};

#[test]
fn another_seed_is_another_world() {
    let world = World::new(24);
    let with_seed = |seed| {
        let scenario = world.load(&LoadOptions { seed: Some(seed), ..LoadOptions::default() });
        Files::of(&scenario, &simulate(&scenario, USUAL))
    };
    let (one, other) = (with_seed(1), with_seed(2));
    for table in
        ["stores.csv", "stores_daily.csv", "incidents.csv", "timeline.csv", "cells.csv", "carriers.csv"]
    {
        assert_ne!(one.0[table], other.0[table], "{table}");
    }
    let customers =
        |files: &Files| files.table("stores.csv").cells("customers").map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (customers(&one), customers(&other));
    let same = one.iter().zip(&other).filter(|(one, other)| one == other).count();
    assert!(same * 10 < one.len(), "{same} of {} stores have the same number of customers", one.len());
}

#[test]
fn replications_differ_and_the_first_is_the_same_alone_and_among_others() {
    let world = World::new(24);
    let run = |replications| {
        let options = LoadOptions { replications: Some(replications), ..LoadOptions::default() };
        let scenario = world.load(&options);
        Files::of(&scenario, &simulate(&scenario, USUAL))
    };
    let (one, two, three) = (run(1), run(2), run(3));
    for name in
        ["stores.csv", "stores_daily.csv", "incidents.csv", "timeline.csv", "cells.csv", "carriers.csv"]
    {
        let (one, two, three) = (one.table(name), two.table(name), three.table(name));
        assert!(three.rows.starts_with(&two.rows) && two.rows.starts_with(&one.rows), "{name}");
        let number = three.column("replication");
        let of = |replication: &str| -> Vec<Vec<String>> {
            let rows = three.rows_where("replication", |cell| cell == replication);
            rows.into_iter()
                .map(|row| {
                    row.iter()
                        .enumerate()
                        .filter(|&(at, _)| at != number)
                        .map(|(_, cell)| cell.clone())
                        .collect()
                })
                .collect()
        };
        assert_ne!(of("0"), of("1"), "{name}");
        assert_ne!(of("1"), of("2"), "{name}");
    }
}

/// The third replication of a store, from its key alone.
#[test]
fn a_replication_alone_is_the_same_as_among_others() {
    let scenario = World::new(60).scenario();
    let result = simulate(&scenario, USUAL);
    let alone = |rank: &StoreRank| {
        let store = &scenario.stores[rank.0 as usize];
        store.topology == Topology::None && !scenario.technologies[store.technology.0 as usize].is_lte
    };
    let ranks: Vec<StoreRank> = (0..60).map(StoreRank).filter(alone).collect();
    assert!(ranks.len() >= 3, "stores that share nothing");
    for rank in ranks {
        for replication in 0..3 {
            let key = Key { seed: scenario.seed, replication };
            let shared = SharedFaults::draw(&scenario, key);
            let store = Store::new(&scenario, rank, key, Kind::Real, Connections::default(), &shared);
            let begins = store.begins();
            let resources: Vec<Shared> = Vec::new();
            let (stores, ..) = Group::new(vec![store], resources, begins, Stepping::Skipping)
                .run(&|| false)
                .finished()
                .expect("not cancelled");
            let customers: u64 = stores[0].books.days.iter().map(|day| day.ledger.customers).sum();
            let lost: u64 = stores[0].books.days.iter().map(|day| day.ledger.payments_lost).sum();
            let row = &result.replications[replication as usize].stores[rank.0 as usize];
            assert_eq!((customers, lost), (row.ledger.customers, row.ledger.payments_lost));
            let timeline: u64 = stores[0].books.timeline.iter().map(|cell| cell.payments).sum();
            assert_eq!(timeline, row.ledger.payments);
        }
    }
}
