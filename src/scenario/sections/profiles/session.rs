//! `[profiles.NAME.session]`: a routing session that must be established again before traffic returns.

use crate::scenario::field::Field;
use crate::scenario::reader::Section;
use crate::scenario::resolved::Session;

/// The session, if the profile has one.
pub(super) fn read(section: &Section) -> Option<Session> {
    let has = section.has("session");
    let session = section.section(
        "session",
        "A routing session over TCP (BGP) that must be established again before traffic returns.",
        |table| has.then(|| read_table(table)),
    );
    session.filter(|_| !section.reader.schema_mode)
}

fn read_table(section: &Section) -> Session {
    let span = |key, doc, default, provenance| {
        section.span(Field::new(key, doc).within(0.001, 86_400.0).or(default, provenance))
    };
    Session {
        start: span(
            "start",
            "From the session's end to the first attempt to connect.",
            "1 s",
            "[C] FRR bgpd: BGP_INIT_START_TIMER; seen in the laboratory as the phase of its first packets",
        ),
        retry: span(
            "retry",
            "Retransmission of the first packet of a connection.",
            "1 s",
            "[C] RFC 6298: initial retransmission timeout",
        ),
        retry_linear: section.count(
            Field::new("retry_linear", "Retransmissions before the timeout begins to double.")
                .within(0.0, 100.0)
                .or("4", "[C] Linux tcp_syn_linear_timeouts since 6.5; older kernels 0"),
        ),
        attempt: span(
            "attempt",
            "An attempt to connect is given up and begun anew after this.",
            "120 s",
            "[C] FRR bgpd: connect-retry timer",
        ),
        messages: section.count(
            Field::new(
                "messages",
                "Messages, one after the other, from a connection to a route.",
            )
            .within(0.0, 100.0)
            .or("3", "[C] RFC 4271: OPEN, KEEPALIVE, and the UPDATE with the route"),
        ),
        collision: section.share(
            Field::new("collision", "Probability that two connections begun at once end each other.")
                .within(0.0, 0.99)
                .or(
                    "0.15",
                    "[D] measured with FRR 8.4.4: 16 of 121 sessions whose ends lost each other at once",
                ),
        ),
        collision_pause: span(
            "collision_pause",
            "What such a collision costs.",
            "2.05 s",
            "[D] measured with FRR 8.4.4: every round 2.05 s",
        ),
    }
}
