//! Numbers for the page: short, and the same on every machine.

use serde_json::Value;

/// `value` with at most `decimals` decimals; null if it is not a number.
pub fn number(value: f64, decimals: i32) -> Value {
    let unit = (0..decimals).fold(1.0, |unit, _| unit * 10.0);
    let rounded = libm::round(value * unit);
    // Beyond 2^53 a double holds no decimals anyway.
    if decimals == 0 || rounded % unit == 0.0 {
        let whole = rounded / unit;
        if whole.abs() < 9e15 {
            return Value::from(whole as i64);
        }
    }
    serde_json::Number::from_f64(rounded / unit).map_or(Value::Null, Value::Number)
}

/// A cell as a number; `None` if it is empty.
pub fn parsed(cell: &str) -> Option<f64> {
    cell.parse().ok()
}

/// A column of words: each once, and for each row which.
#[derive(Default)]
pub struct Words {
    words: Vec<String>,
    index: std::collections::BTreeMap<String, usize>,
    rows: Vec<Value>,
}

impl Words {
    /// Adds a row.
    pub fn push(&mut self, word: &str) {
        let next = self.words.len();
        let at = *self.index.entry(word.to_owned()).or_insert(next);
        if at == next {
            self.words.push(word.to_owned());
        }
        self.rows.push(Value::from(at));
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Keeps the first `rows`.
    pub fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
    }

    /// Words and rows as JSON.
    pub fn into_json(self) -> (Value, Value) {
        (Value::from(self.words), Value::Array(self.rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = |value, decimals| number(value, decimals).to_string();
        assert_eq!(shown(12.0, 2), "12");
        assert_eq!(shown(12.345, 2), "12.35");
        assert_eq!(shown(-0.004, 2), "0");
        assert_eq!(shown(f64::NAN, 2), "null");
        assert_eq!(shown(2.5, 0), "3");
    }
}
