//! `incidents.csv`: what each fault, or false alarm, did to each store it hit.

use super::{Column, Context, Kind, Table};
use crate::report::field::Field;
use crate::scenario::resolved::Store;
use crate::simulation::result::{IncidentCause, IncidentRow, ReplicationResult, RunResult};
use crate::units::{SimTime, Span};

/// A row of the table.
pub struct IncidentLine<'a> {
    replication: &'a ReplicationResult,
    context: &'a Context<'a>,
    store: &'a Store,
    row: &'a IncidentRow,
}

/// Rows in order of replication, store, onset.
pub fn incident_lines<'a>(
    context: &'a Context<'a>,
    result: &'a RunResult,
) -> impl Iterator<Item = IncidentLine<'a>> {
    result.replications.iter().flat_map(move |replication| {
        replication.incidents.iter().map(move |row| IncidentLine {
            replication,
            context,
            store: context.store(row.store),
            row,
        })
    })
}

/// From `from` to `to`: zero if `to` came first, `None` unless both happened.
#[must_use]
pub fn latency(from: Option<SimTime>, to: Option<SimTime>) -> Option<Span> {
    Some(to?.since(from?))
}

/// Onset until the uplink was declared down.
#[must_use]
pub fn detection_latency(row: &IncidentRow) -> Option<Span> {
    latency(Some(row.fault), row.detected)
}

/// Declared down until the backup path was usable (the modem starts when the uplink is declared down).
#[must_use]
pub fn bringup_latency(row: &IncidentRow) -> Option<Span> {
    latency(row.detected, row.backup_ready)
}

/// Onset until traffic flowed over the backup.
#[must_use]
pub fn failover_latency(row: &IncidentRow) -> Option<Span> {
    latency(Some(row.fault), row.failover)
}

/// Repair until traffic flowed over the primary again.
#[must_use]
pub fn failback_latency(row: &IncidentRow) -> Option<Span> {
    latency(row.repaired, row.failback)
}

/// Name of the cause as in the scenario.
#[must_use]
pub fn cause_name<'a>(context: &Context<'a>, cause: IncidentCause) -> &'a str {
    cause.name(context.scenario)
}

/// The same word for every store that one fault hits: a shared fault's unit and its number among the unit's, a scheduled
/// fault's number in the scenario, else the cause at this store with the incident's number.
pub(super) fn write_fault_id(
    context: &Context<'_>,
    replication: &ReplicationResult,
    row: &IncidentRow,
    field: &mut Field<'_>,
) {
    let name = cause_name(context, row.cause);
    if let Some(number) = row.shared {
        let fault = &replication.shared_faults[number as usize];
        field.numbered(&[name, "/", &fault.unit, "/"], fault.number.into());
        return;
    }
    match row.cause {
        IncidentCause::Process(_) | IncidentCause::Latent => {
            field.numbered(&[name, "/", &context.store(row.store).id, "/"], row.number.into());
        }
        IncidentCause::Scheduled(position) => {
            field.numbered(&["scheduled/", name, "/"], u64::from(position) + 1);
        }
        IncidentCause::FalseAlarm => {}
    }
}

/// Definition of the table.
#[must_use]
pub fn incidents<'a>() -> Table<IncidentLine<'a>> {
    let mut columns = identity_columns();
    columns.extend(place_columns());
    columns.extend(instant_columns());
    columns.extend(consequence_columns());
    Table {
        file: "incidents.csv",
        row: "One row per replication and incident, in order of store and onset. A fault that hits many stores has \
              one incident at each.",
        columns,
    }
}

fn word<'a>(
    name: &'static str,
    meaning: &'static str,
    write: fn(&IncidentLine<'a>, &mut Field<'_>),
) -> Column<IncidentLine<'a>> {
    Column::new(name, "", Kind::Text, meaning, write)
}

fn identity_columns<'a>() -> Vec<Column<IncidentLine<'a>>> {
    vec![
        Column::new(
            "replication",
            "",
            Kind::Integer,
            "Number of the replication, from 0.",
            |line: &IncidentLine<'_>, field| field.integer(line.replication.replication.into()),
        ),
        word("store_id", "The store's identity, as in the fleet file.", |line, field| {
            field.text(&line.store.id)
        }),
        Column::new(
            "incident_id",
            "",
            Kind::Integer,
            "Number of the incident at its store, from 1, in order of onset.",
            |line: &IncidentLine<'_>, field| field.integer(line.row.number.into()),
        ),
        word("fault_id", "The fault, the same at every store it hit.", |line, field| {
            write_fault_id(line.context, line.replication, line.row, field);
        })
        .empty_when("false alarm: there was none"),
        word(
            "kind",
            "`failover` (traffic moved while the fault was open), `false_failover` (moved with no fault open), \
             `late_failover` (moved after the repair), `no_failover` (never moved) or `masked` (what it \
             breaks was broken already, or traffic had left it).",
            |line, field| field.text(line.row.kind.name()),
        ),
        word(
            "uplink",
            "What was broken, the greatest part of it: `site-power`, `switch`, `router`, `both` uplinks, `primary`, \
             `backup`, `store-server`, `service` or `lane`.",
            |line, field| {
                field.text(line.row.uplink);
            },
        ),
        word("cause", "Cause as named in the scenario, `latent_backup` or `false_alarm`.", |line, field| {
            field.text(cause_name(line.context, line.row.cause));
        }),
        word(
            "scope",
            "For what the fault was drawn: `lane`, `router`, `switch`, `store-server`, `uplink`, `backup` or `site-power` at one \
             store; `market`, `region`, `provider`, `carrier`, `parent`, `fleet` or `service` for many.",
            |line, field| {
                field.text(line.row.scope);
            },
        ),
        word(
            "signature",
            "How it looks from the store: `carrier-lost`, `blackhole`, `partial-loss` or `latency`.",
            |line, field| field.text(line.row.signature),
        )
        .empty_when("false alarm"),
    ]
}

fn place_columns<'a>() -> Vec<Column<IncidentLine<'a>>> {
    vec![
        word("format", "Store format.", |line, field| {
            field.text(&line.context.scenario.formats[line.store.format.0 as usize].name);
        }),
        word("profile", "Failover profile.", |line, field| {
            field.text(&line.context.scenario.profiles[line.store.profile.0 as usize].name);
        }),
        word("standby", "State of the backup modem before it is needed.", |line, field| {
            field.text(line.store.standby.name());
        }),
        word("topology", "Where the backup lives.", |line, field| field.text(line.store.topology.name())),
        word("carrier", "Carrier of the LTE uplink.", |line, field| {
            field.text(&line.context.scenario.carriers[line.store.carrier.0 as usize].name);
        }),
        word("wan_provider", "Who sells the primary access.", |line, field| field.text(&line.store.provider))
            .empty_when("not given"),
        word("cell", "Cell of the LTE uplink: `carrier/site`.", |line, field| {
            field.text(&line.context.scenario.cells[line.store.cell.0 as usize].name);
        }),
    ]
}

fn instant_columns<'a>() -> Vec<Column<IncidentLine<'a>>> {
    fn instant<'a>(
        name: &'static str,
        meaning: &'static str,
        write: fn(&IncidentLine<'a>, &mut Field<'_>),
    ) -> Column<IncidentLine<'a>> {
        Column::new(name, "s", Kind::Decimal, meaning, write).empty_when("not reached")
    }
    vec![
        Column::new(
            "open_at_fault",
            "",
            Kind::Flag,
            "Whether the store was open at the onset.",
            |line: &IncidentLine<'_>, field| field.flag(line.row.open_at_fault),
        ),
        Column::new(
            "fault_local",
            "",
            Kind::LocalTime,
            "Onset on the store's own clock, with offset from UTC.",
            |line: &IncidentLine<'_>, field| field.text(&line.context.local(line.row.store, line.row.fault)),
        ),
        Column::new(
            "fault_s",
            "s",
            Kind::Decimal,
            "Onset; for a false alarm, the verdict that declared the primary down.",
            |line: &IncidentLine<'_>, field| field.instant(line.row.fault, line.context.start()),
        ),
        instant("detected_s", "The uplink was declared down.", |line, field| {
            field.instant_or_empty(line.row.detected, line.context.start());
        }),
        instant("backup_ready_s", "The backup path became usable.", |line, field| {
            field.instant_or_empty(line.row.backup_ready, line.context.start());
        }),
        instant("failover_s", "Traffic flowed over the backup.", |line, field| {
            field.instant_or_empty(line.row.failover, line.context.start());
        }),
        instant("repaired_s", "The fault was over.", |line, field| {
            field.instant_or_empty(line.row.repaired, line.context.start());
        }),
        instant("recovery_detected_s", "The primary was declared up again.", |line, field| {
            field.instant_or_empty(line.row.recovery_detected, line.context.start());
        }),
        instant("failback_s", "Traffic flowed over the primary again.", |line, field| {
            field.instant_or_empty(line.row.failback, line.context.start());
        }),
        instant(
            "resync_done_s",
            "All payments that were stored offline had been replayed, and all bulk data that had piled up been carried.",
            |line, field| {
                field.instant_or_empty(line.row.resync_done, line.context.start());
            },
        ),
    ]
}

fn consequence_columns<'a>() -> Vec<Column<IncidentLine<'a>>> {
    fn span<'a>(
        name: &'static str,
        meaning: &'static str,
        write: fn(&IncidentLine<'a>, &mut Field<'_>),
    ) -> Column<IncidentLine<'a>> {
        Column::new(name, "s", Kind::Decimal, meaning, write)
    }
    const NOT_BOTH: &str = "one of the two did not happen";
    vec![
        span("detection_latency_s", "`detected_s` − `fault_s`.", |line, field| {
            field.seconds_or_empty(detection_latency(line.row));
        })
        .empty_when(NOT_BOTH),
        span(
            "bringup_latency_s",
            "`backup_ready_s` − `detected_s`, zero if the backup was ready before.",
            |line, field| field.seconds_or_empty(bringup_latency(line.row)),
        )
        .empty_when(NOT_BOTH),
        span("failover_latency_s", "`failover_s` − `fault_s`.", |line, field| {
            field.seconds_or_empty(failover_latency(line.row));
        })
        .empty_when(NOT_BOTH),
        span("failback_latency_s", "`failback_s` − `repaired_s`.", |line, field| {
            field.seconds_or_empty(failback_latency(line.row));
        })
        .empty_when(NOT_BOTH),
        span(
            "service_gap_s",
            "Time within the incident in which the route in use could not get an answer.",
            |line, field| {
                field.seconds(line.row.gap);
            },
        ),
        word(
            "remedy",
            "Who ended it: `self`, `remote`, `on_site`, `staff` or `provider`; usually, if it has not ended.",
            |line, field| {
                field.text(line.row.remedy);
            },
        )
        .empty_when("nothing had to be repaired"),
        Column::new(
            "payments_lost",
            "payments",
            Kind::Integer,
            "Payments lost while this was the earliest open incident, or the last, up to 15 minutes ago.",
            |line: &IncidentLine<'_>, field| field.integer(line.row.payments_lost),
        ),
        Column::new(
            "lost_sales_usd",
            "currency",
            Kind::Decimal,
            "Its part of `lost_sales_network_usd`: baskets left while it was the earliest open incident (or the last, up to \
             15 minutes ago) that the fault-free twin sells, less those sold that the twin loses; seldom negative.",
            |line: &IncidentLine<'_>, field| field.money(line.row.lost_sales),
        ),
        Column::new(
            "censored",
            "",
            Kind::Flag,
            "Whether the run ended before the incident did.",
            |line: &IncidentLine<'_>, field| field.flag(line.row.censored),
        ),
        Column::new(
            "alarms",
            "",
            Kind::Integer,
            "Times the profile's rule said down because of it (without a rule: times a lost carrier was seen); many on a link that flaps.",
            |line: &IncidentLine<'_>, field| field.integer(line.row.alarms.into()),
        ),
        span("backup_s", "Time that traffic was on the backup because of it.", |line, field| {
            field.seconds(line.row.on_backup);
        }),
        Column::new(
            "backup_dead",
            "",
            Kind::Flag,
            "Whether the backup was dead when it was needed because of this incident.",
            |line: &IncidentLine<'_>, field| field.flag(line.row.backup_dead),
        ),
        word(
            "found_by",
            "How a backup that was dead unnoticed (cause `latent_backup`) was found: by `need` or by a `test`.",
            |line, field| field.text(line.row.found_by),
        )
        .empty_when("another cause, or not found before the end"),
    ]
}
