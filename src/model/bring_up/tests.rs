//! Which state takes which stages, the NAS ladder, congestion, the RRC tail; and that no draw has moved.

use super::*;
use crate::kernel::draws::Entity;
use crate::model::purpose::address;
use crate::scenario::resolved::Law;
use crate::units::SimTime;

const ALL: [Standby; 5] = [Standby::Cold, Standby::RadioOff, Standby::Warm, Standby::Hot, Standby::HotActive];
const KEY: Key = Key { seed: 24_301, replication: 0 };
const RTT: (f64, f64) = (0.05, 0.0);

/// Every stage constant and of another order of magnitude than the others.
fn constant() -> BringUp {
    BringUp {
        boot_floor_s: 10.0,
        boot_tail_s: 0.0,
        usb: Law::Constant(1.5),
        probing: Law::Constant(6.0),
        sim: Law::Constant(0.5),
        full_scan_cold: 0.0,
        full_scan_radio_off: 0.0,
        full_scan: Law::Constant(50.0),
        full_scan_clip_s: (20.0, 180.0),
        attach: Law::Constant(3.0),
        attach_failure: 0.0,
        t3410: Span::from_secs(15),
        t3411: Span::from_secs(10),
        t3402: Span::from_secs(720),
        congestion: 0.0,
        t3346: Law::Uniform { low: 1_350.0, high: 1_650.0 },
        bearer_floor_s: 0.8,
        bearer: Law::Constant(0.2),
        reattach: Law::Constant(5.0),
        rrc: Law::Constant(0.4),
        rrc_tail: Span::from_secs(10),
        vpn_round_trips: 2,
        vpn_compute_s: 0.1,
        application_round_trips: 2,
    }
}

fn at(draw: u64) -> Address {
    address(Entity::new("uplink", "s1", "primary"), Purpose::BringUp, draw)
}

fn drawn(parameters: &BringUp, standby: Standby, draw: u64) -> Stages {
    stages(parameters, standby, RTT, KEY, at(draw))
}

#[test]
fn each_state_has_its_stages() {
    let totals = ALL.map(|standby| drawn(&constant(), standby, 0).plan());
    let seconds = |span: Span| span.as_nanos() as f64 / 1e9;
    assert_eq!(totals.map(|plan| seconds(plan.total())), [22.2, 4.2, 1.2, 0.6, 0.2]);
    assert_eq!(totals.map(|plan| plan.registration.is_some()), [true, true, false, false, false]);
    for plan in totals {
        assert_eq!(plan.application, Span::from_millis(100), "TCP and TLS 1.3, whatever the state");
        assert_eq!(plan.first_byte(), plan.total() + plan.application);
    }
    let none = BringUp { vpn_round_trips: 0, application_round_trips: 0, ..constant() };
    assert_eq!(drawn(&none, Standby::HotActive, 0).plan().first_byte(), Span::ZERO);
}

#[test]
fn stages_add_up_to_the_plan() {
    let parameters = BringUp {
        boot_tail_s: 3.0,
        full_scan_cold: 0.5,
        full_scan_radio_off: 0.5,
        attach_failure: 0.5,
        congestion: 0.5,
        ..constant()
    };
    for standby in ALL {
        for draw in 0..200 {
            let stages = drawn(&parameters, standby, draw);
            let sum = Stage::ALL.iter().fold(Span::ZERO, |sum, &stage| sum + stages.span(stage));
            let whole = stages.plan().first_byte();
            let difference = sum.max(whole) - sum.min(whole);
            assert!(
                difference < Span::from_nanos(10),
                "{standby:?} {draw}: stages are rounded, {difference:?}"
            );
        }
    }
}

/// TS 24.301: 5·T3410 + 4·T3411 = 115 s until the fifth failure is known, then T3402.
#[test]
fn the_nas_ladder_is_115_s_then_12_minutes() {
    let parameters = constant();
    let lost = |failures: u32| {
        (1..=failures).fold(Span::ZERO, |lost, failure| lost + after_failure(&parameters, failure))
    };
    let fifth_known = lost(4) + parameters.t3410;
    assert_eq!(fifth_known, Span::from_secs(115));
    assert_eq!(lost(5), fifth_known + Span::from_secs(720));
    assert_eq!(lost(10), lost(5).times(2), "the count begins anew");

    // What is drawn is a rung of it, and failures come with their probability.
    let failing = BringUp { attach_failure: 0.6, ..parameters };
    let mut reached_t3402 = 0_u32;
    for draw in 0..2_000 {
        let vain = drawn(&failing, Standby::RadioOff, draw).span(Stage::Unanswered);
        assert!((0..200).any(|failures| lost(failures) == vain), "{vain:?}");
        reached_t3402 += u32::from(vain >= Span::from_secs(835));
    }
    let expected = 2_000.0 * 0.6_f64 * 0.6 * 0.6 * 0.6 * 0.6;
    let sd = (expected * (1.0 - 0.077_76)).sqrt();
    assert!((f64::from(reached_t3402) - expected).abs() < 4.0 * sd, "{reached_t3402} for {expected}");
}

#[test]
fn congestion_waits_for_t3346_and_tries_anew() {
    let storm = BringUp { congestion: 0.5, ..constant() };
    let (mut refused, mut once) = (0_u32, 0_u32);
    for draw in 0..2_000 {
        let lost = drawn(&storm, Standby::RadioOff, draw).span(Stage::Congestion);
        let of = |refusals: u64| Span::from_secs(1_350 * refusals)..=Span::from_secs(1_650 * refusals);
        assert!((0..20).any(|refusals| of(refusals).contains(&lost)), "{lost:?}");
        refused += u32::from(!lost.is_zero());
        once += u32::from(of(1).contains(&lost));
    }
    assert!((900..1_100).contains(&refused), "half of the first answers: {refused}");
    assert!((400..600).contains(&once), "half of those are accepted at once: {once}");
    for standby in [Standby::Warm, Standby::Hot, Standby::HotActive] {
        assert_eq!(drawn(&storm, standby, 0).span(Stage::Congestion), Span::ZERO, "registered already");
    }
}

/// The count of failures begins anew after a refusal: five failures around it never reach T3402.
#[test]
fn a_refusal_begins_the_count_of_failures_anew() {
    let parameters =
        BringUp { attach_failure: 0.5, congestion: 0.9, t3402: Span::from_secs(1), ..constant() };
    let usual = Span::from_secs(25);
    let more_than_five_without_t3402 = (0..200).any(|draw| {
        let unanswered = drawn(&parameters, Standby::RadioOff, draw).span(Stage::Unanswered);
        unanswered >= usual.times(5) && unanswered.as_nanos().is_multiple_of(usual.as_nanos())
    });
    assert!(more_than_five_without_t3402);
}

/// What these addresses gave before congestion and the application had draws: a change would move every result.
#[test]
fn existing_draws_have_not_moved() {
    let parameters = BringUp {
        boot_tail_s: 3.0,
        usb: Law::Uniform { low: 1.0, high: 2.0 },
        full_scan_cold: 0.5,
        attach: Law::Lognormal { median: 3.1, sigma: 0.4 },
        attach_failure: 0.5,
        bearer: Law::Lognormal { median: 0.15, sigma: 1.0 },
        rrc: Law::Lognormal { median: 0.435, sigma: 0.41 },
        ..constant()
    };
    let day = SimTime::from_unix_seconds(1_575_000_000).as_nanos();
    let of = |parameters: &BringUp, standby| plan(parameters, standby, (0.055, 0.375), KEY, at(day));
    let nanos = |plan: Plan| {
        let registration = plan.registration.map(|part| (part.before.as_nanos(), part.takes.as_nanos()));
        (registration, plan.after.as_nanos())
    };
    let expected = [
        (Some((120_064_638_539, 3_248_311_444)), 1_036_268_216),
        (Some((50_000_000_000, 3_248_311_444)), 1_036_268_216),
        (None, 1_036_268_216),
        (None, 507_177_675),
        (None, 196_059_104),
    ];
    assert_eq!(ALL.map(|standby| nanos(of(&parameters, standby))), expected);
    // Neither probability nor round trips that are new change what was there.
    let storm = BringUp { congestion: 0.9, application_round_trips: 3, ..parameters.clone() };
    for standby in ALL {
        let (quiet, storm) = (of(&parameters, standby), of(&storm, standby));
        assert_eq!(quiet.after, storm.after);
        assert_eq!(quiet.registration.map(|part| part.takes), storm.registration.map(|part| part.takes));
        assert!(quiet.registration.map(|part| part.before) <= storm.registration.map(|part| part.before));
    }
}

#[test]
fn probes_within_the_rrc_tail_keep_a_hot_link_connected() {
    let tail = Span::from_secs(10);
    let hot = |every_ms| effective_standby(Standby::Hot, Some(Span::from_millis(every_ms)), tail);
    // pfSense and Fortinet probe each half second, OPNsense each second.
    assert_eq!([500, 1_000, 9_999].map(hot), [Standby::HotActive; 3]);
    // mwan3 each 10 s and a round trip, Cradlepoint and Opengear each 30 s: idle in between.
    assert_eq!([10_000, 10_055, 30_000].map(hot), [Standby::Hot; 3]);
    assert_eq!(effective_standby(Standby::Hot, None, tail), Standby::Hot);
    for standby in [Standby::Cold, Standby::RadioOff, Standby::Warm, Standby::HotActive] {
        assert_eq!(effective_standby(standby, Some(Span::from_millis(500)), tail), standby);
        assert_eq!(effective_standby(standby, None, tail), standby);
    }
}
