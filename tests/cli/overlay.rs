//! `--overlay INCIDENT --at WHEN`: another file's scheduled faults over this fleet.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{Printed, place, printed, run, shipped, tinsel};

/// Two hits of the excavator elsewhere, an hour and a half apart, of which this fleet has neither region nor stores.
const INCIDENT: &str = r#"
[scenario]
name = "of this file only the faults are read"
no_such_key = 1

[[faults.scheduled]]
name = "second"
scope = "router"
at = "2015-02-25 13:00"
duration = "10 min"
stores = ["0815", "4711"]

[[faults.scheduled]]
name = "first"
at = "2015-02-25 11:30"
duration = "20 min"
regions = ["AZ"]
"#;

/// A fault that struck everywhere at once.
const AT_ONCE: &str = r#"
[[faults.scheduled]]
name = "core"
at = "2024-02-22 03:45"
clock = "absolute"
timezone = "America/Chicago"
duration = "30 min"

[[faults.scheduled]]
name = "again"
at = "2024-02-22 05:45"
clock = "absolute"
timezone = "America/New_York"
duration = "30 min"
"#;

fn incident(text: &str) -> (TempDir, String) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("incident.toml");
    fs::write(&file, text).expect("writable");
    let path = file.display().to_string();
    (directory, path)
}

/// One quiet weekend of the small shipped chain with `overlay` laid over it, into `out`.
fn small_chain(out: &Path, overlay: &str, at: &str) -> Printed {
    let out = out.display().to_string();
    let usual = ["run", "scenarios/small-chain.toml", "--replications", "1", "--no-charts", "--out", &out];
    let quiet = ["--set", "faults.enabled=false", "--overlay", overlay, "--at", at];
    run(usual.iter().chain(&quiet))
}

/// Store, cause and local onset of every fault that came true.
fn onsets(out: &Path) -> Vec<(String, String, String)> {
    let mut table = csv::Reader::from_path(out.join("incidents.csv")).expect("a table");
    let heading = table.headers().expect("a heading").clone();
    let position = |name: &str| heading.iter().position(|column| column == name).expect(name);
    let rows = table.records().map(|row| row.expect("a row"));
    let faults = rows.filter(|row| &row[position("cause")] != "false_alarm");
    let cell = |row: &csv::StringRecord, name: &str| row[position(name)].to_owned();
    faults.map(|row| (cell(&row, "store_id"), cell(&row, "cause"), cell(&row, "fault_local"))).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("results")).expect("JSON")
}

#[test]
fn the_first_fault_begins_when_asked_and_the_others_keep_their_distance() {
    let (_incident, file) = incident(INCIDENT);
    let (_directory, out) = place();
    let printed = small_chain(&out, &file, "2019-11-29 14:00 local");
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    let onsets = onsets(&out);
    let of = |cause: &str| onsets.iter().filter(|(_, known, _)| known == cause).collect::<Vec<_>>();
    assert_eq!(
        (of("first").len(), of("second").len(), onsets.len()),
        (25, 25, 50),
        "every store, both faults"
    );
    for (cause, begins) in [("first", "2019-11-29T14:00:00"), ("second", "2019-11-29T15:30:00")] {
        for (store, _, local) in of(cause) {
            assert!(local.starts_with(begins), "{store}: {cause} at {local}");
        }
    }
}

#[test]
fn what_the_fleet_does_not_have_is_taken_as_all_and_said() {
    let (_incident, file) = incident(INCIDENT);
    for command in ["check", "run"] {
        let (_directory, out) = place();
        let printed = if command == "check" {
            run(["check", "scenarios/small-chain.toml", "--overlay", &file, "--at", "2019-11-29 14:00"])
        } else {
            small_chain(&out, &file, "2019-11-29 14:00")
        };
        assert_eq!(printed.code, Some(0), "{}", printed.err);
        assert!(printed.err.contains("the fleet has no region `AZ`: taken as all"), "{}", printed.err);
        assert!(
            printed.err.contains("the fleet has no store `0815`, `4711`: taken as all"),
            "{}",
            printed.err
        );
        assert!(printed.err.contains("incident.toml:17:"), "with its line: {}", printed.err);
    }
    let known = INCIDENT.replace("\"0815\"", "\"elf-street\"");
    let (_incident, file) = incident(&known);
    let printed = run(["check", "scenarios/north-pole.toml", "--overlay", &file, "--at", "2019-12-20 14:00"]);
    assert!(printed.err.contains("the fleet has no store `4711`: left out"), "{}", printed.err);
}

/// A company of another country, its lines and its LTE: here it owns what there is.
#[test]
fn companies_and_shared_conduits_come_along() {
    const COMPANY: &str = r#"
        [parents.rogers]
        providers = ["rogers"]
        carriers = ["rogers"]
        [carriers.rogers]
        no_such_key = 1
        [[faults.scheduled]]
        name = "core"
        scope = "parent"
        parent = "rogers"
        at = "2022-07-08 04:58"
        duration = "15 h"
        [[faults.scheduled]]
        name = "trench"
        scope = "market"
        markets = ["Columbus", "Toronto"]
        takes_lte = ["att", "bell"]
        at = "2022-07-09 04:58"
        duration = "1 h"
    "#;
    let (_incident, file) = incident(COMPANY);
    let (_directory, out) = place();
    let printed = small_chain(&out, &file, "2019-11-29 08:00");
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    for said in [
        "the fleet has no provider `rogers`: taken as all",
        "the fleet has no carrier `rogers`: taken as all",
        "the fleet has no market `Toronto`: left out",
        "the fleet has no carrier `bell`: left out",
    ] {
        assert!(printed.err.contains(said), "{said}: {}", printed.err);
    }
    let onsets = onsets(&out);
    let of = |cause: &str| onsets.iter().filter(|(_, known, _)| known == cause).count();
    // Every store loses its way out; the trench hits the lines of Columbus, where five stores are.
    assert_eq!(of("core"), 25);
    assert!((3..=5).contains(&of("trench")), "{}", of("trench"));
}

#[test]
fn a_zone_makes_it_one_instant() {
    let (_incident, file) = incident(AT_ONCE);
    let (_directory, out) = place();
    let printed = small_chain(&out, &file, "2019-11-29 14:00 America/Chicago");
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    let onsets = onsets(&out);
    // 05:45 in New York is an hour after 03:45 in Chicago.
    for (cause, central, eastern) in [("core", "14:00:00", "15:00:00"), ("again", "15:00:00", "16:00:00")] {
        let times: Vec<&str> = onsets
            .iter()
            .filter(|(_, known, _)| known == cause)
            .map(|(_, _, local)| &local[11..19])
            .collect();
        assert_eq!(times.len(), 25);
        assert!(times.contains(&central) && times.contains(&eastern), "{cause}: {times:?}");
        assert!(times.iter().all(|time| *time == central || *time == eastern), "{cause}: {times:?}");
    }
    // By each store's clock what struck at once would roll west, which is worth a word.
    let (_directory, out) = place();
    let printed = small_chain(&out, &file, "2019-11-29 14:00");
    assert_eq!(printed.code, Some(0));
    assert!(printed.err.contains("`core` struck everywhere at once"), "{}", printed.err);
}

#[test]
fn the_manifest_has_the_overlay_among_its_inputs_and_settings() {
    let (directory, file) = incident(INCIDENT);
    let usual = shipped("scenarios/north-pole.toml");
    let arguments = ["run", &usual, "--replications", "1", "--no-charts", "--quiet", "--overlay", &file];
    let mut command = tinsel(arguments.iter().chain(&["--at", "2019-12-20 14:00"]));
    let printed = printed(&command.current_dir(directory.path()).output().expect("the command starts"));
    assert_eq!((printed.code, printed.out.as_str(), printed.err.as_str()), (Some(0), "", ""));
    // Results of its own, next to those without it.
    let manifest = json(&directory.path().join("results/north-pole-incident/manifest.json"));
    let inputs = manifest["inputs"].as_array().expect("a list");
    let input = inputs.iter().find(|input| input["path"] == file.as_str()).expect("the overlay");
    assert_eq!(input["sha256"].as_str().expect("text").len(), 64);
    let settings = manifest["settings"].as_array().expect("a list");
    let value = |path: &str| &settings.iter().find(|setting| setting["path"] == path).expect(path)["value"];
    assert_eq!(value("overlay.at"), "2019-12-20 14:00");
    assert_eq!(value("overlay.faults.scheduled[1].at"), "2015-02-25 11:30");
}

#[test]
fn what_is_wrong_is_said_with_the_usual_codes() {
    let (_incident, file) = incident(INCIDENT);
    let (_none, none) = incident("[faults]\nenabled = false\n");
    let (_broken, broken) = incident(&INCIDENT.replace("\"20 min\"", "\"20 parsecs\""));
    let (_twice, twice) = incident(&INCIDENT.replace("\"first\"", "\"excavator\""));
    let at = "2019-12-20 14:00";
    let (_zone, zone) = incident(&AT_ONCE.replace("America/New_York", "America/Gotham"));
    let wrong: [(&[&str], i32, &str); 10] = [
        (&["--overlay", &file], 2, "--at"),
        (&["--at", at], 2, "--overlay"),
        (&["--overlay", &file, "--at", "noon"], 2, "2019-11-29 14:00 local"),
        (&["--overlay", &file, "--at", "2019-12-20 25:00"], 2, "not a date and a time"),
        (&["--overlay", &file, "--at", "2019-12-20 14:00 Mars/Olympus"], 2, "Mars/Olympus"),
        (&["--overlay", "no-such-file.toml", "--at", at], 1, "no-such-file.toml"),
        (&["--overlay", &none, "--at", at], 3, "at least one [[faults.scheduled]]"),
        (&["--overlay", &broken, "--at", at], 3, "incident.toml:17:12"),
        (&["--overlay", &zone, "--at", at], 3, "`America/Gotham` is not a time zone"),
        (&["--overlay", &twice, "--at", at], 3, "two scheduled faults called `excavator`"),
    ];
    for (arguments, code, word) in wrong {
        for command in ["check", "run"] {
            let usual = [command, "scenarios/north-pole.toml"];
            let printed = run(usual.iter().chain(arguments));
            let told = (printed.code, printed.out.as_str());
            assert_eq!(told, (Some(code), ""), "{arguments:?}: {}", printed.err);
            assert!(printed.err.contains(word), "{arguments:?}: {}", printed.err);
        }
    }
}

#[test]
fn a_time_outside_the_days_is_said() {
    let (_incident, file) = incident(INCIDENT);
    let printed = run(["check", "scenarios/north-pole.toml", "--overlay", &file, "--at", "2019-12-26 14:00"]);
    assert_eq!(printed.code, Some(0));
    assert!(printed.err.contains("`first` happens outside the days"), "{}", printed.err);
}
