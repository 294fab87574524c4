//! `[money]`: what lost sales, devices, plans and journeys come to.

use crate::scenario::field::Field;
use crate::scenario::reader::Section;
use crate::scenario::resolved::Money;
use crate::units::Cents;

/// Prices of one thing have to stay below this.
pub(crate) const PRICE_MAX: f64 = 1e9;

pub(crate) fn read(section: &Section) -> Money {
    let price = |key, doc, default, why| -> Cents {
        section.money(Field::new(key, doc).within(0.0, PRICE_MAX).or(default, why))
    };
    Money {
        lost_share: section.share(
            Field::new("lost_share", "Share of sales blocked by the network that is lost; the rest is made later or online.").or(
                "62 %",
                "[D] S90: one analyst put a blocked $80M of Target's at $50M net; circular for that day, so sweep 40-100 %",
            ),
        ),
        late_decline: section.share(
            Field::new("late_decline", "Probability that a sale approved offline is refused by the issuer afterwards.")
                .or("2 %", "[J] offline approvals of large chains; sweep 0.5-5 %"),
        ),
        truck_roll: price(
            "truck_roll",
            "A technician's journey to a store, all in.",
            "$600",
            "[C] S83 S84: 150-500 direct, about 1,000 all-in; sweep 150-1,000",
        ),
        lte_plan: price(
            "lte_plan",
            "Line of an LTE uplink, a month, unless its data plan has a price; each SIM is a line.",
            "$39.99",
            "[D] S85: a year's fee of 479.88 over 12; the next plan up is 59.99",
        ),
        lte_device: price(
            "lte_device",
            "Modem or router of an LTE uplink.",
            "$500",
            "[EA] no public price was found; sweep 200-1,500",
        ),
        oobm_plan: price(
            "oobm_plan",
            "Plan of an out-of-band gateway for management only, a month.",
            "$10",
            "[M] small IoT plans cost 5-25",
        ),
        oobm_appliance: price(
            "oobm_appliance",
            "Out-of-band gateway of 4 to 8 ports.",
            "$900",
            "[M] no public price was found: 600-1,500; 2,500-6,000 with 48 ports",
        ),
        remote_outlet: price("remote_outlet", "Switched outlets of an out-of-band unit.", "$300", "[M] 2 to 8 outlets"),
        oobm_licence: price("oobm_licence", "Management licence of an out-of-band unit, a year.", "$100", "[M] unverified"),
        staff_hour: price(
            "staff_hour",
            "An hour of an engineer of the operations centre on duty.",
            "$25",
            "[EA] overtime of store staff; an engineer at night costs more",
        ),
        gear_life_years: section.number(
            Field::new("gear_life", "Years over which devices are written off.").within(0.1, 50.0).or("5", "[EA] usual for network gear"),
        ),
    }
}
