"""An app that calls itself almost like a tool of Salesforce, or as a lure would.

In 2025 and 2026 orgs were robbed through renamed Data Loaders that victims were talked into letting
in. Source: attacks on Salesforce orgs, UNC6040; Salesforce's names of its own tools.
"""

import re
import unicodedata

from orgwarden.core.app_risk import AppFacts, Factor, Judged
from orgwarden.core.apps import folded

TOOLS = (
    "Data Loader",
    "Dataloader Bulk",
    "Dataloader Partner",
    "Workbench",
    "Salesforce Inspector",
    "Salesforce CLI",
    "Salesforce for iOS",
    "Salesforce for Android",
    "Salesforce for Outlook",
)
LURES = frozenset({"ticket", "tickets", "support", "helpdesk", "mfa", "reset"})
LURES_ANYWHERE = ("dataexport", "dataimport", "helpdesk")  # of two words, or written as one
# Letters of other alphabets, and digits, that read as Latin ones.
_READ_AS = str.maketrans("аеорсухіј0135ӏɑԁ", "aeopcyxijolesl" + "ad")
_CLOSE = 2  # letters that may differ
_LONG = 8  # a tool's name longer than this is told inside a longer name


def _plain(name: str) -> str:
    split = unicodedata.normalize("NFKD", folded(name))
    return "".join(c for c in split if not unicodedata.combining(c)).translate(_READ_AS)


def _letters(name: str) -> str:
    return "".join(c for c in _plain(name) if c.isalnum())


_TOOLS = tuple((tool, _letters(tool)) for tool in TOOLS)


def _apart(one: str, other: str) -> int:
    """Letters to change, put in or take out until one is the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def _judge(app: AppFacts) -> Judged:
    # What is installed, somebody with rights in Setup put there under this name; of what may be,
    # `not_installed` says that it could not be judged.
    if app.installed is not False or app.blocked:
        return None
    letters = _letters(app.name)
    for tool, wanted in _TOOLS:
        near = abs(len(letters) - len(wanted)) <= _CLOSE and _apart(letters, wanted) <= _CLOSE
        if near or (len(wanted) > _LONG and wanted in letters):
            return f"It goes by a name like Salesforce's {tool} and is not installed in the org."
    words = LURES.intersection(re.findall(r"[a-z]+", _plain(app.name)))
    words |= {lure for lure in LURES_ANYWHERE if lure in letters}
    if words:
        return f"Its name says “{min(words)}”, as the apps of callers who steal data do."
    return None


FACTOR = Factor(
    id="look_alike",
    title="Look-alike name",
    points=35,
    judge=_judge,
    source="Google Threat Intelligence Group on UNC6040, 2025",
)
