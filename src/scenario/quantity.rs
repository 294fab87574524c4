//! A number as one writes it in a scenario, with what stands before and after it: `20 s`, `$5`, `12 %`, `0.2`.
//!
//! For whoever has to make a value between two others (a range that is swept) or to compare two of them (a condition on points):
//! it keeps the unit as written, and knows the value in base units (seconds, bit/s, bytes, hertz, the currency, shares of one).

use crate::units::{parse_bytes, parse_cents, parse_decibels, parse_hertz, parse_rate, parse_span};

/// Digits that are kept of a value that was made, not written: enough for any input that has a range, and short to type.
const DIGITS: usize = 4;

/// A number with its unit.
#[derive(Clone, PartialEq, Debug)]
pub struct Quantity {
    /// A currency sign, or empty.
    before: String,
    /// The number as written, without its unit.
    pub number: f64,
    /// The unit with the blank before it, or empty.
    after: String,
    /// Whether it was written without a point or an exponent.
    is_whole: bool,
}

impl Quantity {
    /// Reads `text`; `None` if it is not one number with at most one unit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let unsigned = text.trim_start_matches(['$', '€', '£']);
        let before = &text[..text.len() - unsigned.len()];
        let end = number_end(unsigned);
        let (digits, after) = unsigned.split_at(end);
        let number: f64 = digits.replace('_', "").parse().ok()?;
        let unit = |c: char| c.is_alphabetic() || c == '%' || c == '/';
        (before.chars().count() <= 1 && number.is_finite() && after.trim_start().chars().all(unit)).then(
            || Quantity {
                before: before.to_owned(),
                number,
                after: after.to_owned(),
                is_whole: !digits.contains(['.', 'e', 'E']),
            },
        )
    }

    /// Whether it counts something: written without a point, a sign or a unit.
    #[must_use]
    pub fn is_count(&self) -> bool {
        self.is_whole && self.before.is_empty() && self.after.is_empty()
    }

    /// Whether `other` is written with the same sign and unit.
    #[must_use]
    pub fn is_like(&self, other: &Quantity) -> bool {
        self.before == other.before && self.after.trim_start() == other.after.trim_start()
    }

    /// `number` with this quantity's sign and unit, to four significant digits.
    #[must_use]
    pub fn written_as(&self, number: f64) -> String {
        format!("{}{}{}", self.before, to_digits(number), self.after)
    }

    /// In base units: seconds, bit/s, bytes, hertz, the currency, decibels, a share of one; a number without a unit is itself.
    #[must_use]
    pub fn base(&self) -> Option<f64> {
        self.measure().map(|(base, _)| base)
    }

    /// The same, and what it measures.
    #[must_use]
    pub fn measure(&self) -> Option<(f64, Dimension)> {
        let text = format!("{}{}{}", self.before, self.number, self.after);
        match (self.before.as_str(), self.after.trim_start()) {
            ("", "") => Some((self.number, Dimension::Number)),
            ("", "%") => Some((self.number / 100.0, Dimension::Number)),
            ("", _) => parse_span(&text)
                .map(|span| (span.as_secs_f64(), Dimension::Time))
                .or_else(|_| parse_rate(&text).map(|rate| (rate.0 as f64, Dimension::Rate)))
                .or_else(|_| parse_bytes(&text).map(|bytes| (bytes as f64, Dimension::Size)))
                .or_else(|_| parse_hertz(&text).map(|hertz| (hertz as f64, Dimension::Bandwidth)))
                .or_else(|_| parse_decibels(&text).map(|level| (level, Dimension::Level)))
                .ok(),
            _ => parse_cents(&text).ok().map(|cents| (cents.as_units_f64(), Dimension::Money)),
        }
    }
}

/// What a quantity measures: only of one dimension can be compared or added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dimension {
    /// A count, a factor or a share.
    Number,
    /// Seconds.
    Time,
    /// bit/s.
    Rate,
    /// Bytes.
    Size,
    /// Hertz.
    Bandwidth,
    /// Decibels.
    Level,
    /// The scenario's currency.
    Money,
}

impl Dimension {
    /// `base`, which is in base units, as one would say it.
    #[must_use]
    pub fn shown(self, base: f64) -> String {
        let unit = match self {
            Dimension::Number => "",
            Dimension::Time => " s",
            Dimension::Rate => " bit/s",
            Dimension::Size => " B",
            Dimension::Bandwidth => " Hz",
            Dimension::Level => " dB",
            Dimension::Money => " of money",
        };
        format!("{base}{unit}")
    }

    /// Its name with an article.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Dimension::Number => "a number without a unit",
            Dimension::Time => "a time",
            Dimension::Rate => "a rate",
            Dimension::Size => "a size",
            Dimension::Bandwidth => "a bandwidth",
            Dimension::Level => "a level",
            Dimension::Money => "money",
        }
    }
}

/// `number` to four significant digits, which is what is run: values are as short as they look.
#[must_use]
pub fn to_digits(number: f64) -> f64 {
    format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number)
}

/// Bytes of `text` that are a number: sign, digits, point, exponent.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = usize::from(text.starts_with('-') || text.starts_with('+'));
    while digit(end) || bytes.get(end).is_some_and(|&byte| byte == b'.' || byte == b'_') {
        end += 1;
    }
    if bytes.get(end).is_some_and(|&byte| byte == b'e' || byte == b'E') {
        let sign = usize::from(bytes.get(end + 1).is_some_and(|&byte| byte == b'-' || byte == b'+'));
        if digit(end + 1 + sign) {
            end += 1 + sign;
            while digit(end) {
                end += 1;
            }
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Option<f64> {
        Quantity::parse(text).and_then(|quantity| quantity.base())
    }

    #[test]
    fn units_have_a_base() {
        for (text, expected) in [
            ("20 s", 20.0),
            ("1.5 min", 90.0),
            ("300 ms", 0.3),
            ("5 Mbps", 5e6),
            ("2 kB", 2_000.0),
            ("10 MHz", 1e7),
            ("$1.5k", 1_500.0),
            ("12 %", 0.12),
            ("0.25", 0.25),
            ("-3 dB", -3.0),
            ("1e-3", 1e-3),
            ("-4", -4.0),
        ] {
            assert!(base(text).is_some_and(|base| (base - expected).abs() < 1e-9 * expected.abs()), "{text}");
        }
        for text in ["", "warm", "09:00", "2019-11-29", "20 s 3", "$$5", "1.2.3", "5 parsec", "true"] {
            assert_eq!(base(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_written_like_another() {
        let like = |text: &str| Quantity::parse(text).expect("a quantity");
        assert_eq!(like("20 s").written_as(23.456_789), "23.46 s");
        assert_eq!(like("$5").written_as(1_234.56), "$1235");
        assert_eq!(like("0.2").written_as(0.000_123_456), "0.0001235");
        assert!(like("20 s").is_like(&like("3s")) && !like("20 s").is_like(&like("3 min")));
        assert!(like("3").is_count() && !like("3.0").is_count() && !like("3 s").is_count());
    }
}
