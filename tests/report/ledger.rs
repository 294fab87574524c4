//! Every ledger is checked: breaking any one of them is noticed and named.

use tinsel::report::ledger::check;
use tinsel::scenario::resolved::StoreRank;
use tinsel::simulation::result::{IncidentRow, LossRow, ReplicationResult};
use tinsel::units::{Cents, Span};

use super::synthetic;

/// A way to break a ledger.
type Break = fn(&mut ReplicationResult);

#[test]
fn a_sound_result_passes() {
    let scenario = synthetic::scenario("sound", 12, 3, 2);
    let mut result = synthetic::result(&scenario);
    check(&result).unwrap();
    synthetic::add_odd_incidents(&mut result);
    check(&result).unwrap();
}

#[test]
fn every_violation_is_named() {
    let breaks: [(&str, Break); 17] = [
        ("customers = served", |r| r.stores[3].ledger.served += 1),
        ("payments = authorized", |r| r.stores[3].ledger.authorized += 1),
        ("day 1: customers", |r| r.days[1].ledger.balked += 1),
        ("add up to", |r| r.stores[0].ledger.sales += Cents(1)),
        ("add up to", |r| r.days[0].times.lte += Span::from_nanos(1)),
        ("service gap in opening hours", |r| {
            r.stores[0].times.gap_open += Span::from_secs(1_000);
            r.days[1].times.gap_open += Span::from_secs(1_000);
        }),
        ("failovers over days", |r| r.stores[0].failovers += 1),
        ("lost sales due to the network", |r| r.stores[0].lost_sales_network += Cents(1)),
        ("payments lost in incidents", |r| {
            r.incidents[0].payments_lost += 1_000;
            r.losses[1].part.payments_lost += 1_000;
        }),
        ("lost sales by stage", |r| r.incidents[0].lost_sales += Cents(1)),
        ("payments lost by stage", |r| r.incidents[0].payments_lost -= 1),
        ("losses by incident and stage", |r| r.losses[2].part.lost_sales += Cents(1)),
        ("which there is not", |r| r.losses[0].incident = 9),
        ("a loss of rank", |r| {
            let loss = r.losses[0];
            r.losses.push(LossRow { store: StoreRank(99), ..loss });
        }),
        ("out of order", |r| {
            let incident = r.incidents[0].clone();
            r.incidents.push(IncidentRow { store: StoreRank(99), ..incident });
        }),
        ("timeline against stores: customers", |r| r.timeline.cells[0].customers += 1),
        ("timeline against stores: abandoned", |r| r.timeline.cells[0].abandoned += 1),
    ];
    let scenario = synthetic::scenario("broken", 12, 3, 2);
    for (expected, break_it) in breaks {
        let mut result = synthetic::result(&scenario);
        break_it(&mut result.replications[1]);
        let message = check(&result).expect_err(expected);
        assert!(message.contains(expected), "expected `{expected}` in `{message}`");
        assert!(message.contains("replication 1"), "{message}");
    }
}
