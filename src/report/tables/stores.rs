//! `stores.csv` and `stores_daily.csv`: the same columns by store, and by store and local day.

use super::{Column, Context, Kind, Table};
use crate::scenario::resolved::{Scenario, Store};
use crate::simulation::result::{DayRow, Ledger, PathTimes, Resynced, RunResult, StoreRow};
use crate::units::{Cents, SimTime, Span};

/// A row of either table.
pub struct SiteLine<'a> {
    replication: u32,
    scenario: &'a Scenario,
    store: &'a Store,
    /// The local day and whether it had a long gap; `None` in `stores.csv`.
    day: Option<(&'a str, bool)>,
    ledger: &'a Ledger,
    times: &'a PathTimes,
    payment_p50: Option<u64>,
    payment_p99: Option<u64>,
    queue_wait_p95: Option<u64>,
    failovers: u64,
    false_failovers: u64,
    failbacks: u64,
    flow_breaks: u64,
    lost_sales_network: Cents,
    probe_bytes: u64,
    over_bytes: u64,
    over_cost: Cents,
    resynced: Resynced,
    slowed: Option<SimTime>,
    truck_rolls: u64,
}

impl<'a> SiteLine<'a> {
    fn of_store(context: &Context<'a>, replication: u32, row: &'a StoreRow) -> Self {
        SiteLine {
            replication,
            scenario: context.scenario,
            store: context.store(row.store),
            day: None,
            ledger: &row.ledger,
            times: &row.times,
            payment_p50: row.payment_p50,
            payment_p99: row.payment_p99,
            queue_wait_p95: row.queue_wait_p95,
            failovers: row.failovers,
            false_failovers: row.false_failovers,
            failbacks: row.failbacks,
            flow_breaks: row.flow_breaks,
            lost_sales_network: row.lost_sales_network,
            probe_bytes: row.probe_bytes,
            over_bytes: row.over_bytes,
            over_cost: row.over_cost,
            resynced: row.resynced,
            slowed: row.slowed,
            truck_rolls: row.truck_rolls,
        }
    }

    fn of_day(context: &Context<'a>, replication: u32, row: &'a DayRow) -> Self {
        let store = context.store(row.store);
        SiteLine {
            replication,
            scenario: context.scenario,
            store,
            day: Some((&store.days[row.day as usize].date, row.gap_over_5min)),
            ledger: &row.ledger,
            times: &row.times,
            payment_p50: row.payment_p50,
            payment_p99: row.payment_p99,
            queue_wait_p95: row.queue_wait_p95,
            failovers: row.failovers,
            false_failovers: row.false_failovers,
            failbacks: row.failbacks,
            flow_breaks: row.flow_breaks,
            lost_sales_network: row.lost_sales_network,
            probe_bytes: row.probe_bytes,
            over_bytes: 0,
            over_cost: Cents(0),
            resynced: Resynced::default(),
            slowed: None,
            truck_rolls: 0,
        }
    }
}

fn probe_column<'a>() -> Column<SiteLine<'a>> {
    Column::new(
        "lte_probe_mb",
        "MB",
        Kind::Decimal,
        "Probes over LTE while it is the backup, both directions, if the profile probes it; not in `lte_mb`.",
        |line: &SiteLine<'_>, field| field.megabytes(line.probe_bytes),
    )
}

fn power_column<'a>() -> Column<SiteLine<'a>> {
    Column::new(
        "lost_sales_power_usd",
        "currency",
        Kind::Decimal,
        "Of `lost_sales_usd`: left while the site had no power. The fault-free twin has the same loss of power, so it is no \
         loss to the network.",
        |line: &SiteLine<'_>, field| field.money(line.ledger.lost_sales_power),
    )
}

fn plan_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    vec![
        Column::new("plan", "", Kind::Text, "Data plan of the LTE line.", |line: &SiteLine<'_>, field| {
            if let Some(plan) = line.store.plan {
                field.text(&line.scenario.plans[plan.0 as usize].name);
            }
        })
        .empty_when("it has none"),
        Column::new(
            "lte_over_mb",
            "MB",
            Kind::Decimal,
            "Data beyond the plan's allowance, probes included; of a pool's, in proportion to what the line carried. 0 if the plan \
             slows down instead.",
            |line: &SiteLine<'_>, field| field.megabytes(line.over_bytes),
        ),
        Column::new(
            "lte_slowed_s",
            "s",
            Kind::Decimal,
            "When the line was slowed down because its allowance, or its pool's, was used up.",
            |line: &SiteLine<'_>, field| field.instant_or_empty(line.slowed, line.scenario.window.start),
        )
        .empty_when("it was not"),
    ]
}

fn flow_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    vec![
        Column::new(
            "lte_stuck_s",
            "s",
            Kind::Decimal,
            "Time in which flows that are kept went over LTE, and worked, although the route did not lead there; not in `lte_s`.",
            |line: &SiteLine<'_>, field| field.seconds(line.times.stuck),
        ),
        Column::new(
            "lte_stuck_mb",
            "MB",
            Kind::Decimal,
            "Of `lte_mb`: carried in that time.",
            |line: &SiteLine<'_>, field| field.megabytes(line.times.stuck_bytes),
        ),
        Column::new(
            "flow_breaks",
            "",
            Kind::Integer,
            "Times the tunnel or the kept connection for payments was given up or reset.",
            |line: &SiteLine<'_>, field| field.integer(line.flow_breaks),
        ),
    ]
}

fn data_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    let data = |name, meaning, write| Column::new(name, "MB", Kind::Decimal, meaning, write);
    vec![
        data(
            "data_piled_mb",
            "Traffic of classes that pile up which was not carried when it came up, both directions; what waited when the window began \
             included.",
            |line: &SiteLine<'_>, field| field.megabytes(line.resynced.piled / 8),
        ),
        data(
            "data_caught_up_mb",
            "Of that, carried since; the rest waits at the end.",
            |line: &SiteLine<'_>, field| field.megabytes(line.resynced.caught_up / 8),
        ),
        data(
            "data_caught_up_lte_mb",
            "Of that, over LTE; in `lte_mb`, too.",
            |line: &SiteLine<'_>, field| field.megabytes(line.resynced.over_lte / 8),
        ),
    ]
}

fn cost_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    let money = |name, meaning, write| Column::new(name, "currency", Kind::Decimal, meaning, write);
    vec![
        money(
            "lte_over_usd",
            "What `lte_over_mb` costs; the parts of a pool's lines add up to its bill.",
            |line: &SiteLine<'_>, field| field.money(line.over_cost),
        ),
        money(
            "plans_month_usd",
            "Price of its cellular lines a month, the out-of-band unit's included.",
            |line: &SiteLine<'_>, field| field.money(line.scenario.lines_month(line.store)),
        ),
        money("truck_rolls_usd", "What `truck_rolls` cost.", |line: &SiteLine<'_>, field| {
            let each = line.scenario.money.truck_roll;
            field.money(Cents(each.0 * line.truck_rolls as i64));
        }),
    ]
}

fn service_column<'a>() -> Column<SiteLine<'a>> {
    Column::new(
        "payments_lost_service",
        "payments",
        Kind::Integer,
        "Of `payments_lost`, those whose last attempt reached a service that did not answer in time, or refused.",
        |line: &SiteLine<'_>, field| field.integer(line.ledger.payments_lost_service),
    )
}

/// Rows of `stores.csv`.
pub fn store_lines<'a>(context: &Context<'a>, result: &'a RunResult) -> impl Iterator<Item = SiteLine<'a>> {
    result.replications.iter().flat_map(move |replication| {
        replication.stores.iter().map(|row| SiteLine::of_store(context, replication.replication, row))
    })
}

/// Rows of `stores_daily.csv`.
pub fn day_lines<'a>(context: &Context<'a>, result: &'a RunResult) -> impl Iterator<Item = SiteLine<'a>> {
    result.replications.iter().flat_map(move |replication| {
        replication.days.iter().map(|row| SiteLine::of_day(context, replication.replication, row))
    })
}

/// Names of the fleet file's columns that tinsel gave no meaning to; every store has the same, in the same order.
#[must_use]
pub fn extra_columns(scenario: &Scenario) -> Vec<String> {
    scenario
        .stores
        .first()
        .map_or_else(Vec::new, |store| store.extra.iter().map(|(name, _)| name.clone()).collect())
}

/// Definition of `stores.csv` for a fleet with these extra columns.
#[must_use]
pub fn stores<'a>(extra: &[String]) -> Table<SiteLine<'a>> {
    let mut columns = vec![replication(), store_id()];
    columns.extend(place_columns());
    columns.extend(ledger_columns());
    columns.extend(waiting_columns());
    columns.extend(switch_columns());
    columns.extend(path_columns());
    columns.extend(money_columns());
    columns.push(probe_column());
    columns.push(power_column());
    columns.extend(plan_columns());
    columns.push(service_column());
    columns.push(Column::new(
        "truck_rolls",
        "",
        Kind::Integer,
        "Times a technician set out for the store: by its tickets, and once for each incident without a ticket that ends on site.",
        |line: &SiteLine<'_>, field| field.integer(line.truck_rolls),
    ));
    columns.extend(resync_columns());
    columns.extend(flow_columns());
    columns.extend(cost_columns());
    columns.extend(data_columns());
    columns.extend(extra.iter().enumerate().map(|(index, name)| {
        Column::numbered(format!("fleet_{name}"), "", index, |line: &SiteLine<'_>, index, field| {
            if let Some((_, value)) = line.store.extra.get(index) {
                field.text(value);
            }
        })
    }));
    Table {
        file: "stores.csv",
        row: "One row per replication and store, stores in order of id. After the columns below follow the fleet \
              file's other columns, unchanged, as `fleet_<name>`.",
        columns,
    }
}

/// Definition of `stores_daily.csv`.
#[must_use]
pub fn stores_daily<'a>() -> Table<SiteLine<'a>> {
    let mut columns = vec![
        replication(),
        store_id(),
        Column::new(
            "date",
            "",
            Kind::Date,
            "Local calendar day at the store.",
            |line: &SiteLine<'_>, field| {
                field.text(line.day.map_or("", |(date, _)| date));
            },
        ),
    ];
    columns.extend(place_columns());
    columns.extend(ledger_columns());
    columns.extend(waiting_columns());
    columns.extend(switch_columns());
    columns.extend(path_columns());
    columns.extend(money_columns());
    columns.push(Column::new(
        "gap_over_5min",
        "",
        Kind::Flag,
        "Whether a single service gap lasted at least 5 minutes within the day's opening hours.",
        |line: &SiteLine<'_>, field| field.flag(line.day.is_some_and(|(_, long_gap)| long_gap)),
    ));
    columns.push(probe_column());
    columns.push(power_column());
    columns.push(service_column());
    columns.extend(resync_columns());
    columns.extend(flow_columns());
    Table {
        file: "stores_daily.csv",
        row: "One row per replication, store and local day, in that order. Customers and their payments count on \
              the day the customer reached the tills.",
        columns,
    }
}

fn replication<'a>() -> Column<SiteLine<'a>> {
    Column::new("replication", "", Kind::Integer, "Number of the replication, from 0.", |line, field| {
        field.integer(line.replication.into());
    })
}

fn store_id<'a>() -> Column<SiteLine<'a>> {
    Column::new("store_id", "", Kind::Text, "The store's identity, as in the fleet file.", |line, field| {
        field.text(&line.store.id);
    })
}

fn place_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    let text = |name, meaning, write| Column::new(name, "", Kind::Text, meaning, write);
    let degrees = |name, meaning, write| {
        Column::new(name, "degrees", Kind::Decimal, meaning, write).empty_when("unknown")
    };
    vec![
        text("format", "Store format.", |line: &SiteLine<'_>, field| {
            field.text(&line.scenario.formats[line.store.format.0 as usize].name);
        }),
        text("region", "US state, or as given.", |line: &SiteLine<'_>, field| field.text(&line.store.region))
            .empty_when("not given"),
        text("market", "Metro-sized area, or as given.", |line: &SiteLine<'_>, field| {
            field.text(&line.store.market)
        })
        .empty_when("not given"),
        text("timezone", "IANA time zone.", |line: &SiteLine<'_>, field| field.text(&line.store.timezone)),
        degrees("lat", "Latitude.", |line: &SiteLine<'_>, field| field.degrees(line.store.lat)),
        degrees("lon", "Longitude.", |line: &SiteLine<'_>, field| field.degrees(line.store.lon)),
        text("wan_provider", "Who sells the primary access.", |line: &SiteLine<'_>, field| {
            field.text(&line.store.provider);
        })
        .empty_when("not given"),
        text("lte_carrier", "Carrier of the LTE uplink.", |line: &SiteLine<'_>, field| {
            field.text(&line.scenario.carriers[line.store.carrier.0 as usize].name);
        }),
    ]
}

fn ledger_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    let count = |name, unit, meaning, write| Column::new(name, unit, Kind::Integer, meaning, write);
    vec![
        count("customers", "customers", "Customers who reached the tills.", |line: &SiteLine<'_>, field| {
            field.integer(line.ledger.customers);
        }),
        count("served", "customers", "Left with their basket paid.", |line: &SiteLine<'_>, field| {
            field.integer(line.ledger.served);
        }),
        count("balked", "customers", "Saw the queue and left.", |line: &SiteLine<'_>, field| {
            field.integer(line.ledger.balked);
        }),
        count("reneged", "customers", "Queued, lost patience and left.", |line: &SiteLine<'_>, field| {
            field.integer(line.ledger.reneged);
        }),
        count("unpaid", "customers", "Could not pay and left the basket.", |line: &SiteLine<'_>, field| {
            field.integer(line.ledger.unpaid);
        }),
        count(
            "inside",
            "customers",
            "Still queueing or at a lane at the end; counted where they arrived.",
            |line: &SiteLine<'_>, field| field.integer(line.ledger.inside),
        ),
        count(
            "payments",
            "payments",
            "Card payments begun; trying again does not count again.",
            |line: &SiteLine<'_>, field| field.integer(line.ledger.payments),
        ),
        count("authorized", "payments", "Approved by the host.", |line: &SiteLine<'_>, field| {
            field.integer(line.ledger.authorized);
        }),
        count(
            "authorized_offline",
            "payments",
            "Approved by the terminal's offline policy.",
            |line: &SiteLine<'_>, field| field.integer(line.ledger.authorized_offline),
        ),
        count("declined", "payments", "Refused by the issuer.", |line: &SiteLine<'_>, field| {
            field.integer(line.ledger.declined);
        }),
        count(
            "payments_lost",
            "payments",
            "No answer and no offline approval.",
            |line: &SiteLine<'_>, field| {
                field.integer(line.ledger.payments_lost);
            },
        ),
        count("pending", "payments", "Not yet answered at the end.", |line: &SiteLine<'_>, field| {
            field.integer(line.ledger.pending);
        }),
    ]
}

fn waiting_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    vec![
        Column::new(
            "payment_p50_ms",
            "ms",
            Kind::Decimal,
            "Median payment response time, either path.",
            |line: &SiteLine<'_>, field| field.milliseconds_or_empty(line.payment_p50),
        )
        .empty_when("no payment was answered"),
        Column::new(
            "payment_p99_ms",
            "ms",
            Kind::Decimal,
            "99th percentile of the payment response time.",
            |line: &SiteLine<'_>, field| field.milliseconds_or_empty(line.payment_p99),
        )
        .empty_when("no payment was answered"),
        Column::new(
            "queue_wait_p95_s",
            "s",
            Kind::Decimal,
            "95th percentile of the time in queue, over customers who reached a lane.",
            |line: &SiteLine<'_>, field| {
                field.seconds_or_empty(line.queue_wait_p95.map(Span::from_nanos));
            },
        )
        .empty_when("no customer reached a lane"),
    ]
}

fn switch_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    let count = |name, meaning, write| Column::new(name, "switches", Kind::Integer, meaning, write);
    vec![
        count(
            "failovers",
            "Times traffic moved to the backup because of a fault.",
            |line: &SiteLine<'_>, field| field.integer(line.failovers),
        ),
        count(
            "false_failovers",
            "Times traffic moved to the backup with no fault open.",
            |line: &SiteLine<'_>, field| field.integer(line.false_failovers),
        ),
        count("failbacks", "Times traffic moved back to the primary.", |line: &SiteLine<'_>, field| {
            field.integer(line.failbacks);
        }),
    ]
}

fn path_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    let seconds = |name, meaning, write| Column::new(name, "s", Kind::Decimal, meaning, write);
    vec![
        seconds("dark_s", "Time in which no uplink physically worked.", |line: &SiteLine<'_>, field| {
            field.seconds(line.times.dark);
        }),
        seconds(
            "lte_s",
            "Time with traffic flowing over LTE, as backup or as the permanent primary.",
            |line: &SiteLine<'_>, field| field.seconds(line.times.lte),
        ),
        seconds(
            "service_gap_s",
            "Time in which the route in use could not get an answer.",
            |line: &SiteLine<'_>, field| field.seconds(line.times.gap),
        ),
        seconds(
            "service_gap_open_s",
            "The part of `service_gap_s` in opening hours.",
            |line: &SiteLine<'_>, field| field.seconds(line.times.gap_open),
        ),
        Column::new(
            "lte_mb",
            "MB",
            Kind::Decimal,
            "Data carried over LTE, both directions, payments and background traffic.",
            |line: &SiteLine<'_>, field| field.megabytes(line.times.lte_bytes),
        ),
    ]
}

fn money_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    let money = |name, meaning, write| Column::new(name, "currency", Kind::Decimal, meaning, write);
    vec![
        money("sales_usd", "Value of baskets paid for, however paid.", |line: &SiteLine<'_>, field| {
            field.money(line.ledger.sales);
        }),
        money(
            "lost_sales_usd",
            "Value of baskets not paid for: balked, reneged or unpaid, whatever the reason.",
            |line: &SiteLine<'_>, field| field.money(line.ledger.lost_sales),
        ),
        money(
            "lost_sales_network_usd",
            "What the network cost: sales of the fault-free twin less sales of this run, on the same draws.",
            |line: &SiteLine<'_>, field| field.money(line.lost_sales_network),
        ),
    ]
}

fn resync_columns<'a>() -> Vec<Column<SiteLine<'a>>> {
    vec![Column::new(
        "replayed",
        "",
        Kind::Integer,
        "Of `authorized_offline`, the payments that have been replayed since.",
        |line: &SiteLine<'_>, field| field.integer(line.ledger.replayed),
    )]
}
