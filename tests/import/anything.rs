//! Whatever a file holds, importing it ends in an answer; and whatever is imported, the reader accepts.

use proptest::prelude::*;
use tinsel::scenario::import::{ImportOptions, Kind, import};
use tinsel::scenario::render;

use super::{file, profiles};

const KINDS: [(Kind, &[&str]); 5] = [
    (Kind::Mwan3, &["mwan3.uci"]),
    (Kind::Frr, &["frr.conf"]),
    (Kind::Keepalived, &["keepalived.conf", "keepalived-backup.conf"]),
    (Kind::Dpinger, &["dpinger.cmd"]),
    (Kind::Ios, &["ios.cfg"]),
];

/// Values that sit at the edges of something.
const EDGES: &[&str] =
    &["0", "1", "2", "255", "65536", "4294967296", "-1", "0.5", "1e3", "99999999999999999999", "", "'"];

fn answer(kind: Kind, text: &str, options: &ImportOptions) {
    match import(kind, "file", text, options) {
        Ok(profile) => assert_eq!(profiles(&profile).len(), 1, "{profile}"),
        Err(problems) => assert!(!problems.is_empty() && !render(&problems, true).is_empty()),
    }
}

fn options(picked: bool) -> ImportOptions {
    if !picked {
        return ImportOptions::default();
    }
    ImportOptions { interface: Some("wan".to_owned()), track: Some(1), ..ImportOptions::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_an_answer(text in "(.|\\n|[{}'\"!#-]){0,300}") {
        for (kind, _) in KINDS {
            answer(kind, &text, &ImportOptions::default());
        }
    }

    /// Words of a real file replaced, removed and repeated: what is still accepted is a profile.
    #[test]
    fn a_changed_configuration_has_an_answer(
        which in 0..KINDS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<prop::sample::Index>()), 1..6),
        picked in any::<bool>(),
    ) {
        let (kind, samples) = KINDS[which];
        for sample in samples {
            let text = std::fs::read_to_string(file(&format!("tests/import/{sample}"))).expect("it is there");
            let mut words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
            for (at, what, other) in &edits {
                let at = at.index(words.len());
                match what {
                    0 => drop(words.remove(at)),
                    1 => words.insert(at, EDGES[other.index(EDGES.len())]),
                    2 => words[at] = words[other.index(words.len())],
                    _ => words.insert(at, words[other.index(words.len())]),
                }
            }
            answer(kind, &words.concat(), &options(picked));
        }
    }

    /// Numbers of a real file replaced by others: ranges and contradictions are found before the reader does.
    #[test]
    fn other_numbers_have_an_answer(
        which in 0..KINDS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..400_u32), 1..4),
        picked in any::<bool>(),
    ) {
        let (kind, samples) = KINDS[which];
        for sample in samples {
            let text = std::fs::read_to_string(file(&format!("tests/import/{sample}"))).expect("it is there");
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let numbers: Vec<usize> = (0..words.len())
                .filter(|at| words[*at].trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().is_ok())
                .collect();
            for (at, value) in &edits {
                let at = numbers[at.index(numbers.len())];
                let number = words[at].trim_matches(|c: char| !c.is_ascii_digit()).to_owned();
                words[at] = words[at].replace(&number, &value.to_string());
            }
            answer(kind, &words.join(" "), &options(picked));
        }
    }
}
