"""The home: read from the environment, made only when asked, and refused where data would die."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.site import home


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in list(os.environ):
        if variable.startswith("ORGWARDEN_") or variable == "XDG_DATA_HOME":
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_without_any_setting_everything_lies_in_the_person_s_own_folder(tmp_path: Path) -> None:
    assert home.path() == tmp_path / ".local/share/orgwarden"
    assert home.lake_url() == str(home.path() / "lake")
    assert home.key_file() == home.path() / "keys/key.json"
    assert home.database()["NAME"] == str(home.path() / "records.sqlite3")
    assert home.public_url() == "http://127.0.0.1:8800"
    assert home.allowed_salesforce_hosts() == frozenset()


def test_the_home_follows_xdg_and_orgwarden_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert home.path() == tmp_path / "data/orgwarden"
    monkeypatch.setenv("ORGWARDEN_HOME", "~/mine")
    assert home.path() == tmp_path / "mine"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORGWARDEN_HOME", "var")
    assert home.path() == tmp_path / "var"


def test_a_home_with_odd_letters_is_taken_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ORGWARDEN_HOME", str(tmp_path / "50%20 of #1?"))
    assert home.database()["NAME"] == str(tmp_path / "50%20 of #1?" / "records.sqlite3")


def test_reading_makes_nothing(tmp_path: Path) -> None:
    for read in (home.path, home.lake_url, home.key_file, home.database, home.web_secret):
        read()
    assert list(tmp_path.iterdir()) == []
    assert home.web_secret() == ""


def test_preparing_makes_private_folders_and_files_once() -> None:
    home.prepare()
    secret = home.web_secret()
    assert len(secret) >= 50
    home.prepare()
    assert home.web_secret() == secret
    made = [home.path(), *home.path().rglob("*")]
    assert len(made) == 5
    for path in made:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a_home_that_cannot_be_made_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ORGWARDEN_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(NeedsPerson, match="cannot be made") as refused:
        home.prepare()
    assert "ORGWARDEN_HOME" in refused.value.fix


def test_a_file_written_once_is_never_written_over(tmp_path: Path) -> None:
    assert home.write_once(tmp_path / "a", "one")
    assert not home.write_once(tmp_path / "a", "two")
    assert (tmp_path / "a").read_text() == "one"
    assert [f.name for f in tmp_path.iterdir()] == ["a"]


def test_sqlite_takes_its_lock_when_a_transaction_begins() -> None:
    options = home.database()["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=FULL" in options["init_command"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("sqlite:////srv/records.sqlite3", {"NAME": "/srv/records.sqlite3"}),
        (
            "postgres://ann:p%40ss%2Fword@db.example.com:6543/warden",
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "warden",
                "USER": "ann",
                "PASSWORD": "p@ss/word",
                "HOST": "db.example.com",
                "PORT": "6543",
                "CONN_HEALTH_CHECKS": True,
            },
        ),
        ("postgresql://[::1]/warden", {"HOST": "::1", "PORT": "", "USER": ""}),
        ("postgres:///warden?host=/run/pg&port=5433", {"HOST": "/run/pg", "PORT": "5433"}),
        (
            "postgres://h/warden?sslmode=verify-full&sslrootcert=/ca.pem",
            {
                "OPTIONS": {
                    "connect_timeout": 10,
                    "sslmode": "verify-full",
                    "sslrootcert": "/ca.pem",
                }
            },
        ),
    ],
)
def test_a_database_address_becomes_settings(
    monkeypatch: pytest.MonkeyPatch, address: str, told: dict[str, Any]
) -> None:
    monkeypatch.setenv("ORGWARDEN_DATABASE_URL", address)
    settings = home.database()
    assert {name: settings[name] for name in told} == told


@pytest.mark.parametrize(
    "address",
    [
        "mysql://ann:canary@h/x",
        "records.sqlite3",
        "sqlite://records.sqlite3",
        "postgres://ann:canary@h:port/x",
        "postgres://ann:canary@h",
    ],
)
def test_an_unusable_database_address_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("ORGWARDEN_DATABASE_URL", address)
    with pytest.raises(NeedsPerson, match="ORGWARDEN_DATABASE_URL") as refused:
        home.database()
    assert "canary" not in refused.value.sentence()
    assert refused.value.__cause__ is None
    assert refused.value.fix


MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
server:/export /srv/nfs nfs4 rw 0 0
//server/share /srv/my\\040share cifs rw 0 0
host /srv/virtio virtiofs rw 0 0
host /srv/plan9 9p rw 0 0
user@host: /srv/ssh fuse.sshfs rw 0 0
/dev/vdb /srv/nfs/local ext4 rw 0 0
overlay /srv/container overlay rw 0 0
first /srv/twice nfs rw 0 0
second /srv/twice xfs rw 0 0
"""


@pytest.mark.fault("F3")
@pytest.mark.parametrize(
    ("folder", "disk"),
    [
        ("/srv/nfs", "nfs4"),
        ("/srv/nfs/deep/er", "nfs4"),
        ("/srv/my share/x", "cifs"),
        ("/srv/virtio", "virtiofs"),
        ("/srv/plan9", "9p"),
        ("/srv/ssh", "fuse.sshfs"),
    ],
)
def test_sqlite_is_refused_on_a_network_disk(
    monkeypatch: pytest.MonkeyPatch, folder: str, disk: str
) -> None:
    file = Path(folder) / "records.sqlite3"
    with pytest.raises(NeedsPerson, match=disk) as refused:
        home.refuse_network_disk(file, mounts=MOUNTS)
    assert "PostgreSQL" in refused.value.fix
    monkeypatch.setenv("ORGWARDEN_ALLOW_NETWORK_DISK", "1")
    home.refuse_network_disk(file, mounts=MOUNTS)


@pytest.mark.parametrize(
    "folder", ["/home/ann", "/srv/nfs/local", "/srv/nfsx", "/srv/container", "/srv/twice"]
)
def test_sqlite_is_fine_on_a_local_disk(folder: str) -> None:
    home.refuse_network_disk(Path(folder) / "records.sqlite3", mounts=MOUNTS)


def test_a_link_onto_a_network_disk_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/srv/nfs")
    with pytest.raises(NeedsPerson, match="nfs4"):
        home.refuse_network_disk(tmp_path / "link" / "records.sqlite3", mounts=MOUNTS)


def test_names_the_pages_answer_to_follow_the_public_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORGWARDEN_PUBLIC_URL", "https://warden.example.com/")
    assert home.public_url() == "https://warden.example.com"
    assert home.allowed_hosts() == ["warden.example.com", "localhost", "127.0.0.1", "[::1]"]
    assert home.trusted_origins()[0] == "https://warden.example.com"
    monkeypatch.setenv("ORGWARDEN_PUBLIC_URL", "http://127.0.0.1:9000")
    assert home.allowed_hosts() == ["127.0.0.1", "localhost", "[::1]"]
    assert home.trusted_origins() == ["http://127.0.0.1:9000", "http://localhost:9000"]


@pytest.mark.parametrize(
    "address",
    ["warden.example.com", "ftp://x", "http://", "http://a:b", "http://u:p@x", "http://x?y", "x"],
)
def test_a_public_address_nobody_can_open_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("ORGWARDEN_PUBLIC_URL", address)
    with pytest.raises(NeedsPerson, match="ORGWARDEN_PUBLIC_URL"):
        home.public_url()


def test_emulators_are_named_by_host_and_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGWARDEN_ALLOWED_SALESFORCE_HOSTS", "127.0.0.1:8900, LOCALHOST:8901,")
    assert home.allowed_salesforce_hosts() == {"127.0.0.1:8900", "localhost:8901"}
    monkeypatch.setenv("ORGWARDEN_ALLOWED_SALESFORCE_HOSTS", "evil.example.com")
    with pytest.raises(NeedsPerson, match="not host:port"):
        home.allowed_salesforce_hosts()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, None),
        ("s3://bucket/lake", "s3://bucket/lake"),
        ("file:///srv/my%20lake", "/srv/my lake"),
        ("/srv/lake", "/srv/lake"),
    ],
)
def test_the_lake_is_a_folder_or_an_address(
    monkeypatch: pytest.MonkeyPatch, given: str | None, told: str | None
) -> None:
    if given:
        monkeypatch.setenv("ORGWARDEN_LAKE_URL", given)
    assert home.lake_url() == (told or str(home.path() / "lake"))


def test_reading_the_home_loads_no_django() -> None:
    code = "import sys; from orgwarden.site import home; home.database(); home.logging(); "
    code += "sys.exit(any(m.split('.')[0] == 'django' for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_handler_redacts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGWARDEN_LOG_LEVEL", "debug")
    told = home.logging()
    assert told["loggers"]["orgwarden"]["level"] == "DEBUG"
    assert all(handler["filters"] == ["redact"] for handler in told["handlers"].values())
    monkeypatch.setenv("ORGWARDEN_LOG_LEVEL", "chatty")
    with pytest.raises(NeedsPerson, match="ORGWARDEN_LOG_LEVEL"):
        home.logging()
