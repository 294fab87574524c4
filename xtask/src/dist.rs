//! `cargo xtask dist`: an archive for people without Rust.
//!
//! One program, as static as the platform allows, with completions, manual pages, scenarios, licences and the list of what is in it.
//! The archive's bytes depend on the sources and the toolchain alone (no times, no owners), and it is tried before it is called good:
//! unpacked elsewhere, it must run a scenario.

use std::fs;
use std::path::{Path, PathBuf};

use crate::checks::target_directory;
use crate::step::{Failure, Step};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];
/// Files and folders of the repository that go along.
const ALONG: [&str; 6] =
    ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "scenarios", "schemas"];

/// Makes `target/dist/tinsel-VERSION-TARGET.tar.gz` and its digest.
pub fn run(root: &Path) -> Result<(), Failure> {
    let target = host(root)?;
    let place = target_directory(root).join("dist");
    let program = build(root, &target)?;
    let version = Step::new("", &program, root).arguments(["--version"]).output().unwrap_or_default();
    let version = version.split_whitespace().last().unwrap_or("unknown").to_owned();
    let name = format!("tinsel-{version}-{target}");
    let folder = place.join(&name);
    let _ = fs::remove_dir_all(&folder);
    fill(root, &program, &folder)?;
    let archive = place.join(format!("{name}.tar.gz"));
    Step::new("archive", "tar", &place)
        .arguments(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"])
        .arguments(["--use-compress-program=gzip -n -9", "--create", "--file"])
        .arguments([archive.as_path()])
        .arguments([&name])
        .run()?;
    try_out(&place, &archive, &name)?;
    let digest = Step::new("", "sha256sum", &place).arguments([format!("{name}.tar.gz")]).output();
    let digest = digest.ok_or_else(|| failure("sha256sum is missing", "install coreutils"))?;
    write(&place.join(format!("{name}.tar.gz.sha256")), &format!("{digest}\n"))?;
    let bytes = fs::metadata(&archive).map_or(0, |data| data.len());
    println!("\nxtask: {} ({:.1} MB)\n       {digest}", archive.display(), bytes as f64 / 1e6);
    Ok(())
}

/// Has the linter look at the container file: `python` is the one in whose environment it is.
pub fn lint(root: &Path, python: &Path) -> Result<(), Failure> {
    let linter = python.with_file_name(if cfg!(windows) { "hadolint.exe" } else { "hadolint" });
    Step::new("container file", linter, root)
        .arguments(["--failure-threshold", "info", "Containerfile"])
        .run()
}

/// The platform that this compiler builds for.
fn host(root: &Path) -> Result<String, Failure> {
    let printed = Step::new("", "rustc", root).arguments(["-vV"]).output().unwrap_or_default();
    let host = printed.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| failure("rustc does not say its host", "look at `rustc -vV`"))
}

fn build(root: &Path, target: &str) -> Result<PathBuf, Failure> {
    // The C library of Linux goes into the program, so that it runs on any Linux of this processor.
    let flags = if target.contains("linux") { "-C target-feature=+crt-static" } else { "" };
    Step::cargo("program", root)
        .arguments(["build", "--locked", "--profile", "dist", "--package", "tinsel", "--target", target])
        .variable("RUSTFLAGS", flags)
        .run()?;
    let file = if target.contains("windows") { "tinsel.exe" } else { "tinsel" };
    Ok(target_directory(root).join(target).join("dist").join(file))
}

/// Everything that goes into the archive.
fn fill(root: &Path, program: &Path, folder: &Path) -> Result<(), Failure> {
    let completions = folder.join("completions");
    make(&completions)?;
    copy(program, &folder.join(program.file_name().unwrap_or_default()))?;
    for shell in SHELLS {
        let script = Step::new("", program, root).arguments(["completions", shell]).output();
        let script =
            script.ok_or_else(|| failure("completions cannot be made", "run `tinsel completions bash`"))?;
        write(&completions.join(format!("tinsel.{shell}")), &format!("{script}\n"))?;
    }
    Step::new("manual pages", program, root)
        .arguments(["man", "--out"])
        .arguments([folder.join("man")])
        .run()?;
    for name in ALONG {
        copy_all(&root.join(name), &folder.join(name))?;
    }
    let tree = [
        "tree",
        "--locked",
        "--package",
        "tinsel",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}: {l}",
    ];
    let parts = Step::cargo("", root).arguments(tree).output().unwrap_or_default();
    let mut parts: Vec<&str> = parts.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    parts.retain(|line| !line.starts_with("tinsel "));
    parts.sort_unstable();
    parts.dedup();
    let head = "What is in the program besides tinsel, and under which licence. Sources: crates.io.\n\n";
    write(&folder.join("THIRD-PARTY.txt"), &format!("{head}{}\n", parts.join("\n")))
}

/// Unpacks the archive elsewhere and has the program run a scenario that came with it.
fn try_out(place: &Path, archive: &Path, name: &str) -> Result<(), Failure> {
    let elsewhere = place.join("tried");
    let _ = fs::remove_dir_all(&elsewhere);
    make(&elsewhere)?;
    Step::new("unpack", "tar", &elsewhere).arguments(["--extract", "--file"]).arguments([archive]).run()?;
    let unpacked = elsewhere.join(name);
    Step::new("try", unpacked.join("tinsel"), &unpacked)
        .arguments(["run", "scenarios/north-pole.toml", "--quiet", "--out", "../results"])
        .run()
}

fn copy_all(from: &Path, to: &Path) -> Result<(), Failure> {
    if !from.is_dir() {
        return copy(from, to);
    }
    make(to)?;
    let entries = fs::read_dir(from).map_err(|error| cannot("read", from, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| cannot("read", from, &error))?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to).map(drop).map_err(|error| cannot("copy", from, &error))
}

fn make(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| cannot("make", folder, &error))
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| cannot("write", file, &error))
}

fn cannot(verb: &str, path: &Path, error: &std::io::Error) -> Failure {
    failure(&format!("failed to {verb} {}: {error}", path.display()), "check the place and the free space")
}

fn failure(what: &str, remedy: &str) -> Failure {
    Failure { what: what.to_owned(), remedy: remedy.to_owned() }
}
