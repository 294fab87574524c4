//! What of `frr.conf` matters, by block.
//!
//! A line belongs to the block that was opened last if that block knows it, as vtysh has it; indentation only tells a new
//! block that is not known from an unknown line of a known one.

use std::collections::BTreeMap;

use crate::scenario::diagnostics::Code;
use crate::scenario::import::input::{Input, Word};
use crate::scenario::import::words;
use crate::scenario::tree::Place;

/// Timers by key, as written.
pub(super) type Values = BTreeMap<&'static str, Word>;

/// Everything that was found.
#[derive(Default)]
pub(super) struct File {
    /// `frr version`, if it is there.
    pub version: Option<String>,
    /// `frr defaults datacenter`.
    pub datacenter: Option<Place>,
    pub bfd_profiles: BTreeMap<String, Values>,
    pub bfd_peers: BTreeMap<String, Values>,
    /// By address, interface or name of a group.
    pub neighbors: BTreeMap<String, Neighbor>,
    /// `timers bgp`: keepalive and hold.
    pub bgp_timers: Option<(Word, Word)>,
    pub no_fallover: Option<Place>,
    pub interfaces: BTreeMap<String, Interface>,
    pub has_ospf: bool,
    pub min_arrival: Option<Word>,
    /// `timers throttle lsa all`, which was measured to change nothing.
    pub throttle: Option<Place>,
    /// Gateways of static routes that BFD watches.
    pub statics: BTreeMap<String, Bound>,
}

/// Bound to BFD, perhaps with a profile.
#[derive(Clone)]
pub(super) struct Bound {
    pub place: Place,
    pub profile: Option<Word>,
    /// Detect multiplier, receive and transmit interval on the same line (an old form).
    pub values: Values,
}

/// `neighbor NAME …`, of a neighbour or of a group.
#[derive(Default)]
pub(super) struct Neighbor {
    /// Whether it is a neighbour and not only a group.
    pub is_peer: bool,
    pub group: Option<String>,
    pub timers: Option<(Word, Word)>,
    pub connect: Option<Word>,
    pub bfd: Option<Bound>,
    pub shutdown: Option<Place>,
    /// What cannot be simulated, if this neighbour is picked.
    pub odd: Vec<(Word, &'static str)>,
}

/// `interface NAME`.
#[derive(Default)]
pub(super) struct Interface {
    pub has_ospf: bool,
    pub passive: bool,
    pub values: Values,
    pub minimal: Option<Word>,
    pub network: Option<Word>,
    pub bfd: Option<Bound>,
    pub no_link_detect: Option<Place>,
}

impl File {
    pub(super) fn group_of(&self, neighbor: &Neighbor) -> Option<&Neighbor> {
        self.neighbors.get(neighbor.group.as_ref()?)
    }
}

#[derive(Clone, PartialEq)]
enum Block {
    /// A block in which nothing matters, or none.
    Other,
    Bfd,
    BfdPeer(String),
    BfdProfile(String),
    Bgp,
    Ospf,
    Interface(String),
}

const BFD_TIMERS: &[&str] = &["detect-multiplier", "receive-interval", "transmit-interval"];
/// What of a BFD peer changes no timing; echo intervals only with echo-mode, which is refused.
const BFD_IGNORED: &[&str] =
    &["echo", "echo-interval", "label", "log-session-changes", "minimum-ttl", "passive-mode"];

/// What of `router bgp` changes no timing.
const BGP_IGNORED: &[&str] = &[
    "address-family",
    "aggregate-address",
    "distance",
    "exit-address-family",
    "import",
    "maximum-paths",
    "network",
    "rd",
    "redistribute",
    "route-target",
    "rt",
    "table-map",
    "vni",
    "advertise-all-vni",
];
const BGP_IGNORED_BGP: &[&str] = &[
    "always-compare-med",
    "bestpath",
    "cluster-id",
    "confederation",
    "default",
    "deterministic-med",
    "disable-ebgp-connected-route-check",
    "ebgp-requires-policy",
    "fast-external-failover",
    "listen",
    "log-neighbor-changes",
    "network",
    "reject-as-sets",
    "router-id",
];
/// What of a neighbour changes no timing.
const NEIGHBOR_IGNORED: &[&str] = &[
    "activate",
    "addpath-tx-all-paths",
    "allowas-in",
    "as-override",
    "attribute-unchanged",
    "capability",
    "default-originate",
    "description",
    "disable-connected-check",
    "distribute-list",
    "ebgp-multihop",
    "enforce-first-as",
    "filter-list",
    "local-as",
    "maximum-prefix",
    "next-hop-self",
    "passive",
    "password",
    "port",
    "prefix-list",
    "remote-as",
    "remove-private-AS",
    "route-map",
    "route-reflector-client",
    "send-community",
    "soft-reconfiguration",
    "strict-capability-match",
    "ttl-security",
    "update-source",
    "version",
    "weight",
];

/// What of `router ospf` changes no timing.
const OSPF_IGNORED: &[&str] = &[
    "area",
    "auto-cost",
    "compatible",
    "default-information",
    "default-metric",
    "distance",
    "distribute-list",
    "log-adjacency-changes",
    "max-metric",
    "maximum-paths",
    "mpls-te",
    "neighbor",
    "network",
    "ospf",
    "redistribute",
    "refresh",
    "router-id",
    "router-info",
    "segment-routing",
    "summary-address",
];

/// Lines of an interface that have nothing to do with OSPF.
const INTERFACE_IGNORED: &[&str] =
    &["bandwidth", "description", "evpn", "ip", "ipv6", "mpls", "multicast", "no", "shutdown", "vrf"];
const OSPF_TIMERS: &[&str] = &["dead-interval", "hello-interval", "retransmit-interval"];
/// What of `ip ospf` changes no timing.
const IP_OSPF_IGNORED: &[&str] = &[
    "area",
    "authentication",
    "authentication-key",
    "cost",
    "message-digest-key",
    "mtu-ignore",
    "priority",
    "transmit-delay",
];

/// Reads all lines.
pub(super) fn parse(input: &Input) -> File {
    let mut file = File::default();
    let mut block = Block::Other;
    for line in input.lines() {
        let words = words::plain(input, line);
        let Some(first) = words.first().filter(|word| !word.text.starts_with(['!', '#'])) else { continue };
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        if let Some(next) = header(&mut file, &block, &texts) {
            block = next;
            continue;
        }
        let indented = first.place.start > line.place.start;
        let known = within(input, &mut file, &mut block, &words);
        if !known && (!indented || block == Block::Other) {
            block = global(input, &mut file, &words);
        } else if !known {
            let help =
                "if it says nothing of when a link is down or up again, remove it from a copy of the file";
            let message = format!("`{}` is not understood here, and it may matter", texts.join(" "));
            input.complain(Code::UnknownKey, input.across(&words), message, help);
        }
    }
    file
}

/// The block that a line opens, or returns to.
fn header(file: &mut File, block: &Block, texts: &[&str]) -> Option<Block> {
    let in_bfd = matches!(block, Block::Bfd | Block::BfdPeer(_) | Block::BfdProfile(_));
    Some(match texts {
        ["bfd"] => Block::Bfd,
        ["peer", address, ..] if in_bfd => {
            file.bfd_peers.entry((*address).to_owned()).or_default();
            Block::BfdPeer((*address).to_owned())
        }
        ["profile", name] if *block == Block::Bfd || matches!(block, Block::BfdProfile(_)) => {
            file.bfd_profiles.entry((*name).to_owned()).or_default();
            Block::BfdProfile((*name).to_owned())
        }
        ["router", "bgp", ..] => Block::Bgp,
        ["router", "ospf", ..] => {
            file.has_ospf = true;
            Block::Ospf
        }
        ["interface", name, ..] => {
            file.interfaces.entry((*name).to_owned()).or_default();
            Block::Interface((*name).to_owned())
        }
        ["exit" | "end"] => match block {
            Block::BfdPeer(_) | Block::BfdProfile(_) => Block::Bfd,
            _ => Block::Other,
        },
        _ => return None,
    })
}

/// Lines outside blocks.
fn global(input: &Input, file: &mut File, words: &[Word]) -> Block {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    match texts.as_slice() {
        ["frr", "version", version, ..] => file.version = Some((*version).to_owned()),
        ["frr", "defaults", "datacenter"] => file.datacenter = Some(words[2].place),
        ["frr", "defaults", "traditional"] => {}
        ["frr", "defaults", ..] => {
            input.unknown(&words[2], "the set of defaults", &["datacenter", "traditional"], &[]);
        }
        ["ip" | "ipv6", "route", _, gateway, rest @ ..] => {
            if let Some(at) = rest.iter().position(|text| *text == "bfd") {
                let profile = rest[at..].iter().position(|text| *text == "profile");
                let profile = profile.and_then(|found| words.get(4 + at + found + 1)).cloned();
                let bound = Bound { place: words[4 + at].place, profile, values: Values::new() };
                file.statics.insert((*gateway).to_owned(), bound);
            }
        }
        _ => {}
    }
    Block::Other
}

/// A line of the block; whether the block knows it.
fn within(input: &Input, file: &mut File, block: &mut Block, words: &[Word]) -> bool {
    match block {
        Block::Other => false,
        Block::Bfd => false,
        Block::BfdPeer(name) => {
            let values = file.bfd_peers.entry(name.clone()).or_default();
            bfd_session(input, values, words)
        }
        Block::BfdProfile(name) => {
            let values = file.bfd_profiles.entry(name.clone()).or_default();
            bfd_session(input, values, words)
        }
        Block::Bgp => bgp(input, file, words),
        Block::Ospf => ospf(input, file, words),
        Block::Interface(name) => interface(input, file.interfaces.entry(name.clone()).or_default(), words),
    }
}

fn bfd_session(input: &Input, values: &mut Values, words: &[Word]) -> bool {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    match texts.as_slice() {
        [key, _] if BFD_TIMERS.contains(key) => {
            let key = BFD_TIMERS.iter().find(|known| *known == key).copied().unwrap_or_default();
            values.insert(key, words[1].clone());
        }
        ["profile", _] => drop(values.insert("profile", words[1].clone())),
        ["echo-mode"] => {
            let help =
                "detection then follows the echo packets' own interval; only control packets are simulated";
            input.complain(Code::UnknownKey, words[0].place, "echo-mode cannot be simulated", help);
        }
        ["shutdown"] => drop(values.insert("shutdown", words[0].clone())),
        ["no", "shutdown" | "echo-mode" | "passive-mode"] => {}
        [key, ..] => return BFD_IGNORED.contains(key),
        [] => {}
    }
    true
}

fn bgp(input: &Input, file: &mut File, words: &[Word]) -> bool {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    match texts.as_slice() {
        ["timers", "bgp", _, _] => file.bgp_timers = Some((words[2].clone(), words[3].clone())),
        ["bgp", "graceful-restart", ..] => {
            let help = "a neighbour's routes are then kept when its session ends, which is not simulated";
            input.complain(
                Code::UnknownKey,
                input.across(words),
                "graceful restart cannot be simulated",
                help,
            );
        }
        ["no", "bgp", "fast-external-failover"] => file.no_fallover = Some(words[0].place),
        ["no", "bgp", key, ..] | ["bgp", key, ..] => return BGP_IGNORED_BGP.contains(key),
        ["neighbor", name, rest @ ..] => {
            let neighbor = file.neighbors.entry((*name).to_owned()).or_default();
            return self::neighbor(neighbor, name, rest, &words[2..]);
        }
        ["no", "neighbor", _, key, ..] => return NEIGHBOR_IGNORED.contains(key) || *key == "shutdown",
        ["no", key, ..] | [key, ..] => return BGP_IGNORED.contains(key),
        [] => {}
    }
    true
}

fn neighbor(neighbor: &mut Neighbor, name: &str, texts: &[&str], words: &[Word]) -> bool {
    match texts {
        ["peer-group"] => {}
        ["peer-group", group] => {
            neighbor.group = Some((*group).to_owned());
            neighbor.is_peer = true;
        }
        ["interface", rest @ ..] => {
            neighbor.is_peer = true;
            if let Some(at) = rest.iter().position(|text| *text == "peer-group") {
                neighbor.group = rest.get(at + 1).map(|group| (*group).to_owned());
            }
        }
        // A group may have one too; its name is no address.
        ["remote-as", _] => neighbor.is_peer = neighbor.is_peer || name.parse::<std::net::IpAddr>().is_ok(),
        ["timers", "connect", _] => neighbor.connect = Some(words[2].clone()),
        ["timers", "delayopen", ..] => {
            neighbor.odd.push((words[1].clone(), "delayopen makes a session wait that is not simulated"));
        }
        ["timers", _, _] => neighbor.timers = Some((words[1].clone(), words[2].clone())),
        ["advertisement-interval", interval] => {
            if *interval != "0" {
                let why = "routes then return later by a time that is not simulated";
                neighbor.odd.push((words[0].clone(), why));
            }
        }
        ["shutdown", ..] => neighbor.shutdown = Some(words[0].place),
        ["bfd", rest @ ..] => return bind(&mut neighbor.bfd, &words[0], rest, &words[1..]),
        [key, ..] => return NEIGHBOR_IGNORED.contains(key),
        [] => {}
    }
    true
}

/// `bfd`, `bfd profile P`, `bfd check-control-plane-failure`, `bfd MULTIPLIER RECEIVE TRANSMIT`.
fn bind(bound: &mut Option<Bound>, head: &Word, texts: &[&str], words: &[Word]) -> bool {
    let bound = bound.get_or_insert(Bound { place: head.place, profile: None, values: Values::new() });
    match texts {
        [] | ["check-control-plane-failure"] => {}
        ["profile", _] => {
            bound.place = head.place;
            bound.profile = Some(words[1].clone());
        }
        [_, _, _] if texts.iter().all(|text| text.bytes().all(|byte| byte.is_ascii_digit())) => {
            for (key, word) in BFD_TIMERS.iter().zip(words) {
                bound.values.insert(key, word.clone());
            }
        }
        _ => return false,
    }
    true
}

fn ospf(input: &Input, file: &mut File, words: &[Word]) -> bool {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    match texts.as_slice() {
        ["timers", "lsa", "min-arrival", _] => file.min_arrival = Some(words[3].clone()),
        ["timers", "throttle", "lsa", "all", _] => file.throttle = Some(words[0].place),
        ["timers", "throttle", "spf", "0", "50", "5000"] => {}
        ["timers", "throttle", "spf", ..] => {
            let place = input.across(words);
            let help = "only the default, 0 50 5000, has been measured; remove the line to import it as that";
            input.complain(Code::UnknownKey, place, "this throttle of SPF cannot be simulated", help);
        }
        ["graceful-restart", ..] => {
            let help = "a neighbour's routes are then kept when it is gone, which is not simulated";
            input.complain(Code::UnknownKey, words[0].place, "graceful restart cannot be simulated", help);
        }
        ["passive-interface", name, ..] => {
            file.interfaces.entry((*name).to_owned()).or_default().passive = true;
        }
        ["no", "passive-interface", name, ..] => {
            file.interfaces.entry((*name).to_owned()).or_default().passive = false;
        }
        ["no", key, ..] | [key, ..] => return OSPF_IGNORED.contains(key),
        [] => {}
    }
    true
}

fn interface(input: &Input, interface: &mut Interface, words: &[Word]) -> bool {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    match texts.as_slice() {
        ["no", "link-detect"] => interface.no_link_detect = Some(words[0].place),
        ["link-detect"] => {}
        // A static route is written at the left margin, after whatever interface was last.
        ["ip" | "ipv6", "route", ..] => return false,
        ["ip", "ospf", rest @ ..] => {
            interface.has_ospf = true;
            return ip_ospf(input, interface, rest, &words[2..]);
        }
        [key, ..] => return INTERFACE_IGNORED.contains(key),
        [] => {}
    }
    true
}

fn ip_ospf(input: &Input, interface: &mut Interface, texts: &[&str], words: &[Word]) -> bool {
    match texts {
        ["dead-interval", "minimal", "hello-multiplier", _] => interface.minimal = Some(words[3].clone()),
        [key, _] if OSPF_TIMERS.contains(key) => {
            let key = OSPF_TIMERS.iter().find(|known| *known == key).copied().unwrap_or_default();
            interface.values.insert(key, words[1].clone());
        }
        ["network", kind, ..] => {
            if !["point-to-point", "broadcast"].contains(kind) {
                let help = "only neighbours that find each other by multicast are simulated";
                input.complain(
                    Code::UnknownWord,
                    words[1].place,
                    format!("a network `{kind}` cannot be simulated"),
                    help,
                );
            }
            interface.network = Some(words[1].clone());
        }
        ["bfd", rest @ ..] => return bind(&mut interface.bfd, &words[0], rest, &words[1..]),
        ["passive", ..] => interface.passive = true,
        [key, ..] => return IP_OSPF_IGNORED.contains(key),
        [] => {}
    }
    true
}
