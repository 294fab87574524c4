//! What the network costs whether or not it fails, and what its failures cost besides sales: lines, overage, gear, journeys, engineers.

use super::metrics::{SECONDS_PER_HOUR, mean, per_replication};
use super::{Metric, Range, Unit};
use crate::measure::sample::Sample;
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{HourRow, RunResult};
use crate::units::{Cents, Span};

const DAYS_PER_YEAR: f64 = 365.0;
const MONTHS_PER_YEAR: f64 = 12.0;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// Prices over a year of everything that the fleet has.
struct Yearly {
    plans: f64,
    licences: f64,
    gear: f64,
}

fn yearly(scenario: &Scenario) -> Yearly {
    let money = &scenario.money;
    let mut yearly = Yearly { plans: 0.0, licences: 0.0, gear: 0.0 };
    for store in &scenario.stores {
        yearly.plans += MONTHS_PER_YEAR * scenario.lines_month(store).as_units_f64();
        let gear = scenario.gear(store);
        let if_there = |there: bool, price: Cents| if there { price.as_units_f64() } else { 0.0 };
        yearly.licences += if_there(gear.unit, money.oobm_licence);
        let devices = if_there(gear.modem, money.lte_device)
            + if_there(gear.unit, money.oobm_appliance)
            + if_there(gear.outlets, money.remote_outlet);
        yearly.gear += devices / money.gear_life_years;
    }
    yearly
}

/// Journeys, overage, engineers, and the window's share of plans, licences and gear.
pub(super) fn costs(scenario: &Scenario, result: &RunResult) -> Vec<Metric> {
    let money = &scenario.money;
    let journeys =
        per_replication(result, |one| one.stores.iter().map(|row| row.truck_rolls).sum::<u64>() as f64);
    let rolls: Vec<f64> =
        journeys.iter().map(|journeys| journeys * money.truck_roll.as_units_f64()).collect();
    let overage = per_replication(result, |one| {
        one.stores.iter().map(|row| row.over_cost).sum::<Cents>().as_units_f64()
    });
    let engineers = |of: fn(&HourRow) -> Span| {
        per_replication(result, |one| {
            let seconds: f64 = one.noc_hours.iter().map(|row| of(row).as_secs_f64()).sum();
            seconds / SECONDS_PER_HOUR * money.staff_hour.as_units_f64()
        })
    };
    let (on_duty, at_work) = (engineers(|row| row.on_duty), engineers(|row| row.busy));
    let window = &scenario.window;
    let share = window.end.since(window.start).as_secs_f64() / SECONDS_PER_DAY / DAYS_PER_YEAR;
    let Yearly { plans, licences, gear } = yearly(scenario);
    let standing = (plans + licences + gear) * share;
    let drawn = rolls.iter().zip(&overage).zip(&on_duty);
    let total: Vec<f64> = drawn.map(|((rolls, overage), staff)| standing + rolls + overage + staff).collect();
    let mut metrics = vec![
        mean("truck_rolls", Unit::Incidents, &journeys),
        mean("truck_roll_cost", Unit::Money, &rolls),
        fixed("plans_cost", plans * share),
        fixed("licences_cost", licences * share),
        fixed("gear_cost", gear * share),
        fixed("year_plans_cost", plans),
        fixed("year_licences_cost", licences),
        fixed("year_gear_cost", gear),
        mean("overage_cost", Unit::Money, &overage),
    ];
    if scenario.noc.is_some() {
        metrics.push(mean("engineers_cost", Unit::Money, &on_duty));
        metrics.push(mean("engineers_at_work_cost", Unit::Money, &at_work));
    }
    metrics.push(mean("network_cost", Unit::Money, &total));
    metrics
}

/// A number that does not depend on draws.
fn fixed(name: &str, amount: f64) -> Metric {
    Metric::new(name, Unit::Money, Sample::Fixed(amount), Range::Any)
}
