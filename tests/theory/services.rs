//! A finite service against queueing theory: Erlang's formula, the fluid line of overload, and the error of published state.

use super::lab::scenario;
use super::statistics::{Quantity, check};
use tinsel::kernel::draws::{Address, Entity, Key};
use tinsel::kernel::variates::exponential;
use tinsel::model::shared::service::{Fate, Service, ServiceMessage, ServiceState};
use tinsel::scenario::resolved::ServiceId;
use tinsel::simulation::result::ServiceCounts;
use tinsel::units::{SimTime, Span};

/// A service of so many servers, from 20 November 2019 on.
fn service(servers: u32, more: &str) -> (Service, SimTime) {
    counted("1 h", servers, more)
}

/// The same, counted by intervals of this length.
fn counted(interval: &str, servers: u32, more: &str) -> (Service, SimTime) {
    let text = format!(
        "[scenario]\nname = \"a queue\"\nseed = 4\nreplications = 1\nfirst_day = 2019-11-20\nlast_day = 2019-11-30\n\
         interval = \"{interval}\"\n[fleet.generate]\nstores = 1\nformat = \"kiosk\"\ntimezone = \"UTC\"\n\
         [payments]\nhost = \"2 s\"\n[services.processor]\nservers = {servers}\n{more}"
    );
    let scenario = scenario(&text);
    let key = Key { seed: 4, replication: 0 };
    let faults = scenario.services[0].faults.clone();
    let mut service = Service::new(&scenario, ServiceId(0), key, faults).expect("it is finite");
    let start = scenario.window.start;
    service.wake(start);
    (service, start)
}

/// Feeds `service` the attempts of `next` (gap and work, seconds) for `steps` of `step`; the sum of what their stores take
/// the waits to be, seconds.
fn feed(
    service: &mut Service,
    start: SimTime,
    step: Span,
    steps: u64,
    next: impl FnMut() -> (f64, f64),
) -> f64 {
    told(service, start, step, steps, next).0
}

/// The same; the waits published at the end of each step.
fn published(
    service: &mut Service,
    start: SimTime,
    step: Span,
    steps: u64,
    next: impl FnMut() -> (f64, f64),
) -> Vec<Span> {
    told(service, start, step, steps, next).1
}

fn told(
    service: &mut Service,
    start: SimTime,
    step: Span,
    steps: u64,
    mut next: impl FnMut() -> (f64, f64),
) -> (f64, Vec<Span>) {
    let mut waits = Vec::new();
    let mut published = ServiceState { at: start, ..service.wake(start) };
    let (mut told, mut at) = (0.0, start);
    let (gap, mut work) = next();
    at += Span::from_secs_f64(gap);
    for index in 1..=steps {
        let end = start + step.times(index);
        let mut attempts = Vec::new();
        while at < end {
            let wait = published.wait_at(at);
            told += wait.as_secs_f64();
            attempts
                .push((at, ServiceMessage { work: Span::from_secs_f64(work), fate: Fate::Served { wait } }));
            let (gap, another) = next();
            at += Span::from_secs_f64(gap);
            work = another;
        }
        published = service.fold(end, attempts.into_iter());
        waits.push(published.wait);
    }
    (told, waits)
}

/// Exponential gaps and service times.
fn markovian(per_second: f64, mean_s: f64) -> impl FnMut() -> (f64, f64) {
    markovian_run(0, per_second, mean_s)
}

/// The same, another stream of them for each `run`.
fn markovian_run(run: u64, per_second: f64, mean_s: f64) -> impl FnMut() -> (f64, f64) {
    let address = Address { entity: Entity::new("test", "queue", ""), purpose: 0, draw: run };
    let mut words = Key { seed: 17, replication: 0 }.words(address, 1);
    move || (exponential(words.next_word()) / per_second, exponential(words.next_word()) * mean_s)
}

/// Mean wait in M/M/c, seconds.
fn erlang_wait_s(servers: u32, per_second: f64, mean_s: f64) -> f64 {
    let load = per_second * mean_s;
    let mut blocked = 1.0;
    for server in 1..=servers {
        blocked = load * blocked / (f64::from(server) + load * blocked);
    }
    let c = f64::from(servers);
    let waits = blocked / (1.0 - load / c * (1.0 - blocked));
    waits * mean_s / (c - load)
}

fn total(service: &Service, count: fn(&ServiceCounts) -> u64) -> u64 {
    service.intervals.iter().map(count).sum()
}

#[test]
fn waits_are_those_of_erlang() {
    const RUNS: u64 = 24;
    // Half an hour to become stationary (20 s at load 0.8, 80 s at 0.9), then five hours.
    const MINUTES_BEFORE: usize = 30;
    const MINUTES: usize = 330;
    let (mut quantities, mut told_s, mut waited_s) = (Vec::new(), 0.0, 0.0);
    for load in [0.5, 0.8, 0.9] {
        let per_second = load * f64::from(SERVERS) / MEAN_S;
        let (mut waits, mut numbers) = (Vec::new(), Vec::new());
        for run in 0..RUNS {
            let (mut service, start) = counted("1 min", SERVERS, "");
            let next = markovian_run(run, per_second, MEAN_S);
            told_s += feed(&mut service, start, Span::from_secs(1), 60 * MINUTES as u64, next);
            let all: u64 = service.intervals.iter().map(|counts| counts.wait.as_nanos()).sum();
            waited_s += all as f64 / 1e9;
            let stationary = &service.intervals[MINUTES_BEFORE..MINUTES];
            let sum = |count: fn(&ServiceCounts) -> u64| stationary.iter().map(count).sum::<u64>() as f64;
            waits.push(sum(|counts| counts.wait.as_nanos()) / 1e9 / sum(|counts| counts.admitted));
            numbers.push(sum(|counts| counts.queued) / stationary.len() as f64);
        }
        let wait_s = erlang_wait_s(SERVERS, per_second, MEAN_S);
        let number = per_second * (wait_s + MEAN_S);
        quantities.push(Quantity { name: format!("wait at {load}"), values: waits, expected: wait_s });
        quantities.push(Quantity { name: format!("number at {load}"), values: numbers, expected: number });
    }
    check(&quantities).expect("Erlang's formula, and Little's law");
    // Stores are told what was so at the end of the step before.
    println!("told {told_s} s, waited {waited_s} s");
    assert!((told_s / waited_s - 1.0).abs() < 0.05, "stores are told {told_s} s, and wait {waited_s} s");
}

#[test]
fn overload_follows_the_fluid_line() {
    // Twice what it can do for 1,000 s, then half of it until all is done: the queue grows by λ − cμ and shrinks by cμ − λ.
    let (mut service, start) = service(10, "queue_limit = 1000000");
    let step = Span::from_secs(1);
    let mut sent = 0_u32;
    let attempts = move || {
        sent += 1;
        (if sent <= 10_000 { 0.1 } else { 0.4 }, 2.0)
    };
    feed(&mut service, start, step, 4_000, attempts);
    let longest = service.intervals.iter().map(|counts| counts.wait_max).max().expect("there are intervals");
    assert!((longest.as_secs_f64() / 1_000.0 - 1.0).abs() < 0.01, "{longest:?}");
    // 1,000 s of work ahead shrink by half a second a second: 2,000 s.
    let state = service.fold(start + Span::from_secs(4_001), std::iter::empty());
    assert_eq!(state.wait, Span::ZERO, "it is over after 3,000 s");
}

/// Load by the minute, of a service that can do 1: a step up for a minute, and back.
const MINUTES: [f64; 9] = [0.6, 0.6, 1.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6];
const SERVERS: u32 = 10;
const MEAN_S: f64 = 2.0;

/// Mean number in an M/M/c system and mean wait of one more (s) at the end of each minute of [`MINUTES`], empty at first: Kolmogorov's
/// forward equations, by Runge and Kutta's fourth order in steps of 1/100 s.
fn forward() -> Vec<[f64; 2]> {
    const STATES: usize = 600;
    let (servers, step) = (f64::from(SERVERS), 0.01);
    let derivative = |p: &[f64], per_second: f64| -> Vec<f64> {
        let leaves = |number: usize| (number as f64).min(servers) / MEAN_S;
        (0..STATES)
            .map(|number| {
                let last = number + 1 == STATES;
                let from_below = if number > 0 { per_second * p[number - 1] } else { 0.0 };
                let from_above = if last { 0.0 } else { leaves(number + 1) * p[number + 1] };
                let arrives = if last { 0.0 } else { per_second };
                from_below + from_above - (arrives + leaves(number)) * p[number]
            })
            .collect()
    };
    let along = |p: &[f64], slope: &[f64], by: f64| -> Vec<f64> {
        p.iter().zip(slope).map(|(p, slope)| p + by * slope).collect()
    };
    let mut p = vec![0.0; STATES];
    p[0] = 1.0;
    let minute = |load: &f64| {
        let per_second = load * servers / MEAN_S;
        for _ in 0..6_000 {
            let first = derivative(&p, per_second);
            let second = derivative(&along(&p, &first, step / 2.0), per_second);
            let third = derivative(&along(&p, &second, step / 2.0), per_second);
            let fourth = derivative(&along(&p, &third, step), per_second);
            for number in 0..STATES {
                p[number] += step / 6.0
                    * (first[number] + 2.0 * second[number] + 2.0 * third[number] + fourth[number]);
            }
        }
        let mean = |of: fn(f64) -> f64| (0..STATES).map(|number| p[number] * of(number as f64)).sum::<f64>();
        let waits = mean(|number| (number - f64::from(SERVERS) + 1.0).max(0.0)) * MEAN_S / servers;
        [mean(|number| number), waits]
    };
    MINUTES.iter().map(minute).collect()
}

#[test]
fn overload_and_drain_are_those_of_a_markov_chain() {
    const RUNS: u64 = 1_000;
    let mut samples = vec![[Vec::new(), Vec::new()]; MINUTES.len()];
    for run in 0..RUNS {
        let (mut service, start) = counted("1 min", SERVERS, "");
        let address = Address { entity: Entity::new("test", "step", ""), purpose: 0, draw: run };
        let mut words = Key { seed: 18, replication: 0 }.words(address, 1);
        let mut passed_s = 0.0;
        // A Poisson process at the minute's own rate: what is left of a unit exponential at its end goes on at the next rate.
        let attempts = || {
            let (begun_s, mut hazard) = (passed_s, exponential(words.next_word()));
            loop {
                let minute = ((passed_s / 60.0) as usize).min(MINUTES.len() - 1);
                let per_second = MINUTES[minute] * f64::from(SERVERS) / MEAN_S;
                let left_s = 60.0 * (minute + 1) as f64 - passed_s;
                if minute + 1 == MINUTES.len() || hazard <= left_s * per_second {
                    passed_s += hazard / per_second;
                    return (passed_s - begun_s, exponential(words.next_word()) * MEAN_S);
                }
                hazard -= left_s * per_second;
                passed_s = 60.0 * (minute + 1) as f64;
            }
        };
        let waits = published(&mut service, start, Span::from_secs(1), 60 * MINUTES.len() as u64, attempts);
        for (minute, sample) in samples.iter_mut().enumerate() {
            sample[0].push(service.intervals[minute].queued as f64);
            sample[1].push(waits[60 * minute + 59].as_secs_f64());
        }
    }
    let quantities =
        samples.into_iter().zip(forward()).enumerate().flat_map(|(minute, (samples, expected))| {
            let names =
                ["number", "wait of one more"].map(|name| format!("{name} after minute {}", minute + 1));
            let both = names.into_iter().zip(samples.into_iter().zip(expected));
            both.map(|(name, (values, expected))| Quantity { name, values, expected }).collect::<Vec<_>>()
        });
    check(&quantities.collect::<Vec<_>>()).expect("a Markov chain");
}

#[test]
fn the_error_of_published_state_falls_with_the_step() {
    let errors = [16, 4, 1].map(|seconds| {
        let (mut service, start) = service(10, "");
        feed(&mut service, start, Span::from_secs(seconds), 40_000 / seconds, markovian(4.5, 2.0));
        let told = total(&service, |counts| counts.told) as f64;
        total(&service, |counts| counts.wait_error.as_nanos()) as f64 / 1e9 / told
    });
    assert!(errors[1] < 0.8 * errors[0] && errors[2] < 0.8 * errors[1], "{errors:?}");
    assert!(errors[2] < 0.3 * erlang_wait_s(10, 4.5, 2.0), "{errors:?}");
}

#[test]
fn work_is_neither_made_nor_lost() {
    // Also asserted at the end of every interval of every run.
    let more = "queue_limit = 5\n[services.processor.overload]\nbegins = \"0.5 s\"\nfull = \"2 s\"\nefficiency = 0.5\n\
                crashes_per_hour = 20\nrestart = \"2 min\"\n\
                [[services.processor.fault]]\nname = \"it\"\nat = \"2019-11-20 02:00\"\nduration = \"10 min\"\n\
                timezone = \"UTC\"\n";
    let (mut service, start) = service(3, more);
    feed(&mut service, start, Span::from_secs(1), 20_000, markovian(2.0, 2.0));
    service.finish();
    let left = service.intervals.last().map_or(0, |counts| counts.queued);
    let ended = total(&service, |counts| counts.done + counts.shed + counts.failed);
    assert_eq!(total(&service, |counts| counts.offered), ended + left);
    assert!(total(&service, |counts| counts.crashes) > 0 && total(&service, |counts| counts.failed) > 0);
}
