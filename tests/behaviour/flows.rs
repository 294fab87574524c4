//! What becomes of a tunnel, of a connection that is kept and of long transfers when the route moves: failover reference T8 through
//! the whole simulator. One shop with constant durations, so that every instant is known.

use super::shop::{SHOP, Shop};
use tinsel::scenario::resolved::Scenario;
use tinsel::simulation::result::{LossStage, ReplicationResult, StoreRow};
use tinsel::units::{SimTime, Span};

/// LTE's round trip, without a spread.
const RTT_S: f64 = 0.0568;
/// The primary's.
const WIRED_RTT_S: f64 = 0.02;
/// strongSwan's retransmissions: 4 s · (1.8⁶ − 1) / 0.8.
const IKE_GIVES_UP_S: f64 = 165.061_12;
/// Linux with tcp_retries2 of 15: 0.2 s · (2¹⁰ − 1) + 6 · 120 s.
const TCP_GIVES_UP_S: f64 = 924.6;
/// fortinet-sdwan declares a dead link down within this.
const FAILOVER_S: std::ops::Range<f64> = 2.4..3.5;

const IKEV2: &str = "[profiles.fortinet-sdwan.ikev2]\ncheck = \"0 s\"\nstays = \"1 h\"\n";
/// Its heartbeats notice a dead path within a millisecond.
const KEPT: &str = "[payments.kept]\nheartbeat = \"1 ms\"\nstays = \"1 h\"\n";

fn clock(seconds: f64) -> SimTime {
    SimTime::from_unix_seconds(1_574_208_000) + Span::from_secs_f64(seconds)
}

/// A shop with these tables, whose primary is cut at noon for so long.
fn shop(standby: &'static str, minutes: f64, flush: bool, tables: &str) -> Shop {
    let more = format!(
        "[carriers.att]\nrtt = \"{RTT_S} s\"\n[profiles.fortinet-sdwan]\nflush_flows = {flush}\n{tables}\
         [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"{} s\"\n",
        minutes * 60.0
    );
    Shop { topology: "in-router", standby, more: Box::leak(more.into_boxed_str()), ..SHOP }
}

fn text(shop: &Shop) -> String {
    shop.text().replace("[lte]\n", "[lte]\nrtt_sigma = 0\n")
}

fn run(shop: &Shop) -> (Scenario, ReplicationResult) {
    let scenario = super::lab::scenario(&text(shop));
    let result = super::lab::outcome(&scenario).replications.swap_remove(0);
    assert_eq!(result.stores[0].failovers, 1, "traffic moves whatever becomes of its flows");
    (scenario, result)
}

fn cut(standby: &'static str, minutes: f64, flush: bool, tables: &str) -> ReplicationResult {
    run(&shop(standby, minutes, flush, tables)).1
}

fn gap_s(run: &ReplicationResult) -> f64 {
    run.stores[0].times.gap.as_secs_f64()
}

fn near(found: f64, expected: f64, slack: f64) {
    assert!((found - expected).abs() <= slack, "{found}, not {expected} (within {slack})");
}

fn breaks(run: &ReplicationResult) -> u64 {
    run.stores[0].flow_breaks
}

#[test]
fn without_flows_of_its_own_a_store_is_back_as_soon_as_its_route_is() {
    for minutes in [1.0, 60.0] {
        let run = cut("hot-active", minutes, false, "");
        assert!(FAILOVER_S.contains(&gap_s(&run)), "{}", gap_s(&run));
        let StoreRow { times, flow_breaks, .. } = &run.stores[0];
        assert_eq!((times.stuck, times.stuck_bytes, *flow_breaks), (Span::ZERO, 0, 0));
    }
}

#[test]
fn an_ikev2_tunnel_hangs_until_it_gives_up_or_its_path_is_back() {
    // It is set up in two round trips and 0.1 s over LTE, and once more when it leaves that, an hour after failback.
    let run = cut("hot-active", 10.0, false, IKEV2);
    let set_up_s = 2.0 * RTT_S + 0.1 + 2.0 * WIRED_RTT_S + 0.1;
    near(gap_s(&run), IKE_GIVES_UP_S + set_up_s, 1e-6);
    assert_eq!(breaks(&run), 1);
    assert!(
        run.losses.iter().any(|row| row.stage == LossStage::Flows && row.part.gap > Span::from_secs(160))
    );
    // A check that comes later makes it longer.
    let late = IKEV2.replace("0 s", "30 s");
    near(gap_s(&cut("hot-active", 10.0, false, &late)), 30.0 + IKE_GIVES_UP_S + set_up_s, 1e-6);
    // The path is back before that, and so is the tunnel, which never left it.
    let run = cut("hot-active", 2.0, false, IKEV2);
    near(gap_s(&run), 120.0, 1e-6);
    assert_eq!((breaks(&run), run.stores[0].times.stuck), (0, Span::ZERO));
    let day = run.stores[0].times;
    assert!(day.lte > Span::from_secs(100), "the route was on LTE, for nothing");
}

#[test]
fn a_tunnel_that_is_flushed_or_moves_by_itself_is_back_with_the_route() {
    let plain_s = gap_s(&cut("hot-active", 10.0, false, ""));
    let extra_s = |flush, tables: &str| gap_s(&cut("hot-active", 10.0, flush, tables)) - plain_s;
    // The bring-up sets no tunnel up where the one there is moves: two round trips and 0.1 s, once.
    let vpn_s = 2.0 * RTT_S + 0.1;
    // And once more at failback.
    near(extra_s(true, IKEV2), 2.0 * WIRED_RTT_S + 0.1, 1e-6);
    near(extra_s(false, &format!("{IKEV2}mobike = true\n")), RTT_S - vpn_s + WIRED_RTT_S, 1e-6);
    near(extra_s(false, "[profiles.fortinet-sdwan.wireguard]\n"), -vpn_s, 1e-6);
    // Bound to an interface: 10 s without an answer, 5 s to a handshake of one round trip, which finds the route as it is.
    let run = cut("hot-active", 10.0, false, "[profiles.fortinet-sdwan.wireguard]\nroams = false\n");
    near(gap_s(&run), 15.0 + RTT_S, 1e-6);
}

#[test]
fn a_tunnel_sticks_to_lte_after_failback_and_burns_its_data() {
    let (scenario, run) = run(&shop("hot-active", 10.0, false, IKEV2));
    let StoreRow { times, .. } = &run.stores[0];
    // An hour as given; it comes up 0.14 s later over the primary.
    near(times.stuck.as_secs_f64(), 3_600.0, 1e-6);
    let gap = IKE_GIVES_UP_S + 2.0 * RTT_S + 0.1 + 2.0 * WIRED_RTT_S + 0.1;
    near(gap_s(&run), gap, 1e-6);
    // All that LTE lets through goes there, and a payment every half minute or so.
    let rate: u64 = scenario.formats[scenario.stores[0].format.0 as usize]
        .traffic
        .iter()
        .map(|class| class.lte_up.0 + class.lte_down.0)
        .sum();
    let payments = times.stuck_bytes - rate * 3_600 / 8;
    assert_eq!(payments % 10_000, 0, "5 kB each way: {payments} B");
    // 120 an hour, give or take four standard deviations (false alarm 1e-4, had the seed been drawn).
    assert!((120 - 44..120 + 44).contains(&(payments / 10_000)), "{} payments", payments / 10_000);
    // Without a standing data call it hangs once more, on a path that is gone; then it comes up over the primary.
    let run = cut("warm", 10.0, false, IKEV2);
    assert_eq!((breaks(&run), run.stores[0].times.stuck), (2, Span::ZERO));
    near(gap_s(&run), gap + IKE_GIVES_UP_S, 1e-6);
    // Flushed at failback it is torn down and set up at once.
    let run = cut("hot-active", 10.0, true, IKEV2);
    assert_eq!((breaks(&run), run.stores[0].times.stuck), (2, Span::ZERO));
}

#[test]
fn a_kept_connection_hangs_until_tcp_gives_it_up() {
    // What is sent while it is opened anew over LTE goes out as soon as it is.
    let run = cut("hot-active", 30.0, false, KEPT);
    near(gap_s(&run), TCP_GIVES_UP_S, 0.001);
    assert_eq!(breaks(&run), 1);
    near(run.stores[0].times.stuck.as_secs_f64(), 3_600.0, 1e-6);
    // Unnoticed, it hangs from the first payment on. One comes every 30 s: after ten minutes somebody has.
    let silent = KEPT.replace("1 ms", "0 s");
    let later_s = gap_s(&cut("hot-active", 30.0, false, &silent)) - TCP_GIVES_UP_S;
    assert!((0.0..600.0).contains(&later_s), "{later_s}");
    // The application closes it sooner.
    let sooner = format!("{KEPT}give_up = \"45 s\"\n");
    near(gap_s(&cut("hot-active", 30.0, false, &sooner)), 45.0, 0.001);
}

#[test]
fn a_kept_connection_goes_on_with_its_next_retransmission() {
    // After 0.2 s, doubling: 51 s, 102.2 s, 204.6 s, then every 120 s; a terminal waits for 30 s.
    for (outage_s, resumes_s) in [(60.0, 102.2), (180.0, 204.6), (300.0, 324.6), (800.0, 804.6)] {
        let run = cut("hot-active", outage_s / 60.0, false, KEPT);
        assert_eq!(breaks(&run), 0);
        let expected_s = if resumes_s - outage_s > 30.0 { resumes_s } else { outage_s };
        near(gap_s(&run), expected_s, 0.001);
    }
    // The last retransmission was at 804.6 s: a path that is back at 850 s is found 74.6 s later, by a new connection.
    let run = cut("hot-active", 850.0 / 60.0, false, KEPT);
    assert_eq!(breaks(&run), 1);
    near(gap_s(&run), TCP_GIVES_UP_S, 0.001);
}

#[test]
fn a_flush_costs_a_handshake_and_whatever_is_under_way_and_keeping_costs_a_quarter_of_an_hour() {
    let plain_s = gap_s(&cut("hot-active", 30.0, true, ""));
    let run = cut("hot-active", 30.0, true, KEPT);
    near(gap_s(&run), plain_s, 1e-6);
    // At the loss of the route, when nothing can be opened, and at failback.
    assert_eq!((breaks(&run), run.stores[0].times.stuck), (2, Span::ZERO));
    let lost = |flush| {
        let run = cut("hot-active", 30.0, flush, KEPT);
        run.stores[0].ledger.payments_lost
    };
    let (flushed, kept) = (lost(true), lost(false));
    assert!(flushed <= 1 && kept > 10, "{flushed} lost when flushed, {kept} when kept");
}

#[test]
fn failback_disrupts_what_is_on_a_data_call_that_ends() {
    // The primary works, and the store is out for another quarter of an hour.
    let run = cut("warm", 30.0, false, KEPT);
    near(gap_s(&run), 2.0 * TCP_GIVES_UP_S, 0.002);
    assert_eq!((breaks(&run), run.stores[0].times.stuck), (2, Span::ZERO));
    let after_failback = run.incidents[0].failback.expect("it fails back");
    assert!(after_failback < clock(43_200.0 + 1_900.0));
}

#[test]
fn in_a_tunnel_a_connection_survives_the_change_of_route() {
    let both = format!("{IKEV2}{KEPT}");
    let run = cut("hot-active", 10.0, true, &both);
    assert_eq!(breaks(&run), 2, "the tunnel's, at failover and at failback");
    // The tunnel is back some 3 s after noon; the connection's next retransmission is at most as late again.
    assert!(gap_s(&run) < 3.5, "{}", gap_s(&run));
    // While the tunnel hangs it hangs, and goes on at 204.6 s: 165.1 s and a retransmission.
    let run = cut("hot-active", 10.0, false, &both);
    near(gap_s(&run), 204.6 + 2.0 * WIRED_RTT_S + 0.1, 0.001);
    assert_eq!(breaks(&run), 1);
}

#[test]
fn with_lte_in_another_device_each_path_has_its_tunnel() {
    let beside = |minutes| Shop { topology: "second-router", ..shop("hot-active", minutes, false, IKEV2) };
    let plain = Shop { topology: "second-router", ..shop("hot-active", 10.0, false, "") };
    let plain_s = gap_s(&run(&plain).1);
    // The edge router's hangs, and nobody misses it before traffic is back on the primary.
    let (_, short) = run(&beside(2.0));
    near(gap_s(&short), plain_s, 1e-6);
    let (_, long) = run(&beside(10.0));
    assert_eq!((breaks(&long), long.stores[0].times.stuck), (1, Span::ZERO));
    // Its handshakes of the third series are at 495.2, 499.2, 506.4, 519.3, 542.7 and 584.7 s after noon, of the fourth at 660.2 s:
    // 60.2 s after the repair, with traffic back on the primary after some 2.3 s.
    let back_s = long.incidents[0].failback.expect("it fails back").since(clock(43_200.0)).as_secs_f64();
    near(gap_s(&long), plain_s + 4.0 * IKE_GIVES_UP_S - back_s + 2.0 * WIRED_RTT_S + 0.1, 1e-6);
}

#[test]
fn transfers_that_are_kept_stay_on_lte_as_long_as_they_last() {
    const CLASSES: &str = "[formats.shop.traffic.voip_g711]\nkept = \"100 %\"\nstays = \"90 min\"\n\
                           [formats.shop.traffic.workforce_web_saas]\nkept = \"25 %\"\nstays = \"30 min\"\n";
    let (scenario, kept) = run(&shop("hot-active", 30.0, false, CLASSES));
    let rate = |name: &str| {
        let traffic = &scenario.formats[scenario.stores[0].format.0 as usize].traffic;
        let class = traffic.iter().find(|class| class.name == name).expect("the format has it");
        class.lte_up.0 + class.lte_down.0
    };
    let (voice, web) = (rate("voip_g711"), rate("workforce_web_saas") / 4);
    assert!(voice > 0 && web > 0);
    let times = kept.stores[0].times;
    near(times.stuck.as_secs_f64(), 5_400.0, 1e-6);
    let expected = (voice * 5_400 + web * 1_800) / 8;
    near(times.stuck_bytes as f64, expected as f64, 2.0);
    // They hang for 924.6 s before they come to LTE, so less goes there while the route does.
    let plain = cut("hot-active", 30.0, false, "").stores[0].times;
    assert_eq!((plain.lte, plain.gap), (times.lte, times.gap), "payments do not care");
    let failover_s = 1_800.0 + 2.3 - plain.lte.as_secs_f64();
    let missed = (voice + web) as f64 / 8.0 * (TCP_GIVES_UP_S - failover_s);
    let found = plain.lte_bytes as f64 - (times.lte_bytes - times.stuck_bytes) as f64;
    near(found, missed, (voice + web) as f64 / 8.0 * 1.0);
    // Flushed, they move with the route.
    let flushed = cut("hot-active", 30.0, true, CLASSES).stores[0].times;
    assert_eq!((flushed.lte_bytes, flushed.stuck_bytes), (plain.lte_bytes, 0));
}

#[test]
fn a_connection_in_a_tunnel_waits_for_a_route() {
    // Both uplinks are dead for ten minutes, longer than a first packet is sent again.
    let tables = format!(
        "{IKEV2}{KEPT}give_up = \"1 s\"\n[[faults.scheduled]]\nname = \"lte\"\nscope = \"backup\"\n\
         at = \"2019-11-20 12:00\"\nduration = \"10 min\"\n"
    );
    let shop = Shop { topology: "second-router", ..shop("hot-active", 10.0, false, &tables) };
    let run = super::lab::replications(&text(&shop)).swap_remove(0);
    // LTE is there as soon as it lives, with a tunnel of its own, until the primary has been seen to be back; and the edge router's next
    // handshake comes at 660.2 s.
    let back_s = 4.0 * IKE_GIVES_UP_S + 2.0 * WIRED_RTT_S + 0.1;
    assert!((back_s - 2.5..back_s - 1.0).contains(&gap_s(&run)), "{}", gap_s(&run));
    assert!(run.stores[0].flow_breaks >= 2, "the tunnel's and the connection's");
}
