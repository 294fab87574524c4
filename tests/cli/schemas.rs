//! What the commands write is as the JSON Schemas that `tinsel schema` prints.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::validator::{problems, schema};
use super::{place, run};

const NORTH_POLE: &str = "scenarios/north-pole.toml";

/// Each file of `out` is as the schema beside it says, which is the one that is printed under its name.
fn assert_valid(out: &Path, files: &[(&str, &str)]) {
    for (file, document) in files {
        let committed = schema(&format!("{document}.schema.json"));
        let printed: Value = serde_json::from_str(&run(["schema", document]).out).expect("a schema");
        assert!(printed == committed, "tinsel schema {document}");
        let text = fs::read_to_string(out.join(file)).expect("written");
        let found = problems(&committed, &committed, &serde_json::from_str(&text).expect("JSON"), "");
        assert!(found.is_empty(), "{file} or the schema {document} has changed: {found:#?}");
    }
}

/// Runs a command and holds what it wrote to the schemas.
fn check(arguments: &[&str], files: &[(&str, &str)]) {
    let (_directory, out) = place();
    let out_option = format!("--out={}", out.display());
    let printed = run(arguments.iter().copied().chain([out_option.as_str(), "--quiet"]));
    assert_eq!(printed.code, Some(0), "{arguments:?}: {}", printed.err);
    assert_valid(&out, files);
    assert_valid(&out, &[("manifest.json", "manifest")]);
}

#[test]
fn runs_and_shards_are_as_their_schemas_say() {
    let summary = [("summary.json", "summary")];
    let conditions = "--set=thresholds={\"verdict.lost_sales_network\"=[\"mean < $1000000\"]}";
    check(&["run", NORTH_POLE, "--replications=4", "--no-charts", conditions], &summary);
    check(&["run", NORTH_POLE, "--replications=1", "--no-charts"], &summary);
    check(&["run", NORTH_POLE, "--replications=4", "--no-charts", "--shard-index=0", "--shard-count=2"], &[]);
}

#[test]
fn drills_are_as_their_schema_says() {
    let usual = ["drill", "--replications=2", "--at=2019-12-20 11:00"];
    let summary = [("summary.json", "drill-summary")];
    for more in [
        [NORTH_POLE, "--fault=primary-blackhole", "--together"],
        [NORTH_POLE, "--fault=router", "--each-alone"],
    ] {
        check(&[&usual[..], &more].concat(), &summary);
    }
    // Stores that are starved, and one replication, which has no interval.
    let mall = ["drill", "scenarios/packed-mall.toml", "--replications=1", "--at=2019-11-29 14:00"];
    check(&[&mall[..], &["--fault=primary-blackhole", "--together"]].concat(), &summary);
}

#[test]
fn sizings_are_as_their_schema_says() {
    let usual = [
        "size",
        "scenarios/sizing.toml",
        "--no-charts",
        "--set=fleet.generate.stores=6",
        "--set=sizing.draws=2",
        "--set=sizing.search_replications=20",
        "--set=sizing.verify_replications=2",
    ];
    let targets = [
        "--set=sizing.mode=targets",
        "--set=sizing.target=[{metric=\"dark-hours\",at_most=1000000,tolerance=\"100 %\"}]",
    ];
    for more in [&["--set=sizing.budget=\"$1500\""][..], &targets] {
        check(&[&usual[..], more].concat(), &[("summary.json", "size-summary")]);
    }
}

#[test]
fn comparisons_sweeps_and_uncertain_inputs_are_as_their_schemas_say() {
    let comparison = ["compare", NORTH_POLE, "--set-b=payments.retries=0", "--replications=4"];
    check(&comparison, &[("comparison.json", "comparison")]);
    let sweep = ["sweep", NORTH_POLE, "--vary=payments.timeout=[15 s, 30 s]"];
    for more in [
        // One replication has no interval; a quantile of failovers that were not made is not there.
        &["--replications=1", "--metric=failover.failover_latency_p95"][..],
        &["--replications=2", "--vary=payments.retries=[0, 1]", "--where=payments.retries == 0"],
    ] {
        check(&[&sweep[..], more].concat(), &[("sweep.json", "sweep")]);
    }
    let inputs = ["uncertainty", "scenarios/sizing.toml", "--set=fleet.generate.stores=4", "--no-charts"];
    for more in [
        &["--replications=2", "--samples=4", "--target=<= $5000"][..],
        &["--replications=4", "--samples=0"],
        &["--replications=2", "--samples=20"],
    ] {
        check(&[&inputs[..], more].concat(), &[("uncertainty.json", "uncertainty")]);
    }
}
