//! `tinsel verify`: whether results are what their manifest says, and whether they come out again.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::exit::Failure;
use super::{dispatch, recipe};
use crate::report::difference::{Difference, file_difference, first_difference};
use crate::report::manifest::TOOL;
use crate::report::output::MANIFEST;
use crate::scenario::sha256;
use crate::simulation::RESULTS_VERSION;

#[derive(Args, Debug)]
pub(super) struct VerifyArgs {
    /// A results directory.
    dir: PathBuf,
    /// Only compare the files with the digests in the manifest; run nothing.
    #[arg(long)]
    files_only: bool,
    /// The directory that the scenario's path starts from, if it is relative [default: the current one].
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Threads to use [default: all cores]. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print nothing but differences.
    #[arg(long, short)]
    quiet: bool,
}

/// A file of the results and its digest.
struct Listed {
    file: String,
    sha256: String,
}

/// Compares the results in a directory with their manifest, then with those of a run of the same arguments.
pub(super) fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let mut directory = args.dir.clone();
    recipe::go_to(args.from.as_deref(), &mut [&mut directory])?;
    let manifest = read_manifest(&directory)?;
    let listed = outputs(&manifest);
    let mut report = Report::default();
    let intact: Vec<bool> = listed.iter().map(|one| report.check_file(&directory, one)).collect();
    if args.files_only {
        return report.end(args.quiet, &format!("all {} files are as they were written", listed.len()));
    }
    check_origin(&manifest)?;
    let scratch = Scratch::beside(&directory)?;
    run_again(&manifest, &scratch.0, args.threads)?;
    let again = read_manifest(&scratch.0)?;
    report.check_manifests(&manifest, &again);
    let now = outputs(&again);
    for (one, intact) in listed.iter().zip(intact) {
        match now.iter().find(|other| other.file == one.file) {
            None => report.line(&format!("{}: does not come out again", one.file)),
            Some(other) if other.sha256 == one.sha256 => {}
            Some(_) if !intact => {
                report.line(&format!("{}: comes out otherwise than it was written", one.file))
            }
            Some(_) => report.check_again(&directory, &scratch.0, &one.file)?,
        }
    }
    for other in now.iter().filter(|other| listed.iter().all(|one| one.file != other.file)) {
        report.line(&format!("{}: comes out now, but was not written then", other.file));
    }
    report.end(args.quiet, &format!("all {} files come out again, byte for byte", listed.len()))
}

/// What was found.
#[derive(Default)]
struct Report {
    text: String,
    lines: usize,
}

impl Report {
    fn line(&mut self, what: &str) {
        let _ = writeln!(self.text, "{what}");
        self.lines += 1;
    }

    fn difference(&mut self, file: &str, found: &Difference) {
        self.line(&format!("{file}: {} was {} and is {}", found.place, found.first, found.second));
    }

    /// Whether the file is there and as the manifest says.
    fn check_file(&mut self, directory: &Path, listed: &Listed) -> bool {
        match fs::read(directory.join(&listed.file)) {
            Err(error) => self.line(&format!("{}: cannot be read: {error}", listed.file)),
            Ok(bytes) if sha256(&bytes) != listed.sha256 => {
                self.line(&format!("{}: was changed after the run", listed.file));
            }
            Ok(_) => return true,
        }
        false
    }

    /// What may explain that files differ, and is a difference itself.
    fn check_manifests(&mut self, then: &Value, now: &Value) {
        let [then, now] = [then, now].map(|manifest| {
            let mut manifest = manifest.clone();
            manifest["outputs"] = Value::Null;
            manifest
        });
        if let Some(difference) = first_difference(&then, &now) {
            self.difference(MANIFEST, &difference);
        }
    }

    fn check_again(&mut self, directory: &Path, scratch: &Path, file: &str) -> Result<(), Failure> {
        let [then, now] = [directory, scratch].map(|place| {
            let path = place.join(file);
            fs::read(&path).map_err(|error| unreadable(&path, &error))
        });
        if let Some(difference) = file_difference(file, &then?, &now?) {
            self.difference(file, &difference);
        }
        Ok(())
    }

    fn end(self, quiet: bool, good: &str) -> Result<(), Failure> {
        if self.lines > 0 {
            super::print(&self.text)?;
            return Err(Failure::Differ(format!("{} difference(s)", self.lines)));
        }
        if quiet { Ok(()) } else { super::print(&format!("ok: {good}\n")) }
    }
}

/// A directory beside the results, gone when this is.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(directory: &Path) -> Result<Self, Failure> {
        let real = fs::canonicalize(directory).map_err(|error| unreadable(directory, &error))?;
        let name = real.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ok(Scratch(real.with_file_name(format!(".{name}.{}-verify", std::process::id()))))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Refuses what cannot come out the same, before it is run.
fn check_origin(manifest: &Value) -> Result<(), Failure> {
    let version = &manifest["results_version"];
    if *version != RESULTS_VERSION {
        return Err(Failure::Differ(format!(
            "these are results of version {version}, and this tinsel makes version {RESULTS_VERSION}: other numbers are expected; \
             CHANGELOG.md says which and why"
        )));
    }
    let inputs = manifest["inputs"].as_array().map_or(&[][..], Vec::as_slice);
    let paths: Vec<&str> = inputs.iter().filter_map(|input| input["path"].as_str()).collect();
    let folder = paths.first().and_then(|path| Path::new(path).parent()).unwrap_or(Path::new(""));
    for (input, path) in inputs.iter().zip(&paths) {
        // Files that the scenario names are relative to it, those of the command line to where it was typed.
        let places = [folder.join(path), PathBuf::from(path)];
        let mut there =
            places.iter().filter_map(|place| fs::read(place).ok()).map(|bytes| sha256(&bytes)).peekable();
        if there.peek().is_none() {
            return Err(Failure::Unexpected(format!(
                "failed to read `{path}`, which the results were made from; --from says where its path starts"
            )));
        }
        if there.all(|digest| input["sha256"] != digest.as_str()) {
            return Err(Failure::Differ(format!(
                "`{path}` is not what the results were made from: it has changed since"
            )));
        }
    }
    Ok(())
}

/// Runs what the manifest names into `out`.
fn run_again(manifest: &Value, out: &Path, threads: Option<u16>) -> Result<(), Failure> {
    let words = manifest["arguments"].as_array().map_or(&[][..], Vec::as_slice);
    let words: Vec<String> = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut more = vec![format!("--out={}", out.display()), "--quiet".to_owned()];
    more.extend(threads.map(|count| format!("--threads={count}")));
    let shard = |key: &str| manifest["shard"][key].as_u64();
    more.extend(shard("index").map(|index| format!("--shard-index={index}")));
    more.extend(shard("count").map(|count| format!("--shard-count={count}")));
    match dispatch(recipe::read(&words, &more)?) {
        // What a run is held to decides its exit code, not its files.
        Err(Failure::Threshold(_) | Failure::Inconclusive(_)) => Ok(()),
        other => other,
    }
}

fn read_manifest(directory: &Path) -> Result<Value, Failure> {
    let path = directory.join(MANIFEST);
    let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
    let manifest: Option<Value> = serde_json::from_slice(&bytes).ok();
    manifest.filter(|manifest| manifest["tool"] == TOOL).ok_or_else(|| {
        Failure::Unexpected(format!("failed to read `{}`: tinsel did not write it", path.display()))
    })
}

fn outputs(manifest: &Value) -> Vec<Listed> {
    let outputs = manifest["outputs"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |output: &Value, key: &str| output[key].as_str().map(str::to_owned);
    let listed = outputs.iter().filter_map(|output| text(output, "file").zip(text(output, "sha256")));
    listed.map(|(file, sha256)| Listed { file, sha256 }).collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Unexpected(format!("failed to read `{}`: {error}", path.display()))
}
