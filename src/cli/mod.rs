//! The command line: parses, calls, prints. One file per subcommand.

mod check;
mod compare;
mod completions;
mod drill;
mod estimate;
mod exit;
mod explain;
mod gate;
mod man;
mod new;
mod points;
mod process;
mod profiles;
mod recipe;
mod replay;
mod report;
mod run;
mod schema;
mod shard;
mod size;
mod sweep;
mod uncertainty;
mod until;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::kernel::driver::Stepping;
use crate::report::Formats;
use crate::scenario::{ClockTime, LoadOptions, Loaded, Overlay, Rejected, load, render};
use crate::simulation::Execution;

use exit::Failure;

/// Simulates holiday-peak retail networks: every card payment, every link that fails, every failover.
#[derive(Parser, Debug)]
#[command(name = "tinsel", version, about, max_term_width = 100, after_help = exit::CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Write a first scenario for a fleet file, and list what it assumes.
    New(new::NewArgs),
    /// Simulate a scenario and write its results.
    Run(RunArgs),
    /// Run two designs under the same draws and tell what they differ by.
    Compare(compare::CompareArgs),
    /// Keep what later runs are held against: for CI.
    Baseline(gate::BaselineArgs),
    /// Fail if a scenario fails over worse than a baseline did: for CI.
    Gate(gate::GateArgs),
    /// Force one fault on every store, each alone or all together, and see how each fares.
    Drill(drill::DrillArgs),
    /// Say what a run would take: events, time, memory.
    Estimate(estimate::EstimateArgs),
    /// Say why: what a loss is due to, for the fleet or for one store.
    Explain(explain::ExplainArgs),
    /// Run a scenario at many points: grids, lists and samples of any settings.
    Sweep(sweep::SweepArgs),
    /// Vary inputs that nobody knows exactly: what they do to a number, which would flip a decision.
    Uncertainty(uncertainty::UncertaintyArgs),
    /// Say what to buy, for which stores: the least loss within a budget, or the cheapest that meets targets.
    Size(size::SizeArgs),
    /// Validate a scenario without running it.
    Check(CheckArgs),
    /// Put the parts of a run together (`tinsel run --shard-index`).
    Merge(shard::MergeArgs),
    /// Check that results are what was written, and that they come out again.
    Verify(verify::VerifyArgs),
    /// Failover profiles: what there is, what its timers mean, and what other timers would.
    Profiles(profiles::ProfilesArgs),
    /// Run one store of one replication again, and trace all that it does.
    Replay(replay::ReplayArgs),
    /// Write report.html again from the results in a directory.
    Report(report::ReportArgs),
    /// Print the JSON Schema of scenario files, or of what a run writes.
    Schema {
        /// Of what.
        #[arg(value_enum, default_value = "scenario")]
        document: schema::Document,
    },
    /// Print the script that completes commands in a shell.
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write the pages of all commands.
    Man(man::ManArgs),
}

/// What every command that reads a scenario takes.
#[derive(Args, Clone, Debug)]
struct ScenarioArgs {
    /// Scenario file (TOML).
    file: PathBuf,
    /// Use this seed instead of the file's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Run this many replications instead of the file's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replications: Option<u32>,
    /// Change one setting, e.g. `--set payments.timeout="45 s"`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
}

/// Where and how a command that simulates runs; no result depends on it.
#[derive(Args, Clone, Copy, Debug)]
struct HowArgs {
    /// Replace the directory even if tinsel did not make it.
    #[arg(long)]
    force: bool,
    /// Threads to use [default: all cores]. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Which grid instants are visited; the results are the same.
    #[arg(long, value_enum, default_value_t = Grid::Skip)]
    grid: Grid,
}

impl HowArgs {
    fn execution(self) -> Execution {
        Execution { stepping: self.grid.stepping(), ..Execution::default() }
    }
}

/// An incident to lay over the scenario.
#[derive(Args, Clone, Debug)]
struct OverlayArgs {
    /// Add the `[[faults.scheduled]]` of another scenario or incident file (TOML). Names that this fleet does not have are
    /// taken as all, with a warning.
    #[arg(long, value_name = "FILE", requires = "at")]
    overlay: Option<PathBuf>,
    /// When the overlay's first fault begins; the others keep their distance: `"2019-11-29 14:00 local"` by each store's own
    /// clock (`local` may be left out), or with an IANA time zone instead of `local` at one instant for all.
    #[arg(long, value_name = "WHEN", requires = "overlay")]
    at: Option<ClockTime>,
}

#[derive(Args, Clone, Debug)]
struct TableArgs {
    /// How tables are written, several separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "csv", value_name = "FORMATS")]
    format: Vec<TableFormat>,
}

/// File formats of tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum TableFormat {
    /// Text that spreadsheets open.
    Csv,
    /// Typed columns for DuckDB, polars, pandas.
    Parquet,
}

impl TableArgs {
    /// What to write, with charts and page or without.
    fn formats(&self, charts: bool, page: bool) -> Formats {
        let wanted = |format| self.format.contains(&format);
        Formats { csv: wanted(TableFormat::Csv), parquet: wanted(TableFormat::Parquet), charts, page }
    }
}

#[derive(Args, Clone, Debug)]
struct RunArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    overlay: OverlayArgs,
    /// Directory for the results [default: results/<scenario file's stem>, with -<overlay's stem> behind it].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    tables: TableArgs,
    /// Do not draw charts.
    #[arg(long)]
    no_charts: bool,
    /// Do not write report.html.
    #[arg(long)]
    no_report: bool,
    #[command(flatten)]
    until: until::UntilArgs,
    #[command(flatten)]
    shard: shard::ShardArgs,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

#[derive(Args, Debug)]
struct CheckArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    overlay: OverlayArgs,
    /// Print every setting with its value and where it comes from.
    #[arg(long)]
    show_resolved: bool,
}

/// How the driver steps shared resources.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Grid {
    /// Only instants at which something shared can change.
    Skip,
    /// All instants (slow; for verification).
    Every,
}

impl Grid {
    const fn stepping(self) -> Stepping {
        match self {
            Grid::Skip => Stepping::Skipping,
            Grid::Every => Stepping::Every,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Grid::Skip => "skip",
            Grid::Every => "every",
        }
    }
}

impl ScenarioArgs {
    fn options(&self) -> LoadOptions {
        LoadOptions {
            overrides: self.overrides.clone(),
            seed: self.seed,
            replications: self.replications,
            overlay: None,
            ..LoadOptions::default()
        }
    }

    /// The scenario with those settings changed besides: path and value.
    fn load_with<'c>(
        &self,
        changes: impl IntoIterator<Item = (&'c String, &'c String)>,
    ) -> Result<Loaded, Rejected> {
        let mut options = self.options();
        options.overrides.extend(changes.into_iter().map(|(path, value)| format!("{path}={value}")));
        load(&self.file, &options)
    }

    /// The same with an incident laid over the scenario.
    fn options_with(&self, overlay: &OverlayArgs) -> LoadOptions {
        let both = overlay.overlay.as_ref().zip(overlay.at.as_ref());
        let overlay = both.map(|(file, at)| Overlay { file: file.clone(), at: at.clone() });
        LoadOptions { overlay, ..self.options() }
    }
}

/// A scenario that has something to run; its warnings are told.
fn open(file: &Path, options: &LoadOptions, quiet: bool) -> Result<Loaded, Failure> {
    let loaded = load(file, options)?;
    if !quiet {
        warn(&render(&loaded.warnings, colour(&std::io::stderr())));
    }
    if loaded.scenario.stores.is_empty() {
        return Err(Failure::NothingToRun);
    }
    Ok(loaded)
}

/// Prints JSON; `what` it is, should that fail.
fn print_json(value: &serde_json::Value, what: &str) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::Unexpected(format!("failed to print {what}: {error}")))?;
    print(&format!("{text}\n"))
}

/// Prints an answer as it was asked for: as JSON, as text, or not at all.
fn tell(
    (json, quiet): (bool, bool),
    what: &str,
    value: impl FnOnce() -> serde_json::Value,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    match (json, quiet) {
        (true, _) => print_json(&value(), what),
        (false, true) => Ok(()),
        (false, false) => print(&text()),
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Runs one subcommand.
fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::New(args) => new::new(&args),
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Baseline(args) => gate::baseline(&args),
        Command::Gate(args) => gate::gate(&args),
        Command::Drill(args) => drill::drill(&args),
        Command::Estimate(args) => estimate::estimate(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Sweep(args) => sweep::sweep(&args),
        Command::Uncertainty(args) => uncertainty::uncertainty(&args),
        Command::Size(args) => size::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Merge(args) => shard::merge(&args),
        Command::Verify(args) => verify::verify(&args),
        Command::Profiles(args) => profiles::profiles(&args),
        Command::Replay(args) => replay::replay(&args),
        Command::Report(args) => report::report(&args),
        Command::Completions { shell } => completions::completions(shell),
        Command::Man(args) => man::man(&args),
        Command::Schema { document } => schema::schema(document),
    }
}

/// Writes `text` to standard output; a reader that has gone away is no error.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(error) => Err(Failure::Unexpected(format!("failed to write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// Writes `text` to standard error. If nobody reads it there is nobody to tell, and the exit code still says it.
fn warn(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Whether to colour what goes to `stream`: only a terminal, and never under `NO_COLOR` (no-color.org).
fn colour(stream: &impl std::io::IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
