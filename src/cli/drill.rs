//! `tinsel drill`: one forced fault at every store, each alone or all together.
//!
//! The fault goes into the scenario as its only scheduled one, by the same way as `--set`, so that it is checked like any
//! other and stands in the manifest. Faults by chance are off.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::exit::Failure;
use super::recipe::Recipe;
use super::run::{compute, describe, heed, inputs_of, listen_for_signals, threads};
use super::{HowArgs, ScenarioArgs, TableArgs, open};
use crate::report::output::directory_of;
use crate::report::{DrillPlan, DrillSummary, OutputDir, RunMeta, write_drill};
use crate::scenario::resolved::Scenario;
use crate::scenario::{LoadOptions, Loaded};
use crate::simulation::result::Extent;

#[derive(Args, Debug)]
pub(super) struct DrillArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// What breaks at every store.
    #[arg(long, value_enum)]
    fault: ForcedFault,
    /// When: `"2019-11-29 14:00"` or `"2019-11-29 14:00 local"` by each store's own clock, or with an IANA time zone instead of
    /// `local` at one instant for all.
    #[arg(long, value_name = "WHEN")]
    at: String,
    /// For how long.
    #[arg(long, value_name = "TIME", default_value = "1 h")]
    duration: String,
    /// Hit one store at a time; the others are as they would be undisturbed.
    #[arg(long, required_unless_present = "together", conflicts_with = "together")]
    each_alone: bool,
    /// Hit all stores in one run.
    #[arg(long)]
    together: bool,
    /// Directory for the results [default: results/<scenario file's stem>-drill].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    tables: TableArgs,
    /// Do not write report.html.
    #[arg(long)]
    no_report: bool,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

/// Faults that can be forced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum ForcedFault {
    /// The wired line passes nothing, and its carrier stays.
    PrimaryBlackhole,
    /// The wired line passes nothing, and its carrier is gone.
    PrimaryCarrierLost,
    /// The far end of the wired line leaves, and says so before.
    PrimaryAnnounced,
    /// The wired line loses packets (the share of signature `partial-loss`).
    PrimaryPartialLoss,
    /// The wired line is slow (the round trip of signature `latency`).
    PrimaryLatency,
    /// The edge router stops working.
    Router,
    /// The store's switch stops working.
    Switch,
    /// The server that the tills need stops working.
    StoreServer,
    /// Mains power is gone: batteries and generator bridge what they can.
    SitePower,
    /// LTE passes nothing: the backup, or the only way out of a store without a wire.
    Lte,
}

impl ForcedFault {
    /// Scope and signature in a scenario.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            ForcedFault::PrimaryBlackhole => ("uplink", "blackhole"),
            ForcedFault::PrimaryCarrierLost => ("uplink", "carrier-lost"),
            ForcedFault::PrimaryAnnounced => ("uplink", "announced"),
            ForcedFault::PrimaryPartialLoss => ("uplink", "partial-loss"),
            ForcedFault::PrimaryLatency => ("uplink", "latency"),
            ForcedFault::Router => ("router", "blackhole"),
            ForcedFault::Switch => ("switch", "blackhole"),
            ForcedFault::StoreServer => ("store-server", "blackhole"),
            ForcedFault::SitePower => ("site-power", "blackhole"),
            ForcedFault::Lte => ("backup", "blackhole"),
        }
    }

    /// The word on the command line.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl DrillArgs {
    /// The arguments that decide the results.
    fn recipe(&self) -> Recipe {
        let DrillArgs {
            scenario,
            fault,
            at,
            duration,
            each_alone: _,
            together,
            out: _,
            how: _,
            tables,
            no_report,
            json: _,
            quiet: _,
        } = self;
        let extent = if *together { "--together" } else { "--each-alone" };
        let mut numbers = vec!["drill".to_owned()];
        numbers.extend(scenario.recipe());
        numbers.extend([
            format!("--fault={}", fault.name()),
            format!("--at={at}"),
            format!("--duration={duration}"),
            extent.to_owned(),
        ]);
        let mut files = Vec::from_iter(tables.recipe());
        files.extend(no_report.then(|| "--no-report".to_owned()));
        Recipe { numbers, files }
    }
}

/// Drills, writes the results, tells the planner.
pub(super) fn drill(args: &DrillArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let loaded = open(&args.scenario.file, &options(args)?, args.quiet)?;
    check_hits(args, &loaded.scenario)?;
    let out = args.out.clone().unwrap_or_else(|| directory_of(&args.scenario.file, "drill"));
    let out = OutputDir::prepare(&out, &inputs_of(&args.scenario.file, &loaded), args.how.force)?;
    let pool = threads(args.how.threads)?;
    let extent = if args.together { Extent::Together } else { Extent::EachAlone };
    let execution = args.how.execution();
    let (rows, took) = compute(&pool, &signal, args.quiet, |progress| {
        crate::simulation::drill::drill(&loaded.scenario, extent, execution, progress)
    })?;
    let plan =
        DrillPlan { fault: args.fault.name(), at: args.at.clone(), duration: args.duration.clone(), extent };
    let meta = took.into_meta(meta(args, &plan, &loaded));
    write_drill(&out, &loaded.scenario, &plan, &rows, &meta, args.tables.formats(false, !args.no_report))?;
    heed(&signal)?;
    let results = out.target().display().to_string();
    out.commit()?;
    let summary = DrillSummary::new(&loaded.scenario, &plan, &rows);
    super::tell(
        (args.json, args.quiet),
        "the summary",
        || summary.to_json(),
        || summary.to_terminal(&results),
    )
}

/// The scenario's options, with the forced fault as its only fault.
fn options(args: &DrillArgs) -> Result<LoadOptions, Failure> {
    let (at, clock) = clock(&args.at)?;
    let (scope, signature) = args.fault.words();
    let mut options = args.scenario.options();
    options.overrides.push("faults.enabled=false".to_owned());
    options.overrides.push(format!(
        "faults.scheduled=[{{ name = \"drill\", scope = \"{scope}\", signature = \"{signature}\", at = {}, {clock}duration = {} }}]",
        toml_text(at),
        toml_text(&args.duration)
    ));
    Ok(options)
}

/// Date and time, and whose clock, as keys of a scheduled fault.
fn clock(at: &str) -> Result<(&str, String), Failure> {
    let words: Vec<&str> = at.split_whitespace().collect();
    match words[..] {
        [_, _] | [_, _, "local"] => Ok((at.trim().trim_end_matches("local").trim_end(), String::new())),
        [_, _, zone] => {
            let clock = format!("clock = \"absolute\", timezone = {}, ", toml_text(zone));
            Ok((at.trim().trim_end_matches(zone).trim_end(), clock))
        }
        _ => Err(Failure::Usage(format!(
            "`--at {at}` is not a date, a time and perhaps a clock; write for example --at \"2019-11-29 14:00 local\""
        ))),
    }
}

/// `text` as a TOML string.
fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A drill that misses a store's days is a mistake of the command line.
fn check_hits(args: &DrillArgs, scenario: &Scenario) -> Result<(), Failure> {
    let hits = scenario.scheduled_faults.iter().flat_map(|fault| &fault.hits);
    for hit in hits {
        let (store, window) = (&scenario.stores[hit.store.0 as usize], hit.window);
        let inside =
            store.days.iter().any(|day| day.window.start <= window.start && window.start < day.window.end);
        if !inside {
            return Err(Failure::Usage(format!(
                "`--at {}` is outside the days that are simulated at store `{}`: {} to {}",
                args.at, store.id, scenario.first_day, scenario.last_day
            )));
        }
    }
    Ok(())
}

fn meta(args: &DrillArgs, plan: &DrillPlan, loaded: &Loaded) -> RunMeta {
    let mut meta = describe(args.how.grid, loaded);
    let recipe = args.recipe();
    (meta.arguments, meta.reproduce) = (recipe.arguments(), recipe.typed());
    let settings = [("drill.fault", &plan.fault), ("drill.at", &plan.at), ("drill.duration", &plan.duration)];
    let extent = plan.extent.name().to_owned();
    for (path, value) in settings.into_iter().chain([("drill.extent", &extent)]) {
        meta.settings.push(crate::report::Setting {
            path: path.to_owned(),
            value: value.clone(),
            origin: "command line".to_owned(),
        });
    }
    meta
}
