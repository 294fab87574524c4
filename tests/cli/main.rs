//! The command as it is installed: what it prints, where, and with which exit code.
//!
//! `UPDATE_GOLDEN=1 cargo test --test cli` rewrites the transcripts in `tests/golden/cli` and `docs/cli.md`; look at the
//! difference before committing it.

mod bring_up;
mod codes;
mod compare;
mod drill;
mod estimate;
mod explain;
mod gate;
mod import;
mod installed;
mod new;
mod options;
mod output;
mod overlay;
mod profiles;
mod questions;
mod reference;
mod replay;
mod report;
mod schemas;
mod shards;
#[cfg(unix)]
mod signals;
mod size;
mod sweep;
mod thresholds;
mod transcripts;
mod uncertainty;
mod until;
#[path = "../report/validator.rs"]
mod validator;
mod verify;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// The command's file.
const TINSEL: &str = env!("CARGO_BIN_EXE_tinsel");

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository, as an argument.
fn shipped(path: &str) -> String {
    root().join(path).display().to_string()
}

/// The command with `arguments`, run in the repository, with an environment that prints the same everywhere.
fn tinsel<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(TINSEL);
    command.args(arguments).current_dir(root()).env_remove("NO_COLOR").env("COLUMNS", "100");
    command
}

/// What the command printed.
struct Printed {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Printed {
    printed(&tinsel(arguments).output().expect("the command starts"))
}

fn printed(output: &std::process::Output) -> Printed {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Printed { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// A scratch directory and a place in it where results may go.
fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path().join("run");
    (directory, place)
}

/// Runs one replication of the small shipped scenario into `out`, without charts, with `more` arguments.
fn north_pole(out: &Path, more: &[&str]) -> Printed {
    let out = out.display().to_string();
    let usual =
        ["run", "scenarios/north-pole.toml", "--replications", "1", "--no-charts", "--out", out.as_str()];
    run(usual.iter().chain(more))
}

/// What is in `directory`, sorted.
fn entries(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> = names
        .map(|entry| entry.expect("a directory entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Fails when `actual` is not what the committed file holds; rewrites it when asked to.
fn assert_golden(committed: &str, actual: &str) {
    let path = root().join(committed);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().expect("a file has one")).expect("creatable");
        fs::write(&path, actual).expect("writable");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{committed} is stale; UPDATE_GOLDEN=1 cargo test --test cli rewrites it. First difference: {:?}\n{actual}",
        expected.lines().zip(actual.lines()).find(|(expected, actual)| expected != actual)
    );
}
