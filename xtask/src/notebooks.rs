//! The notebooks' Python: a virtual environment of the project's own, with every package pinned.
//!
//! `notebooks/.venv` is made again when the interpreter or `notebooks/requirements.txt` has changed since; a
//! stamp in it holds both as they were, so that nothing is asked of a package registry when nothing changed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::step::{Failure, Step};

/// What the pinned packages need.
const PYTHON_MIN: (u32, u32) = (3, 11);

const STAMP: &str = "tinsel-stamp.txt";

/// Whether the notebooks can be run.
pub enum Ready {
    /// With this interpreter.
    Python(PathBuf),
    /// No, and why.
    Missing(String),
}

/// Makes sure that the environment in `root` is there and up to date.
///
/// A missing or too old Python is a failure if `must_not_skip`, else a reason to skip.
pub fn prepare(root: &Path, must_not_skip: bool) -> Result<Ready, Failure> {
    let chosen = std::env::var_os("PYTHON");
    // Debian's packages mend Debian's Python, not one that the user named.
    let may_install = chosen.is_none() && can_install_debian_packages(root);
    let interpreter = chosen.unwrap_or_else(|| "python3".into());
    if may_install && version(&interpreter, root).is_none() {
        install_debian_python(root)?;
    }
    let trouble = match version(&interpreter, root) {
        None => Some(format!("there is no `{}`", interpreter.to_string_lossy())),
        Some(version) if version < PYTHON_MIN => {
            Some(format!("`{}` is Python {}.{}", interpreter.to_string_lossy(), version.0, version.1))
        }
        Some(_) => None,
    };
    if let Some(trouble) = trouble {
        let (major, minor) = PYTHON_MIN;
        let remedy = format!(
            "install Python {major}.{minor} or newer (Debian, Ubuntu: sudo apt-get install -y python3-venv), \
             or name one: PYTHON=/path/to/python3 cargo xtask notebooks"
        );
        if must_not_skip {
            return Err(Failure { what: format!("the notebooks cannot be run: {trouble}"), remedy });
        }
        return Ok(Ready::Missing(format!("{trouble}; {remedy}")));
    }
    let environment = root.join("notebooks").join(".venv");
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = stamp(&interpreter, root)?;
    let stamp_file = environment.join(STAMP);
    if !python.exists() || fs::read_to_string(&stamp_file).ok().as_ref() != Some(&stamp) {
        create(root, &interpreter, &environment, may_install)?;
        install(root, &python)?;
        fs::write(&stamp_file, stamp).map_err(|error| cannot("write", &stamp_file, &error))?;
    }
    Ok(Ready::Python(python))
}

/// Makes the environment afresh: an old one may hold packages that are not wanted any more.
fn create(root: &Path, interpreter: &OsStr, environment: &Path, may_install: bool) -> Result<(), Failure> {
    let make = Step::new("python environment", interpreter, root)
        .arguments(["-m", "venv", "--clear"])
        .arguments([environment]);
    let Err(mut failure) = make.run() else { return Ok(()) };
    // Debian ships Python without the part of `venv` that brings pip.
    if may_install {
        install_debian_python(root)?;
        return make.run();
    }
    failure.remedy.push_str("\n       on Debian and Ubuntu, first: sudo apt-get install -y python3-venv");
    Err(failure)
}

fn install(root: &Path, python: &Path) -> Result<(), Failure> {
    Step::new("python packages", python, root)
        .arguments(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
        .arguments(["--requirement", "notebooks/requirements.txt"])
        .run()
}

/// Everything that decides what the environment holds.
fn stamp(interpreter: &OsStr, root: &Path) -> Result<String, Failure> {
    let file = root.join("notebooks").join("requirements.txt");
    let requirements = fs::read_to_string(&file).map_err(|error| cannot("read", &file, &error))?;
    let described = Step::new("", interpreter, root)
        .arguments(["-c", "import sys; print(sys.executable, sys.version)"])
        .output()
        .unwrap_or_default();
    Ok(format!("{described}\n{requirements}"))
}

/// Major and minor version of a Python, `None` if there is none of that name.
fn version(interpreter: &OsStr, root: &Path) -> Option<(u32, u32)> {
    let printed = Step::new("", interpreter, root)
        .arguments(["-c", "import sys; print(sys.version_info.major, sys.version_info.minor)"])
        .output()?;
    let (major, minor) = printed.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Root on a system with apt: a container or a CI machine, where installing is what is expected.
pub fn can_install_debian_packages(root: &Path) -> bool {
    let is_root = Step::new("", "id", root).arguments(["-u"]).output().is_some_and(|id| id == "0");
    is_root && Step::new("", "apt-get", root).arguments(["--version"]).output().is_some()
}

fn install_debian_python(root: &Path) -> Result<(), Failure> {
    install_debian_packages(root, &["python3-venv"])
}

/// Installs `packages` and what they need.
pub fn install_debian_packages(root: &Path, packages: &[&str]) -> Result<(), Failure> {
    let apt = |name: &str| {
        Step::new(name, "apt-get", root).arguments(["-qq"]).variable("DEBIAN_FRONTEND", "noninteractive")
    };
    apt("list of Debian packages").arguments(["update"]).run()?;
    apt(&packages.join(", "))
        .arguments(["install", "-y", "--no-install-recommends"])
        .arguments(packages)
        .run()
}

fn cannot(verb: &str, file: &Path, error: &std::io::Error) -> Failure {
    Failure {
        what: format!("the notebooks cannot be run: failed to {verb} {}: {error}", file.display()),
        remedy: "delete notebooks/.venv and try again".to_owned(),
    }
}
