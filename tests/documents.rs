//! What the documents show is what the program does: README's own scenario can be run, its transcripts and those of
//! `docs/explain.md` and `docs/profiles.md` are real.

use std::path::{Path, PathBuf};

use tinsel::report::{RunMeta, Summary};
use tinsel::scenario::{LoadOptions, load, render};
use tinsel::simulation::result::RunResult;
use tinsel::simulation::{Execution, Progress, run};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("README.md is there")
}

/// The fenced block that follows `mark`, a fence's opening or a remark before one.
fn block<'t>(text: &'t str, mark: &str) -> &'t str {
    let (_, after) = text.split_once(mark).unwrap_or_else(|| panic!("README.md has no `{mark}`"));
    let fenced = if mark.starts_with("```") { after } else { after.split_once("```").expect("a fence").1 };
    let body = fenced.split_once('\n').expect("a line after the fence's opening").1;
    body.split_once("```").expect("the fence is closed").0
}

fn simulate(file: &Path) -> (Summary, RunResult) {
    let loaded = load(file, &LoadOptions::default()).expect("a good scenario");
    assert!(loaded.warnings.is_empty(), "{}", render(&loaded.warnings, false));
    let result = run(&loaded.scenario, Execution::default(), &Progress::default()).expect("not cancelled");
    (Summary::new(&loaded.scenario, &result), result)
}

/// Every line of the block after the remark for `name` is printed by the run of `scenario`.
fn transcript_is_real(name: &str, scenario: &str) {
    let readme = readme();
    let shown = block(&readme, &format!("<!-- checked by tests/documents.rs: {name} -->"));
    let printed = simulate(&root().join(scenario)).0.to_terminal(false, &RunMeta::default());
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(
            printed.lines().any(|real| real == line),
            "README.md is stale: `cargo run --release -- run {scenario}` does not print\n{line}\nbut\n{printed}"
        );
    }
}

#[test]
fn the_scenario_in_the_readme_runs() {
    let readme = readme();
    let (scenario, stores) = (block(&readme, "```toml"), block(&readme, "```csv"));
    let lines = scenario.lines().filter(|line| !line.is_empty()).count();
    assert!(lines <= 15, "{lines} lines: short enough to be typed");
    let folder = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(folder.path().join("my-stores.csv"), stores).expect("writable");
    let file = folder.path().join("my-chain.toml");
    std::fs::write(&file, scenario).expect("writable");
    let (summary, result) = simulate(&file);
    assert_eq!(summary.stores, 3);
    tinsel::report::ledger::check(&result).expect("the ledgers close");
    assert!(result.replications.iter().all(|weekend| weekend.stores[0].ledger.customers > 0));
}

#[test]
fn the_transcript_of_the_north_pole_is_real() {
    transcript_is_real("north-pole", "scenarios/north-pole.toml");
}

/// What is shown of the command line is in the committed transcript that `tests/cli` holds to the program.
#[test]
fn the_transcripts_of_commands_are_real() {
    const MARK: &str = "<!-- checked by tests/documents.rs: golden ";
    let mut shown = 0;
    for document in ["README.md", "docs/explain.md", "docs/profiles.md"] {
        let page = std::fs::read_to_string(root().join(document)).expect("a document");
        for example in page.split(MARK).skip(1) {
            let (name, rest) = example.split_once(" -->").expect("the mark is closed");
            let golden = format!("tests/golden/cli/{name}.txt");
            let real = std::fs::read_to_string(root().join(&golden)).expect("a transcript");
            for line in block(rest, "```text").lines().filter(|line| !line.is_empty()) {
                assert!(real.lines().any(|known| known == line), "{document}: {golden} has no line\n{line}");
            }
            shown += 1;
        }
    }
    assert!(shown >= 4, "{shown} examples");
}

#[test]
#[ignore = "simulates 54 million customers; before a release: cargo test --release --test documents -- --ignored"]
fn the_transcript_of_the_flagship_is_real() {
    transcript_is_real("flagship", "scenarios/black-friday-2019.toml");
}
