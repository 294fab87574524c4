//! The repository's own commands, run as `cargo xtask NAME`: see [`HELP`].
//!
//! Next to no dependencies, so that the first check of a fresh clone starts after seconds of compiling. What a step does
//! is in [`checks`]; how a command is run and reported is in [`step`]; the Python of tables and notebooks is in [`notebooks`];
//! others' readers of our tables are in [`tables`], a reader of our page is in [`browser`]; what is handed out is made in
//! [`dist`]; builds are compared in [`determinism`]; failover is measured in [`lab`]; the fleets of the incident scenarios are
//! made in [`fleets`]; CPU time is compared in [`cpu`].

mod browser;
mod checks;
mod cpu;
mod determinism;
mod dist;
mod fleets;
mod lab;
mod notebooks;
mod step;
mod tables;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  test           every check there is, in this order, stopping at the first that fails:
                 format, clippy, tests, docs, tables, notebooks, browser, install
  test --fast    the same without tables, notebooks, browser and install (neither Python nor Chromium needed)
  notebooks      the notebooks only
  tables         only that DuckDB, polars and pandas read every CSV and Parquet table, and add it up as summary.json does
  browser        only that report.html works in a headless Chromium, with screenshots in target/browser/shots
  dist           an archive for people without Rust: one program, as static as may be, with completions, manual pages and
                 scenarios, in target/dist; unpacked and tried. Minutes
  determinism    the same bytes from four builds (debug, release, this machine's own instructions, with
                 dev-dependencies), several numbers of threads and both grids; minutes, so not part of `test`
  determinism --full
                 the same with the flagship scenario
  cpu            CPU per customer of the flagship with everything that stores share on, over everything off: three rounds
                 in turn on one thread; fails above 1.25. Minutes, and for a machine with nothing else to do
  lab            measures failover of real daemons (FRR, keepalived) on this machine, in Linux network
                 namespaces of its own, writes the raw trials to target/lab, prints a table and compares it with
                 tinsel. About 6 minutes; it ends within 10, compiling included, and then with fewer trials (only
                 unpacking packages is never cut short). Needs Linux and root, and installs Debian packages if they
                 are missing; where one of these is impossible, it says so and does nothing. Not part of `test`, and
                 not for CI
  lab --measure-only, lab --compare-only
                 only the first half (which needs no cargo: `sudo target/debug/xtask lab --measure-only`), only the
                 second (which needs no root)
  lab ... --out DIR
                 trials are in DIR: a new directory, or one from an earlier `lab`, which is replaced
  fleets         writes the fleets of the incident scenarios, scenarios/incidents/data/*.csv
  help           this text

Tables and notebooks are read in a Python environment of the project's own, notebooks/.venv, made on first use from
notebooks/requirements.txt. PYTHON names the interpreter to make it with (default: python3).
The browser is Debian's Chromium, driven by Playwright's core from npm (tests/browser); both, and Node, are installed where they may be.
Without Python or Chromium their checks are skipped, loudly; with CI=true nothing is skipped: it fails.
";

/// Exit code for a command line that is not understood, as in the `tinsel` command itself.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["test"] => checks::run(&root(), checks::Extent::Everything),
        ["test", "--fast"] => checks::run(&root(), checks::Extent::WithoutNotebooks),
        ["tables"] => checks::run(&root(), checks::Extent::TablesOnly),
        ["browser"] => checks::run(&root(), checks::Extent::BrowserOnly),
        ["notebooks"] => checks::run(&root(), checks::Extent::NotebooksOnly),
        ["determinism"] => determinism::run(&root(), determinism::Extent::Usual),
        ["determinism", "--full"] => determinism::run(&root(), determinism::Extent::Full),
        ["cpu"] => cpu::run(&root()),
        ["dist"] => dist::run(&root()),
        ["fleets"] => fleets::run(&root()),
        ["lab", options @ ..] => match lab::Options::read(&root(), options) {
            Some(options) => lab::run(&root(), &options),
            None => return not_understood(&arguments),
        },
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => return not_understood(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn not_understood(arguments: &[&str]) -> ExitCode {
    eprint!("xtask: not understood: `{}`\n\n{HELP}", arguments.join(" "));
    ExitCode::from(USAGE)
}

/// The repository's root: the directory above this package's, as cargo says now. Where this program was built may be another copy, if
/// somebody has copied `target`.
fn root() -> PathBuf {
    let now = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = now.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf());
    package.parent().map_or_else(|| package.clone(), Path::to_path_buf)
}
