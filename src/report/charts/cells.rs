//! Load of LTE cells over time, as a heat map: a row for each cell, darker with more.

use std::collections::BTreeMap;

use plotters::prelude::*;

use super::ChartError;
use super::axis::{Axis, time_axis};
use super::map::CLASSES;
use super::theme::{Area, Frame, INK, Key, VERMILLION, shortened, text};
use super::{X_LABELS, averaged, mesh};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{CellInterval, RunResult};

/// Most cells shown.
const ROWS_MAX: usize = 16;
/// Most steps of time shown; of more intervals, each step shows the busiest.
const STEPS_MAX: usize = 384;
/// Width of the cells' names, pixels.
const NAMES: u32 = 420;
/// Share of a row's height that says that stores had too little.
const MARK: f64 = 0.25;

/// One cell, means over the replications in which a store used it.
struct Row {
    name: String,
    /// Airtime of stores, in the direction in which it is more, over all intervals.
    stores: f64,
    /// Load of each interval, and whether stores wanted more than was left in any replication.
    steps: Vec<(f64, bool)>,
}

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let all = rows(scenario, result);
    let (found, shown) = (all.len(), all.len().min(ROWS_MAX));
    let rows = &all[..shown];
    let step = CLASSES.len() as u32;
    let mut keys: Vec<Key> = (1..=step)
        .zip(CLASSES)
        .map(|(class, colour)| Key::new(colour, format!("to {} %", 100 * class / step)))
        .collect();
    keys.push(Key::new(VERMILLION, "stores wanted more"));
    let which = if found > shown {
        format!("the {shown} of {found} cells used most")
    } else {
        "all cells that stores used".to_owned()
    };
    let frame = Frame {
        title: format!("Load of LTE cells: {}", scenario.name),
        subtitle: format!("Airtime in the busier direction; {which}; {}", averaged(result)),
        keys,
    };
    let Some(first) = rows.first() else {
        return frame.draw_empty(root, "no store used LTE in this run");
    };
    let plot = frame.draw(root)?;
    let x = time_axis(scenario, scenario.window.start, scenario.window.end.since(scenario.window.start))?;
    let mut labels = Vec::with_capacity(shown);
    for (number, row) in rows.iter().enumerate() {
        let name = shortened(&plot, telling(&row.name), &text(INK), NAMES as i32 - 30)?;
        labels.push(((shown - number) as f64 - 0.5, name));
    }
    let y = Axis { range: 0.0..shown as f64, labels, gridlines: Vec::new(), title: String::new() };
    let mut chart = ChartBuilder::on(&plot)
        .x_label_area_size(X_LABELS)
        .y_label_area_size(NAMES)
        .build_cartesian_2d(x.clone(), y.clone())?;
    let width_h = scenario.interval.as_secs_f64() / 3_600.0;
    let together = first.steps.len().div_ceil(STEPS_MAX).max(1);
    for (number, row) in rows.iter().enumerate() {
        let bottom = (shown - 1 - number) as f64;
        let steps: Vec<(usize, bool)> = row.steps.chunks(together).map(busiest).collect();
        for (from, until, (class, short)) in runs(&steps) {
            let at = |step: usize| ((step * together) as f64 * width_h).min(x.range.end);
            let boxed = |low: f64, high: f64| [(at(from), bottom + low), (at(until), bottom + high)];
            chart.draw_series([Rectangle::new(boxed(0.04, 0.96), CLASSES[class].filled())])?;
            if short {
                chart.draw_series([Rectangle::new(boxed(0.04, 0.04 + MARK), VERMILLION.filled())])?;
            }
        }
    }
    mesh(&mut chart, &x, &y)
}

/// A cell's name without what all names of its kind end with: the unused digits of an H3 index.
fn telling(name: &str) -> &str {
    const DIGITS: usize = 15;
    let is_index = |site: &str| site.len() == DIGITS && site.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_of_grid = name.rsplit_once('/').is_some_and(|(_, site)| is_index(site));
    if is_of_grid { name.trim_end_matches('f') } else { name }
}

/// Class of the busiest of some intervals, and whether stores wanted more in any of them.
fn busiest(intervals: &[(f64, bool)]) -> (usize, bool) {
    let load = intervals.iter().fold(0.0_f64, |most, &(load, _)| most.max(load));
    let class = (0..CLASSES.len()).find(|&class| load * CLASSES.len() as f64 <= (class + 1) as f64);
    (class.unwrap_or(CLASSES.len() - 1), intervals.iter().any(|&(_, short)| short))
}

/// Neighbours that look alike: from, until, look.
fn runs(steps: &[(usize, bool)]) -> Vec<(usize, usize, (usize, bool))> {
    let mut runs: Vec<(usize, usize, (usize, bool))> = Vec::new();
    for (number, &look) in steps.iter().enumerate() {
        match runs.last_mut() {
            Some((_, until, last)) if *last == look => *until = number + 1,
            Some(_) | None => runs.push((number, number + 1, look)),
        }
    }
    runs
}

/// The cells that stores used, those first whose airtime stores used most.
fn rows(scenario: &Scenario, result: &RunResult) -> Vec<Row> {
    let mut by_cell: BTreeMap<u32, Vec<&[CellInterval]>> = BTreeMap::new();
    for row in result.replications.iter().flat_map(|one| &one.cells) {
        if !row.intervals.is_empty() {
            by_cell.entry(row.cell.0).or_default().push(&row.intervals);
        }
    }
    let row = |(cell, runs): (u32, Vec<&[CellInterval]>)| {
        let share = |of: fn(&CellInterval) -> u64, one: &CellInterval| {
            of(one) as f64 / one.length.as_nanos().max(1) as f64
        };
        let down = |one: &CellInterval| share(|it| (it.phones_down + it.stores_down).as_nanos(), one);
        let up = |one: &CellInterval| share(|it| (it.phones_up + it.stores_up).as_nanos(), one);
        let count = runs.len() as f64;
        let intervals = runs.iter().map(|intervals| intervals.len()).min().unwrap_or(0);
        let steps = (0..intervals).map(|number| {
            let here = || runs.iter().map(move |intervals| &intervals[number]);
            let load = here().map(|one| f64::max(down(one), up(one))).sum::<f64>() / count;
            (load, here().any(|one| !one.saturated.is_zero()))
        });
        let airtime = runs.iter().flat_map(|intervals| intervals.iter());
        let stores = airtime.map(|one| one.stores_down.max(one.stores_up).as_secs_f64()).sum::<f64>() / count;
        Row { name: scenario.cells[cell as usize].name.clone(), stores, steps: steps.collect() }
    };
    let mut rows: Vec<Row> = by_cell.into_iter().map(row).collect();
    rows.sort_by(|one, other| other.stores.total_cmp(&one.stores).then_with(|| one.name.cmp(&other.name)));
    rows
}
