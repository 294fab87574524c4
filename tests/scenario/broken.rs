//! Deliberately broken scenarios: each gets its own clear diagnostic, and all of a file's errors are reported.
//!
//! The table says code and line of each; what the user sees is committed beside each scenario as `.stderr`.

use tinsel::scenario::{LoadOptions, Rejected, Severity, load, render};

use super::{assert_golden, file};

/// Scenario, and (code, line) of every problem in order.
const BROKEN: &[(&str, &[(&str, usize)])] = &[];

fn problems(name: &str, options: &LoadOptions) -> Vec<tinsel::scenario::Diagnostic> {
    // Relative, so that the rendered text is the same on every machine: tests run in the package's root.
    let path = std::path::Path::new("tests/broken").join(format!("{name}.toml"));
    match load(&path, options) {
        Err(Rejected::Invalid(problems)) => problems,
        Err(error) => panic!("{name}: {error}"),
        Ok(_) => panic!("{name} was accepted"),
    }
}

#[test]
fn each_has_its_own_diagnostic() {
    for (name, expected) in BROKEN {
        let problems = problems(name, &LoadOptions::default());
        let found: Vec<(&str, usize)> = problems.iter().map(|problem| (problem.code, problem.line)).collect();
        assert_eq!(found, *expected, "{name}:\n{}", render(&problems, false));
        assert!(problems.iter().any(|problem| problem.severity == Severity::Error));
        assert_golden(&file(&format!("tests/broken/{name}.stderr")), &render(&problems, false));
    }
}

#[test]
fn every_broken_scenario_is_in_the_table() {
    let directory = std::fs::read_dir(file("tests/broken")).expect("the directory is there");
    let mut names: Vec<String> = directory
        .filter_map(|entry| {
            entry.ok()?.file_name().into_string().ok()?.strip_suffix(".toml").map(str::to_owned)
        })
        .collect();
    names.sort();
    let listed: Vec<&str> = BROKEN.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, listed);
    assert!(listed.len() >= 25);
}

#[test]
fn overrides_are_diagnosed_in_their_own_text() {
    let options = LoadOptions {
        overrides: vec![
            "payments.timeout=30".to_owned(),
            "payments.tiemout=30 s".to_owned(),
            "calendar.7.multiplier=2".to_owned(),
            "nonsense".to_owned(),
        ],
        ..LoadOptions::default()
    };
    let Err(Rejected::Invalid(problems)) = load(&file("scenarios/north-pole.toml"), &options) else {
        panic!("these overrides cannot be applied");
    };
    let mut codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["E003", "E006", "E017", "E017"]);
    assert!(problems.iter().all(|problem| problem.file == "--set"));
}

#[test]
fn a_scenario_that_is_not_there_is_an_io_error() {
    let missing = load(&file("scenarios/no-such.toml"), &LoadOptions::default());
    assert!(matches!(missing, Err(Rejected::Io { .. })));
}
