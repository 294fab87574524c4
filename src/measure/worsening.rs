//! Whether quantities got worse by more than a margin, from what replications before and now showed.
//!
//! With A before, B now and a margin m, the excess is D = B − (1 + m)·A: above zero, the relative worsening B/A − 1 exceeds the
//! margin. D is estimated from pseudo-values ([`super::sample`]), replication by replication where both had the same draws,
//! else with the degrees of freedom of B. L. Welch (Biometrika 34, 1947). No quotient is taken, so an A near or at zero does no
//! harm; the limits of B/A − 1 that go with the test are those of E. C. Fieller (JRSS B 16, 1954).
//!
//! Over several quantities, "worse" holds family-wise by S. Holm's procedure (Scand. J. Statist. 6, 1979). "No worse" of all
//! together needs no correction: each has to pass by itself (R. L. Berger, Technometrics 24, 1982).

use super::design::Design;
use super::sample::{Influence, Sample};
use super::student::{upper_t, upper_tail_of_t};

/// What the evidence says of a quantity that must not get worse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is no worse than allowed.
    Pass,
    /// It is worse than allowed.
    Fail,
    /// These replications do not tell.
    Inconclusive,
}

/// A quantity before and now.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Change {
    /// Estimate before.
    pub before: f64,
    /// Estimate now.
    pub now: f64,
    /// Variances of both estimates, and their covariance.
    variances: (f64, f64, f64),
    /// The margin it was tested at.
    margin: f64,
    /// Degrees of freedom at the margin.
    freedom: f64,
}

/// A tested change.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tested {
    /// The verdict at its level.
    pub verdict: Verdict,
    /// P(so much worse or more) if it is exactly at the margin.
    pub p: f64,
    /// What `p` was held against, by Holm.
    pub level: f64,
    /// Lower limit of the relative worsening, one-sided at `level`: above the margin exactly if it fails. `None` = no limit.
    pub low: Option<f64>,
    /// Upper limit, one-sided at the level of the whole: below the margin exactly if it passes.
    pub high: Option<f64>,
    /// How many times as many replications would decide it if the estimates stayed; `None` = none would.
    pub factor: Option<f64>,
}

impl Change {
    /// The change of one quantity, of which more is worse, against a `margin` of 0.05 for 5 %. `None` if either was not measured
    /// or has no variance to be told.
    #[must_use]
    pub fn new(
        before: (&Sample, &Design),
        now: (&Sample, &Design),
        margin: f64,
        paired: bool,
    ) -> Option<Change> {
        let (a, b) = (before.0.influence(before.1)?, now.0.influence(now.1)?);
        let factor = 1.0 + margin;
        let combined = |a: &Influence, b: &Influence, design: &Design, of: &dyn Fn(f64, f64) -> f64| {
            let values: Vec<f64> =
                a.pseudo_values.iter().zip(&b.pseudo_values).map(|(a, b)| of(*a, *b)).collect();
            design.variance(&values)
        };
        let (va, vb) = (before.1.variance(&a.pseudo_values)?, now.1.variance(&b.pseudo_values)?);
        let (covariance, freedom) = if paired {
            let difference = combined(&a, &b, now.1, &|a, b| b - a)?;
            let excess = combined(&a, &b, now.1, &|a, b| b - factor * a)?;
            (0.5 * (va.of_estimate + vb.of_estimate - difference.of_estimate), excess.degrees_of_freedom)
        } else {
            let (one, other) = (factor * factor * va.of_estimate, vb.of_estimate);
            let parts = one * one / va.degrees_of_freedom + other * other / vb.degrees_of_freedom;
            let plain = va.degrees_of_freedom + vb.degrees_of_freedom;
            (0.0, if parts > 0.0 { (one + other) * (one + other) / parts } else { plain })
        };
        Some(Change {
            before: a.estimate,
            now: b.estimate,
            variances: (va.of_estimate, vb.of_estimate, covariance),
            margin,
            freedom,
        })
    }

    /// B/A − 1; `None` where A is zero.
    #[must_use]
    pub fn relative(&self) -> Option<f64> {
        (self.before > 0.0).then(|| self.now / self.before - 1.0)
    }

    /// The excess over its standard error; infinite where nothing varies and it is not zero.
    fn statistic(&self) -> f64 {
        let factor = 1.0 + self.margin;
        let excess = self.now - factor * self.before;
        let (va, vb, covariance) = self.variances;
        let variance = vb - 2.0 * factor * covariance + factor * factor * va;
        // What rounding leaves of equal values is neither a variance nor an excess.
        let rounding = 1e-12 * self.now.abs().max(self.before.abs());
        if variance <= rounding * rounding {
            return if excess.abs() <= rounding { f64::NEG_INFINITY } else { excess * f64::INFINITY };
        }
        excess / libm::sqrt(variance)
    }

    fn p_worse(&self) -> f64 {
        upper_tail_of_t(self.statistic(), self.freedom)
    }

    /// Fieller's limit of B/A − 1 on one side, at one-sided `level`.
    fn limit(&self, level: f64, upper: bool) -> Option<f64> {
        let t = upper_t(level, self.freedom)?;
        let (va, vb, covariance) = self.variances;
        let (a, b, square) = (self.before, self.now, t * t);
        // The roots of (b − ρa)² = t² (vb − 2ρ·cov + ρ² va).
        let (two, one, zero) = (a * a - square * va, a * b - square * covariance, b * b - square * vb);
        let root = one * one - two * zero;
        if two <= 0.0 || a <= 0.0 {
            return None;
        }
        let half = libm::sqrt(root.max(0.0));
        Some(if upper { (one + half) / two } else { (one - half) / two } - 1.0)
    }

    /// How many times the replications bring the statistic to `t`.
    fn factor(&self, t: f64) -> Option<f64> {
        let statistic = self.statistic().abs();
        (statistic > 0.0 && statistic.is_finite()).then(|| (t / statistic) * (t / statistic))
    }
}

/// Tests all changes together: a false "worse" anywhere, if all are at their margins or better, has a probability of `alpha` at most.
#[must_use]
pub fn test_all(changes: &[Change], alpha: f64) -> Vec<Tested> {
    let mut order: Vec<usize> = (0..changes.len()).collect();
    let p: Vec<f64> = changes.iter().map(Change::p_worse).collect();
    order.sort_by(|&left, &right| p[left].total_cmp(&p[right]).then(left.cmp(&right)));
    let mut tested = vec![None; changes.len()];
    let (mut level, mut stopped) = (alpha, false);
    for (step, &which) in order.iter().enumerate() {
        if !stopped {
            level = alpha / (changes.len() - step) as f64;
            stopped = p[which] > level;
        }
        let change = &changes[which];
        let passes = upper_tail_of_t(-change.statistic(), change.freedom) <= alpha;
        let verdict = match (stopped, passes) {
            (false, _) => Verdict::Fail,
            (true, true) => Verdict::Pass,
            (true, false) => Verdict::Inconclusive,
        };
        let needed = if change.statistic() > 0.0 { level } else { alpha };
        let needed = upper_t(needed, change.freedom).and_then(|t| change.factor(t));
        tested[which] = Some(Tested {
            verdict,
            p: p[which],
            level,
            low: change.limit(level, false),
            high: change.limit(alpha, true),
            factor: needed.filter(|_| verdict == Verdict::Inconclusive),
        });
    }
    tested.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: &[f64], now: &[f64], paired: bool) -> Change {
        let designs = (Design::plain(before.len()), Design::plain(now.len()));
        let samples = (Sample::Mean(before.to_vec()), Sample::Mean(now.to_vec()));
        Change::new((&samples.0, &designs.0), (&samples.1, &designs.1), 0.05, paired)
            .expect("two values each")
    }

    #[test]
    fn what_does_not_vary_is_told_exactly() {
        let verdict = |before, now| test_all(&[change(&[before; 3], &[now; 3], true)], 0.01)[0].verdict;
        assert_eq!(verdict(1.0, 1.0), Verdict::Pass);
        assert_eq!(verdict(1.0, 1.05), Verdict::Pass, "exactly at the margin is allowed");
        assert_eq!(verdict(1.0, 1.0501), Verdict::Fail);
        assert_eq!(verdict(0.0, 0.0), Verdict::Pass);
        assert_eq!(verdict(0.0, 0.1), Verdict::Fail, "nothing may become something");
    }

    #[test]
    fn limits_say_what_the_test_says() {
        let before = [10.0, 12.0, 9.0, 11.0, 10.5, 9.5, 10.2, 11.1];
        for step in 0..40 {
            let worse = 0.9 + 0.01 * f64::from(step);
            for paired in [true, false] {
                let wobble = [0.1, -0.2, 0.05, 0.3, -0.25, 0.1, 0.0, -0.1];
                let now: Vec<f64> =
                    before.iter().zip(wobble).map(|(one, extra)| one * worse + extra).collect();
                let tested = test_all(&[change(&before, &now, paired)], 0.01)[0];
                assert_eq!(
                    tested.low.expect("a limit") > 0.05,
                    tested.verdict == Verdict::Fail,
                    "{worse} {paired}"
                );
                assert_eq!(
                    tested.high.expect("a limit") < 0.05,
                    tested.verdict == Verdict::Pass,
                    "{worse} {paired}"
                );
            }
        }
    }

    #[test]
    fn holm_holds_the_smallest_against_the_strictest() {
        let clear = change(&[1.0, 1.1, 0.9, 1.0], &[2.0, 2.1, 1.9, 2.05], true);
        let unclear = change(&[1.0, 1.1, 0.9, 1.0], &[1.0, 1.3, 0.8, 1.1], true);
        let tested = test_all(&[unclear, clear], 0.01);
        assert_eq!((tested[1].verdict, tested[1].level), (Verdict::Fail, 0.005));
        assert_eq!((tested[0].verdict, tested[0].level), (Verdict::Inconclusive, 0.01));
        assert!(tested[0].factor.is_some_and(|factor| factor > 1.0));
    }
}
