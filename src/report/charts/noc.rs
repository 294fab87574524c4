//! The operations centre: tickets that wait, and people at work.

use plotters::prelude::*;

use super::ChartError;
use super::axis::{Axis, time_axis};
use super::fleet::Band;
use super::theme::{Area, BLUE, Frame, GREEN, Key, LINE_WIDTH, SHADE, VERMILLION};
use super::{Panel, averaged_with_band, draw_band, mesh, two_panels};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{HourRow, ReplicationResult, RunResult};
use crate::units::Span;

const HOUR: Span = Span::from_secs(3_600);

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let frame = Frame {
        title: format!("Operations centre: {}", scenario.name),
        subtitle: format!("By hour, {}; waiting: the most at once in the hour", averaged_with_band(result)),
        keys: vec![
            Key::new(VERMILLION, "tickets waiting"),
            Key::new(SHADE, "engineers on duty"),
            Key::new(BLUE, "busy"),
            Key::new(GREEN, "technicians out"),
        ],
    };
    let hours = result.replications.iter().map(|replication| replication.noc_hours.len()).max().unwrap_or(0);
    if hours == 0 {
        return frame.draw_empty(root, "this run has no operations centre");
    }
    let mean = |of: fn(&HourRow) -> f64| -> Vec<f64> {
        let rows = |hour: usize| result.replications.iter().filter_map(move |one| one.noc_hours.get(hour));
        (0..hours).map(|hour| rows(hour).map(of).sum::<f64>() / result.replications.len() as f64).collect()
    };
    let waiting = mean(|row| f64::from(row.waiting_max));
    let by_replication = |one: &ReplicationResult| {
        (0..hours).map(|hour| one.noc_hours.get(hour).map_or(0.0, |row| f64::from(row.waiting_max))).collect()
    };
    let band = Band::of(&result.replications.iter().map(by_replication).collect::<Vec<_>>());
    let duty = mean(|row| people(row.on_duty));
    let busy = mean(|row| people(row.busy));
    let out = mean(|row| people(row.out));
    let x = time_axis(scenario, scenario.window.start, HOUR.times(hours as u64))?;
    let (upper, lower) = two_panels(&frame.draw(root)?, x);
    let lines = [(VERMILLION, waiting.as_slice())];
    panel(&upper, "Tickets", None, band.as_ref(), &lines)?;
    let lines = [(BLUE, busy.as_slice()), (GREEN, out.as_slice())];
    panel(&lower, "People", Some(&duty), None, &lines)
}

/// Mean number of people over an hour.
fn people(span: Span) -> f64 {
    span.as_secs_f64() / 3_600.0
}

/// Lines over an area.
fn panel<DB: DrawingBackend>(
    panel: &Panel<DB>,
    title: &str,
    behind: Option<&[f64]>,
    band: Option<&Band>,
    lines: &[(RGBColor, &[f64])],
) -> Result<(), ChartError> {
    let values = lines.iter().flat_map(|(_, values)| values.iter()).chain(behind.into_iter().flatten());
    let most = values.fold(0.0_f64, |most, &value| most.max(value));
    let most = band.map_or(most, |band| most.max(band.highest()));
    let y = Axis::from_zero(most.max(1.0), title);
    let mut chart = panel.chart(&y)?;
    if let Some(values) = behind {
        chart.draw_series(AreaSeries::new(steps(values), 0.0, SHADE.filled()))?;
    }
    draw_band(&mut chart, band, 1.0, VERMILLION)?;
    for (colour, values) in lines {
        chart.draw_series(LineSeries::new(steps(values), colour.stroke_width(LINE_WIDTH)))?;
    }
    mesh(&mut chart, &panel.x, &y)
}

/// Two points for each hour.
fn steps(values: &[f64]) -> Vec<(f64, f64)> {
    let hours = values.iter().enumerate();
    hours.flat_map(|(hour, &value)| [(hour as f64, value), (hour as f64 + 1.0, value)]).collect()
}
