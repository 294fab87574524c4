//! `[plans.NAME]`: what an LTE line may carry in a month, and what happens beyond.

use super::money::PRICE_MAX;
use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Problem, Section};
use crate::scenario::resolved;
use crate::units::Cents;

/// A plan as written.
pub(crate) struct Plan {
    /// All of it but the price.
    plan: resolved::Plan,
    /// Price of a line a month; `None` = that of all lines.
    price: Option<Cents>,
}

impl Plan {
    /// The plan if a line without a price of its own costs `usual`.
    pub(crate) fn priced(&self, usual: Cents) -> resolved::Plan {
        resolved::Plan { price: self.price.unwrap_or(usual), ..self.plan.clone() }
    }
}

pub(crate) fn read(name: &str, section: &Section) -> Plan {
    let cap =
        Field::new("cap", "Data a month, both directions, of each line or of the pool; unlimited if absent.");
    let price = section.money_optional(
        Field::new("price", "Price of one line a month; that of `money.lte_plan` if absent.")
            .within(0.0, PRICE_MAX)
            .optional(),
    );
    let plan = resolved::Plan {
        name: name.to_owned(),
        cap_bytes: section.has("cap").then(|| section.bytes(cap.optional())),
        pooled: section.flag(
            Field::new("pooled", "Whether all lines of the plan share one allowance of `cap`.")
                .or("false", "[EA] each line has its own"),
        ),
        used: section.share(
            Field::new("used", "Share of the allowance that is used when the first day begins.")
                .within(0.0, 1.0)
                .or("0", "[EA] the month begins with the first day"),
        ),
        throttle: section.rate_optional(
            Field::new(
                "throttle",
                "Rate of each direction of a line once the allowance is used up; as before if absent.",
            )
            .optional(),
        ),
        overage_per_gb: section.money(
            Field::new(
                "overage_per_gb",
                "Price of a GB (10^9 bytes) beyond the allowance, charged by the byte.",
            )
            .within(0.0, PRICE_MAX)
            .or("$0", "[EA] none unless the plan says so; one public price is $15 (S85)"),
        ),
        price: Cents(0),
        priority: section.flag(
            Field::new("priority", "Whether its lines are served before others when a cell is full.")
                .or("false", "[EA] business plans without a priority add-on wait with everybody"),
        ),
    };
    if section.reader.schema_mode {
        return Plan { plan, price };
    }
    if plan.cap_bytes.is_none() {
        for key in
            ["pooled", "used", "throttle", "overage_per_gb"].into_iter().filter(|key| section.is_users(key))
        {
            let message = format!("`{key}` has no effect: the plan is unlimited");
            section.problem(
                key,
                Problem::new(Code::NoEffect, message).help("give it a cap, for example cap = \"5 GB\""),
            );
        }
    }
    if plan.throttle.is_some() && plan.overage_per_gb.0 > 0 {
        let message = "a plan slows a line down or charges for more, not both";
        let problem = Problem::new(Code::Inconsistent, message);
        section.problem("throttle", problem.help("leave out `throttle` or `overage_per_gb`"));
    }
    if plan.throttle.is_some_and(|rate| rate.0 == 0) {
        let problem = Problem::new(Code::OutOfRange, "a line that is slowed down to nothing is dead");
        section.problem("throttle", problem.help("write for example throttle = \"128 kbps\""));
    }
    Plan { plan, price }
}
