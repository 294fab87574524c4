//! `tinsel sweep`: many points of one scenario, kept one by one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Printed, entries, place, run};

const SCENARIO: &str = "scenarios/north-pole.toml";

fn sweep(out: &Path, more: &[&str]) -> Printed {
    let out = format!("--out={}", out.display());
    run(["sweep", SCENARIO, &out].iter().chain(more))
}

/// The rows of `sweep.csv` by heading.
fn rows(out: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(out.join("sweep.csv")).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

/// Every file below both directories is the same, but for how it was computed.
fn assert_same(one: &Path, other: &Path) {
    let files = entries(one);
    assert_eq!(files, entries(other));
    for file in files.iter().filter(|file| *file != "run-info.json") {
        let (left, right) = (one.join(file), other.join(file));
        if left.is_dir() {
            assert_same(&left, &right);
        } else {
            assert!(fs::read(&left).expect("a file") == fs::read(&right).expect("a file"), "{file} differs");
        }
    }
}

#[test]
fn a_point_is_what_run_gives_there() {
    let (directory, out) = place();
    let swept = sweep(
        &out,
        &[
            "--replications=3",
            "--vary=payments.timeout=[12 s, 45 s]",
            "--vary=fleet.draw.standby=[hot, cold]",
        ],
    );
    assert_eq!((swept.code, swept.err.as_str()), (Some(0), ""));
    let rows = rows(&out);
    let single = directory.path().join("single");
    let path = format!("--out={}", single.display());
    let points = [("12 s", "hot"), ("12 s", "cold"), ("45 s", "hot"), ("45 s", "cold")];
    for (number, (timeout, standby)) in (1..).zip(points) {
        let number: u32 = number;
        let sets =
            [format!("--set=payments.timeout={timeout}"), format!("--set=fleet.draw.standby={standby}")];
        let usual = ["run", SCENARIO, &path, "--replications=3", "--no-charts", "--no-report", "--quiet"];
        assert_eq!(run(usual.into_iter().chain(sets.iter().map(String::as_str))).code, Some(0));
        let text = fs::read_to_string(single.join("summary.json")).expect("a summary");
        let summary: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let own: Vec<_> = rows.iter().filter(|row| row["point"] == number.to_string()).collect();
        assert!(
            own.iter().all(|row| row["payments.timeout"] == timeout && row["fleet.draw.standby"] == standby)
        );
        let metrics: Vec<_> = summary["groups"]
            .as_object()
            .expect("groups")
            .iter()
            .flat_map(|(group, metrics)| {
                metrics.as_array().expect("a list").iter().map(move |metric| (group, metric))
            })
            .collect();
        assert_eq!(metrics.len(), own.len());
        for ((group, metric), row) in metrics.into_iter().zip(own) {
            let text = |key: &str| metric[key].as_str().unwrap_or_default();
            assert_eq!(
                (group.as_str(), text("name"), text("day"), text("unit")),
                (row["group"].as_str(), row["metric"].as_str(), row["day"].as_str(), row["unit"].as_str())
            );
            for limit in ["estimate", "low", "high"] {
                assert_eq!(
                    metric[limit].as_f64(),
                    row[limit].parse().ok(),
                    "{group} {} {limit}",
                    text("name")
                );
            }
            assert_eq!((row["level"].as_str(), row["replications"].as_str()), ("0.95", "3"));
        }
    }
    let lost = |point: &str| {
        let row = rows.iter().find(|row| {
            row["point"] == point && row["metric"] == "lost_sales_network" && row["day"].is_empty()
        });
        row.expect("a row")["estimate"].parse::<f64>().expect("a number")
    };
    assert!(lost("1") < lost("2"), "a cold modem takes longer");
}

const EIGHT: [&str; 3] = [
    "--replications=5",
    "--vary=payments.timeout=[12 s, 20 s, 30 s, 45 s]",
    "--vary=fleet.draw.standby=[hot, cold]",
];

#[test]
fn threads_change_no_byte_and_verify_agrees() {
    let (directory, out) = place();
    let other = directory.path().join("other");
    for (place, threads) in [(&out, "--threads=1"), (&other, "--threads=4")] {
        let more: Vec<&str> = EIGHT.into_iter().chain([threads, "--format=csv,parquet"]).collect();
        assert_eq!(sweep(place, &more).code, Some(0));
    }
    assert_same(&out, &other);
    assert_eq!(
        entries(directory.path()),
        ["other", "run"],
        "points waited elsewhere and are among the results now"
    );
    assert_eq!(entries(&out.join("points")).len(), 8);
    let verified = run(["verify", &out.display().to_string()]);
    assert_eq!((verified.code, verified.err.as_str()), (Some(0), ""), "{}", verified.out);
    assert_eq!(entries(directory.path()), ["other", "run"]);
    // What is there is not run again, and a bigger sweep runs only what is new.
    let again = sweep(&out, &EIGHT);
    assert!(
        again.out.contains("8 points, 8 kept from before, 5 replications each, all with seed 2412"),
        "{}",
        again.out
    );
    let more = [EIGHT[0], EIGHT[1], "--vary=fleet.draw.standby=[warm, cold]"];
    assert!(sweep(&out, &more).out.contains("8 points, 4 kept from before"));
    let mut fresh = more.to_vec();
    fresh.push("--fresh");
    assert!(sweep(&out, &fresh).out.contains("8 points, 5 replications"));
}

#[cfg(unix)]
mod stopped {
    use std::process::{Child, Command, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    use super::super::{TINSEL, printed, root};
    use super::*;

    const GLANCE: Duration = Duration::from_millis(2);
    const GLANCES_MAX: u32 = 30_000;

    fn start(out: &Path) -> Child {
        let mut command = Command::new(TINSEL);
        command.args(["sweep", SCENARIO, "--out"]).arg(out).args(EIGHT).current_dir(root());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts")
    }

    /// Finished points in `folder`.
    fn finished(folder: &Path) -> usize {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        files.filter(|file| !file.file_name().to_string_lossy().starts_with('.')).count()
    }

    fn signal(child: &Child, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
        assert!(sent.expect("`kill` is part of every Unix").success());
    }

    #[test]
    fn who_stops_a_sweep_loses_the_point_in_flight_and_nothing_else() {
        let (directory, whole) = place();
        assert_eq!(sweep(&whole, &EIGHT).code, Some(0));
        for (name, code) in [("INT", Some(130)), ("TERM", Some(143)), ("KILL", None)] {
            let out = directory.path().join(format!("stopped-{name}"));
            let waiting = directory.path().join(format!("stopped-{name}.points"));
            let child = start(&out);
            for _ in 0..GLANCES_MAX {
                if finished(&waiting) >= 2 {
                    break;
                }
                sleep(GLANCE);
            }
            // Some way into the next point.
            sleep(Duration::from_millis(40));
            let before = finished(&waiting);
            signal(&child, name);
            let stopped = printed(&child.wait_with_output().expect("it ends"));
            let kept = finished(&waiting);
            assert!((2..8).contains(&before) && kept >= before, "{before} {kept}");
            assert_eq!(stopped.code, code);
            assert!(!out.exists() && stopped.out.is_empty());
            if code.is_some() {
                let said = format!("interrupted: {kept} of 8 points are finished and kept in ");
                assert!(stopped.err.starts_with(&said), "{}", stopped.err);
                assert!(stopped.err.ends_with("; the same command goes on from there\n"), "{}", stopped.err);
            }
            let again = sweep(&out, &EIGHT);
            assert_eq!(again.code, Some(0), "{}", again.err);
            assert!(again.out.contains(&format!("8 points, {kept} kept from before")), "{}", again.out);
            assert_same(&whole, &out);
            assert!(!waiting.exists());
        }
    }
}

#[test]
fn points_come_from_files_ranges_and_conditions() {
    let (directory, out) = place();
    let csv = directory.path().join("points.csv");
    fs::write(&csv, "payments.timeout,fleet.draw.standby\n20 s,cold\n45 s,hot\n").expect("writable");
    let plan = directory.path().join("sweep.toml");
    let text = "latin = 4\npoints = \"points.csv\"\nwhere = [\"payments.timeout < 1 min\", \"stores == 5\"]\n\
        metrics = [\"payments.payments_lost\"]\n\
        [[vary]]\npath = \"payments.decline\"\nlow = \"0 %\"\nhigh = \"3 %\"\n\
        [[vary]]\npath = \"payments.retries\"\nvalues = [0, 2]\n";
    fs::write(&plan, text).expect("writable");
    let plan = format!("--plan={}", plan.display());
    let listed =
        sweep(&out, &[&plan, "--list", "--where=payments.retries != 0 or fleet.draw.standby == \"hot\""]);
    assert_eq!((listed.code, listed.err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = listed.out.lines().collect();
    assert_eq!(lines.len(), 13);
    assert!(lines[0].starts_with(
        "1: payments.timeout = 20 s, fleet.draw.standby = cold, payments.retries = 2, payments.decline = "
    ));
    assert_eq!(lines[12], "12 points, 4 left out by conditions");
    assert!(!out.exists(), "nothing is run");
    // Latin: one decline rate in each quarter of the range, the same in every combination.
    let rates: Vec<f64> = lines[..4]
        .iter()
        .map(|line| line.rsplit(' ').nth(1).expect("a number").parse().expect("a number"))
        .collect();
    let mut quarters: Vec<u32> = rates.iter().map(|rate| (rate / 0.75) as u32).collect();
    quarters.sort_unstable();
    assert_eq!(quarters, [0, 1, 2, 3]);
    let again = sweep(&out, &[&plan, "--list", "--seed=7"]);
    assert_ne!(again.out, listed.out, "another seed draws other points");
    let swept = sweep(&out, &[&plan, "--replications=1", "--where=fleet.draw.standby == \"hot\"", "--json"]);
    assert_eq!(swept.code, Some(0), "{}", swept.err);
    let json: serde_json::Value = serde_json::from_str(&swept.out).expect("JSON");
    assert_eq!((json["left_out"].as_u64(), json["points"].as_array().map(Vec::len)), (Some(8), Some(8)));
    assert!(json["points"][0]["metrics"]["payments.payments_lost"]["estimate"].is_f64());
    let manifest = fs::read_to_string(out.join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("sweep.toml") && manifest.contains("points.csv"));
}

#[test]
fn a_sweep_that_makes_no_sense_is_refused_before_anything_runs() {
    let (directory, out) = place();
    for (more, code, words) in [
        (&[][..], 2, "nothing is varied"),
        (&["--vary=payments.timeout"], 2, "is not PATH=VALUES"),
        (&["--vary=payments.timeout=15 s..45 s"], 2, "say how many points of it with --latin N"),
        (&["--vary=scenario.seed=[1,2]"], 2, "all points share one seed"),
        (&["--vary=payments.timeout=[15 s]", "--where=payments.timeout > 20 s"], 2, "none of 1 points meets"),
        (
            &["--vary=payments.timeout=[15 s]", "--where=payments.timout > 20 s"],
            2,
            "`payments.timout` is no setting",
        ),
        (&["--vary=payments.timeout=[15 s]", "--points=/nowhere.csv"], 2, "/nowhere.csv"),
        (&["--vary=payments.timeout=[15 s, 15]"], 3, "point 2 of 2: payments.timeout = 15"),
        (&["--vary=payments.timout=[15 s]"], 3, "did you mean `timeout`?"),
        (&["--plan=/nowhere.toml"], 1, "/nowhere.toml"),
    ] {
        let refused = sweep(&out, more);
        assert_eq!((refused.code, refused.out.as_str()), (Some(code), ""), "{more:?}: {}", refused.err);
        assert!(refused.err.contains(words), "{more:?}: {}", refused.err);
        assert_eq!(entries(directory.path()), [""; 0]);
    }
    let plan = directory.path().join("sweep.toml");
    fs::write(&plan, "latn = 3\n[[vary]]\npath = \"a.b\"\nlow = 3\nhigh = \"2 s\"\n[[vary]]\nvalues = [1]\n")
        .expect("writable");
    let refused = sweep(&out, &[&format!("--plan={}", plan.display())]);
    assert_eq!(refused.code, Some(3));
    for words in ["did you mean `latin`?", "have different units", "lacks the key `path`", "sweep.toml:1"] {
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    }
    let unknown =
        sweep(&out, &["--vary=payments.timeout=[15 s]", "--replications=1", "--metric=verdict.lost"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("there is no metric `verdict.lost`; did you mean ")
            && unknown.err.contains("`verdict.lost_sales_network`"),
        "{}",
        unknown.err
    );
}
