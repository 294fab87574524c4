//! `tornado.csv` and `samples.csv`: what uncertain inputs do to a decision, one at a time and all together.

use super::{Column, Kind, Table};
use crate::report::field::Field;
use crate::report::uncertainty::{Bar, InputSample, Switch, Uncertainty, Valued};

/// A row of `tornado.csv`.
pub struct TornadoLine<'a> {
    found: &'a Uncertainty,
    bar: &'a Bar,
}

/// One line per input, largest swing first.
pub fn tornado_lines(found: &Uncertainty) -> impl Iterator<Item = TornadoLine<'_>> {
    found.bars.iter().map(move |bar| TornadoLine { found, bar })
}

/// A row of `samples.csv`.
pub struct SampleLine<'a> {
    number: u32,
    sample: &'a InputSample,
}

/// One line per sample, in the order in which they were drawn.
pub fn sample_lines(found: &Uncertainty) -> impl Iterator<Item = SampleLine<'_>> {
    (1..).zip(&found.samples).map(|(number, sample)| SampleLine { number, sample })
}

const NO_LIMIT: &str = "the replications determine no limit";

/// Definition of `tornado.csv`.
#[must_use]
pub fn tornado<'a>() -> Table<TornadoLine<'a>> {
    let word = |name, meaning, write| Column::new(name, "", Kind::Text, meaning, write);
    let mut columns = vec![
        word(
            "input",
            "Path of the input, as `--set` takes it.",
            |line: &TornadoLine<'_>, field: &mut Field<'_>| {
                field.text(&line.bar.path);
            },
        ),
        word("source", "Where its range comes from.", |line, field| field.text(&line.bar.source)),
        word("base", "Its value in the scenario.", |line, field| field.text(&line.bar.base))
            .empty_when("it is a part of a value there"),
        word("low", "Lower end of its range.", |line, field| field.text(&line.bar.ends.0)),
        word("high", "Upper end of its range.", |line, field| field.text(&line.bar.ends.1)),
        word("unit", "Unit of the numbers that follow.", |line, field| field.text(&line.found.unit)),
    ];
    columns.extend(values());
    columns.extend([
        word(
            "switch",
            "Whether the decision flips: `holds`, `flips`, or `undecided` where replications leave it open.",
            |line: &TornadoLine<'_>, field| field.text(line.bar.switch.name()),
        )
        .empty_when("nothing was to be decided"),
        word("switch_at", "The input's value at which it flips.", |line, field| flip(line, 0, field))
            .empty_when("it does not flip"),
        word("switch_from", "The last value before it at which there is no doubt.", |line, field| {
            flip(line, 1, field)
        })
        .empty_when("it does not flip, or there is doubt down to the lower end"),
        word("switch_to", "The first value behind it at which there is no doubt.", |line, field| {
            flip(line, 2, field)
        })
        .empty_when("it does not flip, or there is doubt up to the upper end"),
    ]);
    Table {
        file: "tornado.csv",
        row: "Written by `tinsel uncertainty`: one row per uncertain input, at each end of its range while the others are as in \
              the scenario; largest swing first.",
        columns,
    }
}

fn flip(line: &TornadoLine<'_>, which: usize, field: &mut Field<'_>) {
    if let Switch::Flips { at, from, to } = &line.bar.switch
        && let Some(text) = [Some(at), from.as_ref(), to.as_ref()][which]
    {
        field.text(text);
    }
}

fn values<'a>() -> Vec<Column<TornadoLine<'a>>> {
    type Value = fn(&TornadoLine<'_>) -> Valued;
    const BASE: Value = |line| line.found.base;
    const AT_LOW: Value = |line| line.bar.at.0;
    const AT_HIGH: Value = |line| line.bar.at.1;
    let number = |name, meaning, empty: &'static str, write| {
        Column::new(name, "see `unit`", Kind::Decimal, meaning, write).empty_when(empty)
    };
    vec![
        number("at_base", "The deciding quantity in the scenario.", "", |line: &TornadoLine<'_>, field| {
            field.estimate(Some(BASE(line).estimate));
        }),
        number("at_base_low", "Its lower 95 % limit.", NO_LIMIT, |line, field| {
            field.estimate(BASE(line).low)
        }),
        number("at_base_high", "Its upper 95 % limit.", NO_LIMIT, |line, field| {
            field.estimate(BASE(line).high)
        }),
        number("at_low", "The quantity at the lower end.", "", |line, field| {
            field.estimate(Some(AT_LOW(line).estimate))
        }),
        number("at_low_low", "Its lower 95 % limit.", NO_LIMIT, |line, field| {
            field.estimate(AT_LOW(line).low)
        }),
        number("at_low_high", "Its upper 95 % limit.", NO_LIMIT, |line, field| {
            field.estimate(AT_LOW(line).high)
        }),
        number("at_high", "The quantity at the upper end.", "", |line, field| {
            field.estimate(Some(AT_HIGH(line).estimate))
        }),
        number("at_high_low", "Its lower 95 % limit.", NO_LIMIT, |line, field| {
            field.estimate(AT_HIGH(line).low)
        }),
        number("at_high_high", "Its upper 95 % limit.", NO_LIMIT, |line, field| {
            field.estimate(AT_HIGH(line).high)
        }),
        number("swing", "How far the ends are apart.", "", |line, field| {
            field.estimate(Some(line.bar.swing()))
        }),
    ]
}

/// Definition of `samples.csv` for these inputs.
#[must_use]
pub fn samples<'a>(paths: &[String]) -> Table<SampleLine<'a>> {
    let mut columns = vec![Column::new(
        "sample",
        "",
        Kind::Integer,
        "Number of the sample, from 1. A column for each uncertain input follows, called by its path.",
        |line: &SampleLine<'_>, field: &mut Field<'_>| field.integer(line.number.into()),
    )];
    columns.extend(paths.iter().enumerate().map(|(index, path)| {
        Column::numbered(
            path.clone(),
            "The input's value in the sample, as `--set` takes it.",
            index,
            |line: &SampleLine<'_>, index, field| field.text(&line.sample.values[index]),
        )
    }));
    let number = |name, meaning, empty: &'static str, write| {
        Column::new(name, "", Kind::Decimal, meaning, write).empty_when(empty)
    };
    columns.extend([
        number("estimate", "The deciding quantity.", "", |line: &SampleLine<'_>, field| {
            field.estimate(Some(line.sample.value.estimate));
        }),
        number("low", "Its lower 95 % limit.", NO_LIMIT, |line, field| field.estimate(line.sample.value.low)),
        number("high", "Its upper 95 % limit.", NO_LIMIT, |line, field| {
            field.estimate(line.sample.value.high)
        }),
    ]);
    Table {
        file: "samples.csv",
        row: "Written by `tinsel uncertainty`: one row per sample of all uncertain inputs, a Latin hypercube over their ranges.",
        columns,
    }
}
