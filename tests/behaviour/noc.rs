//! The operations centre: who is served first, what limits it, and what a way into the store is worth, cause by cause.

use std::collections::BTreeMap;

use tinsel::kernel::draws::Key;
use tinsel::kernel::driver::{Granted, Stepping};
use tinsel::measure::estimators::mean_interval;
use tinsel::model::shared::noc::{Alarm, Noc, NocMessage, Remedy, TicketDraws};
use tinsel::scenario::resolved::{PlaybookId, Scenario};
use tinsel::simulation::result::{IncidentCause, ReplicationResult};
use tinsel::simulation::{Execution, Progress, run};
use tinsel::units::{SimTime, Span};

use super::lab::{outcome, scenario};
use super::shop::SHOP;

/// Stores without customers, open around the clock unless `more` says otherwise, whose routers hang.
fn centre(stores: u32, draw: &str, more: &str) -> String {
    let off: String =
        OTHERS.iter().map(|cause| format!("[faults.causes.{cause}]\nenabled = false\n")).collect();
    format!(
        r#"
        [scenario]
        name = "a centre"
        seed = 60
        replications = 1
        first_day = 2019-11-20
        last_day = 2019-11-23
        interval = "1 h"
        [fleet.generate]
        stores = {stores}
        format = "quiet"
        timezone = "UTC"
        market = "here"
        [fleet.draw]
        technology = "fibre_dia"
        carrier = "att"
        topology = "none"
        signal = "15 dB"
        {draw}
        [formats.quiet]
        based_on = "mall_specialty"
        customers_per_day = 0
        [formats.quiet.hours]
        open = "00:00"
        close = "24:00"
        [formats.quiet.curve]
        weekday = "flat"
        weekend = "flat"
        [noc]
        enabled = true
        timezone = "UTC"
        {more}
        {off}
        "#
    )
}

/// What hits many stores at once, power and tills: switched off, so that a test has the causes it is about.
const OTHERS: [&str; 11] = [
    "pos_terminal_hw",
    "store_power_ordinary",
    "store_power_major",
    "market_fibre_cut",
    "provider_core",
    "mobile_core",
    "payment_processor_outage",
    "payment_brownout",
    "retailer_dc_or_app_outage",
    "config_push_fleet",
    "expired_certificate_fleet",
];

/// Faults of all stores at noon of the first day, mended as a configuration push is.
const PUSH: &str = "[[faults.scheduled]]\nname = \"push\"\nscope = \"router\"\nat = \"2019-11-20 12:00\"\n\
                    duration = \"2 h\"\nplaybook = \"config_push_fleet\"\n";

fn first(scenario: &Scenario) -> ReplicationResult {
    outcome(scenario).replications.swap_remove(0)
}

#[test]
fn the_ticket_with_more_at_risk_comes_first_then_the_older_then_the_lower_store() {
    let text = centre(
        4,
        "",
        "[noc.acknowledge]\nhigh = \"0 s\"\nmedium = \"0 s\"\nlow = \"0 s\"\n\
         [noc.shifts]\nday = 1\nnight = 1\n[noc.priority]\nhigh = \"$1000\"\nmedium = \"$100\"\n",
    );
    let scenario = scenario(&text);
    let mut facts = (**scenario.noc.as_ref().expect("it is on")).clone();
    for (store, dollars) in facts.stores.iter_mut().zip([5_000, 50, 5_000, 200]) {
        store.hourly_sales = tinsel::units::Cents(dollars * 100);
    }
    let start = scenario.window.start;
    let key = Key { seed: 1, replication: 0 };
    let mut noc = Noc::new(std::sync::Arc::new(facts), key, start, scenario.window.end);
    let alarm = |store: u32| {
        NocMessage::Alarm(Alarm {
            fault: store,
            cause: IncidentCause::Scheduled(0),
            onset: start,
            playbook: Some(PlaybookId(0)),
            ends: SimTime::NEVER,
            shared: None,
            at_risk: 1.0,
            path: false,
            draws: TicketDraws::new(&scenario.stores[store as usize].id, "x", start),
        })
    };
    let second = |seconds| start + Span::from_secs(seconds);
    // Store 1 comes alone and is taken at once; the others wait for the only engineer.
    let messages = [(second(1), 1), (second(2), 3), (second(3), 2), (second(4), 0), (second(4), 3)];
    let mut grants: Vec<Granted<(u32, Remedy)>> = Vec::new();
    noc.fold(second(10), messages.into_iter().map(|(at, store)| (at, store, alarm(store))), &mut grants);
    noc.fold(scenario.window.end, std::iter::empty(), &mut grants);
    let (tickets, _) = noc.into_books();
    let mut order: Vec<_> = tickets.iter().map(|row| (row.in_progress, row.store.0, row.opened)).collect();
    order.sort();
    let stores: Vec<u32> = order.iter().map(|&(_, store, _)| store).collect();
    assert_eq!(stores, [1, 2, 0, 3, 3]);
    assert!(tickets.iter().all(|row| row.in_progress.is_some()));
}

#[test]
fn a_fleet_wide_cause_needs_sessions_and_people_and_gets_no_more_than_there_are() {
    let gear = "oobm = \"console\"";
    let with = |sessions: u32, engineers: u32| {
        let more = format!(
            "sessions = {sessions}\noobm_dead = 0\n[noc.shifts]\nday = {engineers}\nnight = {engineers}\n\
             [noc.playbooks.config_push_fleet]\nconsole = 1\n{PUSH}"
        );
        first(&scenario(&centre(40, gear, &more)))
    };
    let last = |result: &ReplicationResult| {
        let pushed = result.incidents.iter().filter(|row| row.cause == IncidentCause::Scheduled(0));
        pushed.filter_map(|row| row.repaired).max().expect("repairs")
    };
    let peak = |result: &ReplicationResult| result.noc_hours.iter().map(|hour| hour.sessions_max).max();
    let (ample, sessions, people) = (with(100, 100), with(4, 100), with(100, 3));
    assert_eq!((peak(&sessions), peak(&people)), (Some(4), Some(3)));
    assert!(peak(&ample) > Some(8));
    assert!(last(&sessions) > last(&ample) && last(&people) > last(&sessions));
    for result in [&ample, &sessions, &people] {
        let pushed: Vec<_> =
            result.tickets.iter().filter(|row| row.cause == IncidentCause::Scheduled(0)).collect();
        assert!(pushed.len() == 40 && pushed.iter().all(|row| row.remedy == Some(Remedy::Remote)));
        assert!(result.noc_hours.iter().all(|hour| hour.busy <= hour.on_duty));
    }
}

#[test]
fn nobody_is_served_while_nobody_is_on_duty() {
    let more =
        format!("[noc.shifts]\nday_from = \"13:00\"\nday_until = \"20:00\"\nday = 5\nnight = 0\n{PUSH}");
    let result = first(&scenario(&centre(5, "", &more)));
    let begins = SimTime::from_unix_seconds(1_574_208_000 + 13 * 3_600);
    let pushed = result.tickets.iter().filter(|row| row.cause == IncidentCause::Scheduled(0));
    let began: Vec<_> = pushed.map(|row| row.in_progress.expect("taken on the first day")).collect();
    assert_eq!(began.len(), 5);
    assert!(began.contains(&begins), "{began:?}");
    assert!(began.iter().all(|&at| at >= begins));
}

#[test]
fn a_unit_on_the_stores_own_carrier_fails_with_it_and_one_on_another_does_not() {
    // LTE is out before the routers hang, and for longer than anybody looks: at every store by itself, or the carrier's core.
    let faults = |scope: &str| {
        format!(
            "oobm_dead = 0\n[noc.playbooks.config_push_fleet]\nconsole = 1\noutlet = 1\n{PUSH}\
             [[faults.scheduled]]\nname = \"carrier\"\n{scope}\nat = \"2019-11-20 11:00\"\nduration = \"60 h\"\n"
        )
    };
    let remedies = |scope: &str, carrier: &str| -> BTreeMap<&'static str, usize> {
        let gear = format!("oobm = \"console-outlet\"\noobm_carrier = \"{carrier}\"").replace("topology", "");
        let text =
            centre(20, &gear, &faults(scope)).replace("topology = \"none\"", "topology = \"second-router\"");
        let result = first(&scenario(&text));
        let mut found = BTreeMap::new();
        for row in result.tickets.iter().filter(|row| row.cause == IncidentCause::Scheduled(0)) {
            *found.entry(row.remedy.map_or("none", Remedy::name)).or_default() += 1;
        }
        found
    };
    for scope in ["scope = \"backup\"", "scope = \"carrier\"\ncarriers = [\"att\"]"] {
        let same = remedies(scope, "same");
        assert!(!same.contains_key("remote") && same.values().sum::<usize>() == 20, "{scope}: {same:?}");
        assert_eq!(remedies(scope, "verizon"), BTreeMap::from([("remote", 20)]), "{scope}");
    }
}

/// Duration of each incident of each cause, with its address: store and onset.
type Durations = BTreeMap<(IncidentCause, u32, SimTime), f64>;

fn durations(scenario: &Scenario) -> (Vec<Durations>, Vec<Vec<String>>, u32) {
    let result = outcome(scenario);
    let own = scenario.noc.as_ref().expect("it is on");
    let is_own = |cause| match cause {
        IncidentCause::Process(id) => own.playbook_of_cause[id.0 as usize].is_some(),
        IncidentCause::Scheduled(_) | IncidentCause::Latent | IncidentCause::FalseAlarm => false,
    };
    let waiting =
        result.replications.iter().flat_map(|one| &one.noc_hours).map(|hour| hour.waiting_max).max();
    let of = |one: &ReplicationResult| {
        one.incidents
            .iter()
            .filter(|row| is_own(row.cause))
            .filter_map(|row| {
                Some(((row.cause, row.store.0, row.fault), row.repaired?.since(row.fault).as_secs_f64()))
            })
            .collect()
    };
    let others = |one: &ReplicationResult| {
        one.incidents
            .iter()
            .filter(|row| !is_own(row.cause))
            .map(|row| format!("{row:?}").replace(&format!("number: {}", row.number), ""))
            .collect()
    };
    (
        result.replications.iter().map(of).collect(),
        result.replications.iter().map(others).collect(),
        waiting.unwrap_or(0),
    )
}

#[test]
fn what_a_unit_is_worth_by_cause_and_what_it_cannot_mend_is_the_same_to_the_byte() {
    // Rates so high that four days show each cause often, and causes seldom fall together at a store.
    let rates = "[faults.causes.cpe_hang_or_firmware]\nrate_per_year = 8\n\
                 [faults.causes.config_or_change_error]\nrate_per_year = 8\n\
                 [faults.causes.cpe_router_hardware]\nrate_per_year = 4\n\
                 [faults.causes.lan_switch]\nrate_per_year = 16\n\
                 [noc.shifts]\nday = 5000\nnight = 5000\n";
    let text = |gear: &str| {
        centre(60, gear, &format!("stores_per_technician = 1\nsessions = 5000\n{rates}"))
            .replace("replications = 1", "replications = 24")
    };
    let scenarios = ["oobm = \"none\"", "oobm = \"console\"", "oobm = \"console-outlet\""]
        .map(|gear| scenario(&text(gear)));
    let [none, console, outlet] = [0, 1, 2].map(|index| durations(&scenarios[index]));
    assert_eq!((none.2, console.2, outlet.2), (0, 0, 0), "nobody waits for an engineer");
    assert!(none.1.iter().map(Vec::len).sum::<usize>() > 40);
    assert_eq!(none.1, console.1);
    assert_eq!(none.1, outlet.1);
    // The replication is the unit: mean difference by fault that both designs saw mended.
    let effect = |cause: &str, with: &[Durations]| {
        let is = |found: IncidentCause| found.name(&scenarios[0]) == cause;
        let means: Vec<f64> = none
            .0
            .iter()
            .zip(with)
            .filter_map(|(without, with)| {
                let pairs = without.iter().filter(|((found, ..), _)| is(*found));
                let saved: Vec<f64> =
                    pairs.filter_map(|(fault, lasts)| Some(lasts - with.get(fault)?)).collect();
                (!saved.is_empty()).then(|| saved.iter().sum::<f64>() / saved.len() as f64 / 3_600.0)
            })
            .collect();
        let interval = mean_interval(&means, 0.99).expect("values");
        println!("{cause}: {:.2} h ({:?} to {:?})", interval.estimate, interval.low, interval.high);
        interval
    };
    for cause in ["cpe_hang_or_firmware", "config_or_change_error", "lan_switch"] {
        assert!(effect(cause, &console.0).low > Some(0.0), "{cause}");
        assert!(effect(cause, &outlet.0).low > Some(0.0), "{cause}");
    }
    // A switched outlet helps a hung router more than a console; a stored configuration it does not help.
    let hang = [&console.0, &outlet.0].map(|with| effect("cpe_hang_or_firmware", with).estimate);
    assert!(hang[1] > hang[0]);
    let config = [&console.0, &outlet.0].map(|with| effect("config_or_change_error", with).estimate);
    assert_eq!(config[0].to_bits(), config[1].to_bits());
    // Broken hardware: what is tried in vain costs about as much as the rare success saves.
    let hardware = effect("cpe_router_hardware", &console.0);
    assert!(hardware.estimate.abs() < 1.0, "{hardware:?}");
}

#[test]
fn without_a_unit_the_times_are_near_the_totals_of_the_causes() {
    // Totals of the catalogue: lognormal means, hours. The centre's times are made of other parts, so "near" is a factor of 2.
    let totals = [
        ("cpe_hang_or_firmware", 5.5),
        ("config_or_change_error", 3.7),
        ("cpe_router_hardware", 10.2),
        ("lan_switch", 8.3),
    ];
    let rates: String =
        totals.iter().map(|(cause, _)| format!("[faults.causes.{cause}]\nrate_per_year = 4\n")).collect();
    let hours = "[formats.quiet.hours]\nopen = \"07:00\"\nclose = \"22:00\"\n";
    let text = centre(150, "", &format!("{rates}[noc.shifts]\nday = 500\nnight = 500\n"))
        .replace("[formats.quiet.hours]\n        open = \"00:00\"\n        close = \"24:00\"\n", hours)
        .replace("replications = 1", "replications = 8")
        .replace("last_day = 2019-11-23", "last_day = 2019-12-01");
    let scenario = scenario(&text);
    let result = outcome(&scenario);
    let mut far = Vec::new();
    for (cause, expected) in totals {
        let lasts: Vec<f64> = result
            .replications
            .iter()
            .flat_map(|one| &one.incidents)
            .filter(|row| row.cause.name(&scenario) == cause && row.fault >= scenario.window.start)
            .filter_map(|row| Some(row.repaired?.since(row.fault).as_secs_f64() / 3_600.0))
            .collect();
        let mean = lasts.iter().sum::<f64>() / lasts.len() as f64;
        println!("{cause}: {mean:.2} h of {} faults, total {expected} h", lasts.len());
        if !(expected / 2.0..expected * 2.0).contains(&mean) {
            far.push(format!("{cause}: {mean} h"));
        }
    }
    assert!(far.is_empty(), "{far:?}");
}

#[test]
fn every_grid_instant_visited_and_any_number_of_threads_give_the_same_books() {
    let rates = "[faults.causes.cpe_hang_or_firmware]\nrate_per_year = 200\n\
                 [faults.causes.lte_site_local]\nrate_per_year = 300\n\
                 [faults.causes.access_provider_equipment_or_config]\nrate_per_year = 100\n\
                 [noc.shifts]\nday = 2\nnight = 1\n[faults]\nlead_in = \"2 days\"\n";
    let gear = "oobm = { console = 1, console-outlet = 1, none = 1 }";
    let text = centre(12, gear, &format!("sessions = 1\nstores_per_technician = 12\n{rates}"))
        .replace("topology = \"none\"", "topology = { none = 1, second-router = 1, in-router = 1 }");
    let scenario = scenario(&text);
    let books = |execution: Execution, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let result =
            pool.install(|| run(&scenario, execution, &Progress::default())).expect("nobody cancels it");
        let one = &result.replications[0];
        format!("{:?}\n{:?}\n{:?}\n{:?}", one.tickets, one.noc_hours, one.incidents, one.days)
    };
    let skipping = books(Execution::default(), 1);
    assert!(skipping.contains("Remote") && skipping.contains("OnSite") && skipping.contains("Staff"));
    assert_eq!(skipping, books(Execution { stepping: Stepping::Every, every_twin: true }, 1));
    assert_eq!(skipping, books(Execution::default(), 4));
}

#[test]
fn a_centre_changes_nothing_at_a_shop_where_only_the_provider_breaks_things() {
    let fault = "[[faults.scheduled]]\nname = \"cut\"\nscope = \"uplink\"\nat = \"2019-11-20 12:00\"\nduration = \"2 h\"\n";
    let with = |noc: &str| {
        let more = Box::leak(format!("{fault}{noc}").into_boxed_str());
        super::shop::Shop { more, ..SHOP }.run()
    };
    let (off, on) = (with(""), with("[noc]\nenabled = true\n"));
    assert_eq!(format!("{:?}{:?}", off.incidents, off.days), format!("{:?}{:?}", on.incidents, on.days));
    let [ticket] = on.tickets.as_slice() else { panic!("one ticket, not {:?}", on.tickets) };
    assert_eq!(ticket.remedy, Some(Remedy::Provider));
    assert_eq!(ticket.resolved, on.incidents[0].repaired);
    assert_eq!((off.tickets.len(), on.stores[0].truck_rolls), (0, 0));
}
