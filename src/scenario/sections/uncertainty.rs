//! `[uncertainty]`: inputs that nobody knows exactly, each with the range that it may be in. A run does not look at them; `tinsel
//! uncertainty` does.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Problem, Reader, Section, suggest};
use crate::scenario::tree::Place;
use crate::scenario::vary::{UncertainInput, canonical, check_path, read_range};

pub(crate) const DOC: &str = "Ranges of inputs that are not known, by path, for `tinsel uncertainty`.";

/// An input and where it is written.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Uncertain {
    pub input: UncertainInput,
    place: Place,
}

pub(crate) fn read(path: &str, section: &Section) -> Option<Uncertain> {
    let place = section.place;
    if !section.reader.schema_mode
        && let Err(why) = check_path(path)
    {
        let help = "write [uncertainty] and then \"payments.timeout\" = { low = \"15 s\", high = \"45 s\", source = \"…\" }";
        section.reader.report(place, Problem::new(Code::OutOfRange, why).help(help));
    }
    let range = read_range(section);
    let source =
        section.title(Field::new("source", "Where the range comes from: a source id, a person, a reason."));
    Some(Uncertain { input: UncertainInput { path: path.to_owned(), range: range?, source }, place })
}

/// Reports inputs that the scenario does not have.
pub(crate) fn check<'u>(reader: &Reader, inputs: impl Iterator<Item = &'u Uncertain>) {
    for Uncertain { input, place } in inputs {
        let path = canonical(&input.path);
        let known = reader.setting_paths();
        let is_part_of = |setting: &String| {
            path.strip_prefix(setting.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if !known.iter().any(is_part_of) {
            let nearest = suggest(&path, known.iter().map(String::as_str));
            let help = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "tinsel check --show-resolved lists all settings".to_owned(),
            };
            let problem = Problem::new(Code::UnknownKey, format!("there is no setting `{}`", input.path));
            reader.report(*place, problem.help(help));
        }
    }
}
