//! `tinsel baseline` and `tinsel gate`: for CI.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Failure;
use super::recipe::Recipe;
use super::run::{compute, heed, listen_for_signals, threads};
use super::{Grid, ScenarioArgs, open};
use crate::experiment::baseline::{Baseline, Unfit};
use crate::experiment::gate::hold_against;
use crate::measure::worsening::Verdict;
use crate::report::gate::Outcome;
use crate::report::{Summary, ledger};
use crate::scenario::{LoadOptions, Loaded};
use crate::simulation::result::RunResult;
use crate::simulation::{Execution, RESULTS_VERSION};

#[derive(Args, Debug)]
pub(super) struct BaselineArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// The file [default: results/baselines/<scenario file's stem>.json].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Threads to use [default: all cores]. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Replace the file even if tinsel did not write it.
    #[arg(long)]
    force: bool,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Args, Debug)]
pub(super) struct GateArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// What `tinsel baseline` wrote. Its seed and number of replications are used unless the command line says otherwise.
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    /// By how many percent a gated metric may be worse.
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = parse_percent)]
    margin: f64,
    /// Write a JUnit report.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print annotations for GitHub Actions, too.
    #[arg(long, conflicts_with = "json")]
    github: bool,
    /// Threads to use [default: all cores]. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

/// Runs a scenario and keeps what later runs are held against.
pub(super) fn baseline(args: &BaselineArgs) -> Result<(), Failure> {
    let out = args.out.clone().unwrap_or_else(|| {
        let stem = args.scenario.file.file_stem().unwrap_or(args.scenario.file.as_os_str());
        Path::new("results/baselines").join(stem).with_extension("json")
    });
    let ours = |path: &Path| fs::read_to_string(path).is_ok_and(|text| Baseline::from_text(&text).is_ok());
    if out.exists() && !args.force && !ours(&out) {
        let what = format!(
            "failed to write `{}`: tinsel did not write what is there; name another file with --out, or replace it with --force",
            out.display()
        );
        return Err(Failure::Unexpected(what));
    }
    let loaded = open(&args.scenario.file, &args.scenario.options(), args.quiet)?;
    let result = simulate(&loaded, args.threads, args.quiet)?;
    let summary = Summary::measure(&loaded.scenario, &result);
    let mut numbers = vec!["baseline".to_owned()];
    numbers.extend(args.scenario.recipe());
    let recipe = Recipe { numbers, files: Vec::new() };
    let versions = (env!("CARGO_PKG_VERSION"), RESULTS_VERSION);
    let baseline = Baseline::new(&loaded.scenario, &summary, versions, &recipe.typed());
    write_whole(&out, &baseline.to_text())?;
    if args.quiet {
        return Ok(());
    }
    super::print(&format!(
        "baseline of {} replications, seed {}, results version {RESULTS_VERSION}: {}\n",
        summary.replications,
        summary.seed,
        out.display()
    ))
}

/// Holds a scenario against a baseline.
pub(super) fn gate(args: &GateArgs) -> Result<(), Failure> {
    let unreadable =
        |what: String| Failure::Unexpected(format!("failed to read `{}`: {what}", args.baseline.display()));
    let text = fs::read_to_string(&args.baseline).map_err(|error| unreadable(error.to_string()))?;
    let baseline = Baseline::from_text(&text).map_err(|error| unreadable(error.to_string()))?;
    let usual = args.scenario.options();
    let options = LoadOptions {
        seed: usual.seed.or(Some(baseline.seed)),
        replications: usual.replications.or(Some(baseline.replications)),
        ..usual
    };
    let loaded = open(&args.scenario.file, &options, args.quiet)?;
    baseline.fits(&loaded.scenario).map_err(|error| match error {
        Unfit::NoBaseline(_) | Unfit::Foreign(_) => {
            Failure::Usage(format!("failed to gate by `{}`: {error}", args.baseline.display()))
        }
    })?;
    let run = || {
        let result = simulate(&loaded, args.threads, args.quiet)?;
        Ok::<_, Failure>(Summary::measure(&loaded.scenario, &result))
    };
    let (outcome, summary) = hold_against(&baseline, &loaded.scenario, args.margin, run)?;
    tell(args, &outcome, &summary)
}

fn tell(args: &GateArgs, outcome: &Outcome, summary: &Summary) -> Result<(), Failure> {
    let currency = &summary.currency;
    if let Some(file) = &args.junit {
        write_whole(file, &outcome.to_junit(&summary.scenario, currency))?;
    }
    super::tell(
        (args.json, args.quiet),
        "the outcome",
        || outcome.to_json(summary),
        || outcome.to_terminal(currency),
    )?;
    if args.github {
        super::print(&outcome.to_github(currency))?;
    }
    let names = |verdict| {
        let those =
            outcome.lines.iter().filter(|line| line.verdict == verdict).map(|line| line.label.as_str());
        those.collect::<Vec<_>>().join("; ")
    };
    match outcome.verdict {
        Verdict::Pass => Ok(()),
        Verdict::Fail => Err(Failure::Threshold(format!("worse than the margin: {}", names(Verdict::Fail)))),
        Verdict::Inconclusive => Err(Failure::Inconclusive(format!(
            "these replications do not tell: {}",
            names(Verdict::Inconclusive)
        ))),
    }
}

fn simulate(loaded: &Loaded, asked: Option<u16>, quiet: bool) -> Result<RunResult, Failure> {
    let signal = listen_for_signals()?;
    let pool = threads(asked)?;
    let execution = Execution { stepping: Grid::Skip.stepping(), ..Execution::default() };
    let (result, _) = compute(&pool, &signal, quiet, |progress| {
        crate::simulation::run(&loaded.scenario, execution, progress)
    })?;
    heed(&signal)?;
    let bug = |what| Failure::Unexpected(format!("{what}; this is a bug of tinsel, and nothing was written"));
    ledger::check(&result).map_err(bug)?;
    Ok(result)
}

/// Writes a file beside its place and puts it there in one step.
fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::Unexpected(format!("failed to write `{}`: {error}", path.display()));
    let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let temporary = parent.join(format!(".{name}.{}.partial", std::process::id()));
    let write = || {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        // Whatever is left of it is of no use.
        let _ = fs::remove_file(&temporary);
        failed(error)
    })
}

fn parse_percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end();
    match number.parse::<f64>() {
        Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent / 100.0),
        _ => Err("write a percentage such as 5".to_owned()),
    }
}
