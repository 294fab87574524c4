//! `tinsel profiles tune`: which timers of a family are worth having.
//!
//! A sweep over a grid of timers with the closed forms, nothing simulated. A choice is worth having if no other fails
//! over as fast, as rarely without need, and with as little probe traffic. Slow answers are in none of these figures, so
//! timeouts shorter than the slowest answer that is to be expected are left out.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::grid::{grid, swept};
use super::text::{RARE_PER_YEAR, YEAR, age, megabytes, per_year, percent, span, stage};
use super::words::{family, parameters};
use super::{Known, SourceArgs, print_json};
use crate::cli::exit::Failure;
use crate::model::detector::closed::{ClosedForms, NoFigure, false_alarm};
use crate::report::charts::{TunedFrontier, TunedPoint};
use crate::scenario::resolved::{Detector, IdleCheck, Profile, SequentialProbes, WindowedLoss};
use crate::units::Span;

#[derive(Args, Debug)]
pub(super) struct TuneArgs {
    /// The profile whose timers are varied, and which is marked.
    #[arg(required_unless_present = "family", conflicts_with = "family")]
    name: Option<String>,
    /// Vary a family instead, beginning with its first profile; all its profiles are marked.
    #[arg(long, value_enum)]
    family: Option<Family>,
    #[command(flatten)]
    source: SourceArgs,
    /// Loss of a healthy link: the probability that a probe or its answer does not arrive.
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = super::parse_loss)]
    loss: f64,
    /// Slowest answer of a healthy link under load: leave out timeouts that are shorter.
    #[arg(long, value_name = "TIME", default_value = "500 ms", value_parser = super::parse_time)]
    slowest_answer: Span,
    /// Print at most this many choices.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..))]
    rows: u16,
    /// Write all choices to this file (CSV).
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Draw all choices into this file (SVG or PNG).
    #[arg(long, value_name = "FILE", value_parser = parse_chart)]
    chart: Option<PathBuf>,
    /// Print the choices that are worth having as JSON.
    #[arg(long)]
    json: bool,
}

/// Families that have timers to tune.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Family {
    ConsecutiveProbes,
    SequentialProbes,
    MOfN,
    IdleCheck,
    HelloDead,
    WindowedLoss,
}

impl Family {
    const fn name(self) -> &'static str {
        match self {
            Family::ConsecutiveProbes => "consecutive-probes",
            Family::SequentialProbes => "sequential-probes",
            Family::MOfN => "m-of-n",
            Family::IdleCheck => "idle-check",
            Family::HelloDead => "hello-dead",
            Family::WindowedLoss => "windowed-loss",
        }
    }
}

/// What is better by less than this is not better.
const NO_BETTER: f64 = 1.05;

/// One choice of timers with what comes of it.
struct Choice {
    detector: Detector,
    point: TunedPoint,
}

/// Sweeps, prints, and writes what is asked for.
pub(super) fn tune(args: &TuneArgs) -> Result<(), Failure> {
    let known = args.source.known()?;
    let (base, marked) = base(args, &known)?;
    let rtt = args.source.rtt;
    if let Err(reason) = evaluate(&base, rtt, args.loss) {
        return Err(Failure::Usage(format!("`{}` cannot be tuned: {reason}", base.name)));
    }
    let mut choices = sweep(&base, rtt, args.loss, args.slowest_answer);
    mark_best(&mut choices);
    let marks: Vec<(Profile, TunedPoint)> = marked
        .into_iter()
        .filter_map(|profile| evaluate(&profile, rtt, args.loss).ok().map(|point| (profile, point)))
        .collect();
    if let Some(path) = &args.csv {
        write_csv(path, &choices)?;
    }
    if let Some(path) = &args.chart {
        draw(path, args, &base, &choices, &marks)?;
    }
    if args.json {
        return print_json(&document(args, &base, &choices, &marks));
    }
    super::super::print(&page(args, &base, &choices, &marks))
}

fn parse_chart(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
    match extension.as_deref().and_then(std::ffi::OsStr::to_str) {
        Some("svg" | "png") => Ok(path),
        _ => Err("a chart is a .svg or a .png file".to_owned()),
    }
}

/// The profile that the sweep begins with, and those that are marked.
fn base(args: &TuneArgs, known: &Known) -> Result<(Profile, Vec<Profile>), Failure> {
    let Some(wanted) = args.family else {
        let profile = known.resolve(args.name.as_deref().unwrap_or_default())?;
        return Ok((profile.clone(), vec![profile]));
    };
    let members: Vec<Profile> =
        known.0.iter().filter(|profile| family(profile) == wanted.name()).cloned().collect();
    match members.first() {
        Some(first) => Ok((first.clone(), members)),
        None => Err(Failure::Usage(format!("there is no profile of the family {}", wanted.name()))),
    }
}

fn evaluate(profile: &Profile, rtt: Span, loss: f64) -> Result<TunedPoint, NoFigure> {
    let closed = ClosedForms::of(profile, rtt);
    let apart = false_alarm(profile, rtt, loss)?;
    Ok(TunedPoint {
        failover_s: closed.failover?.mean,
        // Choices are not told apart by what happens to nobody.
        false_per_year: (YEAR / apart).max(RARE_PER_YEAR),
        megabytes: closed.probe_bytes_month / 1e6,
        is_best: false,
    })
}

/// All choices of the grid, the fastest first.
fn sweep(base: &Profile, rtt: Span, loss: f64, slowest: Span) -> Vec<Choice> {
    let Some(detector) = &base.detector else { return Vec::new() };
    let mut choices: Vec<Choice> = grid(detector)
        .into_iter()
        .filter(|detector| waits_for(detector).is_none_or(|wait| wait >= slowest))
        .filter_map(|detector| {
            let profile = Profile { detector: Some(detector), ..base.clone() };
            evaluate(&profile, rtt, loss).ok().map(|point| Choice { detector, point })
        })
        .collect();
    let key =
        |choice: &Choice| [choice.point.failover_s, choice.point.false_per_year, choice.point.megabytes];
    choices.sort_by(|left, right| {
        let pairs = key(left).into_iter().zip(key(right));
        pairs
            .map(|(left, right)| left.total_cmp(&right))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    choices
}

/// How long an answer is waited for; nobody answers a hello.
const fn waits_for(detector: &Detector) -> Option<Span> {
    match *detector {
        Detector::ConsecutiveProbes { timeout, .. }
        | Detector::SequentialProbes(SequentialProbes { timeout, .. })
        | Detector::MOfN { timeout, .. } => Some(timeout),
        Detector::IdleCheck(IdleCheck { wait, .. }) => Some(wait),
        Detector::WindowedLoss(WindowedLoss { loss_after, .. }) => Some(loss_after),
        Detector::HelloDead(_) => None,
    }
}

/// Marks what nothing else is better than, by a twentieth at least. Choices are in order, so a better one has come before.
fn mark_best(choices: &mut [Choice]) {
    let mut best: Vec<TunedPoint> = Vec::new();
    for choice in choices {
        let point = choice.point;
        let is_beaten = best.iter().any(|other| {
            other.false_per_year <= NO_BETTER * point.false_per_year
                && other.megabytes <= NO_BETTER * point.megabytes
        });
        if !is_beaten {
            choice.point.is_best = true;
            best.push(choice.point);
        }
    }
}

/// The swept timers of a choice.
fn timers(detector: &Detector) -> Vec<(&'static str, String)> {
    parameters(detector).into_iter().filter(|(key, _)| swept(detector).contains(key)).collect()
}

/// The choice that is no worse than `point` in false failovers and traffic, and fastest.
fn faster<'c>(choices: &'c [Choice], point: &TunedPoint) -> Option<&'c Choice> {
    choices.iter().find(|choice| {
        choice.point.false_per_year <= point.false_per_year
            && choice.point.megabytes <= point.megabytes * 1.001
            && NO_BETTER * choice.point.failover_s < point.failover_s
    })
}

fn page(args: &TuneArgs, base: &Profile, choices: &[Choice], marks: &[(Profile, TunedPoint)]) -> String {
    let best: Vec<&Choice> = choices.iter().filter(|choice| choice.point.is_best).collect();
    let mut text = format!(
        "{}: {} choices of timers of the family {}, {} of them worth having (at {} loss)\n",
        base.name,
        choices.len(),
        family(base),
        best.len(),
        percent(args.loss)
    );
    let rows = usize::from(args.rows).min(best.len());
    // Evenly over the choices, from the fastest to the slowest.
    let shown: Vec<&Choice> = (0..rows).map(|row| best[row * (best.len() - 1) / (rows - 1).max(1)]).collect();
    let heads: Vec<&str> = base
        .detector
        .as_ref()
        .map(|detector| timers(detector).iter().map(|(key, _)| *key).collect())
        .unwrap_or_default();
    let width = |column: usize| {
        let cells = shown.iter().map(|choice| timers(&choice.detector)[column].1.chars().count());
        let marked = marks.iter().filter_map(|(profile, _)| profile.detector.as_ref());
        let marked = marked.map(|detector| timers(detector)[column].1.chars().count());
        cells.chain(marked).chain([heads[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |cells: &[&str], rest: [&str; 4], name: &str| {
        let cells: String =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}  ")).collect();
        let [failover, rate, apart, traffic] = rest;
        let line = format!("{cells}{failover:>10}  {rate:>14}  {apart:>14}  {traffic:>9}  {name}");
        format!("{}\n", line.trim_end())
    };
    text += &line(&heads, ["failover", "false per year", "one in", "MB/month"], "");
    let row = |detector: &Detector, point: &TunedPoint, name: &str| {
        let cells = timers(detector);
        let cells: Vec<&str> = cells.iter().map(|(_, cell)| cell.as_str()).collect();
        let is_rare = point.false_per_year <= RARE_PER_YEAR;
        let rate = if is_rare { "≤ 0.001".to_owned() } else { per_year(point.false_per_year) };
        let apart = if is_rare { "> 1,000 years".to_owned() } else { age(YEAR / point.false_per_year) };
        let traffic = megabytes(point.megabytes * 1e6);
        line(&cells, [&stage(point.failover_s), &rate, &apart, &traffic], name)
    };
    for choice in &shown {
        text += &row(&choice.detector, &choice.point, "");
    }
    if shown.len() < best.len() {
        text += &format!("({} of {} are shown; --rows, --csv or --chart for all)\n", shown.len(), best.len());
    }
    text += &format!(
        "Timeouts shorter than {} are left out: slow answers are not in these figures.\n",
        span(args.slowest_answer)
    );
    text += "\nProfiles there are\n";
    for (profile, point) in marks {
        let Some(detector) = &profile.detector else { continue };
        text += &row(detector, point, &profile.name);
        if marks.len() == 1 {
            text += &verdict(choices, point);
        }
    }
    text
}

fn verdict(choices: &[Choice], point: &TunedPoint) -> String {
    match faster(choices, point) {
        None => "No choice of the grid fails over sooner without more false failovers or more probes.\n"
            .to_owned(),
        Some(choice) => {
            let timers: Vec<String> =
                timers(&choice.detector).into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
            format!(
                "Without more false failovers or more probes it could fail over in {}: {}.\n",
                stage(choice.point.failover_s),
                timers.join(", ")
            )
        }
    }
}

fn point_json(detector: &Detector, point: &TunedPoint) -> Value {
    let timers: Map<String, Value> =
        timers(detector).into_iter().map(|(key, value)| (key.to_owned(), Value::String(value))).collect();
    json!({
        "timers": timers,
        "failover_mean_s": super::bounded(point.failover_s),
        "false_failovers_per_year": super::bounded(point.false_per_year),
        "probe_megabytes_month": super::bounded(point.megabytes),
    })
}

fn document(args: &TuneArgs, base: &Profile, choices: &[Choice], marks: &[(Profile, TunedPoint)]) -> Value {
    let best = choices.iter().filter(|choice| choice.point.is_best);
    let best: Vec<Value> = best.map(|choice| point_json(&choice.detector, &choice.point)).collect();
    let marks: Vec<Value> = marks
        .iter()
        .filter_map(|(profile, point)| {
            let mut entry = point_json(profile.detector.as_ref()?, point);
            entry.as_object_mut()?.insert("name".to_owned(), json!(profile.name));
            Some(entry)
        })
        .collect();
    json!({
        "base": base.name,
        "family": family(base),
        "loss": args.loss,
        "rtt_s": args.source.rtt.as_secs_f64(),
        "choices": choices.len(),
        "frontier": best,
        "profiles": marks,
    })
}

fn write_csv(path: &Path, choices: &[Choice]) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::Unexpected(format!("failed to write `{}`: {error}", path.display()))
    };
    let mut writer = csv::Writer::from_path(path).map_err(|error| failed(&error))?;
    let keys = choices.first().map(|choice| timers(&choice.detector)).unwrap_or_default();
    let keys = keys.into_iter().map(|(key, _)| key);
    let figures = ["failover_mean_s", "false_failovers_per_year", "probe_megabytes_month", "worth_having"];
    writer.write_record(keys.chain(figures)).map_err(|error| failed(&error))?;
    for choice in choices {
        let point = &choice.point;
        let figures = [
            format!("{:.6}", point.failover_s),
            format!("{:.6}", point.false_per_year),
            format!("{:.6}", point.megabytes),
            u8::from(point.is_best).to_string(),
        ];
        let cells = timers(&choice.detector).into_iter().map(|(_, value)| value).chain(figures);
        writer.write_record(cells).map_err(|error| failed(&error))?;
    }
    writer.flush().map_err(|error| failed(&error))
}

fn draw(
    path: &Path,
    args: &TuneArgs,
    base: &Profile,
    choices: &[Choice],
    marks: &[(Profile, TunedPoint)],
) -> Result<(), Failure> {
    let what = if args.family.is_some() { family(base) } else { &base.name };
    let chart = TunedFrontier {
        title: format!("Timers to choose from: {what}"),
        subtitle: format!(
            "{} choices; a backup that is ready; healthy link with {} loss, independent",
            choices.len(),
            percent(args.loss)
        ),
        points: choices.iter().map(|choice| choice.point).collect(),
        marks: marks.iter().map(|(profile, point)| (profile.name.clone(), *point)).collect(),
    };
    chart.write(path).map_err(|error| Failure::Unexpected(error.to_string()))
}
