//! Charts of a run, each as SVG and PNG, those that have something to show: demand, stores by state, failover latency, failover
//! stages, losses, the map, services, the operations centre, LTE cells. And two of no run: what other
//! timers would do ([`TunedFrontier`]), what uncertain inputs do to a decision ([`Tornado`]).
//!
//! The font is embedded and the text of an SVG is a function of the result alone. Colours follow Okabe and Ito.

mod axis;
mod cells;
mod demand;
mod ecdf;
mod fleet;
mod frontier;
mod losses;
mod map;
mod noc;
mod services;
mod sizing;
mod stages;
mod states;
mod theme;
mod tornado;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plotters::chart::ChartContext;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;

use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;
use axis::Axis;
pub use frontier::{TunedFrontier, TunedPoint};
pub use sizing::{SizingFrontier, SizingPoint};
use theme::{Area, GRID, INK, text};
pub use tornado::Tornado;

/// Why a chart could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// Drawing failed.
    #[error("failed to draw: {0}")]
    Draw(String),
    /// The file could not be written.
    #[error("failed to write `{}`: {source}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for ChartError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        ChartError::Draw(error.to_string())
    }
}

/// Whatever can be drawn: how it becomes a file is the same for all.
trait Figure {
    /// Title of the SVG, for whoever does not see it.
    fn title(&self) -> String;

    /// Draws it.
    ///
    /// # Errors
    /// If the backend fails.
    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Result<(), ChartError>;
}

/// A figure as the text of an SVG file.
fn svg_of(figure: &impl Figure) -> Result<String, ChartError> {
    theme::load_font()?;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, theme::CANVAS).into_drawing_area();
        figure.draw(&root)?;
        root.present()?;
    }
    Ok(theme::finish_svg(&svg, &figure.title()))
}

/// Writes a figure as PNG.
fn write_png_of(figure: &impl Figure, path: &Path) -> Result<(), ChartError> {
    theme::load_font()?;
    let root = BitMapBackend::new(path, theme::CANVAS).into_drawing_area();
    figure.draw(&root)?;
    Ok(root.present()?)
}

/// Writes a figure as SVG, or as PNG if `path` ends so.
fn write_figure(figure: &impl Figure, path: &Path) -> Result<(), ChartError> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png")) {
        return write_png_of(figure, path);
    }
    let svg = svg_of(figure)?;
    fs::write(path, svg).map_err(|source| ChartError::Io { path: path.to_owned(), source })
}

/// A chart of one run.
struct OfRun<'a> {
    chart: Chart,
    scenario: &'a Scenario,
    result: &'a RunResult,
}

impl Figure for OfRun<'_> {
    fn title(&self) -> String {
        format!("{}: {}", self.scenario.name, self.chart.stem())
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Result<(), ChartError> {
        self.chart.draw(root, self.scenario, self.result)
    }
}

/// One of the charts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chart {
    /// Customers expected and come, payments authorized, over time.
    Demand,
    /// Stores on LTE, in a service gap, dark, over time.
    StoresByState,
    /// Distribution of the failover latency by profile.
    FailoverLatency,
    /// Median and 95th percentile of each stage of a failover.
    FailoverStages,
    /// Lost sales by cause, stage and remedy.
    Losses,
    /// Stores on a map by what the network cost them.
    Map,
    /// Load of finite services against what they can do, over time.
    Services,
    /// Tickets and people of the operations centre over time.
    Noc,
    /// Load of LTE cells over time.
    Cells,
}

impl Chart {
    /// All charts, in the order in which they are written.
    pub const ALL: [Chart; 9] = [
        Chart::Demand,
        Chart::StoresByState,
        Chart::FailoverLatency,
        Chart::FailoverStages,
        Chart::Losses,
        Chart::Map,
        Chart::Services,
        Chart::Noc,
        Chart::Cells,
    ];

    /// Whether the run has what the chart is about. A chart of what did not happen is drawn, and says so.
    #[must_use]
    pub fn applies(self, scenario: &Scenario, result: &RunResult) -> bool {
        match self {
            Chart::Demand
            | Chart::StoresByState
            | Chart::FailoverLatency
            | Chart::FailoverStages
            | Chart::Losses => true,
            Chart::Map => map::has_places(scenario),
            Chart::Services => result.replications.iter().any(|one| !one.services.is_empty()),
            Chart::Noc => scenario.noc.is_some(),
            Chart::Cells => scenario.cell_timeline,
        }
    }

    /// Name of the file without extension.
    #[must_use]
    pub const fn stem(self) -> &'static str {
        match self {
            Chart::Demand => "demand",
            Chart::StoresByState => "stores-by-state",
            Chart::FailoverLatency => "failover-latency",
            Chart::FailoverStages => "failover-stages",
            Chart::Losses => "losses",
            Chart::Map => "map",
            Chart::Services => "services",
            Chart::Noc => "operations-centre",
            Chart::Cells => "lte-cells",
        }
    }

    fn draw<DB: DrawingBackend>(
        self,
        root: &Area<DB>,
        scenario: &Scenario,
        result: &RunResult,
    ) -> Result<(), ChartError> {
        match self {
            Chart::Demand => demand::draw(root, scenario, result),
            Chart::StoresByState => states::draw(root, scenario, result),
            Chart::FailoverLatency => ecdf::draw(root, scenario, result),
            Chart::FailoverStages => stages::draw(root, scenario, result),
            Chart::Losses => losses::draw(root, scenario, result),
            Chart::Map => map::draw(root, scenario, result),
            Chart::Services => services::draw(root, scenario, result),
            Chart::Noc => noc::draw(root, scenario, result),
            Chart::Cells => cells::draw(root, scenario, result),
        }
    }

    /// The chart as the text of an SVG file.
    ///
    /// # Errors
    /// If the chart cannot be drawn.
    pub fn svg(self, scenario: &Scenario, result: &RunResult) -> Result<String, ChartError> {
        svg_of(&OfRun { chart: self, scenario, result })
    }

    /// Writes the chart as PNG.
    ///
    /// # Errors
    /// If the chart cannot be drawn or the file not be written.
    pub fn write_png(self, scenario: &Scenario, result: &RunResult, path: &Path) -> Result<(), ChartError> {
        write_png_of(&OfRun { chart: self, scenario, result }, path)
    }
}

/// Writes every chart that applies into `dir`, which is created, as SVG and PNG; returns the files in the order written.
///
/// # Errors
/// If a chart cannot be drawn or a file not be written.
pub fn write_charts(scenario: &Scenario, result: &RunResult, dir: &Path) -> Result<Vec<PathBuf>, ChartError> {
    let io_error = |path: &Path| {
        let path = path.to_owned();
        move |source| ChartError::Io { path, source }
    };
    fs::create_dir_all(dir).map_err(io_error(dir))?;
    let mut written = Vec::with_capacity(2 * Chart::ALL.len());
    for chart in Chart::ALL.into_iter().filter(|chart| chart.applies(scenario, result)) {
        let svg = dir.join(chart.stem()).with_extension("svg");
        fs::write(&svg, chart.svg(scenario, result)?).map_err(io_error(&svg))?;
        let png = svg.with_extension("png");
        chart.write_png(scenario, result, &png)?;
        written.extend([svg, png]);
    }
    Ok(written)
}

/// Height of the labels and title of a horizontal axis, pixels.
const X_LABELS: u32 = 124;
/// Width of the labels and title of a vertical axis, pixels.
const Y_LABELS: u32 = 190;

/// How much of a band's colour is seen.
const BAND_OPACITY: f64 = 0.25;

/// Length of tick marks, pixels.
const TICK: u32 = 12;

type Plot<'a, DB> = ChartContext<'a, DB, Cartesian2d<Axis, Axis>>;

/// One of the two panels of a chart over time, which share the axis of time.
struct Panel<DB: DrawingBackend> {
    area: Area<DB>,
    x: Axis,
    /// Height of what stands below it, pixels.
    x_labels: u32,
}

/// The plot in an upper and a lower half; the lower one carries the labels of the axis.
fn two_panels<DB: DrawingBackend>(plot: &Area<DB>, x: Axis) -> (Panel<DB>, Panel<DB>) {
    let (_, height) = plot.dim_in_pixel();
    let (upper, lower) = plot.split_vertically((height as i32 - X_LABELS as i32) / 2);
    let unlabelled = Axis { labels: Vec::new(), title: String::new(), ..x.clone() };
    (
        Panel { area: upper.margin(0, 24, 0, 0), x: unlabelled, x_labels: 0 },
        Panel { area: lower.margin(24, 0, 0, 0), x, x_labels: X_LABELS },
    )
}

impl<DB: DrawingBackend> Panel<DB> {
    /// The panel with that vertical axis and its grid, nothing drawn yet.
    fn chart(&self, y: &Axis) -> Result<Plot<'_, DB>, ChartError> {
        let mut chart = ChartBuilder::on(&self.area)
            .x_label_area_size(self.x_labels)
            .y_label_area_size(Y_LABELS)
            .build_cartesian_2d(self.x.clone(), y.clone())?;
        draw_grid(&mut chart, &self.x, y)?;
        Ok(chart)
    }
}

/// Gridlines where the axes want them.
fn draw_grid<DB: DrawingBackend>(chart: &mut Plot<'_, DB>, x: &Axis, y: &Axis) -> Result<(), ChartError> {
    for &at in &x.gridlines {
        chart.draw_series(LineSeries::new([(at, y.range.start), (at, y.range.end)], GRID.stroke_width(2)))?;
    }
    for &at in &y.gridlines {
        chart.draw_series(LineSeries::new([(x.range.start, at), (x.range.end, at)], GRID.stroke_width(2)))?;
    }
    Ok(())
}

/// Where 90 % of the replications lie, pale in the colour of what it is about.
fn draw_band<DB: DrawingBackend>(
    chart: &mut Plot<'_, DB>,
    band: Option<&fleet::Band>,
    hours: f64,
    colour: RGBColor,
) -> Result<(), ChartError> {
    let outlines = band.map(|band| Polygon::new(band.outline(hours), colour.mix(BAND_OPACITY)));
    chart.draw_series(outlines)?;
    Ok(())
}

/// Axes with labels and titles.
fn mesh<DB: DrawingBackend>(chart: &mut Plot<'_, DB>, x: &Axis, y: &Axis) -> Result<(), ChartError> {
    let x_label = |at: &f64| x.label(*at);
    let y_label = |at: &f64| y.label(*at);
    let mut mesh = chart.configure_mesh();
    mesh.disable_mesh()
        .set_tick_mark_size(LabelAreaPosition::Bottom, TICK)
        .set_tick_mark_size(LabelAreaPosition::Left, TICK)
        .axis_style(INK.stroke_width(2))
        .label_style(text(INK))
        .axis_desc_style(text(INK))
        .x_label_formatter(&x_label)
        .y_label_formatter(&y_label);
    if !x.title.is_empty() {
        mesh.x_desc(x.title.clone());
    }
    if !y.title.is_empty() {
        mesh.y_desc(y.title.clone());
    }
    Ok(mesh.draw()?)
}

/// The same for a chart that shows where most of them lie.
fn averaged_with_band(result: &RunResult) -> String {
    match result.replications.len() {
        0 | 1 => averaged(result),
        _ => format!("{}; pale: where 90 % of them lie", averaged(result)),
    }
}

/// How many replications a chart is the mean of.
fn averaged(result: &RunResult) -> String {
    match result.replications.len() {
        1 => "one replication".to_owned(),
        count => format!("mean of {count} replications"),
    }
}
