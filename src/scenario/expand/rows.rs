//! From a fleet file's columns to what each row says of its store.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Context;
use super::effects::tests_find_nothing;
use super::stores::key_of;
use super::table::{Cell, FleetTable};
use crate::scenario::diagnostics::Code;
use crate::scenario::library::bare;
use crate::scenario::reader::{Named, Problem, suggest, visible};
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
    warn_of_columns(context, table, &columns);
    if !columns.contains_key(&Attribute::Id) {
        let problem = Problem::new(Code::MissingKey, "no column is known to hold the stores' ids");
        context
            .reader
            .report(file.place, problem.help("add to [fleet.columns] for example id = \"store_id\""));
        return None;
    }
    Some(columns)
}

/// Columns that change nothing: called nearly as an attribute, or without effect in this scenario.
fn warn_of_columns(context: &Context, table: &FleetTable, columns: &Columns) {
    let is_used = |position: usize| columns.values().any(|(used, _)| *used == position);
    let is_mapped =
        |attribute: Attribute| context.written.fleet.columns.iter().any(|(known, _)| *known == attribute);
    for (position, cell) in table.header.iter().enumerate().filter(|(position, _)| !is_used(*position)) {
        let near = ATTRIBUTES.iter().find(|(attribute, key, _)| {
            cell.text != *key && bare(&cell.text) == bare(key) && !columns.contains_key(attribute)
        });
        let first = table.header.iter().position(|other| other.text == cell.text) == Some(position);
        if let Some((attribute, key, _)) = near
            && first
            && !is_mapped(*attribute)
        {
            let name = visible(&cell.text);
            let message = format!("the column `{name}` is kept as it is and says nothing of the stores");
            let help =
                format!("did you mean `{key}`? rename it, or add to [fleet.columns]: {key} = \"{name}\"");
            context.reader.report(cell.place, Problem::new(Code::NoEffect, message).help(help));
        }
    }
    if let Some((position, name)) = columns.get(&Attribute::BackupTest)
        && let Some(cell) = table.header.get(*position)
        && let Some(problem) = tests_find_nothing(context.written, &format!("the column `{}`", visible(name)))
    {
        context.reader.report(cell.place, problem);
    }
}

/// The table with what `[fleet.words]` makes of its cells; a word that no cell has is told.
pub(super) fn in_our_words<'t>(
    context: &Context,
    table: &'t FleetTable,
    columns: &Columns,
) -> Cow<'t, FleetTable> {
    let mut table = Cow::Borrowed(table);
    for word in &context.written.fleet.words {
        let mut is_there = false;
        if let Some((position, _)) = columns.get(&word.attribute) {
            let position = *position;
            let is_it =
                |cells: &Vec<Cell>| cells.get(position).is_some_and(|cell| cell.text == word.in_file.text);
            is_there = table.rows.iter().any(is_it);
        }
        if !is_there {
            let key = key_of(word.attribute);
            let message = format!("no cell of {key} in the fleet file is `{}`", visible(&word.in_file.text));
            let problem =
                Problem::new(Code::NoEffect, message).help("leave it out, or write it as the file does");
            context.reader.report(word.in_file.place, problem);
        }
    }
    if context.written.fleet.words.is_empty() {
        return table;
    }
    let meaning = |attribute: Attribute, text: &str| {
        let mut words = context.written.fleet.words.iter();
        words.find(|word| word.attribute == attribute && word.in_file.text == text).map(|word| &word.meant)
    };
    for cells in &mut table.to_mut().rows {
        for (attribute, (position, _)) in columns {
            if let Some(cell) = cells.get_mut(*position)
                && let Some(meant) = meaning(*attribute, &cell.text)
            {
                cell.text.clone_from(meant);
            }
        }
    }
    table
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
