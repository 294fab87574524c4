//! `timeline.csv`: counts and states by interval and region.

use super::{Column, Context, Kind, Table};
use crate::simulation::result::{ReplicationResult, RunResult, TimelineCell};
use crate::units::{SimTime, Span};

/// A row of the table.
pub struct TimelineLine<'a> {
    replication: u32,
    region: &'a str,
    at: SimTime,
    /// Start of the scenario's window.
    origin: SimTime,
    interval: Span,
    cell: &'a TimelineCell,
}

/// Rows in order of replication, interval, region.
pub fn timeline_lines<'a>(
    context: &Context<'a>,
    result: &'a RunResult,
) -> impl Iterator<Item = TimelineLine<'a>> {
    let origin = context.start();
    result.replications.iter().flat_map(move |replication| replication_lines(origin, replication))
}

fn replication_lines(
    origin: SimTime,
    replication: &ReplicationResult,
) -> impl Iterator<Item = TimelineLine<'_>> {
    let timeline = &replication.timeline;
    let intervals = timeline.intervals();
    (0..intervals).flat_map(move |index| {
        timeline.regions.iter().enumerate().map(move |(region, name)| TimelineLine {
            replication: replication.replication,
            region: name,
            at: timeline.start + timeline.interval.times(index as u64),
            origin,
            interval: timeline.interval,
            cell: &timeline.cells[region * intervals + index],
        })
    })
}

/// Definition of the table.
#[must_use]
pub fn timeline<'a>() -> Table<TimelineLine<'a>> {
    let mut columns: Vec<Column<TimelineLine<'a>>> = vec![
        Column::new("replication", "", Kind::Integer, "Number of the replication, from 0.", |line, field| {
            field.integer(line.replication.into());
        }),
        Column::new(
            "interval_start_s",
            "s",
            Kind::Decimal,
            "Start of the interval, from the start of the window.",
            |line, field| field.instant(line.at, line.origin),
        ),
        Column::new("interval_start_utc", "", Kind::Timestamp, "The same instant in UTC.", |line, field| {
            field.utc(line.at);
        }),
        Column::new("region", "", Kind::Text, "US state, or as given.", |line: &TimelineLine<'_>, field| {
            field.text(line.region);
        })
        .empty_when("stores without a region"),
        Column::new(
            "demand",
            "customers",
            Kind::Decimal,
            "Expected customers: the demand put in, surges included.",
            |line, field| field.fixed(i64::try_from(line.cell.demand_milli).unwrap_or(i64::MAX), 3),
        ),
    ];
    columns.extend(count_columns());
    columns.extend(state_columns());
    Table {
        file: "timeline.csv",
        row: "One row per replication, interval and region, in that order. The interval's width is set in the scenario.",
        columns,
    }
}

fn count_columns<'a>() -> Vec<Column<TimelineLine<'a>>> {
    let count = |name, unit, meaning, write| Column::new(name, unit, Kind::Integer, meaning, write);
    vec![
        count(
            "customers",
            "customers",
            "Customers who reached the tills.",
            |line: &TimelineLine<'_>, field| {
                field.integer(line.cell.customers);
            },
        ),
        count("payments", "payments", "Card payments begun.", |line: &TimelineLine<'_>, field| {
            field.integer(line.cell.payments);
        }),
        count("authorized", "payments", "Approved by the host.", |line: &TimelineLine<'_>, field| {
            field.integer(line.cell.authorized);
        }),
        count(
            "authorized_offline",
            "payments",
            "Approved by the terminal's offline policy.",
            |line: &TimelineLine<'_>, field| field.integer(line.cell.authorized_offline),
        ),
        count(
            "payments_lost",
            "payments",
            "No answer and no offline approval.",
            |line: &TimelineLine<'_>, field| field.integer(line.cell.payments_lost),
        ),
        count(
            "abandoned",
            "customers",
            "Customers who balked, reneged or left a basket unpaid.",
            |line: &TimelineLine<'_>, field| field.integer(line.cell.abandoned),
        ),
    ]
}

fn state_columns<'a>() -> Vec<Column<TimelineLine<'a>>> {
    let mean = |name, meaning, write| Column::new(name, "stores", Kind::Decimal, meaning, write);
    vec![
        mean(
            "stores_primary",
            "Mean number of stores with traffic on a working wired primary.",
            |line: &TimelineLine<'_>, field| field.fixed(mean_stores_milli(line, line.cell.primary_ns), 3),
        ),
        mean(
            "stores_lte",
            "Mean number of stores with traffic on a working LTE path.",
            |line: &TimelineLine<'_>, field| field.fixed(mean_stores_milli(line, line.cell.lte_ns), 3),
        ),
        mean(
            "stores_gap",
            "Mean number of stores in a service gap although an uplink works: detecting, bringing up, wrong route.",
            |line: &TimelineLine<'_>, field| field.fixed(mean_stores_milli(line, line.cell.gap_ns), 3),
        ),
        mean(
            "stores_dark",
            "Mean number of stores without any working uplink.",
            |line: &TimelineLine<'_>, field| field.fixed(mean_stores_milli(line, line.cell.dark_ns), 3),
        ),
        mean("stores_open", "Mean number of stores with open doors.", |line: &TimelineLine<'_>, field| {
            field.fixed(mean_stores_milli(line, line.cell.open_ns), 3)
        }),
        Column::new(
            "lte_mbps",
            "Mbit/s",
            Kind::Decimal,
            "Mean rate over LTE, both directions, all stores of the region.",
            |line: &TimelineLine<'_>, field| field.fixed(bits_per_second(line), 6),
        ),
    ]
}

/// Thousandths of a store, on average over the interval, rounded half up.
fn mean_stores_milli(line: &TimelineLine<'_>, store_nanos: u64) -> i64 {
    rounded_ratio(u128::from(store_nanos) * 1_000, line.interval)
}

fn bits_per_second(line: &TimelineLine<'_>) -> i64 {
    rounded_ratio(u128::from(line.cell.lte_bytes) * 8 * 1_000_000_000, line.interval)
}

fn rounded_ratio(numerator: u128, interval: Span) -> i64 {
    let width = u128::from(interval.as_nanos().max(1));
    i64::try_from((numerator + width / 2) / width).unwrap_or(i64::MAX)
}
