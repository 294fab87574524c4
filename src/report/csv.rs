//! Tables as CSV: comma, line feed, quotes where needed, UTF-8, a heading.

use std::io;

use super::field::Cell;
use super::tables::{Sink, Table};

/// A CSV file that is being written.
pub struct CsvSink<W: io::Write> {
    writer: csv::Writer<W>,
    characters: Vec<u8>,
}

impl<W: io::Write> CsvSink<W> {
    /// Writes the heading of `table` to `out`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new<R>(out: W, table: &Table<R>) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(out);
        writer.write_record(table.columns.iter().map(|column| column.name.as_bytes()))?;
        Ok(CsvSink { writer, characters: Vec::with_capacity(64) })
    }
}

impl<W: io::Write> Sink for CsvSink<W> {
    fn cell(&mut self, _: usize, cell: &Cell) -> io::Result<()> {
        self.characters.clear();
        cell.write_csv(&mut self.characters);
        Ok(self.writer.write_field(&self.characters)?)
    }

    fn end_row(&mut self) -> io::Result<()> {
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
