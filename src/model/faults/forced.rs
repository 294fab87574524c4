//! One fault that a store is made to suffer, and how many of its kind a year it stands for.
//!
//! Conditional Monte Carlo: what the faults of a store cost in a year is Σ over causes of rate × E[cost | one fault]. One fault's
//! cause is drawn with a probability that favours frequent and long ones, its onset uniformly over the simulated days and
//! the time before them from which a fault can reach into them; its weight is the expected number of such faults
//! over the probability of this draw. So the mean of weight × cost over draws is that sum, exactly, but for faults that meet.
//! Shared causes (of a market, a provider, …) count as far as they hit this store, alone. Services are nobody's store's.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::unit;
use crate::model::cause::IncidentCause;
use crate::model::law::Sampler;
use crate::model::purpose::{Purpose, address};
use crate::scenario::resolved::{Cause, CauseId, Part, Parts, Scenario, Scope, StoreRank, Window};
use crate::units::Span;

use super::service::Where;
use super::{Fault, expected_load, factors_at, lane_of, pick};

/// Longest time before the window in which a forced fault may begin.
const BEFORE: Span = Span::from_secs(48 * 3_600);
/// Probability that it begins there.
const BEFORE_SHARE: f64 = 0.15;
/// Bounds of the mean repair by which causes are favoured, seconds: below the one a fault's cost is that of failing over, beyond the
/// other it is the night that ends the day's losses.
const FAVOUR_S: (f64, f64) = (1_800.0, 43_200.0);

/// A forced fault.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Forced {
    /// Which store suffers it.
    pub store: StoreRank,
    /// Its cause.
    pub cause: CauseId,
    /// The fault.
    pub fault: Fault,
    /// How many faults in the simulated days it stands for.
    pub weight: f64,
}

/// One way in which a store can be hit.
struct Way<'a> {
    cause: &'a Cause,
    id: CauseId,
    /// Onsets a second, at no load and usual weather.
    rate: f64,
    parts: Parts,
    favour: f64,
}

/// All ways in which the store at `rank` can be hit.
fn ways(scenario: &Scenario, rank: StoreRank) -> Vec<Way<'_>> {
    let store = &scenario.stores[rank.0 as usize];
    let mut ways = Vec::new();
    for (number, cause) in scenario.causes.iter().enumerate() {
        let technology = store.technology.0 as usize;
        let rate = cause.rate_per_s[technology];
        let repair = if cause.shared.is_some() { &cause.repair[0] } else { &cause.repair[technology] };
        let favour = |rate: f64| rate * repair.mean().clamp(FAVOUR_S.0, FAVOUR_S.1);
        let id = CauseId(number as u32);
        let mut add = |rate: f64, parts: Parts| {
            if rate > 0.0 && !parts.is_empty() {
                ways.push(Way { cause, id, rate, parts, favour: favour(rate) });
            }
        };
        let Some(shared) = &cause.shared else {
            let tills = if cause.parts.has(Part::Lane) { store.lanes + store.self_checkouts } else { 1 };
            add(rate * f64::from(tills), cause.parts);
            continue;
        };
        if cause.scope == Scope::Service {
            continue;
        }
        let share = 0.5 * (shared.share.0 + shared.share.1);
        for unit in &shared.units {
            let here = unit.stores.iter().find(|(store, _)| *store == rank);
            if let Some(&(_, of_unit)) = here {
                let parts = Part::ALL.into_iter().filter(|&part| cause.parts.has(part) && of_unit.has(part));
                let parts = parts.filter(|&part| part != Part::Service).fold(Parts::default(), Parts::with);
                add(cause.rate_per_s[0] * share.min(1.0), parts);
            }
        }
    }
    ways
}

/// The `draw`-th forced fault of the store at `rank`; `None` if nothing can hit it.
#[must_use]
pub fn forced(scenario: &Scenario, rank: StoreRank, key: Key, draw: u64) -> Option<Forced> {
    let store = &scenario.stores[rank.0 as usize];
    let ways = ways(scenario, rank);
    let all: f64 = ways.iter().map(|way| way.favour).sum();
    let (first, last) = (store.days.first()?.window, store.days.last()?.window);
    if all <= 0.0 {
        return None;
    }
    let entity = Entity::new("forced", &store.id, "");
    let words = key.block(address(entity, Purpose::Forced, draw), 1);
    let mut left = unit(words[0]) * all;
    let found = ways.iter().position(|way| {
        left -= way.favour;
        left < 0.0
    });
    let way = &ways[found.unwrap_or(ways.len() - 1)];
    let before = BEFORE.min(scenario.fault_lead_in);
    let before_share = if before > Span::from_secs(0) { BEFORE_SHARE } else { 0.0 };
    let share = unit(words[1]);
    let (stretch, chance, within) = if share < before_share {
        let start = first.start.saturating_sub(before);
        (Window { start, end: first.start }, before_share, share / before_share)
    } else {
        let chance = 1.0 - before_share;
        (Window { start: first.start, end: last.end }, chance, (share - before_share) / chance)
    };
    let length_s = stretch.end.since(stretch.start).as_secs_f64();
    let onset = stretch.start + Span::from_secs_f64(within * length_s);
    let body = key.block(address(entity, Purpose::Forced, draw), 2);
    let repair = if way.cause.shared.is_some() { 0 } else { store.technology.0 as usize };
    let repair = Sampler::new(&way.cause.repair[repair]).span(body[0]).max(Span::from_millis(1));
    let takes_lte = unit(words[2]) < way.cause.takes_lte;
    let parts = if takes_lte { way.parts.with(Part::Backup) } else { way.parts };
    let fault = Fault {
        cause: IncidentCause::Process(way.id),
        shared: None,
        scope: own_scope(way.cause.scope, parts),
        parts,
        service: Where::Store,
        second_sim: false,
        repair_if_found: None,
        lane: lane_of(store, body[3]),
        signature: pick(&way.cause.signatures, unit(body[1])),
        window: Window { start: onset, end: onset + repair },
        remedy: way.cause.remedy,
        carrier_word: body[2],
        playbook: None,
        number: 0,
        from_load: None,
    };
    let weather: f64 = factors_at(scenario, way.cause, rank)
        .iter()
        .filter(|(window, _)| window.start <= onset && onset < window.end)
        .map(|(_, factor)| factor)
        .product();
    let load = if way.cause.load_factor > 1.0 {
        let load = if way.cause.parts == Parts::of(Part::Backup) {
            scenario.cells[store.cell.0 as usize].phones_at(onset).min(1.0)
        } else {
            expected_load(scenario, store, onset)
        };
        1.0 + (way.cause.load_factor - 1.0) * load
    } else {
        1.0
    };
    let expected = way.rate * length_s * weather * load;
    Some(Forced { store: rank, cause: way.id, fault, weight: expected * all / way.favour / chance })
}

/// The scope of one store's own that breaks the same: a carrier's core does not fail because one store is made to suffer.
fn own_scope(scope: Scope, parts: Parts) -> Scope {
    match scope {
        Scope::Lane
        | Scope::Router
        | Scope::Switch
        | Scope::StoreServer
        | Scope::Uplink
        | Scope::Backup
        | Scope::SitePower => scope,
        Scope::Market
        | Scope::Region
        | Scope::Provider
        | Scope::Carrier
        | Scope::Parent
        | Scope::Fleet
        | Scope::Service => {
            if parts.has(Part::Uplink) {
                Scope::Uplink
            } else if parts.has(Part::Backup) {
                Scope::Backup
            } else if parts.has(Part::Power) {
                Scope::SitePower
            } else {
                Scope::StoreServer
            }
        }
    }
}
