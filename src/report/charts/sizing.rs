//! What money buys: avoided loss against cost, with interval, knee and the chosen design.

use std::path::Path;

use plotters::prelude::*;

use super::ChartError;
use super::axis::Axis;
use super::theme::{Area, BLUE, Frame, GREEN, INK, Key, SHADE, VERMILLION};
use super::{Figure, draw_grid, mesh, svg_of, write_figure};

/// Cost and avoided loss of a year with the interval's ends, currency units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SizingPoint {
    /// Cost.
    pub cost: f64,
    /// Avoided.
    pub avoided: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The way from nothing to everything for the chosen shared levers.
#[derive(Clone, PartialEq, Debug)]
pub struct SizingFrontier {
    /// Name of the scenario.
    pub title: String,
    /// What it is about.
    pub subtitle: String,
    /// ISO 4217 code of its money.
    pub currency: String,
    /// In order of cost.
    pub points: Vec<SizingPoint>,
    /// The knee.
    pub knee: Option<SizingPoint>,
    /// The chosen design.
    pub chosen: Option<SizingPoint>,
}

impl SizingFrontier {
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

impl Figure for SizingFrontier {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Result<(), ChartError> {
        let keys = vec![
            Key::new(BLUE, "avoided loss"),
            Key::new(SHADE, "95 % interval"),
            Key::new(GREEN, "knee"),
            Key::new(VERMILLION, "chosen"),
        ];
        let frame = Frame { title: self.title.clone(), subtitle: self.subtitle.clone(), keys };
        if self.points.len() < 2 {
            return frame.draw_empty(root, "nothing to buy for stores");
        }
        let cost_max = self.points.iter().map(|point| point.cost).fold(1.0, f64::max);
        let most = self.points.iter().map(|point| point.high).fold(1.0, f64::max);
        let x = Axis::from_zero(cost_max, &format!("Cost of a year, {}", self.currency));
        let y = Axis::from_zero(most, &format!("Avoided loss of a year, {}", self.currency));
        let plot = frame.draw(root)?;
        let mut chart = ChartBuilder::on(&plot)
            .x_label_area_size(super::X_LABELS)
            .y_label_area_size(super::Y_LABELS)
            .build_cartesian_2d(x.clone(), y.clone())?;
        draw_grid(&mut chart, &x, &y)?;
        let band = self.points.iter().map(|point| (point.cost, point.high));
        let back = self.points.iter().rev().map(|point| (point.cost, point.low.max(0.0)));
        let outline: Vec<(f64, f64)> = band.chain(back).collect();
        chart.draw_series([Polygon::new(outline, SHADE.mix(0.6).filled())])?;
        mesh(&mut chart, &x, &y)?;
        let line = self.points.iter().map(|point| (point.cost, point.avoided));
        chart.draw_series(LineSeries::new(line, BLUE.stroke_width(4)))?;
        for (point, colour) in [(self.knee, GREEN), (self.chosen, VERMILLION)] {
            let at = point.map(|point| (point.cost, point.avoided));
            chart.draw_series(at.map(|at| Circle::new(at, 9, colour.filled())))?;
            chart.draw_series(at.map(|at| Circle::new(at, 9, INK.stroke_width(2))))?;
        }
        Ok(())
    }
}
