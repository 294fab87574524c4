//! What is shipped loads without warnings and is what it says.

use std::collections::{BTreeMap, BTreeSet};

use tinsel::scenario::resolved::{
    Detector, Ends, Failback, HelloDead, Law, Scenario, Scope, Topology, WindowedLoss,
};
use tinsel::scenario::{LoadOptions, Origin, render};
use tinsel::units::{SimTime, Span};

use super::{file, loaded};

const SHIPPED: &[&str] = &[
    "scenarios/black-friday-2019.toml",
    "scenarios/cyber5-2019.toml",
    "scenarios/north-pole.toml",
    "scenarios/packed-mall.toml",
    "scenarios/sizing.toml",
    "scenarios/small-chain.toml",
    "scenarios/incidents/att-2024-02-22.toml",
    "scenarios/incidents/jcrew-2018-11-23.toml",
    "scenarios/incidents/macys-2017-11-24.toml",
    "scenarios/incidents/nashville-2020-12-25.toml",
    "scenarios/incidents/northern-arizona-2015-02-25.toml",
    "scenarios/incidents/rogers-2022-07-08.toml",
    "scenarios/incidents/target-2019-06-15.toml",
    "scenarios/incidents/target-2019-09-24.toml",
    "scenarios/incidents/visa-europe-2018-06-01.toml",
    "scenarios/incidents/worldline-2024-11-28.toml",
    "scenarios/lab/detection.toml",
    "scenarios/lab/lossy-lines.toml",
    "scenarios/lab/mall-storm.toml",
];

fn scenario(path: &str) -> Scenario {
    loaded(path, &LoadOptions::default()).scenario
}

fn customers(scenario: &Scenario, format: &str) -> f64 {
    let position =
        scenario.formats.iter().position(|known| known.name == format).expect("the format is used");
    let stores = scenario.stores.iter().filter(|store| store.format.0 as usize == position);
    stores.flat_map(|store| &store.days).flat_map(|day| &day.demand).map(|piece| piece.customers).sum()
}

#[test]
fn every_shipped_scenario_loads_without_a_warning() {
    for path in SHIPPED {
        let loaded = loaded(path, &LoadOptions::default());
        assert!(loaded.warnings.is_empty(), "{path}:\n{}", render(&loaded.warnings, false));
        assert_eq!(loaded.inputs[0].sha256.len(), 64);
        check_invariants(path, &loaded.scenario);
    }
}

/// What the model relies on without looking again.
fn check_invariants(path: &str, scenario: &Scenario) {
    assert!(scenario.stores.windows(2).all(|pair| pair[0].id < pair[1].id), "{path}: stores in order of id");
    for cause in &scenario.causes {
        assert_eq!(cause.rate_per_s.len(), scenario.technologies.len());
        assert_eq!(cause.repair.len(), scenario.technologies.len());
        let weights: f64 = cause.signatures.iter().map(|(_, weight)| weight).sum();
        assert!((weights - 1.0).abs() < 1e-12, "{path}: {}", cause.name);
    }
    for store in &scenario.stores {
        assert!(
            (store.format.0 as usize) < scenario.formats.len()
                && (store.cell.0 as usize) < scenario.cells.len()
        );
        assert_eq!(scenario.cells[store.cell.0 as usize].carrier, store.carrier);
        for day in &store.days {
            let mut at = day.window.start;
            for piece in &day.demand {
                assert!(piece.window.start >= at && piece.window.end > piece.window.start);
                assert!(
                    day.open
                        .iter()
                        .any(|open| open.start <= piece.window.start && piece.window.end <= open.end)
                );
                assert!(piece.customers.is_finite() && piece.customers >= 0.0);
                at = piece.window.end;
            }
            assert!(at <= day.window.end && day.window.start >= scenario.window.start);
        }
    }
}

/// docs/sources.md, "How many customers the flagship has".
#[test]
fn the_flagship_has_the_customers_that_the_docs_derive() {
    let flagship = scenario("scenarios/black-friday-2019.toml");
    assert_eq!(flagship.stores.len(), 2_992);
    assert_eq!(flagship.stores.iter().flat_map(|store| &store.days).count(), 5 * 2_992);
    // The stores' sales spread about the format's mean: 0.25 log sd gives 0.26 / sqrt(stores) of the sum.
    for (format, stores, per_day, multipliers) in
        [("supercenter", 1_946.0, 3_671.0, 5.75), ("discount", 1_046.0, 1_852.0, 6.60)]
    {
        let expected = stores * per_day * multipliers;
        let found = customers(&flagship, format);
        let tolerance = 4.0 * 0.26 / f64::sqrt(stores);
        assert!((found / expected - 1.0).abs() < tolerance, "{format}: {found} against {expected}");
    }
}

#[test]
fn days_are_local_and_doorbusters_roll_west() {
    let flagship = scenario("scenarios/black-friday-2019.toml");
    let mut starts: BTreeMap<&str, BTreeSet<SimTime>> = BTreeMap::new();
    for store in &flagship.stores {
        assert_eq!(store.surges.len(), 1, "store {}", store.id);
        starts.entry(&store.timezone).or_default().insert(store.surges[0].start);
    }
    let first = |zone: &str| *starts[zone].first().expect("a store is there");
    // 2019-11-28T17:00-05:00 is 22:00 UTC.
    assert_eq!(first("America/New_York"), SimTime::from_unix_seconds(1_574_978_400));
    assert_eq!(first("America/Los_Angeles").since(first("America/New_York")), Span::from_secs(3 * 3_600));
}

#[test]
fn the_built_in_profiles_have_the_published_timers() {
    let detection = scenario("scenarios/lab/detection.toml");
    let profile =
        |name: &str| detection.profiles.iter().find(|profile| profile.name == name).expect("it is used");
    assert_eq!(
        profile("bfd-300x3").detector,
        Some(Detector::HelloDead(HelloDead {
            interval: Span::from_millis(300),
            jitter_min: 0.75,
            jitter_max: 1.0,
            dead: Span::from_millis(900),
            restart: Span::from_secs(1),
            ends: Ends::Both,
            goodbye: None,
            rejoin: Span::default(),
        }))
    );
    assert_eq!(
        profile("opnsense-dpinger").detector,
        Some(Detector::WindowedLoss(WindowedLoss {
            send: Span::from_secs(1),
            loss_after: Span::from_secs(4),
            period: Span::from_secs(60),
            check: Span::from_secs(1),
            loss_percent: 20,
            latency: Some(Span::from_millis(500)),
            hold_checks: 1,
            pause: Span::from_secs(10),
            lag: None,
        }))
    );
    assert_eq!(profile("vrrp").failback, Failback::Immediate);
    assert_eq!(profile("fortinet-sdwan").route_change, Law::Constant(0.07));
    let per_profile =
        |index: usize| detection.stores.iter().filter(|store| store.profile.0 as usize == index).count();
    let expected = 2_000.0;
    for index in 0..5 {
        // Binomial(10000, 1/5): standard deviation 40.
        assert!((per_profile(index) as f64 - expected).abs() < 5.0 * 40.0);
    }
    assert_eq!(detection.scheduled_faults[0].hits.len(), 10_000);
    assert!(detection.causes.is_empty());
}

#[test]
fn the_mall_is_one_cell_and_is_cut_within_a_second() {
    let mall = scenario("scenarios/lab/mall-storm.toml");
    assert_eq!((mall.stores.len(), mall.cells.len()), (300, 1));
    assert_eq!(mall.cells[0].name, "att/mall-1");
    assert_eq!(mall.cells[0].utc_offset_s, -6 * 3_600);
    let starts = mall.scheduled_faults[0].hits.iter().map(|hit| hit.window.start);
    let (first, last) = starts.fold((SimTime::NEVER, SimTime::default()), |(first, last), start| {
        (first.min(start), last.max(start))
    });
    assert!(last.since(first) < Span::from_secs(1));
    assert_eq!(mall.cells[0].phone_steps, [(mall.window.start, 1.5), (mall.window.end, 1.0)]);
}

#[test]
fn the_packed_mall_has_a_cell_for_each_of_three_carriers() {
    let mall = scenario("scenarios/packed-mall.toml");
    let cells: Vec<&str> = mall.cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(cells, ["att/packed-mall", "tmobile/packed-mall", "verizon/packed-mall"]);
    assert_eq!((mall.stores.len(), mall.scheduled_faults.len(), mall.causes.len()), (120, 0, 0));
    for (cell, _) in mall.cells.iter().enumerate() {
        let shops = mall.stores.iter().filter(|store| store.cell.0 as usize == cell);
        assert!(shops.count() >= 25, "every cell is shared");
    }
    let on_lte = mall.stores.iter().filter(|store| mall.technologies[store.technology.0 as usize].is_lte);
    assert_eq!(on_lte.count(), 12);
}

#[test]
fn the_small_chain_has_five_stores_on_lte_and_text_ids() {
    let chain = scenario("scenarios/small-chain.toml");
    assert_eq!(chain.stores[0].id, "0001");
    let on_lte = chain.stores.iter().filter(|store| chain.technologies[store.technology.0 as usize].is_lte);
    assert_eq!(on_lte.clone().count(), 5);
    assert!(on_lte.clone().all(|store| store.topology == Topology::None));
    let thanksgiving = &chain.stores[0].days[0];
    assert!(thanksgiving.open.is_empty() && thanksgiving.demand.is_empty(), "the malls are closed");
    let lte = chain.technologies.iter().position(|technology| technology.is_lte).expect("five stores use it");
    let cause = |name: &str| chain.causes.iter().find(|cause| cause.name == name).expect("it is built in");
    assert_eq!(cause("link_flap_short").rate_per_s[lte], 0.0);
    assert_eq!(cause("lte_site_local").scope, Scope::Backup);
    assert!(cause("lte_site_local").rate_per_s[lte] > 0.0);
}

#[test]
fn settings_say_where_they_come_from() {
    let options = LoadOptions {
        overrides: vec!["payments.timeout=20 s".to_owned(), "surge.0.peak=4".to_owned()],
        seed: Some(u64::MAX),
        replications: Some(3),
        ..LoadOptions::default()
    };
    let loaded = loaded("scenarios/north-pole.toml", &options);
    assert_eq!((loaded.scenario.seed, loaded.scenario.replications), (u64::MAX, 3));
    assert_eq!(loaded.scenario.payments.timeout, Span::from_secs(20));
    assert_eq!(loaded.scenario.stores[0].surges[0].peak, 4.0);
    let origin = |path: &str| &loaded.origins.iter().find(|setting| setting.path == path).expect(path).origin;
    assert_eq!(*origin("payments.timeout"), Origin::Override);
    assert_eq!(*origin("scenario.seed"), Origin::Override);
    assert!(matches!(origin("scenario.name"), Origin::File { line: 6, .. }), "{:?}", origin("scenario.name"));
    assert!(matches!(origin("lte.cell_step"), Origin::Default(_)));
    assert!(matches!(origin("formats.toy_shop.gross_margin"), Origin::Default(_)));
    assert!(matches!(origin("formats.toy_shop.lanes"), Origin::File { .. }));
    assert!(!loaded.origins.iter().any(|setting| setting.path.starts_with("formats.kiosk.")), "unused");
}

/// A copy of the north pole whose fleet file is `fleet`.
fn north_pole_with(fleet: &str) -> Scenario {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::create_dir(directory.path().join("data")).expect("a directory");
    std::fs::copy(file("scenarios/north-pole.toml"), directory.path().join("scenario.toml"))
        .expect("it is shipped");
    std::fs::write(directory.path().join("data/north_pole.csv"), fleet).expect("a file");
    let path = directory.path().join("scenario.toml");
    loaded(path.to_str().expect("temporary paths are text"), &LoadOptions::default()).scenario
}

#[test]
fn the_order_of_rows_and_the_way_a_spreadsheet_saves_them_change_nothing() {
    let fleet = std::fs::read_to_string(file("scenarios/data/north_pole.csv")).expect("it is shipped");
    let given = format!("{:?}", north_pole_with(&fleet));
    let mut lines: Vec<&str> = fleet.lines().collect();
    lines[1..].reverse();
    assert_eq!(given, format!("{:?}", north_pole_with(&lines.join("\n"))));
    let spreadsheet = format!("\u{feff}{}", fleet.replace(',', " ; ").replace('\n', "\r\n"));
    assert_eq!(given, format!("{:?}", north_pole_with(&spreadsheet)));
}

/// Adding a store, or the order of rows, changes nothing at any other store.
#[test]
fn drawn_attributes_belong_to_the_store() {
    let all = scenario("scenarios/lab/mall-storm.toml");
    let options =
        LoadOptions { overrides: vec!["fleet.generate.stores=299".to_owned()], ..LoadOptions::default() };
    let fewer = loaded("scenarios/lab/mall-storm.toml", &options).scenario;
    for (one, other) in all.stores.iter().zip(&fewer.stores) {
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }
    assert_eq!(fewer.stores.len(), 299);
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let options = LoadOptions {
        overrides: [
            "calendar.0.date=2019-12-25",
            "calendar.0.open=09:00",
            "calendar.0.close=01:00",
            "surge.0.start=2020-01-01 09:00",
            "formats.igloo.based_on=kiosk",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..LoadOptions::default()
    };
    let loaded = loaded("scenarios/north-pole.toml", &options);
    let mut codes: Vec<&str> = loaded.warnings.iter().map(|warning| warning.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["W001", "W001", "W001", "W002"], "{}", render(&loaded.warnings, false));
    let rendered = render(&loaded.warnings, true);
    assert!(rendered.contains('\u{1b}') && rendered.contains("2019-12-25 is not simulated"));
}

#[test]
fn hours_faults_and_lte_settings_without_effect_are_warnings() {
    let codes = |overrides: &[&str]| {
        let overrides = overrides.iter().map(|text| (*text).to_owned()).collect();
        let loaded =
            loaded("scenarios/small-chain.toml", &LoadOptions { overrides, ..LoadOptions::default() });
        loaded.warnings.iter().map(|warning| (warning.code, warning.message.clone())).collect::<Vec<_>>()
    };
    let hours = codes(&["formats.pharmacy.hours.open=18:00", "formats.pharmacy.hours.close=02:00"]);
    assert!(hours.iter().any(|(code, message)| *code == "W002" && message.contains("24:00")), "{hours:?}");
    let lte = codes(&["technologies.lte.rtt=40 ms", "technologies.lte.buffer=1 MB"]);
    assert_eq!(lte.iter().filter(|(code, _)| *code == "W001").count(), 2, "{lte:?}");
    assert!(lte[0].1.contains("has no effect"), "{lte:?}");
    let fault = "{ name = 'early', at = '2001-01-01 12:00', duration = '20 min' }";
    let early = codes(&[&format!("faults.scheduled=[{fault}]")]);
    assert_eq!(
        early.iter().filter(|(_, message)| message.contains("outside the days")).count(),
        1,
        "{early:?}"
    );
}
