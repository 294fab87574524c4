//! `tinsel report`: the page of results that are there already.

use std::path::PathBuf;

use clap::Args;

use super::exit::Failure;
use crate::report::ReportError;
use crate::report::page::page_of;
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

/// Whether a file that is there is a page that may be made again.
fn is_page(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64 << 10)];
    bytes.is_empty()
        || (head.starts_with(b"<!doctype html>") && head.windows(15).any(|part| part == b"tinsel</title>\n"))
}
