//! The summary's numbers and its words.

use tinsel::report::Summary;
use tinsel::simulation::result::{IncidentKind, RunResult};

use super::{meta, synthetic};

#[test]
fn one_replication_has_no_interval_and_says_so() {
    let scenario = synthetic::scenario("one", 10, 5, 1);
    let summary = Summary::new(&scenario, &synthetic::result(&scenario));
    let text = summary.to_terminal(false, &meta());
    assert!(text.contains("one possible weekend, not a forecast"));
    assert!(!text.contains("CI") && !text.contains('±') && !text.contains("weekend in 20"), "{text}");
    for group in &summary.groups {
        for metric in &group.metrics {
            assert!(
                metric.value.is_none_or(|value| value.low.is_none() && value.high.is_none()),
                "{metric:?}"
            );
        }
    }
}

#[test]
fn twenty_replications_tell_the_one_in_20_weekend() {
    let scenario = synthetic::scenario("twenty", 10, 5, 20);
    let result = synthetic::result(&scenario);
    let summary = Summary::new(&scenario, &result);
    let mut lost: Vec<f64> = result
        .replications
        .iter()
        .map(|replication| {
            replication.stores.iter().map(|store| store.lost_sales_network.as_units_f64()).sum()
        })
        .collect();
    lost.sort_by(f64::total_cmp);
    let value = summary.metric("verdict", "lost_sales_network_p95").unwrap().value.unwrap();
    assert!((value.estimate - lost[18]).abs() < 1e-6);
    let text = summary.to_terminal(false, &meta());
    assert!(text.contains("95 % CI") && text.contains("One weekend in 20 costs"), "{text}");
    let days = summary.metrics("verdict").filter(|metric| metric.name == "stores_dark_5min").count();
    assert_eq!(days, 5);
}

#[test]
fn colour_is_only_used_when_asked_for_and_changes_no_word() {
    let scenario = synthetic::scenario("colour", 6, 2, 2);
    let summary = Summary::new(&scenario, &synthetic::result(&scenario));
    let (plain, coloured) = (summary.to_terminal(false, &meta()), summary.to_terminal(true, &meta()));
    assert!(!plain.contains('\u{1b}') && coloured.contains('\u{1b}'));
    let stripped =
        ["\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"].iter().fold(coloured, |text, code| text.replace(code, ""));
    assert_eq!(stripped, plain);
}

#[test]
fn stages_count_real_failovers_of_wired_primaries_only() {
    let scenario = synthetic::scenario("stages", 30, 2, 1);
    let mut result = synthetic::result(&scenario);
    let incidents = &mut result.replications[0].incidents;
    let wired = incidents.iter().filter(|incident| incident.store.0 % 5 != 4).count();
    incidents[0].kind = IncidentKind::FalseFailover;
    incidents[1].fault = synthetic::at(-3_600.0);
    let summary = Summary::new(&scenario, &result);
    let count = summary.metric("failover", "failover_count").unwrap().value.unwrap().estimate;
    assert_eq!(count, (wired - 2) as f64);
    let max = summary.metric("failover", "failover_latency_max").unwrap().value.unwrap().estimate;
    let median = summary.metric("failover", "failover_latency_p50").unwrap().value.unwrap().estimate;
    assert!(0.0 < median && median <= max);
}

#[test]
fn json_and_terminal_tell_the_same_groups() {
    let scenario = synthetic::scenario("json", 6, 2, 3);
    let json = Summary::new(&scenario, &synthetic::result(&scenario)).to_json();
    let groups: Vec<&String> = json["groups"].as_object().unwrap().keys().collect();
    assert_eq!(groups, ["verdict", "customers", "payments", "failover", "lte", "money"]);
    for metric in json["groups"]["customers"].as_array().unwrap() {
        for key in ["name", "unit", "estimate", "low", "high", "level", "replications"] {
            assert!(metric.get(key).is_some(), "{metric} has no {key}");
        }
    }
}

#[test]
fn nothing_simulated_is_not_a_panic() {
    let scenario = synthetic::scenario("nothing", 3, 1, 1);
    let text = Summary::new(&scenario, &RunResult::default()).to_terminal(true, &Default::default());
    assert!(text.contains("nothing"));
}
