//! `tinsel baseline` and `tinsel gate`; and the gate of this repository's own scenarios.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{Printed, run};

const SCENARIO: &str = "scenarios/north-pole.toml";

fn baseline(more: &[&str]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("baseline.json");
    let out = format!("--out={}", file.display());
    let printed = run(["baseline", SCENARIO, "--quiet", &out].iter().chain(more));
    assert_eq!((printed.code, printed.out.as_str(), printed.err.as_str()), (Some(0), "", ""));
    (directory, file)
}

fn gate(file: &Path, more: &[&str]) -> Printed {
    let file = format!("--baseline={}", file.display());
    run(["gate", &file, SCENARIO].iter().chain(more))
}

/// What this repository ships is gated: `.ci/run` comes here.
#[test]
fn shipped_scenarios_meet_their_baselines() {
    for (name, scenario) in [
        ("north-pole", "scenarios/north-pole.toml"),
        ("small-chain", "scenarios/small-chain.toml"),
        ("lossy-lines", "scenarios/lab/lossy-lines.toml"),
    ] {
        let file = format!("results/baselines/{name}.json");
        let printed = run(["gate", "--baseline", &file, scenario]);
        assert_eq!(
            printed.code,
            Some(0),
            "{scenario} does not meet {file}:\n{}{}\nif that is meant: tinsel baseline {scenario}",
            printed.out,
            printed.err
        );
    }
}

#[test]
fn what_did_not_change_passes_at_once() {
    let (directory, file) = baseline(&[]);
    let junit = directory.path().join("gate.xml");
    let printed = gate(&file, &["--github", &format!("--junit={}", junit.display())]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert!(
        printed.out.starts_with("PASS: 20 replications, all that is gated the same to the bit\n"),
        "{}",
        printed.out
    );
    assert!(printed.out.contains("::notice title=tinsel gate::pass: "), "{}", printed.out);
    let report = fs::read_to_string(junit).expect("a report");
    assert!(report.contains("failures=\"0\" errors=\"0\""), "{report}");
    // The same bytes from the same run, whatever the threads.
    let text = fs::read(&file).expect("a baseline");
    let (_directory, again) = baseline(&["--threads=1"]);
    assert!(text == fs::read(again).expect("a baseline"));
}

#[test]
fn slower_probes_fail_before_anything_is_run() {
    let (directory, file) = baseline(&[]);
    let junit = directory.path().join("gate.xml");
    let slower = [
        "--set=profiles.peplink-default.interval=5.5 s",
        &format!("--junit={}", junit.display()),
        "--github",
    ];
    let printed = gate(&file, &slower);
    assert_eq!(printed.code, Some(99), "{}{}", printed.out, printed.err);
    assert!(
        printed.out.starts_with("FAIL: closed forms of the timers, margin 5 %; nothing was run\n"),
        "{}",
        printed.out
    );
    assert!(printed.err.contains("worse than the margin: peplink-default over"), "{}", printed.err);
    assert!(printed.out.contains("::error title=tinsel gate::"), "{}", printed.out);
    assert!(fs::read_to_string(junit).expect("a report").contains("<failure type=\"fail\" message=\""));
    // With more allowed it is run, and what happens decides.
    let allowed = gate(&file, &["--set=profiles.peplink-default.interval=5.5 s", "--margin=15 %"]);
    assert!(allowed.code != Some(99) && allowed.out.contains("in pairs"), "{}", allowed.out);
}

/// What no timer says: a modem that takes longer.
#[test]
fn slower_modems_fail_in_pairs_and_faster_ones_pass() {
    let (_directory, file) = baseline(&[]);
    let slower = gate(&file, &["--set=fleet.draw.standby=cold", "--json"]);
    assert_eq!(slower.code, Some(99), "{}{}", slower.out, slower.err);
    let outcome: Value = serde_json::from_str(&slower.out).expect("JSON");
    assert!(outcome["method"].as_str().expect("a text").contains("in pairs"), "{outcome}");
    let line = &outcome["lines"][0];
    assert_eq!(line["verdict"], "fail", "{line}");
    assert!(line["worsening_at_least"].as_f64() > Some(0.05), "{line}");
    let faster = gate(&file, &["--set=fleet.draw.standby=hot"]);
    assert_ne!(faster.code, Some(99), "{}", faster.out);
}

#[test]
fn another_seed_is_judged_beside_and_two_replications_do_not_tell() {
    let (_directory, file) = baseline(&[]);
    let printed = gate(&file, &["--seed=7"]);
    assert!(printed.out.contains("by Welch"), "{}", printed.out);
    assert_ne!(printed.code, Some(99), "{}", printed.out);
    let (_directory, file) = baseline(&["--replications=2"]);
    let printed = gate(&file, &["--seed=7"]);
    assert_eq!(printed.code, Some(98), "{}", printed.out);
    assert!(printed.err.starts_with("error: these replications do not tell: "), "{}", printed.err);
}

/// Stores' attributes that the fleet does not give are drawn by the seed.
#[test]
fn a_seed_that_draws_another_fleet_is_refused() {
    let printed = run([
        "gate",
        "--baseline",
        "results/baselines/small-chain.json",
        "scenarios/small-chain.toml",
        "--seed",
        "5",
    ]);
    assert_eq!(printed.code, Some(2), "{}{}", printed.out, printed.err);
    assert!(printed.err.contains("seed 5 draws other stores than the baseline's seed 25"), "{}", printed.err);
}

#[test]
fn what_is_no_baseline_is_refused() {
    let (directory, file) = baseline(&[]);
    let printed = gate(&file, &["--set=scenario.last_day=2019-12-21"]);
    assert_eq!(printed.code, Some(2), "{}", printed.err);
    assert!(printed.err.contains("it is of another scenario"), "{}", printed.err);
    let other = directory.path().join("other.json");
    for text in ["{", "{}", "{\"tool\":\"tinsel\",\"baseline_version\":99}"] {
        fs::write(&other, text).expect("writable");
        let printed = gate(&other, &[]);
        assert_eq!(printed.code, Some(1), "{text}");
        assert!(printed.err.contains("it is no baseline"), "{}", printed.err);
        let out = format!("--out={}", other.display());
        assert_eq!(
            run(["baseline", SCENARIO, "--quiet", &out]).code,
            Some(1),
            "nothing of others is overwritten"
        );
    }
    assert_eq!(gate(Path::new("no/such/file"), &[]).code, Some(1));
}
