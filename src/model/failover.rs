//! The controller: from "declared down" to traffic on the backup, and back.
//!
//! ```text
//!            down                usable            route changed
//! Primary ─────────▶ BringingUp ────────▶ Switching ───────────▶ Backup ◀─ down ─┐
//!    ▲                   │  │ dead            │ up                 │ up           │
//!    │                   │  ▼                 │                    ▼              │
//!    │                   │ Stalled ─ alive ▶ …│               HoldingDown ────────┤
//!    │ ready             ▼                    ▼                    ▼              │
//!    ├──────────────── Restoring ◀────────────┘               Returning ──────────┘
//!    └─────────────────────────────────────────────────────────────┘ ready
//! ```
//!
//! *Ready* is when the route over the primary is there again: some time after it was declared up, or, with a routing
//! session, some time after the session was established again ([`Ready`]). Until then traffic that had moved stays on the backup
//! (`Returning`), and traffic that had not has no route (`Restoring`).
//!
//! *HoldingDown* stands for all that keeps traffic on the backup although the primary is up: hold-down, damping
//! ([`super::damping`]), an hour that has not come, somebody who has not yet; *AwaitingQuiet* for payments that do not rest.
//!
//! A pure state machine: it is told what the detector thinks, whether the backup passes traffic and what time it is; it
//! answers with the steps it took. It decides the route; what the route is worth is physics ([`super::path`]).

use std::sync::Arc;

use crate::scenario::resolved::{Failback, FormatId, Law, Profile, Scenario, Window};
use crate::units::{SimTime, Span};

use super::bring_up::{Plan, Registration};
use super::damping::Damping;
use super::faults::SETTLING;
use super::flows;

/// Where new packets go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Route {
    /// Over the primary uplink.
    Primary,
    /// Over LTE as the backup.
    Backup,
    /// Nowhere: the router answers "unreachable" at once.
    Unreachable,
}

/// When the route over a primary that is up again will be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ready {
    /// This long after traffic may return.
    After(Span),
    /// From this instant on.
    At(SimTime),
    /// Nobody knows yet: a session has to be established first.
    Unknown,
}

/// A step of an incident.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The modem asks the carrier for registration; the span is what it takes by itself.
    Registering(Span),
    /// The backup path is usable.
    BackupReady,
    /// New packets take the backup.
    FailedOver,
    /// New packets take the primary again.
    FailedBack,
    /// The primary has its route again before traffic had moved to the backup.
    Restored,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Primary,
    /// Modem starting; asks for registration at the instant.
    Starting {
        at: SimTime,
        takes: Span,
        after: Span,
    },
    /// Waiting for the core's answer.
    Registering {
        takes: Span,
        after: Span,
    },
    /// Usable at the instant.
    BringingUp {
        at: SimTime,
    },
    /// The backup was dead when it should have become usable.
    Stalled,
    /// Route changes at the instant.
    Switching {
        at: SimTime,
    },
    Backup,
    /// The primary is up but has to stay up until the instant.
    HoldingDown {
        until: SimTime,
    },
    /// Traffic returns once payments have rested; looked at again at the instant.
    AwaitingQuiet {
        at: SimTime,
    },
    /// Route changes back at the instant.
    Returning {
        at: SimTime,
    },
    /// Traffic never left, or had no backup yet: it goes on over the primary from the instant.
    Restoring {
        at: SimTime,
    },
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Controller {
    stage: Stage,
    failback: Failback,
    /// When traffic may return; empty: at any time.
    hours: Arc<[Window]>,
    damping: Option<Damping>,
    /// Traffic that has moved stays on the backup at least this long.
    backup_min: Span,
    /// Whether there is a backup for store traffic.
    has_backup: bool,
    switch_over: Span,
    ready: Ready,
    /// When traffic moved to the backup last.
    moved: SimTime,
}

impl Controller {
    /// A controller of `profile` with traffic on the primary, which may return to it in `hours`.
    #[must_use]
    pub fn new(profile: &Profile, hours: &Arc<[Window]>, has_backup: bool, now: SimTime) -> Self {
        Controller {
            stage: Stage::Primary,
            failback: profile.failback,
            hours: Arc::clone(hours),
            damping: profile.damping.map(|rule| Damping::new(rule, now)),
            backup_min: profile.backup_min,
            has_backup,
            switch_over: Span::ZERO,
            ready: Ready::After(Span::ZERO),
            moved: SimTime::NEVER,
        }
    }

    /// Where new packets go, as far as failover decides.
    #[must_use]
    pub const fn route(&self) -> Route {
        match self.stage {
            Stage::Primary => Route::Primary,
            Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. }
            | Stage::Restoring { .. } => Route::Unreachable,
            Stage::Backup
            | Stage::HoldingDown { .. }
            | Stage::AwaitingQuiet { .. }
            | Stage::Returning { .. } => Route::Backup,
        }
    }

    /// What it is doing, in words.
    #[must_use]
    pub const fn stage_name(&self) -> &'static str {
        match self.stage {
            Stage::Primary => "primary",
            Stage::Starting { .. } => "starting the modem",
            Stage::Registering { .. } => "registering",
            Stage::BringingUp { .. } => "bringing up",
            Stage::Stalled => "the backup is dead",
            Stage::Switching { .. } => "switching",
            Stage::Backup => "backup",
            Stage::HoldingDown { .. } => "backup, held there",
            Stage::AwaitingQuiet { .. } => "backup, until payments rest",
            Stage::Returning { .. } => "returning",
            Stage::Restoring { .. } => "restoring the route",
        }
    }

    /// Whether a bring-up stands still because the backup is dead.
    #[must_use]
    pub const fn is_stalled(&self) -> bool {
        matches!(self.stage, Stage::Stalled)
    }

    /// Whether the primary is up and only its route has to be found again, before traffic had moved.
    #[must_use]
    pub const fn is_restoring(&self) -> bool {
        matches!(self.stage, Stage::Restoring { .. })
    }

    /// When it next does something by itself.
    #[must_use]
    pub const fn next(&self) -> SimTime {
        match self.stage {
            Stage::Starting { at, .. }
            | Stage::BringingUp { at }
            | Stage::Switching { at }
            | Stage::AwaitingQuiet { at }
            | Stage::Returning { at }
            | Stage::Restoring { at } => at,
            Stage::HoldingDown { until } => until,
            Stage::Primary | Stage::Registering { .. } | Stage::Stalled | Stage::Backup => SimTime::NEVER,
        }
    }

    /// Whether its next own step asks the carrier's core for registration.
    #[must_use]
    pub const fn is_about_to_register(&self) -> bool {
        matches!(self.stage, Stage::Starting { .. })
    }

    /// Whether it waits for a grant.
    #[must_use]
    pub const fn is_registering(&self) -> bool {
        matches!(self.stage, Stage::Registering { .. })
    }

    /// The primary is declared down at `now`. A bring-up, if one is needed, goes by `plan`; `queues` says whether
    /// registrations queue at a core. `route_change` is the delay until new packets take the other way.
    pub fn down(&mut self, now: SimTime, plan: impl FnOnce() -> Plan, queues: bool, route_change: Span) {
        if let Some(damping) = &mut self.damping {
            damping.flap(now);
        }
        match self.stage {
            Stage::Primary | Stage::Restoring { .. } if self.has_backup => {
                self.switch_over = route_change;
                self.start(now, plan(), queues);
            }
            Stage::HoldingDown { .. } | Stage::AwaitingQuiet { .. } | Stage::Returning { .. } => {
                self.stage = Stage::Backup;
            }
            Stage::Primary
            | Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. }
            | Stage::Restoring { .. }
            | Stage::Backup => {}
        }
    }

    fn start(&mut self, now: SimTime, plan: Plan, queues: bool) {
        self.stage = match plan.registration {
            Some(Registration { before, takes }) if queues => {
                Stage::Starting { at: now + before, takes, after: plan.after }
            }
            Some(_) | None => Stage::BringingUp { at: now + plan.total() },
        };
    }

    /// The primary is declared up at `now`; returns whether traffic is on it at once because it had not left
    /// yet. Somebody who leads traffic back by hand does so after `staff`.
    pub fn up(&mut self, now: SimTime, ready: Ready, staff: Span) -> bool {
        self.ready = ready;
        match self.stage {
            Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. } => {
                // A route that was never replaced is there as soon as the link is up; a session's has to be learnt again.
                let at = match ready {
                    Ready::After(_) => now,
                    Ready::At(at) => at,
                    Ready::Unknown => SimTime::NEVER,
                };
                self.stage = if at <= now { Stage::Primary } else { Stage::Restoring { at } };
                self.stage == Stage::Primary
            }
            Stage::Backup => {
                let Some(until) = self.returns(now, staff) else { return false };
                if until > now {
                    self.stage = Stage::HoldingDown { until };
                } else {
                    self.leave_backup(now);
                }
                false
            }
            Stage::Primary => true,
            Stage::HoldingDown { .. }
            | Stage::AwaitingQuiet { .. }
            | Stage::Returning { .. }
            | Stage::Restoring { .. } => false,
        }
    }

    /// When traffic may leave the backup for a primary that was declared up at `now`, payments aside; `None` if never.
    fn returns(&self, now: SimTime, staff: Span) -> Option<SimTime> {
        let mut at = (self.moved + self.backup_min).max(now);
        if let Some(damping) = &self.damping {
            at = at.max(damping.usable(now));
        }
        match self.failback {
            Failback::Immediate | Failback::Idle(_) => Some(at),
            Failback::HoldDown(hold) => Some(at.max(now + hold)),
            Failback::Window => self.in_hours(at),
            Failback::Manual(_) => self.in_hours(at.max(now + staff)),
            Failback::Never => None,
        }
    }

    /// The first instant from `at` on at which traffic may return.
    fn in_hours(&self, at: SimTime) -> Option<SimTime> {
        if self.hours.is_empty() {
            return Some(at);
        }
        self.hours.iter().find(|hours| hours.end > at).map(|hours| hours.start.max(at))
    }

    /// Traffic leaves the backup at `now`, or as soon as payments rest.
    fn leave_backup(&mut self, now: SimTime) {
        if let Failback::Idle(_) = self.failback {
            self.stage = Stage::AwaitingQuiet { at: now };
        } else {
            self.begin_return(now);
        }
    }

    /// The primary has taken traffic back, although nobody here has declared it up: it moves, or stays, after `takes`.
    pub fn reclaim(&mut self, now: SimTime, takes: Span) {
        match self.stage {
            Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. } => self.stage = Stage::Restoring { at: now + takes },
            Stage::Backup | Stage::HoldingDown { .. } | Stage::AwaitingQuiet { .. } => {
                self.stage = Stage::Returning { at: now + takes };
            }
            Stage::Primary | Stage::Returning { .. } | Stage::Restoring { .. } => {}
        }
    }

    /// Traffic may return from `now` on.
    fn begin_return(&mut self, now: SimTime) {
        let at = match self.ready {
            Ready::After(span) => now + span,
            Ready::At(at) => at.max(now),
            Ready::Unknown => SimTime::NEVER,
        };
        self.stage = Stage::Returning { at };
    }

    /// It is known now when the route over the primary will be there.
    pub fn ready(&mut self, at: SimTime) {
        if self.ready == Ready::Unknown {
            self.ready = Ready::At(at);
            match self.stage {
                Stage::Returning { .. } => self.stage = Stage::Returning { at },
                Stage::Restoring { .. } => self.stage = Stage::Restoring { at },
                Stage::Primary
                | Stage::Starting { .. }
                | Stage::Registering { .. }
                | Stage::BringingUp { .. }
                | Stage::Stalled
                | Stage::Switching { .. }
                | Stage::Backup
                | Stage::AwaitingQuiet { .. }
                | Stage::HoldingDown { .. } => {}
            }
        }
    }

    /// The backup passes traffic again: a bring-up that stood still starts again by `plan`.
    pub fn backup_alive(&mut self, now: SimTime, plan: impl FnOnce() -> Plan, queues: bool) {
        if self.stage == Stage::Stalled {
            self.start(now, plan(), queues);
        }
    }

    /// The backup died: traffic that waits to return to a primary that is up returns without waiting.
    pub fn backup_dead(&mut self, now: SimTime) {
        if let Stage::HoldingDown { .. } | Stage::AwaitingQuiet { .. } = self.stage {
            self.begin_return(now);
        }
    }

    /// The core granted the registration at `now`.
    pub fn registered(&mut self, now: SimTime) {
        if let Stage::Registering { after, .. } = self.stage {
            self.stage = Stage::BringingUp { at: now + after };
        }
    }

    /// The core refused the registration, or did not answer: the modem asks again at `at`.
    pub fn retry(&mut self, at: SimTime) {
        if let Stage::Registering { takes, after } = self.stage {
            self.stage = Stage::Starting { at, takes, after };
        }
    }

    /// Whether a change of SIM begins the bring-up anew.
    #[must_use]
    pub const fn may_change_sim(&self) -> bool {
        match self.stage {
            Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. }
            | Stage::Backup => true,
            Stage::Primary
            | Stage::HoldingDown { .. }
            | Stage::AwaitingQuiet { .. }
            | Stage::Returning { .. }
            | Stage::Restoring { .. } => false,
        }
    }

    /// The modem changes its SIM at `now`: if a bring-up is in vain or the path in use is dead, it begins anew by `plan`, after
    /// `takes`. Returns whether traffic leaves the backup for that; `None` if nothing is to be brought up.
    pub fn change_sim(&mut self, now: SimTime, takes: Span, plan: Plan, queues: bool) -> Option<bool> {
        let moved = matches!(self.stage, Stage::Backup);
        self.may_change_sim().then(|| {
            self.start(now + takes, plan, queues);
            moved
        })
    }

    /// Whether a bring-up is under way.
    #[must_use]
    pub const fn is_bringing_up(&self) -> bool {
        match self.stage {
            Stage::Starting { .. } | Stage::Registering { .. } | Stage::BringingUp { .. } => true,
            Stage::Primary
            | Stage::Stalled
            | Stage::Switching { .. }
            | Stage::Backup
            | Stage::HoldingDown { .. }
            | Stage::AwaitingQuiet { .. }
            | Stage::Returning { .. }
            | Stage::Restoring { .. } => false,
        }
    }

    /// Whether the backup is used, or being brought up.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.is_stalled() || self.is_bringing_up() || self.uses_backup()
    }

    /// Whether traffic is on the backup, or about to be, so that its modem is registered.
    #[must_use]
    pub const fn uses_backup(&self) -> bool {
        match self.stage {
            Stage::BringingUp { .. }
            | Stage::Switching { .. }
            | Stage::Backup
            | Stage::HoldingDown { .. }
            | Stage::AwaitingQuiet { .. }
            | Stage::Returning { .. } => true,
            Stage::Primary
            | Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::Stalled
            | Stage::Restoring { .. } => false,
        }
    }

    /// Does what is due at `now`, which is [`Controller::next`]. No payment has been under way since `quiet_since`; `None` if one
    /// is.
    pub fn handle(&mut self, now: SimTime, backup_alive: bool, quiet_since: Option<SimTime>) -> Option<Step> {
        match self.stage {
            Stage::Starting { takes, after, .. } => {
                self.stage = Stage::Registering { takes, after };
                Some(Step::Registering(takes))
            }
            Stage::BringingUp { .. } if !backup_alive => {
                self.stage = Stage::Stalled;
                None
            }
            Stage::BringingUp { .. } => {
                self.stage = Stage::Switching { at: now + self.switch_over };
                Some(Step::BackupReady)
            }
            Stage::Switching { .. } => {
                self.moved = now;
                self.stage = Stage::Backup;
                Some(Step::FailedOver)
            }
            Stage::HoldingDown { .. } => {
                self.leave_backup(now);
                None
            }
            Stage::AwaitingQuiet { .. } => {
                let Failback::Idle(quiet) = self.failback else { return None };
                // A payment that is under way ends now at the earliest, so nothing is missed by looking only then.
                let at = quiet_since.unwrap_or(now) + quiet;
                if at <= now {
                    self.begin_return(now);
                } else {
                    self.stage = Stage::AwaitingQuiet { at };
                }
                None
            }
            Stage::Restoring { .. } => {
                self.stage = Stage::Primary;
                Some(Step::Restored)
            }
            Stage::Returning { .. } => {
                self.stage = Stage::Primary;
                Some(Step::FailedBack)
            }
            Stage::Primary | Stage::Registering { .. } | Stage::Stalled | Stage::Backup => None,
        }
    }

    /// The device that hosts it was restarted: traffic goes over the primary, and flaps are forgotten.
    pub fn reset(&mut self, now: SimTime) {
        self.stage = Stage::Primary;
        self.damping = self.damping.map(|damping| damping.forget(now));
    }
}

/// Longer than any lead-in: nothing can be left out.
pub const ALWAYS: Span = Span::from_secs(400 * 86_400);

/// How long after the repair of a fault what it led to may still be going on at a store of `format` under `profile`.
#[must_use]
pub fn settling(profile: &Profile, scenario: &Scenario, format: FormatId) -> Span {
    /// An hour of the day has come again by then, even if clocks change.
    const A_DAY: Span = Span::from_secs(25 * 3_600);
    let failback = match profile.failback {
        Failback::Immediate => Span::ZERO,
        Failback::HoldDown(hold) => hold,
        Failback::Window => A_DAY,
        Failback::Manual(Law::Constant(seconds)) => Span::from_secs_f64(seconds) + A_DAY,
        // Payments may never rest, and laws have tails.
        Failback::Idle(_) | Failback::Manual(_) | Failback::Never => ALWAYS,
    };
    let traffic = &scenario.formats[format.0 as usize].traffic;
    let flows = flows::settling(profile.tunnel, scenario.payments.kept, traffic).unwrap_or(ALWAYS);
    SETTLING + failback + profile.damping.map_or(Span::ZERO, |rule| rule.longest) + flows
}
