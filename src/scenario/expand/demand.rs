//! A store's days: opening hours and expected customers by hour, and the surges that reach it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};

use super::stores::PlacedStore;
use super::time::{LocalDays, is_weekend};
use super::{Context, reached};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem};
use crate::scenario::resolved::{Day, DayKind, Surge};
use crate::scenario::sections::calendar::{CalendarEntry, SurgeEntry};
use crate::scenario::sections::formats::Format;
use crate::scenario::sections::general::days_between;
use crate::scenario::values::{DAY_MINUTES, Selection, Weights};
use crate::units::SimTime;

/// A surge is over ten time constants after its plateau.
const DECAYS: u64 = 10;

type Zones<'z> = BTreeMap<String, LocalDays<'z>>;
type Calendar<'c> = BTreeMap<(Date, &'c str), &'c CalendarEntry>;

/// All stores' days, in the order of the stores.
///
/// Expected customers = the format's average day × the store's sales over the format's × the calendar's
/// multiplier (1 on a day without an entry), spread over the hours by the curve.
pub(super) fn build(context: &Context, placed: &[PlacedStore], zones: &Zones) -> Vec<Vec<Day>> {
    let calendar = calendar(context);
    let mut complaints = BTreeSet::new();
    let mut all = Vec::with_capacity(placed.len());
    for store in placed {
        let (Some(days), Some(format)) =
            (zones.get(&store.timezone), context.written.formats.get(&store.format))
        else {
            all.push(Vec::new());
            continue;
        };
        let mut built = Vec::new();
        for (index, date) in days.dates().enumerate() {
            let entry = calendar.get(&(date, store.format.as_str())).copied();
            let hours = hours(store, entry);
            let curve = curve(context, format, date, entry);
            let multiplier = entry.map_or(1.0, |entry| entry.multiplier);
            let customers = format.customers_per_day * store.sales_factor * multiplier;
            match days.day(index, customers, &curve, hours) {
                Ok(day) => built.push(Day {
                    kind: entry.and_then(|entry| entry.kind).unwrap_or_else(|| usual_kind(date)),
                    ..day
                }),
                Err(()) if complaints.insert((date, &store.format)) => {
                    let place = entry.map_or(store.place, |entry| entry.place);
                    let message = format!(
                        "on {date} the curve of `{}` has no customers in opening hours",
                        store.format
                    );
                    context.report(
                        place,
                        Problem::new(Code::Inconsistent, message).help("choose another curve or other hours"),
                    );
                }
                Err(()) => {}
            }
        }
        all.push(built);
    }
    all
}

fn calendar<'c>(context: &'c Context) -> Calendar<'c> {
    let mut calendar = Calendar::new();
    for entry in &context.written.calendar {
        let Some(date) = entry.date else { continue };
        let names: Vec<&str> = match &entry.formats {
            Selection::All => context.written.formats.keys().map(String::as_str).collect(),
            Selection::These(names) => names.iter().map(|name| name.text.as_str()).collect(),
        };
        calendar.extend(names.into_iter().map(|name| ((date, name), entry)));
    }
    calendar
}

/// The calendar's hours, else the store's; closing at or before opening means after midnight, taken as 24:00.
fn hours(store: &PlacedStore, entry: Option<&CalendarEntry>) -> Option<(u32, u32)> {
    let open = entry.and_then(|entry| entry.open).unwrap_or(store.open);
    let close = entry.and_then(|entry| entry.close).unwrap_or(store.close);
    let close = if close <= open { DAY_MINUTES } else { close };
    let closed = entry.is_some_and(|entry| entry.closed) || open >= DAY_MINUTES;
    (!closed).then_some((open, close))
}

/// The day's curve: the calendar's mix, else the format's for the kind of day.
fn curve(context: &Context, format: &Format, date: Date, entry: Option<&CalendarEntry>) -> [f64; 24] {
    let usual = if is_weekend(date) { &format.weekend } else { &format.weekday };
    match (entry.and_then(|entry| entry.curve.as_ref()), usual) {
        (Some(weights), _) => mix(context, weights),
        (None, Some(Named { text, .. })) => context.written.curves.get(text).copied().unwrap_or([0.0; 24]),
        (None, None) => [0.0; 24],
    }
}

/// Curves in proportion; each counts by its share of the day, whatever the unit of its weights.
fn mix(context: &Context, weights: &Weights) -> [f64; 24] {
    let mut mixed = [0.0; 24];
    for (name, weight) in weights {
        let Some(curve) = context.written.curves.get(&name.text) else { continue };
        let total: f64 = curve.iter().sum();
        for (sum, hour) in mixed.iter_mut().zip(curve) {
            *sum += weight * hour / total;
        }
    }
    mixed
}

/// The kind of a day of which the calendar says none: Cyber 5 from the fourth Thursday of November for five days, then the
/// holidays until 10 January.
fn usual_kind(date: Date) -> DayKind {
    let thanksgiving =
        |year| Date::new(year, 11, 1).and_then(|first| first.nth_weekday_of_month(4, Weekday::Thursday));
    if date.month() == 1 && date.day() <= 10 {
        return DayKind::Holiday;
    }
    match thanksgiving(date.year()).map(|from| days_between(from, date)) {
        Ok(0..=4) => DayKind::Cyber5,
        Ok(5..) => DayKind::Holiday,
        Ok(_) | Err(_) => DayKind::Normal,
    }
}

/// When a surge starts and ends at a store.
pub(super) fn surge_at(
    context: &Context,
    entry: &SurgeEntry,
    store: &PlacedStore,
) -> Option<(Surge, SimTime)> {
    let surge = Surge {
        start: context.begins(entry.start.as_ref()?, store)?,
        ramp: entry.ramp,
        plateau: entry.plateau,
        decay: entry.decay,
        peak: entry.peak,
    };
    let end = surge.start + entry.ramp + entry.plateau + entry.decay.times(DECAYS);
    Some((surge, end))
}

/// The surges of every store that fall into its days, in file order.
pub(super) fn surges(context: &Context, placed: &[PlacedStore], zones: &Zones) -> Vec<Vec<Surge>> {
    let mut all = vec![Vec::new(); placed.len()];
    for entry in &context.written.surges {
        let mut any = false;
        for (rank, store) in reached(&entry.reach, placed) {
            let Some(window) = zones.get(&store.timezone).map(LocalDays::window) else { continue };
            let Some((surge, end)) = surge_at(context, entry, store) else { continue };
            if surge.start < window.end && end > window.start {
                all[rank].push(surge);
                any = true;
            }
        }
        if !any && reached(&entry.reach, placed).next().is_some() {
            let problem = Problem::new(Code::NoEffect, "this surge lies outside the days that are simulated");
            context.report(entry.reach.place, problem);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_a_kind_is_told_by_its_date() {
        let kind = |year, month, day| usual_kind(Date::new(year, month, day).expect("a day"));
        assert_eq!(kind(2019, 11, 27), DayKind::Normal);
        assert_eq!([kind(2019, 11, 28), kind(2019, 12, 2)], [DayKind::Cyber5; 2]);
        assert_eq!([kind(2019, 12, 3), kind(2019, 12, 31), kind(2020, 1, 10)], [DayKind::Holiday; 3]);
        assert_eq!(kind(2020, 1, 11), DayKind::Normal);
        // The earliest Thanksgiving there is.
        assert_eq!([kind(2018, 11, 22), kind(2018, 11, 26)], [DayKind::Cyber5; 2]);
    }
}
