"""Control over who may what: the JWT bearer flow with ready or own keys, and hidden columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from orgsim.cli import main
from orgsim.oauth import keys
from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller
from tests.orgsim.test_oauth import key_and_certificate, refused, works
from tests.orgsim.worlds import make
from tests.support.postgres import free_port

BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def send(server: OrgServer, claims: dict[str, Any], key: Any) -> requests.Response:
    form = {"grant_type": BEARER, "assertion": jwt.encode(claims, key, "RS256")}
    return requests.post(f"{server.base_url}/services/oauth2/token", data=form, timeout=10)


def test_the_always_there_app_takes_jwts_of_the_ready_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    org = make(users=10, days=2, port=free_port(), speed=0)
    with standin.serving(org) as server:
        port = str(org.options.port)
        assert main(["app", "--port", port, "--private-key"]) == 0
        app = json.loads(capsys.readouterr().out)
        key, now = app["private_key"], org.clock.now() // 1000
        good = {
            "iss": app["consumer_key"],
            "sub": app["run_as"],
            "aud": "https://login.salesforce.com",
            "exp": now + 170,
        }
        made = send(server, good, key).json()
        assert works(server, made["access_token"])
        assert set(made) == {"access_token", "scope", "instance_url", "id", "token_type",
                             "token_format", "id_token"}  # fmt: skip
        somebody = next(p.username for p in org.world.people) if org.world else ""
        for change, said in (
            ({"aud": "https://example.org"}, "Audience validation failed"),
            ({"exp": now - 600}, "invalid assertion"),
            ({"sub": somebody}, "user hasn't approved this consumer"),
        ):
            assert refused(send(server, good | change, key)) == ("invalid_grant", said)
        # A tester's own certificate takes the ready one's place.
        own, pem = key_and_certificate()
        (tmp_path / "own.pem").write_text(pem)
        assert main(["app", "--port", port, "--certificate", str(tmp_path / "own.pem")]) == 0
        assert send(server, good, own).status_code == 200
        assert refused(send(server, good, key))[1] == "invalid assertion"
        (tmp_path / "no.pem").write_text("nothing")
        with pytest.raises(SystemExit, match="certificate of an RSA key"):
            main(["app", "--port", port, "--certificate", str(tmp_path / "no.pem")])


def test_the_ready_key_is_the_same_for_the_same_seed() -> None:
    one, same, other = (standin.make_org(seed=n) for n in (1, 1, 2))
    first = keys.private_key(one)
    keys.FOUND.clear()  # made anew, not remembered
    assert keys.private_pem(first) == keys.private_pem(keys.private_key(same))
    assert keys.certificate_pem(one, first) == keys.certificate_pem(same, first)
    assert keys.private_pem(first) != keys.private_pem(keys.private_key(other))


# Columns ----------------------------------------------------------------------------------

QUERY = "SELECT Id, Interval, Sequence FROM EventLogFile"


def test_interval_and_sequence_are_there_without_a_licence(anna: Caller) -> None:
    assert anna.soql(QUERY)["totalSize"] == 0


def test_columns_hide_on_command(server: OrgServer, anna: Caller) -> None:
    def hide(*names: str) -> requests.Response:
        asked = {"object": "EventLogFile", "hide": names}
        return requests.post(f"{server.base_url}/_sim/columns", json=asked, timeout=10)

    assert hide("interval").json() == {"object": "EventLogFile", "hide": ["Interval"]}
    error = anna.soql(QUERY)[0]
    assert error["errorCode"] == "INVALID_FIELD"
    assert "No such column 'Interval' on entity 'EventLogFile'" in error["message"]
    described = anna.get("sobjects/EventLogFile/describe").json()["fields"]
    assert {"Sequence", "LogDate"} <= {f["name"] for f in described}
    assert "Interval" not in {f["name"] for f in described}
    assert "Interval" not in anna.soql("SELECT FIELDS(STANDARD) FROM EventLogFile")
    assert hide().json()["hide"] == []
    assert anna.soql(QUERY)["totalSize"] == 0
    assert hide("Nothing").status_code == 400


def test_versions_before_37_have_no_interval(server: OrgServer) -> None:
    old, new = (Caller(server, "anna@example.org", version) for version in ("36.0", "37.0"))
    assert old.soql(QUERY)[0]["errorCode"] == "INVALID_FIELD"
    assert new.soql(QUERY)["totalSize"] == 0
