//! The profiles there are, without a scenario that uses them: for listings and for closed forms.

use std::path::Path;

use super::reader::{Reader, Section};
use super::resolved::Profile;
use super::sections::profiles;
use super::{LoadOptions, Rejected, catalogue, nowhere, profile_files, user_tree};

/// All built-in profiles in name order, read as those of a scenario are.
#[must_use]
pub fn library() -> Vec<Profile> {
    let mut reader = Reader::default();
    let place = nowhere(&mut reader.sources);
    let builtin = catalogue(&mut reader.sources);
    let root = Section::root(&reader, place, builtin.iter());
    read(&root)
}

/// All profiles that the scenario at `path` can name, in name order: its own over those of its `profile_files` over the
/// built-in ones, used or not. Nothing else in the scenario is looked at.
///
/// # Errors
/// If the file cannot be read, or if one of its profiles has any error: then all are reported.
pub fn profiles_in_scenario(path: &Path) -> Result<Vec<Profile>, Rejected> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| Rejected::Io { path: name.clone(), source })?;
    let mut reader = Reader::default();
    let user = user_tree(&mut reader, &name, bytes, &LoadOptions::default())
        .map_err(|problem| Rejected::Invalid(vec![*problem]))?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let files = profile_files::read(&mut reader, &user, directory, &mut Vec::new());
    let builtin = catalogue(&mut reader.sources);
    let root = Section::root(&reader, user.place, std::iter::once(&user).chain(&files).chain(&builtin));
    let profiles = read(&root);
    if reader.has_errors() {
        return Err(Rejected::Invalid(reader.take_diagnostics()));
    }
    Ok(profiles)
}

fn read(root: &Section) -> Vec<Profile> {
    root.catalogue("profiles", profiles::DOC, profiles::read).into_values().collect()
}

/// Letters and digits, small: what is left of a name that is written otherwise.
pub(crate) fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name among `known` that `word` most probably was meant to be.
#[must_use]
pub fn nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    super::reader::suggest(word, known)
}
