//! The tables, the terminal summary and the data dictionary against committed files.

use std::fs;
use std::path::{Path, PathBuf};

use tinsel::report::Summary;
use tinsel::units::Span;

use super::{TABLES, meta, synthetic, written};

/// Fails when `actual` is not what the committed file holds; rewrites it when asked to.
fn check(committed: &Path, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(committed);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} is stale; UPDATE_GOLDEN=1 cargo test --test report rewrites it. First difference: {:?}",
        committed.display(),
        expected.lines().zip(actual.lines()).find(|(expected, actual)| expected != actual)
    );
}

fn golden(name: &str) -> PathBuf {
    Path::new("tests/golden/report").join(name)
}

#[test]
fn every_table_is_as_committed() {
    let mut scenario = synthetic::scenario("Small chain, Thanksgiving 2019", 4, 2, 2);
    scenario.interval = Span::from_secs(6 * 3_600);
    let mut result = synthetic::result(&scenario);
    synthetic::add_odd_incidents(&mut result);
    let (_root, place) = written(&scenario, &result, TABLES);
    for name in [
        "stores.csv",
        "stores_daily.csv",
        "incidents.csv",
        "failover_curves.csv",
        "timeline.csv",
        "cells.csv",
        "cells_timeline.csv",
        "attribution.csv",
        "carriers.csv",
        "summary.json",
        "manifest.json",
    ] {
        check(&golden(name), &fs::read_to_string(place.join(name)).unwrap());
    }
}

#[test]
fn the_terminal_summary_is_as_committed() {
    let one = synthetic::scenario("Small chain, Thanksgiving 2019", 40, 5, 1);
    let text = Summary::new(&one, &synthetic::result(&one)).to_terminal(false, &meta());
    check(&golden("summary-1-replication.txt"), &text);
    let twenty = synthetic::scenario("Small chain, Thanksgiving 2019", 40, 5, 20);
    let text = Summary::new(&twenty, &synthetic::result(&twenty)).to_terminal(false, &meta());
    check(&golden("summary-20-replications.txt"), &text);
}

#[test]
fn the_data_dictionary_is_fresh() {
    check(Path::new("docs/data-dictionary.md"), &tinsel::report::data_dictionary());
}

/// The columns that are promised to readers of the files, in their order.
#[test]
fn headings_keep_the_contract() {
    let stores = "replication,store_id,format,region,market,timezone,lat,lon,wan_provider,lte_carrier,customers,served,\
        balked,reneged,unpaid,inside,payments,authorized,authorized_offline,declined,payments_lost,pending,payment_p50_ms,\
        payment_p99_ms,queue_wait_p95_s,failovers,false_failovers,failbacks,dark_s,lte_s,service_gap_s,service_gap_open_s,\
        lte_mb,sales_usd,lost_sales_usd,lost_sales_network_usd";
    let incidents = "replication,store_id,incident_id,fault_id,kind,uplink,cause,scope,signature,format,profile,standby,\
        topology,carrier,wan_provider,cell,open_at_fault,fault_local,fault_s,detected_s,backup_ready_s,failover_s,\
        repaired_s,recovery_detected_s,failback_s,resync_done_s,detection_latency_s,bringup_latency_s,failover_latency_s,\
        failback_latency_s,service_gap_s,remedy,payments_lost,lost_sales_usd,censored";
    let daily = format!("{},gap_over_5min", stores.replace("store_id,", "store_id,date,"));
    for (name, contract) in
        [("stores.csv", stores), ("stores_daily.csv", daily.as_str()), ("incidents.csv", incidents)]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(golden(name));
        let heading = fs::read_to_string(path).unwrap();
        assert!(heading.starts_with(contract), "{name}: columns may only be added at the end");
    }
}
