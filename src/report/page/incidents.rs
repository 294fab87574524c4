//! Incidents with their stages, as many as a page can hold, and the rows of a drill.

use std::path::Path;

use serde_json::{Value, json};

use super::PageError;
use super::fleet::Fleet;
use super::numbers::{Words, number, parsed};
use crate::report::read::{Cells, rows};

/// Incidents that a page holds: whole replications, as many as fit; about 2 MB.
const MOST: usize = 20_000;

const WORDS: [&str; 11] = [
    "kind",
    "uplink",
    "cause",
    "scope",
    "signature",
    "format",
    "profile",
    "standby",
    "topology",
    "carrier",
    "remedy",
];
/// Seconds with two decimals, amounts and counts.
const NUMBERS: [&str; 16] = [
    "replication",
    "incident_id",
    "fault_s",
    "detected_s",
    "backup_ready_s",
    "failover_s",
    "repaired_s",
    "recovery_detected_s",
    "failback_s",
    "resync_done_s",
    "failover_latency_s",
    "failback_latency_s",
    "service_gap_s",
    "payments_lost",
    "lost_sales_usd",
    "censored",
];

/// Reads `incidents`.
pub fn read(directory: &Path, fleet: &Fleet) -> Result<Value, PageError> {
    let mut columns = vec!["store_id", "fault_local"];
    columns.extend(WORDS);
    columns.extend(NUMBERS);
    let mut stores: Vec<Value> = Vec::new();
    let mut local = Words::default();
    let mut words: [Words; WORDS.len()] = std::array::from_fn(|_| Words::default());
    let mut numbers: [Vec<Value>; NUMBERS.len()] = std::array::from_fn(|_| Vec::new());
    // Rows of complete replications, and which replication is being read.
    let (mut complete, mut current, mut cut) = (0, String::new(), false);
    rows(directory, "incidents", &columns, &mut |cells| {
        let replication = &cells[2 + WORDS.len()];
        if *replication != current {
            complete = stores.len();
            current = replication.to_string();
        }
        if stores.len() >= MOST {
            cut = true;
            return false;
        }
        stores.push(fleet.index.get(&*cells[0]).map_or(Value::Null, |&at| Value::from(at)));
        local.push(&cells[1]);
        for (column, cell) in words.iter_mut().zip(&cells[2..]) {
            column.push(cell);
        }
        for (column, cell) in numbers.iter_mut().zip(&cells[2 + WORDS.len()..]) {
            column.push(parsed(cell).map_or(Value::Null, |value| number(value, 2)));
        }
        true
    })?;
    if cut && complete > 0 {
        stores.truncate(complete);
        local.truncate(complete);
        words.iter_mut().for_each(|column| column.truncate(complete));
        numbers.iter_mut().for_each(|column| column.truncate(complete));
    }
    let (local_words, local_rows) = local.into_json();
    let mut json = json!({
        "cut": cut,
        "store": stores,
        "fault_local": { "words": local_words, "rows": local_rows },
    });
    for (name, column) in WORDS.iter().zip(words) {
        let (words, rows) = column.into_json();
        json[*name] = json!({ "words": words, "rows": rows });
    }
    for (name, column) in NUMBERS.iter().zip(numbers) {
        json[*name] = Value::Array(column);
    }
    Ok(json)
}

/// Reads `failover_curves`: how soon faults are failed over, by profile; null if there are none.
pub fn curves(directory: &Path) -> Result<Value, PageError> {
    const NUMBERS: [&str; 5] =
        ["latency_s", "failed_over_share", "failed_over_low", "failed_over_high", "open_share"];
    const SHARE_DECIMALS: i32 = 4;
    let columns = ["profile", "faults"].into_iter().chain(NUMBERS).collect::<Vec<_>>();
    let mut all: Vec<Value> = Vec::new();
    rows(directory, "failover_curves", &columns, &mut |cells| {
        if all.last().is_none_or(|last| last["name"] != *cells[0]) {
            let faults = parsed(&cells[1]).map_or(Value::Null, |faults| number(faults, 0));
            let mut curve = json!({ "name": cells[0], "faults": faults });
            NUMBERS.iter().for_each(|name| curve[*name] = json!([]));
            all.push(curve);
        }
        for ((name, cell), at) in NUMBERS.iter().zip(&cells[2..]).zip(0..) {
            let decimals = if at == 0 { 3 } else { SHARE_DECIMALS };
            let value = parsed(cell).map_or(Value::Null, |value| number(value, decimals));
            if let Some(list) = all.last_mut().and_then(|last| last[*name].as_array_mut()) {
                list.push(value);
            }
        }
        true
    })?;
    Ok(if all.is_empty() { Value::Null } else { Value::Array(all) })
}

/// Columns of `drill.csv` that the page shows: words, then numbers.
const DRILL: ([&str; 5], [&str; 9]) = (
    ["store_id", "profile", "standby", "topology", "kind"],
    [
        "replication",
        "detection_latency_s",
        "bringup_latency_s",
        "failover_latency_s",
        "failback_latency_s",
        "service_gap_s",
        "backup_in_5s_share",
        "payments_lost",
        "lost_sales_usd",
    ],
);

/// Reads `drill`; null if there is none.
pub fn drilled(directory: &Path) -> Result<Value, PageError> {
    let columns: Vec<&str> = DRILL.0.iter().chain(&DRILL.1).copied().collect();
    let mut words: [Words; DRILL.0.len()] = std::array::from_fn(|_| Words::default());
    let mut numbers: [Vec<Value>; DRILL.1.len()] = std::array::from_fn(|_| Vec::new());
    rows(directory, "drill", &columns, &mut |cells: &Cells<'_>| {
        for (column, cell) in words.iter_mut().zip(cells) {
            column.push(cell);
        }
        for (column, cell) in numbers.iter_mut().zip(&cells[DRILL.0.len()..]) {
            column.push(parsed(cell).map_or(Value::Null, |value| number(value, 3)));
        }
        words[0].len() < MOST
    })?;
    if words[0].len() == 0 {
        return Ok(Value::Null);
    }
    let words = DRILL.0.iter().zip(words).map(|(name, column)| {
        let (words, rows) = column.into_json();
        json!({ "name": name, "words": words, "rows": rows })
    });
    let numbers = DRILL.1.iter().zip(numbers).map(|(name, rows)| json!({ "name": name, "rows": rows }));
    Ok(Value::Array(words.chain(numbers).collect()))
}
