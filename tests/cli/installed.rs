//! What belongs to an installed command: completions and manual pages.

use super::{entries, place, run};

#[test]
fn every_shell_has_its_completions() {
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef tinsel"),
        ("fish", "complete -c tinsel"),
        ("powershell", "tinsel"),
        ("elvish", "tinsel"),
    ] {
        let printed = run(["completions", shell]);
        assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""), "{shell}");
        assert!(printed.out.contains(mark) && printed.out.contains("replications"), "{shell}");
    }
    assert_eq!(run(["completions", "tcsh"]).code, Some(2));
}

#[test]
fn every_command_has_its_manual_page() {
    let printed = run(["man"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert!(printed.out.contains(".TH tinsel 1"), "{}", printed.out);
    let (_directory, out) = place();
    assert_eq!(run(["man", "--out", &out.display().to_string()]).code, Some(0));
    let pages = entries(&out);
    for page in ["tinsel.1", "tinsel-run.1", "tinsel-drill.1", "tinsel-report.1", "tinsel-profiles-show.1"] {
        assert!(pages.iter().any(|name| name == page), "{page} in {pages:?}");
    }
    let run_page = std::fs::read_to_string(out.join("tinsel-run.1")).expect("a page");
    assert!(run_page.contains("Directory for the results"), "{run_page}");
}
