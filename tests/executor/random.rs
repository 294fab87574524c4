//! Two hundred random small scenarios under both executors: paired differences of the main metrics.

use super::agreement::{Metrics, both, farthest};
use super::lab::scenario;
use super::plain::READ_EVERY;
use tinsel::kernel::draws::{Address, Entity, Key};
use tinsel::measure::estimators::mean_interval;
use tinsel::units::Span;

const SEED: u64 = 20_191_129;
const SCENARIOS: u64 = 200;
/// Of each interval.
const CONFIDENCE: f64 = 0.99;
/// The interval of each metric's difference lies within this share of the metric. Paired runs have nearly no noise, so that
/// the little that published state does to bytes is seen: a store that leaves a full cell leaves its airtime unused until
/// the cell's next instant, which is a few bytes in a million.
const EQUIVALENCE: f64 = 1e-3;

/// Choices of one scenario, in the order in which they are asked for.
struct Choices {
    key: Key,
    made: u64,
}

impl Choices {
    fn word(&mut self) -> u64 {
        let entity = Entity::new("scenario", "random", "");
        self.made += 1;
        self.key.block(Address { entity, purpose: 0, draw: self.made }, 1)[0]
    }

    fn of<T: Copy>(&mut self, options: &[T]) -> T {
        options[(self.word() % options.len() as u64) as usize]
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.word() % (high - low + 1)
    }
}

/// Services: in half of the scenarios the first acquirer's is finite, though never short; faults of one or the other, at most one
/// of each kind, a standby, a second acquirer. What `[payments]` says of it, and the rest.
fn services(choose: &mut Choices) -> (&'static str, String) {
    let servers = choose.of(&["", "servers = 60\n"]);
    let standby = choose.of(&["", "enabled = true\n", "enabled = true\ncontrol = \"out-of-band\"\n"]);
    let second = choose.of(&["", "second_acquirer = \"other\"\nsecond_detection = \"90 s\"\n"]);
    let mut text = format!(
        "[services.processor]\n{servers}[services.processor.standby]\n{standby}capacity = 0.9\n\
         activation = \"4 min\"\nresync = \"10 min\"\n[services.other]\nservers = 40\n"
    );
    let named = if second.is_empty() { &["processor"][..] } else { &["processor", "other"] };
    for (fault, signature) in ["blackhole", "partial-loss", "latency"].into_iter().enumerate() {
        let (service, happens) = (choose.of(named), choose.of(&[true, false]));
        let (hour, minute) = (choose.between(10, 20), choose.between(0, 59));
        let duration_s = choose.between(30, 9_000);
        let share = choose.of(&["1", "1", "0.5"]);
        let more = if fault == 0 { "network = true\n" } else { "capacity = 0.9\n" };
        if happens {
            text += &format!(
                "[[faults.scheduled]]\nname = \"of service {fault}\"\nscope = \"service\"\n\
                 service = \"{service}\"\nsignature = \"{signature}\"\nloss = 0.3\nlatency = \"2 s\"\n{more}\
                 share = {share}\nat = \"2019-11-29 {hour}:{minute:02}\"\nduration = \"{duration_s} s\"\n"
            );
        }
    }
    (second, text)
}

/// Data plans: none in half of the scenarios, else lines of their own that slow down, lines that pay, or a pool, or some of each. Caps are
/// small, so that faults of hours use them up. What is drawn for stores, and the plans.
fn plans(choose: &mut Choices) -> (String, String) {
    let draw = choose.of(&["", "", "", "own = 1", "pool = 1", "own = 1, pool = 2, paid = 1"]);
    let (own_mb, pool_mb) = (choose.between(5, 150), choose.between(20, 600));
    let throttle = choose.of(&["128 kbps", "1 Mbps"]);
    if draw.is_empty() {
        return (String::new(), String::new());
    }
    let named = |name: &str| draw.contains(name);
    let mut text = String::new();
    if named("own") {
        text += &format!("[plans.own]\ncap = \"{own_mb} MB\"\nthrottle = \"{throttle}\"\n");
    }
    if named("pool") {
        text += &format!(
            "[plans.pool]\ncap = \"{pool_mb} MB\"\npooled = true\nused = 0.25\nthrottle = \"{throttle}\"\n"
        );
    }
    if named("paid") {
        text += &format!("[plans.paid]\ncap = \"{own_mb} MB\"\noverage_per_gb = \"$15\"\n");
    }
    (format!("plan = {{ {draw} }}\n"), text)
}

/// A few stores that share cells and carriers' cores, with faults that send several of them there at once.
fn text(number: u64) -> String {
    let mut choose = Choices { key: Key { seed: SEED, replication: number }, made: 0 };
    let stores = choose.between(2, 14);
    let site = choose.of(&["mall", "mall", ""]);
    let carriers = choose.of(&["\"att\"", "{ att = 1, verizon = 1 }"]);
    let topology = choose.of(&["\"in-router\"", "\"second-router\"", "{ in-router = 1, none = 1 }"]);
    let standby = choose.of(&["\"warm\"", "\"radio-off\"", "\"cold\"", "{ hot = 1, radio-off = 2 }"]);
    let technology = choose.of(&["\"fibre_dia\"", "\"cable\"", "{ fibre_dia = 2, lte = 1 }"]);
    let profile =
        choose.of(&["fortinet-sdwan", "bfd-300x3", "pfsense-dpinger", "carrier-loss", "cradlepoint-fast"]);
    let signal_db = choose.between(0, 20);
    let queue = choose.of(&["priority", "fifo"]);
    let phones = choose.between(5, 25);
    let registrations = choose.of(&[
        "",
        "registrations_per_s = 0.1",
        "registrations_per_s = 1\nphones = 300\nphones_return = \"2 min\"\nphones_registering_per_s = 0.3",
        "registrations_per_s = 10\nphones = 20000\nphones_registering_per_s = 1",
    ]);
    let (retries, timeout_s) = (choose.between(0, 2), choose.between(10, 45));
    let lanes = choose.between(2, 5);
    let mut faults = String::new();
    for fault in 0..choose.between(1, 3) {
        let scope = choose.of(&["uplink", "uplink", "uplink", "router", "backup", "carrier"]);
        let signature = choose.of(&["blackhole", "carrier-lost", "partial-loss"]);
        let (hour, minute) = (choose.between(10, 20), choose.between(0, 59));
        let duration_s = choose.between(30, 7_200);
        let share = choose.of(&["1", "1", "0.5"]);
        faults += &format!(
            "[[faults.scheduled]]\nname = \"fault {fault}\"\nscope = \"{scope}\"\nsignature = \"{signature}\"\n\
             loss = 0.3\nat = \"2019-11-29 {hour}:{minute:02}\"\nduration = \"{duration_s} s\"\n\
             spread = \"3 s\"\nshare = {share}\n"
        );
    }
    let (second, services) = services(&mut choose);
    let (plan, plans) = plans(&mut choose);
    format!(
        "[scenario]\nname = \"random {number}\"\nseed = {number}\nreplications = 1\n\
         first_day = 2019-11-29\nlast_day = 2019-11-29\ninterval = \"1 h\"\n\
         [fleet.generate]\nstores = {stores}\nformat = \"small\"\nsite = \"{site}\"\ntimezone = \"UTC\"\n\
         [fleet.draw]\ntopology = {topology}\nstandby = {standby}\ntechnology = {technology}\n\
         carrier = {carriers}\nprofile = \"{profile}\"\nsignal = {{ mean = \"{signal_db} dB\", sd = \"6 dB\" }}\n{plan}\
         [carriers.att]\n{registrations}\n[lte]\nqueue = \"{queue}\"\n\
         [[lte.phones.day]]\ndate = 2019-11-29\nfactor = {}.{}\n\
         [payments]\nretries = {retries}\ntimeout = \"{timeout_s} s\"\n{second}\
         [formats.small]\nbased_on = \"mall_specialty\"\ncustomers_per_day = 400\nlanes = {lanes}\n\
         [faults]\nenabled = false\n{faults}{services}{plans}",
        phones / 10,
        phones % 10,
    )
}

#[test]
fn random_small_scenarios_end_alike() {
    let mut differences = vec![Vec::new(); Metrics::NAMES.len()];
    let mut sums = vec![0.0; Metrics::NAMES.len()];
    let mut compared = 0;
    let mut slowed = Vec::new();
    for number in 0..SCENARIOS {
        let text = text(number);
        let scenario = scenario(&text);
        let (run, plain) = both(&scenario).swap_remove(0);
        let (apart, instants) =
            farthest(&run, &plain).unwrap_or_else(|off| panic!("scenario {number}: {off}\n{text}"));
        assert!(
            apart <= scenario.lte.cell_step,
            "scenario {number}: {} s apart\n{text}",
            apart.as_secs_f64()
        );
        compared += instants;
        for (mine, other) in run.stores.iter().zip(&plain) {
            let (Some(mine), Some(other)) = (mine.slowed, other.slowed) else {
                assert!(mine.slowed.is_none() && other.slowed.is_none(), "scenario {number}\n{text}");
                continue;
            };
            let apart = mine.since(other).max(other.since(mine));
            // Bytes that differ within a step of the cell may miss the meter's reading.
            assert!(
                apart <= READ_EVERY + scenario.lte.cell_step,
                "scenario {number}: {apart:?} apart\n{text}"
            );
            slowed.push(apart);
        }
        let (tinsel, plain) = (Metrics::of_tinsel(&run).all(), Metrics::of_plain(&plain).all());
        for (metric, (tinsel, plain)) in tinsel.into_iter().zip(plain).enumerate() {
            differences[metric].push(tinsel - plain);
            sums[metric] += plain;
        }
    }
    println!("{compared} instants of incidents");
    let alike = slowed.iter().filter(|apart| **apart <= Span::from_millis(1_000)).count();
    println!("{} lines slowed down, {alike} of them within a second", slowed.len());
    assert!(slowed.len() > 50 && 20 * alike >= 19 * slowed.len(), "{alike} of {}", slowed.len());
    for (metric, name) in Metrics::NAMES.into_iter().enumerate() {
        let interval = mean_interval(&differences[metric], CONFIDENCE).expect("values");
        let mean = sums[metric] / SCENARIOS as f64;
        let differ = differences[metric].iter().filter(|&&difference| difference != 0.0).count();
        let (low, high) =
            (interval.low.expect("a low end") / mean, interval.high.expect("a high end") / mean);
        println!("{name}: {mean:.3}; relative difference {low:.7} to {high:.7}; {differ} scenarios differ");
        assert!(-EQUIVALENCE < low && high < EQUIVALENCE, "{name}: {low} to {high}");
        if name != "MB over LTE" {
            assert!(interval.covers(0.0), "{name}: {interval:?}");
        }
    }
}
