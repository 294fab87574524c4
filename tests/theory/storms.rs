//! Attach storms: the recovery storm outlasts the fault by backlog/(μ − λ), and the retry ladder is that of the standard.

use super::lab::replications;
use tinsel::model::ledger::IncidentKind;
use tinsel::simulation::result::ReplicationResult;
use tinsel::units::{SimTime, Span};

/// Subscribers that AT&T had to register again after 22 February 2024: "more than 125 million devices" (FCC, July 2024).
const PHONES: f64 = 125e6;
/// Registrations a second that phones ask for on any day: once a day each [engineering assumption].
const USUAL_PER_S: f64 = PHONES / 86_400.0;

struct Storm {
    stores: u32,
    technology: &'static str,
    standby: &'static str,
    /// Further keys of `[fleet.draw]`.
    draw: &'static str,
    /// Keys of `[carriers.att]`.
    carrier: String,
    /// Keys of `[lte.bring_up]`.
    ladder: &'static str,
    /// Further tables.
    more: &'static str,
}

const STORM: Storm = Storm {
    stores: 20,
    technology: "fibre_dia",
    standby: "warm",
    draw: "",
    carrier: String::new(),
    ladder: "",
    more: "",
};

impl Storm {
    /// AT&T's core is down for two hours from 04:00 on.
    fn run(&self) -> ReplicationResult {
        let Storm { stores, technology, standby, draw, carrier, ladder, more } = self;
        let text = format!(
            r#"
            [scenario]
            name = "storm"
            seed = 222
            replications = 1
            first_day = 2024-02-22
            last_day = 2024-02-23
            interval = "1 h"
            [fleet.generate]
            stores = {stores}
            format = "closed"
            timezone = "UTC"
            [fleet.draw]
            technology = "{technology}"
            carrier = "att"
            signal = "12 dB"
            topology = "in-router"
            standby = "{standby}"
            profile = "carrier-loss"
            {draw}
            [profiles.carrier-loss]
            carrier_poll = "0 s"
            [carriers.att]
            {carrier}
            [lte.bring_up]
            attach = "3 s"
            attach_failure = 0
            full_scan_radio_off = 0
            reattach = "0 s"
            bearer_floor = "1 s"
            bearer = "0 s"
            vpn_round_trips = 0
            {ladder}
            [formats.closed]
            based_on = "kiosk"
            customers_per_day = 0
            [faults]
            enabled = false
            [[faults.scheduled]]
            name = "core"
            scope = "carrier"
            carriers = ["att"]
            at = "2024-02-22 04:00"
            duration = "2 h"
            {more}
            "#
        );
        replications(&text).swap_remove(0)
    }
}

fn midnight() -> SimTime {
    SimTime::from_unix_seconds(1_708_560_000)
}

fn clock_s(at: SimTime) -> f64 {
    at.since(midnight()).as_secs_f64()
}

#[test]
fn the_storm_after_a_fault_drains_in_backlog_over_mu_less_lambda() {
    for mu in [3_000.0, 4_500.0, 9_000.0] {
        let carrier = format!(
            "registrations_per_s = {mu}\nphones = {PHONES}\nphones_return = \"10 min\"\n\
             phones_registering_per_s = {USUAL_PER_S}"
        );
        let run = Storm { carrier, ..STORM }.run();
        let usage = run.carriers[0].usage;
        // All come within ten minutes of 06:00, while the core serves.
        let back_s = 6.0 * 3_600.0 + 600.0;
        let backlog = PHONES - (mu - USUAL_PER_S) * 600.0;
        let expected_s = backlog / (mu - USUAL_PER_S);
        let drained_s = clock_s(usage.drained.expect("two days are enough")) - back_s;
        println!("{mu}/s: backlog {backlog:.0} gone after {drained_s:.0} s, {expected_s:.0} s expected");
        assert!((drained_s / expected_s - 1.0).abs() < 1e-3, "{mu}: {drained_s} against {expected_s}");
        let most = usage.backlog_max as f64;
        assert!((most / backlog - 1.0).abs() < 1e-3, "{mu}: {most} against {backlog}");
        // The stores' modems wait like everybody else: they ask again when T3411 or T3402 is over.
        assert_eq!(usage.registered, 20);
        assert!(usage.waited_max.as_secs_f64() > 0.2 * expected_s);
    }
}

#[test]
fn a_modem_tries_as_the_standard_says() {
    // A modem that stands by registered notices at once, asks, waits T3410 and T3411, five times; then T3402.
    let run = Storm { stores: 1, carrier: "registrations_per_s = 5".to_owned(), ..STORM }.run();
    let usage = run.carriers[0].usage;
    // Attempts from 04:00 on: 25 s apart, the sixth 735 s after the fifth: a cycle of 835 s. Two hours hold eight whole cycles
    // (40 attempts up to 6,680 s) and five attempts of the ninth, at 6,680 … 6,780 s; the next is at 7,515 s.
    assert_eq!(usage.unanswered, 45);
    assert_eq!((usage.registered, usage.waited), (1, Span::ZERO));
}

#[test]
fn a_cold_modem_waits_for_a_core_that_is_down() {
    let more = "[[faults.scheduled]]\nname = \"cut\"\nsignature = \"carrier-lost\"\nat = \"2024-02-22 05:00\"\nduration = \"4 h\"";
    for (carrier, ladder, expected_s) in [
        // Attempts at 05:00:00 + 25 s each, pauses of 12 minutes: cycles of 835 s; the first after 06:00 is at 4,175 s.
        ("registrations_per_s = 5", "", 4_175.0 + 3.0 + 1.0),
        // An hour of phones before it: wait 3,600 s less what has been served.
        (
            "registrations_per_s = 5\nphones = 18300\nphones_return = \"60 s\"",
            "",
            3_600.0 + 60.0 + 3_600.2 + 1.0,
        ),
    ] {
        let run =
            Storm { stores: 1, standby: "radio-off", carrier: carrier.to_owned(), ladder, more, ..STORM }
                .run();
        let row = run.incidents.iter().find(|row| row.detected.is_some()).expect("the cut is seen");
        let detected = row.detected.expect("it is");
        let ready =
            row.backup_ready.expect("the core is back before the fibre").since(detected).as_secs_f64();
        assert!((ready - expected_s).abs() < 0.01, "{carrier}: {ready} against {expected_s}");
    }
}

#[test]
fn a_refused_modem_comes_back_after_t3346() {
    let more = "[[faults.scheduled]]\nname = \"cut\"\nsignature = \"carrier-lost\"\nat = \"2024-02-22 12:00\"\nduration = \"4 h\"";
    let carrier = "registrations_per_s = 5\noverload = \"refuse\"\noverload_wait = \"10 s\"".to_owned();
    let run =
        Storm { stores: 200, standby: "radio-off", carrier, ladder: "t3346 = \"20 min\"", more, ..STORM }
            .run();
    let usage = run.carriers[0].usage;
    let mut ready: Vec<f64> = run
        .incidents
        .iter()
        .filter_map(|row| Some(row.backup_ready?.since(row.detected?).as_secs_f64()))
        .collect();
    ready.sort_by(f64::total_cmp);
    assert_eq!(ready.len(), 200);
    let early = ready.iter().filter(|&&after| after < 30.0).count();
    // Ten seconds of work are accepted, and some more that come while it is worked off.
    assert!((50..=60).contains(&early), "{early}");
    assert_eq!(usage.registered, 200);
    assert!(usage.refused >= 140 && ready[199] > 1_200.0, "{usage:?}");
}

#[test]
fn a_core_that_answers_too_late_is_asked_again() {
    let more = "[[faults.scheduled]]\nname = \"cut\"\nsignature = \"carrier-lost\"\nat = \"2024-02-22 12:00\"\nduration = \"4 h\"";
    let run_with = |overload: &str| {
        let carrier = format!("registrations_per_s = 5\noverload = \"{overload}\"");
        Storm { stores: 300, standby: "radio-off", carrier, ladder: "", more, ..STORM }.run().carriers[0]
            .usage
    };
    let (waits, gives_up) = (run_with("wait"), run_with("unanswered"));
    assert_eq!((waits.registered, waits.unanswered), (300, 0));
    assert!((waits.waited_max.as_secs_f64() - 60.0).abs() < 1.5, "{waits:?}");
    assert_eq!(gives_up.registered, 300);
    // 300 at 5 a second: 75 are served in time; the rest asks again, and what was served in vain is in the queue before it.
    assert!(gives_up.unanswered >= 225 && gives_up.waited_max <= Span::from_secs(15), "{gives_up:?}");
}

#[test]
fn a_second_sim_takes_over() {
    // The cut begins before the core's fault, or while it lasts.
    const BEFORE: &str = "[[faults.scheduled]]\nname = \"cut\"\nsignature = \"carrier-lost\"\nat = \"2024-02-22 03:00\"\n\
                          duration = \"4 h\"";
    const MEANWHILE: &str = "[[faults.scheduled]]\nname = \"cut\"\nsignature = \"carrier-lost\"\nat = \"2024-02-22 05:00\"\n\
                             duration = \"4 h\"";
    let run = |standby, more| {
        let carrier = "registrations_per_s = 5\n[carriers.verizon]\nregistrations_per_s = 5".to_owned();
        Storm { stores: 1, standby, draw: "carrier2 = \"verizon\"", carrier, more, ..STORM }.run()
    };
    let ready = |run: &ReplicationResult| {
        let row = run.incidents.iter().find(|row| row.detected.is_some()).expect("the cut is seen").clone();
        (row.backup_ready.expect("LTE comes up").since(row.detected.expect("it is")).as_secs_f64(), row.gap)
    };
    // Switched off, with a first carrier that has no service: the other SIM at once, 10 s, attach 3 s, bearer 1 s.
    let cold = run("radio-off", MEANWHILE);
    assert_eq!(ready(&cold).0, 14.0);
    assert_eq!(cold.carriers[1].usage.registered, 1, "at the other carrier's core");
    // Registered with the first, it asks twice in vain, changes, and stands by on the second: bearer only.
    let warm = run("warm", MEANWHILE);
    assert_eq!(ready(&warm).0, 1.0);
    assert_eq!((warm.carriers[0].usage.unanswered, warm.carriers[1].usage.registered), (2, 1));
    assert_eq!(warm.carriers[0].usage.registered, 1, "and goes back once that has service");
    // In use: two attempts in vain, 15 + 10 + 15 s, then 14 s, beside the first bring-up of 1 s.
    let used = run("warm", BEFORE);
    let (first, gap) = ready(&used);
    assert_eq!(first, 1.0);
    let gap_s = gap.as_secs_f64() - 1.0 - 54.0;
    assert!((0.0..1.0).contains(&gap_s), "{gap_s}: two changes of route and the carrier's delay");
    assert_eq!(used.stores[0].failovers, 2);
}

/// A store whose only uplink is LTE: what a fault of its first SIM costs it, and when it goes back.
#[test]
fn a_store_without_a_wire_changes_its_sim() {
    const SITE: &str = "[[faults.scheduled]]\nname = \"site\"\nscope = \"backup\"\nat = \"2024-02-22 12:00\"\n\
                        duration = \"2 h\"\n";
    let run = |draw, more: &str| {
        let carrier = "registrations_per_s = 5\n[carriers.verizon]\nregistrations_per_s = 5".to_owned();
        let more = Box::leak(format!("{SITE}{more}").into_boxed_str());
        Storm { stores: 1, technology: "lte", draw, carrier, more, ..STORM }.run()
    };
    let second = "carrier2 = \"verizon\"";
    let after = |at: Option<SimTime>, hour: f64| at.map(|at| clock_s(at) - 3_600.0 * hour);
    for (more, failbacks) in [
        // Not before the first carrier has service again, two hours after; then 10 s, and 3 s to attach.
        ("", [Some(7_213.0), Some(7_213.0)]),
        ("[lte.dual_sim]\nback_after = \"3 h\"", [Some(40.0 + 10_813.0), Some(60.0 + 10_813.0)]),
        ("[lte.dual_sim]\nback = \"never\"", [None, None]),
    ] {
        let run = run(second, more);
        let [core, site] = &run.incidents[..] else { panic!("{:?}", run.incidents) };
        // The core leaves two attempts unanswered: 15 + 10 + 15 s. At the site's fault the modem waits a minute.
        assert_eq!(after(core.detected, 4.0), Some(40.0));
        assert_eq!((after(core.backup_ready, 4.0), after(core.failover, 4.0)), (Some(53.0), Some(53.0)));
        assert_eq!(after(core.failback, 4.0), failbacks[0], "{more}");
        if failbacks[0].is_none() {
            // Nobody uses the first SIM any more.
            assert_eq!(
                (site.kind, run.stores[0].failovers, run.stores[0].failbacks),
                (IncidentKind::Masked, 1, 0)
            );
            continue;
        }
        assert_eq!((after(site.detected, 12.0), after(site.failover, 12.0)), (Some(60.0), Some(73.0)));
        assert_eq!(after(site.failback, 12.0), failbacks[1], "{more}");
        assert_eq!([core.gap, site.gap].map(Span::as_secs_f64), [53.0 + 13.0, 73.0 + 13.0], "{more}");
        assert_eq!((run.stores[0].failovers, run.stores[0].failbacks), (2, 2));
        assert_eq!(run.carriers[1].usage.registered, 2, "at the other carrier's core");
    }
    // With one SIM the modem asks until the core is back (an attempt of the third cycle after 06:00), and the site is out for its two
    // hours.
    let alone = run("", "");
    let [core, site] = &alone.incidents[..] else { panic!("{:?}", alone.incidents) };
    assert!(core.failover.is_none() && core.gap > Span::from_secs(7_200));
    assert_eq!((site.gap, alone.stores[0].failovers), (Span::from_secs(7_200), 0));
}
