//! Many noisy means of like things: each is drawn towards the mean of its kind, the more the noisier it is.
//!
//! Empirical Bayes for the normal means of one group (J. N. Morris, "Parametric empirical Bayes inference", JASA 78, 1983): a member's
//! estimate is m + B (own − m) with B = τ² / (τ² + s²/n), s² the variance within members (pooled over the group, because
//! a member's own would be small whenever its mean is), τ² the variance between members by the method of moments.
//! Ranking raw means instead would put on top whoever was unlucky in the sample.

/// What a member of a group was observed at: independent values.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Number of values.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Sum of squared differences from it.
    pub squares: f64,
}

impl Observed {
    /// Of these values.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count.max(1) as f64;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        Observed { count, mean, squares }
    }
}

/// A member's estimate.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pooled {
    /// Its own mean.
    pub own: f64,
    /// Its mean drawn towards the group's.
    pub estimate: f64,
    /// Standard deviation of what of the estimate's error is the member's own.
    pub sd_own: f64,
    /// Standard deviation of what of it is the group's mean's: the same error in all its members.
    pub sd_shared: f64,
    /// Weight of the member's own mean, 0 to 1.
    pub weight: f64,
}

impl Pooled {
    /// Standard deviation of the estimate's error.
    #[must_use]
    pub fn sd(&self) -> f64 {
        libm::sqrt(self.sd_own * self.sd_own + self.sd_shared * self.sd_shared)
    }
}

/// The members of one group; those without a value take the group's mean.
#[must_use]
pub fn pool(members: &[Observed]) -> Vec<Pooled> {
    let seen: Vec<&Observed> = members.iter().filter(|member| member.count > 0).collect();
    if seen.is_empty() {
        let nothing = Pooled { own: 0.0, estimate: 0.0, sd_own: 0.0, sd_shared: 0.0, weight: 0.0 };
        return vec![nothing; members.len()];
    }
    let groups = seen.len() as f64;
    let centre = seen.iter().map(|member| member.mean).sum::<f64>() / groups;
    let degrees: usize = seen.iter().map(|member| member.count - 1).sum();
    let within = seen.iter().map(|member| member.squares).sum::<f64>() / degrees.max(1) as f64;
    let noise = |member: &Observed| within / member.count as f64;
    let spread = seen.iter().map(|member| (member.mean - centre) * (member.mean - centre)).sum::<f64>();
    let noise_mean = seen.iter().map(|member| noise(member)).sum::<f64>() / groups;
    let between =
        if seen.len() > 1 { (spread / (groups - 1.0) - noise_mean).max(0.0) } else { f64::INFINITY };
    let of_centre = if seen.len() > 1 { (between + noise_mean) / groups } else { 0.0 };
    let one = |member: &Observed| {
        if member.count == 0 {
            let sd_own = if between.is_finite() { libm::sqrt(between) } else { libm::sqrt(noise_mean) };
            let sd_shared = libm::sqrt(of_centre);
            return Pooled { own: centre, estimate: centre, sd_own, sd_shared, weight: 0.0 };
        }
        let noise = noise(member);
        let weight = if between.is_infinite() {
            1.0
        } else if between + noise > 0.0 {
            between / (between + noise)
        } else {
            0.0
        };
        Pooled {
            own: member.mean,
            estimate: centre + weight * (member.mean - centre),
            sd_own: libm::sqrt(weight * noise),
            sd_shared: (1.0 - weight) * libm::sqrt(of_centre),
            weight,
        }
    };
    members.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_without_a_difference_are_all_the_groups_mean() {
        let members: Vec<Observed> =
            (0..10).map(|index| Observed::of(&[f64::from(index % 2) * 10.0, 5.0, 0.0, 10.0])).collect();
        let pooled = pool(&members);
        assert!(pooled.iter().all(|one| one.weight < 0.2), "{pooled:?}");
        assert!(pooled.iter().all(|one| (one.estimate - 5.0).abs() < 0.6), "{pooled:?}");
    }

    #[test]
    fn members_far_apart_keep_their_own_and_a_lone_one_has_nobody_to_follow() {
        let members = [Observed::of(&[1.0, 1.1, 0.9]), Observed::of(&[9.0, 9.1, 8.9]), Observed::default()];
        let pooled = pool(&members);
        assert!(pooled[0].weight > 0.99 && (pooled[0].estimate - 1.0).abs() < 0.01, "{pooled:?}");
        assert!((pooled[2].estimate - 5.0).abs() < 1e-9 && pooled[2].sd() > 1.0, "{pooled:?}");
        let alone = pool(&[Observed::of(&[2.0, 4.0])]);
        assert!((alone[0].estimate - 3.0).abs() < 1e-12 && alone[0].weight == 1.0);
    }
}
