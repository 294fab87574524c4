//! Times, amounts and tables as people read them.

use crate::model::detector::closed::Spread;
use crate::report::summary::grouped;
use crate::units::{Span, format_span};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;
/// Julian.
pub(super) const YEAR: f64 = 365.25 * DAY;

/// A stage of a failover: milliseconds below a second, else seconds, so that columns can be compared.
pub(super) fn stage(seconds: f64) -> String {
    match seconds {
        s if s.is_infinite() => "no bound".to_owned(),
        0.0 => "0 s".to_owned(),
        s if s.abs() < 0.000_95 => format!("{:.2} ms", s * 1e3),
        s if s.abs() < 0.009_95 => format!("{:.1} ms", s * 1e3),
        s if s.abs() < 0.999_5 => format!("{:.0} ms", s * 1e3),
        s if s < 99.995 => format!("{s:.2} s"),
        s if s < 999.95 => format!("{s:.1} s"),
        s => format!("{} s", grouped(s, 0)),
    }
}

/// A timer: `15 min`, `60 s`, `300 ms`, `3.609375 s`.
pub(super) fn span(span: Span) -> String {
    const SECOND: u64 = 1_000_000_000;
    let nanos = span.as_nanos();
    // Below two minutes, seconds: timers are compared with one another.
    if nanos.is_multiple_of(SECOND) && nanos >= 120 * SECOND {
        return format_span(span);
    }
    let (value, unit) =
        if nanos >= SECOND || nanos == 0 { (nanos as f64 / 1e9, "s") } else { (nanos as f64 / 1e6, "ms") };
    let digits = format!("{value:.9}");
    format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Minimum, mean and maximum.
pub(super) fn spread(spread: &Spread) -> [String; 3] {
    [stage(spread.min), stage(spread.mean), stage(spread.max)]
}

/// How long until something rare: from seconds to millions of years.
pub(super) fn age(seconds: f64) -> String {
    let plain = |value: f64, unit: &str| {
        let decimals = if value < 9.95 { 1 } else { 0 };
        format!("{} {unit}", grouped(value, decimals))
    };
    match seconds {
        s if s < 2.0 * MINUTE => plain(s, "s"),
        s if s < 2.0 * HOUR => plain(s / MINUTE, "min"),
        s if s < 2.0 * DAY => plain(s / HOUR, "h"),
        s if s < 2.0 * YEAR => plain(s / DAY, "days"),
        s if s < 1e4 * YEAR => plain(s / YEAR, "years"),
        _ => "> 10,000 years".to_owned(),
    }
}

/// How often a year something happens.
pub(super) fn per_year(times: f64) -> String {
    match times {
        t if t < RARE_PER_YEAR => "< 0.001".to_owned(),
        t if t < 0.1 => format!("{t:.3}"),
        t if t < 10.0 => format!("{t:.2}"),
        t => grouped(t, 0),
    }
}

/// What is rarer than once in a thousand years is not told apart.
pub(super) const RARE_PER_YEAR: f64 = 1e-3;

/// Bytes as megabytes.
pub(super) fn megabytes(bytes: f64) -> String {
    match bytes / 1e6 {
        0.0 => "0".to_owned(),
        m if m < 9.95 => format!("{m:.1}"),
        m => grouped(m, 0),
    }
}

/// A share in percent, with no more digits than it has.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `text` in lines of at most `width` characters, each begun with `indent`.
pub(super) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut out = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = line.chars().count() + 1 + word.chars().count() + indent.chars().count();
        if !line.is_empty() && longer > width {
            out += &format!("{indent}{line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    out + &format!("{indent}{line}\n")
}

/// `text` at the right edge of `width` characters.
pub(super) fn right(text: &str, width: usize) -> String {
    format!("{text:>width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_have_digits_that_mean_something() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (0.000_1, "0.10 ms"),
            (0.003, "3.0 ms"),
            (0.767_86, "768 ms"),
            (-0.02, "-20 ms"),
            (14.75, "14.75 s"),
            (125.06, "125.1 s"),
            (2_265.0, "2,265 s"),
            (f64::INFINITY, "no bound"),
        ] {
            assert_eq!(stage(seconds), text);
        }
    }

    #[test]
    fn ages_have_a_unit_that_suits_them() {
        for (seconds, text) in [
            (30.0, "30 s"),
            (HOUR, "60 min"),
            (36.0 * HOUR, "36 h"),
            (3.1 * DAY, "3.1 days"),
            (50.0 * YEAR, "50 years"),
            (f64::INFINITY, "> 10,000 years"),
        ] {
            assert_eq!(age(seconds), text);
        }
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", "  ", 9), "  one two\n  three\n");
        assert_eq!(percent(0.001), "0.1 %");
        assert_eq!(percent(0.2), "20 %");
    }
}
