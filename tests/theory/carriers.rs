//! When the loss of a link's carrier is seen: at the next look at the interface, after the kernel's own delay, and not within
//! a second of another loss (`linkwatch`). Return of the carrier does not wait.

use super::oracles::{BLACKHOLE, Outage, seconds};
use super::statistics::{Quantity, check, z_limit};
use tinsel::simulation::result::IncidentRow;

/// The kernel's delay of the library's profiles, seconds.
const DELAY: (f64, f64) = (0.000_1, 0.003);
/// Times are whole nanoseconds.
const ROUNDING: f64 = 1e-6;

const LOST: Outage<'static> =
    Outage { profile: "carrier-loss", signature: "\"carrier-lost\"", lasts: "\"10 min\"", ..BLACKHOLE };

fn within(values: &[f64], low: f64, high: f64) {
    for value in values {
        assert!((low - ROUNDING..=high + ROUNDING).contains(value), "{value} outside {low}..{high}");
    }
}

fn detections(rows: &[IncidentRow]) -> Vec<f64> {
    rows.iter().map(|row| seconds(Some(row.fault), row.detected)).collect()
}

fn recoveries(rows: &[IncidentRow]) -> Vec<f64> {
    rows.iter().map(|row| seconds(row.repaired, row.recovery_detected)).collect()
}

#[test]
fn a_lone_loss_is_seen_at_the_next_look() {
    let rows = LOST.incidents();
    let mean = 0.5 + 0.5 * (DELAY.0 + DELAY.1);
    let (down, up) = (detections(&rows), recoveries(&rows));
    within(&down, DELAY.0, 1.0 + DELAY.1);
    within(&up, DELAY.0, 1.0 + DELAY.1);
    check(&[
        Quantity { name: "loss".to_owned(), values: down, expected: mean },
        Quantity { name: "return".to_owned(), values: up, expected: mean },
    ])
    .unwrap();
}

#[test]
fn an_interface_that_interrupts_is_seen_at_once() {
    let rows = Outage { timers: "carrier_poll = \"0 s\"", ..LOST }.incidents();
    within(&detections(&rows), DELAY.0, DELAY.1);
    within(&recoveries(&rows), DELAY.0, DELAY.1);
}

#[test]
fn a_second_loss_within_a_second_waits_for_its_turn_and_a_return_does_not() {
    // 300 ms without carrier, 300 ms with, and a minute without.
    let twice = Outage {
        timers: "carrier_poll = \"0 s\"",
        lasts: "\"300 ms\"",
        more: "[[faults.scheduled]]\nname = \"again\"\nsignature = \"carrier-lost\"\n\
               at = \"2019-11-27 14:00:00.6\"\nduration = \"1 min\"",
        stores: 200,
        ..LOST
    };
    let text = twice
        .text()
        .replace("at = \"2019-11-27 08:00\"\n            spread = \"6 h\"", "at = \"2019-11-27 14:00\"");
    let rows = super::lab::replications(&text).swap_remove(0).incidents;
    assert_eq!(rows.len(), 400);
    for pair in rows.chunks(2) {
        let [first, second] = pair else { panic!("two losses a store") };
        within(&[seconds(Some(first.fault), first.detected)], DELAY.0, DELAY.1);
        within(&[seconds(first.repaired, first.recovery_detected)], DELAY.0, DELAY.1);
        // One second after the first was seen, and not 0.6.
        let apart = seconds(first.detected, second.detected);
        within(&[apart], 1.0 + DELAY.0, 1.0 + DELAY.1);
        within(&[seconds(second.repaired, second.recovery_detected)], DELAY.0, DELAY.1);
    }
}

#[test]
fn losses_on_other_links_hold_a_loss_back_as_often_as_they_come() {
    let stores = 4_000;
    for others in [0.2, 1.0, 3.0] {
        let timers = format!("carrier_poll = \"0 s\"\ncarrier_others = {others}");
        let down = detections(&Outage { timers: &timers, stores, ..LOST }.incidents());
        within(&down, DELAY.0, 1.0 + DELAY.1);
        // The age of the last of them is exponential, and the limit is one second.
        let expected = libm::exp(-others);
        let at_once = down.iter().filter(|&&after| after <= DELAY.1 + ROUNDING).count();
        // One that is a few milliseconds short of its second counts as at once.
        let slack = others * (DELAY.1 - DELAY.0);
        let share = at_once as f64 / down.len() as f64;
        let band = z_limit(3) * f64::sqrt(expected * (1.0 - expected) / down.len() as f64) + slack;
        assert!((share - expected).abs() <= band, "{others}: {share}, not {expected} ± {band}");
    }
}
