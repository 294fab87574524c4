//! What `tinsel size`, `tinsel compare` and `tinsel uncertainty` answer, and how busy LTE cells are, for the page.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::PageError;
use super::numbers::{Words, number, parsed};
use crate::report::read::rows;
use crate::report::tables::{Kind, Table, sizing};

/// Rows of a comparison by region or format that are shown.
const PARTS: &str = "verdict";
/// Cells in the heat map.
const CELLS: usize = 40;
/// Most columns of the heat map; of more intervals each column is the busiest of some.
const STEPS: usize = 160;

/// Columns of a table as the page's tables want them; null if the directory has no such table.
fn columns<R>(directory: &Path, table: &Table<R>) -> Result<Value, PageError> {
    let names: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    let mut words: Vec<Words> = names.iter().map(|_| Words::default()).collect();
    rows(directory, table.file.trim_end_matches(".csv"), &names, &mut |cells| {
        words.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        true
    })?;
    if words.first().is_none_or(|column| column.len() == 0) {
        return Ok(Value::Null);
    }
    let list = table.columns.iter().zip(words).map(|(column, words)| {
        let is_number = matches!(column.kind, Kind::Integer | Kind::Decimal);
        let (words, rows) = words.into_json();
        let mut json = json!({ "name": column.name, "unit": column.unit, "meaning": column.meaning });
        if is_number {
            let values = |at: &Value| {
                let text = at.as_u64().and_then(|at| words.get(at as usize)).and_then(Value::as_str);
                text.and_then(parsed).map_or(Value::Null, |value| number(value, 4))
            };
            json["rows"] = rows.as_array().into_iter().flatten().map(values).collect();
        } else {
            (json["words"], json["rows"]) = (words, rows);
        }
        json
    });
    Ok(Value::Array(list.collect()))
}

/// The answer of a sizing; null if it is none.
pub fn sizing(directory: &Path, summary: &Value) -> Result<Value, PageError> {
    if summary["stores_equipped"].is_null() {
        return Ok(Value::Null);
    }
    let mut ways: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let wanted = [
        "shared",
        "cost_year_usd",
        "avoided_year_usd",
        "avoided_low_usd",
        "avoided_high_usd",
        "knee",
        "units",
    ];
    rows(directory, "frontier", &wanted, &mut |cells| {
        let values = cells[1..].iter().map(|cell| parsed(cell).map_or(Value::Null, |value| number(value, 2)));
        ways.entry(cells[0].to_string()).or_default().push(values.collect());
        true
    })?;
    let ways: Vec<Value> =
        ways.into_iter().map(|(shared, points)| json!({ "shared": shared, "points": points })).collect();
    Ok(json!({
        "summary": summary,
        "frontier": ways,
        "deployment": columns(directory, &sizing::deployment())?,
        "bill": columns(directory, &sizing::bill())?,
    }))
}

/// A comparison, with what it says of regions and formats in the verdict only; null if it is none.
pub fn comparison(summary: &Value) -> Value {
    if summary["second"].is_null() {
        return Value::Null;
    }
    let mut kept = summary.clone();
    if let Some(rows) = kept["rows"].as_array_mut() {
        rows.retain(|row| {
            let measured = !row["difference"]["estimate"].is_null();
            measured && (row["grouping"].is_null() || (row["group"] == PARTS && row["day"].is_null()))
        });
    }
    kept
}

/// What uncertain inputs do; null if it is something else.
pub fn uncertainty(summary: &Value) -> Value {
    if summary["tornado"].is_null() { Value::Null } else { summary.clone() }
}

/// Load of LTE cells over time: means over replications, the cells first whose airtime stores used most. Null without `cell_timeline`.
pub fn heat(directory: &Path) -> Result<Value, PageError> {
    let wanted = ["cell", "interval_start_utc", "phones_down", "stores_down", "phones_up", "stores_up"];
    let mut cells: BTreeMap<String, BTreeMap<String, [f64; 3]>> = BTreeMap::new();
    rows(directory, "cells_timeline", &wanted, &mut |row| {
        let [phones_down, stores_down, phones_up, stores_up]: [f64; 4] =
            std::array::from_fn(|at| parsed(&row[2 + at]).unwrap_or(0.0));
        let load = (phones_down + stores_down).max(phones_up + stores_up).min(1.0);
        let sum = cells.entry(row[0].to_string()).or_default().entry(row[1].to_string()).or_default();
        for (sum, value) in sum.iter_mut().zip([load, stores_down.max(stores_up), 1.0]) {
            *sum += value;
        }
        true
    })?;
    let starts: std::collections::BTreeSet<String> =
        cells.values().flat_map(|by| by.keys().cloned()).collect();
    let starts: Vec<String> = starts.into_iter().collect();
    if starts.is_empty() {
        return Ok(Value::Null);
    }
    let found = cells.len();
    let used =
        |by: &BTreeMap<String, [f64; 3]>| by.values().map(|[_, stores, count]| stores / count).sum::<f64>();
    let mut cells: Vec<_> = cells.into_iter().collect();
    cells.sort_by(|(_, one), (_, other)| used(other).total_cmp(&used(one)));
    let together = starts.len().div_ceil(STEPS);
    let instant = |text: &String| text.parse::<jiff::Timestamp>().map_or(0, |instant| instant.as_second());
    let rows: Vec<Value> = cells
        .iter()
        .take(CELLS)
        .map(|(name, by)| {
            let load = |start: &String| by.get(start).map_or(0.0, |[load, _, count]| load / count);
            let steps = starts.chunks(together).map(|some| some.iter().map(load).fold(0.0, f64::max));
            json!({ "cell": name, "load": steps.map(|load| number(load, 3)).collect::<Value>() })
        })
        .collect();
    let firsts = starts.chunks(together).filter_map(|some| some.first()).map(instant);
    Ok(json!({ "found": found, "together": together, "starts": firsts.collect::<Vec<i64>>(), "rows": rows }))
}
