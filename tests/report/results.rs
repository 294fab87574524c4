//! The results directory as a whole.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use tinsel::report::{Formats, ReportError};

use super::{TABLES, meta, synthetic, write};

/// Every file below `directory` with its bytes, by path.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn two_runs_differ_in_run_info_only_and_the_manifest_knows_every_other_file() {
    let scenario = synthetic::scenario("twice", 6, 2, 2);
    let result = synthetic::result(&scenario);
    let root = tempfile::tempdir().unwrap();
    let run = |name: &str, threads: usize, wall_s: f64| {
        let meta = tinsel::report::RunMeta { threads, wall_s, ..meta() };
        files(&write(&root.path().join(name), &scenario, &result, &meta, Formats::default()).unwrap())
    };
    let (first, second) = (run("first", 1, 2.0), run("second", 8, 0.5));
    let differing: Vec<&str> = first
        .iter()
        .zip(&second)
        .filter(|(one, other)| one != other)
        .map(|((name, _), _)| name.as_str())
        .collect();
    assert_eq!(differing, ["run-info.json"]);

    let manifest = &first.iter().find(|(name, _)| name == "manifest.json").unwrap().1;
    let manifest: serde_json::Value = serde_json::from_slice(manifest).unwrap();
    let listed = manifest["outputs"].as_array().unwrap();
    assert_eq!(listed.len(), first.len() - 2, "all but the manifest and run-info");
    for output in listed {
        let (_, bytes) = first.iter().find(|(name, _)| output["file"] == name.as_str()).unwrap();
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(output["sha256"], digest.as_str(), "{}", output["file"]);
        assert_eq!(output["bytes"], bytes.len());
    }
}

#[test]
fn a_violated_ledger_writes_nothing() {
    let scenario = synthetic::scenario("broken", 6, 2, 1);
    let mut result = synthetic::result(&scenario);
    result.replications[0].stores[2].ledger.served -= 1;
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("run");
    let error = write(&place, &scenario, &result, &meta(), Formats::default()).unwrap_err();
    assert!(matches!(error, ReportError::Ledger { .. }), "{error}");
    assert!(error.to_string().ends_with("To replay: tinsel run scenarios/small.toml"), "{error}");
    assert!(files(root.path()).is_empty());
}

#[test]
fn an_unknown_time_zone_names_the_store() {
    let mut scenario = synthetic::scenario("nowhere", 3, 1, 1);
    let result = synthetic::result(&scenario);
    scenario.stores[1].timezone = "America/Atlantis".to_owned();
    let root = tempfile::tempdir().unwrap();
    let error = write(&root.path().join("run"), &scenario, &result, &meta(), TABLES).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("`0001`") && message.contains("America/Atlantis"), "{message}");
}
