//! Two designs under one seed: what they share is the same to the byte.

use std::fmt::Write as _;
use std::path::Path;

use super::lab::scenario_file;
use tinsel::kernel::draws::{Entity, Key};
use tinsel::model::demand::{Arrivals, pieces};
use tinsel::model::faults::{history, shared::SharedFaults};
use tinsel::model::store::window_of;
use tinsel::scenario::resolved::{Scenario, StoreRank};

/// Every customer with all her words, and every fault with all that it may be asked: onset, repair, remedy, signature.
fn dump(scenario: &Scenario) -> (String, usize, usize) {
    let (mut text, mut customers, mut faults) = (String::new(), 0, 0);
    for replication in 0..u64::from(scenario.replications) {
        let key = Key { seed: scenario.seed, replication };
        let shared = SharedFaults::draw(scenario, key);
        for (rank, store) in scenario.stores.iter().enumerate() {
            let _ = writeln!(text, "replication {replication}, store {}", store.id);
            let mut arrivals =
                Arrivals::new(key, Entity::new("store", &store.id, ""), pieces(&store.days, &store.surges));
            while let Some(arrival) = arrivals.next_arrival() {
                let _ =
                    writeln!(text, "{} {:016x} {:016x?}", arrival.at.as_nanos(), arrival.draw, arrival.words);
                customers += 1;
            }
            let own = history(scenario, StoreRank(rank as u32), window_of(store), key, &shared);
            for fault in own.faults.iter().chain(shared.of_store(StoreRank(rank as u32))) {
                let _ = writeln!(text, "{fault:?}");
                faults += 1;
            }
        }
    }
    (text, customers, faults)
}

#[test]
fn designs_that_differ_in_the_detector_share_customers_faults_and_repairs_byte_for_byte() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/small-chain.toml");
    let design = |profile: &str| {
        let profile = format!("fleet.draw.profile=\"{profile}\"");
        scenario_file(&file, &[&profile, "scenario.replications=5", "noc.enabled=true"])
    };
    let designs = ["pfsense-dpinger", "bfd-300x3"].map(design);
    let names = designs.each_ref().map(|design| design.profiles[0].name.as_str());
    assert_eq!(names, ["pfsense-dpinger", "bfd-300x3"]);
    let [(one, customers, faults), (other, ..)] = designs.each_ref().map(dump);
    assert!(customers > 100_000 && faults > 100, "{customers} customers, {faults} faults");
    let difference = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    assert!(one == other, "{difference:?}");
}
