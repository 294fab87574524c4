//! For a store: what broke, what it cost, and the chain of what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::chain::{COLUMNS, Incident, TICKET_COLUMNS, outcome};
use super::draw::Text;
use super::{About, ExplainError, Style, need, replication_of};
use crate::measure::estimators::mean_interval;
use crate::report::page::parsed;
use crate::report::read::{Cells, ReadError, rows};
use crate::report::summary::{LEVEL, Unit, duration_text, grouped, money_text, with_interval};

/// Incidents that are drawn when none is named: those that cost most.
const DRAWN: usize = 3;
/// Incidents in the list.
const LISTED: usize = 40;

/// Columns of a name.
const LABEL: usize = 34;

const PLACE: [&str; 6] = ["format", "region", "market", "wan_provider", "lte_carrier", "timezone"];
/// Columns that are added up, by replication.
const AMOUNTS: [(&str, Unit, &str); 6] = [
    ("lost_sales_network_usd", Unit::Money, "sales lost to the network"),
    ("payments_lost", Unit::Payments, "card payments lost"),
    ("service_gap_open_s", Unit::Seconds, "no answers, in opening hours"),
    ("dark_s", Unit::Seconds, "dark"),
    ("lte_s", Unit::Seconds, "on LTE"),
    ("failovers", Unit::Times, "failovers"),
];

/// What is to be told of a store.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Its id, as in the fleet file.
    pub store: String,
    /// `None`: the replication that cost it most.
    pub replication: Option<u32>,
    /// `None`: those that cost most.
    pub incident: Option<u32>,
}

/// What happened to a store.
pub struct StoreStory {
    about: About,
    store: String,
    place: [String; PLACE.len()],
    /// By column of [`AMOUNTS`] and replication.
    amounts: [Vec<f64>; AMOUNTS.len()],
    /// Lost sales by cause and replication.
    causes: BTreeMap<String, Vec<f64>>,
    replication: u32,
    incidents: Vec<Incident>,
    asked: Option<u32>,
}

impl StoreStory {
    /// From `stores`, `incidents` and `tickets`.
    ///
    /// # Errors
    /// If the directory has no results of a run, they cannot be read, or what was chosen is not in them.
    pub fn read(directory: &Path, chosen: &Chosen) -> Result<Self, ExplainError> {
        let about = About::read(directory)?;
        need(directory, "stores")?;
        need(directory, "incidents")?;
        let (place, amounts) = read_store(directory, &about, &chosen.store)?;
        let replication = match chosen.replication {
            Some(asked) if asked as usize >= about.replications => {
                return Err(ExplainError::NoReplication { asked, replications: about.replications });
            }
            Some(asked) => asked,
            None => dearest(&amounts[0]),
        };
        let mut causes: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut incidents = Vec::new();
        visit(directory, &about, "incidents", &COLUMNS, &chosen.store, &mut |at, cells| {
            let incident = Incident::new(cells.iter().map(|cell| cell.to_string()).collect());
            let lost = causes
                .entry(incident.text("cause").to_owned())
                .or_insert_with(|| vec![0.0; about.replications]);
            lost[at] += incident.lost();
            if at == replication as usize {
                incidents.push(incident);
            }
        })?;
        visit(directory, &about, "tickets", &TICKET_COLUMNS, &chosen.store, &mut |at, cells| {
            let fault = |one: &&mut Incident| !cells[2].is_empty() && one.text("fault_id") == cells[2];
            if let Some(incident) = incidents.iter_mut().find(fault).filter(|_| at == replication as usize) {
                incident.add_ticket(cells.iter().map(|cell| cell.to_string()).collect());
            }
        })?;
        if let Some(asked) = chosen.incident
            && !incidents.iter().any(|one| one.number("incident_id") == Some(f64::from(asked)))
        {
            let there = incidents.len();
            return Err(ExplainError::NoIncident { store: chosen.store.clone(), asked, replication, there });
        }
        Ok(StoreStory {
            about,
            store: chosen.store.clone(),
            place,
            amounts,
            causes,
            replication,
            incidents,
            asked: chosen.incident,
        })
    }

    /// The incidents that are told, in order of onset.
    fn told(&self) -> Vec<&Incident> {
        if let Some(asked) = self.asked {
            let asked = |one: &&Incident| one.number("incident_id") == Some(f64::from(asked));
            return self.incidents.iter().filter(asked).collect();
        }
        let mut order: Vec<usize> = (0..self.incidents.len()).collect();
        let gap = |at: usize| self.incidents[at].number("service_gap_s").unwrap_or(0.0);
        order.sort_by(|&one, &other| {
            let lost = |at: usize| self.incidents[at].lost();
            lost(other).total_cmp(&lost(one)).then(gap(other).total_cmp(&gap(one))).then(one.cmp(&other))
        });
        let mut told: Vec<usize> = order.into_iter().take(DRAWN).collect();
        told.sort_unstable();
        told.into_iter().map(|at| &self.incidents[at]).collect()
    }

    /// The text for a terminal.
    #[must_use]
    pub fn to_terminal(&self, style: Style) -> String {
        let mut text = Text::new(style);
        text.strong(&format!("Store {}", self.store));
        let place: Vec<&str> =
            self.place.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        text.line(&place.join(", "));
        text.line(&format!("{}: {}", self.about.scenario, self.about.line()));
        if self.asked.is_none() {
            self.overview(&mut text);
        }
        for incident in self.told() {
            incident.draw(&mut text, &self.about.currency);
        }
        text.finish()
    }

    fn overview(&self, text: &mut Text) {
        let here = format!("replication {}", self.replication);
        text.heading_over("What it went through", LABEL + 2, &format!("{:>15}{here:>18}", "mean"));
        for ((_, unit, name), values) in AMOUNTS.iter().zip(&self.amounts) {
            let Some(mean) = mean_interval(values, LEVEL) else { continue };
            let (value, _) = with_interval(*unit, &mean, &self.about.currency);
            let here = values.get(self.replication as usize).copied().unwrap_or(0.0);
            let here = with_interval(
                *unit,
                &crate::measure::estimators::Interval::point(here, LEVEL),
                &self.about.currency,
            )
            .0;
            text.row(name, LABEL, &format!("{value:>15}{here:>18}"));
        }
        let mut causes: Vec<(&String, f64)> = self
            .causes
            .iter()
            .map(|(cause, lost)| (cause, lost.iter().sum::<f64>() / lost.len().max(1) as f64))
            .collect();
        causes.sort_by(|one, other| other.1.total_cmp(&one.1));
        if !causes.is_empty() {
            text.heading("What broke, and what it cost");
        }
        for (cause, mean) in causes {
            let here = self.causes[cause].get(self.replication as usize).copied().unwrap_or(0.0);
            let (mean, here) =
                (money_text(mean, &self.about.currency), money_text(here, &self.about.currency));
            text.row(cause, LABEL, &format!("{mean:>15}{here:>18}"));
        }
        self.list(text);
    }

    /// All incidents of the replication, a line each.
    fn list(&self, text: &mut Text) {
        if self.incidents.is_empty() {
            text.line("");
            text.line(&format!("Nothing happened to it in replication {}.", self.replication));
            return;
        }
        text.heading(&format!("Incidents in replication {}", self.replication));
        let cause = text.width().saturating_sub(78).clamp(14, 40);
        for incident in self.incidents.iter().take(LISTED) {
            let gap = duration_text(incident.number("service_gap_s").unwrap_or(0.0));
            let local = incident.text("fault_local").get(..19).unwrap_or_default().replace('T', " ");
            text.line(&format!(
                "  {:>3}  {local:19}  {:cause$}  {:30}  {gap:>9}{:>9}",
                incident.text("incident_id"),
                super::draw::cut(incident.text("cause"), cause),
                outcome(incident.text("kind")),
                money_text(incident.lost(), &self.about.currency)
            ));
        }
        if self.incidents.len() > LISTED {
            text.line(&format!("  and {} more", grouped((self.incidents.len() - LISTED) as f64, 0)));
        }
        if self.incidents.len() > DRAWN {
            text.line(&format!("  The {DRAWN} that cost most follow; --incident shows another."));
        }
    }

    /// The same for programs, with all incidents of the replication.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let place: serde_json::Map<String, Value> =
            PLACE.iter().zip(&self.place).map(|(name, word)| ((*name).to_owned(), json!(word))).collect();
        let means: serde_json::Map<String, Value> = AMOUNTS
            .iter()
            .zip(&self.amounts)
            .map(|((name, _, _), values)| ((*name).to_owned(), json!(values)))
            .collect();
        let incidents = self
            .incidents
            .iter()
            .filter(|one| self.asked.is_none_or(|asked| one.number("incident_id") == Some(f64::from(asked))));
        json!({
            "scenario": self.about.scenario,
            "store_id": self.store,
            "currency": self.about.currency,
            "place": place,
            "by_replication": means,
            "lost_sales_by_cause": self.causes,
            "replication": self.replication,
            "incidents": incidents.map(Incident::to_json).collect::<Vec<_>>(),
        })
    }
}

/// Calls `each` with replication and cells of the store's rows of `table`, whose first two columns are replication and store.
fn visit(
    directory: &Path,
    about: &About,
    table: &str,
    columns: &[&str],
    store: &str,
    each: &mut dyn FnMut(usize, &Cells<'_>),
) -> Result<(), ReadError> {
    let mut problem = None;
    rows(directory, table, columns, &mut |cells| {
        if cells[1] != store {
            return true;
        }
        match replication_of(&cells[0], about, directory, table) {
            Ok(replication) => each(replication, cells),
            Err(error) => problem = Some(error),
        }
        problem.is_none()
    })?;
    problem.map_or(Ok(()), Err)
}

type StoreRow = ([String; PLACE.len()], [Vec<f64>; AMOUNTS.len()]);

/// Where the store is, and its amounts by replication.
fn read_store(directory: &Path, about: &About, store: &str) -> Result<StoreRow, ExplainError> {
    let mut columns = vec!["replication", "store_id"];
    columns.extend(PLACE);
    columns.extend(AMOUNTS.iter().map(|(name, _, _)| *name));
    let mut place: [String; PLACE.len()] = Default::default();
    let mut amounts: [Vec<f64>; AMOUNTS.len()] = std::array::from_fn(|_| vec![0.0; about.replications]);
    let (mut there, mut others) = (false, BTreeSet::new());
    rows(directory, "stores", &columns, &mut |cells| {
        if cells[1] != store {
            if !there {
                others.insert(cells[1].to_string());
            }
            return true;
        }
        there = true;
        place = std::array::from_fn(|at| cells[2 + at].to_string());
        if let Ok(replication) = replication_of(&cells[0], about, directory, "stores") {
            for (values, cell) in amounts.iter_mut().zip(&cells[2 + PLACE.len()..]) {
                values[replication] = parsed(cell).unwrap_or(0.0);
            }
        }
        true
    })?;
    if there {
        return Ok((place, amounts));
    }
    let near = others.iter().map(|other| (strsim::jaro_winkler(store, other), other));
    let near = near.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(likeness, _)| *likeness > 0.7);
    let hint = near.map_or_else(String::new, |(_, other)| format!("; did you mean `{other}`?"));
    Err(ExplainError::NoStore { store: store.to_owned(), hint })
}

/// The replication with the greatest amount, the first of them.
fn dearest(values: &[f64]) -> u32 {
    let mut most = 0;
    for (at, &value) in values.iter().enumerate() {
        if value > values[most] {
            most = at;
        }
    }
    most as u32
}
