//! One incident at one store: what happened, in order, and how long each stage took.

use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

use super::draw::{Axis, Text, short};
use crate::report::summary::{duration_text, grouped, money_text};

/// What is read of `incidents`, in this order.
pub const COLUMNS: [&str; 32] = [
    "replication",
    "store_id",
    "incident_id",
    "fault_id",
    "kind",
    "uplink",
    "cause",
    "scope",
    "signature",
    "profile",
    "standby",
    "topology",
    "carrier",
    "cell",
    "open_at_fault",
    "fault_local",
    "fault_s",
    "detected_s",
    "backup_ready_s",
    "failover_s",
    "repaired_s",
    "recovery_detected_s",
    "failback_s",
    "resync_done_s",
    "service_gap_s",
    "remedy",
    "payments_lost",
    "lost_sales_usd",
    "censored",
    "alarms",
    "backup_s",
    "backup_dead",
];

/// What is read of `tickets`.
pub const TICKET_COLUMNS: [&str; 10] = [
    "replication",
    "store_id",
    "fault_id",
    "number",
    "opened_s",
    "acknowledged_s",
    "in_progress_s",
    "dispatched_s",
    "closed_s",
    "action",
];

/// Columns of a bar's name, and of what it took.
const NAME_WIDTH: usize = 23;
const TOOK_WIDTH: usize = 11;
/// With less room, bars tell nothing.
const BAR_MIN: usize = 16;
/// A stretch is drawn by itself where it is less than this part of the whole.
const ZOOM: f64 = 8.0;

/// An instant of an incident.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Seconds from the start of the run.
    pub at_s: f64,
    /// What happened.
    pub what: String,
    /// The stage that ended with it, and how long that took, seconds.
    pub took: Option<(&'static str, f64)>,
}

/// A stage.
#[derive(Clone, PartialEq, Debug)]
pub struct Bar {
    /// Its name.
    pub name: &'static str,
    /// From, seconds from the start of the run.
    pub from_s: f64,
    /// Until; `None`: it had not ended when the run did.
    pub to_s: Option<f64>,
}

/// A row of `incidents`, with the ticket that was opened for its fault.
#[derive(Clone, PartialEq, Debug)]
pub struct Incident {
    cells: Vec<String>,
    ticket: Option<Vec<String>>,
}

impl Incident {
    /// Of a row's cells, in the order in which they are read.
    #[must_use]
    pub fn new(cells: Vec<String>) -> Self {
        Incident { cells, ticket: None }
    }

    pub(super) fn add_ticket(&mut self, cells: Vec<String>) {
        self.ticket.get_or_insert(cells);
    }

    /// The cell of that column; empty if there is none.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        let at = COLUMNS.iter().position(|name| *name == column);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    /// The same as a number.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        self.text(column).parse().ok()
    }

    /// What it cost.
    pub(super) fn lost(&self) -> f64 {
        self.number("lost_sales_usd").unwrap_or(0.0)
    }

    fn flag(&self, column: &str) -> bool {
        self.text(column) == "1"
    }

    fn ticket_text(&self, column: &str) -> Option<&str> {
        let at = TICKET_COLUMNS.iter().position(|name| *name == column)?;
        self.ticket.as_ref()?.get(at).map(String::as_str)
    }

    /// Everything that happened, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut add = |at: Option<f64>, what: String, took: Option<(&'static str, f64)>| {
            steps.extend(at.map(|at_s| Step { at_s, what, took }));
        };
        let at = |column: &str| self.number(column);
        // Both must have happened; what was ready before took nothing.
        let took =
            |stage: &'static str, from: Option<f64>, to: &str| Some((stage, (at(to)? - from?).max(0.0)));
        let fault = at("fault_s");
        let is_false = self.text("cause") == "false_alarm";
        if is_false {
            add(fault, "declared down, though nothing has failed".to_owned(), None);
        } else {
            let verb = if self.text("uplink") == "both" { "fail" } else { "fails" };
            let what = format!(
                "{} {verb}: {}, {}",
                part_name(self.text("uplink")),
                self.text("cause"),
                self.text("signature")
            );
            add(fault, what, None);
            let alarms = at("alarms").filter(|&alarms| alarms > 1.0);
            let again = alarms.map_or_else(String::new, |alarms| format!(" (the first of {alarms} times)"));
            add(at("detected_s"), format!("declared down{again}"), took("detection", fault, "detected_s"));
        }
        let from = if is_false { fault } else { at("detected_s") };
        let dead = if self.flag("backup_dead") { "; it had been dead unnoticed" } else { "" };
        add(
            at("backup_ready_s"),
            format!("the backup is usable{dead}"),
            took("bring-up", from, "backup_ready_s"),
        );
        let ready = at("backup_ready_s").into_iter().chain(from).reduce(f64::max);
        add(
            at("failover_s"),
            "traffic flows over the backup".to_owned(),
            took("switch", ready, "failover_s"),
        );
        let ticket = |column| self.ticket_text(column).and_then(|cell| cell.parse::<f64>().ok());
        let number = self.ticket_text("number").unwrap_or_default();
        add(ticket("opened_s"), format!("the alarm opens ticket {number}"), None);
        add(ticket("in_progress_s"), "an engineer begins to work on it".to_owned(), None);
        add(ticket("dispatched_s"), "a technician sets out".to_owned(), None);
        add(
            at("repaired_s"),
            format!("the fault is over{}", ended_by(self.text("remedy"))),
            took("repair", fault, "repaired_s"),
        );
        let noticed = took("noticing it", at("repaired_s"), "recovery_detected_s");
        add(at("recovery_detected_s"), "declared up again".to_owned(), noticed);
        let back = took("going back", at("recovery_detected_s"), "failback_s");
        add(at("failback_s"), "traffic flows over the primary again".to_owned(), back);
        let resync = took("resync", at("repaired_s"), "resync_done_s");
        add(at("resync_done_s"), "all that was stored meanwhile has been sent".to_owned(), resync);
        add(ticket("closed_s"), "the ticket is closed".to_owned(), None);
        steps.sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
        steps
    }

    /// Its stages as stretches of time.
    #[must_use]
    pub fn bars(&self) -> Vec<Bar> {
        let at = |column: &str| self.number(column);
        let open =
            [("fault open", "fault_s", "repaired_s"), ("traffic on the backup", "failover_s", "failback_s")];
        let closed = [
            ("detection", "fault_s", "detected_s"),
            ("bring-up", "detected_s", "backup_ready_s"),
            ("switch", "backup_ready_s", "failover_s"),
        ];
        let after = [
            ("noticing the repair", "repaired_s", "recovery_detected_s"),
            ("going back", "recovery_detected_s", "failback_s"),
            ("resync", "repaired_s", "resync_done_s"),
        ];
        let bar = |(name, from, to): (&'static str, &str, &str), endless: bool| {
            let (from_s, to_s) = (at(from)?, at(to));
            let from_s = to_s.map_or(from_s, |to| from_s.min(to));
            (endless || to_s.is_some()).then_some(Bar { name, from_s, to_s })
        };
        let mut bars = Vec::from_iter(bar(open[0], true));
        bars.extend(closed.into_iter().filter_map(|one| bar(one, false)));
        bars.extend(bar(open[1], true));
        bars.extend(after.into_iter().filter_map(|one| bar(one, false)));
        bars
    }

    /// The chain and its stages, to scale.
    pub(super) fn draw(&self, text: &mut Text, currency: &str) {
        let broken = if self.text("cause") == "false_alarm" {
            String::new()
        } else {
            format!(" ({})", self.text("scope"))
        };
        text.heading(&format!(
            "Incident {}: {}{broken}, {}",
            self.text("incident_id"),
            self.text("cause"),
            outcome(self.text("kind"))
        ));
        text.line(&format!(
            "  profile {}, standby {}, backup {} over {}; the store was {}",
            self.text("profile"),
            self.text("standby"),
            self.text("topology"),
            self.text("carrier"),
            if self.flag("open_at_fault") { "open" } else { "closed" }
        ));
        self.draw_steps(text);
        let lost = money_text(self.lost(), currency);
        let payments = self.number("payments_lost").unwrap_or(0.0);
        let gap = short(self.number("service_gap_s").unwrap_or(0.0));
        let end = if self.flag("censored") { " The run ended before it did." } else { "" };
        text.line(&format!(
            "  No answers for {gap}; {} card payment{} lost; {lost} of sales lost.{end}",
            grouped(payments, 0),
            if payments == 1.0 { "" } else { "s" }
        ));
        self.draw_bars(text);
    }

    fn draw_steps(&self, text: &mut Text) {
        let start = self.number("fault_s").unwrap_or(0.0);
        let fault_local: Option<DateTime> =
            self.text("fault_local").get(..23).and_then(|local| local.parse().ok());
        let mut day = None;
        for step in self.steps() {
            let since = step.at_s - start;
            let local = fault_local.and_then(|local| {
                let millis = libm::round(since * 1_000.0) as i64;
                local.checked_add(jiff::Span::new().milliseconds(millis)).ok()
            });
            if let Some(date) = local.map(DateTime::date).filter(|&date| day != Some(date)) {
                text.dim(&format!("  {date}, the store's time"));
                day = Some(date);
            }
            let clock = local.map_or_else(String::new, |local| local.strftime("%H:%M:%S%.3f").to_string());
            let sign = if since < 0.0 { "−" } else { "+" };
            let since = format!("{sign}{}", duration_text(since.abs()));
            let took =
                step.took.map_or_else(String::new, |(stage, s)| format!(" [{stage} {}]", duration_text(s)));
            let head =
                format!("  {clock:12} {:>11}  ", if step.at_s == start { String::new() } else { since });
            let what = format!("{}{took}", step.what);
            text.line(&format!("{head}{}", super::draw::cut(&what, text.width().saturating_sub(27).max(24))));
        }
    }

    fn draw_bars(&self, text: &mut Text) {
        let width = text.width().saturating_sub(2 + NAME_WIDTH + 1 + TOOK_WIDTH);
        let bars = self.bars();
        let Some(first) = self.number("fault_s").filter(|_| width >= BAR_MIN && bars.len() > 1) else {
            return;
        };
        let ends = bars.iter().flat_map(|bar| [Some(bar.from_s), bar.to_s]).flatten();
        let last = ends.fold(first, f64::max);
        let whole = last - first;
        if whole <= 0.0 {
            return;
        }
        let moved =
            self.number("failover_s").filter(|&moved| moved > first && (moved - first) * ZOOM < whole);
        if let Some(moved) = moved {
            let axis = Axis { from: first, to: first + (moved - first) * 1.02, origin: first, width };
            draw_panel(text, "the way to the backup, from the fault", &bars, axis);
        }
        let axis = Axis { from: first, to: last, origin: first, width };
        draw_panel(text, "all of it, from the fault", &bars, axis);
        let back = self.number("repaired_s").zip(self.number("failback_s"));
        if let Some((repaired, back)) =
            back.filter(|&(repaired, back)| back > repaired && (back - repaired) * ZOOM < whole)
        {
            let axis = Axis { from: repaired, to: back + (back - repaired) * 0.02, origin: repaired, width };
            draw_panel(text, "the way back, from the repair", &bars, axis);
        }
    }

    /// Cells by column, steps and stages.
    pub(super) fn to_json(&self) -> Value {
        let mut json: Map<String, Value> = COLUMNS
            .iter()
            .map(|&column| {
                let number =
                    (column.ends_with("_s") || NUMBERS.contains(&column)).then(|| self.number(column));
                let value = match number {
                    Some(number) => json!(number),
                    None => json!(self.text(column)),
                };
                (column.to_owned(), value)
            })
            .collect();
        let steps = self.steps().into_iter().map(|step| {
            let (stage, took_s) = step.took.unzip();
            json!({ "at_s": step.at_s, "what": step.what, "stage": stage, "took_s": took_s })
        });
        json.insert("steps".to_owned(), steps.collect());
        json.insert("ticket".to_owned(), json!(self.ticket_text("number")));
        Value::Object(json)
    }
}

/// Columns that hold numbers, besides seconds.
const NUMBERS: [&str; 8] = [
    "replication",
    "incident_id",
    "open_at_fault",
    "payments_lost",
    "lost_sales_usd",
    "censored",
    "alarms",
    "backup_dead",
];

fn draw_panel(text: &mut Text, title: &str, bars: &[Bar], axis: Axis) {
    text.line("");
    text.dim(&format!("  {:NAME_WIDTH$} {}", "", title));
    text.dim(&format!("  {:NAME_WIDTH$} {}", "", axis.marks()));
    for bar in bars {
        let line = axis.bar(bar.from_s, bar.to_s.unwrap_or(axis.to));
        if line.is_empty() {
            continue;
        }
        let took = bar.to_s.map_or_else(|| "not ended".to_owned(), |to| duration_text(to - bar.from_s));
        text.line(&format!(
            "  {:NAME_WIDTH$} {line:width$}{took:>TOOK_WIDTH$}",
            bar.name,
            width = axis.width
        ));
    }
}

/// What is broken, as the beginning of a sentence.
fn part_name(uplink: &str) -> String {
    match uplink {
        "both" => "both uplinks".to_owned(),
        "primary" | "backup" | "router" | "switch" => format!("the {uplink}"),
        "site-power" => "the site's power".to_owned(),
        "store-server" => "the store's server".to_owned(),
        "service" => "the payment service".to_owned(),
        "lane" => "a lane".to_owned(),
        other => other.to_owned(),
    }
}

/// What became of it.
pub(super) fn outcome(kind: &str) -> &'static str {
    match kind {
        "failover" => "traffic moved",
        "false_failover" => "traffic moved for no fault",
        "late_failover" => "traffic moved after the repair",
        "no_failover" => "traffic did not move",
        "masked" => "hidden by another fault",
        _ => "unknown outcome",
    }
}

fn ended_by(remedy: &str) -> &'static str {
    match remedy {
        "self" => ", by itself",
        "remote" => ", mended remotely",
        "on_site" => ", mended on site",
        "staff" => ", mended by the store's people",
        "provider" => ", mended by the provider",
        _ => "",
    }
}
