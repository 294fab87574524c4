//! `frr.conf`: how BFD, BGP and OSPF notice that a neighbour is gone, and how its routes return.
//!
//! One neighbour is imported: a BGP neighbour or a static route that BFD watches before a BGP neighbour without, and
//! that before an interface with OSPF. The other end is taken to be configured alike, because its timers are not in the
//! file. Defaults are FRR's (fbfc822; BFD's are those of RFC 5880's FRR manual); what happens after detection was
//! measured with FRR 8.4.4.

mod file;
mod write;

use super::ImportOptions;
use super::draft::Draft;
use super::input::Input;
use crate::scenario::diagnostics::Code;
use file::File;

/// What a profile can be made of, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Class {
    Bfd,
    Bgp,
    Ospf,
}

/// One of the things that notice a dead link.
#[derive(Clone, Debug)]
enum Candidate {
    /// A BGP neighbour, by name.
    Neighbor(String),
    /// A static route with BFD, by its gateway.
    Static(String),
    /// An interface with OSPF.
    Interface(String),
}

pub(super) fn read(input: &Input, options: &ImportOptions) -> Option<Draft> {
    let file = file::parse(input);
    let candidates = candidates(&file);
    let candidate = pick(input, options, &candidates)?;
    match candidate {
        Candidate::Neighbor(name) => write::neighbor(input, &file, name),
        Candidate::Static(gateway) => write::static_route(input, &file, gateway),
        Candidate::Interface(name) => write::interface(input, &file, name),
    }
}

fn candidates(file: &File) -> Vec<(Class, Candidate)> {
    let neighbors = file.neighbors.iter().filter(|(_, one)| one.is_peer && one.shutdown.is_none());
    let neighbors = neighbors.map(|(name, one)| {
        let bound = one.bfd.is_some() || file.group_of(one).is_some_and(|group| group.bfd.is_some());
        (if bound { Class::Bfd } else { Class::Bgp }, Candidate::Neighbor(name.clone()))
    });
    let statics = file.statics.keys().map(|gateway| (Class::Bfd, Candidate::Static(gateway.clone())));
    let interfaces = file.interfaces.iter().filter(|(_, one)| file.has_ospf && one.has_ospf && !one.passive);
    let interfaces = interfaces.map(|(name, one)| {
        let class = if one.bfd.is_some() { Class::Bfd } else { Class::Ospf };
        (class, Candidate::Interface(name.clone()))
    });
    let mut found: Vec<_> = neighbors.chain(statics).chain(interfaces).collect();
    found.sort_by_key(|(class, _)| *class);
    found
}

fn pick<'c>(input: &Input, options: &ImportOptions, all: &'c [(Class, Candidate)]) -> Option<&'c Candidate> {
    let name_of = |candidate: &Candidate| match candidate {
        Candidate::Neighbor(name) | Candidate::Static(name) | Candidate::Interface(name) => name.clone(),
    };
    let is_interface = |candidate: &Candidate| matches!(candidate, Candidate::Interface(_));
    let (what, wanted, interfaces) = match (&options.neighbor, &options.interface) {
        (Some(name), _) => ("neighbour", name, false),
        (None, Some(name)) => ("interface with OSPF", name, true),
        (None, None) => {
            let best = all.first().map(|(class, _)| *class);
            let best: Vec<_> = all.iter().filter(|(class, _)| Some(*class) == best).collect();
            return match best.as_slice() {
                [(_, one)] => Some(one),
                [] => {
                    let help = "a BGP neighbour, a static route with `bfd`, or `router ospf` with `ip ospf` lines in \
                                an interface";
                    input.complain(Code::MissingKey, input.whole(), "nothing here notices a dead link", help);
                    None
                }
                several => {
                    let names: Vec<String> = several.iter().map(|(_, one)| name_of(one)).collect();
                    let option = match several.iter().all(|(_, one)| is_interface(one)) {
                        true => "--interface NAME",
                        false => "--neighbor ADDRESS (or --interface NAME for OSPF)",
                    };
                    input.ambiguous("neighbours", &names, option);
                    None
                }
            };
        }
    };
    let eligible = || all.iter().map(|(_, one)| one).filter(|one| is_interface(one) == interfaces);
    let found = eligible().find(|one| name_of(one) == *wanted);
    if found.is_none() {
        input.not_there(what, wanted, &eligible().map(name_of).collect::<Vec<_>>());
    }
    found
}
