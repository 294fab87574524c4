//! The scenario that these tests run: everything that could couple stores or depend on an order is in it.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tinsel::scenario::LoadOptions;
use tinsel::scenario::resolved::Scenario;

use super::loaded;

/// A scenario file with its fleet, to be changed before it is loaded.
#[derive(Clone, Debug)]
pub struct World {
    /// The scenario file.
    pub scenario: String,
    /// Lines of the fleet file below its heading.
    pub stores: Vec<String>,
}

/// One of each family, and what comes after a verdict: sessions, neighbour caches, delays.
const PROFILES: [&str; 9] = [
    "fortinet-sdwan",
    "pfsense-dpinger",
    "bfd-300x3",
    "mwan3-single-ip",
    "vrrp",
    "peplink-default",
    "cradlepoint-fast",
    "ospf",
    "netcomm-ntc-140",
];

const HEADING: &str =
    "id,format,region,market,timezone,technology,provider,carrier,signal,topology,standby,profile,site";

/// Stores of these tests share their cell with up to five others, and all on `att` a core of finite rate.
const SCENARIO: &str = r#"
[scenario]
name = "Determinism: three regions, faults, shared cells"
seed = 20191129
replications = 3
first_day = 2019-11-29
last_day = 2019-11-30

[fleet]
file = "fleet.csv"

[carriers.att]
registrations_per_s = 0.2     # one in five seconds, so that a storm queues
phones = 200
phones_return = "5 min"
overload = "unanswered"

[[surge]]
name = "doorbuster"
start = "2019-11-29 09:00"
peak = 3.0
phones = 1.5

[[lte.phones.day]]
date = 2019-11-29
factor = 1.5

[faults]
holiday = true
lead_in = "2 days"

[faults.causes.goblins]       # far more often than anything real
rate_per_year = 400
repair = { median = "10 min", sigma = 1.2 }
scope = "uplink"
signature = { carrier-lost = 0.4, blackhole = 0.4, partial-loss = 0.1, latency = 0.1 }
remedy = "self"

[faults.causes.trolls]
rate_per_year = 60
repair = { median = "20 min", sigma = 0.8 }
scope = "router"
remedy = "staff"

[faults.causes.crows]
rate_per_year = 100
repair = { median = "15 min", sigma = 0.8 }
scope = "backup"
remedy = "provider"

[faults.causes.backhoe]       # one fault for all of a market, and perhaps for a carrier in the same trench
rate_per_year = 300
repair = { median = "15 min", sigma = 0.8 }
scope = "market"
share = 0.4
share_max = 1.0
takes_lte = 0.5
remedy = "provider"
weather = true

[faults.causes.blackout]
rate_per_year = 200
repair = { median = "40 min", sigma = 0.5 }
scope = "region"
breaks = ["site-power", "uplink"]
share = 0.3
takes_cells = 0.5
cell_battery = "5 min"
remedy = "provider"

[faults.causes.krakens]
rate_per_year = 150
repair = { median = "10 min", sigma = 0.5 }
scope = "carrier"
share = 0.3
remedy = "provider"

[faults.causes.push]
rate_per_year = 150
repair = { median = "5 min", sigma = 0.5 }
scope = "fleet"
breaks = ["store-server"]
share = 0.2
remedy = "remote"
freeze_factor = 0.5

[faults.causes.gremlins]      # one till at a time, more often when they are busy
rate_per_year = 100
repair = { median = "30 min", sigma = 0.5 }
scope = "lane"
load_factor = 3
remedy = "on_site"

[faults.causes.icicles]       # on the mast, more often when it is busy
rate_per_year = 150
repair = { median = "20 min", sigma = 0.5 }
scope = "backup"
load_factor = 4
load = "published"
remedy = "provider"

[[faults.weather]]
name = "sleet"
regions = ["north"]
at = "2019-11-30 06:00"
duration = "12 h"
factor = 4

[[faults.freeze]]
first_day = 2019-11-29
last_day = 2019-11-29

[[faults.scheduled]]
name = "core"
scope = "carrier"
carriers = ["att"]
share = 0.7
at = "2019-11-29 12:05"
duration = "20 min"

[[faults.scheduled]]
name = "storm"
regions = ["north", "west"]
scope = "uplink"
signature = "blackhole"
at = "2019-11-29 12:00"
spread = "3 s"
duration = { median = "25 min", sigma = 0.3 }
"#;

impl World {
    /// A world of `stores` stores in three regions.
    pub fn new(stores: usize) -> World {
        let pick = |words: &[&'static str], number: usize| words[number % words.len()];
        let store = |number: usize| {
            let region = pick(&["north", "west", "south"], number / 8);
            let carrier = pick(&["att", "verizon", "tmobile"], number);
            let technology = pick(&["fibre_dia", "cable", "dsl", "lte", "fibre_dia"], number);
            let topology = pick(
                &["in-router", "second-router", "oobm-gateway", "in-router", "none", "in-router"],
                number / 2,
            );
            format!(
                "T{number:03},{},{region},{region}-1,{},{technology},{},{carrier},{}.5,{topology},{},{},site-{}",
                pick(&["convenience", "pharmacy", "mall_specialty", "kiosk"], number / 3),
                pick(&["America/Chicago", "America/Denver", "America/New_York"], number / 8),
                pick(&["lec", "cable-co"], number),
                3 + number % 17,
                pick(&["cold", "warm", "radio-off", "hot", "cold"], number / 2),
                pick(&PROFILES, number / 2),
                number / 9,
            )
        };
        World { scenario: SCENARIO.to_owned(), stores: (0..stores).map(store).collect() }
    }

    /// The same with `text` at the end of the scenario file.
    pub fn with(&self, text: &str) -> World {
        let mut world = self.clone();
        let _ = writeln!(world.scenario, "\n{text}");
        world
    }

    /// Loads it as a user would: from files.
    pub fn load(&self, options: &LoadOptions) -> Scenario {
        let (_directory, file) = self.write();
        loaded(&file, options)
    }

    /// Loads it as it is written.
    pub fn scenario(&self) -> Scenario {
        self.load(&LoadOptions::default())
    }

    fn write(&self) -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("scenario.toml");
        fs::write(&file, &self.scenario).expect("writable");
        let fleet = format!("{HEADING}\n{}\n", self.stores.join("\n"));
        fs::write(directory.path().join("fleet.csv"), fleet).expect("writable");
        (directory, file)
    }
}

/// What the world must contain for the tests to mean anything.
#[test]
fn the_world_has_everything_that_could_couple_stores() {
    let scenario = World::new(60).scenario();
    let files = super::Files::of(&scenario, &super::simulate(&scenario, super::USUAL));
    let incidents = files.table("incidents.csv");
    let count = |column: &str, word: &str| incidents.cells(column).filter(|cell| *cell == word).count();
    for (column, word, least) in [
        ("kind", "failover", 50),
        ("kind", "no_failover", 50),
        ("kind", "masked", 1),
        ("cause", "storm", 30),
        ("cause", "core", 10),
        ("scope", "router", 5),
        ("scope", "backup", 5),
        ("scope", "market", 20),
        ("scope", "region", 5),
        ("scope", "carrier", 5),
        ("scope", "fleet", 5),
        ("scope", "lane", 5),
        ("uplink", "site-power", 1),
        ("uplink", "both", 1),
        ("signature", "partial-loss", 1),
        ("signature", "latency", 1),
    ] {
        assert!(count(column, word) >= least, "{column} = {word}: {} rows", count(column, word));
    }
    let cells = files.table("cells.csv");
    assert!(cells.cells("stores_max").filter_map(|cell| cell.parse::<u32>().ok()).any(|stores| stores > 1));
    let stores = files.table("stores.csv");
    assert!(stores.sum("customers") > 50_000.0 && stores.sum("payments_lost") > 0.0);
}
