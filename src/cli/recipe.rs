//! The arguments that decide a command's results, as the manifest keeps them, and back.
//!
//! They are written from the parsed command line, so two ways of typing the same thing leave the same manifest. What only says
//! where results go, how fast, and what is printed is left out. Whoever adds a flag is made to decide here: the structs are
//! taken apart in full.

use std::path::{Path, PathBuf};

use clap::{Parser as _, ValueEnum as _};

use super::exit::Failure;
use super::{Cli, Command, OverlayArgs, RunArgs, ScenarioArgs, TableArgs, TableFormat};

/// Options that are typed apart from their value, as in the manual.
const APART: [&str; 4] = ["--overlay", "--at", "--fault", "--duration"];

/// The arguments of a command that decide its results.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    /// The command, and what decides the numbers.
    pub(super) numbers: Vec<String>,
    /// What decides which files hold them.
    pub(super) files: Vec<String>,
}

impl Recipe {
    /// All of them, one word an option.
    pub(super) fn arguments(&self) -> Vec<String> {
        [self.numbers.as_slice(), &self.files].concat()
    }

    /// What gives the same numbers, as one would type it in a POSIX shell.
    pub(super) fn typed(&self) -> String {
        let typed = |word: &String| match word.split_once('=') {
            Some((option, value)) if APART.contains(&option) => format!("{option} {}", shell_word(value)),
            _ => shell_word(word),
        };
        let words = self.numbers.iter().map(typed);
        std::iter::once("tinsel".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
    }
}

/// `word` as one types it in a POSIX shell.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

impl ScenarioArgs {
    /// The file, and what the command line changes of it.
    pub(super) fn recipe(&self) -> Vec<String> {
        let ScenarioArgs { file, seed, replications, overrides } = self;
        let mut words = vec![file.display().to_string()];
        words.extend(seed.map(|seed| format!("--seed={seed}")));
        words.extend(replications.map(|count| format!("--replications={count}")));
        words.extend(overrides.iter().map(|written| format!("--set={written}")));
        words
    }
}

impl OverlayArgs {
    pub(super) fn recipe(&self) -> Vec<String> {
        let OverlayArgs { overlay, at } = self;
        let overlay = overlay.iter().map(|file| format!("--overlay={}", file.display()));
        overlay.chain(at.iter().map(|at| format!("--at={}", at.written()))).collect()
    }
}

impl TableArgs {
    /// Only what is not usual.
    pub(super) fn recipe(&self) -> Option<String> {
        let TableArgs { format } = self;
        let name = |format: &TableFormat| format.to_possible_value().map(|value| value.get_name().to_owned());
        let names: Vec<String> = format.iter().filter_map(name).collect();
        (*format != [TableFormat::Csv]).then(|| format!("--format={}", names.join(",")))
    }
}

impl RunArgs {
    /// The run as a whole: a part of it has the same recipe.
    pub(super) fn recipe(&self) -> Recipe {
        let RunArgs {
            scenario,
            overlay,
            tables,
            no_charts,
            no_report,
            until,
            shard: _,
            out: _,
            how: _,
            json: _,
            quiet: _,
        } = self;
        let mut numbers = vec!["run".to_owned()];
        numbers.extend(scenario.recipe());
        numbers.extend(until.recipe());
        numbers.extend(overlay.recipe());
        let mut files = Vec::from_iter(tables.recipe());
        files.extend(no_charts.then(|| "--no-charts".to_owned()));
        files.extend(no_report.then(|| "--no-report".to_owned()));
        Recipe { numbers, files }
    }
}

/// The command that a manifest's arguments, and `more`, stand for.
pub(super) fn read(arguments: &[String], more: &[String]) -> Result<Command, Failure> {
    let words = std::iter::once("tinsel").chain(arguments.iter().chain(more).map(String::as_str));
    let cli = Cli::try_parse_from(words).map_err(|error| {
        Failure::Unexpected(format!(
            "failed to read the arguments in the manifest: {}; they were written by another version",
            error.kind()
        ))
    })?;
    Ok(cli.command)
}

/// Makes `from`, if it is given, the directory that relative paths in manifests start from, after `own` paths of this command
/// line have been fixed to where they point now.
pub(super) fn go_to(from: Option<&Path>, own: &mut [&mut PathBuf]) -> Result<(), Failure> {
    let Some(from) = from else { return Ok(()) };
    for path in own {
        **path = std::path::absolute(&**path).map_err(|error| unreachable_place(path, &error))?;
    }
    std::env::set_current_dir(from).map_err(|error| unreachable_place(from, &error))
}

fn unreachable_place(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Unexpected(format!("failed to go to `{}`: {error}", path.display()))
}
