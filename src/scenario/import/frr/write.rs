//! The profile of one neighbour of FRR.

use std::ops::RangeInclusive;

use super::file::{Bound, File, Interface, Values};
use crate::scenario::diagnostics::Code;
use crate::scenario::import::draft::{About, Draft, time};
use crate::scenario::import::input::{Given, Input};
use crate::scenario::tree::Place;
use crate::units::Span;

const DEFAULT: &str = "[C] default of FRR fbfc822";
const SOURCE: &str =
    "FRR fbfc822 for what it does not set; measured with FRR 8.4.4; the other end taken as alike";
/// RFC 5880 s. 6.8.3: a session that is not up sends no faster.
const BFD_SLOW: Span = Span::from_secs(1);
const BFD_INTERVAL_MS: RangeInclusive<u64> = 10..=600_000;
/// What a BGP or OSPF timer may be, in seconds.
const SECONDS: RangeInclusive<u64> = 1..=65_535;

/// Sizes of packets with IPv4 headers, and what IPv6 adds.
const BFD_BYTES: u64 = 52;
const BGP_BYTES: u64 = 59;
const OSPF_BYTES: u64 = 64;
const IPV6_MORE: u64 = 20;

/// Measured: from a change of BFD or BGP to the kernel's route, and back.
const ROUTE_CHANGE: &str = "{ low = \"70 ms\", high = \"75 ms\" }";
const ROUTE_RETURN: &str = "{ low = \"1.15 s\", high = \"1.19 s\" }";

/// The timers of a BFD session.
struct Bfd {
    multiplier: Given<u64>,
    receive: Given<Span>,
    transmit: Given<Span>,
}

impl Bfd {
    /// What both ends agree on if they are alike.
    fn interval(&self) -> Given<Span> {
        let (slow, fast) = match self.transmit.value >= self.receive.value {
            true => (&self.transmit, &self.receive),
            false => (&self.receive, &self.transmit),
        };
        let remark = match slow.value == fast.value {
            true => format!("{}; the other end taken as alike", slow.remark),
            false => format!(
                "{}; the slower of transmit- and receive-interval, the other end taken as alike",
                slow.remark
            ),
        };
        Given::new(slow.value, remark)
    }

    /// Interval, jitter and dead time of a hello protocol.
    fn write(&self, draft: &mut Draft) {
        let interval = self.interval();
        draft.time("interval", &interval);
        draft.raw("jitter_min", "0.75", "[C] RFC 5880 s. 6.8.7");
        let most = if self.multiplier.value == 1 { "0.9" } else { "1.0" };
        draft.raw("jitter_max", most, "[C] RFC 5880 s. 6.8.7: at most 90 % with a multiplier of 1");
        let remark = format!(
            "[D] RFC 5880 s. 6.8.4: {} times {}; {}",
            self.multiplier.value,
            time(interval.value),
            self.multiplier.remark
        );
        draft.time("dead", &Given::new(interval.value.times(self.multiplier.value), remark));
    }
}

/// The session towards `peer`: defaults, then the profile, then the peer's own timers.
fn bfd(input: &Input, file: &File, peer: &str, bound: &Bound) -> Bfd {
    let own = file.bfd_peers.get(peer);
    let mut layers: Vec<&Values> = own.into_iter().chain([&bound.values]).collect();
    let profile = own.and_then(|values| values.get("profile")).or(bound.profile.as_ref());
    if let Some(name) = profile {
        match file.bfd_profiles.get(&name.text) {
            Some(values) => layers.push(values),
            None => {
                let message = format!("there is no BFD profile `{}`", name.text);
                input.complain(Code::UnknownName, name.place, message, "define it under `bfd`");
            }
        }
    }
    for word in layers.iter().filter_map(|values| values.get("shutdown")) {
        let help = "remove it if the session is meant to run";
        input.complain(
            Code::Inconsistent,
            word.place,
            "this BFD session is shut down, so it watches nothing",
            help,
        );
    }
    let find = |key: &str| layers.iter().find_map(|values| values.get(key));
    let number = |key: &str, default: u64, range: RangeInclusive<u64>| match find(key) {
        Some(word) => {
            let value = input.number(word, key, range).unwrap_or(default);
            Given::new(value, input.cited(word.place))
        }
        None => Given::new(default, DEFAULT),
    };
    let interval = |key| {
        let given = number(key, 300, BFD_INTERVAL_MS);
        Given::new(Span::from_millis(given.value), given.remark)
    };
    Bfd {
        multiplier: number("detect-multiplier", 3, 1..=255),
        receive: interval("receive-interval"),
        transmit: interval("transmit-interval"),
    }
}

fn about(family: &'static str, product: String, file: &File, confidence: &'static str) -> About<'static> {
    let date = file.version.as_ref().map_or("FRR fbfc822".to_owned(), |version| format!("FRR {version}"));
    About { family, product, source: SOURCE, date, confidence }
}

/// The address of a neighbour decides the headers.
fn bytes(ipv4: u64, peer: &str) -> Given<u64> {
    let more = if peer.contains(':') { IPV6_MORE } else { 0 };
    Given::new(ipv4 + more, "[D] one packet with its headers")
}

/// A BGP neighbour, with or without BFD.
pub(super) fn neighbor(input: &Input, file: &File, name: &str) -> Option<Draft> {
    let one = file.neighbors.get(name)?;
    let group = file.group_of(one);
    let both = [Some(one), group];
    let both = || both.into_iter().flatten();
    for (word, why) in both().flat_map(|neighbor| &neighbor.odd) {
        let message = format!("`{}` of this neighbour cannot be simulated", word.text);
        input.complain(Code::UnknownKey, word.place, message, *why);
    }
    let bound = both().find_map(|neighbor| neighbor.bfd.as_ref());
    let what = if bound.is_some() { "BGP with BFD" } else { "BGP" };
    let about = about("hello-dead", format!("FRR: {what}, neighbour {name}"), file, "cited");
    let kind = if bound.is_some() { "bfd" } else { "bgp" };
    let mut draft = Draft::new(&format!("frr-{kind}-{name}"), input.name(), &about);
    match bound {
        Some(bound) => {
            let bfd = bfd(input, file, name, bound);
            bfd.write(&mut draft);
            let restart = bfd.interval().value.max(BFD_SLOW);
            draft.time(
                "restart",
                &Given::new(restart, "[C] RFC 5880 s. 6.8.3: no faster than one a second before it is up"),
            );
            draft.word("ends", "both", format!("[C] RFC 5880 s. 6.8.6; {}", input.line_at(bound.place)));
            draft.number("probe_bytes", &bytes(BFD_BYTES, name));
        }
        None => {
            let (keepalive, hold) =
                bgp_timers(input, file, both().find_map(|neighbor| neighbor.timers.as_ref()));
            draft.time("interval", &keepalive);
            draft.raw("jitter_min", "1.0", "[C] FRR: keepalives without jitter");
            draft.raw("jitter_max", "1.0", "[C] likewise");
            draft.time("dead", &hold);
            draft.time("restart", &keepalive);
            draft.word("ends", "session", "[C] RFC 4271: up when the session is established");
            draft.number("probe_bytes", &bytes(BGP_BYTES, name));
        }
    }
    draft.raw("route_change", ROUTE_CHANGE, "[D] measured: 50 ms of bgpd and 10 ms of zebra");
    draft.raw("route_return", ROUTE_RETURN, "[D] measured: 1 s + 50 ms a peer coalesce timer, then as above");
    let connect = match both().find_map(|neighbor| neighbor.connect.as_ref()) {
        Some(word) => {
            let value = input.number(word, "timers connect", SECONDS).unwrap_or(120);
            Given::new(value, input.cited(word.place))
        }
        None => match file.datacenter {
            Some(place) => Given::new(10, input.cited(place)),
            None => Given::new(120, "[C] default of FRR 8.4.4: connect-retry 120 s; 30 s in FRR fbfc822"),
        },
    };
    draft.raw("session", &format!("{{ attempt = \"{} s\" }}", connect.value), connect.remark);
    if let Some(place) = file.no_fallover {
        draft.flag("carrier", &Given::new(false, input.cited(place)));
    }
    Some(draft)
}

/// Keepalive and hold time, as two ends that are alike agree on them.
fn bgp_timers(
    input: &Input,
    file: &File,
    own: Option<&(crate::scenario::import::input::Word, crate::scenario::import::input::Word)>,
) -> (Given<Span>, Given<Span>) {
    let Some((keepalive, hold)) = own.or(file.bgp_timers.as_ref()) else {
        let (keepalive, hold, remark) = match file.datacenter {
            Some(place) => (3, 9, input.cited(place)),
            None => (60, 180, format!("{DEFAULT}: keepalive 60, hold 180")),
        };
        return (
            Given::new(Span::from_secs(keepalive), remark.clone()),
            Given::new(Span::from_secs(hold), remark),
        );
    };
    let hold_s = match input.number(hold, "the hold time", 0..=65_535) {
        Some(0) => {
            let help = "a hold time of 0 means no keepalives: give one, or use BFD";
            input.complain(Code::Inconsistent, hold.place, "this session never notices a dead link", help);
            180
        }
        Some(few @ (1 | 2)) => {
            let message = format!("{few} is out of range");
            input.complain(Code::OutOfRange, hold.place, message, "RFC 4271 s. 4.2: at least 3 seconds");
            180
        }
        found => found.unwrap_or(180),
    };
    let keepalive_s = input.number(keepalive, "the keepalive time", SECONDS).unwrap_or(60);
    let used = keepalive_s.min(hold_s / 3).max(1);
    let remark = match used == keepalive_s {
        true => format!("{}; the other end taken as alike", input.cited(keepalive.place)),
        false => format!("{}: no more than a third of the hold time", input.cited(keepalive.place)),
    };
    let hold = Given::new(
        Span::from_secs(hold_s),
        format!("{}; the other end taken as alike", input.cited(hold.place)),
    );
    (Given::new(Span::from_secs(used), remark), hold)
}

/// A static route that is taken away while BFD is down.
pub(super) fn static_route(input: &Input, file: &File, gateway: &str) -> Option<Draft> {
    let bound = file.statics.get(gateway)?;
    let about = about("hello-dead", format!("FRR: static route to {gateway} with BFD"), file, "derived");
    let mut draft = Draft::new(&format!("frr-static-{gateway}"), input.name(), &about);
    let bfd = bfd(input, file, gateway, bound);
    bfd.write(&mut draft);
    let restart = bfd.interval().value.max(BFD_SLOW);
    draft.time(
        "restart",
        &Given::new(restart, "[C] RFC 5880 s. 6.8.3: no faster than one a second before it is up"),
    );
    draft.word("ends", "both", format!("[C] RFC 5880 s. 6.8.6; {}", input.line_at(bound.place)));
    draft.number("probe_bytes", &bytes(BFD_BYTES, gateway));
    draft.raw("route_change", ROUTE_CHANGE, "[EA] as measured for BGP with BFD; staticd alone may be faster");
    draft.raw("route_return", ROUTE_CHANGE, "[EA] likewise: no session has to be established");
    Some(draft)
}

/// A neighbour on an interface with OSPF.
pub(super) fn interface(input: &Input, file: &File, name: &str) -> Option<Draft> {
    let one = file.interfaces.get(name)?;
    let measured =
        one.network.as_ref().is_some_and(|word| word.text == "point-to-point") && one.bfd.is_none();
    let what = if one.bfd.is_some() { "OSPF with BFD" } else { "OSPF" };
    let confidence = if measured { "cited" } else { "assumption" };
    let about =
        about("hello-dead", format!("FRR: {what} on {name}, external default route"), file, confidence);
    let mut draft = Draft::new(&format!("frr-ospf-{name}"), input.name(), &about);
    let hello = hello_dead(input, one, &mut draft, file, name);
    draft.time("restart", &hello);
    draft.word("ends", "both", "[C] RFC 2328 s. 10.5: Full only when each has seen the other's hello");
    match &one.network {
        Some(word) if word.text == "point-to-point" => draft.note(&input.cited(word.place)),
        Some(word) => draft.note(&format!(
            "[EA] taken as point-to-point, which was measured: {}",
            input.line_at(word.place)
        )),
        None => {
            draft.note("[EA] the default network, broadcast, taken as point-to-point, which was measured")
        }
    }
    draft.word("up_delay", "50 ms", "[D] measured: the exchange of databases, some round trips");
    draft.raw(
        "route_change",
        "{ low = \"1.0 s\", high = \"1.02 s\" }",
        "[D] measured: external routes are computed anew on a timer of 1 s",
    );
    draft.time("route_return", &route_return(input, file, one));
    if let Some(place) = file.throttle {
        draft.note(&format!("measured to change nothing: {}", input.line_at(place)));
    }
    if let Some(place) = one.no_link_detect {
        draft.flag("carrier", &Given::new(false, input.cited(place)));
    }
    draft.number(
        "probe_bytes",
        &Given::new(OSPF_BYTES, "[D] RFC 2328: a hello to one neighbour with its IP header"),
    );
    Some(draft)
}

/// Interval, jitter and dead time; returns the interval between hellos.
fn hello_dead(input: &Input, one: &Interface, draft: &mut Draft, file: &File, name: &str) -> Given<Span> {
    let number = |key: &str, default: u64| match one.values.get(key) {
        Some(word) => {
            let value = input.number(word, key, SECONDS).unwrap_or(default);
            Given::new(Span::from_secs(value), input.cited(word.place))
        }
        None => Given::new(Span::from_secs(default), format!("{DEFAULT}: {key} {default}")),
    };
    let (hello, dead) = match &one.minimal {
        Some(word) => {
            let multiplier = input.number(word, "hello-multiplier", 2..=20).unwrap_or(2);
            let hello = Span::from_nanos(Span::from_secs(1).as_nanos() / multiplier);
            let remark = input.cited(word.place);
            (Given::new(hello, remark.clone()), Given::new(Span::from_secs(1), remark))
        }
        None => {
            let hello = number("hello-interval", 10);
            let dead = number("dead-interval", 40);
            (hello, dead)
        }
    };
    let place: Place = one
        .values
        .get("dead-interval")
        .or(one.values.get("hello-interval"))
        .map_or(input.whole(), |word| word.place);
    if dead.value <= hello.value {
        let message =
            format!("dead after {} with a hello every {}: never up", time(dead.value), time(hello.value));
        input.complain(Code::Inconsistent, place, message, "the dead-interval is usually four hellos");
    }
    match &one.bfd {
        Some(bound) => bfd(input, file, name, bound).write(draft),
        None => {
            draft.time("interval", &hello);
            draft.raw("jitter_min", "1.0", "[C] FRR: hellos without jitter");
            draft.raw("jitter_max", "1.0", "[C] likewise");
            draft.time("dead", &dead);
        }
    }
    hello
}

/// From Full to the external route: a new router LSA that comes within MinLSArrival is dropped, twice, and each time sent
/// again only after the neighbour's RxmtInterval.
fn route_return(input: &Input, file: &File, one: &Interface) -> Given<Span> {
    const DROPPED: Span = Span::from_millis(990);
    const TAKEN: Span = Span::from_millis(1_010);
    let retransmit = match one.values.get("retransmit-interval") {
        Some(word) => {
            let value = input.number(word, "retransmit-interval", SECONDS).unwrap_or(5);
            Given::new(
                Span::from_secs(value),
                format!("{}; the neighbour taken as alike", input.line_at(word.place)),
            )
        }
        None => Given::new(Span::from_secs(5), "FRR's default of 5 s"),
    };
    let arrival = file
        .min_arrival
        .as_ref()
        .and_then(|word| Some((word, input.number(word, "min-arrival", 0..=5_000)?)));
    match arrival {
        Some((word, 0)) => {
            Given::new(TAKEN, format!("{}: measured 1.01 s, no LSA is dropped", input.cited(word.place)))
        }
        Some((word, other)) if other != 1_000 => {
            let message = format!("a min-arrival of {other} ms cannot be simulated");
            input.complain(
                Code::UnknownKey,
                word.place,
                message,
                "only 0 and 1000, the default, have been measured",
            );
            Given::new(TAKEN, "")
        }
        _ => {
            let remark = format!(
                "[D] measured: the neighbour's LSA is dropped twice (MinLSArrival) and sent again after RxmtInterval each; {}",
                retransmit.remark
            );
            Given::new(retransmit.value.times(2) + DROPPED, remark)
        }
    }
}
