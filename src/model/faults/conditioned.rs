//! Shared faults under a condition: none of a class in its rare window, or at least one.
//!
//! None: the rest of the process is as it was, for what a Poisson process does in one stretch says nothing about another. At least
//! one: how many is Poisson given that it is not 0; each is independently one of the class's processes, by their shares of what is
//! expected, at an instant by its rate (the order statistics of a Poisson process: S. M. Ross, "Stochastic Processes", 2nd ed.
//! 1996, theorem 2.3.1). No attempt is ever thrown away. Which process is a race of exponentials, each drawn at its own address,
//! so that another unit seldom changes who wins.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::{exponential, unit};
use crate::model::purpose::{Purpose, address};
use crate::scenario::resolved::{Condition, Scenario, Scope, SharedClass, instant_at};
use crate::units::SimTime;

/// Numbers of such onsets within their day begin here; no process has as many others in a day.
pub(super) const FIRST_NUMBER: u32 = 1 << 15;
/// No class has more onsets than these in a replication: with 3 expected, never.
const ONSETS_MAX: u32 = 1_000;

/// An onset: number of its cause and of its unit, its own number, its instant.
type Point = (usize, usize, u32, SimTime);

/// What a replication's stratum says.
pub(super) struct Conditions {
    /// Position of the stratum.
    pub(super) stratum: u32,
    classes: Vec<(SharedClass, Condition)>,
    points: Vec<Point>,
}

impl Conditions {
    /// Those of the replication under `key`: strata take turns.
    pub(super) fn of(scenario: &Scenario, key: Key) -> Self {
        let conditioned = scenario.conditioned();
        let strata = conditioned.len() as u64 + 1;
        let stratum = key.replication % strata;
        // Stratum 0 has none of any class; stratum k something of the k-th, nothing of those before it.
        let condition = |position: u64| match stratum {
            0 => Condition::Nothing,
            stratum if position + 1 < stratum => Condition::Nothing,
            stratum if position + 1 == stratum => Condition::Something,
            _ => Condition::Free,
        };
        let classes: Vec<_> =
            conditioned.iter().zip(0..).map(|(&(class, _), position)| (class, condition(position))).collect();
        let mut points = Vec::new();
        for (&(class, expected), (_, condition)) in conditioned.iter().zip(&classes) {
            if *condition == Condition::Something {
                points = at_least_one(scenario, key, class, expected);
            }
        }
        Conditions { stratum: stratum as u32, classes, points }
    }

    /// What is said of a scope's causes.
    pub(super) fn of_scope(&self, scope: Scope) -> Condition {
        let class = SharedClass::of(scope);
        let found = self.classes.iter().find(|(one, _)| Some(*one) == class);
        found.map_or(Condition::Free, |&(_, condition)| condition)
    }

    /// Onsets of one cause at one unit, by instant, with their numbers.
    pub(super) fn onsets(&self, cause: usize, unit: usize) -> impl Iterator<Item = (u32, SimTime)> + '_ {
        let mine = self.points.iter().filter(move |point| (point.0, point.1) == (cause, unit));
        mine.map(|&(_, _, number, at)| (number, at))
    }
}

/// The onsets of a class in its rare window given that there is one, by instant.
fn at_least_one(scenario: &Scenario, key: Key, class: SharedClass, expected: f64) -> Vec<Point> {
    let causes = scenario.causes.iter().enumerate();
    let of_class = causes.filter(|(_, cause)| SharedClass::of(cause.scope) == Some(class));
    let mut processes = Vec::new();
    for (number, cause) in of_class {
        for (position, unit) in cause.shared.iter().flat_map(|shared| &shared.units).enumerate() {
            let mean = scenario.expected_at(cause, unit);
            if mean > 0.0 {
                let name = super::shared::unit_name(cause, unit);
                let entity = Entity::new("fault-unit", &name, &cause.name);
                processes.push((number, position, cause, unit, entity, mean));
            }
        }
    }
    let of_class = Entity::new("fault-class", class.name(), "");
    let word = key.block(address(of_class, Purpose::ClassOnsets, 0), 1)[0];
    let mut points = Vec::new();
    for number in 0..count_given_some(expected, unit(word)) {
        let racers = processes.iter().map(|process| {
            let words = key.block(address(process.4, Purpose::ClassOnset, number.into()), 1);
            (exponential(words[0]) / process.5, process, words[1])
        });
        let first = racers.reduce(|first, other| if other.0 < first.0 { other } else { first });
        let Some((_, &(cause_number, position, cause, of_unit, ..), word)) = first else { break };
        let factors = scenario.shared_factors(cause, of_unit);
        let at = instant_at(&factors, scenario.rare_window(cause), unit(word));
        points.push((cause_number, position, FIRST_NUMBER + number, at));
    }
    points.sort_by_key(|point| (point.3, point.2));
    points
}

/// How many there are, given that there is one: the quantile `u` of a Poisson distribution without its 0.
fn count_given_some(mean: f64, u: f64) -> u32 {
    let some = -libm::expm1(-mean);
    let mut term = mean * libm::exp(-mean) / some;
    let mut up_to = term;
    let mut count = 1;
    while u >= up_to && count < ONSETS_MAX {
        count += 1;
        term *= mean / f64::from(count);
        up_to += term;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_given_some_is_as_probable_as_it_is() {
        let mean = 0.5_f64;
        let one = mean * libm::exp(-mean) / (1.0 - libm::exp(-mean));
        assert_eq!(count_given_some(mean, 0.0), 1);
        assert_eq!(count_given_some(mean, one - 1e-9), 1);
        assert_eq!(count_given_some(mean, one + 1e-9), 2);
        assert_eq!(count_given_some(1e-12, 0.999_999), 1);
        assert!(count_given_some(3.0, 0.999_999_999) < 20);
    }
}
