//! The braces of keepalived.conf: statements with words, and blocks of statements.

use crate::scenario::diagnostics::Code;
use crate::scenario::import::input::{Input, Line, Word};
use crate::scenario::import::words;

/// Deeper nesting is no configuration.
const DEPTH_MAX: usize = 16;

/// A line, or a block with its head.
#[derive(Debug)]
pub(super) struct Statement {
    /// At least one.
    words: Vec<Word>,
    pub children: Vec<Statement>,
}

impl Statement {
    pub(super) fn name(&self) -> &Word {
        &self.words[0]
    }

    /// The word after the name; the name where there is none, so that a complaint has a place.
    pub(super) fn argument(&self) -> &Word {
        self.words.get(1).unwrap_or(&self.words[0])
    }

    /// The text of the word after the name; empty where there is none.
    pub(super) fn argument_text(&self) -> &str {
        self.words.get(1).map_or("", |word| word.text.as_str())
    }

    pub(super) fn words(&self) -> &[Word] {
        &self.words
    }

    /// The last statement called `key` in this block: keepalived overwrites.
    pub(super) fn last(&self, key: &str) -> Option<&Statement> {
        self.children.iter().rev().find(|one| one.name().text == key)
    }
}

/// The statements called `name`.
pub(super) fn named<'f>(file: &'f [Statement], name: &'f str) -> impl Iterator<Item = &'f Statement> {
    file.iter().filter(move |one| one.name().text == name)
}

/// The whole file; `None`, with a complaint, if its braces do not match.
pub(super) fn parse(input: &Input) -> Option<Vec<Statement>> {
    let mut open: Vec<Statement> = Vec::new();
    let mut file: Vec<Statement> = Vec::new();
    for line in input.lines() {
        for word in pieces(input, line)? {
            match word {
                Piece::Statement(words) => {
                    refuse(input, &words[0]);
                    let statement = Statement { words, children: Vec::new() };
                    open.last_mut().map_or(&mut file, |block| &mut block.children).push(statement);
                }
                Piece::Open(brace) => {
                    let siblings = open.last_mut().map_or(&mut file, |block| &mut block.children);
                    let Some(head) = siblings.pop().filter(|_| open.len() < DEPTH_MAX) else {
                        let help = "a block begins with its name: vrrp_instance NAME {";
                        input.complain(Code::Syntax, brace.place, "this brace opens nothing", help);
                        return None;
                    };
                    open.push(head);
                }
                Piece::Close(brace) => {
                    let Some(block) = open.pop() else {
                        let help = "remove it, or look for a block that is closed too early";
                        input.complain(Code::Syntax, brace.place, "this brace closes nothing", help);
                        return None;
                    };
                    open.last_mut().map_or(&mut file, |outer| &mut outer.children).push(block);
                }
            }
        }
    }
    if let Some(block) = open.first() {
        let message = format!("the block `{}` is not closed", block.name().text);
        input.complain(Code::Syntax, block.name().place, message, "add a `}`");
        return None;
    }
    Some(file)
}

/// What the importer cannot follow.
fn refuse(input: &Input, word: &Word) {
    let text = word.text.as_str();
    if text.starts_with("include") {
        input.complain(
            Code::UnknownKey,
            word.place,
            "other files are not read",
            "put their text in the place of `include`",
        );
    } else if text.starts_with(['$', '@', '~']) {
        let help = "write the values out: `$` definitions, `@` conditions and `~SEQ` are not followed";
        input.complain(Code::UnknownKey, word.place, "this keyword is not understood", help);
    }
}

enum Piece {
    Statement(Vec<Word>),
    Open(Word),
    Close(Word),
}

/// A line cut at braces that stand alone or end a word.
fn pieces(input: &Input, line: Line<'_>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    for word in words::quoted(input, line, &['#', '!'])? {
        // A quoted word is longer in the file than its text.
        let bare = word.place.end - word.place.start == word.text.len();
        let body = word.text.trim_matches(['{', '}']);
        if !bare || body.len() == word.text.len() {
            words.push(word);
            continue;
        }
        for (at, part) in parts(&word.text) {
            let start = word.place.start + at;
            let part_word = Word { text: part.to_owned(), place: input.place(start, start + part.len()) };
            match part {
                "{" | "}" => {
                    if !words.is_empty() {
                        pieces.push(Piece::Statement(std::mem::take(&mut words)));
                    }
                    pieces.push(if part == "{" { Piece::Open(part_word) } else { Piece::Close(part_word) });
                }
                _ => words.push(part_word),
            }
        }
    }
    if !words.is_empty() {
        pieces.push(Piece::Statement(words));
    }
    Some(pieces)
}

/// `{`, `}` and what is between, with positions.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, brace) in text.match_indices(['{', '}']) {
        if at > start {
            parts.push((start, &text[start..at]));
        }
        parts.push((at, brace));
        start = at + 1;
    }
    if start < text.len() {
        parts.push((start, &text[start..]));
    }
    parts
}
