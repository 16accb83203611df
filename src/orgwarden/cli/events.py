"""`orgwarden events …`: ask the events in SQL, list what can be asked."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.output import AsJson, Usage, say, show, start, table

app = typer.Typer(help="What was collected.", no_args_is_help=True)
FORMATS = ("table", "json", "csv", "parquet")
ENGINES = ("duckdb", "spark")
LIMIT = 100_000


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the views.", show_default=False)],
    org: Annotated[str | None, typer.Option("--org", help="Only this tenant.")] = None,
    form: Annotated[str, typer.Option("--format", help="table, json, csv or parquet.")] = "table",
    limit: Annotated[int, typer.Option(min=1, help="Most rows to give.")] = LIMIT,
    engine: Annotated[
        str, typer.Option("--engine", help="duckdb, or spark for history.")
    ] = "duckdb",
    master: Annotated[
        str | None, typer.Option("--master", help="Spark's master, such as spark://host:7077.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the events. The views: activity, and one per source.

    Example: orgwarden events query "SELECT source, count(*) AS n FROM activity GROUP BY 1"
    """
    if form not in FORMATS:
        raise Usage(f"There is no format {form}.", fix=f"Choose {', '.join(FORMATS)}.")
    if form == "parquet" and not as_json and sys.stdout.isatty():
        raise Usage("Parquet is not for a terminal.", fix="Redirect it into a file.")
    if engine not in ENGINES:
        raise Usage(f"There is no engine {engine}.", fix=f"Choose {' or '.join(ENGINES)}.")
    if master and engine != "spark":
        raise Usage("A master is Spark's.", fix="Add --engine spark, or leave --master out.")
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.flows.ask import ask, ask_spark

    asked = find(org) if org else None
    if engine == "spark":
        rows, cut = ask_spark(sql, asked, limit=limit, actor=me(), master=master or "local[*]")
    else:
        rows, cut = ask(sql, asked, limit=limit, actor=me())
    if cut:
        say(f"Only the first {limit:,} rows are given; --limit changes that.")
    if as_json or form == "json":
        show(rows.to_pylist())
    elif form == "csv":
        from orgwarden.flows.ask import write_csv

        write_csv(rows, sys.stdout)
    elif form == "parquet":
        from orgwarden.flows.ask import write_parquet

        write_parquet(rows, sys.stdout.buffer)
    else:
        columns = [c.to_pylist() for c in rows.columns]
        table("", rows.column_names, zip(*columns, strict=True))


@app.command()
def sources(
    org: Annotated[str | None, typer.Option("--org", help="Only this tenant.")] = None,
    as_json: AsJson = False,
) -> None:
    """The views, their columns, and how many rows each holds.

    Example: orgwarden events sources --json
    """
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.flows.ask import views

    found = views(find(org) if org else None)
    if as_json:
        show(found)
    else:
        table(
            "",
            ("view", "title", "rows", "columns"),
            ((v["view"], v["title"], v["rows"], len(v["columns"])) for v in found),
        )
