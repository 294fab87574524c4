//! Importers: a router's configuration becomes the profile that its manual says it is, or is rejected by line.
//!
//! `TINSEL_BLESS=1 cargo test --test import` rewrites what is committed in `expected` and `broken`; look at the difference.

mod anything;
mod broken;
mod documents;
mod files;
mod samples;

use std::path::{Path, PathBuf};

use tinsel::scenario::import::{ImportOptions, Kind, import_file};
use tinsel::scenario::resolved::Profile;
use tinsel::scenario::{Diagnostic, Rejected, load_profiles, render};

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Imports a file named relative to the package, so that the text is the same on every machine.
fn import(kind: Kind, path: &str, options: &ImportOptions) -> Result<String, Vec<Diagnostic>> {
    match import_file(kind, Path::new(path), options) {
        Ok(text) => Ok(text),
        Err(Rejected::Invalid(problems)) => Err(problems),
        Err(error) => panic!("{path}: {error}"),
    }
}

/// The profiles in `text`, which must be good.
fn profiles(text: &str) -> Vec<Profile> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("imported.toml");
    std::fs::write(&path, text).expect("writable");
    match load_profiles(&path) {
        Ok(profiles) => profiles,
        Err(Rejected::Invalid(problems)) => panic!("{text}\n{}", render(&problems, false)),
        Err(error) => panic!("{error}"),
    }
}

/// Compares `actual` with a committed file, or writes it when `TINSEL_BLESS` is set.
fn assert_golden(path: &str, actual: &str) {
    let committed = file(path);
    if std::env::var_os("TINSEL_BLESS").is_some() {
        std::fs::write(committed, actual).expect("the golden file can be written");
        return;
    }
    let expected = std::fs::read_to_string(committed).unwrap_or_default();
    assert!(expected == actual, "{path} is stale: set TINSEL_BLESS=1 and look at the diff\n{actual}");
}
