//! Times until something happens where not all have happened yet, and where something else may come first.
//!
//! Left out, what was still under way at the end makes a distribution too short, for the long ones are missing; counted as never, too
//! long. E. L. Kaplan and P. Meier (JASA 53, 1958) take each out of those at risk when it was last seen. What comes first and
//! makes the event impossible (a repair before the failover) is not such a last look: it competes, and the probability of the
//! event by t is the cumulative incidence of O. Aalen and S. Johansen (Scandinavian Journal of Statistics 5, 1978).

use std::collections::BTreeMap;

/// How a spell ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum End {
    /// What is asked about happened.
    Event,
    /// Something else came first.
    Other,
    /// It was still under way when it was last seen.
    Censored,
}

/// A spell: how long, how it ended, and what it stands for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spell {
    /// Its length in nanoseconds.
    pub nanos: u64,
    /// How it ended.
    pub end: End,
    /// Its weight: 1 if all stand for the same.
    pub weight: f64,
}

/// What is known at a length at which something ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Step {
    /// The length in nanoseconds.
    pub nanos: u64,
    /// Weight of the spells that lasted so long at least.
    pub at_risk: f64,
    /// Probability that neither has come by then (Kaplan–Meier, either end an event).
    pub neither: f64,
    /// Probability that the event has come by then, and came first (Aalen–Johansen).
    pub event: f64,
    /// The same of what competes with it.
    pub other: f64,
}

/// The curves of `spells`, a step at each length at which one ended otherwise than by censoring. Those censored at a length are at
/// risk of what happens at it.
#[must_use]
pub fn incidence(spells: &[Spell]) -> Vec<Step> {
    let mut sorted = spells.to_vec();
    sorted.sort_by_key(|spell| (spell.nanos, spell.end));
    // Summed from the longest, so that the few that are left at the end lose nothing to rounding.
    let mut at_risk = 0.0;
    let mut left: Vec<f64> = sorted
        .chunk_by(|one, next| one.nanos == next.nanos)
        .rev()
        .map(|here| {
            at_risk += here.iter().map(|one| one.weight).sum::<f64>();
            at_risk
        })
        .collect();
    left.reverse();
    let (mut neither, mut event, mut other) = (1.0, 0.0, 0.0);
    let mut steps = Vec::new();
    for (here, at_risk) in sorted.chunk_by(|one, next| one.nanos == next.nanos).zip(left) {
        let ended = |end: End| here.iter().filter(|one| one.end == end).map(|one| one.weight).sum::<f64>();
        let (events, others) = (ended(End::Event), ended(End::Other));
        if events + others > 0.0 {
            event += neither * events / at_risk;
            other += neither * others / at_risk;
            neither *= 1.0 - (events + others) / at_risk;
            steps.push(Step { nanos: here[0].nanos, at_risk, neither, event, other });
        }
    }
    steps
}

/// For how many each spell stands that has ended, itself and its part of those that were censored before (B. Efron's
/// redistribution to the right, Fifth Berkeley Symposium 4, 1967): 1 if none was, 0 for a censored one. Over the weight of all,
/// sums of weights times this are what [`incidence`] has.
#[must_use]
pub fn stand_for(spells: &[Spell]) -> Vec<f64> {
    let is_ended = |spell: &Spell| spell.end != End::Censored;
    if spells.iter().all(is_ended) {
        return vec![1.0; spells.len()];
    }
    let all: f64 = spells.iter().map(|spell| spell.weight).sum();
    let steps = incidence(spells);
    let of_one = |spell: &Spell| {
        let position = steps.partition_point(|step| step.nanos < spell.nanos);
        let before = position.checked_sub(1).map_or(1.0, |before| steps[before].neither);
        if is_ended(spell) { all * before / steps[position].at_risk } else { 0.0 }
    };
    spells.iter().map(of_one).collect()
}

/// The same where only spells of one of `groups`, which has a number for each, may stand for each other.
#[must_use]
pub fn stand_for_within(groups: &[u64], spells: &[Spell]) -> Vec<f64> {
    let mut members: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (position, &group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(position);
    }
    let mut stands = vec![0.0; spells.len()];
    for positions in members.values() {
        let of_group: Vec<Spell> = positions.iter().map(|&position| spells[position]).collect();
        for (&position, one) in positions.iter().zip(stand_for(&of_group)) {
            stands[position] = one;
        }
    }
    stands
}

/// The length by which a share `q` of all spells have had the event; `None` if so many never do, or are not known to.
#[must_use]
pub fn reached_by(steps: &[Step], q: f64) -> Option<u64> {
    // Sums of shares that should meet q exactly miss it by rounding.
    const ROUNDING: f64 = 1e-12;
    steps.iter().find(|step| step.event >= q - ROUNDING).map(|step| step.nanos)
}

/// The length by which a share `q` of the spells that have the event, as far as is known, have had it; `None` if none has.
#[must_use]
pub fn event_quantile(steps: &[Step], q: f64) -> Option<u64> {
    let all = steps.last()?.event;
    if all > 0.0 { reached_by(steps, q * all) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(nanos: u64, end: End) -> Spell {
        Spell { nanos, end, weight: 1.0 }
    }

    /// Weeks in remission under 6-MP (Freireich et al., Blood 21, 1963), and the curve that textbooks print of them (J. P. Klein and
    /// M. L. Moeschberger, "Survival Analysis", 2nd ed. 2003, table 4.1).
    #[test]
    fn kaplan_and_meier_as_in_the_textbook() {
        let events = [6, 6, 6, 7, 10, 13, 16, 22, 23];
        let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
        let mut spells: Vec<Spell> = events.iter().map(|&weeks| spell(weeks, End::Event)).collect();
        spells.extend(censored.iter().map(|&weeks| spell(weeks, End::Censored)));
        let steps = incidence(&spells);
        let printed =
            [(6, 0.857), (7, 0.807), (10, 0.753), (13, 0.690), (16, 0.627), (22, 0.538), (23, 0.448)];
        assert_eq!(steps.len(), printed.len());
        for (step, (weeks, survival)) in steps.iter().zip(printed) {
            assert_eq!(step.nanos, weeks);
            assert!((step.neither - survival).abs() < 0.0005, "{step:?}");
            assert!((step.neither + step.event - 1.0).abs() < 1e-12);
        }
        assert_eq!((reached_by(&steps, 0.5), reached_by(&steps, 0.6)), (Some(23), None));
        // Half of 0.552 is reached between 0.247 at 10 and 0.310 at 13.
        assert_eq!((event_quantile(&steps, 0.5), event_quantile(&[], 0.5)), (Some(13), None));
    }

    /// Worked by hand: at 1 of 5 an event, at 2 of 4 another end, one censored at 3, at 4 of 2 an event, at 5 the last another end.
    #[test]
    fn aalen_and_johansen_by_hand() {
        let ends = [End::Event, End::Other, End::Censored, End::Event, End::Other];
        let spells: Vec<Spell> = (1..).zip(ends).map(|(nanos, end)| spell(nanos, end)).collect();
        let expected = [(1, 0.8, 0.2, 0.0), (2, 0.6, 0.2, 0.2), (4, 0.3, 0.5, 0.2), (5, 0.0, 0.5, 0.5)];
        for (step, (nanos, neither, event, other)) in incidence(&spells).iter().zip(expected) {
            assert_eq!(step.nanos, nanos);
            let off = [step.neither - neither, step.event - event, step.other - other];
            assert!(off.iter().all(|off| off.abs() < 1e-12), "{step:?}");
        }
        // The one censored at 3 goes to the two behind it, in halves; or to the one of them that is of its group.
        for (stands, expected) in [
            (stand_for(&spells), [1.0, 1.0, 0.0, 1.5, 1.5]),
            (stand_for_within(&[7; 5], &spells), [1.0, 1.0, 0.0, 1.5, 1.5]),
            (stand_for_within(&[0, 9, 9, 0, 9], &spells), [1.0, 1.0, 0.0, 1.0, 2.0]),
        ] {
            let off = stands.iter().zip(expected).map(|(one, expected)| (one - expected).abs());
            assert!(off.max_by(f64::total_cmp).is_some_and(|off| off < 1e-12), "{stands:?}");
        }
    }

    #[test]
    fn without_censoring_it_is_counting_and_weights_count_as_spells() {
        let ends = [End::Event, End::Other, End::Event, End::Event];
        let spells: Vec<Spell> = (1..).zip(ends).map(|(nanos, end)| spell(nanos, end)).collect();
        let last = incidence(&spells)[3];
        assert!(
            (last.event - 0.75).abs() < 1e-12
                && (last.other - 0.25).abs() < 1e-12
                && last.neither.abs() < 1e-12
        );
        let double: Vec<Spell> = spells.iter().map(|one| Spell { weight: 2.0, ..*one }).collect();
        let one = |spells: &[Spell]| {
            incidence(spells).iter().map(|step| (step.neither, step.event)).collect::<Vec<_>>()
        };
        assert_eq!(one(&double), one(&spells));
        assert_eq!(stand_for(&double), [1.0; 4]);
        assert_eq!(incidence(&[]), []);
    }
}
