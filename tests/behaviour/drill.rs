//! A drill is what it says: runs in which the forced fault hits everybody, or one store and nobody else.

use std::path::Path;

use super::lab::{outcome, scenario_file};
use tinsel::report::drill::{Direction, Starvation, starvation};
use tinsel::scenario::resolved::Scenario;
use tinsel::simulation::drill::drill;
use tinsel::simulation::result::{DrillRow, Extent, ReplicationResult};
use tinsel::simulation::{Execution, Progress};

/// Twelve shops of the packed mall, some with LTE as their only link, and one cut; `more` as of `--set`.
fn mall(stores: &str, more: &[&str]) -> Scenario {
    let scheduled = format!(
        "faults.scheduled=[{{ name = \"drill\", at = \"2019-11-29 14:00\", duration = \"20 min\", stores = {stores} }}]"
    );
    let usual = ["fleet.generate.stores=12", "fleet.draw.carrier=att", "scenario.replications=1", &scheduled];
    let overrides: Vec<&str> = usual.iter().chain(more).copied().collect();
    scenario_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/packed-mall.toml"), &overrides)
}

/// More LTE for good, so that there are neighbours to share with.
const LTE: [&str; 1] = ["fleet.draw.technology={ cable = 0.6, lte = 0.4 }"];

fn drilled(scenario: &Scenario, extent: Extent) -> Vec<DrillRow> {
    drill(scenario, extent, Execution::default(), &Progress::default()).expect("nobody cancels it")
}

fn undisturbed(more: &[&str]) -> ReplicationResult {
    let mut scenario = mall("\"all\"", more);
    scenario.scheduled_faults.clear();
    outcome(&scenario).replications.swap_remove(0)
}

/// What `row` says is the difference of whole runs with and without the fault.
fn is_the_difference(row: &DrillRow, with: &ReplicationResult, without: &ReplicationResult) {
    let rank = row.store.0 as usize;
    let (mine, twin) = (&with.stores[rank], &without.stores[rank]);
    let less = |mine: u64, twin: u64| mine.cast_signed() - twin.cast_signed();
    assert_eq!(row.payments_lost, less(mine.ledger.payments_lost, twin.ledger.payments_lost));
    assert_eq!(row.lost_sales, twin.ledger.sales - mine.ledger.sales);
    assert_eq!(row.lte_bytes, less(mine.times.lte_bytes, twin.times.lte_bytes));
    let incident = with.incidents.iter().find(|incident| incident.store == row.store);
    assert_eq!(format!("{:?}", row.incident), format!("{incident:?}"));
}

#[test]
fn together_is_one_run_in_which_all_are_hit() {
    let scenario = mall("\"all\"", &LTE);
    let (with, without) = (outcome(&scenario).replications.swap_remove(0), undisturbed(&LTE));
    let rows = drilled(&scenario, Extent::Together);
    assert_eq!(rows.len(), 12);
    rows.iter().for_each(|row| is_the_difference(row, &with, &without));
}

#[test]
fn each_alone_is_a_run_in_which_nobody_else_is_hit() {
    let scenario = mall("\"all\"", &LTE);
    let on_lte =
        scenario.stores.iter().filter(|store| scenario.technologies[store.technology.0 as usize].is_lte);
    assert!(on_lte.count() >= 3, "there are neighbours in the cell");
    let without = undisturbed(&LTE);
    let rows = drilled(&scenario, Extent::EachAlone);
    assert_eq!(rows.len(), 12);
    for row in &rows {
        let id = &scenario.stores[row.store.0 as usize].id;
        let alone = mall(&format!("[\"{id}\"]"), &LTE);
        is_the_difference(row, &outcome(&alone).replications.swap_remove(0), &without);
    }
    assert!(rows.iter().any(|row| row.lte_bytes > 0));
}

/// One shop with a poor signal in a full cell.
fn starved(more: &[&str]) -> (Scenario, DrillRow) {
    let poor = [
        "fleet.generate.stores=1",
        "fleet.generate.format=mall_specialty",
        "fleet.draw.signal=-4 dB",
        "fleet.draw.technology=cable",
        "fleet.draw.topology=in-router",
        "fleet.draw.standby=hot",
        "fleet.draw.profile=fortinet-sdwan",
        "formats.mall_specialty.cash_share=0",
        "formats.mall_specialty.customers_per_day=200",
        "formats.mall_specialty.traffic.cctv_substream_view.lte=allow",
    ];
    let overrides: Vec<&str> = poor.iter().chain(more).copied().collect();
    let scenario = mall("\"all\"", &overrides);
    let row = drilled(&scenario, Extent::EachAlone).swap_remove(0);
    (scenario, row)
}

/// The definition is put to the test: where it says that the rest would fit, blocking the class restores payments.
#[test]
fn blocking_the_class_that_starves_restores_payments() {
    const FIFO: &str = "lte.queue=fifo";
    // With payments first, the camera's queue is not theirs.
    let (scenario, first) = starved(&[]);
    assert_eq!(starvation(&scenario, &first), None);
    assert_eq!(first.attempts.sent, first.attempts.in_time);
    // In one queue with all else it is.
    let (scenario, row) = starved(&[FIFO]);
    let found = starvation(&scenario, &row).expect("a camera on a poor signal starves the shop");
    let given = row.lte_given.expect("it was on LTE");
    assert!(
        matches!(found, Starvation { direction: Direction::Up, class: "cctv_substream_view", .. }),
        "{found:?}"
    );
    assert!(
        found.fits_without && found.offered > given.0 && found.offered.0 - found.class_rate.0 <= given.0.0
    );
    assert!(row.attempts.sent > 5 && row.attempts.in_time * 2 < row.attempts.sent, "{:?}", row.attempts);
    let blocked = "formats.mall_specialty.traffic.cctv_substream_view.lte=block";
    let (scenario, restored) = starved(&[FIFO, blocked]);
    assert_eq!(starvation(&scenario, &restored), None);
    assert!(restored.attempts.sent > 5);
    assert_eq!(restored.attempts.sent, restored.attempts.in_time);
}
