"""An app that calls itself almost like a tool of Salesforce, or as a lure would.

In 2025 and 2026 orgs were robbed through renamed Data Loaders that victims were talked into letting
in. Source: attacks on Salesforce orgs, UNC6040; Salesforce's names of its own tools.
"""

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
LURES = ("ticket", "support", "helpdesk", "help desk", "dataexport", "dataimport", "mfa", "reset")
# Letters of other alphabets, and digits, that read as Latin ones.
_READ_AS = str.maketrans("аеорсухіј0135ӏɑԁ", "aeopcyxijolesl" + "ad")
_CLOSE = 2  # letters that may differ


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", folded(name)).translate(_READ_AS)
    return "".join(c for c in plain if c.isalnum() and not unicodedata.combining(c))


def _apart(one: str, other: str) -> int:
    """Letters to change, put in or take out until one is the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def _judge(app: AppFacts) -> Judged:
    if app.installed:
        return None  # somebody with rights in Setup put it there under this name
    letters = _letters(app.name)
    for tool in TOOLS:
        wanted = _letters(tool)
        near = abs(len(letters) - len(wanted)) <= _CLOSE and _apart(letters, wanted) <= _CLOSE
        if near or (len(wanted) > 8 and wanted in letters):
            return f"It goes by a name like Salesforce's {tool} and is not installed in the org."
    for word in LURES:
        if "".join(word.split()) in letters:
            return f"Its name has the word “{word}”, as the apps of callers who steal data had."
    return None


FACTOR = Factor(
    id="look_alike",
    title="Look-alike name",
    points=35,
    judge=_judge,
    source="Google Threat Intelligence Group on UNC6040, 2025",
)
