//! Finished points on disk: one file each, named after its key, written beside its place and renamed.
//!
//! They are in a directory of their own beside the results until those are complete, then among the results; a later sweep that has
//! points in common finds them in either place. A file that is not what was written (cut short by a power failure, edited) is no
//! point: it is run again.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::report::sweep::{Measured, POINTS};
use crate::scenario::sha256;

/// Where points are kept.
#[derive(Clone, Debug)]
pub struct Store {
    /// Points of a sweep under way.
    pending: PathBuf,
    /// Points among results.
    finished: PathBuf,
}

impl Store {
    /// The points of the results that are or will be in `target`.
    #[must_use]
    pub fn of(target: &Path) -> Self {
        let mut pending = target.as_os_str().to_owned();
        pending.push(".points");
        Store { pending: PathBuf::from(pending), finished: target.join(POINTS) }
    }

    /// Where points wait until all are there.
    #[must_use]
    pub fn pending(&self) -> &Path {
        &self.pending
    }

    /// What was measured at the point with that key; `None` if it is not there.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Vec<Measured>> {
        [&self.pending, &self.finished].into_iter().find_map(|folder| read(&folder.join(file_name(key)), key))
    }

    /// The same of a sweep under way only.
    #[must_use]
    pub fn find_pending(&self, key: &str) -> Option<Vec<Measured>> {
        read(&self.pending.join(file_name(key)), key)
    }

    /// Keeps a point.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(&self, key: &str, measured: &[Measured]) -> io::Result<()> {
        fs::create_dir_all(&self.pending)?;
        let temporary = self.pending.join(format!(".{key}.{}", std::process::id()));
        let mut file = File::create(&temporary)?;
        file.write_all(point_text(key, measured)?.as_bytes())?;
        // The name must not be there before the bytes are.
        file.sync_all()?;
        drop(file);
        fs::rename(&temporary, self.pending.join(file_name(key)))
    }

    /// Removes what waits: everything of it that is named like a point, and the directory if nothing else is in it.
    pub fn clear(&self) {
        let Ok(entries) = fs::read_dir(&self.pending) else { return };
        let of_a_point = |name: &str| name.trim_start_matches('.').split('.').next().is_some_and(is_key);
        for entry in entries.flatten().filter(|entry| of_a_point(&entry.file_name().to_string_lossy())) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
        let _ = fs::remove_dir(&self.pending);
    }
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Name of the file of the point with that key.
#[must_use]
pub fn file_name(key: &str) -> String {
    format!("{key}.json")
}

/// Text of that file.
///
/// # Errors
/// None in practice: the metrics are plain values.
pub fn point_text(key: &str, measured: &[Measured]) -> io::Result<String> {
    let metrics = serde_json::to_value(measured)?;
    let digest = sha256(metrics.to_string().as_bytes());
    let mut text =
        serde_json::to_string_pretty(&json!({ "key": key, "sha256": digest, "metrics": metrics }))?;
    text.push('\n');
    Ok(text)
}

fn read(path: &Path, key: &str) -> Option<Vec<Measured>> {
    let mut point: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let metrics = point["metrics"].take();
    let is_whole = point["key"] == key && point["sha256"] == sha256(metrics.to_string().as_bytes()).as_str();
    if is_whole { serde_json::from_value(metrics).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Vec<Measured> {
        let value = |estimate, by_replication| Measured {
            group: "verdict".to_owned(),
            name: "lost".to_owned(),
            day: None,
            unit: "USD".to_owned(),
            estimate,
            low: Some(1.0 / 3.0),
            high: Some(0.1 + 0.2),
            replications: 2,
            by_replication,
        };
        vec![value(Some(5e-324), None), value(None, Some(vec![std::f64::consts::PI, 1e300]))]
    }

    #[test]
    fn what_is_kept_is_found_to_the_bit_unless_it_was_changed() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Store::of(&directory.path().join("run"));
        let key = "0123456789abcdef".repeat(4);
        assert_eq!(store.find(&key), None);
        store.keep(&key, &measured()).expect("kept");
        assert_eq!(store.find(&key), Some(measured()));
        let file = store.pending().join(file_name(&key));
        let text = fs::read_to_string(&file).expect("a file");
        for damaged in [text.replace("USD", "EUR"), text[..text.len() / 2].to_owned(), String::new()] {
            fs::write(&file, damaged).expect("writable");
            assert_eq!(store.find(&key), None);
        }
        fs::write(store.pending().join("mine.txt"), "").expect("writable");
        store.clear();
        assert!(!file.exists() && store.pending().join("mine.txt").exists());
    }
}
