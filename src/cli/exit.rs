//! Exit codes and how failures are reported: an interface, documented in `--help` and `docs/exit-codes.md`.

use std::process::ExitCode;

use crate::report::shard::ShardError;
use crate::report::{OutputError, ReportError};
use crate::scenario::{Rejected, render};

/// For `--help`.
pub(super) const CODES: &str = "\
Exit codes:
  0    success
  1    unexpected failure, or a file could not be read or written
  2    wrong usage of the command line
  3    the scenario was rejected
  4    there is nothing to run (no stores)
  5    parts of a run are missing, doubled or of another run
  6    results are not what they should be
  98   the replications do not decide
  99   something is worse than the scenario, a baseline or the command line allows
  130  interrupted (Ctrl-C); 143 terminated";

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The scenario was rejected.
    Rejected(Rejected),
    /// The scenario has nothing to simulate.
    NothingToRun,
    /// The command line names something that does not exist, or asks for what cannot be.
    Usage(String),
    /// Something is worse than the scenario or the command line allows; it has been printed.
    Threshold(String),
    /// The replications do not decide; what they show has been written or printed.
    Inconclusive(String),
    /// Thresholds of the scenario that nothing can be held to.
    Thresholds(Vec<String>),
    /// Parts do not make a run.
    Shards(String),
    /// Results differ from what they should be; how has been printed.
    Differ(String),
    /// Results could not go where they should.
    Output(OutputError),
    /// Results could not be written.
    Report(ReportError),
    /// Anything else.
    Unexpected(String),
    /// A signal of this number came.
    Signal(i32),
    /// The same, and some of the work is kept.
    Stopped {
        /// The signal's number.
        number: i32,
        /// What is kept, where, and how to go on.
        kept: String,
    },
    /// The reader of a pipe has gone away: it has seen what it wanted.
    ReaderGone,
}

impl Failure {
    /// Prints the failure and gives its exit code.
    pub(super) fn report(self) -> ExitCode {
        match self {
            Failure::Rejected(Rejected::Invalid(diagnostics)) => {
                super::warn(&render(&diagnostics, super::colour(&std::io::stderr())));
                ExitCode::from(3)
            }
            Failure::Rejected(Rejected::Io { path, source }) => {
                complain(&format!("failed to read the scenario `{path}`: {source}"), 1)
            }
            Failure::NothingToRun => complain(&"the scenario has no stores: there is nothing to run", 4),
            Failure::Usage(message) => complain(&message, 2),
            Failure::Inconclusive(message) => complain(&message, 98),
            Failure::Threshold(message) => complain(&message, 99),
            Failure::Thresholds(problems) => complain(&problems.join("\nerror: "), 3),
            Failure::Shards(message) => complain(&message, 5),
            Failure::Differ(message) => complain(&message, 6),
            Failure::Output(error) => complain(&error, 1),
            Failure::Report(error) => complain(&error, 1),
            Failure::Unexpected(message) => complain(&message, 1),
            Failure::Signal(number) => {
                super::warn("interrupted: nothing was written\n");
                // The shell's convention for a process ended by a signal.
                ExitCode::from(u8::try_from(128 + number).unwrap_or(1))
            }
            Failure::Stopped { number, kept } => {
                super::warn(&format!("interrupted: {kept}\n"));
                ExitCode::from(u8::try_from(128 + number).unwrap_or(1))
            }
            Failure::ReaderGone => ExitCode::SUCCESS,
        }
    }
}

fn complain(error: &dyn std::fmt::Display, code: u8) -> ExitCode {
    super::warn(&format!("error: {error}\n"));
    ExitCode::from(code)
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        Failure::Rejected(rejected)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Failure::Output(error)
    }
}

impl From<ShardError> for Failure {
    fn from(error: ShardError) -> Self {
        match error {
            ShardError::Io { .. } => Failure::Unexpected(error.to_string()),
            ShardError::NoPart { .. }
            | ShardError::Foreign { .. }
            | ShardError::Doubled { .. }
            | ShardError::Missing { .. } => Failure::Shards(error.to_string()),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        Failure::Report(error)
    }
}
