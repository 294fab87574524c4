//! `comparison.csv`: every metric of two designs with the paired difference.

use super::{Column, Kind, Table};
use crate::measure::estimators::Interval;
use crate::measure::sample::Paired;
use crate::report::comparison::{Comparison, Row};
use crate::report::field::Field;
use crate::report::parts::Grouping;

/// Decimals of a metric: whatever its unit, a microsecond, a cent or a ten-thousandth of a percent shows.
const DECIMALS: u32 = 6;
/// 10 to the power of [`DECIMALS`].
const UNITS: f64 = 1e6;

/// A row of the table.
pub struct ComparisonLine<'a> {
    row: &'a Row,
    unit: &'a str,
}

/// One line per metric and part of the fleet, the fleet first.
pub fn comparison_lines(comparison: &Comparison) -> impl Iterator<Item = ComparisonLine<'_>> {
    comparison.rows.iter().map(|row| ComparisonLine { row, unit: comparison.summary.unit_name(row.unit) })
}

/// A number that may be anything; what is not a number is left empty.
pub(super) fn number(value: Option<f64>, field: &mut Field<'_>) {
    let units = value.filter(|value| value.is_finite()).map(|value| libm::round(value * UNITS));
    if let Some(units) = units.filter(|units| units.abs() < 9e18) {
        field.fixed(units as i64, DECIMALS);
    }
}

fn of(line: &ComparisonLine<'_>, which: impl Fn(&Paired) -> Option<f64>, field: &mut Field<'_>) {
    number(line.row.paired.as_ref().and_then(which), field);
}

/// Definition of the table.
#[must_use]
pub fn comparison<'a>() -> Table<ComparisonLine<'a>> {
    let word = |name, meaning, write| Column::new(name, "", Kind::Text, meaning, write);
    let mut columns = vec![
        word(
            "grouping",
            "What the stores are grouped by: `region` or `format`.",
            |line: &ComparisonLine<'_>, field| {
                field.text(line.row.grouping.map_or("", Grouping::name));
            },
        )
        .empty_when("the row is about the whole fleet"),
        word("part", "Which region or format.", |line, field| field.text(&line.row.part))
            .empty_when("the row is about the whole fleet"),
        word("group", "Group of the metric in `summary.json`.", |line, field| field.text(line.row.group)),
        word("metric", "Name of the metric in `summary.json`.", |line, field| field.text(&line.row.metric)),
        Column::new(
            "day",
            "",
            Kind::Date,
            "Local day that it is about.",
            |line: &ComparisonLine<'_>, field| {
                field.text(line.row.day.as_deref().unwrap_or(""));
            },
        )
        .empty_when("the row is about the whole run"),
        word("unit", "What the numbers count, as in `summary.json`.", |line, field| field.text(line.unit)),
    ];
    columns.extend(numbers());
    Table {
        file: "comparison.csv",
        row: "Written by `tinsel compare`: one row per metric that both runs have, of the fleet, then of each region and format.",
        columns,
    }
}

fn numbers<'a>() -> Vec<Column<ComparisonLine<'a>>> {
    const NOT_MEASURED: &str = "one of the two had nothing to measure";
    const NO_INTERVAL: &str = "the replications determine no limit";
    let number = |name, meaning, empty, write| {
        Column::new(name, "see `unit`", Kind::Decimal, meaning, write).empty_when(empty)
    };
    type Limit = fn(&Interval) -> Option<f64>;
    const LOW: Limit = |interval| interval.low;
    const HIGH: Limit = |interval| interval.high;
    vec![
        number("first", "Estimate of the first.", NOT_MEASURED, |line: &ComparisonLine<'_>, field| {
            of(line, |paired| Some(paired.first.estimate), field);
        }),
        number("first_low", "Lower 95 % limit of the first.", NO_INTERVAL, |line, field| {
            of(line, |paired| LOW(&paired.first), field);
        }),
        number("first_high", "Upper 95 % limit of the first.", NO_INTERVAL, |line, field| {
            of(line, |paired| HIGH(&paired.first), field);
        }),
        number("second", "Estimate of the second.", NOT_MEASURED, |line, field| {
            of(line, |paired| Some(paired.second.estimate), field);
        }),
        number("second_low", "Lower 95 % limit of the second.", NO_INTERVAL, |line, field| {
            of(line, |paired| LOW(&paired.second), field);
        }),
        number("second_high", "Upper 95 % limit of the second.", NO_INTERVAL, |line, field| {
            of(line, |paired| HIGH(&paired.second), field);
        }),
        number("difference", "Second less first.", NOT_MEASURED, |line, field| {
            of(line, |paired| Some(paired.difference.estimate), field);
        }),
        number(
            "difference_low",
            "Lower 95 % limit of the difference, from the differences within replications.",
            NO_INTERVAL,
            |line, field| of(line, |paired| LOW(&paired.difference), field),
        ),
        number("difference_high", "Upper 95 % limit of the difference.", NO_INTERVAL, |line, field| {
            of(line, |paired| HIGH(&paired.difference), field);
        }),
        Column::new(
            "variance_reduction",
            "",
            Kind::Decimal,
            "(Var first + Var second) / Var difference: how many times as many replications runs apart would need.",
            |line: &ComparisonLine<'_>, field| of(line, |paired| paired.variance_reduction, field),
        )
        .empty_when("the difference does not vary, or cannot be told"),
    ]
}
