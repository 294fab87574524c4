//! The summary's numbers and its words.

use tinsel::report::Summary;
use tinsel::scenario::resolved::Scenario;
use tinsel::simulation::result::{IncidentKind, IncidentRow, RunResult};
use tinsel::units::Span;

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

/// A fault of which traffic was moved (`e`), that was over first (`o`), or that was open at the end (`c`), after so many minutes.
fn fault(scenario: &Scenario, model: &IncidentRow, minutes: u64, end: char) -> IncidentRow {
    let (span, window) = (Span::from_secs(60 * minutes), scenario.window);
    let onset = window.start + Span::from_secs(60);
    let nothing = IncidentRow {
        kind: IncidentKind::NoFailover,
        fault: onset,
        detected: None,
        backup_ready: None,
        failover: None,
        repaired: None,
        recovery_detected: None,
        failback: None,
        ..model.clone()
    };
    match end {
        'e' => {
            let (kind, failover) = (IncidentKind::Failover, Some(onset + span));
            IncidentRow { kind, failover, repaired: Some(window.end), ..nothing }
        }
        'o' => IncidentRow { repaired: Some(onset + span), ..nothing },
        _ => IncidentRow { fault: window.end.saturating_sub(span), censored: true, ..nothing },
    }
}

fn summary_of(faults: &[(u64, char)]) -> (Summary, String) {
    let scenario = synthetic::scenario("open at the end", 10, 2, 1);
    let mut result = synthetic::result(&scenario);
    let incidents = &mut result.replications[0].incidents;
    let model = incidents.iter().find(|row| row.store.0 % 5 != 4).unwrap().clone();
    *incidents = faults.iter().map(|&(minutes, end)| fault(&scenario, &model, minutes, end)).collect();
    let summary = Summary::new(&scenario, &result);
    let text = summary.to_terminal(false, &meta());
    (summary, text)
}

fn failover(summary: &Summary, name: &str) -> f64 {
    summary.metric("failover", name).unwrap().value.unwrap().estimate
}

/// Weeks in remission under 6-MP (Freireich et al. 1963) as minutes: textbooks print a curve that ends at 0.448.
#[test]
fn failovers_hidden_by_the_end_of_the_run_are_not_left_out() {
    let moved = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|minutes| (minutes, 'e'));
    let open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|minutes| (minutes, 'c'));
    let (summary, text) = summary_of(&[moved.as_slice(), open.as_slice()].concat());
    assert!((failover(&summary, "failover_incidence") - 0.552).abs() < 0.0005);
    // Half and 95 % of 0.552: by 13 min there are 0.310, by 10 min 0.247; of the nine that moved the median is 10 min.
    let quantiles = ["p50", "p95"].map(|name| failover(&summary, &format!("failover_latency_{name}")));
    assert_eq!(quantiles, [13.0 * 60.0, 23.0 * 60.0]);
    let counts =
        ["failover_needed_count", "failover_count", "failover_censored_count", "repaired_undetected_count"];
    assert_eq!(counts.map(|name| failover(&summary, name)), [21.0, 9.0, 12.0, 0.0]);
    assert_eq!(failover(&summary, "repaired_first_incidence"), 0.0);
    assert!(text.contains("by Kaplan and Meier"), "{text}");
    // Without those that were open it is counting, and nothing is said.
    let (counted, text) = summary_of(&moved);
    assert_eq!(failover(&counted, "failover_latency_p50"), 600.0);
    assert_eq!(failover(&counted, "failover_incidence"), 1.0);
    assert!(!text.contains("by Kaplan and Meier"), "{text}");
}

/// Worked by hand: at 1 of 5 traffic moves, at 2 of 4 one is over, one is open at 3, at 4 of 2 traffic moves, at 5 the last is over.
#[test]
fn faults_that_are_over_first_compete_with_failovers() {
    let (summary, _) = summary_of(&[(1, 'e'), (2, 'o'), (3, 'c'), (4, 'e'), (5, 'o')]);
    let shares = ["failover_incidence", "repaired_first_incidence"].map(|name| failover(&summary, name));
    assert!(shares.iter().all(|share| (share - 0.5).abs() < 1e-12), "{shares:?}");
    // 0.2 of 0.5 have moved by 1 min, all by 4 min.
    let quantile = |name: &str| failover(&summary, &format!("failover_latency_{name}"));
    assert_eq!((quantile("p50"), quantile("p95"), quantile("max")), (240.0, 240.0, 240.0));
    assert_eq!(failover(&summary, "repaired_undetected_count"), 2.0);
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
