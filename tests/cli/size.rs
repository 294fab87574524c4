//! `tinsel size`: what to buy, for which stores.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Printed, entries, place, run};

/// Sizes the shipped example, smaller and faster, into `out`, with `more` arguments.
fn example(out: &Path, more: &[&str]) -> Printed {
    let out = format!("--out={}", out.display());
    let usual = [
        "size",
        "scenarios/sizing.toml",
        "--set=fleet.generate.stores=12",
        "--set=sizing.draws=3",
        "--set=sizing.budget=\"$1500\"",
        "--set=sizing.search_replications=40",
        "--set=sizing.verify_replications=4",
        &out,
    ];
    run(usual.iter().chain(more))
}

#[test]
fn what_loses_money_in_whole_runs_is_not_bought() {
    let (folder, out) = place();
    // LTE helps every store, but its plan ruins the chain: overage is not in the benefits of single stores.
    let ruinous = r#"[plans.pool]
cap = "1 kB"
pooled = true
overage_per_gb = "$10000"
[items.line]
what = "line"
month = "$12"
plan = "pool"
date = "2026"
origin = "test"
confidence = "J"
[sizing.levers.pooled]
topology = "in-router"
standby = "warm"
items = ["line"]
"#;
    let text = fs::read_to_string("scenarios/sizing.toml").expect("the example");
    let (head, rest) = text.split_once("[sizing.levers.lte]").expect("its levers");
    let (_, tail) = rest.split_once("# What nobody knows exactly").expect("what follows them");
    let file = folder.path().join("ruinous.toml");
    fs::write(&file, format!("{head}{ruinous}#{tail}")).expect("a scenario");
    let (file, out) = (file.display().to_string(), format!("--out={}", out.display()));
    let few =
        ["--set=fleet.generate.stores=6", "--set=sizing.draws=4", "--set=sizing.search_replications=20"];
    let printed = run(["size", &file, "--set=sizing.verify_replications=4", &out].iter().chain(&few));
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    assert!(printed.out.contains("leave everything as it stands"), "{}", printed.out);
}

#[test]
fn the_answer_is_the_same_for_any_number_of_threads_and_within_the_budget() {
    let (_one, first) = place();
    let (_other, second) = place();
    let printed = example(&first, &["--threads=1"]);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    assert!(
        printed.out.contains("What it rests on") && printed.out.contains("fresh replications"),
        "{}",
        printed.out
    );
    assert_eq!(example(&second, &["--threads=3", "--json"]).code, Some(0));
    let files = [
        "bill.csv",
        "charts",
        "deployment.csv",
        "frontier.csv",
        "manifest.json",
        "report.html",
        "run-info.json",
        "summary.json",
    ];
    assert_eq!(entries(&first), files);
    for file in
        ["bill.csv", "deployment.csv", "frontier.csv", "report.html", "summary.json", "charts/frontier.svg"]
    {
        assert!(
            fs::read(first.join(file)).expect("written") == fs::read(second.join(file)).expect("written"),
            "{file}"
        );
    }
    let summary: Value =
        serde_json::from_slice(&fs::read(first.join("summary.json")).expect("written")).expect("JSON");
    assert!(summary["cost_year_usd"].as_f64() <= Some(1_500.0), "{summary}");
    assert_eq!(summary["verdict"].as_array().map(Vec::len), Some(3));
    let equipped = summary["stores_equipped"].as_u64().expect("a number") as usize;
    let page = fs::read_to_string(first.join("report.html")).expect("written");
    assert!(
        page.contains("\"deployment\":[{")
            && page.contains(summary["verdict"][0].as_str().expect("a sentence"))
    );
    // From the files alone, to the byte.
    assert_eq!(run(["report", &first.display().to_string()]).code, Some(0));
    assert!(fs::read_to_string(first.join("report.html")).expect("written") == page);
    let rows = fs::read_to_string(first.join("deployment.csv")).expect("written").lines().count();
    assert_eq!(rows, equipped + 1);
}

#[test]
fn a_target_out_of_reach_and_one_in_reach_have_their_own_exit_codes() {
    let often = "--set=faults.causes.access_provider_equipment_or_config.rate_per_year=150";
    let target = |at_most: u32| {
        format!("--set=sizing.target=[{{metric=\"dark-hours\",at_most={at_most},tolerance=\"100 %\"}}]")
    };
    let (_one, first) = place();
    let missed =
        example(&first, &["--set=sizing.mode=targets", "--set=sizing.budget=\"$1\"", often, &target(1_000)]);
    assert_eq!(missed.code, Some(99), "{}{}", missed.out, missed.err);
    assert!(missed.err.contains("no design within the limits"), "{}", missed.err);
    assert!(first.join("deployment.csv").exists(), "results are kept");
    let (_other, second) = place();
    let met = example(&second, &["--set=sizing.mode=targets", often, &target(1_000_000), "--json"]);
    assert_eq!(met.code, Some(0), "{}", met.err);
    let answer: Value = serde_json::from_str(&met.out).expect("JSON");
    assert_eq!(answer["decision"], "made");
    // What stands already meets it: nothing is bought.
    assert_eq!((answer["stores_equipped"].as_u64(), answer["cost_year_usd"].as_f64()), (Some(0), Some(0.0)));
}

#[test]
fn least_total_cost_buys_nothing_that_costs_more_than_it_avoids() {
    let (_directory, out) = place();
    let dear = ["--set=sizing.mode=total", "--set=items.lte-line.month=\"$90000\"", "--json"];
    let printed = example(&out, &dear);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    let answer: Value = serde_json::from_str(&printed.out).expect("JSON");
    assert_eq!(answer["stores_equipped"].as_u64(), Some(0), "{answer}");
}

#[test]
fn a_lever_that_would_change_the_question_is_refused_and_a_broken_one_is_seen_by_check() {
    let check = |setting: &str| {
        let lever = format!("--set=sizing.shared.luck.settings=[\"{setting}\"]");
        run(["check", "scenarios/sizing.toml", &lever])
    };
    for path in [
        "scenario.seed=7",
        "money.lost_share=0",
        "sizing.budget=$1",
        "faults.enabled=false",
        "fleet.generate.stores=1",
    ] {
        let printed = check(path);
        assert_eq!(printed.code, Some(3), "{path}: {}", printed.out);
        assert!(
            printed.err.contains("a lever cannot set") && printed.err.contains("outside [sizing]"),
            "{}",
            printed.err
        );
    }
    let junk = check("payments.timeout=junk");
    assert_eq!(junk.code, Some(3), "{}", junk.out);
    assert!(junk.err.contains("with the lever luck of [sizing.shared]"), "{}", junk.err);
    assert_eq!(check("nonsense").code, Some(3));
    assert_eq!(check("payments.timeout=20 s").code, Some(0));
}

#[test]
fn without_any_fault_every_target_is_met_as_it_stands() {
    let (_directory, out) = place();
    let target = "--set=sizing.target=[{metric=\"gap-days\",at_most=200}]";
    let printed = example(&out, &["--set=sizing.mode=targets", "--set=faults.enabled=false", target]);
    assert_eq!(printed.code, Some(0), "{}{}", printed.out, printed.err);
    assert!(
        printed.out.contains("Nothing has to be bought: all targets are met as it stands."),
        "{}",
        printed.out
    );
    assert!(!printed.out.contains("not certain"), "{}", printed.out);
}

#[test]
fn a_catalogue_of_ones_own_is_read_and_a_missing_one_named() {
    let (directory, out) = place();
    let scenario = directory.path().join("sizing.toml");
    let text = fs::read_to_string(super::root().join("scenarios/sizing.toml")).expect("shipped");
    fs::write(&scenario, text.replace("[sizing]\n", "[sizing]\ncatalogue = \"own.toml\"\n"))
        .expect("writable");
    let size = || {
        let file = scenario.display().to_string();
        run([
            "size",
            &file,
            "--set=fleet.generate.stores=6",
            "--set=sizing.draws=2",
            "--set=sizing.search_replications=40",
            "--set=sizing.verify_replications=2",
            "--force",
            "--out",
            &out.display().to_string(),
        ])
    };
    let missing = size();
    assert_eq!(missing.code, Some(3), "{}", missing.out);
    assert!(missing.err.contains("own.toml"), "{}", missing.err);
    let own = "[items.lte-line]\nwhat = \"our contract\"\nmonth = \"$7\"\ndate = \"2026-01\"\norigin = \"our buyer\"\nconfidence = \"C\"\n";
    fs::write(directory.path().join("own.toml"), own).expect("writable");
    let priced = size();
    assert_eq!(priced.code, Some(0), "{}", priced.err);
    let bill = fs::read_to_string(out.join("bill.csv")).expect("written");
    let line = bill.lines().find(|line| line.starts_with("lte-line,")).unwrap_or_else(|| panic!("{bill}"));
    assert!(
        line.contains("our contract") && line.contains("our buyer") && line.contains(",84.00,"),
        "{line}"
    );
}

#[test]
fn sampling_that_weighs_replications_is_refused() {
    let (_directory, out) = place();
    let printed = example(&out, &["--set=faults.sampling=strata"]);
    assert_eq!(printed.code, Some(2), "{}", printed.out);
    assert!(printed.err.contains("faults.sampling=plain"), "{}", printed.err);
}

#[test]
fn a_scenario_without_a_table_is_told_what_is_missing() {
    let (_directory, out) = place();
    let printed = run(["size", "scenarios/north-pole.toml", "--out", &out.display().to_string()]);
    assert_eq!(printed.code, Some(2));
    assert!(printed.err.contains("[sizing]"), "{}", printed.err);
    assert!(!out.exists());
}
