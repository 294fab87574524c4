//! `[resync]`: what was stored while offline goes its way once there is one.

use crate::scenario::field::Field;
use crate::scenario::reader::Section;
use crate::scenario::resolved::{Resync, ResyncOverLte};

const OVER_LTE: &[(&str, ResyncOverLte)] = &[
    ("allow", ResyncOverLte::Allow),
    ("payments-only", ResyncOverLte::PaymentsOnly),
    ("block", ResyncOverLte::Block),
];

pub(crate) fn read(section: &Section) -> Resync {
    Resync {
        payments_per_s: section.number(
            // A cell counts on no more attempts in a second from one sender.
            Field::new("payments_per_s", "Stored payments that a store replays in a second.")
                .within(0.001, 8.0)
                .or("1", "[EA] one after the other, each with its own answer; sweep it"),
        ),
        over_lte: section.choice(
            Field::new(
                "over_lte",
                "What is made up for over LTE as the backup: allow (payments and bulk data), payments-only, block (all waits for the \
                 primary).",
            )
            .or(
                "payments-only",
                "[EA] an approval that waits is a risk, and 10 kB cost little; bulk data are deferred while on LTE",
            ),
            OVER_LTE,
        ),
        data_share: section.share(
            Field::new(
                "data_share",
                "Most of an uplink's rate, each way, that catching up of bulk data takes; of LTE, of the line's radio rate.",
            )
            .within(0.001, 1.0)
            .or("25 %", "[EA] a usual limit for price files and the like; sweep it"),
        ),
    }
}
