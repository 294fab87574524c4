//! `keepalived.conf`: VRRP between two routers of a store, and the script by which the master watches its uplink.
//!
//! Two files can be meant. The backup's says how long it waits for the master's adverts (RFC 5798 s. 6.1, and for VRRP
//! version 2 RFC 3768, whose skew does not grow with the interval). The master's, if it has a `track_script`, says how
//! it notices that its uplink is dead; then it falls silent, and the backup waits for its skew only. Keys and defaults
//! are those of keepalived.conf(5), version 2.2.7.

mod script;
mod tree;

use super::ImportOptions;
use super::draft::{About, Draft};
use super::input::{Given, Input, SECONDS_MAX, Word};
use crate::scenario::diagnostics::Code;
use crate::units::Span;
use tree::{Statement, named};

const DEFAULT: &str = "[C] default of keepalived 2.2.7";
/// The other router's priority where it is not given: the library's master and backup.
const MASTER_PRIORITY: u8 = 150;
const BACKUP_PRIORITY: u8 = 100;
/// RFC 5798 s. 6.1: priorities are counted from here down.
const PRIORITY_SCALE: u64 = 256;

/// Blocks of the file that are read; the rest of the known ones balance servers or set addresses.
const BLOCKS: &[&str] = &["global_defs", "vrrp_instance", "vrrp_script", "vrrp_sync_group"];
const IGNORED_BLOCKS: &[&str] = &[
    "garp_group",
    "static_ipaddress",
    "static_routes",
    "static_rules",
    "static_track_group",
    "virtual_server",
    "virtual_server_group",
    "SSL",
    "linkbeat_use_polling",
    "net_namespace",
    "instance",
    "local_address_group",
];

const GLOBALS: &[&str] = &["down_timer_adverts", "vrrp_down_timer_adverts", "vrrp_version"];
/// What of `global_defs` changes no timing of a failover.
const IGNORED_GLOBALS: &[&str] = &[
    "checker_log_all_failures",
    "default_interface",
    "dynamic_interfaces",
    "enable_dbus",
    "enable_script_security",
    "enable_snmp_keepalived",
    "enable_snmp_rfc",
    "enable_snmp_vrrp",
    "enable_traps",
    "max_auto_priority",
    "no_email_faults",
    "notification_email",
    "notification_email_from",
    "process_names",
    "router_id",
    "script_user",
    "smtp_alert",
    "smtp_alert_vrrp",
    "smtp_connect_timeout",
    "smtp_helo_name",
    "smtp_server",
    "snmp_socket",
    "umask",
    "use_symlink_paths",
    "vrrp_check_unicast_src",
    "vrrp_ipsets",
    "vrrp_iptables",
    "vrrp_mcast_group4",
    "vrrp_mcast_group6",
    "vrrp_nftables",
    "vrrp_no_swap",
    "vrrp_notify_fifo",
    "vrrp_priority",
    "vrrp_rt_priority",
    "vrrp_skip_check_adv_addr",
    "vrrp_strict",
];

const KEYS: &[&str] = &[
    "advert_int",
    "down_timer_adverts",
    "garp_lower_prio_delay",
    "garp_lower_prio_repeat",
    "garp_master_delay",
    "garp_master_refresh",
    "garp_master_refresh_repeat",
    "garp_master_repeat",
    "nopreempt",
    "preempt",
    "preempt_delay",
    "priority",
    "state",
    "track_interface",
    "track_script",
    "version",
];
/// What of an instance changes no timing of a failover.
const IGNORED_KEYS: &[&str] = &[
    "accept",
    "authentication",
    "debug",
    "dont_track_primary",
    "interface",
    "lvs_sync_daemon_interface",
    "mcast_src_ip",
    "native_ipv6",
    "no_accept",
    "notify",
    "notify_backup",
    "notify_fault",
    "notify_master",
    "notify_master_rx_lower_pri",
    "notify_stop",
    "old_unicast_checksum",
    "promote_secondaries",
    "skip_check_adv_addr",
    "smtp_alert",
    "strict_mode",
    "track_src_ip",
    "unicast_peer",
    "unicast_src_ip",
    "use_vmac",
    "use_vmac_addr",
    "virtual_ipaddress",
    "virtual_ipaddress_excluded",
    "virtual_router_id",
    "virtual_routes",
    "virtual_rules",
    "vmac_xmit_base",
];

/// The timers of an instance.
struct Timers {
    advert: Given<Span>,
    /// Version 3 scales the skew by the interval, version 2 has seconds.
    version: Given<u64>,
    adverts: Given<u64>,
    preempt_delay: Option<Given<Span>>,
    never_returns: Option<String>,
}

impl Timers {
    /// How much longer a router of `priority` waits.
    fn skew(&self, priority: u64) -> Span {
        let unit = if self.version.value == 3 { self.advert.value } else { Span::from_secs(1) };
        Span::from_nanos(unit.as_nanos() * (PRIORITY_SCALE - priority.min(PRIORITY_SCALE)) / PRIORITY_SCALE)
    }

    fn dead(&self, priority: u64) -> Span {
        self.advert.value.times(self.adverts.value) + self.skew(priority)
    }

    fn formula(&self, priority: u64) -> String {
        let unit =
            if self.version.value == 3 { super::draft::time(self.advert.value) } else { "1 s".to_owned() };
        format!("(256 - {priority})/256 of {unit}")
    }
}

pub(super) fn read(input: &Input, options: &ImportOptions) -> Option<Draft> {
    let file = tree::parse(input)?;
    for block in &file {
        check_block(input, block);
    }
    let instances: Vec<&Statement> = named(&file, "vrrp_instance").collect();
    let names: Vec<String> = instances.iter().map(|one| one.argument_text().to_owned()).collect();
    let instance = match (&options.instance, instances.as_slice()) {
        (Some(name), _) => {
            let found = instances.iter().find(|one| one.argument_text() == name);
            if found.is_none() {
                input.not_there("vrrp_instance", name, &names);
            }
            found?
        }
        (None, [one]) => one,
        (None, []) => {
            let help = "keepalived fails over with a block vrrp_instance NAME { … }";
            input.complain(Code::MissingKey, input.whole(), "there is no vrrp_instance in this file", help);
            return None;
        }
        (None, _) => {
            input.ambiguous("vrrp_instances", &names, "--instance NAME");
            return None;
        }
    };
    let timers = timers(input, &file, instance);
    let own = priority(input, instance);
    let (is_master, peer) = role(input, instance, &own, options)?;
    let mut draft = if is_master {
        script::profile(input, &file, instance, &timers, &own, &peer)?
    } else {
        backup(input, instance, &timers, &own, &peer)
    };
    finish(input, instance, &timers, &mut draft);
    Some(draft)
}

/// Reports what is not understood in a block that matters.
fn check_block(input: &Input, block: &Statement) {
    let unknown = |statement: &Statement, read: &[&str], ignored: &[&str]| {
        let name = statement.name();
        if !read.iter().chain(ignored).any(|known| *known == name.text) {
            input.unknown(name, "the keyword", read, ignored);
        }
    };
    match block.name().text.as_str() {
        "global_defs" => {
            let ours = |one: &&Statement| !one.name().text.starts_with("vrrp_garp_");
            block.children.iter().filter(ours).for_each(|one| unknown(one, GLOBALS, IGNORED_GLOBALS));
        }
        "vrrp_instance" => block.children.iter().for_each(|one| unknown(one, KEYS, IGNORED_KEYS)),
        "vrrp_script" => block.children.iter().for_each(|one| unknown(one, script::KEYS, script::IGNORED)),
        "vrrp_sync_group" => {
            for one in block.children.iter().filter(|one| one.name().text.starts_with("track_")) {
                let help = "put it into the vrrp_instance";
                let message = format!("`{}` of a sync group is not understood", one.name().text);
                input.complain(Code::UnknownKey, one.name().place, message, help);
            }
        }
        _ => unknown(block, BLOCKS, IGNORED_BLOCKS),
    }
}

fn timers(input: &Input, file: &[Statement], instance: &Statement) -> Timers {
    let global = |key: &str| named(file, "global_defs").find_map(|block| block.last(key));
    let number = |found: Option<&Statement>, key: &str, default: u64, range| match found {
        Some(statement) => {
            let word = statement.argument();
            let value = input.number(word, key, range).unwrap_or(default);
            Given::new(value, input.cited(word.place))
        }
        None => Given::new(default, DEFAULT),
    };
    let version =
        number(instance.last("version").or_else(|| global("vrrp_version")), "the version", 2, 2..=3);
    let adverts = instance.last("down_timer_adverts").or_else(|| global("vrrp_down_timer_adverts"));
    let adverts = number(adverts.or_else(|| global("down_timer_adverts")), "down_timer_adverts", 3, 1..=100);
    let advert = match instance.last("advert_int") {
        Some(statement) => {
            let word = statement.argument();
            let span = input.seconds(word, "advert_int", 0..=255).filter(|span| {
                if span.is_zero() {
                    let help = "write seconds, for example advert_int 1";
                    input.complain(Code::OutOfRange, word.place, "an interval of zero", help);
                }
                !span.is_zero()
            });
            let span = span.unwrap_or(Span::from_secs(1));
            if version.value == 2 && !span.as_nanos().is_multiple_of(1_000_000_000) {
                let help =
                    "VRRP version 2 has whole seconds; add vrrp_version 3 to global_defs if that is meant";
                input.complain(Code::Inconsistent, word.place, "version 2 cannot advertise that often", help);
            }
            Given::new(span, input.cited(word.place))
        }
        None => Given::new(Span::from_secs(1), DEFAULT),
    };
    let preempt_delay = instance.last("preempt_delay").map(|statement| {
        let word = statement.argument();
        let span = input.seconds(word, "preempt_delay", 0..=1_000).unwrap_or_default();
        Given::new(span, input.cited(word.place))
    });
    let never_returns = instance.last("nopreempt").map(|statement| input.cited(statement.name().place));
    Timers { advert, version, adverts, preempt_delay, never_returns }
}

fn priority(input: &Input, instance: &Statement) -> Given<u64> {
    match instance.last("priority") {
        Some(statement) => {
            let word = statement.argument();
            let value = input.number(word, "priority", 1..=255).unwrap_or(u64::from(BACKUP_PRIORITY));
            Given::new(value, input.cited(word.place))
        }
        None => Given::new(u64::from(BACKUP_PRIORITY), DEFAULT),
    }
}

/// Whether this is the file of the master, and the other's priority.
fn role(
    input: &Input,
    instance: &Statement,
    own: &Given<u64>,
    options: &ImportOptions,
) -> Option<(bool, Given<u64>)> {
    let state = instance.last("state").map(Statement::argument);
    let says_master = match state.map(|word| word.text.as_str()) {
        Some("MASTER") => true,
        Some("BACKUP") | None => false,
        Some(other) => {
            let message = format!("`{other}` is not a state");
            let place = state.map_or(input.whole(), |word| word.place);
            input.complain(Code::UnknownWord, place, message, "possible: MASTER, BACKUP");
            return None;
        }
    };
    let (peer, remark) = match options.peer_priority {
        Some(given) => (given, format!("[C] --peer-priority {given}")),
        None => {
            let assumed = if says_master { BACKUP_PRIORITY } else { MASTER_PRIORITY };
            (
                assumed,
                format!(
                    "[EA] the other router's priority taken as {assumed}: --peer-priority says otherwise"
                ),
            )
        }
    };
    let peer = Given::new(u64::from(peer), remark);
    let is_master = says_master || (options.peer_priority.is_some() && own.value > peer.value);
    let consistent = if is_master { own.value > peer.value } else { own.value < peer.value };
    if !consistent {
        let place = instance.last("priority").map_or(instance.name().place, |one| one.argument().place);
        let (this, that) = if is_master { ("master", "backup") } else { ("backup", "master") };
        let message = format!("this {this} has priority {}, its {that} {}", own.value, peer.value);
        let help = "give the other router's priority with --peer-priority N";
        input.complain(Code::Inconsistent, place, message, help);
    }
    Some((is_master, peer))
}

/// The backup's file: it takes over when the master's adverts stay away.
fn backup(
    input: &Input,
    instance: &Statement,
    timers: &Timers,
    own: &Given<u64>,
    peer: &Given<u64>,
) -> Draft {
    let name = instance.argument_text();
    let about = About {
        family: "hello-dead",
        product: format!("keepalived, backup of vrrp_instance {name}: the master falls silent"),
        source: "keepalived.conf(5) 2.2.7, RFC 5798 and RFC 3768 for what it does not set",
        date: "keepalived 2.2.7".to_owned(),
        confidence: "derived",
    };
    let mut draft = Draft::new(&format!("vrrp-{name}"), input.name(), &about);
    if let Some(script) = instance.last("track_script") {
        let line = input.line_at(script.name().place);
        draft.note(&format!("the backup's own track_script watches the backup and is left out ({line})"));
    }
    draft.time("interval", &timers.advert);
    draft.raw("jitter_min", "1.0", "[C] RFC 5798: adverts have no jitter");
    draft.raw("jitter_max", "1.0", "[C] likewise");
    let adverts = timers.adverts.value;
    let dead = format!(
        "[D] RFC 5798 s. 6.1: {adverts} adverts and the skew {}; {}; VRRP version {}: {}",
        timers.formula(own.value),
        own.remark,
        timers.version.value,
        timers.version.remark
    );
    draft.time("dead", &Given::new(timers.dead(own.value), dead));
    draft.time("restart", &timers.advert);
    draft.word("ends", "contending", "[C] RFC 5798 s. 6.4.2: the better router answers a worse one's advert");
    let goodbye = "[D] RFC 5798 s. 6.4.2: an advert of priority 0 leaves the skew";
    draft.time("goodbye", &Given::new(timers.skew(own.value), goodbye));
    let rejoin = format!(
        "[D] {adverts} adverts and the master's skew {}; {}",
        timers.formula(peer.value),
        peer.remark
    );
    draft.time("rejoin", &Given::new(timers.dead(peer.value), rejoin));
    draft.number("probe_bytes", &Given::new(0, "[D] adverts stay on the LAN"));
    if let Some(delay) = &timers.preempt_delay {
        draft.time(
            "up_delay",
            &Given::new(delay.value, format!("{}, taken to hold for the master", delay.remark)),
        );
    }
    draft
}

/// What both files have.
fn finish(input: &Input, instance: &Statement, timers: &Timers, draft: &mut Draft) {
    draft.raw("lan_takeover", "true", "[C] RFC 5798: the virtual address moves by gratuitous ARP");
    let garps: Vec<String> = instance
        .children
        .iter()
        .filter(|one| one.name().text.starts_with("garp_"))
        .map(|one| input.line_at(one.name().place))
        .collect();
    if !garps.is_empty() {
        draft.note(&format!(
            "gratuitous ARP is simulated with keepalived's defaults, not as in {}",
            garps.join("; ")
        ));
    }
    let measured = "[D] measured with keepalived 2.2.7: the LAN learns within milliseconds";
    draft.raw("route_change", "{ low = \"1 ms\", high = \"4 ms\" }", measured);
    draft.raw("route_return", "{ low = \"1 ms\", high = \"4 ms\" }", "[D] measured: likewise");
    if let Some(remark) = &timers.never_returns {
        draft.word("failback", "never", format!("{remark}: who has taken over keeps the address"));
    }
}

/// Seconds of a key, as written or by default.
fn seconds(input: &Input, statement: Option<&Statement>, key: &str, default: Given<Span>) -> Given<Span> {
    let Some(statement) = statement else { return default };
    let word: &Word = statement.argument();
    let span = input.seconds(word, key, 1..=SECONDS_MAX).unwrap_or(default.value);
    Given::new(span, input.cited(word.place))
}
