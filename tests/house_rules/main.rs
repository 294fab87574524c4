//! The rules of this repository that no compiler checks: which way its arrows point, what its files look like,
//! and that its documents tell the truth about it.
//!
//! Every rule is a function from text to [`Finding`]s, so that it can be shown to fail: next to each rule
//! stand tests that feed it the bad text it exists for. The tests in this file apply the rules to the repository.

mod architecture;
mod dependencies;
mod documents;
mod lexer;
mod notebooks;
mod source;
mod tree;

use std::fmt;

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// Path from the repository's root.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl Finding {
    /// A finding in `file` at `line`.
    pub fn new(file: &str, line: usize, what: impl Into<String>) -> Self {
        Finding { file: file.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Fails with one line per finding.
#[track_caller]
fn assert_none(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} places break this rule:\n{}", lines.len(), lines.join("\n"));
}

/// Applies `rule` to every Rust file whose path begins with one of `roots`.
fn rust_findings(roots: &[&str], rule: impl Fn(&str, &str) -> Vec<Finding>) -> Vec<Finding> {
    let files = tree::rust().filter(|file| roots.iter().any(|root| file.path.starts_with(root)));
    let mut count = 0;
    let findings = files.inspect(|_| count += 1).flat_map(|file| rule(&file.path, &file.text)).collect();
    assert!(count > 0, "no file below {roots:?}: the rule looks at nothing");
    findings
}

/// [`rust_findings`] in what is shipped, leaving out files that are compiled for tests only.
fn shipped_findings(roots: &[&str], rule: impl Fn(&str, &str) -> Vec<Finding>) -> Vec<Finding> {
    let mut findings = rust_findings(roots, rule);
    findings
        .retain(|finding| !tree::rust().any(|file| file.path == finding.file && tree::is_for_tests(file)));
    findings
}

#[test]
fn arrows_between_layers_point_down() {
    assert_none(&rust_findings(&["src/"], architecture::upward_arrows));
}

#[test]
fn nothing_below_the_scenario_touches_the_outside_world() {
    assert_none(&shipped_findings(&["src/"], architecture::outside_world));
}

#[test]
fn every_file_opens_with_what_it_is() {
    assert_none(&rust_findings(&[""], source::module_documentation));
}

#[test]
fn no_unfinished_business() {
    assert_none(&rust_findings(&[""], source::unfinished));
}

#[test]
fn no_unwrap_outside_tests() {
    assert_none(&shipped_findings(&["src/", "xtask/"], source::unwraps));
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    assert_none(&rust_findings(&[""], source::lint_attributes));
}

#[test]
fn no_file_is_too_long() {
    assert_none(&source::long_files(
        tree::rust().filter(|file| file.path.starts_with("src/")),
        &source::LONG_FILES,
    ));
}

#[test]
fn lines_are_neither_long_nor_ragged() {
    assert_none(&rust_findings(&[""], source::layout));
}

#[test]
fn no_file_names_a_place_on_the_author_s_machine() {
    let root = tree::root().to_string_lossy().into_owned();
    assert_none(
        &tree::all()
            .flat_map(|file| source::machine_paths(&file.path, &file.text, &root))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_dependency_is_explained_and_every_explanation_needed() {
    assert_none(&dependencies::disagreements(
        &dependencies::declared(tree::all()),
        tree::text("docs/dependencies.md"),
    ));
}

#[test]
fn every_decision_is_indexed_and_has_the_form() {
    let decisions: Vec<_> = tree::all().filter(|file| documents::is_decision(&file.path)).collect();
    assert_none(&documents::decisions(&decisions, tree::text("docs/adr/README.md")));
}

#[test]
fn links_between_documents_resolve() {
    // Markdown under assets/ is put into generated documents, whose links are checked where they end up.
    let files: Vec<_> = tree::all().filter(|file| !file.path.starts_with("assets/")).collect();
    assert_none(&documents::broken_links(&files, &|path| tree::root().join(path).exists()));
}

#[test]
fn notebooks_are_committed_without_outputs() {
    let notebooks = tree::all().filter(|file| file.path.ends_with(".ipynb"));
    assert_none(&notebooks.flat_map(|file| notebooks::outputs(&file.path, &file.text)).collect::<Vec<_>>());
}
