//! OpenWrt's `/etc/config/mwan3` (UCI): the interface that is tracked by pings, one target after the other.
//!
//! Options, defaults and their meaning are those of mwan3 2.12.2 (openwrt/packages 0521bb5, `mwan3track`). Which member
//! of a policy is used first is not read: the interface is picked by the user if there are several.

use std::collections::BTreeMap;

use super::draft::{About, Draft};
use super::input::{Given, Input, SECONDS_MAX, Word};
use super::{ImportOptions, words};
use crate::scenario::diagnostics::Code;
use crate::units::Span;

const VERSION: &str = "mwan3 2.12.2";
const DEFAULT: &str = "[C] default of mwan3 2.12.2 (mwan3track)";

/// IP and ICMP headers of a ping.
const HEADERS_V4: u64 = 28;
const HEADERS_V6: u64 = 48;

/// Kinds of section; all but `interface` say where traffic goes, not when.
const SECTIONS: &[&str] = &["interface", "globals", "member", "policy", "rule"];

/// Options of an interface that are read.
const OPTIONS: &[&str] = &[
    "check_quality",
    "count",
    "down",
    "enabled",
    "failure_interval",
    "family",
    "flush_conntrack",
    "initial_state",
    "interval",
    "keep_failure_interval",
    "recovery_interval",
    "reliability",
    "size",
    "timeout",
    "track_ip",
    "track_method",
    "up",
];

/// Options that change no timing: how far a ping may go, what only `check_quality` or another method uses, and a metric.
const IGNORED: &[&str] = &[
    "failure_latency",
    "failure_loss",
    "httping_ssl",
    "max_ttl",
    "online_metric",
    "recovery_latency",
    "recovery_loss",
];

/// What may cause a flush of the connection table, and the old words for all and none of it.
const FLUSHES: &[&str] = &["always", "connected", "disconnected", "ifdown", "ifup", "never"];

/// A section `config interface 'NAME'`.
struct Interface {
    name: Word,
    /// Values by option: one for `option`, several for `list`.
    values: BTreeMap<String, Vec<Word>>,
}

pub(super) fn read(input: &Input, options: &ImportOptions) -> Option<Draft> {
    let interfaces = parse(input);
    let enabled: Vec<&Interface> = interfaces.iter().filter(|one| one.is_on(input, "enabled")).collect();
    let names = |list: &[&Interface]| list.iter().map(|one| one.name.text.clone()).collect::<Vec<_>>();
    let picked = match (&options.interface, enabled.as_slice()) {
        (Some(name), _) => {
            let found = interfaces.iter().find(|one| one.name.text == *name);
            if found.is_none() {
                input.not_there("interface", name, &names(&interfaces.iter().collect::<Vec<_>>()));
            }
            found?
        }
        (None, [one]) => one,
        (None, []) => {
            let help = "an interface without `option enabled '1'` is not tracked by mwan3";
            input.complain(Code::MissingKey, input.whole(), "no interface is enabled in this file", help);
            return None;
        }
        (None, several) => {
            input.ambiguous("interfaces", &names(several), "--interface NAME");
            return None;
        }
    };
    if !enabled.iter().any(|one| one.name == picked.name) {
        let message = format!("interface `{}` is not enabled, so mwan3 does not track it", picked.name.text);
        input.complain(
            Code::Inconsistent,
            picked.name.place,
            message,
            "add option enabled '1' or pick another",
        );
    }
    let others = enabled.iter().filter(|one| one.name != picked.name && one.targets() > 0);
    profile(input, picked, &others.map(|one| one.name.text.clone()).collect::<Vec<_>>())
}

/// The sections called `interface`, each option checked to be known.
fn parse(input: &Input) -> Vec<Interface> {
    let mut interfaces: Vec<Interface> = Vec::new();
    let mut in_interface = false;
    for line in input.lines() {
        let Some(words) = words::quoted(input, line, &['#']) else { continue };
        let Some(first) = words.first() else { continue };
        match (first.text.as_str(), &words[1..]) {
            ("package", _) => {}
            ("config", [kind, rest @ ..]) => {
                in_interface = kind.text == "interface";
                if !SECTIONS.contains(&kind.text.as_str()) {
                    input.unknown(kind, "the section", SECTIONS, &[]);
                }
                if in_interface {
                    let name = rest.first().unwrap_or(kind).clone();
                    if interfaces.iter().any(|one| one.name.text == name.text) {
                        let message = format!("interface `{}` is defined twice", name.text);
                        input.complain(Code::Duplicate, name.place, message, "join the two sections");
                    }
                    interfaces.push(Interface { name, values: BTreeMap::new() });
                }
            }
            ("option" | "list", [key, value]) if in_interface => {
                let Some(interface) = interfaces.last_mut() else { continue };
                if !OPTIONS.iter().chain(IGNORED).any(|known| *known == key.text) {
                    input.unknown(key, "the option", OPTIONS, IGNORED);
                }
                let values = interface.values.entry(key.text.clone()).or_default();
                if first.text == "option" {
                    // UCI keeps the last of several; lists may also be written as one option.
                    values.clear();
                }
                values.push(value.clone());
            }
            ("option" | "list", [_, _]) => {}
            _ => {
                let help = "a line of UCI is: config TYPE 'NAME', option KEY 'VALUE' or list KEY 'VALUE'";
                input.complain(Code::Syntax, input.across(&words), "this line is not understood", help);
            }
        }
    }
    interfaces
}

impl Interface {
    fn last(&self, key: &str) -> Option<&Word> {
        self.values.get(key)?.last()
    }

    /// All items of a list, however written.
    fn items(&self, key: &str) -> impl Iterator<Item = (&str, &Word)> {
        let values = self.values.get(key).into_iter().flatten();
        values.flat_map(|word| word.text.split_whitespace().map(move |item| (item, word)))
    }

    fn targets(&self) -> u64 {
        self.items("track_ip").count() as u64
    }

    /// A flag that is off by default.
    fn flag(&self, input: &Input, key: &str) -> Given<bool> {
        let Some(word) = self.last(key) else { return Given::new(false, DEFAULT) };
        let value = match word.text.as_str() {
            "1" | "yes" | "on" | "true" | "enabled" => true,
            "0" | "no" | "off" | "false" | "disabled" => false,
            other => {
                let message = format!("`{other}` is neither yes nor no");
                input.complain(Code::UnknownWord, word.place, message, "write '1' or '0'");
                false
            }
        };
        Given::new(value, input.cited(word.place))
    }

    fn is_on(&self, input: &Input, key: &str) -> bool {
        self.flag(input, key).value
    }

    fn number(
        &self,
        input: &Input,
        key: &str,
        default: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> Given<u64> {
        match self.last(key) {
            Some(word) => {
                let value = input.number(word, key, range).unwrap_or(default);
                Given::new(value, input.cited(word.place))
            }
            None => Given::new(default, DEFAULT),
        }
    }

    fn seconds(&self, input: &Input, key: &str, default: u64) -> Given<Span> {
        let seconds = self.number(input, key, default, 1..=SECONDS_MAX);
        Given::new(Span::from_secs(seconds.value), seconds.remark)
    }
}

fn profile(input: &Input, interface: &Interface, others: &[String]) -> Option<Draft> {
    let method = interface.last("track_method").filter(|word| word.text != "ping");
    if let Some(word) = method {
        let message = format!("track_method `{}` cannot be simulated", word.text);
        let help =
            "only 'ping' is modelled: other methods have timeouts of their own that mwan3 does not set";
        input.complain(Code::UnknownWord, word.place, message, help);
    }
    if let Some(word) = interface.last("check_quality").filter(|_| interface.is_on(input, "check_quality")) {
        let help = "with it a link is also judged by latency and loss, each with two thresholds and a third outcome \
                    between them; sequential probes know only answered and not answered. Import with '0', or describe \
                    the loss rule as family \"windowed-loss\"";
        input.complain(Code::Inconsistent, word.place, "check_quality cannot be simulated", help);
    }
    let name = &interface.name.text;
    let targets = interface.targets();
    let about = About {
        family: if targets == 0 { "carrier-only" } else { "sequential-probes" },
        product: format!("OpenWrt mwan3, interface {name}"),
        source: "openwrt/packages 0521bb5, mwan3track, for what it does not set",
        date: VERSION.to_owned(),
        confidence: "cited",
    };
    let mut draft = Draft::new(&format!("mwan3-{name}"), input.name(), &about);
    if targets == 0 {
        draft.note("[C] no track_ip: mwan3 2.12.2 never probes this interface, it sees only ifup and ifdown");
        draft.number("probe_bytes", &Given::new(0, "[D] nothing is sent"));
    } else {
        probes(input, interface, targets, &mut draft);
        let (backup, remark) = match others {
            [] => (false, "[C] no other enabled interface has a track_ip".to_owned()),
            names => (true, format!("[C] tracked too: {}", names.join(", "))),
        };
        draft.flag("probes_backup", &Given::new(backup, remark));
    }
    flush(input, interface, &mut draft);
    draft.word("route_return", "1 ms", "[D] measured with mwan3 2.12.2: within the resolution of the trials");
    Some(draft)
}

/// The keys of the family.
fn probes(input: &Input, interface: &Interface, targets: u64, draft: &mut Draft) {
    const COUNT: std::ops::RangeInclusive<u64> = 1..=1_000;
    let reliability = interface.number(input, "reliability", 1, COUNT);
    let track_ips = interface.last("track_ip").map_or(input.whole(), |word| word.place);
    if reliability.value > targets || targets > *COUNT.end() {
        let place = interface.last("reliability").map_or(track_ips, |word| word.place);
        let message = format!("reliability asks for {} answers of {targets} track_ip", reliability.value);
        input.complain(Code::Inconsistent, place, message, "mwan3 would never call this interface online");
    }
    let listed = format!("{}, the last of {targets}", input.cited(track_ips));
    draft.number("targets", &Given::new(targets, listed));
    draft.number("reliability", &reliability);
    draft.number("count", &interface.number(input, "count", 1, COUNT));
    draft.time("timeout", &interface.seconds(input, "timeout", 4));
    let interval = interface.seconds(input, "interval", 10);
    draft.time("interval", &interval);
    for key in ["failure_interval", "recovery_interval"] {
        match interface.last(key) {
            Some(_) => draft.time(key, &interface.seconds(input, key, 10)),
            None => draft.time(key, &Given::new(interval.value, format!("{DEFAULT}: as interval"))),
        }
    }
    draft.flag("keep_failure_interval", &interface.flag(input, "keep_failure_interval"));
    draft.number("down", &interface.number(input, "down", 5, COUNT));
    draft.number("up", &interface.number(input, "up", 5, COUNT));
    draft.flag("trusts_link", &trust(input, interface));
    let size = interface.number(input, "size", 56, 0..=65_000);
    let headers = if is_v6(input, interface) { HEADERS_V6 } else { HEADERS_V4 };
    let remark = format!("{}, and {headers} bytes of IP and ICMP", size.remark);
    draft.number("probe_bytes", &Given::new(size.value + headers, remark));
}

/// Whether an interface that comes up is taken as online before any ping.
fn trust(input: &Input, interface: &Interface) -> Given<bool> {
    let Some(word) = interface.last("initial_state") else {
        return Given::new(true, format!("{DEFAULT}: initial_state online"));
    };
    if !["online", "offline"].contains(&word.text.as_str()) {
        let message = format!("`{}` is not a state", word.text);
        input.complain(Code::UnknownWord, word.place, message, "possible: online, offline");
    }
    Given::new(word.text == "online", input.cited(word.place))
}

fn is_v6(input: &Input, interface: &Interface) -> bool {
    let Some(word) = interface.last("family") else { return false };
    if !["ipv4", "ipv6"].contains(&word.text.as_str()) {
        let message = format!("`{}` is not a family", word.text);
        input.complain(Code::UnknownWord, word.place, message, "possible: ipv4, ipv6");
    }
    word.text == "ipv6"
}

/// Whether flows are reset when the route changes.
fn flush(input: &Input, interface: &Interface, draft: &mut Draft) {
    let mut actions = Vec::new();
    for (action, word) in interface.items("flush_conntrack") {
        if !FLUSHES.contains(&action) {
            let problem = Word { text: action.to_owned(), place: word.place };
            input.unknown(&problem, "the action", FLUSHES, &[]);
        }
        if action != "never" {
            actions.push(action);
        }
    }
    let given = match (actions.as_slice(), interface.last("flush_conntrack")) {
        (_, None) => Given::new(false, "[C] default of mwan3 2.12.2: flows stay marked for the old link"),
        ([], Some(word)) => Given::new(false, input.cited(word.place)),
        (some, Some(word)) => {
            let both = some.contains(&"always")
                || ["ifdown", "disconnected"].iter().any(|action| some.contains(action))
                    && ["ifup", "connected"].iter().any(|action| some.contains(action));
            let directions = match both {
                true => "",
                false => "; it flushes in one direction only, the simulator in both",
            };
            Given::new(true, format!("{}, on {}{directions}", input.cited(word.place), some.join(" and ")))
        }
    };
    draft.flag("flush_flows", &given);
}
