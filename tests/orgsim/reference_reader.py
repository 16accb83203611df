"""A second reader of an org, as plain as can be: requests and csv, nothing of Orgwarden or orgsim.

It exists so that the emulator and the product cannot be wrong in the same way: what it reads over
the faked API must be what the ledger says. It keeps what it has read, as log files go.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from typing import Any

import requests

VERSION = "62.0"
FileKey = tuple[str, str, str, int]  # event type, log date, interval, sequence


class Reader:
    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False
        self.form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self.files: dict[FileKey, tuple[str, Counter[str]]] = {}  # file id and its rows

    def sign_in(self) -> None:
        answer = self.http.post(f"{self.url}/services/oauth2/token", data=self.form, timeout=30)
        answer.raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str, **params: str) -> requests.Response:
        answer = self.http.get(self.url + path, params=params, timeout=60)
        answer.raise_for_status()
        return answer

    def records(self, soql: str) -> list[dict[str, Any]]:
        """Every record of a query, page after page."""
        page = self.get(f"/services/data/v{VERSION}/query", q=soql).json()
        found = list(page["records"])
        while not page["done"]:
            page = self.get(page["nextRecordsUrl"]).json()
            found += page["records"]
        if len(found) != page["totalSize"]:
            raise AssertionError(f"{len(found)} of {page['totalSize']} records")
        return found

    def ids(self, name: str, time: str) -> Counter[str]:
        return Counter(r["Id"] for r in self.records(f"SELECT Id FROM {name} ORDER BY {time}, Id"))

    def read_files(self) -> None:
        """Read each listed file that was not read; one that stands for another takes its place."""
        listed = self.records(
            "SELECT Id, EventType, LogDate, Interval, Sequence, LogFileLength, LogFile "
            "FROM EventLogFile ORDER BY CreatedDate, Id"
        )
        for one in listed:
            key = (one["EventType"], one["LogDate"], one["Interval"], one["Sequence"])
            if self.files.get(key, ("",))[0] == one["Id"]:
                continue
            body = self.get(one["LogFile"]).content
            if len(body) != one["LogFileLength"]:
                raise AssertionError(f"{one['Id']} has {len(body)} bytes")
            self.files[key] = (one["Id"], rows(body))

    def events(self) -> dict[str, Counter[str]]:
        """By event type: each row as often as the file that holds most of it does."""
        found: dict[str, Counter[str]] = {}
        for (kind, *_), (_, counted) in self.files.items():
            found[kind] = found.get(kind, Counter()) | counted
        return found


def rows(body: bytes) -> Counter[str]:
    """The rows of a log file by hash, and how often each is there."""
    lines = csv.reader(io.StringIO(body.decode(), newline=""))
    next(lines)
    return Counter(hashlib.sha256("\x1f".join(v).encode()).hexdigest() for v in lines if v)


def ledger(url: str, source: str, key: str) -> Counter[str]:
    """What the emulator says there is to read."""
    answer = requests.get(f"{url}/_sim/ledger", params={"source": source}, timeout=60)
    answer.raise_for_status()
    return Counter(json.loads(line)[key] for line in answer.text.splitlines())
