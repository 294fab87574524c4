//! Which fault leads to a failover under which topology, and when traffic returns.

use super::shop::{SHOP, Shop};
use tinsel::simulation::result::{IncidentKind, IncidentRow, ReplicationResult};
use tinsel::units::{SimTime, Span};

const TOPOLOGIES: [&str; 5] = ["in-router", "second-router", "oobm-gateway", "oobm-only", "none"];
const HALF_AN_HOUR: Span = Span::from_secs(1_800);

/// 20 November 2019, this many seconds after midnight UTC.
fn clock(seconds: u64) -> SimTime {
    SimTime::from_unix_seconds(1_574_208_000 + seconds)
}

const NOON_S: u64 = 43_200;

fn seconds(from: Option<SimTime>, to: Option<SimTime>) -> f64 {
    to.expect("reached").since(from.expect("reached")).as_secs_f64()
}

fn under(topology: &'static str, more: &'static str) -> ReplicationResult {
    Shop { topology, more, ..SHOP }.run()
}

fn kinds(run: &ReplicationResult) -> Vec<IncidentKind> {
    run.incidents.iter().map(|row| row.kind).collect()
}

#[test]
fn a_router_that_hangs_takes_the_lte_inside_it_along() {
    const HANG: &str = "[[faults.scheduled]]\nname = \"hang\"\nscope = \"router\"\n\
                        at = \"2019-11-20 12:00\"\nduration = \"30 min\"";
    for topology in ["in-router", "oobm-only", "none"] {
        let run = under(topology, HANG);
        let store = &run.stores[0];
        assert_eq!(kinds(&run), [IncidentKind::NoFailover], "{topology}");
        assert_eq!(store.failovers + store.false_failovers, 0, "{topology}");
        assert_eq!((store.times.lte, store.times.lte_bytes), (Span::ZERO, 0), "{topology}");
        assert_eq!((store.times.dark, store.times.gap), (HALF_AN_HOUR, HALF_AN_HOUR), "{topology}");
        assert!(store.ledger.payments_lost > 30, "{topology}: nobody can pay by card");
    }
    for topology in ["second-router", "oobm-gateway"] {
        let run = under(topology, HANG);
        let store = &run.stores[0];
        assert_eq!(kinds(&run), [IncidentKind::Failover], "{topology}");
        assert_eq!((store.failovers, store.failbacks, store.times.dark), (1, 1, Span::ZERO), "{topology}");
        assert!(store.times.gap < Span::from_secs(4), "{topology}: {:?}", store.times.gap);
        assert!(store.times.lte > Span::from_secs(1_795), "{topology}: {:?}", store.times.lte);
        assert!(store.times.lte_bytes > 0, "{topology}");
        assert_eq!(store.ledger.payments_lost, 0, "{topology}: TCP retransmits what was under way");
    }
}

#[test]
fn a_dead_switch_is_dark_whatever_the_topology() {
    for topology in TOPOLOGIES {
        let run = under(
            topology,
            "[[faults.scheduled]]\nname = \"switch\"\nscope = \"switch\"\n\
             at = \"2019-11-20 12:00\"\nduration = \"30 min\"",
        );
        let store = &run.stores[0];
        assert_eq!(store.times.dark, HALF_AN_HOUR, "{topology}");
        assert_eq!(store.times.gap, HALF_AN_HOUR, "{topology}");
        assert_eq!(store.failovers + store.false_failovers, 0, "{topology}: uplinks are not to blame");
        assert!(run.days[0].gap_over_5min, "{topology}");
        assert!(store.ledger.payments_lost > 30, "{topology}");
    }
}

#[test]
fn a_cut_line_fails_over_wherever_a_backup_carries_traffic() {
    for topology in TOPOLOGIES {
        let run = under(
            topology,
            "[[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"30 min\"",
        );
        let carries = matches!(topology, "in-router" | "second-router" | "oobm-gateway");
        let expected = if carries { IncidentKind::Failover } else { IncidentKind::NoFailover };
        assert_eq!(kinds(&run), [expected], "{topology}");
        assert_eq!(run.stores[0].times.dark, if carries { Span::ZERO } else { HALF_AN_HOUR }, "{topology}");
    }
}

#[test]
fn a_backup_that_is_dead_when_needed_stalls_until_it_is_mended() {
    let shop = Shop {
        topology: "in-router",
        standby: "warm",
        more: "[[faults.scheduled]]\nname = \"lte\"\nscope = \"backup\"\n\
               at = \"2019-11-20 11:50\"\nduration = \"30 min\"\n\
               [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"",
        ..SHOP
    };
    let run = shop.run();
    let [backup, cut] = &run.incidents[..] else { panic!("two incidents, not {}", run.incidents.len()) };
    assert_eq!((backup.kind, backup.uplink), (IncidentKind::NoFailover, "backup"));
    assert_eq!((cut.kind, cut.uplink), (IncidentKind::Failover, "primary"));
    let mended = clock(NOON_S + 1_200);
    assert_eq!(backup.repaired, Some(mended));
    let bring_up_s = seconds(Some(mended), cut.backup_ready);
    // Floor 0.8 s, bearer 0.2 s, VPN 0.1 s and two round trips.
    assert!((1.1..2.0).contains(&bring_up_s), "starts again when it can work: {bring_up_s} s");
    // Dark until the backup is mended; then its bring-up.
    assert_eq!(run.stores[0].times.dark, Span::from_secs(1_200));
}

#[test]
fn a_flap_shorter_than_detection_moves_nothing() {
    let run = under(
        "in-router",
        "[[faults.scheduled]]\nname = \"flap\"\nat = \"2019-11-20 12:00\"\nduration = \"1.5 s\"",
    );
    let store = &run.stores[0];
    assert_eq!(kinds(&run), [IncidentKind::NoFailover]);
    assert_eq!((run.incidents[0].detected, run.incidents[0].failover), (None, None));
    assert_eq!((store.failovers, store.false_failovers, store.failbacks), (0, 0, 0));
    assert_eq!(store.times.gap, Span::from_millis(1_500));
}

const HOLD: &str = "[profiles.fortinet-sdwan]\nfailback = \"hold-down\"\nhold_down = \"60 s\"\n\
                    [[faults.scheduled]]\nname = \"first\"\nat = \"2019-11-20 12:00\"\nduration = \"5 min\"\n";

/// The primary is declared up 2.0 to 2.5 s and a round trip after its repair.
fn recovers_in_time(row: &IncidentRow, repaired: SimTime) {
    let after_s = seconds(Some(repaired), row.recovery_detected);
    assert!((2.0..2.53).contains(&after_s), "recovery is seen after {after_s} s");
}

#[test]
fn failback_waits_for_the_hold_down() {
    let run = under("in-router", HOLD);
    let row = &run.incidents[0];
    recovers_in_time(row, clock(NOON_S + 300));
    // Hold-down and change of route.
    assert_eq!(seconds(row.recovery_detected, row.failback), 60.07);
    assert_eq!((run.stores[0].failovers, run.stores[0].failbacks), (1, 1));
}

#[test]
fn a_relapse_cancels_the_hold_down() {
    let more: &'static str = Box::leak(
        format!(
            "{HOLD}[[faults.scheduled]]\nname = \"second\"\n\
             at = \"2019-11-20 12:05:30\"\nduration = \"270 s\""
        )
        .into_boxed_str(),
    );
    let run = under("in-router", more);
    let row = &run.incidents[0];
    // Still the first excursion: traffic has been on LTE all the time.
    recovers_in_time(row, clock(NOON_S + 600));
    assert_eq!(seconds(row.recovery_detected, row.failback), 60.07);
    assert_eq!((run.stores[0].failovers, run.stores[0].failbacks), (1, 1));
    let on_lte_s = run.stores[0].times.lte.as_secs_f64();
    assert_eq!(on_lte_s, seconds(row.failover, row.failback), "without a gap between the two faults");
}

#[test]
fn a_profile_that_never_fails_back_stays_on_lte() {
    let run = under(
        "in-router",
        "[profiles.fortinet-sdwan]\nfailback = \"never\"\n\
         [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"5 min\"",
    );
    let row = &run.incidents[0];
    assert_eq!((row.failback, row.censored, run.stores[0].failbacks), (None, true, 0));
    assert!(run.stores[0].times.lte > Span::from_secs(43_190));
}

#[test]
fn a_store_on_lte_for_good_uses_its_cell_and_needs_no_failover() {
    let run = Shop { technology: "lte", ..SHOP }.run();
    let store = &run.stores[0];
    assert_eq!(store.times.lte, Span::from_secs(86_400));
    assert_eq!((store.failovers, store.times.dark, store.times.gap), (0, Span::ZERO, Span::ZERO));
    assert_eq!(run.cells.len(), 1);
    assert_eq!((run.cells[0].stores_max, run.cells[0].attached), (1, Span::from_secs(86_400)));
    assert_eq!(run.cells[0].bytes, store.times.lte_bytes);
    // Ten kilobytes each way for each payment, on top of what the shop's systems say to the world.
    assert!(store.times.lte_bytes > store.ledger.payments * 20_000);
    assert_eq!(run.payment_time_primary.count(), 0);
    assert_eq!(run.payment_time_lte.count(), store.ledger.authorized);
    // A fault of the radio is a fault of its only way out.
    let broken = Shop {
        technology: "lte",
        more: "[[faults.scheduled]]\nname = \"mast\"\nscope = \"backup\"\n\
               at = \"2019-11-20 12:00\"\nduration = \"30 min\"",
        ..SHOP
    };
    let run = broken.run();
    assert_eq!(run.stores[0].times.dark, HALF_AN_HOUR);
    assert_eq!((run.incidents[0].uplink, run.incidents[0].kind), ("primary", IncidentKind::NoFailover));
}
