//! From rows of a fleet file (or a description of a generated fleet) to stores with every attribute known:
//! given by a column, or drawn at the store's own address and listed as drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::draw::{FleetPurpose, StoreDraws};
use super::rows::{self, Row, report_cells};
use super::table::FleetTable;
use crate::kernel::draws::Entity;
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem, unknown_name, unprintable, visible};
use crate::scenario::resolved::{OobmKind, SERVERS_MAX, Standby, Topology};
use crate::scenario::sections::fleet::{
    ATTRIBUTES, Attribute, GENERATORS, Generate, MODEMS, NO_CARRIER, OOBMS, SAME_CARRIER, STANDBYS,
    TOPOLOGIES,
};
use crate::scenario::sections::formats::{Format, too_many_tills};
use crate::scenario::tree::Place;
use crate::scenario::values::{DAY_MINUTES, NormalLevel, Weights, cell_minutes, unknown_word};
use crate::units::{BitRate, CURRENCY_SIGNS, Cents, Span, parse_decibels, parse_money, parse_number};

/// A store before time and cells: names instead of positions.
pub(crate) struct PlacedStore {
    pub id: String,
    pub place: Place,
    pub draws: StoreDraws,
    pub format: String,
    pub region: String,
    pub market: String,
    pub timezone: String,
    pub lat: f64,
    pub lon: f64,
    pub technology: String,
    pub provider: String,
    pub carrier: String,
    pub sinr_db: f64,
    /// The modem's limits up and down, if its category is given.
    pub modem: Option<(BitRate, BitRate)>,
    /// The data plan of its line.
    pub plan: Option<String>,
    /// Carrier and signal of the modem's second SIM.
    pub second: Option<(String, f64)>,
    pub profile: String,
    pub topology: Topology,
    pub standby: Standby,
    pub ups: Span,
    pub generator: Option<Span>,
    pub oobm: OobmKind,
    /// The store's own unless another was given.
    pub oobm_carrier: String,
    /// Days between two tests of its backup, if it says so.
    pub backup_test: Option<Span>,
    /// Largest sale accepted offline, if it says so.
    pub offline_floor: Option<Cents>,
    /// Classes of traffic that it keeps off LTE.
    pub lte_block: Vec<String>,
    pub console_ports: u32,
    pub outlets: u32,
    pub lanes: u32,
    pub self_checkouts: u32,
    /// This store's customers over its format's.
    pub sales_factor: f64,
    /// Usual opening hours, minutes since local midnight.
    pub open: u32,
    pub close: u32,
    /// A site that several stores may share; empty if not given.
    pub site: String,
    pub drawn: Vec<&'static str>,
    pub extra: Vec<(String, String)>,
}

impl PlacedStore {
    /// The carriers of its first and, if there is one, its second SIM.
    pub(crate) fn carriers(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.carrier).chain(self.second.as_ref().map(|(carrier, _)| carrier))
    }
}

/// Signals outside these are not LTE any more (below) or gain nothing (above), in dB.
const SIGNAL_DB: (f64, f64) = (-8.0, 25.0);

/// Customers of a store a day, at most: as for a format.
const CUSTOMERS_MAX: f64 = 1e6;
/// Least and most days between two tests of a backup.
pub(super) const BACKUP_TEST_DAYS: (f64, f64) = (0.01, 3_650.0);
/// The word for no class of traffic.
pub(super) const NOTHING: &str = "none";
/// Longest battery that anybody has, minutes.
const UPS_MINUTES_MAX: f64 = 100_000.0;

/// The amount that a cell with the largest sale accepted offline gives.
pub(super) fn offline_floor(text: &str, currency: &str) -> Result<Cents, Problem> {
    /// As in a format.
    const MOST: f64 = 1e9;
    let amount = amount(text, currency)?;
    if (0.0..=MOST).contains(&amount) {
        return Ok(Cents::from_units_f64(amount));
    }
    let problem = Problem::new(Code::BadCell, format!("{amount} is not between 0 and {MOST}"));
    Err(problem.help("write for example 200; 0 = nothing is accepted offline"))
}

/// An amount in currency units: a plain number, or as elsewhere with a currency sign.
fn amount(text: &str, currency: &str) -> Result<f64, Problem> {
    let amount = if text.starts_with(CURRENCY_SIGNS) {
        parse_money(text, Some(currency)).map(Cents::as_units_f64)
    } else {
        parse_number(text)
    };
    amount.map_err(|error| Problem::new(Code::BadCell, error.message).help(error.remedy))
}

/// A class of traffic that stores of `format` do not have; they have `known`.
pub(super) fn unknown_class(name: &str, format: &str, known: &[&str]) -> Problem {
    let problem = unknown_name("class of traffic", name, known.iter().copied());
    let message = format!("the format `{format}` has no class of traffic called `{}`", visible(name));
    let classes = format!("its classes: {}", known.join(", "));
    let help = match problem.help {
        _ if known.is_empty() => format!("it has none at all: remove `{}`", visible(name)),
        Some(near) if near.starts_with("did") => format!("{near} {classes}"),
        Some(_) | None => classes,
    };
    Problem { message, help: Some(help), ..problem }
}

/// All stores of a fleet file, in file order.
pub(crate) fn from_table(context: &Context, table: &FleetTable, file: &Named) -> Vec<PlacedStore> {
    let Some(columns) = rows::find_columns(context, table, file) else { return Vec::new() };
    let table = &rows::in_our_words(context, table, &columns);
    let rows = table.rows.iter().filter_map(|cells| rows::row_of(table, cells, &columns));
    place_all(context, rows, None)
}

/// Stores made up from a description.
pub(crate) fn generate(context: &Context, description: &Generate, place: Place) -> Vec<PlacedStore> {
    if let Some(word) = context.written.fleet.words.first() {
        let problem = Problem::new(Code::NoEffect, "there is no fleet file whose words these could be");
        context.reader.report(word.in_file.place, problem.help("leave [fleet.words] out"));
    }
    let digits = description.stores.to_string().len().max(4);
    let columns = BTreeMap::new();
    let rows = (1..=description.stores).map(|number| {
        let id = format!("{}{number:0digits$}", description.id_prefix);
        Row { id, place, cells: BTreeMap::new(), columns: &columns, extra: Vec::new() }
    });
    place_all(context, rows, Some(description))
}

fn place_all<'t>(
    context: &'t Context<'_>,
    rows: impl Iterator<Item = Row<'t>>,
    generated: Option<&Generate>,
) -> Vec<PlacedStore> {
    let mut problems = Complaints::default();
    let stores = rows.filter_map(|mut row| {
        if let Some(assigned) = context.assigned.get(&row.id) {
            row.cells.extend(assigned.iter().map(|(attribute, cell)| (*attribute, cell)));
        }
        let draws = StoreDraws::new(context.written.general.seed, &row.id, "");
        let placer =
            Placer { context, row: &row, generated, draws, drawn: Vec::new(), problems: &mut problems };
        placer.place()
    });
    let stores = stores.collect();
    report_cells(context, problems.list);
    stores
}

/// Problems with cells so far.
#[derive(Default)]
struct Complaints {
    list: Vec<(Place, Problem)>,
    /// Attributes without a column of which it has been said that nothing gives them.
    not_given: BTreeSet<Attribute>,
}

/// Fills in one store's attributes.
struct Placer<'a> {
    context: &'a Context<'a>,
    row: &'a Row<'a>,
    generated: Option<&'a Generate>,
    draws: StoreDraws,
    drawn: Vec<&'static str>,
    problems: &'a mut Complaints,
}

impl Placer<'_> {
    fn place(mut self) -> Option<PlacedStore> {
        let (written, row) = (self.context.written, self.row);
        if row.id.is_empty() {
            self.complain(Attribute::Id, Problem::new(Code::BadCell, "a store has no id"));
            return None;
        }
        // A generated id is made of a prefix that was checked where it is written.
        if let (None, Some(problem)) = (self.generated, unprintable("its id", &row.id)) {
            self.complain(Attribute::Id, Problem { code: Code::BadCell, ..problem });
        }
        let draw = &written.fleet.draw;
        let formats = self.generated.map(|description| &description.format).or(draw.format.as_ref());
        let format_name = self.named(Attribute::Format, formats, "format", &written.formats)?;
        let format = written.formats.get(&format_name)?;
        let usual: Weights = format.technology.iter().map(|name| (name.clone(), 1.0)).collect();
        let technologies = draw.technology.as_ref().or(Some(&usual));
        let technology = self.named(Attribute::Technology, technologies, "technology", &written.technologies);
        let carrier = self.named(Attribute::Carrier, Some(&draw.carrier), "carrier", &written.carriers);
        let profile =
            self.named(Attribute::Profile, Some(&draw.profile), "failover profile", &written.profiles);
        let provider = self.word(Attribute::Provider, Some(&draw.provider));
        let topology = self.choice(Attribute::Topology, &draw.topology, TOPOLOGIES);
        let standby = self.choice(Attribute::Standby, &draw.standby, STANDBYS);
        let ups = self
            .number(Attribute::Ups, 0.0, UPS_MINUTES_MAX)
            .map_or(draw.ups, |minutes| Span::from_secs_f64(minutes * 60.0));
        let has_generator = self.choice(Attribute::Generator, &draw.generator, GENERATORS)?;
        let oobm = self.oobm(topology);
        let oobm_carrier = self.oobm_carrier(carrier.as_ref());
        let ports = |own: &mut Self, attribute, otherwise| {
            own.number(attribute, 0.0, 96.0).map_or(otherwise, |number| number as u32)
        };
        let console_ports = ports(&mut self, Attribute::ConsolePorts, draw.console_ports);
        let outlets = ports(&mut self, Attribute::Outlets, draw.outlets);
        let backup_test = self
            .number(Attribute::BackupTest, BACKUP_TEST_DAYS.0, BACKUP_TEST_DAYS.1)
            .map(|days| Span::from_secs_f64(days * 86_400.0));
        let offline_floor = self.offline_floor();
        let lte_block = self.lte_block(format);
        let timezone = self.timezone();
        let (lat, lon) = self.position();
        let (open, close) = self.hours(format.open, format.close);
        let sinr_db = self.signal(Attribute::Signal, FleetPurpose::Signal, draw.signal);
        let second = self.second_sim(carrier.as_deref());
        let modem = self.modem();
        let plan = self.plan();
        let sales_factor = self.sales_factor(format.annual_sales, format.customers_per_day);
        let (lanes, self_checkouts) = self.tills(format);
        Some(PlacedStore {
            region: self.text(Attribute::Region, |description| &description.region),
            market: self.text(Attribute::Market, |description| &description.market),
            site: self.text(Attribute::Site, |description| &description.site),
            lanes,
            self_checkouts,
            id: row.id.clone(),
            place: row.place,
            draws: self.draws,
            format: format_name,
            timezone: timezone?,
            lat,
            lon,
            technology: technology?,
            provider: provider?,
            carrier: carrier?,
            sinr_db,
            modem,
            plan,
            second,
            profile: profile?,
            topology: topology?,
            standby: standby?,
            ups,
            generator: has_generator.then_some(written.faults.generator_start),
            oobm: oobm?,
            oobm_carrier: oobm_carrier?,
            console_ports,
            outlets,
            backup_test,
            offline_floor,
            lte_block,
            sales_factor,
            open,
            close,
            drawn: self.drawn,
            extra: row.extra.clone(),
        })
    }

    /// Notes a problem with the cell of `attribute`, naming store and column.
    fn complain(&mut self, attribute: Attribute, problem: Problem) {
        let place = self.row.cells.get(&attribute).map_or(self.row.place, |cell| cell.place);
        let column = self.row.columns.get(&attribute).map_or(key_of(attribute), |(_, name)| name.as_str());
        let id = visible(&self.row.id);
        let message = format!("store `{id}`, column `{column}`: {}", problem.message);
        self.problems.list.push((place, Problem { message, ..problem }));
    }

    /// Nothing gives the attribute: once per fleet if it has no column, else per store.
    fn complain_not_given(&mut self, attribute: Attribute) {
        let asked_for = self.context.written.fleet.columns.iter().any(|(known, _)| *known == attribute);
        let has_column = self.row.columns.contains_key(&attribute);
        if !has_column && (asked_for || !self.problems.not_given.insert(attribute)) {
            return;
        }
        let key = key_of(attribute);
        let problem = Problem::new(Code::BadCell, "not given");
        let help = format!("name its column in [fleet.columns], or add `{key}` to [fleet.draw]");
        self.complain(attribute, problem.help(help));
    }

    fn given(&self, attribute: Attribute) -> Option<&str> {
        self.row.cells.get(&attribute).map(|cell| cell.text.as_str())
    }

    fn text(&self, attribute: Attribute, of_generated: fn(&Generate) -> &String) -> String {
        let otherwise = self.generated.map(|description| of_generated(description).as_str());
        self.given(attribute).or(otherwise).unwrap_or("").to_owned()
    }

    fn tills(&mut self, format: &Format) -> (u32, u32) {
        let lanes = self.count(Attribute::Lanes, format.lanes);
        let self_checkouts = self.count(Attribute::SelfCheckouts, format.self_checkouts);
        let none = lanes + self_checkouts == 0 && format.customers_per_day > 0.0;
        let has_column = self.row.columns.contains_key(&Attribute::Lanes);
        // Without a column it is the format's doing, and said once.
        if none && (has_column || self.problems.not_given.insert(Attribute::Lanes)) {
            let problem = Problem::new(Code::Inconsistent, "the store has customers and no till");
            self.complain(Attribute::Lanes, problem.help("give it a lane or a self-checkout"));
        }
        // Without a cell it is the format's doing, and said where the format is.
        let in_cell =
            [Attribute::Lanes, Attribute::SelfCheckouts].into_iter().find(|one| self.given(*one).is_some());
        if let Some(problem) = too_many_tills(Code::BadCell, lanes, self_checkouts)
            && let Some(attribute) = in_cell
        {
            self.complain(attribute, problem);
        }
        (lanes, self_checkouts)
    }

    /// The word in the cell, or one that is drawn.
    fn word(&mut self, attribute: Attribute, weights: Option<&Weights>) -> Option<String> {
        if let Some(text) = self.given(attribute) {
            return Some(text.to_owned());
        }
        let purpose = purpose_of(attribute)?;
        let picked = weights.and_then(|weights| self.draws.pick(purpose, weights));
        let Some(name) = picked else {
            if weights.is_none() {
                self.complain_not_given(attribute);
            }
            return None;
        };
        if weights.is_some_and(|weights| weights.len() > 1) {
            self.drawn.push(key_of(attribute));
        }
        Some(name.text.clone())
    }

    /// A word that must be the name of something.
    fn named<T>(
        &mut self,
        attribute: Attribute,
        weights: Option<&Weights>,
        what: &str,
        known: &BTreeMap<String, T>,
    ) -> Option<String> {
        let word = self.word(attribute, weights)?;
        if known.contains_key(&word) {
            return Some(word);
        }
        // A drawn name that is unknown was reported where the weights are written.
        if self.given(attribute).is_some() {
            let problem = unknown_name(what, &word, known.keys().map(String::as_str));
            self.complain(attribute, Problem { code: Code::BadCell, ..problem });
        }
        None
    }

    fn choice<T: Copy>(
        &mut self,
        attribute: Attribute,
        weights: &Weights,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let word = self.word(attribute, Some(weights))?;
        let found = choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice);
        if found.is_none() && self.given(attribute).is_some() {
            let words: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.complain(attribute, Problem { code: Code::BadCell, ..unknown_word(&word, &words) });
        }
        found
    }

    fn oobm(&mut self, topology: Option<Topology>) -> Option<OobmKind> {
        let weights = &self.context.written.fleet.draw.oobm;
        let by_topology = match topology? {
            Topology::GatewayCarrying | Topology::GatewayOnly => OobmKind::Console,
            Topology::InRouter | Topology::SecondRouter | Topology::None => OobmKind::None,
        };
        let kind = self.choice(Attribute::Oobm, weights, OOBMS)?;
        Some(kind.unwrap_or(by_topology))
    }

    /// The carrier of the out-of-band unit; `own` is the store's.
    fn oobm_carrier(&mut self, own: Option<&String>) -> Option<String> {
        let written = self.context.written;
        let word = self.word(Attribute::OobmCarrier, Some(&written.fleet.draw.oobm_carrier))?;
        if word == SAME_CARRIER {
            return own.cloned();
        }
        if written.carriers.contains_key(&word) {
            return Some(word);
        }
        if self.given(Attribute::OobmCarrier).is_some() {
            let known = written.carriers.keys().map(String::as_str).chain([SAME_CARRIER]);
            let problem = unknown_name("carrier", &word, known);
            self.complain(Attribute::OobmCarrier, Problem { code: Code::BadCell, ..problem });
        }
        None
    }

    fn timezone(&mut self) -> Option<String> {
        let fixed =
            self.generated.and_then(|description| description.timezone.clone()).map(|name| vec![(name, 1.0)]);
        let weights = fixed.as_ref().or(self.context.written.fleet.draw.timezone.as_ref());
        let name = self.word(Attribute::Timezone, weights)?;
        if self.given(Attribute::Timezone).is_some() && !self.context.zones.is_known(&name) {
            let problem = Problem::new(Code::BadCell, format!("`{name}` is not a time zone"));
            self.complain(Attribute::Timezone, problem.help("use an IANA name such as America/New_York"));
            return None;
        }
        Some(name)
    }

    /// A number in a cell, within limits.
    fn number(&mut self, attribute: Attribute, least: f64, most: f64) -> Option<f64> {
        let text = self.given(attribute)?;
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let problem = match number {
            Some(number) if (least..=most).contains(&number) => return Some(number),
            Some(number) => {
                Problem::new(Code::BadCell, format!("{number} is not between {least} and {most}"))
            }
            None => Problem::new(Code::BadCell, format!("`{text}` is not a number"))
                .help("write digits with a decimal point"),
        };
        self.complain(attribute, problem);
        None
    }

    fn count(&mut self, attribute: Attribute, otherwise: u32) -> u32 {
        self.number(attribute, 0.0, f64::from(SERVERS_MAX)).map_or(otherwise, |number| number as u32)
    }

    fn position(&mut self) -> (f64, f64) {
        let centre = self
            .generated
            .and_then(|description| description.centre.map(|centre| (centre, description.spread_km)));
        if let Some(((lat, lon), side_km)) = centre {
            const KM_PER_DEGREE: f64 = 111.195;
            let (north, east) = self.draws.uniform_pair(FleetPurpose::Position);
            let shrink = libm::cos(lat.to_radians());
            let (north, east) = ((north - 0.5) * side_km, (east - 0.5) * side_km);
            return (lat + north / KM_PER_DEGREE, lon + east / (KM_PER_DEGREE * shrink));
        }
        let lat = self.number(Attribute::Lat, -90.0, 90.0).unwrap_or(f64::NAN);
        let lon = self.number(Attribute::Lon, -180.0, 180.0).unwrap_or(f64::NAN);
        (lat, lon)
    }

    fn hours(&mut self, open: u32, close: u32) -> (u32, u32) {
        let open = self.clock(Attribute::Opens).unwrap_or(open);
        let close = self.clock(Attribute::Closes).unwrap_or(close);
        if close > open {
            return (open, close);
        }
        if self.given(Attribute::Opens).is_some() || self.given(Attribute::Closes).is_some() {
            let problem = Problem::new(Code::Adjusted, "closes after midnight; taken as 24:00");
            self.complain(Attribute::Closes, problem.help("customers after midnight are not simulated"));
        }
        (open, DAY_MINUTES)
    }

    fn clock(&mut self, attribute: Attribute) -> Option<u32> {
        let text = self.given(attribute)?;
        let minutes = cell_minutes(text);
        if minutes.is_none() {
            let problem = Problem::new(Code::BadCell, format!("`{text}` is not a time of day"));
            self.complain(attribute, problem.help("write for example 07:30"));
        }
        minutes
    }

    /// The second SIM, if the store has one and its carrier is another than the first's.
    fn second_sim(&mut self, first: Option<&str>) -> Option<(String, f64)> {
        let (written, draw) = (self.context.written, &self.context.written.fleet.draw);
        let carrier = match self.given(Attribute::SecondCarrier) {
            Some(NO_CARRIER) => return None,
            Some(_) => self.named(Attribute::SecondCarrier, None, "carrier", &written.carriers)?,
            None => {
                let weights = draw.second_carrier.as_ref()?;
                let name = self.draws.pick(FleetPurpose::SecondCarrier, weights)?.text.clone();
                if weights.len() > 1 {
                    self.drawn.push(key_of(Attribute::SecondCarrier));
                }
                if name == NO_CARRIER || Some(name.as_str()) == first {
                    return None;
                }
                name
            }
        };
        if Some(carrier.as_str()) == first {
            let problem =
                Problem::new(Code::Inconsistent, format!("`{carrier}` is the first SIM's carrier, too"));
            self.complain(Attribute::SecondCarrier, problem.help("name another carrier, or write none"));
            return None;
        }
        let level = draw.second_signal.unwrap_or(draw.signal);
        let sinr_db = self.signal(Attribute::SecondSignal, FleetPurpose::SecondSignal, level);
        Some((carrier, sinr_db))
    }

    /// The limits of the modem's category, if anything says which it is.
    fn modem(&mut self) -> Option<(BitRate, BitRate)> {
        let weights = self.context.written.fleet.draw.modem.as_ref();
        if self.given(Attribute::Modem).is_none() && weights.is_none() {
            return None;
        }
        let words: Vec<_> =
            MODEMS.iter().map(|&(word, up, down)| (word, (BitRate(up), BitRate(down)))).collect();
        self.choice(Attribute::Modem, weights.unwrap_or(&Weights::new()), &words)
    }

    /// The data plan, if the store has one.
    fn plan(&mut self) -> Option<String> {
        let (written, weights) = (self.context.written, self.context.written.fleet.draw.plan.as_ref());
        let given = self.given(Attribute::Plan).is_some();
        if (!given && weights.is_none()) || self.given(Attribute::Plan) == Some(NO_CARRIER) {
            return None;
        }
        self.named(Attribute::Plan, weights, "data plan", &written.plans)
    }

    /// The largest sale that it accepts offline, if it says so.
    fn offline_floor(&mut self) -> Option<Cents> {
        let text = self.given(Attribute::OfflineFloor)?;
        let floor = offline_floor(text, &self.context.written.general.currency);
        floor.map_err(|problem| self.complain(Attribute::OfflineFloor, problem)).ok()
    }

    /// Classes of traffic that the store keeps off LTE.
    fn lte_block(&mut self, format: &Format) -> Vec<String> {
        let known: Vec<&str> = format.resolved.traffic.iter().map(|class| class.name.as_str()).collect();
        let named = self.given(Attribute::LteBlock).unwrap_or("").split_whitespace();
        let named: Vec<String> = named.filter(|&name| name != NOTHING).map(str::to_owned).collect();
        let unknown = named.iter().find(|name| !known.contains(&name.as_str()));
        if let Some(name) = unknown {
            let problem = unknown_class(name, &format.resolved.name, &known);
            self.complain(Attribute::LteBlock, Problem { code: Code::BadCell, ..problem });
        }
        named
    }

    fn signal(&mut self, attribute: Attribute, purpose: FleetPurpose, level: NormalLevel) -> f64 {
        let Some(text) = self.given(attribute) else {
            if level.sd > 0.0 {
                self.drawn.push(key_of(attribute));
            }
            return self.draws.level(purpose, level, SIGNAL_DB);
        };
        let parsed = text.parse::<f64>().ok().or_else(|| parse_decibels(text).ok());
        match parsed.filter(|number| number.is_finite()) {
            Some(number) => number.clamp(SIGNAL_DB.0, SIGNAL_DB.1),
            None => {
                let problem = Problem::new(Code::BadCell, format!("`{text}` is not a level"));
                self.complain(attribute, problem.help("write for example 12 or 12 dB"));
                level.mean
            }
        }
    }

    /// The store's customers over its format's: its sales over the format's, or drawn.
    fn sales_factor(&mut self, usual_sales: f64, customers: f64) -> f64 {
        let spread = self.context.written.fleet.draw.sales_spread;
        let Some(text) = self.given(Attribute::AnnualSales) else {
            if spread > 0.0 {
                self.drawn.push(key_of(Attribute::AnnualSales));
            }
            return self.draws.factor(FleetPurpose::Sales, spread);
        };
        let sales = amount(text, &self.context.written.general.currency);
        match sales {
            Ok(sales) if sales < 0.0 => {
                self.complain(
                    Attribute::AnnualSales,
                    Problem::new(Code::BadCell, "sales cannot be negative"),
                );
                1.0
            }
            Ok(sales) if usual_sales > 0.0 && sales / usual_sales * customers > CUSTOMERS_MAX => {
                let message = format!("`{text}` a year would be more than {CUSTOMERS_MAX} customers a day");
                let problem = Problem::new(Code::BadCell, message);
                let help = "is the column in another unit? annual_sales and customers_per_day of its format say what is usual";
                self.complain(Attribute::AnnualSales, problem.help(help));
                1.0
            }
            Ok(sales) if usual_sales > 0.0 => sales / usual_sales,
            Ok(_) => 1.0,
            Err(problem) => {
                self.complain(Attribute::AnnualSales, problem);
                1.0
            }
        }
    }
}

/// What a draw for the attribute is for; `None` if it is never drawn.
fn purpose_of(attribute: Attribute) -> Option<FleetPurpose> {
    match attribute {
        Attribute::Format => Some(FleetPurpose::Format),
        Attribute::Timezone => Some(FleetPurpose::Timezone),
        Attribute::Technology => Some(FleetPurpose::Technology),
        Attribute::Provider => Some(FleetPurpose::Provider),
        Attribute::Carrier => Some(FleetPurpose::Carrier),
        Attribute::Signal => Some(FleetPurpose::Signal),
        Attribute::SecondCarrier => Some(FleetPurpose::SecondCarrier),
        Attribute::SecondSignal => Some(FleetPurpose::SecondSignal),
        Attribute::Modem => Some(FleetPurpose::Modem),
        Attribute::Plan => Some(FleetPurpose::Plan),
        Attribute::AnnualSales => Some(FleetPurpose::Sales),
        Attribute::Profile => Some(FleetPurpose::Profile),
        Attribute::Topology => Some(FleetPurpose::Topology),
        Attribute::Standby => Some(FleetPurpose::Standby),
        Attribute::Generator => Some(FleetPurpose::Generator),
        Attribute::Oobm => Some(FleetPurpose::Oobm),
        Attribute::OobmCarrier => Some(FleetPurpose::OobmCarrier),
        Attribute::Lat | Attribute::Lon => Some(FleetPurpose::Position),
        Attribute::Id
        | Attribute::Region
        | Attribute::Market
        | Attribute::Lanes
        | Attribute::SelfCheckouts
        | Attribute::Opens
        | Attribute::Closes
        | Attribute::Ups
        | Attribute::Site
        | Attribute::ConsolePorts
        | Attribute::Outlets
        | Attribute::BackupTest
        | Attribute::OfflineFloor
        | Attribute::LteBlock => None,
    }
}

/// The key of an attribute in `[fleet.columns]`, which is also its name among drawn attributes.
pub(crate) fn key_of(attribute: Attribute) -> &'static str {
    ATTRIBUTES.iter().find(|(known, _, _)| *known == attribute).map_or("", |(_, key, _)| key)
}

/// Reports ids that occur twice, and ids that share their draws; sorts stores by id, bytewise.
pub(crate) fn sort_and_check(context: &Context, stores: &mut [PlacedStore]) {
    stores.sort_by(|left, right| (&left.id, left.place.start).cmp(&(&right.id, right.place.start)));
    let mut problems = Vec::new();
    let mut entities: BTreeMap<Entity, &str> = BTreeMap::new();
    for pair in stores.windows(2) {
        if let [first, second] = pair
            && first.id == second.id
        {
            let line = context.reader.sources.of(first.place).line_and_column(first.place.start).0;
            let message = format!("store `{}` is already on line {line}", second.id);
            let problem = Problem::new(Code::Duplicate, message);
            problems.push((second.place, problem.help("remove one row, or give it another id")));
        }
    }
    for store in stores.iter() {
        if let Some(other) = entities.insert(store.draws.entity(), &store.id)
            && other != store.id
        {
            let message = format!("stores `{other}` and `{}` have the same 64-bit identity", store.id);
            problems.push((store.place, Problem::new(Code::Collision, message).help("rename one of them")));
        }
    }
    report_cells(context, problems);
}
