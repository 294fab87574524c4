//! What a planner sees, as committed transcripts.

use super::{Printed, assert_golden, place, run};

/// The transcript of a command: what was typed, what came, and the exit code.
pub(super) fn transcript(typed: &str, printed: &Printed) -> String {
    let mut text = format!("$ {typed}\n{}", printed.out);
    if !printed.err.is_empty() {
        text += &format!("-- standard error --\n{}", printed.err);
    }
    text + &format!("-- exit code {} --\n", printed.code.expect("it ended by itself"))
}

#[test]
fn a_run_prints_what_a_planner_asks() {
    let (_directory, out) = place();
    let path = out.display().to_string();
    let mut printed = run(["run", "scenarios/north-pole.toml", "--out", &path]);
    // How fast it was differs from run to run, and where the results are from machine to machine.
    let lines = printed.out.lines().filter(|line| !line.contains("peak memory"));
    printed.out = lines.map(|line| line.replace(&path, "results/north-pole") + "\n").collect();
    let typed = "tinsel run scenarios/north-pole.toml";
    assert_golden("tests/golden/cli/run-north-pole.txt", &transcript(typed, &printed));
}

#[test]
fn a_run_says_how_fast_it_was() {
    let (_directory, out) = place();
    let path = out.display().to_string();
    // Long enough to take more than one tick of the system's clock of CPU time.
    let printed =
        run(["run", "scenarios/small-chain.toml", "--replications", "1", "--no-charts", "--out", &path]);
    let speed = printed.out.lines().find(|line| line.contains("customers per second per core"));
    let speed = speed.expect("the line of speed");
    assert!(speed.contains("µs of CPU per customer") && speed.contains("peak memory"), "{speed}");
}

#[test]
fn one_replication_says_that_it_is_no_forecast() {
    let (_directory, out) = place();
    let printed = super::north_pole(&out, &[]);
    assert!(printed.out.contains("not a forecast"), "{}", printed.out);
}

#[test]
fn check_prints_what_it_found() {
    for (name, scenario) in [
        ("check-north-pole", "scenarios/north-pole.toml"),
        ("check-small-chain", "scenarios/small-chain.toml"),
        ("check-misspelt-key", "tests/broken/02-misspelt-key.toml"),
        ("check-everything-at-once", "tests/broken/39-everything-at-once.toml"),
    ] {
        let printed = run(["check", scenario]);
        let typed = format!("tinsel check {scenario}");
        assert_golden(&format!("tests/golden/cli/{name}.txt"), &transcript(&typed, &printed));
    }
}
