//! `docs/profiles.md` shows what the importers give.

use super::file;

#[test]
fn the_examples_are_real() {
    let page = std::fs::read_to_string(file("docs/profiles.md")).expect("the page");
    let mut examples = 0;
    for example in page.split("<!-- checked by tests/import: ").skip(1) {
        let (name, rest) = example.split_once(" -->").expect("the mark is closed");
        let block =
            rest.split_once("```toml\n").and_then(|(_, block)| block.split_once("```")).expect("a block").0;
        let path = format!("tests/import/expected/{name}.toml");
        let real = std::fs::read_to_string(file(&path)).expect("a sample");
        for line in block.lines() {
            assert!(real.lines().any(|known| known == line), "docs/profiles.md: {path} has no line\n{line}");
        }
        examples += 1;
    }
    assert_eq!(examples, 6);
}
