//! The Markdown of the repository: links that lead somewhere, decisions that are indexed and have the form.

use std::collections::BTreeMap;

use crate::Finding;
use crate::tree::File;

/// The headings of a decision, in order.
const DECISION_HEADINGS: [&str; 4] = ["Status", "Context", "Decision", "Consequences"];
/// A decision fits on one page.
const DECISION_LINES_MAX: usize = 70;
const DECISION_INDEX: &str = "docs/adr/README.md";

/// Whether `path` is a decision's: `docs/adr/NNNN-title.md`.
pub fn is_decision(path: &str) -> bool {
    path.strip_prefix("docs/adr/").is_some_and(|name| name.ends_with(".md") && name != "README.md")
}

/// Decisions that the index does not list, that do not have the form, or that share a number.
pub fn decisions(decisions: &[&File], index: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut numbers: BTreeMap<&str, &str> = BTreeMap::new();
    for decision in decisions {
        let mut complain = |what: String| findings.push(Finding::new(&decision.path, 1, what));
        let name = decision.path.rsplit('/').next().unwrap_or_default();
        let number = name.split('-').next().unwrap_or_default();
        if number.len() != 4 || !number.chars().all(|c| c.is_ascii_digit()) {
            complain("its name does not begin with four digits and a hyphen".to_owned());
        }
        if let Some(other) = numbers.insert(number, &decision.path) {
            complain(format!("has the same number as {other}"));
        }
        if !index.contains(&format!("({name})")) {
            complain(format!("is not listed in {DECISION_INDEX}"));
        }
        let headings: Vec<_> = decision.text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        if headings != DECISION_HEADINGS {
            complain(format!("its headings are not {}", DECISION_HEADINGS.join(", ")));
        }
        let lines = decision.text.lines().count();
        if lines > DECISION_LINES_MAX {
            complain(format!("{lines} lines: a decision fits on one page ({DECISION_LINES_MAX} lines)"));
        }
    }
    findings
}

/// Links between the Markdown files of `files` that lead nowhere; `exists` tells whether there is a file or
/// directory at a path from the root.
pub fn broken_links(files: &[&File], exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let documents: BTreeMap<&str, &str> = files
        .iter()
        .filter(|file| file.path.ends_with(".md"))
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    let mut findings = Vec::new();
    for (path, text) in &documents {
        for (line, target) in links(text) {
            let (file, fragment) =
                target.split_once('#').map_or((&*target, None), |(file, part)| (file, Some(part)));
            let resolved = if file.is_empty() { Some((*path).to_owned()) } else { resolve(path, file) };
            let Some(resolved) = resolved else {
                findings.push(Finding::new(path, line, format!("`{target}` leaves the repository")));
                continue;
            };
            if !exists(&resolved) && !documents.contains_key(resolved.as_str()) {
                findings.push(Finding::new(path, line, format!("`{target}`: there is no {resolved}")));
            } else if let (Some(part), Some(text)) = (fragment, documents.get(resolved.as_str()))
                && !anchors(text).any(|anchor| anchor == part)
            {
                findings.push(Finding::new(
                    path,
                    line,
                    format!("`{target}`: {resolved} has no such heading"),
                ));
            }
        }
    }
    findings
}

/// Targets of the inline links of a document that are not addresses on the web, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (line, content) in prose(text) {
        let content = without_code(content);
        let mut rest = content.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let target = rest.split([')', ' ']).next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with("mailto:") {
                links.push((line, target.to_owned()));
            }
        }
    }
    links
}

/// `line` without its code spans.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// Lines outside fenced code, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

/// `target` as seen from the document `from`, as a path from the root; `None` if it climbs out.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The anchors that forges derive from headings: lower case, blanks to hyphens, other punctuation dropped.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    prose(text).filter_map(|(_, line)| {
        let heading = line.strip_prefix('#')?.trim_start_matches('#').trim();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        Some(kept.collect::<String>().to_lowercase().replace(' ', "-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    fn broken(text: &str) -> usize {
        let files =
            [file("docs/a.md", text), file("README.md", "# The Title, §2\n```\n# not a heading\n```\n")];
        broken_links(&files.iter().collect::<Vec<_>>(), &|path| path == "src/lib.rs").len()
    }

    #[test]
    fn links_that_lead_somewhere_are_good() {
        assert_eq!(
            broken("[x](../README.md) [y](../src/lib.rs) [z](https://example.org/q)\n# Top\n[w](#top)"),
            0
        );
        assert_eq!(broken("[x](../README.md#the-title-2 \"hover\")\n```\n[y](nowhere.md)\n```\n"), 0);
        assert_eq!(broken("a `[y](nowhere.md)` in code"), 0);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        assert_eq!(broken("[x](README.md)"), 1);
        assert_eq!(broken("[x](../../README.md)"), 1);
        assert_eq!(broken("[x](../README.md#not-a-heading) [y](#nor-this)"), 2);
    }

    #[test]
    fn decisions_must_be_indexed_numbered_and_in_form() {
        let form = "# 1. Title\n## Status\n## Context\n## Decision\n## Consequences\n";
        let index = "[1](0001-a.md) [2](0002-b.md)";
        let count = |files: &[File]| decisions(&files.iter().collect::<Vec<_>>(), index).len();
        assert_eq!(count(&[file("docs/adr/0001-a.md", form), file("docs/adr/0002-b.md", form)]), 0);
        assert_eq!(count(&[file("docs/adr/0003-c.md", form)]), 1, "not listed");
        assert_eq!(count(&[file("docs/adr/0001-a.md", "# 1. Title\n")]), 1, "no headings");
        assert_eq!(
            count(&[file("docs/adr/0001-a.md", &format!("{form}{}", "x\n".repeat(80)))]),
            1,
            "too long"
        );
        assert_eq!(
            count(&[file("docs/adr/0001-a.md", form), file("docs/adr/0001-z.md", form)]),
            2,
            "same number"
        );
        assert!(
            is_decision("docs/adr/0001-a.md")
                && !is_decision("docs/adr/README.md")
                && !is_decision("docs/x.md")
        );
    }
}
