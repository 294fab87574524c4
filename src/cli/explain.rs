//! `tinsel explain`: why, from the results in a directory.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::exit::Failure;
use crate::report::explain::{Chosen, ExplainError, FleetLosses, StoreStory, Style};

/// Columns where the terminal does not say, as for the summary of a run.
const WIDTH: usize = 100;

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// Directory that `tinsel run` has written.
    directory: PathBuf,
    /// Explain one store: what broke, what it cost, and the chain of what happened.
    #[arg(long, value_name = "ID")]
    store: Option<String>,
    /// The store's incident of this number (`incident_id` in incidents.csv) instead of those that cost most.
    #[arg(long, value_name = "K", requires = "store")]
    incident: Option<u32>,
    /// The replication to look at [default: the one that cost the store most].
    #[arg(long, value_name = "N", requires = "store")]
    replication: Option<u32>,
    /// Lines of the fleet's longest table.
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "store")]
    rows: usize,
    /// Columns of the text [default: as the terminal has, else 100].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..=400), conflicts_with = "json")]
    width: Option<u16>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// Reads the tables and tells what they say.
pub(super) fn explain(args: &ExplainArgs) -> Result<(), Failure> {
    let terminal = || terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| width);
    let width = args.width.or_else(terminal).map_or(WIDTH, usize::from).max(40);
    let style = Style { width, colour: super::colour(&std::io::stdout()) };
    match &args.store {
        None => {
            let losses = FleetLosses::read(&args.directory)?;
            if args.json {
                print_json(&losses.to_json())
            } else {
                super::print(&losses.to_terminal(style, args.rows))
            }
        }
        Some(store) => {
            let chosen =
                Chosen { store: store.clone(), replication: args.replication, incident: args.incident };
            let story = StoreStory::read(&args.directory, &chosen)?;
            if args.json { print_json(&story.to_json()) } else { super::print(&story.to_terminal(style)) }
        }
    }
}

fn print_json(value: &Value) -> Result<(), Failure> {
    super::print_json(value, "the explanation")
}

impl From<ExplainError> for Failure {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Read(_) | ExplainError::NoTable { .. } => Failure::Unexpected(error.to_string()),
            ExplainError::NoStore { .. }
            | ExplainError::NoReplication { .. }
            | ExplainError::NoIncident { .. } => Failure::Usage(error.to_string()),
        }
    }
}
