//! The value of one table cell, and how it becomes characters.
//!
//! A [`Field`] takes one value of one row and keeps it as what it is, in a [`Cell`]; CSV writes its characters, Parquet
//! its number. Every number comes from integers (nanoseconds, cents, bytes), so a cell never depends on how a
//! float is printed; the only floats are coordinates, which are passed through as they were read, and estimates of replications,
//! which are written as short as reads back exactly.

use std::io::Write as _;

use crate::units::{Cents, SimTime, Span};

const NANOS_PER_MICRO: u64 = 1_000;

/// What a cell holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value {
    /// Nothing.
    Empty,
    /// A whole number.
    Integer(u64),
    /// `units × 10^-decimals`.
    Fixed {
        /// The number without its point.
        units: i64,
        /// How many of its digits stand after the point.
        decimals: u32,
    },
    /// A coordinate, or an estimate.
    Float(f64),
    /// Yes or no.
    Flag(bool),
    /// An instant.
    Instant(SimTime),
    /// The cell's [`Cell::text`].
    Text,
}

/// One cell; used again from cell to cell, which saves an allocation for each text.
#[derive(Debug)]
pub struct Cell {
    value: Value,
    text: String,
}

impl Default for Cell {
    fn default() -> Self {
        Cell { value: Value::Empty, text: String::new() }
    }
}

impl Cell {
    /// What it holds.
    #[must_use]
    pub fn value(&self) -> Value {
        self.value
    }

    /// Its text as it was given, guarded against nothing; empty unless [`Value::Text`].
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.value = Value::Empty;
        self.text.clear();
    }

    /// Appends the characters of a CSV cell (not yet quoted) to `out`.
    pub fn write_csv(&self, out: &mut Vec<u8>) {
        match self.value {
            Value::Empty => {}
            Value::Integer(value) => push_integer(out, value),
            Value::Fixed { units, decimals } => push_fixed(out, units, decimals),
            Value::Float(value) => write!(out, "{value}").expect("a Vec accepts every byte"),
            Value::Flag(value) => out.push(if value { b'1' } else { b'0' }),
            Value::Instant(at) => out.extend_from_slice(super::tables::utc(at).as_bytes()),
            Value::Text => {
                if needs_guard(&self.text) {
                    out.push(b'\'');
                }
                out.extend_from_slice(self.text.as_bytes());
            }
        }
    }
}

/// Takes the value of one cell.
pub struct Field<'b> {
    cell: &'b mut Cell,
}

impl<'b> Field<'b> {
    /// A field that fills `cell`, which must be empty.
    pub fn new(cell: &'b mut Cell) -> Self {
        Field { cell }
    }

    /// A whole number.
    pub fn integer(&mut self, value: u64) {
        self.cell.value = Value::Integer(value);
    }

    /// `value × 10^-decimals`, with exactly `decimals` digits after the point.
    pub fn fixed(&mut self, value: i64, decimals: u32) {
        self.cell.value = Value::Fixed { units: value, decimals };
    }

    /// A length of time in seconds, 6 decimals, rounded to the nearest microsecond.
    pub fn seconds(&mut self, span: Span) {
        self.fixed(rounded_micros(span.as_nanos()), 6);
    }

    /// [`Field::seconds`], empty for `None`.
    pub fn seconds_or_empty(&mut self, span: Option<Span>) {
        if let Some(span) = span {
            self.seconds(span);
        }
    }

    /// An instant in seconds from `start`, 6 decimals; negative before it.
    pub fn instant(&mut self, at: SimTime, start: SimTime) {
        let micros = rounded_micros(at.since(start).as_nanos());
        let before = rounded_micros(start.since(at).as_nanos());
        self.fixed(micros - before, 6);
    }

    /// [`Field::instant`], empty for `None`.
    pub fn instant_or_empty(&mut self, at: Option<SimTime>, start: SimTime) {
        if let Some(at) = at {
            self.instant(at, start);
        }
    }

    /// An instant in UTC, to the second.
    pub fn utc(&mut self, at: SimTime) {
        self.cell.value = Value::Instant(at);
    }

    /// Nanoseconds in milliseconds, 3 decimals; empty for `None`.
    pub fn milliseconds_or_empty(&mut self, nanos: Option<u64>) {
        if let Some(nanos) = nanos {
            self.fixed(rounded_micros(nanos), 3);
        }
    }

    /// Bytes in megabytes (10^6 bytes), exactly.
    pub fn megabytes(&mut self, bytes: u64) {
        self.fixed(i64::try_from(bytes).unwrap_or(i64::MAX), 6);
    }

    /// An amount of money with 2 decimals.
    pub fn money(&mut self, amount: Cents) {
        self.fixed(amount.0, 2);
    }

    /// `1` or `0`.
    pub fn flag(&mut self, value: bool) {
        self.cell.value = Value::Flag(value);
    }

    /// A coordinate in degrees, as short as reads back exactly; empty if it is not a number.
    pub fn degrees(&mut self, value: f64) {
        if value.is_finite() {
            self.cell.value = Value::Float(value);
        }
    }

    /// An estimate, as short as reads back exactly; empty if there is none.
    pub fn estimate(&mut self, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.cell.value = Value::Float(value);
        }
    }

    /// Text; a CSV cell of it must not run as a formula: see [`guard`].
    pub fn text(&mut self, text: &str) {
        self.cell.value = Value::Text;
        self.cell.text.push_str(text);
    }

    /// Pieces of text and a number as one text.
    pub fn numbered(&mut self, pieces: &[&str], number: u64) {
        for piece in pieces {
            self.text(piece);
        }
        self.text(&number.to_string());
    }
}

/// Whether a spreadsheet could take `text` for a formula, or [`unguard`] take it for guarded text.
fn needs_guard(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// `text` with a leading apostrophe if it starts with `=`, `+`, `-`, `@`, a tab or a carriage return, so that no
/// spreadsheet runs it. Text that already consists of apostrophes and then such a character gets one more,
/// which makes the rule reversible: [`unguard`] gives back the text, whatever it was.
#[must_use]
pub fn guard(text: &str) -> String {
    if needs_guard(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text that [`guard`] was given.
#[must_use]
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if needs_guard(rest) => rest,
        _ => cell,
    }
}

/// Nanoseconds as microseconds, rounded half up.
fn rounded_micros(nanos: u64) -> i64 {
    // u64::MAX nanoseconds are 1.8e16 microseconds, which an i64 holds.
    (nanos / NANOS_PER_MICRO + (nanos % NANOS_PER_MICRO) / (NANOS_PER_MICRO / 2)) as i64
}

fn push_integer(out: &mut Vec<u8>, value: u64) {
    push_padded(out, value, 1);
}

/// Digits of `value`, at least `width` of them.
fn push_padded(out: &mut Vec<u8>, mut value: u64, width: usize) {
    // 20 digits hold every u64.
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    while value > 0 || digits.len() - first < width {
        first -= 1;
        digits[first] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(&digits[first..]);
}

fn push_fixed(out: &mut Vec<u8>, value: i64, decimals: u32) {
    if value < 0 {
        out.push(b'-');
    }
    let magnitude = value.unsigned_abs();
    let unit = 10_u64.pow(decimals);
    push_integer(out, magnitude / unit);
    if decimals > 0 {
        out.push(b'.');
        push_padded(out, magnitude % unit, decimals as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Field<'_>)) -> String {
        let mut cell = Cell::default();
        write(&mut Field::new(&mut cell));
        let mut out = Vec::new();
        cell.write_csv(&mut out);
        String::from_utf8(out).expect("digits are text")
    }

    #[test]
    fn numbers_are_written_from_integers() {
        assert_eq!(written(|f| f.integer(0)), "0");
        assert_eq!(written(|f| f.integer(u64::MAX)), u64::MAX.to_string());
        assert_eq!(written(|f| f.money(Cents(-5))), "-0.05");
        assert_eq!(written(|f| f.money(Cents(123_456_789))), "1234567.89");
        assert_eq!(written(|f| f.seconds(Span::from_nanos(1_499))), "0.000001");
        assert_eq!(written(|f| f.seconds(Span::from_nanos(1_500))), "0.000002");
        assert_eq!(written(|f| f.megabytes(12_000_001)), "12.000001");
        assert_eq!(written(|f| f.milliseconds_or_empty(Some(342_123_456))), "342.123");
        assert_eq!(written(|f| f.milliseconds_or_empty(None)), "");
        assert_eq!(written(|f| f.degrees(-97.25)), "-97.25");
        assert_eq!(written(|f| f.degrees(f64::NAN)), "");
    }

    #[test]
    fn instants_before_the_start_are_negative() {
        let start = SimTime::from_unix_seconds(1_000);
        let later = start + Span::from_millis(2_500);
        assert_eq!(written(|f| f.instant(later, start)), "2.500000");
        assert_eq!(written(|f| f.instant(start, later)), "-2.500000");
        assert_eq!(written(|f| f.instant_or_empty(None, start)), "");
    }

    #[test]
    fn a_guard_is_put_on_and_taken_off() {
        for (text, cell) in [
            ("0042", "0042"),
            ("=1+1", "'=1+1"),
            ("-x", "'-x"),
            ("'=x", "''=x"),
            ("'tis", "'tis"),
            ("\tx", "'\tx"),
            ("", ""),
            ("'", "'"),
        ] {
            assert_eq!(guard(text), cell);
            assert_eq!(unguard(cell), text);
            assert_eq!(written(|f| f.text(text)), cell);
        }
    }
}
