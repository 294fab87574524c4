//! Services: a finite one that is large enough changes nothing; one that is too small, slow or down shows in the payments.

use super::shop::{NOON_S, SHOP, Shop, series};
use tinsel::simulation::result::{OnlineLoss, ReplicationResult, ServiceCounts};

fn total(run: &ReplicationResult, count: fn(&ServiceCounts) -> u64) -> u64 {
    run.services.iter().flat_map(|row| &row.intervals).map(count).sum()
}

/// Lost between two hours of the day, with an interval of one hour.
fn lost(run: &ReplicationResult, from: usize, to: usize) -> u64 {
    series(run, |cell| cell.payments_lost)[from..to].iter().sum()
}

#[test]
fn a_service_that_is_never_short_changes_nothing_but_its_own_rows() {
    let plain = Shop { stores: 3, ..SHOP }.run();
    let ample = Shop { stores: 3, more: "[services.processor]\nservers = 100", ..SHOP }.run();
    assert_eq!(format!("{:?}", plain.days), format!("{:?}", ample.days));
    assert_eq!(format!("{:?}", plain.timeline), format!("{:?}", ample.timeline));
    assert!(plain.services.is_empty());
    let payments: u64 = ample.stores.iter().map(|store| store.ledger.payments).sum();
    assert_eq!(total(&ample, |counts| counts.offered), payments);
    assert_eq!(total(&ample, |counts| counts.shed + counts.failed), 0);
}

const OUTAGE: &str = "[[services.processor.fault]]\nname = \"it\"\ntimezone = \"UTC\"\n\
                      at = \"2019-11-20 12:00\"\nduration = \"2 h\"\n";

#[test]
fn an_outage_loses_what_is_under_way_and_what_comes() {
    let run = Shop { interval: "1 s", more: OUTAGE, ..SHOP }.run();
    let (begun, lost) = (series(&run, |cell| cell.payments), series(&run, |cell| cell.payments_lost));
    for second in NOON_S..NOON_S + 7_000 {
        assert_eq!(lost[second + 30], begun[second], "begun at second {second}");
    }
    let ledger = &run.stores[0].ledger;
    assert_eq!(ledger.payments_lost, ledger.payments_lost_service);
    assert!(run.stores[0].lost_sales_network.0 > 0, "the twin has no outage");
    assert_eq!(run.stores[0].times.gap.as_secs_f64(), 7_200.0, "no payment gets an answer");
    assert_eq!(run.stores[0].times.dark.as_nanos(), 0, "the path was never broken");
    let [row] = &run.incidents[..] else { panic!("one incident: {:?}", run.incidents) };
    assert_eq!(
        (row.uplink, row.scope, row.lost_sales),
        ("service", "service", run.stores[0].lost_sales_network)
    );
}

#[test]
fn an_outage_hits_a_finite_service_at_the_same_instants() {
    let infinite = Shop { interval: "1 s", more: OUTAGE, ..SHOP }.run();
    // TOML wants the table before its list.
    let text = format!("[services.processor]\nservers = 100\n{OUTAGE}");
    let finite = Shop { more: Box::leak(text.into_boxed_str()), interval: "1 s", ..SHOP }.run();
    assert_eq!(format!("{:?}", infinite.days), format!("{:?}", finite.days));
}

#[test]
fn a_brownout_fails_its_share() {
    let more = "[[services.processor.fault]]\nname = \"it\"\nkind = \"brownout\"\nfailing = 0.25\ntimezone = \"UTC\"\n\
                at = \"2019-11-20 00:00\"\nduration = \"24 h\"\n";
    let run = Shop { stores: 5, more, ..SHOP }.run();
    let (lost, payments) = run.stores.iter().fold((0, 0), |(lost, payments), store| {
        (lost + store.ledger.payments_lost_service, payments + store.ledger.payments)
    });
    let expected = 0.25 * payments as f64;
    // Five standard deviations: fails once in 1.7 million seeds.
    assert!((lost as f64 - expected).abs() < 5.0 * (0.75 * expected).sqrt(), "{lost} of {payments}");
    let late = "[[services.processor.fault]]\nname = \"it\"\nkind = \"brownout\"\nlatency = \"2 s\"\ntimezone = \"UTC\"\n\
                at = \"2019-11-20 00:00\"\nduration = \"24 h\"\n";
    let run = Shop { more: late, ..SHOP }.run();
    let median = run.stores[0].payment_p50.expect("payments are answered") as f64 / 1e9;
    assert!((median - 2.52).abs() < 0.05, "{median}");
}

#[test]
fn a_standby_needs_a_way_to_be_told() {
    let standby = |control: &str| {
        let more = format!(
            "[services.processor.standby]\nenabled = true\ncontrol = \"{control}\"\nresync = \"10 min\"\n{}network = true\n",
            OUTAGE.replace("2 h", "4 h")
        );
        Shop { more: Box::leak(more.into_boxed_str()), ..SHOP }.run()
    };
    let (in_band, out_of_band) = (standby("in-band"), standby("out-of-band"));
    assert!(
        lost(&in_band, 13, 16) > 300,
        "nobody can activate it: the network that would carry the order is down"
    );
    assert_eq!(lost(&out_of_band, 13, 16), 0, "it serves 15 minutes after the outage has begun");
    let noon = lost(&out_of_band, 12, 13);
    assert!((15..45).contains(&noon), "about two a minute for 15 minutes: {noon}");
    // 10 minutes after the repair at 16:00 nobody serves for a minute.
    assert!(lost(&out_of_band, 16, 17) <= 8);
}

#[test]
fn a_second_acquirer_takes_over() {
    let shop = |payments: &'static str| {
        let more = format!("{OUTAGE}[services.other]\nservers = 100\n");
        Shop { payments, more: Box::leak(more.into_boxed_str()), ..SHOP }.run()
    };
    let alone = shop("retries = 1");
    assert!(lost(&alone, 12, 14) > 200);
    let second = shop("retries = 1\nsecond_acquirer = \"other\"");
    assert_eq!(lost(&second, 0, 24), 0, "the retry goes elsewhere");
    let known = shop("retries = 0\nsecond_acquirer = \"other\"\nsecond_detection = \"5 min\"");
    let lost = lost(&known, 12, 14);
    assert!((3..25).contains(&lost), "about two a minute for five minutes: {lost}");
}

/// 40 stores with 80 payments a minute at a service that can do 120, and ten minutes of four times the load at noon.
fn pulse(retries: u32) -> ReplicationResult {
    let payments = format!("retries = {retries}");
    let more = "[services.processor]\nservers = 1\nqueue_limit = 1000\n\
                [[surge]]\nname = \"pulse\"\nstart = \"2019-11-20 12:00\"\nramp = \"0 s\"\nplateau = \"10 min\"\n\
                decay = \"1 s\"\npeak = 4\n\
                [curves.falling]\nweights = [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0.1,0.1,0.1,0.1,0.1,0.1]\n";
    let shop = Shop { stores: 40, payments: Box::leak(payments.into_boxed_str()), more, ..SHOP };
    let text = shop
        .text()
        .replace("weekday = \"flat\"", "weekday = \"falling\"")
        .replace("timeout = \"30 s\"", "timeout = \"10 s\"")
        .replace("customers_per_day = 2880", "customers_per_day = 2232");
    super::lab::replications(&text).swap_remove(0)
}

#[test]
fn retries_keep_a_service_down_until_the_load_falls() {
    let (without, with) = (pulse(0), pulse(3));
    let share = |run: &ReplicationResult, hour: usize| {
        let payments = series(run, |cell| cell.payments)[hour];
        lost(run, hour, hour + 1) as f64 / payments as f64
    };
    assert!(share(&without, 12) > 0.2, "both suffer from the pulse");
    assert!(share(&without, 14) < 0.01, "without retries it is over soon");
    assert!(
        share(&with, 16) > 0.9,
        "four attempts a payment are 2.7 times what it can do: {}",
        share(&with, 16)
    );
    assert!(share(&with, 11) < 0.01, "before the pulse the same load was no trouble");
    assert!(share(&with, 22) < 0.01, "it ends when the load falls");
}

#[test]
fn overload_slows_a_service_and_makes_it_crash() {
    let more = |overload: &str| {
        let text = format!(
            "[services.processor]\nservers = 1\nqueue_limit = 100\n[services.processor.overload]\nbegins = \"2 s\"\n\
             full = \"10 s\"\n{overload}"
        );
        Shop { stores: 80, more: Box::leak(text.into_boxed_str()), ..SHOP }.run()
    };
    let (healthy, slow) = (more(""), more("efficiency = 0.5"));
    let done = |run: &ReplicationResult| total(run, |counts| counts.done) as f64;
    // 160 a minute come, 120 can be done: the queue is always full.
    assert!((done(&healthy) / 172_800.0 - 1.0).abs() < 0.01, "{}", done(&healthy));
    assert!((done(&slow) / 86_400.0 - 1.0).abs() < 0.02, "{}", done(&slow));
    assert!(total(&healthy, |counts| counts.shed) > 40_000);
    let crashing = more("crashes_per_hour = 2\nrestart = \"10 min\"");
    let crashes = total(&crashing, |counts| counts.crashes);
    // Down for ten minutes after each: 2 × 24 / (1 + 2 / 6) = 36.
    assert!((15..60).contains(&crashes), "{crashes}");
    assert!(total(&crashing, |counts| counts.failed) > 10_000);
}

#[test]
fn online_orders_load_a_service_by_their_own_clock() {
    let more = "[services.processor]\nservers = 50\n[online]\norders_per_day = 86400\ntimezone = \"UTC\"\n\
                [[services.processor.fault]]\nname = \"it\"\ntimezone = \"UTC\"\nat = \"2019-11-20 12:00\"\n\
                duration = \"1 h\"\n[[online.day]]\ndate = 2019-11-20\nfactor = 2\ncurve = \"online_cyber_monday\"\n";
    let run = Shop { more, ..SHOP }.run();
    let orders: Vec<u64> = run.services[0].intervals.iter().map(|counts| counts.orders).collect();
    // From 03:00 to midnight the day itself (7.7 % from 22:00 to 23:00), before it the night after a usual day.
    for (hour, share) in [(22, 2.0 * 0.077), (3, 2.0 * 0.001_76), (0, 0.019_58)] {
        let expected = 86_400.0 * share;
        let deviation = (orders[hour] as f64 - expected).abs();
        assert!(
            deviation < 5.0 * expected.sqrt() + 0.01 * expected,
            "hour {hour}: {} against {expected}",
            orders[hour]
        );
    }
    let lost: Vec<u64> = run.services[0].intervals.iter().map(|counts| counts.orders_lost).collect();
    assert_eq!(lost[12], orders[12], "an outage loses them all");
    assert_eq!(lost.iter().sum::<u64>(), lost[12]);
    let value = tinsel::units::Cents(16_800 * lost[12].cast_signed());
    let expected = OnlineLoss { cause: "it".to_owned(), oobm: false, orders: lost[12], sales: value };
    assert_eq!(run.services[0].online, [expected], "an order is $168");
}

#[test]
fn online_orders_are_lost_to_the_fault_to_the_queue_it_leaves_or_to_load_alone() {
    let causes = |more: &str| -> Vec<(String, bool)> {
        let run = Shop { more: Box::leak(more.to_owned().into_boxed_str()), ..SHOP }.run();
        let lost = run.services[0].intervals.iter().map(|counts| counts.orders_lost).sum::<u64>();
        assert_eq!(run.services[0].online.iter().map(|loss| loss.orders).sum::<u64>(), lost);
        run.services[0].online.iter().map(|loss| (loss.cause.clone(), loss.oobm)).collect()
    };
    let online = "[online]\norders_per_day = 86400\ntimezone = \"UTC\"\n";
    // Orders of half a second, two a second in the evening: one server is too few then, two are not.
    let one = causes(&format!("[services.processor]\nservers = 1\nqueue_limit = 100\n{online}"));
    assert_eq!(one, [(String::new(), false)], "nothing happened but load");
    let brownout = "signature = \"partial-loss\"\nloss = 0.5\n";
    let two = causes(&format!("[services.processor]\nservers = 3\n{online}{SCHEDULED}{brownout}"));
    assert_eq!(two, [("it".to_owned(), false)]);
    let standby = "[services.processor.standby]\nenabled = true\nlatency = \"0 s\"\n";
    let cut = format!("[services.processor]\nservers = 3\n{standby}{online}{SCHEDULED}network = true\n");
    assert_eq!(causes(&cut), [("it".to_owned(), true)], "an order out of band would have got through");
}

#[test]
fn a_site_of_its_own_is_run_though_no_store_asks_it() {
    let more = "[services.site]\nservers = 3\nqueue_limit = 6\n[online]\nservice = \"site\"\nservice_time = \"4 s\"\n\
                orders_per_day = 86400\ncurve = \"flat\"\ntimezone = \"UTC\"\n";
    let run = Shop { more, ..SHOP }.run();
    let [site] = &run.services[..] else { panic!("one finite service: {:?}", run.services.len()) };
    assert_eq!(site.intervals.len(), 24);
    // One order a second, four seconds each, three servers: a quarter is refused, and the others wait for about 8 s.
    let share = total(&run, |counts| counts.shed) as f64 / 86_400.0;
    assert!((share - 0.25).abs() < 0.02, "{share}");
    let lost = total(&run, |counts| counts.orders_lost) as f64 / 86_400.0;
    assert!((lost - (0.25 + 0.75 * 0.365)).abs() < 0.02, "{lost}");
    assert_eq!(run.stores[0].lost_sales_network.0, 0);
}

#[test]
fn overload_is_a_loss_to_the_network_and_the_summary_tells_it() {
    let more =
        "[services.processor]\nservers = 1\nqueue_limit = 50\n[services.processor.standby]\nenabled = true\n";
    let shop = Shop { stores: 80, more, ..SHOP };
    let scenario = super::lab::scenario(&shop.text());
    let result = super::lab::outcome(&scenario);
    let summary = tinsel::report::summary::Summary::new(&scenario, &result);
    let value = |name: &str| {
        let metric = summary.metric("services", name).unwrap_or_else(|| panic!("{name}"));
        metric.value.expect("a value").estimate
    };
    // 160 a minute come, 120 can be done.
    assert!(value("processor_load_mean") > 0.99, "{}", value("processor_load_mean"));
    assert!(value("processor_above_capacity") > 80_000.0, "{}", value("processor_above_capacity"));
    assert!((value("processor_requests_refused_share") - 0.25).abs() < 0.01);
    assert_eq!(value("processor_standby_activations"), 0.0);
    let lost: i64 = result.replications[0].stores.iter().map(|store| store.lost_sales_network.0).sum();
    assert!(lost > 0, "a perfect network is never short of anything");
    assert!(value("payments_lost_service") > 10_000.0);
    let unexplained: i64 = result.replications[0]
        .losses
        .iter()
        .filter(|loss| loss.stage.name() == "unattributed")
        .map(|loss| loss.part.lost_sales.0)
        .sum();
    assert!(
        unexplained.abs() * 100 < lost,
        "{unexplained} of {lost}: who leaves the queue leaves because of the service"
    );
}

/// An outage of two hours at noon, scheduled as a fault of scope `service`.
const SCHEDULED: &str = "[[faults.scheduled]]\nname = \"it\"\nscope = \"service\"\n\
                         at = \"2019-11-20 12:00\"\nduration = \"2 h\"\n";

fn with(payments: &'static str, more: &str) -> ReplicationResult {
    Shop { stores: 3, payments, more: Box::leak(more.to_owned().into_boxed_str()), ..SHOP }.run()
}

#[test]
fn a_fault_of_scope_service_is_the_services_own() {
    for capacity in ["", "[services.processor]\nservers = 100\n"] {
        let own = with("retries = 1", &format!("{capacity}{OUTAGE}"));
        let scheduled = with("retries = 1", &format!("{capacity}{SCHEDULED}"));
        assert_eq!(format!("{:?}", own.days), format!("{:?}", scheduled.days));
        assert_eq!(format!("{:?}", own.services), format!("{:?}", scheduled.services));
        assert_eq!(format!("{:?}", own.incidents), format!("{:?}", scheduled.incidents));
        assert_eq!(scheduled.incidents.len(), 3, "one at each store");
    }
    let finite = with("retries = 1", &format!("[services.processor]\nservers = 100\n{SCHEDULED}"));
    let unserved = total(&finite, |counts| counts.offered) - total(&finite, |counts| counts.done);
    assert_eq!(total(&finite, |counts| counts.failed), unserved);
    assert!(total(&finite, |counts| counts.failed) > 1_000, "both attempts of each payment");
}

#[test]
fn a_standby_takes_over_from_a_scheduled_fault_and_the_incident_ends() {
    let standby = "[services.processor.standby]\nenabled = true\nresync = \"10 min\"\nlatency = \"0 s\"\n";
    let run = with("retries = 0", &format!("{standby}{SCHEDULED}"));
    let minutes: Vec<(u64, u64)> = run
        .incidents
        .iter()
        .filter(|row| row.store.0 == 0)
        .map(|row| {
            let minute =
                |at: tinsel::units::SimTime| at.since(run.timeline.start).as_nanos() / 60_000_000_000;
            (minute(row.fault), minute(row.repaired.expect("it ends")))
        })
        .collect();
    // Noticed and activated within 12 minutes; traffic goes back 10 minutes after the repair, and nobody serves for one.
    assert_eq!(minutes, [(720, 732), (850, 851)]);
    let of_incidents: u64 = run.incidents.iter().map(|row| row.payments_lost).sum();
    let lost: u64 = run.stores.iter().map(|store| store.ledger.payments_lost).sum();
    assert_eq!(of_incidents, lost, "all that is lost is the outage's");
    assert!(lost > 0);
    let stranded = with("retries = 0", &format!("{standby}{SCHEDULED}network = true\n"));
    assert!(stranded.stores[0].ledger.payments_lost > 5 * run.stores[0].ledger.payments_lost);
}

#[test]
fn either_acquirer_may_be_named() {
    let other = "[services.other]\nservers = 100\n";
    let second = "retries = 1\nsecond_acquirer = \"other\"";
    let of_other = format!("{other}{SCHEDULED}service = \"other\"\n");
    let unneeded = with(second, &of_other);
    let lost =
        |run: &ReplicationResult| run.stores.iter().map(|store| store.ledger.payments_lost).sum::<u64>();
    assert_eq!(lost(&unneeded), 0, "nobody asks the second acquirer");
    assert!(unneeded.incidents.iter().all(|row| row.kind.name() == "masked"), "{:?}", unneeded.incidents);
    assert_eq!(unneeded.stores[0].times.gap.as_nanos(), 0);
    let both = with(second, &format!("{of_other}{}", SCHEDULED.replace("\"it\"", "\"too\"")));
    assert!(lost(&both) > 500, "both are down: {}", lost(&both));
    let first = with(second, &format!("{other}{SCHEDULED}"));
    assert_eq!(lost(&first), 0, "the retry goes elsewhere");
    // Until the second acquirer is asked at once.
    assert_eq!(first.stores[0].times.gap.as_secs_f64(), 60.0);
}

#[test]
fn a_brownout_takes_capacity_and_retries_do_the_rest() {
    // 6 payments a minute of half a second each, and a tenth of one server left for an hour: 12 a minute can do no more than 12.
    let text = |loss: f64| {
        format!(
            "[services.processor]\nservers = 1\n{SCHEDULED}signature = \"partial-loss\"\nloss = {loss}\n\
             capacity = 0.04\n"
        )
    };
    let slow = with("retries = 2", &text(0.0));
    let lost = lost(&slow, 12, 14) as f64;
    let begun: u64 = series(&slow, |cell| cell.payments)[12..14].iter().sum();
    assert!(lost / begun as f64 > 0.5, "{lost} of {begun}");
    assert!(total(&slow, |counts| counts.offered) > 9_000, "three attempts of many");
    assert!(slow.stores[0].lost_sales_network.0 > 0, "the twin's service is never short");
}

#[test]
fn a_part_of_the_stores_may_lose_their_way_into_a_service() {
    let more = format!("{SCHEDULED}stores = [\"S0001\"]\n");
    let run = with("retries = 0", &more);
    let lost: Vec<u64> = run.stores.iter().map(|store| store.ledger.payments_lost).collect();
    assert_eq!(lost.iter().filter(|&&lost| lost > 100).count(), 1, "{lost:?}");
    assert_eq!(run.incidents.len(), 1);
    let second = format!("{more}[services.other]\nservers = 100\n");
    let known = with("retries = 0\nsecond_acquirer = \"other\"\nsecond_detection = \"5 min\"", &second);
    let lost: u64 = known.stores.iter().map(|store| store.ledger.payments_lost).sum();
    assert!((3..25).contains(&lost), "about two a minute for five minutes: {lost}");
}

#[test]
fn a_queue_longer_than_a_terminal_waits_is_a_service_gap() {
    // From the beginning 160 come a minute and 120 can be done: after a minute and a half the next would wait for 30 s.
    let more = "[services.processor]\nservers = 1\nqueue_limit = 1000\n";
    let run = Shop { stores: 80, more, ..SHOP }.run();
    for store in &run.stores {
        let gap_s = store.times.gap.as_secs_f64();
        assert!((86_200.0..86_390.0).contains(&gap_s), "{gap_s}");
        assert_eq!(store.times.gap, run.stores[0].times.gap, "all of them hear of it at once");
    }
}
