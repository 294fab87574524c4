//! Faults as they are run: scopes, what they break at a store, causes, and faults at given instants.

use super::{CarrierId, Law, ServiceId, StoreRank, Window};
use crate::units::Span;

/// For what one fault is drawn. The first seven are something of one store's; the others are shared, and one fault then hits
/// many stores under one `fault_id`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// One till.
    Lane,
    /// The edge router.
    Router,
    /// The store's switch.
    Switch,
    /// The server that the tills need.
    StoreServer,
    /// The primary uplink.
    Uplink,
    /// The LTE uplink.
    Backup,
    /// The site's power.
    SitePower,
    /// A metro-sized area.
    Market,
    /// A region, such as a US state.
    Region,
    /// Whoever sells the primary access.
    Provider,
    /// A cellular carrier.
    Carrier,
    /// A company that owns providers and carriers.
    Parent,
    /// All stores: a configuration pushed to them, a certificate that ends.
    Fleet,
    /// What authorizes payments.
    Service,
}

impl Scope {
    /// All scopes in the order of their words' meaning, from small to large.
    pub const ALL: [Scope; 14] = [
        Scope::Lane,
        Scope::Router,
        Scope::Switch,
        Scope::StoreServer,
        Scope::Uplink,
        Scope::Backup,
        Scope::SitePower,
        Scope::Market,
        Scope::Region,
        Scope::Provider,
        Scope::Carrier,
        Scope::Parent,
        Scope::Fleet,
        Scope::Service,
    ];

    /// The word used in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Lane => "lane",
            Scope::Router => "router",
            Scope::Switch => "switch",
            Scope::StoreServer => "store-server",
            Scope::Uplink => "uplink",
            Scope::Backup => "backup",
            Scope::SitePower => "site-power",
            Scope::Market => "market",
            Scope::Region => "region",
            Scope::Provider => "provider",
            Scope::Carrier => "carrier",
            Scope::Parent => "parent",
            Scope::Fleet => "fleet",
            Scope::Service => "service",
        }
    }

    /// Whether one fault may hit many stores.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        match self {
            Scope::Lane
            | Scope::Router
            | Scope::Switch
            | Scope::StoreServer
            | Scope::Uplink
            | Scope::Backup
            | Scope::SitePower => false,
            Scope::Market
            | Scope::Region
            | Scope::Provider
            | Scope::Carrier
            | Scope::Parent
            | Scope::Fleet
            | Scope::Service => true,
        }
    }

    /// What a fault of this scope breaks at a store unless the scenario says otherwise.
    #[must_use]
    pub const fn usual_parts(self) -> Parts {
        match self {
            Scope::Lane => Parts::of(Part::Lane),
            Scope::Router => Parts::of(Part::Router),
            Scope::Switch => Parts::of(Part::Switch),
            Scope::StoreServer | Scope::Fleet => Parts::of(Part::StoreServer),
            Scope::Uplink | Scope::Market | Scope::Region | Scope::Provider => Parts::of(Part::Uplink),
            Scope::Backup | Scope::Carrier => Parts::of(Part::Backup),
            Scope::SitePower => Parts::of(Part::Power),
            Scope::Parent => Parts::of(Part::Uplink).with(Part::Backup),
            Scope::Service => Parts::of(Part::Service),
        }
    }
}

/// What breaks at a store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Part {
    /// The primary uplink.
    Uplink = 0,
    /// The edge router: the primary, the detector in it, and LTE if it lives there.
    Router = 1,
    /// The store's switch: every path.
    Switch = 2,
    /// The LTE uplink.
    Backup = 3,
    /// The server that the tills need: nobody is served.
    StoreServer = 4,
    /// One till.
    Lane = 5,
    /// The site's power: router, switch, LTE in the store, and tills.
    Power = 6,
    /// What answers payments, for this store.
    Service = 7,
}

impl Part {
    /// All parts.
    pub const ALL: [Part; 8] = [
        Part::Uplink,
        Part::Router,
        Part::Switch,
        Part::Backup,
        Part::StoreServer,
        Part::Lane,
        Part::Power,
        Part::Service,
    ];

    /// The word used in scenario files and in the column `uplink`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Part::Uplink => "uplink",
            Part::Router => "router",
            Part::Switch => "switch",
            Part::Backup => "backup",
            Part::StoreServer => "store-server",
            Part::Lane => "lane",
            Part::Power => "site-power",
            Part::Service => "service",
        }
    }
}

/// A set of [`Part`]s.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Parts(u8);

impl Parts {
    /// This part alone.
    #[must_use]
    pub const fn of(part: Part) -> Self {
        Parts(1 << part as u8)
    }

    /// These and `part`.
    #[must_use]
    pub const fn with(self, part: Part) -> Self {
        Parts(self.0 | 1 << part as u8)
    }

    /// These without `part`.
    #[must_use]
    pub const fn without(self, part: Part) -> Self {
        Parts(self.0 & !(1 << part as u8))
    }

    /// Whether `part` is one of them.
    #[must_use]
    pub const fn has(self, part: Part) -> bool {
        self.0 & (1 << part as u8) != 0
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them in order.
    pub fn iter(self) -> impl Iterator<Item = Part> {
        Part::ALL.into_iter().filter(move |&part| self.has(part))
    }
}

/// How a fault looks from the store.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Signature {
    /// The link's carrier is gone; nothing passes.
    CarrierLost,
    /// Carrier stays; nothing passes.
    Blackhole,
    /// A packet and its answer fail to pass with this probability; of a service: an attempt stays without an answer.
    PartialLoss(f64),
    /// Everything passes, this much later (round trip).
    Latency(Span),
    /// The far end is taken out of service and says so before nothing passes any more.
    Announced,
}

impl Signature {
    /// The word used in scenario files and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Signature::CarrierLost => "carrier-lost",
            Signature::Blackhole => "blackhole",
            Signature::PartialLoss(_) => "partial-loss",
            Signature::Latency(_) => "latency",
            Signature::Announced => "announced",
        }
    }

    /// Whether nothing passes at all.
    #[must_use]
    pub const fn is_dead(self) -> bool {
        match self {
            Signature::CarrierLost | Signature::Blackhole | Signature::Announced => true,
            Signature::PartialLoss(_) | Signature::Latency(_) => false,
        }
    }
}

/// A fault process: Poisson per store (or till) and cause, or per shared unit and cause.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Name, e.g. `access_physical_cut_or_plant`; part of the draws' addresses.
    pub name: String,
    /// For what one fault is drawn.
    pub scope: Scope,
    /// What it breaks at a store that it hits.
    pub parts: Parts,
    /// Onsets per second for each technology (by [`super::TechnologyId`]) and store, or till; of a shared scope all entries
    /// are the rate per unit.
    pub rate_per_s: Vec<f64>,
    /// Time to restore for each technology, seconds.
    pub repair: Vec<Law>,
    /// Signature and weight; weights sum to 1.
    pub signatures: Vec<(Signature, f64)>,
    /// Who ends it: the `remedy` column (`provider`, `self`, `on_site`, `remote`, `staff`).
    pub remedy: &'static str,
    /// Probability that LTE fails too, in a shared conduit or on the same pole: drawn per fault, if shared per fault and carrier.
    pub takes_lte: f64,
    /// Positions in [`super::Scenario::rate_windows`] of the windows in which the rate is multiplied.
    pub rate_windows: Vec<u32>,
    /// The rate of a store's cause at full load over its rate at none, at least 1: a hazard that load raises. The load is that of
    /// the tills, of a cause that breaks LTE alone that of the phones in the store's cell.
    pub load_factor: f64,
    /// Which load that is.
    pub load: RaisedBy,
    /// Shared scopes only.
    pub shared: Option<SharedCause>,
}

/// The load that raises a hazard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RaisedBy {
    /// What is expected at the tills, or the phones' share of the store's cell.
    #[default]
    Expected,
    /// What the store's cell publishes: phones and stores, as the run has it.
    Published,
}

/// A stretch in which rates are multiplied: weather, a change freeze. Factors of windows that overlap multiply.
#[derive(Clone, Debug)]
pub struct RateWindow {
    /// Windows of one number are the same weather, or the same freeze, by several clocks.
    pub entry: u32,
    /// When.
    pub window: Window,
    /// By what.
    pub factor: f64,
    /// Stores it is about, in rank order.
    pub stores: Vec<StoreRank>,
}

/// What only a cause of shared scope has.
#[derive(Clone, Debug)]
pub struct SharedCause {
    /// The units in order of name, each with its stores.
    pub units: Vec<Unit>,
    /// Share of a unit's stores that one fault hits: drawn uniformly between these per fault.
    pub share: (f64, f64),
    /// Probability that a cell at the stores hit loses its power too, drawn per fault and cell.
    pub takes_cells: f64,
    /// How long a cell's batteries last.
    pub cell_battery: Span,
    /// Of a service: whether an outage takes its network too.
    pub network: bool,
    /// Of a service: what it can still do in a brownout, parts per billion.
    pub capacity: u64,
}

/// Something that fails as one.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Name: the market's, region's, provider's, service's, …; `fleet` for all.
    pub name: String,
    /// By what name it is drawn: the first acquirer's service is drawn as `service`, whatever it is called.
    pub drawn_as: String,
    /// Which service it is, if it is one.
    pub service: Option<ServiceId>,
    /// Its stores in rank order, with what of them belongs to the unit.
    pub stores: Vec<(StoreRank, Parts)>,
}

/// A fault that happens because the scenario says so.
#[derive(Clone, Debug)]
pub struct ScheduledFault {
    /// Name of the fault in output (its cause column).
    pub name: String,
    /// What it is said to reach.
    pub scope: Scope,
    /// How it looks.
    pub signature: Signature,
    /// Who ends it.
    pub remedy: &'static str,
    /// Whose core it breaks, if it breaks one.
    pub carrier: Option<CarrierId>,
    /// Of scope `service`: which service it is about. One that hits all of it is among the service's own faults, and `hits` are
    /// what it breaks besides.
    pub service: Option<ServiceId>,
    /// In store order.
    pub hits: Vec<Hit>,
}

/// What a scheduled fault does to one store.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hit {
    /// Which store.
    pub store: StoreRank,
    /// Onset and repair there.
    pub window: Window,
    /// What it breaks there.
    pub parts: Parts,
}
