//! What a store says of itself in the fleet file instead of its format or of `[lte.latent]`: offline authorization, traffic that stays
//! off LTE, tests of its backup. All stores saying it is the format or the table saying it, to the byte.

use tinsel::simulation::result::ReplicationResult;

use super::lab::{outcome, scenario_file};

/// Twelve shops on cable with LTE behind it, many faults, some of their backups dead; two days. `columns` are names and cells.
fn run(columns: &[(&str, &str)], tables: &str) -> Vec<ReplicationResult> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let names: String = columns.iter().map(|(name, _)| format!(",{name}")).collect();
    let cells: String = columns.iter().map(|(_, cell)| format!(",{cell}")).collect();
    let rows: String =
        (1..=12).map(|number| format!("S{number:02},mall_specialty,America/Chicago{cells}\n")).collect();
    let fleet = format!("id,format,timezone{names}\n{rows}");
    let text = format!(
        r#"
        [scenario]
        name = "columns"
        seed = 12
        replications = 1
        first_day = 2019-11-29
        last_day = 2019-11-30
        [fleet]
        file = "fleet.csv"
        [fleet.draw]
        technology = "cable"
        topology = "in-router"
        profile = "fortinet-sdwan"
        [technologies.cable]
        fault_multiplier = 400
        [carriers.att]
        bandwidth = "1.4 MHz"
        [lte.latent]
        rate_per_year = 60
        repair = "1 h"
        {tables}
        "#
    );
    let file = directory.path().join("columns.toml");
    std::fs::write(directory.path().join("fleet.csv"), fleet).expect("a fleet file");
    std::fs::write(&file, text).expect("a scenario file");
    outcome(&scenario_file(&file, &[])).replications
}

fn same(left: &[ReplicationResult], right: &[ReplicationResult]) -> bool {
    let all = |runs: &[ReplicationResult]| {
        let one = |run: &ReplicationResult| {
            format!("{:?}{:?}{:?}{:?}", run.stores, run.days, run.incidents, run.losses)
        };
        runs.iter().map(one).collect::<String>()
    };
    all(left) == all(right)
}

#[test]
fn a_store_has_its_own_floor_limit() {
    let format = |enabled| {
        format!(
            "[formats.mall_specialty.offline]\nenabled = {enabled}\nfloor_limit = \"$80\"\ncount_max = 9\n"
        )
    };
    let (on, off) = (format(true), format(false));
    let (accepting, refusing) = (run(&[], &on), run(&[], &off));
    assert!(!same(&accepting, &refusing), "nothing was approved offline");
    assert!(!same(&accepting, &run(&[], "")), "as shipped, something is approved offline");
    for floor in ["80", "$80"] {
        assert!(same(&accepting, &run(&[("offline_floor", floor)], &off)), "{floor}");
    }
    assert!(same(&accepting, &run(&[("offline_floor", "")], &on)), "an empty cell says nothing");
    assert!(same(&refusing, &run(&[("offline_floor", "0")], &on)), "nothing is accepted");
}

#[test]
fn a_store_keeps_traffic_off_lte() {
    let classes = ["cctv_substream_view", "guest_wifi"];
    let allowed =
        classes.map(|class| format!("[formats.mall_specialty.traffic.{class}]\nlte = \"allow\"\n")).concat();
    let blocked =
        classes.map(|class| format!("[formats.mall_specialty.traffic.{class}]\nlte = \"block\"\n")).concat();
    let by_format = run(&[], &blocked);
    assert!(same(&by_format, &run(&[("lte_block", "guest_wifi cctv_substream_view")], &allowed)));
    let all = run(&[], &allowed);
    assert!(!same(&by_format, &all), "it made no difference");
    assert!(same(&all, &run(&[("lte_block", "none")], &allowed)));
}

#[test]
fn a_store_tests_its_backup_as_often_as_it_says() {
    let often = run(&[], "test_interval = \"1 days\"\n");
    assert!(same(&often, &run(&[("backup_test", "1")], "test_interval = \"300 days\"\n")));
    assert!(!same(&often, &run(&[], "test_interval = \"300 days\"\n")), "no backup was dead");
}
