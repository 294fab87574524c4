//! Fault processes: Poisson onsets, alternating renewal, and stationarity from the lead-in.
//!
//! Time zone UTC: fault processes restart at absolute (UTC) days, so that a lead-in of zero is one at UTC midnight.

use super::lab::{outcome, scenario};
use super::statistics::{Quantity, check, dispersion_z, z_limit};
use tinsel::kernel::draws::Key;
use tinsel::model::faults::{self, shared::SharedFaults};
use tinsel::model::store::window_of;
use tinsel::scenario::resolved::{Scenario, StoreRank};
use tinsel::simulation::result::IncidentRow;
use tinsel::units::{SimTime, Span};

const STORES: u32 = 2_000;
const DAYS: u32 = 10;
const DAYS_PER_YEAR: f64 = 365.25;

fn fleet(lead_in: &str, technology: &str, cause: &str) -> String {
    format!(
        r#"
        [scenario]
        name = "faults"
        seed = 1907
        replications = 1
        first_day = 2019-11-01
        last_day = 2019-11-{DAYS}
        interval = "1 d"
        [fleet.generate]
        stores = {STORES}
        format = "closed"
        timezone = "UTC"
        [fleet.draw]
        technology = "{technology}"
        topology = "none"
        profile = "carrier-loss"
        [formats.closed]
        based_on = "kiosk"
        customers_per_day = 0
        [faults]
        lead_in = "{lead_in}"
        {cause}
        "#
    )
}

/// Every cause that is shipped.
pub const SHIPPED: [&str; 19] = [
    "link_flap_short",
    "access_physical_cut_or_plant",
    "access_provider_equipment_or_config",
    "cpe_router_hardware",
    "cpe_hang_or_firmware",
    "config_or_change_error",
    "lan_switch",
    "lte_site_local",
    "pos_terminal_hw",
    "store_power_ordinary",
    "store_power_major",
    "market_fibre_cut",
    "provider_core",
    "mobile_core",
    "payment_processor_outage",
    "payment_brownout",
    "retailer_dc_or_app_outage",
    "config_push_fleet",
    "expired_certificate_fleet",
];

/// Switches every shipped cause off and adds one.
fn only(cause: &str) -> String {
    let off: Vec<String> =
        SHIPPED.iter().map(|name| format!("[faults.causes.{name}]\nenabled = false\n")).collect();
    format!("{}\n[faults.causes.wear]\nremedy = \"on_site\"\n{cause}", off.concat())
}

/// Onsets of each store in the window, absorbed ones included.
fn onsets(scenario: &Scenario) -> Vec<u64> {
    let key = Key { seed: scenario.seed, replication: 0 };
    (0..scenario.stores.len())
        .map(|store| {
            let window = window_of(&scenario.stores[store]);
            let history = faults::history(
                scenario,
                StoreRank(store as u32),
                window,
                key,
                &SharedFaults::scheduled(scenario),
            );
            history.faults.len() as u64 + history.absorbed
        })
        .collect()
}

#[test]
fn onsets_are_poisson_with_the_configured_rate() {
    // Rate a year as configured; on cable access faults are five times as frequent, and it has 30 flaps a year.
    let cases = [
        ("fibre_dia", "rate_per_year = 73.05\nscope = \"router\"", 73.05),
        ("cable", "rate_per_year = 20\nscope = \"uplink\"\nby_technology = \"access\"", 100.0),
        ("cable", "scope = \"uplink\"\nby_technology = \"flaps\"", 30.0),
    ];
    // Two checks a case: the total, and the dispersion over stores. Long repairs, so that many onsets are absorbed.
    let limit = z_limit(2 * cases.len() as u32);
    for (technology, cause, per_year) in cases {
        let cause = format!("{cause}\nrepair = {{ mean = \"1 d\" }}");
        let counts = onsets(&scenario(&fleet("0 s", technology, &only(&cause))));
        let mean = per_year / DAYS_PER_YEAR * f64::from(DAYS);
        let expected = mean * f64::from(STORES);
        let total = (counts.iter().sum::<u64>() as f64 - expected) / expected.sqrt();
        let dispersion = dispersion_z(counts.iter().map(|&count| (count, mean)));
        assert!(total.abs() < limit, "{cause}: total off by {total:.2} standard deviations");
        assert!(dispersion.abs() < limit, "{cause}: dispersion off by {dispersion:.2} standard deviations");
    }
}

/// One fault a day of up time, six hours of repair in the mean: down one fifth of the time.
const WEAR: &str = "rate_per_year = 365.25\nscope = \"uplink\"";
const REPAIR_EXPONENTIAL: &str = "repair = { mean = \"6 h\" }";
/// Mean 6 h with a heavy tail: median = 6 h · exp(−σ²/2).
const REPAIR_LOGNORMAL: &str = "repair = { median = \"13101.0 s\", sigma = 1.0 }";
const DOWN_SHARE: f64 = 6.0 / 30.0;

#[test]
fn down_time_is_that_of_alternating_renewal() {
    let mut shares = Vec::new();
    for repair in [REPAIR_EXPONENTIAL, REPAIR_LOGNORMAL] {
        let scenario = scenario(&fleet("30 days", "fibre_dia", &only(&format!("{WEAR}\n{repair}"))));
        let stores = &outcome(&scenario).replications[0].stores;
        let whole_s = f64::from(DAYS) * 86_400.0;
        // Stores are independent: they are the replications.
        let values = stores.iter().map(|store| store.times.dark.as_secs_f64() / whole_s).collect();
        shares.push(Quantity { name: repair.to_owned(), values, expected: DOWN_SHARE });
    }
    check(&shares).unwrap();
}

/// Share of stores whose primary is broken at `at`.
fn broken(incidents: &[IncidentRow], at: SimTime) -> f64 {
    let is_open = |row: &&IncidentRow| row.fault <= at && row.repaired.is_none_or(|repaired| repaired > at);
    let mut stores: Vec<u32> = incidents.iter().filter(is_open).map(|row| row.store.0).collect();
    stores.dedup();
    stores.len() as f64 / f64::from(STORES)
}

#[test]
fn a_run_opens_with_as_many_links_down_as_it_closes_with() {
    let cause = only(&format!("{WEAR}\n{REPAIR_LOGNORMAL}"));
    let shares = |lead_in| {
        let scenario = scenario(&fleet(lead_in, "fibre_dia", &cause));
        let incidents = &outcome(&scenario).replications[0].incidents;
        let late = scenario.window.end.saturating_sub(Span::from_secs(3_600));
        (broken(incidents, scenario.window.start), broken(incidents, late))
    };
    // Three shares of independent stores, each binomial.
    let band = z_limit(3) * f64::sqrt(DOWN_SHARE * (1.0 - DOWN_SHARE) / f64::from(STORES));
    let (first, last) = shares("30 days");
    assert!((first - DOWN_SHARE).abs() < band, "at the start {first}, in theory {DOWN_SHARE} ± {band}");
    assert!((last - DOWN_SHARE).abs() < band, "at the end {last}, in theory {DOWN_SHARE} ± {band}");
    let (first, last) = shares("0 s");
    assert!(first == 0.0, "without a lead-in everything works at first, not all but {first}");
    assert!((last - DOWN_SHARE).abs() < band, "ten days later {last}, in theory {DOWN_SHARE} ± {band}");
}
