//! `tinsel run`: simulate, check the ledgers, write results, tell the planner.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::exit::Failure;
use super::until::{Until, UntilArgs};
use super::{Grid, RunArgs, ScenarioArgs, open, process, shard};
use crate::measure::worsening::Verdict;
use crate::report::output::default_directory;
use crate::report::shard::{Part, write_shard};
use crate::report::thresholds::{overall, problems};
use crate::report::{InputDigest, OutputDir, RunMeta, Setting, Summary, write_results};
use crate::scenario::{Loaded, load};
use crate::simulation::result::RunResult;
use crate::simulation::{Execution, Progress, RESULTS_VERSION};

/// How often the progress line is drawn and signals are looked at.
const TICK: Duration = Duration::from_millis(100);

/// Runs a scenario and writes its results.
pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let loaded = open(&args.scenario.file, &args.scenario.options_with(&args.overlay), args.quiet)?;
    check_thresholds(&loaded)?;
    let part = args.shard.part()?;
    let usual = || {
        let whole = args.usual_directory();
        part.map_or_else(|| whole.clone(), |part| shard::directory_of(part, &whole))
    };
    let out = args.out.clone().unwrap_or_else(usual);
    let mut inputs = inputs_of(&args.scenario.file, &loaded);
    inputs.extend(args.overlay.overlay.clone());
    // Before the run, so that a bad path fails in a moment and not in an hour.
    let out = OutputDir::prepare(&out, &inputs, args.how.force)?;
    let pool = threads(args.how.threads)?;
    let execution = args.how.execution();
    if let Some(until) = args.until.of(&loaded.scenario)? {
        return run_until(args, &until, (out, &pool, &signal), execution);
    }
    let all = Part { index: 0, count: 1 };
    let numbers = part.unwrap_or(all).replications(loaded.scenario.replications);
    let (result, took) = compute(&pool, &signal, args.quiet, |progress| {
        crate::simulation::run_some(&loaded.scenario, &numbers, execution, progress)
    })?;
    let recipe = args.recipe();
    let meta = took.into_meta(RunMeta {
        arguments: recipe.arguments(),
        reproduce: recipe.typed(),
        ..describe(args.how.grid, &loaded)
    });
    let Some(part) = part else {
        return deliver(args, &loaded, out, &result, meta, &pool, &signal);
    };
    let meta = RunMeta { customers: customers(&result), ..meta };
    write_shard(&out, &loaded.scenario, &result, &meta, part)?;
    heed(&signal)?;
    let place = out.commit()?;
    if args.quiet {
        return Ok(());
    }
    super::print(&format!(
        "part {} of {}: {} of {} replications in {}\n\
         tinsel merge puts the parts together when all are there\n",
        part.index,
        part.count,
        numbers.len(),
        loaded.scenario.replications,
        place.display()
    ))
}

/// Runs as many replications as `until` asks for. The results are those of a run told that number.
fn run_until(
    args: &RunArgs,
    until: &Until,
    (out, pool, signal): (OutputDir, &rayon::ThreadPool, &AtomicUsize),
    execution: Execution,
) -> Result<(), Failure> {
    let load_told = |told: &RunArgs| load(&args.scenario.file, &told.scenario.options_with(&told.overlay));
    let loaded = load_told(args)?;
    let (ended, took) =
        compute(pool, signal, args.quiet, |progress| until.run(&loaded.scenario, execution, progress))?;
    let ended = ended?;
    let replications = Some(ended.result.replications.len() as u32);
    let scenario = ScenarioArgs { replications, ..args.scenario.clone() };
    let told = RunArgs { scenario, until: UntilArgs::default(), ..args.clone() };
    let loaded = load_told(&told)?;
    let meta = took.into_meta(RunMeta {
        arguments: args.recipe().arguments(),
        reproduce: told.recipe().typed(),
        stopped: Some(until.stopped(&ended)),
        ..describe(args.how.grid, &loaded)
    });
    let held = deliver(args, &loaded, out, &ended.result, meta, pool, signal);
    // Thresholds have a say of their own, which comes after how the run stopped.
    if !matches!(held, Ok(()) | Err(Failure::Threshold(_) | Failure::Inconclusive(_))) {
        return held;
    }
    let sentence = until.conclude(&ended, &loaded.scenario.currency)?;
    if !args.quiet && !args.json {
        super::print(&sentence)?;
    }
    held
}

/// Writes the results of all replications, puts them in their place, and tells the planner.
pub(super) fn deliver(
    args: &RunArgs,
    loaded: &Loaded,
    out: OutputDir,
    result: &RunResult,
    meta: RunMeta,
    pool: &rayon::ThreadPool,
    signal: &AtomicUsize,
) -> Result<(), Failure> {
    let results = out.target().display().to_string();
    let meta = RunMeta { customers: customers(result), results, ..meta };
    let formats = args.tables.formats(!args.no_charts, !args.no_report);
    pool.install(|| write_results(&out, &loaded.scenario, result, &meta, formats))?;
    // Until here nobody has seen anything, so a signal that came while files were written still means: nothing.
    heed(signal)?;
    out.commit()?;
    let summary = Summary::new(&loaded.scenario, result);
    super::tell(
        (args.json, args.quiet),
        "the summary",
        || summary.to_json(),
        || summary.to_terminal(super::colour(&std::io::stdout()), &meta),
    )?;
    hold(&summary)
}

/// Refuses thresholds that nothing can be held to.
pub(super) fn check_thresholds(loaded: &Loaded) -> Result<(), Failure> {
    let problems = problems(&loaded.scenario);
    if problems.is_empty() { Ok(()) } else { Err(Failure::Thresholds(problems)) }
}

/// Fails if a threshold is not met, or the replications do not tell.
fn hold(summary: &Summary) -> Result<(), Failure> {
    let those = |verdict| {
        let those =
            summary.thresholds.iter().filter(|one| one.verdict == verdict).map(|one| one.text.as_str());
        those.collect::<Vec<_>>().join("; ")
    };
    match overall(summary.thresholds.iter().map(|one| one.verdict)) {
        Verdict::Pass => Ok(()),
        Verdict::Fail => Err(Failure::Threshold(format!("not met: {}", those(Verdict::Fail)))),
        Verdict::Inconclusive => Err(Failure::Inconclusive(format!(
            "these replications do not tell: {}",
            those(Verdict::Inconclusive)
        ))),
    }
}

impl RunArgs {
    /// `results/<stem>`; an incident laid over the scenario has results of its own, next to those without it.
    pub(super) fn usual_directory(&self) -> PathBuf {
        let mut name = default_directory(&self.scenario.file).into_os_string();
        if let Some(stem) = self.overlay.overlay.as_ref().and_then(|file| file.file_stem()) {
            name.push("-");
            name.push(stem);
        }
        PathBuf::from(name)
    }
}

/// Paths of the files that were read: the fleet file is named relative to the scenario.
pub(super) fn inputs_of(scenario: &Path, loaded: &Loaded) -> Vec<PathBuf> {
    let folder = scenario.parent().unwrap_or(Path::new(""));
    let others = loaded.inputs.iter().skip(1).map(|input| folder.join(&input.path));
    std::iter::once(scenario.to_owned()).chain(others).collect()
}

/// Holds the number of the first signal that came, or 0.
pub(super) fn listen_for_signals() -> Result<Arc<AtomicUsize>, Failure> {
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [SIGINT, SIGTERM] {
        signal_hook::flag::register_usize(number, Arc::clone(&signal), number as usize)
            .map_err(|error| Failure::Unexpected(format!("failed to listen for signals: {error}")))?;
    }
    Ok(signal)
}

/// Gives up if a signal has come.
pub(super) fn heed(signal: &AtomicUsize) -> Result<(), Failure> {
    match signal.load(Ordering::Relaxed) {
        0 => Ok(()),
        number => Err(Failure::Signal(number as i32)),
    }
}

/// As many threads as asked for, or as many as there are cores.
pub(super) fn threads(asked: Option<u16>) -> Result<rayon::ThreadPool, Failure> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = asked.map_or_else(cores, usize::from);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Failure::Unexpected(format!("failed to start {threads} threads: {error}")))
}

/// What a computation took.
pub(super) struct Took {
    wall_s: f64,
    cpu_s: f64,
    threads: usize,
}

impl Took {
    /// Time on a clock, seconds.
    pub(super) const fn wall_s(&self) -> f64 {
        self.wall_s
    }

    /// `meta` with what it took.
    pub(super) fn into_meta(self, meta: RunMeta) -> RunMeta {
        RunMeta { threads: self.threads, wall_s: self.wall_s, cpu_s: self.cpu_s, ..meta }
    }
}

/// Computes on `pool`, with a progress line on a terminal; a signal cancels it.
#[expect(clippy::disallowed_methods, reason = "wall clock for run-info.json, never in a result")]
pub(super) fn compute<T: Send>(
    pool: &rayon::ThreadPool,
    signal: &AtomicUsize,
    quiet: bool,
    work: impl FnOnce(&Progress) -> Option<T> + Send,
) -> Result<(T, Took), Failure> {
    let progress = Progress::default();
    let cpu_before = process::cpu_seconds();
    let started = std::time::Instant::now();
    let finished = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| watch(&progress, &finished, signal, quiet));
        // However the simulation ends, by a panic too, the watcher must know or nobody would ever leave this scope.
        let _done = Done(&finished);
        pool.install(|| work(&progress))
    });
    let wall_s = started.elapsed().as_secs_f64();
    let Some(result) = result else {
        return Err(Failure::Signal(signal.load(Ordering::Relaxed) as i32));
    };
    let threads = pool.current_num_threads();
    // Without an account by the system, all threads are taken as busy all the time: an upper bound.
    let cpu_s = match (cpu_before, process::cpu_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => wall_s * threads as f64,
    };
    Ok((result, Took { wall_s, cpu_s, threads }))
}

/// Raises its flag when it goes.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(super) fn customers(result: &RunResult) -> u64 {
    let stores = result.replications.iter().flat_map(|replication| &replication.stores);
    stores.map(|store| store.ledger.customers).sum()
}

/// What is known of a run before it begins.
pub(super) fn describe(grid: Grid, loaded: &Loaded) -> RunMeta {
    let inputs = loaded
        .inputs
        .iter()
        .map(|input| InputDigest { path: input.path.clone(), sha256: input.sha256.clone() });
    let settings = loaded.origins.iter().map(|setting| Setting {
        path: setting.path.clone(),
        value: setting.value.clone(),
        origin: setting.origin.to_string(),
    });
    RunMeta {
        command: std::env::args().collect::<Vec<_>>().join(" "),
        inputs: inputs.collect(),
        settings: settings.collect(),
        drawn: loaded.drawn.iter().map(|(&attribute, &stores)| (attribute.to_owned(), stores)).collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        results_version: RESULTS_VERSION,
        grid: grid.name().to_owned(),
        peak_memory_bytes: process::peak_memory_bytes(),
        ..RunMeta::default()
    }
}

/// Draws the progress line on a terminal, and cancels the run when a signal comes.
fn watch(progress: &Progress, finished: &AtomicBool, signal: &AtomicUsize, quiet: bool) {
    let target = if quiet || !std::io::stderr().is_terminal() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} stores, {elapsed} elapsed, {eta} to go");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    while !finished.load(Ordering::Relaxed) {
        bar.set_length(progress.total.load(Ordering::Relaxed));
        bar.set_position(progress.done.load(Ordering::Relaxed));
        if signal.load(Ordering::Relaxed) != 0 {
            progress.cancelled.store(true, Ordering::Relaxed);
        }
        std::thread::park_timeout(TICK);
    }
    bar.finish_and_clear();
}
