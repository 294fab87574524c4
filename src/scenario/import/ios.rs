//! Cisco IOS: an IP SLA operation that pings, and the object that tracks it.
//!
//! Defaults are those of the Dell N-series CLI guide (pp. 1659-1673), whose commands are IOS's; that IOS has the same is
//! from memory. A configuration has hundreds of lines that have nothing to do with it: only the blocks `ip sla`,
//! `ip sla schedule` and `track` are read.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::draft::{About, Draft};
use super::input::{Given, Input, SECONDS_MAX, Word};
use super::{ImportOptions, words};
use crate::scenario::diagnostics::Code;
use crate::scenario::tree::Place;
use crate::units::Span;

const DEFAULT: &str = "[C] default: Dell N-series CLI guide pp. 1659-1673; IOS the same [M]";
/// What `delay` may be, in seconds.
const DELAY: RangeInclusive<u64> = 0..=180;
const MILLISECONDS: RangeInclusive<u64> = 1..=3_600_000;

/// Lines of an operation that say nothing of when it fails.
const IGNORED_IN_SLA: &[&str] = &["data-pattern", "history", "owner", "tag", "tos", "verify-data", "vrf"];
const KNOWN_IN_SLA: &[&str] = &["frequency", "icmp-echo", "request-data-size", "threshold", "timeout"];
const KNOWN_IN_TRACK: &[&str] = &["default-state", "delay"];

/// `ip sla N`.
struct Operation {
    place: Place,
    /// What it does: the line that begins with its type.
    echo: Option<Word>,
    other: Option<Word>,
    values: BTreeMap<&'static str, Word>,
    scheduled: Option<Place>,
}

/// `track T ip sla N`.
struct Track {
    place: Place,
    operation: u32,
    by_state: Option<Place>,
    down: Option<Word>,
    up: Option<Word>,
}

#[derive(Default)]
struct File {
    operations: BTreeMap<u32, Operation>,
    tracks: BTreeMap<u32, Track>,
    /// Objects that track something else.
    others: BTreeMap<u32, Place>,
}

/// Which block a line belongs to.
#[derive(Clone, Copy)]
enum Block {
    Operation(u32),
    Track(u32),
    Other,
}

pub(super) fn read(input: &Input, options: &ImportOptions) -> Option<Draft> {
    let file = parse(input);
    let number = pick(input, &file, options)?;
    let track = &file.tracks[&number];
    let Some(operation) = file.operations.get(&track.operation) else {
        let message = format!("track {number} follows ip sla {}, which is not in this file", track.operation);
        input.complain(Code::UnknownName, track.place, message, "give the whole configuration");
        return None;
    };
    Some(profile(input, number, track, operation))
}

fn pick(input: &Input, file: &File, options: &ImportOptions) -> Option<u32> {
    let numbers: Vec<String> = file.tracks.keys().map(u32::to_string).collect();
    match (options.track, file.tracks.keys().collect::<Vec<_>>().as_slice()) {
        (Some(number), _) if file.tracks.contains_key(&number) => Some(number),
        (Some(number), _) => {
            match file.others.get(&number) {
                Some(place) => {
                    let message = format!("track {number} does not follow an IP SLA operation");
                    let help =
                        "interfaces, routes and lists of objects are not simulated; pick one of `ip sla`";
                    input.complain(Code::Inconsistent, *place, message, help);
                }
                None => input.not_there("track", &number.to_string(), &numbers),
            }
            None
        }
        (None, [one]) => Some(**one),
        (None, []) => {
            let help = "a line such as: track 1 ip sla 1 reachability";
            input.complain(
                Code::MissingKey,
                input.whole(),
                "no object tracks an IP SLA operation here",
                help,
            );
            None
        }
        (None, _) => {
            input.ambiguous("tracks", &numbers, "--track N");
            None
        }
    }
}

fn parse(input: &Input) -> File {
    let mut file = File::default();
    let mut block = Block::Other;
    for line in input.lines() {
        let words = words::plain(input, line);
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        match texts.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('!') => block = Block::Other,
            ["exit" | "end"] => block = Block::Other,
            ["ip", "sla", "schedule", _, ..] => {
                schedule(input, &mut file, &words);
                block = Block::Other;
            }
            ["ip", "sla", "monitor", "schedule", _, ..] => {
                schedule(input, &mut file, &words[1..]);
                block = Block::Other;
            }
            ["ip", "sla", "monitor", number] | ["ip", "sla", number] if number.parse::<u32>().is_ok() => {
                let number = number.parse().unwrap_or(0);
                let fresh = || Operation {
                    place: line.place,
                    echo: None,
                    other: None,
                    values: BTreeMap::new(),
                    scheduled: None,
                };
                file.operations.entry(number).or_insert_with(fresh);
                block = Block::Operation(number);
            }
            ["track", number, ..] if number.parse::<u32>().is_ok() => {
                block = tracked(input, &mut file, number.parse().unwrap_or(0), &words);
            }
            ["track", "timer", rest @ ..] if rest.contains(&"sla") => {
                let help = "the profile has the operation's own timers only; use the default timer";
                input.complain(Code::UnknownKey, line.place, "the tracking timer cannot be simulated", help);
            }
            _ => match block {
                Block::Operation(number) => {
                    if let Some(operation) = file.operations.get_mut(&number) {
                        in_operation(input, operation, &words);
                    }
                }
                Block::Track(number) => {
                    if let Some(track) = file.tracks.get_mut(&number) {
                        in_track(input, track, &words);
                    }
                }
                Block::Other => {}
            },
        }
    }
    file
}

/// `ip sla schedule N life forever start-time now`.
fn schedule(input: &Input, file: &mut File, words: &[Word]) {
    let Some(number) = words.get(3).and_then(|word| word.text.parse::<u32>().ok()) else { return };
    let place = input.across(words);
    let after = |key: &str| {
        let at = words.iter().position(|word| word.text == key)?;
        words.get(at + 1)
    };
    let runs = match (after("life"), after("start-time")) {
        (Some(life), Some(start)) => life.text == "forever" && start.text == "now",
        _ => false,
    };
    if !runs {
        let help = "only an operation with `life forever start-time now` watches the link all the time";
        input.complain(Code::Inconsistent, place, format!("ip sla {number} does not run all the time"), help);
    }
    match file.operations.get_mut(&number) {
        Some(operation) => operation.scheduled = Some(place),
        None => {
            let message = format!("ip sla {number} is scheduled before it is defined");
            input.complain(
                Code::UnknownName,
                place,
                message,
                "give the configuration as `show running-config` does",
            );
        }
    }
}

/// `track T ip sla N [reachability|state]`; anything else that is tracked is only remembered.
fn tracked(input: &Input, file: &mut File, number: u32, words: &[Word]) -> Block {
    let place = input.across(words);
    let texts: Vec<&str> = words.iter().skip(2).map(|word| word.text.as_str()).collect();
    let (operation, aspect) = match texts.as_slice() {
        ["ip", "sla", operation, aspect @ ..] | ["rtr", operation, aspect @ ..] => (operation, aspect),
        _ => {
            file.others.insert(number, place);
            return Block::Other;
        }
    };
    let Ok(operation) = operation.parse() else {
        let help = "write track T ip sla N reachability";
        input.complain(Code::Syntax, place, "the number of the operation is not understood", help);
        return Block::Other;
    };
    let by_state = match aspect {
        [] | ["reachability"] => None,
        ["state"] => Some(place),
        _ => {
            let message = format!("`{}` is not an aspect of an operation", aspect.join(" "));
            input.complain(Code::UnknownWord, place, message, "possible: reachability, state");
            None
        }
    };
    file.tracks.insert(number, Track { place, operation, by_state, down: None, up: None });
    Block::Track(number)
}

fn in_operation(input: &Input, operation: &mut Operation, words: &[Word]) {
    let (first, rest) = (&words[0], &words[1..]);
    let name = first.text.as_str();
    if let Some(known) = KNOWN_IN_SLA.iter().find(|known| **known == name).filter(|_| !rest.is_empty()) {
        if *known == "icmp-echo" {
            operation.echo = Some(rest[0].clone());
        } else {
            operation.values.insert(known, rest[0].clone());
        }
    } else if ["echo", "jitter", "connect", "http", "dns", "dhcp", "ftp", "mpls", "ethernet", "type"]
        .iter()
        .any(|kind| name.contains(kind))
    {
        operation.other = Some(first.clone());
    } else if !IGNORED_IN_SLA.contains(&name) {
        input.unknown(first, "the line", KNOWN_IN_SLA, IGNORED_IN_SLA);
    }
}

fn in_track(input: &Input, track: &mut Track, words: &[Word]) {
    let first = &words[0];
    match first.text.as_str() {
        "delay" => {
            let mut rest = &words[1..];
            while let [which, value, more @ ..] = rest {
                match which.text.as_str() {
                    "down" => track.down = Some(value.clone()),
                    "up" => track.up = Some(value.clone()),
                    _ => break,
                }
                rest = more;
            }
            if let Some(odd) = rest.first() {
                input.unknown(odd, "in `delay`,", &["down", "up"], &[]);
            }
        }
        // How the object stands before the operation's first result.
        "default-state" => {}
        "carrier-delay" | "object" | "threshold" => {
            let help = "it belongs to objects that follow an interface or a list";
            input.complain(
                Code::UnknownKey,
                first.place,
                "this line is not understood for an ip sla object",
                help,
            );
        }
        _ => input.unknown(first, "the line", KNOWN_IN_TRACK, &[]),
    }
}

fn profile(input: &Input, number: u32, track: &Track, operation: &Operation) -> Draft {
    check_type(input, track, operation);
    let value = |key: &'static str, default: u64, range: RangeInclusive<u64>| match operation.values.get(key)
    {
        Some(word) => {
            let value = input.number(word, key, range).unwrap_or(default);
            Given::new(value, input.cited(word.place))
        }
        None => Given::new(default, DEFAULT),
    };
    let frequency = value("frequency", 60, 1..=SECONDS_MAX);
    let timeout = value("timeout", 5_000, MILLISECONDS);
    let threshold = value("threshold", 5_000, MILLISECONDS);
    if timeout.value > frequency.value * 1_000 {
        let place = operation.values.get("timeout").map_or(operation.place, |word| word.place);
        let message = format!(
            "a timeout of {} ms is longer than the {} s between probes",
            timeout.value, frequency.value
        );
        input.complain(
            Code::Inconsistent,
            place,
            message,
            "IOS wants frequency above timeout above threshold",
        );
    }
    let delay = |word: &Option<Word>, what: &str| match word {
        Some(word) => Given::new(input.number(word, what, DELAY).unwrap_or(0), input.cited(word.place)),
        None => Given::new(0, DEFAULT),
    };
    let (down, up) = (delay(&track.down, "delay down"), delay(&track.up, "delay up"));
    let target = operation.echo.as_ref().map_or("nowhere", |word| word.text.as_str());
    let about = About {
        family: "consecutive-probes",
        product: format!("Cisco IOS, track {number} of ip sla {} to {target}", track.operation),
        source: "Dell N-series CLI guide pp. 1659-1673 for what it does not set",
        date: "read 2026".to_owned(),
        confidence: "cited",
    };
    let mut draft = Draft::new(&format!("ios-track-{number}"), input.name(), &about);
    draft.time("interval", &Given::new(Span::from_secs(frequency.value), frequency.remark));
    let late = track.by_state.filter(|_| threshold.value < timeout.value);
    let down_delay = Span::from_secs(down.value);
    match late {
        Some(place) => {
            let rest = Span::from_millis(timeout.value - threshold.value);
            let remark = format!(
                "{}; by `state` a slower answer is a failure ({})",
                threshold.remark,
                input.line_at(place)
            );
            draft.time("timeout", &Given::new(Span::from_millis(threshold.value), remark));
            draft.time(
                "down_delay",
                &Given::new(
                    down_delay + rest,
                    format!(
                        "{}; and {}, because no answer at all is known only after the timeout ({})",
                        down.remark,
                        super::draft::time(rest),
                        timeout.remark
                    ),
                ),
            );
        }
        None => {
            draft.time("timeout", &Given::new(Span::from_millis(timeout.value), timeout.remark));
            draft.time("down_delay", &Given::new(down_delay, down.remark));
        }
    }
    draft.time("up_delay", &Given::new(Span::from_secs(up.value), up.remark));
    draft.number("down", &Given::new(1, "[C] one failed operation changes the object"));
    draft.number("up", &Given::new(1, "[C] one good operation changes it back"));
    let (size, remark) = match operation.values.get("request-data-size") {
        Some(word) => {
            (input.number(word, "request-data-size", 0..=16_384).unwrap_or(28), input.cited(word.place))
        }
        None => (28, "[M] default of IOS: request-data-size 28".to_owned()),
    };
    let headers = if target.contains(':') { 48 } else { 28 };
    draft.number(
        "probe_bytes",
        &Given::new(size + headers, format!("{remark}, and {headers} bytes of IP and ICMP")),
    );
    draft
}

/// It must ping, and run.
fn check_type(input: &Input, track: &Track, operation: &Operation) {
    if let Some(word) = &operation.other {
        let message = format!("an operation `{}` cannot be simulated", word.text);
        input.complain(Code::UnknownWord, word.place, message, "only icmp-echo is: one packet, one answer");
    } else if operation.echo.is_none() {
        let message = format!("ip sla {} does not say what it does", track.operation);
        input.complain(
            Code::MissingKey,
            operation.place,
            message,
            "it needs a line such as: icmp-echo 192.0.2.1",
        );
    }
    if operation.scheduled.is_none() {
        let message = format!("ip sla {} is never scheduled, so it never runs", track.operation);
        let help = format!("add: ip sla schedule {} life forever start-time now", track.operation);
        input.complain(Code::MissingKey, operation.place, message, help);
    }
}
