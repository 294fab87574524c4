//! The distribution of the failover latency, one curve per failover profile.

use std::collections::BTreeMap;

use plotters::prelude::*;

use super::ChartError;
use super::axis::Axis;
use super::theme::{Area, CATEGORIES, Frame, GREY, Key, LINE_WIDTH};
use super::{draw_grid, mesh};
use crate::report::stages::{Stage, latencies};
use crate::report::summary::grouped;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

/// A curve has at most this many steps, so that a file stays small whatever the number of failovers.
const STEPS_MAX: usize = 500;

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let curves = curves(scenario, result);
    let frame = Frame {
        title: format!("Failover latency: {}", scenario.name),
        subtitle: "Fault to traffic on the backup; wired primaries, by profile, all replications".to_owned(),
        keys: curves
            .iter()
            .map(|curve| {
                Key::new(
                    curve.colour,
                    format!("{} (n = {})", curve.name, grouped(curve.seconds.len() as f64, 0)),
                )
            })
            .collect(),
    };
    let all = || curves.iter().flat_map(|curve| curve.seconds.iter().copied());
    if curves.is_empty() {
        return frame.draw_empty(root, "no failovers in this run");
    }
    let (min, max) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    let plot = frame.draw(root)?;
    let x = Axis::log_seconds(min, max, "Failover latency (logarithmic)");
    let y = percent_axis();
    let mut chart = ChartBuilder::on(&plot)
        .x_label_area_size(super::X_LABELS)
        .y_label_area_size(super::Y_LABELS)
        .build_cartesian_2d(x.clone(), y.clone())?;
    draw_grid(&mut chart, &x, &y)?;
    mesh(&mut chart, &x, &y)?;
    for curve in &curves {
        let steps = curve.steps(&x);
        chart.draw_series(LineSeries::new(steps, curve.colour.stroke_width(LINE_WIDTH + 1)))?;
    }
    Ok(())
}

struct Curve<'a> {
    name: &'a str,
    colour: RGBColor,
    /// Sorted.
    seconds: Vec<f64>,
}

/// Curves of the profiles with most failovers, and one of all others.
fn curves<'a>(scenario: &'a Scenario, result: &RunResult) -> Vec<Curve<'a>> {
    let mut by_profile: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for replication in &result.replications {
        for (incident, latency) in latencies(scenario, replication, Stage::Failover) {
            let store = &scenario.stores[incident.store.0 as usize];
            let profile = &scenario.profiles[store.profile.0 as usize].name;
            by_profile.entry(profile).or_default().push(latency.as_secs_f64());
        }
    }
    let mut profiles: Vec<(&str, Vec<f64>)> = by_profile.into_iter().collect();
    // Stable: among equals the order of names stays.
    profiles.sort_by_key(|(_, seconds)| std::cmp::Reverse(seconds.len()));
    let others: Vec<f64> =
        profiles.iter().skip(CATEGORIES.len()).flat_map(|(_, seconds)| seconds.clone()).collect();
    profiles.truncate(CATEGORIES.len());
    profiles.sort_by_key(|&(name, _)| name);
    let mut curves: Vec<Curve<'_>> = profiles
        .into_iter()
        .zip(CATEGORIES)
        .map(|((name, seconds), colour)| Curve { name, colour, seconds })
        .collect();
    if !others.is_empty() {
        curves.push(Curve { name: "other profiles", colour: GREY, seconds: others });
    }
    for curve in &mut curves {
        curve.seconds.sort_by(f64::total_cmp);
    }
    curves
}

impl Curve<'_> {
    /// The empirical distribution function in percent, as steps over log10 seconds, from edge to edge.
    fn steps(&self, x: &Axis) -> Vec<(f64, f64)> {
        let count = self.seconds.len();
        let stride = count.div_ceil(STEPS_MAX);
        let mut points = vec![(x.range.start, 0.0)];
        let mut level = 0.0;
        for index in (0..count).filter(|index| (index + 1) % stride == 0 || index + 1 == count) {
            let at = libm::log10(self.seconds[index].max(1e-9)).max(x.range.start);
            points.push((at, level));
            level = 100.0 * (index + 1) as f64 / count as f64;
            points.push((at, level));
        }
        points.push((x.range.end, 100.0));
        points
    }
}

fn percent_axis() -> Axis {
    let gridlines: Vec<f64> = (0..=4).map(|quarter| f64::from(quarter) * 25.0).collect();
    Axis {
        range: 0.0..101.0,
        labels: gridlines.iter().map(|&at| (at, format!("{at:.0} %"))).collect(),
        gridlines,
        title: "Failovers completed".to_owned(),
    }
}
