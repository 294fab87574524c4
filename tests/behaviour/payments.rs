//! Payments whose path dies: they wait for the timeout, are sent again, are approved offline, or are lost.

use super::shop::{NOON_S, SHOP, Shop, series};
use tinsel::simulation::result::ReplicationResult;

/// Noon until 13:00, and the router sees nothing of it.
const UNSEEN: &str = "[[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"";

/// Second by second: every payment begun in `range` is lost `after` seconds later, and no other.
fn lost_after(run: &ReplicationResult, after: usize) {
    let begun = series(run, |cell| cell.payments);
    let lost = series(run, |cell| cell.payments_lost);
    // The last of the hour may be rescued by the repair.
    let sent = NOON_S..NOON_S + 3_600 - 100;
    assert!(begun[sent.clone()].iter().sum::<u64>() > 80);
    for second in sent {
        assert_eq!(lost[second + after], begun[second], "begun at second {second}");
    }
}

#[test]
fn a_payment_on_a_dead_path_waits_for_the_timeout() {
    let shop = Shop { profile: "cradlepoint-default-off", interval: "1 s", more: UNSEEN, ..SHOP };
    let run = shop.run();
    lost_after(&run, 30);
    assert_eq!(series(&run, |cell| cell.payments_lost)[..NOON_S].iter().sum::<u64>(), 0);
    let ledger = &run.stores[0].ledger;
    assert_eq!(ledger.unpaid, ledger.payments_lost, "without cash the basket stays");
}

#[test]
fn a_terminal_tries_again_after_its_pause() {
    let payments = "retries = 2\nbackoff = \"5 s\"";
    let shop = Shop { profile: "cradlepoint-default-off", interval: "1 s", payments, more: UNSEEN, ..SHOP };
    // Three times thirty seconds, two pauses.
    lost_after(&shop.run(), 100);
}

#[test]
fn an_unreachable_network_is_known_at_once() {
    let shop = Shop {
        profile: "carrier-loss",
        interval: "1 s",
        more: "[profiles.carrier-loss]\ncarrier_delay = \"0.5 s\"\n\
               [[faults.scheduled]]\nname = \"cut\"\nsignature = \"carrier-lost\"\n\
               at = \"2019-11-20 11:59:58\"\nduration = \"1 h\"",
        ..SHOP
    };
    lost_after(&shop.run(), 0);
}

/// Payments by how long the answer took, less that of a healthy path: seconds of delay, count.
fn delays(run: &ReplicationResult) -> Vec<(u64, u64)> {
    let mut delays: Vec<(u64, u64)> = Vec::new();
    for (lower, count) in run.payment_time_primary.buckets() {
        // 0.52 s is the host's time and the round trip; buckets are 1/64 wide.
        let delay_s = lower as f64 / 1e9 - 0.521;
        let whole_s = libm::round(delay_s);
        assert!((delay_s - whole_s).abs() < 0.02 + whole_s / 64.0, "an answer after {delay_s} + 0.521 s");
        match delays.last_mut() {
            Some((last, sum)) if *last == whole_s as u64 => *sum += count,
            _ => delays.push((whole_s as u64, count)),
        }
    }
    delays
}

fn outage(duration: &'static str) -> ReplicationResult {
    let more: &'static str = Box::leak(
        format!("[[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"{duration}\"")
            .into_boxed_str(),
    );
    Shop { stores: 200, profile: "cradlepoint-default-off", more, ..SHOP }.run()
}

#[test]
fn tcp_sends_again_after_1_3_7_and_15_seconds() {
    let waits = |run: &ReplicationResult| delays(run).iter().map(|&(wait, _)| wait).collect::<Vec<_>>();
    // Whoever was sent up to 0.52 s before the fault is lost with it; 0.92 s later the path is back.
    let run = outage("0.4 s");
    assert_eq!(waits(&run), [0, 1]);
    let run = outage("10 s");
    assert_eq!(waits(&run), [0, 1, 3, 7, 15]);
    assert_eq!(run.stores.iter().map(|store| store.ledger.payments_lost).sum::<u64>(), 0);
    // Two customers a minute in 200 shops: 6.7 payments a second; Poisson, within five standard deviations.
    let counts = delays(&run);
    // What 15 s rescue was sent 7 to 10.52 s before the repair.
    for (position, seconds) in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 3.52)] {
        let expected = seconds * 200.0 / 30.0;
        let off = (counts[position].1 as f64 - expected).abs();
        assert!(off < 5.0 * f64::sqrt(expected), "{:?}, expected {expected}", counts[position]);
    }
    // After sixteen seconds the next try, 31 s after the first, comes too late for the timeout of 30 s.
    let run = outage("20 s");
    assert_eq!(waits(&run), [0, 1, 3, 7, 15]);
    assert!(run.stores.iter().map(|store| store.ledger.payments_lost).sum::<u64>() > 10);
}

#[test]
fn flushed_flows_know_at_once_and_others_wait_for_the_timeout() {
    const CUT: &str = "[[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"";
    const FLUSHED: &str = "[profiles.fortinet-sdwan]\nflush_flows = true\n\
                           [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"";
    let shop = Shop { topology: "in-router", interval: "1 s", ..SHOP };
    // Without retries: lost by 12:00:04 when flows are flushed, at 12:00:30 or later when they stay on the dead path.
    // Many shops, so that somebody pays in those three seconds.
    for (more, from, to) in [(FLUSHED, 2, 4), (CUT, 29, 34)] {
        let run = Shop { stores: 50, more, ..shop }.run();
        let lost = series(&run, |cell| cell.payments_lost);
        let in_time: u64 = lost[NOON_S + from..NOON_S + to].iter().sum();
        assert!(in_time > 0, "somebody is lost between {from} and {to} s");
        // What is sent while LTE comes up is told "unreachable"; nobody else is lost.
        let told: u64 = lost[NOON_S + 2..NOON_S + 4].iter().sum();
        assert_eq!(lost.iter().sum::<u64>(), if from == 2 { told } else { told + in_time });
    }
    // A retry after a pause finds LTE, flushed or not.
    for more in [FLUSHED, CUT] {
        let run = Shop { stores: 50, payments: "retries = 1\nbackoff = \"5 s\"", more, ..shop }.run();
        assert_eq!(run.stores.iter().map(|store| store.ledger.payments_lost).sum::<u64>(), 0);
    }
}

/// Offline approvals under a floor limit and a count, of baskets of exactly $60.
fn offline(floor_limit: &str, count_max: u32, outages: u32) -> (u64, u64) {
    let mut more = format!(
        "[formats.shop.offline]\nenabled = true\nfloor_limit = \"{floor_limit}\"\ncount_max = {count_max}\n"
    );
    for outage in 0..outages {
        more += &format!(
            "[[faults.scheduled]]\nname = \"cut {outage}\"\nat = \"2019-11-20 1{outage}:00\"\nduration = \"30 min\"\n"
        );
    }
    let more: &'static str = Box::leak(more.into_boxed_str());
    let run = Shop { profile: "cradlepoint-default-off", more, ..SHOP }.run();
    let ledger = &run.stores[0].ledger;
    (ledger.authorized_offline, ledger.payments_lost)
}

#[test]
fn offline_approvals_keep_to_the_floor_limit_and_the_count() {
    let (approved, lost) = offline("$60", 1_000, 1);
    assert!(approved > 30 && lost == 0, "{approved} approved, {lost} lost");
    assert_eq!(offline("$60", 3, 1), (3, approved - 3));
    assert_eq!(offline("$59.99", 1_000, 1), (0, approved));
    // What was stored is replayed when the path returns, and there is room again.
    assert!(offline("$60", 3, 2).0 >= 6);
}
