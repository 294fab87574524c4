//! A finite service against queueing theory: Erlang's formula, the fluid line of overload, and the error of published state.

use super::lab::scenario;
use tinsel::kernel::draws::{Address, Entity, Key};
use tinsel::kernel::variates::exponential;
use tinsel::model::shared::service::{Fate, Service, ServiceMessage, ServiceState};
use tinsel::scenario::resolved::ServiceId;
use tinsel::simulation::result::ServiceCounts;
use tinsel::units::{SimTime, Span};

/// A service of so many servers, from 20 November 2019 on.
fn service(servers: u32, more: &str) -> (Service, SimTime) {
    let text = format!(
        "[scenario]\nname = \"a queue\"\nseed = 4\nreplications = 1\nfirst_day = 2019-11-20\nlast_day = 2019-11-30\n\
         interval = \"1 h\"\n[fleet.generate]\nstores = 1\nformat = \"kiosk\"\ntimezone = \"UTC\"\n\
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
    mut next: impl FnMut() -> (f64, f64),
) -> f64 {
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
    }
    told
}

/// Exponential gaps and service times.
fn markovian(per_second: f64, mean_s: f64) -> impl FnMut() -> (f64, f64) {
    let address = Address { entity: Entity::new("test", "queue", ""), purpose: 0, draw: 0 };
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
    // Mean 2 s, ten servers, load 0.8: relaxation within 20 s, twenty steps. 100,000 s hold 5,000 of them: the mean wait has a
    // standard error of about 3 %; five of them fail once in 1.7 million seeds.
    let (servers, per_second, mean_s, step) = (10, 4.0, 2.0, Span::from_secs(1));
    let (mut service, start) = service(servers, "");
    let told = feed(&mut service, start, step, 100_000, markovian(per_second, mean_s));
    let attempts = total(&service, |counts| counts.admitted) as f64;
    let exact = total(&service, |counts| counts.wait.as_nanos()) as f64 / 1e9 / attempts;
    let expected = erlang_wait_s(servers, per_second, mean_s);
    assert!((exact / expected - 1.0).abs() < 0.15, "{exact} s against {expected} s");
    let told = told / attempts;
    assert!((told / exact - 1.0).abs() < 0.15, "stores are told {told} s, and wait {exact} s");
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
