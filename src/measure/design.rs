//! Which replications stand for what share of the possible worlds, and the standard errors that follow.
//!
//! Replications are drawn either all alike (one stratum of weight 1) or in strata, each under a condition of known probability
//! (W. G. Cochran, "Sampling Techniques", 3rd ed. 1977, ch. 5). An estimate is Σ weight × the stratum's mean; its standard error
//! adds the strata's, and Student's t takes the degrees of freedom of F. E. Satterthwaite (Biometrics Bulletin 2, 1946).

use super::estimators::Interval;
use super::skewness::Moments;
use super::student::two_sided_t;

/// One condition under which replications were drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Stratum {
    /// What it is called in output.
    pub name: &'static str,
    /// Probability of the condition, 0..=1; all of them sum to 1.
    pub weight: f64,
}

/// The strata, and which replication is in which.
#[derive(Clone, PartialEq, Debug)]
pub struct Design {
    strata: Vec<Stratum>,
    /// By replication: position among the strata.
    members: Vec<u32>,
    /// By stratum: how many replications it has.
    sizes: Vec<u32>,
    /// By replication: how much likelier it is than it was drawn; none if all are drawn as likely as they are.
    likelihoods: Vec<f64>,
}

impl Default for Design {
    fn default() -> Self {
        Design::plain(0)
    }
}

impl Design {
    /// `replications` that are all drawn alike.
    #[must_use]
    pub fn plain(replications: usize) -> Self {
        Design::new(vec![Stratum { name: "all", weight: 1.0 }], vec![0; replications])
    }

    /// Replications in `strata`, by position.
    ///
    /// # Panics
    /// If a member names a stratum that is not there.
    #[must_use]
    pub fn new(strata: Vec<Stratum>, members: Vec<u32>) -> Self {
        let mut sizes = vec![0; strata.len()];
        for &member in &members {
            sizes[member as usize] += 1;
        }
        Design { strata, members, sizes, likelihoods: Vec::new() }
    }

    /// Replications that were drawn from something else than they stand for, with their likelihood ratios, whose mean is 1
    /// (importance sampling: J. M. Hammersley and D. C. Handscomb, "Monte Carlo Methods", 1964, §5.4).
    #[must_use]
    pub fn weighted(likelihoods: Vec<f64>) -> Self {
        Design { likelihoods, ..Design::plain(0) }.sized()
    }

    fn sized(mut self) -> Self {
        self.members = vec![0; self.likelihoods.len()];
        self.sizes = vec![self.members.len() as u32];
        self
    }

    /// How many replications all alike would tell as much of what the weights are about: (Σ weight)² / Σ weight² (L. Kish,
    /// "Survey Sampling", 1965). All of them, if they are drawn as likely as they are.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        if self.likelihoods.is_empty() {
            return self.replications() as f64;
        }
        let (sum, squares) =
            self.likelihoods.iter().fold((0.0, 0.0), |(sum, squares), one| (sum + one, squares + one * one));
        if squares > 0.0 { sum * sum / squares } else { 0.0 }
    }

    /// The likelihood ratio of `replication`.
    #[must_use]
    pub fn likelihood(&self, replication: usize) -> f64 {
        self.likelihoods.get(replication).copied().unwrap_or(1.0)
    }

    /// Whether all replications are drawn alike.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.strata.len() == 1 && self.likelihoods.is_empty()
    }

    /// How many replications there are.
    #[must_use]
    pub fn replications(&self) -> usize {
        self.members.len()
    }

    /// The strata in order.
    #[must_use]
    pub fn strata(&self) -> &[Stratum] {
        &self.strata
    }

    /// How many replications the stratum at `position` has.
    #[must_use]
    pub fn size(&self, position: usize) -> u32 {
        self.sizes[position]
    }

    /// The position of the stratum that `replication` is in.
    #[must_use]
    pub fn member(&self, replication: usize) -> usize {
        self.members[replication] as usize
    }

    /// What one replication stands for: its stratum's probability over how many share it, times its likelihood ratio. In strata
    /// they sum to 1.
    #[must_use]
    pub fn weight(&self, replication: usize) -> f64 {
        let stratum = self.member(replication);
        self.strata[stratum].weight / f64::from(self.sizes[stratum]) * self.likelihood(replication)
    }

    /// The design of the first `replications`.
    #[must_use]
    pub fn prefix(&self, replications: usize) -> Self {
        let likelihoods = self.likelihoods.iter().take(replications).copied().collect();
        let members = self.members.iter().take(replications).copied().collect();
        Design { likelihoods, ..Design::new(self.strata.clone(), members) }
    }

    /// Whether every stratum that can happen has as many replications as a variance needs.
    #[must_use]
    pub fn has_variances(&self) -> bool {
        let enough = |(stratum, &size): (&Stratum, &u32)| size >= 2 || stratum.weight <= 0.0;
        self.strata.iter().zip(&self.sizes).all(enough)
    }

    /// Σ weight × mean over strata of one value per replication.
    #[must_use]
    pub fn mean(&self, value: impl Fn(usize) -> f64) -> f64 {
        if self.is_plain() {
            return (0..self.replications()).map(value).sum::<f64>() / self.replications() as f64;
        }
        (0..self.replications()).map(|replication| self.weight(replication) * value(replication)).sum()
    }

    /// The variance of an estimate and its degrees of freedom, from one pseudo-value per replication whose plain mean in every
    /// stratum adds its part to the estimate. `None` where a stratum is too small for a variance.
    #[must_use]
    pub fn variance(&self, pseudo_values: &[f64]) -> Option<Variance> {
        if !self.has_variances() || pseudo_values.len() != self.replications() {
            return None;
        }
        let mut sums = vec![0.0; self.strata.len()];
        for (replication, value) in pseudo_values.iter().enumerate() {
            sums[self.member(replication)] += value;
        }
        let mut powers = vec![(0.0, 0.0); self.strata.len()];
        for (replication, value) in pseudo_values.iter().enumerate() {
            let stratum = self.member(replication);
            let deviation = value - sums[stratum] / f64::from(self.sizes[stratum]);
            let (squares, cubes) = &mut powers[stratum];
            *squares += deviation * deviation;
            *cubes += deviation * deviation * deviation;
        }
        let (mut total, mut third, mut by_freedom) = (0.0, 0.0, 0.0);
        for (&size, (squares, cubes)) in self.sizes.iter().zip(powers).filter(|(size, _)| **size >= 2) {
            let part = Moments::new(f64::from(size), squares, cubes);
            total += part.second;
            third += part.third;
            by_freedom += part.second * part.second / f64::from(size - 1);
        }
        let all = self.sizes.iter().filter(|&&size| size >= 2).map(|size| f64::from(size - 1)).sum();
        let degrees_of_freedom = if by_freedom > 0.0 { total * total / by_freedom } else { all };
        Some(Variance { of_estimate: total, third, degrees_of_freedom })
    }

    /// `estimate` with its interval from pseudo-values as in [`Design::variance`]: Student's, corrected for their skewness
    /// ([`super::skewness`]).
    #[must_use]
    pub fn interval(&self, estimate: f64, pseudo_values: &[f64], level: f64) -> Interval {
        let reach = self.variance(pseudo_values).and_then(|variance| variance.reach(level));
        Interval::around(estimate, reach, level)
    }
}

/// How uncertain an estimate is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Variance {
    /// The estimate's own variance, not that of one replication.
    pub of_estimate: f64,
    /// The estimate's third cumulant.
    pub third: f64,
    /// For Student's t.
    pub degrees_of_freedom: f64,
}

impl Variance {
    /// The standard error.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        libm::sqrt(self.of_estimate)
    }

    /// Student's half-width at `level`; `None` if `level` is not inside (0, 1).
    #[must_use]
    pub fn half_width(&self, level: f64) -> Option<f64> {
        Some(two_sided_t(level, self.degrees_of_freedom)? * self.standard_error())
    }

    /// How far below and above the estimate its limits lie at `level`; `None` if that is not inside (0, 1).
    fn reach(&self, level: f64) -> Option<(f64, f64)> {
        let moments = Moments { second: self.of_estimate, third: self.third };
        Some(moments.reach(two_sided_t(level, self.degrees_of_freedom)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves() -> Design {
        let strata = vec![Stratum { name: "quiet", weight: 0.9 }, Stratum { name: "storm", weight: 0.1 }];
        Design::new(strata, vec![0, 1, 0, 1])
    }

    #[test]
    fn weights_sum_to_one_and_weigh_the_mean() {
        let design = halves();
        let weights: f64 = (0..4).map(|replication| design.weight(replication)).sum();
        assert!((weights - 1.0).abs() < 1e-15);
        let values = [1.0, 100.0, 3.0, 300.0];
        assert!((design.mean(|replication| values[replication]) - (0.9 * 2.0 + 0.1 * 200.0)).abs() < 1e-12);
    }

    #[test]
    fn one_stratum_is_students_t() {
        let values = [3.0, 5.0, 10.0, 2.0];
        let plain = Design::plain(4).variance(&values).expect("four values");
        assert!((plain.of_estimate - 38.0 / 3.0 / 4.0).abs() < 1e-12);
        assert!((plain.degrees_of_freedom - 3.0).abs() < 1e-12);
        // k₃ = 4·90/(3·2) = 60, of the mean 60/16.
        assert!((plain.third - 3.75).abs() < 1e-12);
        assert_eq!(Design::plain(1).variance(&[3.0]), None);
    }

    /// Of strata the estimate's cumulants add up, those of the mean of each.
    #[test]
    fn strata_of_one_kind_add_their_cumulants() {
        let strata = vec![Stratum { name: "a", weight: 0.5 }, Stratum { name: "b", weight: 0.5 }];
        let design = Design::new(strata, vec![0, 0, 0, 0, 1, 1, 1, 1]);
        let values = [3.0, 5.0, 10.0, 2.0, 3.0, 5.0, 10.0, 2.0];
        let both = design.variance(&values).expect("four values each");
        assert!((both.third - 7.5).abs() < 1e-12 && (both.of_estimate - 38.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn a_stratum_of_one_has_no_variance() {
        let design = halves().prefix(3);
        assert!(!design.has_variances());
        assert_eq!(design.interval(1.0, &[1.0, 2.0, 3.0], 0.95), Interval::point(1.0, 0.95));
    }

    #[test]
    fn degrees_of_freedom_are_those_of_the_stratum_that_varies() {
        let variance = halves().variance(&[1.0, 100.0, 1.0, 300.0]).expect("two each");
        assert!((variance.degrees_of_freedom - 1.0).abs() < 1e-12);
    }
}
