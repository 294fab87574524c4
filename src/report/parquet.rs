//! Tables as Apache Parquet: the same rows and columns as the CSV, as typed values.
//!
//! Physical types follow from [`Kind`] alone: whole numbers INT64, decimals DOUBLE (the one nearest to the CSV's digits,
//! so a reader of either file gets the same bits), `0 or 1` INT32 as an 8-bit integer, dates DATE, instants in UTC TIMESTAMP in
//! milliseconds, everything else UTF-8. An empty cell is null; a column that is never empty is REQUIRED, but for text.
//! Text stands as it was given: the apostrophe that keeps a spreadsheet from running a cell belongs to CSV.
//!
//! The file's key-value metadata hold the table's section of the data dictionary under `tinsel:dictionary`. Snappy compression;
//! bytes depend on the rows alone.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::field::{Cell, Value};
use super::tables::{Column, Kind, Sink, Table};

/// Rows per row group: what is held in memory, about 60 MB of a wide table.
const ROW_GROUP: usize = 1 << 17;

/// Key of the metadata entry with the data dictionary.
pub const DICTIONARY_KEY: &str = "tinsel:dictionary";

/// The values of one column since the last row group.
struct Buffer {
    name: String,
    kind: Kind,
    required: bool,
    values: Values,
    /// 1 where there is a value, 0 where there is none; unused if `required`.
    levels: Vec<i16>,
}

enum Values {
    Long(Vec<i64>),
    Short(Vec<i32>),
    Double(Vec<f64>),
    Text(Vec<ByteArray>),
}

/// A Parquet file that is being written.
pub struct ParquetSink<W: io::Write + Send> {
    /// `None` once it is finished.
    writer: Option<SerializedFileWriter<W>>,
    buffers: Vec<Buffer>,
    rows: usize,
}

impl<W: io::Write + Send> ParquetSink<W> {
    /// Begins a file of `table` on `out`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new<R>(out: W, table: &Table<R>) -> io::Result<Self> {
        let buffers: Vec<Buffer> = table.columns.iter().map(Buffer::new).collect();
        let fields = buffers.iter().map(|buffer| buffer.schema().map(Arc::new));
        let fields = fields.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let schema = Type::group_type_builder("table").with_fields(fields).build().map_err(failed)?;
        let dictionary = KeyValue::new(DICTIONARY_KEY.to_owned(), table.section());
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(vec![dictionary]))
            .build();
        let writer =
            SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        Ok(ParquetSink { writer: Some(writer), buffers, rows: 0 })
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(writer) = self.writer.as_mut().filter(|_| self.rows > 0) else { return Ok(()) };
        let mut group = writer.next_row_group().map_err(failed)?;
        for buffer in &mut self.buffers {
            let column = group.next_column().map_err(failed)?.expect("one column for each buffer");
            buffer.flush(column).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.rows = 0;
        Ok(())
    }
}

impl<W: io::Write + Send> Sink for ParquetSink<W> {
    fn cell(&mut self, column: usize, cell: &Cell) -> io::Result<()> {
        self.buffers[column].push(cell)
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.rows += 1;
        if self.rows == ROW_GROUP { self.flush() } else { Ok(()) }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        match self.writer.take() {
            Some(writer) => writer.close().map(drop).map_err(failed),
            None => Ok(()),
        }
    }
}

impl Buffer {
    fn new<R>(column: &Column<R>) -> Self {
        let values = match column.kind {
            Kind::Integer | Kind::Timestamp => Values::Long(Vec::new()),
            Kind::Decimal => Values::Double(Vec::new()),
            Kind::Flag | Kind::Date => Values::Short(Vec::new()),
            Kind::Text | Kind::LocalTime => Values::Text(Vec::new()),
        };
        let required = column.empty.is_empty() && column.kind != Kind::Text;
        let name = column.name.clone().into_owned();
        Buffer { name, kind: column.kind, required, values, levels: Vec::new() }
    }

    fn schema(&self) -> Result<Type, ParquetError> {
        let (physical, logical) = match self.kind {
            Kind::Integer => (Physical::INT64, None),
            Kind::Decimal => (Physical::DOUBLE, None),
            Kind::Flag => (Physical::INT32, Some(LogicalType::integer(8, true))),
            Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
            Kind::Timestamp => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
            Kind::Text | Kind::LocalTime => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let repetition = if self.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        Type::primitive_type_builder(&self.name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()
    }

    fn push(&mut self, cell: &Cell) -> io::Result<()> {
        // An empty text and no text are the same cell in CSV, so they are here.
        let empty = match cell.value() {
            Value::Empty => true,
            Value::Text => cell.text().is_empty(),
            Value::Integer(_)
            | Value::Fixed { .. }
            | Value::Float(_)
            | Value::Flag(_)
            | Value::Instant(_) => false,
        };
        if empty {
            self.levels.push(0);
            let allowed = !self.required;
            return if allowed { Ok(()) } else { Err(self.contradicted("is empty")) };
        }
        let taken = match (&mut self.values, cell.value()) {
            (Values::Long(longs), Value::Integer(value)) => {
                i64::try_from(value).map(|value| longs.push(value)).is_ok()
            }
            (Values::Long(longs), Value::Fixed { units, decimals: 0 }) => {
                longs.push(units);
                true
            }
            (Values::Long(longs), Value::Instant(at)) => {
                i64::try_from(at.as_nanos() / 1_000_000).map(|millis| longs.push(millis)).is_ok()
            }
            (Values::Short(shorts), Value::Flag(value)) => {
                shorts.push(value.into());
                true
            }
            (Values::Short(shorts), Value::Text) => {
                cell.text().parse().map(|date| shorts.push(days_since_1970(date))).is_ok()
            }
            (Values::Double(doubles), Value::Fixed { units, decimals }) => {
                // Both are exact up to 2^53 and 10^22, and a quotient of doubles is correctly rounded, as a reader of digits is.
                doubles.push(units as f64 / 10_u64.pow(decimals) as f64);
                true
            }
            (Values::Double(doubles), Value::Float(value)) => {
                doubles.push(value);
                true
            }
            (Values::Text(texts), Value::Text) => {
                texts.push(ByteArray::from(cell.text()));
                true
            }
            (Values::Long(_) | Values::Short(_) | Values::Double(_) | Values::Text(_), _) => false,
        };
        self.levels.push(1);
        if taken { Ok(()) } else { Err(self.contradicted(&format!("holds {:?}", cell.value()))) }
    }

    fn flush(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = (!self.required).then_some(self.levels.as_slice());
        match &mut self.values {
            Values::Long(values) => {
                column.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Short(values) => {
                column.typed::<Int32Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Double(values) => {
                column.typed::<DoubleType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Text(values) => {
                column.typed::<ByteArrayType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        column.close()
    }

    /// What is written is not what the column's definition says: a bug of tinsel.
    fn contradicted(&self, how: &str) -> io::Error {
        let what = format!("column `{}` {how}, which its definition excludes (a bug of tinsel)", self.name);
        io::Error::other(what)
    }
}

fn days_since_1970(date: jiff::civil::Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since((jiff::Unit::Day, epoch)).map_or(0, |span| span.get_days())
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}
