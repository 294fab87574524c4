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

/// Sales logs of 1 Mbit/s, day and night, that pile up; over LTE as `lte` says.
fn logs(lte: &str) -> String {
    format!(
        "[formats.shop.traffic.sales_log]\nup = \"1 Mbps\"\nopen_hours_only = false\npiles_up = true\nlte = \"{lte}\"\n"
    )
}

/// What became of the data of the one store, in bits.
fn data(run: &ReplicationResult) -> (u64, u64, u64) {
    let row = run.stores[0].resynced;
    (row.piled, row.caught_up, row.over_lte)
}

#[test]
fn data_that_piled_up_is_caught_up_in_its_volume_over_the_bound() {
    // 1 Mbit/s for half an hour, then at most 1 % of 200 Mbit/s: a quarter of an hour.
    let run = cut(WIRED, "data_share = \"1 %\"", 0, &logs("allow"));
    let bits = 1_800 * 1_000_000;
    assert_eq!(data(&run), (bits, bits, 0));
    assert_eq!(run.incidents[0].resync_done, Some(clock(45_000 + 900)));
    // All there is: what other traffic leaves of the link.
    let run = cut(WIRED, "data_share = 1", 0, &logs("allow"));
    let done = run.incidents[0].resync_done.expect("caught up");
    assert!(done < clock(45_000 + 30) && done > clock(45_000 + 9), "{done:?}");
}

#[test]
fn what_had_not_been_caught_up_when_the_path_was_cut_again_waits() {
    let again = "[[faults.scheduled]]\nname = \"again\"\nat = \"2019-11-20 12:40\"\nduration = \"20 min\"\n";
    let run = cut(WIRED, "data_share = \"1 %\"", 0, &format!("{again}{}", logs("allow")));
    // Half an hour's, ten minutes at twice the rate, and twenty minutes' more: 1.8 Gbit from 13:00 on.
    let bits = (1_800 + 1_200) * 1_000_000;
    assert_eq!(data(&run), (bits, bits, 0));
    for row in &run.incidents {
        assert_eq!(row.resync_done, Some(clock(46_800 + 900)), "{}", row.number);
    }
}

#[test]
fn data_goes_over_lte_only_if_policy_says_so_and_burns_the_plan() {
    let shop = Shop { topology: "in-router", ..SHOP };
    let of = |word: &str, more: &str| {
        let resync = format!("over_lte = \"{word}\"\ndata_share = \"10 %\"");
        cut(shop, &resync, 1_000, &format!("{}{more}", logs("block")))
    };
    let [all, payments, nothing] = ["allow", "payments-only", "block"].map(|word| of(word, ""));
    let bytes = |run: &ReplicationResult| run.stores[0].times.lte_bytes;
    let (piled, caught_up, over_lte) = data(&all);
    assert_eq!(piled, caught_up);
    // From the failover on as much as comes up.
    assert!(over_lte > 1_700 * 1_000_000 && over_lte <= piled, "{over_lte} of {piled}");
    assert!(
        (bytes(&all) - bytes(&payments)).abs_diff(over_lte / 8) < 2,
        "{} {}",
        bytes(&all),
        bytes(&payments)
    );
    assert_eq!((data(&payments).2, data(&nothing).2), (0, 0));
    let replayed = payments.stores[0].ledger.replayed;
    assert_eq!(bytes(&payments) - bytes(&nothing), 10_000 * replayed);
    // What waited for the primary is caught up there, at a tenth of 200 Mbit/s.
    let row = &payments.incidents[0];
    let back = row.failback.expect("traffic is back");
    let takes = row.resync_done.expect("all is made up for").since(back).as_secs_f64();
    let expected = data(&payments).0 as f64 / 20e6;
    assert!((takes - expected).abs() < 1e-6, "{takes} s, expected {expected} s");
    // The log alone takes 225 MB.
    let text = |word: &str| {
        let more = format!(
            "[resync]\nover_lte = \"{word}\"\n{}\n[[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\n\
             duration = \"30 min\"\n[plans.p]\ncap = \"200 MB\"\nthrottle = \"128 kbps\"\n",
            logs("block")
        );
        let shop = Shop { more: Box::leak(more.into_boxed_str()), ..shop };
        shop.text().replace("sales_spread = 0", "sales_spread = 0\nplan = \"p\"")
    };
    let slowed = ["allow", "payments-only"].map(|word| {
        let run = super::lab::replications(&text(word)).swap_remove(0);
        run.stores[0].slowed
    });
    assert!(slowed[0].is_some() && (slowed[1].is_none() || slowed[0] < slowed[1]), "{slowed:?}");
}

#[test]
fn replayed_payments_are_work_for_the_service() {
    let of = |rate: &str, more: &str| {
        let services = format!("[services.processor]\nservers = 40\nqueue_limit = 10000\n{more}");
        cut(WIRED, &format!("payments_per_s = {rate}"), 1_000, &services)
    };
    let offered = |run: &ReplicationResult| {
        run.services[0].intervals.iter().map(|interval| interval.offered).sum::<u64>()
    };
    let (fast, slow) = (of("1", ""), of("0.001", ""));
    let replayed = |run: &ReplicationResult| run.stores[0].ledger.replayed;
    assert!(replayed(&fast) > replayed(&slow));
    assert_eq!(offered(&fast) - offered(&slow), replayed(&fast) - replayed(&slow));
    // One that fails half of its attempts is asked twice in the mean.
    let brownout = "[[services.processor.fault]]\nname = \"limps\"\nkind = \"brownout\"\nfailing = 0.5\ntimezone = \"UTC\"\n\
         at = \"2019-11-20 12:15\"\nduration = \"1 h\"\n";
    let limping = of("1", brownout);
    assert_eq!(replayed(&limping), limping.stores[0].ledger.authorized_offline);
    let (good, bad) = (fast.incidents[0].resync_done, limping.incidents[0].resync_done);
    assert!(bad > good, "{bad:?} after {good:?}");
}
