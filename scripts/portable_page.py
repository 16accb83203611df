"""`docs/fleet-history.md`: Apache Spark over the same events, and the SQL both engines answer."""

from __future__ import annotations

from orgwarden.lake.portable import EXTRACTED, SPANS, TRUNCATED_TO
from orgwarden.lake.portable_subset import listed

HEAD = """\
# Fleet-wide history with Apache Spark

Written by `make docs`; the lists below come from `orgwarden.lake.portable_subset`; do not edit.

DuckDB answers every page and, without more, every `orgwarden events query`. When the history of
many tenants is more than one machine reads, the same question goes to Apache Spark:

```
pip install 'orgwarden[spark]'          # and Java 17
orgwarden events query --engine spark --master spark://host:7077 \\
    "SELECT org, country, count(*) AS n FROM login_history GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
```

- Without `--master`, Spark runs in the command's own process on all cores.
- It reads the same snapshot and the same views: the list of Parquet files is taken from the newest
  commit of each tenant's table, so no Delta jar is needed, and a compaction meanwhile disturbs
  nothing. The machine the command runs on and all executors must reach the lake's folder under
  the same path.
- Names and types of the answer's columns are DuckDB's, which reads the question first: what it
  refuses is not sent. The question is in the audit trail with the engine.
- Rights are those of `events query` everywhere.
- Settings of Spark's own (memory, executors) come from `spark-defaults.conf`, as always. The time
  zone, ANSI mode and case rules are set by Orgwarden, because equal answers rest on them.
- Not tested here: a lake in an object store through S3A, and Delta's own jars. Both are an
  operator's option.
- Spark takes seconds to start and to plan. It is for history, never for a page.

## The portable subset

Both engines answer what is listed here alike; a test asks both every query that the product ships,
and more, and compares. Anything else is refused by name before it is sent: a translator that
passes on what it does not understand would answer another question than was asked.
"""
NOTES = """\
Rules that keep the two alike:

- `date_trunc`, `extract` and `epoch` are of a view's time (`time`, `n_time`), in UTC.
- `LIKE` and `ILIKE` take a constant without a backslash: to Spark it is an escape.
- Division and `%` are by a constant or by `nullif(…, 0)`: by zero one engine answers, the other
  stops.
- A text becomes a number by `TRY_CAST(… AS DOUBLE)`; what is not written as a decimal number
  (`1_000`, `1d`, `inf`) is missing in Spark. Other casts of texts are refused, because the engines
  write and round them differently.
- `substr` and `split_part` count from a constant of 1 or more; `round` is to a whole number.
- Windows have `ROWS` frames. `ORDER BY` puts missing values last, as DuckDB does, unless
  `NULLS FIRST` is written.
- Lower and upper case are Unicode's; a letter whose other case is several letters (`ß`, `İ`) may
  differ.
- Without an `ORDER BY` that leaves nothing open, the order of rows is nobody's promise, and
  neither is which rows a `LIMIT` takes.
"""


def page() -> str:
    lines = [HEAD]
    for title, constructs in listed().items():
        lines += [f"**{title}:** {', '.join(f'`{c}`' for c in constructs)}.", ""]
    units = {
        "`date_trunc` to": TRUNCATED_TO,
        "`extract` of": EXTRACTED,
        "`INTERVAL` in": SPANS,
    }
    for of, names in units.items():
        lines.append(f"- {of}: {', '.join(sorted(n.lower() for n in names))}")
    return "\n".join([*lines, "", NOTES])
