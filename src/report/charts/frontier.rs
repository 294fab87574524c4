//! What timers could do: failover time against false failovers, coloured by probe traffic.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ChartError;
use super::axis::Axis;
use super::theme::{self, Area, BLUE, Frame, GREEN, INK, Key, ORANGE, SHADE, VERMILLION, anchored};
use super::{Figure, draw_grid, mesh, svg_of, write_figure};

/// One choice of timers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TunedPoint {
    /// Mean time from fault to traffic on a backup that is ready, seconds.
    pub failover_s: f64,
    /// False failovers a store and year; what is rarer than the chart's edge is drawn on it.
    pub false_per_year: f64,
    /// Probe traffic of a link in a month, megabytes.
    pub megabytes: f64,
    /// Whether no other choice is as good in all three and better in one.
    pub is_best: bool,
}

/// All choices, and the profiles there are.
#[derive(Clone, PartialEq, Debug)]
pub struct TunedFrontier {
    /// What was swept.
    pub title: String,
    /// Under which conditions.
    pub subtitle: String,
    /// Choices in any order.
    pub points: Vec<TunedPoint>,
    /// Names of profiles and where they are.
    pub marks: Vec<(String, TunedPoint)>,
}

/// Upper bounds of the classes of probe traffic, megabytes a month, with their colours.
const CLASSES: [(f64, RGBColor, &str); 4] = [
    (10.0, BLUE, "up to 10 MB of probes a month"),
    (50.0, GREEN, "to 50 MB"),
    (250.0, ORANGE, "to 250 MB"),
    (f64::INFINITY, VERMILLION, "more"),
];

/// Fewest false failovers a year that are told apart.
const RARE: f64 = 1e-3;

impl TunedFrontier {
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

impl Figure for TunedFrontier {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Result<(), ChartError> {
        let classes = CLASSES.iter().map(|&(_, colour, label)| Key::new(colour, label));
        let keys = classes.chain([Key::new(SHADE, "not worth having: something else is as good")]).collect();
        let frame = Frame { title: self.title.clone(), subtitle: self.subtitle.clone(), keys };
        let all = || self.points.iter().chain(self.marks.iter().map(|(_, point)| point));
        if self.points.is_empty() {
            return frame.draw_empty(root, "no timers to choose from");
        }
        let least = all().map(|point| point.failover_s).fold(f64::INFINITY, f64::min);
        let most = all().map(|point| point.failover_s).fold(0.0, f64::max);
        let often = all().map(|point| point.false_per_year).fold(RARE, f64::max);
        let x = Axis::log_seconds(least, most, "Failover time, mean (logarithmic)");
        let y = Axis::log_counts(RARE, often.max(1.0), "False failovers per store and year");
        let plot = frame.draw(root)?;
        let mut chart = ChartBuilder::on(&plot)
            .x_label_area_size(super::X_LABELS)
            .y_label_area_size(super::Y_LABELS)
            .build_cartesian_2d(x.clone(), y.clone())?;
        draw_grid(&mut chart, &x, &y)?;
        mesh(&mut chart, &x, &y)?;
        let at =
            |point: &TunedPoint| (libm::log10(point.failover_s), libm::log10(point.false_per_year.max(RARE)));
        let dominated = self.points.iter().filter(|point| !point.is_best);
        chart.draw_series(dominated.map(|point| Circle::new(at(point), 5, SHADE.filled())))?;
        let best = self.points.iter().filter(|point| point.is_best);
        chart.draw_series(best.map(|point| Circle::new(at(point), DOT, class(point.megabytes).filled())))?;
        for (_, point) in &self.marks {
            chart.draw_series([Circle::new(at(point), RING, INK.stroke_width(5))])?;
        }
        let places: Vec<(i32, i32)> =
            self.marks.iter().map(|(_, point)| chart.backend_coord(&at(point))).collect();
        let best = self.points.iter().filter(|point| point.is_best);
        let dots: Vec<Patch> =
            best.map(|point| Patch::around(chart.backend_coord(&at(point)), DOT)).collect();
        self.draw_names(root, &places, &dots)
    }
}

impl TunedFrontier {
    /// Names beside the rings, where they cover neither rings nor one another, nor dots if it can be helped.
    fn draw_names<DB: DrawingBackend>(
        &self,
        root: &Area<DB>,
        places: &[(i32, i32)],
        dots: &[Patch],
    ) -> Result<(), ChartError> {
        let mut taken: Vec<Patch> = places.iter().map(|&place| Patch::around(place, RING)).collect();
        let style = anchored(INK, HPos::Left, VPos::Top);
        let canvas = Patch { left: 0, right: theme::CANVAS.0 as i32, top: 0, bottom: theme::CANVAS.1 as i32 };
        for ((name, _), &(x, y)) in self.marks.iter().zip(places) {
            let (width, height) = root.estimate_text_size(name, &style)?;
            let (width, height) = (width as i32, height as i32);
            let at = |left: i32, top: i32| Patch { left, right: left + width, top, bottom: top + height };
            let (beside, above) = (RING + 8, RING + height + 4);
            let tops = [y - height / 2, y - above, y + RING + 4, y - above - height, y + RING + 4 + height];
            let patches = tops
                .iter()
                .flat_map(|&top| [at(x + beside, top), at(x - beside - width, top), at(x - width / 2, top)]);
            let is_free =
                |patch: &Patch| patch.is_in(&canvas) && !taken.iter().any(|other| patch.meets(other));
            let is_clear = |patch: &Patch| is_free(patch) && !dots.iter().any(|dot| patch.meets(dot));
            let patch = patches.clone().find(is_clear).or_else(|| patches.clone().find(is_free));
            let patch = patch.unwrap_or_else(|| at(x + beside, y - height / 2));
            root.draw(&Rectangle::new(
                [(patch.left, patch.top), (patch.right, patch.bottom)],
                WHITE.mix(0.8).filled(),
            ))?;
            root.draw_text(name, &style, (patch.left, patch.top))?;
            taken.push(patch);
        }
        Ok(())
    }
}

/// Radius of the ring around a profile, pixels.
const RING: i32 = 16;
/// Radius of the dot of a choice that is worth having, pixels.
const DOT: i32 = 9;

/// A rectangle on the canvas, pixels.
#[derive(Clone, Copy, Debug)]
struct Patch {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Patch {
    const fn around((x, y): (i32, i32), radius: i32) -> Self {
        Patch { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius }
    }

    const fn meets(&self, other: &Patch) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    const fn is_in(&self, other: &Patch) -> bool {
        self.left >= other.left
            && self.right <= other.right
            && self.top >= other.top
            && self.bottom <= other.bottom
    }
}

fn class(megabytes: f64) -> RGBColor {
    CLASSES.iter().find(|(limit, ..)| megabytes <= *limit).map_or(INK, |&(_, colour, _)| colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(failover_s: f64, false_per_year: f64, megabytes: f64, is_best: bool) -> TunedPoint {
        TunedPoint { failover_s, false_per_year, megabytes, is_best }
    }

    #[test]
    fn choices_have_the_colour_of_their_traffic_and_profiles_a_name() {
        let points = vec![
            point(1.0, 30.0, 900.0, true),
            point(10.0, 0.5, 40.0, true),
            point(12.0, 0.5, 40.0, false),
            point(100.0, 1e-3, 5.0, true),
        ];
        let marks = vec![
            ("left & first".to_owned(), points[0]),
            ("second".to_owned(), point(11.0, 0.5, 40.0, false)),
        ];
        let chart =
            TunedFrontier { title: "Timers".to_owned(), subtitle: "at 1 % loss".to_owned(), points, marks };
        let svg = chart.svg().expect("it is drawn");
        let dots = |colour: &str| {
            svg.split('<')
                .filter(|tag| tag.starts_with("circle") && tag.contains(&format!("fill=\"{colour}\"")))
                .count()
        };
        assert_eq!((dots("#D55E00"), dots("#009E73"), dots("#0072B2"), dots("#CFCFCF")), (1, 1, 1, 1));
        for words in
            ["left &amp; first", "second", "1 s", "0.001", "100", "False failovers per store and year"]
        {
            assert!(svg.contains(words), "{words}");
        }
        let nothing = TunedFrontier { points: Vec::new(), ..chart };
        assert!(nothing.svg().expect("it is drawn").contains("no timers to choose from"));
    }
}
