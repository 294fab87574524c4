//! Series over time: each the mean over replications, with the range in which most of them lie.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::PageError;
use super::numbers::{number, parsed};
use crate::report::read::rows;
use crate::report::summary::nine_tenths;

/// How rows of one interval become one number.
#[derive(Clone, Copy)]
enum Fold {
    Sum,
    Most,
}

/// What to read: table, column of the instant (UTC), column that tells series apart if any, columns and how to fold.
struct Wanted {
    table: &'static str,
    instant: &'static str,
    apart: Option<&'static str>,
    columns: &'static [(&'static str, Fold)],
}

/// By series, by instant, by replication.
type Folded = BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<f64>>>>;

fn folded(directory: &Path, wanted: &Wanted) -> Result<Folded, PageError> {
    let mut columns = vec!["replication", wanted.instant, wanted.apart.unwrap_or("")];
    columns.extend(wanted.columns.iter().map(|(name, _)| *name));
    let mut all = Folded::new();
    rows(directory, wanted.table, &columns, &mut |cells| {
        let instants = all.entry(cells[2].to_string()).or_default();
        let instant = instants.entry(cells[1].to_string()).or_default();
        let values = cells[3..].iter().map(|cell| parsed(cell).unwrap_or(0.0));
        match instant.get_mut(&*cells[0]) {
            None => {
                instant.insert(cells[0].to_string(), values.collect());
            }
            Some(sums) => {
                for ((sum, value), (_, fold)) in sums.iter_mut().zip(values).zip(wanted.columns) {
                    *sum = match fold {
                        Fold::Sum => *sum + value,
                        Fold::Most => sum.max(value),
                    };
                }
            }
        }
        true
    })?;
    Ok(all)
}

/// One series table as JSON: instants, and by column mean, low and high.
fn series(instants: &BTreeMap<String, BTreeMap<String, Vec<f64>>>, wanted: &Wanted) -> Value {
    let starts: Vec<i64> = instants
        .keys()
        .map(|instant| instant.parse::<jiff::Timestamp>().map_or(0, |instant| instant.as_second()))
        .collect();
    let mut columns = serde_json::Map::new();
    for (at, (name, _)) in wanted.columns.iter().enumerate() {
        let (mut means, mut lows, mut highs) = (Vec::new(), Vec::new(), Vec::new());
        for by_replication in instants.values() {
            let mut values: Vec<f64> = by_replication.values().map(|values| values[at]).collect();
            values.sort_by(f64::total_cmp);
            let (low, high) = nine_tenths(&values);
            means.push(number(values.iter().sum::<f64>() / values.len() as f64, 2));
            lows.push(number(low, 2));
            highs.push(number(high, 2));
        }
        let column = if lows == highs {
            json!({ "mean": means })
        } else {
            json!({ "mean": means, "low": lows, "high": highs })
        };
        columns.insert((*name).to_owned(), column);
    }
    json!({ "starts": starts, "columns": columns })
}

fn read(directory: &Path, wanted: &Wanted) -> Result<Value, PageError> {
    let all = folded(directory, wanted)?;
    if all.is_empty() {
        return Ok(Value::Null);
    }
    let list = all.iter().map(|(name, instants)| {
        let mut one = series(instants, wanted);
        one["name"] = Value::from(name.as_str());
        one
    });
    Ok(Value::Array(list.collect()))
}

/// Of the whole fleet.
pub fn timeline(directory: &Path) -> Result<Value, PageError> {
    const COLUMNS: [(&str, Fold); 11] = [
        ("demand", Fold::Sum),
        ("customers", Fold::Sum),
        ("payments", Fold::Sum),
        ("authorized_offline", Fold::Sum),
        ("payments_lost", Fold::Sum),
        ("abandoned", Fold::Sum),
        ("stores_lte", Fold::Sum),
        ("stores_gap", Fold::Sum),
        ("stores_dark", Fold::Sum),
        ("stores_open", Fold::Sum),
        ("lte_mbps", Fold::Sum),
    ];
    read(
        directory,
        &Wanted { table: "timeline", instant: "interval_start_utc", apart: None, columns: &COLUMNS },
    )
}

/// By service.
pub fn services(directory: &Path) -> Result<Value, PageError> {
    const COLUMNS: [(&str, Fold); 5] = [
        ("utilisation_max", Fold::Most),
        ("offered", Fold::Sum),
        ("shed", Fold::Sum),
        ("failed", Fold::Sum),
        ("wait_max_ms", Fold::Most),
    ];
    let wanted = Wanted {
        table: "services",
        instant: "interval_start_utc",
        apart: Some("service"),
        columns: &COLUMNS,
    };
    read(directory, &wanted)
}

/// Of the operations centre; seconds an hour become people.
pub fn noc(directory: &Path) -> Result<Value, PageError> {
    const COLUMNS: [(&str, Fold); 5] = [
        ("waiting_max", Fold::Most),
        ("on_duty_s", Fold::Sum),
        ("busy_s", Fold::Sum),
        ("technicians_out_s", Fold::Sum),
        ("tickets_opened", Fold::Sum),
    ];
    read(directory, &Wanted { table: "noc", instant: "start_utc", apart: None, columns: &COLUMNS })
}
