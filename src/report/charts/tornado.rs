//! What uncertain inputs do to a decision, one at a time: the widest bar is what one should find out first.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ChartError;
use super::axis::Axis;
use super::theme::{Area, BLUE, Frame, INK, Key, ORANGE, VERMILLION, anchored};
use super::{Figure, draw_grid, mesh, svg_of, write_figure};
use crate::report::uncertainty::{Bar, Switch, Uncertainty, Valued};

/// Bars of a chart; narrower ones are left to the table.
const BARS: usize = 10;
/// Share of a row that the bars of both ends take together.
const BAR_HEIGHT: f64 = 0.72;
/// Width of the inputs' names, pixels, and how many of their last characters fit.
const NAMES: u32 = 640;
const NAME_LENGTH: usize = 28;

/// Between a whisker and the words behind it, pixels.
const GAP: i32 = 10;

/// One end of an input and where it is drawn.
struct End<'b> {
    value: Valued,
    written: &'b str,
    colour: RGBColor,
    bottom: f64,
    top: f64,
}

/// A tornado chart.
#[derive(Clone, PartialEq, Debug)]
pub struct Tornado {
    title: String,
    subtitle: String,
    /// The quantity with its unit.
    quantity: String,
    base: f64,
    threshold: Option<f64>,
    bars: Vec<Bar>,
}

impl Tornado {
    /// The chart of what was found for a scenario of that name.
    #[must_use]
    pub fn new(scenario: &str, found: &Uncertainty) -> Self {
        let more = match found.bars.len().saturating_sub(BARS) {
            0 => String::new(),
            more => format!("; {more} narrower ones are in tornado.csv"),
        };
        let switches = match &found.decision {
            None => String::new(),
            Some(_) => format!("; {}", switches(&found.bars)),
        };
        Tornado {
            title: format!("What it rests on: {scenario}"),
            subtitle: format!("Each input alone, 95 % intervals{switches}{more}"),
            quantity: format!("{}, {}", found.quantity, found.unit),
            base: found.base.estimate,
            threshold: found.decision.as_ref().map(|decision| decision.at),
            bars: found.bars.iter().take(BARS).cloned().collect(),
        }
    }

    /// Writes the chart as SVG, or as PNG if `path` ends so.
    ///
    /// # Errors
    /// If the chart cannot be drawn or the file not be written.
    pub fn write(&self, path: &Path) -> Result<(), ChartError> {
        write_figure(self, path)
    }

    /// The chart as the text of an SVG file.
    ///
    /// # Errors
    /// If the chart cannot be drawn.
    pub fn svg(&self) -> Result<String, ChartError> {
        svg_of(self)
    }
}

impl Figure for Tornado {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Result<(), ChartError> {
        let mut keys = vec![Key::new(BLUE, "input at its low end"), Key::new(ORANGE, "at its high end")];
        keys.push(Key::new(INK, "as in the scenario"));
        keys.extend(self.threshold.map(|_| Key::new(VERMILLION, "where the decision flips")));
        let frame = Frame { title: self.title.clone(), subtitle: self.subtitle.clone(), keys };
        if self.bars.is_empty() {
            return frame.draw_empty(root, "no uncertain inputs");
        }
        let plot = frame.draw(root)?;
        let rows = self.bars.len() as f64;
        let x = self.axis();
        let name = |(at, bar): (usize, &Bar)| (rows - at as f64 - 0.5, shortened(&bar.path));
        let y = Axis {
            range: 0.0..rows,
            labels: self.bars.iter().enumerate().map(name).collect(),
            gridlines: Vec::new(),
            title: String::new(),
        };
        let mut chart = ChartBuilder::on(&plot)
            .x_label_area_size(super::X_LABELS)
            .y_label_area_size(NAMES)
            .build_cartesian_2d(x.clone(), y.clone())?;
        draw_grid(&mut chart, &x, &y)?;
        for End { value, bottom, top, colour, .. } in self.ends() {
            let corners = [(self.base, bottom), (value.estimate, top)];
            chart.draw_series([Rectangle::new(corners, colour.filled())])?;
        }
        let upright = |at: f64| [(at, 0.0), (at, rows)];
        chart.draw_series(LineSeries::new(upright(self.base), INK.stroke_width(4)))?;
        if let Some(threshold) = self.threshold {
            chart.draw_series(LineSeries::new(upright(threshold), VERMILLION.stroke_width(6)))?;
        }
        for End { value, bottom, top, written, .. } in self.ends() {
            let centre = 0.5 * (bottom + top);
            if let Some((low, high)) = value.low.zip(value.high) {
                chart.draw_series(LineSeries::new([(low, centre), (high, centre)], INK.stroke_width(3)))?;
            }
            // Beyond everything that is drawn of this end, on white so that no line runs through it.
            let (edge, side, offset) = if value.estimate < self.base {
                (value.low.unwrap_or(value.estimate).min(value.estimate), HPos::Right, -GAP)
            } else {
                (value.high.unwrap_or(value.estimate).max(value.estimate), HPos::Left, GAP)
            };
            let label = anchored(INK, side, VPos::Center);
            let (width, height) = root.estimate_text_size(written, &label)?;
            let (far, half) = (offset + offset.signum() * (width as i32 + GAP / 2), height as i32 / 2);
            // Digits stand a little above the middle of their line.
            let up = height as i32 / 5;
            let box_corners = [(offset - offset.signum() * GAP / 2, -half - up), (far, half - up)];
            let place = EmptyElement::at((edge, centre))
                + Rectangle::new(box_corners, WHITE.filled())
                + Text::new(written.to_owned(), (offset, 0), label);
            chart.draw_series([place])?;
        }
        mesh(&mut chart, &x, &y)
    }
}

impl Tornado {
    /// Both ends of each input, from the widest swing down: the lower end above the upper one.
    fn ends(&self) -> impl Iterator<Item = End<'_>> {
        let rows = self.bars.len() as f64;
        self.bars.iter().enumerate().flat_map(move |(at, bar)| {
            let (middle, half) = (rows - at as f64 - 0.5, BAR_HEIGHT / 2.0);
            let low = End {
                value: bar.at.0,
                written: &bar.ends.0,
                colour: BLUE,
                bottom: middle,
                top: middle + half,
            };
            let high = End {
                value: bar.at.1,
                written: &bar.ends.1,
                colour: ORANGE,
                bottom: middle - half,
                top: middle,
            };
            [low, high]
        })
    }

    /// From the least to the most of all that is drawn, with room for the words at the ends of bars.
    fn axis(&self) -> Axis {
        const ROOM: f64 = 0.16;
        let of_value = |value: &Valued| [Some(value.estimate), value.low, value.high];
        let drawn =
            self.bars.iter().flat_map(|bar| of_value(&bar.at.0).into_iter().chain(of_value(&bar.at.1)));
        let drawn = drawn.flatten().chain([self.base]).chain(self.threshold);
        let (low, high) =
            drawn.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one), high.max(one)));
        let room = ROOM * (high - low).max(1e-9 * high.abs()).max(f64::MIN_POSITIVE);
        Axis::linear(low - room, high + room, &self.quantity)
    }
}

/// `1 flips the decision, 2 leave it open`.
fn switches(bars: &[Bar]) -> String {
    let flips = bars.iter().filter(|bar| matches!(bar.switch, Switch::Flips { .. })).count();
    let open = bars.iter().filter(|bar| bar.switch == Switch::Undecided).count();
    let flips = match flips {
        0 => "none flips the decision".to_owned(),
        1 => "1 flips the decision".to_owned(),
        count => format!("{count} flip the decision"),
    };
    match open {
        0 => flips,
        1 => format!("{flips}, 1 leaves it open"),
        count => format!("{flips}, {count} leave it open"),
    }
}

/// The end of a path, which tells more than its beginning.
fn shortened(path: &str) -> String {
    let count = path.chars().count();
    if count <= NAME_LENGTH {
        return path.to_owned();
    }
    let end = path.chars().skip(count + 1 - NAME_LENGTH).collect::<String>();
    format!("…{}", end.trim_start_matches('.'))
}
