//! Demand put in, customers who came, payments authorized: per hour, over time.

use plotters::prelude::*;

use super::ChartError;
use super::axis::{Axis, hours_since, time_axis};
use super::fleet::FleetTimeline;
use super::theme::{Area, BLUE, Frame, GREY, INK, Key, LINE_WIDTH, SHADE, VERMILLION};
use super::{averaged_with_band, draw_band, draw_grid, mesh};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let mut frame = Frame {
        title: format!("Demand and payments: {}", scenario.name),
        subtitle: format!("All stores, {}", averaged_with_band(result)),
        keys: vec![
            Key::new(SHADE, "customers expected"),
            Key::new(BLUE, "customers"),
            Key::new(VERMILLION, "payments authorized"),
        ],
    };
    let Some(fleet) = FleetTimeline::new(result) else {
        return frame.draw_empty(root, "no timeline in this run");
    };
    let per_hour = |values: Vec<f64>| -> Vec<f64> {
        values.into_iter().map(|value| value / fleet.interval_hours()).collect()
    };
    let demand = per_hour(fleet.mean(|cell| cell.demand_milli)).into_iter().map(|milli| milli / 1_000.0);
    let demand: Vec<f64> = demand.collect();
    let customers = per_hour(fleet.mean(|cell| cell.customers));
    let authorized = per_hour(fleet.mean(|cell| cell.authorized));
    let band = fleet.band(|cell| cell.authorized, 1.0 / fleet.interval_hours());
    let highest =
        demand.iter().chain(&customers).chain(&authorized).fold(0.0_f64, |max, &value| max.max(value));
    let highest = band.iter().fold(highest, |most, band| most.max(band.highest()));

    let surges = surge_starts(scenario, &fleet);
    if !surges.is_empty() {
        frame.keys.push(Key::new(INK, "surge begins"));
    }
    let plot = frame.draw(root)?;
    let x = time_axis(scenario, fleet.start, fleet.span())?;
    let y = Axis::from_zero(highest, "Customers and payments per hour");
    let mut chart = ChartBuilder::on(&plot)
        .x_label_area_size(super::X_LABELS)
        .y_label_area_size(super::Y_LABELS)
        .build_cartesian_2d(x.clone(), y.clone())?;
    chart.draw_series(AreaSeries::new(fleet.steps(&demand), 0.0, SHADE.filled()))?;
    draw_grid(&mut chart, &x, &y)?;
    mesh(&mut chart, &x, &y)?;
    draw_band(&mut chart, band.as_ref(), fleet.interval_hours(), VERMILLION)?;
    chart.draw_series(LineSeries::new(fleet.steps(&customers), BLUE.stroke_width(LINE_WIDTH)))?;
    chart.draw_series(LineSeries::new(fleet.steps(&authorized), VERMILLION.stroke_width(LINE_WIDTH)))?;
    let top = y.range.end;
    for at in surges {
        chart.draw_series(LineSeries::new([(at, 0.0), (at, top)], GREY.mix(0.6).stroke_width(2)))?;
        chart.draw_series([TriangleMarker::new((at, top), -14, INK.filled())])?;
    }
    Ok(())
}

/// When surges begin anywhere in the fleet, hours from the start, each instant once.
fn surge_starts(scenario: &Scenario, fleet: &FleetTimeline<'_>) -> Vec<f64> {
    let starts: std::collections::BTreeSet<_> =
        scenario.stores.iter().flat_map(|store| store.surges.iter().map(|surge| surge.start)).collect();
    let end = fleet.start + fleet.span();
    let inside = starts.into_iter().filter(|&start| start >= fleet.start && start < end);
    inside.map(|start| hours_since(fleet.start, start)).collect()
}
