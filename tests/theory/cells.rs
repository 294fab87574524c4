//! LTE cells and carriers' cores: who gets how much airtime, that none is made up, and how a registration burst drains.

use std::path::Path;

use super::lab::{outcome, replications, scenario, scenario_file};
use tinsel::model::shared::cell::{Cell, CellMessage, FULL, Pair, rate_at};
use tinsel::scenario::resolved::{CellId, Scenario};
use tinsel::simulation::result::ReplicationResult;
use tinsel::units::{BitRate, SimTime};

/// More than all there is.
const GREEDY: Pair = Pair { up: 4 * FULL, down: 4 * FULL };

/// Stores of one site that are on LTE for good and want more than any cell has; phones take half the downlink and a
/// quarter of the uplink.
fn greedy_site(stores: u32) -> String {
    let hours = ["0.5"; 24].join(", ");
    format!(
        r#"
        [scenario]
        name = "a full cell"
        seed = 36942
        replications = 1
        first_day = 2019-11-20
        last_day = 2019-11-20
        interval = "1 h"
        [fleet.generate]
        stores = {stores}
        format = "greedy"
        timezone = "UTC"
        site = "mall"
        [fleet.draw]
        technology = "lte"
        carrier = "att"
        signal = "12 dB"
        topology = "none"
        [formats.greedy]
        based_on = "kiosk"
        customers_per_day = 0
        [formats.greedy.traffic.bulk]
        up = "200 Mbps"
        down = "200 Mbps"
        open_hours_only = false
        [lte.phones]
        hours = [{hours}]
        up_share = 0.5
        [faults]
        enabled = false
        "#
    )
}

/// bit/s of a lone store at 12 dB on 10 MHz, up and down (TR 36.942 Annex A), phones aside.
fn lone_rates() -> (f64, f64) {
    let shannon = libm::log2(1.0 + libm::pow(10.0, 1.2));
    let hertz = 50.0 * 180_000.0;
    (hertz * f64::min(0.4 * shannon, 2.0), hertz * f64::min(0.6 * shannon, 4.4))
}

fn cell_of(scenario: &Scenario) -> Cell {
    Cell::new(CellId(0), &scenario.cells[0], &scenario.lte)
}

#[test]
fn equal_stores_share_what_the_phones_leave() {
    let (up, down) = lone_rates();
    for stores in [1, 4, 10] {
        let run = &replications(&greedy_site(stores))[0];
        let expected = (0.75 * up + 0.5 * down) / f64::from(stores) / 8.0 * 86_400.0;
        for store in &run.stores {
            let bytes = store.times.lte_bytes as f64;
            assert!(
                (bytes / expected - 1.0).abs() < 1e-3,
                "{stores} stores: {bytes} against {expected} bytes"
            );
        }
    }
}

#[test]
fn intervals_add_up_to_what_the_cell_has() {
    for stores in [1, 4] {
        let text =
            greedy_site(stores).replace("interval = \"1 h\"", "interval = \"1 h\"\n cell_timeline = true");
        let cell = &replications(&text)[0].cells[0];
        assert_eq!(cell.intervals.len(), 24);
        for (hour, one) in cell.intervals.iter().enumerate() {
            let seconds = [one.phones_down, one.phones_up, one.stores_down, one.stores_up];
            let seconds = seconds.map(|span| span.as_secs_f64());
            assert_eq!(seconds[..2], [1_800.0, 900.0], "hour {hour}");
            // In the first second they all find the cell empty, and give it back in the next; each share is rounded down.
            let off = if hour == 0 { 1.0 } else { 1e-3 };
            assert!(
                (seconds[2] - 1_800.0).abs() < off && (seconds[3] - 2_700.0).abs() < off,
                "{hour}: {one:?}"
            );
            assert_eq!(one.attached.as_secs_f64(), 3_600.0 * f64::from(stores), "hour {hour}");
        }
        let sum: f64 = cell.intervals.iter().map(|one| one.attached.as_secs_f64()).sum();
        assert!((sum - cell.attached.as_secs_f64()).abs() < 1e-6);
    }
}

#[test]
fn airtime_used_beyond_a_step_is_paid_back() {
    let scenario = scenario(&greedy_site(1));
    let mut cell = cell_of(&scenario);
    let second = |n: u64| SimTime::from_unix_seconds(1_574_208_000 + n);
    let radio = BitRate(20_000_000);
    cell.wake(second(0));
    let joined = cell.fold(
        second(1),
        std::iter::once((
            second(0),
            0,
            CellMessage::Join { need: GREEDY, bursts: Pair::default(), first: false },
        )),
    );
    assert_eq!(rate_at(joined.level.down, radio), BitRate(radio.0 / 2), "the phones have the other half");
    // A burst of three quarters of a second on top of a step that is full already.
    let burst = CellMessage::Burst(Pair { up: 0, down: 750_000_000 });
    let mut paid = 0;
    let mut share = cell.fold(second(2), std::iter::once((second(1), 0, burst)));
    assert_eq!(share.level.down, 0, "the whole next step goes to what was used before");
    for n in 3..10 {
        paid += FULL / 2 - share.level.down;
        share = cell.fold(second(n), std::iter::empty());
    }
    assert_eq!(paid, 750_000_000, "exactly what was used is paid back");
    assert_eq!(share.level, joined.level, "and then all is as before");
    // Without members and debt the cell sleeps: it can be woken again, which it asserts.
    let left = cell.fold(second(10), std::iter::once((second(9), 0, CellMessage::Leave)));
    assert_eq!(left.level.down, FULL / 2);
    cell.wake(second(100));
}

#[test]
fn the_mall_carries_what_its_cell_has_and_no_more() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lab/mall-storm.toml");
    let overrides = ["fleet.draw.signal=\"12 dB\"", "scenario.replications=1", "scenario.interval=\"1 h\""];
    let scenario = scenario_file(&path, &overrides);
    let run = &outcome(&scenario).replications[0];
    let (up, down) = lone_rates();
    let cell = &run.cells[0];
    let busy_s = cell.busy.as_secs_f64();
    assert!((3_590.0..3_620.0).contains(&busy_s), "an hour's cut keeps the cell busy for {busy_s} s");
    assert!(cell.saturated.as_secs_f64() > 3_580.0, "three hundred shops want more than it has");
    assert!(cell.stores_max == 300);
    // Phones between two and four in the afternoon of that day: 1.5 × 0.42 and 1.5 × 0.43 of the downlink, half of it up.
    let capacity = |phones: f64| busy_s / 8.0 * (up * (1.0 - 0.5 * phones) + down * (1.0 - phones));
    let (most, least) = (capacity(1.5 * 0.42), capacity(1.5 * 0.43));
    let carried = cell.bytes as f64;
    assert!(carried <= most, "{carried} bytes through a cell that has {most}");
    assert!(carried >= 0.98 * least, "{carried} bytes although {least} were there for the taking");
}

/// Three hundred shops of one market whose modems must register first, at a core that does five a second; `fault` hits them
/// all, `profile` notices.
fn registration_burst(profile: &str, fault: &str) -> ReplicationResult {
    let text = format!(
        r#"
        [scenario]
        name = "registration burst"
        seed = 300
        replications = 1
        first_day = 2019-11-29
        last_day = 2019-11-29
        interval = "1 h"
        [fleet.generate]
        stores = 300
        format = "closed"
        site = "mall"
        market = "here"
        [fleet.draw]
        technology = "fibre_dia"
        carrier = "att"
        topology = "in-router"
        standby = "radio-off"
        profile = "{profile}"
        [profiles.carrier-loss]
        carrier_poll = "0 s"
        carrier_delay = "0.5 s"
        route_change = "0.1 s"
        [carriers.att]
        registrations_per_s = 5
        [lte.bring_up]
        full_scan_radio_off = 0
        attach = "1 s"
        attach_failure = 0
        bearer_floor = "1 s"
        bearer = "0 s"
        vpn_round_trips = 0
        [formats.closed]
        based_on = "kiosk"
        customers_per_day = 0
        [faults]
        enabled = false
        [[faults.scheduled]]
        name = "cut"
        {fault}
        at = "2019-11-29 14:00"
        duration = "1 h"
    "#
    );
    replications(&text).swap_remove(0)
}

#[test]
fn three_hundred_registrations_at_five_a_second_wait_half_a_minute() {
    let run = registration_burst("carrier-loss", "signature = \"carrier-lost\"");
    let mut waits_s: Vec<f64> = run
        .incidents
        .iter()
        .map(|row| {
            let detected = row.detected.expect("a lost carrier is seen");
            // Less the second for bearer and address.
            row.backup_ready.expect("LTE comes up").since(detected).as_secs_f64() - 1.0
        })
        .collect();
    waits_s.sort_by(f64::total_cmp);
    assert_eq!(waits_s.len(), 300);
    // The k-th of the burst is done after k services of 0.2 s, but not before its own second of attaching.
    for (before, wait_s) in waits_s.iter().enumerate() {
        let expected = f64::max(1.0, (before + 1) as f64 / 5.0);
        assert!((wait_s - expected).abs() < 1e-6, "number {before}: {wait_s} against {expected}");
    }
    // (N − 1)/2 others are served first in the mean, then oneself.
    let mean_s = waits_s.iter().sum::<f64>() / 300.0 - 0.2;
    assert!((mean_s - 299.0 / 2.0 / 5.0).abs() < 0.01, "mean wait {mean_s} s");
}

#[test]
fn a_market_cut_under_bfd_waits_half_a_minute_too() {
    let fault = "scope = \"market\"\n markets = [\"here\"]\n signature = \"blackhole\"";
    let run = registration_burst("bfd-300x3", fault);
    assert_eq!(run.incidents.len(), 300);
    let mut times_s: Vec<(f64, f64)> = run
        .incidents
        .iter()
        .map(|row| {
            let since = |at: Option<SimTime>| at.expect("it is seen, and LTE comes up").since(row.fault);
            // Less the second for bearer and address.
            (since(row.backup_ready).as_secs_f64() - 1.0, since(row.detected).as_secs_f64())
        })
        .collect();
    times_s.sort_by(|left, right| left.0.total_cmp(&right.0));
    let detected_s: Vec<f64> = times_s.iter().map(|&(_, detected_s)| detected_s).collect();
    let first_s = detected_s.iter().copied().fold(f64::INFINITY, f64::min);
    let last_s = detected_s.iter().copied().fold(0.0, f64::max);
    // Two to three intervals of 300 ms, of which each is up to a quarter shorter: nobody is late enough to find the core idle.
    assert!(first_s >= 0.6 && last_s <= 0.95 && last_s - first_s > 0.2, "{first_s} to {last_s} s");
    for (before, (ready_s, detected_s)) in times_s.iter().enumerate() {
        let expected = f64::max(detected_s + 1.0, first_s + (before + 1) as f64 / 5.0);
        assert!((ready_s - expected).abs() < 1e-6, "number {before}: {ready_s} against {expected} s");
    }
    // (N − 1)/2 others are served first in the mean; who notices later waits less by as much. The first five have their own
    // second of attaching to finish: 2 s in all.
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let waits_s: Vec<f64> = times_s.iter().map(|(ready_s, detected_s)| ready_s - detected_s - 0.2).collect();
    let expected_s = 299.0 / 2.0 / 5.0 - (mean(&detected_s) - first_s);
    assert!((mean(&waits_s) - expected_s).abs() < 0.01, "{} against {expected_s} s", mean(&waits_s));
    assert!((29.6..29.91).contains(&mean(&waits_s)));
}
