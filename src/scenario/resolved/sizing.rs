//! What a planner can buy or change, at what price, and what for: `tinsel size` reads it, a run does not.

use super::StoreRank;
use crate::units::Cents;

/// `[sizing]` with its levers.
#[derive(Clone, Debug)]
pub struct Sizing {
    /// What is looked for.
    pub aim: Aim,
    /// What all of it may cost a year; `None`: anything.
    pub budget: Option<Cents>,
    /// Most units that may be put in.
    pub max_units: Option<u32>,
    /// Units that can be put in a week.
    pub installs_per_week: Option<u32>,
    /// Whole weeks from the first installation to the freeze, if both are given.
    pub weeks: Option<u32>,
    /// First day of installation, ISO 8601.
    pub begin: Option<String>,
    /// Days of each kind in the year that is judged, by [`super::DayKind`].
    pub exposure: [u32; 4],
    /// Forced faults of each store.
    pub draws: u32,
    /// Share of the stores that are hit in one replication, 0 to 1.
    pub forced_share: f64,
    /// Most replications of a design while designs are compared.
    pub replications_max: u32,
    /// Replications of the verification.
    pub verify: u32,
    /// Probability that the choice among designs may be wrong.
    pub alpha: f64,
    /// Difference a year that matters, as a share of what the design as it stands loses.
    pub zone_share: f64,
    /// Most neighbours of a design that are tried; 0: none.
    pub neighbours: u32,
    /// Most designs on the way from nothing to everything that are held to targets.
    pub candidates: u32,
    /// In name order.
    pub items: Vec<Item>,
    /// What can be done at a store, in name order.
    pub levers: Vec<Lever>,
    /// What can be done for all, in name order.
    pub shared: Vec<SharedLever>,
    /// Bounds on a year.
    pub targets: Vec<Target>,
}

/// What `tinsel size` looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aim {
    /// The cheapest design that meets the targets.
    Targets,
    /// The design that loses least within the budget.
    Budget,
    /// The design whose loss and cost together are least.
    Total,
}

/// Something with a price.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// Name.
    pub name: String,
    /// What it is.
    pub what: String,
    /// Once.
    pub price: Cents,
    /// A month.
    pub month: Cents,
    /// A year.
    pub year: Cents,
    /// Console ports that it has.
    pub ports: u32,
    /// The data plan that comes with it.
    pub plan: Option<String>,
    /// Whether it is a unit that somebody has to put in.
    pub unit: bool,
    /// When the price was seen.
    pub date: String,
    /// Where it comes from.
    pub origin: String,
    /// How far to trust it: C, D, M, EA, J.
    pub confidence: String,
}

/// What can be done at a store.
#[derive(Clone, PartialEq, Debug)]
pub struct Lever {
    /// Name.
    pub name: String,
    /// Attributes of the fleet file with the words that they get.
    pub set: Vec<(&'static str, String)>,
    /// What an antenna adds to the signal, dB.
    pub gain_db: f64,
    /// Positions in [`Sizing::items`]; one that is needed twice is there twice.
    pub items: Vec<usize>,
    /// Stores at which it can be done, ascending.
    pub stores: Vec<StoreRank>,
}

/// What can be done for all stores at once.
#[derive(Clone, PartialEq, Debug)]
pub struct SharedLever {
    /// Name.
    pub name: String,
    /// Of levers of one group at most one is pulled; its own name if none is given.
    pub group: String,
    /// `path=value`, as for `--set`.
    pub settings: Vec<String>,
    /// Positions in [`Sizing::items`].
    pub items: Vec<usize>,
    /// What it costs a year besides.
    pub year: Cents,
}

/// A bound on the mean of a year.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Target {
    /// Of what.
    pub metric: TargetMetric,
    /// It may be this at most.
    pub at_most: f64,
    /// What is nearer to the bound than this may be judged either way.
    pub tolerance: f64,
}

/// What a target is about; all of the whole fleet in a year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TargetMetric {
    /// Sales that the network cost, currency units.
    LostSales,
    /// Payments that were lost more than without faults.
    PaymentsLost,
    /// Hours in which stores had no way out that works.
    DarkHours,
    /// Days of stores on which a single service gap lasted five minutes or more.
    GapDays,
}

impl TargetMetric {
    /// All of them with the words of scenario files.
    pub const WORDS: [(&'static str, TargetMetric); 4] = [
        ("lost-sales", TargetMetric::LostSales),
        ("payments-lost", TargetMetric::PaymentsLost),
        ("dark-hours", TargetMetric::DarkHours),
        ("gap-days", TargetMetric::GapDays),
    ];

    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::WORDS.iter().find(|(_, metric)| *metric == self).map_or("", |(word, _)| word)
    }
}

impl Sizing {
    /// What `items` cost once.
    #[must_use]
    pub fn upfront(&self, items: &[usize]) -> Cents {
        items.iter().map(|&item| self.items[item].price).sum()
    }

    /// What they cost a year if devices are written off over `life_years`.
    #[must_use]
    pub fn yearly(&self, items: &[usize], life_years: f64) -> Cents {
        let one = |&item: &usize| {
            let item = &self.items[item];
            item.price.scaled(1.0 / life_years) + item.month.scaled(12.0) + item.year
        };
        items.iter().map(one).sum()
    }

    /// How many of them somebody has to put in.
    #[must_use]
    pub fn units(&self, items: &[usize]) -> u32 {
        items.iter().map(|&item| u32::from(self.items[item].unit)).sum()
    }

    /// Most units that can be in place at the freeze.
    #[must_use]
    pub fn units_max(&self) -> Option<u32> {
        let in_time = self.installs_per_week.zip(self.weeks).map(|(week, weeks)| week.saturating_mul(weeks));
        [self.max_units, in_time].into_iter().flatten().min()
    }
}
