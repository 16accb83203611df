"""Deployments: a zip file with package.xml, components and destructive changes.

A deployment ends when the delay `deploy` is over. It is rolled back as a whole at its first
failure unless `rollbackOnError` is false, and changes nothing with `checkOnly`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError
from xml.etree.ElementTree import fromstring as parse_xml

from orgsim.metadata.changes import Refused, put, remove
from orgsim.metadata.notation import listed, local, values
from orgsim.soql import dates

if TYPE_CHECKING:
    from orgsim.server import OrgServer

MOST_FILES = 10_000
MOST_BYTES = 39 << 20  # of a zip file
DESTRUCTIVE = ("destructiveChangesPre.xml", "destructiveChanges.xml", "destructiveChangesPost.xml")


class NotAPackage(ValueError):
    """The zip file cannot be deployed at all."""


class Undone(Exception):
    """What was tried is taken back."""


@dataclass(frozen=True)
class Part:
    """One component of a package; `values` is None for one to be deleted."""

    kind: str
    name: str
    file: str
    values: dict[str, Any] | None = None
    problem: str = ""


@dataclass
class Deployment:
    id: str
    by: str
    options: dict[str, Any]
    parts: list[Part]
    created_ms: int
    status: str = "InProgress"
    ended_ms: int | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def shown(self, server: OrgServer, *, details: bool) -> dict[str, Any]:
        """The DeployResult."""
        failed = [r for r in self.rows if not r["success"]]
        made: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "done": self.ended_ms is not None,
            "success": self.status in ("Succeeded", "SucceededPartial"),
            "checkOnly": self.options.get("checkOnly") is True,
            "rollbackOnError": self.options.get("rollbackOnError") is not False,
            "ignoreWarnings": self.options.get("ignoreWarnings") is True,
            "numberComponentsTotal": len(self.parts),
            "numberComponentsDeployed": len(self.rows) - len(failed),
            "numberComponentErrors": len(failed),
            "numberTestsTotal": 0,
            "numberTestsCompleted": 0,
            "numberTestErrors": 0,
            "runTestsEnabled": False,
            "createdBy": self.by,
            "createdByName": server.people.value(self.by, "Name"),
            "createdDate": dates.text(self.created_ms),
            "startDate": dates.text(self.created_ms),
        }
        if self.ended_ms is not None:
            made["completedDate"] = dates.text(self.ended_ms)
        if details:
            made["details"] = {
                "componentSuccesses": [r for r in self.rows if r["success"]],
                "componentFailures": failed,
            }
        return made


@contextmanager
def attempt(server: OrgServer) -> Iterator[None]:
    """Changes of apps and records within are made, or all taken back when an exception leaves."""
    org = server.org
    apps = {key: deepcopy(vars(app)) for key, app in org.apps.items()}
    blocklist = dict(org.blocklist)
    try:
        with server.propagation.together(org.store):
            yield
    except BaseException:
        for key, former in apps.items():
            vars(org.apps[key]).update(former)
        org.blocklist = blocklist
        server.people.changed()
        raise


def start(server: OrgServer, by: str, data: bytes, options: dict[str, Any]) -> Deployment:
    """Take a package; NotAPackage when it is none."""
    org = server.org
    parts = _parts(data)
    made = Deployment(org.new_id("0Af"), by, options, parts, org.clock.now())
    server.deployments[made.id] = made
    server.propagation.after("deploy", lambda: _run(server, made))
    return made


def cancel(server: OrgServer, deployment: Deployment) -> None:
    if deployment.ended_ms is None:
        deployment.status, deployment.ended_ms = "Canceled", server.org.clock.now()


def _run(server: OrgServer, deployment: Deployment) -> None:
    if deployment.ended_ms is not None:
        return
    check = deployment.options.get("checkOnly") is True
    whole = deployment.options.get("rollbackOnError") is not False
    failed: list[dict[str, Any]] = []
    try:
        with attempt(server):
            deployment.rows = [_deploy(server, deployment.by, part) for part in deployment.parts]
            failed = [r for r in deployment.rows if not r["success"]]
            if check or (failed and whole):
                raise Undone
    except Undone:
        pass
    deployment.ended_ms = server.org.clock.now()
    deployment.status = "Succeeded"
    if failed:
        some = len(failed) < len(deployment.rows) and not whole
        deployment.status = "SucceededPartial" if some else "Failed"


def _deploy(server: OrgServer, by: str, part: Part) -> dict[str, Any]:
    row = {
        "componentType": part.kind,
        "fullName": part.name,
        "fileName": part.file,
        "success": True,
        "created": False,
        "changed": False,
        "deleted": False,
    }
    try:
        if part.problem:
            raise Refused("UNKNOWN_EXCEPTION", part.problem)
        with attempt(server):
            if part.values is None:
                remove(server, by, part.kind, part.name)
                row["deleted"] = True
            else:
                row["created"] = put(server, by, part.kind, part.name, part.values, "upsert")
                row["changed"] = True
    except Refused as refused:
        gone = part.values is None and refused.code == "INVALID_CROSS_REFERENCE_KEY"
        row["problem"] = f"No {part.kind} named: {part.name} found" if gone else refused.message
        row["problemType"] = "Warning" if gone else "Error"
        row["success"] = gone
    return row


# The zip file -----------------------------------------------------------------------------


def _parts(data: bytes) -> list[Part]:
    if len(data) > MOST_BYTES:
        raise NotAPackage("Maximum size of request reached. Maximum size of request is 39 MB")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if len(packed.namelist()) > MOST_FILES:
                raise NotAPackage("Too many files in zip")
            files = {n: packed.read(n) for n in packed.namelist() if not n.endswith("/")}
    except (zipfile.BadZipFile, RuntimeError) as error:
        raise NotAPackage("The zip file is not valid") from error
    root = next((n for n in files if n.rpartition("/")[2] == "package.xml"), None)
    if root is None:
        raise NotAPackage("No package.xml found")
    folder = root.removesuffix("package.xml")
    wanted = _members(_xml(files[root], root))
    made: list[Part] = []
    for name in DESTRUCTIVE:
        if folder + name in files:
            for kind, member in _members(_xml(files[folder + name], name)):
                made.append(Part(kind, member, folder + name))
    found: set[tuple[str, str]] = set()
    for path in sorted(files):
        inner = path.removeprefix(folder)
        if "/" not in inner or not path.startswith(folder) or path.endswith("-meta.xml"):
            continue
        element = _xml(files[path], path)
        kind, member = local(element), inner.rpartition("/")[2].rpartition(".")[0]
        listed_as = {kind, "Settings"} if kind.endswith("Settings") else {kind}
        named = {(k, m) for k in listed_as for m in (member, "*")} & set(wanted)
        problem = "" if named else f"{path} is not in package.xml"
        made.append(Part(kind, member, path, values(element), problem))
        found |= {(k, member) for k in listed_as}
    for kind, member in wanted:
        if member != "*" and (kind, member) not in found:
            problem = (
                f"An object '{member}' of type {kind} was named in package.xml, "
                "but was not found in zipped directory"
            )
            made.append(Part(kind, member, root, {}, problem))
    return made


def _xml(text: bytes, name: str) -> Element:
    if b"<!" in text:
        raise NotAPackage(f"{name}: a document type is not allowed")
    try:
        return parse_xml(text)  # noqa: S314
    except ParseError as error:
        raise NotAPackage(f"{name}: {error}") from error


def _members(manifest: Element) -> list[tuple[str, str]]:
    types = listed(values(manifest).get("types"))
    return [(str(t.get("name")), str(m)) for t in types for m in listed(t.get("members"))]
