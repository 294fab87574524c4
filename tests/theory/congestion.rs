//! A healthy link that is called down because it is full: probes queue behind the store's own traffic, answers come late, and
//! a rule on latency (pfSense) or a short timeout (Fortinet) trips. Reported for OPNsense as issue 4971.

use std::fs;
use std::process::Command;

use super::lab::replications;
use super::oracles::{BLACKHOLE, Outage, profile};
use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::detector::{Detector, LinkView, Queues, Site, Verdict};
use tinsel::model::uplink::Fluid;
use tinsel::simulation::result::{IncidentKind, ReplicationResult};
use tinsel::units::{BitRate, SimTime, Span};

const MEGABIT: BitRate = BitRate(1_000_000);
const BUFFER: u64 = 1_000_000;

fn start() -> SimTime {
    SimTime::from_unix_seconds(1_574_900_000)
}

/// Seconds after the start.
fn after(seconds: u64) -> SimTime {
    start() + Span::from_secs(seconds)
}

/// A link whose way up is offered twice what it carries from 1,000 s to 1,100 s, and nothing before and after.
fn verdicts(name: &str, priority: bool) -> Vec<(f64, Verdict)> {
    let site = Site {
        key: Key { seed: 4_971, replication: 0 },
        uplink: Entity::new("uplink", "full", "primary"),
        base_loss: 0.0,
        end: after(10_000),
    };
    let mut up = Fluid::new(start(), BUFFER);
    let mut down = Fluid::new(start(), BUFFER);
    up.set(start(), BitRate(0), MEGABIT);
    down.set(start(), BitRate(0), BitRate(100_000_000));
    let view = |up| LinkView {
        queues: Some(Queues { up, down, priority }),
        ..LinkView::healthy(start(), Span::from_millis(20))
    };
    let rule = profile(name).detector.expect("it probes");
    let mut link = view(up);
    let mut detector = Detector::new(&rule, site, start(), &link);
    let mut verdicts = Vec::new();
    for (until, offered) in [(1_000, 2_000_000), (1_100, 0), (2_000, 0)] {
        while detector.next() < after(until) {
            let now = detector.next();
            if let Some(verdict) = detector.handle(now, &link) {
                verdicts.push((now.since(start()).as_secs_f64(), verdict));
            }
        }
        up.set(after(until), BitRate(offered), MEGABIT);
        link = view(up);
        detector.link_changed(after(until), &link);
    }
    verdicts
}

#[test]
fn a_full_queue_is_taken_for_a_dead_link() {
    // Excess 1 Mbit/s: after s seconds a probe waits s seconds, up to 8 s (a megabyte).
    let found = verdicts("fortinet-sdwan", false);
    let [(down, Verdict::Down), (up, Verdict::Up)] = found[..] else { panic!("{found:?}") };
    // 480 ms of queue half a second after the beginning; five probes of half a second, and the timeout.
    assert!((1_002.4..1_003.6).contains(&down), "{down}");
    // 100 s later the eight seconds drain in eight; then five answers.
    assert!((1_109.0..1_110.6).contains(&up), "{up}");

    let found = verdicts("pfsense-dpinger", false);
    let [(down, Verdict::Down), (up, Verdict::Up)] = found[..] else { panic!("{found:?}") };
    // Answers later than two seconds count as lost. Before 21 % are lost, the mean of 120 round trips passes 500 ms only if
    // those received are slow: in the first two seconds there are four of them, which is too few.
    assert!((1_012.0..1_017.5).contains(&down), "{down}");
    // What was lost leaves the window a minute after, less the losses that are allowed, and ten checks.
    assert!((1_154.0..1_168.0).contains(&up), "{up}");
}

#[test]
fn probes_that_overtake_are_not_kept_waiting() {
    for name in ["fortinet-sdwan", "pfsense-dpinger", "opnsense-dpinger"] {
        assert_eq!(verdicts(name, true), [], "{name}");
    }
}

#[test]
fn slow_answers_alone_raise_the_alarm() {
    // 0.6 s of queue that stays: nothing is lost, everything is late.
    let site = Site {
        key: Key { seed: 4_971, replication: 1 },
        uplink: Entity::new("uplink", "slow", "primary"),
        base_loss: 0.0,
        end: after(10_000),
    };
    let rtt = Span::from_millis(20);
    let usual = LinkView::healthy(start(), rtt);
    let slow = LinkView { rtt: rtt + Span::from_millis(600), ..usual };
    let rule = profile("pfsense-dpinger").detector.expect("it probes");
    let mut detector = Detector::new(&rule, site, start(), &usual);
    detector.link_changed(after(1_000), &slow);
    let mut said = Vec::new();
    while detector.next() < after(1_200) {
        let now = detector.next();
        said.extend(
            detector.handle(now, &slow).map(|verdict| (verdict, now.since(after(1_000)).as_secs_f64())),
        );
    }
    // The mean of the window is 20 ms + 600 ms·n/120: above 500 ms from the 97th slow answer on, 48 s after the first.
    let [(Verdict::Down, at)] = said[..] else { panic!("{said:?}") };
    assert!((48.5..50.2).contains(&at), "{at}");
}

/// Shops with one megabit up and `offered` in opening hours, 08:00 to 20:00.
fn congested(profile: &'static str, offered: &str, timers: &'static str) -> String {
    let more = format!(
        "[formats.closed.traffic.uploads]\nup = \"{offered}\"\nlte = \"block\"\n\
         [formats.closed.hours]\nopen = \"08:00\"\nclose = \"20:00\"\n"
    );
    let text = Outage { profile, timers, stores: 20, more: &more, ..BLACKHOLE }.text();
    let (before, outage) = text.split_once("[[faults.scheduled]]").expect("it has an outage");
    let (_, more) = outage.split_once("\"10 min\"").expect("its length");
    format!("{before}{more}")
        .replace("rtt = \"1 ms\"", "rtt = \"20 ms\"\nup = \"1 Mbps\"\nbuffer = \"1 MB\"\nqueue = \"fifo\"")
}

fn run(profile: &'static str, offered: &str, timers: &'static str) -> ReplicationResult {
    replications(&congested(profile, offered, timers)).swap_remove(0)
}

#[test]
fn a_store_whose_traffic_exceeds_its_link_fails_over_for_no_fault() {
    for profile in ["fortinet-sdwan", "pfsense-dpinger", "opnsense-dpinger"] {
        let full = run(profile, "2 Mbps", "");
        assert!(full.incidents.iter().all(|row| row.kind == IncidentKind::FalseFailover), "{profile}");
        let stores: std::collections::BTreeSet<u32> = full.incidents.iter().map(|row| row.store.0).collect();
        assert_eq!(stores.len(), 20, "{profile}: every store");
        assert!(full.stores.iter().all(|store| store.false_failovers > 0), "{profile}");
        // As soon as the queue is half a second long, not before the doors open.
        let opens = SimTime::from_unix_seconds(1_574_863_200);
        let closes = opens + Span::from_secs(12 * 3_600);
        let memory = Span::from_secs(120);
        for row in &full.incidents {
            assert!(row.fault > opens && row.fault < closes + memory, "{profile}: {:?}", row.fault);
        }
        for (offered, timers) in [("500 kbps", ""), ("2 Mbps", "probe_priority = true")] {
            let run = run(profile, offered, timers);
            assert_eq!(run.incidents.len(), 0, "{profile}, {offered} {timers}");
        }
    }
}

/// Values of column `kind` of the table that the command writes.
fn kinds(text: &str) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (scenario, results) = (directory.path().join("scenario.toml"), directory.path().join("results"));
    fs::write(&scenario, text).expect("a file in a temporary directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tinsel"));
    let output =
        command.arg("run").arg(&scenario).arg("--out").arg(&results).output().expect("the command runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut table = csv::Reader::from_path(results.join("incidents.csv")).expect("a table of incidents");
    let column =
        table.headers().expect("a head").iter().position(|name| name == "kind").expect("a column `kind`");
    table.records().map(|row| row.expect("a row")[column].to_owned()).collect()
}

#[test]
fn the_table_of_incidents_says_which_failovers_were_false_and_which_late() {
    let kinds_of_full = kinds(&congested("pfsense-dpinger", "2 Mbps", ""));
    assert!(kinds_of_full.len() >= 20);
    assert!(kinds_of_full.iter().all(|kind| kind == "false_failover"));
    // 13 s are over before they are noticed, at 14 s or later; they stay in the window for a minute.
    for lasts in ["\"13 s\"", "\"13.9 s\""] {
        let late = kinds(&Outage { profile: "pfsense-dpinger", stores: 50, lasts, ..BLACKHOLE }.text());
        assert_eq!(late, vec!["late_failover"; 50], "{lasts}");
    }
    let some =
        kinds(&Outage { profile: "pfsense-dpinger", stores: 400, lasts: "\"15 s\"", ..BLACKHOLE }.text());
    let late = some.iter().filter(|kind| *kind == "late_failover").count();
    // Detection is 14 + U(0, 0.5) + U(0, 1) s: later than 15 s with probability 1/4, and no trial is lost.
    assert!((60..140).contains(&late), "{late} of 400");
    assert!(some.iter().all(|kind| kind == "late_failover" || kind == "failover"));
}
