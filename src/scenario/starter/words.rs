//! What the words in a fleet file's cells stand for, by what they say: `LTE backup`, `AT&T`, `Fiber`.

use super::columns::plain;
use crate::scenario::library::bare;
use crate::scenario::sections::fleet::Attribute;

/// Parts of cells that tell what is meant, for each attribute the most telling first.
type Telling = &'static [(&'static str, &'static str)];

const NOTHING: [&str; 8] = ["none", "no", "n", "na", "n_a", "false", "0", "nothing"];
const SOMETHING: [&str; 4] = ["yes", "y", "true", "1"];

const TOPOLOGIES: Telling = &[
    ("oob_only", "oobm-only"),
    ("oobm_only", "oobm-only"),
    ("management_only", "oobm-only"),
    ("oob", "oobm-gateway"),
    ("oobm", "oobm-gateway"),
    ("out_of_band", "oobm-gateway"),
    ("dual_router", "second-router"),
    ("two_routers", "second-router"),
    ("second_router", "second-router"),
    ("redundant_router", "second-router"),
    ("hsrp", "second-router"),
    ("vrrp", "second-router"),
    ("lte", "in-router"),
    ("4g", "in-router"),
    ("5g", "in-router"),
    ("cellular", "in-router"),
    ("wireless", "in-router"),
];
const TECHNOLOGIES: Telling = &[
    ("fiber", "fibre_dia"),
    ("fibre", "fibre_dia"),
    ("dia", "fibre_dia"),
    ("mpls", "t1_mpls"),
    ("t1", "t1_mpls"),
    ("cable", "cable"),
    ("docsis", "cable"),
    ("coax", "cable"),
    ("dsl", "dsl"),
    ("adsl", "dsl"),
    ("vdsl", "dsl"),
    ("fixed_wireless", "fixed_wireless"),
    ("lte", "lte"),
    ("4g", "lte"),
    ("5g", "lte"),
    ("cellular", "lte"),
];
const CARRIERS: Telling = &[
    ("verizon", "verizon"),
    ("vzw", "verizon"),
    ("at_t", "att"),
    ("att", "att"),
    ("t_mobile", "tmobile"),
    ("tmobile", "tmobile"),
    ("sprint", "sprint"),
];
const ZONES: Telling = &[
    ("eastern", "America/New_York"),
    ("est", "America/New_York"),
    ("et", "America/New_York"),
    ("central", "America/Chicago"),
    ("cst", "America/Chicago"),
    ("ct", "America/Chicago"),
    ("mountain", "America/Denver"),
    ("mst", "America/Denver"),
    ("mt", "America/Denver"),
    ("pacific", "America/Los_Angeles"),
    ("pst", "America/Los_Angeles"),
    ("pt", "America/Los_Angeles"),
];
const MODEMS: Telling = &[
    ("cat_m1", "cat-m1"),
    ("cat_1", "cat-1"),
    ("cat_4", "cat-4"),
    ("cat4", "cat-4"),
    ("cat_6", "cat-6"),
    ("cat6", "cat-6"),
];

/// What `cell` stands for among `known`, if anything tells.
pub fn meaning(attribute: Attribute, cell: &str, known: &[String]) -> Option<String> {
    let (written, plain) = (bare(cell), plain(cell));
    if let Some(same) = known.iter().find(|word| !written.is_empty() && bare(word) == written) {
        return Some(same.clone());
    }
    let telling = match attribute {
        Attribute::Topology => TOPOLOGIES,
        Attribute::Technology => TECHNOLOGIES,
        Attribute::Carrier | Attribute::SecondCarrier | Attribute::OobmCarrier => CARRIERS,
        Attribute::Timezone => ZONES,
        Attribute::Modem => MODEMS,
        _ => &[],
    };
    let yes = match attribute {
        Attribute::Topology => Some("in-router"),
        Attribute::Generator => Some("standby"),
        _ => None,
    };
    let no = known.iter().any(|word| word == "none").then_some("none");
    let said = if NOTHING.contains(&plain.as_str()) || plain.starts_with("no_") {
        no
    } else if SOMETHING.contains(&plain.as_str()) {
        yes
    } else {
        let words = format!("_{plain}_");
        telling.iter().find(|(part, _)| words.contains(&format!("_{part}_"))).map(|(_, word)| *word)
    };
    said.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_known_by_what_they_say() {
        let known = ["in-router", "second-router", "oobm-only", "none"].map(str::to_owned);
        let topology = |cell| meaning(Attribute::Topology, cell, &known);
        for (cell, word) in [
            ("LTE backup", "in-router"),
            ("None", "none"),
            ("no backup", "none"),
            ("Dual router (LTE)", "second-router"),
            ("In Router", "in-router"),
            ("yes", "in-router"),
            ("OOB only", "oobm-only"),
        ] {
            assert_eq!(topology(cell).as_deref(), Some(word), "{cell}");
        }
        assert_eq!(topology("satellite"), None);
        assert_eq!(topology(""), None);
        let carriers = ["att", "verizon"].map(str::to_owned);
        assert_eq!(meaning(Attribute::Carrier, "AT&T", &carriers).as_deref(), Some("att"));
        assert_eq!(meaning(Attribute::Carrier, "Verizon Wireless", &carriers).as_deref(), Some("verizon"));
        assert_eq!(meaning(Attribute::Carrier, "no", &carriers), None);
        assert_eq!(meaning(Attribute::Timezone, "Eastern", &[]).as_deref(), Some("America/New_York"));
    }
}
