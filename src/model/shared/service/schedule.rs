//! Who serves when, and how well: a service's faults and its standby worked out into phases.
//!
//! Store and service both work them out from the same faults, so that an outage begins for both at its own instant,
//! wherever the grid lies.

use crate::scenario::resolved::{Control, ServiceEffect, ServiceFault, StandbySite, Window};
use crate::units::{SimTime, Span};

/// Everything, in parts per billion.
pub const FULL: u64 = 1_000_000_000;

/// What a service is like from an instant on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Phase {
    /// From when.
    pub from: SimTime,
    /// Whether anything is answered.
    pub up: bool,
    /// Speed of its servers, parts per billion.
    pub speed: u64,
    /// Attempts that get no answer, parts per billion.
    pub failing: u64,
    /// Added to every answer.
    pub extra: Span,
    /// Whether it is the standby that serves.
    pub standby: bool,
}

impl Phase {
    /// As it is when nothing is wrong.
    pub const HEALTHY: Phase = Phase {
        from: SimTime::from_nanos(0),
        up: true,
        speed: FULL,
        failing: 0,
        extra: Span::ZERO,
        standby: false,
    };

    /// Whether nothing is wrong, whoever serves.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        Phase { from: SimTime::from_nanos(0), standby: false, ..*self } == Phase::HEALTHY
    }
}

/// Who serves in a stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Site {
    Standby,
    Nobody,
}

/// The phases that `faults` of the first site make with `standby`, in order; none if nothing happens. Before the first the
/// service is healthy.
#[must_use]
pub fn phases(faults: &[ServiceFault], standby: Option<&StandbySite>) -> Vec<Phase> {
    let outages = merged(faults, |effect| match effect {
        ServiceEffect::Outage { .. } => true,
        ServiceEffect::Brownout { .. } => false,
    });
    let unreachable = merged(faults, |effect| match effect {
        ServiceEffect::Outage { network } => network,
        ServiceEffect::Brownout { .. } => false,
    });
    let mut stretches: Vec<(Window, Site)> = Vec::new();
    let mut back = SimTime::default();
    for outage in &outages {
        let on_standby = outage.start < back;
        let begun = match standby {
            Some(_) if on_standby => Some(outage.start),
            Some(site) => takes_over(*outage, &unreachable, site),
            None => None,
        };
        let nobody_until = begun.unwrap_or(outage.end);
        if on_standby {
            // It still serves: it goes on until the first site is itself again, and the way back is put off.
            while stretches.last().is_some_and(|(window, _)| window.end > outage.start) {
                if let Some((Window { start, .. }, Site::Standby)) = stretches.pop() {
                    stretches.push((Window { start, end: outage.start }, Site::Standby));
                    break;
                }
            }
        } else {
            stretches.push((Window { start: outage.start, end: nobody_until }, Site::Nobody));
        }
        if let (Some(start), Some(site)) = (begun, standby) {
            back = if site.returns { outage.end + site.resync } else { SimTime::NEVER };
            stretches.push((Window { start, end: back }, Site::Standby));
            if site.returns && !site.switch.is_zero() {
                stretches.push((Window { start: back, end: back + site.switch }, Site::Nobody));
            }
        }
    }
    lay_out(faults, &stretches, standby)
}

/// Stretches in which some fault has an effect that `counts`, joined where they touch.
fn merged(faults: &[ServiceFault], counts: impl Fn(ServiceEffect) -> bool) -> Vec<Window> {
    let mut windows: Vec<Window> =
        faults.iter().filter(|fault| counts(fault.effect)).map(|fault| fault.window).collect();
    windows.sort_by_key(|window| (window.start, window.end));
    let mut joined: Vec<Window> = Vec::new();
    for window in windows {
        match joined.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => joined.push(window),
        }
    }
    joined
}

/// When the standby serves after `outage` has begun; `None` if the first site is mended before.
fn takes_over(outage: Window, unreachable: &[Window], site: &StandbySite) -> Option<SimTime> {
    let noticed = outage.start + site.detection;
    let ordered = match site.control {
        Control::OutOfBand(delay) => noticed + delay,
        Control::InBand => unreachable
            .iter()
            .find(|window| window.start <= noticed && noticed < window.end)
            .map_or(noticed, |window| window.end),
    };
    let serves = ordered + site.activation;
    (serves < outage.end).then_some(serves)
}

/// Phases from who serves when, and from the brownouts of the first site.
fn lay_out(
    faults: &[ServiceFault],
    stretches: &[(Window, Site)],
    standby: Option<&StandbySite>,
) -> Vec<Phase> {
    let windows = stretches.iter().map(|(window, _)| *window).chain(faults.iter().map(|fault| fault.window));
    let mut edges: Vec<SimTime> = windows.flat_map(|window| [window.start, window.end]).collect();
    edges.sort();
    edges.dedup();
    let mut phases: Vec<Phase> = Vec::new();
    for at in edges.into_iter().filter(|&at| at < SimTime::NEVER) {
        let holds = |window: &Window| window.start <= at && at < window.end;
        let site = stretches.iter().find(|(window, _)| holds(window)).map(|(_, site)| *site);
        let mut phase = Phase { from: at, ..Phase::HEALTHY };
        match (site, standby) {
            (Some(Site::Nobody), _) => phase.up = false,
            (Some(Site::Standby), Some(standby)) => {
                (phase.speed, phase.extra, phase.standby) = (standby.capacity, standby.extra, true);
            }
            (None | Some(Site::Standby), _) => {
                faults.iter().filter(|fault| holds(&fault.window)).for_each(|fault| limp(&mut phase, fault));
            }
        }
        let before = phases.last().copied().unwrap_or(Phase::HEALTHY);
        if (Phase { from: before.from, ..phase }) != before {
            phases.push(phase);
        }
    }
    phases
}

/// A brownout's part in `phase`: several fail attempts independently, delays add up, what is left of the capacity multiplies.
fn limp(phase: &mut Phase, fault: &ServiceFault) {
    if let ServiceEffect::Brownout { failing, extra, capacity } = fault.effect {
        let both = u128::from(phase.failing) * u128::from(failing) / u128::from(FULL);
        phase.failing = phase.failing + failing - both as u64;
        phase.extra += extra;
        phase.speed = ((u128::from(phase.speed) * u128::from(capacity) / u128::from(FULL)) as u64).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64) -> SimTime {
        SimTime::from_unix_seconds(1_000_000_020 + 60 * minute)
    }

    fn outage(start: u64, end: u64, network: bool) -> ServiceFault {
        let window = Window { start: at(start), end: at(end) };
        ServiceFault {
            name: String::new(),
            scheduled: None,
            window,
            effect: ServiceEffect::Outage { network },
        }
    }

    fn site(control: Control) -> StandbySite {
        StandbySite {
            control,
            detection: Span::from_secs(120),
            activation: Span::from_secs(600),
            capacity: FULL / 2,
            extra: Span::from_millis(20),
            resync: Span::from_secs(1_800),
            returns: true,
            switch: Span::from_secs(60),
        }
    }

    /// Minutes at which something changes, and who serves from then on.
    fn told(faults: &[ServiceFault], standby: Option<&StandbySite>) -> Vec<(u64, &'static str)> {
        phases(faults, standby)
            .iter()
            .map(|phase| {
                let who = match (phase.up, phase.speed == FULL) {
                    (false, _) => "nobody",
                    (true, true) => "first",
                    (true, false) => "standby",
                };
                (phase.from.since(at(0)).as_nanos() / 60_000_000_000, who)
            })
            .collect()
    }

    #[test]
    fn without_a_standby_an_outage_lasts_as_long_as_it_lasts() {
        assert_eq!(told(&[outage(0, 60, true), outage(30, 90, false)], None), [(0, "nobody"), (90, "first")]);
    }

    #[test]
    fn a_standby_serves_from_activation_to_resynchronization() {
        let standby = site(Control::InBand);
        let expected = [(0, "nobody"), (12, "standby"), (90, "nobody"), (91, "first")];
        assert_eq!(told(&[outage(0, 60, false)], Some(&standby)), expected);
        assert_eq!(told(&[outage(0, 12, false)], Some(&standby)), [(0, "nobody"), (12, "first")]);
    }

    #[test]
    fn an_order_in_band_waits_for_the_network_and_one_out_of_band_does_not() {
        let meta = [outage(0, 360, false), outage(0, 300, true)];
        let in_band = told(&meta, Some(&site(Control::InBand)));
        let out_of_band = told(&meta, Some(&site(Control::OutOfBand(Span::from_secs(180)))));
        assert_eq!(in_band[..2], [(0, "nobody"), (310, "standby")]);
        assert_eq!(out_of_band[..2], [(0, "nobody"), (15, "standby")]);
        assert_eq!(
            told(&[outage(0, 300, true)], Some(&site(Control::InBand))),
            [(0, "nobody"), (300, "first")]
        );
    }

    #[test]
    fn another_outage_before_the_way_back_keeps_the_standby() {
        let standby = site(Control::InBand);
        let twice = [outage(0, 60, false), outage(80, 100, false)];
        let expected = [(0, "nobody"), (12, "standby"), (130, "nobody"), (131, "first")];
        assert_eq!(told(&twice, Some(&standby)), expected);
        let stays = StandbySite { returns: false, ..standby };
        assert_eq!(told(&twice, Some(&stays)), [(0, "nobody"), (12, "standby")]);
    }

    #[test]
    fn a_brownout_limps() {
        let window = Window { start: at(0), end: at(10) };
        let effect =
            ServiceEffect::Brownout { failing: FULL / 10, extra: Span::from_secs(1), capacity: FULL / 4 };
        let fault = ServiceFault { name: String::new(), scheduled: None, window, effect };
        let found = phases(&[fault], None);
        let (speed, failing, extra) = (FULL / 4, FULL / 10, Span::from_secs(1));
        let limping = Phase { from: at(0), speed, failing, extra, ..Phase::HEALTHY };
        assert_eq!(found, [limping, Phase { from: at(10), ..Phase::HEALTHY }]);
    }
}
