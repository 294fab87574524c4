//! Tabulated distributions, sampled by binary search over integer thresholds.
//!
//! Not by Walker's alias method: an alias table answers in constant time but scatters the words, so that a
//! small change of one weight moves draws that it has nothing to do with. Here a change moves only the words
//! between the old and the new thresholds, and the tables (tenders, empirical times) are short.

const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// Why a table of weights is not a distribution. Completes "failed to build the distribution: …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TableError {
    /// Values and weights do not pair up.
    #[error("{values} values but {weights} weights")]
    LengthMismatch {
        /// Number of values.
        values: usize,
        /// Number of weights.
        weights: usize,
    },
    /// A weight is negative, infinite or not a number.
    #[error("weight {weight} at position {index} is not a finite number of at least 0")]
    BadWeight {
        /// Position in the table, from 0.
        index: usize,
        /// The weight found there.
        weight: f64,
    },
    /// A value is infinite or not a number.
    #[error("value {value} at position {index} is not finite")]
    BadValue {
        /// Position in the table, from 0.
        index: usize,
        /// The value found there.
        value: f64,
    },
    /// The table is empty, all weights are 0, or their sum is beyond the range of a double.
    #[error("the weights do not have a positive, finite sum")]
    NoWeight,
}

/// A choice among numbered categories with given weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Categorical {
    /// Category i is chosen by words in [`thresholds[i - 1]`, `thresholds[i]`); the last positive one has no
    /// upper end.
    thresholds: Vec<u64>,
    /// The category of each interval between thresholds: those of positive weight.
    categories: Vec<u32>,
}

impl Categorical {
    /// The choice that takes category i with probability `weights[i]` / sum; each probability is exact to 2⁻⁵².
    ///
    /// # Errors
    /// When a weight is negative or not finite, or their sum is 0 or not finite.
    pub fn new(weights: &[f64]) -> Result<Self, TableError> {
        for (index, &weight) in weights.iter().enumerate() {
            if !(weight.is_finite() && weight >= 0.0) {
                return Err(TableError::BadWeight { index, weight });
            }
        }
        let total: f64 = weights.iter().sum();
        if !(total > 0.0 && total.is_finite()) {
            return Err(TableError::NoWeight);
        }
        let mut cumulative = 0.0;
        let (mut thresholds, mut categories) = (Vec::new(), Vec::new());
        for (category, &weight) in (0u32..).zip(weights) {
            if weight > 0.0 {
                cumulative += weight;
                thresholds.push((cumulative / total * TWO_TO_64) as u64);
                categories.push(category);
            }
        }
        // The last category takes all that is left, whatever the sums' rounding.
        thresholds.pop();
        Ok(Categorical { thresholds, categories })
    }

    /// The category that `word` chooses; rises with the word. A category of weight 0 is never chosen.
    #[inline]
    #[must_use]
    pub fn index(&self, word: u64) -> usize {
        self.categories[self.interval(word)] as usize
    }

    #[inline]
    fn interval(&self, word: u64) -> usize {
        self.thresholds.partition_point(|&threshold| threshold <= word)
    }
}

/// A discrete distribution over given values, as measured or tabulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Empirical {
    /// Ascending.
    values: Vec<f64>,
    choice: Categorical,
    mean: f64,
}

impl Empirical {
    /// The distribution that takes `values[i]` with probability `weights[i]` / sum. Values may come in any
    /// order.
    ///
    /// # Errors
    /// When the two differ in length, a value is not finite, or the weights are as in [`Categorical::new`].
    pub fn new(values: &[f64], weights: &[f64]) -> Result<Self, TableError> {
        if values.len() != weights.len() {
            return Err(TableError::LengthMismatch { values: values.len(), weights: weights.len() });
        }
        if let Some((index, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(TableError::BadValue { index, value });
        }
        // Weights are checked in the order given, so that an error names the caller's position.
        Categorical::new(weights)?;
        let mut pairs: Vec<(f64, f64)> = values.iter().copied().zip(weights.iter().copied()).collect();
        pairs.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
        let (values, weights): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let choice = Categorical::new(&weights)?;
        let total: f64 = weights.iter().sum();
        let mean = values.iter().zip(&weights).map(|(value, weight)| value * (weight / total)).sum();
        Ok(Empirical { values, choice, mean })
    }

    /// The value that `word` chooses; rises with the word.
    #[inline]
    #[must_use]
    pub fn sample(&self, word: u64) -> f64 {
        self.values[self.choice.index(word)]
    }

    /// The mean of the distribution, in the unit of its values.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_cut_the_words_in_proportion() {
        let choice = Categorical::new(&[1.0, 0.0, 2.0, 1.0, 0.0]).expect("valid");
        let quarter = 1u64 << 62;
        assert_eq!(choice.index(0), 0);
        assert_eq!(choice.index(quarter - 1), 0);
        assert_eq!(choice.index(quarter), 2);
        assert_eq!(choice.index(3 * quarter - 1), 2);
        assert_eq!(choice.index(3 * quarter), 3);
        assert_eq!(choice.index(u64::MAX), 3);
    }

    #[test]
    fn empirical_values_need_no_order_and_rise_with_the_word() {
        let sorted = Empirical::new(&[1.0, 2.0, 5.0], &[0.5, 0.25, 0.25]).expect("valid");
        let shuffled = Empirical::new(&[5.0, 1.0, 2.0], &[0.25, 0.5, 0.25]).expect("valid");
        assert_eq!(sorted, shuffled);
        assert_eq!(sorted.mean(), 2.25);
        let drawn: Vec<f64> = (0..8u64).map(|eighth| sorted.sample(eighth << 61)).collect();
        assert_eq!(drawn, [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 5.0, 5.0]);
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        let bad_weight = Empirical::new(&[1.0, 2.0], &[1.0, -1.0]);
        assert_eq!(bad_weight, Err(TableError::BadWeight { index: 1, weight: -1.0 }));
        assert!(matches!(Categorical::new(&[f64::NAN]), Err(TableError::BadWeight { index: 0, .. })));
        assert_eq!(Categorical::new(&[]), Err(TableError::NoWeight));
        assert_eq!(Categorical::new(&[0.0, 0.0]), Err(TableError::NoWeight));
        assert_eq!(Categorical::new(&[f64::MAX, f64::MAX]), Err(TableError::NoWeight));
        assert_eq!(Empirical::new(&[1.0], &[]), Err(TableError::LengthMismatch { values: 1, weights: 0 }));
        let bad_value = Empirical::new(&[1.0, f64::INFINITY], &[1.0, 1.0]);
        assert_eq!(bad_value, Err(TableError::BadValue { index: 1, value: f64::INFINITY }));
    }
}
