//! Lines cut into words: at blanks, with quotes in the way of the shell and of UCI.

use super::input::{Input, Line, Word};
use crate::scenario::diagnostics::Code;

/// Words at blanks, without quotes: how FRR and IOS read a line.
pub(super) fn plain(input: &Input, line: Line<'_>) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = line.text;
    let mut at = line.place.start;
    loop {
        let blank = rest.len() - rest.trim_start().len();
        (rest, at) = (&rest[blank..], at + blank);
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        if end == 0 {
            return words;
        }
        words.push(Word { text: rest[..end].to_owned(), place: input.place(at, at + end) });
        (rest, at) = (&rest[end..], at + end);
    }
}

/// Words with `'…'`, `"…"` and `\x`; one of `comments` at the start of a word ends the line. `None`, with a
/// complaint, if a quote is not closed.
pub(super) fn quoted(input: &Input, line: Line<'_>, comments: &[char]) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut chars = line.text.char_indices().peekable();
    while let Some(&(start, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        if comments.contains(&first) {
            break;
        }
        let mut text = String::new();
        let mut end = start;
        while let Some(&(at, c)) = chars.peek() {
            if c.is_whitespace() {
                break;
            }
            chars.next();
            end = at + c.len_utf8();
            match c {
                '\'' | '"' => {
                    let Some(closed) = inside_quotes(&mut chars, c, &mut text) else {
                        let place = input.place(line.place.start + at, line.place.end);
                        input.complain(
                            Code::Syntax,
                            place,
                            "this quote is not closed",
                            "close it on the same line",
                        );
                        return None;
                    };
                    end = closed;
                }
                '\\' => {
                    if let Some((at, escaped)) = chars.next() {
                        text.push(escaped);
                        end = at + escaped.len_utf8();
                    }
                }
                _ => text.push(c),
            }
        }
        let place = input.place(line.place.start + start, line.place.start + end);
        words.push(Word { text, place });
    }
    Some(words)
}

/// Adds what is inside quotes to `text`; where they end, or `None` if they do not.
fn inside_quotes(
    chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    quote: char,
    text: &mut String,
) -> Option<usize> {
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some(at + c.len_utf8());
        }
        // Within single quotes a backslash is one.
        let c = if c == '\\' && quote == '"' { chars.next()?.1 } else { c };
        text.push(c);
    }
    None
}
