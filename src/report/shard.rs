//! A part of a run on disk: all that merging needs, and nothing that a part cannot know.
//!
//! Parts are whole replications: part I of N has those numbers that leave the remainder I when divided by N. Stores of one
//! replication are not split, because what they share (the centre, the services, shared faults) would have to be in every
//! part. A part has `replications.jsonl`, one line per replication with every row and counter of it, and no table or summary:
//! those come from all parts together, by the same code and from the same values as in one run, so the bytes are the same.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::difference::first_difference;
use super::manifest::{RunMeta, TOOL, manifest, run_info};
use super::output::{MANIFEST, OutputDir, RUN_INFO};
use super::write::{Folder, Formats, ReportError};
use super::{ledger, output};
use crate::scenario::resolved::Scenario;
use crate::scenario::sha256;
use crate::simulation::result::{ReplicationResult, RunResult};

/// The file of a part's replications.
const REPLICATIONS: &str = "replications.jsonl";

/// Which part of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// From 0.
    pub index: u32,
    /// Of how many.
    pub count: u32,
}

impl Part {
    /// The numbers of its replications, of `all`.
    #[must_use]
    pub fn replications(self, all: u32) -> Vec<u32> {
        (self.index..all).step_by(self.count as usize).collect()
    }
}

/// Why parts do not make a run.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// A file cannot be read.
    #[error("failed to read `{}`: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A directory holds something else.
    #[error("`{}` is not a part of a run: {why}", .directory.display())]
    NoPart {
        /// Which.
        directory: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Two parts are of different runs.
    #[error("`{}` is a part of another run than `{}`: {difference}", .directory.display(), .first.display())]
    Foreign {
        /// Which.
        directory: PathBuf,
        /// Than which.
        first: PathBuf,
        /// The first thing in which they differ.
        difference: String,
    },
    /// The same part twice.
    #[error("part {index} is there twice: `{}` and `{}`", .first.display(), .second.display())]
    Doubled {
        /// Which part.
        index: u32,
        /// Here.
        first: PathBuf,
        /// And here.
        second: PathBuf,
    },
    /// Parts are missing.
    #[error("of {count} parts, {missing} {} missing", if .missing.contains(',') { "are" } else { "is" })]
    Missing {
        /// Numbers, separated by commas.
        missing: String,
        /// Of how many.
        count: u32,
    },
}

/// Writes part `part` of a run into `dir`.
///
/// # Errors
/// If a ledger does not close, or a file cannot be written.
pub fn write_shard(
    dir: &OutputDir,
    scenario: &Scenario,
    result: &RunResult,
    meta: &RunMeta,
    part: Part,
) -> Result<(), ReportError> {
    ledger::check(result).map_err(|what| ReportError::Ledger { what, replay: meta.command.clone() })?;
    let mut folder = Folder::new(dir.path(), Formats::default());
    folder.file(REPLICATIONS, |out| {
        for replication in &result.replications {
            serde_json::to_writer(&mut *out, replication)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })?;
    let mut manifest = manifest(scenario, meta, folder.written());
    manifest["shard"] = json!({ "index": part.index, "count": part.count });
    folder.json(RUN_INFO, &run_info(meta, result))?;
    folder.json(MANIFEST, &manifest)
}

/// One part that has been read, but for its replications.
#[derive(Debug)]
pub struct Shard {
    /// Where it is.
    pub directory: PathBuf,
    /// Its manifest.
    pub manifest: Value,
    /// Its `run-info.json`; null if it is not there.
    pub run_info: Value,
    /// Which part it is.
    pub part: Part,
}

/// Opens all parts of a run, in order.
///
/// # Errors
/// If a directory holds no part, if parts are of different runs, doubled or missing.
pub fn open(directories: &[PathBuf]) -> Result<Vec<Shard>, ShardError> {
    let mut shards = directories.iter().map(|one| Shard::open(one)).collect::<Result<Vec<_>, _>>()?;
    shards.sort_by_key(|shard| shard.part.index);
    let Some(first) = shards.first() else {
        return Err(ShardError::Missing { missing: "all".to_owned(), count: 0 });
    };
    for other in &shards[1..] {
        if let Some(difference) = first_difference(&first.whole(), &other.whole()) {
            return Err(ShardError::Foreign {
                directory: other.directory.clone(),
                first: first.directory.clone(),
                difference: difference.to_string(),
            });
        }
    }
    if let Some(two) = shards.windows(2).find(|two| two[0].part == two[1].part) {
        return Err(ShardError::Doubled {
            index: two[0].part.index,
            first: two[0].directory.clone(),
            second: two[1].directory.clone(),
        });
    }
    let count = first.part.count;
    let there = |index: &u32| shards.binary_search_by_key(index, |shard| shard.part.index).is_ok();
    let missing: Vec<String> =
        (0..count).filter(|index| !there(index)).map(|index| index.to_string()).collect();
    if missing.is_empty() {
        Ok(shards)
    } else {
        Err(ShardError::Missing { missing: missing.join(", "), count })
    }
}

impl Shard {
    fn open(directory: &Path) -> Result<Shard, ShardError> {
        let no_part = |why: &str| ShardError::NoPart { directory: directory.to_owned(), why: why.to_owned() };
        let manifest = read_json(&directory.join(MANIFEST))?;
        if manifest["tool"] != TOOL {
            return Err(no_part("tinsel did not write it"));
        }
        let number =
            |key: &str| manifest["shard"][key].as_u64().and_then(|number| u32::try_from(number).ok());
        let Some((index, count)) = number("index").zip(number("count")) else {
            return Err(no_part("it holds the results of a whole run"));
        };
        let run_info = read_json(&directory.join(output::RUN_INFO)).unwrap_or(Value::Null);
        Ok(Shard { directory: directory.to_owned(), manifest, run_info, part: Part { index, count } })
    }

    /// The manifest without what is of this part only.
    fn whole(&self) -> Value {
        let mut manifest = self.manifest.clone();
        manifest["outputs"] = Value::Null;
        manifest["shard"]["index"] = Value::Null;
        manifest
    }

    /// The arguments of the whole run.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let words = self.manifest["arguments"].as_array().map_or(&[][..], Vec::as_slice);
        words.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Its replications, of `all` of the run.
    ///
    /// # Errors
    /// If they are not those that were written.
    pub fn replications(&self, all: u32) -> Result<Vec<ReplicationResult>, ShardError> {
        let path = self.directory.join(REPLICATIONS);
        let bytes = fs::read(&path).map_err(|source| ShardError::Io { path: path.clone(), source })?;
        let no_part = |why: String| ShardError::NoPart { directory: self.directory.clone(), why };
        let digest = sha256(&bytes);
        if self.manifest["outputs"][0]["sha256"] != digest.as_str() {
            return Err(no_part(format!("{REPLICATIONS} was changed after the run")));
        }
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let read: Result<Vec<ReplicationResult>, _> = lines.map(serde_json::from_slice).collect();
        let read =
            read.map_err(|error| no_part(format!("{REPLICATIONS} was written by another version: {error}")))?;
        let numbers: Vec<u32> = read.iter().map(|replication| replication.replication).collect();
        if numbers == self.part.replications(all) {
            Ok(read)
        } else {
            Err(no_part(format!(
                "{REPLICATIONS} holds other replications than those of part {}",
                self.part.index
            )))
        }
    }
}

fn read_json(path: &Path) -> Result<Value, ShardError> {
    let bytes = fs::read(path).map_err(|source| ShardError::Io { path: path.to_owned(), source })?;
    serde_json::from_slice(&bytes)
        .map_err(|error| ShardError::Io { path: path.to_owned(), source: error.into() })
}
