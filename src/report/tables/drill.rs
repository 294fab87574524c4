//! `drill.csv`: what a forced fault did to each store.

use super::incidents::{bringup_latency, detection_latency, failback_latency, failover_latency, latency};
use super::{Column, Context, Kind, Table};
use crate::report::drill::{Starvation, starvation};
use crate::report::field::Field;
use crate::report::stages::Stage;
use crate::scenario::resolved::Store;
use crate::simulation::result::{DrillRow, Extent, IncidentRow};
use crate::units::BitRate;

/// A row of the table.
pub struct DrillLine<'a> {
    context: &'a Context<'a>,
    extent: Extent,
    row: &'a DrillRow,
    starvation: Option<Starvation<'a>>,
}

impl<'a> DrillLine<'a> {
    fn store(&self) -> &'a Store {
        self.context.store(self.row.store)
    }

    fn of_incident<T>(&self, of: impl Fn(&IncidentRow) -> Option<T>) -> Option<T> {
        self.row.incident.as_ref().and_then(of)
    }
}

/// One line per row, in their order.
pub fn drill_lines<'a>(
    context: &'a Context<'a>,
    extent: Extent,
    rows: &'a [DrillRow],
) -> impl Iterator<Item = DrillLine<'a>> {
    rows.iter().map(move |row| DrillLine {
        context,
        extent,
        row,
        starvation: starvation(context.scenario, row),
    })
}

/// Definition of the table.
#[must_use]
pub fn drill<'a>() -> Table<DrillLine<'a>> {
    let mut columns = identity_columns();
    columns.extend(stage_columns());
    columns.extend(payment_columns());
    columns.extend(lte_columns());
    Table {
        file: "drill.csv",
        row: "Written by `tinsel drill`: one row per replication and store, in order of store. Every store suffers the same forced \
              fault, and no other fault happens.",
        columns,
    }
}

fn word<'a>(
    name: &'static str,
    meaning: &'static str,
    write: fn(&DrillLine<'a>, &mut Field<'_>),
) -> Column<DrillLine<'a>> {
    Column::new(name, "", Kind::Text, meaning, write)
}

const NOTHING_TO_BREAK: &str = "the fault finds nothing to break at this store";

fn identity_columns<'a>() -> Vec<Column<DrillLine<'a>>> {
    vec![
        Column::new(
            "replication",
            "",
            Kind::Integer,
            "Number of the replication, from 0.",
            |line: &DrillLine<'_>, field| field.integer(line.row.replication.into()),
        ),
        word("store_id", "The store's identity, as in the fleet file.", |line, field| {
            field.text(&line.store().id);
        }),
        word("format", "Store format.", |line, field| {
            field.text(&line.context.scenario.formats[line.store().format.0 as usize].name);
        }),
        word("profile", "Failover profile.", |line, field| {
            field.text(&line.context.scenario.profiles[line.store().profile.0 as usize].name);
        }),
        word("standby", "State of the backup modem before it is needed.", |line, field| {
            field.text(line.store().standby.name());
        }),
        word("topology", "Where the backup lives.", |line, field| field.text(line.store().topology.name())),
        word("cell", "Cell of the LTE uplink: `carrier/site`.", |line, field| {
            field.text(&line.context.scenario.cells[line.store().cell.0 as usize].name);
        }),
        word(
            "extent",
            "`each-alone` (no other store is hit) or `together` (all are, in one run).",
            |line, field| field.text(line.extent.name()),
        ),
        Column::new(
            "fault_local",
            "",
            Kind::LocalTime,
            "Onset on the store's own clock, with offset from UTC.",
            |line: &DrillLine<'_>, field| {
                if let Some(row) = &line.row.incident {
                    field.text(&line.context.local(row.store, row.fault));
                }
            },
        )
        .empty_when(NOTHING_TO_BREAK),
        Column::new(
            "open_at_fault",
            "",
            Kind::Flag,
            "Whether the store was open at the onset.",
            |line: &DrillLine<'_>, field| {
                if let Some(row) = &line.row.incident {
                    field.flag(row.open_at_fault);
                }
            },
        )
        .empty_when(NOTHING_TO_BREAK),
        word("kind", "As in `incidents.csv`.", |line, field| {
            if let Some(row) = &line.row.incident {
                field.text(row.kind.name());
            }
        })
        .empty_when(NOTHING_TO_BREAK),
    ]
}

fn stage_columns<'a>() -> Vec<Column<DrillLine<'a>>> {
    fn span<'a>(
        name: &'static str,
        meaning: &'static str,
        write: fn(&DrillLine<'a>, &mut Field<'_>),
    ) -> Column<DrillLine<'a>> {
        Column::new(name, "s", Kind::Decimal, meaning, write).empty_when("not reached")
    }
    vec![
        span("detection_latency_s", "Onset until the uplink was declared down.", |line, field| {
            field.seconds_or_empty(line.of_incident(detection_latency));
        }),
        span("bringup_latency_s", "Declared down until the backup was usable.", |line, field| {
            field.seconds_or_empty(line.of_incident(bringup_latency));
        }),
        span("switch_latency_s", "From then until traffic flowed over the backup.", |line, field| {
            field.seconds_or_empty(line.of_incident(|row| Stage::Switch.latency(row)));
        }),
        span("failover_latency_s", "Onset until traffic flowed over the backup.", |line, field| {
            field.seconds_or_empty(line.of_incident(failover_latency));
        }),
        span("recovery_latency_s", "Repair until the uplink was declared up again.", |line, field| {
            field.seconds_or_empty(line.of_incident(|row| latency(row.repaired, row.recovery_detected)));
        }),
        span("failback_latency_s", "Repair until traffic flowed over the primary again.", |line, field| {
            field.seconds_or_empty(line.of_incident(failback_latency));
        }),
        span(
            "service_gap_s",
            "Time within the incident in which the route in use could not get an answer.",
            |line, field| field.seconds_or_empty(line.of_incident(|row| Some(row.gap))),
        ),
        span("backup_s", "Time that traffic was on the backup because of it.", |line, field| {
            field.seconds_or_empty(line.of_incident(|row| Some(row.on_backup)));
        }),
    ]
}

fn payment_columns<'a>() -> Vec<Column<DrillLine<'a>>> {
    vec![
        Column::new(
            "backup_attempts",
            "attempts",
            Kind::Integer,
            "Attempts to authorize that were sent over LTE as the backup; each try of a payment is one.",
            |line: &DrillLine<'_>, field| field.integer(line.row.attempts.sent),
        ),
        Column::new(
            "backup_attempts_in_5s",
            "attempts",
            Kind::Integer,
            "Those of them that were answered within 5 s of being sent, approved or declined.",
            |line: &DrillLine<'_>, field| field.integer(line.row.attempts.in_time),
        ),
        Column::new(
            "backup_in_5s_share",
            "share",
            Kind::Decimal,
            "`backup_attempts_in_5s` / `backup_attempts`.",
            |line: &DrillLine<'_>, field| {
                let attempts = line.row.attempts;
                if let Some(share) =
                    (attempts.in_time * 10_000 + attempts.sent / 2).checked_div(attempts.sent)
                {
                    field.fixed(share.cast_signed(), 4);
                }
            },
        )
        .empty_when("nobody paid by card over the backup"),
        Column::new(
            "payments_lost",
            "payments",
            Kind::Integer,
            "Payments lost, less those that the same store loses undisturbed.",
            |line: &DrillLine<'_>, field| field.fixed(line.row.payments_lost, 0),
        ),
        Column::new(
            "lost_sales_usd",
            "currency",
            Kind::Decimal,
            "Sales of the same store undisturbed, less its sales in the drill.",
            |line: &DrillLine<'_>, field| field.money(line.row.lost_sales),
        ),
        Column::new(
            "lte_mb",
            "MB",
            Kind::Decimal,
            "Data over LTE, both directions, less that of the same store undisturbed.",
            |line: &DrillLine<'_>, field| field.fixed(line.row.lte_bytes, 6),
        ),
    ]
}

fn lte_columns<'a>() -> Vec<Column<DrillLine<'a>>> {
    fn rate(field: &mut Field<'_>, rate: Option<BitRate>) {
        if let Some(rate) = rate {
            field.fixed(rate.0.cast_signed(), 6);
        }
    }
    const NEVER_ON_LTE: &str = "the store was never on its backup";
    const NOT_STARVED: &str = "not starved";
    vec![
        Column::new(
            "lte_given_up_mbps",
            "Mbit/s",
            Kind::Decimal,
            "Rate to the network that the cell would have carried for the store, mean of the time that it was on the backup.",
            |line: &DrillLine<'_>, field| rate(field, line.row.lte_given.map(|given| given.0)),
        )
        .empty_when(NEVER_ON_LTE),
        Column::new(
            "lte_given_down_mbps",
            "Mbit/s",
            Kind::Decimal,
            "The same from the network.",
            |line: &DrillLine<'_>, field| rate(field, line.row.lte_given.map(|given| given.1)),
        )
        .empty_when(NEVER_ON_LTE),
        word(
            "starved_direction",
            "`up` or `down`: where the traffic that policy lets over LTE, at its full rate, most exceeds what the cell gives, and payments \
             have to wait behind it (downwards always, upwards if LTE's queue is `fifo`).",
            |line, field| {
                if let Some(starvation) = &line.starvation {
                    field.text(starvation.direction.name());
                }
            },
        )
        .empty_when(NOT_STARVED),
        Column::new(
            "lte_offered_mbps",
            "Mbit/s",
            Kind::Decimal,
            "That traffic in that direction.",
            |line: &DrillLine<'_>, field| rate(field, line.starvation.as_ref().map(|one| one.offered)),
        )
        .empty_when(NOT_STARVED),
        word(
            "starving_class",
            "The class with the largest rate in that direction, and so with the largest need of airtime.",
            |line, field| {
                if let Some(starvation) = &line.starvation {
                    field.text(starvation.class);
                }
            },
        )
        .empty_when(NOT_STARVED),
        Column::new(
            "starving_class_mbps",
            "Mbit/s",
            Kind::Decimal,
            "Its rate.",
            |line: &DrillLine<'_>, field| rate(field, line.starvation.as_ref().map(|one| one.class_rate)),
        )
        .empty_when(NOT_STARVED),
        Column::new(
            "fits_without_class",
            "",
            Kind::Flag,
            "Whether the rest, without that class, fits into what the cell gives.",
            |line: &DrillLine<'_>, field| {
                if let Some(starvation) = &line.starvation {
                    field.flag(starvation.fits_without);
                }
            },
        )
        .empty_when(NOT_STARVED),
    ]
}
