//! A failover in its stages, as a waterfall: each begins where the one before it ended, at the median of each and at the 95th
//! percentile of each, with the whole below them and the way back apart. Estimates and intervals are the summary's.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ChartError;
use super::axis::Axis;
use super::theme::{Area, BLUE, Frame, GREEN, INK, Key, ORANGE, anchored};
use super::{X_LABELS, Y_LABELS, draw_grid, mesh};
use crate::measure::estimators::Interval;
use crate::report::stages::{Stage, latencies};
use crate::report::summary::{Group, duration_text, failover_metrics, grouped};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

/// Names of the quantiles in metrics' names and on the axes.
const QUANTILES: [(&str, &str); 2] = [("p50", "Median"), ("p95", "95th percentile")];
/// Height of a bar as a share of its row.
const BAR_HEIGHT: f64 = 0.62;
/// Length of what ends a whisker, the same share.
const CAP: f64 = 0.3;
/// Room to the right of the longest, for its value, as a share of it.
const ROOM: f64 = 0.36;
/// The same where an interval's end is told as well.
const ROOM_OF_CUT: f64 = 0.9;
/// Intervals are drawn up to so many times the longest bar: a wider one would leave nothing of the bars to be seen.
const BEYOND: f64 = 2.0;
/// Length of an arrow's head, as a share of the axis.
const HEAD: f64 = 0.015;
/// Half of what is between the two panels, pixels.
const GAP: i32 = 12;
/// Width of a whisker's line, pixels.
const WHISKER: u32 = 4;
/// Share of the width that the way to the backup takes; the way back has the rest.
const WAY_OUT: f64 = 0.6;

/// One bar.
struct Bar {
    stage: Stage,
    /// Seconds at which it begins.
    from: f64,
    /// Seconds that it takes.
    takes: Interval,
}

impl Bar {
    fn end(&self) -> f64 {
        self.from + self.takes.estimate
    }

    /// From where to where its interval goes, if it has one with a width.
    fn whisker(&self) -> Option<(f64, f64)> {
        let (low, high) = self.takes.low.zip(self.takes.high)?;
        (low < high).then_some((self.from + low, self.from + high))
    }

    /// The right end of all that is drawn of it, if nothing is drawn beyond `limit`.
    fn edge(&self, limit: f64) -> f64 {
        self.whisker().map_or(self.end(), |(_, high)| high.min(limit).max(self.end()))
    }

    /// How long it takes; and up to how long it may, where that is not to be seen.
    fn words(&self, limit: f64) -> String {
        let takes = duration_text(self.takes.estimate);
        match self.takes.high.filter(|high| self.from + high > limit) {
            Some(high) => format!("{takes} (to {})", duration_text(high)),
            None => takes,
        }
    }
}

pub fn draw<DB: DrawingBackend>(
    root: &Area<DB>,
    scenario: &Scenario,
    result: &RunResult,
) -> Result<(), ChartError> {
    let summary = failover_metrics(scenario, result);
    let made = |one| latencies(scenario, one, Stage::Failover).count();
    let count: usize = result.replications.iter().map(made).sum();
    let [medians, tails] = QUANTILES.map(|(quantile, _)| bars(&summary, quantile));
    let mut keys = vec![Key::new(BLUE, "stage"), Key::new(ORANGE, "failover, the whole")];
    keys.push(Key::new(GREEN, "failback"));
    if medians.iter().chain(&tails).any(|bar| bar.whisker().is_some()) {
        keys.push(Key::new(INK, "95 % interval over replications"));
    }
    let frame = Frame {
        title: format!("Failover stages: {}", scenario.name),
        subtitle: format!(
            "{} failovers, wired primaries; medians of stages do not add up to the whole's",
            grouped(count as f64, 0)
        ),
        keys,
    };
    if medians.is_empty() {
        return frame.draw_empty(root, "no failovers in this run");
    }
    let plot = frame.draw(root)?;
    let (width, height) = plot.dim_in_pixel();
    let (upper, lower) = plot.split_vertically(height as i32 / 2);
    let panels = [(upper.margin(0, GAP, 0, 0), medians), (lower.margin(GAP, 0, 0, 0), tails)];
    for ((area, bars), (_, name)) in panels.into_iter().zip(QUANTILES) {
        let (out, back) = area.split_horizontally((f64::from(width) * WAY_OUT) as i32);
        let (way_back, way_out): (Vec<Bar>, Vec<Bar>) =
            bars.into_iter().partition(|bar| bar.stage == Stage::Failback);
        draw_bars(&out, &way_out, name)?;
        draw_bars(&back, &way_back, name)?;
    }
    Ok(())
}

/// The stages that happened at that quantile of each, in order, each from where the one before it ended; the whole and the way back
/// from zero.
fn bars(summary: &Group, quantile: &str) -> Vec<Bar> {
    let mut at = 0.0;
    let bar = |stage: Stage| {
        let name = format!("{}_latency_{quantile}", stage.name());
        let takes = summary.metrics.iter().find(|metric| metric.name == name)?.value?;
        let from = match stage {
            Stage::Detection | Stage::BringUp | Stage::Switch => at,
            Stage::Failover | Stage::Failback => 0.0,
        };
        let bar = Bar { stage, from, takes };
        at = bar.end();
        Some(bar)
    };
    Stage::ALL.into_iter().filter_map(bar).collect()
}

fn draw_bars<DB: DrawingBackend>(area: &Area<DB>, bars: &[Bar], quantile: &str) -> Result<(), ChartError> {
    if bars.is_empty() {
        return Ok(());
    }
    let limit = BEYOND * bars.iter().map(Bar::end).fold(1e-3, f64::max);
    let longest = bars.iter().map(|bar| bar.edge(limit)).fold(1e-3, f64::max);
    let is_cut = |bar: &Bar| bar.whisker().is_some_and(|(_, high)| high > limit);
    let room = if bars.iter().any(is_cut) { ROOM_OF_CUT } else { ROOM };
    let (unit, name) = unit(longest);
    let x = Axis::linear(0.0, longest / unit * (1.0 + room), &format!("{quantile}, {name}"));
    let rows = bars.len() as f64;
    let title = |(at, bar): (usize, &Bar)| (rows - at as f64 - 0.5, bar.stage.title().to_owned());
    let y = Axis {
        range: 0.0..rows,
        labels: bars.iter().enumerate().map(title).collect(),
        gridlines: Vec::new(),
        title: String::new(),
    };
    let mut chart = ChartBuilder::on(area)
        .x_label_area_size(X_LABELS)
        .y_label_area_size(Y_LABELS + 40)
        .build_cartesian_2d(x.clone(), y.clone())?;
    draw_grid(&mut chart, &x, &y)?;
    for (position, bar) in bars.iter().enumerate() {
        // The first stage on top.
        let middle = rows - position as f64 - 0.5;
        let colour = match bar.stage {
            Stage::Detection | Stage::BringUp | Stage::Switch => BLUE,
            Stage::Failover => ORANGE,
            Stage::Failback => GREEN,
        };
        let (low, high) = (middle - BAR_HEIGHT / 2.0, middle + BAR_HEIGHT / 2.0);
        // What begins where this one ends stands below it.
        let is_followed = bars.get(position + 1).is_some_and(|next| next.from > 0.0);
        if is_followed {
            let step = [(bar.end() / unit, low), (bar.end() / unit, middle - 1.0)];
            chart.draw_series(LineSeries::new(step, INK.stroke_width(2)))?;
        }
        let corners = [(bar.from / unit, low), (bar.end() / unit, high)];
        chart.draw_series([Rectangle::new(corners, colour.filled())])?;
        if let Some((from, to)) = bar.whisker() {
            let (from, to) = (from / unit, to.min(limit) / unit);
            let (half, back) = (CAP / 2.0, HEAD * x.range.end);
            let upright = vec![(from, middle - half), (from, middle + half)];
            // An end like the other, or the head of an arrow where it goes on.
            let end = if is_cut(bar) {
                vec![(to - back, middle - half), (to, middle), (to - back, middle + half)]
            } else {
                vec![(to, middle - half), (to, middle + half)]
            };
            for line in [vec![(from, middle), (to, middle)], upright, end] {
                chart.draw_series(LineSeries::new(line, INK.stroke_width(WHISKER)))?;
            }
        }
        let label = anchored(INK, HPos::Left, VPos::Center);
        let place = EmptyElement::at((bar.edge(limit) / unit, middle));
        let words = bar.words(limit);
        chart.draw_series([place + Text::new(words, (14, 0), label)])?;
    }
    mesh(&mut chart, &x, &y)
}

/// Seconds to the unit of an axis up to `longest` seconds, and its name.
fn unit(longest: f64) -> (f64, &'static str) {
    match longest {
        longest if longest < 0.5 => (1e-3, "ms"),
        longest if longest < 300.0 => (1.0, "seconds"),
        longest if longest < 18_000.0 => (60.0, "minutes"),
        _ => (3_600.0, "hours"),
    }
}
