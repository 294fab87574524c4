//! How much of what finite services can do was asked of them, over time.

use plotters::prelude::*;

use super::ChartError;
use super::axis::{Axis, time_axis};
use super::fleet::Band;
use super::theme::{Area, CATEGORIES, Frame, INK, Key, LINE_WIDTH};
use super::{averaged_with_band, draw_band, draw_grid, mesh};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{ReplicationResult, RunResult};

/// Of 10^9.
const WHOLE: f64 = 1e9;

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let services = result.replications.first().map_or(&[][..], |replication| &replication.services);
    let names = services.iter().map(|row| scenario.services[row.service.0 as usize].name.as_str());
    let keys = names.zip(CATEGORIES).map(|(name, colour)| Key::new(colour, name));
    let frame = Frame {
        title: format!("Services, load against capacity: {}", scenario.name),
        subtitle: format!(
            "Largest load of each interval over what healthy servers can do, {}",
            averaged_with_band(result)
        ),
        keys: keys.collect(),
    };
    let intervals = services.first().map_or(0, |row| row.intervals.len());
    if intervals == 0 {
        return frame.draw_empty(root, "no service of this run is finite");
    }
    let count = result.replications.len() as f64;
    let of = |replication: &ReplicationResult, service: usize, interval: usize| {
        replication.services[service].intervals[interval].utilisation_max as f64 / WHOLE * 100.0
    };
    let load = |service: usize, interval: usize| -> f64 {
        result.replications.iter().map(|one| of(one, service, interval)).sum::<f64>() / count
    };
    let band = |service: usize| {
        let values = |one: &ReplicationResult| (0..intervals).map(|at| of(one, service, at)).collect();
        Band::of(&result.replications.iter().map(values).collect::<Vec<_>>())
    };
    let hours = scenario.interval.as_secs_f64() / 3_600.0;
    let shown = services.len().min(CATEGORIES.len());
    let lines: Vec<Vec<(f64, f64)>> = (0..shown)
        .map(|service| {
            let points = (0..intervals).flat_map(|at| {
                let value = load(service, at);
                [(at as f64 * hours, value), ((at + 1) as f64 * hours, value)]
            });
            points.collect()
        })
        .collect();
    let bands: Vec<Option<Band>> = (0..shown).map(band).collect();
    let most = lines.iter().flatten().fold(100.0_f64, |most, &(_, value)| most.max(value));
    let most = bands.iter().flatten().fold(most, |most, band| most.max(band.highest()));
    let x = time_axis(scenario, scenario.window.start, scenario.interval.times(intervals as u64))?;
    let y = Axis::from_zero(most, "Load, % of capacity");
    let plot = frame.draw(root)?;
    let mut chart = ChartBuilder::on(&plot)
        .x_label_area_size(super::X_LABELS)
        .y_label_area_size(super::Y_LABELS)
        .build_cartesian_2d(x.clone(), y.clone())?;
    draw_grid(&mut chart, &x, &y)?;
    // What servers can do.
    chart
        .draw_series(LineSeries::new([(x.range.start, 100.0), (x.range.end, 100.0)], INK.stroke_width(3)))?;
    for (band, colour) in bands.iter().zip(CATEGORIES) {
        draw_band(&mut chart, band.as_ref(), hours, colour)?;
    }
    for (line, colour) in lines.into_iter().zip(CATEGORIES) {
        chart.draw_series(LineSeries::new(line, colour.stroke_width(LINE_WIDTH)))?;
    }
    mesh(&mut chart, &x, &y)
}
