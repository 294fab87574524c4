//! Where the money went: lost sales by cause and stage, coloured by what would have helped.

use std::collections::BTreeMap;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ChartError;
use super::axis::Axis;
use super::theme::{Area, BLUE, Frame, GREEN, GREY, INK, Key, ORANGE, anchored};
use super::{averaged, draw_grid, mesh};
use crate::measure::estimators::{Interval, mean_interval};
use crate::report::summary::{LEVEL, grouped};
use crate::report::tables::attribution::remedy_words;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{Helped, LossStage, ReplicationResult, RunResult};

/// Bars of a chart; the rest is added up in the last one.
const BARS: usize = 10;
const BAR_HEIGHT: f64 = 0.66;
/// Width of the bars' names, pixels.
const NAMES: u32 = 760;
const REMEDIES: [(Helped, RGBColor); 4] = [
    (Helped::Lte, BLUE),
    (Helped::Oobm, GREEN),
    (Helped::OfflineAuthorization, ORANGE),
    (Helped::Nothing, GREY),
];

/// Cause, stage and remedy.
type Key3<'a> = (&'a str, LossStage, Helped);

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let whiskers = if result.replications.len() > 1 { " and 95 % intervals" } else { "" };
    let frame = Frame {
        title: format!("Where the money went: {}", scenario.name),
        subtitle: format!("{}{whiskers}; colours: what would have helped", averaged(result)),
        keys: REMEDIES.iter().map(|&(helped, colour)| Key::new(colour, remedy_words(helped))).collect(),
    };
    let bars = bars(scenario, result);
    let most =
        bars.iter().map(|(_, _, loss)| loss.high.unwrap_or(0.0).max(loss.estimate)).fold(0.0, f64::max);
    if most <= 0.0 {
        return frame.draw_empty(root, "the network cost nothing in this run");
    }
    let plot = frame.draw(root)?;
    let rows = bars.len() as f64;
    // Room for the amount behind the longest bar.
    let x = Axis::from_zero(most * 1.16, &format!("Lost sales, {}", scenario.currency));
    let labels = bars.iter().enumerate().map(|(at, (name, _, _))| (rows - at as f64 - 0.5, name.clone()));
    let y = Axis { range: 0.0..rows, labels: labels.collect(), gridlines: Vec::new(), title: String::new() };
    let mut chart = ChartBuilder::on(&plot)
        .x_label_area_size(super::X_LABELS)
        .y_label_area_size(NAMES)
        .build_cartesian_2d(x.clone(), y.clone())?;
    draw_grid(&mut chart, &x, &y)?;
    for (at, (_, colour, loss)) in bars.iter().enumerate() {
        let middle = rows - at as f64 - 0.5;
        let half = BAR_HEIGHT / 2.0;
        let end = loss.estimate.max(0.0);
        chart.draw_series([Rectangle::new([(0.0, middle - half), (end, middle + half)], colour.filled())])?;
        let mut right = end;
        if let (Some(low), Some(high)) = (loss.low, loss.high) {
            let ends = [(low.max(0.0), middle), (high.max(0.0), middle)];
            chart.draw_series(LineSeries::new(ends, INK.stroke_width(3)))?;
            right = right.max(high);
        }
        let label = anchored(INK, HPos::Left, VPos::Center);
        let place = EmptyElement::at((right, middle));
        chart.draw_series([place + Text::new(grouped(rounded(loss.estimate), 0), (12, 0), label)])?;
    }
    mesh(&mut chart, &x, &y)
}

/// Three digits are more than a bar shows.
fn rounded(value: f64) -> f64 {
    let unit = if value.abs() >= 1e6 {
        1e4
    } else if value.abs() >= 1e4 {
        100.0
    } else {
        1.0
    };
    libm::round(value / unit) * unit
}

/// Name, colour and loss of each bar, the largest first.
fn bars(scenario: &Scenario, result: &RunResult) -> Vec<(String, RGBColor, Interval)> {
    let count = result.replications.len();
    let mut sums: BTreeMap<Key3<'_>, Vec<f64>> = BTreeMap::new();
    for (at, replication) in result.replications.iter().enumerate() {
        for (key, lost) in losses(scenario, replication) {
            sums.entry(key).or_insert_with(|| vec![0.0; count])[at] += lost;
        }
    }
    let total = |values: &[f64]| values.iter().sum::<f64>();
    let mut list: Vec<(Key3<'_>, Vec<f64>)> =
        sums.into_iter().filter(|(_, values)| total(values) != 0.0).collect();
    list.sort_by(|(_, one), (_, other)| total(other).total_cmp(&total(one)));
    let rest = list.split_off(list.len().min(BARS));
    let mut named: Vec<(String, RGBColor, Vec<f64>)> = list
        .into_iter()
        .map(|((cause, stage, helped), values)| {
            let colour =
                REMEDIES.iter().find(|(remedy, _)| *remedy == helped).map_or(GREY, |&(_, colour)| colour);
            let cause = if cause.is_empty() { "no incident" } else { cause };
            (named(cause, stage.name()), colour, values)
        })
        .collect();
    if !rest.is_empty() {
        let sum = (0..count).map(|at| rest.iter().map(|(_, values)| values[at]).sum()).collect();
        named.push((format!("{} others", rest.len()), GREY, sum));
    }
    let bars = named.into_iter();
    bars.filter_map(|(name, colour, values)| Some((name, colour, mean_interval(&values, LEVEL)?))).collect()
}

/// What one replication lost, in units of the currency.
fn losses<'a>(
    scenario: &'a Scenario,
    replication: &'a ReplicationResult,
) -> impl Iterator<Item = (Key3<'a>, f64)> {
    let mut rows = replication.incidents.iter().peekable();
    replication.losses.iter().map(move |loss| {
        // Both lists are in order of store and incident.
        while rows.next_if(|row| (row.store, row.number) < (loss.store, loss.incident)).is_some() {}
        let row = rows.peek().filter(|row| (row.store, row.number) == (loss.store, loss.incident));
        let cause = row.map_or("", |row| row.cause.name(scenario));
        ((cause, loss.stage, loss.helped), loss.part.lost_sales.as_units_f64())
    })
}

/// Cause and stage as words, short enough to stand beside a bar.
fn named(cause: &str, stage: &str) -> String {
    const MOST: usize = 34;
    let (cause, stage) = (cause.replace('_', " "), stage.replace('_', " "));
    let room = MOST.saturating_sub(stage.chars().count() + 2);
    let short: String = if cause.chars().count() <= room {
        cause
    } else {
        cause.chars().take(room - 1).chain(['…']).collect()
    };
    format!("{short}, {stage}")
}
