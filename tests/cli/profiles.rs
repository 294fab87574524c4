//! `tinsel profiles`: what it prints of the library, and how it answers what it cannot do.

use std::fs;

use serde_json::Value;

use super::transcripts::transcript;
use super::{assert_golden, run};

fn json(arguments: &[&str]) -> Value {
    let printed = run(arguments);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""), "{arguments:?}");
    serde_json::from_str(&printed.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}

#[test]
fn what_is_printed_of_the_library_is_committed() {
    let shown = [
        "bfd-300x3",
        "bgp",
        "carrier-loss",
        "ipsla-fast",
        "mwan3-default-4ip",
        "opengear-om-oob",
        "pfsense-dpinger",
        "strongswan-dpd",
        "vrrp",
    ];
    let mut commands = vec![
        ("profiles-list".to_owned(), "profiles".to_owned()),
        ("profiles-diff".to_owned(), "profiles diff bfd-300x3 pfsense-dpinger --max-worse 10".to_owned()),
        (
            "profiles-diff-never".to_owned(),
            "profiles diff carrier-loss opengear-om-oob --max-worse 10".to_owned(),
        ),
        ("profiles-tune".to_owned(), "profiles tune mwan3-default-4ip --loss 5% --rows 12".to_owned()),
        ("profiles-tune-family".to_owned(), "profiles tune --family windowed-loss --rows 8".to_owned()),
    ];
    commands.extend(shown.map(|name| (format!("profiles-show-{name}"), format!("profiles show {name}"))));
    for (name, typed) in commands {
        let printed = run(typed.split(' '));
        assert_golden(
            &format!("tests/golden/cli/{name}.txt"),
            &transcript(&format!("tinsel {typed}"), &printed),
        );
    }
}

#[test]
fn the_list_fits_into_120_columns() {
    let printed = run(["profiles", "list"]);
    assert_eq!(printed.out, run(["profiles"]).out);
    for line in printed.out.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}

#[test]
fn every_profile_can_be_shown_and_its_json_says_the_same_as_the_list_s() {
    let list = json(&["profiles", "--json"]);
    let entries = list.as_array().expect("a list");
    assert!(entries.len() >= 24);
    for entry in entries {
        let name = entry["name"].as_str().expect("a name");
        let shown = json(&["profiles", "show", name, "--json"]);
        assert_eq!(shown["closed_forms"]["failback_s"], entry["failback_s"], "{name}");
        let page = run(["profiles", "show", name]);
        assert_eq!(page.code, Some(0));
        assert!(page.out.contains(entry["confidence"].as_str().expect("a word")), "{}", page.out);
        for line in page.out.lines() {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
    let pfsense = json(&["profiles", "show", "pfsense-dpinger", "--json"]);
    assert_eq!(
        pfsense["closed_forms"]["detection_s"],
        serde_json::json!({"min": 14.0, "mean": 14.75, "max": 15.5})
    );
    assert_eq!(pfsense["closed_forms"]["probe_megabytes_month"], 300.672);
}

#[test]
fn a_round_trip_moves_the_figures() {
    let shown = json(&["profiles", "show", "fortinet-sdwan", "--rtt", "20 ms", "--json"]);
    assert_eq!(shown["closed_forms"]["detection_s"]["mean"], 2.73);
    assert_eq!(shown["closed_forms"]["recovery_s"]["mean"], 2.27);
    let slow = json(&["profiles", "show", "fortinet-sdwan", "--rtt", "600 ms", "--json"]);
    assert!(slow["closed_forms"]["detection_s"]["none"].as_str().expect("a reason").contains("round trip"));
}

#[test]
fn an_unknown_profile_is_wrong_usage_and_says_what_may_have_been_meant() {
    for arguments in [
        &["profiles", "show", "pfsens-dpinger"][..],
        &["profiles", "diff", "pfsens-dpinger", "bgp"],
        &["profiles", "tune", "pfsens-dpinger"],
    ] {
        let printed = run(arguments);
        assert_eq!((printed.code, printed.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(printed.err.contains("did you mean `pfsense-dpinger`?"), "{}", printed.err);
    }
    let printed = run(["profiles", "show", "zzzzzzzzzzzz"]);
    assert!(printed.err.contains("there is: bfd-300x3, bgp"), "{}", printed.err);
}

#[test]
fn what_cannot_be_tuned_is_wrong_usage() {
    for arguments in [
        &["profiles", "tune"][..],
        &["profiles", "tune", "carrier-loss"],
        &["profiles", "tune", "bgp"],
        &["profiles", "tune", "bgp", "--family", "m-of-n"],
        &["profiles", "tune", "vrrp", "--loss", "100%"],
        &["profiles", "tune", "vrrp", "--chart", "chart.pdf"],
        &["profiles", "diff", "bgp", "vrrp", "--max-worse", "much"],
        &["profiles", "--rtt", "20"],
    ] {
        let printed = run(arguments);
        assert_eq!((printed.code, printed.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(printed.err.starts_with("error: "), "{}", printed.err);
    }
}

#[test]
fn a_threshold_that_is_passed_is_99_and_one_that_is_kept_is_0() {
    let check = |a, b, percent| run(["profiles", "diff", a, b, "--max-worse", percent]);
    let worse = check("mwan3-single-ip", "mwan3-default-4ip", "50");
    assert_eq!(worse.code, Some(99));
    assert!(worse.out.contains("B: mwan3-default-4ip"), "the comparison is printed all the same");
    assert!(worse.err.contains("detection +60,000 ms longer in the mean (+92.1 %)"), "{}", worse.err);
    assert!(!worse.err.contains("recovery"), "{}", worse.err);
    assert_eq!(check("mwan3-single-ip", "mwan3-default-4ip", "100").code, Some(0));
    assert_eq!(check("mwan3-default-4ip", "mwan3-single-ip", "2").code, Some(0), "recovery is 1.6 % longer");
    assert_eq!(check("mwan3-default-4ip", "mwan3-single-ip", "1").code, Some(99));
    assert_eq!(check("vrrp", "vrrp", "0").code, Some(0));
    // Never is worse than any time.
    assert_eq!(check("digi-surelink", "carrier-loss", "1000000").code, Some(99));
    let compared = run(["profiles", "diff", "vrrp", "bgp", "--max-worse", "1", "--json"]);
    assert_eq!(compared.code, Some(99));
    let compared: Value = serde_json::from_str(&compared.out).expect("JSON");
    assert_eq!(compared["worse"].as_array().map(Vec::len), Some(4));
    assert_eq!(run(["profiles", "diff", "vrrp", "bgp"]).code, Some(0), "without a threshold nothing fails");
}

#[test]
fn profiles_come_from_files_and_scenarios_too() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("writable");
        path.display().to_string()
    };
    let mine = "[profiles.mine]\nbased_on = \"fortinet-sdwan\"\ndown = 3\n";
    let one = write("one.toml", mine);
    let two = write("two.toml", &format!("{mine}[profiles.vrrp]\ndead = \"5 s\"\n"));
    assert_eq!(json(&["profiles", "show", &one, "--json"])["closed_forms"]["detection_s"]["mean"], 1.75);
    let changed = json(&["profiles", "show", &format!("{two}#vrrp"), "--json"]);
    assert_eq!(changed["closed_forms"]["detection_s"]["max"], 5.0);
    let which = run(["profiles", "show", &two]);
    assert_eq!(which.code, Some(2));
    assert!(which.err.contains("mine, vrrp") && which.err.contains("#NAME"), "{}", which.err);
    let of_scenario = json(&["profiles", "--scenario", &two, "--json"]);
    let names: Vec<&str> =
        of_scenario.as_array().expect("a list").iter().filter_map(|entry| entry["name"].as_str()).collect();
    assert!(names.contains(&"mine") && names.contains(&"bgp"), "{names:?}");
    assert_eq!(run(["profiles", "diff", "fortinet-sdwan", &one, "--max-worse", "0"]).code, Some(0));
    let broken = write("broken.toml", "[profiles.mine]\nbased_on = \"fortinet-sdwan\"\ndwon = 3\n");
    let rejected = run(["profiles", "show", &broken]);
    assert_eq!(rejected.code, Some(3));
    assert!(rejected.err.contains("did you mean `down`?"), "{}", rejected.err);
    assert_eq!(run(["profiles", "show", "no/such.toml"]).code, Some(1));
}

#[test]
fn a_sweep_writes_all_its_choices_and_draws_them() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = |name: &str| directory.path().join(name).display().to_string();
    let (table, svg, png) = (file("all.csv"), file("all.svg"), file("all.png"));
    let swept = run(["profiles", "tune", "pfsense-dpinger", "--csv", &table, "--chart", &svg]);
    assert_eq!((swept.code, swept.err.as_str()), (Some(0), ""));
    let rows = fs::read_to_string(&table).expect("a table");
    assert!(rows.starts_with("send,loss_after,period,loss_percent,failover_mean_s,"), "{}", &rows[..80]);
    let best = rows.lines().filter(|row| row.ends_with(",1")).count();
    let document = json(&["profiles", "tune", "pfsense-dpinger", "--json", "--chart", &png]);
    assert_eq!(document["frontier"].as_array().map(Vec::len), Some(best));
    assert_eq!(document["choices"], rows.lines().count() - 1);
    assert!(fs::read_to_string(&svg).expect("a chart").contains("pfsense-dpinger"));
    assert_eq!(&fs::read(&png).expect("a chart")[1..4], b"PNG");
    // Nothing on the frontier is as good as something else there in all three.
    let points = document["frontier"].as_array().expect("a list");
    let of = |point: &Value, key: &str| point[key].as_f64().expect("a number");
    for (at, point) in points.iter().enumerate() {
        let beaten = points[..at].iter().any(|other| {
            ["false_failovers_per_year", "probe_megabytes_month"]
                .iter()
                .all(|key| of(other, key) <= of(point, key))
        });
        assert!(!beaten, "{point}");
    }
    let nowhere = run(["profiles", "tune", "vrrp", "--csv", &file("no/such/folder.csv")]);
    assert_eq!((nowhere.code, nowhere.out.as_str()), (Some(1), ""));
    assert!(nowhere.err.contains("folder.csv"), "{}", nowhere.err);
}
