//! `tinsel run --until 2% --metric lost_sales`: as many replications as a metric's interval needs.

use clap::Args;

use super::exit::Failure;
use crate::measure::estimators::Interval;
use crate::measure::stopping::{FIRST_LOOK, Look, RELATIVE_MAX, REPLICATIONS_MIN, Rule};
use crate::report::Stopped;
use crate::report::named::metric_named;
use crate::report::summary::{LEVEL, Metric, Summary, Unit, with_interval};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{ReplicationResult, RunResult};
use crate::simulation::{Execution, Progress, run_some};
use crate::units::parse_share;

/// What a planner asks about first.
const USUAL_METRIC: &str = "lost_sales_network";
/// Six doublings of the first look.
const USUAL_MOST: u32 = 1_280;

#[derive(Args, Clone, Default, Debug)]
pub(super) struct UntilArgs {
    /// Add replications until half the metric's 95 % interval is at most this share of its estimate, for example 2%; looks are
    /// after 20, 40, 80, … replications and at the maximum. Exit code 98 if the maximum does not decide.
    #[arg(
        long,
        value_name = "SHARE",
        value_parser = relative,
        conflicts_with_all = ["replications", "shard_index", "shard_count"]
    )]
    until: Option<f64>,
    /// The metric of --until, as summary.json names it: `lost_sales_network`, or with its group, `money.lost_margin`
    /// [default: lost_sales_network].
    #[arg(long, value_name = "NAME", requires = "until")]
    metric: Option<String>,
    /// The most replications of --until, at least 30 [default: 1280].
    #[arg(
        long,
        value_name = "N",
        requires = "until",
        value_parser = clap::value_parser!(u32).range(i64::from(REPLICATIONS_MIN)..)
    )]
    max_replications: Option<u32>,
}

/// A share above zero, and not so wide that it means little.
fn relative(text: &str) -> Result<f64, String> {
    match parse_share(text) {
        Ok(share) if share > RELATIVE_MAX => Err(format!(
            "at most {:.0} %: wider intervals cover less often than they say",
            100.0 * RELATIVE_MAX
        )),
        Ok(share) if share > 0.0 => Ok(share),
        Ok(_) => Err("no number of replications makes an interval of no width".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A rule and what it is about.
pub(super) struct Until {
    rule: Rule,
    metric: String,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) result: RunResult,
    look: Look,
    unit: Unit,
    looks: Vec<u32>,
}

impl UntilArgs {
    /// The words that decide results.
    pub(super) fn recipe(&self) -> Vec<String> {
        let UntilArgs { until, metric, max_replications } = self;
        let mut words: Vec<String> = until.iter().map(|share| format!("--until={share}")).collect();
        words.extend(metric.iter().map(|name| format!("--metric={name}")));
        words.extend(max_replications.iter().map(|most| format!("--max-replications={most}")));
        words
    }

    /// What is asked for, if anything; the metric must be one of `scenario`'s.
    pub(super) fn of(&self, scenario: &Scenario) -> Result<Option<Until>, Failure> {
        let Some(relative) = self.until else { return Ok(None) };
        let metric = self.metric.clone().unwrap_or_else(|| USUAL_METRIC.to_owned());
        // What metrics there are follows from the scenario and from the number of replications.
        let empty =
            (0..FIRST_LOOK).map(|replication| ReplicationResult { replication, ..Default::default() });
        let summary = Summary::new(scenario, &RunResult { replications: empty.collect() });
        find(&summary, &metric)?;
        let replications_max = self.max_replications.unwrap_or(USUAL_MOST);
        let strata = summary.design.strata().len() as u32;
        let rule = Rule { relative, level: LEVEL, replications_max, strata };
        Ok(Some(Until { rule, metric }))
    }
}

/// The metric called `name`, with its group or alone.
fn find<'a>(summary: &'a Summary, name: &str) -> Result<&'a Metric, Failure> {
    let paths = summary.paths();
    let path = metric_named(name, &paths).map_err(Failure::Usage)?;
    let found = summary.metric_at(path);
    found.ok_or_else(|| Failure::Usage(format!("`{name}` is no metric of this scenario")))
}

impl Until {
    /// Runs replications of `scenario` in order, look by look; `None` if it was cancelled.
    pub(super) fn run(
        &self,
        scenario: &Scenario,
        execution: Execution,
        progress: &Progress,
    ) -> Option<Result<Ended, Failure>> {
        let mut result = RunResult::default();
        let mut looks = Vec::new();
        loop {
            let next = *self.rule.looks().get(looks.len())?;
            let numbers: Vec<u32> = (result.replications.len() as u32..next).collect();
            result.replications.extend(run_some(scenario, &numbers, execution, progress)?.replications);
            looks.push(next);
            let summary = Summary::new(scenario, &result);
            let metric = match find(&summary, &self.metric) {
                Ok(metric) => metric,
                Err(failure) => return Some(Err(failure)),
            };
            let look = self.rule.look(&metric.sample, &summary.design);
            if matches!(look, Look::Reached(_)) || next == self.rule.replications_max {
                let unit = metric.unit;
                return Some(Ok(Ended { result, look, unit, looks }));
            }
        }
    }

    /// For the manifest.
    pub(super) fn stopped(&self, ended: &Ended) -> Stopped {
        let Rule { relative, replications_max, .. } = self.rule;
        Stopped {
            metric: self.metric.clone(),
            relative,
            replications_max,
            looks: ended.looks.clone(),
            level_of_look: self.rule.level_of_look(),
            interval: ended.reached(),
        }
    }

    /// What is said at the end: how many replications it took, or why they are not enough.
    pub(super) fn conclude(&self, ended: &Ended, currency: &str) -> Result<String, Failure> {
        let Until { rule, metric } = self;
        let replications = ended.result.replications.len();
        let wanted = 100.0 * rule.relative;
        let why = match ended.look {
            Look::Reached(interval) => {
                let (value, _) = with_interval(ended.unit, &interval, currency);
                let half = 100.0 * interval.half_width().unwrap_or(0.0) / libm::fabs(interval.estimate);
                return Ok(format!(
                    "{metric} is {value} to ±{half:.1} % (95 % over all looks) after {replications} replications: \
                     within {wanted} %\n"
                ));
            }
            Look::Wide(relative) => {
                let more = replications as f64 * (relative / rule.relative) * (relative / rule.relative);
                let half = 100.0 * relative;
                format!(
                    "it is known to ±{half:.1} %, and about {:.0} replications would bring it to ±{wanted} %",
                    libm::ceil(more)
                )
            }
            Look::NoVariance => {
                "all replications show the same, which tells nothing about the spread".to_owned()
            }
            Look::FewNonZero(count) => format!(
                "only {count} of them show anything but nothing, and fewer than {REPLICATIONS_MIN} say too little of \
                 what is rare"
            ),
            Look::FewInStratum(count) => format!(
                "one of the strata of shared faults has {count} of them, and fewer than {REPLICATIONS_MIN} say too little"
            ),
            Look::NoEstimate => "nothing of it has been seen".to_owned(),
        };
        Err(Failure::Inconclusive(format!(
            "{replications} replications do not decide {metric} to ±{wanted} %: {why}. The results of these \
             replications are written; --max-replications allows more"
        )))
    }
}

impl Ended {
    fn reached(&self) -> Option<Interval> {
        match self.look {
            Look::Reached(interval) => Some(interval),
            Look::Wide(_)
            | Look::NoVariance
            | Look::FewNonZero(_)
            | Look::FewInStratum(_)
            | Look::NoEstimate => None,
        }
    }
}
