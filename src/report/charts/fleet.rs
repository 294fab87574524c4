//! The fleet over time: the timeline added over regions, averaged over replications, as steps.

use crate::report::summary::nine_tenths;
use crate::simulation::result::{ReplicationResult, RunResult, TimelineCell};
use crate::units::{SimTime, Span};

/// Where 90 % of the replications lie over time: from the 5th percentile to the 95th, or from the least to the greatest of fewer
/// than 20.
pub struct Band {
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Band {
    /// Of values by replication and interval; `None` of one replication, or if all agree.
    pub fn of(by_replication: &[Vec<f64>]) -> Option<Band> {
        let intervals = by_replication.iter().map(Vec::len).min().filter(|_| by_replication.len() > 1)?;
        let limits = (0..intervals).map(|at| {
            let mut values: Vec<f64> = by_replication.iter().map(|values| values[at]).collect();
            values.sort_by(f64::total_cmp);
            nine_tenths(&values)
        });
        let (low, high): (Vec<f64>, Vec<f64>) = limits.unzip();
        (low != high).then_some(Band { low, high })
    }

    /// Its highest value.
    pub fn highest(&self) -> f64 {
        self.high.iter().fold(0.0, |most, &value| most.max(value))
    }

    /// Its outline as steps that are `hours` long each.
    pub fn outline(&self, hours: f64) -> Vec<(f64, f64)> {
        let step = |at: usize, value: f64| [(at as f64 * hours, value), ((at + 1) as f64 * hours, value)];
        let upper = self.high.iter().enumerate().flat_map(|(at, &value)| step(at, value));
        let lower = self.low.iter().enumerate().rev().flat_map(|(at, &value)| {
            let [from, to] = step(at, value);
            [to, from]
        });
        upper.chain(lower).collect()
    }
}

/// What a chart over time needs to know about its data.
pub struct FleetTimeline<'a> {
    result: &'a RunResult,
    /// Start of the first interval.
    pub start: SimTime,
    /// Width of an interval.
    pub interval: Span,
    /// Number of intervals.
    pub intervals: usize,
}

impl<'a> FleetTimeline<'a> {
    /// `None` if the run has no timeline.
    pub fn new(result: &'a RunResult) -> Option<Self> {
        let timeline = &result.replications.first()?.timeline;
        let intervals = timeline.intervals();
        let (start, interval) = (timeline.start, timeline.interval);
        (intervals > 0 && !interval.is_zero()).then_some(FleetTimeline { result, start, interval, intervals })
    }

    /// Length of all intervals together.
    pub fn span(&self) -> Span {
        self.interval.times(self.intervals as u64)
    }

    /// Hours per interval.
    pub fn interval_hours(&self) -> f64 {
        self.interval.as_secs_f64() / 3_600.0
    }

    /// Where 90 % of the replications lie, of `count` per interval times `scale`, added over regions.
    pub fn band(&self, count: impl Fn(&TimelineCell) -> u64, scale: f64) -> Option<Band> {
        let sums = |replication: &ReplicationResult| {
            let mut sums = vec![0_u128; self.intervals];
            for region in replication.timeline.cells.chunks(self.intervals) {
                for (sum, cell) in sums.iter_mut().zip(region) {
                    *sum += u128::from(count(cell));
                }
            }
            sums.into_iter().map(|sum| sum as f64 * scale).collect()
        };
        Band::of(&self.result.replications.iter().map(sums).collect::<Vec<_>>())
    }

    /// The same of stores in a state of which `nanos` is the time per interval.
    pub fn band_of_stores(&self, nanos: impl Fn(&TimelineCell) -> u64) -> Option<Band> {
        self.band(nanos, 1.0 / self.interval.as_nanos() as f64)
    }

    /// `count` per interval, added over regions, mean over replications.
    pub fn mean(&self, count: impl Fn(&TimelineCell) -> u64) -> Vec<f64> {
        let mut sums = vec![0_u128; self.intervals];
        for replication in &self.result.replications {
            for region in replication.timeline.cells.chunks(self.intervals) {
                for (sum, cell) in sums.iter_mut().zip(region) {
                    *sum += u128::from(count(cell));
                }
            }
        }
        sums.into_iter().map(|sum| sum as f64 / self.result.replications.len() as f64).collect()
    }

    /// Mean number of stores in a state of which `nanos` is the time per interval.
    pub fn stores(&self, nanos: impl Fn(&TimelineCell) -> u64) -> Vec<f64> {
        let width = self.interval.as_nanos() as f64;
        self.mean(nanos).into_iter().map(|sum| sum / width).collect()
    }

    /// `values` as steps: two points per interval, at hours from the start. Runs of equal values are
    /// drawn as one step.
    pub fn steps(&self, values: &[f64]) -> Vec<(f64, f64)> {
        let hours = self.interval_hours();
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (index, &value) in values.iter().enumerate() {
            let end = (index + 1) as f64 * hours;
            match points.last_mut() {
                Some(last) if last.1 == value => last.0 = end,
                _ => points.extend([(index as f64 * hours, value), (end, value)]),
            }
        }
        points
    }
}
