//! Closed forms of timers.

use super::*;

fn seconds(ladder: &Ladder, after: f64) -> Option<f64> {
    ladder.next(Span::from_secs_f64(after)).map(Span::as_secs_f64)
}

#[test]
fn strongswan_retransmits_five_times_and_gives_up_after_165_s() {
    let ladder = Ladder::of_retries(Span::from_secs(4), 1.8, 5);
    assert!((ladder.gives_up.as_secs_f64() - 165.061_12).abs() < 1e-6, "{:?}", ladder.gives_up);
    let tries: Vec<f64> =
        [0.0, 0.1, 4.1, 11.3, 24.2, 47.6].iter().filter_map(|&after| seconds(&ladder, after)).collect();
    for (found, expected) in tries.iter().zip([0.0, 4.0, 11.2, 24.16, 47.488, 89.478_4]) {
        assert!((found - expected).abs() < 1e-6, "{tries:?}");
    }
    assert_eq!(seconds(&ladder, 90.0), None, "no further message before it is given up");
}

#[test]
fn linux_gives_established_connections_up_after_924_6_s_and_new_ones_after_127_s() {
    let data = Ladder::of_data(TCP_GIVES_UP);
    // The last of fifteen retransmissions is 120 s before the end.
    assert_eq!(seconds(&data, 800.0).map(|at| (at * 1e6).round()), Some(804.6e6));
    assert_eq!(seconds(&data, 804.7), None);
    let counted = (0..).scan(Span::ZERO, |after, _| {
        let at = data.next(*after)?;
        *after = at + Span::from_nanos(1);
        Some(at)
    });
    assert_eq!(counted.count(), 16, "the message and fifteen retransmissions");
    let first = Ladder::of_first_packet(Span::from_secs(127));
    assert_eq!(seconds(&first, 31.5), Some(63.0));
    assert_eq!(seconds(&first, 63.5), None);
}

#[test]
fn whoever_begins_anew_goes_on_in_series() {
    let ladder = Ladder::of_first_packet(Span::from_secs(127));
    let begun = SimTime::from_unix_seconds(1_000);
    let next = |after: u64| ladder.next_of_series(begun, begun + Span::from_secs(after));
    let at = |after: u64| begun + Span::from_secs(after);
    assert_eq!(next(5), (at(7), at(0)));
    assert_eq!(next(64), (at(127), at(127)));
    assert_eq!(next(128), (at(128), at(127)));
    assert_eq!(next(260), (at(254 + 7), at(254)));
}
