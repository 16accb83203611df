"""What the collector itself needs to know of what it collected: who people are, what the org is."""

from __future__ import annotations

from orgwarden.catalog.sources import organization, users
from orgwarden.flows.work import Work
from orgwarden.lake.reading import Reader
from orgwarden.lake.shaping import People
from orgwarden.records.models import Org

USERS = 'SELECT "Id", "Username" FROM users'
ORGANIZATION = 'SELECT "Name", "OrganizationType", "InstanceName", "IsSandbox" FROM organization'


def people(work: Work) -> People:
    """Usernames by id, from the users collected so far."""
    if not work.lake.files(users.SOURCE.id):
        return People.none()  # without opening the table once more
    with Reader(work.lake.place.parent, [work.org.key]) as reader:
        if users.SOURCE.id not in reader.sources():
            return People.none()
        found = reader.run(USERS)
    return People(found.column(0).combine_chunks(), found.column(1).combine_chunks())


def values_of(work: Work, view: str, column: str, only: str = "true") -> set[str]:
    """The values in a column of a view, of rows with the condition `only` (SQL of ours)."""
    with Reader(work.lake.place.parent, [work.org.key]) as reader:
        if view not in reader.sources():
            return set()
        found = reader.run(f'SELECT DISTINCT "{column}" FROM {view} WHERE {only}')  # noqa: S608
    return {v for v in found.column(0).to_pylist() if v}


def note_organization(work: Work) -> None:
    """What kind of org this is, copied into the records for the pages."""
    with Reader(work.lake.place.parent, [work.org.key]) as reader:
        if organization.SOURCE.id not in reader.sources():
            return
        found = reader.run(ORGANIZATION).to_pylist()
    for row in found:
        Org.objects.filter(pk=work.org.pk).update(
            organization_name=row["Name"] or "",
            edition=row["OrganizationType"] or "",
            instance_name=row["InstanceName"] or "",
            is_sandbox={"true": True, "false": False}.get(row["IsSandbox"] or ""),
        )
