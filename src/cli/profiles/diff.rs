//! `tinsel profiles diff`: what one profile has that another has not; and a check for CI that it is no worse.

use clap::Args;
use serde_json::{Value, json};

use super::text::{age, megabytes, right, spread};
use super::{SourceArgs, closed_json, print_json};
use crate::cli::exit::Failure;
use crate::model::detector::closed::{ClosedForms, Figure, NoFigure, false_alarm};
use crate::report::summary::grouped;
use crate::scenario::resolved::Profile;
use crate::units::Span;

#[derive(Args, Debug)]
pub(super) struct DiffArgs {
    /// The profile to compare with.
    a: String,
    /// The profile that is looked at.
    b: String,
    #[command(flatten)]
    source: SourceArgs,
    /// Fail with exit code 99 if a mean of B (detection, failover, recovery or failback) is longer than A's by more.
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    max_worse: Option<f64>,
    /// Print the comparison as JSON.
    #[arg(long)]
    json: bool,
}

/// Loss at which false alarms are compared.
const LOSS: f64 = 0.01;
const LABEL: usize = 12;
const TIME: usize = 11;
const TIMES: usize = 3 * TIME;

/// A stage of both profiles.
struct Row {
    name: &'static str,
    a: Figure,
    b: Figure,
}

/// Prints the comparison, and fails if it is asked for and called for.
pub(super) fn diff(args: &DiffArgs) -> Result<(), Failure> {
    let known = args.source.known()?;
    let (a, b) = (known.resolve(&args.a)?, known.resolve(&args.b)?);
    let rtt = args.source.rtt;
    let (of_a, of_b) = (ClosedForms::of(&a, rtt), ClosedForms::of(&b, rtt));
    let row = |name, of: fn(&ClosedForms) -> Figure| Row { name, a: of(&of_a), b: of(&of_b) };
    let rows = [
        row("detection", |closed| closed.detection),
        row("failover", |closed| closed.failover),
        row("recovery", |closed| closed.recovery),
        row("failback", |closed| closed.failback),
    ];
    let worse: Vec<String> = args
        .max_worse
        .map_or_else(Vec::new, |percent| rows.iter().filter_map(|row| row.worse(percent)).collect());
    if args.json {
        print_json(&document(&a, &b, rtt, &rows, &worse))?;
    } else {
        super::super::print(&page((&a, &of_a), (&b, &of_b), rtt, &rows))?;
    }
    match (args.max_worse, worse.is_empty()) {
        (Some(percent), false) => Err(Failure::Threshold(format!(
            "{} is worse than {} by more than {percent} %: {}",
            b.name,
            a.name,
            worse.join("; ")
        ))),
        _ => Ok(()),
    }
}

fn parse_percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end();
    match number.parse::<f64>() {
        Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent),
        _ => Err("write a percentage such as 10".to_owned()),
    }
}

impl Row {
    /// What to say if the mean of B is longer than A's by more than this. Never is longer than any time.
    fn worse(&self, percent: f64) -> Option<String> {
        let mean = |figure: &Figure| figure.map_or(f64::INFINITY, |spread| spread.mean);
        let (a, b) = (mean(&self.a), mean(&self.b));
        // A ten-millionth is rounding.
        let limit = a * (1.0 + percent / 100.0) + 1e-7;
        if b <= limit {
            return None;
        }
        Some(match self.b {
            Err(reason) => format!("{}: {reason}", self.name),
            Ok(_) if a > 0.0 => {
                format!(
                    "{} {} ms longer in the mean ({:+.1} %)",
                    self.name,
                    milliseconds(b - a),
                    100.0 * (b / a - 1.0)
                )
            }
            Ok(_) => format!("{} {} ms longer in the mean", self.name, milliseconds(b - a)),
        })
    }

    /// B less A.
    fn difference(&self) -> Option<[f64; 3]> {
        let (Ok(a), Ok(b)) = (self.a, self.b) else { return None };
        Some([b.min - a.min, b.mean - a.mean, b.max - a.max])
    }
}

fn document(a: &Profile, b: &Profile, rtt: Span, rows: &[Row], worse: &[String]) -> Value {
    let side = |profile: &Profile| {
        let alarm = false_alarm(profile, rtt, LOSS);
        json!({
            "name": profile.name,
            "closed_forms": closed_json(&ClosedForms::of(profile, rtt)),
            "false_alarm_at_1_percent_s": alarm.map_or(Value::Null, super::bounded),
        })
    };
    let differences: serde_json::Map<String, Value> = rows
        .iter()
        .map(|row| {
            let values = row.difference().map_or(Value::Null, |[min, mean, max]| {
                let ms = |seconds: f64| super::bounded(seconds * 1e3);
                json!({ "min": ms(min), "mean": ms(mean), "max": ms(max) })
            });
            (format!("{}_ms", row.name), values)
        })
        .collect();
    json!({ "a": side(a), "b": side(b), "b_less_a": differences, "worse": worse })
}

fn page(a: (&Profile, &ClosedForms), b: (&Profile, &ClosedForms), rtt: Span, rows: &[Row]) -> String {
    let names = [format!("A: {}", a.0.name), format!("B: {}", b.0.name), "B − A, ms".to_owned()];
    let mut text = " ".repeat(LABEL);
    text += &names.map(|name| right(&name, TIMES)).concat();
    text += &format!("\n{:LABEL$}", "");
    text += &["min", "mean", "max"].map(|word| right(word, TIME)).concat().repeat(3);
    text.push('\n');
    for row in rows {
        let difference = match row.difference() {
            Some(all) => all.map(|seconds| right(&milliseconds(seconds), TIME)).concat(),
            None => String::new(),
        };
        text += format!("{:LABEL$}{}{}{difference}", row.name, cells(&row.a), cells(&row.b)).trim_end();
        text.push('\n');
    }
    let one = |label: &str, a: String, b: String, difference: String| {
        let line = format!("{label:LABEL$}{a:>TIMES$}{b:>TIMES$}{difference:>TIMES$}");
        format!("{}\n", line.trim_end())
    };
    let (bytes_a, bytes_b) = (a.1.probe_bytes_month, b.1.probe_bytes_month);
    let more = bytes_b - bytes_a;
    let sign = match more {
        more if more > 0.0 => "+",
        more if more < 0.0 => "−",
        _ => "",
    };
    text += &one(
        "probes",
        format!("{} MB/month", megabytes(bytes_a)),
        format!("{} MB/month", megabytes(bytes_b)),
        format!("{sign}{} MB/month", megabytes(more.abs())),
    );
    let alarm = |profile: &Profile| match false_alarm(profile, rtt, LOSS) {
        Ok(seconds) => format!("one in {}", age(seconds)),
        Err(NoFigure::CarrierOnly) => "none by loss".to_owned(),
        Err(_) => "no closed form".to_owned(),
    };
    text + &one("false alarms", alarm(a.0), alarm(b.0), "at 1 % loss".to_owned())
}

fn cells(figure: &Figure) -> String {
    match figure {
        Ok(found) => spread(found).map(|time| right(&time, TIME)).concat(),
        Err(_) => format!("{:>width$}{:TIME$}", "never", "", width = 2 * TIME),
    }
}

/// A difference in milliseconds with its sign.
fn milliseconds(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "no bound".to_owned();
    }
    let ms = seconds * 1e3;
    let decimals = if ms.abs() < 9.95 { 1 } else { 0 };
    match ms {
        0.0 => "0".to_owned(),
        m if m > 0.0 => format!("+{}", grouped(m, decimals)),
        m => grouped(m, decimals),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::detector::closed::Spread;

    #[test]
    fn never_is_worse_than_any_time_and_no_better_than_never() {
        let some = Ok(Spread::at(1.0));
        let never = Err(NoFigure::CarrierOnly);
        let worse = |a, b| Row { name: "detection", a, b }.worse(10.0).is_some();
        assert!(worse(some, never) && !worse(never, some) && !worse(never, never) && !worse(some, some));
        assert!(worse(some, Ok(Spread::at(1.11))) && !worse(some, Ok(Spread::at(1.1))));
    }

    #[test]
    fn differences_have_a_sign() {
        assert_eq!(milliseconds(0.0), "0");
        assert_eq!(milliseconds(1.5), "+1,500");
        assert_eq!(milliseconds(-0.003), "−3.0");
        assert_eq!(milliseconds(f64::NEG_INFINITY), "no bound");
    }
}
