//! `[thresholds]`: what a run is held to.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Printed, place, run, shipped};

/// A file with the small shipped scenario, held to `thresholds`.
fn scenario(directory: &Path, thresholds: &[&str]) -> String {
    let text = fs::read_to_string(shipped("scenarios/north-pole.toml")).expect("a scenario");
    let fleet = shipped("scenarios/data/north_pole.csv");
    let text =
        text.replace("data/north_pole.csv", &fleet) + "\n[thresholds]\n" + &thresholds.join("\n") + "\n";
    let file = directory.join("held.toml");
    fs::write(&file, text).expect("writable");
    file.display().to_string()
}

/// Runs it, all replications.
fn held(directory: &Path, thresholds: &[&str], more: &[&str]) -> Printed {
    let file = scenario(directory, thresholds);
    let out = format!("--out={}", directory.join("run").display());
    let usual = ["run", &file, "--no-charts", "--no-report", &out];
    run(usual.iter().chain(more))
}

#[test]
fn what_is_met_is_0_and_what_is_not_is_99_and_what_is_open_98() {
    let (directory, out) = place();
    let directory = directory.path();
    let good = held(directory, &["failover_latency=[\"p(95) < 10 min\", \"count > 0\"]"], &[]);
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""), "{}", good.out);
    assert!(good.out.contains("Thresholds: pass"), "{}", good.out);
    let bad = held(directory, &["failover_latency=[\"p(95) < 1s\", \"p(95) < 10 min\"]"], &[]);
    assert_eq!(bad.code, Some(99), "{}", bad.out);
    assert_eq!(bad.err, "error: not met: failover_latency: p(95) < 1s\n");
    let summary: Value =
        serde_json::from_slice(&fs::read(out.join("summary.json")).expect("results all the same"))
            .expect("JSON");
    assert_eq!(summary["thresholds_verdict"], "fail");
    assert_eq!(summary["thresholds"][0]["verdict"], "fail");
    assert_eq!(summary["thresholds"][1]["verdict"], "pass");
    let open = held(directory, &["failover_latency=[\"p(95) < 10 min\"]"], &["--replications=1"]);
    assert_eq!(open.code, Some(98), "{}", open.out);
    assert!(open.out.contains("about 19 more replications would tell"), "{}", open.out);
    assert_eq!(run(["verify", &out.display().to_string()]).code, Some(0), "an open verdict is no difference");
}

#[test]
fn what_nothing_can_be_held_to_is_refused_before_the_run() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let directory = directory.path();
    for (threshold, why) in [
        ("failover_latncy=[\"p(95) < 1s\"]", "did you mean `failover_latency_p95`?"),
        ("failover_latency=[\"share < 1 %\"]", "has no such statistic; it has p(50), p(95), p(99), max"),
        ("failover_latency=[\"p(95) < $5\"]", "the limit is not in a unit of `failover_latency_p95`"),
        ("\"failover_latency{format=toy_shp}\"=[\"p(95) < 1s\"]", "did you mean `toy_shop`?"),
    ] {
        let printed = held(directory, &[threshold], &[]);
        assert_eq!((printed.code, printed.out.as_str()), (Some(3), ""), "{threshold}: {}", printed.err);
        assert!(printed.err.contains(why), "{threshold}: {}", printed.err);
        assert_eq!(run(["check", &scenario(directory, &[threshold])]).code, Some(3));
    }
    assert!(!directory.join("run").exists());
}

#[test]
fn a_part_of_the_fleet_is_held_by_itself() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let directory = directory.path();
    let thresholds = [
        "\"failover_latency{format=toy_shop}\"=[\"p(95) < 10 min\"]",
        "failover_latency=[\"p(95) < 10 min\"]",
    ];
    let printed = held(directory, &thresholds, &["--json"]);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    let summary: Value = serde_json::from_str(&printed.out).expect("JSON");
    let [all, part] = [0, 1].map(|at| summary["thresholds"][at]["estimate"].as_f64().expect("measured"));
    assert!((all - part).abs() < 1e-12, "all shops are toy shops");
}

/// The key is near the end of the file, the condition in a few bytes of the command line.
#[test]
fn conditions_on_the_command_line_replace_those_of_the_file() {
    let (directory, _) = place();
    let in_file = ["failover_latency=[\"p(95) < 1s\"]"];
    let instead = "--set=thresholds.failover_latency=[\"p(95) < 10 min\"]";
    let held = held(directory.path(), &in_file, &[instead]);
    assert_eq!((held.code, held.err.as_str()), (Some(0), ""), "{}", held.out);
}
