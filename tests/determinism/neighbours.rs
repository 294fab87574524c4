//! Order of the fleet file, and stores that come and go: only who shares a finite resource is affected.

use std::collections::BTreeSet;

use super::world::World;
use super::{Files, USUAL, assert_same, simulate};

fn files(world: &World) -> Files {
    let scenario = world.scenario();
    Files::of(&scenario, &simulate(&scenario, USUAL))
}

#[test]
fn the_order_of_the_fleet_file_does_not_matter() {
    let world = World::new(60);
    let files_in_order = files(&world);
    let mut backwards = world.clone();
    backwards.stores.reverse();
    assert_same("the fleet backwards", &files_in_order, &files(&backwards));
    let mut shuffled = world.clone();
    // 37 and 60 have no common factor, so every row moves.
    shuffled.stores = (0..60).map(|row| world.stores[(row * 37 + 11) % 60].clone()).collect();
    assert_same("the fleet shuffled", &files_in_order, &files(&shuffled));
}

/// Stores `T…` whose rows may change when `removed` goes: those of its cell and, at a finite core, of its carrier.
fn sharing_with(world: &World, removed: usize) -> BTreeSet<String> {
    let cell = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[7].to_owned(), cells[12].to_owned())
    };
    let gone = cell(&world.stores[removed]);
    assert_ne!(gone.0, "att", "on att, which has a core of finite rate, everybody is a neighbour");
    let lines = world.stores.iter().filter(|line| cell(line) == gone);
    lines.filter_map(|line| line.split(',').next()).map(str::to_owned).collect()
}

/// The regions of `stores`.
fn regions_of(world: &World, stores: &BTreeSet<String>) -> BTreeSet<String> {
    let fields = world.stores.iter().map(|line| line.split(',').collect::<Vec<_>>());
    fields.filter(|cells| stores.contains(cells[0])).map(|cells| cells[2].to_owned()).collect()
}

#[test]
fn a_store_that_goes_changes_only_those_it_shared_a_finite_resource_with() {
    let world = World::new(60);
    let whole = files(&world);
    // T013 has LTE as its backup on verizon; T028 as its primary.
    for removed in [13, 28] {
        let sharing = sharing_with(&world, removed);
        assert!(sharing.len() > 1, "it has neighbours");
        let mut rest = world.clone();
        rest.stores.remove(removed);
        let rest = files(&rest);
        for table in ["stores.csv", "stores_daily.csv", "incidents.csv"] {
            let (before, after) = (whole.table(table), rest.table(table));
            let strangers = |store: &str| !sharing.contains(store);
            let (before, after) =
                (before.rows_where("store_id", strangers), after.rows_where("store_id", strangers));
            assert!(before.len() > 60, "{table}: {} rows to compare", before.len());
            assert_eq!(before, after, "{table} without T{removed:03}");
        }
        // A region's rows are sums over its stores: those of the other regions stay.
        let (before, after) = (whole.table("timeline.csv"), rest.table("timeline.csv"));
        let touched = regions_of(&world, &sharing);
        let others = |name: &str| !touched.contains(name);
        let (before, after) = (before.rows_where("region", others), after.rows_where("region", others));
        assert!(!before.is_empty(), "a region is far from it");
        assert_eq!(before, after);
        let (before, after) = (whole.table("cells.csv"), rest.table("cells.csv"));
        let fields: Vec<&str> = world.stores[removed].split(',').collect();
        let cell = format!("{}/{}", fields[7], fields[12]);
        let others = |name: &str| name != cell;
        assert_eq!(before.rows_where("cell", others), after.rows_where("cell", others));
        let mine = |name: &str| name == cell;
        assert_ne!(before.rows_where("cell", mine), after.rows_where("cell", mine), "its own cell misses it");
    }
}

/// The control of the test above: stores that do share a scarce resource feel each other.
#[test]
fn a_store_that_goes_is_felt_at_a_scarce_core() {
    let world = World::new(60).with("[carriers.verizon]\nregistrations_per_s = 0.02");
    let whole = files(&world).table("incidents.csv");
    let mut rest = world.clone();
    // T004 is on verizon with a cold modem, in the storm.
    let removed = rest.stores.iter().position(|line| line.contains(",verizon,") && line.contains(",cold,"));
    let removed = rest.stores.remove(removed.expect("a cold modem on verizon"));
    let gone = removed.split(',').next().expect("an id").to_owned();
    let rest = files(&rest).table("incidents.csv");
    let others = |store: &str| store != gone;
    assert_ne!(whole.rows_where("store_id", others), rest.rows_where("store_id", others));
}
