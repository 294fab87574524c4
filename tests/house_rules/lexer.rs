//! Just enough of Rust's lexical grammar to tell code from comments and literals.

/// A word or a mark of code, with its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// An identifier or keyword, `::`, or one character of punctuation.
    pub text: &'a str,
    /// Line, from 1.
    pub line: usize,
}

/// The code in `source`: comments, strings, characters, numbers and lifetimes are left out.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let (length, is_code) = piece(rest, first);
        if is_code {
            tokens.push(Token { text: &rest[..length], line });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    tokens
}

/// Length of the piece that `rest` begins with, and whether it is code.
fn piece(rest: &str, first: char) -> (usize, bool) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if first == '"' {
        return (string(rest), false);
    }
    if first == '\'' {
        return (character_or_lifetime(rest), false);
    }
    if first.is_ascii_digit() {
        return (word(rest), false);
    }
    if first.is_alphabetic() || first == '_' {
        let length = word(rest);
        if matches!(&rest[..length], "r" | "b" | "c" | "br" | "cr") {
            let hashes = rest[length..].chars().take_while(|c| *c == '#').count();
            let after = &rest[length + hashes..];
            if after.starts_with('"') {
                let raw = rest[..length].ends_with('r');
                let body = if raw { raw_string(after, hashes) } else { string(after) };
                return (length + hashes + body, false);
            }
            if hashes == 0 && after.starts_with('\'') {
                return (length + character_or_lifetime(after), false);
            }
        }
        return (length, true);
    }
    if rest.starts_with("::") {
        return (2, true);
    }
    (first.len_utf8(), !first.is_whitespace())
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Length of a string literal with escapes; `rest` begins with its first quotation mark.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str, hashes: usize) -> usize {
    let end = format!("\"{}", "#".repeat(hashes));
    rest[1..].find(&end).map_or(rest.len(), |at| 1 + at + end.len())
}

fn character_or_lifetime(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some(_)) => {
            // The character after the backslash may itself be a quotation mark.
            characters.find(|(_, c)| *c == '\'').map_or(rest.len(), |(at, _)| at + 1)
        }
        (_, Some((at, '\''))) => at + 1,
        _ => 1 + word(&rest[1..]),
    }
}

/// `tokens` without the items that are compiled for tests only.
pub fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(end) = attribute_end(tokens, at)
            && is_for_tests(&tokens[at..end])
        {
            at = item_end(tokens, end);
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// Where the attribute that begins at `at` ends (exclusive); `None` if none begins there.
pub fn attribute_end(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let bracket = match (text(tokens, at), text(tokens, at + 1), text(tokens, at + 2)) {
        ("#", "[", _) => at + 1,
        ("#", "!", "[") => at + 2,
        _ => return None,
    };
    Some(closing(tokens, bracket) + 1)
}

/// Names of the modules that `tokens` declare for tests only and keep in files of their own.
pub fn test_files<'a>(tokens: &[Token<'a>]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for at in 0..tokens.len() {
        let Some(end) = attribute_end(tokens, at) else { continue };
        let item = &tokens[end..item_end(tokens, end)];
        if let [.., keyword, name, semicolon] = item
            && is_for_tests(&tokens[at..end])
            && (keyword.text, semicolon.text) == ("mod", ";")
        {
            names.push(name.text);
        }
    }
    names
}

fn is_for_tests(attribute: &[Token<'_>]) -> bool {
    let has = |word: &str| attribute.iter().any(|token| token.text == word);
    has("cfg") && has("test") && !has("not")
}

/// Where the item that follows (after more attributes, perhaps) ends: at its `;` or its closing brace.
fn item_end(tokens: &[Token<'_>], mut at: usize) -> usize {
    while let Some(end) = attribute_end(tokens, at) {
        at = end;
    }
    while at < tokens.len() {
        match tokens[at].text {
            ";" => return at + 1,
            "{" => return closing(tokens, at) + 1,
            "(" | "[" => at = closing(tokens, at) + 1,
            _ => at += 1,
        }
    }
    at
}

/// The position of the bracket that closes the one at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len() - 1
}

/// The text of the token at `at`; empty beyond the end.
pub fn text<'a>(tokens: &[Token<'a>], at: usize) -> &'a str {
    tokens.get(at).map_or("", |token| token.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<&str> {
        tokens(source).iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let source = r###"a /* b /* c */ d */ e // f
            "g \" h" i r#"j " k"# l 'm' n '\'' o '"' p &'q r b"s" br#"t"# u 0x7f_u8 v b'\\' w"###;
        assert_eq!(words(source), ["a", "e", "i", "l", "n", "o", "p", "&", "r", "u", "v", "w"]);
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let source = "a /*\n\n*/ b \"\n\" c";
        let lines: Vec<_> = tokens(source).iter().map(|token| (token.text, token.line)).collect();
        assert_eq!(lines, [("a", 1), ("b", 3), ("c", 4)]);
    }

    #[test]
    fn items_for_tests_are_left_out() {
        let source = "a #[cfg(test)] #[rustfmt::skip] mod t { b { c } } d #[cfg(test)] use e; f \
            #[cfg(all(test, unix))] fn g(h: [u8; 3]) { i } j #[cfg(not(test))] fn k() {}";
        let kept: Vec<_> = without_tests(&tokens(source)).iter().map(|token| token.text).collect();
        let kept = kept.join(" ");
        assert_eq!(kept, "a d f j # [ cfg ( not ( test ) ) ] fn k ( ) { }");
    }

    #[test]
    fn modules_for_tests_in_files_of_their_own_are_known() {
        let source = "#[cfg(test)] mod a; #[cfg(test)] #[path = \"x\"] pub(crate) mod b; #[cfg(test)] mod c { } \
            #[cfg(not(test))] mod d; mod e; #[cfg(test)] use f;";
        assert_eq!(test_files(&tokens(source)), ["a", "b"]);
    }
}
