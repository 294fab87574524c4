//! `tinsel profiles import`: a router's configuration in, a profile out.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::exit::Failure;
use crate::scenario::Rejected;
use crate::scenario::import::{ImportOptions, Kind, import_file};

#[derive(Args, Debug)]
pub(in crate::cli) struct ImportArgs {
    /// Whose configuration it is.
    #[arg(value_enum)]
    product: Product,
    /// The configuration file.
    file: PathBuf,
    /// Name of the profile [default: of the product and what was picked].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Write the profile to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file that --out names.
    #[arg(long, requires = "out")]
    force: bool,
    /// mwan3, frr: the interface towards the primary, if there are several.
    #[arg(long, value_name = "NAME", conflicts_with = "neighbor")]
    interface: Option<String>,
    /// frr: the BGP neighbour (or gateway with BFD) on the primary, if there are several.
    #[arg(long, value_name = "ADDRESS")]
    neighbor: Option<String>,
    /// keepalived: the vrrp_instance, if there are several.
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    /// keepalived: priority of the other router [default: 150 of a master, 100 of a backup].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    peer_priority: Option<u8>,
    /// ios: number of the tracked object, if there are several.
    #[arg(long, value_name = "N")]
    track: Option<u32>,
}

/// The products whose configuration is understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Product {
    /// OpenWrt: /etc/config/mwan3.
    Mwan3,
    /// FRR: frr.conf with BFD, BGP or OSPF.
    Frr,
    /// keepalived.conf of the backup, or of a master with a track_script.
    Keepalived,
    /// One dpinger command line.
    Dpinger,
    /// Cisco IOS: ip sla and track.
    Ios,
}

impl Product {
    const fn kind(self) -> Kind {
        match self {
            Product::Mwan3 => Kind::Mwan3,
            Product::Frr => Kind::Frr,
            Product::Keepalived => Kind::Keepalived,
            Product::Dpinger => Kind::Dpinger,
            Product::Ios => Kind::Ios,
        }
    }
}

impl ImportArgs {
    /// An option that says nothing to this product would be silently without effect.
    fn misplaced(&self) -> Option<&'static str> {
        use Product::{Frr, Ios, Keepalived, Mwan3};
        let given: [(bool, &'static str, &[Product]); 5] = [
            (self.interface.is_some(), "--interface", &[Mwan3, Frr]),
            (self.neighbor.is_some(), "--neighbor", &[Frr]),
            (self.instance.is_some(), "--instance", &[Keepalived]),
            (self.peer_priority.is_some(), "--peer-priority", &[Keepalived]),
            (self.track.is_some(), "--track", &[Ios]),
        ];
        let misplaced =
            given.iter().find(|(is_given, _, products)| *is_given && !products.contains(&self.product));
        misplaced.map(|(_, option, _)| *option)
    }

    fn options(&self) -> ImportOptions {
        ImportOptions {
            name: self.name.clone(),
            interface: self.interface.clone(),
            neighbor: self.neighbor.clone(),
            instance: self.instance.clone(),
            track: self.track,
            peer_priority: self.peer_priority,
        }
    }
}

/// Prints the profile that a configuration file describes, or writes it.
pub(super) fn import(args: &ImportArgs) -> Result<(), Failure> {
    if let Some(option) = args.misplaced() {
        let product =
            args.product.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        let message = format!(
            "{option} says nothing to {product}: `tinsel profiles import --help` says to which it does"
        );
        return Err(Failure::Usage(message));
    }
    let profile = import_file(args.product.kind(), &args.file, &args.options());
    let profile = profile.map_err(|rejected| match rejected {
        Rejected::Io { path, source } => {
            Failure::Unexpected(format!("failed to read the configuration `{path}`: {source}"))
        }
        invalid @ Rejected::Invalid(_) => Failure::Rejected(invalid),
    })?;
    match &args.out {
        Some(out) => write(out, &profile, args.force),
        None => crate::cli::print(&profile),
    }
}

/// Writes a file that was not there, or any with `force`.
fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let reason = match error.kind() {
            ErrorKind::AlreadyExists => "it exists; --force replaces it".to_owned(),
            _ => error.to_string(),
        };
        Failure::Unexpected(format!("failed to write the profile `{}`: {reason}", path.display()))
    })
}
