//! What a later run is gated by: what each replication showed of the gated metrics, and the closed forms of the profiles in use.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::measure::sample::{Sample, Times};
use crate::model::detector::closed::{ClosedForms, false_alarm};
use crate::report::manifest::TOOL;
use crate::report::summary::Summary;
use crate::scenario::resolved::Scenario;
use crate::scenario::sha256;

/// Version of the file's own layout.
const BASELINE_VERSION: u32 = 1;
/// Loss of packets at which false alarms are told.
const ALARM_LOSS: f64 = 0.01;
const SECONDS_PER_YEAR: f64 = 31_557_600.0;

/// A metric of which more is worse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gated {
    /// Group of the summary.
    pub group: &'static str,
    /// Name in it.
    pub metric: &'static str,
    /// For people.
    pub label: &'static str,
}

/// The gated metrics in order of output.
pub const GATED: [Gated; 7] = [
    gated("failover", "failover_latency_p50", "failover, median"),
    gated("failover", "failover_latency_p95", "failover, 95th percentile"),
    gated("failover", "service_gap_per_incident", "service gap per incident"),
    gated("failover", "incidents_false_failover", "false failovers"),
    gated("failover", "route_changes_per_store_day", "route changes per store and day"),
    gated("failover", "failback_latency_p50", "failback, median"),
    gated("lte", "probe_data", "probes over the backup"),
];

const fn gated(group: &'static str, metric: &'static str, label: &'static str) -> Gated {
    Gated { group, metric, label }
}

/// What a run showed, as it is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Baseline {
    tool: String,
    baseline_version: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// Version of the results.
    pub results_version: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// First and last local day.
    pub days: (String, String),
    /// Number of stores.
    pub stores: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Digest of what every store has: profile, access, standby, topology, carrier, plan, lanes.
    pub fleet: String,
    /// How many replications there are.
    pub replications: u32,
    /// The command that wrote it.
    pub reproduce: String,
    /// What timers mean.
    pub closed: Vec<Timers>,
    /// What replications showed.
    pub metrics: Vec<Kept>,
}

/// Closed forms of a profile over an access technology that some store has both of; `None`: never, or no closed form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Timers {
    /// Profile and technology.
    pub name: String,
    /// Mean of fault to new packets on a backup that is usable at once, seconds.
    pub failover_s: Option<f64>,
    /// Mean of repair to new packets on the primary, seconds.
    pub failback_s: Option<f64>,
    /// Bytes of probes a month.
    pub probe_bytes_month: f64,
    /// False alarms a year at 1 % loss.
    pub false_alarms_year: Option<f64>,
}

/// What replications showed of a gated metric.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Name in the summary.
    pub metric: String,
    /// One value, pair or list per replication.
    pub shown: Shown,
}

/// A [`Sample`] as it is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// One number each.
    Mean(Vec<f64>),
    /// One pair each.
    Ratio {
        /// Above the line.
        numerators: Vec<f64>,
        /// Below.
        denominators: Vec<f64>,
    },
    /// A quantile of a list each, nanoseconds in ascending order.
    Quantile {
        /// Which, 0..=1.
        q: f64,
        /// By replication.
        nanos: Vec<Vec<u64>>,
        /// How many each stands for, if not all for one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stand_for: Vec<Vec<f64>>,
    },
}

/// Why a file is no baseline for a run.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unfit {
    /// It is something else.
    #[error("it is no baseline: {0}")]
    NoBaseline(String),
    /// It is of other days or stores.
    #[error("it is of another scenario: {0}; write a new one with tinsel baseline")]
    Foreign(String),
}

impl Shown {
    fn of(sample: &Sample) -> Option<Self> {
        match sample {
            Sample::Mean(values) => Some(Shown::Mean(values.clone())),
            Sample::Ratio { numerators, denominators } => {
                Some(Shown::Ratio { numerators: numerators.clone(), denominators: denominators.clone() })
            }
            Sample::Quantile { times, q } => match times.as_ref() {
                Times::Exact(nanos) => {
                    Some(Shown::Quantile { q: *q, nanos: nanos.clone(), stand_for: Vec::new() })
                }
                Times::Standing(lists) => Some(Shown::Quantile {
                    q: *q,
                    nanos: lists.iter().map(|list| list.iter().map(|one| one.0).collect()).collect(),
                    stand_for: lists.iter().map(|list| list.iter().map(|one| one.1).collect()).collect(),
                }),
                Times::Histograms(_) => None,
            },
            Sample::Fixed(_)
            | Sample::Given(_)
            | Sample::Happened(_)
            | Sample::Longest(_)
            | Sample::Order { .. } => None,
        }
    }

    /// As a sample again.
    #[must_use]
    pub fn sample(&self) -> Sample {
        match self {
            Shown::Mean(values) => Sample::Mean(values.clone()),
            Shown::Ratio { numerators, denominators } => {
                Sample::Ratio { numerators: numerators.clone(), denominators: denominators.clone() }
            }
            Shown::Quantile { q, nanos, stand_for } if stand_for.is_empty() => {
                Sample::Quantile { times: Arc::new(Times::Exact(nanos.clone())), q: *q }
            }
            Shown::Quantile { q, nanos, stand_for } => {
                let of_one = |(nanos, counts): (&Vec<u64>, &Vec<f64>)| {
                    nanos.iter().copied().zip(counts.iter().copied()).collect()
                };
                let lists = nanos.iter().zip(stand_for).map(of_one).collect();
                Sample::Quantile { times: Arc::new(Times::Standing(lists)), q: *q }
            }
        }
    }

    /// How many replications it is of; none if what stands for others is not of as many.
    fn replications(&self) -> usize {
        match self {
            Shown::Mean(values) => values.len(),
            Shown::Ratio { numerators, denominators } => numerators.len().min(denominators.len()),
            Shown::Quantile { nanos, stand_for, .. } => {
                let lengths = nanos.iter().map(Vec::len);
                let is_whole = stand_for.is_empty() || lengths.eq(stand_for.iter().map(Vec::len));
                if is_whole { nanos.len() } else { 0 }
            }
        }
    }
}

/// The digest of what every store has.
fn fleet(scenario: &Scenario) -> String {
    let mut text = String::new();
    for store in &scenario.stores {
        let profile = &scenario.profiles[store.profile.0 as usize].name;
        let technology = &scenario.technologies[store.technology.0 as usize].name;
        let carrier = &scenario.carriers[store.carrier.0 as usize].name;
        let plan = store.plan.map_or("", |plan| &scenario.plans[plan.0 as usize].name);
        text += &format!(
            "{} {profile} {technology} {:?} {:?} {carrier} {plan} {} {}\n",
            store.id, store.standby, store.topology, store.lanes, store.self_checkouts
        );
    }
    sha256(text.as_bytes())
}

/// What a summary shows of the gated metrics.
#[must_use]
pub fn kept(summary: &Summary) -> Vec<Kept> {
    let of_one = |gated: &Gated| {
        let sample = &summary.metric(gated.group, gated.metric)?.sample;
        Some(Kept { metric: gated.metric.to_owned(), shown: Shown::of(sample)? })
    };
    GATED.iter().filter_map(of_one).collect()
}

/// Closed forms of every pair of profile and wired technology in use.
#[must_use]
pub fn timers(scenario: &Scenario) -> Vec<Timers> {
    let used = |store: &crate::scenario::resolved::Store| (store.profile, store.technology);
    let mut pairs: Vec<_> = scenario.stores.iter().map(used).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let of_one = |(profile, technology)| {
        let (profile, technology): (
            crate::scenario::resolved::ProfileId,
            crate::scenario::resolved::TechnologyId,
        ) = (profile, technology);
        let technology = &scenario.technologies[technology.0 as usize];
        let profile = &scenario.profiles[profile.0 as usize];
        if technology.is_lte {
            return None;
        }
        let closed = ClosedForms::of(profile, technology.rtt);
        let finite = |value: f64| value.is_finite().then_some(value);
        Some(Timers {
            name: format!("{} over {}", profile.name, technology.name),
            failover_s: closed.failover.ok().and_then(|spread| finite(spread.mean)),
            failback_s: closed.failback.ok().and_then(|spread| finite(spread.mean)),
            probe_bytes_month: closed.probe_bytes_month,
            false_alarms_year: false_alarm(profile, technology.rtt, ALARM_LOSS)
                .ok()
                .map(|seconds| SECONDS_PER_YEAR / seconds),
        })
    };
    pairs.into_iter().filter_map(of_one).collect()
}

impl Baseline {
    /// The baseline of a run that `summary` is of.
    #[must_use]
    pub fn new(scenario: &Scenario, summary: &Summary, versions: (&str, u32), reproduce: &str) -> Self {
        Baseline {
            tool: TOOL.to_owned(),
            baseline_version: BASELINE_VERSION,
            version: versions.0.to_owned(),
            results_version: versions.1,
            scenario: summary.scenario.clone(),
            days: summary.days.clone(),
            stores: summary.stores,
            seed: scenario.seed,
            fleet: fleet(scenario),
            replications: scenario.replications,
            reproduce: reproduce.to_owned(),
            closed: timers(scenario),
            metrics: kept(summary),
        }
    }

    /// The file: one line per key, profile and metric, so that a change can be read.
    #[must_use]
    pub fn to_text(&self) -> String {
        let value = json!(self);
        let mut text = String::from("{");
        for (number, (key, value)) in value.as_object().into_iter().flatten().enumerate() {
            text += if number > 0 { ",\n" } else { "\n" };
            text += &format!("  {}: ", json!(key));
            match value {
                Value::Array(items) if key != "days" => {
                    let lines: Vec<String> = items.iter().map(|item| format!("    {item}")).collect();
                    text += &format!("[\n{}\n  ]", lines.join(",\n"));
                }
                other => text += &other.to_string(),
            }
        }
        text + "\n}\n"
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it is none, or of another layout.
    pub fn from_text(text: &str) -> Result<Self, Unfit> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| Unfit::NoBaseline(error.to_string()))?;
        if value["tool"] != TOOL || value["baseline_version"].is_null() {
            return Err(Unfit::NoBaseline("tinsel baseline did not write it".to_owned()));
        }
        if value["baseline_version"] != BASELINE_VERSION {
            let what = format!("its layout is version {}, not {BASELINE_VERSION}", value["baseline_version"]);
            return Err(Unfit::NoBaseline(what));
        }
        let baseline: Baseline =
            serde_json::from_value(value).map_err(|error| Unfit::NoBaseline(error.to_string()))?;
        let all = baseline.replications as usize;
        match baseline.metrics.iter().find(|kept| kept.shown.replications() != all) {
            Some(kept) => Err(Unfit::NoBaseline(format!("`{}` is not of {all} replications", kept.metric))),
            None => Ok(baseline),
        }
    }

    /// Whether a run of `scenario` can be held against it at all.
    ///
    /// # Errors
    /// If days or number of stores differ, or another seed draws other stores.
    pub fn fits(&self, scenario: &Scenario) -> Result<(), Unfit> {
        let days = (&scenario.first_day, &scenario.last_day);
        if (&self.days.0, &self.days.1) != days {
            let what =
                format!("it has {} to {}, and this one {} to {}", self.days.0, self.days.1, days.0, days.1);
            return Err(Unfit::Foreign(what));
        }
        if self.stores != scenario.stores.len() {
            let what = format!("it has {} stores, and this one {}", self.stores, scenario.stores.len());
            return Err(Unfit::Foreign(what));
        }
        // Under the baseline's seed, other stores are what was changed; under another, chance changed them.
        if self.seed != scenario.seed && self.fleet != fleet(scenario) {
            let what =
                format!("seed {} draws other stores than the baseline's seed {}", scenario.seed, self.seed);
            return Err(Unfit::Foreign(what));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_sample_is_the_sample_with_what_stands_for_others_too() {
        let samples = [
            Times::Exact(vec![vec![5, 7], vec![]]),
            Times::Standing(vec![vec![(5, 1.0), (7, 4.0 / 3.0)], vec![]]),
        ]
        .map(|times| Sample::Quantile { times: Arc::new(times), q: 0.95 });
        for sample in samples {
            let shown = Shown::of(&sample).expect("it is kept");
            let text = serde_json::to_string(&shown).expect("JSON");
            let read: Shown = serde_json::from_str(&text).expect("as written");
            assert_eq!(read.sample(), sample, "{text}");
            assert_eq!(read.replications(), 2);
        }
        let torn: Shown =
            serde_json::from_str("{\"quantile\":{\"q\":0.5,\"nanos\":[[3]],\"stand_for\":[[]]}}")
                .expect("JSON");
        assert_eq!(torn.replications(), 0);
        // A baseline without them is one in which all are alike.
        let before: Shown =
            serde_json::from_str("{\"quantile\":{\"q\":0.5,\"nanos\":[[3]]}}").expect("as it was");
        let alike = Times::Exact(vec![vec![3]]);
        assert_eq!(before.sample(), Sample::Quantile { times: Arc::new(alike), q: 0.5 });
    }
}
