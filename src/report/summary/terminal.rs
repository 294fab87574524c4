//! The summary as text for a planner: the verdict in sentences, then the numbers behind it.

use std::fmt::Write as _;

use super::metrics::STAGE_QUANTILES;
use super::numbers::{Scale, count_text, duration_text, grouped, with_interval};
use super::{Metric, Summary, Unit};
use crate::measure::estimators::Interval;
use crate::measure::sample::{Sample, Times};
use crate::report::manifest::RunMeta;
use crate::report::stages::Stage;
use crate::report::thresholds::{lines, overall, word};

const LABEL_WIDTH: usize = 36;
const VALUE_WIDTH: usize = 22;
const SHARE_WIDTH: usize = 10;
const STAGE_WIDTH: usize = 18;
/// Widths of the verdict's columns: day, stores dark, sales lost.
const DAY_WIDTHS: [usize; 3] = [12, 34, 38];

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

impl Summary {
    /// The summary for a terminal of 100 columns; `colour` marks headings with ANSI codes.
    #[must_use]
    pub fn to_terminal(&self, colour: bool, meta: &RunMeta) -> String {
        let mut page = Page { text: String::new(), colour, currency: &self.currency };
        page.strong(&self.scenario);
        page.line(&format!(
            "{} stores, {} to {}, {}, seed {}",
            grouped(self.stores as f64, 0),
            self.days.0,
            self.days.1,
            count_text(self.replications, "replication"),
            self.seed
        ));
        if !self.thresholds.is_empty() {
            let verdicts = self.thresholds.iter().map(|one| one.verdict);
            page.heading(&format!("Thresholds: {}", word(overall(verdicts))));
            for line in lines(&self.thresholds, &self.currency) {
                page.line(&format!("  {line}"));
            }
        }
        page.line("");
        for sentence in self.verdict_sentences() {
            page.strong(&sentence);
        }
        self.days_section(&mut page);
        self.customers_section(&mut page);
        self.payments_section(&mut page);
        self.failover_section(&mut page);
        self.lte_section(&mut page);
        self.services_section(&mut page);
        self.noc_section(&mut page);
        self.money_section(&mut page);
        self.strata_section(&mut page);
        self.year_section(&mut page);
        page.line("");
        page.line(&speed_sentence(meta));
        if !meta.results.is_empty() {
            page.line(&format!("Results: {}", meta.results));
        }
        page.text
    }

    pub(super) fn value(&self, group: &str, name: &str) -> Option<&Interval> {
        self.metric(group, name).and_then(|metric| metric.value.as_ref())
    }

    /// The answer in a few sentences.
    pub(super) fn verdict_sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if self.replications == 1 {
            sentences.push("This is one possible weekend, not a forecast.".to_owned());
        }
        sentences.extend(self.dark_sentence());
        sentences.extend(self.cost_sentence());
        sentences.extend(self.online_sentence());
        if let Some(bad) = self.value("verdict", "lost_sales_network_p95") {
            let bad = Scale::of(Unit::Money, bad.estimate, &self.currency).show(bad.estimate);
            sentences.push(format!("One weekend in 20 costs {bad} or more."));
        }
        sentences.extend(self.caution.clone());
        sentences
    }

    /// The day with the most dark stores.
    fn dark_sentence(&self) -> Option<String> {
        let days = self.metrics("verdict").filter(|metric| metric.name == "stores_dark_5min");
        let mut worst: Option<(&str, &Interval)> = None;
        for metric in days {
            if let (Some(day), Some(value)) = (&metric.day, &metric.value)
                && worst.is_none_or(|(_, found)| value.estimate > found.estimate)
            {
                worst = Some((day, value));
            }
        }
        let (day, value) = worst?;
        if value.estimate == 0.0 {
            return Some("No store is dark for 5 minutes or more in opening hours on any day.".to_owned());
        }
        let scale = Scale::of(Unit::Incidents, value.estimate, &self.currency);
        let (_, interval) = with_interval(Unit::Incidents, value, &self.currency);
        let number = join(&[&scale.show(value.estimate), &interval]);
        let goes = if number == "1" { "goes" } else { "go" };
        Some(format!(
            "On the worst day, {day}, {number} of {} stores {goes} dark for 5 minutes or more in opening hours.",
            grouped(self.stores as f64, 0)
        ))
    }

    fn cost_sentence(&self) -> Option<String> {
        let lost = self.value("verdict", "lost_sales_network")?;
        let (value, interval) = with_interval(Unit::Money, lost, &self.currency);
        let number = join(&[&value, &interval]);
        let share = self
            .value("verdict", "lost_sales_network_share")
            .map(|share| Scale::of(Unit::Share, share.estimate, "").show(share.estimate))
            .map_or_else(String::new, |share| {
                format!(", {share} of what a network without faults would sell")
            });
        Some(format!("The network costs {number} in lost sales{share}."))
    }

    fn days_section(&self, page: &mut Page<'_>) {
        page.heading("Day by day");
        let has_rare = self.value("verdict", "lost_sales_network_p95").is_some();
        let rare = if has_rare { "1 weekend in 20, or worse" } else { "" };
        page.dim(&day_line(["", "stores dark ≥ 5 min when open", "sales lost to the network"], rare));
        for dark in self.metrics("verdict").filter(|metric| metric.name == "stores_dark_5min") {
            let Some(day) = &dark.day else { continue };
            let on_day = |name: &str| {
                self.metrics("verdict").find(|metric| metric.name == name && metric.day.as_ref() == Some(day))
            };
            let rare: Vec<String> = ["stores_dark_5min_p95", "lost_sales_network_p95"]
                .iter()
                .filter_map(|name| on_day(name))
                .map(|metric| self.shown(Some(metric)).0)
                .collect();
            let lost = self.shown(on_day("lost_sales_network"));
            let dark = self.shown(Some(dark));
            page.line(&day_line(
                [day, &join(&[&dark.0, &dark.1]), &join(&[&lost.0, &lost.1])],
                &rare.join(", "),
            ));
        }
        let lost = self.shown(self.metric("verdict", "lost_sales_network"));
        let rare = self.shown(self.metric("verdict", "lost_sales_network_p95")).0;
        page.line(&day_line(["all days", "", &join(&[&lost.0, &lost.1])], if has_rare { &rare } else { "" }));
    }

    /// A metric's value with unit, and its interval.
    fn shown(&self, metric: Option<&Metric>) -> (String, String) {
        metric
            .and_then(|metric| {
                metric.value.as_ref().map(|value| with_interval(metric.unit, value, &self.currency))
            })
            .unwrap_or_else(|| ("–".to_owned(), String::new()))
    }

    fn customers_section(&self, page: &mut Page<'_>) {
        page.heading("Customers");
        page.metric("reached the tills", self.metric("customers", "customers"), None);
        for (label, name) in [
            ("served", "served"),
            ("left at the sight of the queue", "balked"),
            ("gave up waiting", "reneged"),
            ("could not pay", "unpaid"),
            ("still inside at the end", "inside"),
        ] {
            let share = self.share_note("customers", name);
            page.metric(label, self.metric("customers", name), share.as_deref());
        }
        page.metric("sales", self.metric("customers", "sales"), None);
        page.metric("baskets left, any reason", self.metric("customers", "lost_sales"), None);
        page.metric(
            "queue, 95 % wait less: typical store",
            self.metric("customers", "queue_wait_p95_median_store"),
            None,
        );
        page.metric(
            "  worst store in 20",
            self.metric("customers", "queue_wait_p95_worst_store_in_20"),
            None,
        );
    }

    fn payments_section(&self, page: &mut Page<'_>) {
        page.heading("Card payments");
        page.metric("begun", self.metric("payments", "payments"), None);
        for (label, name) in [
            ("authorized", "authorized"),
            ("authorized offline", "authorized_offline"),
            ("declined by the issuer", "declined"),
            ("lost: no answer", "payments_lost"),
            ("pending at the end", "pending"),
        ] {
            let share = self.share_note("payments", name);
            page.metric(label, self.metric("payments", name), share.as_deref());
        }
        for (label, name) in [
            ("response on the primary, median", "payment_time_primary_p50"),
            ("  99th percentile", "payment_time_primary_p99"),
            ("response on LTE, median", "payment_time_lte_p50"),
            ("  99th percentile", "payment_time_lte_p99"),
        ] {
            page.metric(label, self.metric("payments", name), None);
        }
    }

    fn failover_section(&self, page: &mut Page<'_>) {
        page.heading("Incidents");
        for (label, name) in [
            ("failed over", "incidents_failover"),
            ("failed over after the repair", "incidents_late_failover"),
            ("failed over for no fault", "incidents_false_failover"),
            ("not failed over", "incidents_no_failover"),
            ("hidden by another fault", "incidents_masked"),
            ("of tills, power or payment services", "incidents_beside_the_network"),
        ] {
            page.metric(label, self.metric("failover", name), None);
        }
        page.heading("Failover stages, wired primaries");
        let mut head = format!("  {:LABEL_WIDTH$}", "");
        for title in STAGE_QUANTILES.iter().map(|&(_, title)| title).chain(["max"]) {
            write!(head, "{title:>STAGE_WIDTH$}").expect("a String accepts every character");
        }
        page.dim(head.trim_end());
        for stage in Stage::ALL {
            page.line(self.stage_line(stage).trim_end());
        }
        if self.is_standing(Stage::Failover) {
            page.dim(
                "  detection to failover: by Kaplan and Meier, as some faults were open when the run ended",
            );
        }
        if self.is_standing(Stage::Failback) {
            page.dim("  failback: by Kaplan and Meier, as some traffic was on LTE still when the run ended");
        }
        page.heading("Faults at stores with a wired primary and a backup");
        for (label, name) in [
            ("faults of the way to the primary", "failover_needed_count"),
            ("  traffic moved", "failover_incidence"),
            ("  over before traffic moved", "repaired_first_incidence"),
            ("    of them before they were noticed", "repaired_undetected_count"),
            ("  still open at the end, not moved", "failover_censored_count"),
        ] {
            page.metric(label, self.metric("failover", name), None);
        }
    }

    /// Whether quantiles of `stage` are of more than what was completed, of which the end of the run hid some.
    fn is_standing(&self, stage: Stage) -> bool {
        let metric = self.metric("failover", &format!("{}_latency_p50", stage.name()));
        metric.is_some_and(
            |metric| matches!(&metric.sample, Sample::Quantile { times, .. } if matches!(**times, Times::Standing(_))),
        )
    }

    fn stage_line(&self, stage: Stage) -> String {
        let label = match stage {
            Stage::Detection => "detection: fault to declared down",
            Stage::BringUp => "bring-up: until LTE is usable",
            Stage::Switch => "switch: until traffic flows",
            Stage::Failover => "failover: fault to traffic on LTE",
            Stage::Failback => "failback: repair to primary in use",
        };
        let mut line = format!("  {label:LABEL_WIDTH$}");
        for quantile in STAGE_QUANTILES.iter().map(|&(_, name)| name).chain(["max"]) {
            let value = self.value("failover", &format!("{}_latency_{quantile}", stage.name()));
            let text = value.map_or_else(|| "–".to_owned(), plus_minus);
            write!(line, "{text:>STAGE_WIDTH$}").expect("a String accepts every character");
        }
        line
    }

    fn lte_section(&self, page: &mut Page<'_>) {
        page.heading("Paths");
        for (label, name) in [
            ("on LTE", "lte_time"),
            ("dark: no uplink works", "dark_time"),
            ("service gap: no answer", "service_gap_time"),
            ("  of it in opening hours", "service_gap_open_time"),
            ("carried over LTE", "lte_data"),
            ("cells without airtime to spare", "cell_saturated_time"),
        ] {
            page.metric(label, self.metric("lte", name), None);
        }
    }

    fn money_section(&self, page: &mut Page<'_>) {
        page.heading("Money");
        for (label, name) in [
            ("sales blocked by the network", "lost_sales_gross"),
            ("  lost for good", "lost_sales_for_good"),
            ("  made later or online", "lost_sales_deferred"),
            ("gross margin lost", "lost_margin"),
            ("approved offline, refused later", "late_declined"),
            ("blocked; a backup would have helped", "would_have_helped_lte"),
            ("  remote hands", "would_have_helped_oobm"),
            ("  offline authorization", "would_have_helped_offline_authorization"),
            ("  none of these", "would_have_helped_nothing"),
            ("  no incident explains it", "unattributed"),
            ("blocked by faults of single stores", "lost_sales_everyday"),
            ("by shared faults: probability", "shared_event_probability"),
            ("  cost if one happens", "shared_event_cost_if_any"),
            ("online orders lost at services", "online_lost_sales_gross"),
            ("  lost for good", "online_lost_sales_for_good"),
            ("  gross margin lost", "online_lost_margin"),
            ("technicians' journeys", "truck_rolls"),
            ("  their cost", "truck_roll_cost"),
            ("plans, for these days", "plans_cost"),
            ("data beyond allowances", "overage_cost"),
            ("licences", "licences_cost"),
            ("gear written off", "gear_cost"),
            ("engineers on duty", "engineers_cost"),
            ("the network, all of these together", "network_cost"),
        ] {
            page.metric(label, self.metric("money", name).filter(|metric| metric.value.is_some()), None);
        }
        for (label, name) in [
            ("a good weekend, one in 20", "lost_sales_gross_good"),
            ("the median weekend", "lost_sales_gross_median"),
            ("a bad weekend, one in 20", "lost_sales_gross_one_in_20"),
        ] {
            page.metric(label, self.metric("money", name), None);
        }
    }

    /// A year by exposure, with what it assumes.
    fn year_section(&self, page: &mut Page<'_>) {
        let Some(days) = self.value("money", "year_days") else { return };
        page.heading("A year, if its days are like these");
        for (label, name) in [
            ("sales blocked by the network", "year_lost_sales_gross"),
            ("  lost for good", "year_lost_sales_for_good"),
            ("plans", "year_plans_cost"),
            ("licences", "year_licences_cost"),
            ("gear written off", "year_gear_cost"),
        ] {
            page.metric(label, self.metric("money", name), None);
        }
        page.line(&format!(
            "  {} of a year's 365 days are in it, each kind of day by its mean here; kinds that were not",
            grouped(days.estimate, 0)
        ));
        page.line("  simulated count as nothing, and the interval is that of these replications only.");
    }

    pub(super) fn share_note(&self, group: &str, name: &str) -> Option<String> {
        let share = self.value(group, &format!("{name}_share"))?;
        Some(Scale::of(Unit::Share, share.estimate, "").show(share.estimate))
    }
}

/// The text as it grows.
pub(super) struct Page<'a> {
    text: String,
    colour: bool,
    currency: &'a str,
}

impl Page<'_> {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn styled(&mut self, style: &str, line: &str) {
        if self.colour {
            self.line(&format!("{style}{line}{RESET}"));
        } else {
            self.line(line);
        }
    }

    fn strong(&mut self, line: &str) {
        self.styled(BOLD, line);
    }

    fn dim(&mut self, line: &str) {
        self.styled(DIM, line);
    }

    pub(super) fn heading(&mut self, title: &str) {
        self.line("");
        self.strong(title);
    }

    /// One metric: label, value with unit, share, interval.
    pub(super) fn metric(&mut self, label: &str, metric: Option<&Metric>, note: Option<&str>) {
        let Some(metric) = metric else { return };
        let (value, interval) = match &metric.value {
            Some(value) => with_interval(metric.unit, value, self.currency),
            None => ("–".to_owned(), String::new()),
        };
        let note = note.map_or_else(String::new, |note| format!("{note:>SHARE_WIDTH$}"));
        let line = format!("  {label:LABEL_WIDTH$}{value:>VALUE_WIDTH$}{note}  {interval}");
        self.line(line.trim_end());
    }
}

fn day_line(columns: [&str; 3], rest: &str) -> String {
    let [day, dark, lost] = columns;
    let [day_width, dark_width, lost_width] = DAY_WIDTHS;
    let line = format!("  {day:day_width$}{dark:dark_width$}{lost:lost_width$}{rest}");
    line.trim_end().to_owned()
}

/// `12.3 s ±1.2`, the half width on the longer side; or `4.4 s (to 2.3 h)` if the interval is lopsided.
fn plus_minus(value: &Interval) -> String {
    let scale = Scale::of(Unit::Seconds, value.estimate, "");
    match (value.low, value.high) {
        (Some(low), Some(high)) if low < high => {
            const LOPSIDED: f64 = 2.0;
            let (below, above) = (value.estimate - low, high - value.estimate);
            if above > LOPSIDED * below {
                return format!("{} (to {})", scale.show(value.estimate), duration_text(high));
            }
            format!("{} ±{}", scale.show(value.estimate), scale.bare(above.max(below)))
        }
        _ => scale.show(value.estimate),
    }
}

fn join(pieces: &[&str]) -> String {
    let filled: Vec<&str> = pieces.iter().copied().filter(|piece| !piece.is_empty()).collect();
    filled.join(" ")
}

fn speed_sentence(meta: &RunMeta) -> String {
    let mut sentence = format!("{} s on {}", grouped(meta.wall_s, 2), count_text(meta.threads, "thread"));
    if let (Some(rate), Some(micros)) = (meta.customers_per_core_second(), meta.cpu_us_per_customer()) {
        write!(
            sentence,
            ": {} customers per second per core, {} µs of CPU per customer",
            grouped(rate, 0),
            grouped(micros, 2)
        )
        .expect("a String accepts every character");
    }
    if let Some(bytes) = meta.peak_memory_bytes {
        write!(sentence, "; peak memory {} MB", grouped(bytes as f64 / 1e6, 0))
            .expect("a String accepts every character");
    }
    sentence.push('.');
    sentence
}
