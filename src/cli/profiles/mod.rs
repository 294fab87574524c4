//! `tinsel profiles`: what products and modems do by themselves, without a run. One file per question.

mod bring_up;
mod diff;
mod grid;
mod import;
mod list;
mod show;
mod text;
mod tune;
mod words;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::exit::Failure;
use crate::model::detector::closed::{ClosedForms, Figure, Spread};
use crate::scenario::resolved::Profile;
use crate::scenario::{library, load_profiles, nearest, profiles_in_scenario};
use crate::units::{Span, parse_share, parse_span};

/// What the figures are.
const FIGURES: &str = "\
Figures are closed forms for a total blackhole at a random moment, and for its repair after a long outage. A backup that \
has to be brought up first takes that much longer. A profile is the name of a built-in one or of one in --scenario; or \
a file with [profiles.NAME] tables, with #NAME behind it if it has several.";

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, after_help = FIGURES)]
pub(super) struct ProfilesArgs {
    #[command(subcommand)]
    command: Option<ProfilesCommand>,
    #[command(flatten)]
    list: list::ListArgs,
}

#[derive(Subcommand, Debug)]
enum ProfilesCommand {
    /// List profiles with their times of detection and recovery (what `profiles` alone does).
    List(list::ListArgs),
    /// Explain one profile: its parameters, every stage of failover and failback, what it cannot see.
    Show(show::ShowArgs),
    /// Compare two profiles, and fail if the second is worse.
    Diff(diff::DiffArgs),
    /// Sweep the timers of a family: failover time against false failovers and probe traffic.
    Tune(tune::TuneArgs),
    /// How long a backup modem takes from each standby state until LTE is usable.
    BringUp(bring_up::BringUpArgs),
    /// Make a profile of a router's own configuration.
    Import(import::ImportArgs),
}

/// Where profiles come from, and the link that they are looked at on.
#[derive(Args, Debug)]
struct SourceArgs {
    /// Also know the profiles of this scenario.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Round trip of the link, e.g. "20 ms"; 0 gives the figures that products are known by.
    #[arg(long, value_name = "TIME", default_value = "0 ms", value_parser = parse_time)]
    rtt: Span,
}

/// Does what was asked.
pub(super) fn profiles(args: &ProfilesArgs) -> Result<(), Failure> {
    match &args.command {
        None => list::list(&args.list),
        Some(ProfilesCommand::List(args)) => list::list(args),
        Some(ProfilesCommand::Show(args)) => show::show(args),
        Some(ProfilesCommand::Diff(args)) => diff::diff(args),
        Some(ProfilesCommand::Tune(args)) => tune::tune(args),
        Some(ProfilesCommand::BringUp(args)) => bring_up::bring_up(args),
        Some(ProfilesCommand::Import(args)) => import::import(args),
    }
}

/// A time on the command line.
fn parse_time(text: &str) -> Result<Span, String> {
    parse_span(text).map_err(|error| format!("{}: {}", error.message, error.remedy))
}

/// A share on the command line: `1%` or `0.01`.
fn parse_loss(text: &str) -> Result<f64, String> {
    let share = parse_share(text).map_err(|error| format!("{}: {}", error.message, error.remedy))?;
    if (0.0..1.0).contains(&share) {
        Ok(share)
    } else {
        Err("a probability of loss is from 0 to below 1".to_owned())
    }
}

/// The profiles that can be named.
struct Known(Vec<Profile>);

impl SourceArgs {
    fn known(&self) -> Result<Known, Failure> {
        Ok(Known(self.scenario.as_deref().map_or_else(|| Ok(library()), profiles_in_scenario)?))
    }
}

impl Known {
    /// The profile that `name` stands for: one that is known, or one in a file.
    fn resolve(&self, name: &str) -> Result<Profile, Failure> {
        let (path, entry) = name.split_once('#').map_or((name, None), |(path, entry)| (path, Some(entry)));
        if path.contains(std::path::is_separator)
            || Path::new(path).extension().is_some_and(|it| it == "toml")
        {
            let written = Known(load_profiles(Path::new(path))?);
            return match (entry, written.0.as_slice()) {
                (Some(entry), _) => written.by_name(entry),
                (None, [only]) => Ok(only.clone()),
                (None, []) => Err(Failure::Usage(format!("`{path}` has no [profiles.NAME] table"))),
                (None, several) => {
                    let names: Vec<&str> = several.iter().map(|profile| profile.name.as_str()).collect();
                    Err(Failure::Usage(format!(
                        "`{path}` has several profiles ({}): say {path}#NAME",
                        names.join(", ")
                    )))
                }
            };
        }
        self.by_name(name)
    }

    fn by_name(&self, name: &str) -> Result<Profile, Failure> {
        if let Some(found) = self.0.iter().find(|profile| profile.name == name) {
            return Ok(found.clone());
        }
        let names = || self.0.iter().map(|profile| profile.name.as_str());
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is: {}", names().collect::<Vec<_>>().join(", ")),
        };
        Err(Failure::Usage(format!("there is no profile called `{name}`; {help}")))
    }
}

/// A time as JSON: seconds, without a bound `null`; or why there is none.
fn figure_json(figure: &Figure) -> Value {
    match figure {
        Ok(spread) => spread_json(spread),
        Err(reason) => json!({ "none": reason.to_string() }),
    }
}

fn spread_json(spread: &Spread) -> Value {
    json!({ "min": bounded(spread.min), "mean": bounded(spread.mean), "max": bounded(spread.max) })
}

/// A number to nine decimals, or `null` if it is infinite.
fn bounded(value: f64) -> Value {
    if value.is_finite() { json!(libm::round(value * 1e9) / 1e9) } else { Value::Null }
}

/// The closed forms as JSON.
fn closed_json(closed: &ClosedForms) -> Value {
    let optional = |spread: &Option<Spread>| spread.as_ref().map_or(Value::Null, spread_json);
    json!({
        "detection_s": figure_json(&closed.detection),
        "route_change_s": spread_json(&closed.route_change),
        "failover_s": figure_json(&closed.failover),
        "recovery_s": figure_json(&closed.recovery),
        "session_s": optional(&closed.session),
        "hold_down_s": figure_json(&closed.hold_down),
        "route_return_s": spread_json(&closed.route_return),
        "failback_s": figure_json(&closed.failback),
        "carrier_s": optional(&closed.carrier),
        "probe_megabytes_month": bounded(closed.probe_bytes_month / 1e6),
    })
}

/// Prints a JSON document.
fn print_json(value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::Unexpected(format!("failed to print JSON: {error}")))?;
    super::print(&format!("{text}\n"))
}
