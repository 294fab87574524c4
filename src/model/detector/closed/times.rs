//! Detection and recovery of every family. `t = 0` is the fault, or the repair.

pub(super) use super::residual::Renewal;
use super::residual::{earlier_of_shifted_patterns, of_pattern};
use super::{Figure, NoFigure, Spread, spread_of};
use crate::model::neighbour::PROBES;
use crate::scenario::resolved::{
    Detector, Ends, HelloDead, IdleCheck, Law, Profile, SequentialProbes, Session, WindowedLoss,
};
use crate::units::Span;

/// Packets to one target of a cycle are this far apart (ping's interval).
const PING_INTERVAL_S: f64 = 1.0;

/// Fault to the rule's "down".
pub(super) fn down(profile: &Profile, rtt: f64) -> Figure {
    let detector = profile.detector.as_ref().ok_or(NoFigure::CarrierOnly)?;
    in_time(detector, rtt)?;
    Ok(match *detector {
        // U(0, I) + (K − 1)·I + W.
        Detector::ConsecutiveProbes { interval, timeout, down, .. }
        // The window was emptied by the last verdict and holds answers only, so the first `down` losses are in a row.
        | Detector::MOfN { interval, timeout, down, .. } => {
            first_lost(interval, rtt) + Spread::at(more(down) * seconds(interval) + seconds(timeout))
        }
        Detector::SequentialProbes(_) => Cycle::of(detector, rtt).ok_or(NoFigure::TooSlow)?.down(),
        Detector::IdleCheck(IdleCheck { idle, from_traffic, clock, .. }) => {
            let half = 0.5 * seconds(clock);
            let check = if from_traffic { Spread::uniform(-half, half) + idle.into() } else { first_lost(idle, rtt) };
            let waits = waits(detector).into_iter();
            waits.fold(check, |sum, wait| sum + wait)
        }
        // The dead time less the age of the last hello.
        Detector::HelloDead(HelloDead { dead, .. }) => {
            let age = hellos(detector).residual();
            let dead = seconds(dead);
            Spread { min: dead - age.max, mean: dead - age.mean, max: dead }
        }
        Detector::WindowedLoss(WindowedLoss { send, loss_after, check, lag, .. }) => {
            let (_, needed) = window_down(detector);
            first_lost(send, rtt)
                + Spread::at(more(needed) * seconds(send) + seconds(loss_after))
                + next_check(send, check, lag.as_ref(), seconds(loss_after))
        }
    })
}

/// Repair, after a long outage, to the rule's "up".
pub(super) fn up(profile: &Profile, rtt: f64) -> Figure {
    let detector = profile.detector.as_ref().ok_or(NoFigure::CarrierOnly)?;
    in_time(detector, rtt)?;
    Ok(match *detector {
        // U(0, I) + (K − 1)·I + rtt.
        Detector::ConsecutiveProbes { interval, up, .. } | Detector::MOfN { interval, up, .. } => {
            Spread::uniform(0.0, seconds(interval)) + Spread::at(more(up) * seconds(interval) + rtt)
        }
        Detector::SequentialProbes(_) => Cycle::of(detector, rtt).ok_or(NoFigure::TooSlow)?.up(),
        // The ladder of tries goes round and round; the next try is answered. The moment of repair is in a wait with a
        // probability proportional to its length: Σ E[w²] / (2·Σ E[w]).
        Detector::IdleCheck(IdleCheck { wait_jitter, .. }) => {
            let ladder = waits(detector);
            let jitter = seconds(wait_jitter);
            let squares: f64 = ladder
                .iter()
                .map(|wait| wait.min * wait.min + wait.min * jitter + jitter * jitter / 3.0)
                .sum();
            let length: f64 = ladder.iter().map(|wait| wait.mean).sum();
            let longest = ladder.iter().map(|wait| wait.max).fold(0.0, f64::max);
            Spread { min: rtt, mean: squares / (2.0 * length) + rtt, max: longest + rtt }
        }
        Detector::HelloDead(HelloDead { ends, .. }) => {
            hello_up(detector, ends, profile.session.as_ref(), rtt)
        }
        Detector::WindowedLoss(WindowedLoss { send, check, hold_checks, lag, .. }) => {
            let (probes, answered) = window_up(detector, rtt);
            let after = if answered { rtt } else { 0.0 };
            Spread::uniform(0.0, seconds(send))
                + Spread::at(more(probes) * seconds(send) + after + more(hold_checks) * seconds(check))
                + next_check(send, check, lag.as_ref(), after)
        }
    })
}

fn seconds(span: Span) -> f64 {
    span.as_secs_f64()
}

/// How many of `count` come after the first.
fn more(count: u32) -> f64 {
    f64::from(count) - 1.0
}

/// Whether an answer can be in time at all.
fn in_time(detector: &Detector, rtt: f64) -> Result<(), NoFigure> {
    let limit = match *detector {
        Detector::ConsecutiveProbes { timeout, .. }
        | Detector::MOfN { timeout, .. }
        | Detector::SequentialProbes(SequentialProbes { timeout, .. }) => timeout,
        Detector::IdleCheck(IdleCheck { wait, .. }) => wait,
        Detector::HelloDead(_) => return Ok(()),
        Detector::WindowedLoss(WindowedLoss { loss_after, latency, .. }) => {
            latency.map_or(loss_after, |latency| latency.min(loss_after))
        }
    };
    if rtt < seconds(limit) { Ok(()) } else { Err(NoFigure::TooSlow) }
}

/// When the first probe is sent that gets no answer: one in flight at the fault is lost too.
fn first_lost(interval: Span, rtt: f64) -> Spread {
    Spread::uniform(-rtt, seconds(interval) - rtt)
}

/// The waits of a ladder of tries.
pub(super) fn waits(detector: &Detector) -> Vec<Spread> {
    let Detector::IdleCheck(IdleCheck { wait, wait_jitter, wait_factor, retries, .. }) = *detector else {
        return Vec::new();
    };
    let mut longest = seconds(wait);
    (0..=retries)
        .map(|_| {
            let wait = Spread::uniform(longest, longest + seconds(wait_jitter));
            longest *= wait_factor;
            wait
        })
        .collect()
}

/// The peer's hellos while all is well.
pub(super) fn hellos(detector: &Detector) -> Renewal {
    let Detector::HelloDead(HelloDead { interval, jitter_min, jitter_max, .. }) = *detector else {
        unreachable!("only hello protocols have hellos")
    };
    renewal(interval, jitter_min, jitter_max)
}

fn renewal(interval: Span, jitter_min: f64, jitter_max: f64) -> Renewal {
    Renewal { shortest: seconds(interval) * jitter_min, longest: seconds(interval) * jitter_max }
}

fn hello_up(detector: &Detector, ends: Ends, session: Option<&Session>, rtt: f64) -> Spread {
    let Detector::HelloDead(HelloDead { interval, jitter_min, jitter_max, dead, restart, .. }) = *detector
    else {
        unreachable!("only hello protocols have ends")
    };
    let one_way = Spread::at(0.5 * rtt);
    let restarting = renewal(restart, jitter_min, jitter_max);
    match ends {
        Ends::One => restarting.residual() + one_way,
        // It takes a hello from each side.
        Ends::Both => restarting.later_of_two() + one_way,
        // The better router's regular hello, or its answer to the first of the worse one, which has sent its own since
        // the verdict. Without jitter the two keep the distance of the dead time.
        Ends::Contending if jitter_min == jitter_max => {
            let period = seconds(interval) * jitter_min;
            let own_after = libm::fmod(seconds(dead), period);
            let gaps = [own_after, period - own_after];
            let answered = own_after / period;
            let travel = Spread { min: 0.5 * rtt, mean: 0.5 * rtt * (1.0 + answered), max: rtt };
            of_pattern(&gaps) + if own_after > 0.0 { travel } else { one_way }
        }
        Ends::Contending => hellos(detector).earlier_of_two() + one_way,
        Ends::Session => {
            session.map_or(restarting.residual() + one_way, |one| session_alone(one, hellos(detector), rtt))
        }
    }
}

/// First packet and answer, then OPEN and KEEPALIVE, which cross.
const ESTABLISHING_ROUND_TRIPS: f64 = 2.0;

/// Repair, after a long outage, to an established session that nobody begins anew when the link is up (BGP alone): what is
/// left until either end tries again, and two round trips.
///
/// In a long outage an end's kernel gives a connection up soon after the neighbour's address is gone, after some first
/// packets, and the end tries again `attempt` after that. Each began when its own dead time was over, so the two are as
/// far apart as the ages of the last `hellos` were.
pub(super) fn session_alone(session: &Session, hellos: Renewal, rtt: f64) -> Spread {
    let travel = Spread::at(ESTABLISHING_ROUND_TRIPS * rtt);
    let packets = (PROBES.as_nanos() / session.retry.as_nanos()).min(u64::from(session.retry_linear) + 1);
    let mut gaps = vec![seconds(session.retry); packets as usize];
    gaps.push(seconds(session.attempt) + seconds(PROBES) - gaps.iter().sum::<f64>());
    earlier_of_shifted_patterns(&gaps, hellos) + travel + collisions(session, hellos.within(rtt), rtt)
}

/// Up, after a long outage, to an established session that both ends begin when the link is up (BGP with BFD).
pub(super) fn session_begun(session: &Session, rtt: f64) -> Spread {
    Spread::at(ESTABLISHING_ROUND_TRIPS * rtt) + collisions(session, 1.0, rtt)
}

/// What collisions cost, if the two ends begin at once with probability `at_once`: they end both connections, sometimes,
/// and go on to do so until they do not.
fn collisions(session: &Session, at_once: f64, rtt: f64) -> Spread {
    let meet = at_once * session.collision;
    if meet <= 0.0 {
        return Spread::at(0.0);
    }
    let rounds = meet / (1.0 - session.collision);
    let round = seconds(session.collision_pause) + ESTABLISHING_ROUND_TRIPS * rtt;
    Spread { min: 0.0, mean: rounds * round, max: f64::INFINITY }
}

/// Slots of a window, and the losses that raise the alarm while the youngest slots are not decided.
fn window_down(detector: &Detector) -> (u32, u32) {
    let Detector::WindowedLoss(WindowedLoss { send, loss_after, loss_percent, .. }) = *detector else {
        unreachable!("only windows have slots")
    };
    let slots = window_slots(detector);
    let undecided = loss_after.as_nanos().div_ceil(send.as_nanos()) as u32;
    (slots, losses_above(slots.saturating_sub(undecided).max(1), loss_percent))
}

/// Slots of a window.
pub(super) fn window_slots(detector: &Detector) -> u32 {
    let Detector::WindowedLoss(WindowedLoss { send, period, .. }) = *detector else {
        unreachable!("only windows have slots")
    };
    (period.as_nanos() / send.as_nanos()).max(1) as u32
}

/// Least number of losses of `slots` whose whole percentage is above `percent`.
pub(super) fn losses_above(slots: u32, percent: u32) -> u32 {
    // floor(100·m/n) > L is 100·m >= (L + 1)·n.
    (u64::from(percent + 1) * u64::from(slots)).div_ceil(100) as u32
}

/// Probes after which a window that held losses only is at the threshold or below, and whether the last of them has to be
/// answered first: being sent, it takes the place of a loss, but it does not yet count among the others.
fn window_up(detector: &Detector, rtt: f64) -> (u32, bool) {
    let Detector::WindowedLoss(WindowedLoss { send, loss_percent, .. }) = *detector else {
        unreachable!("only windows have slots")
    };
    let slots = window_slots(detector);
    let probes = (slots + 1).saturating_sub(losses_above(slots, loss_percent)).max(1);
    let under_way = libm::ceil(rtt / seconds(send)) as u32;
    let decided = slots.saturating_sub(under_way).max(1);
    (probes, slots - probes.min(slots) >= losses_above(decided, loss_percent))
}

/// From an instant `after` a probe was sent to the next comparison. If comparisons keep a distance to probes, and come
/// once in so many probes, that many places are equally probable; else any phase is.
fn next_check(send: Span, check: Span, lag: Option<&Law>, after: f64) -> Spread {
    let any = Spread::uniform(0.0, seconds(check));
    let Some(lag) = lag.map(spread_of) else { return any };
    if !check.as_nanos().is_multiple_of(send.as_nanos()) {
        return any;
    }
    let left = seconds(send) - libm::fmod(after, seconds(send));
    if lag.max > left {
        return any;
    }
    let places = (check.as_nanos() / send.as_nanos()) as f64;
    let last = (places - 1.0) * seconds(send);
    Spread { min: left - lag.max, mean: left - lag.mean + 0.5 * last, max: left - lag.min + last }
}

/// A cycle of sequential probes: overhead, targets one after the other, sleep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cycle {
    pub(super) targets: u32,
    pub(super) reliability: u32,
    pub(super) overhead: f64,
    /// From a target's first packet to its last.
    pub(super) packets: f64,
    pub(super) timeout: f64,
    pub(super) rtt: f64,
    pub(super) interval: f64,
    pub(super) failure_interval: f64,
    offline_interval: f64,
    recovery_interval: f64,
    pub(super) down: u32,
    up: u32,
}

impl Cycle {
    /// The cycle of a family that has one.
    pub(super) fn of(detector: &Detector, rtt: f64) -> Option<Self> {
        let Detector::SequentialProbes(SequentialProbes {
            targets,
            reliability,
            count,
            timeout,
            interval,
            failure_interval,
            keep_failure_interval,
            recovery_interval,
            down,
            up,
            overhead,
            ..
        }) = *detector
        else {
            return None;
        };
        let offline = if keep_failure_interval { failure_interval } else { interval };
        Some(Cycle {
            targets,
            reliability,
            overhead: seconds(overhead),
            packets: more(count) * PING_INTERVAL_S,
            timeout: seconds(timeout),
            rtt,
            interval: seconds(interval),
            failure_interval: seconds(failure_interval),
            offline_interval: seconds(offline),
            recovery_interval: seconds(recovery_interval),
            down,
            up,
        })
    }

    /// What a target takes that answers.
    pub(super) fn answered(&self) -> f64 {
        self.packets + self.rtt
    }

    /// What a target takes that does not.
    pub(super) fn silent(&self) -> f64 {
        self.packets + self.timeout
    }

    fn good(&self) -> f64 {
        self.overhead + f64::from(self.reliability) * self.answered()
    }

    fn bad(&self) -> f64 {
        self.overhead + f64::from(self.targets) * self.silent()
    }

    /// Length of a cycle in which all is well, with its sleep.
    pub(super) fn healthy(&self) -> f64 {
        self.good() + self.interval
    }

    /// What is left of the cycle in which the fault falls, up to the end of the first bad one; then bad ones.
    fn down(&self) -> Spread {
        let silent = |targets: u32| Spread::at(f64::from(targets) * self.silent());
        let bad = Spread::at(self.bad());
        let mut parts = vec![
            (self.interval, Spread::uniform(0.0, self.interval) + bad),
            (self.overhead, Spread::uniform(0.0, self.overhead) + silent(self.targets)),
        ];
        for target in 1..=self.reliability {
            let others = self.targets - target;
            // Its first packet was in flight: none of its packets is answered.
            parts.push((self.rtt, Spread::uniform(-self.rtt, 0.0) + silent(others + 1)));
            // An answer is there, but not the last one, so it is waited for all the same.
            let left = self.timeout - self.rtt;
            let rest = Spread::uniform(left, left + self.packets);
            let is_good = target == self.reliability;
            let rest = if is_good { rest + Spread::at(self.interval) + bad } else { rest + silent(others) };
            parts.push((self.packets, rest));
        }
        let cycles = f64::from(self.down) - 1.0;
        Spread::mixture(&parts) + Spread::at(cycles * (self.failure_interval + self.bad()))
    }

    /// What is left of the bad cycle in which the repair falls, up to the end of the first good one; then good ones.
    fn up(&self) -> Spread {
        let answered = |targets: u32| Spread::at(f64::from(targets) * self.answered());
        let sleep = Spread::at(self.offline_interval + self.good());
        let mut parts = vec![
            (self.offline_interval, Spread::uniform(0.0, self.offline_interval) + Spread::at(self.good())),
            (self.overhead, Spread::uniform(0.0, self.overhead) + answered(self.reliability)),
        ];
        for target in 1..=self.targets {
            let others = self.targets - target;
            // The targets still to come are enough for a good cycle, or it takes another.
            let rest = |needed: u32| {
                if others >= needed { answered(needed) } else { answered(others) + sleep }
            };
            // Its last packet is still to be sent, and is answered.
            let answer = Spread::uniform(0.0, self.packets) + Spread::at(self.rtt);
            parts.push((self.packets, answer + rest(self.reliability - 1)));
            parts.push((self.timeout, Spread::uniform(0.0, self.timeout) + rest(self.reliability)));
        }
        let cycles = f64::from(self.up) - 1.0;
        Spread::mixture(&parts) + Spread::at(cycles * (self.recovery_interval + self.good()))
    }
}
