//! The conditions of a series: which profile of the library, with which of its timers set as the daemon's were, under which
//! fault.

use std::fmt::Write as _;

use super::measured::Series;

/// What stores of a run have.
#[derive(Clone)]
pub struct Conditions {
    /// The library's profile.
    pub profile: &'static str,
    /// Keys of the profile that the configuration sets, as TOML.
    pub timers: String,
    /// The signature of the fault with its parameters, as TOML.
    pub fault: String,
    /// How long it lasts; `None`: until some time after the failover was seen.
    pub window_s: Option<f64>,
    /// How long it is held after that, seconds, uniform.
    pub hold_s: (f64, f64),
    /// Packets of an existing flow that its translator drops when the route changes.
    pub dropped: u32,
}

/// Conditions of `series`; `None` for a kind that no profile stands for.
pub fn of(series: &Series) -> Option<Conditions> {
    let (profile, timers) = profile(series)?;
    let (fault, window_s) = fault(series)?;
    // Masquerading drops the first packet of a flow whose way out has changed.
    let dropped = u32::from(series.kind().starts_with("tcp"));
    Some(Conditions { profile, timers, fault, window_s, hold_s: series.hold_s, dropped })
}

fn profile(series: &Series) -> Option<(&'static str, String)> {
    let number = |key: &str| series.params[key].as_f64();
    let mut timers = String::new();
    let mut set = |key: &str, value: String| writeln!(timers, "{key} = {value}").expect("text");
    let name = match series.kind() {
        "frrbfd" | "tcpfrrbfd" => {
            let (tx, mult) = (number("tx_ms")?, number("mult")?);
            set("interval", format!("\"{tx} ms\""));
            set("dead", format!("\"{} ms\"", tx * mult));
            set("session.attempt", format!("\"{} s\"", number("bgp_connect_retry")?));
            // The kernel was shared: other sets lost carriers too. How often is not in the manifest; that a share of losses was
            // seen at once is, and losses that come at random leave that share.
            if series.fault == "carrier" {
                set("carrier_poll", "\"0 s\"".to_owned());
                set("carrier_others", format!("{}", -libm::log(seen_at_once(series))));
            }
            "bfd-300x3"
        }
        "frrbgp" | "tcpfrrbgp" => {
            set("interval", format!("\"{} s\"", number("keepalive")?));
            set("restart", format!("\"{} s\"", number("keepalive")?));
            set("dead", format!("\"{} s\"", number("hold")?));
            set("session.attempt", format!("\"{} s\"", number("connect_retry")?));
            "bgp"
        }
        "frrospf" => {
            ospf(&series.config, &mut set)?;
            "ospf"
        }
        "keepalived" if series.config.contains("scr") => "vrrp-script",
        "keepalived" => {
            let advert_s = number("advert_ms")? * 1e-3;
            let skew = |priority: f64| (256.0 - priority) / 256.0 * advert_s;
            let (backup, master) = (skew(number("prio_backup")?), skew(number("prio_master")?));
            set("interval", format!("\"{advert_s} s\""));
            set("restart", format!("\"{advert_s} s\""));
            set("dead", format!("\"{} s\"", 3.0 * advert_s + backup));
            set("goodbye", format!("\"{backup} s\""));
            set("rejoin", format!("\"{} s\"", 3.0 * advert_s + master));
            "vrrp"
        }
        "dpinger" => {
            // Sets were measured in their first forty minutes, in which the two threads drift apart by about 0.35 s.
            set("lag", "{ low = \"0 s\", high = \"0.35 s\" }".to_owned());
            if series.config == "pfsense" { "pfsense-dpinger" } else { "opnsense-dpinger" }
        }
        "mwan3" => {
            for key in ["interval", "timeout"] {
                set(key, format!("\"{} s\"", number(key)?));
            }
            set("failure_interval", format!("\"{} s\"", number("interval")?));
            set("recovery_interval", format!("\"{} s\"", number("interval")?));
            set("targets", number("ntargets")?.to_string());
            for key in ["count", "down", "up", "reliability"] {
                set(key, number(key)?.to_string());
            }
            "mwan3-single-ip"
        }
        "strongswan" => {
            set("idle", format!("\"{} s\"", number("dpd_delay")?));
            if series.config.contains("fast") {
                set("wait", "\"1 s\"".to_owned());
                set("wait_factor", "1.5".to_owned());
                set("retries", "3".to_owned());
            }
            "strongswan-dpd"
        }
        "wireguard" if series.config.starts_with("down") => "wireguard",
        _ => return None,
    };
    Some((name, timers))
}

/// `1x4` (seconds), `m5` (hellos in a dead time of one second); then `a0` for a minimal arrival of 0, `r1` for a retransmit
/// interval of 1 s.
fn ospf(config: &str, set: &mut impl FnMut(&str, String)) -> Option<()> {
    let (hello_s, dead_s, rest) = if let Some(number) = config.strip_prefix('m') {
        (1.0 / number.parse::<f64>().ok()?, 1.0, "")
    } else {
        let (hello, rest) = config.split_once('x')?;
        let digits = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        (hello.parse().ok()?, rest[..digits].parse().ok()?, &rest[digits..])
    };
    set("interval", format!("\"{hello_s} s\""));
    set("restart", format!("\"{hello_s} s\""));
    set("dead", format!("\"{dead_s} s\""));
    // Full until the route is there: the LSA is retransmitted twice, unless it is taken the first time.
    let retransmit_s = if rest.contains("r1") { 1.0 } else { 5.0 };
    let back_s = if rest.contains("a0") { 1.01 } else { 2.0 * retransmit_s + 0.99 };
    set("route_return", format!("\"{back_s} s\""));
    Some(())
}

/// Share of the trials in which the loss of the carrier was seen within 10 ms.
fn seen_at_once(series: &Series) -> f64 {
    let seen = series.extra.iter().filter_map(|extra| {
        let rest = extra.split("bgpdown=").nth(1)?;
        rest.split_whitespace().next()?.parse::<f64>().ok()
    });
    let seen: Vec<f64> = seen.collect();
    seen.iter().filter(|&&after_s| after_s < 0.01).count() as f64 / seen.len() as f64
}

fn fault(series: &Series) -> Option<(String, Option<f64>)> {
    let held = |signature: &str| Some((format!("signature = \"{signature}\""), None));
    match series.fault.as_str() {
        "blackhole" | "wan_blackhole" | "switchbh" | "carrier_remote" => held("blackhole"),
        "carrier" | "carrier_local" => held("carrier-lost"),
        "sigterm" => held("announced"),
        other => {
            let percent: f64 = other.strip_prefix("loss")?.parse().ok()?;
            let each_way = percent / 100.0;
            let loss = 1.0 - (1.0 - each_way) * (1.0 - each_way);
            let windows = series.values("hold_s");
            let window_s = (windows.iter().sum::<f64>() / windows.len() as f64).round();
            Some((format!("signature = \"partial-loss\"\nloss = {loss}"), Some(window_s)))
        }
    }
}
