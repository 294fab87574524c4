//! Five configurations written from the products' manuals: what they become, and how long detection then takes.
//!
//! The expected times are those of the closed forms for a total blackhole at a uniformly random phase, by family:
//! fixed-rate probes (K-1)·I + W + U(0, I); sequential probes K·N·((count-1) + W) + (K-1)·I_f + U(0, I), without what
//! starting the processes costs; hello and dead timer H - age, the age of a renewal process with jittered intervals; and
//! dpinger's window, (m-1)·s + W + U(0, s) + U(0, c) with the least m of n lost that exceeds the threshold.

use tinsel::scenario::import::{ImportOptions, Kind};
use tinsel::scenario::resolved::{
    Detector, Ends, Failback, HelloDead, Law, Profile, SequentialProbes, WindowedLoss,
};
use tinsel::units::Span;

use super::{assert_golden, import, profiles};

/// A configuration, the profile's name, and detection: least, mean, most, in seconds.
const SAMPLES: &[(&str, Kind, &str, [f64; 3])] = &[
    ("mwan3.uci", Kind::Mwan3, "mwan3-wan", [18.0, 20.5, 23.0]),
    ("frr.conf", Kind::Frr, "frr-bfd-10-1-0-1", [0.75, 0.889_880_952_380_952_4, 1.0]),
    ("frr.conf", Kind::Frr, "frr-bgp-10-1-4-1", [6.0, 7.5, 9.0]),
    ("frr.conf", Kind::Frr, "frr-ospf-tun0", [3.0, 3.5, 4.0]),
    ("keepalived.conf", Kind::Keepalived, "vrrp-tills-script", [7.609_375, 10.109_375, 12.609_375]),
    ("keepalived-backup.conf", Kind::Keepalived, "vrrp-tills", [1.3125, 1.5625, 1.8125]),
    ("dpinger.cmd", Kind::Dpinger, "dpinger", [8.5, 9.125, 9.75]),
    ("ios.cfg", Kind::Ios, "ios-track-1", [11.0, 13.5, 16.0]),
    ("ios.cfg", Kind::Ios, "ios-track-2", [5.0, 10.0, 15.0]),
];

/// What has to be picked to get the profile called `name`.
fn options(name: &str) -> ImportOptions {
    let mut options = ImportOptions::default();
    match name {
        "mwan3-wan" => options.interface = Some("wan".to_owned()),
        "frr-bgp-10-1-4-1" => options.neighbor = Some("10.1.4.1".to_owned()),
        "frr-ospf-tun0" => options.interface = Some("tun0".to_owned()),
        "vrrp-tills" => options.peer_priority = Some(200),
        "ios-track-1" => options.track = Some(1),
        "ios-track-2" => options.track = Some(2),
        _ => {}
    }
    options
}

fn imported(name: &str) -> String {
    let (path, kind, ..) = SAMPLES.iter().find(|(_, _, sample, _)| *sample == name).expect("a sample");
    import(*kind, &format!("tests/import/{path}"), &options(name)).expect("a good configuration")
}

fn sample(name: &str) -> Profile {
    let mut all = profiles(&imported(name));
    assert_eq!((all.len(), all[0].name.as_str()), (1, name));
    all.remove(0)
}

/// Detection of a total blackhole: least, mean, most, in seconds.
fn detection(profile: &Profile) -> [f64; 3] {
    let delay = profile.down_delay.as_secs_f64();
    let uniform = |least: f64, widths: &[f64]| {
        let width: f64 = widths.iter().sum();
        [least + delay, least + delay + width / 2.0, least + delay + width]
    };
    let s = Span::as_secs_f64;
    match profile.detector.expect("it probes") {
        Detector::ConsecutiveProbes { interval, timeout, down, .. } => {
            uniform(f64::from(down - 1) * s(interval) + s(timeout), &[s(interval)])
        }
        Detector::SequentialProbes(SequentialProbes {
            targets,
            count,
            timeout,
            interval,
            failure_interval,
            down,
            ..
        }) => {
            let cycle = f64::from(targets) * (f64::from(count - 1) + s(timeout));
            uniform(f64::from(down) * cycle + f64::from(down - 1) * s(failure_interval), &[s(interval)])
        }
        Detector::HelloDead(HelloDead { interval, jitter_min: a, jitter_max: b, dead, .. }) => {
            let age = s(interval) * (a * a + a * b + b * b) / 3.0 / (a + b);
            [s(dead) - s(interval) * b + delay, s(dead) - age + delay, s(dead) + delay]
        }
        Detector::WindowedLoss(WindowedLoss { send, loss_after, period, check, loss_percent, .. }) => {
            let slots = period.as_nanos() / send.as_nanos() - loss_after.as_nanos().div_ceil(send.as_nanos());
            let lost =
                (1..=slots).find(|lost| 100 * lost / slots > u64::from(loss_percent)).expect("it alarms");
            uniform((lost - 1) as f64 * s(send) + s(loss_after), &[s(send), s(check)])
        }
        other => panic!("no sample has {other:?}"),
    }
}

#[test]
fn what_is_imported_is_committed() {
    for (_, _, name, _) in SAMPLES {
        assert_golden(&format!("tests/import/expected/{name}.toml"), &imported(name));
    }
}

#[test]
fn detection_takes_what_the_formulas_say() {
    for (_, _, name, expected) in SAMPLES {
        let found = detection(&sample(name));
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{name}: {found} instead of {expected}");
        }
    }
}

#[test]
fn mwan3_gives_its_options() {
    let profile = sample("mwan3-wan");
    let expected = Detector::SequentialProbes(SequentialProbes {
        targets: 2,
        reliability: 1,
        count: 1,
        timeout: Span::from_secs(2),
        interval: Span::from_secs(5),
        failure_interval: Span::from_secs(3),
        keep_failure_interval: false,
        recovery_interval: Span::from_secs(4),
        down: 3,
        up: 4,
        overhead: Span::from_millis(30),
        trusts_link: true,
    });
    assert_eq!(profile.detector, Some(expected));
    assert_eq!((profile.probe_bytes, profile.probes_backup, profile.flush_flows), (84, true, true));
    assert_eq!(profile.failback, Failback::Immediate);
}

#[test]
fn mwan3_has_its_defaults() {
    let text = "config interface 'wan'\n option enabled '1'\n list track_ip '1.0.0.1'\n list track_ip '1.1.1.1'\n \
                list track_ip '208.67.222.222'\n list track_ip '208.67.220.220'\n option reliability '2'\n";
    let text = tinsel::scenario::import::import(Kind::Mwan3, "mwan3", text, &ImportOptions::default());
    let imported = profiles(&text.expect("the shipped configuration")).remove(0);
    let library =
        tinsel::scenario::load(&super::file("scenarios/lab/detection.toml"), &library("mwan3-default-4ip"));
    let library = library.expect("it is shipped").scenario.profiles.remove(0);
    assert_eq!(imported.detector, library.detector);
    assert_eq!(detection(&imported), [120.0, 125.0, 130.0]);
    assert_eq!((imported.route_return, imported.probes_backup), (library.route_return, false));
}

/// A scenario's stores with a built-in profile.
fn library(profile: &str) -> tinsel::scenario::LoadOptions {
    tinsel::scenario::LoadOptions {
        overrides: vec![format!("fleet.draw.profile={profile}")],
        ..tinsel::scenario::LoadOptions::default()
    }
}

#[test]
fn frr_gives_its_sessions() {
    let bfd = sample("frr-bfd-10-1-0-1");
    let hello = |interval, jitter_min, dead, restart, ends| {
        Detector::HelloDead(HelloDead {
            interval: Span::from_millis(interval),
            jitter_min,
            jitter_max: 1.0,
            dead: Span::from_millis(dead),
            restart: Span::from_millis(restart),
            ends,
            goodbye: None,
            rejoin: Span::default(),
        })
    };
    assert_eq!(bfd.detector, Some(hello(250, 0.75, 1_000, 1_000, Ends::Both)));
    assert_eq!(bfd.session.map(|session| session.attempt), Some(Span::from_secs(10)));
    let bgp = sample("frr-bgp-10-1-4-1");
    assert_eq!(bgp.detector, Some(hello(3_000, 1.0, 9_000, 3_000, Ends::Session)));
    assert_eq!(bgp.session.map(|session| session.attempt), Some(Span::from_secs(120)));
    assert_eq!((bgp.route_change, bgp.probe_bytes), (Law::Uniform { low: 0.07, high: 0.075 }, 59));
    let ospf = sample("frr-ospf-tun0");
    assert_eq!(ospf.detector, Some(hello(1_000, 1.0, 4_000, 1_000, Ends::Both)));
    assert_eq!((ospf.session, ospf.route_return), (None, Law::Constant(2.99)));
    assert_eq!(
        (ospf.up_delay, ospf.route_change),
        (Span::from_millis(50), Law::Uniform { low: 1.0, high: 1.02 })
    );
}

#[test]
fn keepalived_gives_the_waits_of_both_routers() {
    let script = sample("vrrp-tills-script");
    let expected = Detector::ConsecutiveProbes {
        interval: Span::from_secs(5),
        timeout: Span::from_secs(2),
        down: 2,
        up: 3,
    };
    assert_eq!(script.detector, Some(expected));
    // The backup's skew of 156/256 s; three adverts, the master's 56/256 s and 30 s of preempt_delay.
    assert_eq!(script.down_delay, Span::from_nanos(609_375_000));
    assert_eq!(script.up_delay, Span::from_nanos(33_218_750_000));
    assert!(script.carrier.is_some() && script.lan_takeover);
    let backup = sample("vrrp-tills");
    let expected = Detector::HelloDead(HelloDead {
        interval: Span::from_millis(500),
        jitter_min: 1.0,
        jitter_max: 1.0,
        dead: Span::from_nanos(1_812_500_000),
        restart: Span::from_millis(500),
        ends: Ends::Contending,
        goodbye: Some(Span::from_nanos(312_500_000)),
        rejoin: Span::from_nanos(1_609_375_000),
    });
    assert_eq!(backup.detector, Some(expected));
    assert_eq!((backup.probe_bytes, backup.lan_takeover), (0, true));
}

#[test]
fn dpinger_gives_its_window() {
    let profile = sample("dpinger");
    let expected = Detector::WindowedLoss(WindowedLoss {
        send: Span::from_millis(250),
        loss_after: Span::from_millis(1_250),
        period: Span::from_secs(30),
        check: Span::from_secs(1),
        loss_percent: 25,
        latency: Some(Span::from_millis(400)),
        hold_checks: 10,
        pause: Span::default(),
        lag: None,
    });
    assert_eq!(profile.detector, Some(expected));
    assert_eq!(profile.probe_bytes, 29);
}

#[test]
fn ios_gives_the_operation_and_the_delays() {
    let probes = |interval, timeout| Detector::ConsecutiveProbes {
        interval: Span::from_secs(interval),
        timeout: Span::from_millis(timeout),
        down: 1,
        up: 1,
    };
    let reachability = sample("ios-track-1");
    assert_eq!(reachability.detector, Some(probes(5, 1_000)));
    assert_eq!((reachability.down_delay, reachability.up_delay), (Span::from_secs(10), Span::from_secs(30)));
    assert_eq!(reachability.probe_bytes, 56);
    // By state an answer after the threshold is a failure, but silence is known only after the timeout.
    let state = sample("ios-track-2");
    assert_eq!(state.detector, Some(probes(10, 300)));
    assert_eq!((state.down_delay, state.probe_bytes), (Span::from_millis(4_700), 92));
}
