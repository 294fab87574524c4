//! `frontier.csv`, `deployment.csv`, `bill.csv`: what `tinsel size` answers.

use super::{Column, Kind, Table};
use crate::report::field::Field;
use crate::report::sizing::{BillRow, DeploymentRow, FrontierRow};
use crate::units::Cents;

const SIZE: &str = "the interval is not known";

fn money(value: f64, field: &mut Field<'_>) {
    field.money(Cents::from_units_f64(value));
}

fn share(value: f64, field: &mut Field<'_>) {
    field.fixed(libm::round(value * 1e4) as i64, 4);
}

fn money_or_empty(value: Option<f64>, field: &mut Field<'_>) {
    if let Some(value) = value {
        money(value, field);
    }
}

/// Definition of `frontier.csv`.
#[must_use]
pub fn frontier() -> Table<FrontierRow> {
    let word = |name, meaning, write| Column::new(name, "", Kind::Text, meaning, write);
    Table {
        file: "frontier.csv",
        row: "Written by `tinsel size`: one row per choice of shared levers and step from nothing to everything at stores, the most \
              avoided loss per cost first. Steps before and at the chosen budget are what a smaller budget would buy.",
        columns: vec![
            word("shared", "Shared levers that are pulled, joined by `+`.", |row: &FrontierRow, field| {
                field.text(&row.shared)
            })
            .empty_when("no shared lever is pulled"),
            Column::new(
                "step",
                "",
                Kind::Integer,
                "Number of the step; 0: nothing at any store.",
                |row, field| {
                    field.integer(row.step as u64);
                },
            ),
            word("store_id", "The store of the step.", |row, field| field.text(&row.store))
                .empty_when("step 0"),
            word("lever", "What it gets.", |row, field| field.text(&row.lever)).empty_when("step 0"),
            Column::new("units", "", Kind::Integer, "Units so far.", |row, field| {
                field.integer(row.units.into())
            }),
            Column::new(
                "cost_year_usd",
                "currency",
                Kind::Decimal,
                "Cost of a year so far, shared levers included.",
                |row, field| {
                    money(row.cost, field);
                },
            ),
            Column::new(
                "avoided_year_usd",
                "currency",
                Kind::Decimal,
                "Estimated loss avoided in a year so far by what is at stores, given the shared levers.",
                |row, field| money(row.avoided.estimate, field),
            ),
            Column::new(
                "avoided_low_usd",
                "currency",
                Kind::Decimal,
                "Lower end of the estimate's 95 % interval.",
                |row: &FrontierRow, field| {
                    money_or_empty(row.avoided.low, field);
                },
            )
            .empty_when(SIZE),
            Column::new(
                "avoided_high_usd",
                "currency",
                Kind::Decimal,
                "Upper end of the estimate's 95 % interval.",
                |row: &FrontierRow, field| {
                    money_or_empty(row.avoided.high, field);
                },
            )
            .empty_when(SIZE),
            Column::new(
                "knee",
                "",
                Kind::Flag,
                "Whether it is the knee: the step farthest above the line from first to last.",
                |row, field| {
                    field.flag(row.knee);
                },
            ),
            Column::new(
                "within_limits",
                "",
                Kind::Flag,
                "Whether it is within budget, units and time.",
                |row, field| {
                    field.flag(row.within);
                },
            ),
        ],
    }
}

/// Definition of `deployment.csv`.
#[must_use]
pub fn deployment() -> Table<DeploymentRow> {
    let word = |name, meaning, write| Column::new(name, "", Kind::Text, meaning, write);
    let amount = |name, meaning, write: fn(&DeploymentRow, &mut Field<'_>)| {
        Column::new(name, "currency", Kind::Decimal, meaning, write)
    };
    Table {
        file: "deployment.csv",
        row: "Written by `tinsel size`: one row per store that gets something, in order of rank.",
        columns: vec![
            word("store_id", "The store's identity, as in the fleet file.", |row: &DeploymentRow, field| {
                field.text(&row.store)
            }),
            Column::new(
                "rank",
                "",
                Kind::Integer,
                "From 1, the most avoided loss per cost first.",
                |row, field| {
                    field.integer(row.rank as u64);
                },
            ),
            word("lever", "The lever.", |row, field| field.text(&row.lever)),
            word("unit", "Its items that somebody has to put in (`unit`), joined by `+`.", |row, field| {
                field.text(&row.unit)
            })
            .empty_when("nothing has to be put in"),
            Column::new("ports", "", Kind::Integer, "Console ports of it.", |row, field| {
                field.integer(row.ports.into())
            }),
            word("carrier", "LTE carrier then; the second SIM's behind a `+`.", |row, field| {
                field.text(&row.carrier)
            })
            .empty_when("it has no LTE that carries its traffic"),
            word("plan", "Data plan then.", |row, field| field.text(&row.plan)).empty_when("it has none"),
            amount(
                "avoided_year_usd",
                "Loss avoided in a year: margin lost for good, late declines, journeys and overage (not of a pool).",
                |row, field| {
                    money(row.avoided.estimate, field);
                },
            ),
            amount("avoided_low_usd", "Lower end of the 95 % interval.", |row: &DeploymentRow, field| {
                money_or_empty(row.avoided.low, field)
            })
            .empty_when(SIZE),
            amount("avoided_high_usd", "Upper end of the 95 % interval.", |row: &DeploymentRow, field| {
                money_or_empty(row.avoided.high, field)
            })
            .empty_when(SIZE),
            amount(
                "own_year_usd",
                "What the store's own forced faults say, before pooling.",
                |row, field| money(row.own, field),
            ),
            Column::new(
                "own_weight",
                "share",
                Kind::Decimal,
                "Weight of its own faults against those of like stores.",
                |row, field| {
                    share(row.weight, field);
                },
            ),
            amount("cost_year_usd", "Cost of a year, devices written off over their life.", |row, field| {
                money(row.cost, field)
            }),
            amount("upfront_usd", "Cost once.", |row, field| money(row.upfront, field)),
            Column::new(
                "payback_years",
                "years",
                Kind::Decimal,
                "Until what was paid once is earned back.",
                |row: &DeploymentRow, field| {
                    if let Some(years) = row.payback {
                        field.fixed(libm::round(years.min(1e9) * 100.0) as i64, 2);
                    }
                },
            )
            .empty_when("running costs are more than it avoids"),
            word("reason", "The cause behind most of it, with its share.", |row, field| {
                field.text(&row.reason)
            })
            .empty_when("its forced faults show nothing avoided"),
            Column::new(
                "p_top",
                "share",
                Kind::Decimal,
                "Probability that it is among as many best as are chosen.",
                |row, field| {
                    share(row.top, field);
                },
            ),
            Column::new(
                "install_week",
                "",
                Kind::Integer,
                "Week of installation, from 1.",
                |row: &DeploymentRow, field| {
                    if let Some(week) = row.week {
                        field.integer(week.into());
                    }
                },
            )
            .empty_when("installs_per_week is not given, or nothing has to be put in"),
        ],
    }
}

/// Definition of `bill.csv`.
#[must_use]
pub fn bill() -> Table<BillRow> {
    let word = |name, meaning, write| Column::new(name, "", Kind::Text, meaning, write);
    let amount = |name, meaning, write: fn(&BillRow, &mut Field<'_>)| {
        Column::new(name, "currency", Kind::Decimal, meaning, write)
    };
    Table {
        file: "bill.csv",
        row: "Written by `tinsel size`: one row per item that the design takes, in order of name.",
        columns: vec![
            word("item", "Its name in [items].", |row: &BillRow, field| field.text(&row.item)),
            word("what", "What it is.", |row, field| field.text(&row.what)),
            Column::new("quantity", "", Kind::Integer, "How many.", |row, field| field.integer(row.quantity)),
            amount("price_usd", "Price of one, once.", |row, field| money(row.price, field)),
            amount("price_year_usd", "Price of one a year: plans, licences.", |row, field| {
                money(row.yearly, field)
            }),
            amount("total_usd", "All of them, once.", |row, field| {
                money(row.price * row.quantity as f64, field)
            }),
            amount("total_year_usd", "All of them, a year.", |row, field| {
                money(row.yearly * row.quantity as f64, field)
            }),
            word("price_date", "When the price was seen.", |row, field| field.text(&row.date)),
            word("price_origin", "Where it comes from.", |row, field| field.text(&row.origin)),
            word("confidence", "How far to trust it: C, D, M, EA, J as in docs/sources.md.", |row, field| {
                field.text(&row.confidence)
            }),
        ],
    }
}
