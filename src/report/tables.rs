//! One definition per table: the CSV file, the Parquet file and `docs/data-dictionary.md` come from it.
//!
//! A [`Table`] is a list of [`Column`]s over some row type. Column names carry their units and are an
//! interface: a name never changes its meaning, and new columns go to the end.

pub mod attribution;
pub mod carriers;
pub mod cells;
pub mod comparison;
pub mod curves;
pub mod drill;
pub mod incidents;
pub mod noc;
pub mod replications;
pub mod services;
pub mod sizing;
pub mod stores;
pub mod sweep;
pub mod timeline;
pub mod uncertainty;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::csv::CsvSink;
use super::field::{Cell, Field};
use crate::scenario::resolved::{Scenario, Store, StoreRank};
use crate::units::SimTime;

/// What kind of value a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// A decimal number with a fixed number of decimals.
    Decimal,
    /// Text, guarded against being run as a formula.
    Text,
    /// `0` or `1`.
    Flag,
    /// An ISO 8601 date.
    Date,
    /// An instant in UTC, to the second: ISO 8601 with `Z`.
    Timestamp,
    /// An instant on a store's own clock: ISO 8601 date, time and offset from UTC.
    LocalTime,
}

impl Kind {
    /// The word in the data dictionary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Integer => "integer",
            Kind::Decimal => "decimal",
            Kind::Text => "text",
            Kind::Flag => "0 or 1",
            Kind::Date => "date",
            Kind::Timestamp => "timestamp",
            Kind::LocalTime => "local time",
        }
    }
}

/// One column of a table whose rows are `R`s.
pub struct Column<R> {
    /// Heading; carries the unit.
    pub name: Cow<'static, str>,
    /// Unit, or empty for words, names and codes.
    pub unit: &'static str,
    /// Kind of value.
    pub kind: Kind,
    /// What it means.
    pub meaning: &'static str,
    /// When the cell is empty; itself empty if it never is.
    pub empty: &'static str,
    write: Write<R>,
}

/// How a column takes its value from a row.
enum Write<R> {
    /// By itself.
    Plain(fn(&R, &mut Field<'_>)),
    /// As the n-th of a variable number of columns.
    Numbered(usize, fn(&R, usize, &mut Field<'_>)),
}

impl<R> Column<R> {
    /// A column that is never empty.
    pub fn new(
        name: &'static str,
        unit: &'static str,
        kind: Kind,
        meaning: &'static str,
        write: fn(&R, &mut Field<'_>),
    ) -> Self {
        Column { name: Cow::Borrowed(name), unit, kind, meaning, empty: "", write: Write::Plain(write) }
    }

    /// The `index`-th of a variable number of text columns.
    pub fn numbered(
        name: String,
        meaning: &'static str,
        index: usize,
        write: fn(&R, usize, &mut Field<'_>),
    ) -> Self {
        let write = Write::Numbered(index, write);
        Column { name: Cow::Owned(name), unit: "", kind: Kind::Text, meaning, empty: "", write }
    }

    /// States when the cell is empty.
    #[must_use]
    pub fn empty_when(mut self, empty: &'static str) -> Self {
        self.empty = empty;
        self
    }
}

/// A file that a table is written to, in some format.
pub trait Sink {
    /// Takes the cell of the column of that index; called for each column in order.
    ///
    /// # Errors
    /// If it cannot be written.
    fn cell(&mut self, column: usize, cell: &Cell) -> io::Result<()>;

    /// Ends the row.
    ///
    /// # Errors
    /// If it cannot be written.
    fn end_row(&mut self) -> io::Result<()>;

    /// Ends the table.
    ///
    /// # Errors
    /// If it cannot be written.
    fn finish(&mut self) -> io::Result<()>;
}

/// A table: where it is written, what a row is, and its columns in order.
pub struct Table<R> {
    /// Name of the file in the output directory.
    pub file: &'static str,
    /// What one row is, and in which order rows come.
    pub row: &'static str,
    /// The columns.
    pub columns: Vec<Column<R>>,
}

impl<R> Table<R> {
    /// Writes the heading and `rows` as CSV (comma, line feed, quotes where needed, UTF-8).
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn write(&self, out: impl io::Write, rows: impl Iterator<Item = R>) -> io::Result<()> {
        let mut csv = CsvSink::new(out, self)?;
        self.feed(rows, &mut [&mut csv])
    }

    /// Gives every cell of `rows` to every one of `sinks`, row by row.
    ///
    /// # Errors
    /// If one of them cannot be written.
    pub fn feed(&self, rows: impl Iterator<Item = R>, sinks: &mut [&mut dyn Sink]) -> io::Result<()> {
        let mut cell = Cell::default();
        for row in rows {
            for (index, column) in self.columns.iter().enumerate() {
                cell.clear();
                let mut field = Field::new(&mut cell);
                match column.write {
                    Write::Plain(write) => write(&row, &mut field),
                    Write::Numbered(number, write) => write(&row, number, &mut field),
                }
                for sink in sinks.iter_mut() {
                    sink.cell(index, &cell)?;
                }
            }
            for sink in sinks.iter_mut() {
                sink.end_row()?;
            }
        }
        sinks.iter_mut().try_for_each(|sink| sink.finish())
    }

    /// The table's section of the data dictionary, in Markdown.
    #[must_use]
    pub fn section(&self) -> String {
        let mut text = format!("## `{}`\n\n{}\n\n", self.file, self.row);
        text.push_str("| column | unit | type | meaning | empty |\n|---|---|---|---|---|\n");
        for column in &self.columns {
            let empty = if column.empty.is_empty() { "never" } else { column.empty };
            writeln!(
                text,
                "| `{}` | {} | {} | {} | {} |",
                column.name,
                column.unit,
                column.kind.name(),
                column.meaning,
                empty
            )
            .expect("a String accepts every character");
        }
        text
    }
}

/// A store's time zone is not in the bundled database.
#[derive(Debug, thiserror::Error)]
#[error(
    "store `{store}`: time zone `{zone}` is not in the bundled database; give an IANA name such as America/Chicago"
)]
pub struct UnknownZone {
    /// Identity of the store.
    pub store: String,
    /// What was given as its zone.
    pub zone: String,
}

/// What rows need besides the numbers: the scenario's names and each store's clock.
pub struct Context<'a> {
    /// The scenario that was run.
    pub scenario: &'a Scenario,
    /// By store rank.
    zones: Vec<TimeZone>,
}

impl<'a> Context<'a> {
    /// Looks up each store's zone in the bundled database.
    ///
    /// # Errors
    /// If the database does not know a store's zone.
    pub fn new(scenario: &'a Scenario) -> Result<Self, UnknownZone> {
        let database = TimeZoneDatabase::bundled();
        let mut zones: Vec<TimeZone> = Vec::with_capacity(scenario.stores.len());
        for (rank, store) in scenario.stores.iter().enumerate() {
            // Neighbours in the fleet mostly share a zone.
            let zone =
                match rank.checked_sub(1).map(|previous| (&scenario.stores[previous], &zones[previous])) {
                    Some((previous, zone)) if previous.timezone == store.timezone => zone.clone(),
                    _ => database
                        .get(&store.timezone)
                        .map_err(|_| UnknownZone { store: store.id.clone(), zone: store.timezone.clone() })?,
                };
            zones.push(zone);
        }
        Ok(Context { scenario, zones })
    }

    /// The store of that rank.
    #[must_use]
    pub fn store(&self, rank: StoreRank) -> &'a Store {
        &self.scenario.stores[rank.0 as usize]
    }

    /// The start of the scenario's window, from which instants are counted.
    #[must_use]
    pub fn start(&self) -> SimTime {
        self.scenario.window.start
    }

    /// `at` on the store's own clock: ISO 8601 with milliseconds and offset.
    #[must_use]
    pub fn local(&self, rank: StoreRank, at: SimTime) -> String {
        iso(at, self.zones[rank.0 as usize].clone(), "%Y-%m-%dT%H:%M:%S%.3f%:z")
    }
}

/// `at` in UTC, to the second: `2019-11-29T06:00:00Z`.
#[must_use]
pub fn utc(at: SimTime) -> String {
    iso(at, TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ")
}

fn iso(at: SimTime, zone: TimeZone, format: &str) -> String {
    // u64 nanoseconds end in 2554, jiff's timestamps in 9999.
    let timestamp =
        jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos())).expect("2554 is within range");
    timestamp.to_zoned(zone).strftime(format).to_string()
}

/// The whole data dictionary (`docs/data-dictionary.md`).
#[must_use]
pub fn data_dictionary() -> String {
    let sections = [
        stores::stores(&[]).section(),
        stores::stores_daily().section(),
        incidents::incidents().section(),
        curves::curves().section(),
        timeline::timeline().section(),
        cells::cells().section(),
        cells::cells_timeline().section(),
        carriers::carriers().section(),
        replications::replications().section(),
        services::services().section(),
        drill::drill().section(),
        sizing::frontier().section(),
        sizing::deployment().section(),
        sizing::bill().section(),
        comparison::comparison().section(),
        attribution::attribution().section(),
        noc::tickets().section(),
        noc::hours().section(),
        sweep::sweep(&[]).section(),
        uncertainty::tornado().section(),
        uncertainty::samples(&[]).section(),
    ];
    format!("{DICTIONARY_HEAD}\n{}", sections.join("\n"))
}

const DICTIONARY_HEAD: &str = "\
# Data dictionary

Generated from the column definitions in `src/report/tables/` (`tinsel::report::tables::data_dictionary`); a test
fails when this file is stale.

All tables are CSV: UTF-8, commas, a heading, line feeds, quotes where needed. With `--format csv,parquet` they are Parquet too
(Snappy), with the same columns, rows and values. Rows come in a fixed order.
Column names carry their units; names ending in `_usd` hold the scenario's currency.

| type | in CSV | in Parquet |
|---|---|---|
| integer | digits | INT64 |
| decimal | a fixed number of decimals (tables of points: as many as it takes) | DOUBLE, the one nearest to the CSV's digits |
| text | UTF-8, guarded (below) | UTF-8 string, not guarded |
| 0 or 1 | `0` or `1` | INT32 as 8-bit integer |
| date | `2019-11-29` | DATE |
| timestamp | UTC, `2019-11-29T06:00:00Z` | TIMESTAMP, milliseconds, UTC |
| local time | `2019-11-29T00:00:00.000-06:00` | UTF-8 string, as in CSV |
| empty | nothing | null |

- Instants ending in `_s` count seconds from the start of the scenario's window (the earliest local midnight of
  the first day among all stores); they are negative for what happened in the faults' lead-in.
- Decimal numbers are rounded from whole nanoseconds, cents or bytes.
- In CSV a cell of type *text* that would start with `=`, `+`, `-`, `@`, a tab or a carriage return has an apostrophe put
  before it, so that no spreadsheet runs it as a formula; so has one that consists of apostrophes and then such a
  character. To get the text back, take one apostrophe away from cells of that shape.
- MB are 10^6 bytes, Mbit/s are 10^6 bits per second.
- `customers = served + balked + reneged + unpaid + inside` and
  `payments = authorized + authorized_offline + declined + payments_lost + pending` hold in every row that has them.
  The days of a store add up to its row in `stores.csv`. In every replication `lost_sales_usd` of `attribution.csv` adds up,
  to the cent, to `lost_sales_network_usd` of `stores.csv`; its rows with a cause add up to `lost_sales_usd` of
  `incidents.csv`.
";
