//! Which of several designs is best: procedure KN of S.-H. Kim and B. L. Nelson, "A fully sequential procedure for
//! indifference-zone selection in simulation", ACM TOMACS 11 (2001) 251-273, with c = 1.
//!
//! It looks after every observation, drops designs that are clearly worse, and ends with one. If the best is better than any other by
//! at least the indifference zone, it is chosen with at least the promised probability; designs that are closer may
//! be taken for one another. Observations of one round may depend on each other (common random numbers), so differences of
//! designs under the same draws are what counts.
//!
//! The promise is for normal observations. Means of several replications are nearer to that than single ones, so an observation
//! is the mean of a *batch*; how well it holds for skewed data is measured in `tests/selection.rs`.

/// What is promised, and at what price.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Promise {
    /// Difference that matters, in the unit of the observations, above 0: what is closer may be confused.
    pub zone: f64,
    /// Probability with which the promise may be broken, below 1/2.
    pub alpha: f64,
    /// Batches from which variances are estimated before the first look, at least 2.
    pub first: usize,
    /// Replications in a batch, at least 1.
    pub batch: usize,
}

impl Promise {
    /// η of c = 1 for an error `beta` of each comparison (Fabian's bound): ½ ((2β)^(-2/(n₀-1)) − 1).
    #[must_use]
    pub(super) fn eta(&self, beta: f64) -> f64 {
        let degrees = self.first.max(2) as f64 - 1.0;
        0.5 * (libm::pow(2.0 * beta.min(0.5), -2.0 / degrees) - 1.0)
    }

    /// Half the height of the continuation region after `rounds` batches, for sums of differences of variance `variance`: the region
    /// is a triangle, so that it closes by itself.
    #[must_use]
    pub(super) fn region(&self, beta: f64, variance: f64, rounds: usize) -> f64 {
        let degrees = self.first.max(2) as f64 - 1.0;
        let height = degrees * self.eta(beta) * variance / self.zone;
        (height - 0.5 * self.zone * rounds as f64).max(0.0)
    }
}

/// Means of batches of one row of numbers each.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    size: usize,
    pending: Vec<f64>,
    filled: usize,
}

impl Batches {
    pub(super) fn new(size: usize, width: usize) -> Self {
        Batches { size: size.max(1), pending: vec![0.0; width], filled: 0 }
    }

    /// Takes `row` in; the batch's means when it is full.
    pub(super) fn add(&mut self, row: &[f64]) -> Option<Vec<f64>> {
        self.pending.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        self.filled += 1;
        if self.filled < self.size {
            return None;
        }
        let means = self.pending.iter().map(|sum| sum / self.size as f64).collect();
        self.pending.fill(0.0);
        self.filled = 0;
        Some(means)
    }
}

/// Sample variance with n − 1, 0 for fewer than two values.
pub(super) fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = values.clone().sum::<f64>() / n;
    values.map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
}

/// A search for the design with the least mean.
#[derive(Clone, Debug)]
pub struct Selection {
    promise: Promise,
    batches: Batches,
    /// By design: means of batches while it was observed.
    rounds: Vec<Vec<f64>>,
    /// Variances of differences by pair, from the first stage.
    variances: Vec<f64>,
    alive: Vec<usize>,
}

impl Selection {
    /// Among `designs` designs, none observed yet.
    #[must_use]
    pub fn new(designs: usize, promise: Promise) -> Self {
        Selection {
            promise,
            batches: Batches::new(promise.batch, designs),
            rounds: vec![Vec::new(); designs],
            variances: Vec::new(),
            alive: (0..designs).collect(),
        }
    }

    /// Designs that may still be best, in order: those that have to be observed.
    #[must_use]
    pub fn alive(&self) -> &[usize] {
        &self.alive
    }

    /// The design that was chosen, once one is left.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        match self.alive[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The design with the least mean of those left; of equals the first.
    #[must_use]
    pub fn leading(&self) -> Option<usize> {
        self.alive.iter().copied().min_by(|&left, &right| self.mean(left).total_cmp(&self.mean(right)))
    }

    /// Mean of what was observed of `design` in full batches.
    #[must_use]
    pub fn mean(&self, design: usize) -> f64 {
        let rounds = &self.rounds[design];
        rounds.iter().sum::<f64>() / rounds.len().max(1) as f64
    }

    /// One replication: values by design; those of designs that are out are not looked at.
    pub fn observe(&mut self, values: &[f64]) {
        let Some(means) = self.batches.add(values) else { return };
        for &design in &self.alive {
            self.rounds[design].push(means[design]);
        }
        let Some(done) = self.alive.first().map(|&design| self.rounds[design].len()) else { return };
        if done < self.promise.first.max(2) || self.alive.len() < 2 {
            return;
        }
        if self.variances.is_empty() {
            self.estimate();
        }
        self.drop_worse(done);
    }

    fn estimate(&mut self) {
        let designs = self.rounds.len();
        self.variances = vec![0.0; designs * designs];
        for one in 0..designs {
            for other in 0..designs {
                let pairs = self.rounds[one].iter().zip(&self.rounds[other]);
                self.variances[one * designs + other] = variance(pairs.map(|(left, right)| left - right));
            }
        }
    }

    fn drop_worse(&mut self, done: usize) {
        let designs = self.rounds.len();
        let beta = self.promise.alpha / (designs.max(2) - 1) as f64;
        let sums: Vec<f64> = self.rounds.iter().map(|rounds| rounds.iter().sum()).collect();
        let is_worse = |one: usize, other: usize| {
            let variance = self.variances[one * designs + other];
            let gap = sums[one] - sums[other];
            let region = self.promise.region(beta, variance, done);
            // When the region has closed the smaller mean wins, of equals the first.
            gap > region || region <= 0.0 && gap >= 0.0 && (gap > 0.0 || other < one)
        };
        let alive = self.alive.clone();
        self.alive.retain(|&one| !alive.iter().any(|&other| other != one && is_worse(one, other)));
    }
}
