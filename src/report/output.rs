//! The output directory: checked before the run, filled beside its place, put there in one step.
//!
//! A run writes into a hidden sibling directory. [`OutputDir::commit`] renames it to the name that was asked for, so
//! that a failed run leaves what was there before untouched and removes what it had begun. Between moving
//! the old directory aside and moving the new one in there is an instant without either; if the second
//! move fails, the first is undone.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file that marks a directory as written by tinsel.
pub const MANIFEST: &str = "manifest.json";

/// How the computation went; differs from run to run.
pub const RUN_INFO: &str = "run-info.json";

/// Where results go when no directory was named: `results/<scenario stem>`.
#[must_use]
pub fn default_directory(scenario_file: &Path) -> PathBuf {
    let stem = scenario_file.file_stem().unwrap_or(scenario_file.as_os_str());
    Path::new("results").join(stem)
}

/// `results/<scenario stem>-<what>`: next to the results of `tinsel run`, not in their place.
#[must_use]
pub fn directory_of(scenario_file: &Path, what: &str) -> PathBuf {
    let mut name = default_directory(scenario_file).into_os_string();
    name.push("-");
    name.push(what);
    PathBuf::from(name)
}

/// Why results could not be put where they should go.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The path names something that is not a directory.
    #[error("`{}` is not a directory; name another with --out", .path.display())]
    NotADirectory {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// The directory holds something that tinsel did not write.
    #[error(
        "`{}` holds `{}`, which was not written by tinsel and would be lost; \
         name another directory with --out, or replace this one with --force", .path.display(), .found.display()
    )]
    Foreign {
        /// The path that was asked for.
        path: PathBuf,
        /// What is in it, below the path.
        found: PathBuf,
    },
    /// The directory holds a file that the run reads, which not even `--force` replaces.
    #[error(
        "`{}` holds `{}`, which this run reads and would delete; name another directory with --out",
        .path.display(), .input.display()
    )]
    HoldsInput {
        /// The path that was asked for.
        path: PathBuf,
        /// The input.
        input: PathBuf,
    },
    /// The directory is the working directory or holds it, which not even `--force` replaces.
    #[error("`{}` is or contains the current directory and cannot be replaced; name another with --out", .path.display())]
    InUse {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// The path has no last component to rename to.
    #[error("`{}` does not name a directory that could be created; name another with --out", .path.display())]
    NoName {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error(
        "failed to {action} `{}`: {source}; \
         check that the place exists and may be written, or name another with --out", .path.display()
    )]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// A place for one run's results that nobody sees until [`OutputDir::commit`].
#[derive(Debug)]
pub struct OutputDir {
    target: PathBuf,
    temporary: PathBuf,
    force: bool,
    committed: bool,
}

impl OutputDir {
    /// Checks that results may go to `path` and creates the hidden directory that they are written to.
    ///
    /// What is at `path` now must be nothing, an empty directory or a directory in which tinsel wrote everything; with
    /// `force`, it may be any directory that holds neither the current one nor any of `inputs`.
    ///
    /// # Errors
    /// If the path is taken by something else or cannot be written.
    pub fn prepare(path: &Path, inputs: &[PathBuf], force: bool) -> Result<OutputDir, OutputError> {
        // A link to a directory stays a link: what it points to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        check_replaceable(&target, force)?;
        let real = |input: &&PathBuf| fs::canonicalize(input).is_ok_and(|input| input.starts_with(&target));
        if let Some(input) = inputs.iter().find(real) {
            return Err(OutputError::HoldsInput { path: target, input: input.clone() });
        }
        let name = target.file_name().ok_or_else(|| OutputError::NoName { path: path.to_owned() })?;
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(io_error("create", &parent))?;
        for attempt in 0_u32.. {
            let hidden = format!(".{}.{}-{attempt}.partial", name.to_string_lossy(), std::process::id());
            let temporary = parent.join(hidden);
            match fs::create_dir(&temporary) {
                Ok(()) => return Ok(OutputDir { target, temporary, force, committed: false }),
                // Left behind by a process that had this number and was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io_error("create", &temporary)(error)),
            }
        }
        unreachable!("fewer than 2^32 directories carry this process's number")
    }

    /// The hidden directory to write into.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Where the results will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Puts the finished results in their place, instead of those that were there, and says where that is.
    ///
    /// # Errors
    /// If the place has meanwhile been taken by something else or cannot be written; the new results are
    /// then removed and the old ones stay.
    pub fn commit(mut self) -> Result<PathBuf, OutputError> {
        check_replaceable(&self.target, self.force)?;
        let old = self.temporary.with_extension("replaced");
        let replaces = self.target.exists();
        if replaces {
            fs::rename(&self.target, &old).map_err(io_error("move aside", &self.target))?;
        }
        if let Err(error) = fs::rename(&self.temporary, &self.target) {
            if replaces {
                fs::rename(&old, &self.target).map_err(io_error("move back", &old))?;
            }
            return Err(io_error("create", &self.target)(error));
        }
        self.committed = true;
        if replaces {
            fs::remove_dir_all(&old).map_err(io_error("remove the replaced results in", &old))?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for OutputDir {
    fn drop(&mut self) {
        if !self.committed {
            // The run failed and says why; a leftover hidden directory is not worth a second message.
            let _ = fs::remove_dir_all(&self.temporary);
        }
    }
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Io { action, path, source }
}

/// Whether results may take the place of what is at `target`.
fn check_replaceable(target: &Path, force: bool) -> Result<(), OutputError> {
    let path = target.to_owned();
    let metadata = match fs::metadata(target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error("look at", target)(error)),
    };
    if !metadata.is_dir() {
        return Err(OutputError::NotADirectory { path });
    }
    let current = std::env::current_dir().map_err(io_error("look at", Path::new(".")))?;
    if current.starts_with(target) {
        return Err(OutputError::InUse { path });
    }
    if force {
        return Ok(());
    }
    let ours = written_by_tinsel(target);
    match foreign(target, Path::new(""), &ours).map_err(io_error("look into", target))? {
        Some(found) => Err(OutputError::Foreign { path, found }),
        None => Ok(()),
    }
}

/// The files below `directory` that tinsel wrote, by its manifest; none if it has no manifest of ours.
fn written_by_tinsel(directory: &Path) -> BTreeSet<PathBuf> {
    let manifest = fs::read(directory.join(MANIFEST)).ok();
    let manifest: Option<serde_json::Value> = manifest.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(manifest) = manifest.filter(|manifest| manifest["tool"] == super::manifest::TOOL) else {
        return BTreeSet::new();
    };
    let outputs = manifest["outputs"].as_array().map_or(&[][..], Vec::as_slice);
    let listed = outputs.iter().filter_map(|output| output["file"].as_str()).map(PathBuf::from);
    listed.chain([PathBuf::from(MANIFEST), PathBuf::from(RUN_INFO)]).collect()
}

/// The first file below `directory`/`below` that is not in `ours`.
fn foreign(directory: &Path, below: &Path, ours: &BTreeSet<PathBuf>) -> io::Result<Option<PathBuf>> {
    for entry in fs::read_dir(directory.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if let Some(found) = foreign(directory, &path, ours)? {
                return Ok(Some(found));
            }
        } else if !ours.contains(&path) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .expect("a directory")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn finish(target: &Path, force: bool, content: &str) -> Result<PathBuf, OutputError> {
        let output = OutputDir::prepare(target, &[], force)?;
        let manifest = r#"{"tool": "tinsel", "outputs": [{"file": "stores.csv"}]}"#;
        fs::write(output.path().join(MANIFEST), manifest).expect("writable");
        fs::write(output.path().join("stores.csv"), content).expect("writable");
        output.commit()
    }

    #[test]
    fn results_replace_results_and_leave_nothing_beside_them() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let target = root.path().join("deep/down/run");
        finish(&target, false, "first").expect("a new directory");
        finish(&target, false, "second").expect("our own directory");
        assert_eq!(fs::read_to_string(target.join("stores.csv")).expect("written"), "second");
        assert_eq!(entries(target.parent().expect("has one")), ["run"]);
    }

    #[test]
    fn an_abandoned_run_leaves_the_old_results_and_no_trace() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let target = root.path().join("run");
        finish(&target, false, "first").expect("a new directory");
        let output = OutputDir::prepare(&target, &[], false).expect("our own directory");
        fs::write(output.path().join("stores.csv"), "half").expect("writable");
        drop(output);
        assert_eq!(fs::read_to_string(target.join("stores.csv")).expect("written"), "first");
        assert_eq!(entries(root.path()), ["run"]);
    }

    #[test]
    fn what_others_wrote_is_refused_without_force() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let target = root.path().join("thesis");
        fs::create_dir(&target).expect("creatable");
        assert!(OutputDir::prepare(&target, &[], false).is_ok(), "an empty directory holds nothing to lose");
        fs::write(target.join("manifest.json"), r#"{"name": "a web page"}"#).expect("writable");
        let refusal = OutputDir::prepare(&target, &[], false).expect_err("not ours");
        assert!(matches!(refusal, OutputError::Foreign { .. }));
        assert!(refusal.to_string().contains("--force") && refusal.to_string().contains("thesis"));
        finish(&target, true, "forced").expect("forced");
        assert_eq!(entries(&target), ["manifest.json", "stores.csv"]);
    }

    #[test]
    fn what_the_user_put_beside_the_results_is_not_lost() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let target = root.path().join("run");
        finish(&target, false, "first").expect("a new directory");
        let notes = target.join("notes.txt");
        fs::write(&notes, "mine").expect("writable");
        let refusal = OutputDir::prepare(&target, &[], false).expect_err("notes would be lost");
        assert!(matches!(&refusal, OutputError::Foreign { found, .. } if found == Path::new("notes.txt")));
        let refusal = OutputDir::prepare(&target, std::slice::from_ref(&notes), true).expect_err("an input");
        assert!(matches!(refusal, OutputError::HoldsInput { .. }));
        assert_eq!(fs::read_to_string(notes).expect("still there"), "mine");
    }

    #[test]
    fn bad_places_fail_before_the_run() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let file = root.path().join("file");
        fs::write(&file, "").expect("writable");
        assert!(matches!(OutputDir::prepare(&file, &[], true), Err(OutputError::NotADirectory { .. })));
        assert!(matches!(OutputDir::prepare(&file.join("below"), &[], true), Err(OutputError::Io { .. })));
        assert!(matches!(OutputDir::prepare(Path::new("/"), &[], true), Err(OutputError::InUse { .. })));
        let here = std::env::current_dir().expect("there is one");
        assert!(matches!(OutputDir::prepare(&here, &[], true), Err(OutputError::InUse { .. })));
    }

    #[test]
    fn the_default_is_named_after_the_scenario() {
        assert_eq!(
            default_directory(Path::new("scenarios/lab/mall-storm.toml")),
            Path::new("results/mall-storm")
        );
    }
}
