//! Payments approved offline are replayed at a bounded rate, over the path that policy allows, and make room as they go.

use super::shop::{SHOP, Shop};
use tinsel::simulation::result::ReplicationResult;
use tinsel::units::{SimTime, Span};

/// 20 November 2019, this many seconds after midnight UTC.
fn clock(seconds: u64) -> SimTime {
    SimTime::from_unix_seconds(1_574_208_000 + seconds)
}

/// One cut from noon for half an hour (and perhaps more), offline authorization, `[resync]` with these keys.
fn cut(shop: Shop, resync: &str, count_max: u32, more: &str) -> ReplicationResult {
    let more = format!(
        "[resync]\n{resync}\n[formats.shop.offline]\nenabled = true\nfloor_limit = \"$100\"\ncount_max = {count_max}\n\
         [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"30 min\"\n{more}"
    );
    Shop { more: Box::leak(more.into_boxed_str()), ..shop }.run()
}

const WIRED: Shop = Shop { profile: "cradlepoint-default-off", ..SHOP };

#[test]
fn replay_takes_the_backlog_over_the_rate() {
    for (rate, interval_s) in [("0.25", 4), ("2", 0)] {
        let run = cut(WIRED, &format!("payments_per_s = {rate}"), 1_000, "");
        let (row, ledger) = (&run.incidents[0], &run.stores[0].ledger);
        assert!(ledger.authorized_offline > 30);
        assert_eq!(ledger.replayed, ledger.authorized_offline);
        assert_eq!(row.stored, ledger.authorized_offline);
        if interval_s > 0 {
            // What hangs when the path returns is stored in the next half minute, while the replay goes on.
            let takes = Span::from_secs(interval_s).times(ledger.authorized_offline);
            assert_eq!(row.resync_done, Some(clock(45_000) + takes));
        }
    }
}

#[test]
fn room_is_made_payment_by_payment() {
    // The first replayed payment goes out 100 s after the path returned, 20 s before it is cut again.
    let again = "[[faults.scheduled]]\nname = \"again\"\nat = \"2019-11-20 12:32\"\nduration = \"20 min\"\n";
    let run = cut(WIRED, "payments_per_s = 0.01", 10, again);
    let ledger = &run.stores[0].ledger;
    assert!(ledger.payments_lost > 50, "{ledger:?}");
    assert_eq!((ledger.authorized_offline, ledger.replayed), (11, 11));
    let done = run.incidents.iter().filter_map(|row| row.resync_done).max();
    assert_eq!(done, Some(clock(46_320 + 1_000)), "ten payments after 12:52");
}

#[test]
fn replayed_payments_burn_lte_data_unless_they_wait_for_the_primary() {
    let shop = Shop { stores: 50, topology: "in-router", ..SHOP };
    let [allowed, blocked] =
        ["allow", "block"].map(|word| cut(shop, &format!("over_lte = \"{word}\""), 1_000, ""));
    let bytes = |run: &ReplicationResult| run.stores.iter().map(|store| store.times.lte_bytes).sum::<u64>();
    let replayed =
        |run: &ReplicationResult| run.stores.iter().map(|store| store.ledger.replayed).sum::<u64>();
    assert!(replayed(&allowed) > 3);
    assert_eq!(replayed(&allowed), replayed(&blocked));
    assert_eq!(bytes(&allowed) - bytes(&blocked), 10_000 * replayed(&allowed), "5 kB each way");
    for (before, after) in allowed.incidents.iter().zip(&blocked.incidents) {
        let (Some(before), Some(after)) = (before.resync_done, after.resync_done) else { continue };
        assert!(before < clock(45_000) && after > clock(45_000), "on LTE at once, or with the primary");
    }
}
