//! `tickets.csv` and `noc.csv`: what the operations centre did, ticket by ticket and hour by hour.

use super::incidents::write_fault_id;
use super::{Column, Context, Kind, Table};
use crate::report::field::Field;
use crate::scenario::resolved::{Noc, Store};
use crate::simulation::result::{HourRow, IncidentRow, Remedy, ReplicationResult, RunResult, TicketRow};

/// A row of `tickets.csv`.
pub struct TicketLine<'a> {
    replication: u32,
    /// Position among the replication's tickets, from 1.
    number: u64,
    context: &'a Context<'a>,
    result: &'a ReplicationResult,
    noc: &'a Noc,
    store: &'a Store,
    row: &'a TicketRow,
    incident: Option<&'a IncidentRow>,
}

/// A row of `noc.csv`.
pub struct HourLine<'a> {
    replication: u32,
    context: &'a Context<'a>,
    row: &'a HourRow,
}

/// The incident that a ticket is about: rows come in order of store and onset.
fn incident_of<'a>(replication: &'a ReplicationResult, ticket: &TicketRow) -> Option<&'a IncidentRow> {
    let before =
        replication.incidents.partition_point(|row| (row.store, row.fault) < (ticket.store, ticket.onset));
    replication.incidents[before..]
        .iter()
        .take_while(|row| (row.store, row.fault) == (ticket.store, ticket.onset))
        .find(|row| row.cause == ticket.cause)
}

/// Rows of `tickets.csv` in order of replication and opening; none without an operations centre.
pub fn ticket_lines<'a>(
    context: &'a Context<'a>,
    result: &'a RunResult,
) -> impl Iterator<Item = TicketLine<'a>> {
    let noc = context.scenario.noc.as_deref();
    noc.into_iter().flat_map(move |noc| {
        result.replications.iter().flat_map(move |replication| {
            replication.tickets.iter().zip(1..).map(move |(row, number)| TicketLine {
                replication: replication.replication,
                number,
                context,
                result: replication,
                noc,
                store: context.store(row.store),
                row,
                incident: incident_of(replication, row),
            })
        })
    })
}

/// Rows of `noc.csv` in order of replication and hour.
pub fn hour_lines<'a>(context: &'a Context<'a>, result: &'a RunResult) -> impl Iterator<Item = HourLine<'a>> {
    result.replications.iter().flat_map(move |replication| {
        let replication_ = replication.replication;
        replication.noc_hours.iter().map(move |row| HourLine { replication: replication_, context, row })
    })
}

/// The last thing that has happened to a ticket.
fn state(row: &TicketRow) -> &'static str {
    match (row.closed, row.resolved, row.in_progress, row.acknowledged) {
        (Some(_), ..) => "closed",
        (None, Some(_), ..) => "resolved",
        (None, None, Some(_), _) => "in_progress",
        (None, None, None, Some(_)) => "acknowledged",
        (None, None, None, None) => "new",
    }
}

/// How the ticket was closed, in a service desk's words.
fn close_code(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Remote => "solved_remotely",
        Remedy::Staff => "solved_by_user",
        Remedy::OnSite => "solved_on_site",
        Remedy::Provider => "solved_by_vendor",
    }
}

/// Definition of `tickets.csv`.
#[must_use]
pub fn tickets<'a>() -> Table<TicketLine<'a>> {
    let mut columns = ticket_identity();
    columns.extend(ticket_instants());
    columns.extend(ticket_outcome());
    Table {
        file: "tickets.csv",
        row: "One row per replication and ticket, in order of opening; only with `[noc]` on. Faults that mend themselves, that \
              are over before a poll finds them, that began in the lead-in, or that hit a backup nobody uses have none.",
        columns,
    }
}

fn word<'a>(
    name: &'static str,
    meaning: &'static str,
    write: fn(&TicketLine<'a>, &mut Field<'_>),
) -> Column<TicketLine<'a>> {
    Column::new(name, "", Kind::Text, meaning, write)
}

fn ticket_identity<'a>() -> Vec<Column<TicketLine<'a>>> {
    vec![
        Column::new(
            "replication",
            "",
            Kind::Integer,
            "Number of the replication, from 0.",
            |line: &TicketLine<'_>, field| field.integer(line.replication.into()),
        ),
        word("number", "Number of the ticket in its replication.", |line, field| {
            field.text(&format!("INC{:07}", line.number));
        }),
        word("store_id", "The store's identity, as in the fleet file.", |line, field| {
            field.text(&line.store.id);
        }),
        word("fault_id", "The fault, as in `incidents.csv`.", |line, field| {
            if let Some(incident) = line.incident {
                write_fault_id(line.context, line.result, incident, field);
            }
        })
        .empty_when("its incident is not in `incidents.csv`"),
        Column::new(
            "priority",
            "",
            Kind::Integer,
            "From 1, the highest: by the sales at risk.",
            |line: &TicketLine<'_>, field| field.integer(line.row.priority.into()),
        ),
        word(
            "category",
            "`store_down` (all the store's sales were at risk) or `degraded` (a path and tills worked); as of the opening.",
            |line, field| field.text(if line.row.degraded { "degraded" } else { "store_down" }),
        ),
        word(
            "configuration_item",
            "What has failed: `router`, `switch`, `store-server`, `lane`, or `access` for what a provider mends.",
            |line, field| {
                let playbook = line.row.playbook.map(|id| &line.noc.playbooks[usize::from(id.0)]);
                field.text(playbook.map_or("access", |playbook| playbook.device.name()));
            },
        ),
        word("cause", "Cause as named in the scenario.", |line, field| {
            field.text(line.row.cause.name(line.context.scenario));
        }),
    ]
}

fn ticket_instants<'a>() -> Vec<Column<TicketLine<'a>>> {
    fn instant<'a>(
        name: &'static str,
        meaning: &'static str,
        write: fn(&TicketLine<'a>, &mut Field<'_>),
    ) -> Column<TicketLine<'a>> {
        Column::new(name, "s", Kind::Decimal, meaning, write).empty_when("not reached")
    }
    vec![
        word(
            "state",
            "`new`, `acknowledged`, `in_progress`, `resolved` or `closed`, at the end.",
            |line, field| {
                field.text(state(line.row));
            },
        ),
        Column::new("opened_s", "s", Kind::Decimal, "The alarm.", |line: &TicketLine<'_>, field| {
            field.instant(line.row.opened, line.context.start());
        }),
        instant("acknowledged_s", "Somebody had looked at it.", |line, field| {
            field.instant_or_empty(line.row.acknowledged, line.context.start());
        }),
        instant(
            "in_progress_s",
            "An engineer began to work on it; what lies between is the wait for one.",
            |line, field| field.instant_or_empty(line.row.in_progress, line.context.start()),
        ),
        instant("dispatched_s", "A technician set out.", |line, field| {
            field.instant_or_empty(line.row.dispatched, line.context.start());
        })
        .empty_when("nobody did"),
        instant("resolved_s", "The fault was over.", |line, field| {
            field.instant_or_empty(line.row.resolved, line.context.start());
        }),
        instant("closed_s", "The ticket was closed.", |line, field| {
            field.instant_or_empty(line.row.closed, line.context.start());
        }),
    ]
}

fn ticket_outcome<'a>() -> Vec<Column<TicketLine<'a>>> {
    vec![
        word("action", "Who ended the fault: `remote`, `staff`, `on_site` or `provider`.", |line, field| {
            field.text(line.row.remedy.map_or("", Remedy::name));
        })
        .empty_when("not resolved"),
        word(
            "close_code",
            "`solved_remotely`, `solved_by_user`, `solved_on_site` or `solved_by_vendor`.",
            |line, field| field.text(line.row.remedy.map_or("", close_code)),
        )
        .empty_when("not resolved"),
        Column::new(
            "engineer_min",
            "min",
            Kind::Decimal,
            "Engineers' time on it, the work under way included.",
            |line: &TicketLine<'_>, field| {
                const NANOS_PER_CENTIMINUTE: u64 = 600_000_000;
                field.fixed((line.row.engineer.as_nanos() / NANOS_PER_CENTIMINUTE) as i64, 2);
            },
        ),
        word("technician", "Market (or region) whose technician was sent.", |line, field| {
            if line.row.dispatched.is_some() {
                let pool = line.noc.store(line.row.store).pool;
                field.text(&line.noc.pools[pool as usize].name);
            }
        })
        .empty_when("nobody was sent, or stores have neither market nor region"),
    ]
}

/// Definition of `noc.csv`.
#[must_use]
pub fn hours<'a>() -> Table<HourLine<'a>> {
    fn seconds<'a>(
        name: &'static str,
        meaning: &'static str,
        write: fn(&HourLine<'a>, &mut Field<'_>),
    ) -> Column<HourLine<'a>> {
        Column::new(name, "s", Kind::Decimal, meaning, write)
    }
    let count = |name, meaning, write| Column::new(name, "", Kind::Integer, meaning, write);
    Table {
        file: "noc.csv",
        row: "One row per replication and hour of the scenario's window; only with `[noc]` on. Divided by 3600, seconds are \
              averages over the hour.",
        columns: vec![
            count("replication", "Number of the replication, from 0.", |line: &HourLine<'_>, field| {
                field.integer(line.replication.into());
            }),
            Column::new(
                "start_utc",
                "",
                Kind::Timestamp,
                "Start of the hour.",
                |line: &HourLine<'_>, field| {
                    field.utc(line.row.start);
                },
            ),
            seconds("start_s", "The same, from the start of the window.", |line, field| {
                field.instant(line.row.start, line.context.start());
            }),
            count("tickets_opened", "Tickets opened in it.", |line: &HourLine<'_>, field| {
                field.integer(line.row.opened.into());
            }),
            count(
                "waiting_max",
                "Most tickets that waited for an engineer at once; 0: more engineers would change nothing.",
                |line: &HourLine<'_>, field| field.integer(line.row.waiting_max.into()),
            ),
            seconds("waiting_s", "Tickets' time in the queue for an engineer, added up.", |line, field| {
                field.seconds(line.row.waiting);
            }),
            seconds("on_duty_s", "Engineers' time on duty, added up.", |line, field| {
                field.seconds(line.row.on_duty);
            }),
            seconds("busy_s", "Engineers' time at work, added up.", |line, field| {
                field.seconds(line.row.busy);
            }),
            count("sessions_max", "Most remote sessions open at once.", |line: &HourLine<'_>, field| {
                field.integer(line.row.sessions_max.into());
            }),
            seconds("sessions_s", "Remote sessions' time, added up.", |line, field| {
                field.seconds(line.row.sessions);
            }),
            seconds(
                "technicians_out_s",
                "Technicians' time on the road and at stores, added up.",
                |line, field| {
                    field.seconds(line.row.out);
                },
            ),
        ],
    }
}
