//! Axes with ticks where people expect them: midnights, powers of ten with names, round numbers.

use std::ops::Range;

use jiff::ToSpan;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use super::ChartError;
use crate::scenario::resolved::Scenario;
use crate::units::{SimTime, Span};

const NANOS_PER_HOUR: f64 = 3.6e12;

/// A linear axis whose labels stand where they are told to.
#[derive(Clone, Debug)]
pub struct Axis {
    /// From where to where.
    pub range: Range<f64>,
    /// Position and text of the labels.
    pub labels: Vec<(f64, String)>,
    /// Where gridlines cross the axis.
    pub gridlines: Vec<f64>,
    /// What it shows, with the unit.
    pub title: String,
}

impl Axis {
    /// The text of the label nearest to `at`.
    pub fn label(&self, at: f64) -> String {
        let nearest = self
            .labels
            .iter()
            .min_by(|(left, _), (right, _)| (left - at).abs().total_cmp(&(right - at).abs()));
        nearest.map_or_else(String::new, |(_, text)| text.clone())
    }

    /// An axis from `low` to `high` with labels at round numbers between, which may be below zero.
    pub fn linear(low: f64, high: f64, title: &str) -> Axis {
        let step = round_step((high - low).max(f64::MIN_POSITIVE) / 5.0);
        let (first, last) = (libm::ceil(low / step), libm::floor(high / step));
        let gridlines: Vec<f64> =
            (0..=(last - first).max(0.0) as usize).map(|at| (first + at as f64) * step).collect();
        let sign = |at: f64| if at < 0.0 { "−" } else { "" };
        let labels =
            gridlines.iter().map(|&at| (at, format!("{}{}", sign(at), short_count(at.abs())))).collect();
        Axis { range: low..high, labels, gridlines, title: title.to_owned() }
    }

    /// An axis from 0 to a round number above `max`, with about five labels.
    pub fn from_zero(max: f64, title: &str) -> Axis {
        let step = round_step(max.max(f64::MIN_POSITIVE) / 4.0);
        let steps = libm::ceil(max * 1.02 / step).max(1.0);
        let gridlines: Vec<f64> = (0..=steps as usize).map(|index| index as f64 * step).collect();
        let labels = gridlines.iter().map(|&at| (at, short_count(at))).collect();
        Axis { range: 0.0..steps * step, labels, gridlines, title: title.to_owned() }
    }

    /// An axis of log10 seconds that covers `min..=max` seconds, labelled from milliseconds to hours.
    pub fn log_seconds(min: f64, max: f64, title: &str) -> Axis {
        const NAMED: [(f64, &str); 12] = [
            (1e-4, "0.1 ms"),
            (1e-3, "1 ms"),
            (1e-2, "10 ms"),
            (0.1, "0.1 s"),
            (1.0, "1 s"),
            (10.0, "10 s"),
            (60.0, "1 min"),
            (600.0, "10 min"),
            (3_600.0, "1 h"),
            (36_000.0, "10 h"),
            (360_000.0, "100 h"),
            (3_600_000.0, "1,000 h"),
        ];
        let (min, max) = (min.max(1e-4), max.max(1e-4));
        let below = NAMED.iter().rposition(|&(seconds, _)| seconds <= min).unwrap_or(0);
        let above = NAMED.iter().position(|&(seconds, _)| seconds >= max).unwrap_or(NAMED.len() - 1);
        let above = above.max(below + 1).min(NAMED.len() - 1);
        let below = below.min(above - 1);
        let shown = &NAMED[below..=above];
        let labels: Vec<(f64, String)> =
            shown.iter().map(|&(seconds, name)| (libm::log10(seconds), name.to_owned())).collect();
        Axis {
            range: labels[0].0..labels[labels.len() - 1].0,
            gridlines: labels.iter().map(|&(at, _)| at).collect(),
            labels,
            title: title.to_owned(),
        }
    }
}

impl Axis {
    /// An axis of log10 of numbers that covers `min..=max`, labelled at powers of ten.
    pub fn log_counts(min: f64, max: f64, title: &str) -> Axis {
        // A hair of tolerance: 1e-3 is a power of ten although its logarithm is not a whole number in binary.
        let below = libm::floor(libm::log10(min) + 1e-9);
        let above = libm::ceil(libm::log10(max) - 1e-9).max(below + 1.0);
        let decades = 0..=(above - below) as u32;
        let gridlines: Vec<f64> = decades.map(|decade| below + f64::from(decade)).collect();
        let label = |&power: &f64| {
            let text = if power < 0.0 {
                format!("{:.*}", -power as usize, libm::exp10(power))
            } else {
                short_count(libm::exp10(power))
            };
            (power, text)
        };
        let labels = gridlines.iter().map(label).collect();
        Axis { range: below..above, labels, gridlines, title: title.to_owned() }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        first + libm::round(share.clamp(0.0, 1.0) * f64::from(last - first)) as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.labels.iter().map(|&(at, _)| at).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// 1, 2, 2.5 or 5 times a power of ten, not below `least`.
fn round_step(least: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(least)));
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|factor| factor * power >= least * 0.999_999);
    factor.unwrap_or(10.0) * power
}

/// `0`, `250`, `1.5 k`, `2 M`: no more digits than the number has.
pub fn short_count(value: f64) -> String {
    let (divisor, suffix) = match value {
        v if v >= 1e9 => (1e9, " G"),
        v if v >= 1e6 => (1e6, " M"),
        v if v >= 1e4 => (1e3, " k"),
        _ => (1.0, ""),
    };
    // Three decimals are more than any round step needs; the zeros they end in say nothing.
    let digits = format!("{:.3}", value / divisor);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}{suffix}")
}

/// The time axis of a run, in hours since the timeline's start, on the clock that most stores keep.
pub fn time_axis(scenario: &Scenario, start: SimTime, span: Span) -> Result<Axis, ChartError> {
    let name = commonest_zone(scenario);
    let zone = TimeZoneDatabase::bundled()
        .get(name)
        .map_err(|_| ChartError::Draw(format!("time zone `{name}` is not in the bundled database")))?;
    let end = start + span;
    let hours = span.as_nanos() as f64 / NANOS_PER_HOUR;
    // A whole hour of the next day belongs to stores further west, not to another day.
    let is_long = hours > 49.0;
    let (gridlines, labels) =
        if is_long { days(&zone, start, end)? } else { hours_of_day(&zone, start, end, hours)? };
    let mut title = format!("Local time in most stores ({name})");
    if !is_long {
        // Labels are times of day then, so the day stands in the title.
        title = format!("{title}, from {}", scenario.first_day);
    }
    Ok(Axis { range: 0.0..hours.max(1e-3), gridlines, labels, title })
}

/// Gridlines and labels.
type Ticks = (Vec<f64>, Vec<(f64, String)>);

/// Gridlines at midnights, labels in the middle of days.
fn days(zone: &TimeZone, start: SimTime, end: SimTime) -> Result<Ticks, ChartError> {
    const LABELS_MAX: usize = 8;
    let mut midnight = zoned(zone, start)?.start_of_day().map_err(out_of_range)?;
    let (mut gridlines, mut labels) = (Vec::new(), Vec::new());
    while nanos(&midnight) < i128::from(end.as_nanos()) {
        let next = midnight.checked_add(1.day()).map_err(out_of_range)?;
        let (from, to) = (hours_between(start, nanos(&midnight)), hours_between(start, nanos(&next)));
        gridlines.push(from);
        let middle = 0.5 * (from + to);
        if middle > 0.0 && middle < hours_between(start, i128::from(end.as_nanos())) {
            labels.push((middle, midnight.strftime("%a %-d %b").to_string()));
        }
        midnight = next;
    }
    let every = labels.len().div_ceil(LABELS_MAX).max(1);
    let labels = labels.into_iter().step_by(every).collect();
    Ok((gridlines.into_iter().filter(|&at| at >= 0.0).collect(), labels))
}

/// Gridlines and labels at round times of day.
fn hours_of_day(zone: &TimeZone, start: SimTime, end: SimTime, hours: f64) -> Result<Ticks, ChartError> {
    const LABELS_MAX: f64 = 9.0;
    let minutes = [1_i64, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720];
    let step = minutes.into_iter().find(|&step| hours * 60.0 / step as f64 <= LABELS_MAX).unwrap_or(720);
    let mut at = zoned(zone, start)?.start_of_day().map_err(out_of_range)?;
    let mut labels = Vec::new();
    while nanos(&at) <= i128::from(end.as_nanos()) {
        if nanos(&at) >= i128::from(start.as_nanos()) {
            labels.push((hours_between(start, nanos(&at)), at.strftime("%H:%M").to_string()));
        }
        at = at.checked_add(step.minutes()).map_err(out_of_range)?;
    }
    Ok((labels.iter().map(|&(at, _)| at).collect(), labels))
}

/// The time zone of most stores; of equals, the first by name.
fn commonest_zone(scenario: &Scenario) -> &str {
    let mut counts: std::collections::BTreeMap<&str, u32> = std::collections::BTreeMap::new();
    for store in &scenario.stores {
        *counts.entry(&store.timezone).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    counts.into_iter().find(|&(_, count)| count == most).map_or("UTC", |(zone, _)| zone)
}

fn zoned(zone: &TimeZone, at: SimTime) -> Result<jiff::Zoned, ChartError> {
    let timestamp = jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos())).map_err(out_of_range)?;
    Ok(timestamp.to_zoned(zone.clone()))
}

fn nanos(at: &jiff::Zoned) -> i128 {
    at.timestamp().as_nanosecond()
}

fn hours_between(start: SimTime, at: i128) -> f64 {
    (at - i128::from(start.as_nanos())) as f64 / NANOS_PER_HOUR
}

fn out_of_range(error: jiff::Error) -> ChartError {
    ChartError::Draw(format!("an instant is out of the calendar's range: {error}"))
}

/// Hours from `start` to `at`.
pub fn hours_since(start: SimTime, at: SimTime) -> f64 {
    hours_between(start, i128::from(at.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (0.25, "0.25"),
            (2_500.0, "2500"),
            (25_000.0, "25 k"),
            (1.5e6, "1.5 M"),
            (2e9, "2 G"),
        ] {
            assert_eq!(short_count(value), text);
        }
    }

    #[test]
    fn an_axis_from_zero_ends_above_the_data_on_a_round_number() {
        for max in [0.0, 0.003, 1.0, 7.3, 99.0, 1_234_567.0] {
            let axis = Axis::from_zero(max, "");
            assert!(axis.range.end >= max, "{max}: {axis:?}");
            assert!((2..=7).contains(&axis.labels.len()), "{max}: {axis:?}");
        }
    }

    #[test]
    fn a_linear_axis_has_round_labels_on_both_sides_of_zero() {
        let axis = Axis::linear(-1_234.0, 2_345.0, "");
        let labels: Vec<&str> = axis.labels.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["−1000", "0", "1000", "2000"]);
        assert!(Axis::linear(0.0003, 0.0009, "").labels.len() >= 3);
    }

    #[test]
    fn a_logarithmic_axis_covers_what_it_is_given() {
        for (min, max) in [(0.3, 80.0), (1.0, 1.0), (0.0, 0.0), (5e6, 9e6), (1e-9, 1e9)] {
            let axis = Axis::log_seconds(min, max, "");
            assert!(axis.range.start < axis.range.end, "{min}..{max}: {axis:?}");
        }
        let axis = Axis::log_seconds(0.3, 80.0, "");
        let labels: Vec<&str> = axis.labels.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["0.1 s", "1 s", "10 s", "1 min", "10 min"]);
        let axis = Axis::log_counts(1e-3, 20_000.0, "");
        let labels: Vec<&str> = axis.labels.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["0.001", "0.01", "0.1", "1", "10", "100", "1000", "10 k", "100 k"]);
    }
}
