//! Which stores share a cell, and how busy phones keep it.

use std::collections::BTreeMap;

use h3o::{LatLng, Resolution};

use super::demand::surge_at;
use super::stores::PlacedStore;
use super::time::LocalDays;
use super::{Context, reached};
use crate::scenario::resolved::{CarrierId, Cell, Window};
use crate::scenario::values::DAY_MINUTES;
use crate::units::SimTime;

type Zones<'z> = BTreeMap<String, LocalDays<'z>>;
/// When phones take more (or less), and how much.
type Factor = (Window, f64);

/// The cells in order of (carrier, site), and the position of each store's, by first and by second SIM (without one, the first's).
pub(super) fn build(
    context: &Context,
    placed: &[PlacedStore],
    zones: &Zones,
    carriers: &[String],
) -> (Vec<Cell>, Vec<u32>, Vec<u32>) {
    let mut members: BTreeMap<(u32, String), Vec<usize>> = BTreeMap::new();
    for (rank, store) in placed.iter().enumerate() {
        for carrier in store.carriers() {
            let carrier = carriers.binary_search(carrier).unwrap_or(0) as u32;
            members.entry((carrier, site(store))).or_default().push(rank);
        }
    }
    let busy = surge_factors(context, placed);
    let mut cells = Vec::with_capacity(members.len());
    let mut cell_of = vec![0; placed.len()];
    let mut second_cell_of = vec![0; placed.len()];
    for ((carrier, site), ranks) in members {
        // The first store by id speaks for the cell: its clock decides the hours of the phones.
        let zone = &placed[ranks[0]].timezone;
        let start = zones.get(zone).map_or(SimTime::default(), |days| days.window().start);
        let mut factors = day_factors(context, zone);
        for rank in &ranks {
            let first = carriers.get(carrier as usize) == Some(&placed[*rank].carrier);
            let of_sim = if first { &mut cell_of } else { &mut second_cell_of };
            of_sim[*rank] = cells.len() as u32;
            factors.extend(
                busy.get(rank)
                    .into_iter()
                    .flatten()
                    .filter(|factor| !factors.contains(factor))
                    .collect::<Vec<_>>(),
            );
        }
        cells.push(Cell {
            carrier: CarrierId(carrier),
            name: format!("{}/{site}", carriers[carrier as usize]),
            site,
            phones: context.written.lte.phones,
            phone_steps: steps(&factors),
            utc_offset_s: context.zones.utc_offset_s(zone, start).unwrap_or(0),
        });
    }
    (cells, cell_of, second_cell_of)
}

/// The site column, else the hexagon (about 5 km²) around the store, else the store alone.
fn site(store: &PlacedStore) -> String {
    if !store.site.is_empty() {
        return store.site.clone();
    }
    match LatLng::new(store.lat, store.lon) {
        Ok(point) => point.to_cell(Resolution::Seven).to_string(),
        Err(_) => format!("store:{}", store.id),
    }
}

/// `[[lte.phones.day]]` in one time zone.
fn day_factors(context: &Context, zone: &str) -> Vec<Factor> {
    let days = context.written.lte.phone_days.iter();
    let factor = days.filter_map(|(date, factor)| {
        let start = context.zones.at_minute(zone, (*date)?, 0)?;
        let end = context.zones.at_minute(zone, (*date)?, DAY_MINUTES)?;
        Some((Window { start, end }, *factor))
    });
    factor.collect()
}

/// The factor of surges on phones, by rank of the store reached: from the start to one time constant after the
/// plateau, as a step.
fn surge_factors(context: &Context, placed: &[PlacedStore]) -> BTreeMap<usize, Vec<Factor>> {
    let mut factors: BTreeMap<usize, Vec<Factor>> = BTreeMap::new();
    for entry in context.written.surges.iter().filter(|entry| entry.phones != 1.0) {
        for (rank, store) in reached(&entry.reach, placed) {
            if let Some((surge, _)) = surge_at(context, entry, store) {
                let end = surge.start + surge.ramp + surge.plateau + surge.decay;
                factors.entry(rank).or_default().push((Window { start: surge.start, end }, entry.phones));
            }
        }
    }
    factors
}

/// The product of all factors that hold, as steps in order of time.
fn steps(factors: &[Factor]) -> Vec<(SimTime, f64)> {
    let mut instants: Vec<SimTime> =
        factors.iter().flat_map(|(window, _)| [window.start, window.end]).collect();
    instants.sort_unstable();
    instants.dedup();
    let holds = |window: &Window, at: SimTime| window.start <= at && at < window.end;
    let product =
        |at| factors.iter().filter(|(window, _)| holds(window, at)).map(|(_, factor)| factor).product();
    instants.into_iter().map(|at| (at, product(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_factors_multiply_and_end() {
        let at = SimTime::from_unix_seconds;
        let window = |start, end| Window { start: at(start), end: at(end) };
        let built = steps(&[(window(10, 40), 1.5), (window(20, 30), 2.0)]);
        assert_eq!(built, [(at(10), 1.5), (at(20), 3.0), (at(30), 1.5), (at(40), 1.0)]);
    }
}
