//! Configurations that cannot be imported: each problem has its code, its line and a remedy, all at once.
//!
//! What the user sees is committed beside each as `.stderr`.

use tinsel::scenario::import::{ImportOptions, Kind};
use tinsel::scenario::render;

use super::{assert_golden, import};

/// Code and line of every problem, in order of place.
type Problems = &'static [(&'static str, usize)];

const BROKEN: &[(&str, Kind, Problems)] = &[
    (
        "mwan3-everything.uci",
        Kind::Mwan3,
        &[
            ("E003", 5),
            ("E007", 6),
            ("E006", 7),
            ("E013", 8),
            ("E008", 9),
            ("E013", 10),
            ("E003", 11),
            ("E008", 12),
            ("E008", 13),
            ("E002", 14),
            ("E003", 16),
            ("E002", 19),
        ],
    ),
    ("mwan3-several.uci", Kind::Mwan3, &[("E013", 1)]),
    ("mwan3-none.uci", Kind::Mwan3, &[("E004", 1)]),
    (
        "frr-everything.conf",
        Kind::Frr,
        &[
            ("E003", 4),
            ("E003", 5),
            ("E003", 6),
            ("E003", 7),
            ("E007", 10),
            ("E006", 11),
            ("E003", 12),
            ("E003", 13),
        ],
    ),
    ("frr-ospf.conf", Kind::Frr, &[("E013", 4), ("E008", 5), ("E003", 6), ("E003", 8), ("E003", 9)]),
    ("frr-several.conf", Kind::Frr, &[("E013", 1)]),
    ("frr-nothing.conf", Kind::Frr, &[("E004", 1)]),
    (
        "keepalived-everything.conf",
        Kind::Keepalived,
        &[
            ("E003", 2),
            ("E007", 6),
            ("E013", 8),
            ("E003", 9),
            ("E013", 13),
            ("E007", 14),
            ("E003", 15),
            ("E013", 19),
        ],
    ),
    ("keepalived-several.conf", Kind::Keepalived, &[("E013", 1)]),
    ("keepalived-no-script.conf", Kind::Keepalived, &[("E004", 1)]),
    ("keepalived-slow-script.conf", Kind::Keepalived, &[("E013", 3)]),
    ("keepalived-brace.conf", Kind::Keepalived, &[("E002", 1)]),
    ("dpinger-everything.cmd", Kind::Dpinger, &[("E006", 1), ("E013", 1), ("E007", 1), ("E003", 1)]),
    ("dpinger-no-alarm.cmd", Kind::Dpinger, &[("E004", 1)]),
    ("dpinger-two.cmd", Kind::Dpinger, &[("E012", 2)]),
    (
        "ios-everything.cfg",
        Kind::Ios,
        &[("E007", 2), ("E003", 3), ("E004", 4), ("E003", 6), ("E013", 7), ("E006", 8)],
    ),
    ("ios-several.cfg", Kind::Ios, &[("E013", 1)]),
    ("ios-udp-jitter.cfg", Kind::Ios, &[("E008", 3), ("E013", 4)]),
];

#[test]
fn each_has_its_own_diagnostics() {
    let mut wrong = Vec::new();
    for (name, kind, expected) in BROKEN {
        let path = format!("tests/import/broken/{name}");
        let problems = match import(*kind, &path, &ImportOptions::default()) {
            Ok(profile) => panic!("{name} was accepted:\n{profile}"),
            Err(problems) => problems,
        };
        let text = render(&problems, false);
        let found: Vec<(&str, usize)> = problems.iter().map(|problem| (problem.code, problem.line)).collect();
        if found != *expected {
            wrong.push(format!("{name}: {found:?}\n{text}"));
        }
        assert!(problems.iter().all(|problem| problem.help.is_some()), "{name}: a remedy for each:\n{text}");
        assert_golden(&format!("{path}.stderr"), &text);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_picked_must_be_there() {
    let picked = |kind, path: &str, options: ImportOptions| {
        let problems = import(kind, &format!("tests/import/{path}"), &options).expect_err("it is not there");
        render(&problems, false)
    };
    let some = |text: &str| Some(text.to_owned());
    let default = ImportOptions::default;
    let text = picked(Kind::Mwan3, "mwan3.uci", ImportOptions { interface: some("wann"), ..default() });
    assert!(text.contains("no interface `wann`") && text.contains("wan, wwan, wan6"), "{text}");
    let text = picked(Kind::Mwan3, "mwan3.uci", ImportOptions { interface: some("wan6"), ..default() });
    assert!(text.contains("interface `wan6` is not enabled"), "{text}");
    let text = picked(Kind::Frr, "frr.conf", ImportOptions { neighbor: some("10.0.0.1"), ..default() });
    assert!(text.contains("no neighbour `10.0.0.1`") && text.contains("10.1.0.1, 10.1.4.1"), "{text}");
    let text =
        picked(Kind::Keepalived, "keepalived.conf", ImportOptions { instance: some("X"), ..default() });
    assert!(text.contains("no vrrp_instance `X`") && text.contains("TILLS"), "{text}");
    let text =
        picked(Kind::Keepalived, "keepalived.conf", ImportOptions { peer_priority: Some(220), ..default() });
    assert!(text.contains("this master has priority 200, its backup 220"), "{text}");
    let text = picked(Kind::Ios, "ios.cfg", ImportOptions { track: Some(3), ..default() });
    assert!(text.contains("track 3 does not follow an IP SLA operation"), "{text}");
    let text = picked(Kind::Ios, "ios.cfg", ImportOptions { track: Some(9), ..default() });
    assert!(text.contains("no track `9`") && text.contains("1, 2"), "{text}");
}
