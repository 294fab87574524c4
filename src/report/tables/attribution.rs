//! `attribution.csv`: every cent that the network cost, by cause, stage and what would have helped.

use std::collections::{BTreeMap, BTreeSet};

use super::incidents::cause_name;
use super::{Column, Context, Kind, Table};
use crate::scenario::resolved::{FormatId, Scope};
use crate::simulation::result::{Helped, LossPart, LossStage, OnlineLoss, ReplicationResult, RunResult};
use crate::units::Cents;

/// What the column `format` says of online orders.
pub const ONLINE: &str = "online";

/// What would have helped, as a planner says it.
#[must_use]
pub const fn remedy_words(helped: Helped) -> &'static str {
    match helped {
        Helped::Lte => "a backup path",
        Helped::Oobm => "remote hands",
        Helped::OfflineAuthorization => "offline authorization",
        Helped::Nothing => "none of these",
    }
}

/// The same for the word in the column `would_have_helped`.
#[must_use]
pub fn remedy_of(word: &str) -> Option<&'static str> {
    let all = [Helped::Lte, Helped::Oobm, Helped::OfflineAuthorization, Helped::Nothing];
    all.into_iter().find(|helped| helped.name() == word).map(remedy_words)
}

/// What rows are told apart by: cause and scope (empty without an incident), stage, what would have helped, format (`None`: online).
type Key<'a> = (&'a str, &'static str, LossStage, Helped, Option<FormatId>);

/// A row of the table.
pub struct AttributionLine<'a> {
    replication: u32,
    context: &'a Context<'a>,
    key: Key<'a>,
    stores: u64,
    incidents: u64,
    part: LossPart,
}

impl AttributionLine<'_> {
    fn margin(&self) -> Cents {
        let scenario = &self.context.scenario;
        let margin = match self.key.4 {
            Some(format) => scenario.formats[format.0 as usize].gross_margin,
            None => scenario.online.as_ref().map_or(0.0, |online| online.gross_margin),
        };
        self.part.lost_sales.scaled(margin)
    }
}

#[derive(Default)]
struct Total {
    stores: BTreeSet<u32>,
    incidents: u64,
    part: LossPart,
}

/// Rows in order of replication, cause, scope, stage, what would have helped, format.
#[must_use]
pub fn attribution_lines<'a>(context: &'a Context<'a>, result: &'a RunResult) -> Vec<AttributionLine<'a>> {
    let lines = result.replications.iter().flat_map(|replication| {
        totals(context, replication).into_iter().map(|(key, total)| AttributionLine {
            replication: replication.replication,
            context,
            key,
            stores: total.stores.len() as u64,
            incidents: total.incidents,
            part: total.part,
        })
    });
    lines.collect()
}

fn totals<'a>(context: &'a Context<'a>, replication: &'a ReplicationResult) -> BTreeMap<Key<'a>, Total> {
    let mut totals: BTreeMap<Key<'a>, Total> = BTreeMap::new();
    let mut rows = replication.incidents.iter().peekable();
    for loss in &replication.losses {
        // Both lists are in order of store and incident.
        while rows.next_if(|row| (row.store, row.number) < (loss.store, loss.incident)).is_some() {}
        let row = rows.peek().filter(|row| (row.store, row.number) == (loss.store, loss.incident));
        let (cause, scope) = row.map_or(("", ""), |row| (cause_name(context, row.cause), row.scope));
        let format = context.store(loss.store).format;
        let total = totals.entry((cause, scope, loss.stage, loss.helped, Some(format))).or_default();
        total.stores.insert(loss.store.0);
        total.incidents += u64::from(row.is_some());
        total.part += loss.part;
    }
    for OnlineLoss { cause, oobm, orders, sales } in replication.services.iter().flat_map(|row| &row.online) {
        let scope = if cause.is_empty() { "" } else { Scope::Service.name() };
        let helped = if *oobm { Helped::Oobm } else { Helped::Nothing };
        let total = totals.entry((cause, scope, LossStage::Service, helped, None)).or_default();
        total.part += LossPart { payments_lost: *orders, lost_sales: *sales, ..LossPart::default() };
    }
    totals
}

/// Definition of the table.
#[must_use]
pub fn attribution<'a>() -> Table<AttributionLine<'a>> {
    let word = |name, meaning, write| Column::new(name, "", Kind::Text, meaning, write);
    let mut columns = vec![
        Column::new(
            "replication",
            "",
            Kind::Integer,
            "Number of the replication, from 0.",
            |line: &AttributionLine<'_>, field| field.integer(line.replication.into()),
        ),
        word(
            "cause",
            "Cause as in `incidents.csv`; overlapping incidents: the earliest open one's.",
            |line: &AttributionLine<'_>, field| field.text(line.key.0),
        )
        .empty_when(
            "no incident at the store explains it: others' load on what it shares, or `unattributed`",
        ),
        word("scope", "What the fault reaches, as in `incidents.csv`.", |line, field| field.text(line.key.1))
            .empty_when("there is no cause"),
        word(
            "stage",
            "What stood between customers and their payments: `no_backup`, `detection`, `bring_up`, `starved_lte`, \
             `dead_backup`, `failback`, `flows`, `service`, `offline_decline`, `repair_wait`, `power`; `aftermath`: the queue left \
             behind; `unattributed`: the path worked and no incident was near.",
            |line, field| field.text(line.key.2.name()),
        ),
        word(
            "would_have_helped",
            "`lte` (a backup path: there, working, faster, stronger), `oobm` (remote hands), `offline_authorization` or \
             `nothing`.",
            |line, field| field.text(line.key.3.name()),
        ),
        word("format", "Store format; `online`: online orders, lost at their service.", |line, field| {
            field.text(match line.key.4 {
                Some(format) => &line.context.scenario.formats[format.0 as usize].name,
                None => ONLINE,
            });
        }),
    ];
    columns.extend(amounts());
    Table {
        file: "attribution.csv",
        row: "One row per replication, cause, scope, stage, what would have helped and format, where anything was lost or \
              a service gap passed. To the cent, `lost_sales_usd` adds up to the stores' `lost_sales_network_usd`, and in rows of \
              format `online` to `online_lost_sales_usd` of `services.csv`.",
        columns,
    }
}

fn amounts<'a>() -> Vec<Column<AttributionLine<'a>>> {
    let count = |name, unit, meaning, write| Column::new(name, unit, Kind::Integer, meaning, write);
    let money = |name, meaning, write| Column::new(name, "currency", Kind::Decimal, meaning, write);
    vec![
        count(
            "stores",
            "stores",
            "Stores that lost something or had a gap.",
            |line: &AttributionLine<'_>, field| {
                field.integer(line.stores);
            },
        ),
        count(
            "incidents",
            "incidents",
            "Incidents with this stage; one with several stages counts in each.",
            |line: &AttributionLine<'_>, field| field.integer(line.incidents),
        ),
        count(
            "payments_lost",
            "payments",
            "Card payments without an answer and without offline approval, at stores whose network ever differed from the \
             twin's; online orders lost.",
            |line: &AttributionLine<'_>, field| field.integer(line.part.payments_lost),
        ),
        money(
            "lost_sales_usd",
            "Baskets that the fault-free twin sells and the store does not, less those that the store sells and the twin \
             does not; negative where an outage made room for others. Online: orders lost at their service, for any reason.",
            |line: &AttributionLine<'_>, field| field.money(line.part.lost_sales),
        ),
        money("lost_margin_usd", "`lost_sales_usd` × the format's gross margin.", |line, field| {
            field.money(line.margin());
        }),
        money(
            "late_declined_usd",
            "Sales approved offline that the issuer refuses afterwards; they are sales, and not in `lost_sales_usd`.",
            |line, field| field.money(line.part.late_declined),
        ),
        Column::new(
            "service_gap_s",
            "s",
            Kind::Decimal,
            "Time in which the route in use could not get an answer.",
            |line: &AttributionLine<'_>, field| field.seconds(line.part.gap),
        ),
    ]
}
