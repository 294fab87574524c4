//! A sweep: the same scenario at many points, which differ in inputs and share the seed.
//!
//! ```text
//! lists, ranges, a file of points ── plan ── condition ── points ──┬─ store: there already?
//!                                                                  └─ measure: run, keep, next
//! ```
//!
//! A point is what `tinsel run` with its values as `--set` would give, to the bit. Each is kept in a file of its own, named after a
//! digest of all that decides it, as soon as it is finished: who stops a sweep loses the point in flight and nothing else.

pub mod condition;
pub mod latin;
pub mod plan;
pub mod store;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::report::summary::{Group, Summary};
use crate::report::sweep::Measured;
use crate::report::{ReportError, ledger};
use crate::scenario::hexadecimal;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;
use crate::simulation::{Execution, Progress, RESULTS_VERSION, run};

/// Version of what is measured at a point and of its file.
const POINT_VERSION: u32 = 2;

/// The digest of everything that decides what a point shows: the resolved scenario (all that the model and the summary see, seed
/// and replications with it), the version of the program and of its results.
#[must_use]
pub fn key_of(scenario: &Scenario) -> String {
    let mut digest = Digesting(Sha256::new());
    // Numbers are printed as short as reads back exactly, so two scenarios that differ at all differ here.
    let written =
        write!(digest, "{POINT_VERSION} {RESULTS_VERSION} {} {scenario:?}", env!("CARGO_PKG_VERSION"));
    written.expect("a digest takes every character");
    hexadecimal(&digest.0.finalize())
}

/// Digests what is written into it, so that the text of a large fleet need never be held.
struct Digesting(Sha256);

impl std::fmt::Write for Digesting {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

/// Runs `scenario` and measures all metrics of its summary; `None` if it was cancelled.
///
/// # Errors
/// If a ledger does not close: a bug of tinsel.
pub fn measure(
    scenario: &Scenario,
    execution: Execution,
    progress: &Progress,
) -> Option<Result<Vec<Measured>, ReportError>> {
    let result = run(scenario, execution, progress)?;
    let closed = ledger::check(&result);
    let replay =
        || format!("the point with the settings of scenario `{}`, seed {}", scenario.name, scenario.seed);
    Some(match closed {
        Ok(()) => Ok(metrics(scenario, &result)),
        Err(what) => Err(ReportError::Ledger { what, replay: replay() }),
    })
}

/// All metrics, with what each replication adds where they are all drawn alike.
fn metrics(scenario: &Scenario, result: &RunResult) -> Vec<Measured> {
    let summary = Summary::new(scenario, result);
    let design = &summary.design;
    let measured = all(&summary.groups).map(|(group, metric)| {
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let influence = design.is_plain().then(|| metric.sample.influence(design)).flatten();
        Measured {
            group: group.to_owned(),
            name: metric.name.clone(),
            day: metric.day.clone(),
            unit: summary.unit_name(metric.unit).to_owned(),
            estimate: finite(metric.value.map(|value| value.estimate)),
            low: finite(metric.value.and_then(|value| value.low)),
            high: finite(metric.value.and_then(|value| value.high)),
            replications: result.replications.len() as u32,
            by_replication: influence.map(|influence| influence.pseudo_values),
        }
    });
    measured.collect()
}

fn all(groups: &[Group]) -> impl Iterator<Item = (&'static str, &crate::report::summary::Metric)> {
    groups.iter().flat_map(|group| group.metrics.iter().map(|metric| (group.name, metric)))
}
