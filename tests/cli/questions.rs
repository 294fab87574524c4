//! `docs/questions.md`: its commands are run in its order, and print what it shows.

use std::fs;
use std::path::Path;

use super::transcripts::transcript;
use super::{printed, root, tinsel};

/// Marks lines that are left out.
const LEFT_OUT: char = '…';

/// The words of a command line, with quotes as in a shell.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, piece) in line.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Results go to a folder of the test; baselines are the repository's.
fn place_results(word: &str, folder: &str) -> String {
    if word.starts_with("results/baselines") { word.to_owned() } else { word.replace("results", folder) }
}

/// Every line of `shown` is a line of `real`, in that order; a line may end in what is left out.
fn assert_shown(command: &str, shown: &str, real: &str) {
    let mut rest = real.lines();
    for line in shown.lines().filter(|line| !line.is_empty() && !line.starts_with(LEFT_OUT)) {
        let same = |other: &str| match line.split_once(LEFT_OUT) {
            Some((head, _)) => other.starts_with(head),
            None => other == line,
        };
        assert!(rest.any(same), "docs/questions.md: `{command}` does not print (there)\n{line}\nbut\n{real}");
    }
}

#[test]
fn a_planners_questions_are_answered_as_shown() {
    let page = fs::read_to_string(root().join("docs/questions.md")).expect("the page");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let results = folder.path().join("results").display().to_string();
    let mut asked = 0;
    for block in page.split("```text\n$ tinsel ").skip(1) {
        let block = block.split("\n```").next().expect("the fence is closed");
        let (command, shown) = block.split_once('\n').expect("something is printed");
        let mut words: Vec<String> =
            words(command).iter().map(|word| place_results(word, &results)).collect();
        // Where results go if nobody says: a drill and a replay have names of their own.
        let stem = |file: &str| {
            Path::new(file).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
        };
        if ["run", "drill", "replay", "size"].contains(&words[0].as_str()) {
            let name = match words[0].as_str() {
                "run" if command.contains("--overlay") => "overlaid".to_owned(),
                "run" => stem(&words[1]),
                other => format!("{}-{other}", stem(&words[1])),
            };
            words.push(format!("--out={results}/{name}"));
        }
        let output = tinsel(&words).output().expect("the command starts");
        assert_shown(command, shown, &transcript(command, &printed(&output)));
        asked += 1;
    }
    assert!(asked >= 9, "{asked} commands");
    // The snippet of Python, which `cargo xtask notebooks` runs, reads columns that are there.
    let curves = Path::new(&results).join("north-pole/failover_curves.csv");
    let heading = fs::read_to_string(curves).expect("a table");
    let heading: Vec<&str> = heading.lines().next().expect("a heading").split(',').collect();
    for column in ["profile", "faults", "latency_s", "failed_over_share", "failed_over_low"] {
        assert!(page.contains(column) && heading.contains(&column), "{column}");
    }
}
