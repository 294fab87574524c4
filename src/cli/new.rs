//! `tinsel new`: a first scenario from a fleet file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;

use super::exit::Failure;
use crate::report::summary::count_text;
use crate::scenario::starter::{Request, Starter, starter};

#[derive(Args, Debug)]
pub(super) struct NewArgs {
    /// Fleet file (CSV, one store a line, the first line names the columns).
    fleet: PathBuf,
    /// File to write [default: the fleet file's name with .toml].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Name of the scenario [default: the fleet file's].
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// First local day.
    #[arg(long, value_name = "DATE", default_value = "2019-11-28")]
    first_day: Date,
    /// Last local day.
    #[arg(long, value_name = "DATE", default_value = "2019-12-02")]
    last_day: Date,
    /// Replace the file if it is there.
    #[arg(long)]
    force: bool,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

/// Guesses, writes the scenario, and lists what it assumed.
pub(super) fn new(args: &NewArgs) -> Result<(), Failure> {
    let place = args.out.clone().unwrap_or_else(|| args.fleet.with_extension("toml"));
    if place == args.fleet {
        return Err(Failure::Usage(
            "the scenario would replace the fleet file; name another with --out".to_owned(),
        ));
    }
    if place.exists() && !args.force {
        let message = format!(
            "`{}` is there already; name another with --out, or replace it with --force",
            place.display()
        );
        return Err(Failure::Usage(message));
    }
    let stem = args.fleet.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let request = Request {
        place: place.clone(),
        fleet: seen_from(&place, &args.fleet)?,
        name: args.name.clone().unwrap_or(stem),
        days: (args.first_day, args.last_day),
    };
    let made = starter(&args.fleet, &request)?;
    std::fs::write(&place, &made.text).map_err(|error| {
        Failure::Unexpected(format!(
            "failed to write `{}`: {error}; check the place, or name another with --out",
            place.display()
        ))
    })?;
    if args.quiet { Ok(()) } else { super::print(&told(&made, &place)) }
}

/// The fleet file's path as the scenario names it: from the scenario's folder if it is below that, else from the root.
fn seen_from(scenario: &Path, fleet: &Path) -> Result<String, Failure> {
    let folder = match scenario.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let real = |path: &Path| {
        std::fs::canonicalize(path)
            .map_err(|error| Failure::Unexpected(format!("failed to read `{}`: {error}", path.display())))
    };
    let (folder, fleet) = (real(folder)?, real(fleet)?);
    Ok(fleet.strip_prefix(&folder).unwrap_or(&fleet).display().to_string())
}

fn told(made: &Starter, place: &Path) -> String {
    let mut text = format!("{}: {}\n\nColumns\n", place.display(), count_text(made.stores, "store"));
    for (key, column) in &made.columns {
        let _ = writeln!(text, "  {key:14} {column}");
    }
    text.push_str("\nAssumed\n");
    for sentence in &made.assumed {
        let _ = writeln!(text, "  {sentence}");
    }
    let _ = write!(
        text,
        "\nIt passes `tinsel check`. Put in what you know, then: tinsel run {}\n",
        place.display()
    );
    text
}
