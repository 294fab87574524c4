//! Faults beside the network: tills, the store's server, power, what answers payments.

use super::lab::replications;
use super::shop::{NOON_S, SHOP, Shop, series};
use tinsel::simulation::result::{ReplicationResult, TimelineCell};

/// A shop with one scheduled fault from noon for `minutes`.
fn with(keys: &str, minutes: u32) -> ReplicationResult {
    let more = format!(
        "[[faults.scheduled]]\nname = \"it\"\n{keys}\nat = \"2019-11-20 12:00\"\nduration = \"{minutes} min\""
    );
    let shop = Shop { interval: "10 min", payments: "retries = 0", ..SHOP }.text();
    replications(&format!("{shop}\n{more}")).swap_remove(0)
}

fn at_noon(run: &ReplicationResult, count: fn(&TimelineCell) -> u64) -> u64 {
    series(run, count)[NOON_S / 600]
}

#[test]
fn a_dead_service_leaves_every_attempt_without_an_answer() {
    let run = with("scope = \"service\"", 60);
    let row = &run.incidents[0];
    assert_eq!((row.uplink, row.scope, row.failover), ("service", "service", None));
    assert_eq!(at_noon(&run, |cell| cell.authorized), 0);
    let attempts = at_noon(&run, |cell| cell.payments);
    assert!(attempts > 0 && at_noon(&run, |cell| cell.payments_lost) + 2 >= attempts);
    assert_eq!(run.stores[0].times.gap.as_secs_f64(), 3_600.0, "no answer for an hour");
    assert_eq!(run.stores[0].times.dark.as_secs_f64(), 0.0, "and every uplink works");
    assert!(run.stores[0].lost_sales_network.0 > 0);
}

#[test]
fn a_brownout_loses_its_share_of_attempts() {
    let run = with("scope = \"service\"\nsignature = \"partial-loss\"\nloss = 0.35", 600);
    let lost = run.stores[0].ledger.payments_lost as f64;
    // Two customers a minute for ten hours, each with one attempt: binomial.
    let attempts: u64 = series(&run, |cell| cell.payments)[NOON_S / 600..NOON_S / 600 + 60].iter().sum();
    let (mean, variance) = (0.35 * attempts as f64, 0.35 * 0.65 * attempts as f64);
    assert!((lost - mean).abs() < 3.3 * variance.sqrt(), "{lost} of {attempts}");
}

#[test]
fn a_slow_service_is_late_by_what_it_is_late() {
    let run = with("scope = \"service\"\nsignature = \"latency\"\nlatency = \"7 s\"", 60);
    let slowest = run.payment_time_primary.quantile(1.0).expect("payments");
    // Twenty milliseconds of round trip, half a second of host, seven of fault; the histogram keeps three digits.
    assert!((slowest as f64 / 1e9 - 7.52).abs() < 0.03, "{slowest}");
    assert_eq!(run.stores[0].ledger.payments_lost, 0);
}

#[test]
fn without_the_server_nobody_is_served_and_patience_is_an_hour() {
    let run = with("scope = \"store-server\"", 50);
    let served = series(&run, |cell| cell.authorized);
    assert_eq!(served[NOON_S / 600 + 1..NOON_S / 600 + 5], [0, 0, 0, 0]);
    let ledger = run.stores[0].ledger;
    assert_eq!((ledger.reneged, ledger.balked), (0, 0), "everybody waits for an hour");
    // A hundred customers wait for the repair, and leave through sixty tills at once.
    assert!(served[NOON_S / 600 + 5] > 100, "{served:?}");
    assert_eq!(run.stores[0].times.gap.as_secs_f64(), 0.0, "payments would be answered");
    let long = with("scope = \"store-server\"", 90);
    assert!(long.stores[0].ledger.reneged > 30, "patience is an hour");
}

#[test]
fn one_till_of_sixty_is_not_missed() {
    let run = with("scope = \"lane\"", 60);
    assert_eq!(run.incidents[0].uplink, "lane");
    let ledger = run.stores[0].ledger;
    assert_eq!(ledger.served, ledger.customers - ledger.inside);
}

#[test]
fn power_is_no_loss_to_the_network() {
    let power = "scope = \"site-power\"";
    let run = with(power, 70);
    let store = &run.stores[0];
    assert_eq!(run.incidents[0].uplink, "site-power");
    assert_eq!(store.times.dark.as_secs_f64(), 3_600.0, "ten minutes of battery");
    assert!((100..140).contains(&store.ledger.balked), "{} came to a dark shop", store.ledger.balked);
    assert!(store.ledger.lost_sales_power.0 > 0);
    assert_eq!(store.lost_sales_network.0, 0, "the twin has no light either");
    assert!(with(power, 9).incidents.is_empty(), "the battery bridges nine minutes");
}
