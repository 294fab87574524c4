//! Scenario files: what is shipped loads, what is broken is rejected with a clear diagnostic, nothing panics.

#[path = "scenario/broken.rs"]
mod broken;
#[path = "scenario/generated.rs"]
mod generated;
#[path = "scenario/mutations.rs"]
mod mutations;
#[path = "scenario/shipped.rs"]
mod shipped;
#[path = "scenario/starter.rs"]
mod starter;

use std::path::{Path, PathBuf};

use tinsel::scenario::{LoadOptions, Loaded, Rejected, load, render};

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A scenario that must load.
fn loaded(path: &str, options: &LoadOptions) -> Loaded {
    match load(&file(path), options) {
        Ok(loaded) => loaded,
        Err(Rejected::Invalid(problems)) => panic!("{path}:\n{}", render(&problems, false)),
        Err(error) => panic!("{path}: {error}"),
    }
}

/// Compares `actual` with a committed file, or writes it when `TINSEL_BLESS` is set.
fn assert_golden(path: &Path, actual: &str) {
    if std::env::var_os("TINSEL_BLESS").is_some() {
        std::fs::write(path, actual).expect("the golden file can be written");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} is stale: set TINSEL_BLESS=1 and look at the diff\n{actual}",
        path.display()
    );
}
