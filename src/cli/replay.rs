//! `tinsel replay`: one store of one replication again, watched, or alone with what it was told.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Failure;
use super::recipe::Recipe;
use super::run::{compute, describe, heed, inputs_of, listen_for_signals, threads};
use super::{HowArgs, OverlayArgs, ScenarioArgs, TableArgs};
use crate::report::output::directory_of;
use crate::report::replay::{ReplayFiles, write_replay};
use crate::report::{OutputDir, RunMeta};
use crate::scenario::resolved::{Scenario, StoreRank};
use crate::scenario::{load, nearest, render};
use crate::simulation::replay::{Journal, JournalError, replay as replay_store, replay_from};
use crate::simulation::result::RunResult;

#[derive(Args, Debug)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    overlay: OverlayArgs,
    /// Which store: its id.
    #[arg(long, value_name = "ID")]
    store: String,
    /// Which replication.
    #[arg(long, value_name = "N", default_value_t = 0)]
    replication: u32,
    /// Also write what the store was told by what it shares with others.
    #[arg(long)]
    journal: bool,
    /// Run the store alone, with what this journal says it was told.
    #[arg(long, value_name = "FILE", conflicts_with = "journal")]
    from: Option<PathBuf>,
    /// Directory for the results [default: results/<scenario file's stem>-replay].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    tables: TableArgs,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

impl ReplayArgs {
    /// The arguments that decide the results.
    fn recipe(&self) -> Recipe {
        let ReplayArgs {
            scenario,
            overlay,
            store,
            replication,
            journal,
            from,
            out: _,
            how: _,
            tables,
            quiet: _,
        } = self;
        let mut numbers = vec!["replay".to_owned()];
        numbers.extend(scenario.recipe());
        numbers.extend(overlay.recipe());
        numbers.extend([format!("--store={store}"), format!("--replication={replication}")]);
        numbers.extend(from.iter().map(|file| format!("--from={}", file.display())));
        let mut files = Vec::from_iter(tables.recipe());
        files.extend(journal.then(|| "--journal".to_owned()));
        Recipe { numbers, files }
    }
}

/// Runs the store again and writes what it did.
pub(super) fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let loaded = load(&args.scenario.file, &args.scenario.options_with(&args.overlay))?;
    if !args.quiet {
        super::warn(&render(&loaded.warnings, super::colour(&std::io::stderr())));
    }
    let scenario = &loaded.scenario;
    let rank = rank_of(scenario, &args.store)?;
    if args.replication >= scenario.replications {
        return Err(Failure::Usage(format!(
            "there is no replication {}: the scenario has {}, numbered from 0",
            args.replication, scenario.replications
        )));
    }
    let journal = args.from.as_deref().map(read_journal).transpose()?;
    let mut inputs = inputs_of(&args.scenario.file, &loaded);
    inputs.extend(args.overlay.overlay.iter().chain(&args.from).cloned());
    let out = args.out.clone().unwrap_or_else(|| directory_of(&args.scenario.file, "replay"));
    let out = OutputDir::prepare(&out, &inputs, args.how.force)?;
    let pool = threads(args.how.threads)?;
    let execution = args.how.execution();
    let (replayed, took) = compute(&pool, &signal, args.quiet, |progress| match &journal {
        Some(journal) => Some(replay_from(scenario, rank, args.replication, journal)),
        None => replay_store(scenario, rank, args.replication, execution, progress).map(Ok),
    })?;
    let replayed = replayed?;
    let recipe = args.recipe();
    let meta = took.into_meta(RunMeta {
        arguments: recipe.arguments(),
        reproduce: recipe.typed(),
        customers: replayed.result.stores.iter().map(|store| store.ledger.customers).sum(),
        ..describe(args.how.grid, &loaded)
    });
    let journal = args.journal.then(|| serde_json::to_vec(&replayed.journal)).transpose();
    let journal =
        journal.map_err(|error| Failure::Unexpected(format!("failed to write the journal: {error}")))?;
    let (spans, incidents) = (replayed.trace.spans.len(), replayed.result.incidents.len());
    let result = RunResult { replications: vec![replayed.result] };
    let files =
        ReplayFiles { store: rank, result: &result, trace: &replayed.trace, journal: journal.as_deref() };
    write_replay(&out, scenario, files, &meta, args.tables.formats(false, false))?;
    heed(&signal)?;
    let place = out.commit()?;
    if args.quiet {
        return Ok(());
    }
    super::print(&format!(
        "store {} in replication {}: {incidents} incident{}, {spans} spans in {}\n\
         https://ui.perfetto.dev opens it; nothing leaves this machine unless you open it there\n",
        args.store,
        args.replication,
        if incidents == 1 { "" } else { "s" },
        place.join("trace.json").display()
    ))
}

fn rank_of(scenario: &Scenario, id: &str) -> Result<StoreRank, Failure> {
    let position = scenario.stores.iter().position(|store| store.id == id);
    position.map(|rank| StoreRank(rank as u32)).ok_or_else(|| {
        let near = nearest(id, scenario.stores.iter().map(|store| store.id.as_str()));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Failure::Usage(format!("there is no store `{id}` in this scenario{hint}"))
    })
}

fn read_journal(file: &Path) -> Result<Journal, Failure> {
    let failed = |why: String| Failure::Unexpected(format!("failed to read `{}`: {why}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| failed(format!("it is no journal of `tinsel replay`: {error}")))
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Failure::Usage(error.to_string())
    }
}
