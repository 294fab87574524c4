//! `failover_curves.csv`: how soon faults are failed over, by profile.

use super::{Column, Field, Kind, Table};
use crate::report::curves::{Curve, Point};
use crate::units::Span;

/// Decimals of a share.
const DECIMALS: u32 = 6;

/// A row of the table.
pub struct CurveLine<'a> {
    curve: &'a Curve,
    point: &'a Point,
}

/// Rows in order of profile and length.
pub fn curve_lines(curves: &[Curve]) -> impl Iterator<Item = CurveLine<'_>> {
    curves.iter().flat_map(|curve| curve.points.iter().map(move |point| CurveLine { curve, point }))
}

/// A share; nothing if there is none.
fn share(share: Option<f64>, field: &mut Field<'_>) {
    if let Some(share) = share {
        field.fixed(libm::round(share * 1e6) as i64, DECIMALS);
    }
}

/// Definition of the table.
#[must_use]
pub fn curves<'a>() -> Table<CurveLine<'a>> {
    type Line<'a> = CurveLine<'a>;
    const NO_BAND: &str = "with one replication, or if the replications determine none";
    Table {
        file: "failover_curves.csv",
        row: "How soon faults are failed over: one row per failover profile and step of its curve, in order of both; of a long curve \
              about 250 steps. All replications together. Of faults of the way to the primary at stores with a wired primary and a \
              backup for their traffic, profiles with a failover only; by Aalen and Johansen, so that faults that were open at the \
              end count as long as they were seen. The last row of a profile is at the longest that was seen.",
        columns: vec![
            Column::new("profile", "", Kind::Text, "Failover profile.", |line: &Line<'_>, field| {
                field.text(&line.curve.name)
            }),
            Column::new(
                "faults",
                "",
                Kind::Integer,
                "How many faults the curve is of, in all replications; the same in all its rows.",
                |line: &Line<'_>, field| field.integer(line.curve.faults as u64),
            ),
            Column::new(
                "latency_s",
                "s",
                Kind::Decimal,
                "How long after the fault.",
                |line: &Line<'_>, field| {
                    field.seconds(Span::from_secs_f64(line.point.seconds));
                },
            ),
            Column::new(
                "failed_over_share",
                "share",
                Kind::Decimal,
                "Share of the faults that traffic was moved for by then, in time or late.",
                |line: &Line<'_>, field| share(Some(line.point.moved.estimate), field),
            ),
            Column::new(
                "failed_over_low",
                "share",
                Kind::Decimal,
                "Lower end of its 95 % interval over replications, at this length alone.",
                |line: &Line<'_>, field| share(line.point.moved.low, field),
            )
            .empty_when(NO_BAND),
            Column::new(
                "failed_over_high",
                "share",
                Kind::Decimal,
                "Its upper end.",
                |line: &Line<'_>, field| share(line.point.moved.high, field),
            )
            .empty_when(NO_BAND),
            Column::new(
                "over_first_share",
                "share",
                Kind::Decimal,
                "Share of the faults that were over by then, before traffic was moved.",
                |line: &Line<'_>, field| share(Some(line.point.over), field),
            ),
            Column::new(
                "open_share",
                "share",
                Kind::Decimal,
                "Share of which neither was so by then; the three shares sum to 1.",
                |line: &Line<'_>, field| share(Some(line.point.open), field),
            ),
        ],
    }
}
