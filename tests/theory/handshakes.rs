//! Two ends that agree that a link is up agree once: on a link without loss, hellos in whatever order, a session that has come up
//! stays up.

use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::scenario::{library, resolved};
use tinsel::units::{SimTime, Span};

/// Enough to meet hellos that cross within a round trip: of the first version, one run in three thousand fell again.
const RUNS: u64 = 20_000;

fn rule(profile: &str) -> resolved::Detector {
    let known = library().into_iter().find(|known| known.name == profile);
    known.and_then(|known| known.detector).expect("a profile with a rule")
}

fn verdicts(parameters: &resolved::Detector, run: u64) -> Vec<Verdict> {
    let start = SimTime::from_unix_seconds(1_574_900_100);
    let site = Site {
        key: Key { seed: 1, replication: run },
        uplink: Entity::new("uplink", "agreed", "primary"),
        base_loss: 0.0,
        end: start + Span::from_secs(10_000),
    };
    let healthy = LinkView::healthy(start, Span::from_millis(20));
    let mut detector = Detector::new(parameters, site, start, &healthy);
    let mut heard = Vec::new();
    let mut until = |detector: &mut Detector, link: &LinkView, end: SimTime| {
        while detector.next() < end {
            heard.extend(detector.handle(detector.next(), link));
        }
    };
    let fault = start + Span::from_nanos(100_000_000_000 + run * 7_919_131 % 977_000_003);
    let dead = healthy.dead(fault);
    detector.link_changed(fault, &dead);
    let repair = fault + Span::from_secs(100);
    until(&mut detector, &dead, repair);
    let alive = LinkView { since: repair, ..healthy };
    detector.link_changed(repair, &alive);
    until(&mut detector, &alive, repair + Span::from_secs(200));
    heard
}

#[test]
fn a_session_over_a_link_without_loss_comes_up_once() {
    for (profile, runs) in [("bfd-300x3", RUNS), ("ospf", RUNS / 10), ("vrrp", RUNS / 10)] {
        let parameters = rule(profile);
        for run in 0..runs {
            assert_eq!(verdicts(&parameters, run), [Verdict::Down, Verdict::Up], "{profile}, run {run}");
        }
    }
}
