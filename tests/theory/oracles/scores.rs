//! mwan3's score, cycle by cycle: one good cycle on the way down refills it, one bad cycle on the way up empties it (failover
//! reference, oracle T5). Exact: the link changes while the loop sleeps.

use super::outages::profile;
use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::units::{SimTime, Span};

const RTT: Span = Span::from_millis(20);
const SECOND: Span = Span::from_secs(1);
/// A ping without an answer, and the sleep between cycles.
const TIMEOUT: Span = Span::from_secs(4);
const INTERVAL: Span = Span::from_secs(10);

/// A detector with one target over a link that the test turns on and off.
struct Bench {
    detector: Detector,
    link: LinkView,
    verdicts: Vec<(SimTime, Verdict)>,
}

impl Bench {
    /// Dead from `fault` on.
    fn dead_at(fault: SimTime) -> Self {
        let start = SimTime::from_unix_seconds(1_574_900_000);
        let link = LinkView::healthy(start, RTT);
        let key = Key { seed: 5, replication: 0 };
        let site = Site {
            key,
            uplink: Entity::new("uplink", "score", "primary"),
            base_loss: 0.0,
            end: start + SECOND.times(10_000),
        };
        let rule = profile("mwan3-single-ip").detector.expect("it probes");
        let detector = Detector::new(&rule, site, start, &link);
        assert_eq!(detector.next(), SimTime::NEVER, "nothing happens on a clean link");
        let mut bench = Bench { detector, link, verdicts: Vec::new() };
        bench.turn(fault, false);
        bench
    }

    /// Goes on to `now`, where the link changes.
    fn turn(&mut self, now: SimTime, alive: bool) {
        self.run_to(now);
        self.link = LinkView { alive, since: now, ..self.link };
        self.detector.link_changed(now, &self.link);
    }

    fn run_to(&mut self, end: SimTime) {
        while self.detector.next() < end {
            let now = self.detector.next();
            if let Some(verdict) = self.detector.handle(now, &self.link) {
                self.verdicts.push((now, verdict));
            }
        }
    }
}

fn at(seconds: u64) -> SimTime {
    SimTime::from_unix_seconds(1_574_901_000 + seconds)
}

/// When the first ping after `fault` is sent.
fn first_ping(fault: SimTime) -> SimTime {
    let bench = Bench::dead_at(fault);
    bench.detector.next()
}

/// Beginning of bad cycle `number` (from 0) of a row that began at `first`.
fn bad_cycle(first: SimTime, number: u64) -> SimTime {
    first + (TIMEOUT + INTERVAL).times(number)
}

#[test]
fn five_bad_cycles_bring_it_down() {
    let first = first_ping(at(0));
    let mut bench = Bench::dead_at(at(0));
    bench.run_to(at(200));
    assert_eq!(bench.verdicts, [(bad_cycle(first, 4) + TIMEOUT, Verdict::Down)]);
}

#[test]
fn one_good_cycle_on_the_way_down_begins_the_count_anew() {
    let first = first_ping(at(0));
    for bad in 1..5 {
        let mut bench = Bench::dead_at(at(0));
        let good = bad_cycle(first, bad);
        bench.turn(good.saturating_sub(SECOND), true);
        bench.turn(good + SECOND, false);
        let again = good + RTT + INTERVAL;
        bench.run_to(again + SECOND.times(200));
        assert_eq!(
            bench.verdicts,
            [(bad_cycle(again, 4) + TIMEOUT, Verdict::Down)],
            "after {bad} bad cycles"
        );
    }
}

#[test]
fn one_bad_cycle_on_the_way_up_begins_the_count_anew() {
    let first = first_ping(at(0));
    let good_cycle = RTT + INTERVAL;
    for good in 0..5 {
        let mut bench = Bench::dead_at(at(0));
        // Down since the fifth; alive from the seventh on.
        let alive = bad_cycle(first, 6);
        bench.turn(alive.saturating_sub(SECOND), true);
        let bad = alive + good_cycle.times(good);
        bench.turn(bad.saturating_sub(SECOND.times(2)), false);
        bench.turn(bad + TIMEOUT + SECOND, true);
        let again = bad_cycle(bad, 1);
        bench.run_to(again + SECOND.times(200));
        let down = (bad_cycle(first, 4) + TIMEOUT, Verdict::Down);
        let up = (again + good_cycle.times(4) + RTT, Verdict::Up);
        assert_eq!(bench.verdicts, [down, up], "after {good} good cycles");
    }
}
