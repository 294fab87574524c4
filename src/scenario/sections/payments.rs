//! `[payments]`.

use crate::scenario::field::Field;
use crate::scenario::reader::Section;
use crate::scenario::resolved::Payments;

pub(crate) fn read(section: &Section) -> Payments {
    Payments {
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
