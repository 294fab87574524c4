//! `tinsel profiles bring-up`.

use serde_json::Value;

use super::{assert_golden, run};

fn json(arguments: &[&str]) -> Value {
    let printed = run(["profiles", "bring-up", "--json"].iter().chain(arguments));
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    serde_json::from_str(&printed.out).unwrap_or_else(|error| panic!("{error}: {}", printed.out))
}

fn first_byte_p50(document: &Value, standby: &str) -> f64 {
    document["standby"][standby]["first_byte_s"]["p50"].as_f64().expect("a number")
}

#[test]
fn the_tables_of_what_is_shipped() {
    let printed = run(["profiles", "bring-up"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert_golden(
        "tests/golden/cli/profiles-bring-up.txt",
        &format!("$ tinsel profiles bring-up\n{}", printed.out),
    );
}

#[test]
fn the_scenarios_own_stages_carriers_and_seed_are_used() {
    let shipped = json(&["--draws", "500", "--seed", "300", "--carrier", "att"]);
    let scenario = json(&["scenarios/lab/mall-storm.toml", "--draws", "500"]);
    assert_eq!(scenario["seed"], 300);
    assert_eq!(scenario["carriers"], serde_json::json!(["att"]));
    assert_eq!(scenario["standby"], shipped["standby"], "it changes nothing of the stages");
    let other = json(&["scenarios/lab/mall-storm.toml", "--draws", "500", "--seed", "7"]);
    assert_ne!(scenario["standby"], other["standby"]);
}

#[test]
fn standby_states_are_in_order_and_slow_carriers_slow() {
    let (att, sprint) = (json(&["--carrier", "att"]), json(&["--carrier", "sprint"]));
    let order = ["cold", "radio-off", "warm", "hot", "hot-active"];
    assert!(order.is_sorted_by(|slow, fast| first_byte_p50(&att, slow) > first_byte_p50(&att, fast)));
    assert!(order.iter().all(|standby| first_byte_p50(&att, standby) < first_byte_p50(&sprint, standby)));
}

#[test]
fn what_there_is_not_is_wrong_usage() {
    for wrong in [["--carrier", "pigeon"], ["--draws", "0"], ["--draws", "a few"]] {
        let printed = run(["profiles", "bring-up"].iter().chain(&wrong));
        assert_eq!((printed.code, printed.out.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(printed.err.contains(wrong[0]), "{}", printed.err);
    }
    let printed = run(["profiles", "bring-up", "tests/broken/01-not-toml.toml"]);
    assert_eq!((printed.code, printed.out.as_str()), (Some(3), ""));
}
