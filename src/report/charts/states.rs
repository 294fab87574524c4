//! How many stores are not on their wired primary, and why, over time.
//!
//! Two panels, because the numbers differ by orders of magnitude: stores on LTE above, stores without service
//! below. The rest of the fleet is on its primary.

use plotters::prelude::*;

use super::ChartError;
use super::axis::{Axis, time_axis};
use super::fleet::{Band, FleetTimeline};
use super::theme::{Area, Frame, INK, Key, ORANGE, SKY};
use super::{Panel, averaged_with_band, draw_band, mesh, two_panels};
use crate::report::summary::count_text;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

/// A layer of a stack: colour and steps of its upper edge.
type Layer = (RGBColor, Vec<(f64, f64)>);

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let frame = Frame {
        title: format!("Stores by state: {}", scenario.name),
        subtitle: format!(
            "Of {}, {}; the rest are on a wired primary that works",
            count_text(scenario.stores.len(), "store"),
            averaged_with_band(result)
        ),
        keys: vec![
            Key::new(SKY, "on LTE"),
            Key::new(ORANGE, "service gap (an uplink would work)"),
            Key::new(INK, "dark (no uplink works)"),
        ],
    };
    let Some(fleet) = FleetTimeline::new(result) else {
        return frame.draw_empty(root, "no timeline in this run");
    };
    let lte = fleet.stores(|cell| cell.lte_ns);
    let dark = fleet.stores(|cell| cell.dark_ns);
    let unserved = fleet.stores(|cell| cell.dark_ns + cell.gap_ns);
    let on_lte = fleet.band_of_stores(|cell| cell.lte_ns);
    let without = fleet.band_of_stores(|cell| cell.dark_ns + cell.gap_ns);
    let x = time_axis(scenario, fleet.start, fleet.span())?;
    let (upper, lower) = two_panels(&frame.draw(root)?, x);
    stack(&upper, "On LTE, stores", &[(SKY, &lte)], on_lte.as_ref(), &fleet)?;
    let layers = [(ORANGE, unserved.as_slice()), (INK, dark.as_slice())];
    stack(&lower, "No service, stores", &layers, without.as_ref(), &fleet)
}

/// Layers of a stack, the highest first, and where most replications have its upper edge.
fn stack<DB: DrawingBackend>(
    panel: &Panel<DB>,
    title: &str,
    layers: &[(RGBColor, &[f64])],
    band: Option<&Band>,
    fleet: &FleetTimeline<'_>,
) -> Result<(), ChartError> {
    let highest =
        layers.iter().flat_map(|(_, values)| values.iter()).fold(0.0_f64, |max, &value| max.max(value));
    let highest = band.map_or(highest, |band| highest.max(band.highest()));
    let y = Axis::from_zero(if highest > 0.0 { highest } else { 1.0 }, title);
    let mut chart = panel.chart(&y)?;
    let layers: Vec<Layer> = layers.iter().map(|&(colour, values)| (colour, fleet.steps(values))).collect();
    for (colour, steps) in layers {
        chart
            .draw_series(AreaSeries::new(steps, 0.0, colour.filled()).border_style(colour.stroke_width(2)))?;
    }
    draw_band(&mut chart, band, fleet.interval_hours(), INK)?;
    mesh(&mut chart, &panel.x, &y)
}
