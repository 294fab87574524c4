//! `[payments]`.

use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Section};
use crate::scenario::resolved::{KeptConnection, Payments, ServiceId};
use crate::units::Span;

/// `[payments]` with the names of services not looked up yet.
pub(crate) struct Written {
    pub resolved: Payments,
    pub service: Option<Named>,
    pub second: Option<Named>,
    pub second_after: u32,
    pub second_detection: Span,
}

pub(crate) fn read(section: &Section) -> Written {
    Written {
        resolved: read_payments(section),
        service: section.name(
            Field::new("service", "Service that authorizes: an entry of [services].")
                .or("processor", "[EA] the built-in entry, which is never short of anything"),
        ),
        second: section.name(
            Field::new("second_acquirer", "Service that authorizes when the first does not answer.")
                .optional(),
        ),
        second_after: section.count(
            Field::new(
                "second_after",
                "Attempts without an answer after which a payment goes to the second acquirer.",
            )
            .within(1.0, 10.0)
            .or("1", "[EA] the first retry goes there"),
        ),
        second_detection: section.span(
            Field::new(
                "second_detection",
                "All payments go to the second acquirer once the first has been down, or answered too late, for so long.",
            )
            .within(0.0, 86_400.0)
            .or(
                "60 s",
                "[EA] a switch counts failed answers before it reroutes; no published figure was found",
            ),
        ),
    }
}

fn read_payments(section: &Section) -> Payments {
    Payments {
        kept: read_kept(section),
        service: ServiceId(0),
        second: None,
        terminal: section.law(
            Field::new("terminal", "Customer at the terminal before the authorization is sent.").or(
                "{ median = \"9.2 s\", sigma = 0.3 }",
                "[D] S24: mean 9.6 s here + 1.3 s host + a round trip = the 11 s measured for contact EMV; sigma spans most of 4.4-22.6 s",
            ),
        ),
        host: section.law(
            Field::new("host", "The host's own time for an authorization.")
                .or("{ median = \"1.2 s\", sigma = 0.45 }", "[EA] S36: loose support (2.5 s is the industry's target)"),
        ),
        timeout: section.span(
            Field::new("timeout", "How long a terminal waits for an answer.")
                .within(0.1, 600.0)
                .or("30 s", "[EA] S36 S25: 45 s is published for one terminal; sweep 15, 30, 45 s"),
        ),
        retries: section.count(
            Field::new("retries", "How many times a terminal tries again.")
                .within(0.0, 10.0)
                .or("1", "[EA] S31 S25: one retry, then reversal, then offline"),
        ),
        backoff: section.span(
            Field::new("backoff", "Pause before trying again.")
                .within(0.0, 600.0)
                .or("0 s", "[EA] S31 S25: the retry is immediate"),
        ),
        bytes: section.bytes(
            Field::new("bytes", "Sent, and as much received, per authorization, everything included.").or(
                "5 kB",
                "[EA] S33: 10 kB both ways together: authorization (under 1 kB) + TLS session + transaction log + loyalty",
            ),
        ),
        decline: section.share(
            Field::new("decline", "Probability that the issuer declines.").or(
                "0 %",
                "[EA] no public figure was found for card-present sales, and a refusal is not the network's doing; sweep 0-3 %",
            ),
        ),
    }
}

fn read_kept(section: &Section) -> Option<KeptConnection> {
    let has = section.has("kept");
    let kept = section.section(
        "kept",
        "All payments of a store take one connection that is kept; without this table each opens one of its own.",
        |table| has.then(|| read_connection(table)),
    );
    kept.filter(|_| !section.reader.schema_mode)
}

fn read_connection(section: &Section) -> KeptConnection {
    let span = |key, doc, min, default, provenance| {
        section.span(Field::new(key, doc).within(min, 86_400.0).or(default, provenance))
    };
    KeptConnection {
        give_up: span(
            "give_up",
            "From the first request without an answer until the connection is given up and opened anew.",
            0.001,
            "924.6 s",
            "[D] Linux tcp_retries2 of 15: 0.2 s, doubling to 120 s; shorter if the application closes it sooner",
        ),
        connect_give_up: span(
            "connect_give_up",
            "From the first packet of a new connection until that is given up and begun anew.",
            1.0,
            "127 s",
            "[C] Linux tcp_syn_retries of 6: 1, 2, 4, … s",
        ),
        heartbeat: span(
            "heartbeat",
            "Between two messages that say that it lives, so that a dead one is noticed without payments; 0 for none.",
            0.0,
            "5 min",
            "[C] Elavon Fusebox, transaction type 73: no more often than every 5 minutes",
        ),
        round_trips: section.count(
            Field::new("round_trips", "Round trips until it is opened.")
                .within(0.0, 100.0)
                .or("2", "[C] TCP one, TLS 1.3 one (RFC 8446)"),
        ),
        stays: section.law(
            Field::new(
                "stays",
                "How much longer it stays on a path that works and that the route has left, if flows are kept.",
            )
            .or("{ low = \"0 s\", high = \"24 h\" }", "[EA] it is opened anew once a day, at any time"),
        ),
    }
}
