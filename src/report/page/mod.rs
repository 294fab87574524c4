//! `report.html`: one file with everything in it, that a planner can mail to a director.
//!
//! Made from a results directory alone: summary, manifest and tables, never from the simulation, so `tinsel report DIR` makes it
//! again to the byte. Style and script are files of `src/report/html`, written by hand; data are one block of JSON, which the script
//! turns into text nodes, never into markup. A content security policy with the digest of each part forbids everything else, above all
//! the network.

mod answers;
mod fleet;
mod incidents;
mod losses;
mod numbers;
mod rests;
mod series;

use std::path::Path;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::output::MANIFEST;
pub use super::read::ReadError as PageError;
pub(super) use numbers::parsed;
pub(super) use rests::currency;

/// Name of the file in the results directory.
pub const PAGE: &str = "report.html";
/// Name of the summary in the results directory.
pub(super) const SUMMARY: &str = "summary.json";
/// What takes its place in the results of `tinsel compare`.
pub(super) const COMPARISON: &str = "comparison.json";
/// And in those of `tinsel uncertainty`.
pub(super) const UNCERTAINTY: &str = "uncertainty.json";
const SUMMARIES: [&str; 3] = [SUMMARY, COMPARISON, UNCERTAINTY];

const TEMPLATE: &str = include_str!("../html/page.html");
const STYLE: &str = include_str!("../html/style.css");
/// Colours on a dark ground, for those whose system is dark and for those who ask for it: CSS has no way to say that once.
const DARK: &str = include_str!("../html/dark.css");
/// In the order in which they are run.
const SCRIPTS: [&str; 9] = [
    include_str!("../html/base.js"),
    include_str!("../html/series.js"),
    include_str!("../html/table.js"),
    include_str!("../html/map.js"),
    include_str!("../html/incidents.js"),
    include_str!("../html/losses.js"),
    include_str!("../html/answers.js"),
    include_str!("../html/rests.js"),
    include_str!("../html/main.js"),
];

/// The page of the results in `directory`, from its files, with what the results of `tinsel uncertainty` in another say of the inputs.
///
/// # Errors
/// If one is not a results directory, a file in it cannot be read, or the two are not of one scenario and seed.
pub fn page_of(directory: &Path, uncertainty: Option<&Path>) -> Result<String, PageError> {
    let summary = SUMMARIES.iter().find(|name| directory.join(name).is_file()).unwrap_or(&SUMMARY);
    let (summary, manifest) = (json_file(directory, summary)?, json_file(directory, MANIFEST)?);
    let Some(other) = uncertainty else { return page(directory, &summary, &manifest) };
    let extra = json_file(other, UNCERTAINTY)?;
    let theirs = json_file(other, MANIFEST)?;
    if theirs["seed"] != manifest["seed"] || theirs["scenario"] != manifest["scenario"] {
        return Err(PageError::Unlike { directory: directory.to_owned(), other: other.to_owned() });
    }
    with_uncertainty(directory, &summary, &manifest, &extra)
}

/// The page of tables in `directory`, with that summary and manifest (of which it does not look at `outputs`).
///
/// # Errors
/// If a table cannot be read.
pub fn page(directory: &Path, summary: &Value, manifest: &Value) -> Result<String, PageError> {
    with_uncertainty(directory, summary, manifest, &Value::Null)
}

/// The same, with what `tinsel uncertainty` found (its JSON), or null.
fn with_uncertainty(
    directory: &Path,
    summary: &Value,
    manifest: &Value,
    extra: &Value,
) -> Result<String, PageError> {
    let data = data(directory, summary, manifest, extra)?;
    let title = escaped(&title(summary));
    let sentences: String =
        sentences(summary).iter().map(|sentence| format!("<p>{}</p>\n", escaped(sentence))).collect();
    let style = STYLE.replace("@@dark@@", DARK.trim_end());
    let script = SCRIPTS.concat();
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        digest(&style),
        digest(&script)
    );
    let mut page = String::with_capacity(1 << 20);
    // Split, not replaced, so that nothing of what is put in is looked at again.
    for (index, piece) in TEMPLATE.split("@@").enumerate() {
        page.push_str(match (index % 2, piece) {
            (0, text) => text,
            (_, "policy") => &policy,
            (_, "title") => &title,
            (_, "verdict") => &sentences,
            (_, "style") => &style,
            (_, "data") => &data,
            (_, "script") => &script,
            (_, unknown) => unreachable!("the template has no `{unknown}`"),
        });
    }
    Ok(page)
}

/// Everything the script shows, as JSON that may stand in a `script` element.
fn data(directory: &Path, summary: &Value, manifest: &Value, extra: &Value) -> Result<String, PageError> {
    let fleet = fleet::read(directory)?;
    let mut data = Map::new();
    let mut put = |key: &str, value: Value| data.insert(key.to_owned(), value);
    put(
        "about",
        json!({
            "scenario": title(summary),
            "first_day": manifest["scenario"]["first_day"],
            "last_day": manifest["scenario"]["last_day"],
            "stores": manifest["scenario"]["stores"],
            "seed": manifest["seed"],
            "replications": manifest["replications"],
            "version": manifest["version"],
            "results_version": manifest["results_version"],
            "timezone_database": manifest["timezone_database"],
            "inputs": manifest["inputs"],
            "drawn": manifest["drawn_stores"],
            "reproduce": manifest["reproduce"],
            "currency": rests::currency(manifest),
            "zone": fleet.zone,
        }),
    );
    put("groups", summary["groups"].clone());
    put("drill", if summary["fault"].is_null() { Value::Null } else { summary.clone() });
    put("sizing", answers::sizing(directory, summary)?);
    put("comparison", answers::comparison(summary));
    put("uncertainty", answers::uncertainty(if extra.is_null() { summary } else { extra }));
    put("heat", answers::heat(directory)?);
    put("timeline", series::timeline(directory)?);
    put("services", series::services(directory)?);
    put("noc", series::noc(directory)?);
    put("incidents", incidents::read(directory, &fleet)?);
    put("curves", incidents::curves(directory)?);
    put("losses", losses::read(directory)?);
    put("cells", losses::cells(directory)?);
    put("drilled", incidents::drilled(directory)?);
    put("rests", rests::settings(manifest));
    put("sources", rests::sources(manifest));
    put("map", fleet.map);
    put("stores", fleet.columns);
    // `<` starts every tag and every comment; as an escape it starts none.
    Ok(Value::Object(data).to_string().replace('<', "\\u003c"))
}

/// What the page is about.
fn title(summary: &Value) -> String {
    let word = |key: &str| summary[key].as_str().unwrap_or_default();
    if summary["second"].is_null() {
        word("scenario").to_owned()
    } else {
        format!("{} or {}", word("first"), word("second"))
    }
}

/// The verdict, for readers whose browser runs no script as well.
fn sentences(summary: &Value) -> Vec<&str> {
    summary["verdict"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A file of JSON in a results directory.
pub(super) fn json_file(directory: &Path, name: &str) -> Result<Value, PageError> {
    let path = directory.join(name);
    let failed = |why: String| PageError::Unreadable { path: path.clone(), why };
    let bytes = std::fs::read(&path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}

/// `text` as the content of an element or of a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// SHA-256 in Base64 (RFC 4648), as a content security policy wants it.
fn digest(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(44);
    for three in Sha256::digest(text).chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= three.len() { digit as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_base64() {
        // printf '' | openssl dgst -sha256 -binary | base64
        assert_eq!(digest(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(digest("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escaped("<a b='\"&'>"), "&lt;a b=&#39;&quot;&amp;&#39;&gt;");
    }
}
