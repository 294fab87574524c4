//! What no interval tells: faults that are so rare that the replications can hardly have shown them.

use crate::scenario::resolved::{Sampling, Scenario, SharedClass};

/// Of a class of shared faults so many are to be expected in all replications together, or its cost is hardly in the numbers: with 5 there
/// is none in 1 of 150 runs, and intervals of means as skewed as a chain's lost sales keep their level (`tests/estimators/skewed.rs`).
const EXPECTED_MIN: f64 = 5.0;
/// So many replications a stratum needs for the same.
const STRATUM_MIN: u32 = 30;

/// A sentence to go with the numbers of so many replications of a scenario; `None` if there is nothing to warn of.
#[must_use]
pub fn caution(scenario: &Scenario, replications: usize) -> Option<String> {
    if replications < 2 {
        return None;
    }
    match scenario.sampling {
        Sampling::Plain => rare_faults(scenario, replications).map(|told| {
            format!("{told} `faults.sampling = \"strata\"` draws them on purpose and weighs them exactly.")
        }),
        Sampling::Strata => of_small_strata(scenario, replications),
        Sampling::Boosted(_) => None,
    }
}

/// The same of replications that are all drawn alike, without a remedy.
#[must_use]
pub fn rare_faults(scenario: &Scenario, replications: usize) -> Option<String> {
    let rare: Vec<String> = SharedClass::ALL
        .into_iter()
        .map(|class| (class, scenario.expected_of_class(class) * replications as f64))
        .filter(|&(_, count)| count > 0.0 && count < EXPECTED_MIN)
        .map(|(class, count)| format!("{} {}", at_hand(count), whose(class)))
        .collect();
    (!rare.is_empty()).then(|| {
        format!(
            "Rare faults: {replications} replications can be expected to show {}. What such faults cost may be missing from means and \
             intervals alike.",
            rare.join(" and ")
        )
    })
}

fn at_hand(count: f64) -> String {
    if count < 0.1 { "fewer than 0.1".to_owned() } else { format!("{count:.1}") }
}

fn whose(class: SharedClass) -> &'static str {
    match class {
        SharedClass::Chain => "faults of the fleet or a service",
        SharedClass::Operator => "faults of an operator",
        SharedClass::Regional => "faults of a region or market",
    }
}

fn of_small_strata(scenario: &Scenario, replications: usize) -> Option<String> {
    let strata = scenario.strata().len();
    let smallest = (replications / strata.max(1)) as u32;
    (strata > 1 && smallest < STRATUM_MIN).then(|| {
        format!(
            "Strata have {smallest} replications each: intervals keep their level from {STRATUM_MIN} on, which is {} in all.",
            strata * STRATUM_MIN as usize
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_to_a_tenth() {
        assert_eq!([0.004, 0.35, 4.96].map(at_hand), ["fewer than 0.1", "0.3", "5.0"]);
    }
}
