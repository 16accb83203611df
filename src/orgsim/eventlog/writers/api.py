"""ApiTotalUsage, RestApi, API, BulkApi, BulkApi2: one set of calls, as each type tells it."""

from __future__ import annotations

import random

from orgsim.eventlog.scene import Call, Scene
from orgsim.eventlog.text import escaped
from orgsim.eventlog.writers.line import cost, line


def _common(call: Call) -> dict[str, str]:
    return {
        "REQUEST_ID": call.request_id,
        "SESSION_KEY": call.session_key,
        "LOGIN_KEY": call.login_key,
        "CLIENT_IP": call.ip,
        "USER_TYPE": "Standard",
        "REQUEST_STATUS": "S" if call.status == "200" else "F",
    }


def api_total_usage(scene: Scene, rng: random.Random) -> list[str]:
    lines: list[str] = []
    for call in scene.calls:
        app = call.by.app_id
        values = {
            "REQUEST_ID": call.request_id,
            "API_FAMILY": call.family,
            "API_VERSION": call.by.api_version,
            "API_RESOURCE": call.resource if call.family != "SOAP" else "Soap",
            "CLIENT_NAME": call.by.client,
            "HTTP_METHOD": call.method,
            "CLIENT_IP": call.ip,
            "COUNTS_AGAINST_API_LIMIT": "1",
            "CONNECTED_APP_ID": app[:15] if app else "",
            "CONNECTED_APP_NAME": call.by.app if app else "",
            "ENTITY_NAME": call.entity,
            "STATUS_CODE": call.status,
            "USER_NAME": call.by.username,
        }
        lines.append(line(scene, rng, "ApiTotalUsage", call.at, call.by.id, values))
        if rng.random() < 0.0015:  # retransmitted: the same line twice, as real files have it
            lines.append(lines[-1])
    return lines


def rest_api(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for call in scene.calls:
        if call.family != "REST":
            continue
        values = {
            **_common(call),
            **cost(rng, 60 + call.rows / 4),
            "URI": call.resource,
            "METHOD": call.method,
            "MEDIA_TYPE": "application/json;charset=UTF-8",
            "STATUS_CODE": call.status,
            "USER_AGENT": "9999" if rng.random() < 0.7 else call.by.agent,
            "ROWS_PROCESSED": str(call.rows),
            "NUMBER_FIELDS": str(rng.randrange(3, 40)),
            "DB_BLOCKS": str(rng.randrange(10, 3000)),
            "DB_CPU_TIME": str(rng.randrange(0, 90)),
            "REQUEST_SIZE": "0" if call.method == "GET" else str(rng.randrange(80, 4000)),
            "RESPONSE_SIZE": str(120 + call.rows * rng.randrange(180, 400)),
            "ENTITY_NAME": call.entity,
            "CLIENT_NAME": call.by.client,
            "CONNECTED_APP_ID": (call.by.app_id or "")[:15],
            "EXCEPTION_MESSAGE": escaped(
                "" if call.status == "200" else "No such column 'Region__c' on entity"
            ),
        }
        lines.append(line(scene, rng, "RestApi", call.at, call.by.id, values))
    return lines


def soap_api(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for call in scene.calls:
        if call.family != "SOAP":
            continue
        values = {
            **_common(call),
            **cost(rng, 50),
            "URI": "Api",
            "API_TYPE": "P",
            "API_VERSION": call.by.api_version,
            "CLIENT_NAME": call.by.client,
            "METHOD_NAME": call.resource,
            "ENTITY_NAME": call.entity,
            "ROWS_PROCESSED": str(call.rows),
            "REQUEST_SIZE": str(rng.randrange(500, 9000)),
            "RESPONSE_SIZE": str(400 + call.rows * 300),
            "DB_BLOCKS": str(rng.randrange(10, 900)),
            "DB_CPU_TIME": str(rng.randrange(0, 60)),
            "EXCEPTION_MESSAGE": escaped(""),
        }
        lines.append(line(scene, rng, "API", call.at, call.by.id, values))
    return lines


def bulk_api_2(scene: Scene, rng: random.Random) -> list[str]:
    lines = []
    for call in scene.calls:
        if call.family == "BULK" and call.job:
            values = {
                **_common(call),
                **cost(rng, 900),
                "URI": call.resource,
                "ENTITY_TYPE": call.entity,
                "JOB_ID": call.job,
                "JOB_STATUS": "JobComplete",
                "OPERATION_TYPE": "query",
                "RECORDS_FAILED": "0",
                "RECORDS_PROCESSED": str(call.rows),
                "RESULT_SIZE_MB": f"{call.rows * 240 / 1e6:.2f}",
            }
            lines.append(line(scene, rng, "BulkApi2", call.at, call.by.id, values))
    return lines


def bulk_api(scene: Scene, rng: random.Random) -> list[str]:
    """The batches behind the jobs, as the older type tells them."""
    lines = []
    for call in scene.calls:
        if call.family == "BULK" and call.job:
            left, number = call.rows, 0
            while left > 0:
                size = min(left, 2500)
                values = {
                    **_common(call),
                    **cost(rng, 500),
                    "URI": "BULKAPI-LOG",
                    "JOB_ID": call.job,
                    "BATCH_ID": f"751{call.job[3:11]}{number:04d}",
                    "ROWS_PROCESSED": str(size),
                    "NUMBER_FAILURES": "0",
                    "SUCCESS": "1",
                    "MESSAGE": escaped("success"),
                    "ENTITY_TYPE": call.entity,
                    "OPERATION_TYPE": "query",
                }
                at = min(call.at + number * 700, scene.start + 3_599_999)
                lines.append(line(scene, rng, "BulkApi", at, call.by.id, values))
                left, number = left - size, number + 1
    return lines
