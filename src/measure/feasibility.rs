//! Whether a design meets its targets: feasibility determination for several constraints on means.
//!
//! S. Andradottir and S.-H. Kim, "Fully sequential procedures for comparing constrained systems via simulation", Naval Research
//! Logistics 57 (2010) 403-421 (one constraint), and D. Batur and S.-H. Kim, "Finding feasible systems in the presence
//! of constraints on multiple performance measures", ACM TOMACS 20 (2010) 13 (several, by Bonferroni), with c = 1.
//!
//! A constraint is `E[Y] ≤ limit` with a tolerance: a mean below limit − tolerance is declared met, one above limit +
//! tolerance missed, each with the promised probability; between them either may be said, and of data without any
//! variance nothing. Designs may share draws: errors are added over designs and constraints. As with
//! [`super::selection`] an observation is the mean of a batch, and skewed data are in `tests/selection.rs`.

use super::selection::{Batches, Promise, variance};

/// A bound on a mean.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Constraint {
    /// The mean may be this at most, in the unit of the observations.
    pub limit: f64,
    /// What is closer to the limit than this may be declared either way, above 0.
    pub tolerance: f64,
}

/// What is known of a constraint, or of all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Not yet decided.
    Open,
    /// The mean is within the limit.
    Met,
    /// It is not.
    Missed,
}

/// One design against its constraints.
#[derive(Clone, Debug)]
pub struct Feasibility {
    promise: Promise,
    beta: f64,
    batches: Batches,
    tests: Vec<Test>,
}

/// One constraint.
#[derive(Clone, Debug)]
struct Test {
    constraint: Constraint,
    rounds: Vec<f64>,
    variance: Option<f64>,
    verdict: Verdict,
}

impl Feasibility {
    /// One of `designs` designs that the promise is for together; `promise.zone` does not matter, constraints have tolerances.
    #[must_use]
    pub fn new(constraints: &[Constraint], designs: usize, promise: Promise) -> Self {
        let shared = designs.max(1) * constraints.len().max(1);
        let test = |&constraint: &Constraint| Test {
            constraint,
            rounds: Vec::new(),
            variance: None,
            verdict: Verdict::Open,
        };
        Feasibility {
            promise,
            beta: promise.alpha / shared as f64,
            batches: Batches::new(promise.batch, constraints.len()),
            tests: constraints.iter().map(test).collect(),
        }
    }

    /// Of all constraints: missed as soon as one is, met once all are.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let is = |verdict| self.tests.iter().any(|test| test.verdict == verdict);
        if is(Verdict::Missed) {
            Verdict::Missed
        } else if is(Verdict::Open) {
            Verdict::Open
        } else {
            Verdict::Met
        }
    }

    /// Of one constraint.
    #[must_use]
    pub fn of(&self, constraint: usize) -> Verdict {
        self.tests[constraint].verdict
    }

    /// Mean of what was observed in full batches.
    #[must_use]
    pub fn mean(&self, constraint: usize) -> f64 {
        let rounds = &self.tests[constraint].rounds;
        rounds.iter().sum::<f64>() / rounds.len().max(1) as f64
    }

    /// One replication: values by constraint.
    pub fn observe(&mut self, values: &[f64]) {
        let Some(means) = self.batches.add(values) else { return };
        for (test, mean) in self.tests.iter_mut().zip(means) {
            test.observe(mean, self.beta, self.promise);
        }
    }
}

impl Test {
    fn observe(&mut self, value: f64, beta: f64, promise: Promise) {
        self.rounds.push(value);
        let done = self.rounds.len();
        if done < promise.first.max(2) || self.verdict != Verdict::Open {
            return;
        }
        let values = self.rounds.iter().copied();
        let variance = *self.variance.get_or_insert_with(|| variance(values));
        // What never varied in the first stage may be an event that has not happened yet: nothing can be said.
        if variance == 0.0 {
            self.variance = None;
            return;
        }
        let Constraint { limit, tolerance } = self.constraint;
        let region = Promise { zone: tolerance, ..promise }.region(beta, variance, done);
        let sum: f64 = self.rounds.iter().map(|value| value - limit).sum();
        if sum <= -region {
            self.verdict = Verdict::Met;
        } else if sum >= region {
            self.verdict = Verdict::Missed;
        }
    }
}
