//! Every profile of the library against its closed forms: detection, recovery, and the return of routing sessions.
//!
//! A profile's detector is run alone, 4,000 times with its own phases, through a blackhole of ten minutes and more of random
//! length. Support must hold in every run; means within Student t bands. Hello protocols are run on a link without a round
//! trip to speak of: the detectors take most hellos for ones that arrive at once, the closed forms do not. False alarms are
//! waited for a thousand times at a loss that is high enough to see some.

use tinsel::kernel::draws::{Entity, Key};
use tinsel::kernel::variates::unit;
use tinsel::model::detector::closed::{ClosedForms, Spread, false_alarm};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::model::session::{Progress, Reconnection};
use tinsel::scenario::library;
use tinsel::scenario::resolved::{self, Ends, Profile};
use tinsel::units::{SimTime, Span};

use super::detectors::RTT;
use super::statistics::{Quantity, check};

const RUNS: u64 = 4_000;
const ALARMS: u64 = 1_000;
/// Long after the start, so that the start is forgotten: the slowest profile probes every quarter hour.
const SETTLED: Span = Span::from_secs(20_000);

fn start() -> SimTime {
    SimTime::from_unix_seconds(1_574_900_000)
}

/// Uniform numbers of a run that no detector draws.
fn uniform(run: u64) -> [f64; 2] {
    let key = Key { seed: 77, replication: run };
    let words = key.block(
        tinsel::model::purpose::address(
            Entity::new("uplink", "closed forms", "test"),
            tinsel::model::purpose::Purpose::Phase,
            1,
        ),
        1,
    );
    [unit(words[0]), unit(words[1])]
}

/// When a fault of run `run` begins and ends: an hour's width each, the outage at least `shortest` long.
fn outage(run: u64, shortest: Span) -> (SimTime, SimTime) {
    let [begins, lasts] = uniform(run).map(|share| Span::from_secs_f64(3_600.0 * share));
    let fault = start() + SETTLED + begins;
    (fault, fault + shortest + lasts)
}

fn next_verdict(detector: &mut Detector, link: &LinkView, wanted: Verdict) -> SimTime {
    loop {
        let now = detector.next();
        assert!(now != SimTime::NEVER, "no {wanted:?} verdict ever");
        if let Some(verdict) = detector.handle(now, link) {
            assert_eq!(verdict, wanted);
            return now;
        }
    }
}

/// The round trip that a family is tested at.
const fn round_trip(detector: &resolved::Detector) -> Span {
    match detector {
        resolved::Detector::HelloDead(_) => Span::from_nanos(1_000),
        _ => RTT,
    }
}

/// Detection, and recovery unless that is the session's.
fn one_run(profile: &Profile, detector: &resolved::Detector, run: u64) -> (f64, Option<f64>) {
    let key = Key { seed: 20_191_129, replication: run };
    let uplink = Entity::new("uplink", &profile.name, "primary");
    let site = Site { key, uplink, base_loss: 0.0, end: start() + Span::from_secs(100_000) };
    let healthy = LinkView::healthy(start(), round_trip(detector));
    let mut machine =
        Detector::new(detector, site, start(), &healthy).with_delays(profile.down_delay, profile.up_delay);
    let (fault, repair) = outage(run, Span::from_secs(6_000));
    while machine.next() <= fault {
        assert_eq!(machine.handle(machine.next(), &healthy), None, "{}: nothing is wrong", profile.name);
    }
    let dead = healthy.dead(fault);
    machine.link_changed(fault, &dead);
    let down = next_verdict(&mut machine, &dead, Verdict::Down);
    let detection = down.since(fault).as_secs_f64();
    if let resolved::Detector::HelloDead(resolved::HelloDead { ends: Ends::Session, .. }) = detector {
        return (detection, None);
    }
    while machine.next() <= repair {
        assert_eq!(machine.handle(machine.next(), &dead), None, "{}: the link is dead", profile.name);
    }
    let alive = LinkView { alive: true, since: repair, ..healthy };
    machine.link_changed(repair, &alive);
    let up = next_verdict(&mut machine, &alive, Verdict::Up);
    (detection, Some(up.since(repair).as_secs_f64()))
}

/// Checks the support of `values` and hands back what is to be said of their mean.
fn supported(name: String, values: Vec<f64>, closed: &Spread) -> Quantity {
    // Times are whole nanoseconds.
    const ROUNDING: f64 = 1e-6;
    for value in &values {
        let bounds = closed.min - ROUNDING..=closed.max + ROUNDING;
        assert!(bounds.contains(value), "{name}: {value} outside {closed:?}");
    }
    Quantity { name, values, expected: closed.mean }
}

#[test]
fn every_profile_of_the_library_does_what_its_closed_forms_say() {
    let mut quantities = Vec::new();
    for profile in library() {
        let Some(detector) = profile.detector else { continue };
        let closed = ClosedForms::of(&profile, round_trip(&detector));
        let runs: Vec<(f64, Option<f64>)> = (0..RUNS).map(|run| one_run(&profile, &detector, run)).collect();
        let detections = runs.iter().map(|run| run.0).collect();
        let name = |what: &str| format!("{} {what}", profile.name);
        quantities.push(supported(name("detection"), detections, &closed.detection.expect("it detects")));
        let recoveries: Vec<f64> = runs.iter().filter_map(|run| run.1).collect();
        if !recoveries.is_empty() {
            quantities.push(supported(name("recovery"), recoveries, &closed.recovery.expect("it recovers")));
        }
    }
    assert!(quantities.len() > 40);
    check(&quantities).unwrap();
}

/// Age of the last hello at a random moment.
fn age(detector: &resolved::Detector, share: f64, other: f64) -> f64 {
    let resolved::Detector::HelloDead(resolved::HelloDead { interval, jitter_min, jitter_max, .. }) =
        *detector
    else {
        panic!("sessions end with hellos")
    };
    // The interval that covers the moment is longer than others: its square is uniform.
    let (low, high) = (jitter_min * jitter_min, jitter_max * jitter_max);
    interval.as_secs_f64() * f64::sqrt(low + share * (high - low)) * other
}

#[test]
fn sessions_come_back_as_the_closed_forms_say() {
    let mut quantities = Vec::new();
    for profile in library() {
        let (Some(parameters), Some(detector)) = (profile.session, profile.detector) else { continue };
        let resolved::Detector::HelloDead(resolved::HelloDead { dead, .. }) = detector else {
            panic!("no hellos")
        };
        let closed = ClosedForms::of(&profile, RTT);
        let values: Vec<f64> = (0..20 * RUNS)
            .map(|run| {
                let key = Key { seed: 20_191_129, replication: run };
                let uplink = Entity::new("uplink", &profile.name, "primary");
                let (fault, repair) = outage(run, Span::from_secs(6_000));
                let link = LinkView::healthy(start(), RTT).dead(fault);
                let mut session = Reconnection::new(parameters, key, uplink, 0.0);
                let ended = |words: [f64; 2]| {
                    fault + dead.saturating_sub(Span::from_secs_f64(age(&detector, words[0], words[1])))
                };
                let peer = ended(uniform(run + 100 * RUNS));
                session.end(ended(uniform(run + 200 * RUNS)), Some(peer), &link);
                let alive = LinkView { alive: true, since: repair, ..link };
                session.link_changed(repair, &alive);
                if let resolved::Detector::HelloDead(resolved::HelloDead {
                    ends: resolved::Ends::Both, ..
                }) = detector
                {
                    // Both ends begin when the rule says that the link is up, from which the closed form counts here.
                    session.begin(repair, true, &alive);
                }
                loop {
                    let now = session.next();
                    if session.handle(now, &alive) == Progress::Established {
                        return now.since(repair).as_secs_f64();
                    }
                }
            })
            .collect();
        let mut expected = closed.session.expect("it has one");
        if let resolved::Detector::HelloDead(resolved::HelloDead { ends: resolved::Ends::Both, .. }) =
            detector
        {
            let recovery = closed.recovery.expect("it recovers");
            expected.min -= recovery.min;
            expected.mean -= recovery.mean;
        }
        quantities.push(supported(format!("{} session", profile.name), values, &expected));
    }
    assert_eq!(quantities.len(), 2);
    check(&quantities).unwrap();
}

#[test]
fn losses_alone_raise_the_alarm_as_soon_as_the_closed_forms_say() {
    let mut quantities = Vec::new();
    for profile in library() {
        let Some(detector) = profile.detector else { continue };
        // The store's own traffic puts every check off.
        if let resolved::Detector::IdleCheck(resolved::IdleCheck { from_traffic: true, .. }) = detector {
            continue;
        }
        let is_window = matches!(detector, resolved::Detector::WindowedLoss(_));
        let losses: &[f64] = if is_window { &[0.13, 0.12, 0.11, 0.1, 0.09] } else { &[0.5, 0.4, 0.3, 0.2] };
        for &loss in losses {
            let Ok(expected) = false_alarm(&profile, RTT, loss) else { continue };
            // A window has to fill first.
            let shortest = if is_window { 2_000.0 } else { 100.0 };
            if !(shortest..20_000.0).contains(&expected) {
                continue;
            }
            let values: Vec<f64> = (0..ALARMS)
                .map(|run| {
                    let key = Key { seed: 11, replication: run };
                    let uplink = Entity::new("uplink", &profile.name, "primary");
                    let begin = start() + Span::from_secs_f64(900.0 * uniform(run)[0]);
                    let site = Site { key, uplink, base_loss: loss, end: begin + Span::from_secs(4_000_000) };
                    let link = LinkView::healthy(begin, RTT);
                    let mut machine = Detector::new(&detector, site, begin, &link)
                        .with_delays(profile.down_delay, profile.up_delay);
                    next_verdict(&mut machine, &link, Verdict::Down).since(begin).as_secs_f64()
                })
                .collect();
            quantities.push(Quantity { name: format!("{} {loss}", profile.name), values, expected });
            break;
        }
    }
    check(&quantities).unwrap();
}
