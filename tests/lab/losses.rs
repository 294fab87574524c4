//! Partial loss for a fixed window: time to the first false failover, flaps per minute, share of time on the backup.

use tinsel::measure::estimators::mean_interval;

use super::compare::{Comparison, LEVEL, WIDENED, compare};
use super::conditions::{self, Conditions};
use super::measured::{self, Series};
use super::simulated::{Trial, trials};
use super::table;

/// A mean per window beside the other.
#[derive(Debug)]
pub struct Mean {
    pub series: String,
    pub what: &'static str,
    pub measured: f64,
    pub simulated: f64,
    pub low: f64,
    pub high: f64,
}

impl Mean {
    pub fn agrees(&self) -> bool {
        (self.low..=self.high).contains(&self.simulated)
    }
}

/// Everything compared of one series.
pub fn comparisons(series: &Series, conditions: &Conditions) -> (Vec<Comparison>, Vec<Mean>) {
    let window_s = conditions.window_s.expect("a window of loss");
    let run = trials(conditions, series.app_interval_s);
    // What the laboratory saw within the window.
    let within = |value: fn(&Trial) -> Option<f64>| -> Vec<f64> {
        run.iter().filter_map(value).filter(|&after_s| after_s <= window_s).collect()
    };
    let times = [
        ("detect_s", within(|trial| trial.detect)),
        ("failover_s", within(|trial| trial.failover)),
    ];
    let times = times
        .into_iter()
        .filter_map(|(column, simulated)| compare(&series.name, column, &series.values(column), &simulated));
    let minutes = window_s / 60.0;
    let flaps: Vec<f64> = run.iter().map(|trial| f64::from(trial.alarms) / minutes).collect();
    let share: Vec<f64> = run.iter().map(|trial| trial.backup_share).collect();
    let measured_flaps: Vec<f64> = series.values("nflaps").iter().map(|count| count / minutes).collect();
    let means = vec![
        mean(series, "downs a minute", &measured_flaps, &flaps),
        mean(series, "share of time on backup", &series.values("down_frac"), &share),
    ];
    (times.collect(), means)
}

fn mean(series: &Series, what: &'static str, measured: &[f64], simulated: &[f64]) -> Mean {
    let interval = mean_interval(measured, LEVEL).expect("windows");
    let bound = |limit: Option<f64>| limit.expect("more than one window");
    Mean {
        series: series.name.clone(),
        what,
        measured: interval.estimate,
        simulated: simulated.iter().sum::<f64>() / simulated.len() as f64,
        low: bound(interval.low) * (1.0 - WIDENED),
        high: bound(interval.high) * (1.0 + WIDENED),
    }
}

#[test]
fn false_failovers_under_loss_come_as_measured() {
    let (mut times, mut means) = (Vec::new(), Vec::new());
    for series in measured::series(&measured::shipped()) {
        let conditions = conditions::of(&series).expect("conditions");
        if conditions.window_s.is_some() {
            let (of_times, of_means) = comparisons(&series, &conditions);
            times.extend(of_times);
            means.extend(of_means);
        }
    }
    println!("{}{}", table::text(&times), table::means(&means));
    let missed: Vec<&Comparison> = times.iter().filter(|comparison| !comparison.agrees()).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    let missed: Vec<&Mean> = means.iter().filter(|mean| !mean.agrees()).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
