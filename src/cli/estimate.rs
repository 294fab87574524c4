//! `tinsel estimate`: what a run would take, before it is run.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use super::exit::Failure;
use super::run::{compute, listen_for_signals, threads};
use super::{OverlayArgs, ScenarioArgs, open};
use crate::report::summary::{count_text, grouped};
use crate::scenario::resolved::Scenario;
use crate::simulation::Execution;
use crate::simulation::probe::{Probed, probe};

/// Memory of the program itself and of what it reads, bytes.
const MEMORY_BASE: f64 = 30e6;
/// What each store adds in each replication, bytes: its process, its books, its rows. Measured (docs/performance.md): 302 MB for 2,992
/// stores, 52 MB for 25 in 20 replications.
const MEMORY_STORE: f64 = 95e3;
/// The same with an operations centre and with a finite service, in which all stores run side by side: 511 and 551 MB.
const MEMORY_STORE_TOGETHER: f64 = 180e3;
/// Reading the scenario, adding up and writing the results, over the CPU time of the simulation itself.
const AROUND: f64 = 1.3;
/// How far off the number of events may be: a test holds it to that.
const EVENTS_FACTOR: f64 = 1.25;
/// How far off time and memory may be: other machines, other load.
const OTHER_FACTOR: f64 = 2.0;

#[derive(Args, Debug)]
pub(super) struct EstimateArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    overlay: OverlayArgs,
    /// Threads that the run would use [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// What a run would take.
struct Estimate {
    customers: f64,
    events: f64,
    cpu_s: f64,
    wall_s: f64,
    memory_bytes: f64,
}

/// Runs a few stores and tells what all would take.
pub(super) fn estimate(args: &EstimateArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let loaded = open(&args.scenario.file, &args.scenario.options_with(&args.overlay), false)?;
    let pool = threads(args.threads)?;
    // On one thread, so that the time it takes is the CPU time of one core.
    let alone = threads(Some(1))?;
    let (probed, took) =
        compute(&alone, &signal, true, |progress| probe(&loaded.scenario, Execution::default(), progress))?;
    let estimate = Estimate::new(&loaded.scenario, &probed, took.wall_s(), pool.current_num_threads());
    if args.json {
        let text = json!({
            "scenario": loaded.scenario.name,
            "stores": loaded.scenario.stores.len(),
            "replications": loaded.scenario.replications,
            "customers": estimate.customers,
            "events": estimate.events,
            "events_factor": EVENTS_FACTOR,
            "cpu_s": estimate.cpu_s,
            "wall_s": estimate.wall_s,
            "threads": pool.current_num_threads(),
            "memory_bytes": estimate.memory_bytes,
            "time_and_memory_factor": OTHER_FACTOR,
            "probe": {
                "stores": probed.stores,
                "replications": probed.replications,
                "customers": probed.customers,
                "events": probed.events,
                "wall_s": took.wall_s(),
            },
        });
        return super::print(&format!("{text:#}\n"));
    }
    super::print(&estimate.text(&loaded.scenario, &probed, pool.current_num_threads()))
}

impl Estimate {
    fn new(scenario: &Scenario, probed: &Probed, probe_s: f64, threads: usize) -> Self {
        let replications = f64::from(scenario.replications);
        let events = probed.events_of_whole * replications;
        let per_event = if probed.events > 0 { probe_s / probed.events as f64 } else { 0.0 };
        let cpu_s = events * per_event * AROUND;
        let together =
            scenario.noc.is_some() || scenario.services.iter().any(|service| service.capacity.is_some());
        let per_store = if together { MEMORY_STORE_TOGETHER } else { MEMORY_STORE };
        Estimate {
            customers: probed.customers_of_whole * replications,
            events,
            cpu_s,
            wall_s: cpu_s / threads.max(1) as f64,
            memory_bytes: MEMORY_BASE + per_store * scenario.stores.len() as f64 * replications,
        }
    }

    fn text(&self, scenario: &Scenario, probed: &Probed, threads: usize) -> String {
        let mut text = format!(
            "{}: {}, {}\n",
            scenario.name,
            count_text(scenario.stores.len(), "store"),
            count_text(scenario.replications as usize, "replication")
        );
        let mut row = |name: &str, value: String| {
            let _ = writeln!(text, "  {name:12}{value}");
        };
        row("customers", format!("about {}", rounded(self.customers)));
        row("events", format!("about {}, within a factor of {EVENTS_FACTOR}", rounded(self.events)));
        row(
            "time",
            format!(
                "{} on {threads} thread{}, {} of CPU, within a factor of {OTHER_FACTOR} if nothing else runs here",
                seconds(self.wall_s),
                if threads == 1 { "" } else { "s" },
                seconds(self.cpu_s)
            ),
        );
        row(
            "memory",
            format!("about {} MB, within a factor of {OTHER_FACTOR}", rounded(self.memory_bytes / 1e6)),
        );
        let _ = writeln!(
            text,
            "From a probe of {} store{} in {} replication{}, as if there were no others: {} events.",
            probed.stores,
            if probed.stores == 1 { "" } else { "s" },
            probed.replications,
            if probed.replications == 1 { "" } else { "s" },
            grouped(probed.events as f64, 0)
        );
        text
    }
}

/// Two digits are more than an estimate knows.
fn rounded(value: f64) -> String {
    if value < 10.0 {
        return grouped(value, 0);
    }
    let unit = libm::exp10(libm::floor(libm::log10(value)) - 1.0);
    grouped(libm::round(value / unit) * unit, 0)
}

fn seconds(value: f64) -> String {
    match value {
        s if s < 1.0 => "less than 1 s".to_owned(),
        s if s < 120.0 => format!("about {} s", rounded(s)),
        s if s < 7_200.0 => format!("about {} min", rounded(s / 60.0)),
        s => format!("about {} h", rounded(s / 3_600.0)),
    }
}
