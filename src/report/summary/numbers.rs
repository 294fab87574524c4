//! Numbers as a planner reads them: separators, units, no more digits than mean something.

use super::Unit;
use crate::measure::estimators::Interval;

/// Below this, a mean over replications is shown with a decimal.
const WHOLE_FROM: f64 = 100.0;

/// `value` with `decimals` decimals and commas between thousands.
#[must_use]
pub fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::with_capacity(text.len() + text.len() / 3 + 1);
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value < 0.0 && !is_zero {
        out.push('−');
    }
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A scale on which a quantity and its interval are shown together.
#[derive(Clone, Copy)]
pub struct Scale<'a> {
    divisor: f64,
    decimals: usize,
    before: &'static str,
    /// Between the number and what comes after it.
    space: &'static str,
    after: &'a str,
}

impl<'a> Scale<'a> {
    /// The scale that suits a quantity of about `magnitude`.
    #[must_use]
    pub fn of(unit: Unit, magnitude: f64, currency: &'a str) -> Scale<'a> {
        let magnitude = magnitude.abs();
        match unit {
            Unit::Stores => counted(magnitude, " stores"),
            Unit::Customers => counted(magnitude, " customers"),
            Unit::Payments => counted(magnitude, " payments"),
            Unit::Incidents => counted(magnitude, ""),
            Unit::Money => {
                let (before, space, after) = match currency {
                    "USD" => ("$", "", ""),
                    "EUR" => ("€", "", ""),
                    "GBP" => ("£", "", ""),
                    code => ("", " ", code),
                };
                Scale { divisor: 1.0, decimals: 0, before, space, after }
            }
            Unit::Share => {
                let decimals = if magnitude > 0.0 && magnitude < 0.000_1 { 4 } else { 2 };
                Scale { divisor: 0.01, decimals, before: "", space: "", after: " %" }
            }
            Unit::Seconds => duration(magnitude),
            Unit::StoreHours => hours(magnitude, " store-hours"),
            Unit::CellHours => hours(magnitude, " cell-hours"),
            Unit::Tickets => counted(magnitude, ""),
            Unit::PersonHours => hours(magnitude, " h"),
            Unit::Gigabytes => hours(magnitude, " GB"),
            Unit::Days => counted(magnitude, " days"),
            Unit::Requests => counted(magnitude, " requests"),
            Unit::Orders => counted(magnitude, " orders"),
            Unit::Times => counted(magnitude, ""),
        }
    }

    /// `value` with its unit.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        let number = self.bare(value);
        let after = match (number.as_str(), self.after) {
            ("1", after) if self.space.is_empty() => {
                after.strip_suffix('s').filter(|unit| unit.len() > 2).unwrap_or(after)
            }
            (_, after) => after,
        };
        format!("{number}{}{after}", self.space)
    }

    /// `value` without what comes after it.
    #[must_use]
    pub fn bare(self, value: f64) -> String {
        let number = grouped(value / self.divisor, self.decimals);
        match number.strip_prefix('−') {
            Some(magnitude) => format!("−{}{magnitude}", self.before),
            None => format!("{}{number}", self.before),
        }
    }
}

/// `342 ms`, `45.0 s`, `10.0 min`, `4.5 h`.
#[must_use]
pub fn duration_text(seconds: f64) -> String {
    duration(seconds.abs()).show(seconds)
}

/// Money in `currency` without decimals.
#[must_use]
pub fn money_text(value: f64, currency: &str) -> String {
    Scale::of(Unit::Money, value, currency).show(value)
}

/// `1 store`, `2,992 stores`.
#[must_use]
pub fn count_text(number: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(number as f64, 0), if number == 1 { "" } else { "s" })
}

/// A share as `83.21 %`.
#[must_use]
pub fn percent_text(share: f64) -> String {
    Scale::of(Unit::Share, share, "").show(share)
}

fn counted(magnitude: f64, after: &'static str) -> Scale<'static> {
    let whole = magnitude >= WHOLE_FROM || magnitude.fract() == 0.0;
    Scale { divisor: 1.0, decimals: usize::from(!whole), before: "", space: "", after }
}

fn hours(magnitude: f64, after: &'static str) -> Scale<'static> {
    let decimals = if magnitude >= WHOLE_FROM { 0 } else { 2 };
    Scale { divisor: 1.0, decimals, before: "", space: "", after }
}

fn duration(seconds: f64) -> Scale<'static> {
    let (divisor, decimals, after) = match seconds {
        s if s < 1.0 => (0.001, 0, " ms"),
        s if s < 10.0 => (1.0, 2, " s"),
        s if s < 120.0 => (1.0, 1, " s"),
        s if s < 7_200.0 => (60.0, 1, " min"),
        _ => (3_600.0, 1, " h"),
    };
    Scale { divisor, decimals, before: "", space: "", after }
}

/// `1,234 stores`, and `(95 % CI 1,100–1,380)` if there is an interval.
///
/// An interval without visible width is not shown: replications that all agree tell nothing about the spread.
#[must_use]
pub fn with_interval(unit: Unit, value: &Interval, currency: &str) -> (String, String) {
    let scale = Scale::of(unit, value.estimate, currency);
    let interval = match (value.low, value.high) {
        (Some(low), Some(high)) if scale.bare(low) != scale.bare(high) => {
            let percent = grouped(value.level * 100.0, 0);
            // A dash between numbers that may be negative reads as a minus.
            let between = if low < 0.0 { " to " } else { "–" };
            format!("({percent} % CI {}{between}{})", scale.bare(low), scale.bare(high))
        }
        _ => String::new(),
    };
    (scale.show(value.estimate), interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(grouped(0.0, 0), "0");
        assert_eq!(grouped(999.4, 0), "999");
        assert_eq!(grouped(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(grouped(-1_234.0, 0), "−1,234");
        assert_eq!(grouped(-0.001, 2), "0.00");
    }

    #[test]
    fn quantities_carry_their_units() {
        let show = |unit, value| Scale::of(unit, value, "USD").show(value);
        assert_eq!(show(Unit::Seconds, 0.342), "342 ms");
        assert_eq!(show(Unit::Seconds, 45.02), "45.0 s");
        assert_eq!(show(Unit::Seconds, 600.0), "10.0 min");
        assert_eq!(show(Unit::Seconds, 36_000.0), "10.0 h");
        assert_eq!(show(Unit::Money, -1_234.5), "−$1,234");
        let in_currency = |code| Scale::of(Unit::Money, 1_234.5, code).show(1_234.5);
        assert_eq!(["EUR", "GBP", "SEK"].map(in_currency), ["€1,234", "£1,234", "1,234 SEK"]);
        assert_eq!(show(Unit::Share, 0.9961), "99.61 %");
        assert_eq!(show(Unit::Share, 0.000_012), "0.0012 %");
        assert_eq!(show(Unit::Stores, 12.0), "12 stores");
        assert_eq!(show(Unit::Stores, 12.35), "12.3 stores");
        let interval = Interval { estimate: 1_234.0, low: Some(1_100.0), high: Some(1_380.0), level: 0.95 };
        assert_eq!(
            with_interval(Unit::Stores, &interval, "USD"),
            ("1,234 stores".to_owned(), "(95 % CI 1,100–1,380)".to_owned())
        );
    }
}
