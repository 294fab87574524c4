//! Whatever a small scenario has, it runs to its end, every ledger closes, stages come in order, and visiting every grid
//! instant changes nothing.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::lab::{outcome, scenario};
use super::regressions::in_order;
use tinsel::kernel::driver::Stepping;
use tinsel::simulation::{Execution, Progress, run};
use tinsel::units::Span;

/// The same scenarios in every run; whoever hunts for more changes these two and keeps what they find in
/// `tests/regressions/`.
const SEED: u64 = 20_191_129;
const CASES: u32 = 80;

const PROFILES: [&str; 24] = [
    "bfd-300x3",
    "bgp",
    "carrier-loss",
    "cradlepoint-active-ping",
    "cradlepoint-default-off",
    "cradlepoint-fast",
    "digi-surelink",
    "fortinet-sdwan",
    "ipsla-default",
    "ipsla-fast",
    "meraki-mx-soft",
    "mwan3-default-4ip",
    "mwan3-single-ip",
    "netcomm-ntc-140",
    "networkmanager",
    "opengear-om-oob",
    "opnsense-dpinger",
    "ospf",
    "peplink-default",
    "pfsense-dpinger",
    "strongswan-dpd",
    "vrrp",
    "vrrp-script",
    "wireguard",
];
const TOPOLOGIES: [&str; 5] = ["in-router", "second-router", "oobm-gateway", "oobm-only", "none"];
const STANDBYS: [&str; 5] = ["cold", "radio-off", "warm", "hot", "hot-active"];
const TECHNOLOGIES: [&str; 4] = ["fibre_dia", "cable", "dsl", "lte"];
const SCOPES: [&str; 13] = [
    "uplink",
    "router",
    "switch",
    "backup",
    "lane",
    "store-server",
    "site-power",
    "market",
    "region",
    "provider",
    "carrier",
    "fleet",
    "service",
];
const FAILBACKS: [&str; 8] = [
    "failback = \"immediate\"",
    "failback = \"hold-down\"\nhold_down = \"90 s\"",
    "failback = \"idle\"\nfailback_idle = \"4 min\"",
    "failback = \"window\"\nfailback_from = \"18:00\"\nfailback_to = \"07:00\"",
    "failback = \"manual\"\nfailback_from = \"08:00\"\nfailback_to = \"16:00\"",
    "failback = \"manual\"\nfailback_manual = { low = \"0 s\", high = \"2 h\" }",
    "failback = \"never\"",
    "[profiles.fortinet-sdwan.damping]\nhalf_life = \"5 min\"\nlongest = \"2 h\"",
];
const SIGNATURES: [&str; 5] = ["carrier-lost", "blackhole", "partial-loss", "latency", "announced"];

/// A scheduled fault: what, how it looks, minute of the first day, length in ms, share of stores.
fn scheduled() -> impl Strategy<Value = String> {
    let words = (prop::sample::select(&SCOPES[..]), prop::sample::select(&SIGNATURES[..]));
    let times = (0..1_440_u32, prop_oneof![1..2_000_u64, 2_000..100_000_u64, 100_000..20_000_000_u64]);
    let of_service = (prop::sample::select(&["", "processor", "other"][..]), any::<bool>());
    (words, times, 0.3..1.0, of_service).prop_map(|(words, (minute, length_ms), share, (service, whole))| {
        let (scope, signature) = words;
        // Half of those of services hit the service itself, and one or the other.
        let whole = whole && scope == "service";
        let (share, spread) = if whole { (1.0, "0 s") } else { (share, "5 s") };
        let service = match (scope, service) {
            ("service", name) if !name.is_empty() => format!("service = \"{name}\"\n"),
            _ => String::new(),
        };
        format!(
            "[[faults.scheduled]]\nname = \"m{minute} {scope} {length_ms}\"\nscope = \"{scope}\"\n\
             signature = \"{signature}\"\nloss = 0.4\nat = \"2019-11-29 {:02}:{:02}\"\n\
             duration = \"{length_ms} ms\"\nspread = \"{spread}\"\nshare = {share:.3}\n{service}",
            minute / 60,
            minute % 60
        )
    })
}

fn fleet() -> impl Strategy<Value = String> {
    let some = |words: &'static [&'static str]| {
        prop::sample::subsequence(words, 1..=words.len()).prop_map(|chosen| {
            let weights: Vec<String> = chosen.iter().map(|word| format!("{word} = 1")).collect();
            format!("{{ {} }}", weights.join(", "))
        })
    };
    (some(&PROFILES), some(&TOPOLOGIES), some(&STANDBYS), some(&TECHNOLOGIES), 1..7_u32, any::<bool>()).prop_map(
        |(profile, topology, standby, technology, stores, one_site)| {
            format!(
                "[fleet.generate]\nstores = {stores}\nformat = \"small\"\nmarket = \"M\"\nregion = \"R\"\nsite = \"{}\"\n\
                 [fleet.draw]\nprofile = {profile}\ntopology = {topology}\nstandby = {standby}\n\
                 technology = {technology}\ncarrier = \"att\"\nsignal = {{ mean = \"3 dB\", sd = \"8 dB\" }}\n\
                 modem = {{ cat-1 = 1, cat-4 = 1 }}\nplan = {{ own = 1, pool = 1, none = 1 }}\n{}\
                 [plans.own]\ncap = \"20 MB\"\nthrottle = \"64 kbps\"\n\
                 [plans.pool]\ncap = \"50 MB\"\npooled = true\nthrottle = \"64 kbps\"\npriority = true\n\
                 [lte.dual_sim]\n{}\n\
                 [lte.latent]\nrate_per_year = 40\ntest_interval = \"10 days\"\nrepair = \"2 h\"\n",
                if one_site { "mall" } else { "" },
                if stores % 2 == 0 { "carrier2 = { verizon = 1, none = 1 }\n" } else { "" },
                ["back = \"never\"", "back_after = \"5 min\"", ""][stores as usize % 3]
            )
        },
    )
}

fn payments() -> impl Strategy<Value = String> {
    (0..3_u32, 1..60_u32, 0..10_u32, any::<bool>(), 0..5_u32, any::<bool>(), any::<bool>()).prop_map(
        |(retries, timeout_s, backoff_s, offline, stored, flush, second)| {
            let (log, share) = (20 * timeout_s, 1 + 3 * backoff_s);
            let policy = if retries % 2 == 0 { "allow" } else { "block" };
            let second = if second { "second_acquirer = \"other\"\n" } else { "" };
            format!(
                "[payments]\nretries = {retries}\ntimeout = \"{timeout_s} s\"\nbackoff = \"{backoff_s} s\"\n\
                 decline = \"5 %\"\n{second}[formats.small.offline]\nenabled = {offline}\nfloor_limit = \"$60\"\n\
                 count_max = {stored}\n[formats.small.traffic.sales_log]\nup = \"{log} kbps\"\ndown = \"40 kbps\"\n\
                 piles_up = {flush}\nopen_hours_only = {offline}\nlte = \"{policy}\"\n\
                 [resync]\npayments_per_s = 0.05\ndata_share = \"{share} %\"\n\
                 over_lte = \"{}\"\n[profiles.fortinet-sdwan]\nflush_flows = {flush}\n",
                ["allow", "block", "payments-only"][stored as usize % 3],
            )
        },
    )
}

/// Services: none that is finite, or one that may be too small, with a fault, a standby, online orders, a second acquirer.
fn services() -> impl Strategy<Value = String> {
    let finite = prop::option::of((1..4_u32, 0..20_u32, 0.2..1.0_f64, 0..10_u32));
    let fault = prop::option::of((0..1_440_u32, 1..20_000_u32, any::<bool>(), any::<bool>()));
    let orders = (0..20_000_u32, prop_oneof![Just(100), 1..800_u32]);
    let step = prop::sample::select(&["1 s", "1 s", "4 s", "250 ms"][..]);
    let rest = (any::<bool>(), orders, step);
    (finite, fault, rest).prop_map(|(finite, fault, (standby, (orders, order_ms), step))| {
        let capacity = finite.map_or(String::new(), |(servers, queue, efficiency, crashes)| {
            format!(
                "[services.processor]\nservers = {servers}\nqueue_limit = {queue}\nstep = \"{step}\"\n\
                     [services.processor.overload]\nbegins = \"0.5 s\"\nfull = \"3 s\"\n\
                     efficiency = {efficiency:.2}\ncrashes_per_hour = {crashes}\nrestart = \"7 min\"\n"
            )
        });
        let fault = fault.map_or(String::new(), |(minute, length_s, outage, network)| {
            let kind = if outage { "outage" } else { "brownout" };
            format!(
                "[[services.processor.fault]]\nname = \"it\"\nkind = \"{kind}\"\nnetwork = {}\n\
                     failing = 0.2\nlatency = \"300 ms\"\ncapacity = 0.4\ntimezone = \"UTC\"\n\
                     at = \"2019-11-29 {:02}:{:02}\"\nduration = \"{length_s} s\"\n",
                network && outage,
                minute / 60,
                minute % 60
            )
        });
        format!(
            "{capacity}{fault}[services.processor.standby]\nenabled = {standby}\ncapacity = 0.5\n\
                 [services.other]\nservers = 1\n[online]\norders_per_day = {orders}\n\
                 service_time = \"{order_ms} ms\"\n"
        )
    })
}

/// An operations centre, or none, and what the stores have for it.
fn centre() -> impl Strategy<Value = (String, String)> {
    let people = (1..4_u32, 0..2_u32, 0..3_u32, 10..2_000_u32, 1..4_u32);
    let gear = prop_oneof![Just("none"), Just("console"), Just("console-outlet"), Just("by-topology")];
    (any::<bool>(), people, gear, prop_oneof![Just("same"), Just("verizon")], 0..4_u32).prop_map(
        |(enabled, (day, night, sessions, poll_s, polls), gear, carrier, ports)| {
            let draw = format!("oobm = \"{gear}\"\noobm_carrier = \"{carrier}\"\nconsole_ports = {ports}\n");
            let centre = format!(
                "[noc]\nenabled = {enabled}\nsessions = {sessions}\npoll = \"{poll_s} s\"\npolls_to_alarm = {polls}\n\
                 [noc.acknowledge]\nhigh = \"1 min\"\n[noc.shifts]\nday = {day}\nnight = {night}\n"
            );
            (draw, centre)
        },
    )
}

/// What stores keep open: a tunnel, one connection for their payments, long transfers; or none of them.
fn flows() -> impl Strategy<Value = String> {
    let tunnel = prop_oneof![
        Just(String::new()),
        (any::<bool>(), 0..40_u32)
            .prop_map(|(mobike, check_s)| format!("ikev2]\nmobike = {mobike}\ncheck = \"{check_s} s\"\n")),
        any::<bool>().prop_map(|roams| format!("wireguard]\nroams = {roams}\nstays = \"50 min\"\n")),
    ];
    let kept = prop::option::of((1..1_000_u32, 0..300_u32, 1..300_u32));
    (tunnel, kept, 0..3_u32, 1..200_u32, any::<bool>()).prop_map(|(tunnel, kept, thirds, stays_min, in_tunnel)| {
        let mut tables = String::new();
        if !tunnel.is_empty() {
            PROFILES.iter().for_each(|profile| tables += &format!("[profiles.{profile}.{tunnel}"));
        }
        if let Some((give_up_s, heartbeat_s, stays_min)) = kept {
            tables += &format!(
                "[payments.kept]\ngive_up = \"{give_up_s} s\"\nheartbeat = \"{heartbeat_s} s\"\n\
                 stays = {{ low = \"0 s\", high = \"{stays_min} min\" }}\n"
            );
        }
        let share = f64::from(thirds) / 3.0;
        tables
            + &format!(
                "[formats.small.traffic.voip_g711]\nkept = {share}\nstays = \"{stays_min} min\"\nin_tunnel = {in_tunnel}\n"
            )
    })
}

fn any_scenario() -> impl Strategy<Value = String> {
    let faults = (prop::collection::vec(scheduled(), 0..6), 0..1_500_u32, any::<bool>());
    let rest = (prop::option::of(0.05..20.0_f64), prop::sample::select(&FAILBACKS[..]));
    (any::<u32>(), fleet(), payments(), faults, rest, services(), centre(), flows()).prop_map(
        |(
            seed,
            fleet,
            payments,
            (scheduled, flaps, lead_in),
            (registrations, failback),
            services,
            (gear, centre),
            flows,
        )| {
            // What stores have for the centre is drawn with the rest of the fleet.
            let fleet = fleet.replace("[plans.own]", &format!("{gear}[plans.own]"));
            let registrations = registrations.map_or(String::new(), |rate| {
                let overload = ["wait", "unanswered", "refuse"][seed as usize % 3];
                format!(
                    "[carriers.att]\nregistrations_per_s = {rate}\nphones = {}\noverload = \"{overload}\"\n\
                         overload_wait = \"5 s\"\n[lte.bring_up]\nt3346 = \"200 s\"\nt3402 = \"90 s\"\n",
                    100.0 * rate
                )
            });
            format!(
                "[scenario]\nname = \"any\"\nseed = {seed}\nreplications = 1\n\
                 first_day = 2019-11-29\nlast_day = 2019-11-29\ninterval = \"1 h\"\n\
                 cell_timeline = true\n\
                 {fleet}{payments}{services}{registrations}{centre}\
                 [profiles.pfsense-dpinger]\n{failback}\n{flows}\
                 [formats.small]\nbased_on = \"mall_specialty\"\ncustomers_per_day = 300\nlanes = 4\n\
                 [technologies.cable]\nflaps_per_year = {flaps}\nloss = 0.05\n\
                 [technologies.dsl]\nfault_multiplier = 300\n\
                 [faults]\nlead_in = \"{}\"\n[faults.causes.cpe_hang_or_firmware]\nrate_per_year = 100\n\
                 [faults.causes.market_fibre_cut]\nrate_per_year = 100\n\
                 [faults.causes.store_power_major]\nrate_per_year = 50\ncell_battery = \"10 min\"\n\
                 [faults.causes.mobile_core]\nrate_per_year = 50\n\
                 [faults.causes.pos_terminal_hw]\nrate_per_year = 30\nload_factor = 4\n\
                 [faults.causes.lte_site_local]\nrate_per_year = 25\nload_factor = 6\nload = \"published\"\n\
                 [faults.causes.payment_brownout]\nrate_per_year = 50\n{}",
                if lead_in { "5 days" } else { "0 s" },
                scheduled.concat()
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_small_scenario_runs_and_closes_its_books(text in any_scenario()) {
        let scenario = scenario(&text);
        let result = outcome(&scenario);
        let replication = &result.replications[0];
        let execution = Execution { stepping: Stepping::Every, every_twin: true };
        let every = run(&scenario, execution, &Progress::default()).expect("nobody cancels it");
        let every = &every.replications[0];
        prop_assert_eq!(format!("{:?}", replication.days), format!("{:?}", every.days));
        prop_assert_eq!(format!("{:?}", replication.incidents), format!("{:?}", every.incidents));
        prop_assert_eq!(format!("{:?}", replication.losses), format!("{:?}", every.losses));
        prop_assert_eq!(format!("{:?}", replication.cells), format!("{:?}", every.cells));
        prop_assert_eq!(format!("{:?}", replication.carriers), format!("{:?}", every.carriers));
        prop_assert_eq!(format!("{:?}", replication.stores), format!("{:?}", every.stores));
        prop_assert_eq!(format!("{:?}", replication.services), format!("{:?}", every.services));
        prop_assert_eq!(format!("{:?}", replication.tickets), format!("{:?}", every.tickets));
        prop_assert_eq!(format!("{:?}", replication.noc_hours), format!("{:?}", every.noc_hours));
        for ticket in &replication.tickets {
            prop_assert!(ticket.resolved.is_some() == ticket.remedy.is_some(), "{:?}", ticket);
            prop_assert!(ticket.in_progress.is_none_or(|at| Some(at) >= ticket.acknowledged), "{:?}", ticket);
        }
        for hour in &replication.noc_hours {
            prop_assert!(hour.sessions <= hour.busy, "{:?}", hour);
        }
        for row in &replication.incidents {
            prop_assert!(in_order(row), "{:?}", row);
        }
        for row in &replication.stores {
            let data = row.resynced;
            prop_assert!(data.over_lte <= data.caught_up && data.caught_up <= data.piled, "{:?}", data);
            prop_assert!(row.ledger.replayed <= row.ledger.authorized_offline, "{:?}", row.ledger);
        }
        for day in &replication.days {
            let whole = Span::from_secs(86_400);
            prop_assert!(day.times.dark <= day.times.gap && day.times.gap <= whole, "{:?}", day.times);
            // Starved LTE is both.
            prop_assert!(day.times.stuck <= whole - day.times.lte, "{:?}", day.times);
            prop_assert!(day.times.lte <= whole, "{:?}", day.times);
        }
    }
}
