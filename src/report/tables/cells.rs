//! `cells.csv`: the LTE cells that stores used; `cells_timeline.csv`: what they carried, interval by interval.

use super::{Column, Context, Kind, Table};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{CellInterval, CellRow, RunResult};
use crate::units::{SimTime, Span};

/// A row of the table.
pub struct CellLine<'a> {
    replication: u32,
    scenario: &'a Scenario,
    row: &'a CellRow,
}

/// Rows in order of replication and cell.
pub fn cell_lines<'a>(context: &Context<'a>, result: &'a RunResult) -> impl Iterator<Item = CellLine<'a>> {
    let scenario = context.scenario;
    result.replications.iter().flat_map(move |replication| {
        replication.cells.iter().map(move |row| CellLine {
            replication: replication.replication,
            scenario,
            row,
        })
    })
}

/// Definition of the table.
#[must_use]
pub fn cells<'a>() -> Table<CellLine<'a>> {
    let seconds = |name, unit, meaning, write| Column::new(name, unit, Kind::Decimal, meaning, write);
    Table {
        file: "cells.csv",
        row: "One row per replication and cell that a store used, in order of carrier and site.",
        columns: vec![
            Column::new(
                "replication",
                "",
                Kind::Integer,
                "Number of the replication, from 0.",
                |line: &CellLine<'_>, field| field.integer(line.replication.into()),
            ),
            Column::new("cell", "", Kind::Text, "The cell: `carrier/site`.", |line: &CellLine<'_>, field| {
                field.text(&line.scenario.cells[line.row.cell.0 as usize].name);
            }),
            Column::new("carrier", "", Kind::Text, "Who runs it.", |line: &CellLine<'_>, field| {
                let cell = &line.scenario.cells[line.row.cell.0 as usize];
                field.text(&line.scenario.carriers[cell.carrier.0 as usize].name);
            }),
            Column::new(
                "site",
                "",
                Kind::Text,
                "Site or mall of the fleet file, or an H3 hexagon of resolution 7.",
                |line: &CellLine<'_>, field| field.text(&line.scenario.cells[line.row.cell.0 as usize].site),
            ),
            seconds(
                "attached_store_s",
                "store-seconds",
                "Time that stores were attached, added over stores.",
                |line: &CellLine<'_>, field| field.seconds(line.row.attached),
            ),
            seconds("busy_s", "s", "Time with at least one store attached.", |line: &CellLine<'_>, field| {
                field.seconds(line.row.busy);
            }),
            seconds(
                "saturated_s",
                "s",
                "Time in which the stores wanted more airtime than was left.",
                |line: &CellLine<'_>, field| field.seconds(line.row.saturated),
            ),
            Column::new(
                "stores_max",
                "stores",
                Kind::Integer,
                "Most stores attached at one grid instant.",
                |line: &CellLine<'_>, field| field.integer(line.row.stores_max.into()),
            ),
            Column::new(
                "lte_mb",
                "MB",
                Kind::Decimal,
                "Data carried for stores, both directions.",
                |line: &CellLine<'_>, field| field.megabytes(line.row.bytes),
            ),
        ],
    }
}

/// A row of `cells_timeline.csv`.
pub struct IntervalLine<'a> {
    replication: u32,
    scenario: &'a Scenario,
    cell: &'a CellRow,
    start: SimTime,
    interval: &'a CellInterval,
}

impl IntervalLine<'_> {
    /// Airtime as a share of the interval, in millionths, rounded half up.
    fn millionths(&self, airtime: Span) -> i64 {
        let length = u128::from(self.interval.length.as_nanos().max(1));
        let share = (u128::from(airtime.as_nanos()) * 1_000_000 + length / 2) / length;
        i64::try_from(share).unwrap_or(i64::MAX)
    }
}

/// Rows in order of replication, cell and interval.
pub fn interval_lines<'a>(
    context: &Context<'a>,
    result: &'a RunResult,
) -> impl Iterator<Item = IntervalLine<'a>> {
    let (scenario, start) = (context.scenario, context.start());
    result.replications.iter().flat_map(move |one| {
        one.cells.iter().flat_map(move |cell| {
            cell.intervals.iter().map(move |interval| IntervalLine {
                replication: one.replication,
                scenario,
                cell,
                start,
                interval,
            })
        })
    })
}

/// Definition of `cells_timeline.csv`.
#[must_use]
pub fn cells_timeline<'a>() -> Table<IntervalLine<'a>> {
    let share = |name, meaning, write| Column::new(name, "", Kind::Decimal, meaning, write);
    Table {
        file: "cells_timeline.csv",
        row: "One row per replication, cell that a store used, and interval, in that order; only with `cell_timeline` on. Airtime \
              is a share of the interval (the last one ends with the window); what phones and stores have of a direction adds up to \
              at most 1, but for payments at the end of an interval, whose airtime others give back in the next.",
        columns: vec![
            Column::new(
                "replication",
                "",
                Kind::Integer,
                "Number of the replication, from 0.",
                |line: &IntervalLine<'_>, field| field.integer(line.replication.into()),
            ),
            Column::new(
                "cell",
                "",
                Kind::Text,
                "The cell: `carrier/site`.",
                |line: &IntervalLine<'_>, field| {
                    field.text(&line.scenario.cells[line.cell.cell.0 as usize].name);
                },
            ),
            Column::new(
                "interval_start_s",
                "s",
                Kind::Decimal,
                "Start of the interval, from the start of the window.",
                |line: &IntervalLine<'_>, field| field.instant(line.interval.start, line.start),
            ),
            Column::new(
                "interval_start_utc",
                "",
                Kind::Timestamp,
                "The same instant in UTC.",
                |line: &IntervalLine<'_>, field| field.utc(line.interval.start),
            ),
            Column::new(
                "stores_attached",
                "stores",
                Kind::Decimal,
                "Mean number of stores attached.",
                |line: &IntervalLine<'_>, field| {
                    let length = line.interval.length.as_nanos().max(1);
                    let milli = u128::from(line.interval.attached.as_nanos()) * 1_000;
                    let mean = (milli + u128::from(length / 2)) / u128::from(length);
                    field.fixed(i64::try_from(mean).unwrap_or(i64::MAX), 3);
                },
            ),
            Column::new(
                "saturated_s",
                "s",
                Kind::Decimal,
                "Time in which the stores wanted more airtime than was left.",
                |line: &IntervalLine<'_>, field| field.seconds(line.interval.saturated),
            ),
            share("phones_down", "Airtime of phones, towards them.", |line: &IntervalLine<'_>, field| {
                field.fixed(line.millionths(line.interval.phones_down), 6);
            }),
            share("stores_down", "Airtime of stores, towards them.", |line: &IntervalLine<'_>, field| {
                field.fixed(line.millionths(line.interval.stores_down), 6);
            }),
            share("phones_up", "Airtime of phones, from them.", |line: &IntervalLine<'_>, field| {
                field.fixed(line.millionths(line.interval.phones_up), 6);
            }),
            share("stores_up", "Airtime of stores, from them.", |line: &IntervalLine<'_>, field| {
                field.fixed(line.millionths(line.interval.stores_up), 6);
            }),
        ],
    }
}
