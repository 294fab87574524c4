//! Catalogue entries that nobody uses, and causes that never happen, change nothing.

use super::world::World;
use super::{Files, USUAL, assert_same, simulate};

fn tables(world: &World) -> Files {
    let scenario = world.scenario();
    Files::of(&scenario, &simulate(&scenario, USUAL))
}

#[test]
fn a_cause_that_never_happens_changes_nothing() {
    let world = World::new(24);
    // Its name comes first in the order of names, so every other cause changes its number.
    let added = world.with(
        "[faults.causes.aardvarks]\nrate_per_year = 0\nrepair = \"1 h\"\nscope = \"uplink\"\nremedy = \"self\"",
    );
    assert_same("a cause of rate 0", &tables(&world), &tables(&added));
}

#[test]
fn a_format_that_no_store_has_changes_nothing() {
    let world = World::new(24);
    let added = world.with("[formats.aardvark_shop]\nbased_on = \"kiosk\"\ncustomers_per_day = 9000");
    assert_same("an unused format", &tables(&world), &tables(&added));
}

#[test]
fn carriers_and_profiles_that_no_store_has_change_nothing() {
    let world = World::new(24);
    let added = world.with(
        "[carriers.aardvark]\nrtt = \"40 ms\"\nbandwidth = \"10 MHz\"\nregistrations_per_s = 1\n\
         [profiles.aardvark]\nbased_on = \"fortinet-sdwan\"\n",
    );
    assert_same("an unused carrier and profile", &tables(&world), &tables(&added));
}

/// A fault that hits one region leaves the others' rows alone: their cells and cores aside, which they do not share.
#[test]
fn a_fault_elsewhere_moves_no_customer() {
    let world = World::new(60);
    let added = world.with(
        "[[faults.scheduled]]\nname = \"flood\"\nregions = [\"south\"]\nat = \"2019-11-30 10:00\"\nduration = \"2 h\"",
    );
    let (before, after) = (tables(&world).table("stores.csv"), tables(&added).table("stores.csv"));
    let customers = |table: &super::Table| table.cells("customers").map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(customers(&before), customers(&after), "faults change what customers meet, never who comes");
    assert_ne!(before.sum("service_gap_s"), after.sum("service_gap_s"));
}

/// A further store in a market of its own brings a further unit that fails: the others' faults keep instants and names.
#[test]
fn a_store_that_comes_leaves_the_faults_of_the_others_alone() {
    let world = World::new(24);
    let mut more = world.clone();
    let lonely = "T000b,convenience,north,a-market-of-its-own,America/Chicago,fibre_dia,lec,verizon,9.5,none,cold,fortinet-sdwan,site-99";
    more.stores.push(lonely.to_owned());
    let (before, after) = (tables(&world).table("incidents.csv"), tables(&more).table("incidents.csv"));
    let shared = after.rows_where("scope", |scope| scope == "market").len();
    assert!(shared > before.rows_where("scope", |scope| scope == "market").len(), "its market fails too");
    let others = |store: &str| store != "T000b";
    assert_eq!(before.rows_where("store_id", others), after.rows_where("store_id", others));
}
