//! Where the money went, and the busiest cells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::PageError;
use super::numbers::{number, parsed};
use crate::report::read::rows;

/// Cells that a page lists.
const CELLS: usize = 100;

/// `attribution` by cause, stage and remedy, means over replications, the largest first; the last number says how many replications
/// there are, at least.
pub fn read(directory: &Path) -> Result<Value, PageError> {
    let columns = [
        "replication",
        "cause",
        "scope",
        "stage",
        "would_have_helped",
        "lost_sales_usd",
        "lost_margin_usd",
        "payments_lost",
        "service_gap_s",
    ];
    let mut sums: BTreeMap<[String; 4], [f64; 4]> = BTreeMap::new();
    rows(directory, "attribution", &columns, &mut |cells| {
        let key = std::array::from_fn(|at| cells[1 + at].to_string());
        let sum = sums.entry(key).or_default();
        for (sum, cell) in sum.iter_mut().zip(&cells[5..]) {
            *sum += parsed(cell).unwrap_or(0.0);
        }
        true
    })?;
    let mut list: Vec<_> = sums.into_iter().collect();
    list.sort_by(|(_, one), (_, other)| other[0].total_cmp(&one[0]));
    let rows = list.into_iter().map(|(words, sums)| {
        let [cause, scope, stage, helped] = words;
        json!([
            cause,
            scope,
            stage,
            helped,
            number(sums[0], 2),
            number(sums[1], 2),
            number(sums[2], 0),
            number(sums[3], 0)
        ])
    });
    Ok(Value::Array(rows.collect()))
}

/// The cells of `cells` that were saturated longest, then busiest: means over replications in which they were used.
pub fn cells(directory: &Path) -> Result<Value, PageError> {
    let columns = ["cell", "replication", "stores_max", "busy_s", "saturated_s", "lte_mb"];
    let mut sums: BTreeMap<String, (BTreeSet<String>, [f64; 4])> = BTreeMap::new();
    rows(directory, "cells", &columns, &mut |cells| {
        let (replications, sum) = sums.entry(cells[0].to_string()).or_default();
        replications.insert(cells[1].to_string());
        for (sum, cell) in sum.iter_mut().zip(&cells[2..]) {
            *sum += parsed(cell).unwrap_or(0.0);
        }
        true
    })?;
    let mut list: Vec<_> = sums
        .into_iter()
        .map(|(name, (replications, sums))| (name, sums.map(|sum| sum / replications.len() as f64)))
        .collect();
    list.sort_by(|(_, one), (_, other)| other[2].total_cmp(&one[2]).then(other[1].total_cmp(&one[1])));
    let total = list.len();
    let rows = list.into_iter().take(CELLS).map(|(name, means)| {
        json!([name, number(means[0], 1), number(means[1], 1), number(means[2], 1), number(means[3], 2)])
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({ "total": total, "rows": rows }))
}
