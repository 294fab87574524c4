//! `tinsel run`: simulate, check the ledgers, write results, tell the planner.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::exit::Failure;
use super::{RunArgs, process};
use crate::report::output::default_directory;
use crate::report::{Formats, InputDigest, OutputDir, RunMeta, Setting, Summary, write_results};
use crate::scenario::{Loaded, load, render};
use crate::simulation::result::RunResult;
use crate::simulation::{Execution, Progress, RESULTS_VERSION};

/// How often the progress line is drawn and signals are looked at.
const TICK: Duration = Duration::from_millis(100);

/// Runs a scenario and writes its results.
pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let loaded = load(&args.scenario.file, &args.scenario.options())?;
    if !args.quiet {
        super::warn(&render(&loaded.warnings, super::colour(&std::io::stderr())));
    }
    if loaded.scenario.stores.is_empty() {
        return Err(Failure::NothingToRun);
    }
    let out = args.out.clone().unwrap_or_else(|| default_directory(&args.scenario.file));
    // Before the run, so that a bad path fails in a moment and not in an hour.
    let out = OutputDir::prepare(&out, &inputs_of(&args.scenario.file, &loaded), args.force)?;
    let threads = args.threads.map_or_else(default_threads, usize::from);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Failure::Unexpected(format!("failed to start {threads} threads: {error}")))?;
    let (result, mut meta) = simulate(args, &loaded, &pool, &signal)?;
    meta.results = out.target().display().to_string();
    let formats = Formats { charts: !args.no_charts, ..Formats::default() };
    pool.install(|| write_results(&out, &loaded.scenario, &result, &meta, formats))?;
    // Until here nobody has seen anything, so a signal that came while files were written still means: nothing.
    heed(&signal)?;
    out.commit()?;
    let summary = Summary::new(&loaded.scenario, &result);
    if args.json {
        let text = serde_json::to_string_pretty(&summary.to_json())
            .map_err(|error| Failure::Unexpected(format!("failed to print the summary: {error}")))?;
        super::print(&format!("{text}\n"))
    } else if args.quiet {
        Ok(())
    } else {
        super::print(&summary.to_terminal(super::colour(&std::io::stdout()), &meta))
    }
}

/// Paths of the files that were read: the fleet file is named relative to the scenario.
fn inputs_of(scenario: &Path, loaded: &Loaded) -> Vec<PathBuf> {
    let folder = scenario.parent().unwrap_or(Path::new(""));
    let others = loaded.inputs.iter().skip(1).map(|input| folder.join(&input.path));
    std::iter::once(scenario.to_owned()).chain(others).collect()
}

/// Holds the number of the first signal that came, or 0.
fn listen_for_signals() -> Result<Arc<AtomicUsize>, Failure> {
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [SIGINT, SIGTERM] {
        signal_hook::flag::register_usize(number, Arc::clone(&signal), number as usize)
            .map_err(|error| Failure::Unexpected(format!("failed to listen for signals: {error}")))?;
    }
    Ok(signal)
}

/// Gives up if a signal has come.
fn heed(signal: &AtomicUsize) -> Result<(), Failure> {
    match signal.load(Ordering::Relaxed) {
        0 => Ok(()),
        number => Err(Failure::Signal(number as i32)),
    }
}

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[expect(clippy::disallowed_methods, reason = "wall clock for run-info.json, never in a result")]
fn simulate(
    args: &RunArgs,
    loaded: &Loaded,
    pool: &rayon::ThreadPool,
    signal: &AtomicUsize,
) -> Result<(RunResult, RunMeta), Failure> {
    let execution = Execution { stepping: args.grid.stepping(), ..Execution::default() };
    let progress = Progress::default();
    let cpu_before = process::cpu_seconds();
    let started = std::time::Instant::now();
    let finished = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| watch(&progress, &finished, signal, args.quiet));
        // However the simulation ends, by a panic too, the watcher must know or nobody would ever leave this scope.
        let _done = Done(&finished);
        pool.install(|| crate::simulation::run(&loaded.scenario, execution, &progress))
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
    let meta = describe(args, loaded, &result);
    Ok((result, RunMeta { threads, wall_s, cpu_s, ..meta }))
}

/// Raises its flag when it goes.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn describe(args: &RunArgs, loaded: &Loaded, result: &RunResult) -> RunMeta {
    let inputs = loaded
        .inputs
        .iter()
        .map(|input| InputDigest { path: input.path.clone(), sha256: input.sha256.clone() });
    let settings = loaded.origins.iter().map(|setting| Setting {
        path: setting.path.clone(),
        value: setting.value.clone(),
        origin: setting.origin.to_string(),
    });
    let stores = result.replications.iter().flat_map(|replication| &replication.stores);
    RunMeta {
        command: std::env::args().collect::<Vec<_>>().join(" "),
        inputs: inputs.collect(),
        settings: settings.collect(),
        drawn: loaded.drawn.iter().map(|(&attribute, &stores)| (attribute.to_owned(), stores)).collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        results_version: RESULTS_VERSION,
        grid: args.grid.name().to_owned(),
        peak_memory_bytes: process::peak_memory_bytes(),
        customers: stores.map(|store| store.ledger.customers).sum(),
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
