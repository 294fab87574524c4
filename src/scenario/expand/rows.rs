//! From a fleet file's columns to what each row says of its store.

use std::collections::BTreeMap;

use super::Context;
use super::table::{Cell, FleetTable};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem, suggest};
use crate::scenario::sections::fleet::{ATTRIBUTES, Attribute};
use crate::scenario::tree::Place;

/// Which attributes have a column: its position and its name.
pub(super) type Columns = BTreeMap<Attribute, (usize, String)>;

/// What is known of a store from its row.
pub(super) struct Row<'t> {
    pub id: String,
    pub place: Place,
    pub cells: BTreeMap<Attribute, &'t Cell>,
    /// Which attributes have a column, and what it is called.
    pub columns: &'t Columns,
    pub extra: Vec<(String, String)>,
}

/// No more problems with cells than this are listed.
const CELL_PROBLEMS_MAX: usize = 50;
/// Reports problems with cells, the first of them in full.
pub(super) fn report_cells(context: &Context, problems: Vec<(Place, Problem)>) {
    let count = problems.len();
    for (index, (place, problem)) in problems.into_iter().enumerate() {
        if index < CELL_PROBLEMS_MAX {
            context.reader.report(place, problem);
        } else {
            let more = count - CELL_PROBLEMS_MAX;
            context
                .reader
                .report(place, Problem::new(Code::BadCell, format!("and {more} more problems in this file")));
            return;
        }
    }
}

/// The position of each attribute's column.
pub(super) fn find_columns(context: &Context, table: &FleetTable, file: &Named) -> Option<Columns> {
    let names = || table.header.iter().map(|cell| cell.text.as_str());
    let mut columns = BTreeMap::new();
    for (position, cell) in table.header.iter().enumerate() {
        let twice = table.header[..position].iter().any(|other| other.text == cell.text);
        if twice {
            let message = format!("the second column called `{}` is not read", cell.text);
            let problem = Problem::new(Code::NoEffect, message).help("rename one, or leave it out");
            context.reader.report(cell.place, problem);
        }
    }
    for (attribute, column) in &context.written.fleet.columns {
        // An empty name: the file has no such column, whatever its columns are called.
        if column.text.is_empty() {
            continue;
        }
        if let Some(position) = names().position(|name| name == column.text) {
            columns.insert(*attribute, (position, column.text.clone()));
            continue;
        }
        let message = format!("the fleet file {} has no column `{}`", file.text, column.text);
        let help = match suggest(&column.text, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its columns: {}", names().collect::<Vec<_>>().join(", ")),
        };
        context.reader.report(column.place, Problem::new(Code::BadTable, message).help(help));
    }
    // A column called as the attribute's key needs no mapping.
    for (attribute, key, _) in ATTRIBUTES {
        let mapped = context.written.fleet.columns.iter().any(|(known, _)| known == attribute);
        if let (false, Some(position)) = (mapped, names().position(|name| name == *key)) {
            columns.insert(*attribute, (position, (*key).to_owned()));
        }
    }
    if !columns.contains_key(&Attribute::Id) {
        let problem = Problem::new(Code::MissingKey, "no column is known to hold the stores' ids");
        context
            .reader
            .report(file.place, problem.help("add to [fleet.columns] for example id = \"store_id\""));
        return None;
    }
    Some(columns)
}

/// What one line of the file gives; `None` if it is too short to have an id.
pub(super) fn row_of<'t>(table: &FleetTable, cells: &'t [Cell], columns: &'t Columns) -> Option<Row<'t>> {
    let id = cells.get(columns.get(&Attribute::Id)?.0)?;
    let given = columns.iter().filter_map(|(attribute, (position, _))| {
        let cell = cells.get(*position)?;
        (!cell.text.is_empty()).then_some((*attribute, cell))
    });
    let others = table.header.iter().zip(cells).enumerate();
    let extra = others.filter(|(position, _)| !columns.values().any(|(used, _)| used == position));
    Some(Row {
        id: id.text.clone(),
        place: id.place,
        cells: given.collect(),
        columns,
        extra: extra.map(|(_, (name, cell))| (name.text.clone(), cell.text.clone())).collect(),
    })
}
