"""`docs/api.md`: how to use the API, and its operations from the OpenAPI document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from scripts.markdown import cell

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orgwarden.site.settings")

if TYPE_CHECKING:
    from orgwarden.web.api.reference import Item, Told

HEAD = """\
# The API

Written by `make docs` from the OpenAPI document and `scripts/api_page.py`; do not edit.

`/api/v1/` does for scripts what the pages do with connections. An installation serves its own
OpenAPI document at `/api/v1/openapi.json`, without a token, and shows the same under
*Settings, API tokens, API reference*.

## Tokens

Make a token under *Settings, API tokens*, or at the host:

```
orgwarden token create ann --name nightly-report --scope read --days 90
```

It is shown once; only its SHA-256 is stored. It begins with `ow_`, so that scanners for leaked
secrets find it and Orgwarden's own logs leave it out. It can do what its scopes name **and** its
person may do at that moment: it follows every change of that person's roles, and is dead while the
person is switched off or has no role that may hold tokens. It ends by itself, after a year at most.

| scope | what it is for |
|---|---|
"""
USE = r"""
Send it as a header and nowhere else. A browser's session opens nothing here, so no other site can
make a browser act, and there is no CSRF to guard against.

```
export ORGWARDEN_TOKEN=ow_…
curl -H "Authorization: Bearer $ORGWARDEN_TOKEN" https://orgwarden.example.com/api/v1/tenants
```

The command line takes the same variable: see
[the decision](decisions/0011-command-line-and-tokens.md).

## Examples

Which tenants are in error, and what to do about it:

```
curl -H "Authorization: Bearer $ORGWARDEN_TOKEN" https://orgwarden.example.com/api/v1/health
curl -H "Authorization: Bearer $ORGWARDEN_TOKEN" \
  "https://orgwarden.example.com/api/v1/incidents?open=true"
```

Failed sign-ins from one address since the first of November, 100 at a time (`next` of the answer is
the `cursor` of the next page):

```
curl -G -H "Authorization: Bearer $ORGWARDEN_TOKEN" \
  -d source=login_history -d outcome=failure -d ip=203.0.113.7 -d from=2026-11-01T00:00:00Z \
  https://orgwarden.example.com/api/v1/events
```

Which addresses sign in most, over all that is stored, in SQL:

```
curl -H "Authorization: Bearer $ORGWARDEN_TOKEN" -H "Content-Type: application/json" \
  -d '{"sql": "SELECT ip, count(*) AS tries FROM login_history GROUP BY ip ORDER BY tries DESC"}' \
  https://orgwarden.example.com/api/v1/events/query
```

Collect now, test, pause and go on (`$TENANT` is a tenant's `key`):

```
curl -X POST -H "Authorization: Bearer $ORGWARDEN_TOKEN" \
  https://orgwarden.example.com/api/v1/tenants/$TENANT/collect
curl -X POST -H "Authorization: Bearer $ORGWARDEN_TOKEN" \
  https://orgwarden.example.com/api/v1/tenants/$TENANT/test
curl -X POST -H "Authorization: Bearer $ORGWARDEN_TOKEN" \
  https://orgwarden.example.com/api/v1/tenants/$TENANT/pause
curl -X POST -H "Authorization: Bearer $ORGWARDEN_TOKEN" \
  https://orgwarden.example.com/api/v1/tenants/$TENANT/resume
```

Tell somebody else when this tenant is ready or fails:

```
curl -X PATCH -H "Authorization: Bearer $ORGWARDEN_TOKEN" \
  -H "Content-Type: application/json" -d '{"told_addresses": ["soc@acme.example"]}' \
  https://orgwarden.example.com/api/v1/tenants/$TENANT
```

## Refusals

Every refusal is a problem document (RFC 9457), `application/problem+json`:

```
{
  "type": "about:blank",
  "title": "Not allowed",
  "status": 403,
  "detail": "This API token has no scope collect.",
  "fix": "Use one that has it; this one has read.",
  "code": "SCOPE"
}
```

A tenant that somebody may not see is a 404, the same as one that does not exist. Parameters and
fields that an operation does not know are a 422, so that a typing error is not lost. Events that
could not be read are a refusal and never an empty list. Changes, refused ones too, are in the audit
trail under the person's name, with the token in `via`.

Connecting and reconnecting are not here: before a grant is stored a person looks at the org that
Salesforce named and says yes, on a page or at the host.

## Operations
"""


def page() -> str:
    """The whole page."""
    import django

    django.setup()
    from orgwarden.core.scopes import WORDS, Scope
    from orgwarden.web.api import application, reference

    lines = [f"| `{scope}` | {WORDS[scope]} |" for scope in Scope]
    text = HEAD + "\n".join(lines) + "\n" + USE
    for tag, group in reference.groups_of(application.document()):
        text += f"\n### {tag}\n"
        for told in group:
            text += "\n" + "\n".join(_operation(told)) + "\n"
    return text


def _operation(told: Told) -> Iterator[str]:
    yield f"#### `{told.method} {told.path}`"
    yield ""
    yield f"{told.summary}. {told.description}".strip()
    yield ""
    yield f"Scope `{told.scope}`. Answers {told.answer}."
    if told.parameters or told.body:
        yield ""
        yield "| | | |"
        yield "|---|---|---|"
        for item in told.parameters:
            yield _row(item, "")
        for item in told.body:
            yield _row(item, "in the body, ")


def _row(item: Item, where: str) -> str:
    kind = f"{where}{item.kind}{', required' if item.required else ''}"
    return f"| `{item.name}` | {cell(kind)} | {cell(item.words)} |"
