//! `tinsel report`: the page of results that are there already.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Failure;
use crate::report::ReportError;
use crate::report::output::MANIFEST;
use crate::report::page::page_of;
use crate::report::read::absent;
use crate::report::write::renew_page;

#[derive(Args, Debug)]
pub(super) struct ReportArgs {
    /// Directory that `tinsel run`, `drill`, `size`, `compare` or `uncertainty` has written.
    directory: PathBuf,
    /// File to write instead of report.html in that directory.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Results of `tinsel uncertainty` on the same scenario: adds its tornado, and switch values to what the page rests on.
    #[arg(long, value_name = "DIR")]
    uncertainty: Option<PathBuf>,
}

/// Makes the page from the files in the directory and writes it.
pub(super) fn report(args: &ReportArgs) -> Result<(), Failure> {
    for directory in [Some(&args.directory), args.uncertainty.as_ref()].into_iter().flatten() {
        super::warn(&lacking(directory));
    }
    match &args.out {
        Some(file) => {
            if let Ok(there) = std::fs::read(file)
                && !is_page(&there)
            {
                return Err(Failure::Unexpected(format!(
                    "`{}` is no page of tinsel's: it is left as it is; name another file, or remove it",
                    file.display()
                )));
            }
            let page = page_of(&args.directory, args.uncertainty.as_deref()).map_err(ReportError::from)?;
            std::fs::write(file, page).map_err(|error| {
                Failure::Unexpected(format!("failed to write `{}`: {error}; check the place", file.display()))
            })
        }
        None => Ok(renew_page(&args.directory, args.uncertainty.as_deref())?),
    }
}

/// What to say of tables that the manifest lists and that the page has to do without; nothing if all are as they were written.
fn lacking(directory: &Path) -> String {
    // Results without a manifest that can be read are no results, which is said when the page is made.
    let bytes = std::fs::read(directory.join(MANIFEST)).unwrap_or_default();
    let manifest = serde_json::from_slice(&bytes).unwrap_or_default();
    let mut text = String::new();
    for table in absent(directory, &manifest) {
        let path = directory.join(&table.file);
        let what = match table.is_changed {
            true => "is not what was written: the page shows what is there now",
            false => "is missing: the page lacks what it would show of it",
        };
        let _ = writeln!(text, "warning: `{}` {what}", path.display());
    }
    if !text.is_empty() {
        text.push_str("help: `reproduce` in manifest.json is the command that writes them again\n");
    }
    text
}

/// Whether a file that is there is a page that may be made again.
fn is_page(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64 << 10)];
    bytes.is_empty()
        || (head.starts_with(b"<!doctype html>") && head.windows(15).any(|part| part == b"tinsel</title>\n"))
}
