//! The Debian packages that the laboratory needs, installed only if a program of theirs is missing.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::step::{Failure, Step};

/// A file of each package: a program on the search path, or a path.
const NEEDED: [(&str, &str); 9] = [
    ("/usr/lib/frr/bgpd", "frr"),
    ("/usr/sbin/keepalived", "keepalived"),
    ("nft", "nftables"),
    ("ip", "iproute2"),
    ("unshare", "util-linux"),
    ("mount", "mount"),
    ("gcc", "gcc"),
    ("/usr/include/stdio.h", "libc6-dev"),
    ("python3", "python3"),
];

/// Packages that start a service of the system's own.
const SERVICES: [&str; 2] = ["frr", "keepalived"];

/// For the list of packages.
pub const LIST_MAX: Duration = Duration::from_secs(60);
/// For the packages. Unpacking them, which needs no network, is not interrupted: half of it would be worse.
pub const DOWNLOAD_MAX: Duration = Duration::from_secs(90);

/// Installs what is missing; why not, if it cannot.
pub fn install_missing(root: &Path) -> Option<String> {
    let missing = missing();
    if missing.is_empty() {
        return None;
    }
    let list = missing.join(" ");
    if !is_there("apt-get") {
        return Some(format!("it needs these Debian packages, and there is no apt-get: {list}"));
    }
    if let Err(failure) = install(root, &missing) {
        return Some(format!("Debian packages ({list}) cannot be installed: {failure}"));
    }
    let still: Vec<&str> = NEEDED.iter().map(|(file, _)| *file).filter(|file| !is_there(file)).collect();
    (!still.is_empty())
        .then(|| format!("Debian packages ({list}) are installed, but not {}", still.join(" ")))
}

/// Packages of which something is missing.
fn missing() -> Vec<&'static str> {
    NEEDED.iter().filter(|(file, _)| !is_there(file)).map(|(_, package)| *package).collect()
}

fn install(root: &Path, missing: &[&str]) -> Result<(), Failure> {
    let apt = |name: &str, arguments: &[&str]| {
        Step::new(name, "apt-get", root)
            .arguments(["-qq", "-o", "DPkg::Lock::Timeout=20", "-o", "Dpkg::Use-Pty=0"])
            .arguments(arguments)
            .variable("DEBIAN_FRONTEND", "noninteractive")
    };
    let install = ["install", "-y", "--no-install-recommends"];
    apt("list of Debian packages", &["update"]).within(LIST_MAX).run()?;
    apt("Debian packages fetched", &install)
        .arguments(["--download-only"])
        .arguments(missing)
        .within(DOWNLOAD_MAX)
        .run()?;
    apt("Debian packages", &install).arguments(missing).run()?;
    if Path::new("/run/systemd/system").exists() {
        // Only those that were not there before: others' services are theirs.
        for service in SERVICES.iter().filter(|service| missing.contains(service)) {
            Step::new("service not wanted", "systemctl", root)
                .arguments(["disable", "--now", service])
                .run()?;
        }
    }
    Ok(())
}

fn is_there(file: &str) -> bool {
    let asked = env::var_os("PATH").unwrap_or_default();
    // Where programs of the system are, which `sudo` and `su` may leave out.
    let mut places =
        env::split_paths(&asked).chain(["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(PathBuf::from));
    // Joining an absolute path gives that path.
    places.any(|place| place.join(file).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name_and_by_path() {
        assert!(!is_there("tinsel-no-such-program"));
        assert!(!is_there("/tinsel/no-such-file"));
        if cfg!(unix) {
            assert!(is_there("sh"));
            assert!(is_there("/bin/sh"));
        }
    }
}
