//! `cells.csv`: the LTE cells that stores used.

use super::{Column, Context, Kind, Table};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{CellRow, RunResult};

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
