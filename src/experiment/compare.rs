//! Two designs under the same draws: what they differ by, replication by replication.
//!
//! All draws are addressed, so two scenarios under one seed see the same customers and the same faults as far as they have the
//! same stores and causes. The difference of a metric is taken within each replication; its interval is then that of the
//! differences, mostly much narrower than two intervals side by side would suggest.

use std::collections::BTreeMap;

use crate::measure::sample::{Paired, Sample};
use crate::report::comparison::{Comparison, Row, Side};
use crate::report::parts::{Grouping, summary_of};
use crate::report::summary::{LEVEL, Metric, Summary};
use crate::scenario::resolved::Scenario;

/// Why two runs cannot be compared replication by replication.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("failed to pair the two runs: {what}; {remedy}")]
pub struct Unequal {
    /// What differs.
    pub what: String,
    /// What to do.
    pub remedy: &'static str,
}

/// Whether the replications of the two can be paired; checked before anything is run.
///
/// # Errors
/// If seed, replications, days or currency differ, or how shared faults are drawn: then a replication does not stand for the same in
/// both, and its faults are others.
pub fn check_pair(first: &Scenario, second: &Scenario) -> Result<(), Unequal> {
    let unequal = |what: String, remedy| Err(Unequal { what, remedy });
    if first.seed != second.seed {
        let what = format!("the first has seed {}, the second {}", first.seed, second.seed);
        return unequal(what, "give both the same with --seed");
    }
    if first.replications != second.replications {
        let what =
            format!("the first has {} replications, the second {}", first.replications, second.replications);
        return unequal(what, "give both the same with --replications");
    }
    if (&first.first_day, &first.last_day) != (&second.first_day, &second.last_day) {
        let what = format!(
            "the first simulates {} to {}, the second {} to {}",
            first.first_day, first.last_day, second.first_day, second.last_day
        );
        return unequal(
            what,
            "give both the same days in [scenario], or with --set scenario.first_day=… and last_day",
        );
    }
    if first.currency != second.currency {
        let what = format!("the first counts {}, the second {}", first.currency, second.currency);
        return unequal(what, "give both the same [scenario] currency");
    }
    if first.sampling != second.sampling {
        let what =
            format!("the first draws shared faults {}, the second {}", first.sampling, second.sampling);
        return unequal(what, "give both the same [faults] sampling and boost");
    }
    let names =
        |scenario: &Scenario| scenario.strata().iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
    if names(first) != names(second) {
        let what = format!("the first has strata {}, the second {}", names(first), names(second));
        return unequal(
            what,
            "let both have the same kinds of shared faults, or draw them with [faults] sampling = \"plain\"",
        );
    }
    Ok(())
}

/// Compares two runs of equal seed, days and number of replications; `names` are shown.
#[must_use]
pub fn compare(names: [String; 2], first: Side<'_>, second: Side<'_>) -> Comparison {
    let summary = Summary::measure(first.scenario, first.result);
    let other = Summary::measure(second.scenario, second.result);
    let mut rows = paired_rows(None, "", &summary, &other);
    for grouping in Grouping::ALL {
        let theirs = grouping.parts(second.scenario);
        for part in grouping.parts(first.scenario).into_iter().filter(|part| theirs.contains(part)) {
            let of = |side: Side<'_>| summary_of(side.scenario, side.result, grouping, part);
            rows.extend(paired_rows(Some(grouping), part, &of(first), &of(second)));
        }
    }
    Comparison { names, summary, rows }
}

/// The metrics of two summaries that both have.
fn paired_rows(grouping: Option<Grouping>, part: &str, first: &Summary, second: &Summary) -> Vec<Row> {
    let keyed = |summary: &Summary| -> BTreeMap<(&'static str, String, Option<String>), Metric> {
        let metrics = summary.groups.iter().flat_map(|group| {
            group
                .metrics
                .iter()
                .map(|metric| ((group.name, metric.name.clone(), metric.day.clone()), metric.clone()))
        });
        metrics.collect()
    };
    let theirs = keyed(second);
    let mut rows = Vec::new();
    for group in &first.groups {
        for metric in &group.metrics {
            let key = (group.name, metric.name.clone(), metric.day.clone());
            let Some(other) = theirs.get(&key) else { continue };
            let designs = (&first.design, &second.design);
            let paired = Sample::paired(&metric.sample, &other.sample, designs, LEVEL).map(|paired| Paired {
                first: metric.range.clip(paired.first),
                second: other.range.clip(paired.second),
                ..paired
            });
            rows.push(Row {
                grouping,
                part: part.to_owned(),
                group: group.name,
                metric: metric.name.clone(),
                day: metric.day.clone(),
                unit: metric.unit,
                paired,
            });
        }
    }
    rows
}
