//! The one parser of quantities with units: `20 ms`, `50 Mbps`, `$1.25M`, `12 dB`, `10 kB`, `20 %`.
//!
//! A quantity is a decimal number, optional space, and a unit. Everything that is kept as an integer is
//! computed in integers, so `0.1 s` is exactly 100,000,000 ns. Prefixes are decimal (1 kB = 1000 B). A missing
//! or unknown unit is an error that says which units would do.

use super::{BitRate, Cents, Span};

/// Why a quantity could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnitError {
    /// What is wrong.
    pub message: String,
    /// What would be right, with an example.
    pub remedy: String,
}

/// A unit's spellings and its size in the base unit.
type Unit = (&'static [&'static str], u64);

const NS_PER_MINUTE: u64 = 60_000_000_000;

const SPAN_UNITS: &[Unit] = &[
    (&["d", "day", "days"], 1_440 * NS_PER_MINUTE),
    (&["h", "hour", "hours"], 60 * NS_PER_MINUTE),
    (&["min", "minute", "minutes"], NS_PER_MINUTE),
    (&["s", "sec", "second", "seconds"], 1_000_000_000),
    (&["ms"], 1_000_000),
    (&["us", "µs"], 1_000),
    (&["ns"], 1),
];
const RATE_UNITS: &[Unit] = &[
    (&["Gbps", "Gbit/s"], 1_000_000_000),
    (&["Mbps", "Mbit/s"], 1_000_000),
    (&["kbps", "kbit/s"], 1_000),
    (&["bps", "bit/s"], 1),
];
const BYTE_UNITS: &[Unit] =
    &[(&["GB"], 1_000_000_000), (&["MB"], 1_000_000), (&["kB"], 1_000), (&["B", "bytes"], 1)];
const HERTZ_UNITS: &[Unit] = &[(&["GHz"], 1_000_000_000), (&["MHz"], 1_000_000), (&["kHz"], 1_000)];
/// Cents per suffix of an amount of money.
const MONEY_UNITS: &[Unit] =
    &[(&["B"], 100_000_000_000), (&["M"], 100_000_000), (&["k", "K"], 100_000), (&[""], 100)];

/// What an amount of money may begin with.
pub const CURRENCY_SIGNS: [char; 3] = ['$', '€', '£'];

const SPAN_REMEDY: &str =
    "write a time with its unit: ns, us, ms, s, min, h or d, for example \"20 ms\" or \"4 h\"";
const RATE_REMEDY: &str = "write a rate with its unit: bps, kbps, Mbps or Gbps, for example \"50 Mbps\"";
const MONEY_REMEDY: &str = "write an amount of money such as \"$60\", \"$639k\" or \"$1.25M\"";
const DECIBEL_REMEDY: &str = "write a level in decibels, for example \"12 dB\"";
const BYTE_REMEDY: &str = "write a size with its unit: B, kB, MB or GB, for example \"10 kB\"";
const HERTZ_REMEDY: &str = "write a bandwidth with its unit: kHz, MHz or GHz, for example \"10 MHz\"";
const NUMBER_REMEDY: &str = "write digits with a decimal point, for example 1250.5";
const SHARE_REMEDY: &str = "write a share such as 0.2 or \"20 %\"";

/// A decimal number as an integer and a power of ten: `1.25` is 125 / 10².
#[derive(Clone, Copy)]
struct Decimal {
    digits: u128,
    scale: u32,
}

impl Decimal {
    /// This number times `factor`, rounded to the nearest integer; `None` beyond the range of `u64`.
    fn times(self, factor: u64) -> Option<u64> {
        let divisor = 10_u128.checked_pow(self.scale)?;
        let product = self.digits.checked_mul(u128::from(factor))?;
        u64::try_from(product.checked_add(divisor / 2)? / divisor).ok()
    }
}

/// Reads a length of time such as `20 ms`, `1.5 s`, `30 min`, `4 h` or `30 days`.
///
/// # Errors
/// If there is no number, no unit, an unknown unit, or the span is longer than 584 years.
pub fn parse_span(text: &str) -> Result<Span, UnitError> {
    whole(text, SPAN_UNITS, "time", SPAN_REMEDY).map(Span::from_nanos)
}

/// Reads a data rate such as `50 Mbps` (decimal prefixes).
///
/// # Errors
/// If there is no number, no unit, or an unknown unit.
pub fn parse_rate(text: &str) -> Result<BitRate, UnitError> {
    whole(text, RATE_UNITS, "rate", RATE_REMEDY).map(BitRate)
}

/// Reads a size such as `10 kB`, in bytes (decimal prefixes).
///
/// # Errors
/// If there is no number, no unit, or an unknown unit.
pub fn parse_bytes(text: &str) -> Result<u64, UnitError> {
    whole(text, BYTE_UNITS, "size", BYTE_REMEDY)
}

/// Reads a radio bandwidth such as `10 MHz`, in hertz.
///
/// # Errors
/// If there is no number, no unit, or an unknown unit.
pub fn parse_hertz(text: &str) -> Result<u64, UnitError> {
    whole(text, HERTZ_UNITS, "bandwidth", HERTZ_REMEDY)
}

/// Reads an amount of money such as `$60`, `$639k` or `$1.25M`; the currency is the scenario's.
///
/// # Errors
/// If there is no currency sign, no number, an unknown suffix, or a comma that parts no thousands.
pub fn parse_cents(text: &str) -> Result<Cents, UnitError> {
    let Some(amount) = text.trim().strip_prefix(CURRENCY_SIGNS) else {
        return Err(error(format!("`{text}` has no currency sign"), MONEY_REMEDY));
    };
    let cents = whole(&without_commas(amount.trim_start(), text)?, MONEY_UNITS, "amount", MONEY_REMEDY)?;
    i64::try_from(cents).map(Cents).map_err(|_| error(format!("`{text}` is too much money"), MONEY_REMEDY))
}

/// Reads an amount of money whose sign is the one of `currency`, an ISO 4217 code; any sign if that is not known.
///
/// # Errors
/// As [`parse_cents`]; and if the sign is another currency's.
pub fn parse_money(text: &str, currency: Option<&str>) -> Result<Cents, UnitError> {
    let Some(currency) = currency else { return parse_cents(text) };
    let (text, sign) = (text.trim(), currency_sign(currency));
    match text.strip_prefix(CURRENCY_SIGNS) {
        Some(amount) if !text.starts_with(sign) => {
            parse_cents(text)?;
            let remedy = format!(
                "write \"{sign}{amount}\" if that is what it is; `currency` in [scenario] says what money is in, and nothing is converted"
            );
            Err(error(format!("`{text}` has another currency's sign than {currency}"), &remedy))
        }
        _ => parse_cents(text),
    }
}

/// Reads a number without a unit whose thousands may be parted by commas: `1250`, `1,250.5`.
///
/// # Errors
/// If it is not a finite number, or has a comma that parts no thousands.
pub fn parse_number(text: &str) -> Result<f64, UnitError> {
    let number = without_commas(text.trim(), text)?.replace('_', "").parse::<f64>().ok();
    let number = number.filter(|number| number.is_finite());
    number.ok_or_else(|| error(format!("`{text}` is not a number"), NUMBER_REMEDY))
}

/// The sign with which amounts in `currency` are written; `$` for every currency that has none here.
#[must_use]
pub fn currency_sign(currency: &str) -> char {
    match currency {
        "EUR" => '€',
        "GBP" => '£',
        _ => '$',
    }
}

/// `number` without the commas that part its thousands: before the point, one to three digits and then groups of three.
/// Any other comma may be a decimal one, and to drop it would make 12,50 a hundred times as much. `written` is for the error.
fn without_commas(number: &str, written: &str) -> Result<String, UnitError> {
    let (sign, digits) = number.split_at(usize::from(number.starts_with('-')));
    let end = digits.find(|c: char| !(c.is_ascii_digit() || c == ',')).unwrap_or(digits.len());
    let (grouped, rest) = digits.split_at(end);
    let mut groups = grouped.split(',');
    let is_digits = |group: &str, most: usize| (1..=most).contains(&group.len());
    let first_fits = groups.next().is_some_and(|first| is_digits(first, 3));
    let fits = first_fits && groups.all(|group| group.len() == 3) && !rest.contains(',');
    if fits || !digits.contains(',') {
        return Ok(format!("{sign}{}", digits.replace(',', "")));
    }
    // One comma, or one behind points, is where many countries write the point.
    let decimal = written.rfind(',').map(|at| {
        let whole = written[..at].replace([',', '.'], "");
        format!("{whole}.{}", &written[at + 1..])
    });
    let remedy = format!(
        "write decimals behind a point, for example \"{}\"; a comma parts thousands, as in \"1,250.50\"",
        decimal.unwrap_or_default().trim()
    );
    Err(error(format!("a comma in `{written}` does not part thousands"), &remedy))
}

/// Reads a level or ratio in decibels such as `12 dB` or `-3.5 dB`.
///
/// # Errors
/// If there is no number or the unit is not `dB`.
pub fn parse_decibels(text: &str) -> Result<f64, UnitError> {
    let trimmed = text.trim();
    let (sign, unsigned) = trimmed.strip_prefix('-').map_or((1.0, trimmed), |rest| (-1.0, rest));
    match split(unsigned, "level", DECIBEL_REMEDY)? {
        (number, "dB") => Ok(sign * float(number)),
        (_, unit) => Err(wrong_unit(unit, "level", DECIBEL_REMEDY)),
    }
}

/// Reads a share such as `20 %` or `0.2`, as a fraction of one.
///
/// # Errors
/// If there is no number or the unit is not `%`.
pub fn parse_share(text: &str) -> Result<f64, UnitError> {
    match split(text.trim(), "share", SHARE_REMEDY)? {
        (number, "%") => Ok(float(Decimal { scale: number.scale + 2, ..number })),
        (number, "") => Ok(float(number)),
        (_, unit) => Err(wrong_unit(unit, "share", SHARE_REMEDY)),
    }
}

/// The span in the largest unit that divides it: `90 s`, `2 min`, `1 d`. [`parse_span`] gives it back.
#[must_use]
pub fn format_span(span: Span) -> String {
    let nanos = span.as_nanos();
    if nanos == 0 {
        return "0 s".to_owned();
    }
    let unit = SPAN_UNITS.iter().find(|(_, size)| nanos.is_multiple_of(*size));
    let (names, size) = unit.expect("every number of nanoseconds is a multiple of one");
    format!("{} {}", nanos / size, names[0])
}

/// Reads a number with one of `units` as a whole number of base units.
fn whole(text: &str, units: &[Unit], quantity: &str, remedy: &str) -> Result<u64, UnitError> {
    let (number, name) = split(text.trim(), quantity, remedy)?;
    let Some((_, size)) = units.iter().find(|(names, _)| names.contains(&name)) else {
        return Err(wrong_unit(name, quantity, remedy));
    };
    number.times(*size).ok_or_else(|| error(format!("`{text}` is too large for a {quantity}"), remedy))
}

/// Splits `1.5 s` into the number and the unit's name.
fn split<'t>(text: &'t str, quantity: &str, remedy: &str) -> Result<(Decimal, &'t str), UnitError> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if text.starts_with('-') {
        return Err(error(format!("a {quantity} cannot be negative"), remedy));
    }
    let decimal = decimal(number).ok_or_else(|| error(format!("`{text}` is not a {quantity}"), remedy))?;
    Ok((decimal, unit.trim_start()))
}

/// Reads digits with at most one point; `None` if there are no digits or more than 30.
fn decimal(text: &str) -> Option<Decimal> {
    const DIGITS_MAX: usize = 30;
    let mut number = Decimal { digits: 0, scale: 0 };
    let (mut digits_seen, mut point_seen) = (0, false);
    for c in text.chars().filter(|c| *c != '_') {
        if c == '.' && !point_seen {
            point_seen = true;
            continue;
        }
        let digit = c.to_digit(10)?;
        digits_seen += 1;
        number.digits = number.digits.checked_mul(10)?.checked_add(u128::from(digit))?;
        number.scale += u32::from(point_seen);
    }
    (1..=DIGITS_MAX).contains(&digits_seen).then_some(number)
}

/// The nearest float: the decimal is printed and read back, because that is correctly rounded.
fn float(number: Decimal) -> f64 {
    format!("{}e-{}", number.digits, number.scale).parse().unwrap_or(f64::NAN)
}

fn wrong_unit(unit: &str, quantity: &str, remedy: &str) -> UnitError {
    let message = if unit.is_empty() {
        format!("this {quantity} has no unit")
    } else {
        format!("`{unit}` is not a unit of {quantity}")
    };
    error(message, remedy)
}

fn error(message: String, remedy: &str) -> UnitError {
    UnitError { message, remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantities_are_exact() {
        assert_eq!(parse_span("0.1 s"), Ok(Span::from_millis(100)));
        assert_eq!(parse_span("3.609375 s"), Ok(Span::from_nanos(3_609_375_000)));
        assert_eq!(parse_span("30 days"), Ok(Span::from_secs(30 * 86_400)));
        assert_eq!(parse_span("1.5min"), Ok(Span::from_secs(90)));
        assert_eq!(parse_span("20 µs"), Ok(Span::from_nanos(20_000)));
        assert_eq!(parse_rate("50 Mbps"), Ok(BitRate(50_000_000)));
        assert_eq!(parse_rate("87.2 kbit/s"), Ok(BitRate(87_200)));
        assert_eq!(parse_cents("$1.25M"), Ok(Cents(125_000_000)));
        assert_eq!(parse_cents("$1,250.50"), Ok(Cents(125_050)));
        assert_eq!(parse_cents("$639k"), Ok(Cents(63_900_000)));
        assert_eq!(parse_bytes("1.2 MB"), Ok(1_200_000));
        assert_eq!(parse_hertz("10 MHz"), Ok(10_000_000));
        assert_eq!(parse_decibels("-3.5 dB"), Ok(-3.5));
        assert_eq!(parse_share("20 %"), Ok(0.2));
        assert_eq!(parse_share("0.35"), Ok(0.35));
    }

    #[test]
    fn errors_say_what_would_be_right() {
        for (text, message) in [
            ("20", "this time has no unit"),
            ("20 Mbps", "`Mbps` is not a unit of time"),
            ("-20 ms", "a time cannot be negative"),
            ("soon", "`soon` is not a time"),
            ("1.2.3 s", "`1.2.3 s` is not a time"),
            ("", "`` is not a time"),
        ] {
            let error = parse_span(text).expect_err(text);
            assert_eq!(error.message, message);
            assert!(error.remedy.contains("20 ms"), "{}", error.remedy);
        }
        assert!(parse_span("99999999999999 d").is_err());
        assert!(parse_cents("60").is_err());
    }

    #[test]
    fn a_comma_parts_thousands_and_nothing_else() {
        for (text, cents) in [
            ("$1,250", 125_000),
            ("$ 1,250", 125_000),
            ("€12,345,678.90", 1_234_567_890),
            ("£1,250k", 125_000_000),
        ] {
            assert_eq!(parse_cents(text), Ok(Cents(cents)), "{text}");
        }
        for (text, remedy) in [
            ("$12,50", "\"$12.50\""),
            ("€50,00", "\"€50.00\""),
            ("$1,25M", "\"$1.25M\""),
            ("€1.250,50", "\"€1250.50\""),
            ("$1250,500", "\"$1250.500\""),
            ("$1,2500", "\"$1.2500\""),
            ("$1,,250", ""),
            ("$,250", ""),
            ("$1,250.50,000", ""),
        ] {
            let error = parse_cents(text).expect_err(text);
            assert!(error.message.contains("comma") && error.remedy.contains(remedy), "{text}: {error:?}");
        }
        assert_eq!(parse_number(" 1,250.5"), Ok(1_250.5));
        assert_eq!(parse_number("-3e2"), Ok(-300.0));
        assert_eq!(parse_number("-1,250"), Ok(-1_250.0));
        assert!(parse_cents("$-1,250").is_err_and(|error| error.message.contains("negative")));
        assert!(["12,5", "1_0,000", "", "inf", "1250 x"].iter().all(|text| parse_number(text).is_err()));
    }

    #[test]
    fn money_has_the_sign_of_its_currency() {
        assert_eq!(parse_money(" €50", Some("EUR")), Ok(Cents(5_000)));
        assert_eq!(parse_money("$50", Some("CAD")), Ok(Cents(5_000)));
        let error = parse_money("$1,250k", Some("EUR")).expect_err("dollars are no euros");
        assert!(error.message.contains("EUR") && error.remedy.contains("€1,250k"), "{error:?}");
        assert!(parse_money("£5", Some("SEK")).is_err_and(|error| error.remedy.contains("$5")));
        assert!(
            parse_money("50", Some("EUR")).is_err_and(|error| error.message.contains("no currency sign"))
        );
    }

    proptest! {
        #[test]
        fn a_printed_span_reads_back(nanos in any::<u64>()) {
            let span = Span::from_nanos(nanos);
            prop_assert_eq!(parse_span(&format_span(span)), Ok(span));
        }

        #[test]
        fn thousands_may_be_parted_by_commas(units in 0_i64..1_000_000_000_000, cents in 0_i64..100) {
            let plain = units.to_string();
            let mut grouped = String::new();
            for (at, digit) in plain.chars().enumerate() {
                if at > 0 && (plain.len() - at) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            let expected = Ok(Cents(units * 100 + cents));
            prop_assert_eq!(parse_cents(&format!("${plain}.{cents:02}")), expected.clone());
            prop_assert_eq!(parse_cents(&format!("${grouped}.{cents:02}")), expected);
        }

        #[test]
        fn a_comma_is_never_dropped_silently(text in "[0-9]{1,5}(,[0-9]{0,5}){1,3}(\\.[0-9,]{0,3})?") {
            let groups = || text.split('.').next().unwrap_or("").split(',');
            let fits = groups().next().is_some_and(|first| first.len() <= 3)
                && groups().skip(1).all(|group| group.len() == 3)
                && !text.split('.').nth(1).is_some_and(|decimals| decimals.contains(','));
            prop_assert_eq!(parse_cents(&format!("${text}")).is_ok(), fits);
            prop_assert_eq!(parse_number(&text).is_ok(), fits);
        }

        #[test]
        fn nothing_panics(text in ".{0,40}") {
            let _ = (parse_span(&text), parse_rate(&text), parse_cents(&text), parse_bytes(&text));
            let _ = (parse_hertz(&text), parse_decibels(&text), parse_share(&text));
            let _ = (parse_number(&text), parse_money(&text, Some("EUR")));
        }

        #[test]
        fn numbers_with_units_never_panic(number in "[0-9._]{0,45}", unit in "(d|h|ns|Gbps|M|GB| dB| %)") {
            let text = format!("{number}{unit}");
            let _ = (parse_span(&text), parse_rate(&text), parse_cents(&format!("${text}")), parse_bytes(&text));
            let _ = (parse_decibels(&text), parse_share(&text));
        }
    }
}
