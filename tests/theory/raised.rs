//! Hazards that the published load of a cell raises: thinned candidates at a declared ceiling rate (Lewis and Shedler 1979).

use std::collections::BTreeSet;

use super::lab::{replications, scenario};
use super::statistics::z_limit;
use tinsel::kernel::draws::Key;
use tinsel::model::faults::{self, Fault, shared::SharedFaults};
use tinsel::model::store::window_of;
use tinsel::scenario::resolved::StoreRank;
use tinsel::units::SimTime;

const STORES: u32 = 20;
const DAYS: f64 = 10.0;
/// Onsets a store and day in a cell that carries nothing.
const RATE: f64 = 10.0;
/// The same, of what a full cell carries.
const FACTOR: f64 = 5.0;

/// Stores of one cell whose LTE fails the more often the more the cell carries. Each wants `kbps` down at any hour and nothing up;
/// phones want `phones` of the cell.
fn cell(technology: &str, kbps: u32, phones: f64) -> String {
    let hours = vec![format!("{phones:?}"); 24].join(", ");
    let off: String =
        super::faults::SHIPPED.iter().map(|it| format!("[faults.causes.{it}]\nenabled = false\n")).collect();
    // Everything else stays off LTE.
    let others = [
        "call_signalling",
        "mobile_pos_curbside",
        "network_control_routing",
        "oobm_and_monitoring",
        "pos_app_tlog_loyalty",
        "voip_g711",
        "workforce_web_saas",
    ];
    let quiet = others.map(|class| format!("[formats.steady.traffic.{class}]\nlte = \"block\"\n")).concat();
    format!(
        r#"
        [scenario]
        name = "raised"
        seed = 1979
        replications = 1
        first_day = 2019-11-01
        last_day = 2019-11-10
        interval = "1 d"
        [fleet.generate]
        stores = {STORES}
        format = "steady"
        timezone = "UTC"
        site = "mall"
        [fleet.draw]
        technology = "{technology}"
        carrier = "att"
        signal = "12 dB"
        topology = "in-router"
        profile = "carrier-loss"
        [formats.steady]
        based_on = "kiosk"
        customers_per_day = 0
        {quiet}
        [formats.steady.traffic.steady]
        up = "0 bps"
        down = "{kbps} kbps"
        open_hours_only = false
        [lte.phones]
        hours = [{hours}]
        [faults]
        lead_in = "0 s"
        {off}
        [faults.causes.wear]
        remedy = "provider"
        scope = "backup"
        rate_per_year = {}
        repair = "1 s"
        load_factor = {FACTOR}
        load = "published"
        "#,
        RATE * 365.25
    )
}

/// Onsets of all stores: rank and instant.
fn onsets(text: &str) -> BTreeSet<(u32, SimTime)> {
    let run = &replications(text)[0];
    run.incidents.iter().map(|row| (row.store.0, row.fault)).collect()
}

/// What may happen to each store, whether or not it does.
fn candidates(text: &str) -> Vec<Fault> {
    let scenario = scenario(text);
    let key = Key { seed: scenario.seed, replication: 0 };
    let of_store = |rank: u32| {
        let window = window_of(&scenario.stores[rank as usize]);
        faults::history(&scenario, StoreRank(rank), window, key, &SharedFaults::scheduled(&scenario)).faults
    };
    (0..STORES).flat_map(of_store).collect()
}

/// bit/s that a store at 12 dB alone would get down (TR 36.942 Annex A).
fn lone_rate() -> f64 {
    50.0 * 180_000.0 * f64::min(0.6 * libm::log2(1.0 + libm::pow(10.0, 1.2)), 4.4)
}

#[test]
fn the_rate_follows_what_the_cell_carries() {
    // Of phones, with nobody on LTE; of the stores themselves; of both, and then of more than there is.
    for (technology, kbps, phones) in [
        ("fibre_dia", 550, 0.0),
        ("fibre_dia", 550, 0.25),
        ("lte", 550, 0.0),
        ("lte", 330, 0.4),
        ("lte", 900, 0.5),
    ] {
        let stores = if technology == "lte" { f64::from(STORES * kbps) * 1e3 / lone_rate() } else { 0.0 };
        let load = (phones + stores).min(1.0);
        let expected = RATE * (1.0 + (FACTOR - 1.0) * load) * f64::from(STORES) * DAYS;
        let found = onsets(&cell(technology, kbps, phones)).len() as f64;
        let z = (found - expected) / expected.sqrt();
        println!("{technology} {kbps} kbit/s, phones {phones}: {found} against {expected:.0}, z = {z:.2}");
        assert!(z.abs() < z_limit(5), "{technology} {kbps} kbit/s, phones {phones}: z = {z:.2}");
    }
}

#[test]
fn designs_have_the_same_candidates_and_more_load_takes_more_of_them() {
    let (wired, light, heavy) = (cell("fibre_dia", 500, 0.0), cell("lte", 100, 0.0), cell("lte", 800, 0.0));
    let all = candidates(&wired);
    let ceiling = RATE * FACTOR * f64::from(STORES) * DAYS;
    assert!((all.len() as f64 - ceiling).abs() < z_limit(1) * ceiling.sqrt(), "{} at the ceiling", all.len());
    for other in [&light, &heavy] {
        let same = candidates(other);
        assert_eq!(all.len(), same.len());
        for (one, other) in all.iter().zip(&same) {
            assert_eq!((one.window, one.from_load), (other.window, other.from_load));
        }
    }
    let [wired, light, heavy] = [&wired, &light, &heavy].map(|text| onsets(text));
    assert!(wired.is_subset(&light) && light.is_subset(&heavy), "no fault goes when load comes");
    assert!(wired.len() < light.len() && light.len() < heavy.len());
}
