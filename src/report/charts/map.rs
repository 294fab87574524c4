//! The stores on a map of the United States, coloured by what the network cost them.

use plotters::prelude::*;

use super::ChartError;
use super::averaged;
use super::theme::{Area, Frame, GREY, Key};
use crate::report::map::{HEIGHT, StoreMap, WIDTH, outlines, store_map};
use crate::report::summary::grouped;
use crate::scenario::resolved::{Scenario, Store};
use crate::simulation::result::RunResult;

/// From little to much: viridis (van der Walt and Smith 2015), darker with more, so that it survives a black-and-white printer.
pub(super) const CLASSES: [RGBColor; 5] = [
    RGBColor(0xFD, 0xE7, 0x25),
    RGBColor(0x7A, 0xD1, 0x51),
    RGBColor(0x22, 0xA8, 0x84),
    RGBColor(0x2A, 0x78, 0x8E),
    RGBColor(0x44, 0x01, 0x54),
];
const LAND: RGBColor = RGBColor(0xF1, 0xF3, 0xF5);
const BORDER: RGBColor = RGBColor(0xC4, 0xCB, 0xD2);

/// Whether there is anything to put on a map.
pub fn has_places(scenario: &Scenario) -> bool {
    scenario.stores.iter().any(|store| place(store).is_some())
}

/// Latitude and longitude, degrees; `None` where the fleet file has none.
fn place(store: &Store) -> Option<(f64, f64)> {
    (store.lat.is_finite() && store.lon.is_finite()).then_some((store.lat, store.lon))
}

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let losses = losses(scenario, result);
    let most = losses.iter().fold(0.0_f64, |most, &loss| most.max(loss));
    let top = if most > 0.0 { libm::ceil(libm::log10(most)) } else { 0.0 };
    let limit = |class: usize| libm::exp10(top - (CLASSES.len() - 1 - class) as f64);
    let class =
        |loss: f64| (0..CLASSES.len()).find(|&class| loss <= limit(class)).unwrap_or(CLASSES.len() - 1);
    let counted = |class_wanted: usize| {
        losses.iter().filter(|&&loss| loss > 0.0 && class(loss) == class_wanted).count()
    };
    let mut keys = vec![Key::new(
        GREY,
        format!("none ({})", grouped(losses.iter().filter(|&&loss| loss <= 0.0).count() as f64, 0)),
    )];
    keys.extend((0..CLASSES.len()).filter(|&at| counted(at) > 0).map(|at| {
        Key::new(CLASSES[at], format!("to {} ({})", super::axis::short_count(limit(at)), counted(at)))
    }));
    let frame = Frame {
        title: format!("Sales lost to the network, by store: {}", scenario.name),
        subtitle: format!(
            "{} a store over all days, {}; number of stores in brackets",
            scenario.currency,
            averaged(result)
        ),
        keys,
    };
    let places: Vec<_> = scenario.stores.iter().map(place).collect();
    let Some(map) = store_map(&places) else {
        return frame.draw_empty(root, "no store of this fleet has a place");
    };
    let plot = frame.draw(root)?;
    draw_map(&plot, &map, &losses, class)
}

fn draw_map<DB: DrawingBackend>(
    plot: &Area<DB>,
    map: &StoreMap,
    losses: &[f64],
    class: impl Fn(f64) -> usize,
) -> Result<(), ChartError> {
    let (width, height) = plot.dim_in_pixel();
    let scale = f64::min(f64::from(width) / WIDTH, f64::from(height) / HEIGHT);
    let left = (f64::from(width) - WIDTH * scale) / 2.0;
    let pixel = |(x, y): (f64, f64)| (libm::round(left + x * scale) as i32, libm::round(y * scale) as i32);
    if map.united_states {
        for ring in outlines().iter().flat_map(|state| &state.rings) {
            let mut points: Vec<(i32, i32)> = ring.iter().map(|&point| pixel(point)).collect();
            plot.draw(&Polygon::new(points.clone(), LAND.filled()))?;
            points.extend(points.first().copied());
            // plotters draws wider lines as polygons with mitres of any length: spikes where a coast turns back.
            plot.draw(&PathElement::new(points, BORDER.stroke_width(1)))?;
        }
    }
    // Those that lost most are drawn last, and so on top.
    let mut order: Vec<usize> = (0..map.points.len()).collect();
    order.sort_by(|&one, &other| losses[one].total_cmp(&losses[other]).then(one.cmp(&other)));
    for store in order {
        let Some(point) = map.points[store] else { continue };
        let loss = losses[store];
        if loss > 0.0 {
            let class = class(loss);
            let radius = 7 + 2 * class as i32;
            plot.draw(&Circle::new(pixel(point), radius, CLASSES[class].filled()))?;
            plot.draw(&Circle::new(pixel(point), radius, BLACK.mix(0.6)))?;
        } else {
            plot.draw(&Circle::new(pixel(point), 3, GREY.mix(0.55).filled()))?;
        }
    }
    Ok(())
}

/// By store, the mean over replications, in units of the currency.
fn losses(scenario: &Scenario, result: &RunResult) -> Vec<f64> {
    let mut losses = vec![0.0; scenario.stores.len()];
    for row in result.replications.iter().flat_map(|replication| &replication.stores) {
        losses[row.store.0 as usize] += row.lost_sales_network.as_units_f64();
    }
    losses.iter_mut().for_each(|loss| *loss /= result.replications.len().max(1) as f64);
    losses
}
