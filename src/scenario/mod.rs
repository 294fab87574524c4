//! What the user writes, and what is run.
//!
//! ```text
//! TOML files ┐                                       ┌─ diagnostics (all at once, with places)
//! --set ─────┼─ tree ── reader ── sections ── expand ┼─ resolved::Scenario
//! catalogue ─┘            │                          └─ settings with their origins
//! fleet CSV ──────────────┴── JSON Schema, docs/sources.md
//! ```
//!
//! [`load`] is the entry. The catalogue (`assets/*.toml`: formats, technologies, profiles, carriers, causes, curves)
//! goes through the same reader as the user's file, so it has the same checks. Nothing here draws anything
//! that belongs to a replication: a loaded scenario is the same for all of them.

pub mod diagnostics;
pub mod expand;
pub mod field;
pub mod import;
mod items_file;
mod library;
mod overlay;
mod profile_files;
pub mod quantity;
mod reader;
mod reference;
pub mod resolved;
mod schema;
mod sections;
pub mod sources;
pub mod starter;
mod tree;
mod values;
pub mod vary;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use diagnostics::{Diagnostic, Severity, render};
pub use expand::DrawnSummary;
pub use library::{library, nearest, profiles_in_scenario};
pub use overlay::{ClockTime, Overlay};
pub use profile_files::load_profiles;
pub use reader::{Origin, Setting};
pub use reference::reference_markdown;
pub use sources::sources_markdown;

use diagnostics::Code;
use expand::{Context, table, time::Zones};
use reader::{Problem, Reader, Section};
use sections::Written;
use sections::fleet::{ATTRIBUTES, Attribute, FleetSource};
pub(crate) use sections::thresholds::parse_target;
use tree::{Node, Place, SourceKind, Sources, Table, Tree};

/// The built-in catalogue: file name and text.
const CATALOGUE: &[(&str, &str)] = &[
    ("assets/formats.toml", include_str!("../../assets/formats.toml")),
    ("assets/curves.toml", include_str!("../../assets/curves.toml")),
    ("assets/network.toml", include_str!("../../assets/network.toml")),
    ("assets/services.toml", include_str!("../../assets/services.toml")),
    ("assets/profiles/bfd-300x3.toml", include_str!("../../assets/profiles/bfd-300x3.toml")),
    ("assets/profiles/bgp.toml", include_str!("../../assets/profiles/bgp.toml")),
    ("assets/profiles/carrier-loss.toml", include_str!("../../assets/profiles/carrier-loss.toml")),
    (
        "assets/profiles/cradlepoint-active-ping.toml",
        include_str!("../../assets/profiles/cradlepoint-active-ping.toml"),
    ),
    (
        "assets/profiles/cradlepoint-default-off.toml",
        include_str!("../../assets/profiles/cradlepoint-default-off.toml"),
    ),
    ("assets/profiles/cradlepoint-fast.toml", include_str!("../../assets/profiles/cradlepoint-fast.toml")),
    ("assets/profiles/digi-surelink.toml", include_str!("../../assets/profiles/digi-surelink.toml")),
    ("assets/profiles/fortinet-sdwan.toml", include_str!("../../assets/profiles/fortinet-sdwan.toml")),
    ("assets/profiles/ipsla-default.toml", include_str!("../../assets/profiles/ipsla-default.toml")),
    ("assets/profiles/ipsla-fast.toml", include_str!("../../assets/profiles/ipsla-fast.toml")),
    ("assets/profiles/meraki-mx-soft.toml", include_str!("../../assets/profiles/meraki-mx-soft.toml")),
    ("assets/profiles/mwan3-default-4ip.toml", include_str!("../../assets/profiles/mwan3-default-4ip.toml")),
    ("assets/profiles/mwan3-single-ip.toml", include_str!("../../assets/profiles/mwan3-single-ip.toml")),
    ("assets/profiles/netcomm-ntc-140.toml", include_str!("../../assets/profiles/netcomm-ntc-140.toml")),
    ("assets/profiles/networkmanager.toml", include_str!("../../assets/profiles/networkmanager.toml")),
    ("assets/profiles/opengear-om-oob.toml", include_str!("../../assets/profiles/opengear-om-oob.toml")),
    ("assets/profiles/opnsense-dpinger.toml", include_str!("../../assets/profiles/opnsense-dpinger.toml")),
    ("assets/profiles/ospf.toml", include_str!("../../assets/profiles/ospf.toml")),
    ("assets/profiles/peplink-default.toml", include_str!("../../assets/profiles/peplink-default.toml")),
    ("assets/profiles/pfsense-dpinger.toml", include_str!("../../assets/profiles/pfsense-dpinger.toml")),
    ("assets/profiles/strongswan-dpd.toml", include_str!("../../assets/profiles/strongswan-dpd.toml")),
    ("assets/profiles/vrrp.toml", include_str!("../../assets/profiles/vrrp.toml")),
    ("assets/profiles/vrrp-script.toml", include_str!("../../assets/profiles/vrrp-script.toml")),
    ("assets/profiles/wireguard.toml", include_str!("../../assets/profiles/wireguard.toml")),
    ("assets/items.toml", include_str!("../../assets/items.toml")),
    ("assets/noc.toml", include_str!("../../assets/noc.toml")),
    ("assets/faults.toml", include_str!("../../assets/faults.toml")),
];

/// What the command line adds to a scenario file.
#[derive(Clone, Default, Debug)]
pub struct LoadOptions {
    /// `path=value`, in order.
    pub overrides: Vec<String>,
    /// Instead of the file's seed.
    pub seed: Option<u64>,
    /// Instead of the file's number of replications.
    pub replications: Option<u32>,
    /// An incident laid over the scenario.
    pub overlay: Option<Overlay>,
    /// By store, attributes of the fleet file (their keys) with words that replace what the fleet says: a design's.
    pub assigned: BTreeMap<String, Vec<(String, String)>>,
}

/// A scenario that can be run, and how it came about.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is run.
    pub scenario: resolved::Scenario,
    /// Every setting in use with its origin.
    pub origins: Vec<Setting>,
    /// The files it was read from: the scenario first, then its files of profiles, then the fleet file if there is one, and at
    /// last the overlay's. The paths of files that the scenario names are relative to it.
    pub inputs: Vec<InputFile>,
    /// What is odd but does not prevent a run.
    pub warnings: Vec<Diagnostic>,
    /// Attributes that were drawn, with the number of stores.
    pub drawn: DrawnSummary,
    /// Inputs that are not known exactly, in order of path.
    pub uncertain: Vec<vary::UncertainInput>,
    /// What `tinsel size` is to do, if the scenario says so.
    pub sizing: Option<resolved::Sizing>,
}

/// A file that results depend on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InputFile {
    /// Path as written by the user.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Why a scenario cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// The scenario file cannot be read at all.
    #[error("failed to read the scenario {path}")]
    Io {
        /// Path as written.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It has at least one error; all are here, with the warnings, in order of place.
    #[error("failed to accept the scenario: {} problem(s)", .0.len())]
    Invalid(Vec<Diagnostic>),
}

/// Reads, checks and expands a scenario file.
///
/// # Errors
/// If the file cannot be read, or if it (or its fleet file, or an override) has any error: then all are reported.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Rejected> {
    let bytes =
        std::fs::read(path).map_err(|source| Rejected::Io { path: path.display().to_string(), source })?;
    load_text(path, bytes, options)
}

/// The same of a file with these bytes, which need not be there yet.
fn load_text(path: &Path, bytes: Vec<u8>, options: &LoadOptions) -> Result<Loaded, Rejected> {
    let name = path.display().to_string();
    let mut inputs = vec![InputFile { path: name.clone(), sha256: sha256(&bytes) }];
    let mut reader = Reader::default();
    let user =
        user_tree(&mut reader, &name, bytes, options).map_err(|problem| Rejected::Invalid(vec![*problem]))?;
    reader.currency = sections::general::currency_of(&user);
    let directory = path.parent().unwrap_or(Path::new(""));
    let mut files = profile_files::read(&mut reader, &user, directory, &mut inputs);
    files.extend(items_file::read(&mut reader, &user, directory, &mut inputs));
    let builtin = catalogue(&mut reader.sources);
    let mut written = {
        let layers = std::iter::once(&user).chain(&files).chain(&builtin);
        let root = Section::root(&reader, user.place, layers);
        let written = sections::read(&root);
        root.close();
        written
    };
    let table = fleet_table(&mut reader, &written, directory, &mut inputs);
    let zones = Zones::new();
    let assigned = assigned_cells(options, user.place);
    let overlay =
        options.overlay.as_ref().map(|one| overlay::read(&mut reader, one, &mut inputs)).transpose()?;
    let placed = {
        let context = Context {
            reader: &reader,
            written: &written,
            zones: &zones,
            user: &user,
            assigned: assigned.clone(),
        };
        expand::place(&context, table.as_ref())
    };
    if let Some(incident) = overlay {
        let taken = incident.taken(&reader);
        incident.lay((&reader, &zones), taken, &mut written, &placed);
    }
    let context = Context {
        reader: &reader,
        written: &written,
        zones: &zones,
        user: &user,
        assigned: assigned.clone(),
    };
    let expanded = expand::expand(&context, &placed);
    let uncertain = || written.uncertainty.values().flatten();
    sections::uncertainty::check(&reader, uncertain());
    let uncertain = uncertain().map(|one| one.input.clone()).collect();
    let expanded = expanded.filter(|_| !reader.has_errors());
    let diagnostics = reader.take_diagnostics();
    match expanded {
        Some(expand::Expanded { scenario, drawn, sizing }) => {
            let origins =
                settings_in_use(reader.take_settings(), &written, (&scenario, sizing.as_ref()), &name);
            Ok(Loaded { scenario, origins, inputs, warnings: diagnostics, drawn, uncertain, sizing })
        }
        None => Err(Rejected::Invalid(diagnostics)),
    }
}

/// What the stores are said to have, by attribute; `place` is where to point at.
fn assigned_cells(options: &LoadOptions, place: Place) -> BTreeMap<String, BTreeMap<Attribute, table::Cell>> {
    let cell = |(key, text): &(String, String)| {
        let attribute = ATTRIBUTES.iter().find(|(_, known, _)| known == key)?.0;
        Some((attribute, table::Cell { text: text.clone(), place }))
    };
    let cells = |(id, words): (&String, &Vec<(String, String)>)| {
        (id.clone(), words.iter().filter_map(cell).collect())
    };
    options.assigned.iter().map(cells).collect()
}

/// `[lte]` as shipped, and the carriers of the catalogue in name order.
#[must_use]
pub fn shipped_lte() -> (resolved::Lte, Vec<resolved::Carrier>) {
    let mut reader = Reader::default();
    let place = nowhere(&mut reader.sources);
    let builtin = catalogue(&mut reader.sources);
    let root = Section::root(&reader, place, builtin.iter());
    let carriers = root.catalogue("carriers", "", sections::network::read_carrier);
    let lte = root.section("lte", "", sections::lte::read);
    (lte.resolved, carriers.into_values().collect())
}

/// JSON Schema (draft 2020-12) of scenario files.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    let mut reader = Reader::for_schema();
    let place = nowhere(&mut reader.sources);
    let root = Section::root(&reader, place, std::iter::empty());
    sections::read(&root);
    schema::document(&root.close())
}

/// A place to point at where nothing is written.
fn nowhere(sources: &mut Sources) -> Place {
    Place { source: sources.add(SourceKind::Builtin, "", String::new()), start: 0, end: 0 }
}

/// The scenario file with the command line's overrides applied.
fn user_tree(
    reader: &mut Reader,
    name: &str,
    bytes: Vec<u8>,
    options: &LoadOptions,
) -> Result<Node, Box<Diagnostic>> {
    let source = reader.sources.add_bytes(SourceKind::User, name, bytes)?;
    let mut root = reader.sources.parse(source)?;
    let flags = [
        options.seed.map(|seed| ("--seed", format!("scenario.seed={seed}"))),
        options.replications.map(|count| ("--replications", format!("scenario.replications={count}"))),
    ];
    let overrides = options.overrides.iter().map(|written| ("--set", written.clone()));
    for (flag, written) in overrides.chain(flags.into_iter().flatten()) {
        let end = written.len();
        let source = reader.sources.add(SourceKind::Override, flag, written.clone());
        let place = Place { source, start: 0, end };
        if let Err(message) = tree::apply_override(&mut root, &written, place) {
            let help = "write for example --set payments.timeout=\"20 s\" or --set calendar.0.multiplier=2";
            reader.report(place, Problem::new(Code::BadOverride, message).help(help));
        }
    }
    Ok(root)
}

/// The built-in catalogue as trees.
fn catalogue(sources: &mut Sources) -> Vec<Node> {
    let parse = |(name, text): &(&str, &str)| {
        let source = sources.add(SourceKind::Builtin, name, (*text).to_owned());
        // A test parses every file of the catalogue; an empty one would only lack entries.
        let empty = Node { place: Place { source, start: 0, end: 0 }, value: Tree::Table(Table::default()) };
        sources.parse(source).unwrap_or(empty)
    };
    CATALOGUE.iter().map(parse).collect()
}

/// The fleet file, if the scenario names one that can be read.
fn fleet_table(
    reader: &mut Reader,
    written: &Written,
    directory: &Path,
    inputs: &mut Vec<InputFile>,
) -> Option<table::FleetTable> {
    let FleetSource::File(file) = &written.fleet.source else { return None };
    let path: PathBuf = directory.join(&file.text);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("the fleet file {} cannot be read: {error}", path.display());
            let help = "the path is relative to the scenario file";
            reader.report(file.place, Problem::new(Code::Unreadable, message).help(help));
            return None;
        }
    };
    inputs.push(InputFile { path: file.text.clone(), sha256: sha256(&bytes) });
    match table::read(&mut reader.sources, &file.text, &bytes) {
        Ok((table, problems)) => {
            problems.into_iter().for_each(|(place, problem)| reader.report(place, problem));
            Some(table)
        }
        Err(problem) => {
            reader.report(file.place, problem);
            None
        }
    }
}

/// SHA-256 of `bytes`, hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Two digits for each byte, lower case.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Drops entries of the catalogue and of files of profiles that nothing in this scenario, the file `own`, uses.
fn settings_in_use(
    settings: Vec<Setting>,
    written: &Written,
    (scenario, sizing): (&resolved::Scenario, Option<&resolved::Sizing>),
    own: &str,
) -> Vec<Setting> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    used.extend(scenario.formats.iter().map(|one| format!("formats.{}", one.name)));
    used.extend(scenario.technologies.iter().map(|one| format!("technologies.{}", one.name)));
    used.extend(scenario.profiles.iter().map(|one| format!("profiles.{}", one.name)));
    used.extend(scenario.carriers.iter().map(|one| format!("carriers.{}", one.name)));
    if let Some(sizing) = sizing {
        let at_stores = sizing.levers.iter().flat_map(|lever| &lever.items);
        let for_all = sizing.shared.iter().flat_map(|lever| &lever.items);
        used.extend(at_stores.chain(for_all).map(|&item| format!("items.{}", sizing.items[item].name)));
    }
    used.extend(scenario.services.iter().map(|one| format!("services.{}", one.name)));
    used.extend(
        scenario.online.iter().flat_map(|_| written.online.curves()).map(|name| format!("curves.{name}")),
    );
    let formats = scenario.formats.iter().filter_map(|one| written.formats.get(&one.name));
    let usual = formats.flat_map(|format| format.weekday.iter().chain(&format.weekend));
    let special =
        written.calendar.iter().flat_map(|entry| entry.curve.iter().flatten().map(|(name, _)| name));
    used.extend(usual.chain(special).map(|name| format!("curves.{}", name.text)));
    let in_use = |setting: &Setting| {
        let mut parts = setting.path.splitn(3, '.');
        let (section, entry) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let is_entry = ["formats", "technologies", "profiles", "carriers", "curves", "services", "items"]
            .contains(&section);
        let is_own = match &setting.origin {
            Origin::File { file, .. } => file == own,
            Origin::Override => true,
            Origin::Default(_) => false,
        };
        // A centre that is off has nothing to say.
        let is_off = section == "noc" && scenario.noc.is_none() && entry != "enabled";
        !is_off && !is_entry || is_own || used.contains(&format!("{section}.{entry}"))
    };
    settings.into_iter().filter(in_use).collect()
}
