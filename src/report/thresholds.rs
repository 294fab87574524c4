//! Whether a run meets its scenario's `[thresholds]`.
//!
//! A condition is met if the whole 95 % interval of its metric meets it, and broken if none of the interval does; in between the
//! replications do not tell, and how many more would, if the estimates stayed, follows from the interval's width being in
//! proportion to 1/√n. Maxima are judged as they are: of these replications. Conditions are judged one by one: with many of them
//! the chance that some verdict errs adds up.

use serde_json::{Value, json};

use super::named::metric_named;
use super::parts::{Grouping, summary_of};
use super::summary::{LEVEL, Metric, Summary, Unit, with_interval};
use crate::measure::estimators::Interval;
use crate::measure::sample::Sample;
use crate::measure::worsening::Verdict;
use crate::scenario::nearest;
use crate::scenario::resolved::{Limit, Relation, Scenario, Statistic, Threshold};
use crate::simulation::result::RunResult;

const SECONDS_PER_HOUR: f64 = 3_600.0;
const SECONDS_PER_DAY: f64 = 86_400.0;
const BYTES_PER_GIGABYTE: f64 = 1e9;
/// With fewer, no interval is worth extrapolating from; also what is named where there is none.
const REPLICATIONS_MIN: usize = 20;

/// A condition and what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// Metric and condition as written.
    pub text: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What the metric is, if it was measured.
    pub value: Option<Interval>,
    /// What it counts.
    pub unit: Unit,
    /// How many more replications would decide, if the estimate stayed; `None`: it is decided, or none would.
    pub more: Option<u64>,
}

/// The word for a verdict in output.
#[must_use]
pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// The verdict on all together: one failure fails, one that is not decided leaves it open.
#[must_use]
pub fn overall(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.fold(Verdict::Pass, |all, one| match (all, one) {
        (Verdict::Fail, _) | (_, Verdict::Fail) => Verdict::Fail,
        (Verdict::Inconclusive, _) | (_, Verdict::Inconclusive) => Verdict::Inconclusive,
        (Verdict::Pass, Verdict::Pass) => Verdict::Pass,
    })
}

/// What is wrong with conditions that nothing can be held to, before anything is run.
#[must_use]
pub fn problems(scenario: &Scenario) -> Vec<String> {
    if scenario.thresholds.is_empty() {
        return Vec::new();
    }
    // No replication, so nothing is measured, but every metric has its name and unit.
    let nothing = RunResult::default();
    let fleet = Summary::measure(scenario, &nothing);
    let of_one = |threshold: &Threshold| {
        let whole;
        let summary = match &threshold.part {
            None => &fleet,
            Some((grouping, part)) => {
                let grouping = grouping_of(grouping);
                if !grouping.parts(scenario).contains(part.as_str()) {
                    let near = nearest(part, grouping.parts(scenario).into_iter());
                    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    return Some(format!("no store has the {} `{part}`{near}", grouping.name()));
                }
                whole = summary_of(scenario, &nothing, grouping, part);
                &whole
            }
        };
        match find(summary, threshold) {
            None => Some(unknown(summary, threshold)),
            Some(metric) => {
                in_unit(threshold.limit, metric.unit).is_none().then(|| other_unit(summary, metric))
            }
        }
    };
    let of_one = |threshold| of_one(threshold).map(|what| (threshold, what));
    let problems = scenario.thresholds.iter().filter_map(of_one);
    problems
        .map(|(threshold, what)| format!("{}: threshold `{}`: {what}", threshold.place, threshold.text))
        .collect()
}

/// A metric, called `group.name` or alone if that is clear, as `group.name`, before anything is run.
///
/// # Errors
/// If there is no such metric, or there are several.
pub fn metric_path(scenario: &Scenario, metric: &str) -> Result<String, String> {
    let known = Summary::measure(scenario, &RunResult::default()).paths();
    metric_named(metric, &known).map(str::to_owned)
}

/// The limit of a metric, called `group.name`, as a number in the metric's unit, before anything is run.
///
/// # Errors
/// If there is no such metric, or the limit is in no unit of it.
pub fn target(scenario: &Scenario, metric: &str, limit: Limit) -> Result<f64, String> {
    let summary = Summary::measure(scenario, &RunResult::default());
    let found = summary.metric_at(metric).ok_or_else(|| format!("there is no metric `{metric}`"))?;
    in_unit(limit, found.unit).ok_or_else(|| other_unit(&summary, found))
}

fn other_unit(summary: &Summary, metric: &Metric) -> String {
    format!(
        "the limit is not in a unit of `{}`, which counts {}",
        metric.name,
        summary.unit_name(metric.unit)
    )
}

fn unknown(summary: &Summary, threshold: &Threshold) -> String {
    let wanted = format!("{}{}", threshold.metric, threshold.statistic.suffix());
    let names = || summary.groups.iter().flat_map(|group| &group.metrics).map(|metric| metric.name.as_str());
    let has_other =
        names().any(|name| name == threshold.metric || name.starts_with(&format!("{}_", threshold.metric)));
    if has_other {
        let known = names().filter_map(|name| name.strip_prefix(threshold.metric.as_str()));
        let statistics = [
            ("", "mean"),
            ("_share", "share"),
            ("_count", "count"),
            ("_max", "max"),
            ("_p50", "p(50)"),
            ("_p95", "p(95)"),
            ("_p99", "p(99)"),
        ];
        let known: Vec<&str> = known
            .filter_map(|end| statistics.iter().find(|(suffix, _)| *suffix == end).map(|(_, word)| *word))
            .collect();
        return format!("`{}` has no such statistic; it has {}", threshold.metric, known.join(", "));
    }
    let near = nearest(&wanted, names()).or_else(|| nearest(&threshold.metric, names()));
    let near = near.map_or_else(
        || "docs/thresholds.md says which there are".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    format!("there is no metric `{wanted}`; {near}")
}

fn grouping_of(word: &str) -> Grouping {
    Grouping::ALL.into_iter().find(|grouping| grouping.name() == word).unwrap_or(Grouping::Region)
}

fn find<'s>(summary: &'s Summary, threshold: &Threshold) -> Option<&'s Metric> {
    let (group, name) = match threshold.metric.split_once('.') {
        Some((group, name)) => (Some(group), name),
        None => (None, threshold.metric.as_str()),
    };
    // Times of a stage are `failover_latency_p50` and so on, how many there are is `failover_count`.
    let stem = match threshold.statistic {
        Statistic::Count => name.strip_suffix("_latency").unwrap_or(name),
        Statistic::Value
        | Statistic::Share
        | Statistic::Max
        | Statistic::P50
        | Statistic::P95
        | Statistic::P99 => name,
    };
    let name = format!("{stem}{}", threshold.statistic.suffix());
    let groups = summary.groups.iter().filter(|candidate| group.is_none_or(|group| candidate.name == group));
    let mut metrics = groups.flat_map(|group| &group.metrics);
    metrics.find(|metric| metric.name == name && metric.day.is_none())
}

/// The limit in what a metric counts.
fn in_unit(limit: Limit, unit: Unit) -> Option<f64> {
    match (limit, unit) {
        (Limit::Number(number), Unit::Seconds) => (number == 0.0).then_some(0.0),
        (Limit::Number(number), _)
        | (Limit::Money(number), Unit::Money)
        | (Limit::Share(number), Unit::Share) => Some(number),
        (Limit::Time(seconds), Unit::Seconds) => Some(seconds),
        (Limit::Time(seconds), Unit::StoreHours | Unit::CellHours | Unit::PersonHours) => {
            Some(seconds / SECONDS_PER_HOUR)
        }
        (Limit::Time(seconds), Unit::Days) => Some(seconds / SECONDS_PER_DAY),
        (Limit::Bytes(bytes), Unit::Gigabytes) => Some(bytes / BYTES_PER_GIGABYTE),
        (Limit::Time(_) | Limit::Money(_) | Limit::Share(_) | Limit::Bytes(_), _) => None,
    }
}

/// Judges all conditions of the scenario, in file order; `fleet` is the summary of the whole.
#[must_use]
pub fn judge(scenario: &Scenario, result: &RunResult, fleet: &Summary) -> Vec<Judged> {
    let of_one = |threshold: &Threshold| {
        let whole;
        let summary = match &threshold.part {
            None => fleet,
            Some((grouping, part)) => {
                whole = summary_of(scenario, result, grouping_of(grouping), part);
                &whole
            }
        };
        let metric = find(summary, threshold);
        let unit = metric.map_or(Unit::Times, |metric| metric.unit);
        let value = metric.and_then(|metric| metric.value);
        let limit = in_unit(threshold.limit, unit);
        let as_it_is =
            metric.is_some_and(|metric| matches!(metric.sample, Sample::Fixed(_) | Sample::Longest(_)));
        let (verdict, more) = match (value, limit) {
            (Some(value), Some(limit)) => {
                against(threshold.relation, limit, &value, as_it_is, summary.replications)
            }
            _ => (Verdict::Inconclusive, None),
        };
        Judged { text: threshold.text.clone(), verdict, value, unit, more }
    };
    scenario.thresholds.iter().map(of_one).collect()
}

fn against(
    relation: Relation,
    limit: f64,
    value: &Interval,
    as_it_is: bool,
    replications: usize,
) -> (Verdict, Option<u64>) {
    let meets = |number: f64| match relation {
        Relation::Below => number < limit,
        Relation::AtMost => number <= limit,
        Relation::Above => number > limit,
        Relation::AtLeast => number >= limit,
    };
    let ends = if as_it_is { (Some(value.estimate), Some(value.estimate)) } else { (value.low, value.high) };
    let all = [ends.0, ends.1].map(|end| end.map(meets));
    match all {
        [Some(true), Some(true)] => return (Verdict::Pass, None),
        [Some(false), Some(false)] => return (Verdict::Fail, None),
        _ => {}
    }
    let end = if value.estimate < limit { value.high } else { value.low };
    let Some(reach) = end.map(|end| (end - value.estimate).abs()) else {
        let more = REPLICATIONS_MIN.saturating_sub(replications) as u64;
        return (Verdict::Inconclusive, (more > 0).then_some(more));
    };
    let factor = reach / (limit - value.estimate).abs();
    let needed = libm::ceil(replications as f64 * factor * factor);
    // Beyond, no number is worth saying.
    const WORTH_SAYING: f64 = 1e9;
    let more = (needed.is_finite() && needed < WORTH_SAYING)
        .then(|| (needed as u64).saturating_sub(replications as u64).max(1));
    (Verdict::Inconclusive, more)
}

/// Their entries in `summary.json`.
#[must_use]
pub fn to_json(judged: &[Judged], summary: &Summary) -> Value {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let of_one = |one: &Judged| {
        json!({
            "threshold": one.text,
            "verdict": word(one.verdict),
            "unit": summary.unit_name(one.unit),
            "estimate": finite(one.value.map(|value| value.estimate)),
            "low": finite(one.value.and_then(|value| value.low)),
            "high": finite(one.value.and_then(|value| value.high)),
            "level": LEVEL,
            "more_replications": one.more,
        })
    };
    Value::Array(judged.iter().map(of_one).collect())
}

/// A line for each, for a terminal.
#[must_use]
pub fn lines(judged: &[Judged], currency: &str) -> Vec<String> {
    let width = judged.iter().map(|one| one.text.chars().count()).max().unwrap_or(0);
    let of_one = |one: &Judged| {
        let value = one.value.as_ref().map_or_else(
            || "not measured".to_owned(),
            |value| {
                let (value, interval) = with_interval(one.unit, value, currency);
                format!("{value} {interval}").trim_end().to_owned()
            },
        );
        let more = match (one.verdict, one.more) {
            (Verdict::Inconclusive, Some(more)) => format!(": about {more} more replications would tell"),
            _ => String::new(),
        };
        format!("{:12}  {:width$}  {value}{more}", word(one.verdict), one.text)
    };
    judged.iter().map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_across_the_limit_tells_nothing_yet() {
        let value = |low, high| Interval { estimate: 10.0, low: Some(low), high: Some(high), level: LEVEL };
        let below = |limit, low, high| against(Relation::Below, limit, &value(low, high), false, 20);
        assert_eq!(below(13.0, 8.0, 12.0), (Verdict::Pass, None));
        assert_eq!(below(7.0, 8.0, 12.0), (Verdict::Fail, None));
        // Half as wide with four times as many.
        assert_eq!(below(11.0, 8.0, 12.0), (Verdict::Inconclusive, Some(60)));
        let alone = Interval::point(10.0, LEVEL);
        assert_eq!(against(Relation::Below, 11.0, &alone, false, 1), (Verdict::Inconclusive, Some(19)));
        assert_eq!(against(Relation::Above, 11.0, &alone, true, 1), (Verdict::Fail, None));
    }
}
