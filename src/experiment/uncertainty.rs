//! A decision under inputs that are not known: one at a time (tornado, switch values) and all together (outer sampling).
//!
//! All of it is under one seed, so what moves between two values of an input is the input's doing; the limits at each value are those of
//! the replications there. Differences of two designs are paired by replication.

use super::sweep::latin::shares;
use crate::measure::design::Design;
use crate::measure::estimators::Interval;
use crate::model::purpose::Purpose;
use crate::report::summary::LEVEL;
use crate::report::sweep::Measured;
use crate::report::uncertainty::{Bar, Decision, InputSample, Switch, Valued};
use crate::scenario::vary::{Range, canonical};

/// How often the stretch in which a decision flips is halved: to a 64th of it.
const STEPS: u32 = 6;
/// How often the stretches are halved in which doubt begins and ends.
const EDGE_STEPS: u32 = 3;

/// An input with its range.
#[derive(Clone, PartialEq, Debug)]
pub struct Input {
    /// Path as `--set` takes it.
    pub path: String,
    /// Its range, suited to its kind of value.
    pub range: Range,
    /// Where the range comes from.
    pub source: String,
    /// The scenario's own value; empty if it is not one value.
    pub base: String,
}

/// Gives the quantity with some inputs changed: path and value.
pub type At<'a, E> = &'a mut dyn FnMut(&[(String, String)]) -> Result<Valued, E>;

/// The quantity of one design: a metric and its interval.
#[must_use]
pub fn of_metric(metric: &Measured) -> Option<Valued> {
    Some(Valued { estimate: metric.estimate?, low: metric.low, high: metric.high })
}

/// The quantity of two designs: by how much the metric of the second is larger, paired by replication. Without limits where replications
/// are not all drawn alike.
#[must_use]
pub fn of_difference(first: &Measured, second: &Measured) -> Option<Valued> {
    let apart = second.estimate? - first.estimate?;
    let pairs = first.by_replication.as_ref().zip(second.by_replication.as_ref());
    let differences = pairs.filter(|(one, other)| one.len() == other.len()).map(|(one, other)| {
        other.iter().zip(one).map(|(second, first)| second - first).collect::<Vec<f64>>()
    });
    // Pseudo-values have the estimate as their mean only up to their bias: the limits stand around the estimate.
    let interval = differences
        .map(|differences| Design::plain(differences.len()).interval(apart, &differences, LEVEL))
        .unwrap_or(Interval::point(apart, LEVEL));
    Some(Valued { estimate: apart, low: interval.low, high: interval.high })
}

/// Each input at both ends of its range, and where it would flip the decision; largest swing first.
///
/// # Errors
/// Those of `at`.
pub fn one_at_a_time<E>(
    inputs: &[Input],
    decision: Option<&Decision>,
    base: Valued,
    at: At<'_, E>,
) -> Result<Vec<Bar>, E> {
    let mut bars = Vec::with_capacity(inputs.len());
    for input in inputs {
        let mut alone = |value: String| at(&[(input.path.clone(), value)]);
        let ends = (alone(input.range.low.clone())?, alone(input.range.high.clone())?);
        let switch = match decision {
            None => Switch::NoThreshold,
            Some(decision) => switch(&input.range, &input.base, (decision, base), ends, &mut alone)?,
        };
        bars.push(Bar {
            path: input.path.clone(),
            source: input.source.clone(),
            base: input.base.clone(),
            ends: (input.range.low.clone(), input.range.high.clone()),
            at: ends,
            switch,
        });
    }
    bars.sort_by(|one, other| other.swing().total_cmp(&one.swing()).then_with(|| one.path.cmp(&other.path)));
    Ok(bars)
}

/// Draws all inputs from their ranges, `count` times.
///
/// # Errors
/// Those of `at`.
pub fn all_together<E>(
    inputs: &[Input],
    count: u32,
    seed: u64,
    at: At<'_, E>,
) -> Result<Vec<InputSample>, E> {
    let columns: Vec<Vec<String>> = inputs
        .iter()
        .map(|input| {
            let shares = shares(seed, Purpose::InputSample, &canonical(&input.path), count);
            shares.into_iter().map(|share| input.range.written(input.range.number(share))).collect()
        })
        .collect();
    let sample = |number: usize| {
        let values: Vec<String> = columns.iter().map(|column| column[number].clone()).collect();
        let changes: Vec<(String, String)> =
            inputs.iter().map(|input| input.path.clone()).zip(values.iter().cloned()).collect();
        Ok(InputSample { values, value: at(&changes)? })
    };
    (0..count as usize).map(sample).collect()
}

/// The quantity along one input, ascending.
struct Walk<'d> {
    decision: &'d Decision,
    seen: Vec<(f64, Valued)>,
}

impl Walk<'_> {
    fn side(&self, position: usize) -> bool {
        self.decision.side(&self.seen[position].1)
    }

    fn is_sure(&self, position: usize) -> bool {
        self.decision.is_sure(&self.seen[position].1)
    }

    /// The first position behind which the side changes.
    fn flip(&self) -> Option<usize> {
        (1..self.seen.len())
            .map(|position| position - 1)
            .find(|&position| self.side(position) != self.side(position + 1))
    }

    /// Looks halfway between `position` and the next; false if nothing lies there.
    fn halve<E>(
        &mut self,
        position: usize,
        range: &Range,
        at: &mut dyn FnMut(String) -> Result<Valued, E>,
    ) -> Result<bool, E> {
        let Some(middle) = range.halfway(self.seen[position].0, self.seen[position + 1].0) else {
            return Ok(false);
        };
        let value = at(range.written(middle))?;
        self.seen.insert(position + 1, (middle, value));
        Ok(true)
    }

    /// The nearest sure position before `flip`, on its side.
    fn sure_before(&self, flip: usize) -> Option<usize> {
        (0..=flip).rev().find(|&position| self.is_sure(position) && self.side(position) == self.side(flip))
    }

    /// The nearest sure position behind `flip`, on the other side.
    fn sure_behind(&self, flip: usize) -> Option<usize> {
        let other = self.side(flip + 1);
        (flip + 1..self.seen.len()).find(|&position| self.is_sure(position) && self.side(position) == other)
    }
}

/// Where along its range an input flips the decision.
fn switch<E>(
    range: &Range,
    base: &str,
    (decision, at_base): (&Decision, Valued),
    ends: (Valued, Valued),
    at: &mut dyn FnMut(String) -> Result<Valued, E>,
) -> Result<Switch, E> {
    let (low, high) = range.numbers();
    let mut walk = Walk { decision, seen: vec![(low, ends.0), (high, ends.1)] };
    if let Some(number) = range.number_of(base).filter(|&number| low < number && number < high) {
        walk.seen.insert(1, (number, at_base));
    }
    if walk.flip().is_none() {
        // The scenario's own value counts, even where it is not one value and has no place in the range.
        let as_own = decision.is_sure(&at_base) && decision.side(&at_base) == walk.side(0);
        let all_sure = as_own && (0..walk.seen.len()).all(|position| walk.is_sure(position));
        return Ok(if all_sure { Switch::Holds } else { Switch::Undecided });
    }
    for _ in 0..STEPS {
        let Some(flip) = walk.flip() else { break };
        if !walk.halve(flip, range, at)? {
            break;
        }
    }
    for _ in 0..EDGE_STEPS {
        let Some(flip) = walk.flip() else { break };
        if let Some(sure) = walk.sure_before(flip).filter(|&sure| sure < flip) {
            walk.halve(sure, range, at)?;
        }
        let Some(flip) = walk.flip() else { break };
        if let Some(sure) = walk.sure_behind(flip).filter(|&sure| sure > flip + 1) {
            walk.halve(sure - 1, range, at)?;
        }
    }
    let Some(flip) = walk.flip() else { return Ok(Switch::Undecided) };
    let ((before, first), (behind, second)) = (walk.seen[flip], walk.seen[flip + 1]);
    // On a line between the two; where no value lies between them, the one behind.
    let share = (decision.at - first.estimate) / (second.estimate - first.estimate);
    let number = match range.halfway(before, behind) {
        Some(_) => before + share * (behind - before),
        None => behind,
    };
    let written = |position: usize| range.written(walk.seen[position].0);
    Ok(Switch::Flips {
        at: range.written(number),
        from: walk.sure_before(flip).map(written),
        to: walk.sure_behind(flip).map(written),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::vary::Distribution;

    fn range(low: &str, high: &str) -> Range {
        Range::new(low, high, Distribution::Uniform, None).expect("in order")
    }

    fn input(path: &str, low: &str, high: &str, base: &str) -> Input {
        Input {
            path: path.to_owned(),
            range: range(low, high),
            source: "a test".to_owned(),
            base: base.to_owned(),
        }
    }

    fn within(estimate: f64, half: f64) -> Valued {
        Valued { estimate, low: Some(estimate - half), high: Some(estimate + half) }
    }

    /// The switch of a quantity that is `quantity(x)` ± `half`, against 0.
    fn switch_of(input: &Input, half: f64, quantity: fn(f64) -> f64) -> (Switch, usize) {
        let mut looks = 0;
        let mut at = |changes: &[(String, String)]| {
            looks += 1;
            let number = input.range.number_of(&changes[0].1).expect("a number");
            Ok::<_, ()>(within(quantity(number), half))
        };
        let base = within(quantity(input.range.number_of(&input.base).unwrap_or(0.0)), half);
        let decision = Decision { at: 0.0, equal_is_above: false, words: String::new(), sides: ("", "") };
        let bars =
            one_at_a_time(std::slice::from_ref(input), Some(&decision), base, &mut at).expect("no failure");
        (bars[0].switch.clone(), looks)
    }

    #[test]
    fn a_switch_is_found_with_the_stretch_of_doubt_around_it() {
        let share = input("a.share", "0.0", "1.0", "0.5");
        let (found, looks) = switch_of(&share, 0.1, |x| 2.0 * (x - 0.3));
        let Switch::Flips { at, from, to } = found else { panic!("{found:?}") };
        let number = |text: &str| text.parse::<f64>().expect("a number");
        assert!((number(&at) - 0.3).abs() < 1e-3, "{at}");
        // There is doubt from 0.25 to 0.35.
        let (from, to) = (number(&from.expect("sure")), number(&to.expect("sure")));
        assert!((0.2..=0.25).contains(&from) && (0.35..=0.4).contains(&to), "{from} {to}");
        assert!(looks <= 2 + 6 + 6);
    }

    #[test]
    fn no_switch_and_doubt_are_told_apart() {
        let share = input("a.share", "0.0", "1.0", "");
        assert_eq!(switch_of(&share, 0.1, |x| x + 0.2).0, Switch::Holds);
        assert_eq!(switch_of(&share, 0.1, |x| x + 0.05).0, Switch::Undecided);
        // Doubt everywhere: it flips somewhere, and nothing is sure.
        let (found, _) = switch_of(&share, 9.0, |x| x - 0.5);
        assert_eq!(found, Switch::Flips { at: "0.5".to_owned(), from: None, to: None });
        // It flips only between the scenario's value and an end.
        let bump = input("a.share", "0.0", "1.0", "50 %");
        assert!(matches!(switch_of(&bump, 0.001, |x| 0.2 - (x - 0.5).abs()).0, Switch::Flips { .. }));
    }

    #[test]
    fn counts_flip_at_a_whole_number() {
        let count = input("a.count", "1", "9", "4");
        let found = switch_of(&count, 0.1, |x| x - 5.5).0;
        let text = |number: &str| Some(number.to_owned());
        assert_eq!(found, Switch::Flips { at: "6".to_owned(), from: text("5"), to: text("6") });
    }

    #[test]
    fn bars_are_in_order_and_samples_cover_the_ranges() {
        let inputs = [input("a.small", "0.0", "1.0", ""), input("b.large", "0 s", "10 s", "")];
        let sum = |changes: &[(String, String)]| {
            let of = |text: &str| text.trim_end_matches(" s").parse::<f64>().expect("a number");
            Ok::<_, ()>(within(changes.iter().map(|(_, value)| of(value)).sum(), 0.1))
        };
        let bars = one_at_a_time(&inputs, None, within(0.0, 0.1), &mut { sum }).expect("no failure");
        assert_eq!(
            (bars[0].path.as_str(), bars[0].swing(), &bars[0].switch),
            ("b.large", 10.0, &Switch::NoThreshold)
        );
        let samples = all_together(&inputs, 200, 7, &mut { sum }).expect("no failure");
        let mean = samples.iter().map(|sample| sample.value.estimate).sum::<f64>() / 200.0;
        // A hypercube's mean of a sum has a standard error of 0.003 here: five of them.
        assert!((mean - 5.5).abs() < 0.015, "{mean}");
    }

    #[test]
    fn differences_are_paired_by_replication() {
        let metric = |values: Option<Vec<f64>>, estimate| Measured {
            group: "verdict".to_owned(),
            name: "lost".to_owned(),
            day: None,
            unit: "USD".to_owned(),
            estimate: Some(estimate),
            low: None,
            high: None,
            replications: 3,
            by_replication: values,
        };
        let (first, second) =
            (metric(Some(vec![1.0, 5.0, 9.0]), 5.0), metric(Some(vec![2.0, 6.0, 10.0]), 6.0));
        assert_eq!(
            of_difference(&first, &second),
            Some(Valued { estimate: 1.0, low: Some(1.0), high: Some(1.0) })
        );
        let biased = metric(Some(vec![2.0, 6.0, 10.0]), 6.5);
        assert_eq!(
            of_difference(&first, &biased),
            Some(Valued { estimate: 1.5, low: Some(1.5), high: Some(1.5) })
        );
        let share = metric(None, 0.5);
        assert_eq!(of_difference(&first, &share), Some(Valued { estimate: -4.5, low: None, high: None }));
    }
}
