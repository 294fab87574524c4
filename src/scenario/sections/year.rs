//! `[year]`: how many days of each kind a year has, so that a year can be told from the days that were simulated.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Problem, Section};
use crate::scenario::resolved::DayKind;

/// Days of each kind in a year, in the order of [`DayKind::ALL`].
pub(crate) fn read(section: &Section) -> [u32; 4] {
    let days =
        |key, doc, default, why| section.count(Field::new(key, doc).within(0.0, 366.0).or(default, why));
    let days = [
        days("normal", "Usual days.", "315", "[D] 365 days less the rest"),
        days(
            "holiday",
            "Days of the weeks before and after the holidays, Cyber 5 aside.",
            "43",
            "[EA] the day after Cyber Monday to 10 January, at most 45, stores closed on two",
        ),
        days("cyber5", "Thanksgiving to Cyber Monday.", "5", "[D] five days"),
        days("closed", "Days on which stores stay closed.", "2", "[EA] Christmas and one more"),
    ];
    let total: u32 = days.iter().sum();
    if !section.reader.schema_mode && !(365..=366).contains(&total) {
        let message = format!("a year of {total} days");
        section.problem(
            "normal",
            Problem::new(Code::Inconsistent, message)
                .help("normal + holiday + cyber5 + closed must be 365 or 366; change `normal`"),
        );
    }
    days
}

/// The words of a kind of day in `[[calendar]]`.
pub(crate) const KINDS: [(&str, DayKind); 4] = [
    ("normal", DayKind::Normal),
    ("holiday", DayKind::Holiday),
    ("cyber5", DayKind::Cyber5),
    ("closed", DayKind::Closed),
];
