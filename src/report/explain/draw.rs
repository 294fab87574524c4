//! Lines of text no wider than they may be, and bars of time made of block elements.

use super::Style;
use crate::report::summary::duration_text;

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

/// From an eighth of a column to a whole one.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Columns that a mark of the axis needs.
const MARK_WIDTH: usize = 9;
/// Distances between marks of an axis, seconds.
const DISTANCES: [f64; 22] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0,
    3_600.0, 7_200.0, 21_600.0, 86_400.0, 604_800.0,
];

/// A text as it grows.
pub struct Text {
    text: String,
    style: Style,
}

impl Text {
    pub fn new(style: Style) -> Self {
        Text { text: String::new(), style }
    }

    pub fn width(&self) -> usize {
        self.style.width
    }

    pub fn finish(self) -> String {
        self.text
    }

    pub fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn styled(&mut self, style: &str, line: &str) {
        if self.style.colour && !line.is_empty() {
            self.line(&format!("{style}{line}{RESET}"));
        } else {
            self.line(line);
        }
    }

    /// In bold type.
    pub fn strong(&mut self, line: &str) {
        self.styled(BOLD, line);
    }

    /// In pale type.
    pub fn dim(&mut self, line: &str) {
        self.styled(DIM, line);
    }

    pub fn heading(&mut self, title: &str) {
        self.line("");
        self.strong(title);
    }

    /// A heading over columns that begin at `from`.
    pub fn heading_over(&mut self, title: &str, from: usize, columns: &str) {
        self.heading(&format!("{title:from$}{columns}"));
    }

    /// A name of at most `width` columns, and what belongs to it.
    pub fn row(&mut self, name: &str, width: usize, rest: &str) {
        self.line(&format!("  {:width$}{rest}", cut(name, width)));
    }
}

/// `text` in at most `width` columns; what is cut off is marked. A character counts as one column.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A stretch of time on `width` columns.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// Its ends, seconds.
    pub from: f64,
    /// The later one.
    pub to: f64,
    /// Where marks count from.
    pub origin: f64,
    /// Columns.
    pub width: usize,
}

impl Axis {
    fn column(&self, second: f64) -> f64 {
        let share = (second.clamp(self.from, self.to) - self.from) / (self.to - self.from);
        share * self.width as f64
    }

    /// From `start` to `end`: what lies outside is cut off, and whatever is inside at all is seen.
    pub fn bar(&self, start: f64, end: f64) -> String {
        if end < self.from || start > self.to {
            return String::new();
        }
        let (left, right) = (self.column(start), self.column(end));
        // No block begins within a column, so a bar begins at one.
        let first = (libm::floor(left) as usize).min(self.width.saturating_sub(1));
        let eighths = (libm::round((right - first as f64) * 8.0) as usize).max(1);
        let mut bar = " ".repeat(first);
        bar.extend(std::iter::repeat_n(EIGHTHS[7], eighths / 8));
        if !eighths.is_multiple_of(8) {
            bar.push(EIGHTHS[eighths % 8 - 1]);
        }
        bar
    }

    /// Marks at round distances from the origin.
    pub fn marks(&self) -> String {
        let room = (self.width / MARK_WIDTH).max(1) as f64;
        let fits = |distance: &&f64| (self.to - self.from) / **distance <= room;
        let distance = DISTANCES.iter().find(fits).copied().unwrap_or(self.to - self.from);
        let mut line: Vec<char> = Vec::new();
        let mut mark = libm::ceil((self.from - self.origin) / distance) * distance;
        while self.origin + mark <= self.to {
            let column = libm::floor(self.column(self.origin + mark)) as usize;
            let label = format!("|{}", short(mark));
            if column + label.chars().count() <= self.width && column >= line.len() {
                line.resize(column, ' ');
                line.extend(label.chars());
                line.push(' ');
            }
            mark += distance;
        }
        line.into_iter().collect::<String>().trim_end().to_owned()
    }
}

/// A duration without decimals that say nothing.
pub fn short(seconds: f64) -> String {
    if seconds == 0.0 {
        return "0".to_owned();
    }
    let text = duration_text(seconds);
    match text.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Axis = Axis { from: 0.0, to: 60.0, origin: 0.0, width: 60 };

    #[test]
    fn bars_are_to_scale() {
        assert_eq!(MINUTE.bar(0.0, 3.0), "███");
        assert_eq!(MINUTE.bar(2.0, 4.5), "  ██▌");
        assert_eq!(MINUTE.bar(10.0, 10.0), format!("{}▏", " ".repeat(10)), "what took no time is seen");
        assert_eq!(MINUTE.bar(59.0, 90.0).chars().count(), 60, "what ends later is cut off");
        assert_eq!(MINUTE.bar(61.0, 62.0), "");
    }

    #[test]
    fn marks_are_round() {
        assert_eq!(
            MINUTE.marks().split_whitespace().collect::<Vec<_>>(),
            ["|0", "|10", "s", "|20", "s", "|30", "s", "|40", "s", "|50", "s"]
        );
        let narrow = Axis { width: 10, ..MINUTE };
        assert_eq!(narrow.marks(), "|0");
        assert_eq!(
            (short(0.0), short(5.0), short(600.0)),
            ("0".to_owned(), "5 s".to_owned(), "10 min".to_owned())
        );
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(cut("Weihnachten", 6), "Weihn…");
        assert_eq!(cut("Advent", 6), "Advent");
    }
}
