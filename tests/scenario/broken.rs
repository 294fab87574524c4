//! Deliberately broken scenarios: each gets its own clear diagnostic, and all of a file's errors are reported.
//!
//! The table says code and line of each; what the user sees is committed beside each scenario as `.stderr`.

use tinsel::scenario::{LoadOptions, Rejected, Severity, load, render};

use super::{assert_golden, file};

/// Scenario, and (code, line) of every problem in order.
const BROKEN: &[(&str, &[(&str, usize)])] = &[
    ("01-not-toml", &[("E002", 11)]),
    ("02-misspelt-key", &[("E003", 12)]),
    ("03-unknown-table", &[("E003", 11)]),
    ("04-missing-keys", &[("E004", 2)]),
    ("05-number-without-unit", &[("E006", 12)]),
    ("06-wrong-unit", &[("E006", 12)]),
    ("07-negative-time", &[("E006", 12)]),
    ("08-text-for-number", &[("E005", 12)]),
    ("09-share-above-one", &[("E007", 12)]),
    ("10-unknown-word", &[("E008", 12)]),
    ("11-unknown-format", &[("E009", 9)]),
    ("12-unknown-time-zone", &[("E010", 10)]),
    ("13-impossible-date", &[("E010", 4)]),
    ("14-last-day-first", &[("E013", 5)]),
    ("15-weights-of-zero", &[("E011", 12)]),
    ("16-two-calendar-entries", &[("E012", 17)]),
    ("17-no-baseline", &[("E004", 11)]),
    ("18-no-fleet", &[("E004", 1)]),
    ("19-file-and-generate", &[("E013", 10)]),
    ("20-missing-fleet-file", &[("E001", 8)]),
    ("21-missing-column", &[("E014", 12)]),
    ("22-duplicate-store", &[("E012", 4)]),
    (
        "23-bad-cells",
        &[
            ("E015", 2),
            ("E015", 3),
            ("E015", 3),
            ("E015", 4),
            ("E015", 4),
            ("E015", 5),
            ("E015", 5),
            ("E015", 5),
            ("E015", 6),
            ("E015", 7),
        ],
    ),
    ("24-ragged-row", &[("E014", 3)]),
    ("25-hello-longer-than-dead", &[("E013", 17)]),
    ("26-keys-of-another-family", &[("E004", 14), ("E003", 16)]),
    ("27-curve-of-23-hours", &[("E007", 12)]),
    ("28-curve-outside-hours", &[("E013", 11)]),
    ("29-unknown-store", &[("E016", 13)]),
    ("30-absolute-without-zone", &[("E004", 14)]),
    ("31-bad-law", &[("E003", 12)]),
    ("32-based-on-nothing", &[("E009", 12)]),
    ("33-new-format-without-keys", &[("E004", 11), ("E004", 11), ("E004", 11), ("E004", 11), ("E004", 11)]),
    ("34-two-faults-of-one-name", &[("E012", 17)]),
    ("35-table-for-value", &[("E005", 11)]),
    ("36-money-without-sign", &[("E006", 12)]),
    ("37-signature-misspelt", &[("E008", 12)]),
    ("38-based-on-itself", &[("E013", 12), ("E013", 15)]),
    (
        "39-everything-at-once",
        &[
            ("E005", 3),
            ("E007", 6),
            ("E003", 7),
            ("E009", 11),
            ("E010", 12),
            ("E006", 15),
            ("E009", 16),
            ("E006", 19),
            ("E007", 20),
            ("E010", 24),
            ("E005", 25),
            ("E008", 29),
            ("E010", 30),
            ("E006", 31),
        ],
    ),
    ("40-fleet-not-utf8", &[("E014", 8)]),
    ("41-probe-window-too-short", &[("E013", 18)]),
    ("42-no-till", &[("E013", 7)]),
    ("43-year-9999", &[("E007", 13)]),
    ("44-uneven-interval", &[("E013", 6)]),
    ("45-a-billion-stores", &[("E007", 8)]),
    ("46-shaped-to-nothing-said", &[("E004", 12)]),
    ("47-text-for-table", &[("E005", 12)]),
    ("48-too-many-tills", &[("E007", 13)]),
    ("49-too-many-tills-in-a-cell", &[("E015", 2), ("E015", 3)]),
    ("50-a-day-that-never-was", &[("E010", 7)]),
    ("51-quote-not-closed", &[("E014", 4)]),
    ("52-unprintable", &[("E007", 3), ("E007", 6), ("E007", 11), ("E007", 14), ("E007", 18)]),
    ("53-unprintable-id", &[("E015", 3)]),
    ("54-doors-that-never-open", &[("E013", 11)]),
    ("55-fault-of-no-length", &[("E007", 14)]),
    (
        "56-operations-centre",
        &[
            ("E008", 11),
            ("E009", 12),
            ("E010", 16),
            ("E013", 20),
            ("E009", 22),
            ("E013", 25),
            ("E007", 29),
            ("E009", 36),
        ],
    ),
    ("56-shared-by-technology", &[("E013", 13)]),
    ("57-shares-exchanged", &[("E013", 13)]),
    ("58-breaks-nothing-known", &[("E008", 14)]),
    ("59-parent-without-a-name", &[("E013", 11), ("E009", 20)]),
    ("60-freeze-that-ends-first", &[("E013", 13), ("E004", 18)]),
    ("61-markets-of-another-fleet", &[("E016", 14), ("E009", 15)]),
    (
        "62-core-that-never-drains",
        &[("E009", 12), ("E008", 13), ("E013", 17), ("E008", 20), ("W001", 20), ("E016", 25)],
    ),
    (
        "63-services-that-are-not-there",
        &[("E009", 13), ("E009", 14), ("E013", 14), ("E013", 21), ("E013", 26), ("E010", 27)],
    ),
    (
        "64-faults-of-services",
        &[("E009", 16), ("W001", 17), ("W001", 22), ("W001", 23), ("W001", 30), ("W001", 37)],
    ),
    ("70-year-of-400-days", &[("E013", 12), ("E006", 15)]),
    ("71-two-tunnels", &[("E007", 13), ("E013", 15), ("E007", 18), ("E003", 19)]),
    ("72-published-load-of-a-wire", &[("E013", 17)]),
    ("73-thresholds", &[("E006", 12), ("E006", 13), ("E005", 14), ("E008", 15)]),
    ("74-way-back-nobody-knows", &[("E008", 12)]),
    ("76-strata-of-few", &[("E013", 14)]),
    ("77-boost-too-high", &[("E013", 14)]),
    ("78-strata-and-boost", &[("E013", 15)]),
    ("80-levers-of-nothing", &[("E013", 12), ("E013", 15), ("E009", 19), ("E004", 22), ("E016", 24)]),
    ("81-columns-of-levers", &[("E009", 24), ("E006", 27), ("E006", 30), ("E009", 34)]),
    (
        "95-uncertain-inputs",
        &[("E003", 12), ("E013", 13), ("E013", 14), ("E004", 15), ("E013", 16), ("E007", 17)],
    ),
    (
        "96-commas-and-signs",
        &[
            ("E006", 15),
            ("E006", 18),
            ("E006", 21),
            ("E006", 21),
            ("E015", 2),
            ("E015", 3),
            ("E015", 4),
            ("E015", 4),
            ("E015", 5),
            ("E015", 5),
        ],
    ),
    ("97-no-currency", &[("E007", 6)]),
    (
        "98-levers-without-effect",
        &[
            ("W001", 11),
            ("E005", 36),
            ("E009", 39),
            ("W001", 42),
            ("W001", 46),
            ("W001", 49),
            ("E009", 53),
            ("E013", 60),
            ("W001", 1),
            ("W001", 1),
            ("W001", 1),
            ("W001", 3),
        ],
    ),
];

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
fn a_seed_beyond_64_bits_is_too_large() {
    let options = LoadOptions {
        overrides: vec!["scenario.seed=99999999999999999999".to_owned()],
        ..LoadOptions::default()
    };
    let Err(Rejected::Invalid(problems)) = load(&file("scenarios/north-pole.toml"), &options) else {
        panic!("this seed has more than 64 bits");
    };
    assert_eq!((problems.len(), problems[0].code), (1, "E007"));
    assert!(problems[0].message.contains("is too large"), "{}", problems[0].message);
}

#[test]
fn a_scenario_that_is_not_there_is_an_io_error() {
    let missing = load(&file("scenarios/no-such.toml"), &LoadOptions::default());
    assert!(matches!(missing, Err(Rejected::Io { .. })));
}
