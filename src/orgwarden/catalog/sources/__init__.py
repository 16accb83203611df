"""What is collected. One module per source, each with one `SOURCE`; this tuple is the list.

Event log files are a family: `event_log_file.FAMILY` lists them, each event type the org has
becomes a source by `event_log_file.of_type`.
"""

from orgwarden.catalog.sources import (
    event_log_file,
    limits,
    login_history,
    organization,
    setup_audit_trail,
    users,
)
from orgwarden.catalog.sources.event_log_types import SPELLED
from orgwarden.core.source import Source

# In the order they are read: whatever names people comes before what people did.
SOURCES: tuple[Source, ...] = (
    organization.SOURCE,
    limits.SOURCE,
    users.SOURCE,
    login_history.SOURCE,
    setup_audit_trail.SOURCE,
    event_log_file.FAMILY,
)
BY_ID = {s.id: s for s in SOURCES}


def source_of(source_id: str, event_type: str = "") -> Source:
    """The declaration behind a source id, `event_log_<type>` included.

    `event_type` gives the type's spelling where it is known; a type not in the catalog is taken
    as its lower-case form. Raises KeyError for any other id.
    """
    if source_id in BY_ID:
        return BY_ID[source_id]
    if not source_id.startswith(event_log_file.PREFIX):
        raise KeyError(source_id)
    lower = source_id.removeprefix(event_log_file.PREFIX)
    return event_log_file.of_type(event_type or SPELLED.get(lower, lower))
