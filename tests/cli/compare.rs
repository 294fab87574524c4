//! `tinsel compare`: two designs under the same draws.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Printed, place, run};

/// Compares the small chain with itself under another detector, with `more` arguments.
fn detectors(out: &Path, more: &[&str]) -> Printed {
    let out = format!("--out={}", out.display());
    let usual = ["compare", "scenarios/small-chain.toml", "--set-b=fleet.draw.profile=\"bfd-300x3\"", &out];
    run(usual.iter().chain(more))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("written")).expect("JSON")
}

fn row<'v>(comparison: &'v Value, group: &str, metric: &str) -> &'v Value {
    let mine = |row: &&Value| {
        row["grouping"].is_null() && row["day"].is_null() && row["group"] == group && row["metric"] == metric
    };
    comparison["rows"].as_array().expect("rows").iter().find(mine).expect("a row")
}

/// Designs that differ in the detector see the same customers, and common draws are worth at least five times the replications.
#[test]
fn detectors_differ_and_customers_do_not() {
    let (_directory, out) = place();
    let printed = detectors(&out, &["--replications=40"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert!(printed.out.contains("Common draws: runs apart would need"), "{}", printed.out);
    assert!(printed.out.contains("Sales lost, by region") && printed.out.contains("Sales lost, by format"));
    let comparison = read(&out.join("comparison.json"));
    let customers = row(&comparison, "customers", "customers");
    assert_eq!(customers["first"], customers["second"]);
    let zero = serde_json::json!({ "estimate": 0.0, "low": 0.0, "high": 0.0 });
    assert_eq!(customers["difference"], zero);
    for (group, metric) in [("customers", "lost_sales"), ("verdict", "lost_sales_network")] {
        let reduction = row(&comparison, group, metric)["variance_reduction"].as_f64().expect("it varies");
        assert!(reduction >= 5.0, "{metric}: {reduction}");
    }
    let failovers = &row(&comparison, "failover", "incidents_failover")["difference"];
    assert!(failovers["low"].as_f64() > Some(0.0), "a detector that sees more fails over more: {failovers}");
    let table = fs::read_to_string(out.join("comparison.csv")).expect("a table");
    let rows = comparison["rows"].as_array().expect("rows").len();
    assert_eq!(table.lines().count(), rows + 1);
    assert!(table.contains("\nregion,OH,verdict,lost_sales_network,,USD,"));
    let verified = run(["verify", &out.display().to_string()]);
    assert_eq!((verified.code, verified.err.as_str()), (Some(0), ""), "{}", verified.out);
}

#[test]
fn a_design_is_equal_to_itself() {
    let (_directory, out) = place();
    let out = format!("--out={}", out.display());
    let printed = run([
        "compare",
        "scenarios/north-pole.toml",
        "scenarios/north-pole.toml",
        "--replications=3",
        "--json",
        &out,
    ]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    let comparison: Value = serde_json::from_str(&printed.out).expect("JSON");
    for row in comparison["rows"].as_array().expect("rows") {
        assert_eq!(row["first"], row["second"]);
        let difference = &row["difference"]["estimate"];
        assert!(difference.is_null() || *difference == 0.0, "{row}");
    }
}

#[test]
fn what_cannot_be_paired_is_refused_before_anything_is_run() {
    let (directory, out) = place();
    for (differ, what) in [
        ("scenario.seed=7", "seed"),
        ("scenario.replications=7", "replications"),
        ("scenario.last_day=\"2019-12-03\"", "simulates"),
        ("scenario.currency=\"EUR\"", "counts"),
        (
            "faults.sampling=\"strata\"",
            "the first draws shared faults in strata, the second as they come (plain)",
        ),
        ("faults.boost=2", "the first draws shared faults 2 times as often (boost), the second as they come"),
    ] {
        let printed = detectors(&out, &["--set-a", differ]);
        assert_eq!((printed.code, printed.out.as_str()), (Some(2), ""), "{differ}: {}", printed.err);
        assert!(
            printed.err.contains("failed to pair the two runs") && printed.err.contains(what),
            "{}",
            printed.err
        );
    }
    // Both in strata, but one knows no regional faults.
    let off = [
        "--set-a=faults.causes.market_fibre_cut.enabled=false",
        "--set-a=faults.causes.store_power_major.enabled=false",
    ];
    let strata = ["--set=faults.sampling=\"strata\""];
    let printed = detectors(&out, &[off.as_slice(), strata.as_slice()].concat());
    assert_eq!(printed.code, Some(2), "{}", printed.err);
    assert!(printed.err.contains("the first has strata none, "), "{}", printed.err);
    let printed = run(["compare", "scenarios/north-pole.toml"]);
    assert_eq!(printed.code, Some(2), "nothing to compare it with");
    assert!(fs::read_dir(directory.path()).expect("a directory").next().is_none());
}
