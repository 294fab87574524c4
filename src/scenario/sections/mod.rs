//! The sections of a scenario file: what may be written, what it means, what it is if it is not written.
//!
//! Each module reads one part into a plain struct of its own; [`super::expand`] turns them into what is run.

pub(crate) mod calendar;
pub(crate) mod faults;
pub(crate) mod fleet;
pub(crate) mod formats;
pub(crate) mod general;
pub(crate) mod lte;
pub(crate) mod money;
pub(crate) mod network;
pub(crate) mod noc;
pub(crate) mod payments;
pub(crate) mod plans;
pub(crate) mod profiles;
pub(crate) mod resync;
pub(crate) mod services;
pub(crate) mod sizing;
pub(crate) mod thresholds;
pub(crate) mod uncertainty;
pub(crate) mod year;

use std::collections::BTreeMap;

use super::reader::Section;
use super::resolved;

/// A scenario as written, with names not yet looked up.
pub(crate) struct Written {
    pub general: general::General,
    pub fleet: fleet::Fleet,
    pub formats: BTreeMap<String, formats::Format>,
    pub curves: BTreeMap<String, [f64; 24]>,
    pub calendar: Vec<calendar::CalendarEntry>,
    pub surges: Vec<calendar::SurgeEntry>,
    pub technologies: BTreeMap<String, network::Technology>,
    pub profiles: BTreeMap<String, resolved::Profile>,
    pub carriers: BTreeMap<String, resolved::Carrier>,
    pub plans: BTreeMap<String, plans::Plan>,
    pub lte: lte::Lte,
    pub payments: payments::Written,
    pub services: BTreeMap<String, services::Service>,
    pub online: services::Online,
    pub resync: resolved::Resync,
    pub faults: faults::Faults,
    /// Providers and carriers of each company that owns some of both.
    pub parents: BTreeMap<String, network::Parent>,
    pub money: resolved::Money,
    /// Days of each kind, by [`resolved::DayKind`].
    pub year: [u32; 4],
    pub noc: noc::Noc,
    pub thresholds: Vec<resolved::Threshold>,
    /// By path; `None` where the range is not one.
    pub uncertainty: BTreeMap<String, Option<uncertainty::Uncertain>>,
    pub items: BTreeMap<String, resolved::Item>,
    pub sizing: Option<sizing::Sizing>,
}

/// Reads the whole document.
pub(crate) fn read(root: &Section) -> Written {
    Written {
        general: root.section("scenario", "What is simulated, when, how often.", general::read),
        fleet: root.section("fleet", "The stores.", fleet::read),
        formats: root.catalogue("formats", "What stores of one kind have in common.", formats::read),
        curves: root.catalogue("curves", "Hour-of-day shapes of demand.", calendar::read_curve),
        calendar: root.list("calendar", "Days that are not average days, per format.", calendar::read_entry),
        surges: root.list("surge", "Short multiplicative surges of customers.", calendar::read_surge),
        technologies: root.catalogue("technologies", "Kinds of primary access.", network::read_technology),
        profiles: root.catalogue("profiles", profiles::DOC, profiles::read),
        carriers: root.catalogue("carriers", "Cellular carriers.", network::read_carrier),
        plans: root.catalogue("plans", "Data plans of LTE lines.", plans::read),
        lte: root.section("lte", "What all LTE uplinks have in common.", lte::read),
        payments: root.section("payments", "Card payments.", payments::read),
        parents: root.catalogue(
            "parents",
            "Companies whose providers and carriers fail as one.",
            network::read_parent,
        ),
        services: root.catalogue("services", "Data centres and processors that authorize.", services::read),
        online: root.section(
            "online",
            "Online orders, which use a service as stores do.",
            services::read_online,
        ),
        resync: root.section("resync", "Replay of what was stored while offline.", resync::read),
        faults: root.section("faults", "What breaks, how often, for how long.", faults::read),
        money: root.section("money", "What lost sales, devices, plans and journeys come to.", money::read),
        year: root.section("year", "Days of each kind in a year, for the estimate of a year.", year::read),
        noc: root.section(
            "noc",
            "The operations centre: alarms, tickets, engineers, technicians.",
            noc::read,
        ),
        thresholds: thresholds::read(root),
        uncertainty: root.catalogue("uncertainty", uncertainty::DOC, uncertainty::read),
        items: root.catalogue("items", "What can be bought, with its price.", sizing::read_item),
        sizing: root.section(
            "sizing",
            "What can be bought or changed, and what for: `tinsel size`.",
            sizing::read,
        ),
    }
}
