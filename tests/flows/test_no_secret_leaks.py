"""After a life with every kind of trouble no secret lies anywhere but sealed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from orgwarden.flows.tokens import OrgCredentials
from orgwarden.records import credentials
from orgwarden.records.models import Org
from tests.flows.browser import consent
from tests.flows.connecting.test_consent import SESSION, begin
from tests.support.canaries import assert_absent
from tests.support.command import Installation
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

FAULTS = (
    {"prefix": "/services/data/", "nth": 2, "html": True},
    {"prefix": "/services/data/", "nth": 3, "cut": 10},
    {"endpoint": "SetupAuditTrail", "error": "UNKNOWN_EXCEPTION"},
    {"endpoint": "FROM.{1,3}User", "body": "{"},
    {"prefix": "/services/data/", "error": "API_DISABLED_FOR_ORG"},
    {"prefix": "/services/oauth2/token", "error": "invalid_grant"},
    {"prefix": "/services/oauth2/token", "status": 500},
)


def test_a_whole_life_on_the_command_line_shows_no_secret(
    tmp_path: Path, sim: OrgsimServer
) -> None:
    made = Installation(tmp_path / "home", sim, ORGWARDEN_LOG_LEVEL="DEBUG")
    made.init()
    app = sim.app()
    wrong = "a-wrong-secret-that-nobody-should-see-either"
    refused = made.run(
        "org", "connect", "x", "--url", sim.url, "--client-id", app["consumer_key"],
        "--client-secret-stdin", stdin=wrong,
    )  # fmt: skip
    assert refused.code == 1
    assert "secret" in refused.sentence
    made.connect("prod", sim)
    for fault in FAULTS:
        sim.control("faults", {**fault})
        sim.control("faults", {"prefix": "/services/data/", "nth": 1, "expired_token": True})
        made.run("collect", "--json")
        sim.control("faults", method="DELETE")
    made.run("collect", exits=0)
    for words in ("status", "org show prod", "org test prod", "lake verify", "events sources"):
        made.run(*words.split(), exits=0)
    token = sealed_away(made, "access_token")
    assert_absent([app["consumer_secret"], wrong, token], made.home, made.printed)


def sealed_away(made: Installation, kind: str) -> str:
    """The secret in the open, by the installation's own key, in a process of its own."""
    import subprocess
    import sys

    program = (
        "import django; django.setup()\n"
        "from orgwarden.records import credentials\n"
        "from orgwarden.records.models import Org\n"
        f"print(credentials.need(Org.objects.get(), '{kind}'), end='')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**made.env, "DJANGO_SETTINGS_MODULE": "orgwarden.site.settings"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_consent_renewal_and_expiry_show_no_secret(
    at_home: House,
    sim: OrgsimServer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from orgwarden.core.problems import Problem
    from orgwarden.flows.clients import transport
    from orgwarden.flows.connecting import confirm
    from orgwarden.flows.connecting.consent import finish

    caplog.set_level("DEBUG")
    back = consent(begin(sim), sim.app()["run_as"])
    found = finish(back["state"], back["code"], SESSION)
    org = confirm.confirm(found.id, SESSION, "ann")
    secrets = [sim.app()["consumer_secret"], back["code"]]
    secrets += [credentials.need(org, k) for k in ("access_token", "refresh_token")]
    at_home.collect(org, "users")
    holder = OrgCredentials(org, transport())
    secrets.append(holder.renew(holder.current()).access_token.reveal())
    sim.control("faults", {"prefix": "/services/data/", "nth": 1, "revoked_grant": True})
    with pytest.raises(Problem) as raised:
        at_home.collect(org)
    told = [raised.value.sentence(), repr(raised.value), repr(holder), str(at_home.status(org))]
    told += [str(vars(o)) for o in Org.objects.all()]
    out, err = capfd.readouterr()
    texts = [t.encode() for t in (*told, out, err, caplog.text)]
    assert_absent(secrets, at_home.home, *texts)
    # The search looks at the right places: the database with its journal is among the files.
    with sqlite3.connect(at_home.home / "records.sqlite3") as records:
        assert records.execute("SELECT count(*) FROM records_credential").fetchone()[0] >= 3
    records.close()
