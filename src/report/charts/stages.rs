//! How long each stage of a failover takes: median and 95th percentile.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ChartError;
use super::axis::Axis;
use super::theme::{Area, BLUE, Frame, INK, Key, SKY, anchored};
use super::{draw_grid, mesh};
use crate::measure::survival::{Spell, Step, event_quantile, incidence};
use crate::report::stages::{Stage, latencies, spells};
use crate::report::summary::{duration_text, grouped};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

const QUANTILES: [(f64, RGBColor); 2] = [(0.5, BLUE), (0.95, SKY)];
/// Height of a bar as a share of its stage's row.
const BAR_HEIGHT: f64 = 0.36;

struct Row {
    stage: Stage,
    /// Seconds at each of [`QUANTILES`].
    seconds: [f64; 2],
}

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let (rows, count) = rows(scenario, result);
    let frame = Frame {
        title: format!("Failover stages: {}", scenario.name),
        subtitle: format!(
            "{} failovers at stores with a wired primary, all replications",
            grouped(count as f64, 0)
        ),
        keys: vec![Key::new(BLUE, "median"), Key::new(SKY, "95th percentile")],
    };
    if rows.is_empty() {
        return frame.draw_empty(root, "no failovers in this run");
    }
    let plot = frame.draw(root)?;
    let all = || rows.iter().flat_map(|row| row.seconds);
    let (min, max) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    // A factor on both sides leaves the shortest bar a length and the longest one room for its label.
    let x = Axis::log_seconds(min * 0.7, max * 2.5, "Duration (logarithmic)");
    let y = stage_axis(&rows);
    let mut chart = ChartBuilder::on(&plot)
        .x_label_area_size(super::X_LABELS)
        .y_label_area_size(super::Y_LABELS + 60)
        .build_cartesian_2d(x.clone(), y.clone())?;
    draw_grid(&mut chart, &x, &y)?;
    for (position, row) in rows.iter().enumerate() {
        // The first stage on top.
        let middle = (rows.len() - position) as f64 - 0.5;
        for (bar, ((_, colour), seconds)) in QUANTILES.iter().zip(row.seconds).enumerate() {
            let upper = middle + BAR_HEIGHT * (1.0 - bar as f64);
            let end = libm::log10(seconds.max(1e-9)).max(x.range.start);
            let corners = [(x.range.start, upper - BAR_HEIGHT), (end, upper)];
            chart.draw_series([Rectangle::new(corners, colour.filled())])?;
            let label = anchored(INK, HPos::Left, VPos::Center);
            let place = EmptyElement::at((end, upper - 0.5 * BAR_HEIGHT));
            chart.draw_series([place + Text::new(duration_text(seconds), (14, 0), label)])?;
        }
    }
    mesh(&mut chart, &x, &y)
}

/// The stages that happened, and the number of failovers.
fn rows(scenario: &Scenario, result: &RunResult) -> (Vec<Row>, usize) {
    let mut count = 0;
    let rows = Stage::ALL
        .into_iter()
        .filter_map(|stage| {
            let mut nanos: Vec<u64> = result
                .replications
                .iter()
                .flat_map(|replication| latencies(scenario, replication, stage))
                .map(|(_, latency)| latency.as_nanos())
                .collect();
            nanos.sort_unstable();
            let steps = match stage {
                Stage::Failover => failovers(scenario, result),
                Stage::Detection | Stage::BringUp | Stage::Switch | Stage::Failback => Vec::new(),
            };
            if stage == Stage::Failover {
                count = nanos.len();
            }
            let quantile = |q: f64| {
                if !steps.is_empty() {
                    return event_quantile(&steps, q).map(|nanos| nanos as f64 / 1e9);
                }
                let rank = libm::ceil(q * nanos.len() as f64) as usize;
                nanos.get(rank.max(1) - 1).map(|&nanos| nanos as f64 / 1e9)
            };
            Some(Row { stage, seconds: [quantile(QUANTILES[0].0)?, quantile(QUANTILES[1].0)?] })
        })
        .collect();
    (rows, count)
}

/// The whole as the summary has it: those that were still open at the end are not left out.
fn failovers(scenario: &Scenario, result: &RunResult) -> Vec<Step> {
    let all = result.replications.iter().flat_map(|one| spells(scenario, one));
    let spells: Vec<Spell> = all.map(|(_, nanos, end)| Spell { nanos, end, weight: 1.0 }).collect();
    incidence(&spells)
}

fn stage_axis(rows: &[Row]) -> Axis {
    let labels = rows
        .iter()
        .enumerate()
        .map(|(position, row)| ((rows.len() - position) as f64 - 0.5, row.stage.title().to_owned()))
        .collect();
    Axis { range: 0.0..rows.len() as f64, labels, gridlines: Vec::new(), title: String::new() }
}
