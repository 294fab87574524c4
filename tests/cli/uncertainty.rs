//! `tinsel uncertainty`: what inputs that nobody knows exactly do to a number, or to a decision.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Printed, entries, place, root, run};

const INPUTS: &str = "\n[uncertainty]\n\
    \"formats.toy_shop.customers_per_day\" = { low = 200, high = 800, source = \"two quarters of tills\" }\n\
    \"money.lost_share\" = { low = \"40 %\", high = \"100 %\", likely = \"62 %\", distribution = \"triangular\", source = \"S90\" }\n\
    \"payments.timeout\" = { low = \"15 s\", high = \"45 s\", source = \"terminals differ\" }\n";

/// The small shipped scenario with ranges, in `directory`.
fn scenario(directory: &Path, inputs: &str) -> PathBuf {
    let text = fs::read_to_string(root().join("scenarios/north-pole.toml")).expect("shipped");
    fs::create_dir_all(directory.join("data")).expect("writable");
    fs::copy(root().join("scenarios/data/north_pole.csv"), directory.join("data/north_pole.csv"))
        .expect("shipped");
    let file = directory.join("north-pole.toml");
    fs::write(&file, text + inputs).expect("writable");
    file
}

fn uncertainty(file: &Path, out: &Path, more: &[&str]) -> Printed {
    let (file, out) = (file.display().to_string(), format!("--out={}", out.display()));
    run(["uncertainty", &file, &out, "--replications=4"].iter().chain(more))
}

fn rows(out: &Path, table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(out.join(table)).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().expect("a number")
}

#[test]
fn a_target_has_two_intervals_a_tornado_and_switch_values() {
    let (directory, out) = place();
    let file = scenario(directory.path(), INPUTS);
    let plain = uncertainty(&file, &out, &["--samples=12", "--no-charts", "--json"]);
    assert_eq!((plain.code, plain.err.as_str()), (Some(0), ""));
    let json: serde_json::Value = serde_json::from_str(&plain.out).expect("JSON");
    assert_eq!(json["threshold"], serde_json::Value::Null);
    let base = json["monte_carlo"]["estimate"].as_f64().expect("a number");
    // A fifth more than now: only more customers bring that about.
    let target = format!("--target=<= ${:.2}", base * 1.2);
    let found = uncertainty(&file, &out, &["--samples=12", &target]);
    assert_eq!((found.code, found.err.as_str()), (Some(0), ""));
    for words in [
        "Monte Carlo interval",
        "input interval",
        "12 draws of all uncertain inputs",
        "decision",
        "but replications leave it open; another one in ",
        "largest swing first",
    ] {
        assert!(found.out.contains(words), "{words}: {}", found.out);
    }
    let tornado = rows(&out, "tornado.csv");
    assert_eq!(tornado.len(), 3);
    let widest = &tornado[0];
    assert_eq!(
        (widest["input"].as_str(), widest["switch"].as_str()),
        ("formats.toy_shop.customers_per_day", "flips")
    );
    let at = number(widest, "switch_at");
    // 400 customers are the base; queues turn people away in any case, so the loss grows less than they do.
    assert!(at > 400.0 && at < 650.0, "{at}");
    assert!(widest["switch_from"].parse().is_ok_and(|from: f64| from <= at), "{widest:?}");
    assert!(tornado.windows(2).all(|two| number(&two[0], "swing") >= number(&two[1], "swing")));
    // Every number is that of a run: at the ends, and at the base.
    let single = directory.path().join("single");
    let (path, scenario) = (format!("--out={}", single.display()), file.display().to_string());
    let sets = [
        "--set=formats.toy_shop.customers_per_day=200",
        "--replications=4",
        "--no-charts",
        "--no-report",
        "--quiet",
    ];
    assert_eq!(run(["run", &scenario, &path].into_iter().chain(sets)).code, Some(0));
    let text = fs::read_to_string(single.join("summary.json")).expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let lost = summary["groups"]["verdict"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|metric| metric["name"] == "lost_sales_network" && metric["day"].is_null());
    assert_eq!(lost.expect("a metric")["estimate"].as_f64(), Some(number(widest, "at_low")));
    let samples = rows(&out, "samples.csv");
    assert_eq!(samples.len(), 12);
    for sample in &samples {
        let customers = number(sample, "formats.toy_shop.customers_per_day");
        assert!((200.0..=800.0).contains(&customers));
        assert!(sample["payments.timeout"].ends_with(" s") && sample["money.lost_share"].ends_with(" %"));
    }
    assert!(out.join("charts/tornado.svg").exists() && out.join("charts/tornado.png").exists());
    let verified = run(["verify", &out.display().to_string()]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    assert_eq!(entries(directory.path()), ["data", "north-pole.toml", "run", "single"]);
}

#[test]
fn a_choice_of_designs_is_paired_and_threads_change_no_byte() {
    let (directory, out) = place();
    let file = scenario(directory.path(), INPUTS);
    let other = directory.path().join("other");
    for (place, threads) in [(&out, "--threads=1"), (&other, "--threads=3")] {
        let found = uncertainty(
            &file,
            place,
            &["--versus=fleet.draw.profile=cradlepoint-default-off", "--samples=3", threads],
        );
        assert_eq!((found.code, found.err.as_str()), (Some(0), ""));
        assert!(
            found.out.contains(
                "change of verdict.lost_sales_network by fleet.draw.profile=cradlepoint-default-off"
            ),
            "{}",
            found.out
        );
    }
    for file in [
        "tornado.csv",
        "samples.csv",
        "uncertainty.json",
        "charts/tornado.svg",
        "charts/tornado.png",
        "manifest.json",
    ] {
        assert!(
            fs::read(out.join(file)).expect("a file") == fs::read(other.join(file)).expect("a file"),
            "{file}"
        );
    }
    let tornado = rows(&out, "tornado.csv");
    // A router that does not look for silent faults waits for the excavator, whatever the inputs are.
    for row in &tornado {
        assert_eq!(row["switch"], "holds");
        assert!(number(row, "at_low") > 0.0 && number(row, "at_high") > 0.0, "{row:?}");
        assert!(number(row, "at_base_high") > number(row, "at_base_low"));
    }
}

#[test]
fn ranges_that_make_no_sense_are_refused_before_anything_runs() {
    let (directory, out) = place();
    let of = |inputs: &str, more: &[&str]| uncertainty(&scenario(directory.path(), inputs), &out, more);
    for (inputs, more, code, words) in [
        ("", &[][..], 2, "the scenario has no [uncertainty]"),
        (INPUTS, &["--target=5000"], 2, "is not a limit"),
        (
            INPUTS,
            &["--target=<= 5 s"],
            2,
            "the limit is not in a unit of `lost_sales_network`, which counts USD",
        ),
        (INPUTS, &["--versus=hot"], 2, "is not PATH=VALUE"),
        (
            INPUTS,
            &["--set=payments.timeout=60 s"],
            2,
            "payments.timeout is 60 s in the scenario, outside of its range in [uncertainty], 15 s to 45 s",
        ),
        (INPUTS, &["--metric=verdict.lost"], 2, "there is no metric `verdict.lost`"),
        (
            "\n[uncertainty]\n\"payments.timeout\" = { low = \"0 s\", high = \"45 s\", source = \"x\" }\n",
            &[],
            3,
            "[uncertainty] payments.timeout = 0 s:",
        ),
    ] {
        let refused = of(inputs, more);
        assert_eq!((refused.code, refused.out.as_str()), (Some(code), ""), "{more:?}: {}", refused.err);
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
        assert!(!out.exists());
    }
}

#[test]
fn a_runs_page_takes_switch_values_of_its_own_scenario_only() {
    let (directory, out) = place();
    let file = scenario(directory.path(), INPUTS);
    let found = uncertainty(&file, &out, &["--samples=4", "--target=<= $1500", "--no-charts"]);
    assert_eq!((found.code, found.err.as_str()), (Some(0), ""));
    let own = fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(own.contains("\"tornado\":[{") && own.contains("Alone would flip it"));
    let results = directory.path().join("of-a-run");
    let (from, to) = (file.display().to_string(), results.display().to_string());
    let plain = run(["run", &from, "--replications=4", "--no-charts", "--out", &to]);
    assert_eq!(plain.code, Some(0), "{}", plain.err);
    let page = |name: &Path| fs::read_to_string(name.join("report.html")).expect("a page");
    assert!(page(&results).contains("\"uncertainty\":null"));
    let with = format!("--uncertainty={}", out.display());
    let renewed = run(["report", &to, &with]);
    assert_eq!(renewed.code, Some(0), "{}", renewed.err);
    assert!(page(&results).contains("\"tornado\":[{"));
    assert_eq!(
        run(["run", &from, "--replications=4", "--seed=3", "--no-charts", "--force", "--out", &to]).code,
        Some(0)
    );
    let other = run(["report", &to, &with]);
    assert_eq!(other.code, Some(1), "{}", other.out);
    assert!(
        other.err.contains("not of one scenario and seed") && other.err.contains("--seed"),
        "{}",
        other.err
    );
    assert!(page(&results).contains("\"uncertainty\":null"), "the page stays as it was");
}
