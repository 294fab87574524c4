//! Negative controls: models that are plainly wrong must be told apart, or the comparison would say nothing.

use super::conditions;
use super::losses;
use super::measured;
use super::times;

/// The comparison of `series` with further keys of the profile (a key that is there already is replaced).
fn missed_with(series: &str, profile: Option<&'static str>, keys: &[(&str, &str)]) -> Vec<String> {
    let series = measured::one(series);
    let mut conditions = conditions::of(&series).expect("conditions");
    if let Some(profile) = profile {
        (conditions.profile, conditions.timers) = (profile, String::new());
    }
    for (key, value) in keys {
        let others = conditions.timers.lines().filter(|line| !line.starts_with(&format!("{key} =")));
        conditions.timers = others.map(|line| format!("{line}\n")).collect();
        conditions.timers.push_str(&format!("{key} = {value}\n"));
    }
    if conditions.window_s.is_some() {
        let (times, means) = losses::comparisons(&series, &conditions);
        let times = times.iter().filter(|it| !it.agrees()).map(|it| it.column.to_owned());
        return times.chain(means.iter().filter(|it| !it.agrees()).map(|it| it.what.to_owned())).collect();
    }
    let found = times::comparisons(&series, &conditions);
    found.iter().filter(|it| !it.agrees()).map(|it| it.column.to_owned()).collect()
}

#[test]
fn the_controls_are_met_as_they_are() {
    // The same machinery without a change misses nothing: what the controls miss is due to what they change.
    assert!(missed_with("mwan3_builtin_blackhole", None, &[]).is_empty());
    assert!(missed_with("frrbfd_300x3_loss40", None, &[]).is_empty());
    assert!(missed_with("frrospf_1x4_blackhole", None, &[]).is_empty());
}

#[test]
fn down_times_interval_is_not_mwan3() {
    let naive = [("interval", "\"10 s\""), ("timeout", "\"4 s\""), ("down", "5"), ("up", "5")];
    let missed = missed_with("mwan3_builtin_blackhole", Some("fortinet-sdwan"), &naive);
    assert!(missed.contains(&"detect_s".to_owned()), "{missed:?}");
    assert!(missed.contains(&"failover_s".to_owned()), "{missed:?}");
}

#[test]
fn bfd_that_only_one_end_watches_is_not_bfd() {
    let missed = missed_with("frrbfd_300x3_loss40", None, &[("ends", "\"one\"")]);
    assert!(missed.contains(&"downs a minute".to_owned()), "{missed:?}");
}

#[test]
fn ospf_that_is_only_detection_is_not_ospf() {
    let bare = [("route_change", "\"0 s\""), ("route_return", "\"0 s\"")];
    let missed = missed_with("frrospf_1x4_blackhole", None, &bare);
    assert!(missed.contains(&"failover_s".to_owned()), "{missed:?}");
    assert!(missed.contains(&"failback_s".to_owned()), "{missed:?}");
}

#[test]
fn vrrp_without_neighbour_caches_returns_too_soon() {
    let missed = missed_with("keepalived_1000_blackhole", None, &[("lan_takeover", "false")]);
    assert_eq!(missed, ["failback_s"]);
}

#[test]
fn bgp_that_is_back_with_the_link_is_not_bgp() {
    let missed = missed_with("frrbfd_300x3_blackhole", None, &[("route_return", "\"0 s\"")]);
    assert_eq!(missed, ["failback_s"]);
}

#[test]
fn a_link_that_needs_no_addresses_recovers_too_soon() {
    let missed = missed_with("frrbfd_300x3_carrier", None, &[("carrier_resolve", "\"0 s\"")]);
    assert!(missed.contains(&"recover_detect_s".to_owned()), "{missed:?}");
}

#[test]
fn a_long_outage_loses_addresses_as_a_lost_carrier_does() {
    let series = measured::one("frrbfd_300x3_blackhole_long");
    let mut conditions = conditions::of(&series).expect("conditions");
    conditions.fault = "signature = \"carrier-lost\"".to_owned();
    conditions.timers.push_str("carrier = false\n");
    let found = times::comparisons(&series, &conditions);
    let recovery = found.iter().find(|it| it.column == "recover_detect_s").expect("it recovers");
    assert!(recovery.agrees(), "{recovery:?}");
}
