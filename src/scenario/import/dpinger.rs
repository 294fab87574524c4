//! A command line of dpinger: the window of losses behind pfSense's gateway monitoring.
//!
//! Options and defaults are those of dpinger 3.5 (bc0cfd2). The file holds one command as a shell has it; what the alert
//! command does is not read.

use super::draft::{About, Draft};
use super::input::{Given, Input, SECONDS_MAX, Word};
use super::{ImportOptions, words};
use crate::scenario::diagnostics::Code;
use crate::units::Span;

const DEFAULT: &str = "[C] default of dpinger 3.5";

/// Options with an argument, and without.
const WITH_ARGUMENT: &str = "BsltrdoADLHCiup";
const WITHOUT: &str = "fRSP";

/// Most slots that dpinger allows in its window.
const SLOTS_MAX: u64 = 65_536;
/// A profile has no longer latency, and no more checks.
const LATENCY_MAX_S: u64 = 600;
const CHECKS_MAX: u64 = 1_000_000;
/// IP and ICMP headers before the payload.
const HEADERS_V4: u64 = 28;
const HEADERS_V6: u64 = 48;

/// An option letter with its argument.
struct Switch {
    letter: char,
    /// The argument, or the option itself where it has none.
    word: Word,
}

pub(super) fn read(input: &Input, _options: &ImportOptions) -> Option<Draft> {
    let words = command(input)?;
    let (switches, rest) = switches(input, &words);
    let destination = match rest.as_slice() {
        [one] => one.text.clone(),
        [] => {
            let help = "the last word of a dpinger command is the address that it probes";
            input.complain(Code::MissingKey, input.whole(), "this command has no destination", help);
            return None;
        }
        [_, second, ..] => {
            let help = "give one command line of dpinger, with one destination at its end";
            input.complain(Code::Syntax, second.place, "this is a second destination", help);
            return None;
        }
    };
    Some(profile(input, &switches, &destination))
}

/// The words after the program's name, of the one command in the file.
fn command(input: &Input) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    for line in input.lines() {
        let mut found = words::quoted(input, line, &['#'])?;
        // A backslash at the end of a line has become an empty word, or the end of one.
        found.retain(|word| !word.text.is_empty());
        words.extend(found);
    }
    let is_program = |word: &Word| word.text.rsplit('/').next() == Some("dpinger");
    let Some(first) = words.iter().position(is_program) else {
        let help = "a line such as: dpinger -s 500m -l 2000m -t 60000m -L 20 -C alert.sh 192.0.2.1";
        input.complain(Code::MissingKey, input.whole(), "there is no dpinger command in this file", help);
        return None;
    };
    let rest = words.split_off(first + 1);
    if let Some(second) = rest.iter().find(|word| is_program(word)) {
        let help = "one file is one gateway: keep the line of the primary";
        input.complain(Code::Duplicate, second.place, "there is a second dpinger command", help);
        return None;
    }
    Some(rest)
}

/// Cuts words into options as getopt does; the rest are operands.
fn switches(input: &Input, words: &[Word]) -> (Vec<Switch>, Vec<Word>) {
    let (mut switches, mut operands) = (Vec::new(), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let letters = match word.text.strip_prefix('-') {
            Some(letters) if !letters.is_empty() && operands.is_empty() => letters,
            _ => {
                operands.push(word.clone());
                continue;
            }
        };
        for (at, letter) in letters.char_indices() {
            if WITHOUT.contains(letter) {
                continue;
            }
            if !WITH_ARGUMENT.contains(letter) {
                let known = WITH_ARGUMENT.chars().chain(WITHOUT.chars()).map(|c| format!("-{c}"));
                let help = format!("dpinger 3.5 has {}", known.collect::<Vec<_>>().join(" "));
                let message = format!("the option `-{}` is not understood", letter.escape_default());
                input.complain(Code::UnknownKey, word.place, message, help);
                break;
            }
            let attached = &letters[at + letter.len_utf8()..];
            let argument = match attached {
                "" => words.next().cloned(),
                text => Some(Word { text: text.to_owned(), place: word.place }),
            };
            match argument {
                Some(word) => switches.push(Switch { letter, word }),
                None => {
                    let message = format!("the option `-{letter}` lacks its argument");
                    input.complain(Code::MissingKey, word.place, message, "write it after the option");
                }
            }
            break;
        }
    }
    (switches, operands)
}

/// The last argument of an option.
fn last(switches: &[Switch], letter: char) -> Option<&Word> {
    switches.iter().rev().find(|switch| switch.letter == letter).map(|switch| &switch.word)
}

fn cited(input: &Input, letter: char, word: &Word) -> String {
    let line = input.line_at(word.place);
    let place = line.split(": ").next().unwrap_or_default();
    format!("[C] {place}: -{letter} {}", word.text)
}

/// A time such as `500`, `500m` (both milliseconds) or `2s`.
fn time(
    input: &Input,
    switches: &[Switch],
    letter: char,
    default: Given<Span>,
    least_ms: u64,
) -> Given<Span> {
    let Some(word) = last(switches, letter) else { return default };
    let (digits, factor) = match word.text.strip_suffix('s') {
        Some(digits) => (digits, 1_000),
        None => (word.text.strip_suffix('m').unwrap_or(&word.text), 1),
    };
    let most = SECONDS_MAX * 1_000 / factor;
    let number = Word { text: digits.to_owned(), place: word.place };
    let value = input.number(&number, &format!("-{letter}"), least_ms.min(most)..=most);
    let remark = cited(input, letter, word);
    value.map_or(default, |value| Given::new(Span::from_millis(value * factor), remark))
}

fn profile(input: &Input, switches: &[Switch], destination: &str) -> Draft {
    let default = |millis| Given::new(Span::from_millis(millis), DEFAULT);
    let send = time(input, switches, 's', default(500), 1);
    let four = Given::new(send.value.times(4), format!("{DEFAULT}: four times -s"));
    let loss_after = time(input, switches, 'l', four, 1);
    let period = time(input, switches, 't', default(60_000), 1);
    let check = time(input, switches, 'A', default(1_000), 1);
    let ten = Given::new(check.value.times(10), format!("{DEFAULT}: ten times -A"));
    let hold = time(input, switches, 'H', ten, 0);
    let place = last(switches, 't').map_or(input.whole(), |word| word.place);
    if loss_after.value + send.value > period.value {
        let help = "make -t longer than -l and -s together";
        input.complain(
            Code::Inconsistent,
            place,
            "a probe leaves the window before it can count as lost",
            help,
        );
    } else if period.value.as_nanos() / send.value.as_nanos().max(1) > SLOTS_MAX {
        let message = format!("the window has more than {SLOTS_MAX} probes");
        input.complain(Code::OutOfRange, place, message, "dpinger does not start with it: shorten -t");
    }
    let latency = time(input, switches, 'D', default(500), 1);
    let about = About {
        family: "windowed-loss",
        product: format!("dpinger towards {destination}"),
        source: "dpinger bc0cfd2 for what it does not set",
        date: "dpinger 3.5".to_owned(),
        confidence: "cited",
    };
    let mut draft = Draft::new("dpinger", input.name(), &about);
    draft.time("send", &send);
    draft.time("loss_after", &loss_after);
    draft.time("period", &period);
    draft.time("check", &check);
    draft.number("loss_percent", &loss(input, switches));
    match last(switches, 'D') {
        Some(_) => draft.time("latency", &latency),
        None => draft.note("[C] no -D: dpinger 3.5 has no alarm of latency without it"),
    }
    if let Some(word) = last(switches, 'D').filter(|_| latency.value > Span::from_secs(LATENCY_MAX_S)) {
        let message = format!("a latency of {} is out of range", super::draft::time(latency.value));
        input.complain(Code::OutOfRange, word.place, message, format!("-D is at most {LATENCY_MAX_S}s"));
    }
    let checks = hold.value.as_nanos().div_ceil(check.value.as_nanos().max(1)).max(1);
    let remark = format!(
        "{}: {} over {}",
        hold.remark,
        super::draft::time(hold.value),
        super::draft::time(check.value)
    );
    if checks > CHECKS_MAX {
        let place = last(switches, 'H').map_or(input.whole(), |word| word.place);
        let message = format!("an alarm is held for {checks} checks, more than {CHECKS_MAX}");
        input.complain(Code::OutOfRange, place, message, "make -H shorter, or -A longer");
    }
    draft.number("hold_checks", &Given::new(checks, remark));
    draft.word(
        "route_return",
        "5 ms",
        "[D] measured with dpinger 3.5: the rules are there already, as in pfSense",
    );
    let payload = match last(switches, 'd') {
        Some(word) => Given::new(input.number(word, "-d", 0..=65_000).unwrap_or(0), cited(input, 'd', word)),
        None => Given::new(0, DEFAULT),
    };
    let headers = if destination.contains(':') { HEADERS_V6 } else { HEADERS_V4 };
    let remark = format!("{}, and {headers} bytes of IP and ICMP", payload.remark);
    draft.number("probe_bytes", &Given::new(payload.value + headers, remark));
    draft.note("probes_backup = true if another dpinger watches the backup, as in pfSense and OPNsense");
    draft
}

/// The threshold, which is strict: 100 % could never be exceeded.
fn loss(input: &Input, switches: &[Switch]) -> Given<u64> {
    let Some(word) = last(switches, 'L') else {
        let help = "without -L it only reports, and a watcher of its own compares (OPNsense: based_on = \
                    \"opnsense-dpinger\"); add the threshold that is used";
        input.complain(
            Code::MissingKey,
            input.whole(),
            "this dpinger never gives an alarm of loss: there is no -L",
            help,
        );
        return Given::new(0, "");
    };
    let digits = word.text.strip_suffix('%').unwrap_or(&word.text);
    let number = Word { text: digits.to_owned(), place: word.place };
    let value = input.number(&number, "-L, which must be exceeded,", 1..=99).unwrap_or(1);
    Given::new(value, cited(input, 'L', word))
}
