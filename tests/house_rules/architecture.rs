//! Which layer may know which: the arrows of ARCHITECTURE.md, read from the paths that the code writes.

use crate::Finding;
use crate::lexer::{Token, text, tokens, without_tests};

/// The layers from top to bottom. A layer may name itself and what stands below it.
const LAYERS: [&str; 9] =
    ["cli", "experiment", "report", "simulation", "model", "scenario", "kernel", "measure", "units"];

/// Layers that run inside a replication: they read no file and no clock, print nothing, spawn nothing.
const SEALED: [&str; 4] = ["model", "kernel", "measure", "units"];

/// What of the standard library the sealed layers must not name.
const OUTSIDE: [&str; 7] = ["env", "fs", "io", "net", "process", "thread", "time"];
const PRINTING: [&str; 4] = ["print", "println", "eprint", "eprintln"];

/// Paths from the crate's root in `source` that point up, or past what a layer may see.
pub fn upward_arrows(file: &str, source: &str) -> Vec<Finding> {
    let tokens = tokens(source);
    let home = module_path(file);
    let Some(layer) = home.first().map(String::as_str) else {
        return from_the_binary(file, &tokens);
    };
    let Some(rank) = rank_of(layer) else {
        return vec![Finding::new(file, 1, format!("`{layer}` is not a layer: {}", LAYERS.join(" > ")))];
    };
    let mut findings = Vec::new();
    for (path, line) in crate_paths(&tokens, &home) {
        let Some(target) = path.first().map(String::as_str) else { continue };
        let complaint = match rank_of(target) {
            None => Some("an item of the crate's root: name the module it lives in".to_owned()),
            Some(other) if other < rank => Some(format!("upwards, from {layer} to {target}")),
            Some(_) if layer == "report" && !report_may_see(&path) => {
                Some("reports read results (`simulation::result`), never the simulation".to_owned())
            }
            Some(_) => None,
        };
        findings.extend(
            complaint.map(|what| Finding::new(file, line, format!("`crate::{}`: {what}", path.join("::")))),
        );
    }
    findings
}

/// Uses of the outside world in the layers that must not see it.
pub fn outside_world(file: &str, source: &str) -> Vec<Finding> {
    let home = module_path(file);
    if !home.first().is_some_and(|layer| SEALED.contains(&layer.as_str())) {
        return Vec::new();
    }
    let tokens = without_tests(&tokens(source));
    let mut findings = Vec::new();
    for at in 0..tokens.len() {
        if text(&tokens, at) == "std" && text(&tokens, at + 1) == "::" {
            let mut paths = Vec::new();
            follow(&tokens, at + 2, &[], &mut paths);
            let outside =
                paths.iter().filter(|(path, _)| path.first().is_some_and(|m| OUTSIDE.contains(&m.as_str())));
            findings.extend(outside.map(|(path, line)| {
                Finding::new(
                    file,
                    *line,
                    format!("`std::{}`: {} sees nothing outside", path.join("::"), home[0]),
                )
            }));
        }
        if PRINTING.contains(&text(&tokens, at)) && text(&tokens, at + 1) == "!" {
            let what = format!("`{}!`: {} prints nothing", text(&tokens, at), home[0]);
            findings.push(Finding::new(file, tokens[at].line, what));
        }
    }
    findings
}

fn rank_of(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|name| *name == layer)
}

fn report_may_see(path: &[String]) -> bool {
    match path[0].as_str() {
        "model" | "kernel" => false,
        "simulation" => path.get(1).is_some_and(|module| module == "result"),
        _ => true,
    }
}

/// A binary calls `tinsel::cli` and nothing else; `lib.rs` declares modules and has no paths.
fn from_the_binary(file: &str, tokens: &[Token<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for at in 0..tokens.len() {
        let target = text(tokens, at + 2);
        if text(tokens, at) == "tinsel" && text(tokens, at + 1) == "::" && target != "cli" {
            findings.push(Finding::new(
                file,
                tokens[at].line,
                format!("`tinsel::{target}`: a binary calls `cli` only"),
            ));
        }
    }
    findings
}

/// The module that `file` is: `["model", "cell"]` for `src/model/cell.rs`; empty for the crate's roots.
fn module_path(file: &str) -> Vec<String> {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    if matches!(inside, "lib" | "main") || inside.starts_with("bin/") {
        return Vec::new();
    }
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    inside.split('/').map(str::to_owned).collect()
}

/// Every path in `tokens` that starts at `crate` or climbs with `super`, from the crate's root, with its line.
fn crate_paths(tokens: &[Token<'_>], home: &[String]) -> Vec<(Vec<String>, usize)> {
    let mut paths = Vec::new();
    let mut module = home.to_vec();
    // How deep in braces each inline module of `module` beyond `home` began.
    let mut inline_depths: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    for at in 0..tokens.len() {
        match text(tokens, at) {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if inline_depths.last() == Some(&depth) {
                    inline_depths.pop();
                    module.pop();
                }
            }
            "mod" if text(tokens, at + 2) == "{" => {
                inline_depths.push(depth);
                module.push(text(tokens, at + 1).to_owned());
            }
            "crate" if text(tokens, at + 1) == "::" => {
                follow(tokens, at + 2, &[], &mut paths);
            }
            "super" if !continues_a_climb(tokens, at) => {
                let mut climbs = 0;
                while text(tokens, at + 2 * climbs) == "super" && text(tokens, at + 2 * climbs + 1) == "::" {
                    climbs += 1;
                }
                if climbs > 0 {
                    let base = &module[..module.len().saturating_sub(climbs)];
                    follow(tokens, at + 2 * climbs, base, &mut paths);
                }
            }
            _ => {}
        }
    }
    paths
}

fn continues_a_climb(tokens: &[Token<'_>], at: usize) -> bool {
    at >= 2 && text(tokens, at - 1) == "::" && text(tokens, at - 2) == "super"
}

/// Follows the path (or tree of paths) at `at` below `prefix`; returns where it ends.
fn follow(
    tokens: &[Token<'_>],
    at: usize,
    prefix: &[String],
    paths: &mut Vec<(Vec<String>, usize)>,
) -> usize {
    let first = text(tokens, at);
    let line = tokens.get(at).map_or(0, |token| token.line);
    if first == "{" {
        let mut next = at + 1;
        while !matches!(text(tokens, next), "}" | "") {
            next = if text(tokens, next) == "," { next + 1 } else { follow(tokens, next, prefix, paths) };
        }
        return next + 1;
    }
    if !first.starts_with(|c: char| c.is_alphabetic() || c == '_') || first == "self" {
        // `*`, `<`, `self`: the path is its prefix.
        paths.push((prefix.to_vec(), line));
        return at + 1;
    }
    let path = [prefix, &[first.to_owned()]].concat();
    if text(tokens, at + 1) == "::" {
        return follow(tokens, at + 2, &path, paths);
    }
    paths.push((path, line));
    // `as name` belongs to the path.
    if text(tokens, at + 1) == "as" { at + 3 } else { at + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(file: &str, source: &str) -> Vec<String> {
        upward_arrows(file, source)
            .iter()
            .map(|finding| format!("{}: {}", finding.line, finding.what))
            .collect()
    }

    #[test]
    fn downward_and_sideways_are_good() {
        let source = "use crate::units::{SimTime, Span as Length};\nuse crate::model::cell;\nuse super::uplink::*;\n\
            #[cfg(test)] mod tests { use super::*; use super::super::lane; }";
        assert_eq!(complaints("src/model/store.rs", source), [""; 0]);
    }

    #[test]
    fn an_upward_use_is_found_wherever_it_hides() {
        let up = ["1: `crate::simulation::World`: upwards, from kernel to simulation"];
        assert_eq!(complaints("src/kernel/driver.rs", "use crate::simulation::World;"), up);
        assert_eq!(complaints("src/kernel/mod.rs", "use crate::{units::Span, simulation::World};"), up);
        assert_eq!(complaints("src/kernel/mod.rs", "fn f(w: &crate::simulation::World) {}"), up);
        assert_eq!(complaints("src/kernel/driver.rs", "use super::super::simulation::World;"), up);
        assert_eq!(
            complaints(
                "src/kernel/mod.rs",
                "mod a { mod b { use super::super::super::simulation::World; } }"
            ),
            up
        );
        let nested = "use crate::{\n    units,\n    model::{cell::Cell, store},\n};";
        assert_eq!(
            complaints("src/kernel.rs", nested),
            [
                "3: `crate::model::cell::Cell`: upwards, from kernel to model",
                "3: `crate::model::store`: upwards, from kernel to model",
            ]
        );
    }

    #[test]
    fn comments_and_strings_may_point_anywhere() {
        let source = "//! [`crate::cli`]\n/* crate::cli::x */ const A: &str = \"crate::cli\";";
        assert_eq!(complaints("src/units/time.rs", source), [""; 0]);
    }

    #[test]
    fn reports_read_results_only() {
        assert_eq!(
            complaints("src/report/csv.rs", "use crate::simulation::result::{RunResult, StoreRow};"),
            [""; 0]
        );
        assert_eq!(complaints("src/report/csv.rs", "use crate::simulation::World;").len(), 1);
        assert_eq!(complaints("src/report/csv.rs", "use crate::model::lane::Lane;").len(), 1);
    }

    #[test]
    fn the_root_holds_no_items_and_a_new_directory_needs_a_layer() {
        assert_eq!(complaints("src/cli/run.rs", "use crate::VERSION;").len(), 1);
        assert_eq!(
            complaints("src/helpers/mod.rs", ""),
            [format!("1: `helpers` is not a layer: {}", LAYERS.join(" > "))]
        );
    }

    #[test]
    fn the_binary_calls_cli_only() {
        assert_eq!(complaints("src/main.rs", "fn main() { tinsel::cli::main() }"), [""; 0]);
        assert_eq!(complaints("src/main.rs", "fn main() { tinsel::simulation::run() }").len(), 1);
    }

    #[test]
    fn a_sealed_layer_that_looks_outside_is_found() {
        let count = |file: &str, source: &str| outside_world(file, source).len();
        assert_eq!(count("src/model/lane.rs", "use std::{fmt, fs::File, io};"), 2);
        assert_eq!(count("src/kernel/driver.rs", "fn f() { std::thread::spawn(g); println!(\"x\"); }"), 2);
        assert_eq!(count("src/kernel/driver.rs", "use std::collections::BTreeMap; use std::fmt;"), 0);
        assert_eq!(count("src/scenario/load.rs", "use std::fs;"), 0);
        assert_eq!(count("src/kernel/driver.rs", "#[cfg(test)] mod tests { fn f() { println!(); } }"), 0);
    }
}
