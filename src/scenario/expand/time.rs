//! Local time to absolute time, and a store's days with their expected customers.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::scenario::resolved::{Day, DayKind, DemandPiece, Window};
use crate::scenario::values::DAY_MINUTES;
use crate::units::SimTime;

/// Time zones, from the database that is compiled in: the platform's may differ from machine to machine.
pub(crate) struct Zones {
    database: TimeZoneDatabase,
    known: RefCell<BTreeMap<String, Option<TimeZone>>>,
}

/// The 25 instants 00:00, 01:00, …, 24:00 of one local day.
type Hours = [SimTime; 25];

impl Zones {
    pub(crate) fn new() -> Self {
        Zones { database: TimeZoneDatabase::bundled(), known: RefCell::default() }
    }

    pub(crate) fn is_known(&self, name: &str) -> bool {
        self.zone(name).is_some()
    }

    fn zone(&self, name: &str) -> Option<TimeZone> {
        if let Some(zone) = self.known.borrow().get(name) {
            return zone.clone();
        }
        let zone = self.database.get(name).ok();
        self.known.borrow_mut().insert(name.to_owned(), zone.clone());
        zone
    }

    /// The instant at which local clocks in `zone` show `local`; of two the first, of none the next.
    pub(crate) fn instant(&self, zone: &str, local: DateTime) -> Option<SimTime> {
        let timestamp = self.zone(zone)?.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(SimTime::from_nanos(u64::try_from(timestamp.as_nanosecond()).ok()?))
    }

    /// Offset of local time from UTC at `instant`, seconds.
    pub(crate) fn utc_offset_s(&self, zone: &str, instant: SimTime) -> Option<i64> {
        let seconds = i64::try_from(instant.as_nanos() / 1_000_000_000).ok()?;
        let timestamp = jiff::Timestamp::from_second(seconds).ok()?;
        Some(i64::from(self.zone(zone)?.to_offset(timestamp).seconds()))
    }

    /// The instant `minutes` after local midnight by the clock; 1440 is the next midnight.
    pub(crate) fn at_minute(&self, zone: &str, date: Date, minutes: u32) -> Option<SimTime> {
        let date = if minutes >= DAY_MINUTES { date.tomorrow().ok()? } else { date };
        let minutes = if minutes >= DAY_MINUTES { 0 } else { minutes };
        let time = Time::new((minutes / 60) as i8, (minutes % 60) as i8, 0, 0).ok()?;
        self.instant(zone, date.to_datetime(time))
    }

    fn hours(&self, zone: &str, date: Date) -> Option<Hours> {
        let mut hours = [SimTime::default(); 25];
        for (hour, instant) in hours.iter_mut().enumerate() {
            *instant = self.at_minute(zone, date, hour as u32 * 60)?;
        }
        Some(hours)
    }
}

/// Whole local days in one zone, converted once for all its stores.
pub(crate) struct LocalDays<'z> {
    zones: &'z Zones,
    zone: String,
    days: Vec<(Date, String, Hours)>,
}

impl<'z> LocalDays<'z> {
    /// The days `first..=last` that exist in the zone (Samoa had no 30 December 2011); `None` if it is unknown.
    pub(crate) fn new(zones: &'z Zones, zone: &str, first: Date, last: Date) -> Option<Self> {
        let mut days = Vec::new();
        let mut date = first;
        loop {
            let hours = zones.hours(zone, date)?;
            if hours[0] < hours[24] {
                days.push((date, date.to_string(), hours));
            }
            if date >= last {
                break;
            }
            date = date.tomorrow().ok()?;
        }
        Some(LocalDays { zones, zone: zone.to_owned(), days })
    }

    /// Whether the zone skips all the days that were asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The dates in order.
    pub(crate) fn dates(&self) -> impl Iterator<Item = Date> {
        self.days.iter().map(|(date, _, _)| *date)
    }

    /// From the first midnight to the last.
    pub(crate) fn window(&self) -> Window {
        let first = self.days.first().map_or(SimTime::default(), |(_, _, hours)| hours[0]);
        let last = self.days.last().map_or(first, |(_, _, hours)| hours[24]);
        Window { start: first, end: last }
    }

    /// Day number `index` with `customers` expected while open from minute `open` to `close`.
    ///
    /// The curve's weights are cut to the opening hours and scaled so that the day's customers stay the same. An
    /// hour that local clocks skip has none, one that they repeat is one longer piece. `Err` if the curve has
    /// no weight in opening hours.
    pub(crate) fn day(
        &self,
        index: usize,
        customers: f64,
        curve: &[f64; 24],
        hours: Option<(u32, u32)>,
    ) -> Result<Day, ()> {
        let (date, name, instants) = &self.days[index];
        let window = Window { start: instants[0], end: instants[24] };
        let mut day = Day {
            date: name.clone(),
            kind: DayKind::default(),
            window,
            open: Vec::new(),
            demand: Vec::new(),
        };
        let Some((open, close)) = hours else { return Ok(day) };
        let at = |minute: u32| {
            let whole = minute.is_multiple_of(60).then(|| instants[(minute / 60) as usize]);
            whole.or_else(|| self.zones.at_minute(&self.zone, *date, minute)).unwrap_or(window.end)
        };
        day.open.push(Window { start: at(open), end: at(close) });
        let mut total = 0.0;
        for (hour, weight) in (0_u32..).zip(curve) {
            let (from, to) = ((hour * 60).max(open), ((hour + 1) * 60).min(close));
            if from >= to || *weight <= 0.0 {
                continue;
            }
            let piece = Window { start: at(from), end: at(to) };
            if piece.start >= piece.end {
                continue;
            }
            let weight = weight * f64::from(to - from) / 60.0;
            total += weight;
            day.demand.push(DemandPiece { window: piece, customers: weight });
        }
        if total <= 0.0 && customers > 0.0 {
            return Err(());
        }
        for piece in &mut day.demand {
            piece.customers = customers * piece.customers / total;
        }
        Ok(day)
    }
}

/// Whether a date has the weekend's curve.
pub(crate) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn pieces(day: Date) -> Vec<(u64, f64)> {
        let zones = Zones::new();
        let days = LocalDays::new(&zones, "America/New_York", day, day).expect("the zone is bundled");
        let built = days.day(0, 24.0, &[1.0; 24], Some((0, DAY_MINUTES))).expect("the curve has weight");
        let minutes =
            |piece: &DemandPiece| piece.window.end.since(piece.window.start).as_nanos() / 60_000_000_000;
        built.demand.iter().map(|piece| (minutes(piece), piece.customers)).collect()
    }

    #[test]
    fn a_skipped_hour_has_no_customers_and_a_repeated_one_is_longer() {
        let usual = pieces(date(2019, 11, 29));
        assert_eq!(usual, vec![(60, 1.0); 24]);
        let spring = pieces(date(2019, 3, 10));
        assert_eq!(spring.len(), 23);
        assert!((spring.iter().map(|(_, customers)| customers).sum::<f64>() - 24.0).abs() < 1e-9);
        let autumn = pieces(date(2019, 11, 3));
        assert_eq!((autumn.len(), autumn[1]), (24, (120, 1.0)));
    }

    #[test]
    fn a_day_that_a_zone_skips_is_left_out() {
        let zones = Zones::new();
        let days = |first, last| LocalDays::new(&zones, "Pacific/Apia", first, last).expect("it is bundled");
        let around = days(date(2011, 12, 29), date(2011, 12, 31));
        assert_eq!(around.dates().collect::<Vec<_>>(), [date(2011, 12, 29), date(2011, 12, 31)]);
        let length = around.window().end.since(around.window().start);
        assert_eq!(length, crate::units::Span::from_secs(2 * 86_400));
        assert!(days(date(2011, 12, 30), date(2011, 12, 30)).is_empty());
    }

    #[test]
    fn a_curve_is_cut_to_the_opening_hours_and_keeps_the_days_customers() {
        let zones = Zones::new();
        let day = date(2019, 11, 29);
        let days = LocalDays::new(&zones, "America/Chicago", day, day).expect("the zone is bundled");
        let built =
            days.day(0, 30.0, &[1.0; 24], Some((7 * 60 + 30, 10 * 60))).expect("the curve has weight");
        let customers: Vec<f64> = built.demand.iter().map(|piece| piece.customers).collect();
        assert_eq!(customers, [6.0, 12.0, 12.0]);
        assert_eq!(built.open[0].start, built.demand[0].window.start);
        assert!(days.day(0, 30.0, &[0.0; 24], Some((60, 120))).is_err());
        assert!(days.day(0, 30.0, &[1.0; 24], None).expect("closed").open.is_empty());
    }
}
