//! Every direct dependency has its line in `docs/dependencies.md`, and every line there its dependency.

use std::collections::BTreeMap;

use crate::Finding;
use crate::tree::File;

/// The document.
const DOCUMENT: &str = "docs/dependencies.md";

/// Direct dependencies by name, with the file that declares each: of every `Cargo.toml` and `package.json`, and of
/// the notebooks.
pub fn declared<'a>(files: impl Iterator<Item = &'a File>) -> BTreeMap<String, String> {
    let mut declared = BTreeMap::new();
    for file in files {
        let names = if file.path == "Cargo.toml" || file.path.ends_with("/Cargo.toml") {
            from_manifest(&file.text)
        } else if file.path == "notebooks/requirements.in" {
            from_requirements(&file.text)
        } else if file.path.ends_with("/package.json") {
            from_package(&file.text)
        } else {
            continue;
        };
        declared.extend(names.into_iter().map(|name| (name, file.path.clone())));
    }
    declared
}

fn from_manifest(text: &str) -> Vec<String> {
    let manifest: toml_edit::DocumentMut =
        text.parse().expect("cargo has read this manifest before this test runs");
    let mut names = Vec::new();
    let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
    let mut tables = vec![manifest.as_table() as &dyn toml_edit::TableLike];
    if let Some(targets) = manifest.get("target").and_then(toml_edit::Item::as_table_like) {
        tables.extend(targets.iter().filter_map(|(_, target)| target.as_table_like()));
    }
    for table in tables {
        for section in sections {
            if let Some(section) = table.get(section).and_then(toml_edit::Item::as_table_like) {
                // A path within the workspace is our own code.
                let foreign = section.iter().filter(|(_, item)| item.get("path").is_none());
                names.extend(foreign.map(|(name, _)| name.to_owned()));
            }
        }
    }
    names
}

fn from_package(text: &str) -> Vec<String> {
    let package: serde_json::Value = serde_json::from_str(text).expect("npm has read this file");
    let sections =
        ["dependencies", "devDependencies"].iter().filter_map(|section| package[*section].as_object());
    sections.flat_map(|section| section.keys().cloned()).collect()
}

fn from_requirements(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let is_name = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    lines.map(|line| line.split(|c| !is_name(c)).next().unwrap_or_default().to_owned()).collect()
}

/// Dependencies without a line in `document`, and lines without a dependency.
///
/// A line is a row of a table whose first cell is the name in backquotes, and whose other cells are not empty.
pub fn disagreements(declared: &BTreeMap<String, String>, document: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut explained = BTreeMap::new();
    for (index, line) in document.lines().enumerate() {
        let Some(row) = line.strip_prefix("| `") else { continue };
        let Some((name, rest)) = row.split_once("` |") else { continue };
        let line = index + 1;
        if rest.trim_end().trim_end_matches('|').split('|').any(|cell| cell.trim().is_empty()) {
            findings.push(Finding::new(DOCUMENT, line, format!("`{name}` has an empty cell")));
        }
        if explained.insert(name, line).is_some() {
            findings.push(Finding::new(DOCUMENT, line, format!("`{name}` is explained twice")));
        }
        if !declared.contains_key(name) {
            findings.push(Finding::new(DOCUMENT, line, format!("nothing depends on `{name}`")));
        }
    }
    let unexplained = declared.iter().filter(|(name, _)| !explained.contains_key(name.as_str()));
    findings.extend(
        unexplained.map(|(name, file)| Finding::new(file, 1, format!("`{name}` has no row in {DOCUMENT}"))),
    );
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn every_kind_of_declaration_is_read() {
        let manifest = "[dependencies]\na = \"1\"\nb.version = \"2\"\nown = { path = \"../own\" }\n\
            [dev-dependencies.c]\nversion = \"3\"\n[build-dependencies]\nd = \"4\"\n\
            [target.'cfg(unix)'.dependencies]\ne = \"5\"\n";
        let requirements = "# tools\npandas\nnumpy>=2\n\n";
        let files = [
            file("Cargo.toml", manifest),
            file("xtask/Cargo.toml", "[package]\nname = \"xtask\"\n[dependencies]\nf = \"1\"\n"),
            file("notebooks/requirements.in", requirements),
            file("tests/x/package.json", "{\"devDependencies\": {\"driver\": \"1.2.3\"}}"),
            file("assets/other.toml", "[dependencies]\nnot = \"1\"\n"),
        ];
        let names: Vec<_> = declared(files.iter()).into_keys().collect();
        assert_eq!(names, ["a", "b", "c", "d", "driver", "e", "f", "numpy", "pandas"]);
    }

    #[test]
    fn missing_surplus_double_and_empty_rows_are_found() {
        let declared = declared([file("Cargo.toml", "[dependencies]\na = \"1\"\nb = \"2\"\n")].iter());
        let good = "| crate | for |\n|---|---|\n| `a` | x |\n| `b` | y |\n";
        assert_eq!(disagreements(&declared, good), []);
        let what = |document: &str| -> Vec<String> {
            disagreements(&declared, document).into_iter().map(|finding| finding.what).collect()
        };
        assert_eq!(what("| `a` | x |\n"), ["`b` has no row in docs/dependencies.md"]);
        assert_eq!(what(&format!("{good}| `c` | z |\n")), ["nothing depends on `c`"]);
        assert_eq!(what(&format!("{good}| `a` | z |\n")), ["`a` is explained twice"]);
        assert_eq!(what("| `a` | x |\n| `b` | |\n"), ["`b` has an empty cell"]);
    }
}
