//! What a year is worth: days as often as a year has their kind.

use crate::scenario::resolved::{DayKind, Scenario, TargetMetric};
use crate::simulation::forced::ForcedRow;
use crate::simulation::result::ReplicationResult;

/// What the fleet loses in a year by one replication.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Year {
    /// Margin lost for good, sales refused after they were approved offline, journeys of technicians, overage: currency units.
    pub loss: f64,
    /// Sales that the network cost, currency units.
    pub lost_sales: f64,
    /// Payments lost.
    pub payments_lost: f64,
    /// Hours in which stores were dark.
    pub dark_hours: f64,
    /// Days of stores with a gap of five minutes.
    pub gap_days: f64,
}

impl Year {
    /// What a target is about.
    #[must_use]
    pub fn metric(&self, metric: TargetMetric) -> f64 {
        match metric {
            TargetMetric::LostSales => self.lost_sales,
            TargetMetric::PaymentsLost => self.payments_lost,
            TargetMetric::DarkHours => self.dark_hours,
            TargetMetric::GapDays => self.gap_days,
        }
    }
}

/// How simulated days make a year.
pub struct YearOf<'a> {
    scenario: &'a Scenario,
    /// By store and day: days of the year that it stands for.
    weights: Vec<Vec<f64>>,
    /// By store: days of the year over simulated days.
    mean: Vec<f64>,
}

impl<'a> YearOf<'a> {
    /// A year with so many days of each kind; kinds without a simulated day are left out.
    #[must_use]
    pub fn new(scenario: &'a Scenario, exposure: [u32; 4]) -> Self {
        let mut weights = Vec::with_capacity(scenario.stores.len());
        for store in &scenario.stores {
            let mut simulated = [0_u32; DayKind::ALL.len()];
            store.days.iter().for_each(|day| simulated[day.kind as usize] += 1);
            let weight = |kind: DayKind| {
                f64::from(exposure[kind as usize]) / f64::from(simulated[kind as usize].max(1))
            };
            weights.push(store.days.iter().map(|day| weight(day.kind)).collect::<Vec<f64>>());
        }
        let mean = weights.iter().map(|days| days.iter().sum::<f64>() / days.len().max(1) as f64).collect();
        YearOf { scenario, weights, mean }
    }

    /// Margin of the sales lost for good in `sales` currency units of blocked sales at a store.
    fn margin(&self, store: usize, sales: f64) -> f64 {
        let format = &self.scenario.formats[self.scenario.stores[store].format.0 as usize];
        sales * self.scenario.money.lost_share * format.gross_margin
    }

    /// Days of the year that a simulated day of the store stands for, on average.
    #[must_use]
    pub fn mean_weight(&self, store: usize) -> f64 {
        self.mean[store]
    }

    /// Days of the year that are simulated at the store.
    #[must_use]
    pub fn days(&self, store: usize) -> f64 {
        self.weights[store].iter().sum()
    }

    /// What the days of a store are worth in a year: margin of its sales, less what is refused late, journeys and overage. More is better.
    #[must_use]
    pub fn worth(&self, store: usize, row: &ForcedRow) -> f64 {
        let days = row.sales.iter().zip(&self.weights[store]);
        let sold: f64 = days.map(|(sales, weight)| sales.as_units_f64() * weight).sum();
        let journeys = row.truck_rolls as f64 * self.scenario.money.truck_roll.as_units_f64();
        let paid = row.late_declined + row.over_cost;
        self.margin(store, sold) - (journeys + paid.as_units_f64()) * self.mean[store]
    }

    /// The year of one replication.
    #[must_use]
    pub fn of(&self, result: &ReplicationResult) -> Year {
        let mut year = Year::default();
        for row in &result.days {
            let store = row.store.0 as usize;
            let weight = self.weights[store][row.day as usize];
            let lost = row.lost_sales_network.as_units_f64() * weight;
            year.lost_sales += lost;
            year.loss += self.margin(store, lost);
            year.payments_lost += row.ledger.payments_lost as f64 * weight;
            year.dark_hours += row.times.dark.as_secs_f64() / 3_600.0 * weight;
            year.gap_days += f64::from(u8::from(row.gap_over_5min)) * weight;
        }
        let journey = self.scenario.money.truck_roll.as_units_f64();
        for row in &result.stores {
            let paid = row.truck_rolls as f64 * journey + row.over_cost.as_units_f64();
            year.loss += paid * self.mean[row.store.0 as usize];
        }
        for row in &result.losses {
            year.loss += row.part.late_declined.as_units_f64() * self.mean[row.store.0 as usize];
        }
        year
    }
}
