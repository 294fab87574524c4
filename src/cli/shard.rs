//! `tinsel run --shard-index I --shard-count N`: a part of a run, for another machine or another day, and `tinsel merge`, which
//! makes the run's results of all its parts.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::exit::Failure;
use super::run::{deliver, describe, inputs_of, listen_for_signals, threads};
use super::{Command, Grid, HowArgs, RunArgs, recipe};
use crate::report::shard::{Part, Shard, open};
use crate::report::{OutputDir, RunMeta};
use crate::scenario::load;
use crate::simulation::result::RunResult;

#[derive(Args, Clone, Debug)]
pub(super) struct ShardArgs {
    /// Run only this part of the replications, from 0, of --shard-count; `tinsel merge` puts the parts together.
    #[arg(long, value_name = "I", requires = "shard_count", conflicts_with = "json")]
    shard_index: Option<u32>,
    /// In how many parts the replications are run.
    #[arg(long, value_name = "N", requires = "shard_index", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    shard_count: Option<u32>,
}

impl ShardArgs {
    /// Which part is to be run; `None` for all.
    pub(super) fn part(&self) -> Result<Option<Part>, Failure> {
        match self.shard_index.zip(self.shard_count) {
            Some((index, count)) if index >= count => Err(Failure::Usage(format!(
                "--shard-index {index} is not one of --shard-count {count}: they are numbered from 0 to {}",
                count - 1
            ))),
            part => Ok(part.map(|(index, count)| Part { index, count })),
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct MergeArgs {
    /// The directories of all parts, in any order.
    #[arg(required = true, value_name = "DIR")]
    shards: Vec<PathBuf>,
    /// Directory for the results [default: as `tinsel run` without the parts].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the directory even if tinsel did not make it.
    #[arg(long)]
    force: bool,
    /// The directory that the scenario's path starts from, if it is relative [default: the current one].
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Threads to use [default: all cores]. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

/// Puts the parts of a run together.
pub(super) fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let (mut shards, mut out) = (args.shards.clone(), args.out.clone());
    recipe::go_to(args.from.as_deref(), &mut shards.iter_mut().chain(&mut out).collect::<Vec<_>>())?;
    let shards = open(&shards)?;
    let run = run_args(&shards, args)?;
    let options = run.scenario.options_with(&run.overlay);
    let loaded = load(&run.scenario.file, &options)?;
    let recipe = run.recipe();
    let (arguments, reproduce) = (recipe.arguments(), recipe.typed());
    let meta = RunMeta { arguments, reproduce, ..describe(Grid::Skip, &loaded) };
    check_inputs(&shards, &meta)?;
    let out = out.unwrap_or_else(|| run.usual_directory());
    let mut inputs = inputs_of(&run.scenario.file, &loaded);
    inputs.extend(run.overlay.overlay.clone());
    inputs.extend(shards.iter().map(|shard| shard.directory.clone()));
    let out = OutputDir::prepare(&out, &inputs, run.how.force)?;
    let mut replications = Vec::new();
    for shard in &shards {
        replications.extend(shard.replications(loaded.scenario.replications)?);
    }
    replications.sort_by_key(|replication| replication.replication);
    let sum = |key: &str| shards.iter().filter_map(|shard| shard.run_info[key].as_f64()).sum::<f64>();
    let most = shards.iter().filter_map(|shard| shard.run_info["peak_memory_bytes"].as_u64()).max();
    // What the parts took together; they may have run side by side.
    let meta = RunMeta {
        wall_s: sum("wall_s"),
        cpu_s: sum("cpu_s"),
        threads: shards.iter().filter_map(|shard| shard.run_info["threads"].as_u64()).max().unwrap_or(1)
            as usize,
        peak_memory_bytes: most,
        ..meta
    };
    let pool = threads(args.threads)?;
    deliver(&run, &loaded, out, &RunResult { replications }, meta, &pool, &signal)
}

/// The whole run that the parts are parts of, as if it had been typed.
fn run_args(shards: &[Shard], args: &MergeArgs) -> Result<RunArgs, Failure> {
    match recipe::read(&shards[0].arguments(), &[])? {
        Command::Run(run) => {
            let how = HowArgs { force: args.force, ..run.how };
            Ok(RunArgs { how, json: args.json, quiet: args.quiet, ..run })
        }
        other => Err(Failure::Unexpected(format!(
            "failed to merge parts of something that is not a run: {other:?}"
        ))),
    }
}

/// The files must be those that the parts were made from.
fn check_inputs(shards: &[Shard], meta: &RunMeta) -> Result<(), Failure> {
    let listed = shards[0].manifest["inputs"].as_array().map_or(&[][..], Vec::as_slice);
    for input in &meta.inputs {
        let same =
            |one: &&Value| one["path"] == input.path.as_str() && one["sha256"] == input.sha256.as_str();
        if !listed.iter().any(|one| same(&one)) {
            return Err(Failure::Shards(format!(
                "`{}` is not what the parts were made from: it has changed since, or --from names another place",
                input.path
            )));
        }
    }
    Ok(())
}

/// `results/<stem>-shard-I-of-N`, beside those of the whole run.
pub(super) fn directory_of(part: Part, whole: &Path) -> PathBuf {
    let mut name = whole.as_os_str().to_owned();
    name.push(format!("-shard-{}-of-{}", part.index, part.count));
    PathBuf::from(name)
}
