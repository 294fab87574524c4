//! Parts of a run, and what `tinsel merge` makes of them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Printed, entries, place, run};

/// Everything that has rows of its own: a centre, a finite service with online orders, some of which it loses, shared faults, a
/// carrier's bad day.
const EVERYTHING: &[&str] = &[
    "scenarios/north-pole.toml",
    "--replications=7",
    "--set=noc.enabled=true",
    "--set=faults.holiday=true",
    "--set=services.processor.servers=2",
    "--set=services.processor.queue_limit=4",
    "--set=online.orders_per_day=90000",
    "--overlay=scenarios/incidents/att-2024-02-22.toml",
    "--at=2019-12-20 11:00 local",
    "--no-charts",
];

/// Replications that do not all stand for the same.
const STRATA: &[&str] =
    &["scenarios/small-chain.toml", "--replications=9", "--set=faults.sampling=\"strata\"", "--no-charts"];

const SMALL: &[&str] = &["scenarios/north-pole.toml", "--replications=4", "--no-charts"];

/// Runs `arguments` into `out`, with `more` of them.
fn run_into(out: &Path, arguments: &[&str], more: &[&str]) -> Printed {
    let out = format!("--out={}", out.display());
    run(["run", &out, "--quiet"].iter().chain(arguments).chain(more))
}

/// The parts of a run, in a directory of their own.
fn parts(arguments: &[&str], count: usize) -> (TempDir, Vec<PathBuf>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let part = |index: usize| {
        let out = directory.path().join(format!("part-{index}"));
        let which = [format!("--shard-index={index}"), format!("--shard-count={count}")];
        let printed = run_into(&out, arguments, &[&which[0], &which[1]]);
        assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
        out
    };
    let parts = (0..count).map(part).collect();
    (directory, parts)
}

fn merge(out: &Path, parts: &[PathBuf]) -> Printed {
    let out = format!("--out={}", out.display());
    run(["merge", "--quiet", &out].into_iter().map(PathBuf::from).chain(parts.iter().cloned()))
}

/// Every file below both directories is the same, but for how the runs went.
fn assert_same(one: &Path, other: &Path) {
    let files = entries(one);
    assert_eq!(files, entries(other));
    for file in files.iter().filter(|file| *file != "run-info.json") {
        let (left, right) = (one.join(file), other.join(file));
        if left.is_dir() {
            assert_same(&left, &right);
            continue;
        }
        let [left, right] = [left, right].map(|path| fs::read(path).expect("a file"));
        assert!(left == right, "{file} differs");
    }
}

#[test]
fn three_parts_merged_are_one_run_byte_for_byte() {
    let with_charts: &[&str] = &["scenarios/north-pole.toml", "--replications=4"];
    for (arguments, count) in [(EVERYTHING, 3), (with_charts, 3), (STRATA, 3), (SMALL, 6)] {
        let (directory, mut parts) = parts(arguments, count);
        let [whole, merged] = ["whole", "merged"].map(|name| directory.path().join(name));
        assert_eq!(run_into(&whole, arguments, &[]).code, Some(0));
        // The order in which they are named does not matter.
        parts.rotate_left(1);
        let printed = merge(&merged, &parts);
        assert_eq!((printed.code, printed.err.as_str(), printed.out.as_str()), (Some(0), "", ""));
        assert_same(&whole, &merged);
        assert_eq!(whole.join("replications.csv").exists(), arguments == STRATA, "weights");
        let rows = fs::read_to_string(whole.join("incidents.csv")).expect("a table").lines().count();
        assert!(rows > 1 || count == 6, "something must have happened");
    }
}

#[test]
fn merged_results_are_told_as_those_of_a_run() {
    let (directory, parts) = parts(SMALL, 2);
    let out = directory.path().join("merged").display().to_string();
    let [one, two] = [&parts[0], &parts[1]].map(|part| part.display().to_string());
    let printed = run(["merge", &one, &two, "--out", &out, "--json"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    let summary: serde_json::Value = serde_json::from_str(&printed.out).expect("JSON");
    assert_eq!(summary["replications"], 4);
}

#[test]
fn parts_that_do_not_make_a_run_are_refused_with_5() {
    let (directory, parts) = parts(SMALL, 3);
    let out = directory.path().join("merged");
    let refused = |chosen: &[PathBuf], words: &[&str]| {
        let printed = merge(&out, chosen);
        assert_eq!((printed.code, printed.out.as_str()), (Some(5), ""), "{}", printed.err);
        assert!(words.iter().all(|word| printed.err.contains(word)), "{words:?}: {}", printed.err);
        assert!(!out.exists());
    };
    refused(&parts[..2], &["of 3 parts, 2 is missing"]);
    refused(&parts[2..], &["0, 1 are missing"]);
    refused(
        &[parts[0].clone(), parts[1].clone(), parts[1].clone(), parts[2].clone()],
        &["part 1 is there twice"],
    );
    let foreign = directory.path().join("foreign");
    let which = ["--shard-index=2", "--shard-count=3"];
    for (more, word) in [("--seed=9", "seed"), ("--set=payments.timeout=\"40 s\"", "payments.timeout")] {
        assert_eq!(run_into(&foreign, SMALL, &[which[0], which[1], more]).code, Some(0));
        refused(&[parts[0].clone(), parts[1].clone(), foreign.clone()], &["another run", word]);
    }
    assert_eq!(run_into(&foreign, SMALL, &[]).code, Some(0));
    refused(&[parts[0].clone(), parts[1].clone(), foreign], &["holds the results of a whole run"]);
    let lines = parts[1].join("replications.jsonl");
    let text = fs::read_to_string(&lines).expect("written");
    fs::write(&lines, text.replacen("\"replication\":1", "\"replication\":2", 1)).expect("writable");
    refused(&parts, &["part-1", "was changed after the run"]);
}

#[test]
fn a_part_needs_its_number_and_says_where_it_is() {
    let (_directory, out) = place();
    for more in [&["--shard-index=0"][..], &["--shard-count=2"], &["--shard-index=2", "--shard-count=2"]] {
        let printed = run_into(&out, SMALL, more);
        assert_eq!(printed.code, Some(2), "{}", printed.err);
    }
    let path = format!("--out={}", out.display());
    let mut words = vec!["run", &path, "--shard-index=1", "--shard-count=3"];
    words.extend(SMALL);
    let printed = run(words);
    assert!(printed.out.starts_with("part 1 of 3: 1 of 4 replications in "), "{}", printed.out);
}
