//! Where losses are booked: each stage in a shop where it can be counted by hand, and sums to the cent where it cannot.

use std::collections::BTreeMap;

use super::lab::replications;
use super::shop::{NOON_S, SHOP, Shop, series};
use tinsel::simulation::result::{Helped, LossStage, ReplicationResult};
use tinsel::units::{Cents, SimTime};

/// 20 November 2019, midnight UTC.
const MIDNIGHT_S: u64 = 1_574_208_000;
/// Every basket in these shops.
const BASKET: i64 = 6_000;

/// Lost payments and sales by incident and stage.
fn stages(run: &ReplicationResult) -> BTreeMap<(u32, LossStage), (u64, Cents)> {
    let mut stages: BTreeMap<(u32, LossStage), (u64, Cents)> = BTreeMap::new();
    for loss in &run.losses {
        let entry = stages.entry((loss.incident, loss.stage)).or_default();
        entry.0 += loss.part.payments_lost;
        entry.1 += loss.part.lost_sales;
    }
    stages.retain(|_, lost| *lost != (0, Cents(0)));
    stages
}

/// What so many lost payments come to where nobody has cash and nobody leaves the queue.
fn all_of(payments: u64) -> (u64, Cents) {
    (payments, Cents(payments as i64 * BASKET))
}

fn second_of(at: Option<SimTime>) -> usize {
    (at.expect("reached").as_nanos() / 1_000_000_000 - MIDNIGHT_S) as usize
}

/// Payments begun from second `from` on and before `to`.
fn begun(run: &ReplicationResult, from: usize, to: usize) -> u64 {
    series(run, |cell| cell.payments)[from..to].iter().sum()
}

fn only(run: &ReplicationResult, stage: LossStage) -> u64 {
    let lost = run.stores.iter().map(|store| store.ledger.payments_lost).sum();
    assert!(lost > 30, "{lost} payments are lost");
    assert_eq!(stages(run), BTreeMap::from([((1, stage), all_of(lost))]));
    let network: Cents = run.stores.iter().map(|store| store.lost_sales_network).sum();
    assert_eq!(network, all_of(lost).1, "the twin sells all of it");
    lost
}

fn helped(run: &ReplicationResult) -> Vec<Helped> {
    let mut words: Vec<Helped> = run.losses.iter().map(|loss| loss.helped).collect();
    words.sort_unstable();
    words.dedup();
    words
}

const CUT: &str = "[[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"\n";
const SWITCH: &str = "[[faults.scheduled]]\nname = \"switch\"\nscope = \"switch\"\n\
                      at = \"2019-11-20 12:00\"\nduration = \"1 h\"";
const ROUTER: &str = "[[faults.scheduled]]\nname = \"hang\"\nscope = \"router\"\n\
                      at = \"2019-11-20 12:00\"\nduration = \"1 h\"";

#[test]
fn without_a_backup_everything_is_lost_for_want_of_one() {
    let run = Shop { interval: "1 s", more: CUT, ..SHOP }.run();
    let lost = only(&run, LossStage::NoBackup);
    assert_eq!(helped(&run), [Helped::Lte]);
    // Sent up to half a second before the cut, not rescued by a retransmission after the repair.
    assert!(begun(&run, NOON_S, NOON_S + 3_570) <= lost && lost <= begun(&run, NOON_S - 1, NOON_S + 3_600));
}

#[test]
fn what_nobody_noticed_is_lost_to_detection() {
    let shop = Shop { topology: "in-router", profile: "cradlepoint-default-off", interval: "1 s", ..SHOP };
    let run = Shop { more: CUT, ..shop }.run();
    only(&run, LossStage::Detection);
    assert_eq!(helped(&run), [Helped::Lte]);
}

#[test]
fn what_waited_for_the_modem_is_lost_to_bring_up() {
    // Many shops, a modem that starts from cold, terminals that give up before the router has noticed.
    let shop =
        Shop { stores: 40, topology: "in-router", standby: "cold", interval: "1 s", more: CUT, ..SHOP };
    let text = shop.text().replace("timeout = \"30 s\"", "timeout = \"1 s\"");
    let run = replications(&text).swap_remove(0);
    let by_stage = stages(&run);
    let lost: u64 = run.stores.iter().map(|store| store.ledger.payments_lost).sum();
    assert_eq!(by_stage.values().map(|(payments, _)| payments).sum::<u64>(), lost);
    let (detection, bring_up) = (by_stage[&(1, LossStage::Detection)], by_stage[&(1, LossStage::BringUp)]);
    assert_eq!(by_stage.len(), 2, "{by_stage:?}");
    assert_eq!((detection, bring_up), (all_of(detection.0), all_of(bring_up.0)));
    // All shops' fault begins at noon; each detects and moves by itself, so a payment belongs to the stage of its second.
    // A terminal that gives up after a second may still wait for an answer from just before noon.
    let detected = run.incidents.iter().map(|row| second_of(row.detected));
    let (first, last) = (detected.clone().min().expect("shops"), detected.max().expect("shops"));
    let moved = run.incidents.iter().map(|row| second_of(row.failover)).max().expect("shops");
    assert!(detection.0 >= begun(&run, NOON_S, first) && detection.0 <= begun(&run, NOON_S - 1, last + 1));
    assert!(bring_up.0 <= begun(&run, first, moved + 1), "{} begun until all had moved", bring_up.0);
    assert!(bring_up.0 > 20 && detection.0 > 2, "{by_stage:?}");
}

#[test]
fn a_backup_that_is_dead_when_needed_is_the_stage_and_the_cut_the_cause() {
    let more = "[[faults.scheduled]]\nname = \"lte\"\nscope = \"backup\"\n\
                at = \"2019-11-20 11:50\"\nduration = \"2 h\"\n\
                [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"";
    let run = Shop { topology: "in-router", standby: "warm", more, ..SHOP }.run();
    let lost = run.stores[0].ledger.payments_lost;
    assert!(lost > 60);
    assert_eq!(stages(&run), BTreeMap::from([((2, LossStage::DeadBackup), all_of(lost))]));
}

#[test]
fn devices_that_every_way_leads_through_wait_for_their_repair() {
    for (topology, more) in [("second-router", SWITCH), ("in-router", ROUTER), ("none", ROUTER)] {
        let run = Shop { topology, more, ..SHOP }.run();
        only(&run, LossStage::RepairWait);
        assert_eq!(helped(&run), [Helped::Oobm], "{topology}");
    }
}

#[test]
fn lte_that_is_full_starves_payments() {
    let more = "[formats.shop.traffic.uploads]\nup = \"60 Mbps\"\n\
                [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"\n";
    let text = Shop { topology: "in-router", more, ..SHOP }.text();
    let text = text.replace("[lte]", "[lte]\nqueue = \"fifo\"\nbuffer = \"1 GB\"");
    let run = replications(&text).swap_remove(0);
    let starved = stages(&run)[&(1, LossStage::StarvedLte)];
    assert!(starved.0 > 60, "{:?}", stages(&run));
    assert_eq!(starved, all_of(starved.0));
}

#[test]
fn overlapping_faults_pay_in_order_of_their_onsets() {
    let more = "[[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"\n\
                [[faults.scheduled]]\nname = \"hang\"\nscope = \"router\"\n\
                at = \"2019-11-20 12:30\"\nduration = \"1 h\"";
    let run = Shop { interval: "1 s", more, ..SHOP }.run();
    let by_stage = stages(&run);
    let words: Vec<(u32, LossStage)> = by_stage.keys().copied().collect();
    let stages = [(1, LossStage::NoBackup), (1, LossStage::RepairWait), (2, LossStage::RepairWait)];
    assert_eq!(words, stages, "the cut until it is mended, whatever else breaks meanwhile; then the router");
    // The timeout is 30 s: what is begun until 12:29:30 is lost before the router hangs, and until 12:59:30 before the repair.
    let count = |from: usize, to: usize| begun(&run, NOON_S + from, NOON_S + to);
    assert_eq!(by_stage[&(1, LossStage::NoBackup)].0, count(0, 1_800));
    let sum: u64 = by_stage.values().map(|(payments, _)| payments).sum();
    assert_eq!(sum, run.stores[0].ledger.payments_lost);
}

/// Few tills: an outage of minutes leaves a queue, and some leave it whatever happens.
#[test]
fn what_the_twin_loses_too_is_nobodys_fault() {
    let text = Shop { stores: 30, profile: "cradlepoint-default-off", more: CUT, ..SHOP }.text();
    let text = text
        .replace("lanes = 60", "lanes = 1")
        .replace("scan = \"5 s\"", "scan = \"26 s\"")
        .replace("patience = \"1 h\"", "patience = \"4 min\"")
        .replace("basket_sigma = 0", "basket_sigma = 0.8")
        .replace("cash_fallback = 0", "cash_fallback = 0.5");
    let run = replications(&text).swap_remove(0);
    let left: Cents = run.stores.iter().map(|store| store.ledger.lost_sales).sum();
    let network: Cents = run.stores.iter().map(|store| store.lost_sales_network).sum();
    let attributed: Cents = run.losses.iter().map(|loss| loss.part.lost_sales).sum();
    assert!(left > network && network > Cents(0), "{left:?} left, {network:?} of it because of the network");
    assert_eq!(attributed, network);
    let by_stage = stages(&run);
    assert!(by_stage[&(1, LossStage::Aftermath)].1 > Cents(0), "{by_stage:?}");
    let unexplained = by_stage.get(&(0, LossStage::Unattributed)).map_or(Cents(0), |lost| lost.1);
    assert!(unexplained.0.abs() * 20 < network.0, "{unexplained:?} of {network:?} is explained by nothing");
}

/// Nobody notices the cut, and terminals approve everything by themselves.
#[test]
fn what_is_approved_offline_may_be_refused_later() {
    const OFFLINE: &str = "[formats.shop.offline]\nenabled = true\nfloor_limit = \"$100\"\ncount_max = 1000\n\
                           [[faults.scheduled]]\nname = \"cut\"\nat = \"2019-11-20 12:00\"\nduration = \"1 h\"\n";
    for (late_decline, refused) in [("0 %", 0), ("100 %", 1)] {
        let shop = Shop { topology: "in-router", profile: "cradlepoint-default-off", more: OFFLINE, ..SHOP };
        let text = format!("{}\n[money]\nlate_decline = \"{late_decline}\"", shop.text());
        let run = replications(&text).swap_remove(0);
        let approved = run.stores[0].ledger.authorized_offline as i64;
        assert!(approved > 60, "{approved} approved offline");
        let late: Cents = run.losses.iter().map(|loss| loss.part.late_declined).sum();
        assert_eq!(late, Cents(refused * approved * BASKET));
        let stages = run.losses.iter().filter(|loss| loss.part.late_declined > Cents(0));
        assert!(stages.clone().all(|loss| (loss.incident, loss.stage) == (1, LossStage::OfflineDecline)));
        // They are sales, so the network has blocked none.
        assert_eq!(run.stores[0].lost_sales_network, Cents(0));
    }
}
