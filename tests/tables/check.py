"""Reads every table of a results directory as analysts do: DuckDB, polars and pandas.

    python tests/tables/check.py DIRECTORY...

Each directory was written with `--format csv,parquet`. Parquet and CSV must hold the same, in DuckDB's eyes and
in polars'; totals must agree with `summary.json`; no cell of a CSV file may run as a formula in a spreadsheet. Fails at the
first directory where something is wrong.
"""

import csv
import json
import pathlib
import sys

import duckdb
import pandas
import polars

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def unguarded(cell):
    """The text of a guarded CSV cell, as docs/data-dictionary.md says."""
    rest = cell[1:]
    return rest if cell.startswith("'") and rest.lstrip("'").startswith(FORMULA) else cell


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def check_table(database, path):
    """Compares `path`, a Parquet file, with its CSV. Returns the number of rows."""
    text = path.with_suffix(".csv")
    parquet = database.read_parquet(str(path))
    # Types from Parquet, so that what is compared is the content and not what a reader guesses.
    types = dict(zip(parquet.columns, map(str, parquet.types)))
    texts = [name for name, kind in types.items() if kind == "VARCHAR"]
    from_csv = database.read_csv(str(text), dtype=types, header=True)
    assert from_csv.columns == parquet.columns, (path, from_csv.columns, parquet.columns)

    left, right = parquet.fetchall(), from_csv.fetchall()
    assert len(left) == len(right), (path, len(left), len(right))
    positions = {parquet.columns.index(name) for name in texts}
    for one, other in zip(left, right):
        for position, (a, b) in enumerate(zip(one, other)):
            b = unguarded(b) if position in positions and b is not None else b
            assert a == b, (path, parquet.columns[position], a, b)

    # Another reader, by itself: heights, names, and sums of what is a number.
    frame = polars.read_parquet(path)
    assert frame.columns == parquet.columns and frame.height == len(left), path
    pandas_frame = pandas.read_parquet(path)
    assert list(pandas_frame.columns) == parquet.columns and len(pandas_frame) == len(left), path
    for name, kind in types.items():
        if kind in ("BIGINT", "DOUBLE", "TINYINT") and left:
            duck = sum(row[parquet.columns.index(name)] or 0 for row in left)
            tolerance = 1e-9 * max(1.0, abs(duck))
            assert abs((frame[name].sum() or 0) - duck) <= tolerance, (path, name)
            assert abs(pandas_frame[name].sum() - duck) <= tolerance, (path, name)

    with open(text, newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            for cell in row:
                assert not cell.startswith(FORMULA) or is_number(cell), (text, cell)
    return len(left)


def check_totals(database, directory, summary):
    """Totals of the tables against the summary's means over replications."""
    replications = summary["replications"]
    metrics = {}
    for group, members in summary["groups"].items():
        metrics.update({(group, metric["name"], metric["day"]): metric["estimate"] for metric in members})

    def total(table, what, where="true"):
        query = f"SELECT coalesce(sum({what}), 0) FROM '{directory}/{table}.parquet' WHERE {where}"
        return float(database.execute(query).fetchall()[0][0]) / replications

    expected = {
        ("verdict", "lost_sales_network", None): total("stores", "lost_sales_network_usd"),
        ("customers", "customers", None): total("stores", "customers"),
        ("payments", "payments", None): total("stores", "payments"),
    }
    days = database.execute(f"SELECT DISTINCT date FROM '{directory}/stores_daily.parquet'").fetchall()
    for (day,) in days:
        key = ("verdict", "stores_dark_5min", str(day))
        expected[key] = total("stores_daily", "gap_over_5min", f"date = '{day}'")
    compared = 0
    for key, value in expected.items():
        if key in metrics:
            assert abs(metrics[key] - value) <= 1e-9 * max(1.0, abs(value)), (directory, key, metrics[key], value)
            compared += 1
    assert compared >= len(days) + 2, (directory, "the summary has other names", sorted(metrics))
    lost = total("attribution", "lost_sales_usd")
    assert abs(lost - expected[("verdict", "lost_sales_network", None)]) < 0.005, directory


def check(directory):
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    tables = sorted(directory.glob("*.parquet"))
    assert tables, f"{directory} has no Parquet files"
    rows = [check_table(database, table) for table in tables]
    summary = json.loads((directory / "summary.json").read_text(encoding="utf-8"))
    if "groups" in summary:
        check_totals(database, directory, summary)
    print(f"{directory}: {len(tables)} tables, {sum(rows)} rows: Parquet, CSV and summary agree")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        check(pathlib.Path(name))
