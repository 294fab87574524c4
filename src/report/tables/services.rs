//! `services.csv`: finite services by interval.

use super::{Column, Context, Kind, Table};
use crate::scenario::resolved::Scenario;
use crate::simulation::result::{RunResult, ServiceCounts};
use crate::units::{Cents, SimTime, Span};

/// A row of the table.
pub struct ServiceLine<'a> {
    replication: u32,
    scenario: &'a Scenario,
    name: &'a str,
    at: SimTime,
    counts: &'a ServiceCounts,
}

/// Rows in order of replication, service and interval.
pub fn service_lines<'a>(
    context: &Context<'a>,
    result: &'a RunResult,
) -> impl Iterator<Item = ServiceLine<'a>> {
    let scenario = context.scenario;
    result.replications.iter().flat_map(move |replication| {
        replication.services.iter().flat_map(move |row| {
            row.intervals.iter().enumerate().map(move |(interval, counts)| ServiceLine {
                replication: replication.replication,
                scenario,
                name: &scenario.services[row.service.0 as usize].name,
                at: scenario.window.start + scenario.interval.times(interval as u64),
                counts,
            })
        })
    })
}

/// `total` over `count` in milliseconds with three decimals, rounded half up; zero of none.
fn mean_ms(total: Span, count: u64) -> i64 {
    let count = u128::from(count.max(1));
    let micros = (u128::from(total.as_nanos()) + 500 * count) / (1_000 * count);
    i64::try_from(micros).unwrap_or(i64::MAX)
}

/// Definition of the table.
#[must_use]
pub fn services<'a>() -> Table<ServiceLine<'a>> {
    let mut columns = vec![
        Column::new(
            "replication",
            "",
            Kind::Integer,
            "Number of the replication, from 0.",
            |line: &ServiceLine<'_>, field| field.integer(line.replication.into()),
        ),
        Column::new(
            "interval_start_utc",
            "",
            Kind::Timestamp,
            "Start of the interval.",
            |line: &ServiceLine<'_>, field| field.utc(line.at),
        ),
        Column::new("service", "", Kind::Text, "Name of the service.", |line: &ServiceLine<'_>, field| {
            field.text(line.name);
        }),
    ];
    columns.extend(count_columns());
    columns.extend(wait_columns());
    columns.extend(online_columns());
    Table {
        file: "services.csv",
        row: "One row per replication, finite service and interval, in that order; none for a service without `servers`. \
              Offered = done + shed + failed + what is queued more than at the end of the interval before, exactly.",
        columns,
    }
}

fn count_columns<'a>() -> Vec<Column<ServiceLine<'a>>> {
    let count = |name, meaning, write| Column::new(name, "attempts", Kind::Integer, meaning, write);
    vec![
        count("offered", "Attempts of stores and online orders.", |line: &ServiceLine<'_>, field| {
            field.integer(line.counts.offered);
        }),
        count(
            "done",
            "Served, whether or not anybody was still waiting.",
            |line: &ServiceLine<'_>, field| {
                field.integer(line.counts.done);
            },
        ),
        count(
            "queued",
            "Waiting or being served at the end of the interval.",
            |line: &ServiceLine<'_>, field| {
                field.integer(line.counts.queued);
            },
        ),
        count("shed", "Refused because too many waited.", |line: &ServiceLine<'_>, field| {
            field.integer(line.counts.shed);
        }),
        count(
            "failed",
            "Without an answer: the service was down, went down before they were done, or limped.",
            |line: &ServiceLine<'_>, field| field.integer(line.counts.failed),
        ),
        Column::new(
            "busy_server_s",
            "server-seconds",
            Kind::Decimal,
            "Service time delivered, at the speed of a healthy service.",
            |line: &ServiceLine<'_>, field| field.seconds(line.counts.work),
        ),
        Column::new(
            "utilisation_max",
            "1",
            Kind::Decimal,
            "Largest service time offered in a step of the grid over what all healthy servers deliver in it.",
            |line: &ServiceLine<'_>, field| {
                field.fixed(i64::try_from(line.counts.utilisation_max / 1_000).unwrap_or(i64::MAX), 6);
            },
        ),
        Column::new(
            "above_capacity_s",
            "s",
            Kind::Decimal,
            "Time in which more service time was offered, over about ten seconds, than all healthy servers deliver.",
            |line: &ServiceLine<'_>, field| field.seconds(line.counts.above),
        ),
        Column::new("crashes", "", Kind::Integer, "Crashes by overload.", |line: &ServiceLine<'_>, field| {
            field.integer(line.counts.crashes);
        }),
        Column::new(
            "standby_activations",
            "",
            Kind::Integer,
            "Times the standby began to serve.",
            |line: &ServiceLine<'_>, field| field.integer(line.counts.activations),
        ),
    ]
}

fn wait_columns<'a>() -> Vec<Column<ServiceLine<'a>>> {
    let wait = |name, meaning, write| Column::new(name, "ms", Kind::Decimal, meaning, write);
    vec![
        wait(
            "wait_mean_ms",
            "Mean wait for a server of those admitted; 0 if there were none.",
            |line: &ServiceLine<'_>, field| {
                field.fixed(mean_ms(line.counts.wait, line.counts.admitted), 3);
            },
        ),
        wait("wait_max_ms", "Longest such wait.", |line: &ServiceLine<'_>, field| {
            field.fixed(mean_ms(line.counts.wait_max, 1), 3);
        }),
        wait(
            "wait_error_ms",
            "Mean absolute difference between the wait that stores read from what was published and the exact one.",
            |line: &ServiceLine<'_>, field| field.fixed(mean_ms(line.counts.wait_error, line.counts.told), 3),
        ),
    ]
}

fn online_columns<'a>() -> Vec<Column<ServiceLine<'a>>> {
    vec![
        Column::new(
            "online_orders",
            "orders",
            Kind::Integer,
            "Online orders.",
            |line: &ServiceLine<'_>, field| {
                field.integer(line.counts.orders);
            },
        ),
        Column::new(
            "online_lost",
            "orders",
            Kind::Integer,
            "Of them, lost: refused, without an answer, or given up because the answer was late.",
            |line: &ServiceLine<'_>, field| field.integer(line.counts.orders_lost),
        ),
        Column::new(
            "online_lost_sales_usd",
            "currency",
            Kind::Decimal,
            "Their value.",
            |line: &ServiceLine<'_>, field| {
                let basket = line.scenario.online.as_ref().map_or(0, |online| online.basket.0);
                field.money(Cents(basket * i64::try_from(line.counts.orders_lost).unwrap_or(0)));
            },
        ),
    ]
}
