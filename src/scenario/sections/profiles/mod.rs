//! `[profiles.NAME]`: failover products, how they notice and how they return.

mod detector;
mod failback;
mod session;
mod tunnel;

use crate::scenario::field::Field;
use crate::scenario::reader::Section;
use crate::scenario::resolved::{CarrierWatch, Profile};

const NO_DELAY: (&str, &str) = ("0 s", "[EA] no delay unless the product has one");

/// What the catalogue of profiles is.
pub(crate) const DOC: &str = "Failover products and their timers.";

pub(crate) fn read(name: &str, section: &Section) -> Profile {
    let text = |key, doc, default, provenance| section.text(Field::new(key, doc).or(default, provenance));
    let delay =
        |key, doc| section.span(Field::new(key, doc).within(0.0, 86_400.0).or(NO_DELAY.0, NO_DELAY.1));
    let flag = |key, doc, default, provenance| section.flag(Field::new(key, doc).or(default, provenance));
    let own = "[EA] a profile of your own";
    let failback = failback::read(section);
    Profile {
        name: name.to_owned(),
        product: text("product", "Product or protocol that it stands for.", "a profile of your own", own),
        source: text("source", "Where its parameters come from.", "the scenario", own),
        date: text("date", "Version or day of what was read there.", "unknown", own),
        confidence: text("confidence", "How far its parameters can be trusted.", "assumption", own),
        carrier: read_carrier(section),
        carrier_resolve: section.law(
            Field::new(
                "carrier_resolve",
                "From the carrier's return until the neighbour's address is known again; packets wait meanwhile.",
            )
            .or(
                "{ low = \"0 s\", high = \"1 s\" }",
                "[C] Linux arp(7): an address that is not known is asked for once a second",
            ),
        ),
        detector: detector::read(section),
        down_delay: delay("down_delay", "The rule must say down for this long before the link is declared down."),
        up_delay: delay("up_delay", "The rule must say up for this long before the link is declared up."),
        route_change: section.law(Field::new("route_change", "From detection until new packets take the backup.").or(
            "0.07 s",
            "[D] measured with FRR 8.4.4 (BFD): 70 to 75 ms to the kernel's route, 120 trials",
        )),
        route_return: section.law(
            Field::new("route_return", "From up (or from an established session) until new packets take the primary.")
                .or("0.07 s", "[D] taken as route_change"),
        ),
        session: session::read(section),
        lan_takeover: flag(
            "lan_takeover",
            "Whether hosts of the LAN learn of a new gateway by ARP (first-hop redundancy).",
            "false",
            "[EA] the gateway stays the same device unless said",
        ),
        failback_hours: failback::read_hours(section, &failback),
        failback,
        damping: failback::read_damping(section),
        backup_min: delay("backup_min", "Traffic that has moved stays on the backup at least this long."),
        tunnel: tunnel::read(section),
        flush_flows: flag(
            "flush_flows",
            "Whether flows are reset when the route changes; else they stay on the old path.",
            "false",
            "[C] the default of mwan3, pfSense, OPNsense and Teltonika",
        ),
        probe_bytes: section.count(
            Field::new("probe_bytes", "Size of a probe and of its answer, bytes of IP.")
                .within(0.0, 65_535.0)
                .or("84", "[C] ping's default of 56 bytes with ICMP and IP headers (iputils ping(8))"),
        ),
        probes_backup: flag(
            "probes_backup",
            "Whether the same probes go over the backup while it stands by.",
            "false",
            "[EA] the backup is not probed unless the product does",
        ),
        probe_priority: flag(
            "probe_priority",
            "Whether probes overtake other traffic at the uplink as payments do.",
            "false",
            "[EA] products mark their probes no better than other traffic (OPNsense issue 4971)",
        ),
    }
}

/// How a change of the link's carrier is seen.
fn read_carrier(section: &Section) -> Option<CarrierWatch> {
    let watched = section.flag(
        Field::new("carrier", "Whether the loss of the link's carrier is seen.")
            .or("true", "[EA] a router's own interface goes down with its carrier"),
    );
    let span = |key, doc, default, provenance| {
        section.span(Field::new(key, doc).within(0.0, 3_600.0).or(default, provenance))
    };
    let watch = CarrierWatch {
        poll: span(
            "carrier_poll",
            "How often the interface is looked at; 0 if it interrupts.",
            "1 s",
            "[C] Linux phylib polls each second unless the PHY interrupts",
        ),
        rate_limit: span(
            "carrier_rate_limit",
            "At most one loss of carrier is reported in this time, whichever link it is of.",
            "1 s",
            "[C] Linux linkwatch; measured in Linux 6.18: 1.00 to 1.03 s after the loss before, else at once",
        ),
        others_per_s: section.number(
            Field::new("carrier_others", "Losses of carrier per second on other links of the same kernel.")
                .within(0.0, 1e3)
                .or("0", "[EA] a store's router has few other links, and they do not flap"),
        ),
        delay: section.law(Field::new("carrier_delay", "What is added to that.").or(
            "{ low = \"0.1 ms\", high = \"3 ms\" }",
            "[D] measured in Linux 6.18: 0.1 to 3 ms where no limit holds it back",
        )),
    };
    watched.then_some(watch)
}
