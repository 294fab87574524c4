//! How shared faults are drawn: as they come, in strata, or more often than they happen; and how probable that is.
//!
//! Strata and boosts are about the *rare window* of a cause: from when a fault that begins then is mended before the first day in
//! 99 of 100 cases, to the end of the run. What begins earlier is drawn as it comes. Within the window a cause's onsets at its
//! units are Poisson processes, independent of each other and of everything else, so that "no fault of these causes" has the exact
//! probability e^(−Λ), Λ being the integral of their rates; what is known of one class leaves the others as they were.

use super::{Cause, Law, RateWindow, Scenario, Scope, Unit, Window};
use crate::units::{SimTime, Span};
use std::collections::BTreeMap;

/// A stretch with another rate.
pub type Factor = (Window, f64);

/// z with 99 % below.
const Z_99: f64 = 2.326_347_874_040_841;
/// ln 100: an exponential is longer than as many means once in a hundred.
const MEANS_99: f64 = 4.605_170_185_988_091;
/// A class of faults of which weekends without any are fewer than 1 in 20 is not rare: it is left to chance.
const EXPECTED_MAX: f64 = 2.995_732_273_553_991;

/// How shared faults are drawn.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Sampling {
    /// As they come.
    #[default]
    Plain,
    /// Replications in turn under conditions of known probability: [`Scenario::strata`].
    Strata,
    /// So many times as often as they come; a replication stands for less the more of them it has.
    Boosted(f64),
}

impl std::fmt::Display for Sampling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Sampling::Plain => write!(f, "as they come (plain)"),
            Sampling::Strata => write!(f, "in strata"),
            Sampling::Boosted(times) => write!(f, "{times} times as often (boost)"),
        }
    }
}

/// Scopes that strike as one, from rare and wide to frequent and narrow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SharedClass {
    /// The fleet, and what authorizes payments.
    Chain,
    /// Providers, carriers and their parents.
    Operator,
    /// Regions and markets.
    Regional,
}

impl SharedClass {
    /// All of them in order.
    pub const ALL: [SharedClass; 3] = [SharedClass::Chain, SharedClass::Operator, SharedClass::Regional];

    /// That of a scope; `None` if it is one store's own.
    #[must_use]
    pub const fn of(scope: Scope) -> Option<SharedClass> {
        match scope {
            Scope::Fleet | Scope::Service => Some(SharedClass::Chain),
            Scope::Provider | Scope::Carrier | Scope::Parent => Some(SharedClass::Operator),
            Scope::Region | Scope::Market => Some(SharedClass::Regional),
            Scope::Lane
            | Scope::Router
            | Scope::Switch
            | Scope::StoreServer
            | Scope::Uplink
            | Scope::Backup
            | Scope::SitePower => None,
        }
    }

    /// The word in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SharedClass::Chain => "chain",
            SharedClass::Operator => "operator",
            SharedClass::Regional => "regional",
        }
    }
}

/// A condition under which replications are drawn.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SharedStratum {
    /// The class that strikes at least once, and no rarer one does; `None`: no class that is conditioned on strikes.
    pub class: Option<SharedClass>,
    /// How probable that is.
    pub probability: f64,
}

impl SharedStratum {
    /// The word in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.class {
            None => "none",
            Some(class) => class.name(),
        }
    }
}

/// What a stratum says of a class's onsets in the rare window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Nothing.
    Free,
    /// There is none.
    Nothing,
    /// There is at least one.
    Something,
}

impl Scenario {
    /// The strata in order; one of probability 1 if shared faults are not drawn in strata.
    #[must_use]
    pub fn strata(&self) -> Vec<SharedStratum> {
        let classes = self.conditioned();
        let all: f64 = classes.iter().map(|(_, expected)| expected).sum();
        let mut strata = vec![SharedStratum { class: None, probability: libm::exp(-all) }];
        let mut rarer = 0.0;
        for (class, expected) in classes {
            let probability = libm::exp(-rarer) * -libm::expm1(-expected);
            strata.push(SharedStratum { class: Some(class), probability });
            rarer += expected;
        }
        strata
    }

    /// The classes that strata are about, and how many onsets of each are expected in its rare window.
    #[must_use]
    pub fn conditioned(&self) -> Vec<(SharedClass, f64)> {
        if self.sampling != Sampling::Strata {
            return Vec::new();
        }
        let classes = SharedClass::ALL.into_iter().map(|class| (class, self.expected_of_class(class)));
        classes.filter(|&(_, expected)| expected > 0.0 && expected <= EXPECTED_MAX).collect()
    }

    /// Of so few of a boosted run's replications' worth nothing can be said.
    pub const USEFUL_MIN: f64 = 0.1;

    /// How often a cause is drawn for each time that it happens.
    #[must_use]
    pub fn boost_of(&self, cause: &Cause) -> f64 {
        match (self.sampling, SharedClass::of(cause.scope)) {
            (Sampling::Boosted(boost), Some(SharedClass::Chain | SharedClass::Operator)) => boost,
            (Sampling::Boosted(_), Some(SharedClass::Regional) | None)
            | (Sampling::Plain | Sampling::Strata, _) => 1.0,
        }
    }

    /// Onsets that are boosted, expected without it.
    fn expected_rare(&self) -> f64 {
        self.expected_of(|cause| {
            matches!(SharedClass::of(cause.scope), Some(SharedClass::Chain | SharedClass::Operator))
        })
    }

    /// Likelihood ratio of a replication with so many boosted onsets: e^(Λ(b − 1)) / b^onsets. Its mean is 1, exactly.
    #[must_use]
    pub fn likelihood(&self, rare_onsets: u32) -> f64 {
        match self.sampling {
            Sampling::Boosted(boost) => {
                libm::exp(self.expected_rare() * (boost - 1.0) - f64::from(rare_onsets) * libm::log(boost))
            }
            Sampling::Plain | Sampling::Strata => 1.0,
        }
    }

    /// What share of its number the replications of a boosted run are worth in the mean: 1 over the mean of w² = e^(−Λ(b − 1)²/b).
    #[must_use]
    pub fn useful_share(&self) -> f64 {
        match self.sampling {
            Sampling::Boosted(boost) => {
                libm::exp(-self.expected_rare() * (boost - 1.0) * (boost - 1.0) / boost)
            }
            Sampling::Plain | Sampling::Strata => 1.0,
        }
    }

    /// The largest boost of which [`Self::USEFUL_MIN`] is useful.
    #[must_use]
    pub fn boost_max(&self) -> f64 {
        let middle = 1.0 - libm::log(Self::USEFUL_MIN) / (2.0 * self.expected_rare());
        middle + libm::sqrt(middle * middle - 1.0)
    }

    /// Onsets of a class expected in its rare window.
    #[must_use]
    pub fn expected_of_class(&self, class: SharedClass) -> f64 {
        self.expected_of(|cause| SharedClass::of(cause.scope) == Some(class))
    }

    fn expected_of(&self, of: impl Fn(&Cause) -> bool) -> f64 {
        let causes = self.causes.iter().filter(|cause| of(cause));
        let at_units = |cause: &Cause| -> f64 {
            let units = cause.shared.iter().flat_map(|shared| &shared.units);
            units.map(|unit| self.expected_at(cause, unit)).sum()
        };
        causes.map(at_units).sum()
    }

    /// Onsets expected of `cause` at `unit` in the rare window.
    #[must_use]
    pub fn expected_at(&self, cause: &Cause, unit: &Unit) -> f64 {
        let rate = cause.rate_per_s.first().copied().unwrap_or(0.0);
        rate * integrated_s(&self.shared_factors(cause, unit), self.rare_window(cause))
    }

    /// See the module.
    #[must_use]
    pub fn rare_window(&self, cause: &Cause) -> Window {
        let repair_s = cause.repair.first().map_or(0.0, |law| match *law {
            Law::Constant(seconds) => seconds,
            Law::Uniform { high, .. } => high,
            Law::Exponential { mean } => mean * MEANS_99,
            Law::Lognormal { median, sigma } => median * libm::exp(sigma * Z_99),
        });
        let start = self.window.start.saturating_sub(Span::from_secs_f64(repair_s));
        Window { start: start.max(self.shared_faults_from), end: self.window.end }
    }

    /// Windows in which the rate is another: while a freeze, or the same weather, holds at every store of the unit.
    #[must_use]
    pub fn shared_factors(&self, cause: &Cause, unit: &Unit) -> Vec<Factor> {
        let windows = cause.rate_windows.iter().map(|&number| &self.rate_windows[number as usize]);
        let mut by_entry: BTreeMap<u32, Vec<&RateWindow>> = BTreeMap::new();
        for window in windows {
            by_entry.entry(window.entry).or_default().push(window);
        }
        by_entry.into_values().filter_map(|windows| common(unit, &windows)).collect()
    }
}

/// From when the last store's clock has begun it until the first one's has ended it.
fn common(unit: &Unit, windows: &[&RateWindow]) -> Option<Factor> {
    let mut common = Window { start: SimTime::default(), end: SimTime::NEVER };
    for (store, _) in &unit.stores {
        let here = windows.iter().find(|window| window.stores.binary_search(store).is_ok())?.window;
        common = Window { start: common.start.max(here.start), end: common.end.min(here.end) };
    }
    (common.start < common.end).then_some((common, windows.first()?.factor))
}

/// Stretches of `window` in which the product of the factors is constant, with it.
fn pieces(factors: &[Factor], window: Window) -> Vec<Factor> {
    let inside = |&edge: &SimTime| window.start < edge && edge < window.end;
    let mut edges = vec![window.start, window.end];
    edges.extend(factors.iter().flat_map(|(one, _)| [one.start, one.end]).filter(inside));
    edges.sort_unstable();
    edges.dedup();
    let pieces = edges.windows(2).map(|edge| Window { start: edge[0], end: edge[1] });
    let holds = |one: &Window, piece: &Window| one.start <= piece.start && piece.start < one.end;
    pieces
        .map(|piece| {
            let held = factors.iter().filter(|(one, _)| holds(one, &piece)).map(|&(_, factor)| factor);
            (piece, held.product())
        })
        .collect()
}

/// Seconds of `window`, each times the factors that hold.
#[must_use]
pub fn integrated_s(factors: &[Factor], window: Window) -> f64 {
    pieces(factors, window)
        .iter()
        .map(|(piece, factor)| piece.end.since(piece.start).as_secs_f64() * factor)
        .sum()
}

/// The instant of `window` before which a share `share` of [`integrated_s`] lies.
#[must_use]
pub fn instant_at(factors: &[Factor], window: Window, share: f64) -> SimTime {
    let mut left_s = share * integrated_s(factors, window);
    for (piece, factor) in pieces(factors, window) {
        let here_s = piece.end.since(piece.start).as_secs_f64() * factor;
        if left_s < here_s {
            return piece.start + Span::from_secs_f64(left_s / factor);
        }
        left_s -= here_s;
    }
    window.end.saturating_sub(Span::from_nanos(1))
}
