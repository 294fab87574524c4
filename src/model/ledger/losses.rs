//! Baskets not sold, one by one, so that a store and its fault-free twin can be compared customer by customer.
//!
//! Both worlds have the same customers with the same baskets. What the network cost is the sum over baskets that the
//! twin sells and the store does not, less the sum over those that the store sells and the twin does not: exactly the
//! difference of their sales, and each basket has an instant, an incident and a stage.

use super::{Incidents, LossStage};
use crate::scenario::resolved::Window;
use crate::units::{Cents, SimTime};

/// A basket that was left, or that was still inside at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostBasket {
    /// Which customer: the draw of her address.
    pub draw: u64,
    /// When she left, or the end.
    pub at: SimTime,
    /// Value of the basket.
    pub value: Cents,
    /// Number of the incident responsible; 0 = none.
    pub incident: u32,
    /// What stood in the way.
    pub stage: LossStage,
}

/// Books the difference between the baskets that a store did not sell and those that its twin did not, both within one of the
/// `windows`: outside they are the same.
pub(super) fn settle(
    incidents: &mut Incidents,
    mut store: Vec<LostBasket>,
    twin: &[LostBasket],
    windows: &[Window],
) {
    let within = |basket: &LostBasket| {
        windows.iter().any(|window| window.start <= basket.at && basket.at < window.end)
    };
    let mut twin: Vec<LostBasket> = twin.iter().copied().filter(within).collect();
    store.retain(within);
    store.sort_unstable_by_key(|basket| basket.draw);
    twin.sort_unstable_by_key(|basket| basket.draw);
    let (mut store, mut twin) = (store.into_iter().peekable(), twin.into_iter().peekable());
    while let Some(next) = store.peek().into_iter().chain(twin.peek()).map(|basket| basket.draw).min() {
        let here = store.next_if(|basket| basket.draw == next);
        let there = twin.next_if(|basket| basket.draw == next);
        if let (Some(basket), None) = (here, there) {
            incidents.count_lost_sale(basket.incident, basket.stage, basket.value);
        }
        if let (None, Some(basket)) = (here, there) {
            let (incident, stage) = incidents.standing_at(basket.at);
            incidents.count_lost_sale(incident, stage, Cents(0) - basket.value);
        }
    }
}
