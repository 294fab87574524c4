//! Ladders of retries whose lengths are known (failover reference, oracle T8): strongSwan's, TCP's, a modem's.

use super::outages::profile;
use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::bring_up::after_failure;
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::model::session::{Progress, Reconnection, timeouts};
use tinsel::scenario::resolved::{self, Session};
use tinsel::scenario::shipped_lte;
use tinsel::units::{SimTime, Span};

fn start() -> SimTime {
    SimTime::from_unix_seconds(1_574_900_000)
}

#[test]
fn strongswan_gives_up_after_165_seconds() {
    let mut rule = profile("strongswan-dpd").detector.expect("it probes");
    let resolved::Detector::IdleCheck(resolved::IdleCheck { idle, clock, .. }) = &mut rule else {
        panic!("it checks when idle")
    };
    *clock = Span::ZERO;
    let idle = *idle;
    let key = Key { seed: 8, replication: 0 };
    let uplink = Entity::new("uplink", "tunnel", "primary");
    let site = Site { key, uplink, base_loss: 0.0, end: start() + Span::from_secs(10_000) };
    let healthy = LinkView::healthy(start(), Span::from_millis(20));
    let mut detector = Detector::new(&rule, site, start(), &healthy);
    let fault = start() + Span::from_secs(1_234);
    let dead = healthy.dead(fault);
    detector.link_changed(fault, &dead);
    let mut tries = Vec::new();
    let down = loop {
        let now = detector.next();
        let said = detector.handle(now, &dead);
        let after = now.since(fault + idle).as_secs_f64();
        if tries.last().is_none_or(|&last: &f64| after - last > 1.0) {
            tries.push(after);
        }
        if said == Some(Verdict::Down) {
            break now;
        }
    };
    let down = down.since(fault + idle).as_secs_f64();
    assert!((down - 165.1).abs() < 0.05, "{down}");
    // 4·1.8ᵏ, one after the other; what was heard in between is when an answer would have come.
    for known in [4.0, 11.2, 24.2, 47.5, 89.5, 165.1] {
        assert!(tries.iter().any(|tried| (tried - known).abs() < 0.06), "{known} in {tries:?}");
    }
}

#[test]
fn tcp_gives_a_segment_up_after_924_seconds() {
    // tcp_retries2: 15 retransmissions, and the wait for the answer to the last; 0.2 s doubling up to 120 s.
    let waits: Vec<Span> = timeouts(Span::ZERO).take(16).collect();
    let total: f64 = waits.iter().map(|wait| wait.as_secs_f64()).sum();
    assert!((total - 924.6).abs() < 1e-9, "{total}");
    assert_eq!(waits[..3], [200, 400, 800].map(Span::from_millis));
    assert_eq!(waits[15], Span::from_secs(120));
}

#[test]
fn a_first_packet_is_given_up_after_127_seconds() {
    // tcp_syn_retries: 6, one second doubling; the classic ladder, without linear timeouts.
    let session = Session {
        start: Span::ZERO,
        retry: Span::from_secs(1),
        retry_linear: 0,
        attempt: Span::from_secs(1_000),
        messages: 1,
        collision: 0.0,
        collision_pause: Span::ZERO,
    };
    let uplink = Entity::new("uplink", "session", "primary");
    // A packet that arrives once in a million is not among these few.
    let link = LinkView { fault_loss: 1.0 - 1e-6, ..LinkView::healthy(start(), Span::from_millis(20)) };
    let mut ladder = Reconnection::new(session, Key { seed: 8, replication: 0 }, uplink, 0.0);
    ladder.end(start(), Some(start() + Span::from_secs(100_000)), &link);
    let mut sent = Vec::new();
    while sent.len() < 8 {
        let now = ladder.next();
        assert_eq!(ladder.handle(now, &link), Progress::Trying);
        sent.push(now.since(start()).as_secs_f64());
    }
    // The first packet goes out as the session ends; then six more, and the wait for the answer to the last ends at 127 s.
    assert_eq!(sent[..7], [1.0, 3.0, 7.0, 15.0, 31.0, 63.0, 127.0]);
}

#[test]
fn a_modem_waits_115_seconds_for_five_attempts_and_then_twelve_minutes() {
    let (lte, _) = shipped_lte();
    let pauses: Vec<Span> = (1..=5).map(|failures| after_failure(&lte.bring_up, failures)).collect();
    let seconds = |spans: &[Span]| spans.iter().map(|span| span.as_secs_f64()).sum::<f64>();
    // Five times T3410 (15 s), four times T3411 (10 s), and T3402.
    assert_eq!(seconds(&pauses), 115.0 + 720.0);
    assert_eq!(seconds(&pauses[..4]), 100.0);
    assert_eq!(after_failure(&lte.bring_up, 6), pauses[0], "the count begins anew");
}
