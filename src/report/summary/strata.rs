//! The headline with and without shared faults, where these are drawn in strata; what weights are worth, where they are boosted.

use super::numbers::Scale;
use super::terminal::Page;
use super::{Group, Metric, Range, Summary, Unit};
use crate::measure::design::Design;
use crate::measure::sample::Sample;
use crate::scenario::resolved::{Sampling, Scenario};
use crate::simulation::result::RunResult;
use crate::units::Cents;

/// How a stratum is told, by its name.
const TOLD: [(&str, &str); 4] = [
    ("none", "no shared fault of these kinds"),
    ("chain", "of the fleet or a service"),
    ("operator", "of an operator, none of these"),
    ("regional", "of a region or market, none of these"),
];

/// `None` where replications are all alike.
pub(super) fn strata(scenario: &Scenario, result: &RunResult, design: &Design) -> Option<Group> {
    let mut metrics = Vec::new();
    match scenario.sampling {
        Sampling::Plain => return None,
        Sampling::Boosted(_) => {
            let size = Sample::Fixed(design.effective_size());
            metrics.push(Metric::new("effective_replications", Unit::Times, size, Range::Positive));
        }
        Sampling::Strata => {
            let lost: Vec<f64> = result
                .replications
                .iter()
                .map(|one| {
                    one.stores.iter().map(|store| store.lost_sales_network).sum::<Cents>().as_units_f64()
                })
                .collect();
            for (position, stratum) in design.strata().iter().enumerate() {
                let name = format!("{}_probability", stratum.name);
                metrics.push(Metric::new(
                    name,
                    Unit::Share,
                    Sample::Fixed(stratum.weight),
                    Range::Proportion,
                ));
                let here = |(replication, &lost): (usize, &f64)| {
                    (design.member(replication) == position).then_some(lost)
                };
                let given = Sample::Given(lost.iter().enumerate().map(here).collect());
                let name = format!("lost_sales_network_given_{}", stratum.name);
                metrics.push(Metric::new(name, Unit::Money, given, Range::Any));
            }
        }
    }
    Some(Group { name: "strata", metrics })
}

impl Summary {
    pub(super) fn strata_section(&self, page: &mut Page<'_>) {
        if let Some(size) = self.metric("strata", "effective_replications") {
            page.heading("Shared faults, boosted and weighted");
            page.metric("worth of the replications, all alike", Some(size), None);
        }
        for (position, (name, told)) in TOLD.iter().enumerate() {
            let lost = self.metric("strata", &format!("lost_sales_network_given_{name}"));
            if position == 0 && lost.is_some() {
                page.heading("Sales blocked by the network, without and with shared faults");
            }
            let share = self.value("strata", &format!("{name}_probability"));
            let share = share.map(|share| Scale::of(Unit::Share, share.estimate, "").show(share.estimate));
            page.metric(told, lost, share.as_deref());
        }
        if self.metrics("strata").next().is_some() {
            page.line("  Every number here is weighted. Charts and report.html would count each replication once: there are none.");
        }
    }
}
