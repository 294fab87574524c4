//! `[profiles.NAME.ikev2]` and `[profiles.NAME.wireguard]`: the tunnel in which a store's traffic goes.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Problem, Section};
use crate::scenario::resolved::Tunnel;
use crate::units::Span;

/// WireGuard tries to set up a tunnel for 90 s (REKEY_ATTEMPT_TIME), every REKEY_TIMEOUT.
const REKEY_ATTEMPT: Span = Span::from_secs(90);

/// The tunnel, if the profile has one.
pub(super) fn read(section: &Section) -> Option<Tunnel> {
    let has = ["ikev2", "wireguard"].map(|key| section.has(key));
    let ikev2 = section.section(
        "ikev2",
        "The edge router has an IKEv2 tunnel, and the store's traffic goes in it.",
        |table| has[0].then(|| read_ikev2(table)),
    );
    let wireguard = section.section(
        "wireguard",
        "The edge router has a WireGuard tunnel, and the store's traffic goes in it.",
        |table| has[1].then(|| read_wireguard(table)),
    );
    if section.reader.schema_mode {
        return None;
    }
    if ikev2.is_some() && wireguard.is_some() {
        let problem = Problem::new(Code::Inconsistent, "the store's traffic goes in one tunnel, not in two");
        section.problem("wireguard", problem.help("leave `ikev2` or `wireguard` out"));
    }
    ikev2.or(wireguard)
}

fn read_ikev2(section: &Section) -> Tunnel {
    const RETRANSMISSION: &str =
        "[C] strongSwan 3b902ea: 4 s, each wait 1.8 times as long, five times; 165.1 s in all";
    let count = |key, doc, default, provenance| {
        section.count(Field::new(key, doc).within(0.0, 100.0).or(default, provenance))
    };
    let retries =
        count("retries", "How often a message without an answer is sent again.", "5", RETRANSMISSION);
    let mobike = section.flag(
        Field::new("mobike", "Whether it takes a new route by itself, in one round trip (RFC 4555).").or(
            "false",
            "[EA] site-to-site tunnels of routers are bound to an interface; strongSwan has it on from memory",
        ),
    );
    Tunnel {
        check: section.span(
            Field::new("check", "From the last packet received until the peer is asked whether it is there.")
                .within(0.0, 86_400.0)
                .or("30 s", "[M] strongSwan's dpddelay of old; swanctl has no check unless it is asked for"),
        ),
        wait: section.span(
            Field::new("wait", "How long the first answer is waited for.")
                .within(0.001, 3_600.0)
                .or("4 s", RETRANSMISSION),
        ),
        wait_factor: section.number(
            Field::new("wait_factor", "Each further wait is longer by this factor.")
                .within(1.0, 10.0)
                .or("1.8", RETRANSMISSION),
        ),
        retries,
        connect_retries: retries,
        moves: mobike.then_some(1),
        round_trips: count(
            "round_trips",
            "Round trips until it is set up.",
            "2",
            "[M] RFC 7296: IKE_SA_INIT and IKE_AUTH",
        ),
        compute: read_compute(section, "0.1 s", "[EA] a key exchange and a signature on a small router"),
        stays: section.law(stays().or(
            "{ low = \"0 s\", high = \"24 h\" }",
            "[D] it is set up anew once in its lifetime, begun at any time: 86,400 s by default (Oracle SBC, v2-ike-life-secs)",
        )),
    }
}

fn read_wireguard(section: &Section) -> Tunnel {
    const PROTOCOL: &str =
        "[C] wireguard.com, protocol: handshake anew 15 s after unanswered data (10 s keepalive, 5 s rekey)";
    let span =
        |key, doc, default| section.span(Field::new(key, doc).within(0.001, 3_600.0).or(default, PROTOCOL));
    let check =
        span("keepalive", "A peer that has been sent data and says nothing answers after this.", "10 s");
    let wait = span("rekey", "And a new handshake begins so much later; it is sent again as often.", "5 s");
    let roams = section.flag(
        Field::new(
            "roams",
            "Whether it takes a new route by itself, at once; else it is bound to an interface.",
        )
        .or("true", "[C] WireGuard paper: the peer answers to where the last good packet came from"),
    );
    Tunnel {
        check,
        wait,
        wait_factor: 1.0,
        retries: 0,
        connect_retries: (REKEY_ATTEMPT.as_nanos() / wait.as_nanos().max(1)).min(1_000) as u32,
        moves: roams.then_some(0),
        round_trips: section.count(
            Field::new("round_trips", "Round trips until it is set up.")
                .within(0.0, 100.0)
                .or("1", "[M] WireGuard paper: one round trip"),
        ),
        compute: read_compute(section, "0 s", "[EA] a millisecond or so"),
        stays: section.law(stays().or(
            "30 days",
            "[C] wireguard.com: nothing ends it, and its handshakes go the way of its packets",
        )),
    }
}

fn read_compute(section: &Section, default: &'static str, provenance: &'static str) -> Span {
    section.span(
        Field::new("compute", "What computing takes when it is set up.")
            .within(0.0, 60.0)
            .or(default, provenance),
    )
}

fn stays() -> Field {
    Field::new(
        "stays",
        "How much longer it stays on a path that works and that the route has left, if flows are kept; drawn when that happens.",
    )
}
