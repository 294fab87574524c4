//! `tinsel explain`: that its money adds up to what the tables say, that a chain is in order, and what it looks like.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::transcripts::transcript;
use super::{assert_golden, place, run};

/// Five shops, a trench, an operations centre, online orders at a service that is too small.
fn written(more: &[&str]) -> (TempDir, PathBuf) {
    let (directory, out) = place();
    let path = out.display().to_string();
    let usual = ["run", "scenarios/north-pole.toml", "--no-charts", "--no-report", "--quiet", "--out", &path];
    let printed = run(usual.iter().chain(more));
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    (directory, out)
}

fn explained(out: &Path, more: &[&str]) -> Value {
    let path = out.display().to_string();
    let printed = run(["explain", &path, "--json"].iter().chain(more));
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    serde_json::from_str(&printed.out).expect("JSON")
}

/// Rows of a table, by column.
fn table(out: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(out.join(name)).expect("a table");
    let headings: Vec<String> = reader.headers().expect("headings").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| headings.iter().cloned().zip(row.iter().map(str::to_owned)).collect()).collect()
}

fn sum(
    rows: &[BTreeMap<String, String>],
    column: &str,
    wanted: impl Fn(&BTreeMap<String, String>) -> bool,
) -> f64 {
    rows.iter().filter(|row| wanted(row)).map(|row| row[column].parse::<f64>().expect("a number")).sum()
}

const BUSY: &[&str] = &[
    "--replications=5",
    "--set=noc.enabled=true",
    "--set=services.processor.servers=2",
    "--set=services.processor.queue_limit=4",
    "--set=online.orders_per_day=90000",
];

#[test]
fn every_way_to_take_the_money_apart_adds_up_to_the_tables() {
    let (_directory, out) = written(BUSY);
    let json = explained(&out, &[]);
    let stores = sum(&table(&out, "stores.csv"), "lost_sales_network_usd", |_| true) / 5.0;
    let online = sum(&table(&out, "services.csv"), "online_lost_sales_usd", |_| true) / 5.0;
    assert!(stores > 0.0 && online > 0.0, "{stores} and {online}");
    for (whose, wanted) in [("stores", stores), ("online", online)] {
        let near = |found: f64| (found - wanted).abs() < 0.005 * 5.0;
        let total = json[whose]["lost_sales"]["estimate"].as_f64().expect("a number");
        assert!(near(total), "{whose}: {total} and {wanted}");
        for way in ["by_cause", "by_stage", "by_remedy", "parts"] {
            let parts = json[whose][way].as_array().expect("a list");
            let number = |part: &Value, key: &str| part[key]["estimate"].as_f64().unwrap_or(0.0);
            let sum: f64 = parts.iter().map(|part| number(part, "lost_sales")).sum();
            let shares: f64 = parts.iter().map(|part| number(part, "share")).sum();
            assert!(near(sum) && (shares - 1.0).abs() < 1e-9, "{whose}, {way}: {sum}, {shares}");
            let falling =
                parts.windows(2).all(|two| number(&two[0], "lost_sales") >= number(&two[1], "lost_sales"));
            assert!(falling, "{whose}, {way}: the largest comes first");
        }
    }
    // With several replications there are intervals, with one there are none.
    assert!(json["stores"]["lost_sales"]["low"].is_number());
    let (_directory, one) = written(&["--replications=1"]);
    assert!(explained(&one, &[])["stores"]["lost_sales"]["low"].is_null());
}

#[test]
fn a_store_is_told_as_the_tables_have_it() {
    let (_directory, out) = written(BUSY);
    let json = explained(&out, &["--store", "sled-works"]);
    let lost: Vec<f64> = json["by_replication"]["lost_sales_network_usd"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|value| value.as_f64().expect("a number"))
        .collect();
    let stores = table(&out, "stores.csv");
    for (replication, lost) in lost.iter().enumerate() {
        let here = |row: &BTreeMap<String, String>| {
            row["store_id"] == "sled-works" && row["replication"] == replication.to_string()
        };
        assert_eq!(*lost, sum(&stores, "lost_sales_network_usd", here));
    }
    let shown = json["replication"].as_u64().expect("a number") as usize;
    assert!(lost.iter().all(|other| *other <= lost[shown]), "the dearest replication is shown");
    let incidents = json["incidents"].as_array().expect("a list");
    let rows = table(&out, "incidents.csv");
    let of_store = rows
        .iter()
        .filter(|row| row["store_id"] == "sled-works" && row["replication"] == shown.to_string())
        .count();
    assert_eq!(incidents.len(), of_store);
    assert!(of_store > 0);
    for incident in incidents {
        let steps = incident["steps"].as_array().expect("a list");
        let at = |step: &Value| step["at_s"].as_f64().expect("a number");
        assert!(steps.windows(2).all(|two| at(&two[0]) <= at(&two[1])), "{steps:#?}");
        assert!(incident["ticket"].is_string(), "a cut fibre has a ticket");
        // Each stage takes what the columns of instants say.
        for step in steps.iter().filter(|step| step["stage"] == "repair") {
            let took = step["took_s"].as_f64().expect("a number");
            let instants = ["repaired_s", "fault_s"].map(|name| incident[name].as_f64().expect("a number"));
            assert_eq!(took, instants[0] - instants[1]);
        }
    }
    let chosen = explained(&out, &["--store", "elf-street", "--replication", "3", "--incident", "1"]);
    assert_eq!(
        (&chosen["replication"], chosen["incidents"].as_array().map(Vec::len)),
        (&Value::from(3), Some(1))
    );
}

#[test]
fn the_same_is_told_of_parquet() {
    let (_one, csv) = written(BUSY);
    let (_other, parquet) = written(&[BUSY, &["--format=parquet"]].concat());
    assert_eq!(explained(&csv, &[]), explained(&parquet, &[]));
    let store = ["--store", "elf-street"];
    assert_eq!(explained(&csv, &store), explained(&parquet, &store));
}

#[test]
fn no_line_is_wider_than_asked_for_and_nothing_is_coloured_off_a_terminal() {
    let (_directory, out) = written(BUSY);
    let path = out.display().to_string();
    for width in ["60", "80", "160"] {
        for more in [&[][..], &["--store", "elf-street"]] {
            let printed = run(["explain", &path, "--width", width].iter().chain(more));
            assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
            assert!(!printed.out.contains('\u{1b}'));
            // Names and sentences are as long as they are; bars and tables are not.
            let limit: usize = width.parse().expect("a number");
            let drawn = |line: &&str| line.starts_with("  ") && (line.contains('█') || line.contains(" %"));
            let widest =
                printed.out.lines().filter(drawn).map(|line| line.chars().count()).max().expect("lines");
            assert!(widest <= limit, "{widest} columns of {width}:\n{}", printed.out);
        }
    }
}

#[test]
fn what_is_not_there_is_said() {
    let (directory, out) = written(&["--replications=2"]);
    let path = out.display().to_string();
    for (more, code, words) in [
        (&["--store", "elf-stret"][..], 2, "did you mean `elf-street`?"),
        (&["--store", "elf-street", "--replication", "2"], 2, "these results have 2, numbered from 0"),
        (&["--store", "elf-street", "--incident", "9"], 2, "has no incident 9 in replication"),
        (&["--incident", "1"], 2, "--store"),
    ] {
        let printed = run(["explain", &path].iter().chain(more));
        assert_eq!((printed.code, printed.out.as_str()), (Some(code), ""), "{more:?}");
        assert!(printed.err.contains(words), "{}", printed.err);
    }
    let empty = directory.path().join("empty");
    fs::create_dir(&empty).expect("creatable");
    let printed = run(["explain", &empty.display().to_string()]);
    assert!(printed.code == Some(1) && printed.err.contains("summary.json"), "{}", printed.err);
    fs::remove_file(out.join("attribution.csv")).expect("it is there");
    let printed = run(["explain", &path]);
    assert!(printed.code == Some(1) && printed.err.contains("attribution.csv"), "{}", printed.err);
}

#[test]
fn explanations_look_as_committed() {
    let (_directory, out) = written(&["--set=noc.enabled=true"]);
    let path = out.display().to_string();
    for (name, more) in [
        ("explain-fleet", &[][..]),
        ("explain-store", &["--store", "elf-street"]),
        ("explain-incident", &["--store", "sled-works", "--replication", "0", "--incident", "1"]),
    ] {
        let printed = run(["explain", &path].iter().chain(more));
        let typed =
            ["tinsel explain results/north-pole"].iter().chain(more).copied().collect::<Vec<_>>().join(" ");
        assert_golden(&format!("tests/golden/cli/{name}.txt"), &transcript(&typed, &printed));
    }
}
