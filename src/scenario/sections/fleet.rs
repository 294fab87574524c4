//! `[fleet]`: where the stores come from, which column holds what, and what is drawn where nothing is given.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::{Field, Kind};
use crate::scenario::reader::{Named, Problem, Section, text_of, wrong_type};
use crate::scenario::resolved::{OobmKind, Standby, Topology};
use crate::scenario::tree::{Entry, Node, Place, Tree};
use crate::scenario::values::{NormalLevel, Weights};
use crate::units::Span;

/// The fleet as written.
pub(crate) struct Fleet {
    pub place: Place,
    pub source: FleetSource,
    pub columns: Vec<(Attribute, Named)>,
    /// What the file calls something, and its name here.
    pub words: Vec<FileWord>,
    pub draw: FleetDraw,
}

/// A word of the fleet file that stands for one of tinsel's.
pub(crate) struct FileWord {
    pub attribute: Attribute,
    pub in_file: Named,
    pub meant: String,
}

/// Where the stores come from.
pub(crate) enum FleetSource {
    /// A table, by path relative to the scenario file.
    File(Named),
    /// So many alike.
    Generate(Box<Generate>),
    /// Neither was given, or both: already reported.
    Unknown,
}

/// Stores made up from a description.
pub(crate) struct Generate {
    pub stores: u32,
    pub id_prefix: String,
    pub format: Weights,
    pub timezone: Option<Named>,
    pub region: String,
    pub market: String,
    pub site: String,
    /// Latitude and longitude of the centre, and the side of the square around it in km.
    pub centre: Option<(f64, f64)>,
    pub spread_km: f64,
}

/// What is drawn for attributes without a column and for empty cells.
pub(crate) struct FleetDraw {
    /// `None`: each format's usual technology.
    pub technology: Option<Weights>,
    pub provider: Weights,
    pub carrier: Weights,
    pub signal: NormalLevel,
    /// `None`: no second SIM.
    pub second_carrier: Option<Weights>,
    /// `None`: as the first's.
    pub second_signal: Option<NormalLevel>,
    /// `None`: the limits of `[lte]`.
    pub modem: Option<Weights>,
    /// `None`: no plan.
    pub plan: Option<Weights>,
    pub profile: Weights,
    pub topology: Weights,
    pub standby: Weights,
    /// How long batteries carry network and tills.
    pub ups: Span,
    pub generator: Weights,
    pub oobm: Weights,
    pub oobm_carrier: Weights,
    pub console_ports: u32,
    pub outlets: u32,
    pub sales_spread: f64,
    /// Where no column gives one.
    pub format: Option<Weights>,
    pub timezone: Option<Weights>,
}

/// What a column of the fleet file may hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Attribute {
    Id,
    Format,
    Region,
    Market,
    Timezone,
    Lat,
    Lon,
    Technology,
    Provider,
    Carrier,
    Signal,
    SecondCarrier,
    SecondSignal,
    Modem,
    Plan,
    Lanes,
    SelfCheckouts,
    AnnualSales,
    Opens,
    Closes,
    Profile,
    Topology,
    Standby,
    Site,
    Ups,
    Generator,
    Oobm,
    OobmCarrier,
    ConsolePorts,
    Outlets,
    BackupTest,
    OfflineFloor,
    LteBlock,
}

/// All attributes with their keys in `[fleet.columns]`.
pub(crate) const ATTRIBUTES: &[(Attribute, &str, &str)] = &[
    (Attribute::Id, "id", "Column with the store's id; kept as text."),
    (Attribute::Format, "format", "Column with the format's name."),
    (Attribute::Region, "region", "Column with the region, such as the US state."),
    (Attribute::Market, "market", "Column with the metro-sized area."),
    (Attribute::Timezone, "timezone", "Column with the IANA time zone."),
    (Attribute::Lat, "lat", "Column with the latitude in degrees."),
    (Attribute::Lon, "lon", "Column with the longitude in degrees."),
    (Attribute::Technology, "technology", "Column with the primary access technology."),
    (Attribute::Provider, "provider", "Column with who sells the primary access."),
    (Attribute::Carrier, "carrier", "Column with the cellular carrier."),
    (Attribute::Signal, "signal", "Column with the LTE signal to noise ratio in dB."),
    (
        Attribute::SecondCarrier,
        "carrier2",
        "Column with the carrier of the modem's second SIM; none = no second SIM.",
    ),
    (Attribute::SecondSignal, "signal2", "Column with that carrier's signal to noise ratio in dB."),
    (Attribute::Modem, "modem", "Column with the modem's category: cat-m1, cat-1, cat-4 or cat-6."),
    (Attribute::Plan, "plan", "Column with the data plan of the LTE line; none = no plan."),
    (Attribute::Lanes, "lanes", "Column with the number of staffed lanes."),
    (Attribute::SelfCheckouts, "self_checkouts", "Column with the number of self-checkouts."),
    (Attribute::AnnualSales, "annual_sales", "Column with the store's sales in a year."),
    (Attribute::Opens, "opens", "Column with the usual opening time, such as 07:00 or 7 AM."),
    (Attribute::Closes, "closes", "Column with the usual closing time, such as 21:00 or 9 PM."),
    (Attribute::Profile, "profile", "Column with the failover profile."),
    (Attribute::Topology, "topology", "Column with where the backup lives."),
    (Attribute::Standby, "standby", "Column with the backup modem's standby state."),
    (Attribute::Site, "site", "Column with the mall or site whose cell the store shares."),
    (Attribute::Ups, "ups", "Column with the minutes that batteries carry network and tills."),
    (Attribute::Generator, "generator", "Column with `none` or `standby`: whether there is a generator."),
    (Attribute::Oobm, "oobm", "Column with what the store's out-of-band unit can do."),
    (Attribute::OobmCarrier, "oobm_carrier", "Column with the cellular carrier of the out-of-band unit."),
    (Attribute::ConsolePorts, "console_ports", "Column with the number of devices on console ports."),
    (Attribute::Outlets, "outlets", "Column with the number of devices on switched outlets."),
    (
        Attribute::BackupTest,
        "backup_test",
        "Column with the days between two tests of the store's backup; else test_interval in [lte.latent].",
    ),
    (
        Attribute::OfflineFloor,
        "offline_floor",
        "Column with the largest sale that the store's terminals accept offline, 0 = none; else as its format says.",
    ),
    (
        Attribute::LteBlock,
        "lte_block",
        "Column with the classes of traffic that the store keeps off LTE besides its format's, separated by spaces.",
    ),
];

/// Attributes that are words, which the file may have in words of its own.
pub(crate) const WORDS: [(Attribute, &str); 12] = [
    (Attribute::Technology, "technology"),
    (Attribute::Carrier, "carrier"),
    (Attribute::SecondCarrier, "carrier2"),
    (Attribute::Modem, "modem"),
    (Attribute::Plan, "plan"),
    (Attribute::Profile, "profile"),
    (Attribute::Topology, "topology"),
    (Attribute::Standby, "standby"),
    (Attribute::Generator, "generator"),
    (Attribute::Oobm, "oobm"),
    (Attribute::OobmCarrier, "oobm_carrier"),
    (Attribute::Timezone, "timezone"),
];

/// Words for whether there is a generator.
pub(crate) const GENERATORS: &[(&str, bool)] = &[("none", false), ("standby", true)];
/// Categories of modems with their limits towards the network and towards the store, bit/s (3GPP TS 36.306).
pub(crate) const MODEMS: &[(&str, u64, u64)] = &[
    ("cat-m1", 1_000_000, 1_000_000),
    ("cat-1", 5_200_000, 10_300_000),
    ("cat-4", 51_000_000, 150_800_000),
    ("cat-6", 51_000_000, 301_500_000),
];

/// The word for a modem without a second SIM, or a line without a plan.
pub(crate) const NO_CARRIER: &str = "none";

/// Words for [`Topology`].
pub(crate) const TOPOLOGIES: &[(&str, Topology)] = &[
    (Topology::InRouter.name(), Topology::InRouter),
    (Topology::SecondRouter.name(), Topology::SecondRouter),
    (Topology::GatewayCarrying.name(), Topology::GatewayCarrying),
    (Topology::GatewayOnly.name(), Topology::GatewayOnly),
    (Topology::None.name(), Topology::None),
];

/// Words for [`OobmKind`]; `None`: as the topology says.
pub(crate) const OOBMS: &[(&str, Option<OobmKind>)] = &[
    ("by-topology", None),
    (OobmKind::None.name(), Some(OobmKind::None)),
    (OobmKind::Console.name(), Some(OobmKind::Console)),
    (OobmKind::ConsoleOutlet.name(), Some(OobmKind::ConsoleOutlet)),
];

/// The word for the carrier of the store's own LTE uplink.
pub(crate) const SAME_CARRIER: &str = "same";

/// Words for [`Standby`].
pub(crate) const STANDBYS: &[(&str, Standby)] = &[
    (Standby::Cold.name(), Standby::Cold),
    (Standby::RadioOff.name(), Standby::RadioOff),
    (Standby::Warm.name(), Standby::Warm),
    (Standby::Hot.name(), Standby::Hot),
    (Standby::HotActive.name(), Standby::HotActive),
];

/// More stores than any fleet has; the limit keeps a typing error from filling memory.
const STORES_MAX: f64 = 1e6;

pub(crate) fn read(section: &Section) -> Fleet {
    let file = section.name(
        Field::new("file", "CSV file of stores, relative to the scenario file (or use [fleet.generate]).")
            .optional(),
    );
    let generated = section.section("generate", "Make stores instead of reading a file.", |generate| {
        let read = generate.is_written() || generate.reader.schema_mode;
        read.then(|| Box::new(read_generate(generate)))
    });
    let columns = section.section("columns", "Which column of the file holds what.", read_columns);
    let words = section.section(
        "words",
        "What words in the file's cells stand for, for example topology = { \"LTE backup\" = \"in-router\" }.",
        read_words,
    );
    let draw = section.section(
        "draw",
        "What is drawn for attributes without a column and for empty cells.",
        read_draw,
    );
    let source = match (file, generated) {
        (Some(file), None) => FleetSource::File(file),
        (None, Some(generate)) => FleetSource::Generate(generate),
        (None, None) => {
            let problem = Problem::new(Code::MissingKey, "[fleet] says neither `file` nor [fleet.generate]");
            section.problem(
                "",
                problem.help("add file = \"stores.csv\", or a table [fleet.generate] with stores = 25"),
            );
            FleetSource::Unknown
        }
        (Some(_), Some(_)) => {
            let problem = Problem::new(Code::Inconsistent, "[fleet] has both `file` and [fleet.generate]");
            section.problem("generate", problem.help("keep one of them"));
            FleetSource::Unknown
        }
    };
    Fleet { place: section.place_of("generate"), source, columns, words, draw }
}

fn read_words(section: &Section) -> Vec<FileWord> {
    const DOC: &str = "The column's own words, and what each stands for.";
    let mut words = Vec::new();
    for (attribute, key) in WORDS {
        let parse = |node: &Node| {
            let Tree::Table(table) = &node.value else {
                let help = "write for example { \"LTE backup\" = \"in-router\" }";
                return Err(wrong_type("words with their meaning", node).help(help));
            };
            let word = |(name, entry): (&String, &Entry)| {
                let meant = text_of(&entry.node).map_err(|problem| problem.at(entry.node.place))?;
                let in_file = Named { text: name.clone(), place: entry.key };
                Ok(FileWord { attribute, in_file, meant })
            };
            table.entries.iter().map(word).collect::<Result<Vec<_>, Problem>>()
        };
        words.extend(section.value(Field::new(key, DOC).optional(), Kind::Value, parse).unwrap_or_default());
    }
    words
}

fn read_columns(section: &Section) -> Vec<(Attribute, Named)> {
    let name = |key, doc| section.name(Field::new(key, doc).optional());
    ATTRIBUTES
        .iter()
        .filter_map(|&(attribute, key, doc)| name(key, doc).map(|column| (attribute, column)))
        .collect()
}

fn read_generate(section: &Section) -> Generate {
    let text = |key, doc, default, why| section.text(Field::new(key, doc).or(default, why));
    let stores = Field::new("stores", "How many stores.").within(1.0, STORES_MAX);
    let id_prefix = section
        .new_name(Field::new("id_prefix", "Ids are this and a number.").or("S", "[EA] any prefix will do"));
    let format = section.weights(Field::new("format", "Format, or formats with weights."));
    let timezone = section.name(
        Field::new("timezone", "IANA time zone of all stores.")
            .or("America/Chicago", "[EA] the middle of the US by stores"),
    );
    let degrees =
        |key, doc, limit: f64| section.number_optional(Field::new(key, doc).within(-limit, limit).optional());
    let (lat, lon) =
        (degrees("lat", "Latitude of the centre.", 85.0), degrees("lon", "Longitude of the centre.", 180.0));
    if lat.is_some() != lon.is_some() && !section.reader.schema_mode {
        let problem = Problem::new(Code::MissingKey, "`lat` and `lon` are given together or not at all");
        section.problem(if lat.is_some() { "lat" } else { "lon" }, problem);
    }
    Generate {
        stores: section.count(stores),
        id_prefix: id_prefix.map(|name| name.text).unwrap_or_default(),
        format,
        timezone,
        region: text("region", "Region of all stores.", "", "[EA] none"),
        market: text("market", "Market of all stores.", "", "[EA] none"),
        site: text(
            "site",
            "Site that all stores share, and with it their cell.",
            "",
            "[EA] none: each store by its place",
        ),
        centre: lat.zip(lon),
        spread_km: section.number(
            Field::new("spread_km", "Side of the square around the centre in which stores lie, in km.")
                .within(0.0, 5_000.0)
                .or("50", "[EA] a metropolitan area"),
        ),
    }
}

fn read_draw(section: &Section) -> FleetDraw {
    let weights = |key, doc, default, why| section.weights(Field::new(key, doc).or(default, why));
    let optional = |key, doc| section.has(key).then(|| section.weights(Field::new(key, doc).optional()));
    FleetDraw {
        technology: optional("technology", "Primary access; without it each format's usual one."),
        provider: weights("provider", "Who sells the primary access.", "lec", "[EA] one local carrier"),
        carrier: weights(
            "carrier",
            "Cellular carrier.",
            "{ att = 0.3, verizon = 0.4, tmobile = 0.2, sprint = 0.1 }",
            "[EA] no source; each of the four carriers of 2019 has some",
        ),
        signal: section.normal_level(
            Field::new("signal", "LTE signal to noise ratio, normal, clipped to -8..25 dB.")
                .within(-20.0, 40.0)
                .or(
                    "{ mean = \"12 dB\", sd = \"6 dB\" }",
                    "[EA] 12 dB gives 22 Mbps on an unloaded 10 MHz cell; S50 measured 19-24",
                ),
        ),
        second_carrier: optional("carrier2", "Carrier of the modem's second SIM; none = no second SIM."),
        second_signal: section.has("signal2").then(|| {
            section.normal_level(
                Field::new(
                    "signal2",
                    "Signal to noise ratio of the second SIM's carrier; without it as `signal`.",
                )
                .within(-20.0, 40.0)
                .optional(),
            )
        }),
        modem: optional("modem", "The modem's category; without it the limits of [lte]."),
        plan: optional(
            "plan",
            "Data plan of the LTE line; none, as without it, is no plan: nothing is limited.",
        ),
        profile: weights(
            "profile",
            "Failover profile.",
            "fortinet-sdwan",
            "[EA] a common router with probing on",
        ),
        topology: weights(
            "topology",
            "Where the backup lives.",
            "{ in-router = 0.62, none = 0.38 }",
            "[D] S81: 80 % have a backup, 78 % of those LTE; that it is in the router is EA",
        ),
        standby: weights(
            "standby",
            "State of the backup modem before it is needed.",
            "warm",
            "[EA] registered, no data call",
        ),
        ups: section.span(
            Field::new("ups", "How long batteries carry router, switch, LTE and tills when the power fails.")
                .within(0.0, 6e6)
                .or("10 min", "[EA] a small rack's battery at half load; sweep 0-60 min"),
        ),
        generator: weights(
            "generator",
            "Whether a generator takes over: none, standby.",
            "none",
            "[EA] most shops have none",
        ),
        oobm: weights(
            "oobm",
            "Out-of-band unit: none, console, console-outlet, or by-topology.",
            "by-topology",
            "[EA] a console where the topology has an OOBM gateway, none elsewhere",
        ),
        oobm_carrier: weights(
            "oobm_carrier",
            "Cellular carrier of the out-of-band unit, or `same` for the store's own, with which it then fails.",
            "same",
            "[EA] one contract for all; another carrier is a lever",
        ),
        console_ports: section.count(
            Field::new(
                "console_ports",
                "Devices on console ports: router, switch, store server, tills, in this order.",
            )
            .within(0.0, 96.0)
            .or("4", "[EA] small units have 4 to 8"),
        ),
        outlets: section.count(
            Field::new("outlets", "Devices on switched outlets, in the same order.")
                .within(0.0, 96.0)
                .or("2", "[EA] the small switched outlets have 2 to 8"),
        ),
        sales_spread: section.number(
            Field::new(
                "sales_spread",
                "Log standard deviation of a store's sales about its format's; the mean is kept.",
            )
            .within(0.0, 2.0)
            .or("0.25", "[EA] most stores between 0.6 and 1.6 times the mean"),
        ),
        format: optional("format", "Format of stores whose file does not give one."),
        timezone: optional("timezone", "Time zone of stores whose file does not give one."),
    }
}
