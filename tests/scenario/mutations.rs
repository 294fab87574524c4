//! Whatever bytes a scenario has, loading it ends in an answer.

use proptest::prelude::*;
use tinsel::scenario::{LoadOptions, Rejected, load, render};

use super::file;

/// Deletes, inserts and replaces bytes of `text` at relative positions.
fn mutate(mut text: Vec<u8>, edits: &[(u16, u8, u8)]) -> Vec<u8> {
    for &(position, what, byte) in edits {
        let at = usize::from(position) * text.len() / usize::from(u16::MAX).max(1);
        let at = at.min(text.len().saturating_sub(1));
        match what % 3 {
            0 => drop(text.drain(at..(at + 1 + usize::from(what) / 16).min(text.len()))),
            1 => text.insert(at, byte),
            _ => text[at] = byte,
        }
    }
    text
}

fn answer(scenario: &[u8], fleet: &[u8]) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::create_dir(directory.path().join("data")).expect("a directory");
    std::fs::write(directory.path().join("data/north_pole.csv"), fleet).expect("a file");
    let path = directory.path().join("scenario.toml");
    std::fs::write(&path, scenario).expect("a file");
    match load(&path, &LoadOptions::default()) {
        Ok(loaded) => drop(render(&loaded.warnings, false)),
        Err(Rejected::Invalid(problems)) => assert!(!render(&problems, true).is_empty()),
        Err(Rejected::Io { .. }) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_scenario_never_panics(edits in prop::collection::vec((any::<u16>(), any::<u8>(), any::<u8>()), 1..4)) {
        let good = std::fs::read(file("scenarios/north-pole.toml")).expect("it is shipped");
        let fleet = std::fs::read(file("scenarios/data/north_pole.csv")).expect("it is shipped");
        answer(&mutate(good, &edits), &fleet);
    }

    #[test]
    fn a_mutated_fleet_never_panics(edits in prop::collection::vec((any::<u16>(), any::<u8>(), any::<u8>()), 1..4)) {
        let good = std::fs::read(file("scenarios/north-pole.toml")).expect("it is shipped");
        let fleet = std::fs::read(file("scenarios/data/north_pole.csv")).expect("it is shipped");
        answer(&good, &mutate(fleet, &edits));
    }

    #[test]
    fn a_mutated_override_never_panics(
        path in "(payments|fleet|formats|calendar|surge|faults|lte)(\\.[a-z_0-9]{1,12}){0,3}",
        value in ".{0,20}",
    ) {
        let options = LoadOptions { overrides: vec![format!("{path}={value}")], ..LoadOptions::default() };
        if let Err(Rejected::Invalid(problems)) = load(&file("scenarios/north-pole.toml"), &options) {
            prop_assert!(!render(&problems, false).is_empty());
        }
    }
}
