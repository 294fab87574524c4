//! `carriers.csv`: what carriers' cores of finite rate did.

use super::{Column, Context, Kind, Table};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{CarrierRow, RunResult};
use crate::units::SimTime;

/// A row of the table.
pub struct CarrierLine<'a> {
    replication: u32,
    scenario: &'a Scenario,
    row: &'a CarrierRow,
}

/// Rows in order of replication and carrier.
pub fn carrier_lines<'a>(
    context: &Context<'a>,
    result: &'a RunResult,
) -> impl Iterator<Item = CarrierLine<'a>> {
    let scenario = context.scenario;
    result.replications.iter().flat_map(move |replication| {
        replication.carriers.iter().map(move |row| CarrierLine {
            replication: replication.replication,
            scenario,
            row,
        })
    })
}

fn start(line: &CarrierLine<'_>) -> SimTime {
    line.scenario.window.start
}

/// Definition of the table.
#[must_use]
pub fn carriers<'a>() -> Table<CarrierLine<'a>> {
    fn count<'a>(
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        of: fn(&CarrierLine<'a>, &mut crate::report::field::Field<'_>),
    ) -> Column<CarrierLine<'a>> {
        Column::new(name, unit, Kind::Integer, meaning, of)
    }
    Table {
        file: "carriers.csv",
        row: "One row per replication and carrier whose core has a finite rate of registrations and that a store of the fleet \
              may ask, in order of name.",
        columns: vec![
            count("replication", "", "Number of the replication, from 0.", |line, field| {
                field.integer(line.replication.into());
            }),
            Column::new("carrier", "", Kind::Text, "Whose core.", |line: &CarrierLine<'_>, field| {
                field.text(&line.scenario.carriers[line.row.carrier.0 as usize].name);
            }),
            count(
                "registrations",
                "registrations",
                "Stores' registrations served in time.",
                |line, field| {
                    field.integer(line.row.usage.registered);
                },
            ),
            Column::new(
                "waited_s",
                "s",
                Kind::Decimal,
                "Time these waited for earlier ones, added up.",
                |line: &CarrierLine<'_>, field| field.seconds(line.row.usage.waited),
            ),
            Column::new(
                "waited_max_s",
                "s",
                Kind::Decimal,
                "The longest of these waits.",
                |line: &CarrierLine<'_>, field| field.seconds(line.row.usage.waited_max),
            ),
            count("refused", "attempts", "Stores' attempts refused for congestion.", |line, field| {
                field.integer(line.row.usage.refused);
            }),
            count(
                "unanswered",
                "attempts",
                "Stores' attempts without an answer within T3410.",
                |line, field| {
                    field.integer(line.row.usage.unanswered);
                },
            ),
            count(
                "backlog_max",
                "registrations",
                "Most registrations waiting at once, of phones and stores.",
                |line, field| field.integer(line.row.usage.backlog_max),
            ),
            Column::new(
                "drained_s",
                "s",
                Kind::Decimal,
                "When that backlog was gone.",
                |line: &CarrierLine<'_>, field| {
                    field.instant_or_empty(line.row.usage.drained, start(line));
                },
            )
            .empty_when("there was none, or it was not gone at the end"),
        ],
    }
}
