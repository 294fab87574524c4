//! Causes by technology, and scheduled faults by store.

use super::draw::{FleetPurpose, StoreDraws};
use super::stores::PlacedStore;
use super::{Context, reached};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::Problem;
use crate::scenario::resolved::{Cause, Law, ScheduledFault, StoreRank, Window};
use crate::scenario::sections::faults::{ByTechnology, CauseEntry, Faults, ScheduledEntry};
use crate::scenario::sections::network::Technology;
use crate::units::{SimTime, Span};

/// A Julian year.
const SECONDS_PER_YEAR: f64 = 31_557_600.0;

/// The causes that happen, in order of name; rate and repair for each technology.
pub(super) fn causes(faults: &Faults, technologies: &[&Technology]) -> Vec<Cause> {
    let enabled = faults.causes.iter().filter(|(_, entry)| faults.enabled && entry.enabled);
    let build = |(name, entry): (&String, &CauseEntry)| {
        let holiday = if faults.holiday { entry.holiday_factor } else { 1.0 };
        let per_year = |technology: &Technology| match entry.by_technology {
            ByTechnology::Nothing => entry.rate_per_year,
            ByTechnology::Access => entry.rate_per_year * technology.fault_multiplier,
            ByTechnology::Flaps => technology.flaps_per_year,
        };
        let repair = |technology: &Technology| match entry.by_technology {
            ByTechnology::Access => stretch(entry.repair, technology.repair_multiplier),
            ByTechnology::Nothing | ByTechnology::Flaps => entry.repair,
        };
        Cause {
            name: name.clone(),
            scope: entry.scope,
            rate_per_s: technologies.iter().map(|one| per_year(one) * holiday / SECONDS_PER_YEAR).collect(),
            repair: technologies.iter().map(|one| repair(one)).collect(),
            signatures: entry.signatures.clone(),
            remedy: entry.remedy,
        }
    };
    enabled.map(build).collect()
}

/// The same distribution, `factor` times as long.
fn stretch(law: Law, factor: f64) -> Law {
    match law {
        Law::Constant(seconds) => Law::Constant(seconds * factor),
        Law::Uniform { low, high } => Law::Uniform { low: low * factor, high: high * factor },
        Law::Exponential { mean } => Law::Exponential { mean: mean * factor },
        Law::Lognormal { median, sigma } => Law::Lognormal { median: median * factor, sigma },
    }
}

/// Scheduled faults with the stores they hit, each drawn at (store, fault's name).
pub(super) fn schedule(context: &Context, placed: &[PlacedStore], window: Window) -> Vec<ScheduledFault> {
    let mut scheduled = Vec::new();
    for entry in &context.written.faults.scheduled {
        let hits: Vec<_> = reached(&entry.reach, placed)
            .filter_map(|(rank, store)| hit(context, entry, rank, store))
            .collect();
        let outside = |hit: &Window| hit.start >= window.end || hit.end <= window.start;
        if hits.iter().all(|(_, hit)| outside(hit)) && !hits.is_empty() {
            let message = format!("`{}` happens outside the days that are simulated", entry.name);
            context.report(entry.reach.place, Problem::new(Code::NoEffect, message));
        }
        scheduled.push(ScheduledFault {
            name: entry.name.clone(),
            scope: entry.scope,
            signature: entry.signature,
            hits,
        });
    }
    scheduled
}

fn hit(
    context: &Context,
    entry: &ScheduledEntry,
    rank: usize,
    store: &PlacedStore,
) -> Option<(StoreRank, Window)> {
    let draws = StoreDraws::new(context.written.general.seed, &store.id, &entry.name);
    if draws.uniform(FleetPurpose::ScheduledShare) >= entry.share {
        return None;
    }
    let begin: SimTime = context.begins(entry.start.as_ref()?, store)?;
    let late = draws.uniform(FleetPurpose::ScheduledSpread) * entry.spread.as_secs_f64();
    let start = begin + Span::from_secs_f64(late);
    let lasts = Span::from_secs_f64(draws.duration(FleetPurpose::ScheduledDuration, entry.duration));
    Some((StoreRank(rank as u32), Window { start, end: start + lasts }))
}
