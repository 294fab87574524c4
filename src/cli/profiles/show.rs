//! `tinsel profiles show`: one profile, explained.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Map, Value, json};

use super::text::{YEAR, age, megabytes, per_year, percent, right, span, spread, wrapped};
use super::{SourceArgs, bounded, closed_json, print_json, words};
use crate::cli::exit::Failure;
use crate::model::detector::closed::{ClosedForms, Figure, Spread, false_alarm};
use crate::model::flows::tunnel::Tunnel;
use crate::scenario::resolved::{Detector, Ends, Failback, HelloDead, IdleCheck, Profile};
use crate::units::Span;

#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// Name of a profile, or a file with one.
    name: String,
    #[command(flatten)]
    source: SourceArgs,
    /// Print the same as JSON.
    #[arg(long)]
    json: bool,
}

/// Losses of a healthy link at which false alarms are shown.
const LOSSES: [f64; 5] = [0.001, 0.01, 0.05, 0.1, 0.2];

const WIDTH: usize = 100;
const LABEL: usize = 58;
const TIME: usize = 12;
const INDENT: &str = "  ";

/// Prints what there is to say of one profile.
pub(super) fn show(args: &ShowArgs) -> Result<(), Failure> {
    let profile = args.source.known()?.resolve(&args.name)?;
    if args.json {
        return print_json(&document(&profile, args.source.rtt));
    }
    super::super::print(&page(&profile, args.source.rtt))
}

fn document(profile: &Profile, rtt: Span) -> Value {
    let parameters = profile.detector.as_ref().map(words::parameters).unwrap_or_default();
    let parameters: Map<String, Value> =
        parameters.into_iter().map(|(key, value)| (key.to_owned(), Value::String(value))).collect();
    let alarms = LOSSES.map(|loss| {
        let seconds = false_alarm(profile, rtt, loss);
        json!({
            "loss": loss,
            "seconds": seconds.map_or(Value::Null, bounded),
            "none": seconds.err().map(|reason| reason.to_string()),
        })
    });
    json!({
        "name": profile.name,
        "family": words::family(profile),
        "product": profile.product,
        "source": profile.source,
        "date": profile.date,
        "confidence": profile.confidence,
        "parameters": parameters,
        "rtt_s": rtt.as_secs_f64(),
        "closed_forms": closed_json(&ClosedForms::of(profile, rtt)),
        "false_alarms": alarms,
        "probes_backup": profile.probes_backup,
        "flush_flows": profile.flush_flows,
        "backup_min_s": profile.backup_min.as_secs_f64(),
    })
}

fn page(profile: &Profile, rtt: Span) -> String {
    let closed = ClosedForms::of(profile, rtt);
    let mut text = format!("{}: {}\n", profile.name, profile.product);
    for (label, value) in
        [("source", &profile.source), ("date", &profile.date), ("confidence", &profile.confidence)]
    {
        let _ = writeln!(text, "{INDENT}{label:<12}{value}");
    }
    rule(&mut text, profile);
    chain(&mut text, profile, &closed, rtt);
    carrier(&mut text, profile, &closed);
    text += "\nWhat it does not see\n";
    for one in words::blind_spots(profile) {
        text += &wrapped(&one, INDENT, WIDTH);
    }
    alarms(&mut text, profile, rtt);
    probes(&mut text, profile, &closed);
    text
}

fn rule(text: &mut String, profile: &Profile) {
    let _ = writeln!(text, "\nRule: {}", words::family(profile));
    let Some(detector) = &profile.detector else {
        text.push_str(&wrapped("Nothing is probed: only the carrier is watched.", INDENT, WIDTH));
        return;
    };
    let keys: Vec<String> =
        words::parameters(detector).into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
    text.push_str(&wrapped(&keys.join(", "), INDENT, WIDTH));
    text.push_str(&wrapped(&format!("Down: {}", words::detection(detector)), INDENT, WIDTH));
    text.push_str(&wrapped(&format!("Up: {}", words::recovery(detector)), INDENT, WIDTH));
}

/// The stages, each with its part, sums with theirs.
fn chain(text: &mut String, profile: &Profile, closed: &ClosedForms, rtt: Span) {
    let head = |what: &str| {
        let columns = ["min", "mean", "max"].map(|word| right(word, TIME)).concat();
        format!("\n{what:<width$}{columns}\n", width = LABEL + INDENT.len())
    };
    let on = if rtt.is_zero() { String::new() } else { format!(", round trip {}", span(rtt)) };
    *text += &head(&format!("A blackhole at a random moment{on}"));
    if !profile.down_delay.is_zero() {
        *text += &line("the rule says down", &closed.rule_down);
        *text += &line("and must say so for", &Ok(profile.down_delay.into()));
    }
    *text += &line("detection: fault to declared down", &closed.detection);
    if closed.detection.is_ok() {
        *text += &line("route change", &Ok(closed.route_change));
        *text += &line("failover: fault to traffic on a backup that is ready", &closed.failover);
    }
    *text += &head("Its repair after a long outage");
    if !profile.up_delay.is_zero() {
        *text += &line("the rule says up", &closed.rule_up);
        *text += &line("and must say so for", &Ok(profile.up_delay.into()));
    }
    *text += &line("recovery: repair to declared up", &closed.recovery);
    if let Some(session) = closed.session.filter(|&session| closed.recovery != Ok(session)) {
        *text += &line("session: repair to established again", &Ok(session));
    }
    if closed.recovery.is_ok() || closed.session.is_some() {
        if closed.hold_down != Ok(Spread::at(0.0)) {
            *text += &line("hold-down", &closed.hold_down);
        }
        *text += &line("route return", &Ok(closed.route_return));
        *text += &line("failback: repair to traffic on the primary", &closed.failback);
    }
    for remark in remarks(profile) {
        *text += &wrapped(&remark, INDENT, WIDTH);
    }
}

fn line(label: &str, figure: &Figure) -> String {
    match figure {
        Ok(found) => {
            let times = spread(found).map(|time| right(&time, TIME)).concat();
            format!("{INDENT}{label:<LABEL$}{times}\n")
        }
        Err(reason) => format!("{INDENT}{label:<LABEL$}  {reason}\n"),
    }
}

fn remarks(profile: &Profile) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(session) = profile.session {
        found.push(format!(
            "The session is tried again every {} at first and ever more rarely. In an outage of more than some ten seconds \
             the kernel gives up, and it is tried again {} later, or as soon as BFD is up.",
            span(session.retry),
            span(session.attempt),
        ));
    }
    if !profile.backup_min.is_zero() {
        found.push(format!(
            "Traffic that has moved stays on the backup for {} at least.",
            span(profile.backup_min)
        ));
    }
    found.extend(returns(profile));
    if profile.lan_takeover {
        found.push(
            "Hosts of the LAN may go on sending to the backup for some seconds after the return, until they hear who \
             their gateway is; that is not in these times."
                .to_owned(),
        );
    }
    found.push(if profile.flush_flows {
        "Flows are reset when the route changes.".to_owned()
    } else {
        "Flows stay on the path they began on when the route changes.".to_owned()
    });
    if let Some(tunnel) = &profile.tunnel {
        let gives_up = span(Tunnel::gives_up(tunnel));
        found.push(match tunnel.moves {
            Some(_) => format!("The store's tunnel takes a new route by itself; on a dead path it is given up after {gives_up}."),
            None => format!("The store's tunnel stays on its path, and is given up {gives_up} after that has died."),
        });
    }
    if let Some(Detector::HelloDead(HelloDead { goodbye: Some(goodbye), rejoin, .. })) = profile.detector {
        found.push(format!(
            "A peer that is taken out of service and says so is replaced after {}, and takes over again {} after its return.",
            span(goodbye),
            span(rejoin)
        ));
    }
    found
}

/// How traffic returns, if that takes more than a figure.
fn returns(profile: &Profile) -> Vec<String> {
    let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let hours = profile
        .failback_hours
        .map(|(from, to)| format!(" between {} and {} local time", clock(from), clock(to)))
        .unwrap_or_default();
    let policy = match profile.failback {
        Failback::Immediate | Failback::HoldDown(_) | Failback::Never => None,
        Failback::Idle(quiet) => {
            Some(format!("Traffic returns once no payment has been under way for {}.", span(quiet)))
        }
        Failback::Window => Some(format!("Traffic returns only{hours}.")),
        Failback::Manual(_) => Some(format!("Somebody leads traffic back by hand{hours}.")),
    };
    let damping = profile.damping.map(|rule| {
        format!(
            "A flap adds {} to a penalty that halves in {}; above {} traffic stays on the backup until it is down to {}, for {} \
             at most.",
            rule.penalty,
            span(rule.half_life),
            rule.suppress,
            rule.reuse,
            span(rule.longest)
        )
    });
    policy.into_iter().chain(damping).collect()
}

fn carrier(text: &mut String, profile: &Profile, closed: &ClosedForms) {
    let (Some(loss), Some(back), Some(watch)) = (closed.carrier, closed.carrier_return, profile.carrier)
    else {
        return;
    };
    text.push_str("\nThe carrier is lost\n");
    *text += &line("detection: seen at the interface", &Ok(loss));
    *text +=
        &line("failover: carrier lost to traffic on a backup that is ready", &Ok(loss + closed.route_change));
    if profile.detector.is_none() {
        *text += &line("recovery: the carrier's return is seen", &Ok(back));
    }
    let poll = if watch.poll.is_zero() {
        "The interface interrupts".to_owned()
    } else {
        format!("The interface is looked at every {}", span(watch.poll))
    };
    let limit = if watch.rate_limit.is_zero() {
        String::new()
    } else {
        format!("; one loss is reported in {} at most, so a second waits", span(watch.rate_limit))
    };
    *text += &wrapped(
        &format!("{poll}, and {} go by until it is known{limit}.", words::law(&watch.delay)),
        INDENT,
        WIDTH,
    );
}

fn alarms(text: &mut String, profile: &Profile, rtt: Span) {
    text.push_str("\nFalse alarms of a healthy link\n");
    match false_alarm(profile, rtt, LOSSES[0]) {
        Err(reason) => *text += &format!("{INDENT}{reason}\n"),
        Ok(_) => {
            let row = |label: &str, cells: Vec<String>| {
                let cells: String = cells.iter().map(|cell| right(cell, 16)).collect();
                format!("{INDENT}{label:<14}{cells}\n")
            };
            let seconds = LOSSES.map(|loss| false_alarm(profile, rtt, loss).unwrap_or(f64::INFINITY));
            *text += &row("loss", LOSSES.iter().map(|&loss| percent(loss)).collect());
            *text += &row("one in", seconds.iter().map(|&seconds| age(seconds)).collect());
            *text += &row("per year", seconds.iter().map(|&seconds| per_year(YEAR / seconds)).collect());
            let remark = match profile.detector {
                Some(Detector::IdleCheck(IdleCheck { from_traffic: true, .. })) => {
                    "If nothing but probes is sent: any other packet that arrives puts the next check off."
                }
                Some(Detector::HelloDead(HelloDead { ends: Ends::Both, .. })) => {
                    "Losses are independent, both ways together; either end gives up. Real loss comes in bursts and does \
                     worse."
                }
                _ => {
                    "Losses of a probe or its answer, independent. Real loss comes in bursts and does worse."
                }
            };
            *text += &wrapped(remark, INDENT, WIDTH);
        }
    }
}

fn probes(text: &mut String, profile: &Profile, closed: &ClosedForms) {
    text.push_str("\nProbe traffic\n");
    let sentence = if closed.probe_bytes_month == 0.0 {
        "None that an uplink carries.".to_owned()
    } else {
        let amount = megabytes(closed.probe_bytes_month);
        let where_to = if profile.probes_backup {
            "It probes the backup too, so a metered one pays for it."
        } else {
            "A metered link pays for it only while it is probed: the backup is not, while it stands by."
        };
        format!("{amount} MB in 30 days on each link it probes, both directions. {where_to}")
    };
    *text += &wrapped(&sentence, INDENT, WIDTH);
}
