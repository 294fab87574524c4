//! What a Rust file looks like, and what no file contains.

use crate::Finding;
use crate::lexer::{attribute_end, text, tokens, without_tests};
use crate::tree::File;

/// Longest file below `src/`, in lines, unless [`LONG_FILES`] says otherwise.
const LINES_MAX: usize = 700;
/// Longest line, in characters: what a reader sees side by side with a diff.
const COLUMNS_MAX: usize = 140;

/// Files that may be longer: path, lines, reason.
pub const LONG_FILES: [(&str, usize, &str); 0] = [];

/// A file that does not say what it is.
pub fn module_documentation(file: &str, source: &str) -> Vec<Finding> {
    if source.starts_with("//! ") {
        return Vec::new();
    }
    vec![Finding::new(file, 1, "begin with `//! ` and what this file is")]
}

/// Notes to oneself and placeholders.
pub fn unfinished(file: &str, source: &str) -> Vec<Finding> {
    // Written in two halves so that this file keeps its own rule.
    let notes = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let mut findings = Vec::new();
    for (line, content) in numbered(source) {
        for note in notes {
            if words(content).any(|word| word == note) {
                findings.push(Finding::new(
                    file,
                    line,
                    format!("`{note}`: do it, or write it down as an issue"),
                ));
            }
        }
    }
    let tokens = tokens(source);
    for at in 0..tokens.len() {
        if matches!(text(&tokens, at), "todo" | "unimplemented" | "dbg") && text(&tokens, at + 1) == "!" {
            findings.push(Finding::new(file, tokens[at].line, format!("`{}!`", text(&tokens, at))));
        }
    }
    findings
}

/// `.unwrap()` in code that is not only compiled for tests.
pub fn unwraps(file: &str, source: &str) -> Vec<Finding> {
    let tokens = without_tests(&tokens(source));
    let is_unwrap = |at: &usize| {
        [".", "unwrap", "(", ")"].iter().enumerate().all(|(offset, part)| text(&tokens, at + offset) == *part)
    };
    let what = "`unwrap()`: return an error, or `expect(\"why it cannot fail\")`";
    (0..tokens.len()).filter(is_unwrap).map(|at| Finding::new(file, tokens[at + 1].line, what)).collect()
}

/// `allow` instead of `expect`, and `expect` without a reason.
pub fn lint_attributes(file: &str, source: &str) -> Vec<Finding> {
    let tokens = tokens(source);
    let mut findings = Vec::new();
    for at in 0..tokens.len() {
        let Some(end) = attribute_end(&tokens, at) else { continue };
        let attribute = &tokens[at..end];
        // `cfg_attr` may carry one inside, so every word counts that opens a list.
        for (word, next) in attribute.iter().zip(&attribute[1..]) {
            if next.text != "(" {
                continue;
            }
            if word.text == "allow" {
                let what = "`allow`: use `expect`, which speaks up when it is no longer needed";
                findings.push(Finding::new(file, word.line, what));
            }
            if word.text == "expect" && !attribute.iter().any(|token| token.text == "reason") {
                findings.push(Finding::new(file, word.line, "`expect` without `reason = \"…\"`"));
            }
        }
    }
    findings
}

/// Files of more lines than they may have, and exceptions nobody needs.
pub fn long_files<'a>(
    files: impl Iterator<Item = &'a File>,
    exceptions: &[(&str, usize, &str)],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut unneeded: Vec<_> = exceptions.to_vec();
    for file in files {
        let lines = file.text.lines().count();
        let exception = exceptions.iter().find(|(path, ..)| *path == file.path);
        if lines > LINES_MAX {
            unneeded.retain(|(path, ..)| *path != file.path);
        }
        let limit = exception.map_or(LINES_MAX, |(_, limit, _)| *limit);
        if lines > limit {
            findings.push(Finding::new(
                &file.path,
                limit + 1,
                format!("{lines} lines of at most {limit}: is it two?"),
            ));
        }
    }
    let needless =
        |(path, ..): (&str, usize, &str)| Finding::new(path, 1, "its exception for length is not needed");
    findings.extend(unneeded.into_iter().map(needless));
    findings
}

/// Tabs, trailing blanks, overlong lines.
pub fn layout(file: &str, source: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, content) in numbered(source) {
        let columns = content.chars().count();
        if columns > COLUMNS_MAX {
            findings.push(Finding::new(file, line, format!("{columns} columns of at most {COLUMNS_MAX}")));
        }
        if content.contains('\t') {
            findings.push(Finding::new(file, line, "a tab"));
        }
        if content.ends_with([' ', '\r']) {
            findings.push(Finding::new(file, line, "a blank or carriage return at the end of the line"));
        }
    }
    findings
}

/// Absolute paths that exist on one machine only: home directories, and wherever this repository (`root`) lies.
pub fn machine_paths(file: &str, source: &str, root: &str) -> Vec<Finding> {
    // Directories that every system has say nothing about a machine.
    const COMMON: [&str; 8] = ["/tmp", "/usr", "/opt", "/srv", "/mnt", "/var", "/usr/src", "/usr/local"];
    let parent = root.rsplit_once('/').map_or("", |(parent, _)| parent);
    let top = root.get(1..).and_then(|inside| inside.split('/').next()).unwrap_or_default();
    let mut places = vec!["/home".to_owned(), "/Users".to_owned(), "/root".to_owned(), root.to_owned()];
    for place in [parent.to_owned(), format!("/{top}")] {
        if place.len() > 1 && place != root && !COMMON.contains(&place.as_str()) {
            places.push(place);
        }
    }
    let mut findings = Vec::new();
    for (line, content) in numbered(source) {
        if let Some(place) = places.iter().find(|place| names_a_path(content, place)) {
            findings.push(Finding::new(file, line, format!("a path below {place} is on one machine only")));
        }
    }
    findings
}

/// Whether `content` holds an absolute path that begins with `place` and goes on.
fn names_a_path(content: &str, place: &str) -> bool {
    content.match_indices(place).any(|(at, _)| {
        let before = content[..at].chars().next_back();
        let mut after = content[at + place.len()..].chars();
        let goes_on = after.next() == Some('/')
            && after.next().is_some_and(|c| c.is_alphanumeric() || "._".contains(c));
        goes_on && !before.is_some_and(|c| c.is_alphanumeric() || "._-/~>*}{".contains(c))
    })
}

fn numbered(source: &str) -> impl Iterator<Item = (usize, &str)> {
    source.split('\n').enumerate().map(|(index, content)| (index + 1, content))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_must_say_what_it_is() {
        assert_eq!(module_documentation("a.rs", "//! Rates.\nuse b;"), []);
        assert_eq!(module_documentation("a.rs", "// Rates.\nuse b;").len(), 1);
        assert_eq!(module_documentation("a.rs", "").len(), 1);
    }

    #[test]
    fn notes_to_oneself_are_found() {
        let note = concat!("// TO", "DO later");
        assert_eq!(
            unfinished("a.rs", &format!("a\n{note}")),
            [Finding::new("a.rs", 2, concat!("`TO", "DO`: do it, or write it down as an issue"))]
        );
        assert_eq!(unfinished("a.rs", "fn f() { todo!() }\nfn g() { dbg!(1); unimplemented!() }").len(), 3);
        assert_eq!(unfinished("a.rs", "let mastodon = \"todo!\";"), []);
    }

    #[test]
    fn unwrap_is_found_outside_tests_only() {
        let lines = |source: &str| unwraps("src/a.rs", source).iter().map(|f| f.line).collect::<Vec<_>>();
        assert_eq!(lines("fn f() {\n    g().unwrap();\n}"), [2]);
        assert_eq!(lines("fn f() {\n    g()\n        .unwrap()\n}"), [3]);
        assert_eq!(
            lines(
                "fn f() { g().unwrap_or(1); } // .unwrap()\n#[cfg(test)]\nmod tests { fn t() { g().unwrap(); } }"
            ),
            [0; 0]
        );
    }

    #[test]
    fn allow_and_expect_without_reason_are_found() {
        let count = |source: &str| lint_attributes("a.rs", source).len();
        assert_eq!(count("#[allow(dead_code)] fn f() {}"), 1);
        assert_eq!(count("#![allow(dead_code, reason = \"x\")]"), 1);
        assert_eq!(count("#[cfg_attr(unix, allow(dead_code))] fn f() {}"), 1);
        assert_eq!(count("#[expect(dead_code)] fn f() {}"), 1);
        assert_eq!(count("#[expect(dead_code, reason = \"x\")] fn f() { g().expect(\"y\"); allow(z) }"), 0);
    }

    #[test]
    fn long_files_and_needless_exceptions_are_found() {
        let file = |lines: usize| File { path: "src/a.rs".to_owned(), text: "x\n".repeat(lines) };
        let count = |lines: usize, exceptions: &[(&str, usize, &str)]| {
            long_files([file(lines)].iter(), exceptions).len()
        };
        assert_eq!(count(LINES_MAX, &[]), 0);
        assert_eq!(count(LINES_MAX + 1, &[]), 1);
        assert_eq!(count(LINES_MAX + 1, &[("src/a.rs", 900, "a table")]), 0);
        assert_eq!(count(LINES_MAX, &[("src/a.rs", 900, "a table")]), 1);
    }

    #[test]
    fn ragged_lines_are_found() {
        assert_eq!(layout("a.rs", "fn f() {}\n\n    ü\n"), []);
        let bad = format!("a \nb\tc\n{}\nd\r\n", "ü".repeat(COLUMNS_MAX + 1));
        assert_eq!(layout("a.rs", &bad).iter().map(|f| f.line).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let root = "/data/projects/tinsel";
        let count = |text: &str| machine_paths("a.md", text, root).len();
        for bad in ["/home", "/Users", "/root", "/data/projects", "/data"] {
            assert_eq!(count(&format!("see {bad}/ann/x.csv")), 1, "{bad}");
        }
        let good =
            ["results/data/x", "https://example.org/home/x", "../data/x", "/data", "/tmp/x", "/homely/x"];
        for good in good {
            assert_eq!(count(good), 0, "{good}");
        }
        assert_eq!(machine_paths("a.md", "--out /tmp/x", "/tmp/tinsel"), []);
        assert_eq!(machine_paths("a.md", "--out /tmp/tinsel/x", "/tmp/tinsel").len(), 1);
    }
}
