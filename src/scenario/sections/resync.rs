//! `[resync]`: what was stored while offline goes its way once there is one.

use crate::scenario::field::Field;
use crate::scenario::reader::Section;
use crate::scenario::resolved::{Resync, ResyncOverLte};

const OVER_LTE: &[(&str, ResyncOverLte)] =
    &[("allow", ResyncOverLte::Allow), ("block", ResyncOverLte::Block)];

pub(crate) fn read(section: &Section) -> Resync {
    Resync {
        payments_per_s: section.number(
            // A cell counts on no more attempts in a second from one sender.
            Field::new("payments_per_s", "Stored payments that a store replays in a second.")
                .within(0.001, 8.0)
                .or("1", "[EA] one after the other, each with its own answer; sweep it"),
        ),
        over_lte: section.choice(
            Field::new("over_lte", "Whether stored payments are replayed over LTE, or wait for the primary.")
                .or("allow", "[EA] an approval that waits is a risk, and 10 kB cost little"),
            OVER_LTE,
        ),
    }
}
