//! What online orders are lost to.

use serde::{Deserialize, Serialize};

use crate::model::ledger::AFTERMATH;
use crate::scenario::resolved::{Control, ServiceEffect};
use crate::units::{Cents, SimTime, Span};

use super::Service;

/// What an online order is lost to: position among the service's faults, else its queue; and whether a way to tell the standby
/// beside the site's network would have helped.
pub(super) type Reason = (Option<usize>, bool);

/// Online orders lost to one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineLoss {
    /// Name of the fault, of the crash ([`super::OVERLOAD`]), or empty: load alone.
    pub cause: String,
    /// Whether an order to the standby out of band would have helped.
    pub oobm: bool,
    /// How many.
    pub orders: u64,
    /// Their value.
    pub sales: Cents,
}

impl Service {
    /// What an order is lost to at `at`: the earliest fault that is open, else that which was over last, for as long as its queue is
    /// taken to last or while traffic goes back; else load alone.
    pub(super) fn reason(&self, at: SimTime) -> Reason {
        let order = |position: &usize| self.faults[*position].window.start;
        let faults = || 0..self.faults.len();
        let open = faults().filter(|&position| {
            let window = self.faults[position].window;
            window.start <= at && at < window.end
        });
        let up = self.present().up;
        let fault = open.min_by_key(order).or_else(|| {
            let over = faults().filter(|&position| self.faults[position].window.end <= at);
            let last = over.max_by_key(|&position| self.faults[position].window.end)?;
            (!up || at.since(self.faults[last].window.end) <= AFTERMATH).then_some(last)
        });
        let in_band = self.standby.is_some_and(|site| site.control == Control::InBand);
        let cut = fault
            .is_some_and(|position| self.faults[position].effect == ServiceEffect::Outage { network: true });
        (fault, in_band && cut)
    }

    /// Online orders lost, by what they were lost to: in order of the faults, load alone first.
    #[must_use]
    pub fn online_losses(&self) -> Vec<OnlineLoss> {
        let basket = self.online.as_ref().map_or(0, |online| online.basket.0);
        let mut losses: Vec<OnlineLoss> = Vec::new();
        for (&(fault, oobm), &orders) in &self.lost {
            let cause = fault.map_or("", |position| &self.faults[position].name);
            let sales = Cents(basket * orders.cast_signed());
            match losses.iter_mut().find(|loss| (loss.cause.as_str(), loss.oobm) == (cause, oobm)) {
                Some(loss) => {
                    loss.orders += orders;
                    loss.sales += sales;
                }
                None => losses.push(OnlineLoss { cause: cause.to_owned(), oobm, orders, sales }),
            }
        }
        losses
    }
}

/// Share of orders given up for being `late`, parts per billion.
pub(super) fn given_up(slow: &[(Span, u64); 2], late: Span) -> u64 {
    let [(early, few), (latest, many)] = *slow;
    let (late, early, latest) = (late.as_nanos(), early.as_nanos(), latest.as_nanos());
    if late >= latest {
        many
    } else if late <= early {
        (u128::from(few) * u128::from(late) / u128::from(early)) as u64
    } else {
        few + (u128::from(many.saturating_sub(few)) * u128::from(late - early) / u128::from(latest - early))
            as u64
    }
}
