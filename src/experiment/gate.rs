//! Whether a change made failover worse: a run against the baseline of an earlier one.
//!
//! Three steps, the cheapest first. Closed forms: what timers mean is known without a run, and timers that make a mean longer than
//! the margin allows fail at once. Identity: what replications showed is the same to the bit. Statistics: each gated metric's
//! excess over the margin, in pairs where both runs had the same draws of the same results version, else by Welch
//! ([`crate::measure::worsening`]).

use super::baseline::{Baseline, GATED, Timers, kept, timers};
use crate::measure::design::Design;
use crate::measure::sample::Sample;
use crate::measure::worsening::{Change, Verdict, test_all};
use crate::report::gate::{Line, Outcome, Way};
use crate::report::summary::{Metric, Summary, Unit};
use crate::report::thresholds::overall;
use crate::scenario::resolved::Scenario;
use crate::simulation::RESULTS_VERSION;
use crate::simulation::result::RunResult;

/// Probability of a false "worse" in one call, over all metrics.
pub const ALPHA: f64 = 0.01;
/// What is rounding in a closed form.
const ROUNDING: f64 = 1e-9;
const BYTES_PER_GIGABYTE: f64 = 1e9;

/// Holds a scenario against a baseline: closed forms, and only if they pass what `run` shows, which is not asked for else. The outcome, and
/// the summary of that run or of none.
///
/// # Errors
/// Whatever `run` fails with.
pub fn hold_against<E>(
    baseline: &Baseline,
    scenario: &Scenario,
    margin: f64,
    run: impl FnOnce() -> Result<Summary, E>,
) -> Result<(Outcome, Summary), E> {
    let timers = judge_timers(baseline, scenario, margin);
    if timers.verdict == Verdict::Fail {
        return Ok((timers, Summary::measure(scenario, &RunResult::default())));
    }
    let summary = run()?;
    Ok((judge(baseline, scenario, &summary, RESULTS_VERSION, margin), summary))
}

/// What timers mean against the baseline's, profile by profile of those that both have.
#[must_use]
pub fn judge_timers(baseline: &Baseline, scenario: &Scenario, margin: f64) -> Outcome {
    let now = timers(scenario);
    let both = now
        .iter()
        .filter_map(|now| Some((baseline.closed.iter().find(|before| before.name == now.name)?, now)));
    let lines: Vec<Line> = both.flat_map(|(before, now)| timer_lines(before, now, margin)).collect();
    let verdict = overall(lines.iter().map(|line| line.verdict));
    Outcome { way: Way::Timers, margin, alpha: ALPHA, lines, verdict, replications: 0 }
}

/// The figures of one profile.
fn timer_lines(before: &Timers, now: &Timers, margin: f64) -> Vec<Line> {
    let gigabytes = |timers: &Timers| Some(timers.probe_bytes_month / BYTES_PER_GIGABYTE);
    let figures = [
        ("failover", Unit::Seconds, before.failover_s, now.failover_s),
        ("failback", Unit::Seconds, before.failback_s, now.failback_s),
        ("probes a month", Unit::Gigabytes, gigabytes(before), gigabytes(now)),
        ("false alarms a year at 1 % loss", Unit::Times, before.false_alarms_year, now.false_alarms_year),
    ];
    let mut lines = Vec::new();
    for (what, unit, before, after) in figures {
        // Without a figure a time is endless, and alarms are not known.
        let worse = match (before, after) {
            (Some(before), Some(after)) => after > before * (1.0 + margin) + ROUNDING,
            (Some(_), None) => unit == Unit::Seconds,
            (None, Some(_)) => false,
            (None, None) => continue,
        };
        let relative =
            before.filter(|before| *before > 0.0).zip(after).map(|(before, after)| after / before - 1.0);
        lines.push(Line {
            group: "timers",
            label: format!("{}: {what}", now.name),
            unit,
            before,
            now: after,
            relative,
            limits: None,
            verdict: if worse { Verdict::Fail } else { Verdict::Pass },
            more: None,
        });
    }
    lines
}

/// What a run showed against what the baseline's showed.
#[must_use]
pub fn judge(
    baseline: &Baseline,
    scenario: &Scenario,
    summary: &Summary,
    results_version: u32,
    margin: f64,
) -> Outcome {
    let replications = summary.replications;
    let alike = baseline.results_version == results_version
        && baseline.seed == scenario.seed
        && baseline.replications == scenario.replications;
    let outcome = |way, lines: Vec<Line>| {
        let verdict = overall(lines.iter().map(|line| line.verdict));
        Outcome { way, margin, alpha: ALPHA, lines, verdict, replications }
    };
    if alike && baseline.metrics == kept(summary) {
        return outcome(Way::Identical, Vec::new());
    }
    let design = Design::plain(baseline.replications as usize);
    let mut lines = Vec::new();
    let mut changes = Vec::new();
    for gated in GATED {
        let Some(metric) = summary.metric(gated.group, gated.metric) else { continue };
        let before = baseline.metrics.iter().find(|kept| kept.metric == gated.metric);
        let before = before.map(|kept| kept.shown.sample());
        let change = before.as_ref().and_then(|before| {
            Change::new((before, &design), (&metric.sample, &summary.design), margin, alike)
        });
        let (line, change) = line_of(gated.group, gated.label, metric, (before.as_ref(), &design), change);
        if let Some(change) = change {
            changes.push((lines.len(), change));
        }
        lines.push(line);
    }
    let tested = test_all(&changes.iter().map(|(_, change)| *change).collect::<Vec<_>>(), ALPHA);
    for ((at, _), tested) in changes.into_iter().zip(tested) {
        let line: &mut Line = &mut lines[at];
        line.limits = Some((tested.low, tested.high));
        line.verdict = tested.verdict;
        let more = |factor: f64| libm::ceil((factor - 1.0) * replications as f64).max(1.0) as u64;
        line.more = tested.factor.map(more);
    }
    outcome(if alike { Way::Paired } else { Way::Apart }, lines)
}

/// The line of a metric before it is tested. What neither run has cannot have got worse; what only one has is not decided.
fn line_of(
    group: &'static str,
    label: &str,
    metric: &Metric,
    (before, design): (Option<&Sample>, &Design),
    change: Option<Change>,
) -> (Line, Option<Change>) {
    let then = before.and_then(|sample| sample.interval(design, 0.95)).map(|value| value.estimate);
    let now = metric.value.map(|value| value.estimate);
    let line = Line {
        group,
        label: label.to_owned(),
        unit: metric.unit,
        before: then,
        now,
        relative: change.and_then(|change| change.relative()),
        limits: None,
        verdict: if then.is_none() && now.is_none() { Verdict::Pass } else { Verdict::Inconclusive },
        more: None,
    };
    (line, change)
}
