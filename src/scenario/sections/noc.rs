//! `[noc]`: the people who see faults, open tickets and mend what is the retailer's own.

use std::collections::BTreeMap;

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Problem, Section};
use crate::scenario::resolved::{Device, Law};
use crate::units::{Cents, Span};

/// The operations centre as written.
pub(crate) struct Noc {
    pub enabled: bool,
    pub timezone: Option<Named>,
    pub poll: Span,
    pub polls_to_alarm: u32,
    pub shifts: Shifts,
    pub sessions: u32,
    pub acknowledge: [Law; 3],
    pub at_risk: [Cents; 2],
    pub at_risk_on_backup: f64,
    pub provider_call: Law,
    pub dispatch: Law,
    pub travel: Law,
    pub stores_per_technician: u32,
    pub close_after: Span,
    pub oobm_alarm: Span,
    pub oobm_dead: f64,
    pub playbooks: BTreeMap<String, PlaybookEntry>,
}

/// Engineers by hour of the centre's day.
pub(crate) struct Shifts {
    /// Minutes since midnight at which the day shift begins and ends.
    pub day: (u32, u32),
    pub engineers_day: u32,
    pub engineers_night: u32,
}

/// A playbook as written.
pub(crate) struct PlaybookEntry {
    pub place: crate::scenario::tree::Place,
    pub device: Device,
    pub console: f64,
    pub outlet: f64,
    pub remote_time: Law,
    pub staff: f64,
    pub staff_time: Law,
    pub on_site_time: Law,
    pub parts: f64,
    pub parts_wait: Law,
}

const DEVICES: &[(&str, Device)] = &[
    (Device::Router.name(), Device::Router),
    (Device::Switch.name(), Device::Switch),
    (Device::StoreServer.name(), Device::StoreServer),
    (Device::Lane.name(), Device::Lane),
];

/// More people than any centre has.
const PEOPLE_MAX: f64 = 100_000.0;

const ACKNOWLEDGED: &str =
    "[D] service levels of Invite Networks: high priority within 20 min; taken to hold for 19 of 20 (EA)";
const ACKNOWLEDGED_LATER: &str =
    "[D] service levels of Invite Networks: medium priority within 1 h; taken to hold for 19 of 20 (EA)";

pub(crate) fn read(section: &Section) -> Noc {
    let law = |key, doc, default, why| section.law(Field::new(key, doc).or(default, why));
    let people = |key, doc, least| Field::new(key, doc).within(least, PEOPLE_MAX);
    let acknowledge = section.section(
        "acknowledge",
        "From an opened ticket until somebody has looked at it, by priority; engineers may still all be busy then.",
        |section| {
            let law = |key, doc, default, why| section.law(Field::new(key, doc).or(default, why));
            [
                law("high", "Tickets of priority 1.", "{ median = \"7 min\", sigma = 0.64 }", ACKNOWLEDGED),
                law("medium", "Tickets of priority 2.", "{ median = \"21 min\", sigma = 0.64 }", ACKNOWLEDGED_LATER),
                law(
                    "low",
                    "Tickets of priority 3.",
                    "{ median = \"42 min\", sigma = 0.64 }",
                    "[EA] twice as long as medium ones",
                ),
            ]
        },
    );
    let (at_risk, at_risk_on_backup) = section.section(
        "priority",
        "A ticket's priority follows from the sales at risk: those of an average open hour of the store.",
        |section| {
            let money = |key, doc, default, why| {
                section.money(Field::new(key, doc).within(0.0, 1e12).or(default, why))
            };
            let at_risk = [
                money(
                    "high",
                    "Sales an hour from which a ticket has priority 1.",
                    "$2000",
                    "[EA] a large store without any path",
                ),
                money(
                    "medium",
                    "Sales an hour from which a ticket has priority 2.",
                    "$300",
                    "[EA] a mall store without any path",
                ),
            ];
            let on_backup = section.share(
                Field::new("on_backup", "Share of a store's sales that is at risk while another path works.")
                    .or("10 %", "[EA] the backup may fail too"),
            );
            (at_risk, on_backup)
        },
    );

    let noc = Noc {
        enabled: section.flag(
            Field::new("enabled", "Whether the retailer's own causes are mended by people with tickets and shifts.").or(
                "false",
                "[EA] off: the odds of a remote fix have no source, and the causes' own times to restore are totals",
            ),
        ),
        timezone: section.name(
            Field::new("timezone", "Time zone of the centre's shifts.")
                .or("America/Chicago", "[EA] the middle of the US by stores"),
        ),
        poll: section.span(
            Field::new("poll", "How often every store is polled.")
                .within(1.0, 86_400.0)
                .or("5 min", "[EA] the usual interval of network monitoring"),
        ),
        polls_to_alarm: section.count(
            Field::new("polls_to_alarm", "Polls in a row without an answer that raise an alarm.")
                .within(1.0, 100.0)
                .or("1", "[EA] the first one does"),
        ),
        shifts: section.section("shifts", "Engineers on duty.", read_shifts),
        sessions: section.count(
            people("sessions", "Remote sessions that can be open at once.", 0.0)
                .or("16", "[EA] what a small concentrator licenses; binds only if many stores fail at once"),
        ),
        acknowledge,
        at_risk,
        at_risk_on_backup,
        provider_call: law(
            "provider_call",
            "Engineer's time to hand a fault to its provider.",
            "{ median = \"15 min\", sigma = 0.5 }",
            "[EA] look, call, wait in the line, note the number",
        ),
        dispatch: law(
            "dispatch",
            "Engineer's time to send a technician.",
            "{ median = \"15 min\", sigma = 0.5 }",
            "[EA] look, decide, find somebody",
        ),
        travel: law(
            "travel",
            "Technician's time on the road to a store.",
            "{ median = \"2 h\", sigma = 0.6 }",
            "[EA] nine of ten within the four hours that service contracts name",
        ),
        stores_per_technician: section.count(
            people("stores_per_technician", "A market has one technician for so many stores, and at least one.", 1.0)
                .or("25", "[EA] no source; binds only if a market fails as one"),
        ),
        close_after: section.span(
            Field::new("close_after", "From resolved to closed.")
                .within(0.0, 30.0 * 86_400.0)
                .or("15 min", "[EA] to see that it stays up"),
        ),
        oobm_alarm: section.span(
            Field::new("oobm_alarm", "Until an out-of-band unit whose path works tells of a fault.")
                .within(0.0, 86_400.0)
                .or("1 min", "[EA] it pings the router"),
        ),
        oobm_dead: section.share(
            Field::new("oobm_dead", "Probability that an out-of-band unit does not answer when needed.")
                .or("5 %", "[J] 3 to 8 % of backups are dead on demand: SIM, antenna, APN, cap"),
        ),
        playbooks: section.catalogue("playbooks", "What is done about a cause, by its name.", read_playbook),
    };
    if noc.at_risk[1] > noc.at_risk[0] {
        let problem = Problem::new(Code::Inconsistent, "priority 2 begins above priority 1");
        section.problem("priority", problem.help("give [noc.priority] a `medium` that is not above `high`"));
    }
    noc
}

fn read_shifts(section: &Section) -> Shifts {
    let clock = |key, doc, default, why| section.clock(Field::new(key, doc).or(default, why)).unwrap_or(0);
    let count =
        |key, doc, default, why| section.count(Field::new(key, doc).within(0.0, PEOPLE_MAX).or(default, why));
    let shifts = Shifts {
        day: (
            clock("day_from", "When the day shift begins.", "07:00", "[EA] before most stores open"),
            clock("day_until", "When the day shift ends.", "22:00", "[EA] when most stores have closed"),
        ),
        engineers_day: count(
            "day",
            "Engineers on duty by day.",
            "8",
            "[EA] no source; with the shipped rates they do not bind",
        ),
        engineers_night: count(
            "night",
            "Engineers on duty by night.",
            "2",
            "[EA] no source; two, so that one may be busy",
        ),
    };
    if shifts.day.0 >= shifts.day.1 {
        let problem = Problem::new(Code::Inconsistent, "the day shift ends before it begins");
        section.problem(
            "day_until",
            problem.help("write for example day_from = \"07:00\", day_until = \"22:00\""),
        );
    }
    if shifts.engineers_day + shifts.engineers_night == 0 && section.is_written() {
        let problem = Problem::new(Code::Inconsistent, "nobody is on duty, by day or by night");
        section.problem("day", problem.help("give [noc.shifts] an engineer, or leave [noc] off"));
    }
    shifts
}

fn read_playbook(_name: &str, section: &Section) -> PlaybookEntry {
    let share = |key, doc| section.share(Field::new(key, doc));
    let law = |key, doc| section.law(Field::new(key, doc));
    PlaybookEntry {
        place: section.place,
        device: section.choice(
            Field::new(
                "device",
                "What has failed, and must be on a console port or an outlet to be mended from afar.",
            ),
            DEVICES,
        ),
        console: share("console", "Probability that it is mended over a console."),
        outlet: share("outlet", "Probability that it is mended if its outlet can be switched, too."),
        remote_time: law("remote_time", "How long a remote attempt takes, successful or not."),
        staff: share(
            "staff",
            "Probability that somebody at the store can be talked through it; 0: not tried.",
        ),
        staff_time: law("staff_time", "How long that takes, successful or not."),
        on_site_time: law("on_site_time", "A technician's time at the store."),
        parts: section.share(
            Field::new("parts", "Probability that a part has to be sent first.")
                .or("0", "[EA] none unless said"),
        ),
        parts_wait: section
            .law(Field::new("parts_wait", "How long a part takes.").or("0 s", "[EA] none unless said")),
    }
}
