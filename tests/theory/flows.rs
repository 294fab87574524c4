//! Flows on a dead path, through the whole simulator, over outages of random length and phase (failover reference T8).
//!
//! `behaviour/flows.rs` has single stores to the microsecond; here are the means over many.

use super::lab::replications;
use super::oracles::{BLACKHOLE, Outage};
use super::statistics::{Quantity, check};
use tinsel::simulation::result::StoreRow;

const STORES: u32 = 1_000;
/// strongSwan's retransmissions of one message.
const IKE_GIVES_UP_S: f64 = 165.061_12;
/// Linux with tcp_retries2 of 15.
const TCP_GIVES_UP_S: f64 = 924.6;
/// A terminal waits so long for a connection to go on.
const TIMEOUT_S: f64 = 30.0;
/// Round trips of LTE here, without a spread.
const RTT_S: f64 = 0.05;

/// Rows of closed stores that have LTE in their router, each with an outage of its own of length `lasts`.
fn stores(standby: &str, lasts: &str, tables: &str) -> Vec<StoreRow> {
    let outage = Outage { profile: "fortinet-sdwan", stores: STORES, lasts, more: tables, ..BLACKHOLE };
    let text = outage.text().replace("second-router", "in-router").replace("hot-active", standby).replace(
        "[lte.bring_up]",
        &format!("[carriers.att]\nrtt = \"{RTT_S} s\"\n[lte]\nrtt_sigma = 0\n[lte.bring_up]"),
    );
    let rows = replications(&text).swap_remove(0).stores;
    assert_eq!(rows.len(), STORES as usize);
    rows
}

fn quantity(name: &str, rows: &[StoreRow], value: fn(&StoreRow) -> f64, expected: f64) -> Quantity {
    Quantity { name: name.to_owned(), values: rows.iter().map(value).collect(), expected }
}

fn gap_s(row: &StoreRow) -> f64 {
    row.times.gap.as_secs_f64()
}

/// The mean of `value` over lengths that are uniform on (`low`, `high`).
fn mean_over(low: f64, high: f64, value: impl Fn(f64) -> f64) -> f64 {
    const PARTS: u32 = 100_000;
    let at = |part: u32| low + (f64::from(part) + 0.5) * (high - low) / f64::from(PARTS);
    (0..PARTS).map(|part| value(at(part))).sum::<f64>() / f64::from(PARTS)
}

#[test]
fn a_tunnel_costs_the_outage_or_what_it_takes_to_give_up_whichever_is_less() {
    const IKEV2: &str = "[profiles.watched.ikev2]\ncheck = \"0 s\"\nstays = \"30 days\"\n";
    let rows = stores("hot-active", "{ low = \"60 s\", high = \"300 s\" }", IKEV2);
    let set_up_s = 2.0 * RTT_S + 0.1;
    let cost_s = |outage_s: f64| if outage_s < IKE_GIVES_UP_S { outage_s } else { IKE_GIVES_UP_S + set_up_s };
    let given_up = mean_over(60.0, 300.0, |outage_s| f64::from(u8::from(outage_s >= IKE_GIVES_UP_S)));
    check(&[
        quantity("gap of a tunnel", &rows, gap_s, mean_over(60.0, 300.0, cost_s)),
        quantity("tunnels given up", &rows, |row| row.flow_breaks as f64, given_up),
    ])
    .unwrap();
    assert!(rows.iter().all(|row| gap_s(row) < IKE_GIVES_UP_S + set_up_s + 1e-6));
    // Whoever gave up is stuck on LTE until the end of the day, and nobody else is.
    assert!(rows.iter().all(|row| row.times.stuck.is_zero() == (row.flow_breaks == 0)));
}

#[test]
fn a_connection_is_missed_by_its_next_heartbeat_and_given_up_a_quarter_of_an_hour_later() {
    let kept = "[payments.kept]\nheartbeat = \"5 min\"\nstays = { low = \"0 s\", high = \"1 h\" }\n";
    let rows = stores("hot-active", "\"40 min\"", kept);
    for row in &rows {
        assert!((TCP_GIVES_UP_S..TCP_GIVES_UP_S + 300.0).contains(&gap_s(row)), "{}", gap_s(row));
    }
    check(&[
        quantity("gap of a connection", &rows, gap_s, 150.0 + TCP_GIVES_UP_S),
        quantity("stuck on LTE", &rows, |row| row.times.stuck.as_secs_f64(), 1_800.0),
    ])
    .unwrap();
    // A data call that ends with failback: the same once more.
    let rows = stores("warm", "\"40 min\"", kept);
    check(&[quantity("gap with a disruption by failback", &rows, gap_s, 2.0 * (150.0 + TCP_GIVES_UP_S))])
        .unwrap();
    assert!(rows.iter().all(|row| row.flow_breaks == 2 && row.times.stuck.is_zero()));
}

#[test]
fn a_connection_goes_on_with_the_retransmission_after_the_outage() {
    const RETRANSMISSIONS_S: [f64; 7] = [102.2, 204.6, 324.6, 444.6, 564.6, 684.6, 804.6];
    let kept = "[payments.kept]\nheartbeat = \"1 ms\"\n";
    let rows = stores("hot-active", "{ low = \"60 s\", high = \"800 s\" }", kept);
    let cost_s = |outage_s: f64| {
        let next_s = RETRANSMISSIONS_S.into_iter().find(|&at| at >= outage_s).expect("the last is later");
        // A request that goes out soon enough is answered.
        if next_s - outage_s > TIMEOUT_S { next_s } else { outage_s }
    };
    check(&[quantity("gap of a connection that goes on", &rows, gap_s, mean_over(60.0, 800.0, cost_s))])
        .unwrap();
    assert!(rows.iter().all(|row| row.flow_breaks == 0));
}
