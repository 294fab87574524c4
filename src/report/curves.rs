//! How soon faults are failed over, one curve per failover profile, for chart, page and table alike: the cumulative incidence, with a
//! band over replications.
//!
//! A fault that is over before traffic moved does not count as one that is failed over some day, and one that was open at the end counts
//! as long as it was seen ([`crate::measure::survival`]). The band is pointwise, and its unit is the replication: at each length the
//! interval of the share of all faults that were failed over by then, as the summary has it for `failover_incidence`, which is where
//! the curve ends. What each fault stands for, others having been censored, is taken as known, as in the summary.

use std::collections::BTreeMap;

use super::stages::{Stage, spells};
use super::summary::{LEVEL, Range};
use crate::measure::design::Design;
use crate::measure::estimators::Interval;
use crate::measure::sample::Sample;
use crate::measure::survival::{End, Spell, incidence, stand_for};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::RunResult;

const NANOS_PER_SECOND: f64 = 1e9;
/// A curve has about so many steps at most, so that files stay small whatever the number of failovers.
const STEPS_MAX: usize = 250;
/// What is left where all have ended is rounding.
const ROUNDING: f64 = 1e-9;

/// A step of a curve: what holds from this length on, up to the next step's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// How long after the fault, seconds.
    pub seconds: f64,
    /// Share of the faults that traffic moved for by then; with an interval from two replications on.
    pub moved: Interval,
    /// Share of those that were over by then, without a failover.
    pub over: f64,
    /// Share of which neither was so by then.
    pub open: f64,
}

/// The curve of a group of faults.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// What it is of: a profile.
    pub name: String,
    /// How many faults there were in all replications.
    pub faults: usize,
    /// For how many of them traffic moved.
    pub moved: usize,
    /// How many of them were open at the end of the run.
    pub censored: usize,
    /// Its steps, in ascending order, the last at the longest that was seen.
    pub points: Vec<Point>,
}

impl Curve {
    /// Whether all is known of it: no fault was open at the longest that was seen.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.points.last().is_some_and(|last| last.open < ROUNDING)
    }

    /// The shortest and the longest seconds within which traffic moved.
    #[must_use]
    pub fn span(&self) -> Option<(f64, f64)> {
        let mut before = 0.0;
        let is_rise =
            |point: &&Point| point.moved.estimate > std::mem::replace(&mut before, point.moved.estimate);
        let rises: Vec<f64> = self.points.iter().filter(is_rise).map(|point| point.seconds).collect();
        Some((*rises.first()?, *rises.last()?))
    }
}

/// The curves of all profiles with a failover, in order of name. With `most`, those of the profiles with most failovers only, and after
/// them one of all others.
#[must_use]
pub fn curves(scenario: &Scenario, result: &RunResult, most: Option<usize>) -> Vec<Curve> {
    let design = result.design(scenario);
    let mut by_profile: BTreeMap<&str, Vec<Vec<Spell>>> = BTreeMap::new();
    let replications = result.replications.len();
    for (position, replication) in result.replications.iter().enumerate() {
        let weight = design.weight(position);
        for (incident, nanos, end) in spells(scenario, replication, Stage::Failover) {
            let store = &scenario.stores[incident.store.0 as usize];
            let profile = &scenario.profiles[store.profile.0 as usize].name;
            let lists = by_profile.entry(profile).or_insert_with(|| vec![Vec::new(); replications]);
            lists[position].push(Spell { nanos, end, weight });
        }
    }
    let mut profiles: Vec<(&str, Vec<Vec<Spell>>)> = by_profile.into_iter().collect();
    profiles.retain(|(_, lists)| count(lists, End::Event) > 0);
    let Some(most) = most else {
        return profiles.iter().map(|(name, lists)| curve(name, lists, &design)).collect();
    };
    // Stable: among equals the order of names stays.
    profiles.sort_by_key(|(_, lists)| std::cmp::Reverse(count(lists, End::Event)));
    let rest = profiles.split_off(profiles.len().min(most));
    profiles.sort_by_key(|&(name, _)| name);
    let mut curves: Vec<Curve> = profiles.iter().map(|(name, lists)| curve(name, lists, &design)).collect();
    if !rest.is_empty() {
        let mut others = vec![Vec::new(); replications];
        for (_, lists) in rest {
            others.iter_mut().zip(lists).for_each(|(others, list)| others.extend(list));
        }
        curves.push(curve("other profiles", &others, &design));
    }
    curves
}

fn count(lists: &[Vec<Spell>], end: End) -> usize {
    lists.iter().flatten().filter(|spell| spell.end == end).count()
}

fn curve(name: &str, lists: &[Vec<Spell>], design: &Design) -> Curve {
    let all = lists.concat();
    let mut steps = incidence(&all);
    if let (Some(&last), Some(longest)) = (steps.last(), all.iter().map(|spell| spell.nanos).max())
        && longest > last.nanos
    {
        steps.push(crate::measure::survival::Step { nanos: longest, ..last });
    }
    // Where traffic moved, every so many, and the end.
    let mut level = 0.0;
    let rises = steps.iter().map(|step| step.event > std::mem::replace(&mut level, step.event));
    let rises: Vec<usize> = rises.enumerate().filter(|(_, is_rise)| *is_rise).map(|(at, _)| at).collect();
    let stride = rises.len().div_ceil(STEPS_MAX).max(1);
    let mut kept: Vec<usize> = rises.iter().skip(stride - 1).step_by(stride).copied().collect();
    kept.extend(rises.last());
    kept.extend(steps.len().checked_sub(1));
    kept.dedup();
    let mut band = Band::new(lists, &all, design);
    let points = kept.into_iter().map(|at| {
        let step = &steps[at];
        let limits = band.up_to(step.nanos);
        Point {
            seconds: step.nanos as f64 / NANOS_PER_SECOND,
            moved: Interval { estimate: step.event, ..limits },
            over: step.other,
            open: step.neither,
        }
    });
    Curve {
        name: name.to_owned(),
        faults: all.len(),
        moved: count(lists, End::Event),
        censored: count(lists, End::Censored),
        points: points.collect(),
    }
}

/// Failovers by replication, summed up as lengths rise.
struct Band<'a> {
    design: &'a Design,
    /// By replication: lengths of failovers and for how many faults they stand, in descending order, what is summed up taken off.
    left: Vec<Vec<(u64, f64)>>,
    sums: Vec<f64>,
    faults: Vec<f64>,
}

impl<'a> Band<'a> {
    fn new(lists: &[Vec<Spell>], all: &[Spell], design: &'a Design) -> Self {
        let mut stands = stand_for(all).into_iter();
        let of_one = |list: &Vec<Spell>| {
            let with_weights = list.iter().zip(&mut stands);
            let mut moved: Vec<(u64, f64)> = with_weights
                .filter(|(spell, _)| spell.end == End::Event)
                .map(|(spell, stands)| (spell.nanos, stands))
                .collect();
            moved.sort_by_key(|&(nanos, _)| std::cmp::Reverse(nanos));
            moved
        };
        Band {
            design,
            left: lists.iter().map(of_one).collect(),
            sums: vec![0.0; lists.len()],
            faults: lists.iter().map(|list| list.len() as f64).collect(),
        }
    }

    /// The share of failovers no longer than `nanos`; lengths do not fall from call to call.
    fn up_to(&mut self, nanos: u64) -> Interval {
        for (left, sum) in self.left.iter_mut().zip(&mut self.sums) {
            while let Some((_, stands)) = left.pop_if(|(length, _)| *length <= nanos) {
                *sum += stands;
            }
        }
        let sample = Sample::Ratio { numerators: self.sums.clone(), denominators: self.faults.clone() };
        let interval = sample.interval(self.design, LEVEL);
        Range::Proportion.clip(interval.unwrap_or(Interval::point(0.0, LEVEL)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(seconds: u64, end: End) -> Spell {
        Spell { nanos: seconds * 1_000_000_000, end, weight: 1.0 }
    }

    /// Three replications of two faults each: 1 s and never; 2 s and 3 s; 4 s and open at 9 s.
    #[test]
    fn a_curve_by_hand() {
        let lists = [
            vec![spell(1, End::Event), spell(5, End::Other)],
            vec![spell(2, End::Event), spell(3, End::Event)],
            vec![spell(4, End::Event), spell(9, End::Censored)],
        ];
        let found = curve("hand", &lists, &Design::plain(3));
        assert_eq!((found.faults, found.moved, found.censored), (6, 4, 1));
        let shown: Vec<(f64, f64)> =
            found.points.iter().map(|p| (p.seconds, p.moved.estimate * 6.0)).collect();
        let expected = [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 4.0), (9.0, 4.0)];
        let is_near =
            |((at, one), (by, other)): (&(f64, f64), (f64, f64))| *at == by && (one - other).abs() < 1e-9;
        assert!(shown.len() == 5 && shown.iter().zip(expected).all(is_near), "{shown:?}");
        assert!(!found.is_decided(), "one was open at 9 s");
        assert_eq!(found.span(), Some((1.0, 4.0)));
        // By 1 s: 1, 0 and 0 of 2 each. Equal denominators make the jackknife the mean of shares 1/2, 0, 0: 1/6 with a standard error of
        // 1/6 and skewness 1, so that the limits lie 3 (1 - (1 - 4.302653 - 1/6)^(1/3)) and 3 ((1 + 4.302653 - 1/6)^(1/3) - 1) of them
        // above and below.
        let first = found.points[0].moved;
        assert_eq!((first.low, first.high), (Some(0.0), Some(1.0)), "clipped");
        // By 2 s: 1/2, 1/2, 0, skewed the other way.
        let second = found.points[1].moved;
        assert_eq!(second.low, Some(0.0), "clipped");
        assert!(
            (second.high.expect("three replications") - (2.0 + 2.176_019) / 6.0).abs() < 1e-6,
            "{second:?}"
        );
        let alone = curve("one", &lists[..1], &Design::plain(1));
        assert!(alone.points.iter().all(|point| point.moved.low.is_none() && point.moved.high.is_none()));
        assert!(alone.is_decided());
    }

    #[test]
    fn many_steps_are_thinned_to_what_holds_at_those_that_are_kept() {
        let lists =
            [(1..=2_000).map(|at| spell(at, End::Event)).collect::<Vec<_>>(), vec![spell(1, End::Other)]];
        let found = curve("many", &lists, &Design::plain(2));
        assert!((200..=STEPS_MAX + 1).contains(&found.points.len()), "{}", found.points.len());
        for point in &found.points {
            assert!((point.moved.estimate - point.seconds / 2_001.0).abs() < 1e-9, "{point:?}");
        }
        assert_eq!(found.points.last().map(|last| last.seconds), Some(2_000.0));
    }
}
