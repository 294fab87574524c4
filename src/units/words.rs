//! Words of a closed vocabulary that have been written to a file and come back.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer};

/// A word that the program knows as a constant. (By this name because a derived reader takes a plain `&'static str` for
/// something to be borrowed from what is read.)
pub type Word = &'static str;

/// Reads a word that the program knows as a constant.
///
/// Rows hold such words as `&'static str`. Each word that comes back from a file is kept once for as long as the process
/// lives: as many as the vocabulary has, however many rows are read.
///
/// # Errors
/// If there is no text to read.
pub fn constant<'de, D: Deserializer<'de>>(input: D) -> Result<Word, D::Error> {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let word = String::deserialize(input)?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(&same) = known.get(word.as_str()) {
        return Ok(same);
    }
    let word: &'static str = Box::leak(word.into_boxed_str());
    known.insert(word);
    Ok(word)
}
