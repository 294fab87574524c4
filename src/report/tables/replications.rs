//! `replications.csv`: what each replication stands for, where they do not all stand for the same.

use super::{Column, Kind, Table};
use crate::measure::design::Design;
use crate::simulation::result::RunResult;

/// A row of the table.
pub struct ReplicationLine<'a> {
    replication: u32,
    stratum: &'a str,
    weight: f64,
    rare_onsets: u32,
}

/// Rows in order of replication.
pub fn replication_lines<'a>(
    design: &'a Design,
    result: &'a RunResult,
) -> impl Iterator<Item = ReplicationLine<'a>> {
    result.replications.iter().enumerate().map(|(position, replication)| ReplicationLine {
        replication: replication.replication,
        stratum: design.strata()[design.member(position)].name,
        weight: design.weight(position),
        rare_onsets: replication.rare_onsets,
    })
}

/// Definition of the table.
#[must_use]
pub fn replications<'a>() -> Table<ReplicationLine<'a>> {
    Table {
        file: "replications.csv",
        row: "One row per replication, if shared faults are drawn in strata or boosted (`faults.sampling`, `faults.boost`); otherwise \
              there is no such file and all stand for the same.",
        columns: vec![
            Column::new(
                "replication",
                "",
                Kind::Integer,
                "Number of the replication, from 0.",
                |line: &ReplicationLine<'_>, field| field.integer(line.replication.into()),
            ),
            Column::new(
                "stratum",
                "",
                Kind::Text,
                "Which shared faults it was drawn under: `none`, `chain`, `operator`, `regional`, or `all` for no condition.",
                |line: &ReplicationLine<'_>, field| field.text(line.stratum),
            ),
            Column::new(
                "weight",
                "",
                Kind::Decimal,
                "What it stands for. A mean over weekends is the sum of weight times value; in strata the weights sum to 1.",
                |line: &ReplicationLine<'_>, field| {
                    field.fixed(libm::round(line.weight * 1e15) as i64, 15);
                },
            ),
            Column::new(
                "rare_onsets",
                "",
                Kind::Integer,
                "Boosted only: onsets in the rare windows of the boosted causes, on which the weight depends.",
                |line: &ReplicationLine<'_>, field| field.integer(line.rare_onsets.into()),
            ),
        ],
    }
}
