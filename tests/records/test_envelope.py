"""The envelope: what is sealed opens only where it belongs, and rotation never loses a secret."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from orgwarden.core.problems import NeedsPerson
from orgwarden.records import credentials, envelope
from orgwarden.records.models import ConsentRequest, Credential, Destination, RetiredGrant
from tests.records.conftest import Database


def key_file() -> Path:
    return Path(settings.ORGWARDEN_KEY_FILE)


def test_what_is_sealed_opens_where_it_belongs(database: Database) -> None:
    sealed = envelope.seal(b"secret", bound_to="credential/a/refresh_token/1")
    assert b"secret" not in sealed
    assert envelope.open_sealed(sealed, bound_to="credential/a/refresh_token/1") == b"secret"
    assert sealed != envelope.seal(b"secret", bound_to="credential/a/refresh_token/1")


def test_no_altered_byte_opens(database: Database) -> None:
    sealed = envelope.seal(b"secret", bound_to="here")
    for at in range(len(sealed)):
        altered = bytearray(sealed)
        altered[at] ^= 1
        with pytest.raises(NeedsPerson):
            envelope.open_sealed(bytes(altered), bound_to="here")
    for cut in range(len(sealed)):
        with pytest.raises(NeedsPerson):
            envelope.open_sealed(sealed[:cut], bound_to="here")


def test_a_row_pasted_elsewhere_does_not_open(database: Database) -> None:
    mine, theirs = database.org("Mine"), database.org("Theirs")
    credentials.store(mine, "refresh_token", "my secret")
    credentials.store(theirs, "refresh_token", "their secret")
    row = Credential.objects.get(org=theirs)
    Credential.objects.filter(org=mine).update(sealed=row.sealed)
    with pytest.raises(NeedsPerson) as refused:
        credentials.newest(mine, "refresh_token")
    assert refused.value.code == "CREDENTIAL_ALTERED"
    # Neither under another kind nor as another version of the same org.
    Credential.objects.filter(org=theirs).update(kind="access_token")
    with pytest.raises(NeedsPerson):
        credentials.newest(theirs, "access_token")
    Credential.objects.filter(org=theirs).update(kind="refresh_token", version=7)
    with pytest.raises(NeedsPerson):
        credentials.newest(theirs, "refresh_token")


def test_the_key_file_is_the_owner_s_alone(database: Database) -> None:
    assert key_file().stat().st_mode & 0o777 == 0o600
    key_file().chmod(0o640)
    with pytest.raises(NeedsPerson, match="others") as refused:
        envelope.seal(b"x", bound_to="y")
    assert "chmod 600" in refused.value.fix


def test_preparing_twice_keeps_the_key(database: Database) -> None:
    before = key_file().read_bytes()
    assert envelope.prepare_key_file() is False
    assert key_file().read_bytes() == before


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', '{"keys": [{"id": "zz"}]}', "\0"])
def test_a_damaged_key_file_says_so(database: Database, text: str) -> None:
    key_file().write_text(text)
    with pytest.raises(NeedsPerson, match="damaged"):
        envelope.seal(b"x", bound_to="y")


def test_a_missing_key_file_is_not_replaced_while_credentials_need_it(database: Database) -> None:
    org = database.org()
    credentials.store(org, "client_secret", "s")
    key_file().unlink()
    for act in (lambda: credentials.newest(org, "client_secret"), envelope.prepare_key_file):
        with pytest.raises(NeedsPerson) as refused:
            act()
        assert refused.value.code == "KEY_FILE_MISSING"
        assert refused.value.fix
    assert not key_file().exists()


def test_another_installation_s_key_file_does_not_open(database: Database) -> None:
    org = database.org()
    credentials.store(org, "client_secret", "s")
    key_file().unlink()
    envelope._write([envelope._new_key()])
    with pytest.raises(NeedsPerson) as refused:
        credentials.newest(org, "client_secret")
    assert refused.value.code == "KEY_MISSING"


def test_rotation_seals_everything_under_a_new_key(database: Database) -> None:
    org = database.org()
    for kind in credentials.KINDS:
        credentials.store(org, kind, f"the {kind}")
    before = {bytes(row.sealed[1:9]) for row in Credential.objects.all()}
    done = envelope.rotate()
    after = {bytes(row.sealed[1:9]) for row in Credential.objects.all()}
    assert (done.is_new, done.resealed) == (True, 4)
    assert after == {bytes.fromhex(done.key_id)}
    assert not before & after
    assert {credentials.need(org, kind) for kind in credentials.KINDS} == {
        f"the {kind}" for kind in credentials.KINDS
    }
    assert key_file().stat().st_mode & 0o777 == 0o600


def test_every_table_with_sealed_rows_is_rotated(database: Database) -> None:
    models = apps.get_app_config("records").get_models()
    sealed = {m for m in models if any(f.name == "sealed" for f in m._meta.fields)}
    assert sealed == set(envelope.SEALED)
    org, now = database.org(), timezone.now()
    credentials.store(org, "client_secret", "s")
    hook = Destination.objects.create(name="hook", kind="webhook", created_at=now)
    Destination.objects.create(name="mail", kind="email", created_at=now)  # nothing sealed
    made = {
        Destination: hook,
        RetiredGrant: RetiredGrant(org_key=org.key, org_name="a", url="u", retired_at=now),
        ConsentRequest: ConsentRequest(state="s", session_key="b", payload={}, created_at=now),
    }
    for table, row in made.items():
        row.sealed = envelope.seal(b"a token", bound_to=envelope.SEALED[table](row))
        row.save()
    done = envelope.rotate()
    assert (done.is_new, done.resealed) == (True, 4)
    for table, row in made.items():
        row.refresh_from_db()
        assert bytes(row.sealed[1:9]).hex() == done.key_id
        assert envelope.open_sealed(row.sealed, bound_to=envelope.SEALED[table](row)) == b"a token"


def test_a_backup_of_the_database_opens_after_a_rotation(database: Database) -> None:
    org = database.org()
    credentials.store(org, "client_secret", "s")
    backup = bytes(Credential.objects.get().sealed)
    envelope.rotate()
    Credential.objects.update(sealed=backup)
    assert credentials.need(org, "client_secret") == "s"
    assert envelope.rotate() == envelope.Rotation(envelope._keys()[0].id.hex(), False, 1)


def test_a_rotation_killed_anywhere_loses_nothing_and_is_finished_later(
    database: Database,
) -> None:
    seed = random.Random(2)
    orgs = [database.org(f"org {n}") for n in range(40)]
    for org in orgs:
        credentials.store(org, "refresh_token", f"token of {org.name}")
    for _ in range(4):
        [worker] = database.workers(1, "rotate")
        time.sleep(seed.uniform(0.0, 0.12))
        worker.process.kill()
        worker.process.wait()
        for org in orgs:
            assert credentials.need(org, "refresh_token") == f"token of {org.name}"
        keys = len(envelope._keys())
        done = envelope.rotate()
        assert len(envelope._keys()) == keys + done.is_new
        assert {bytes(r.sealed[1:9]).hex() for r in Credential.objects.all()} == {done.key_id}


def test_a_rotation_between_key_and_rows_is_finished_not_repeated(database: Database) -> None:
    orgs = [database.org(f"org {n}") for n in range(3)]
    for org in orgs:
        credentials.store(org, "refresh_token", org.name)
    # As a kill leaves it: the key is written, one row of three is resealed.
    envelope._write([envelope._new_key(), *envelope._keys()])
    envelope._reseal(Credential, Credential.objects.earliest("pk").pk)
    done = envelope.rotate()
    assert (done.is_new, done.resealed) == (False, 2)
    assert len(envelope._keys()) == 2
    assert [credentials.need(org, "refresh_token") for org in orgs] == [o.name for o in orgs]


def test_a_key_is_not_shown(database: Database) -> None:
    key = envelope._keys()[0]
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)
