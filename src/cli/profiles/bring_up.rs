//! `tinsel profiles bring-up`: times from the order "use LTE" by standby state, and what they are made of.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::exit::Failure;
use crate::kernel::draws::Key;
use crate::model::bring_up::Stage;
use crate::model::bring_up::totals::{Times, Totals, totals};
use crate::scenario::resolved::{BringUp, Carrier, Standby};
use crate::scenario::{LoadOptions, load, render, shipped_lte};

/// The order of rows and columns: from the slowest state to the fastest.
const STANDBY: [Standby; 5] =
    [Standby::Cold, Standby::RadioOff, Standby::Warm, Standby::Hot, Standby::HotActive];
const QUANTILES: [(&str, f64); 4] = [("p5", 0.05), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99)];
/// The scenarios' own default.
const SEED: u64 = 1;

const LABEL_WIDTH: usize = 34;
const STANDBY_WIDTH: usize = 12;
const NUMBER_WIDTH: usize = 9;
const MEAN_WIDTH: usize = 12;

#[derive(Args, Debug)]
pub(in crate::cli) struct BringUpArgs {
    /// Scenario file (TOML) whose `[lte.bring_up]` and carriers are used [default: what is shipped].
    scenario: Option<PathBuf>,
    /// Take this carrier's round trip [default: the mean of all carriers' medians].
    #[arg(long, value_name = "NAME")]
    carrier: Option<String>,
    /// How many bring-ups are drawn from each standby state.
    #[arg(long, value_name = "N", default_value_t = 40_000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    draws: u32,
    /// Use this seed instead of the file's [default without a file: 1].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is drawn from.
struct Basis {
    /// The scenario's name, if there is a scenario.
    scenario: Option<String>,
    stages: BringUp,
    /// Those whose mean the round trip is.
    carriers: Vec<String>,
    rtt_median_s: f64,
    rtt_sigma: f64,
    seed: u64,
    draws: u32,
}

/// Draws the bring-ups and prints tables.
pub(super) fn bring_up(args: &BringUpArgs) -> Result<(), Failure> {
    let basis = basis(args)?;
    let key = Key { seed: basis.seed, replication: 0 };
    let rtt = (basis.rtt_median_s, basis.rtt_sigma);
    let drawn = STANDBY.map(|standby| totals(&basis.stages, standby, rtt, key, basis.draws));
    let text = if args.json {
        let text = serde_json::to_string_pretty(&Document::new(&basis, &drawn));
        text.map_err(|error| Failure::Unexpected(format!("failed to print JSON: {error}")))? + "\n"
    } else {
        tables(&basis, &drawn)
    };
    super::super::print(&text)
}

fn basis(args: &BringUpArgs) -> Result<Basis, Failure> {
    let (scenario, lte, carriers, seed) = match &args.scenario {
        Some(file) => {
            let loaded = load(file, &LoadOptions { seed: args.seed, ..LoadOptions::default() })?;
            super::super::warn(&render(&loaded.warnings, super::super::colour(&std::io::stderr())));
            let scenario = loaded.scenario;
            (Some(scenario.name), scenario.lte, scenario.carriers, scenario.seed)
        }
        None => {
            let (lte, carriers) = shipped_lte();
            (None, lte, carriers, args.seed.unwrap_or(SEED))
        }
    };
    let carriers = chosen(carriers, args.carrier.as_deref())?;
    let rtt_median_s =
        carriers.iter().map(|carrier| carrier.rtt_median_s).sum::<f64>() / carriers.len() as f64;
    Ok(Basis {
        scenario,
        stages: lte.bring_up,
        carriers: carriers.into_iter().map(|carrier| carrier.name).collect(),
        rtt_median_s,
        rtt_sigma: lte.rtt_sigma,
        seed,
        draws: args.draws,
    })
}

/// The carrier of this name, or all; never none.
fn chosen(carriers: Vec<Carrier>, name: Option<&str>) -> Result<Vec<Carrier>, Failure> {
    if carriers.is_empty() {
        return Err(Failure::NothingToRun);
    }
    let Some(name) = name else { return Ok(carriers) };
    let known: Vec<String> = carriers.iter().map(|carrier| carrier.name.clone()).collect();
    let found: Vec<Carrier> = carriers.into_iter().filter(|carrier| carrier.name == name).collect();
    if found.is_empty() {
        let known = known.join(", ");
        return Err(Failure::Usage(format!(
            "failed to find the carrier `{name}` of `--carrier`: there is {known}"
        )));
    }
    Ok(found)
}

fn tables(basis: &Basis, drawn: &[Totals]) -> String {
    let mut text = String::new();
    let carriers = match basis.carriers.as_slice() {
        [one] => one.clone(),
        several => format!("mean of {}", several.join(", ")),
    };
    let _ = writeln!(
        text,
        "Bring-up of LTE as the backup: {}\nround trip {:.1} ms in the median ({carriers}), {} draws, seed {}\n",
        basis.scenario.as_deref().unwrap_or("as shipped"),
        basis.rtt_median_s * 1e3,
        basis.draws,
        basis.seed
    );
    quantile_table(&mut text, drawn);
    mean_table(&mut text, drawn);
    text
}

fn quantile_table(text: &mut String, drawn: &[Totals]) {
    let half = QUANTILES.len() * NUMBER_WIDTH;
    let _ = writeln!(
        text,
        "Seconds from the order to use LTE\n{:STANDBY_WIDTH$}{:>half$}  {:>half$}",
        "", "to a usable path", "to the first application byte"
    );
    let heads: String = QUANTILES.iter().map(|(name, _)| format!("{name:>NUMBER_WIDTH$}")).collect();
    let _ = writeln!(text, "{:STANDBY_WIDTH$}{heads}  {heads}", "");
    let numbers = |times: &Times| -> String {
        let seconds = QUANTILES.iter().map(|(_, q)| times.quantile(*q).as_secs_f64());
        seconds.map(|seconds| format!("{seconds:>NUMBER_WIDTH$.2}")).collect()
    };
    for (standby, totals) in STANDBY.iter().zip(drawn) {
        let (usable, first_byte) = (numbers(&totals.usable), numbers(&totals.first_byte));
        let _ = writeln!(text, "{:STANDBY_WIDTH$}{usable}  {first_byte}", standby.name());
    }
}

fn mean_table(text: &mut String, drawn: &[Totals]) {
    let heads: String = STANDBY.iter().map(|standby| format!("{:>MEAN_WIDTH$}", standby.name())).collect();
    let _ = writeln!(text, "\nMean seconds of each stage\n{:LABEL_WIDTH$}{heads}", "");
    let mut row = |label: &str, mean: &dyn Fn(&Totals) -> f64| {
        let cell = |totals| match mean(totals) {
            0.0 => format!("{:>MEAN_WIDTH$}", "-"),
            seconds => format!("{seconds:>MEAN_WIDTH$.2}"),
        };
        let cells: String = drawn.iter().map(cell).collect();
        let _ = writeln!(text, "{label:LABEL_WIDTH$}{cells}");
    };
    for stage in Stage::ALL {
        if stage == Stage::Application {
            row("to a usable path", &|totals| totals.usable.mean().as_secs_f64());
        }
        row(label(stage), &|totals| totals.mean(stage).as_secs_f64());
    }
    row("to the first application byte", &|totals| totals.first_byte.mean().as_secs_f64());
}

const fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Boot => "  modem boot",
        Stage::Usb => "  USB enumeration",
        Stage::Probing => "  modem manager's probing",
        Stage::Sim => "  SIM ready",
        Stage::FullScan => "  full scan",
        Stage::Unanswered => "  attach attempts unanswered",
        Stage::Congestion => "  attach refused for congestion",
        Stage::Attach => "  search and attach",
        Stage::Bearer => "  bearer, address, DNS",
        Stage::Rrc => "  RRC promotion",
        Stage::Vpn => "  VPN handshake",
        Stage::Application => "  TCP and TLS of the application",
    }
}

/// The same as JSON: times in seconds.
#[derive(Serialize)]
struct Document<'b> {
    /// `null` for what is shipped.
    scenario: Option<&'b str>,
    carriers: &'b [String],
    rtt_median_s: f64,
    rtt_sigma: f64,
    draws: u32,
    seed: u64,
    standby: Map<String, Value>,
}

impl<'b> Document<'b> {
    fn new(basis: &'b Basis, drawn: &[Totals]) -> Self {
        let of = |(standby, totals): (&Standby, &Totals)| (standby.name().to_owned(), mode(totals));
        Document {
            scenario: basis.scenario.as_deref(),
            carriers: &basis.carriers,
            rtt_median_s: basis.rtt_median_s,
            rtt_sigma: basis.rtt_sigma,
            draws: basis.draws,
            seed: basis.seed,
            standby: STANDBY.iter().zip(drawn).map(of).collect(),
        }
    }
}

fn mode(totals: &Totals) -> Value {
    let stages = Stage::ALL.map(|stage| (stage.name().to_owned(), json!(totals.mean(stage).as_secs_f64())));
    json!({
        "usable_path_s": times(&totals.usable),
        "first_byte_s": times(&totals.first_byte),
        "stage_means_s": Map::from_iter(stages),
    })
}

fn times(times: &Times) -> Map<String, Value> {
    let quantiles =
        QUANTILES.iter().map(|(name, q)| ((*name).to_owned(), json!(times.quantile(*q).as_secs_f64())));
    quantiles.chain([("mean".to_owned(), json!(times.mean().as_secs_f64()))]).collect()
}
