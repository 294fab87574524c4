//! `tinsel sweep`: a scenario at many points. Finished points are kept, so the same command goes on where it was stopped.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Failure;
use super::points::Points;
use super::recipe::Recipe;
use super::run::{describe, heed, inputs_of, listen_for_signals};
use super::{HowArgs, ScenarioArgs, TableArgs};
use crate::experiment::sweep::condition::Condition;
use crate::experiment::sweep::key_of;
use crate::experiment::sweep::plan::{Plan, plan, read_points};
use crate::experiment::sweep::store::{Store, file_name, point_text};
use crate::report::named::metric_named;
use crate::report::output::directory_of;
use crate::report::sweep::{Measured, PointFile, SweepPoint, SweepResult, write_sweep};
use crate::report::{InputDigest, OutputDir, RunMeta};
use crate::scenario::vary::{SweepFile, Varied, canonical, load_sweep};
use crate::scenario::{InputFile, Loaded, Rejected, load, render, sha256};

/// Shown to people unless they ask for others: what the network cost.
const SHOWN: &str = "verdict.lost_sales_network";

#[derive(Args, Debug)]
pub(super) struct SweepArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Values of one setting, e.g. `--vary 'payments.timeout=[15 s, 30 s]'`, or a range for --latin, e.g. `'payments.timeout=15 s..45 s'`
    /// (with ` log` behind it: all orders of magnitude alike). May be repeated: all combinations are points.
    #[arg(long, value_name = "PATH=VALUES")]
    vary: Vec<String>,
    /// A Latin hypercube of N points over all ranges.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    latin: Option<u32>,
    /// Take points from a CSV file: a heading of paths, then one point a row; combined with --vary.
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// Leave out points at which this does not hold, e.g. `--where 'lte.dual_sim.attempts <= 3 and payments.timeout < 45 s'`; may be
    /// repeated. Names are paths of settings, and `stores`.
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<String>,
    /// Take all this from a sweep file (TOML); what the command line says is added.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Show this metric in the table, as summary.json names it: `lost_margin`, or with its group, `money.lost_margin`; may be repeated
    /// [default: verdict.lost_sales_network]. The files have all metrics.
    #[arg(long = "metric", value_name = "NAME")]
    metrics: Vec<String>,
    /// Print the points and run nothing.
    #[arg(long)]
    list: bool,
    /// Run all points again, those too that are kept from before.
    #[arg(long)]
    fresh: bool,
    /// Directory for the results [default: results/<scenario file's stem>-sweep]. Finished points wait in DIR.points until all are.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    tables: TableArgs,
    /// Print the points and the metrics shown as JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

/// A point that is known to load.
struct Prepared {
    values: Vec<String>,
    key: String,
}

/// What is to be run.
struct Task {
    plan: Plan,
    /// How many points conditions left out.
    left_out: usize,
    shown: Vec<String>,
    /// Files besides those of the scenario.
    inputs: Vec<InputFile>,
}

/// Runs all points, writes the results, tells the planner.
pub(super) fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let base = load(&args.scenario.file, &args.scenario.options())?;
    let mut warned = render(&base.warnings, super::colour(&std::io::stderr()));
    if !args.quiet {
        super::warn(&warned);
    }
    if base.scenario.stores.is_empty() {
        return Err(Failure::NothingToRun);
    }
    let task = args.task(&base)?;
    if args.list {
        return super::print(&listed(&task));
    }
    let out = args.out.clone().unwrap_or_else(|| directory_of(&args.scenario.file, "sweep"));
    let mut inputs = inputs_of(&args.scenario.file, &base);
    inputs.extend(args.points.iter().chain(&args.plan).cloned());
    // Only looked at now, so that a bad path fails in a moment; made when all points are there.
    let target = OutputDir::prepare(&out, &inputs, args.how.force)?.target().to_owned();
    let store = Store::of(&target);
    let mut points =
        Points::new(&args.scenario, store, (&signal, args.how.grid), args.how.threads, args.quiet)?;
    points.total = Some(task.plan.points.len());
    if args.fresh {
        points.store.clear();
    }
    let prepared = prepare(args, &task, &mut warned)?;
    let Ran { metrics: measured, kept, shown } = run_points(args, &task, &prepared, &points)?;
    let result = SweepResult {
        paths: task.plan.paths.clone(),
        points: (1..)
            .zip(prepared.iter().zip(measured))
            .map(|(number, (point, metrics))| SweepPoint {
                number,
                values: point.values.clone(),
                key: point.key.clone(),
                metrics,
            })
            .collect(),
        left_out: task.left_out,
        shown,
        kept,
    };
    let out = OutputDir::prepare(&out, &inputs, args.how.force)?;
    let recipe = args.recipe();
    let mut meta = RunMeta {
        arguments: recipe.arguments(),
        reproduce: recipe.typed(),
        ..describe(args.how.grid, &base)
    };
    meta.inputs.extend(
        task.inputs
            .iter()
            .map(|input| InputDigest { path: input.path.clone(), sha256: input.sha256.clone() }),
    );
    let files = files_of(&result)?;
    write_sweep(&out, &base.scenario, &result, &files, &meta, args.tables.formats(false, false))?;
    heed(&signal)?;
    let place = out.commit()?;
    points.store.clear();
    super::tell(
        (args.json, args.quiet),
        "the sweep",
        || result.to_json(&base.scenario),
        || result.to_terminal(&base.scenario, &place),
    )
}

impl SweepArgs {
    /// The arguments that decide the results.
    fn recipe(&self) -> Recipe {
        let SweepArgs {
            scenario,
            vary,
            latin,
            points,
            conditions,
            plan,
            metrics,
            list: _,
            fresh: _,
            out: _,
            how: _,
            tables,
            json: _,
            quiet: _,
        } = self;
        let mut numbers = vec!["sweep".to_owned()];
        numbers.extend(scenario.recipe());
        numbers.extend(plan.iter().map(|file| format!("--plan={}", file.display())));
        numbers.extend(points.iter().map(|file| format!("--points={}", file.display())));
        numbers.extend(vary.iter().map(|one| format!("--vary={one}")));
        numbers.extend(latin.map(|count| format!("--latin={count}")));
        numbers.extend(conditions.iter().map(|one| format!("--where={one}")));
        let mut files: Vec<String> = metrics.iter().map(|one| format!("--metric={one}")).collect();
        files.extend(tables.recipe());
        Recipe { numbers, files }
    }

    /// What command line and sweep file ask for.
    fn task(&self, base: &Loaded) -> Result<Task, Failure> {
        let usage = Failure::Usage;
        let mut inputs = Vec::new();
        let mut file = SweepFile::default();
        if let Some(path) = &self.plan {
            let (read, input) = load_sweep(path)?;
            file = read;
            inputs.push(input);
        }
        let beside = |name: &String| {
            let folder = self.plan.as_ref().and_then(|path| path.parent()).unwrap_or(Path::new(""));
            folder.join(name)
        };
        let table = match self.points.clone().or_else(|| file.points.as_ref().map(beside)) {
            None => None,
            Some(path) => {
                let unreadable =
                    |why: String| usage(format!("failed to read the points in `{}`: {why}", path.display()));
                let text = std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
                inputs.push(InputFile { path: path.display().to_string(), sha256: sha256(text.as_bytes()) });
                Some(read_points(&text).map_err(unreadable)?)
            }
        };
        let mut varied = file.varied;
        for written in &self.vary {
            varied.push(written.parse::<Varied>().map_err(usage)?);
        }
        let latin = self.latin.or(file.latin);
        let all = plan(&varied, table, latin, (base.scenario.seed, &base.origins)).map_err(usage)?;
        let conditions: Vec<String> =
            file.conditions.into_iter().chain(self.conditions.iter().cloned()).collect();
        let (plan, left_out) = meeting(all, &conditions, base, self)?;
        let asked = if self.metrics.is_empty() { file.metrics } else { self.metrics.clone() };
        let shown = if asked.is_empty() { vec![SHOWN.to_owned()] } else { asked };
        Ok(Task { plan, left_out, shown, inputs })
    }

    /// The scenario at a point.
    fn load_at(&self, paths: &[String], values: &[String]) -> Result<Loaded, Rejected> {
        self.scenario.load_with(paths.iter().zip(values))
    }
}

/// The points at which all `conditions` hold, and how many there are besides.
fn meeting(
    all: Plan,
    conditions: &[String],
    base: &Loaded,
    args: &SweepArgs,
) -> Result<(Plan, usize), Failure> {
    let conditions = conditions.iter().map(|one| Condition::parse(one));
    let conditions: Vec<Condition> = conditions.collect::<Result<_, _>>().map_err(Failure::Usage)?;
    let Plan { paths, points } = all;
    let names: Vec<String> = paths.iter().map(|path| canonical(path)).collect();
    let changes_fleet = names.iter().any(|name| name.starts_with("fleet"));
    let count = points.len();
    let mut kept = Vec::new();
    for values in points {
        let stores = || match changes_fleet {
            true => args.load_at(&paths, &values).ok().map(|loaded| loaded.scenario.stores.len()),
            false => Some(base.scenario.stores.len()),
        };
        let setting = |name: &str| {
            if name == "stores" {
                return stores().map(|count| count.to_string());
            }
            let name = canonical(name);
            let own = names.iter().position(|path| *path == name).map(|at| values[at].clone());
            let of_base = || base.origins.iter().find(|setting| canonical(&setting.path) == name);
            own.or_else(|| of_base().map(|setting| setting.value.clone()))
        };
        let mut holds = true;
        for condition in &conditions {
            holds = holds && condition.holds(&setting).map_err(Failure::Usage)?;
        }
        if holds {
            kept.push(values);
        }
    }
    if kept.is_empty() {
        return Err(Failure::Usage(format!("none of {count} points meets the conditions")));
    }
    let left_out = count - kept.len();
    Ok((Plan { paths, points: kept }, left_out))
}

/// Loads every point, so that a bad one fails now and not in an hour, and tells what decides it.
fn prepare(args: &SweepArgs, task: &Task, warned: &mut String) -> Result<Vec<Prepared>, Failure> {
    let mut prepared = Vec::with_capacity(task.plan.points.len());
    for (number, values) in (1..).zip(&task.plan.points) {
        let loaded = args.load_at(&task.plan.paths, values).inspect_err(|_| {
            super::warn(&format!("point {number} of {}: {}\n", task.plan.points.len(), at(task, values)));
        })?;
        for warning in &loaded.warnings {
            let text = render(std::slice::from_ref(warning), super::colour(&std::io::stderr()));
            if !args.quiet && !warned.contains(text.trim()) {
                super::warn(&text);
                warned.push_str(&text);
            }
        }
        if loaded.scenario.stores.is_empty() {
            return Err(Failure::NothingToRun);
        }
        prepared.push(Prepared { values: values.clone(), key: key_of(&loaded.scenario) });
    }
    Ok(prepared)
}

/// What the points gave.
struct Ran {
    /// The metrics of each, in order, found or run and kept.
    metrics: Vec<Vec<Measured>>,
    /// How many points there were from before.
    kept: usize,
    /// The metrics of the table, as `group.name`.
    shown: Vec<String>,
}

fn run_points(
    args: &SweepArgs,
    task: &Task,
    prepared: &[Prepared],
    points: &Points<'_>,
) -> Result<Ran, Failure> {
    let mut all = Vec::with_capacity(prepared.len());
    let (mut kept, mut shown) = (0, Vec::new());
    for point in prepared {
        let one = points.metrics(&changes(&task.plan.paths, &point.values), args.fresh)?;
        if one.key != point.key {
            return Err(Failure::Unexpected("a file of the scenario changed while the sweep ran".to_owned()));
        }
        kept += usize::from(one.from_before);
        if all.is_empty() {
            shown = paths_of(&task.shown, &one.metrics)?;
        }
        all.push(one.metrics);
    }
    Ok(Ran { metrics: all, kept, shown })
}

fn changes(paths: &[String], values: &[String]) -> Vec<(String, String)> {
    paths.iter().cloned().zip(values.iter().cloned()).collect()
}

/// What is to be shown, as `group.name`; metrics that nobody measures are a mistake of the command line.
fn paths_of(shown: &[String], metrics: &[Measured]) -> Result<Vec<String>, Failure> {
    let known: Vec<String> =
        metrics.iter().filter(|metric| metric.day.is_none()).map(Measured::path).collect();
    let path = |written: &String| metric_named(written, &known).map(str::to_owned).map_err(Failure::Usage);
    shown.iter().map(path).collect()
}

/// Each point once, in order of key.
fn files_of(result: &SweepResult) -> Result<Vec<PointFile>, Failure> {
    let mut points: Vec<&SweepPoint> = result.points.iter().collect();
    points.sort_by(|one, other| one.key.cmp(&other.key));
    points.dedup_by(|one, other| one.key == other.key);
    let file = |point: &&SweepPoint| {
        let text = point_text(&point.key, &point.metrics)
            .map_err(|error| Failure::Unexpected(format!("failed to write a point: {error}")))?;
        Ok(PointFile { name: file_name(&point.key), text })
    };
    points.iter().map(file).collect()
}

/// `payments.timeout = 15 s, noc.enabled = true`.
fn at(task: &Task, values: &[String]) -> String {
    let inputs = task.plan.paths.iter().zip(values).map(|(path, value)| format!("{path} = {value}"));
    inputs.collect::<Vec<_>>().join(", ")
}

/// The points, one a line.
fn listed(task: &Task) -> String {
    let mut text = String::new();
    for (number, values) in (1..).zip(&task.plan.points) {
        let number: u32 = number;
        text.push_str(&format!("{number}: {}\n", at(task, values)));
    }
    let count = task.plan.points.len();
    text.push_str(&format!("{count} points, {} left out by conditions\n", task.left_out));
    text
}
