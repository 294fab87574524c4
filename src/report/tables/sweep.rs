//! `sweep.csv`: every metric at every point of a sweep, one a row.

use super::{Column, Kind, Table};
use crate::report::field::Field;
use crate::report::summary::LEVEL;
use crate::report::sweep::{Measured, SweepPoint, SweepResult};

/// A row of the table.
pub struct SweepLine<'a> {
    point: &'a SweepPoint,
    metric: &'a Measured,
}

/// One line per point and metric, points in order, metrics in the order of `summary.json`.
pub fn sweep_lines(result: &SweepResult) -> impl Iterator<Item = SweepLine<'_>> {
    result.points.iter().flat_map(|point| point.metrics.iter().map(move |metric| SweepLine { point, metric }))
}

/// Definition of the table for a sweep of these inputs.
#[must_use]
pub fn sweep<'a>(paths: &[String]) -> Table<SweepLine<'a>> {
    let word = |name, meaning, write| Column::new(name, "", Kind::Text, meaning, write);
    let mut columns = vec![Column::new(
        "point",
        "",
        Kind::Integer,
        "Number of the point, from 1. A column for each input that is varied follows, called by its path.",
        |line: &SweepLine<'_>, field: &mut Field<'_>| field.integer(line.point.number.into()),
    )];
    columns.extend(paths.iter().enumerate().map(|(index, path)| {
        Column::numbered(
            path.clone(),
            "The input's value at the point, as `--set` takes it.",
            index,
            |line: &SweepLine<'_>, index, field| field.text(&line.point.values[index]),
        )
    }));
    columns.extend([
        word("group", "Group of the metric in `summary.json`.", |line: &SweepLine<'_>, field| {
            field.text(&line.metric.group);
        }),
        word("metric", "Name of the metric in `summary.json`.", |line, field| field.text(&line.metric.name)),
        Column::new("day", "", Kind::Date, "Local day that it is about.", |line: &SweepLine<'_>, field| {
            if let Some(day) = &line.metric.day {
                field.text(day);
            }
        })
        .empty_when("the row is about the whole run"),
        word("unit", "What the numbers count, as in `summary.json`.", |line, field| {
            field.text(&line.metric.unit)
        }),
    ]);
    columns.extend(numbers());
    Table {
        file: "sweep.csv",
        row: "Written by `tinsel sweep`: one row per point and metric of `summary.json`, in order of point. Numbers are \
              those that `tinsel run` gives at the point, as short as reads back exactly.",
        columns,
    }
}

fn numbers<'a>() -> Vec<Column<SweepLine<'a>>> {
    const NO_LIMIT: &str = "the replications determine no limit";
    let number = |name, meaning, empty, write| {
        Column::new(name, "see `unit`", Kind::Decimal, meaning, write).empty_when(empty)
    };
    vec![
        number(
            "estimate",
            "Mean, share or quantile, as the metric is.",
            "there was nothing to measure",
            |line: &SweepLine<'_>, field| field.estimate(line.metric.estimate),
        ),
        number("low", "Lower confidence limit.", NO_LIMIT, |line, field| field.estimate(line.metric.low)),
        number("high", "Upper confidence limit.", NO_LIMIT, |line, field| field.estimate(line.metric.high)),
        Column::new(
            "level",
            "",
            Kind::Decimal,
            "Confidence level of the limits.",
            |_: &SweepLine<'_>, field| field.estimate(Some(LEVEL)),
        ),
        Column::new(
            "replications",
            "",
            Kind::Integer,
            "Replications behind the estimate.",
            |line: &SweepLine<'_>, field| field.integer(line.metric.replications.into()),
        ),
    ]
}
