"""Event log files by the million: wide rows of five types, as real files have them.

Headers are those of real files; values have the widths, repetition and empty columns seen there:
every field quoted, quotes inside user agents, ids of 15 and 18 characters. The same seed, day and
count give the same bytes. Written by the column, so that making the files takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

BLOCK = 50_000  # rows made at a time
FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)
PEOPLE = 2_000
ORG = "00D5g00000ABCDE"
HEAD = "EVENT_TYPE TIMESTAMP REQUEST_ID ORGANIZATION_ID USER_ID RUN_TIME CPU_TIME URI SESSION_KEY"
HEADERS = {
    "RestApi": f"""{HEAD} LOGIN_KEY REQUEST_STATUS DB_TOTAL_TIME METHOD MEDIA_TYPE STATUS_CODE
        USER_AGENT ROWS_PROCESSED NUMBER_FIELDS DB_BLOCKS DB_CPU_TIME REQUEST_SIZE RESPONSE_SIZE
        ENTITY_NAME CONNECTED_APP_ID TIMESTAMP_DERIVED USER_ID_DERIVED CLIENT_IP URI_ID_DERIVED""",
    "URI": f"""{HEAD} LOGIN_KEY REQUEST_STATUS DB_TOTAL_TIME DB_BLOCKS DB_CPU_TIME REFERRER_URI
        TIMESTAMP_DERIVED USER_ID_DERIVED CLIENT_IP URI_ID_DERIVED""",
    "LightningPageView": """EVENT_TYPE TIMESTAMP REQUEST_ID ORGANIZATION_ID USER_ID CLIENT_ID
        SESSION_KEY LOGIN_KEY USER_TYPE APP_NAME DEVICE_PLATFORM SDK_APP_VERSION OS_NAME OS_VERSION
        USER_AGENT BROWSER_NAME BROWSER_VERSION SDK_VERSION DEVICE_MODEL DEVICE_ID SDK_APP_TYPE
        CONNECTION_TYPE UI_EVENT_ID UI_EVENT_SOURCE UI_EVENT_TIMESTAMP PAGE_START_TIME DURATION
        EFFECTIVE_PAGE_TIME DEVICE_SESSION_ID UI_EVENT_SEQUENCE_NUM PAGE_ENTITY_ID PAGE_ENTITY_TYPE
        PAGE_CONTEXT PAGE_URL PAGE_APP_NAME PREVPAGE_ENTITY_ID PREVPAGE_ENTITY_TYPE PREVPAGE_CONTEXT
        PREVPAGE_URL PREVPAGE_APP_NAME TARGET_UI_ELEMENT PARENT_UI_ELEMENT GRANDPARENT_UI_ELEMENT
        TIMESTAMP_DERIVED USER_ID_DERIVED CLIENT_IP""",
    "ApexExecution": f"""{HEAD} LOGIN_KEY EXEC_TIME DB_TOTAL_TIME CALLOUT_TIME NUMBER_SOQL_QUERIES
        ENTRY_POINT QUIDDITY IS_LONG_RUNNING_REQUEST TIMESTAMP_DERIVED USER_ID_DERIVED CLIENT_IP
        URI_ID_DERIVED""",
    "Login": f"""{HEAD} LOGIN_KEY REQUEST_STATUS DB_TOTAL_TIME BROWSER_TYPE API_TYPE API_VERSION
        USER_NAME TLS_PROTOCOL CIPHER_SUITE TIMESTAMP_DERIVED USER_ID_DERIVED CLIENT_IP
        URI_ID_DERIVED LOGIN_STATUS SOURCE_IP""",
}

Words = dict[str, pa.Array]
_HEX = np.array([f"{n:02x}" for n in range(256)], "S2")


def write_log(path: Path, kind: str, *, day: int, rows: int, seed: int = 1) -> int:
    """One type's file of one day (the `day`-th of the series); returns its bytes."""
    names = HEADERS[kind].split()
    rng = np.random.default_rng((seed, sorted(HEADERS).index(kind), day))
    words = _words(np.random.default_rng(seed))
    times = np.sort(rng.integers(0, 86_400_000, rows))
    start = np.datetime64((FIRST_DAY + timedelta(days=day)).replace(tzinfo=None), "ms")
    options = pacsv.WriteOptions(include_header=False, quoting_style="all_valid")
    with path.open("wb") as out:
        out.write((",".join(f'"{name}"' for name in names) + "\n").encode())
        for begin in range(0, rows, BLOCK):
            at = start + times[begin : begin + BLOCK]
            columns = _block(kind, rng, words, at)
            empty = pa.array([""]).take(pa.array(np.zeros(len(at), np.int8)))
            table = pa.table({name: columns.get(name, empty) for name in names})
            pacsv.write_csv(table, out, options)
    return path.stat().st_size


def write_logs(folder: Path, *, rows: int, days: int, seed: int = 1) -> dict[str, float]:
    """`rows` rows in all, spread evenly over types and days; answers rows and bytes."""
    size = made = 0
    files = [(kind, day) for day in range(days) for kind in HEADERS]
    for number, (kind, day) in enumerate(files):
        share = rows * (number + 1) // len(files) - rows * number // len(files)
        size += write_log(folder / f"{kind}-{day}.csv", kind, day=day, rows=share, seed=seed)
        made += share
    return {"rows": made, "bytes": size, "files": len(files)}


# --- values


def _words(rng: np.random.Generator) -> Words:
    """What repeats: people, addresses, agents, pages."""
    ids = [f"0055g0000{n:06d}" for n in rng.integers(0, 999_999, PEOPLE)]
    apps = ["DataLoader", "Outreach", "Gong", "MuleSoft", "Tableau", "Workato", "Marketo", "Clari"]
    entities = ["Account", "Contact", "Opportunity", "Case", "Lead", "Task", "User", "Quote__c"]
    where = "+WHERE+LastModifiedDate+%3E+2026-03-01T00:00:00Z+ORDER+BY+LastModifiedDate"
    fields = "Id,Name,OwnerId,CreatedDate,LastModifiedDate,SystemModstamp,RecordTypeId,Status__c"
    chrome = (
        '"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)'
        ' Chrome/{}.0.0.0 Safari/537.36"'
    )
    classes = ["GT_Cls_DisplayMembership_Controller", "CaseAssignmentService", "QuoteLineRollup"]
    verbs = ["getConsumerMembershipData", "recalculate", "loadOpenItems", "handleBeforeUpdate"]
    records = _ids(rng, "5005g", 4_000)
    lists: dict[str, list[str]] = {
        "user15": ids,
        "user18": [f"{i}AAG" for i in ids],
        "username": [f"person.{n}@example-{n % 7}.com" for n in range(PEOPLE)],
        "ip": [".".join(map(str, q)) for q in rng.integers(1, 254, (3_000, 4))],
        "session": _tokens(rng, 6_000),
        "agent": [chrome.format(n) for n in range(110, 140)],
        "client": [f"{a}/{v}.0 (Java 17; Linux amd64)" for a in apps for v in range(40, 62)],
        "rest": [
            f"/services/data/v{v}.0/query/?q=SELECT+{fields}+FROM+{e}{where}+LIMIT+{n}"
            for e in entities for v in range(52, 64) for n in range(100, 2100, 100)
        ] + [f"/services/data/v60.0/sobjects/{e}/{r}" for e in entities for r in records[:200]],
        "page": [
            f"/lightning/r/Case/{r}/view?0.source=alohaHeader&ws=%2Flightning%2Fr%2FAccount%2F{r}"
            for r in records
        ],
        "referrer": [
            f"corp--full.lightning.force.com/lightning/r/Case/{r}/view?c__from=list"
            for r in records
        ],
        "record": records,
        "entity": entities,
        "app_id": [f"0H45g00000{a[:5]:x<5}" for a in apps],
        "entry": [f"{c}.{v}" for c in classes for v in verbs],
        "apex_uri": [
            f"/aura?r={n}&aura.ApexAction.execute=1&ui-force-components-controllers-hovered.Page.load=1"
            for n in range(300)
        ],
    }  # fmt: skip
    return {name: pa.array(values) for name, values in lists.items()}


def _block(kind: str, rng: np.random.Generator, words: Words, at: Any) -> Mapping[str, pa.Array]:
    n = len(at)
    stamp = pc.cast(pa.array(at), pa.string())
    derived = pc.binary_join_element_wise(pc.utf8_replace_slice(stamp, 10, 11, "T"), "Z", "")
    person = pa.array(rng.integers(0, PEOPLE, n, np.int32))
    same = {
        "EVENT_TYPE": _constant(kind, n),
        "TIMESTAMP": _compact(stamp, n),
        "REQUEST_ID": hexadecimal(rng, n, 11),
        "ORGANIZATION_ID": _constant(ORG, n),
        "USER_ID": words["user15"].take(person),
        "RUN_TIME": _number(rng, n, 180),
        "CPU_TIME": _number(rng, n, 60),
        "SESSION_KEY": _of(rng, n, words["session"]),
        "LOGIN_KEY": _of(rng, n, words["session"]),
        "DB_TOTAL_TIME": _number(rng, n, 40_000_000),
        "TIMESTAMP_DERIVED": derived,
        "USER_ID_DERIVED": words["user18"].take(person),
        "CLIENT_IP": _of(rng, n, words["ip"]),
    }
    return same | _OWN[kind](rng, n, words, person)


def _rest(rng: np.random.Generator, n: int, w: Words, person: pa.Array) -> dict[str, pa.Array]:
    return {
        "URI": _of(rng, n, w["rest"]),
        "REQUEST_STATUS": _one_of(rng, n, "S", "S", "S", "S", "F"),
        "METHOD": _one_of(rng, n, "GET", "GET", "POST", "PATCH"),
        "MEDIA_TYPE": _constant("application/json;charset=UTF-8", n),
        "STATUS_CODE": _one_of(rng, n, "200", "200", "200", "204", "404"),
        "USER_AGENT": _of(rng, n, w["client"]),
        "ROWS_PROCESSED": _number(rng, n, 300),
        "NUMBER_FIELDS": _number(rng, n, 12),
        "DB_BLOCKS": _number(rng, n, 900),
        "DB_CPU_TIME": _number(rng, n, 40),
        "REQUEST_SIZE": _number(rng, n, 4_000),
        "RESPONSE_SIZE": _number(rng, n, 90_000),
        "ENTITY_NAME": _of(rng, n, w["entity"]),
        "CONNECTED_APP_ID": _of(rng, n, w["app_id"]),
    }


def _uri(rng: np.random.Generator, n: int, w: Words, person: pa.Array) -> dict[str, pa.Array]:
    return {
        "URI": _of(rng, n, w["page"]),
        "REQUEST_STATUS": _one_of(rng, n, "S", "S", "S", "R", "U"),
        "DB_BLOCKS": _number(rng, n, 900),
        "DB_CPU_TIME": _number(rng, n, 40),
        "REFERRER_URI": _of(rng, n, w["referrer"]),
        "URI_ID_DERIVED": _of(rng, n, w["record"]),
    }


def _view(rng: np.random.Generator, n: int, w: Words, person: pa.Array) -> dict[str, pa.Array]:
    shown = _one_of(rng, n, "CS_Lightning_Console", "LightningSales", "LightningService")
    return {
        "USER_TYPE": _constant("Standard", n),
        "APP_NAME": _constant("one:one", n),
        "DEVICE_PLATFORM": _constant("SFX:BROWSER:DESKTOP", n),
        "OS_NAME": _one_of(rng, n, "WINDOWS", "WINDOWS", "MAC_OSX"),
        "OS_VERSION": _one_of(rng, n, "10", "10", "14.4"),
        "USER_AGENT": _of(rng, n, w["agent"]),
        "BROWSER_NAME": _constant("CHROME", n),
        "BROWSER_VERSION": _number(rng, n, 30, 110),
        "UI_EVENT_ID": _constant("ltng:pageView", n),
        "UI_EVENT_TIMESTAMP": _number(rng, n, 86_400_000, 1_772_409_600_000),
        "PAGE_START_TIME": _number(rng, n, 86_400_000, 1_772_409_600_000),
        "DURATION": _number(rng, n, 9_000),
        "EFFECTIVE_PAGE_TIME": _number(rng, n, 9_000),
        "DEVICE_SESSION_ID": hexadecimal(rng, n, 20),
        "UI_EVENT_SEQUENCE_NUM": _number(rng, n, 120),
        "PAGE_ENTITY_ID": _of(rng, n, w["record"]),
        "PAGE_ENTITY_TYPE": _of(rng, n, w["entity"]),
        "PAGE_CONTEXT": _constant("one:recordHomeFlexipage2Wrapper", n),
        "PAGE_URL": _of(rng, n, w["page"]),
        "PAGE_APP_NAME": shown,
        "PREVPAGE_ENTITY_ID": _of(rng, n, w["record"]),
        "PREVPAGE_ENTITY_TYPE": _of(rng, n, w["entity"]),
        "PREVPAGE_CONTEXT": _constant("force:objectHomeDesktop", n),
        "PREVPAGE_URL": _of(rng, n, w["page"]),
        "PREVPAGE_APP_NAME": shown,
    }


def _apex(rng: np.random.Generator, n: int, w: Words, person: pa.Array) -> dict[str, pa.Array]:
    return {
        "URI": _of(rng, n, w["apex_uri"]),
        "EXEC_TIME": _number(rng, n, 400),
        "CALLOUT_TIME": _number(rng, n, 5),
        "NUMBER_SOQL_QUERIES": _number(rng, n, 20),
        "ENTRY_POINT": _of(rng, n, w["entry"]),
        "QUIDDITY": _one_of(rng, n, "L", "L", "R", "A"),
        "IS_LONG_RUNNING_REQUEST": _one_of(rng, n, "0", "0", "0", "1"),
        "URI_ID_DERIVED": _of(rng, n, w["record"]),
    }


def _login(rng: np.random.Generator, n: int, w: Words, person: pa.Array) -> dict[str, pa.Array]:
    return {
        "URI": _one_of(rng, n, "/services/oauth2/token", "/index.jsp", "/services/Soap/u/58.0"),
        "REQUEST_STATUS": _one_of(rng, n, "S", "S", ""),
        "BROWSER_TYPE": _of(rng, n, w["agent"]),
        "API_TYPE": _one_of(rng, n, "", "", "f", "I"),
        "API_VERSION": _one_of(rng, n, "9998.0", "58.0", "60.0"),
        "USER_NAME": w["username"].take(person),
        "TLS_PROTOCOL": _one_of(rng, n, "TLSv1.2", "TLSv1.3"),
        "CIPHER_SUITE": _one_of(rng, n, "ECDHE-RSA-AES256-GCM-SHA384", "TLS_AES_256_GCM_SHA384"),
        "LOGIN_STATUS": _one_of(rng, n, *["LOGIN_NO_ERROR"] * 8, "LOGIN_ERROR_INVALID_PASSWORD"),
        "SOURCE_IP": _of(rng, n, w["ip"]),
    }


_OWN: dict[str, Callable[[np.random.Generator, int, Words, pa.Array], dict[str, pa.Array]]] = {
    "RestApi": _rest,
    "URI": _uri,
    "LightningPageView": _view,
    "ApexExecution": _apex,
    "Login": _login,
}


# --- columns


def _constant(value: str, n: int) -> pa.Array:
    return pa.array([value]).take(pa.array(np.zeros(n, np.int8)))


def _of(rng: np.random.Generator, n: int, values: pa.Array) -> pa.Array:
    """Values by popularity: the first ones come more often, as pages and people do."""
    return values.take(pa.array((rng.random(n) ** 2 * len(values)).astype(np.int32)))


def _one_of(rng: np.random.Generator, n: int, *values: str) -> pa.Array:
    return pa.array(values).take(pa.array(rng.integers(0, len(values), n, np.int32)))


def _number(rng: np.random.Generator, n: int, below: int, least: int = 0) -> pa.Array:
    """Small numbers are common, large ones rare."""
    return pa.array((rng.random(n) ** 3 * below).astype(np.int64) + least).cast(pa.string())


def hexadecimal(rng: np.random.Generator, n: int, size: int) -> pa.Array:
    """Random text: nothing compresses it."""
    digits = _HEX[np.frombuffer(rng.bytes(n * size), np.uint8)]
    return _fixed(np.ascontiguousarray(digits).view(np.uint8), 2 * size)


def _fixed(content: Any, width: int) -> pa.Array:
    raw = pa.py_buffer(np.ascontiguousarray(content))
    count = content.size // width
    return pa.Array.from_buffers(pa.binary(width), count, [None, raw]).cast(pa.string())


def _compact(stamp: pa.Array, n: int) -> pa.Array:
    """`2026-03-02 10:00:00.019` as `20260302100000.019`."""
    letters = np.frombuffer(stamp.buffers()[2], np.uint8, n * 23).reshape(n, 23)
    keep = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 19, 20, 21, 22]
    return _fixed(letters[:, keep], 18)


def _ids(rng: np.random.Generator, prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n:010d}AAA" for n in rng.integers(0, 9_999_999, count)]


def _tokens(rng: np.random.Generator, count: int) -> list[str]:
    letters = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789+/"))
    return ["".join(t) for t in letters[rng.integers(0, len(letters), (count, 16))]]
