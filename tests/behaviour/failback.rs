//! When traffic returns: at an hour, by hand, when payments rest, and how damping holds a flapping primary off. One shop with
//! constant durations, so every instant is known.

use super::shop::{NOON_S, SHOP, Shop, series};
use tinsel::simulation::result::{IncidentRow, ReplicationResult};
use tinsel::units::SimTime;

/// 20 November 2019, this many seconds after midnight UTC.
fn clock(seconds: usize) -> SimTime {
    SimTime::from_unix_seconds(1_574_208_000 + seconds as u64)
}

/// Seconds of the day.
fn day_s(at: Option<SimTime>) -> f64 {
    at.expect("reached").since(clock(0)).as_secs_f64()
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// A cut from noon until 12:05 under fortinet-sdwan with these keys on top.
fn cut_under(keys: &str) -> ReplicationResult {
    let more = leak(format!(
        "[profiles.fortinet-sdwan]\n{keys}\n\
         [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"5 min\""
    ));
    Shop { topology: "in-router", interval: "1 s", more, ..SHOP }.run()
}

fn only(run: &ReplicationResult) -> &IncidentRow {
    assert_eq!((run.incidents.len(), run.stores[0].failovers), (1, 1));
    &run.incidents[0]
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} s, not {expected} s");
}

#[test]
fn traffic_returns_when_its_hour_has_come() {
    let hours = |from, to| {
        cut_under(&format!("failback = \"window\"\nfailback_from = \"{from}\"\nfailback_to = \"{to}\""))
    };
    let run = hours("15:00", "16:00");
    near(day_s(only(&run).failback), 15.0 * 3_600.0 + 0.07);
    // The hour is there already, also when it began the day before.
    for (from, to) in [("11:00", "13:00"), ("20:00", "13:00")] {
        let run = hours(from, to);
        near(day_s(only(&run).failback), day_s(only(&run).recovery_detected) + 0.07);
    }
    // It comes the next day only.
    let run = hours("02:00", "05:00");
    assert_eq!((only(&run).failback, only(&run).censored), (None, true));
}

#[test]
fn somebody_leads_traffic_back() {
    let run = cut_under("failback = \"manual\"\nfailback_manual = \"40 min\"");
    near(day_s(only(&run).failback), day_s(only(&run).recovery_detected) + 2_400.07);
    // And is not there before three.
    let run = cut_under(
        "failback = \"manual\"\nfailback_manual = \"40 min\"\nfailback_from = \"15:00\"\nfailback_to = \"18:00\"",
    );
    near(day_s(only(&run).failback), 15.0 * 3_600.0 + 0.07);
}

#[test]
fn traffic_returns_in_the_first_pause_between_payments() {
    const PAUSE_S: usize = 60;
    let run = cut_under(&format!("failback = \"idle\"\nfailback_idle = \"{PAUSE_S} s\""));
    let row = only(&run);
    let (up, back) = (day_s(row.recovery_detected), day_s(row.failback) - 0.07);
    let begun = series(&run, |cell| cell.payments);
    let authorized = series(&run, |cell| cell.authorized);
    let busy = |second: usize| begun[second] + authorized[second] > 0;
    assert!(back >= up, "not before it is up");
    // Whole seconds: all that are within the pause are quiet, and the one in which it began is not.
    let (from, to) = (back - PAUSE_S as f64, back as usize);
    assert!((from as usize + 1..to).all(|second| !busy(second)), "a pause of {PAUSE_S} s before {back}");
    assert!(back == up || busy(from as usize), "the pause begins with the end of a payment");
    // And no earlier pause would have done.
    let mut quiet = 0;
    for second in up as usize..to - PAUSE_S {
        quiet = if busy(second) { 0 } else { quiet + 1 };
        assert!(quiet <= PAUSE_S, "it would have been quiet long enough at second {second}");
    }
}

#[test]
fn a_backup_that_dies_ends_every_wait() {
    for keys in [
        "failback = \"window\"\nfailback_from = \"20:00\"\nfailback_to = \"21:00\"",
        "failback = \"manual\"\nfailback_manual = \"5 h\"",
        "failback = \"idle\"\nfailback_idle = \"1 h\"",
    ] {
        let keys = format!(
            "{keys}\n[[faults.scheduled]]\nname = \"lte\"\nscope = \"backup\"\n\
             at = \"2019-11-20 13:00\"\nduration = \"30 min\""
        );
        let run = cut_under(&keys);
        near(day_s(run.incidents[0].failback), 13.0 * 3_600.0 + 0.07);
    }
}

/// Twenty cuts of half a minute, two minutes apart.
fn flapping(damping: &str) -> ReplicationResult {
    let mut more = damping.to_owned();
    for flap in 0..20 {
        more += &format!(
            "[[faults.scheduled]]\nname = \"flap {flap:02}\"\nat = \"2019-11-20 12:{:02}\"\nduration = \"30 s\"\n",
            2 * flap
        );
    }
    Shop { topology: "in-router", more: leak(more), ..SHOP }.run()
}

#[test]
fn damping_limits_how_often_a_flapping_primary_is_returned_to() {
    let undamped = flapping("");
    assert_eq!((undamped.stores[0].failovers, undamped.stores[0].failbacks), (20, 20));
    let damped = flapping("[profiles.fortinet-sdwan.damping]\n");
    // 1,000, then 1,912, then 2,743: the third is one too many.
    assert_eq!((damped.stores[0].failovers, damped.stores[0].failbacks), (3, 3));
    // The probes' phase is the same two minutes later, so each verdict comes as long after its onset.
    let detection_s = day_s(undamped.incidents[0].detected) - NOON_S as f64;
    let mut merit = 0.0;
    for _ in 0..20 {
        merit = f64::min(merit * libm::exp2(-120.0 / 900.0) + 1_000.0, 750.0 * 16.0);
    }
    let rests_s = 900.0 * libm::log2(merit / 750.0);
    let last_s = NOON_S as f64 + 19.0 * 120.0 + detection_s;
    let back = damped.incidents.iter().filter_map(|row| row.failback).max();
    near(day_s(back), last_s + rests_s + 0.07);
    // The price: all that time on LTE.
    assert!(damped.stores[0].times.lte > undamped.stores[0].times.lte);
    assert!(damped.stores[0].times.gap < undamped.stores[0].times.gap);
}

#[test]
fn fortinets_flip_timeout_is_a_penalty_that_takes_as_long_to_decay() {
    // After one failover no other for 120 minutes: traffic stays where it is.
    let run = flapping(
        "[profiles.fortinet-sdwan.damping]\npenalty = 1000\nsuppress = 999\nreuse = 500\nhalf_life = \"120 min\"\n\
         longest = \"120 min\"\n",
    );
    assert_eq!(run.stores[0].failovers, 1);
    let back_s = day_s(run.incidents.iter().filter_map(|row| row.failback).max());
    let detection_s = day_s(run.incidents[0].detected) - NOON_S as f64;
    near(back_s, NOON_S as f64 + 19.0 * 120.0 + detection_s + 7_200.07);
}
