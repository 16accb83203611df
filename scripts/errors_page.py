"""`docs/errors.md`: the catalogue of errors, from the tables the product works with."""

from __future__ import annotations

from orgwarden.core.problems import UNKNOWN_ERROR
from orgwarden.salesforce.catalogue import Known, known
from scripts.markdown import cell

HEAD = f"""\
# Errors and what mends them

Written by `make docs` from `orgwarden.salesforce.catalogue`; do not edit.

What people read for each error of Salesforce: what happened, what to do, and what Orgwarden does
meanwhile. “…” stands for Salesforce's own words, which are quoted without anything that looks like
a secret. An error that is not listed is shown whole, in the same way, with this fix (the bundle
comes from the tenant's menu or `orgwarden support-bundle NAME --output FILE`):

> {UNKNOWN_ERROR}

Errors of the network, of limits and of web pages instead of data pass by themselves and say so.
"""


def page() -> str:
    """The page's text."""
    signing = [k for k in known() if k.signing_in]
    rest = [k for k in known() if not k.signing_in]
    parts = [
        HEAD,
        "\n## Signing in\n\n",
        _table(signing),
        "\n## Calls to the API\n\n",
        _table(rest),
    ]
    return "".join(parts)


def _table(errors: list[Known]) -> str:
    rows = ["| code | what happened | what mends it | what Orgwarden does |", "|---|---|---|---|"]
    for one in errors:
        code = f"`{one.code}`" + (f" “{one.words}”" if one.words else "")
        what = f"**{one.label}:** {one.what}" if one.label else one.what
        cells = (code, what.replace("{said}", "…"), one.fix or "Nothing to do.", one.does)
        rows.append(f"| {' | '.join(cell(c) for c in cells)} |")
    return "\n".join(rows) + "\n"
