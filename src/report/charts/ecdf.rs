//! How soon faults are failed over, one curve per failover profile with its band: [`crate::report::curves`].

use plotters::prelude::*;

use super::ChartError;
use super::axis::Axis;
use super::theme::{Area, CATEGORIES, Frame, GREY, Key, LINE_WIDTH};
use super::{BAND_OPACITY, draw_grid, mesh};
use crate::report::curves::{Curve, Point, curves};
use crate::report::summary::grouped;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let curves = curves(scenario, result, Some(CATEGORIES.len()));
    let coloured = || curves.iter().zip(CATEGORIES.into_iter().chain([GREY]));
    let total = |of: fn(&Curve) -> usize| curves.iter().map(of).sum::<usize>();
    let open = match total(|curve| curve.censored) {
        0 => "none open at the end".to_owned(),
        open => format!(
            "{} of {} open at the end",
            grouped(open as f64, 0),
            grouped(total(|curve| curve.faults) as f64, 0)
        ),
    };
    let has_band = curves.iter().flat_map(|curve| &curve.points).any(|point| limits(point).is_some());
    let band = if has_band { "; pale: 95 % intervals" } else { "" };
    let key = |(curve, colour): (&Curve, RGBColor)| {
        Key::new(colour, format!("{} (n = {})", curve.name, grouped(curve.faults as f64, 0)))
    };
    let frame = Frame {
        title: format!("Failover latency: {}", scenario.name),
        subtitle: format!("Share of faults that traffic moved for; {open}{band}"),
        keys: coloured().map(key).collect(),
    };
    let spans = || curves.iter().filter_map(Curve::span);
    if curves.is_empty() {
        return frame.draw_empty(root, "no failovers in this run");
    }
    let min = spans().map(|(shortest, _)| shortest).fold(f64::INFINITY, f64::min);
    let max = spans().map(|(_, longest)| longest).fold(0.0, f64::max);
    let plot = frame.draw(root)?;
    let x = Axis::log_seconds(min, max, "Failover latency (logarithmic)");
    let y = percent_axis();
    let mut chart = ChartBuilder::on(&plot)
        .x_label_area_size(super::X_LABELS)
        .y_label_area_size(super::Y_LABELS)
        .build_cartesian_2d(x.clone(), y.clone())?;
    draw_grid(&mut chart, &x, &y)?;
    mesh(&mut chart, &x, &y)?;
    // All bands below all lines.
    for (curve, colour) in coloured() {
        if let Some(outline) = outline(curve, &x) {
            chart.draw_series([Polygon::new(outline, colour.mix(BAND_OPACITY))])?;
        }
    }
    for (curve, colour) in coloured() {
        let line = steps(curve, &x, |point| point.moved.estimate);
        chart.draw_series(LineSeries::new(line, colour.stroke_width(LINE_WIDTH + 1)))?;
    }
    Ok(())
}

fn limits(point: &Point) -> Option<(f64, f64)> {
    point.moved.low.zip(point.moved.high)
}

/// Where the band lies, if the curve has one: along its upper edge, and back along its lower one.
fn outline(curve: &Curve, x: &Axis) -> Option<Vec<(f64, f64)>> {
    if curve.points.iter().any(|point| limits(point).is_none()) {
        return None;
    }
    let edge = |of: fn((f64, f64)) -> f64| steps(curve, x, |point| limits(point).map_or(0.0, of));
    let mut outline = edge(|(_, high)| high);
    outline.extend(edge(|(low, _)| low).into_iter().rev());
    Some(outline)
}

/// A share in percent, as steps over log10 seconds: to the right edge, or to the longest that was seen if that was still open.
fn steps(curve: &Curve, x: &Axis, share: impl Fn(&Point) -> f64) -> Vec<(f64, f64)> {
    let place = |seconds: f64| libm::log10(seconds.max(1e-9)).clamp(x.range.start, x.range.end);
    let (mut points, mut level) = (vec![(x.range.start, 0.0)], 0.0);
    for point in &curve.points {
        points.push((place(point.seconds), level));
        level = 100.0 * share(point);
        points.push((place(point.seconds), level));
    }
    if curve.is_decided() {
        points.push((x.range.end, level));
    }
    points
}

fn percent_axis() -> Axis {
    let gridlines: Vec<f64> = (0..=4).map(|quarter| f64::from(quarter) * 25.0).collect();
    Axis {
        range: 0.0..101.0,
        labels: gridlines.iter().map(|&at| (at, format!("{at:.0} %"))).collect(),
        gridlines,
        title: "Faults failed over".to_owned(),
    }
}
