"""Reads every table of a results directory as analysts do: DuckDB, polars and pandas.

    python tests/tables/check.py [--dictionary FILE] DIRECTORY...

Each directory was written with `--format csv,parquet`. Parquet and CSV must hold the same, in DuckDB's eyes and
in polars'; totals must agree with `summary.json`; no cell of a CSV file may run as a formula in a spreadsheet. Fails at the
first directory where something is wrong, and if a table of the data dictionary has no row in any of them or lacks a column.
"""

import argparse
import csv
import json
import pathlib
import re
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
    metrics = {}
    for group, members in summary["groups"].items():
        metrics.update({(group, metric["name"], metric["day"]): metric["estimate"] for metric in members})

    # What each replication stands for.
    weights = {replication: 1.0 / summary["replications"] for replication in range(summary["replications"])}
    if (directory / "replications.parquet").exists():
        weights = dict(database.execute(f"SELECT replication, weight FROM '{directory}/replications.parquet'").fetchall())

    def total(table, what, where="true"):
        query = f"SELECT replication, sum({what}) FROM '{directory}/{table}.parquet' WHERE {where} GROUP BY replication"
        return sum(weights[replication] * float(value or 0) for replication, value in database.execute(query).fetchall())

    expected = {
        ("verdict", "lost_sales_network", None): total("stores", "lost_sales_network_usd"),
        ("customers", "customers", None): total("stores", "customers"),
        ("customers", "sales", None): total("stores", "sales_usd"),
        ("customers", "lost_sales", None): total("stores", "lost_sales_usd"),
        ("payments", "payments", None): total("stores", "payments"),
        ("payments", "authorized", None): total("stores", "authorized"),
        ("payments", "authorized_offline", None): total("stores", "authorized_offline"),
        ("payments", "payments_lost", None): total("stores", "payments_lost"),
        ("lte", "lte_data", None): total("stores", "lte_mb") / 1_000.0,  # GB
    }
    if (directory / "tickets.parquet").exists():
        expected["noc", "tickets", None] = total("tickets", "1")
        hours = total("noc", "tickets_opened")
        assert abs(hours - expected["noc", "tickets", None]) <= 1e-9 * max(1.0, hours), (directory, "tickets by hour", hours)
    services = database.execute(f"SELECT DISTINCT service FROM '{directory}/services.parquet'").fetchall()
    for (service,) in services:
        expected["services", f"{service}_requests", None] = total("services", "offered", f"service = '{service}'")
    always = set(expected)
    days = database.execute(f"SELECT DISTINCT date FROM '{directory}/stores_daily.parquet'").fetchall()
    for (day,) in days:
        key = ("verdict", "stores_dark_5min", str(day))
        expected[key] = total("stores_daily", "gap_over_5min", f"date = '{day}'")
    missing = always - set(metrics)
    assert not missing, (directory, "the summary has other names", missing, sorted(metrics, key=str))
    assert any(key[1] == "stores_dark_5min" for key in metrics), (directory, "no day in the summary")
    for key, value in expected.items():
        if key in metrics:
            assert abs(metrics[key] - value) <= 1e-9 * max(1.0, abs(value)), (directory, key, metrics[key], value)
    lost = total("attribution", "lost_sales_usd")
    assert abs(lost - expected["verdict", "lost_sales_network", None]) < 0.005, directory


def check_drill(database, directory, summary):
    """The same for `tinsel drill`."""
    for name, value in summary["per_replication"].items():
        query = f"SELECT sum({name}) FROM '{directory}/drill.parquet'"
        total = float(database.execute(query).fetchall()[0][0]) / summary["replications"]
        assert abs(value["mean"] - total) <= 1e-9 * max(1.0, abs(total)), (directory, name, value, total)


def check_sizing(database, directory, summary):
    """The same for `tinsel size`: its tables are of the design that the summary is about."""
    rows, cost, once = database.execute(
        f"SELECT count(*), coalesce(sum(cost_year_usd), 0), coalesce(sum(upfront_usd), 0) FROM '{directory}/deployment.parquet'"
    ).fetchall()[0]
    assert rows == summary["stores_equipped"], (directory, rows)
    # What is shared is paid beside what is at stores.
    assert cost <= summary["cost_year_usd"] + 0.01 * rows and once <= summary["upfront_usd"] + 0.01 * rows, (directory, cost, once)
    if not summary["shared"]:
        assert abs(cost - summary["cost_year_usd"]) <= 0.01 * rows, (directory, cost)
    bill = database.execute(f"SELECT coalesce(sum(total_usd), 0) FROM '{directory}/bill.parquet'").fetchall()[0][0]
    assert abs(bill - summary["upfront_usd"]) < 0.01, (directory, bill, summary["upfront_usd"])


def dictionary(path):
    """Tables of the data dictionary and their columns."""
    tables, columns = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"## `(\w+)\.csv`", line):
            columns = tables.setdefault(heading[1], [])
        elif columns is not None and (row := re.match(r"\| `(\w+)` \|", line)):
            columns.append(row[1])
    assert tables, path
    return tables


def check(directory):
    """Returns the number of rows by table."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    tables = sorted(directory.glob("*.parquet"))
    assert tables, f"{directory} has no Parquet files"
    assert [table.stem for table in tables] == sorted(table.stem for table in directory.glob("*.csv")), directory
    rows = {table.stem: check_table(database, table) for table in tables}
    file = directory / "summary.json"
    agree = "Parquet and CSV agree"
    if file.exists():
        summary = json.loads(file.read_text(encoding="utf-8"))
        of = check_totals if "groups" in summary else check_drill if "per_replication" in summary else check_sizing
        of(database, directory, summary)
        agree = "Parquet, CSV and summary agree"
    print(f"{directory}: {len(tables)} tables, {sum(rows.values())} rows: {agree}")
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dictionary", type=pathlib.Path)
    parser.add_argument("directories", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    known = dictionary(options.dictionary) if options.dictionary else None
    most = {}
    for directory in options.directories:
        for table, rows in check(directory).items():
            most[table] = max(rows, most.get(table, 0))
            if known is not None:
                assert table in known, (directory, table, "is not in the data dictionary")
                with open(directory / f"{table}.csv", newline="", encoding="utf-8") as file:
                    heading = next(csv.reader(file))
                lacking = [column for column in known[table] if column not in heading]
                assert not lacking, (directory, table, "lacks columns of the data dictionary", lacking)
    if known is not None:
        unseen = [table for table in known if not most.get(table)]
        assert not unseen, ("tables of the data dictionary without a row in any of the results", unseen)
        print(f"all {len(known)} tables of the data dictionary have rows, and its columns")


if __name__ == "__main__":
    main()
