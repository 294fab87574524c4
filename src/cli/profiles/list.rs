//! `tinsel profiles list`: one line per profile.

use clap::Args;
use serde_json::{Value, json};

use super::text::{megabytes, right, spread};
use super::words::family;
use super::{SourceArgs, closed_json, print_json};
use crate::cli::exit::Failure;
use crate::model::detector::closed::{ClosedForms, Figure};
use crate::scenario::resolved::Profile;
use crate::units::Span;

#[derive(Args, Debug)]
pub(super) struct ListArgs {
    #[command(flatten)]
    source: SourceArgs,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

/// Width of a time.
const TIME: usize = 9;
/// Width of three times.
const TIMES: usize = 3 * TIME;

/// Prints what there is.
pub(super) fn list(args: &ListArgs) -> Result<(), Failure> {
    let known = args.source.known()?;
    if args.json {
        let entries = known.0.iter().map(|profile| entry(profile, args.source.rtt)).collect::<Vec<_>>();
        return print_json(&Value::Array(entries));
    }
    super::super::print(&table(&known.0, args.source.rtt))
}

fn entry(profile: &Profile, rtt: Span) -> Value {
    let mut entry = json!({
        "name": profile.name,
        "family": family(profile),
        "product": profile.product,
        "confidence": profile.confidence,
    });
    let closed = closed_json(&ClosedForms::of(profile, rtt));
    if let (Some(entry), Value::Object(closed)) = (entry.as_object_mut(), closed) {
        entry.extend(closed);
    }
    entry
}

fn table(profiles: &[Profile], rtt: Span) -> String {
    let longest = |cells: &dyn Fn(&Profile) -> usize| profiles.iter().map(cells).max().unwrap_or(0);
    let name = longest(&|profile| profile.name.chars().count()).max(4);
    let family_width = longest(&|profile| family(profile).len());
    let mut text = format!(
        "{:name$}  {:family_width$} {:^TIMES$} {:^TIMES$} {:>8}\n",
        "", "", "detection of a blackhole", "recovery after its repair", "probes"
    );
    let times = |words: [&str; 3]| words.map(|word| right(word, TIME)).concat();
    text += &format!(
        "{:name$}  {:family_width$} {} {} {:>8}  {}\n",
        "profile",
        "family",
        times(["min", "mean", "max"]),
        times(["min", "mean", "max"]),
        "MB/month",
        "confidence"
    );
    let mut is_carrier_only = false;
    for profile in profiles {
        let closed = ClosedForms::of(profile, rtt);
        is_carrier_only |= profile.detector.is_none();
        let figure = |figure: &Figure| match figure {
            Ok(found) => spread(found).map(|time| right(&time, TIME)).concat(),
            Err(_) => times(["", "never", ""]),
        };
        text += &format!(
            "{:name$}  {:family_width$} {} {} {:>8}  {}\n",
            profile.name,
            family(profile),
            figure(&closed.detection),
            figure(&closed.recovery),
            megabytes(closed.probe_bytes_month),
            profile.confidence
        );
    }
    if is_carrier_only {
        text += "never: nothing is probed, so only the loss of the carrier is seen (`tinsel profiles show NAME`).\n";
    }
    text
}
