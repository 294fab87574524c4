//! Money by hand: what is lost for good, what a year comes to, shared faults apart from everyday ones, other currencies.

use tinsel::report::Summary;
use tinsel::scenario::resolved::{CarrierId, CellId, DayKind, OobmKind, PlanId, SecondSim};
use tinsel::simulation::result::RunResult;
use tinsel::units::Cents;

use super::{meta, synthetic};

fn value(summary: &Summary, name: &str) -> f64 {
    summary.metric("money", name).unwrap_or_else(|| panic!("no {name}")).value.unwrap().estimate
}

/// What the network cost on the day at `position`, in units, all stores.
fn lost_on(result: &RunResult, position: u32) -> f64 {
    let days = result.replications[0].days.iter().filter(|row| row.day == position);
    days.map(|row| row.lost_sales_network.as_units_f64()).sum()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found}, expected {expected}");
}

#[test]
fn blocked_sales_are_lost_or_deferred_and_only_the_lost_cost_margin() {
    let scenario = synthetic::scenario("shares", 12, 2, 1);
    let result = synthetic::result(&scenario);
    let summary = Summary::new(&scenario, &result);
    let gross = lost_on(&result, 0) + lost_on(&result, 1);
    close(value(&summary, "lost_sales_gross"), gross);
    close(value(&summary, "lost_sales_for_good"), 0.62 * gross);
    close(value(&summary, "lost_sales_deferred"), 0.38 * gross);
    // Every format here has a margin of a quarter.
    close(value(&summary, "lost_margin"), 0.25 * 0.62 * gross);
    let words = ["lte", "oobm", "offline_authorization", "nothing"];
    let helped: f64 = words.iter().map(|word| value(&summary, &format!("would_have_helped_{word}"))).sum();
    close(helped + value(&summary, "unattributed"), gross);
}

#[test]
fn a_year_has_so_many_days_of_each_kind() {
    let mut scenario = synthetic::scenario("year", 12, 2, 1);
    let result = synthetic::result(&scenario);
    // Both days of one kind: each stands for half of the five. Closed days are in without a loss.
    let summary = Summary::new(&scenario, &result);
    close(value(&summary, "year_lost_sales_gross"), 2.5 * (lost_on(&result, 0) + lost_on(&result, 1)));
    close(value(&summary, "year_days"), 7.0);
    // One normal day and one of Cyber 5: each stands for all of its kind.
    for store in &mut scenario.stores {
        store.days[0].kind = DayKind::Normal;
    }
    let summary = Summary::new(&scenario, &result);
    let year = 315.0 * lost_on(&result, 0) + 5.0 * lost_on(&result, 1);
    close(value(&summary, "year_lost_sales_gross"), year);
    close(value(&summary, "year_lost_sales_for_good"), 0.62 * year);
    close(value(&summary, "year_days"), 322.0);
}

#[test]
fn gear_and_plans_are_those_of_the_fleet() {
    // Twelve gateways; ten carry store traffic over LTE, two of them stand at stores whose only link is LTE.
    let scenario = synthetic::scenario("gear", 12, 2, 1);
    let summary = Summary::new(&scenario, &synthetic::result(&scenario));
    let lte_only = 2.0;
    close(value(&summary, "year_plans_cost"), 12.0 * (10.0 * 39.99 + lte_only * (39.99 + 10.0)));
    close(value(&summary, "year_licences_cost"), 12.0 * 100.0);
    // None of them switches outlets.
    close(value(&summary, "year_gear_cost"), (12.0 * 900.0 + lte_only * 500.0) / 5.0);
    let share = 49.0 / 24.0 / 365.0;
    close(value(&summary, "gear_cost"), share * value(&summary, "year_gear_cost"));
}

#[test]
fn a_plan_has_its_price_and_what_goes_beyond_it_too() {
    let mut scenario = synthetic::scenario("plans", 12, 2, 1);
    scenario.plans = vec![synthetic::plan(Cents(2_500), Cents(1_500))];
    // Six lines of it; two of them have a second SIM, which is a line more. Outlets at one.
    for store in &mut scenario.stores[..6] {
        store.plan = Some(PlanId(0));
    }
    let carrier = CarrierId(0);
    let second = SecondSim { carrier, cell: CellId(0), sinr_db: 10.0 };
    let carrying: Vec<usize> = (0..12)
        .filter(|&at| {
            let gear = scenario.gear(&scenario.stores[at]);
            gear.lines == 1 && scenario.stores[at].plan.is_some()
        })
        .collect();
    for &at in &carrying[..2] {
        scenario.stores[at].second = Some(second);
    }
    scenario.stores[0].oobm.kind = OobmKind::ConsoleOutlet;
    let mut result = synthetic::result(&scenario);
    result.replications[0].stores[3].over_cost = Cents(1_234);
    result.replications[0].stores[4].truck_rolls = 2;
    let summary = Summary::new(&scenario, &result);
    let with_plan = carrying.len() as f64;
    assert!(with_plan > 2.0);
    let lines = scenario.stores.iter().map(|store| scenario.lines_month(store).as_units_f64()).sum::<f64>();
    let usual = 12.0 - with_plan;
    let gateways_only = 2.0;
    close(lines, 25.0 * (with_plan + 2.0) + 39.99 * usual + 10.0 * gateways_only);
    close(value(&summary, "year_plans_cost"), 12.0 * lines);
    close(value(&summary, "overage_cost"), 12.34);
    close(value(&summary, "truck_roll_cost"), 1_200.0);
    let share = 49.0 / 24.0 / 365.0;
    let standing =
        ["year_plans_cost", "year_licences_cost", "year_gear_cost"].map(|name| value(&summary, name));
    close(value(&summary, "network_cost"), 12.34 + 1_200.0 + share * standing.iter().sum::<f64>());
}

#[test]
fn shared_faults_are_told_apart_with_their_probability() {
    let scenario = synthetic::scenario("shared", 12, 2, 4);
    let mut result = synthetic::result(&scenario);
    result.replications[2].incidents[0].scope = "market";
    let cost = result.replications[2].incidents[0].lost_sales.as_units_f64();
    let summary = Summary::new(&scenario, &result);
    close(value(&summary, "shared_event_probability"), 0.25);
    close(value(&summary, "shared_event_cost_if_any"), cost);
    close(value(&summary, "lost_sales_shared"), 0.25 * cost);
    let both = value(&summary, "lost_sales_everyday") + value(&summary, "lost_sales_shared");
    close(both, value(&summary, "lost_sales_gross"));
}

#[test]
fn weekends_are_good_median_or_bad() {
    let scenario = synthetic::scenario("weekends", 12, 2, 20);
    let summary = Summary::new(&scenario, &synthetic::result(&scenario));
    let [good, median, bad] =
        ["good", "median", "one_in_20"].map(|word| value(&summary, &format!("lost_sales_gross_{word}")));
    assert!(good <= median && median <= bad && good < bad, "{good} {median} {bad}");
    close(bad, summary.metric("verdict", "lost_sales_network_p95").unwrap().value.unwrap().estimate);
}

#[test]
fn another_currency_is_shown_everywhere() {
    for (code, mark) in [("EUR", "€"), ("SEK", " SEK")] {
        let mut scenario = synthetic::scenario("abroad", 12, 2, 20);
        scenario.currency = code.to_owned();
        let text = Summary::new(&scenario, &synthetic::result(&scenario)).to_terminal(false, &meta());
        assert!(text.contains(mark) && !text.contains('$'), "{text}");
        assert!(!text.contains("USD"), "{text}");
    }
}
