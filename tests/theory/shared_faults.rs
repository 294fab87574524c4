//! Faults that hit many stores: how often a unit fails, whom a fault hits, what it takes along, and what bridges or raises it.

use super::lab::{scenario, scenario_file};
use super::statistics::{Quantity, check, z_limit};
use tinsel::kernel::draws::Key;
use tinsel::model::faults::{self, shared::SharedFaults};
use tinsel::model::store::window_of;
use tinsel::scenario::resolved::{Part, Parts, Scenario, StoreRank};
use tinsel::units::Span;

const DAYS_PER_YEAR: f64 = 365.25;
/// Nothing that is shipped happens; `more` is what a test is about.
fn fleet(stores: u32, generate: &str, draw: &str, more: &str) -> String {
    let shipped = super::faults::SHIPPED.iter();
    let off: Vec<String> = shipped.map(|name| format!("[faults.causes.{name}]\nenabled = false\n")).collect();
    format!(
        r#"
        [scenario]
        name = "shared faults"
        seed = 4004
        replications = 1
        first_day = 2019-11-01
        last_day = 2019-11-10
        interval = "1 d"
        [fleet.generate]
        stores = {stores}
        format = "closed"
        timezone = "UTC"
        {generate}
        [fleet.draw]
        technology = "fibre_dia"
        topology = "in-router"
        profile = "carrier-loss"
        {draw}
        [formats.closed]
        based_on = "kiosk"
        customers_per_day = 0
        [faults]
        lead_in = "20 days"
        {}
        {more}
        "#,
        off.concat()
    )
}

/// The shared faults of many replications.
fn drawn(scenario: &Scenario, replications: u64) -> Vec<SharedFaults> {
    let keys = (0..replications).map(|replication| Key { seed: scenario.seed, replication });
    keys.map(|key| SharedFaults::draw(scenario, key)).collect()
}

/// How many faults there are, and how many stores lost `part` by them.
fn count(all: &[SharedFaults], stores: u32, part: Part) -> (u64, u64) {
    let faults = all.iter().map(|one| one.faults.len() as u64).sum::<u64>();
    let hit = all
        .iter()
        .flat_map(|one| (0..stores).flat_map(|rank| one.of_store(StoreRank(rank))))
        .filter(|fault| fault.parts.has(part))
        .count();
    (faults, hit as u64)
}

#[test]
fn a_unit_alternates_between_up_and_down_whatever_it_has_of_stores() {
    let cause = "[faults.causes.cut]\nremedy = \"provider\"\nscope = \"market\"\nrate_per_year = 60\nrepair = \"2 d\"";
    let text = fleet(3, "market = \"M\"", "", cause);
    let scenario = scenario(&text);
    let all = drawn(&scenario, 4_000);
    // The drawn stretch: 10 days, 20 of lead-in, 14 h for the earliest clock. Renewals of mean gap + repair, begun up.
    let days = 30.0 + 14.0 / 24.0;
    let (gap, repair) = (DAYS_PER_YEAR / 60.0, 2.0);
    let cycle = gap + repair;
    // Renewal function of an exponential gap and a constant repair (Cox 1962): t/cycle + (σ² − cycle²)/2cycle² + gap's start.
    let variance = gap * gap;
    let expected = days / cycle + (variance - cycle * cycle) / (2.0 * cycle * cycle) + repair / cycle;
    let counts: Vec<f64> = all.iter().map(|one| one.faults.len() as f64).collect();
    check(&[Quantity { name: "faults of a market".to_owned(), values: counts, expected }]).unwrap();
    assert!(all.iter().map(|one| one.absorbed).sum::<u64>() > 0);
    // One fault, one number, at each of its stores.
    for one in &all {
        for rank in 0..3 {
            assert_eq!(one.of_store(StoreRank(rank)).len(), one.faults.len());
        }
        assert!(one.faults.iter().all(|fault| fault.stores == 3 && fault.unit == "M"));
    }
}

#[test]
fn a_fault_hits_its_share_and_takes_lte_by_carrier() {
    let cause = "[faults.causes.cut]\nremedy = \"provider\"\nscope = \"market\"\nrate_per_year = 100\nrepair = \"1 min\"\n\
                 share = 0.2\nshare_max = 0.6\ntakes_lte = 0.25";
    let draw = "carrier = { att = 0.5, verizon = 0.5 }";
    let scenario = scenario(&fleet(40, "market = \"M\"", draw, cause));
    let all = drawn(&scenario, 400);
    let (faults, hit) = count(&all, 40, Part::Uplink);
    let by_fault = hit as f64 / faults as f64 / 40.0;
    // Of a share uniform on 0.2 to 0.6: mean 0.4; a fault's own share varies with sd 0.4/√12.
    let error = ((0.4_f64 * 0.4 / 12.0 + 0.24 / 40.0) / faults as f64).sqrt();
    assert!((by_fault - 0.4).abs() < z_limit(2) * error, "{by_fault} of the stores");
    // LTE goes by fault and carrier: all stores of a carrier, or none.
    let (mut taken, mut asked) = (0_u32, 0_u32);
    for one in &all {
        for number in 0..one.faults.len() as u32 {
            for carrier in 0..scenario.carriers.len() as u32 {
                let of_carrier = (0..40).filter(|&rank| scenario.stores[rank as usize].carrier.0 == carrier);
                let lost = of_carrier.clone().filter(|&rank| {
                    let faults = one.of_store(StoreRank(rank)).iter();
                    faults.clone().any(|fault| fault.shared == Some(number) && fault.parts.has(Part::Backup))
                });
                let (lost, stores) = (lost.count(), of_carrier.count());
                assert!(lost == 0 || lost == stores, "{lost} of {stores} stores of a carrier");
                taken += u32::from(lost > 0);
                asked += 1;
            }
        }
    }
    let share = f64::from(taken) / f64::from(asked);
    let error = (0.25 * 0.75 / f64::from(asked)).sqrt();
    assert!((share - 0.25).abs() < z_limit(2) * error, "{share} of the carriers");
}

#[test]
fn a_parent_takes_the_line_of_its_provider_and_the_lte_of_its_carrier() {
    let text = r#"
        [parents.rogers]
        providers = ["rogers"]
        carriers = ["att"]
        [[faults.scheduled]]
        name = "core"
        scope = "parent"
        parent = "rogers"
        at = "2019-11-05 04:58"
        duration = "26 h"
    "#;
    let draw = "provider = { rogers = 0.5, bell = 0.5 }\ncarrier = { att = 0.5, verizon = 0.5 }";
    let scenario = scenario(&fleet(200, "", draw, text));
    let hits = &scenario.scheduled_faults[0].hits;
    for (rank, store) in scenario.stores.iter().enumerate() {
        let hit = hits.iter().find(|hit| hit.store == StoreRank(rank as u32));
        let parts = hit.map(|hit| hit.parts).unwrap_or_default();
        let carrier = &scenario.carriers[store.carrier.0 as usize].name;
        assert_eq!(parts.has(Part::Uplink), store.provider == "rogers");
        assert_eq!(parts.has(Part::Backup), carrier == "att");
    }
    assert!(hits.iter().any(|hit| hit.parts.has(Part::Uplink) && hit.parts.has(Part::Backup)));
}

#[test]
fn batteries_and_generators_bridge_what_they_can() {
    let cause = "[faults.causes.power]\nremedy = \"provider\"\nscope = \"site-power\"\nrate_per_year = 200\n\
                 repair = { low = \"0 min\", high = \"40 min\" }";
    let gone = |draw: &str| {
        let text = fleet(1_000, "", draw, cause);
        let scenario = scenario(&text);
        let key = Key { seed: scenario.seed, replication: 0 };
        let histories = (0..1_000).map(|rank| {
            let rank = StoreRank(rank);
            let window = window_of(&scenario.stores[rank.0 as usize]);
            faults::history(&scenario, rank, window, key, &SharedFaults::scheduled(&scenario)).faults
        });
        histories.flatten().map(|fault| fault.window.end.since(fault.window.start)).collect::<Vec<Span>>()
    };
    let all = gone("ups = \"0 min\"");
    let bridged = gone("ups = \"10 min\"");
    // A loss of U(0, 40 min) outlasts ten minutes with probability 3/4, and is then U(0, 30 min).
    let share = bridged.len() as f64 / all.len() as f64;
    let error = (0.75 * 0.25 / all.len() as f64).sqrt();
    assert!((share - 0.75).abs() < z_limit(2) * error, "{share} of the losses are felt");
    let minutes: Vec<f64> = bridged.iter().map(|span| span.as_secs_f64() / 60.0).collect();
    check(&[Quantity { name: "minutes without power".to_owned(), values: minutes, expected: 15.0 }]).unwrap();
    let generator = gone("ups = \"0 min\"\ngenerator = \"standby\"");
    assert!(generator.iter().all(|span| *span <= Span::from_secs(15)), "a generator takes over after 15 s");
    assert!(gone("ups = \"1 min\"\ngenerator = \"standby\"").is_empty());
}

#[test]
fn weather_freezes_and_load_change_rates_as_they_say() {
    let rate = |more: &str, format: &str| {
        let cause = format!(
            "[faults.causes.wear]\nremedy = \"provider\"\nscope = \"uplink\"\nrate_per_year = 73.05\nrepair = \"1 s\"\n{more}"
        );
        let text = fleet(2_000, "", "sales_spread = 0", &cause).replace("[formats.closed]", format);
        let text = if format == "[formats.closed]" {
            text
        } else {
            text.replace("customers_per_day = 0", "customers_per_day = 4320")
        };
        let scenario = scenario(&text);
        let key = Key { seed: scenario.seed, replication: 0 };
        let onsets = (0..2_000).map(|rank| {
            let window = window_of(&scenario.stores[rank as usize]);
            let all =
                faults::history(&scenario, StoreRank(rank), window, key, &SharedFaults::scheduled(&scenario));
            all.faults.iter().filter(|fault| fault.window.start >= window.start).count()
        });
        // Onsets a store and day: 0.2 at the plain rate.
        (onsets.sum::<usize>() as f64, 2_000.0 * 10.0)
    };
    let near = |(found, store_days): (f64, f64), expected: f64, what: &str| {
        let z = (found - expected * store_days) / (expected * store_days).sqrt();
        assert!(z.abs() < z_limit(4), "{what}: {found} against {} (z = {z:.2})", expected * store_days);
    };
    let closed = "[formats.closed]";
    near(rate("", closed), 0.2, "plain");
    let storm = "weather = true\n[[faults.weather]]\nname = \"storm\"\nat = \"2019-11-03 06:00\"\nduration = \"12 h\"\nfactor = 4";
    near(rate(storm, closed), 0.2 * (1.0 + 3.0 * 0.5 / 10.0), "half a day of ten at four times the rate");
    let freeze = "freeze_factor = 0.3\n[[faults.freeze]]\nfirst_day = 2019-11-04\nlast_day = 2019-11-08";
    near(rate(freeze, closed), 0.2 * (0.5 + 0.5 * 0.3), "five days of ten frozen");
    // 4,320 customers a day of five seconds each keep two tills busy an eighth of the time: the rate is 1 + 7/8 of the plain one.
    let busy = "[formats.closed.hours]\nopen = \"00:00\"\nclose = \"24:00\"\n\
                [formats.closed.curve]\nweekday = \"flat\"\nweekend = \"flat\"\n\
                [formats.closed]\nlanes = 2\nscan = \"5 s\"";
    let sells = |more: &str| rate(more, busy);
    near(rate("load_factor = 8", closed), 0.2, "no customers, no load");
    near(sells("load_factor = 8"), 0.2 * (1.0 + 7.0 / 8.0), "an eighth of the tills busy");
}

#[test]
fn a_freeze_of_local_days_holds_for_the_fleet_while_it_holds_everywhere() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let stores = "id,format,timezone\neast,closed,America/New_York\nwest,closed,America/Los_Angeles\n";
    std::fs::write(directory.path().join("fleet.csv"), stores).expect("writable");
    let more = "[faults.causes.push]\nscope = \"fleet\"\nrate_per_year = 3652.5\nrepair = \"1 s\"\nremedy = \"remote\"\n\
                freeze_factor = 0\n[[faults.freeze]]\nfirst_day = 2019-11-05\nlast_day = 2019-11-05";
    let generate =
        "[fleet.generate]\n        stores = 2\n        format = \"closed\"\n        timezone = \"UTC\"";
    let text = fleet(2, "", "", more).replace(generate, "[fleet]\n        file = \"fleet.csv\"");
    let path = directory.path().join("scenario.toml");
    std::fs::write(&path, text).expect("writable");
    let scenario = scenario_file(&path, &[]);
    let all = drawn(&scenario, 200);
    let onsets: Vec<u64> = all
        .iter()
        .flat_map(|one| &one.faults)
        .map(|fault| fault.window.start.as_nanos() / 1_000_000_000)
        .collect();
    // From midnight in the west, when the east has begun long since, to midnight in the east.
    let (from, until) = (1_572_940_800_u64, 1_573_016_400);
    assert!(onsets.iter().all(|onset| !(from..until).contains(onset)), "nobody pushes in a freeze");
    // Ten a day in the 30 days and 14 hours that are drawn, and in those of the western clocks, less the 21 hours.
    let drawn_s =
        scenario.window.end.since(scenario.shared_faults_from).as_secs_f64() - (until - from) as f64;
    let expected = 200.0 * 10.0 * drawn_s / 86_400.0;
    let z = (onsets.len() as f64 - expected) / expected.sqrt();
    assert!(z.abs() < z_limit(1), "{} against {expected} (z = {z:.2})", onsets.len());
}

#[test]
fn a_blackout_with_a_cut_line_keeps_the_line_cut_while_the_battery_lasts() {
    let more = r#"
        [[faults.scheduled]]
        name = "storm"
        scope = "region"
        breaks = ["site-power", "uplink"]
        at = "2019-11-05 12:00"
        duration = "30 min"
    "#;
    let scenario = scenario(&fleet(1, "", "ups = \"10 min\"", more));
    let key = Key { seed: scenario.seed, replication: 0 };
    let window = window_of(&scenario.stores[0]);
    let felt =
        faults::history(&scenario, StoreRank(0), window, key, &SharedFaults::scheduled(&scenario)).faults;
    let [line, power] = &felt[..] else { panic!("{felt:?}") };
    assert!(line.parts == Parts::of(Part::Uplink) && power.parts == Parts::of(Part::Power));
    assert_eq!(
        power.window.start.since(line.window.start),
        Span::from_secs(600),
        "the battery bridges ten minutes"
    );
    assert_eq!((power.window.end, power.cause), (line.window.end, line.cause), "one fault");
}

/// The mark of a candidate meets the phones' share of the cell: thinning (Lewis and Shedler 1979) at a declared ceiling.
#[test]
fn phones_raise_the_rate_of_what_breaks_lte() {
    let found = |share: &str| {
        let hours = vec![share; 24].join(", ");
        let more = format!(
            "[faults.causes.wear]\nremedy = \"provider\"\nscope = \"backup\"\nrate_per_year = 73.05\nrepair = \"1 s\"\n\
             load_factor = 5\n[lte.phones]\nhours = [{hours}]"
        );
        let scenario = scenario(&fleet(2_000, "", "", &more));
        let key = Key { seed: scenario.seed, replication: 0 };
        let onsets = (0..2_000).map(|rank| {
            let window = window_of(&scenario.stores[rank as usize]);
            let all =
                faults::history(&scenario, StoreRank(rank), window, key, &SharedFaults::scheduled(&scenario));
            all.faults.iter().filter(|fault| fault.window.start >= window.start).count()
        });
        onsets.sum::<usize>() as f64
    };
    // Two tenths a store and day without phones; five times as many with all airtime taken.
    for (share, factor) in [("0.0", 1.0), ("0.25", 2.0), ("1.0", 5.0)] {
        let expected = 0.2 * factor * 2_000.0 * 10.0;
        let z = (found(share) - expected) / f64::sqrt(expected);
        assert!(z.abs() < z_limit(3), "phones {share}: z = {z:.2}");
    }
}
