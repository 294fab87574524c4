//! `tinsel drill`: one forced fault at every store.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::transcripts::transcript;
use super::{Printed, assert_golden, entries, place, run};

const AT: &str = "2019-12-20 11:00 local";

/// Drills one replication of the small shipped scenario into `out`, with `more` arguments.
fn north_pole(out: &Path, more: &[&str]) -> Printed {
    let out = out.display().to_string();
    let usual = ["drill", "scenarios/north-pole.toml", "--replications", "2", "--out", out.as_str()];
    run(usual.iter().chain(more))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_drill_prints_what_a_planner_asks() {
    for (extent, golden) in
        [("--together", "drill-north-pole"), ("--each-alone", "drill-north-pole-each-alone")]
    {
        let (_directory, out) = place();
        let mut printed = north_pole(&out, &["--fault", "primary-blackhole", "--at", AT, extent]);
        printed.out = printed.out.replace(&out.display().to_string(), "results/north-pole-drill");
        let typed = format!(
            "tinsel drill scenarios/north-pole.toml --replications 2 --fault primary-blackhole --at \"{AT}\" {extent}"
        );
        assert_golden(&format!("tests/golden/cli/{golden}.txt"), &transcript(&typed, &printed));
        let mut files = entries(&out);
        files.sort();
        assert_eq!(files, ["drill.csv", "manifest.json", "report.html", "run-info.json", "summary.json"]);
    }
}

#[test]
fn every_store_has_a_row_and_the_summary_is_of_the_rows() {
    let (_directory, out) = place();
    let printed = north_pole(&out, &["--fault", "primary-carrier-lost", "--at", AT, "--together", "--json"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    let summary = json(&printed.out);
    assert_eq!(summary, json(&fs::read_to_string(out.join("summary.json")).expect("results")));
    let mut table = csv::Reader::from_path(out.join("drill.csv")).expect("a table");
    let heading = table.headers().expect("a heading").clone();
    let position = |name: &str| heading.iter().position(|column| column == name).expect(name);
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 2 * 5);
    let sum = |name: &str| {
        rows.iter().map(|row| row[position(name)].parse::<f64>().expect("a number")).sum::<f64>()
    };
    assert_eq!(summary["backup"]["attempts"].as_f64(), Some(sum("backup_attempts")));
    let mean = summary["per_replication"]["payments_lost"]["mean"].as_f64().expect("a number");
    assert!((mean * 2.0 - sum("payments_lost")).abs() < 1e-6);
    let moved = rows.iter().filter(|row| !row[position("failover_latency_s")].is_empty()).count();
    assert_eq!(summary["stages"]["failover"]["rows"], moved);
    for row in rows.iter().filter(|row| !row[position("failover_latency_s")].is_empty()) {
        let value = |name: &str| row[position(name)].parse::<f64>().expect("a number");
        let stages = value("detection_latency_s") + value("bringup_latency_s") + value("switch_latency_s");
        assert!((stages - value("failover_latency_s")).abs() < 1e-5, "the stages make up the whole");
    }
}

#[test]
fn the_manifest_says_what_was_drilled() {
    let (_directory, out) = place();
    let extent = ["--fault", "router", "--at", AT, "--duration", "10 min", "--each-alone", "--quiet"];
    let printed = north_pole(&out, &extent);
    assert_eq!((printed.code, printed.out.as_str(), printed.err.as_str()), (Some(0), "", ""));
    let manifest = json(&fs::read_to_string(out.join("manifest.json")).expect("results"));
    let settings = manifest["settings"].as_array().expect("a list");
    let value = |path: &str| &settings.iter().find(|setting| setting["path"] == path).expect(path)["value"];
    assert_eq!(value("drill.fault"), "router");
    assert_eq!(value("drill.at"), AT);
    assert_eq!(value("drill.duration"), "10 min");
    assert_eq!(value("drill.extent"), "each-alone");
    assert_eq!(value("faults.enabled"), "false");
    assert_eq!(value("faults.scheduled[0].scope"), "router");
}

#[test]
fn neither_threads_nor_grid_change_a_byte() {
    for extent in ["--together", "--each-alone"] {
        let manifest = |more: [&str; 2]| {
            let (_directory, out) = place();
            let arguments = ["--fault", "primary-blackhole", "--at", AT, extent, "--quiet", more[0], more[1]];
            assert_eq!(north_pole(&out, &arguments).code, Some(0));
            fs::read_to_string(out.join("manifest.json")).expect("results")
        };
        let one = manifest(["--threads", "1"]);
        assert_eq!(one, manifest(["--threads", "3"]));
        assert_eq!(one, manifest(["--grid", "every"]));
    }
}

/// `local` is what one means without saying so; a zone makes one instant for all.
#[test]
fn an_instant_is_local_or_in_a_zone() {
    let first_onset = |at: &str| {
        let (_directory, out) = place();
        let printed = north_pole(&out, &["--fault", "router", "--at", at, "--together", "--quiet"]);
        assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""), "{at}");
        let table = fs::read_to_string(out.join("drill.csv")).expect("results");
        table.split(',').find(|cell| cell.starts_with("2019-12-20T")).expect("an onset").to_owned()
    };
    assert_eq!(first_onset("2019-12-20 11:00"), first_onset(AT));
    // Alaska is nine hours behind.
    assert_eq!(first_onset("2019-12-20 20:00 UTC"), first_onset(AT));
}

#[test]
fn what_is_wrong_is_said_with_the_usual_codes() {
    let (_directory, out) = place();
    let wrong: [(&[&str], i32, &str); 7] = [
        (&["--fault", "router", "--at", AT], 2, "--each-alone"),
        (&["--fault", "router", "--at", AT, "--together", "--each-alone"], 2, "cannot be used with"),
        (&["--fault", "moon", "--at", AT, "--together"], 2, "primary-blackhole"),
        (&["--fault", "router", "--at", "noon", "--together"], 2, "2019-11-29 14:00 local"),
        (&["--fault", "router", "--at", "2019-12-24 11:00 local", "--together"], 2, "2019-12-20"),
        (&["--fault", "router", "--at", "2019-12-20 25:00", "--together"], 3, "local date and time"),
        (&["--fault", "router", "--at", AT, "--together", "--duration", "0 s"], 3, "lasts no time"),
    ];
    for (arguments, code, word) in wrong {
        let printed = north_pole(&out, arguments);
        assert_eq!((printed.code, printed.out.as_str()), (Some(code), ""), "{arguments:?}: {}", printed.err);
        assert!(printed.err.contains(word), "{arguments:?}: {}", printed.err);
        assert!(!out.exists(), "nothing is written");
    }
}
