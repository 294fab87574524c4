//! The repository's own text files, read once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::lexer;

/// A text file of the repository.
#[derive(Debug)]
pub struct File {
    /// Path from the root, with `/` on every platform.
    pub path: String,
    /// Contents.
    pub text: String,
}

/// Names of what was made, not written: what `.gitignore` leaves out, and git's own.
const MADE: [&str; 8] = [
    ".git",
    "target",
    "results",
    ".venv",
    "node_modules",
    "__pycache__",
    ".ipynb_checkpoints",
    ".pytest_cache",
];

/// The repository's root: where cargo says it is now, or else where it was when this test was compiled.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
    })
}

/// Every text file, in path order.
pub fn all() -> impl Iterator<Item = &'static File> {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(read_all).iter()
}

/// Every Rust file, in path order.
pub fn rust() -> impl Iterator<Item = &'static File> {
    all().filter(|file| file.path.ends_with(".rs"))
}

/// Whether `file` is compiled for tests only: below `tests/`, or a module that its parent declares so.
pub fn is_for_tests(file: &File) -> bool {
    let Some((directory, name)) = file.path.rsplit_once('/') else { return false };
    let name = name.trim_end_matches(".rs");
    let parents = [format!("{directory}.rs"), format!("{directory}/mod.rs"), format!("{directory}/lib.rs")];
    let declared = |parent: &File| lexer::test_files(&lexer::tokens(&parent.text)).contains(&name);
    directory.starts_with("tests") || rust().any(|parent| parents.contains(&parent.path) && declared(parent))
}

/// The contents of the file at `path`.
pub fn text(path: &str) -> &'static str {
    let file = all().find(|file| file.path == path);
    &file.unwrap_or_else(|| panic!("{path} is missing")).text
}

fn read_all() -> Vec<File> {
    let mut files = Vec::new();
    let mut directories = vec![PathBuf::new()];
    while let Some(directory) = directories.pop() {
        let entries = still_there(fs::read_dir(root().join(&directory)));
        for entry in entries.into_iter().flatten().filter_map(still_there) {
            if MADE.iter().any(|made| entry.file_name() == *made) {
                continue;
            }
            let path = directory.join(entry.file_name());
            let Some(kind) = still_there(entry.file_type()) else { continue };
            if kind.is_dir() {
                directories.push(path);
            } else if kind.is_file() {
                files.extend(read(&path));
            }
        }
    }
    files.extend(read(Path::new("results/README.md")));
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

/// The file at `path`; `None` if it is not text.
fn read(path: &Path) -> Option<File> {
    let bytes = still_there(fs::read(root().join(path)))?;
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    Some(File { path: parts.join("/"), text })
}

/// `None` for what has vanished since it was listed: other tests run at the same time and clean up.
fn still_there<T>(result: io::Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => panic!("the repository cannot be read: {error}"),
    }
}
