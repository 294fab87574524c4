//! Every scenario that once went wrong runs, and its ledgers close (`tests/regressions/README.md`).

use std::path::Path;

use super::lab::{outcome, scenario_file};

#[test]
fn what_once_went_wrong_goes_right() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let entries = std::fs::read_dir(directory).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        println!("{}", file.display());
        outcome(&scenario_file(&file, &[]));
    }
}
