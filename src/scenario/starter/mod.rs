//! A first scenario from a fleet file: which column holds what is guessed by names and tried, and all that is not known is listed.
//!
//! The guess is tried by loading the scenario. A column whose cells the loader does not take is left out, with what it said, and the
//! next try is made without it: so what comes out passes `tinsel check`, or the fleet file itself has to be mended.

mod columns;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;

use super::expand::table::{self, FleetTable};
use super::reader::Reader;
use super::sections::fleet::{
    ATTRIBUTES, Attribute, GENERATORS, MODEMS, NO_CARRIER, OOBMS, SAME_CARRIER, STANDBYS, TOPOLOGIES, WORDS,
};
use super::tree::Sources;
use super::{LoadOptions, Loaded, Rejected, Severity, catalogue, load_text};
use crate::units::currency_sign;
use columns::{USUAL_FORMAT, guess, like};
use words::meaning;

/// More formats than this are no formats.
const FORMATS_MAX: usize = 40;
/// Where nobody says: the middle of the US by stores, as for generated fleets.
const TIMEZONE: &str = "America/Chicago";
/// Customers on Black Friday over those of an average day, as the shipped scenarios take them and where sources speak of a format.
const BLACK_FRIDAY: &[(&str, &str, &str)] = &[
    ("supercenter", "1.70", "assumption, below its annual peak of 1.89 (S16)"),
    ("discount", "2.30", "assumption, between supercenters and Target's 2.81 (S16)"),
    ("big_box", "2.30", "assumption, as discount stores"),
    ("mall_specialty", "2.5", "assumption, between 1.4 of all malls and 6.4 of department stores (S11, S15)"),
    ("kiosk", "2.5", "assumption, as the mall around it"),
    ("electronics", "2.5", "assumption; visits of one chain rose 7.43-fold (S15)"),
    ("grocery", "0.72", "their peak is the day before Thanksgiving (S17)"),
    ("convenience", "1.0", "no peak (S11)"),
    ("pharmacy", "1.0", "assumption: no peak"),
];

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where the scenario will be: the fleet file's path starts from its folder.
    pub place: std::path::PathBuf,
    /// The fleet file as the scenario names it.
    pub fleet: String,
    /// Name of the scenario.
    pub name: String,
    /// First and last local day.
    pub days: (Date, Date),
}

/// A scenario file and how it came about.
#[derive(Clone, PartialEq, Debug)]
pub struct Starter {
    /// The file.
    pub text: String,
    /// Which column holds what: key and column.
    pub columns: Vec<(&'static str, String)>,
    /// What was assumed, a sentence each.
    pub assumed: Vec<String>,
    /// How many stores there are.
    pub stores: usize,
}

/// What is known of the fleet while guesses are tried.
struct Draft<'a> {
    request: &'a Request,
    table: &'a FleetTable,
    /// Column by attribute.
    columns: BTreeMap<Attribute, usize>,
    /// Columns that looked like something and were not, with what the loader said.
    dropped: BTreeMap<Attribute, (usize, String)>,
    formats: Vec<String>,
}

/// A scenario for the fleet file at `fleet`.
///
/// # Errors
/// If the fleet file cannot be read, or is such that no choice of columns makes a scenario: then with what has to be mended.
pub fn starter(fleet: &Path, request: &Request) -> Result<Starter, Rejected> {
    let bytes =
        std::fs::read(fleet).map_err(|source| Rejected::Io { path: fleet.display().to_string(), source })?;
    let mut sources = Sources::default();
    let Ok((table, _)) = table::read(&mut sources, &request.fleet, &bytes) else {
        // The loader says the same with its place.
        return Err(rejected(request, &format!("[fleet]\nfile = {}\n", toml(&request.fleet))));
    };
    let header: Vec<&str> = table.header.iter().map(|cell| cell.text.as_str()).collect();
    let mut columns: BTreeMap<Attribute, usize> = guess(&header).into_iter().collect();
    if !columns.get(&Attribute::Id).is_some_and(|&at| is_unique(&table, at)) {
        // The first column that tells stores apart, if what is called so does not.
        let taken = columns.values().copied().collect::<BTreeSet<_>>();
        let position = |wanted: &dyn Fn(usize) -> bool| {
            (0..header.len()).find(|&at| wanted(at) && is_unique(&table, at))
        };
        // Of columns with one name, the loader reads the first.
        let named = |at: usize| {
            !header[at].is_empty() && header.iter().position(|name| *name == header[at]) == Some(at)
        };
        let found = position(&|at| named(at) && !taken.contains(&at)).or_else(|| position(&named));
        if let Some(at) = found {
            columns.retain(|_, other| *other != at);
            columns.insert(Attribute::Id, at);
        }
    }
    let mut draft =
        Draft { request, table: &table, columns, dropped: BTreeMap::new(), formats: names_in("formats") };
    draft.check_formats();
    // Each try but the last leaves a column out.
    for _ in 0..=2 * ATTRIBUTES.len() {
        let (text, assumed) = draft.text();
        match load_text(&request.place, text.clone().into_bytes(), &LoadOptions::default()) {
            Ok(loaded) => return Ok(draft.finish(text, assumed, &loaded)),
            Err(Rejected::Invalid(problems)) => {
                let errors: Vec<_> =
                    problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
                let mut dropped = false;
                for problem in errors {
                    dropped |= draft.drop(&problem.message);
                }
                if !dropped {
                    return Err(Rejected::Invalid(problems));
                }
            }
            Err(other) => return Err(other),
        }
    }
    Err(rejected(request, &draft.text().0))
}

/// What the loader says of `text`.
fn rejected(request: &Request, text: &str) -> Rejected {
    match load_text(&request.place, text.as_bytes().to_vec(), &LoadOptions::default()) {
        Ok(_) => Rejected::Invalid(Vec::new()),
        Err(rejected) => rejected,
    }
}

/// Whether no two stores have the same in that column, and every one has something.
fn is_unique(table: &FleetTable, column: usize) -> bool {
    let mut seen = BTreeSet::new();
    table
        .rows
        .iter()
        .all(|row| row.get(column).is_some_and(|cell| is_id(&cell.text) && seen.insert(&cell.text)))
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}

/// Names in a table of the catalogue.
fn names_in(table: &str) -> Vec<String> {
    let mut reader = Reader::default();
    let trees = catalogue(&mut reader.sources);
    let tables = trees.iter().filter_map(|tree| tree.as_table()?.entries.get(table)?.node.as_table());
    tables.flat_map(|table| table.entries.keys().cloned()).collect()
}

/// The words that a column of words takes.
fn words_of(attribute: Attribute) -> Vec<String> {
    let owned = |words: &mut dyn Iterator<Item = &'static str>| words.map(str::to_owned).collect::<Vec<_>>();
    match attribute {
        Attribute::Technology => names_in("technologies"),
        Attribute::Carrier => names_in("carriers"),
        Attribute::SecondCarrier => [names_in("carriers"), vec![NO_CARRIER.to_owned()]].concat(),
        Attribute::OobmCarrier => [names_in("carriers"), vec![SAME_CARRIER.to_owned()]].concat(),
        Attribute::Profile => names_in("profiles"),
        Attribute::Plan => vec![NO_CARRIER.to_owned()],
        Attribute::Modem => owned(&mut MODEMS.iter().map(|(word, ..)| *word)),
        Attribute::Topology => owned(&mut TOPOLOGIES.iter().map(|(word, _)| *word)),
        Attribute::Standby => owned(&mut STANDBYS.iter().map(|(word, _)| *word)),
        Attribute::Generator => owned(&mut GENERATORS.iter().map(|(word, _)| *word)),
        Attribute::Oobm => owned(&mut OOBMS.iter().map(|(word, _)| *word)),
        _ => Vec::new(),
    }
}

/// `text` as a basic string of TOML, which a key may be, too.
fn toml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted + "\""
}

impl Draft<'_> {
    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.table.rows.iter().filter_map(move |row| row.get(column)).map(|cell| cell.text.as_str())
    }

    fn name_of(&self, column: usize) -> &str {
        &self.table.header[column].text
    }

    /// A column of names so many that they are no formats is left out.
    fn check_formats(&mut self) {
        let Some(&column) = self.columns.get(&Attribute::Format) else { return };
        let names: BTreeSet<&str> = self.cells(column).filter(|cell| !cell.is_empty()).collect();
        let count = names.len();
        if count > FORMATS_MAX || names.iter().any(|name| name.chars().any(char::is_control)) {
            let why = format!("it has {count} different texts, which are hardly formats");
            self.columns.remove(&Attribute::Format);
            self.dropped.insert(Attribute::Format, (column, why));
        }
    }

    /// Leaves out the column that the loader complains of; false if it is none that can be.
    fn drop(&mut self, message: &str) -> bool {
        let found = self.columns.iter().find(|(attribute, column)| {
            **attribute != Attribute::Id
                && message.contains(&format!("column `{}`: ", self.name_of(**column)))
        });
        let Some((&attribute, &column)) = found else { return false };
        self.columns.remove(&attribute);
        self.dropped.insert(attribute, (column, message.to_owned()));
        true
    }

    /// The formats of the column that the catalogue does not know: name, like which, and whether the name says so.
    fn own_formats(&self) -> Vec<(String, String, bool)> {
        let Some(&column) = self.columns.get(&Attribute::Format) else { return Vec::new() };
        let names: BTreeSet<&str> = self.cells(column).filter(|cell| !cell.is_empty()).collect();
        let unknown = names.into_iter().filter(|name| !self.formats.iter().any(|known| known == name));
        unknown
            .map(|name| (name.to_owned(), like(name, &self.formats)))
            .map(|(name, (base, sure))| (name, base, sure))
            .collect()
    }

    /// Whether some store has nothing of the attribute.
    fn lacks(&self, attribute: Attribute) -> bool {
        self.columns.get(&attribute).is_none_or(|&column| self.cells(column).any(str::is_empty))
    }

    /// What money is in, if amounts of the file have the sign of another currency than the usual one.
    fn currency(&self) -> Option<&'static str> {
        let amounts = [Attribute::AnnualSales, Attribute::OfflineFloor];
        let columns = amounts.iter().filter_map(|attribute| self.columns.get(attribute));
        let mut cells = columns.flat_map(|&column| self.cells(column));
        cells.find_map(|cell| ["EUR", "GBP"].into_iter().find(|code| cell.starts_with(currency_sign(code))))
    }

    /// The scenario file, and what it assumes.
    fn text(&self) -> (String, Vec<String>) {
        let mut assumed = Vec::new();
        let mut text = String::new();
        let (first, last) = self.request.days;
        let currency = self.currency();
        let _ = write!(
            text,
            "# {}\n# A first scenario of {}, made by `tinsel new`.\n\
             # What it had to assume is marked with \"assumed\": put in what you know.\n\
             # Everything that is not written here has a default: `tinsel check --show-resolved FILE` prints\n\
             # them all with their sources.\n\n\
             [scenario]\nname = {}\nseed = 1\n\
             replications = 20             # possible weekends; one is no forecast\nfirst_day = {first}\nlast_day = {last}\n{}\n\
             [fleet]\nfile = {}\n\n",
            comment(&self.request.name),
            match self.table.rows.len() {
                1 => "1 store".to_owned(),
                stores => format!("{stores} stores"),
            },
            toml(&self.request.name),
            currency
                .map_or_else(String::new, |code| format!("currency = \"{code}\"              # assumed\n")),
            toml(&self.request.fleet)
        );
        assumed.push(format!("The days are {first} to {last}."));
        assumed.extend(currency.map(|code| format!("Money is in {code}, by the sign of its amounts.")));
        self.write_columns(&mut text);
        self.write_words(&mut text, &mut assumed);
        self.write_draws(&mut text, &mut assumed);
        self.write_formats(&mut text, &mut assumed);
        self.write_days(&mut text, &mut assumed);
        text.push_str(
            "[faults]\nholiday = true                # change freeze and fewer diggers than on other days\n\n\
             # More to say about this fleet; what these rest on now: docs/sources.md\n\
             # [noc]                       # engineers, technicians, tickets\n# enabled = true\n\
             # [payments]                  # your terminals\n# timeout = \"45 s\"\n",
        );
        (text, assumed)
    }

    fn write_columns(&self, text: &mut String) {
        text.push_str("[fleet.columns]               # which column holds what, guessed by names\n");
        for (attribute, key, _) in ATTRIBUTES {
            if let Some(&column) = self.columns.get(attribute) {
                let _ = writeln!(text, "{key} = {}", toml(self.name_of(column)));
            } else if let Some((column, why)) = self.dropped.get(attribute) {
                let name = toml(self.name_of(*column));
                let _ = writeln!(text, "{key} = \"\"  # not {}: {}", comment(&name), comment(why));
            } else if self.table.header.iter().any(|cell| cell.text == *key) {
                let _ = writeln!(text, "{key} = \"\"  # the column of this name is something else");
            }
        }
        let used: BTreeSet<usize> = self.columns.values().copied().collect();
        let unused: Vec<&str> =
            (0..self.table.header.len()).filter(|at| !used.contains(at)).map(|at| self.name_of(at)).collect();
        if !unused.is_empty() {
            let _ = writeln!(text, "# Not used, and kept in stores.csv: {}", comment(&unused.join(", ")));
        }
        let missing: Vec<&str> = ATTRIBUTES
            .iter()
            .filter(|(attribute, _, _)| !self.columns.contains_key(attribute))
            .map(|(_, key, _)| *key)
            .collect();
        let _ = writeln!(text, "# More that a column may hold: {}\n", missing.join(", "));
    }

    /// The words of a column that are not tinsel's, with what they are taken for; none if one of them says nothing.
    fn words(&self, attribute: Attribute) -> Vec<(String, String)> {
        let Some(&column) = self.columns.get(&attribute) else { return Vec::new() };
        let known = words_of(attribute);
        let is_known = |cell: &str| match attribute {
            Attribute::Timezone => cell.contains('/'),
            _ => known.iter().any(|word| word == cell),
        };
        let cells: BTreeSet<&str> = self.cells(column).filter(|cell| !cell.is_empty()).collect();
        let own = cells.into_iter().filter(|cell| !is_known(cell));
        let pair = |cell: &str| meaning(attribute, cell, &known).map(|word| (cell.to_owned(), word));
        own.map(pair).collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    fn write_words(&self, text: &mut String, assumed: &mut Vec<String>) {
        let all = WORDS.map(|(attribute, key)| (attribute, key, self.words(attribute)));
        let mut lines = String::new();
        for (attribute, key, words) in all.iter().filter(|(_, _, words)| !words.is_empty()) {
            let pairs: Vec<String> =
                words.iter().map(|(cell, word)| format!("{} = {}", toml(cell), toml(word))).collect();
            let _ = writeln!(lines, "{key} = {{ {} }}  # assumed", pairs.join(", "));
            let told: Vec<String> =
                words.iter().map(|(cell, word)| format!("{} means {word}", toml(cell))).collect();
            let column = self.columns.get(attribute).map_or("", |&column| self.name_of(column));
            assumed.push(format!("In column {}, {}.", toml(column), told.join(", ")));
        }
        if !lines.is_empty() {
            let _ =
                writeln!(text, "[fleet.words]                 # what words of the file stand for\n{lines}");
        }
    }

    fn write_draws(&self, text: &mut String, assumed: &mut Vec<String>) {
        text.push_str("[fleet.draw]                  # for what no column gives; drawn for each store\n");
        let mut line = |attribute: Attribute, value: &str, active: bool, what: &str| {
            if !self.lacks(attribute) {
                return;
            }
            let key =
                ATTRIBUTES.iter().find(|(known, _, _)| *known == attribute).map_or("", |(_, key, _)| key);
            let _ = writeln!(text, "{}{key} = {value}  # assumed: {what}", if active { "" } else { "# " });
            let some = if self.columns.contains_key(&attribute) { "Stores with an empty cell: " } else { "" };
            assumed.push(format!("{some}{}{}.", what[..1].to_uppercase(), &what[1..]));
        };
        line(Attribute::Format, &toml(USUAL_FORMAT), true, "every store is a big box");
        line(Attribute::Timezone, &toml(TIMEZONE), true, "every store keeps the time of America/Chicago");
        line(
            Attribute::Technology,
            "{ fibre_dia = 0.5, cable = 0.5 }",
            false,
            "each format has its usual access",
        );
        line(
            Attribute::Provider,
            "\"lec\"",
            true,
            "one provider sells all access, so that one outage of it may hit all",
        );
        line(
            Attribute::Carrier,
            "{ att = 0.3, verizon = 0.4, tmobile = 0.2, sprint = 0.1 }",
            true,
            "the cellular carriers of 2019 have these shares",
        );
        line(
            Attribute::Signal,
            "{ mean = \"12 dB\", sd = \"6 dB\" }",
            true,
            "LTE is received as well as this says",
        );
        line(
            Attribute::Profile,
            "\"fortinet-sdwan\"",
            true,
            "all routers switch as this profile; `tinsel profiles list` has others",
        );
        line(
            Attribute::Topology,
            "{ in-router = 0.7, none = 0.3 }",
            true,
            "seven stores in ten have LTE in the router, the others have no backup",
        );
        line(Attribute::Standby, "\"warm\"", true, "modems are registered, without a data call");
        line(
            Attribute::AnnualSales,
            "0.25",
            true,
            "stores differ in sales by a quarter around their format's",
        );
        *text = text.replace("annual_sales = 0.25", "sales_spread = 0.25");
        text.push('\n');
    }

    fn write_formats(&self, text: &mut String, assumed: &mut Vec<String>) {
        for (name, base, sure) in self.own_formats() {
            let remark = if sure {
                "assumed, by its name"
            } else {
                "assumed: nothing in its name says what it is like"
            };
            let _ = write!(
                text,
                "[formats.{}]\nbased_on = {}  # {remark}\n# customers_per_day = 1500\n# basket = \"$45\"\n# lanes = 8\n\n",
                toml(&name),
                toml(&base)
            );
            assumed.push(format!("Format {} is like {base}.", toml(&name)));
        }
        let known: Vec<&str> = self.formats.iter().map(String::as_str).collect();
        let _ = writeln!(text, "# Formats to start from: {}\n", known.join(", "));
    }

    /// Multipliers for Black Friday, if it is among the days.
    fn write_days(&self, text: &mut String, assumed: &mut Vec<String>) {
        let (first, last) = self.request.days;
        let Some(friday) = black_friday(first.year()).filter(|day| (first..=last).contains(day)) else {
            return;
        };
        let own = self.own_formats();
        let mut used: BTreeMap<String, String> =
            own.into_iter().map(|(name, base, _)| (name, base)).collect();
        if let Some(&column) = self.columns.get(&Attribute::Format) {
            let known = self.cells(column).filter(|cell| self.formats.iter().any(|name| name == cell));
            used.extend(known.map(|name| (name.to_owned(), name.to_owned())));
        }
        if self.lacks(Attribute::Format) {
            used.insert(USUAL_FORMAT.to_owned(), USUAL_FORMAT.to_owned());
        }
        let _ = writeln!(text, "# Days that are not average days: customers over those of an average day.\n");
        for (base, multiplier, why) in BLACK_FRIDAY {
            let names: Vec<String> =
                used.iter().filter(|(_, own)| own == base).map(|(name, _)| toml(name)).collect();
            if names.is_empty() {
                continue;
            }
            let _ = write!(
                text,
                "[[calendar]]\ndate = {friday}\nformats = [{}]\nkind = \"cyber5\"\n\
                 multiplier = {multiplier}  # {why}\nbaseline = \"average day\"\n\n",
                names.join(", ")
            );
            assumed.push(format!(
                "On {friday}, {} have {multiplier} times the customers of an average day.",
                names.join(", ")
            ));
        }
    }

    fn finish(&self, text: String, mut assumed: Vec<String>, loaded: &Loaded) -> Starter {
        for (column, why) in self.dropped.values() {
            assumed.push(format!("Column {} is not used: {why}.", toml(self.name_of(*column))));
        }
        let columns = ATTRIBUTES.iter().filter_map(|(attribute, key, _)| {
            self.columns.get(attribute).map(|&column| (*key, self.name_of(column).to_owned()))
        });
        Starter { text, columns: columns.collect(), assumed, stores: loaded.scenario.stores.len() }
    }
}

/// `text` on one line, for a comment.
fn comment(text: &str) -> String {
    super::reader::visible(text)
}

/// The day after the fourth Thursday of November.
fn black_friday(year: i16) -> Option<Date> {
    let first = Date::new(year, 11, 1).ok()?;
    let thursday = first.nth_weekday_of_month(4, jiff::civil::Weekday::Thursday).ok()?;
    thursday.tomorrow().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_friday_comes_after_thanksgiving() {
        for (year, day) in [(2018, "2018-11-23"), (2019, "2019-11-29"), (2024, "2024-11-29")] {
            assert_eq!(black_friday(year).map(|date| date.to_string()).as_deref(), Some(day));
        }
    }

    #[test]
    fn the_catalogue_has_the_formats_that_are_guessed() {
        let known = names_in("formats");
        assert!(known.iter().any(|name| name == USUAL_FORMAT));
        for (base, _, _) in BLACK_FRIDAY {
            assert!(known.iter().any(|name| name == base), "{base}");
        }
    }
}
