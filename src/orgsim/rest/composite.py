"""Several calls in one: composite, batch and the collection of records. Each is one API call."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from orgsim.rest import records
from orgsim.rest.call import Call
from orgsim.wire import ApiError, Refusal, Reply, Request, answer, encode

MOST = 25
MOST_QUERIES = 5  # of a composite's 25: queries, their further pages, collections of records
MOST_RECORDS = 200
MOST_NODES = 500
HALTED = ApiError(
    400,
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)
REFERENCE = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")


async def composite(call: Call, method: str, parts: list[str]) -> Reply:
    match method, parts:
        case "POST", []:
            return await _whole(_composite(call))
        case "POST", ["batch"]:
            return await _whole(_batch(call))
        case "POST", ["graph"]:
            return await _whole(_graphs(call))
        case _, ["sobjects", *rest]:
            return _collection(call, method, rest)
        case "GET", []:
            names = ("batch", "graph", "sobjects")
            return answer({n: f"{call.root}/composite/{n}" for n in names})
    raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")


async def _whole(answer: Awaitable[Reply]) -> Reply:
    try:
        return await answer
    except Spoilt as spoilt:
        return spoilt.reply


async def _one(call: Call, method: str, url: str, body: Any, headers: dict[str, str]) -> Reply:
    """One inner call, answered by the same resources under the same session."""
    from orgsim.rest.router import checked_version, dispatch

    split = urlsplit(url)
    path = unquote(split.path)
    data = b"" if body is None else encode(body)
    lower = {k.lower(): v for k, v in headers.items()}
    request = Request(method, path, split.query, lower, data, call.request.client)
    parts = path.removeprefix("/services/data/").strip("/").split("/")

    async def answered(request: Request) -> Reply:
        try:
            inner = call.asked(request)
            inner.version = checked_version(parts[0])
            return await dispatch(inner, parts[1:])
        except Refusal as refusal:
            return refusal.reply()

    asked = Request(method, "/services/data/" + "/".join(parts), split.query, lower, data)
    asked.client = call.request.client
    call.server.record.note(call.server, asked, call.session)
    faults = call.server.faults
    if not faults.armed:
        return await answered(request)
    reply = await faults.around(call.server, request, answered, inside=call.request)
    if reply.drop or reply.cut is not None or reply.trickle is not None or not _is_json(reply):
        raise Spoilt(reply)
    return reply


class Spoilt(Exception):
    """A fault struck one call inside in a way that only a whole answer can show."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def _is_json(reply: Reply) -> bool:
    try:
        _body(reply)
    except msgspec.DecodeError:
        return False
    return True


def _body(reply: Reply) -> Any:
    return msgspec.json.decode(reply.body) if reply.body else None


def _listed(value: Any, key: str, most: int = MOST) -> list[dict[str, Any]]:
    items = value.get(key) if isinstance(value, dict) else None
    if not isinstance(items, list) or not items:
        raise ApiError(400, "JSON_PARSER_ERROR", f"{key} is missing or empty")
    if len(items) > most:
        raise ApiError(400, "LIMIT_EXCEEDED", f"Limit of {most} subrequests exceeded")
    return items


async def _composite(call: Call) -> Reply:
    asked = call.request.json()
    queries = sum(_is_query(item) for item in _listed(asked, "compositeRequest"))
    if queries > MOST_QUERIES:
        raise ApiError(400, "LIMIT_EXCEEDED", f"Limit of {MOST_QUERIES} query requests exceeded")
    return answer({"compositeResponse": await _together(call, asked)})


def _is_query(item: dict[str, Any]) -> bool:
    path = urlsplit(item.get("url", "")).path.removeprefix("/services/data/").split("/")[1:]
    return path[:1] in (["query"], ["queryAll"]) or path[:2] == ["composite", "sobjects"]


async def _graphs(call: Call) -> Reply:
    """Composites side by side, each of which halts at its first failure."""
    asked = call.request.json()
    made = []
    for graph in _listed(asked, "graphs"):
        answers = await _together(call, graph | {"allOrNone": True}, MOST_NODES)
        made.append(
            {
                "graphId": graph.get("graphId", ""),
                "graphResponse": {"compositeResponse": answers},
                "isSuccessful": all(a["httpStatusCode"] < 400 for a in answers),
            }
        )
    return answer({"graphs": made})


async def _together(call: Call, asked: Any, most: int = MOST) -> list[dict[str, Any]]:
    """The answers of a composite; with allOrNone a failure takes back what went before it."""
    if not asked.get("allOrNone"):
        return await _composed(call, asked, most)
    server, answers = call.server, []
    try:
        with server.propagation.together(server.org.store):
            answers = await _composed(call, asked, most)
            if any(a["httpStatusCode"] >= 400 for a in answers):
                raise RolledBack
    except RolledBack:
        server.people.changed()
        for one in answers:
            if one["httpStatusCode"] < 400:
                one["body"], one["httpStatusCode"] = HALTED.body(), HALTED.status
    return answers


async def _composed(call: Call, asked: Any, most: int = MOST) -> list[dict[str, Any]]:
    done: dict[str, Any] = {}
    answers: list[dict[str, Any]] = []
    failed = False
    for item in _listed(asked, "compositeRequest", most):
        name = item.get("referenceId", "")
        try:
            if failed and asked.get("allOrNone"):
                raise HALTED
            url = _filled(item["url"], done)
            body = _filled(item.get("body"), done)
            reply = await _one(call, item["method"], url, body, item.get("httpHeaders") or {})
        except ApiError as error:
            reply = error.reply()
        done[name] = _body(reply)
        failed = failed or reply.status >= 400
        answers.append(
            {
                "body": done[name],
                "httpHeaders": dict(reply.headers),
                "httpStatusCode": reply.status,
                "referenceId": name,
            }
        )
    return answers


def _filled(value: Any, done: dict[str, Any]) -> Any:
    """A value with `@{reference.path}` replaced by what earlier calls answered."""
    if isinstance(value, dict):
        return {k: _filled(v, done) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, done) for v in value]
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        here: Any = done.get(match.group(1))
        try:
            for step in re.findall(r"\w+", match.group(2)):
                here = here[int(step)] if isinstance(here, list) else here[step]
        except (KeyError, IndexError, TypeError, ValueError):
            raise ApiError(
                400, "PROCESSING_HALTED", f"Invalid reference specified. {match.group(0)}"
            ) from None
        return str(here)

    return REFERENCE.sub(found, value)


async def _batch(call: Call) -> Reply:
    asked = call.request.json()
    results: list[dict[str, Any]] = []
    for item in _listed(asked, "batchRequests"):
        if results and asked.get("haltOnError") and results[-1]["statusCode"] >= 400:
            results.append(
                {
                    "statusCode": 412,
                    "result": [
                        {
                            "errorCode": "BATCH_PROCESSING_HALTED",
                            "message": "Batch processing halted per request",
                        }
                    ],
                }
            )
            continue
        reply = await _one(call, item["method"], item["url"], item.get("richInput"), {})
        results.append({"statusCode": reply.status, "result": _body(reply)})
    bad = any(r["statusCode"] >= 400 for r in results)
    return answer({"hasErrors": bad, "results": results})


def _collection(call: Call, method: str, parts: list[str]) -> Reply:
    """Up to 200 records of any objects: each for itself, or with allOrNone all or none."""
    params = call.request.params
    ids = [i for i in params.get("ids", "").split(",") if i]
    if method == "GET" and len(parts) == 1:
        return answer([_read(call, parts[0], i) for i in ids])
    if method == "DELETE" and not parts:
        _few(len(ids))
        whole = params.get("allOrNone") == "true"
        return answer(_rows(call, [lambda i=i: _delete(call, i) for i in ids], whole))
    if method not in ("POST", "PATCH") or parts:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    asked = call.request.json()
    items = asked.get("records") if isinstance(asked, dict) else None
    if not isinstance(items, list):
        raise ApiError(400, "JSON_PARSER_ERROR", "records is missing")
    _few(len(items))
    work = [lambda r=r: _write(call, method, r) for r in items]
    return answer(_rows(call, work, asked.get("allOrNone") is True))


class RolledBack(Exception):
    """One of the records of a whole failed."""


def _rows(call: Call, work: list[Any], whole: bool) -> list[dict[str, Any]]:
    """What became of each record. Of a whole with a failure, every other is rolled back."""
    server, made = call.server, []
    try:
        if not whole:
            return [_try(call, one) for one in work]
        with server.propagation.together(server.org.store):
            made = [_try(call, one) for one in work]
            if not all(row["success"] for row in made):
                raise RolledBack
    except RolledBack:
        server.people.changed()
        said = (
            "Record rolled back because not all records were valid and the request was using "
            "AllOrNone header"
        )
        code = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
        back = {"statusCode": code, "message": said, "fields": []}
        return [r if not r["success"] else {"success": False, "errors": [back]} for r in made]
    return made


def _few(count: int) -> None:
    if count > MOST_RECORDS:
        raise ApiError(
            400,
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {MOST_RECORDS} records into this call",
        )


def _try(call: Call, work: Any) -> dict[str, Any]:
    """One record of a collection; what was written of it is taken back when it fails."""
    try:
        with call.server.propagation.together(call.server.org.store):
            made: dict[str, Any] = work()
            return made
    except ApiError as error:
        failure = {
            "statusCode": error.code,
            "message": error.message,
            "fields": error.fields or [],
        }
        return {"success": False, "errors": [failure]}


def _delete(call: Call, id: str) -> dict[str, Any]:
    type = next(
        (t for t in call.server.org.store.types.values() if t.prefix and id.startswith(t.prefix)),
        None,
    )
    if type is None:
        raise ApiError(400, "MALFORMED_ID", f"malformed id {id}")
    records.delete(call, type.name, id)
    return {"id": id, "success": True, "errors": []}


def _read(call: Call, name: str, id: str) -> Any:
    try:
        return _body(records.read(call, name, id))
    except ApiError:
        return None


def _write(call: Call, method: str, record: dict[str, Any]) -> dict[str, Any]:
    name = record.get("attributes", {}).get("type", "")
    if method == "POST":
        return records.create(call, name, record)
    values = {k: v for k, v in record.items() if k.lower() != "id"}
    id = next((v for k, v in record.items() if k.lower() == "id"), "")
    records.update(call, name, id, values)
    return {"id": id, "success": True, "errors": []}
