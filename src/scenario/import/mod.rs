//! From a device's own configuration to a profile: the text of one `[profiles.NAME]` table.
//!
//! An importer reads what decides when a router notices, fails over and returns, writes it in the keys of a profile, and
//! says in a remark behind each value which line it comes from or which version's default it is. What matters and is not
//! understood is an error at its line; what does not matter is on a list in the importer, so that a new word of a
//! product is never passed over in silence. No importer runs, includes or asks anything: it sees one text.

mod dpinger;
mod draft;
mod frr;
mod input;
mod ios;
mod keepalived;
mod mwan3;
mod words;

use std::path::Path;

use super::Rejected;
use super::diagnostics::Diagnostic;
use super::reader::unprintable;
use super::tree::{Place, SourceKind, Sources};
use draft::Draft;
use input::Input;

/// Whose configuration it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// OpenWrt's `/etc/config/mwan3`.
    Mwan3,
    /// `frr.conf`: BFD, BGP, OSPF.
    Frr,
    /// `keepalived.conf`: VRRP, with or without an uplink script.
    Keepalived,
    /// A command line of dpinger, as pfSense starts it.
    Dpinger,
    /// Cisco IOS: IP SLA with object tracking.
    Ios,
}

/// What the file cannot say, or says more than once.
#[derive(Clone, Default, Debug)]
pub struct ImportOptions {
    /// Name of the profile; by default made of the product and what was picked.
    pub name: Option<String>,
    /// mwan3 and FRR (OSPF): the interface towards the primary.
    pub interface: Option<String>,
    /// FRR (BGP, BFD): the neighbour on the primary.
    pub neighbor: Option<String>,
    /// keepalived: the instance.
    pub instance: Option<String>,
    /// IOS: number of the tracked object.
    pub track: Option<u32>,
    /// keepalived: priority of the other router.
    pub peer_priority: Option<u8>,
}

/// The profile that `text`, the contents of `file_name`, describes, as TOML; or everything that is wrong with it.
///
/// # Errors
/// If anything that matters is wrong, not understood or ambiguous: then all of it is reported, in order of place.
pub fn import(
    kind: Kind,
    file_name: &str,
    text: &str,
    options: &ImportOptions,
) -> Result<String, Vec<Diagnostic>> {
    let input = Input::new(file_name, text);
    let draft = match kind {
        Kind::Mwan3 => mwan3::read(&input, options),
        Kind::Frr => frr::read(&input, options),
        Kind::Keepalived => keepalived::read(&input, options),
        Kind::Dpinger => dpinger::read(&input, options),
        Kind::Ios => ios::read(&input, options),
    };
    finish(input, draft, options)
}

/// The same of a file.
///
/// # Errors
/// If it cannot be read, is not UTF-8, or [`import`] rejects what is in it.
pub fn import_file(kind: Kind, path: &Path, options: &ImportOptions) -> Result<String, Rejected> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| Rejected::Io { path: name.clone(), source })?;
    let mut sources = Sources::default();
    let source = sources.add_bytes(SourceKind::User, &name, bytes);
    let source = source.map_err(|problem| Rejected::Invalid(vec![*problem]))?;
    let text = &sources.of(Place { source, start: 0, end: 0 }).text;
    import(kind, &name, text, options).map_err(Rejected::Invalid)
}

fn finish(input: Input, draft: Option<Draft>, options: &ImportOptions) -> Result<String, Vec<Diagnostic>> {
    if let Some(problem) = options.name.as_deref().and_then(|name| unprintable("the name", name)) {
        input.problem(input.whole(), problem);
    }
    let name = input.name().to_owned();
    match (draft, input.into_diagnostics()) {
        (Some(draft), problems) if problems.is_empty() => Ok(draft.render(&name, options.name.as_deref())),
        (_, problems) => Err(problems),
    }
}
