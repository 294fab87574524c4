//! A profile in words: what its family does, with its own numbers.

use super::text::{percent, span, stage};
use crate::model::detector::closed::spread_of;
use crate::scenario::resolved::{
    Detector, Ends, HelloDead, IdleCheck, Law, Profile, SequentialProbes, WindowedLoss,
};

/// The family's name in scenario files.
pub(super) const fn family(profile: &Profile) -> &'static str {
    match &profile.detector {
        None => "carrier-only",
        Some(detector) => family_of(detector),
    }
}

/// The family's name in scenario files.
pub(super) const fn family_of(detector: &Detector) -> &'static str {
    match detector {
        Detector::ConsecutiveProbes { .. } => "consecutive-probes",
        Detector::SequentialProbes(_) => "sequential-probes",
        Detector::MOfN { .. } => "m-of-n",
        Detector::IdleCheck(_) => "idle-check",
        Detector::HelloDead(_) => "hello-dead",
        Detector::WindowedLoss(_) => "windowed-loss",
    }
}

/// A law in words.
pub(super) fn law(law: &Law) -> String {
    match *law {
        Law::Constant(value) => stage(value),
        Law::Uniform { low, high } => format!("{} to {}", stage(low), stage(high)),
        Law::Exponential { .. } => format!("exponential, mean {}", stage(spread_of(law).mean)),
        Law::Lognormal { median, sigma } => format!("lognormal, median {}, log-sd {sigma}", stage(median)),
    }
}

/// The detector's keys and values, as one would write them.
pub(super) fn parameters(detector: &Detector) -> Vec<(&'static str, String)> {
    match *detector {
        Detector::ConsecutiveProbes { interval, timeout, down, up } => vec![
            ("interval", span(interval)),
            ("timeout", span(timeout)),
            ("down", down.to_string()),
            ("up", up.to_string()),
        ],
        Detector::SequentialProbes(SequentialProbes {
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
            trusts_link,
        }) => vec![
            ("targets", targets.to_string()),
            ("reliability", reliability.to_string()),
            ("count", count.to_string()),
            ("timeout", span(timeout)),
            ("interval", span(interval)),
            ("failure_interval", span(failure_interval)),
            ("keep_failure_interval", keep_failure_interval.to_string()),
            ("recovery_interval", span(recovery_interval)),
            ("down", down.to_string()),
            ("up", up.to_string()),
            ("overhead", span(overhead)),
            ("trusts_link", trusts_link.to_string()),
        ],
        Detector::MOfN { interval, timeout, of, down, up } => vec![
            ("interval", span(interval)),
            ("timeout", span(timeout)),
            ("of", of.to_string()),
            ("down", down.to_string()),
            ("up", up.to_string()),
        ],
        Detector::IdleCheck(IdleCheck {
            idle,
            from_traffic,
            clock,
            wait,
            wait_jitter,
            wait_factor,
            retries,
        }) => vec![
            ("idle", span(idle)),
            ("from_traffic", from_traffic.to_string()),
            ("clock", span(clock)),
            ("wait", span(wait)),
            ("wait_jitter", span(wait_jitter)),
            ("wait_factor", wait_factor.to_string()),
            ("retries", retries.to_string()),
        ],
        Detector::HelloDead(HelloDead {
            interval,
            jitter_min,
            jitter_max,
            dead,
            restart,
            ends,
            goodbye,
            rejoin,
        }) => {
            let mut found = vec![
                ("interval", span(interval)),
                ("jitter_min", jitter_min.to_string()),
                ("jitter_max", jitter_max.to_string()),
                ("dead", span(dead)),
                ("restart", span(restart)),
                ("ends", ends_name(ends).to_owned()),
            ];
            if let Some(goodbye) = goodbye {
                found.extend([("goodbye", span(goodbye)), ("rejoin", span(rejoin))]);
            }
            found
        }
        Detector::WindowedLoss(WindowedLoss {
            send,
            loss_after,
            period,
            check,
            loss_percent,
            latency,
            hold_checks,
            pause,
            lag,
        }) => {
            let mut found = vec![
                ("send", span(send)),
                ("loss_after", span(loss_after)),
                ("period", span(period)),
                ("check", span(check)),
                ("loss_percent", loss_percent.to_string()),
            ];
            found.extend(latency.map(|latency| ("latency", span(latency))));
            found.extend([("hold_checks", hold_checks.to_string()), ("pause", span(pause))]);
            found.extend(lag.map(|lag| ("lag", law(&lag))));
            found
        }
    }
}

const fn ends_name(ends: Ends) -> &'static str {
    match ends {
        Ends::One => "one",
        Ends::Both => "both",
        Ends::Contending => "contending",
        Ends::Session => "session",
    }
}

/// How the time of detection comes about.
pub(super) fn detection(detector: &Detector) -> String {
    let more = |count: u32| count.saturating_sub(1);
    match *detector {
        Detector::ConsecutiveProbes { interval, timeout, down: 1, .. } => format!(
            "Up to {} until the next probe, and {} until it counts as lost.",
            span(interval),
            span(timeout)
        ),
        Detector::ConsecutiveProbes { interval, timeout, down, .. } => format!(
            "Up to {0} until the next probe, {1} more of them {0} apart, and {2} until the last counts as lost.",
            span(interval),
            more(down),
            span(timeout)
        ),
        Detector::MOfN { interval, timeout, of, down, .. } => format!(
            "When {down} of the last {of} probes are lost. In a blackhole these are {down} in a row: up to {0} until \
             the next probe, {1} more of them {0} apart, and {2} until the last counts as lost.",
            span(interval),
            more(down),
            span(timeout)
        ),
        Detector::SequentialProbes(SequentialProbes {
            targets,
            reliability,
            timeout,
            interval,
            failure_interval,
            down,
            count,
            ..
        }) => {
            let pings =
                if count > 1 { format!(" ({count} packets, one second apart)") } else { String::new() };
            format!(
                "The rest of a sleep of {}, then {down} bad cycles with {} of sleep between. A cycle pings {targets} \
                 target(s){pings} one after the other and is good once {reliability} have answered; a silent one costs \
                 {} after its last packet, so every target makes detection longer.",
                span(interval),
                span(failure_interval),
                span(timeout)
            )
        }
        Detector::IdleCheck(IdleCheck { idle, from_traffic, wait, wait_factor, retries, .. }) => {
            let begins = if from_traffic {
                format!("{} after the last packet received", span(idle))
            } else {
                format!("up to {} until the next check", span(idle))
            };
            let grows = if wait_factor > 1.0 {
                format!("{}, each {wait_factor} times as long as the one before", span(wait))
            } else {
                span(wait)
            };
            match retries {
                0 => format!("{} and one wait of {grows}.", capital(&begins)),
                _ => format!("{} and {} waits of {grows}.", capital(&begins), retries + 1),
            }
        }
        Detector::HelloDead(HelloDead { interval, jitter_min, jitter_max, dead, .. }) => {
            let jitter = if jitter_min < jitter_max {
                format!(", jittered to {} to {} of it", percent(jitter_min), percent(jitter_max))
            } else {
                String::new()
            };
            format!(
                "The dead time of {} less the age of the last hello; hellos come every {}{jitter}.",
                span(dead),
                span(interval)
            )
        }
        Detector::WindowedLoss(WindowedLoss { send, loss_after, period, check, loss_percent, .. }) => {
            format!(
                "When more than {loss_percent} % of the probes of the last {} are lost: as many probes as that takes, {} apart, {} until \
             the last of them counts as lost, and up to {} until the next look at them.",
                span(period),
                span(send),
                span(loss_after),
                span(check)
            )
        }
    }
}

/// How the time of recovery comes about.
pub(super) fn recovery(detector: &Detector) -> String {
    match *detector {
        Detector::ConsecutiveProbes { interval, up: 1, .. } => {
            format!("The first answer: up to {} until the next probe.", span(interval))
        }
        Detector::ConsecutiveProbes { interval, up, .. } | Detector::MOfN { interval, up, .. } => {
            format!("{up} answers in a row: up to {0} until the next probe, the others {0} apart.", span(interval))
        }
        Detector::SequentialProbes(SequentialProbes { recovery_interval, up, .. }) => format!(
            "The rest of a bad cycle, with what of it is wasted on a ping sent too early, then good cycles {} apart until \
             there have been {up}.",
            span(recovery_interval)
        ),
        Detector::IdleCheck(_) => "The tries go on while it is down, and the first answer is the way up: what is left \
                                       of the wait that the repair falls into, which is most probably a long one."
            .to_owned(),
        Detector::HelloDead(HelloDead { interval, restart, ends, .. }) => match ends {
            Ends::One => format!("The next hello, at most every {} while it is down.", span(restart)),
            Ends::Both => {
                format!("A hello from each end: the later of two, each up to {} away.", span(restart))
            }
            Ends::Contending => format!(
                "The better router's next hello, or its answer to the next of the worse one, both every {}.",
                span(interval)
            ),
            Ends::Session => "When the session is established again.".to_owned(),
        },
        Detector::WindowedLoss(WindowedLoss { send, period, check, loss_percent, hold_checks, .. }) => {
            let hold = match hold_checks {
                0 | 1 => String::new(),
                held => format!(", and {held} good looks in a row, {} apart", span(check)),
            };
            format!(
                "The losses have to leave the window of {} until {loss_percent} % are left of it, one every {}{hold}.",
                span(period),
                span(send)
            )
        }
    }
}

/// What such a rule misses.
pub(super) fn blind_spots(profile: &Profile) -> Vec<String> {
    let mut found = Vec::new();
    match profile.detector {
        None => found.push(
            "A link that passes nothing while its carrier stays, which is most faults beyond the store's own wire. \
             Loss, latency and a dead service are not seen either."
                .to_owned(),
        ),
        Some(Detector::ConsecutiveProbes { interval, down, .. }) => {
            if down > 1 {
                found.push(format!(
                    "Outages of less than {} (one of {} or more is always seen).",
                    span(interval.times(u64::from(down) - 1)),
                    span(interval.times(u64::from(down)))
                ));
            }
            found.push("Loss that lets one probe in a row of them through, and latency below the timeout.".to_owned());
        }
        Some(Detector::MOfN { interval, down, .. }) => found.push(format!(
            "Outages of less than {}, and loss that lets enough probes through.",
            span(interval.times(u64::from(down) - 1))
        )),
        Some(Detector::SequentialProbes(SequentialProbes { trusts_link, .. })) => {
            found.push("Outages that end before the last bad cycle: one good cycle begins the count again.".to_owned());
            if trusts_link {
                found.push(
                    "A dead upstream behind a carrier that has returned: the link counts as up before any probe, and \
                     traffic goes into the hole for one more detection."
                        .to_owned(),
                );
            }
        }
        Some(Detector::IdleCheck(IdleCheck { from_traffic, .. })) => {
            found.push("Loss that lets one try through.".to_owned());
            if from_traffic {
                found.push("Anything, as long as packets of any kind still arrive.".to_owned());
            }
        }
        Some(Detector::HelloDead(_)) => found.push(
            "Slow answers, and loss that lets one hello in a row of them through; what is broken behind the peer."
                .to_owned(),
        ),
        Some(Detector::WindowedLoss(WindowedLoss { loss_percent, latency, .. })) => {
            found.push(format!("Loss of {loss_percent} % or less, however long it lasts."));
            found.push(match latency {
                Some(limit) => format!(
                    "A mean round trip of up to {}; above it the link counts as down, and a full queue is enough for that.",
                    span(limit)
                ),
                None => "Latency.".to_owned(),
            });
            found.push("That an outage is over before it was noticed: it moves traffic all the same, late.".to_owned());
        }
    }
    if profile.carrier.is_none() {
        found.push("The carrier: its loss is found as any other blackhole is.".to_owned());
    }
    found
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
