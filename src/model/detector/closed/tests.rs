//! The closed forms against the figures that products, RFCs and source code are known by, and against one another.

use super::*;
use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::model::purpose::{Purpose, address};
use crate::scenario::library;
use crate::scenario::resolved::{Detector, Profile, SequentialProbes, WindowedLoss};

/// A figure of the table, seconds: printed to a millisecond.
type Row = (&'static str, [f64; 3], Option<[f64; 3]>);

/// Detection and recovery of the built-in profiles as their sources give them, at round trip 0.
const TABLE: &[Row] = &[
    ("bfd-300x3", [0.6, 0.767_86, 0.9], None),
    ("bgp", [120.0, 150.0, 180.0], None),
    ("cradlepoint-active-ping", [25.0, 40.0, 55.0], Some([0.0, 2.5, 5.0])),
    ("cradlepoint-fast", [2.0, 3.0, 4.0], Some([0.0, 0.5, 1.0])),
    ("digi-surelink", [1_815.0, 2_265.0, 2_715.0], Some([0.0, 450.0, 900.0])),
    ("fortinet-sdwan", [2.5, 2.75, 3.0], Some([2.0, 2.25, 2.5])),
    ("ipsla-default", [5.0, 35.0, 65.0], Some([0.0, 30.0, 60.0])),
    ("ipsla-fast", [10.2, 11.7, 13.2], Some([20.0, 21.5, 23.0])),
    ("meraki-mx-soft", [299.0, 300.0, 301.0], Some([14.0, 15.0, 16.0])),
    ("mwan3-default-4ip", [120.0, 125.0, 130.0], Some([40.0, 40.0 + 162.0 / 26.0, 54.0])),
    ("mwan3-single-ip", [60.0, 65.0, 70.0], Some([40.0, 47.0, 54.0])),
    ("netcomm-ntc-140", [45.0, 50.0, 55.0], Some([40.0, 45.0, 50.0])),
    ("networkmanager", [20.0, 170.0, 320.0], Some([0.0, 150.0, 300.0])),
    ("opengear-om-oob", [105.0, 120.0, 135.0], Some([0.0, 15.0, 30.0])),
    ("opnsense-dpinger", [15.0, 16.0, 17.0], Some([47.0, 48.0, 49.0])),
    ("ospf", [30.0, 35.0, 40.0], Some([0.05, 20.0 / 3.0 + 0.05, 10.05])),
    ("peplink-default", [15.0, 17.5, 20.0], Some([10.0, 12.5, 15.0])),
    ("pfsense-dpinger", [14.0, 14.75, 15.5], Some([56.0, 56.75, 57.5])),
    ("strongswan-dpd", [174.561, 175.061, 175.561], None),
    ("vrrp", [2.609_375, 3.109_375, 3.609_375], Some([0.0, 0.261_962_9, 0.609_375])),
    ("vrrp-script", [5.609, 6.609, 7.609], Some([5.414, 6.414, 7.414])),
    ("wireguard", [15.0, 15.167, 15.334], None),
];

fn profile(name: &str) -> Profile {
    let mut found = library().into_iter().find(|profile| profile.name == name).expect("a built-in profile");
    if let Some(Detector::SequentialProbes(SequentialProbes { overhead, .. })) = &mut found.detector {
        *overhead = Span::ZERO;
    }
    found
}

fn assert_near(what: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= 0.001, "{what}: {found}, not {expected}");
}

fn assert_spread(what: &str, found: Figure, expected: [f64; 3]) {
    let found = found.unwrap_or_else(|reason| panic!("{what}: {reason}"));
    for (found, expected) in [found.min, found.mean, found.max].into_iter().zip(expected) {
        assert_near(what, found, expected);
    }
}

#[test]
fn every_built_in_profile_has_the_figures_that_it_is_known_by() {
    let probing = library().into_iter().filter(|profile| profile.detector.is_some());
    let names: Vec<String> = probing.map(|profile| profile.name).collect();
    assert_eq!(names, TABLE.iter().map(|row| row.0).collect::<Vec<_>>());
    for &(name, detection, recovery) in TABLE {
        let closed = ClosedForms::of(&profile(name), Span::ZERO);
        assert_spread(name, closed.detection, detection);
        assert_spread(name, closed.carrier.map_or(Ok(Spread::at(0.0)), Ok), carrier_of(name));
        if let Some(recovery) = recovery {
            assert_spread(name, closed.recovery, recovery);
        }
        let Spread { min, mean, max } = closed.failover.expect("it fails over");
        assert!(
            min <= mean && mean <= max && mean > closed.detection.expect("it detects").mean - 1e-9,
            "{name}"
        );
        assert!(closed.failback.is_ok(), "{name}");
        assert!(false_alarm(&profile(name), Span::ZERO, 0.01).is_ok() || name == "bgp", "{name}");
    }
}

fn carrier_of(name: &str) -> [f64; 3] {
    if name == "wireguard" { [0.0; 3] } else { [0.000_1, 0.501_55, 1.003] }
}

#[test]
fn remarks_in_the_library_say_what_the_closed_forms_say() {
    // The last words of each file's first line: "…; 14.0 / 14.75 / 15.5 s, back 56.0 / …", where there are any.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/profiles");
    let mut checked = 0;
    for profile in library() {
        let path = folder.join(&profile.name).with_extension("toml");
        let text = std::fs::read_to_string(&path).expect("a file of the library");
        let head = text.lines().next().expect("a first line");
        let closed = ClosedForms::of(&self::profile(&profile.name), Span::ZERO);
        let figures = figures(head);
        if figures.is_empty() {
            continue;
        }
        checked += 1;
        let spread = match profile.detector {
            Some(_) => closed.detection.expect("it detects"),
            None => closed.carrier.expect("it watches"),
        };
        let expected = [spread.min, spread.mean, spread.max];
        for ((written, digits), expected) in figures[0].iter().zip(expected) {
            let unit = libm::pow(10.0, -f64::from(*digits));
            assert!((written - expected).abs() <= 0.51 * unit.min(0.1), "{head}: {expected}");
        }
    }
    assert!(checked >= 20, "{checked} remarks have figures");
}

/// Every "a / b / c" of a line: value and digits after the point.
fn figures(line: &str) -> Vec<[(f64, u32); 3]> {
    let words: Vec<&str> = line.split([' ', ';', ',']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| {
        let digits = word.split_once('.').map_or(0, |(_, after)| after.len() as u32);
        word.parse::<f64>().ok().map(|value| (value, digits))
    };
    let triple = |at: &[&str]| match at {
        [low, "/", mean, "/", high] => Some([number(low)?, number(mean)?, number(high)?]),
        _ => None,
    };
    words.windows(5).filter_map(triple).collect()
}

#[test]
fn what_is_not_probed_is_not_found_dead() {
    for name in ["carrier-loss", "cradlepoint-default-off"] {
        let closed = ClosedForms::of(&profile(name), Span::ZERO);
        assert_eq!(closed.detection, Err(NoFigure::CarrierOnly));
        assert_eq!(closed.failback, Err(NoFigure::CarrierOnly));
        assert_spread(name, closed.carrier.ok_or(NoFigure::CarrierOnly), [0.000_1, 0.501_55, 1.003]);
        assert_eq!(closed.probe_bytes_month, 0.0);
    }
}

#[test]
fn a_limit_of_the_kernel_holds_a_second_loss_back() {
    let mut busy = profile("carrier-loss");
    let watch = busy.carrier.as_mut().expect("it watches");
    (watch.poll, watch.others_per_s) = (Span::ZERO, 1.0);
    let carrier = ClosedForms::of(&busy, Span::ZERO).carrier.expect("it watches");
    // 1 − (1 − 1/e) = 0.367,879, and 1.55 ms.
    assert_near("held back", carrier.mean, 0.367_879 + 0.001_55);
    assert_near("at most", carrier.max, 1.003);
}

#[test]
fn one_of_four_targets_is_back_sooner_than_two() {
    let mut reliable = profile("mwan3-default-4ip");
    if let Some(Detector::SequentialProbes(SequentialProbes { reliability, .. })) = &mut reliable.detector {
        *reliability = 1;
    }
    let closed = |rtt| ClosedForms::of(&reliable, rtt);
    assert_spread("rel 1", closed(Span::ZERO).recovery, [40.0, 40.0 + 122.0 / 26.0, 54.0]);
    // Five good cycles, each with one round trip (and in the mean a little for the cycle that was under way).
    let with_rtt = closed(Span::from_millis(20)).recovery.expect("it recovers").mean;
    assert!((with_rtt - (40.0 + 122.0 / 26.0) - 5.0 * 0.02).abs() < 0.01, "{with_rtt}");
    let two = ClosedForms::of(&profile("mwan3-default-4ip"), Span::from_millis(20));
    let mean = two.recovery.expect("it recovers").mean;
    assert!((mean - (40.0 + 162.0 / 26.0) - 10.0 * 0.02).abs() < 0.01, "{mean}");
    // A fault between the first reply and the second leaves three targets to fail: 116 s, one time in five hundred.
    assert_near("116 s", two.detection.expect("it detects").min, 116.0 - 0.02);
}

#[test]
fn probes_in_flight_are_lost_too() {
    let closed = ClosedForms::of(&profile("fortinet-sdwan"), Span::from_millis(20));
    assert_spread("detection", closed.detection, [2.48, 2.73, 2.98]);
    assert_spread("recovery", closed.recovery, [2.02, 2.27, 2.52]);
    let slow = ClosedForms::of(&profile("fortinet-sdwan"), Span::from_millis(500));
    assert_eq!(slow.detection, Err(NoFigure::TooSlow));
}

#[test]
fn probes_of_a_month_are_exact() {
    let bytes = |profile: &Profile| ClosedForms::of(profile, Span::ZERO).probe_bytes_month;
    assert_eq!(bytes(&profile("pfsense-dpinger")), 300_672_000.0);
    assert_eq!(bytes(&profile("opnsense-dpinger")), 150_336_000.0);
    assert_near("mwan3, two answers", bytes(&profile("mwan3-default-4ip")), 87_091_200.0);
    assert_near("mwan3, one answer", bytes(&profile("mwan3-single-ip")), 43_545_600.0);
    assert_near("Opengear", bytes(&profile("opengear-om-oob")), 43_545_600.0);
}

#[test]
fn strongswan_s_ladder_is_165_seconds_long() {
    let waits = times::waits(profile("strongswan-dpd").detector.as_ref().expect("it probes"));
    let mut sums = Vec::new();
    let mut sum = 0.0;
    for wait in &waits {
        sum += wait.mean;
        sums.push(sum);
    }
    for (sum, known) in sums.iter().zip([4.0, 11.2, 24.2, 47.5, 89.5, 165.1]) {
        assert!((sum - known).abs() < 0.05, "{sums:?}");
    }
    // Σw² / (2·Σw): one is most probably in the longest wait.
    let recovery = ClosedForms::of(&profile("strongswan-dpd"), Span::ZERO).recovery.expect("it recovers");
    assert_near("recovery", recovery.mean, 25.009);
    assert_near("recovery at most", recovery.max, 4.0 * libm::pow(1.8, 5.0));
}

#[test]
fn a_lag_of_comparisons_moves_them() {
    let mut lagging = profile("pfsense-dpinger");
    if let Some(Detector::WindowedLoss(WindowedLoss { lag, .. })) = &mut lagging.detector {
        *lag = Some(Law::Uniform { low: 0.0, high: 0.25 });
    }
    // Threads that start aligned, in dpinger 3.5: 14.25 to 15.5 s in the laboratory, mean 14.86 s.
    assert_spread("lag", ClosedForms::of(&lagging, Span::ZERO).detection, [14.25, 14.875, 15.5]);
}

#[test]
fn hellos_from_both_ends_take_the_later_one() {
    // E[max] of two residuals of U(0.75, 1) s; simulated below to three digits.
    let closed = ClosedForms::of(&profile("bfd-300x3"), Span::ZERO);
    let recovery = closed.recovery.expect("it recovers");
    let timer = residual::Renewal { shortest: 0.75, longest: 1.0 };
    let draw = |run: u64, end: u64| {
        let at = address(Entity::new("uplink", "closed", "test"), Purpose::Phase, 2 * run + end);
        let words = Key { seed: 4, replication: 0 }.block(at, 1);
        // The interval that covers a moment is longer than others: its square is uniform.
        let (low, high) = (0.75 * 0.75, 1.0);
        libm::sqrt(low + unit(words[0]) * (high - low)) * unit(words[1])
    };
    const RUNS: u64 = 200_000;
    let (mut later, mut earlier, mut one) = (0.0, 0.0, 0.0);
    for run in 0..RUNS {
        let (left, right) = (draw(run, 0), draw(run, 1));
        later += left.max(right) / RUNS as f64;
        earlier += left.min(right) / RUNS as f64;
        one += left / RUNS as f64;
    }
    // Standard errors are below 0.0006.
    for (found, expected) in [
        (later, recovery.mean),
        (later, timer.later_of_two().mean),
        (earlier, timer.earlier_of_two().mean),
        (one, timer.residual().mean),
    ] {
        assert!((found - expected).abs() < 0.003, "{found} against {expected}");
    }
    let even = residual::Renewal { shortest: 10.0, longest: 10.0 };
    assert_near("two thirds", even.later_of_two().mean, 20.0 / 3.0);
    assert_near("one third", even.earlier_of_two().mean, 10.0 / 3.0);
}

#[test]
fn patterns_of_equal_gaps_are_like_a_timer() {
    let gaps = [2.0; 5];
    assert_near("one", residual::of_pattern(&gaps).mean, 1.0);
    // Two clocks of which one is half a period behind the other.
    let behind = residual::Renewal { shortest: 1e-9, longest: 1e-9 };
    assert_near("two at once", residual::earlier_of_shifted_patterns(&gaps, behind).mean, 1.0);
}

#[test]
fn a_session_comes_back_with_bfd_or_with_the_next_attempt() {
    let bfd = ClosedForms::of(&profile("bfd-300x3"), Span::from_millis(20));
    let (session, recovery) = (bfd.session.expect("it has one"), bfd.recovery.expect("it recovers"));
    // Two round trips after BFD is up, and 15 % of these cost 2.05 s and two more, again and again.
    let rounds = 0.15 / 0.85;
    assert!((session.mean - recovery.mean - 0.04 - rounds * 2.09).abs() < 1e-9, "{}", session.mean);
    assert_near("failback", bfd.failback.expect("it returns").mean, session.mean + 1.17);
    // BGP alone tries every 123 s, of which the last 120 without a packet; the ends' ages differ by 20 s in the mean.
    let bgp = ClosedForms::of(&profile("bgp"), Span::ZERO).session.expect("it has one");
    assert_near("at most", bgp.max, 120.0);
    assert!((40.0..50.0).contains(&bgp.mean), "{}", bgp.mean);
}

#[test]
fn losses_in_a_row_are_as_rare_as_known() {
    for (loss, five, three) in
        [(0.05, 3_368_420.0, 8_420.0), (0.1, 111_110.0, 1_110.0), (0.2, 3_905.0, 155.0)]
    {
        assert!((alarms::in_a_row(loss, 5) - five).abs() < 1.0);
        assert!((alarms::in_a_row(loss, 3) - three).abs() < 1.0);
        // As patterns, K of K.
        assert!((alarms::first_pattern(5, 5, loss) / five - 1.0).abs() < 1e-3);
    }
}

#[test]
fn windows_are_bad_as_rarely_as_known() {
    for (loss, chance) in [(0.08, 2.6e-6), (0.1, 1.2e-4), (0.12, 2.0e-3), (0.15, 3.2e-2)] {
        let found = alarms::binomial_tail(120, 26, loss);
        assert!((found / chance - 1.0).abs() < 0.05, "{loss}: {found}");
    }
}

#[test]
fn sliding_windows_are_near_the_exact_chain() {
    for (of, needed, loss) in [(10, 5, 0.02), (10, 5, 0.05), (10, 5, 0.1), (12, 6, 0.05), (8, 3, 0.02)] {
        let exact = alarms::first_pattern(of, needed, loss);
        let near = f64::from(of) / alarms::sliding_window(of, needed, loss);
        assert!((near / exact - 1.0).abs() < 0.2, "{needed} of {of} at {loss}: {near} against {exact}");
    }
}

#[test]
fn a_delay_takes_more_losses() {
    let mut tuned = profile("ipsla-fast");
    let with = false_alarm(&tuned, Span::ZERO, 0.1).expect("a figure");
    tuned.down_delay = Span::ZERO;
    let without = false_alarm(&tuned, Span::ZERO, 0.1).expect("a figure");
    // One loss, or four: the three probes within ten seconds after it as well.
    assert!((without / 3.0 - 10.0).abs() < 1.0, "{without}");
    assert!((with / 3.0 - 11_110.0).abs() < 10.0, "{with}");
}

#[test]
fn both_ends_halve_the_time_to_a_false_alarm() {
    // 40 % loss each way: 3.7 s until one of two ends gives up, 6.3 s until a given one does (measured with FRR: 3.8 s).
    let both = false_alarm(&profile("bfd-300x3"), Span::ZERO, 1.0 - 0.6 * 0.6).expect("a figure");
    assert!((both - 3.7).abs() < 0.6, "{both}");
    assert_eq!(false_alarm(&profile("bgp"), Span::ZERO, 0.1), Err(NoFigure::Retransmitted));
    assert_eq!(false_alarm(&profile("carrier-loss"), Span::ZERO, 0.1), Err(NoFigure::CarrierOnly));
    assert_eq!(false_alarm(&profile("vrrp"), Span::ZERO, 0.0), Ok(f64::INFINITY));
}

/// mwan3's loop, step by step: the time of the verdict after a fault at `fault`, or after a repair at `repair` of a link
/// dead from the start.
fn replay(cycle: &times::Cycle, changes: f64, dies: bool) -> f64 {
    let alive = |sent: f64| if dies { sent + cycle.rtt <= changes } else { sent >= changes };
    let (mut now, mut run) = (0.0, 0);
    loop {
        now += cycle.overhead;
        let mut answers = 0;
        for _ in 0..cycle.targets {
            if answers == cycle.reliability {
                break;
            }
            let packets = libm::round(cycle.packets) as u32;
            let last = now + cycle.packets;
            let answered = (0..=packets).any(|packet| alive(now + f64::from(packet)));
            now = if alive(last) { last + cycle.rtt } else { last + cycle.timeout };
            answers += u32::from(answered);
        }
        let bad = answers < cycle.reliability;
        run = if bad == dies { run + 1 } else { 0 };
        if dies && run == cycle.down || !dies && run == UP {
            return now - changes;
        }
        now += if bad { cycle.failure_interval } else { cycle.interval };
    }
}

const UP: u32 = 3;

#[test]
fn sequential_probes_do_what_their_loop_does() {
    const RUNS: u32 = 20_000;
    let second = Span::from_secs;
    for (targets, reliability, count, down) in [(1, 1, 1, 5), (4, 2, 1, 3), (3, 2, 3, 2), (2, 1, 2, 1)] {
        let mut profile = profile("mwan3-single-ip");
        profile.detector = Some(Detector::SequentialProbes(SequentialProbes {
            targets,
            reliability,
            count,
            timeout: second(2),
            interval: second(5),
            failure_interval: second(5),
            keep_failure_interval: false,
            recovery_interval: second(5),
            down,
            up: UP,
            overhead: Span::from_millis(300),
            trusts_link: true,
        }));
        let rtt = Span::from_millis(100);
        let cycle =
            times::Cycle::of(profile.detector.as_ref().expect("set"), rtt.as_secs_f64()).expect("a cycle");
        let closed = ClosedForms::of(&profile, rtt);
        let bad_cycle = 0.3 + f64::from(targets) * cycle.silent() + 5.0;
        // Anywhere in the tenth cycle, evenly.
        for (what, dies, length, expected) in [
            ("detection", true, cycle.healthy(), closed.detection.expect("a figure")),
            ("recovery", false, bad_cycle, closed.recovery.expect("a figure")),
        ] {
            let at = |run| length * (10.0 + (f64::from(run) + 0.5) / f64::from(RUNS));
            let values: Vec<f64> = (0..RUNS).map(|run| replay(&cycle, at(run), dies)).collect();
            let mean = values.iter().sum::<f64>() / f64::from(RUNS);
            let (low, high) =
                values.iter().fold((f64::MAX, 0.0_f64), |(low, high), &v| (low.min(v), high.max(v)));
            let what = format!("{what}, {targets} targets, {reliability} needed, {count} packets");
            assert_near(&what, mean, expected.mean);
            assert_near(&what, low, expected.min);
            assert_near(&what, high, expected.max);
        }
    }
}

#[test]
fn false_alarms_come_as_soon_as_in_the_laboratory_s_models() {
    // First false takeover of VRRP at 60 % loss each way: 9.3 s. First false down of mwan3 with one target, 1 s, 1 s and
    // 3 cycles at 40 % loss each way: 12.5 s.
    let vrrp = false_alarm(&profile("vrrp"), Span::ZERO, 1.0 - 0.4 * 0.4).expect("a figure");
    assert!((vrrp / 9.3 - 1.0).abs() < 0.1, "{vrrp}");
    let mut fast = profile("mwan3-single-ip");
    if let Some(Detector::SequentialProbes(SequentialProbes {
        interval,
        failure_interval,
        timeout,
        down,
        overhead,
        ..
    })) = &mut fast.detector
    {
        (*interval, *failure_interval, *timeout) =
            (Span::from_secs(1), Span::from_secs(1), Span::from_secs(1));
        (*down, *overhead) = (3, Span::from_millis(30));
    }
    let mwan3 = false_alarm(&fast, Span::from_millis(20), 1.0 - 0.6 * 0.6).expect("a figure");
    assert!((mwan3 / 12.5 - 1.0).abs() < 0.1, "{mwan3}");
}
