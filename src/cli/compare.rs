//! `tinsel compare`: two designs under the same draws, and what they differ by.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Failure;
use super::recipe::Recipe;
use super::run::{compute, customers, describe, heed, inputs_of, listen_for_signals, threads};
use super::{HowArgs, TableArgs, open};
use crate::experiment::compare::{check_pair, compare as pair};
use crate::report::output::default_directory;
use crate::report::{InputDigest, OutputDir, RunMeta, Side, write_comparison};
use crate::scenario::{LoadOptions, Loaded};

#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// The first scenario file (TOML).
    first: PathBuf,
    /// The second [default: the first again, changed by --set-b].
    #[arg(required_unless_present_any = ["set_a", "set_b"])]
    second: Option<PathBuf>,
    /// Use this seed for both instead of the files'.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Run this many replications of both instead of the files'.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replications: Option<u32>,
    /// Change one setting of both, e.g. `--set payments.timeout="45 s"`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
    /// Change one setting of the first only; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set_a: Vec<String>,
    /// Change one setting of the second only, e.g. `--set-b fleet.draw.profile="bfd-300x3"`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set_b: Vec<String>,
    /// Directory for the results [default: results/<first's stem>-vs-<second's stem>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    tables: TableArgs,
    /// Do not write report.html.
    #[arg(long)]
    no_report: bool,
    /// Print the comparison as JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

impl CompareArgs {
    /// The arguments that decide the results.
    fn recipe(&self) -> Recipe {
        let CompareArgs {
            first,
            second,
            seed,
            replications,
            overrides,
            set_a,
            set_b,
            out: _,
            how: _,
            no_report,
            tables,
            json: _,
            quiet: _,
        } = self;
        let mut numbers = vec!["compare".to_owned()];
        numbers.extend(std::iter::once(first).chain(second).map(|file| file.display().to_string()));
        numbers.extend(seed.map(|seed| format!("--seed={seed}")));
        numbers.extend(replications.map(|count| format!("--replications={count}")));
        for (option, settings) in [("--set", overrides), ("--set-a", set_a), ("--set-b", set_b)] {
            numbers.extend(settings.iter().map(|setting| format!("{option}={setting}")));
        }
        let mut files = Vec::from_iter(tables.recipe());
        files.extend(no_report.then(|| "--no-report".to_owned()));
        Recipe { numbers, files }
    }
}

/// Runs both, pairs their replications, writes and tells the differences.
pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let second = args.second.as_ref().unwrap_or(&args.first);
    let sides = [side(args, &args.first, &args.set_a)?, side(args, second, &args.set_b)?];
    let [first, other] = [&sides[0].scenario, &sides[1].scenario];
    check_pair(first, other).map_err(|error| Failure::Usage(error.to_string()))?;
    let out = args.out.clone().unwrap_or_else(|| usual_directory(&args.first, second));
    let inputs: Vec<PathBuf> =
        [inputs_of(&args.first, &sides[0]), inputs_of(second, &sides[1])].into_iter().flatten().collect();
    let out = OutputDir::prepare(&out, &inputs, args.how.force)?;
    let pool = threads(args.how.threads)?;
    let execution = args.how.execution();
    let run = |loaded: &Loaded| {
        compute(&pool, &signal, args.quiet, |progress| {
            crate::simulation::run(&loaded.scenario, execution, progress)
        })
    };
    let ((one, took_one), (two, took_two)) = (run(&sides[0])?, run(&sides[1])?);
    let recipe = args.recipe();
    let meta = |loaded: &Loaded, customers| RunMeta {
        customers,
        arguments: recipe.arguments(),
        reproduce: recipe.typed(),
        ..describe(args.how.grid, loaded)
    };
    let mut metas = [
        took_one.into_meta(meta(&sides[0], customers(&one))),
        took_two.into_meta(meta(&sides[1], customers(&two))),
    ];
    let read = inputs_of(second, &sides[1]).into_iter().zip(&metas[1].inputs);
    let read: Vec<InputDigest> = read
        .map(|(path, input)| InputDigest { path: path.display().to_string(), sha256: input.sha256.clone() })
        .collect();
    metas[0].inputs.extend(read);
    let names = [name(&args.first, &args.set_a), name(second, &args.set_b)];
    let (one, two) = (Side { scenario: first, result: &one }, Side { scenario: other, result: &two });
    let comparison = pair(names, one, two);
    write_comparison(&out, &comparison, [one, two], &metas, args.tables.formats(false, !args.no_report))?;
    heed(&signal)?;
    let results = out.target().display().to_string();
    out.commit()?;
    super::tell(
        (args.json, args.quiet),
        "the comparison",
        || comparison.to_json(),
        || comparison.to_terminal(&results),
    )
}

/// Loads one side with what is changed in both and in it.
fn side(args: &CompareArgs, file: &Path, own: &[String]) -> Result<Loaded, Failure> {
    let options = LoadOptions {
        overrides: args.overrides.iter().chain(own).cloned().collect(),
        seed: args.seed,
        replications: args.replications,
        overlay: None,
        ..LoadOptions::default()
    };
    let loaded = open(file, &options, args.quiet)?;
    Ok(loaded)
}

/// The file with what was changed in this side only.
fn name(file: &Path, own: &[String]) -> String {
    let changes = own.iter().map(String::as_str);
    std::iter::once(file.display().to_string().as_str()).chain(changes).collect::<Vec<_>>().join(", ")
}

/// `results/<first>-vs-<second>`.
fn usual_directory(first: &Path, second: &Path) -> PathBuf {
    let mut name = default_directory(first).into_os_string();
    name.push("-vs-");
    name.push(second.file_stem().unwrap_or(second.as_os_str()));
    PathBuf::from(name)
}
