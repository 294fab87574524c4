//! `docs/cli.md` is what `--help` prints.

use std::fmt::Write as _;

use super::{assert_golden, run};

/// The words of the list of subcommands in `help`.
fn subcommands(help: &str) -> Vec<&str> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    lines
        .take_while(|line| line.starts_with("  "))
        // What is further to the right continues a description.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|&command| command != "help")
        .collect()
}

#[test]
fn the_reference_of_the_command_line_is_fresh() {
    let top = run(["--help"]);
    let mut page = String::from(
        "# The command line\n\n\
         What `--help` prints, for reading without a terminal. Exit codes are explained in [exit-codes.md](exit-codes.md).\n\n\
         *Generated: `UPDATE_GOLDEN=1 cargo test --test cli` rewrites this page, and a test fails while it is stale.*\n",
    );
    let mut section = |title: &str, help: &str| {
        let _ = write!(page, "\n## `{title}`\n\n```text\n{}\n```\n", help.trim_end());
    };
    section("tinsel", &top.out);
    let commands = subcommands(&top.out);
    assert!(commands.contains(&"run") && commands.contains(&"check"), "{commands:?}");
    for command in commands {
        let help = run([command, "--help"]);
        assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
        section(&format!("tinsel {command}"), &help.out);
        for below in subcommands(&help.out) {
            let help = run([command, below, "--help"]);
            assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
            section(&format!("tinsel {command} {below}"), &help.out);
        }
    }
    assert_golden("docs/cli.md", &page);
}

#[test]
fn short_help_and_version_are_for_standard_output() {
    for arguments in [["-h"], ["--help"], ["--version"]] {
        let printed = run(arguments);
        assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(printed.out.contains("tinsel"));
    }
    assert_eq!(run(["--version"]).out, format!("tinsel {}\n", env!("CARGO_PKG_VERSION")));
}

/// The page on exit codes and the list in `--help` name the same codes.
#[test]
fn every_exit_code_is_explained() {
    let page = std::fs::read_to_string(super::root().join("docs/exit-codes.md")).expect("the page");
    let help = run(["--help"]).out;
    let (_, listed) = help.split_once("Exit codes:").expect("the list");
    let codes = |text: &str| -> Vec<u32> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
    };
    for code in codes(listed) {
        assert!(page.contains(&format!("| {code} |")), "docs/exit-codes.md explains {code}");
    }
}
