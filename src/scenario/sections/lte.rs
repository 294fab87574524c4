//! `[lte]`: what all LTE uplinks and cells have in common.

use jiff::civil::Date;

use super::network::QUEUES;
use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Problem, Section};
use crate::scenario::resolved::{self, BringUp, DualSim, Latent, Law};
use crate::units::Span;

/// `[lte]` with the phones' load by hour and day.
pub(crate) struct Lte {
    pub resolved: resolved::Lte,
    /// Share of airtime that phones take, by local hour.
    pub phones: [f64; 24],
    /// Local days on which that share is multiplied.
    pub phone_days: Vec<(Option<Date>, f64)>,
}

pub(crate) fn read(section: &Section) -> Lte {
    let (phones, phone_days, up_share, max) =
        section.section("phones", "Shoppers' phones in the same cells.", read_phones);
    let number = |key, doc, default, provenance| {
        section.number(Field::new(key, doc).within(0.0, 100.0).or(default, provenance))
    };
    let alpha = "[C] 3GPP TR 36.942 Annex A";
    let uplink = "[M] 3GPP TR 36.942 Annex A as remembered";
    let rate = |key, doc, default| {
        section.rate(Field::new(key, doc).or(default, "[C] 3GPP TS 36.306: a category 4 modem"))
    };
    let resolved = resolved::Lte {
        cell_step: section.span(
            Field::new("cell_step", "Step of a cell's grid.")
                .within(0.001, 60.0)
                .or("1 s", "[EA] the grid's step for cells"),
        ),
        alpha_down: number("alpha_down", "Attenuation of the Shannon bound, downlink.", "0.6", alpha),
        cap_down: number("cap_down", "Largest bit/s/Hz, downlink.", "4.4", alpha),
        alpha_up: number("alpha_up", "Attenuation of the Shannon bound, uplink.", "0.4", uplink),
        cap_up: number("cap_up", "Largest bit/s/Hz, uplink.", "2.0", uplink),
        phones_up_share: up_share,
        phones_max: max,
        rtt_sigma: section.number(
            Field::new("rtt_sigma", "Log standard deviation of a round trip about the carrier's median.")
                .within(0.0, 3.0)
                .or("0.375", "[C] shape of the round trips measured by Huang et al., SIGCOMM 2013"),
        ),
        loss: section.share(
            Field::new("loss", "Probability that a packet or its answer is lost.")
                .within(0.0, 0.99)
                .or("0.06 %", "[C] Huang et al., SIGCOMM 2013: median TCP retransmission rate"),
        ),
        buffer_bytes: section.bytes(
            Field::new("buffer", "Buffer of an LTE uplink.")
                .or("1200 kB", "[C] Huang et al., SIGCOMM 2013: up to 1200 KB in flight"),
        ),
        aqm: read_aqm(section),
        queue: section.choice(
            Field::new("queue", "Whether payments overtake other traffic on the LTE uplink.")
                .or("priority", "[EA] the router that shapes other traffic also orders it"),
            QUEUES,
        ),
        modem_up: rate("modem_up", "The modem's limit towards the network.", "51 Mbps"),
        modem_down: rate("modem_down", "The modem's limit towards the store.", "150.8 Mbps"),
        bring_up: section.section(
            "bring_up",
            "Stages from a modem's standby state to a usable path and to the first application byte.",
            read_bring_up,
        ),
        latent: section.section("latent", "Backups that are dead unnoticed: SIM, antenna, APN.", read_latent),
        dual_sim: section.section("dual_sim", "Modems with two SIMs, one in use at a time.", read_dual_sim),
    };
    Lte { resolved, phones, phone_days }
}

fn read_aqm(section: &Section) -> Option<Span> {
    let on = section.flag(
        Field::new("aqm", "Whether buffers of LTE uplinks are managed, both ways, so that nothing waits long (no bufferbloat).")
            .or("false", "[C] Huang et al., SIGCOMM 2013: buffers are large and full"),
    );
    let delay = section.span(
        Field::new("aqm_delay", "With aqm: the longest that other traffic makes wait.")
            .within(0.001, 10.0)
            .or("20 ms", "[EA] CoDel (RFC 8289) aims at 5 ms and needs some 100 ms to get there"),
    );
    on.then_some(delay)
}

type Phones = ([f64; 24], Vec<(Option<Date>, f64)>, f64, f64);

fn read_phones(section: &Section) -> Phones {
    let hours = section.hours(
        Field::new("hours", "Share of downlink airtime that phones take, by local hour of a usual day.").or(
            "[0.16, 0.12, 0.09, 0.07, 0.06, 0.07, 0.12, 0.2, 0.27, 0.31, 0.35, 0.38, \
             0.41, 0.42, 0.42, 0.43, 0.45, 0.47, 0.49, 0.5, 0.49, 0.44, 0.34, 0.24]",
            "[D] Opensignal 2019: busiest-hour rate 0.53 of the quietest hour's = (1 - 0.50) / (1 - 0.06); the shape between is EA",
        ),
    ).unwrap_or([0.0; 24]);
    let days = section.list("day", "Local days on which phones take more or less.", |day| {
        let date = day.date(Field::new("date", "Local day."));
        (date, day.number(Field::new("factor", "Factor on the phones' share that day.").within(0.0, 100.0)))
    });
    let up_share = section.share(
        Field::new("up_share", "Uplink airtime that phones take over the downlink airtime they take.")
            .or("0.5", "[EA] phones download more than they upload"),
    );
    let max = section.share(
        Field::new("max", "Phones never take more airtime than this.")
            .within(0.0, 0.999)
            .or("0.9", "[EA] the scheduler leaves something to everybody"),
    );
    (hours, days, up_share, max)
}

fn read_latent(section: &Section) -> Latent {
    const SECONDS_PER_YEAR: f64 = 31_557_600.0;
    let rate = Field::new("rate_per_year", "Onsets a year and backup; none if [faults] is not enabled.")
        .within(0.0, 10_000.0)
        .or("0", "[J] off: practitioners find 3 to 8 % of units dead when needed; 0.5 with a test a month gives 2.1 %");
    Latent {
        rate_per_s: section.number(rate) / SECONDS_PER_YEAR,
        test_interval: section.span(
            Field::new("test_interval", "Every backup is tested this often, at a phase of its own.")
                .within(60.0, 20.0 * SECONDS_PER_YEAR)
                .or("30 days", "[J] a monthly test"),
        ),
        repair: section.law(
            Field::new("repair", "From a test, or from need, until a backup that was found dead is mended.")
                .or("{ median = \"2 days\", sigma = 0.8 }", "[EA] a part is sent and somebody swaps it"),
        ),
    }
}

fn read_dual_sim(section: &Section) -> DualSim {
    let span =
        |key, doc, default, why| section.span(Field::new(key, doc).within(0.0, 86_400.0).or(default, why));
    let back_after = span(
        "back_after",
        "How long it stays on the second SIM then, at least.",
        "30 min",
        "[EA] Opengear's manual has a number of minutes, and no default; sweep it",
    );
    let goes_back = section.choice(
        Field::new(
            "back",
            "When a store on LTE alone goes back to its first SIM: `after` a time, once that has service, or `never` while the second has.",
        )
        .or("after", "[EA] one of the three policies of Opengear's manual (on disconnect, after N minutes, never)"),
        &[("after", true), ("never", false)],
    );
    if !goes_back && section.is_users("back_after") {
        let problem = Problem::new(Code::NoEffect, "`back_after` has no effect with back = \"never\"");
        section.problem("back_after", problem.help("leave it out, or write back = \"after\""));
    }
    DualSim {
        back: goes_back.then_some(back_after),
        attempts: section.count(
            Field::new("attempts", "Attempts to register in vain after which the other SIM has its turn.")
                .within(1.0, 100.0)
                .or("2", "[EA] products count seconds or failed tries; sweep it"),
        ),
        after: span(
            "after",
            "A path in use that is dead for so long is left for the other SIM.",
            "60 s",
            "[EA] long enough for a handover to end",
        ),
        takes: span(
            "takes",
            "The change of SIM, before the modem registers.",
            "10 s",
            "[EA] the modem reads the SIM and starts its stack again",
        ),
    }
}

const BRING_UP: &str = "[C] measured or specified stages of EG25-G class modems and ModemManager";
const QUECTEL: &str = "[C] Quectel forum 8081: ready not before 12 s after power-on; the tail is EA";
const SWEEP: &str = "[EA] sweep it";
const QUECTEL_LOGS: &str = "[D] quectel-CM logs: fit by eye, n = 5";

fn seconds(section: &Section, field: Field) -> f64 {
    section.span(field.within(0.0, 86_400.0)).as_secs_f64()
}

fn read_bring_up(section: &Section) -> BringUp {
    let scan = read_full_scan(section);
    let attach = read_attach(section);
    let law = |key, doc, default, provenance| section.law(Field::new(key, doc).or(default, provenance));
    let seconds =
        |key, doc, default, provenance| seconds(section, Field::new(key, doc).or(default, provenance));
    BringUp {
        boot_floor_s: seconds("boot_floor", "Modem boot, at least.", "12 s", QUECTEL),
        boot_tail_s: seconds("boot_tail", "Mean of what boot takes beyond that.", "3 s", QUECTEL),
        usb: law("usb", "USB enumeration.", "{ low = \"1 s\", high = \"2 s\" }", BRING_UP),
        probing: law(
            "probing",
            "The modem manager's probing.",
            "{ low = \"4 s\", high = \"8 s\" }",
            "[C] ModemManager 9a2d586: at least 4 s; the top is EA",
        ),
        sim: law(
            "sim",
            "Until the SIM is polled ready.",
            "{ low = \"0 s\", high = \"1 s\" }",
            "[C] ModemManager 9a2d586: polls each second",
        ),
        full_scan_cold: scan.from_cold,
        full_scan_radio_off: scan.from_radio_off,
        full_scan: scan.lasts,
        full_scan_clip_s: scan.clip_s,
        attach: attach.lasts,
        attach_failure: attach.failure,
        t3410: attach.t3410,
        t3411: attach.t3411,
        t3402: attach.t3402,
        congestion: attach.congestion,
        t3346: attach.t3346,
        bearer_floor_s: seconds("bearer_floor", "Bearer, address and DNS, at least.", "0.8 s", QUECTEL_LOGS),
        bearer: law(
            "bearer",
            "Bearer, address and DNS beyond that.",
            "{ median = \"0.15 s\", sigma = 1.0 }",
            QUECTEL_LOGS,
        ),
        reattach: law(
            "reattach",
            "From the loss of a registration by the network to the modem's first attempt to register again.",
            "{ low = \"0 s\", high = \"30 s\" }",
            "[EA] a modem learns of it when it next sends, or is told",
        ),
        rrc: law(
            "rrc",
            "RRC promotion from idle.",
            "{ median = \"0.435 s\", sigma = 0.41 }",
            "[C] Huang et al., SIGCOMM 2013: quartiles 319, 435, 558 ms",
        ),
        rrc_tail: section.span(
            Field::new("rrc_tail", "RRC connected becomes idle this long after the last packet.")
                .within(0.0, 86_400.0)
                .or("10 s", "[C] Huang et al., SIGCOMM 2013; set by the operator"),
        ),
        vpn_round_trips: section.count(
            Field::new(
                "vpn_round_trips",
                "Round trips to set up a VPN over LTE: IKEv2 2, WireGuard 1; 0 is none.",
            )
            .within(0.0, 20.0)
            .or("2", "[M] IKEv2 (RFC 7296) takes two, WireGuard one"),
        ),
        vpn_compute_s: seconds(
            "vpn_compute",
            "Computing time of the VPN's handshake.",
            "0.1 s",
            "[EA] small routers",
        ),
        application_round_trips: section.count(
            Field::new(
                "application_round_trips",
                "Round trips from a usable path to the first application byte; no route waits for them.",
            )
            .within(0.0, 20.0)
            .or("2", "[M] TCP takes one, TLS 1.3 (RFC 8446) another; TLS 1.2 takes two"),
        ),
    }
}

/// A search through all bands, which a modem without a remembered cell may need.
struct FullScan {
    from_cold: f64,
    from_radio_off: f64,
    lasts: Law,
    clip_s: (f64, f64),
}

fn read_full_scan(section: &Section) -> FullScan {
    let share = |key, doc, default| section.share(Field::new(key, doc).or(default, SWEEP));
    let scan = FullScan {
        from_cold: share("full_scan_cold", "Probability of a full scan from `cold`.", "0.10"),
        from_radio_off: share("full_scan_radio_off", "Probability of a full scan from `radio-off`.", "0.02"),
        lasts: section.law(
            Field::new("full_scan", "A full scan for networks.")
                .or("{ median = \"50 s\", sigma = 0.557 }", "[C] KAIST 2014: 20 s to 2 min; the shape is EA"),
        ),
        clip_s: (
            seconds(section, Field::new("full_scan_min", "Shortest full scan.").or("20 s", "[C] KAIST 2014")),
            seconds(
                section,
                Field::new("full_scan_max", "Longest full scan.")
                    .or("180 s", "[EA] beyond the published two minutes"),
            ),
        ),
    };
    if scan.clip_s.0 > scan.clip_s.1 {
        let problem = Problem::new(Code::Inconsistent, "the shortest full scan is longer than the longest");
        section.problem("full_scan_min", problem.help("exchange full_scan_min and full_scan_max"));
    }
    scan
}

/// Attaching in a known cell, with the retry ladder of 3GPP TS 24.301.
struct Attach {
    lasts: Law,
    failure: f64,
    t3410: Span,
    t3411: Span,
    t3402: Span,
    congestion: f64,
    t3346: Law,
}

fn read_attach(section: &Section) -> Attach {
    let timer = |key, doc, default| {
        section.span(Field::new(key, doc).within(0.0, 86_400.0).or(default, "[C] 3GPP TS 24.301"))
    };
    Attach {
        lasts: section.law(Field::new("attach", "Search and attach in a known cell.").or(
            "{ median = \"3.1 s\", sigma = 0.40 }",
            "[D] Nordic devzone 128264: 2.55 and 3.75 s (n = 2); sigma is EA",
        )),
        failure: section.share(
            Field::new("attach_failure", "Probability that one attach attempt fails.")
                .within(0.0, 0.99)
                .or("0.02", SWEEP),
        ),
        t3410: timer("t3410", "T3410: wait for the answer to an attach.", "15 s"),
        t3411: timer("t3411", "T3411: pause before another attempt.", "10 s"),
        t3402: timer("t3402", "T3402: pause after five failed attempts.", "720 s"),
        congestion: section.share(
            Field::new(
                "congestion",
                "Probability that the answer to an attach attempt is a refusal for congestion.",
            )
            .within(0.0, 0.99)
            .or("0", "[EA] none but in a storm; sweep it"),
        ),
        t3346: section.law(Field::new("t3346", "T3346: pause after an attempt refused for congestion.").or(
            "{ low = \"1350 s\", high = \"1650 s\" }",
            "[C] Cisco MME: 1500 s by default, plus or minus 10 %; one may set 0 to 11160 s",
        )),
    }
}
