//! `tinsel new`: a scenario that can be checked and run at once.

use std::fs;

use super::transcripts::transcript;
use super::{assert_golden, place, run, shipped};

const FLEET: &str = "\
Store #;Banner;St;City;Latitude;Longitude;Time Zone;Registers;ISP;Mobile Carrier
001;Fresh Mart;TX;Austin;30.27;-97.74;America/Chicago;12;spectrum;verizon
002;Fresh Mart;TX;San Antonio;29.42;-98.49;America/Chicago;9;spectrum;Verizon
003;Corner Fuel;NM;Albuquerque;35.08;-106.65;America/Denver;2;century;att
";

#[test]
fn a_first_scenario_is_accepted_and_can_be_run() {
    let (directory, out) = place();
    let fleet = directory.path().join("our stores.csv");
    fs::write(&fleet, FLEET).expect("writable");
    let scenario = directory.path().join("our stores.toml");
    let path = fleet.display().to_string();
    let mut printed = run(["new", &path]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    let folder = format!("{}/", directory.path().display());
    printed.out = printed.out.replace(&folder, "");
    assert_golden("tests/golden/cli/new.txt", &transcript("tinsel new 'our stores.csv'", &printed));
    assert_golden("tests/golden/cli/new-scenario.toml", &fs::read_to_string(&scenario).expect("written"));
    let scenario = scenario.display().to_string();
    assert_eq!(run(["check", &scenario]).code, Some(0));
    let out = out.display().to_string();
    let printed = run(["run", &scenario, "--replications=1", "--no-charts", "--quiet", "--out", &out]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    // What is there is not lost.
    let refused = run(["new", &path]);
    assert!(refused.code == Some(2) && refused.err.contains("--force"), "{}", refused.err);
    assert_eq!(
        run(["new", &path, "--force", "--quiet", "--first-day=2024-11-29", "--last-day=2024-11-29"]).code,
        Some(0)
    );
    assert!(fs::read_to_string(&scenario).expect("written").contains("date = 2024-11-29"));
    assert_eq!(run(["check", &scenario]).code, Some(0));
}

#[test]
fn shipped_fleets_make_scenarios() {
    let (directory, _) = place();
    for fleet in ["north_pole", "small_chain", "us_stores_2992"] {
        let scenario = directory.path().join(fleet).with_extension("toml").display().to_string();
        let printed = run(["new", &shipped(&format!("scenarios/data/{fleet}.csv")), "--out", &scenario]);
        assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
        assert_eq!(run(["check", &scenario]).code, Some(0), "{fleet}");
    }
}

#[test]
fn a_fleet_that_must_be_mended_is_rejected() {
    let (directory, _) = place();
    let fleet = directory.path().join("fleet.csv");
    fs::write(&fleet, "id,format\n1,kiosk\n1,kiosk\n").expect("writable");
    let printed = run(["new", &fleet.display().to_string()]);
    assert_eq!((printed.code, printed.out.as_str()), (Some(3), ""));
    assert!(printed.err.contains("already on line 2"), "{}", printed.err);
    assert!(!directory.path().join("fleet.toml").exists());
    let none = run(["new", &directory.path().join("none.csv").display().to_string()]);
    assert!(none.code == Some(1) && none.err.contains("none.csv"), "{}", none.err);
}
