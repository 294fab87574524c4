//! `tinsel size`: what to buy, for which stores.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Failure;
use super::recipe::Recipe;
use super::run::{compute, describe, heed, inputs_of, listen_for_signals, threads};
use super::{HowArgs, ScenarioArgs, TableArgs, open};
use crate::experiment::size::{Failed, Study, size};
use crate::report::output::directory_of;
use crate::report::sizing::Decision;
use crate::report::{OutputDir, RunMeta, write_sizing};
use crate::scenario::resolved::{Sampling, Sizing};
use crate::scenario::{LoadOptions, load};

#[derive(Args, Debug)]
pub(super) struct SizeArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Directory for the results [default: results/<scenario file's stem>-size].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    tables: TableArgs,
    /// Do not draw the chart.
    #[arg(long)]
    no_charts: bool,
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

impl SizeArgs {
    /// The arguments that decide the results.
    fn recipe(&self) -> Recipe {
        let SizeArgs { scenario, tables, no_charts, no_report, out: _, how: _, json: _, quiet: _ } = self;
        let mut numbers = vec!["size".to_owned()];
        numbers.extend(scenario.recipe());
        let mut files = Vec::from_iter(tables.recipe());
        files.extend(no_charts.then(|| "--no-charts".to_owned()));
        files.extend(no_report.then(|| "--no-report".to_owned()));
        Recipe { numbers, files }
    }
}

/// Sizes, writes the results, tells the planner.
pub(super) fn run(args: &SizeArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let options = args.scenario.options();
    let loaded = open(&args.scenario.file, &options, args.quiet)?;
    let Some(sizing) = &loaded.sizing else {
        return Err(Failure::Usage(format!(
            "`{}` has no [sizing] table: it says what can be bought, and what for (docs/sizing.md)",
            args.scenario.file.display()
        )));
    };
    if loaded.scenario.sampling != Sampling::Plain {
        return Err(Failure::Usage(
            "`tinsel size` draws faults by force and weighs its own replications: leave `faults.sampling` and `faults.boost` \
             out, or add `--set faults.sampling=plain --set faults.boost=1`"
                .to_owned(),
        ));
    }
    check_levers(&args.scenario.file, &options, sizing)?;
    let out = args.out.clone().unwrap_or_else(|| directory_of(&args.scenario.file, "size"));
    let out = OutputDir::prepare(&out, &inputs_of(&args.scenario.file, &loaded), args.how.force)?;
    let pool = threads(args.how.threads)?;
    let execution = args.how.execution();
    let (answer, took) = compute(&pool, &signal, args.quiet, |progress| {
        let study = Study {
            file: &args.scenario.file,
            options: &options,
            base: &loaded,
            sizing,
            execution,
            progress,
        };
        match size(study) {
            Err(Failed::Cancelled) => None,
            Err(Failed::Rejected { design, why }) => Some(Err((design, why))),
            Ok(report) => Some(Ok(report)),
        }
    })?;
    let report = match answer {
        Ok(report) => report,
        Err((design, why)) => {
            super::warn(&format!(
                "error: with the levers {design} of [sizing] the scenario cannot be run:\n"
            ));
            return Err(Failure::Rejected(why));
        }
    };
    let recipe = args.recipe();
    let meta = took.into_meta(RunMeta {
        arguments: recipe.arguments(),
        reproduce: recipe.typed(),
        ..describe(args.how.grid, &loaded)
    });
    write_sizing(
        &out,
        &loaded.scenario,
        &report,
        &meta,
        args.tables.formats(!args.no_charts, !args.no_report),
    )?;
    heed(&signal)?;
    let results = out.target().display().to_string();
    out.commit()?;
    super::tell(
        (args.json, args.quiet),
        "the summary",
        || report.to_json(),
        || report.to_terminal(&results),
    )?;
    let why = report.decision.why().unwrap_or_default();
    match &report.decision {
        Decision::Made | Decision::Open(_) => Ok(()),
        Decision::NoneMeets(None) => Err(Failure::Threshold(why)),
        Decision::NoneMeets(Some(_)) => Err(Failure::Inconclusive(why)),
    }
}

/// Whether each lever for all makes a scenario that can be run.
///
/// # Errors
/// What is wrong with the first that does not; which it is has been told.
pub(super) fn check_levers(file: &Path, options: &LoadOptions, sizing: &Sizing) -> Result<(), Failure> {
    for lever in &sizing.shared {
        let mut options = options.clone();
        options.overrides.extend(lever.settings.iter().cloned());
        if let Err(why) = load(file, &options) {
            super::warn(&format!(
                "error: with the lever {} of [sizing.shared] the scenario cannot be run:\n",
                lever.name
            ));
            return Err(Failure::Rejected(why));
        }
    }
    Ok(())
}
