//! A first scenario of any fleet file: it passes, or says what of the file has to be mended.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tinsel::scenario::starter::{Request, Starter, starter};
use tinsel::scenario::{LoadOptions, Rejected, load, render};

/// What `tinsel new` makes of `fleet` in `folder`.
fn made(folder: &Path, fleet: &str) -> Result<Starter, Rejected> {
    let file = folder.join("fleet.csv");
    std::fs::write(&file, fleet).expect("writable");
    let day = |day| jiff::civil::date(2019, 11, day);
    let request = Request {
        place: folder.join("fleet.toml"),
        fleet: "fleet.csv".to_owned(),
        name: "fleet".to_owned(),
        days: (day(29), day(29)),
    };
    starter(&file, &request)
}

/// The scenario is accepted as it is written.
fn passes(folder: &Path, starter: &Starter) -> tinsel::scenario::Loaded {
    let file = folder.join("fleet.toml");
    std::fs::write(&file, &starter.text).expect("writable");
    load(&file, &LoadOptions::default()).unwrap_or_else(|error| match error {
        Rejected::Invalid(problems) => panic!("{}\n{}", render(&problems, false), starter.text),
        Rejected::Io { .. } => panic!("{error}"),
    })
}

/// Words that mean something in one column or another.
const WORDS: &[&str] = &[
    "att",
    "verizon",
    "cable",
    "grocery",
    "Grocery",
    "none",
    "warm",
    "in-router",
    "America/New_York",
    "TX",
    "cat-4",
];

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        2 => "[0-9]{1,3}",
        1 => "-?[0-9]{1,3}\\.[0-9]{1,4}",
        1 => "[0-2][0-9]:[0-5][0-9]",
        1 => "[$][0-9]{1,3}(,[0-9]{3}){0,2}",
        1 => prop::sample::select(WORDS).prop_map(str::to_owned),
        2 => "\\PC{0,8}",
    ]
}

fn header() -> impl Strategy<Value = String> {
    let called = vec![
        "id",
        "store_id",
        "Store #",
        "STORE NUMBER",
        "format",
        "Banner",
        "St",
        "state",
        "lat",
        "Latitude",
        "lon",
        "timezone",
        "Time Zone",
        "access",
        "carrier",
        "carrier2",
        "Mobile Carrier",
        "signal",
        "modem",
        "plan",
        "lanes",
        "No. of registers",
        "SCO",
        "annual sales",
        "Open",
        "closes",
        "profile",
        "backup",
        "standby",
        "mall",
        "ups",
        "generator",
        "oobm",
        "console_ports",
        "outlets",
        "provider",
        "city",
    ];
    prop_oneof![
        3 => prop::sample::select(called).prop_map(str::to_owned),
        1 => "\\PC{0,10}",
    ]
}

/// As a spreadsheet writes it.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn odd_headers_and_cells_make_a_scenario_that_passes(
        headers in prop::collection::vec(header(), 1..9),
        rows in prop::collection::vec(prop::collection::vec(cell(), 9), 1..6),
        of_ids in 0_usize..9,
        delimiter in prop::sample::select(vec![",", ";", "\t"]),
    ) {
        let at = of_ids % headers.len();
        let line = |cells: Vec<String>| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(delimiter);
        // A column of ids is somewhere, and is called something.
        let mut header = headers.clone();
        if header[at].trim().is_empty() {
            header[at] = "which".to_owned();
        }
        // Of two columns of one name only the first can be meant.
        prop_assume!(header.iter().filter(|name| name.trim() == header[at].trim()).count() == 1);
        let mut text = line(header.clone());
        for (number, row) in rows.iter().enumerate() {
            let mut row = row[..header.len()].to_vec();
            row[at] = format!("S{number:03}");
            text += "\n";
            text += &line(row);
        }
        let folder = tempfile::tempdir().expect("a temporary directory");
        let starter = match made(folder.path(), &text) {
            Ok(starter) => starter,
            Err(Rejected::Invalid(problems)) => panic!("{}\n{text}", render(&problems, false)),
            Err(error) => panic!("{error}"),
        };
        let loaded = passes(folder.path(), &starter);
        prop_assert_eq!(loaded.scenario.stores.len(), rows.len());
        prop_assert!(!starter.assumed.is_empty());
    }
}

#[test]
fn columns_and_formats_are_guessed_and_what_does_not_fit_is_left_out() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let fleet = "Store #;Banner;St;Latitude;Longitude;Time Zone;Registers;ISP;Mobile Carrier;Opened\n\
        001;Fresh Mart;TX;30.1;-97.7;America/Chicago;12;spectrum;verizon;1999\n\
        002;Fresh Mart;TX;29.4;-98.5;America/Chicago;9;spectrum;Nextel;2004\n\
        003;Corner Fuel;NM;35.1;-106.6;America/Denver;2;century;att;2011\n";
    let starter = made(folder.path(), fleet).expect("a good fleet");
    let column = |key: &str| {
        starter.columns.iter().find(|(known, _)| *known == key).map(|(_, column)| column.as_str())
    };
    for (key, name) in [
        ("id", "Store #"),
        ("format", "Banner"),
        ("region", "St"),
        ("lat", "Latitude"),
        ("lanes", "Registers"),
        ("provider", "ISP"),
    ] {
        assert_eq!(column(key), Some(name), "{}", starter.text);
    }
    // One cell of it is no carrier, so it is left out, and the reason is told.
    assert_eq!(column("carrier"), None);
    assert!(
        starter.assumed.iter().any(|one| one.contains("Mobile Carrier") && one.contains("Nextel")),
        "{:#?}",
        starter.assumed
    );
    let loaded = passes(folder.path(), &starter);
    let formats: Vec<&str> = loaded.scenario.formats.iter().map(|format| format.name.as_str()).collect();
    assert!(formats.contains(&"Fresh Mart") && formats.contains(&"Corner Fuel"), "{formats:?}");
    let store = &loaded.scenario.stores[2];
    assert_eq!((store.id.as_str(), store.timezone.as_str(), store.lanes), ("003", "America/Denver", 2));
}

#[test]
fn words_hours_and_headings_of_other_peoples_fleets_are_understood() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let fleet = "Store Number,Register Count,Opening Time,Closing Time,Failover,Access Type,Mobile Carrier,Time Zone\n\
        001,6,9:00 AM,9 PM,LTE backup,Fiber,AT&T,Eastern\n\
        002,4,8:30 am,12:00 PM,none,Cable,Verizon,America/Chicago\n\
        003,2,12 AM,11:30 p.m.,Dual router (LTE),fibre_dia,verizon,Pacific\n";
    let starter = made(folder.path(), fleet).expect("a good fleet");
    let loaded = passes(folder.path(), &starter);
    assert_eq!(loaded.warnings.iter().map(|one| one.message.clone()).collect::<Vec<_>>(), [""; 0]);
    let topologies: Vec<&str> = loaded.scenario.stores.iter().map(|store| store.topology.name()).collect();
    assert_eq!(topologies, ["in-router", "none", "second-router"], "{}", starter.text);
    let lanes: Vec<u32> = loaded.scenario.stores.iter().map(|store| store.lanes).collect();
    assert_eq!(lanes, [6, 4, 2]);
    let zones: Vec<&str> = loaded.scenario.stores.iter().map(|store| store.timezone.as_str()).collect();
    assert_eq!(zones, ["America/New_York", "America/Chicago", "America/Los_Angeles"]);
    for sentence in [
        "In column \"Failover\", \"Dual router (LTE)\" means second-router, \"LTE backup\" means in-router.",
        "In column \"Mobile Carrier\", \"AT&T\" means att, \"Verizon\" means verizon.",
    ] {
        assert!(starter.assumed.iter().any(|one| one == sentence), "{:#?}", starter.assumed);
    }
    let minutes: Vec<f64> = loaded
        .scenario
        .stores
        .iter()
        .map(|store| store.days[0].open[0])
        .map(|open| open.end.since(open.start).as_secs_f64() / 60.0)
        .collect();
    assert_eq!(minutes, [720.0, 210.0, 1_410.0]);
}

#[test]
fn money_is_in_what_its_amounts_are_written_in() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let starter = made(folder.path(), "id;Revenue\n1;€1,250,000\n2;€900k\n").expect("a good fleet");
    assert_eq!(passes(folder.path(), &starter).scenario.currency, "EUR");
    assert!(starter.assumed.iter().any(|one| one.contains("EUR")), "{:#?}", starter.assumed);
    let starter = made(folder.path(), "id;Revenue\n1;$1,250,000\n2;900000\n").expect("a good fleet");
    assert_eq!(passes(folder.path(), &starter).scenario.currency, "USD");
    assert!(!starter.text.contains("currency"), "{}", starter.text);
}

#[test]
fn a_fleet_that_must_be_mended_says_where() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for (fleet, words) in [
        ("", "is empty"),
        ("id,format\n1,kiosk\n2\n", "this row has 1 cells"),
        ("id,format\n1,kiosk\n1,kiosk\n", "is already on line 2"),
        ("id\n\"1\n", "never closed"),
    ] {
        let Err(Rejected::Invalid(problems)) = made(folder.path(), fleet) else {
            panic!("{fleet} is accepted")
        };
        assert!(render(&problems, false).contains(words), "{}", render(&problems, false));
    }
}
