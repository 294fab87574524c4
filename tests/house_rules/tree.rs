//! The repository's own text files, read once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

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

/// The contents of the file at `path`.
pub fn text(path: &str) -> &'static str {
    let file = all().find(|file| file.path == path);
    &file.unwrap_or_else(|| panic!("{path} is missing")).text
}

fn read_all() -> Vec<File> {
    let mut files = Vec::new();
    let mut directories = vec![PathBuf::new()];
    while let Some(directory) = directories.pop() {
        let entries =
            fs::read_dir(root().join(&directory)).expect("a directory of the repository can be read");
        for entry in entries {
            let entry = entry.expect("an entry of a directory of the repository can be read");
            if MADE.iter().any(|made| entry.file_name() == *made) {
                continue;
            }
            let path = directory.join(entry.file_name());
            let kind = entry.file_type().expect("an entry has a type");
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

/// The file at `path`, `None` if it is not text.
fn read(path: &Path) -> Option<File> {
    let bytes = fs::read(root().join(path)).expect("a file of the repository can be read");
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    Some(File { path: parts.join("/"), text })
}
