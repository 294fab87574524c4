//! The fleet file: a CSV as people save it from a spreadsheet (byte order mark, semicolons or tabs, blanks).

use std::ops::Range;

use crate::scenario::diagnostics::Code;
use crate::scenario::reader::Problem;
use crate::scenario::tree::{Place, SourceKind, Sources};

/// A table with the place of every cell.
#[derive(Clone)]
pub(crate) struct FleetTable {
    pub header: Vec<Cell>,
    pub rows: Vec<Vec<Cell>>,
}

/// One cell, trimmed.
#[derive(Clone)]
pub(crate) struct Cell {
    pub text: String,
    pub place: Place,
}

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Reads a fleet file's bytes; problems of structure are returned with their places.
pub(crate) fn read(
    sources: &mut Sources,
    name: &str,
    bytes: &[u8],
) -> Result<(FleetTable, Vec<(Place, Problem)>), Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("the fleet file {name} is not UTF-8 text (byte {})", error.valid_up_to());
        Problem::new(Code::BadTable, message).help("save it as \"CSV UTF-8\"")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    let delimiter = sniff(&text);
    let source = sources.add(SourceKind::User, name, text.clone());
    if let Some(open) = unclosed_quote(&text, delimiter) {
        let end = open + text[open..].lines().next().map_or(0, str::len);
        let message = "this quote is never closed: all that follows would be one cell";
        let help = "close it with another \"; inside a cell in quotes, write \"\" for a quote";
        let place = Place { source, start: open, end };
        return Err(Problem::new(Code::BadTable, message).help(help).at(place));
    }
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    for record in reader.records() {
        let Ok(record) = record else { continue };
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let line = line_at(&text, start);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let ranges = cell_ranges(&text, line, delimiter, record.len());
        let cells = record.iter().zip(ranges).map(|(cell, range)| Cell {
            text: cell.trim().to_owned(),
            place: Place { source, start: range.start, end: range.end },
        });
        rows.push(cells.collect::<Vec<_>>());
    }
    if rows.is_empty() {
        return Err(Problem::new(Code::BadTable, format!("the fleet file {name} is empty"))
            .help("its first line names the columns"));
    }
    let header = rows.remove(0);
    rows.retain(|row| {
        let same = row.len() == header.len();
        if let (false, Some(first)) = (same, row.first()) {
            let message =
                format!("this row has {} cells, but the header names {} columns", row.len(), header.len());
            let help = "look for a missing cell, or for a delimiter inside a text that is not in quotes";
            problems.push((first.place, Problem::new(Code::BadTable, message).help(help)));
        }
        same
    });
    if rows.is_empty() && problems.is_empty() {
        let place = header.first().map_or(Place { source, start: 0, end: 0 }, |cell| cell.place);
        problems.push((place, Problem::new(Code::BadTable, "the fleet file has a header and no stores")));
    }
    Ok((FleetTable { header, rows }, problems))
}

/// The delimiter that the first line has most of outside quotes.
fn sniff(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or("");
    // A quote within quotes is doubled, so what lies outside are the pieces at even positions.
    let outside = || first.split('"').step_by(2).flat_map(str::bytes);
    let count = |delimiter: u8| outside().filter(|byte| *byte == delimiter).count();
    let most = DELIMITERS.iter().rev().max_by_key(|delimiter| count(**delimiter));
    *most.unwrap_or(&DELIMITERS[0])
}

/// Where a quote opens that the file does not close. As in RFC 4180, a quote opens only at the start of a cell, and
/// two in a row inside quotes stand for one.
fn unclosed_quote(text: &str, delimiter: u8) -> Option<usize> {
    let mut opened = None;
    let mut at_start = true;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (opened, byte) {
            (Some(_), b'"') if bytes.next_if(|(_, next)| *next == b'"').is_some() => {}
            (Some(_), b'"') => (opened, at_start) = (None, false),
            (Some(_), _) => {}
            (None, b'"') if at_start => opened = Some(at),
            (None, _) => at_start = byte == delimiter || byte == b'\n' || byte == b'\r',
        }
    }
    opened
}

/// The first line at or after `start` that is not empty (the parser skips empty lines after it notes the position).
fn line_at(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or("");
    let begin = start + rest.len() - rest.trim_start_matches(['\n', '\r']).len();
    let length = text.get(begin..).unwrap_or("").lines().next().map_or(0, str::len);
    begin..begin + length
}

/// Where each cell is, trimmed; the whole line for all if quotes make that uncertain.
fn cell_ranges(text: &str, line: Range<usize>, delimiter: u8, cells: usize) -> Vec<Range<usize>> {
    let content = &text[line.clone()];
    if content.contains('"') {
        return vec![line; cells];
    }
    let mut at = line.start;
    let mut ranges = Vec::with_capacity(cells);
    for piece in content.split(delimiter as char) {
        let inner = piece.trim();
        let start = at + piece.len() - piece.trim_start().len();
        ranges.push(start..start + inner.len());
        at += piece.len() + 1;
    }
    ranges.resize(cells, line);
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheets_habits_are_accepted() {
        let mut sources = Sources::default();
        let bytes = "\u{feff}id ; format\r\n0042; kiosk \r\n\r\n0043;grocery\r\n".as_bytes();
        let (table, problems) =
            read(&mut sources, "fleet.csv", bytes).map_err(|_| ()).expect("it is a table");
        assert!(problems.is_empty());
        let texts: Vec<_> = table.rows.iter().flatten().map(|cell| cell.text.as_str()).collect();
        assert_eq!(texts, ["0042", "kiosk", "0043", "grocery"]);
        assert_eq!(table.header[1].text, "format");
        let place = table.rows[1][1].place;
        assert_eq!(sources.of(place).line_and_column(place.start), (4, 6));
    }

    #[test]
    fn a_quote_must_be_closed_if_it_opens_a_cell() {
        assert_eq!(unclosed_quote("id,name\n1,\"A \"\"B\"\"\nC\"\n2,5\" pipe\n", b','), None);
        assert_eq!(unclosed_quote("id,name\n1,\"A\"\"\n2,C\n", b','), Some(10));
        assert_eq!(unclosed_quote("\"", b';'), Some(0));
    }

    #[test]
    fn ragged_rows_are_reported_with_their_line() {
        let mut sources = Sources::default();
        let (table, problems) =
            read(&mut sources, "f.csv", b"id,format\n1,kiosk\n2\n").map_err(|_| ()).expect("it is a table");
        assert_eq!(table.rows.len(), 1);
        assert_eq!(problems.len(), 1);
        assert_eq!(sources.of(problems[0].0).line_and_column(problems[0].0.start).0, 3);
    }
}
