//! The summary's numbers and its words.

use std::sync::Arc;

use tinsel::report::Summary;
use tinsel::scenario::resolved::{Failback, Scenario, Window};
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
            // Half of it to notice, a quarter to bring LTE up, a quarter to switch.
            let at = |quarters| Some(onset + Span::from_secs(15 * minutes * quarters));
            let (kind, repaired) = (IncidentKind::Failover, Some(window.end));
            IncidentRow { kind, detected: at(2), backup_ready: at(3), failover: at(4), repaired, ..nothing }
        }
        'o' => IncidentRow { repaired: Some(onset + span), ..nothing },
        _ => {
            let fault = window.end.saturating_sub(span);
            // Noticed, but who knows whether traffic would have moved.
            IncidentRow { fault, detected: Some(fault + Span::from_secs(10)), censored: true, ..nothing }
        }
    }
}

fn summary_of(faults: &[(u64, char)]) -> (Summary, String) {
    let rows = |scenario: &Scenario, model: &IncidentRow| {
        faults.iter().map(|&(minutes, end)| fault(scenario, model, minutes, end)).collect()
    };
    summary_of_rows(|_| {}, rows)
}

/// A failover of which traffic came back (`e`), that another way to the primary ended (`o`), or of which traffic was not back at the end
/// (`c`), so many minutes after the repair.
fn way_back(scenario: &Scenario, model: &IncidentRow, minutes: u64, end: char) -> IncidentRow {
    let (span, window) = (Span::from_secs(60 * minutes), scenario.window);
    let repaired = window.start + Span::from_secs(3_600);
    let moved = IncidentRow {
        fault: window.start + Span::from_secs(60),
        failover: Some(window.start + Span::from_secs(70)),
        repaired: Some(repaired),
        recovery_detected: None,
        failback: None,
        ..model.clone()
    };
    match end {
        'e' => IncidentRow { failback: Some(repaired + span), ..moved },
        'o' => IncidentRow { recovery_detected: Some(repaired + span), ..moved },
        _ => IncidentRow { repaired: Some(window.end.saturating_sub(span)), censored: true, ..moved },
    }
}

fn summary_of_rows(
    change: impl Fn(&mut Scenario),
    rows: impl Fn(&Scenario, &IncidentRow) -> Vec<IncidentRow>,
) -> (Summary, String) {
    let mut scenario = synthetic::scenario("open at the end", 10, 2, 1);
    change(&mut scenario);
    let mut result = synthetic::result(&scenario);
    let incidents = &mut result.replications[0].incidents;
    let model = incidents.iter().find(|row| row.store.0 % 5 != 4).unwrap().clone();
    *incidents = rows(&scenario, &model);
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
    // The second failover stands for 1.5 with its parts, too: of those that were completed the median is the first.
    for (stage, seconds) in [("detection", 120.0), ("bringup", 60.0), ("switch", 60.0)] {
        assert_eq!(quantile_of(&summary, stage, "p50"), seconds, "{stage}");
    }
    let (counted, _) = summary_of(&[(1, 'e'), (2, 'o'), (4, 'e'), (5, 'o')]);
    for (stage, seconds) in [("detection", 30.0), ("bringup", 15.0), ("switch", 15.0), ("failover", 60.0)] {
        assert_eq!(quantile_of(&counted, stage, "p50"), seconds, "{stage}");
    }
}

fn quantile_of(summary: &Summary, stage: &str, quantile: &str) -> f64 {
    failover(summary, &format!("{stage}_latency_{quantile}"))
}

/// The same weeks in remission as ways back.
#[test]
fn ways_back_hidden_by_the_end_of_the_run_are_not_left_out() {
    let back = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|minutes| (minutes, 'e'));
    let open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|minutes| (minutes, 'c'));
    let all = [back.as_slice(), open.as_slice()].concat();
    let of = |change: fn(&mut Scenario), ways: &[(u64, char)]| {
        summary_of_rows(change, |scenario, model| {
            ways.iter().map(|&(minutes, end)| way_back(scenario, model, minutes, end)).collect()
        })
    };
    let (summary, text) = of(|_| {}, &all);
    let quantiles = |summary: &Summary| ["p50", "p95"].map(|name| quantile_of(summary, "failback", name));
    assert_eq!(quantiles(&summary), [13.0 * 60.0, 23.0 * 60.0]);
    assert_eq!(failover(&summary, "failback_count"), 9.0);
    let has_note = |text: &str, stages: &str| text.contains(&format!("{stages}: by Kaplan and Meier"));
    assert!(has_note(&text, "failback") && !has_note(&text, "detection to failover"), "{text}");
    // Of those that came back alone.
    let (counted, text) = of(|_| {}, &back);
    assert_eq!(quantiles(&counted), [600.0, 23.0 * 60.0]);
    assert!(!has_note(&text, "failback"), "{text}");
    // A profile that never leads traffic back makes nobody wait for it.
    let (never, text) =
        of(|scenario| scenario.profiles.iter_mut().for_each(|one| one.failback = Failback::Never), &all);
    assert_eq!(quantiles(&never), quantiles(&counted));
    assert!(!has_note(&text, "failback"), "{text}");
    // By hand as above: what stands for nothing that was completed is not known to come back.
    let (other, _) = of(|_| {}, &[(1, 'e'), (2, 'o'), (3, 'c'), (4, 'e'), (5, 'o')]);
    assert_eq!(quantiles(&other), [240.0, 240.0]);
}

/// Faults are mended at half past every hour of two days, and traffic goes back at three: in the median it waits for 11.5 h. On the second
/// day those after three are cut off. Of the others half have waited 10.5 h, as short waits are there twice; if any longer wait
/// stood for those that were cut off, it would be 16.5 h.
#[test]
fn a_way_back_at_an_hour_is_stood_for_by_those_that_wait_for_it_as_long() {
    const HOUR: u64 = 3_600;
    let at_three = |scenario: &mut Scenario| {
        let start = scenario.window.start;
        let hours = |day: u64| {
            let from = start + Span::from_secs((24 * day + 3) * HOUR);
            Window { start: from, end: from + Span::from_secs(600) }
        };
        let hours: Arc<[Window]> = (0..4).map(hours).collect();
        scenario.stores.iter_mut().for_each(|store| store.failback_hours = Arc::clone(&hours));
    };
    let rows = |scenario: &Scenario, model: &IncidentRow| {
        let row = |hour: u64| {
            let at = |hours: u64| scenario.window.start + Span::from_secs(hours * HOUR);
            let (repaired, three) = (at(hour) + Span::from_secs(HOUR / 2), at((hour + 21) / 24 * 24 + 3));
            let is_back = three < scenario.window.end;
            let moved = way_back(scenario, model, 0, 'e');
            let (repaired, failback) = (Some(repaired), is_back.then_some(three));
            IncidentRow { repaired, failback, censored: !is_back, ..moved }
        };
        (0..48).map(row).collect()
    };
    let (summary, _) = summary_of_rows(at_three, rows);
    assert_eq!(failover(&summary, "failback_count"), 27.0);
    assert_eq!(quantile_of(&summary, "failback", "p50"), 11.5 * HOUR as f64);
    let (pooled, _) = summary_of_rows(|_| {}, rows);
    assert_eq!(quantile_of(&pooled, "failback", "p50"), 16.5 * HOUR as f64);
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
