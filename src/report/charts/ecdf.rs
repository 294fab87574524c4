//! How soon faults are failed over, one curve per failover profile: the cumulative incidence, so that a fault that is over before traffic
//! moved does not count as one that is failed over some day, and one that was open at the end counts as long as it was seen.

use std::collections::BTreeMap;

use plotters::prelude::*;

use super::ChartError;
use super::axis::Axis;
use super::theme::{Area, CATEGORIES, Frame, GREY, Key, LINE_WIDTH};
use super::{draw_grid, mesh};
use crate::measure::survival::{End, Spell, incidence};
use crate::report::stages::spells;
use crate::report::summary::grouped;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

const NANOS_PER_SECOND: f64 = 1e9;
/// A curve has at most this many steps, so that a file stays small whatever the number of failovers.
const STEPS_MAX: usize = 500;

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let curves = curves(scenario, result);
    let count = |is_counted: fn(&&Spell) -> bool| {
        let all = curves.iter().flat_map(|curve| &curve.spells);
        grouped(all.filter(is_counted).count() as f64, 0)
    };
    let open = match count(|spell| spell.end == End::Censored).as_str() {
        "0" => "none was".to_owned(),
        open => format!("{open} of {} were", count(|_| true)),
    };
    let frame = Frame {
        title: format!("Failover latency: {}", scenario.name),
        subtitle: format!("Share of faults that traffic moved for, by profile; {open} still open at the end"),
        keys: curves
            .iter()
            .map(|curve| {
                Key::new(
                    curve.colour,
                    format!("{} (n = {})", curve.name, grouped(curve.spells.len() as f64, 0)),
                )
            })
            .collect(),
    };
    let all = || curves.iter().flat_map(|curve| curve.moved());
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
    spells: Vec<Spell>,
}

/// Curves of the profiles with most failovers, and one of all others.
fn curves<'a>(scenario: &'a Scenario, result: &RunResult) -> Vec<Curve<'a>> {
    let design = result.design(scenario);
    let mut by_profile: BTreeMap<&str, Vec<Spell>> = BTreeMap::new();
    for (position, replication) in result.replications.iter().enumerate() {
        let weight = design.weight(position);
        for (incident, nanos, end) in spells(scenario, replication) {
            let store = &scenario.stores[incident.store.0 as usize];
            let profile = &scenario.profiles[store.profile.0 as usize].name;
            by_profile.entry(profile).or_default().push(Spell { nanos, end, weight });
        }
    }
    let moved = |spells: &[Spell]| spells.iter().filter(|spell| spell.end == End::Event).count();
    let mut profiles: Vec<(&str, Vec<Spell>)> = by_profile.into_iter().collect();
    profiles.retain(|(_, spells)| moved(spells) > 0);
    // Stable: among equals the order of names stays.
    profiles.sort_by_key(|(_, spells)| std::cmp::Reverse(moved(spells)));
    let others: Vec<Spell> =
        profiles.iter().skip(CATEGORIES.len()).flat_map(|(_, spells)| spells.iter().copied()).collect();
    profiles.truncate(CATEGORIES.len());
    profiles.sort_by_key(|&(name, _)| name);
    let mut curves: Vec<Curve<'_>> = profiles
        .into_iter()
        .zip(CATEGORIES)
        .map(|((name, spells), colour)| Curve { name, colour, spells })
        .collect();
    if !others.is_empty() {
        curves.push(Curve { name: "other profiles", colour: GREY, spells: others });
    }
    curves
}

impl Curve<'_> {
    fn moved(&self) -> impl Iterator<Item = f64> {
        let moved = self.spells.iter().filter(|spell| spell.end == End::Event);
        moved.map(|spell| spell.nanos as f64 / NANOS_PER_SECOND)
    }

    /// The cumulative incidence of failover in percent, as steps over log10 seconds: to the right edge, or to the longest that was
    /// seen if that was still open.
    fn steps(&self, x: &Axis) -> Vec<(f64, f64)> {
        /// What is left where all have ended is rounding.
        const ROUNDING: f64 = 1e-9;
        let place = |nanos: u64| {
            libm::log10((nanos as f64 / NANOS_PER_SECOND).max(1e-9)).clamp(x.range.start, x.range.end)
        };
        let mut level = 0.0;
        let all = incidence(&self.spells);
        let rises: Vec<_> =
            all.iter().filter(|step| step.event > std::mem::replace(&mut level, step.event)).collect();
        let stride = rises.len().div_ceil(STEPS_MAX).max(1);
        let (mut points, mut level) = (vec![(x.range.start, 0.0)], 0.0);
        for (index, step) in rises.iter().enumerate() {
            if (index + 1) % stride == 0 || index + 1 == rises.len() {
                points.push((place(step.nanos), level));
                level = 100.0 * step.event;
                points.push((place(step.nanos), level));
            }
        }
        let longest = self.spells.iter().map(|spell| spell.nanos).max().unwrap_or(0);
        let is_all = all.last().is_some_and(|last| last.neither < ROUNDING);
        points.push((if is_all { x.range.end } else { place(longest) }, level));
        points
    }
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
