"""A backup made while a collection runs, put back elsewhere, loses and doubles nothing."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session

from orgwarden.core.manifest import Manifest
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.keeping.backup import back_up
from orgwarden.flows.keeping.look import shelf_of
from orgwarden.flows.keeping.restore import restore
from orgwarden.flows.lakes import lake_of
from orgwarden.lake.proof import verify
from orgwarden.lake.table import OrgLake
from orgwarden.records import audit, leases
from orgwarden.records.models import (
    AuditEntry,
    Lease,
    Message,
    Org,
    Run,
    SharedValue,
    SourceState,
    WorkerBeat,
)
from tests.flows.keeping.conftest import Move
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.object_store import ObjectStore
from tests.support.orgsim import OrgsimServer

STREAMS = ("login_history", "setup_audit_trail", "event_log_file")
POINTS = ("landed", "refreshed", "committed", "published")


def go_on(house: House, sim: OrgsimServer) -> None:
    """Collect what was restored, and compare everything with what happened."""
    org = Org.objects.get(name="prod")
    house.collect(org, *STREAMS)
    assert_everything_landed(sim, house.ask, house.sources(org))
    lake = OrgLake.open(Path(house.settings.ORGWARDEN_LAKE_URL) / org.key)
    assert verify(lake, deep=True).wrong == ()


@pytest.mark.fault("F11")
def test_backups_made_at_every_point_of_a_collection_go_on_to_the_same_events(
    at_home: House, sim: OrgsimServer, org: Org, tmp_path: Path, move: Move
) -> None:
    met: dict[str, int] = {}
    made: list[Manifest] = []

    def at(point: str) -> None:
        met[point] = met.get(point, 0) + 1
        if met[point] == 2:
            made.append(back_up(tmp_path / "backups", actor="ann"))

    at_home.collect(org, *STREAMS, at=at)
    assert set(POINTS) <= set(met)
    assert len(made) == len(POINTS)
    with shelf_of(tmp_path / "backups") as shelf:
        assert [m.id for m in shelf.made()] == [m.id for m in made]
    for manifest in made[::2]:
        move(manifest.id)
        done = restore(tmp_path / "backups", actor="bob", id=manifest.id)
        assert (done.manifest, done.aside, done.reconnect) == (manifest, (), ())
        [run] = Run.objects.filter(outcome=Run.Outcome.LOST)
        assert run.ended_at is not None
        go_on(at_home, sim)


@pytest.mark.fault("F11")
def test_a_table_is_never_behind_what_the_restored_records_know_of_it(
    at_home: House, sim: OrgsimServer, org: Org, tmp_path: Path, move: Move
) -> None:
    """The records are copied, then everything is collected, then the tables are copied."""
    made = back_up(
        tmp_path / "b.tar",
        actor="ann",
        at=lambda point: at_home.collect(org, *STREAMS) and None if point == "records" else None,
    )
    assert made.rows > 0
    move("elsewhere")
    restore(tmp_path / "b.tar", actor="bob")
    assert SourceState.objects.get(source="login_history").rows == at_home.count("login_history")
    assert not SourceState.objects.exclude(next_due_at=None).exists()
    go_on(at_home, sim)


def test_a_second_backup_into_a_folder_copies_only_what_is_new(
    at_home: House, org: Org, tmp_path: Path
) -> None:
    at_home.collect(org, "login_history")
    first = back_up(tmp_path / "backups", actor="ann")
    files = {p: p.stat().st_ino for p in (tmp_path / "backups" / "files").rglob("*.parquet")}
    at_home.collect(org, "setup_audit_trail")
    told: dict[str, int | None] = {}
    second = back_up(
        tmp_path / "backups",
        actor="ann",
        step=lambda what, total=None: told.update({what: total}) or (lambda done: None),
    )
    new = [f for f in second.under("files/") if f not in first.files]
    assert told["prod"] == sum(f.size for f in new) > 0
    assert set(first.under("files/")) < set(second.under("files/"))
    assert {p: p.stat().st_ino for p in files} == files


def test_a_lake_in_a_bucket_is_backed_up_and_put_into_another_prefix(
    at_home: House, org: Org, tmp_path: Path, move: Move, object_store: ObjectStore
) -> None:
    at_home.settings.ORGWARDEN_LAKE_STORE = object_store.store(str(tmp_path / "drafts"))
    at_home.settings.ORGWARDEN_LAKE_URL = "s3://lake/backed-up"
    at_home.collect(org, "login_history")
    events = at_home.count("login_history")
    made = back_up(tmp_path / "b.tar", actor="ann")
    assert made.rows >= events > 0
    move("elsewhere")
    at_home.settings.ORGWARDEN_LAKE_URL = "s3://lake/restored"
    restore(tmp_path / "b.tar", actor="bob")
    assert at_home.count("login_history") == events
    assert at_home.outcome(Org.objects.get(), "login_history").stored == 0
    assert verify(OrgLake.open(lake_of(Org.objects.get())), deep=True).wrong == ()
    with pytest.raises(NeedsPerson, match="objects cannot be put aside"):
        restore(tmp_path / "b.tar", actor="bob", replace=True)
    move("a-disk-again")
    restore(tmp_path / "b.tar", actor="bob")
    assert at_home.count("login_history") == events


def test_what_was_running_is_settled_and_the_audit_chain_goes_on(
    at_home: House, sim: OrgsimServer, org: Org, tmp_path: Path, move: Move
) -> None:
    at_home.collect(org, "login_history")
    now = datetime.now(UTC)
    leases.take(org, holder=leases.Holder.here())
    Session.objects.create(session_key="s", session_data="x", expire_date=now + timedelta(days=1))
    SharedValue.objects.create(key="k", value=1)
    WorkerBeat.objects.create(holder="w", started_at=now, seen_at=now)
    Message.objects.create(
        key="m", address="a@example.com", event="test", body={}, created_at=now, due_at=now
    )
    made = back_up(tmp_path / "backups", actor="ann")
    [told] = AuditEntry.objects.filter(action="system:backup:made")
    assert (told.actor, told.subject, told.detail["key_file"]) == ("ann", made.id, False)
    kept = (tmp_path / "backups" / made.id / "records" / "records.sqlite3").read_bytes()
    assert b"django_session" in kept

    home = move("elsewhere")
    restore(tmp_path / "backups", actor="bob")
    lease = Lease.objects.get()
    assert (lease.holder, lease.expires_at, lease.epoch) == ("", None, 2)
    assert not Session.objects.exists()
    assert not SharedValue.objects.exists()
    assert not WorkerBeat.objects.exists()
    assert Message.objects.get().state == Message.State.UNCLEAR
    newest = AuditEntry.objects.order_by("-id")[0]
    assert (newest.actor, newest.action) == ("bob", "system:backup:restored")
    assert newest.detail["chain_whole"] is True
    assert made.audit_tip is not None
    assert audit.verify(audit.Tip(*made.audit_tip)) is None
    for path in home.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


@pytest.mark.fault("F11")
@pytest.mark.parametrize("victim", ["records", "data", "log", "manifest", "missing"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_backup_is_refused_with_the_file_named_and_nothing_is_written(
    at_home: House, org: Org, tmp_path: Path, move: Move, victim: str, packed: bool
) -> None:
    at_home.collect(org, "login_history")
    target = tmp_path / ("b.tar" if packed else "b")
    made = back_up(target, actor="ann")
    path = {
        "records": f"{made.id}/records/records.sqlite3",
        "data": made.under("files/")[0].path,
        "log": next(f.path for f in made.files if f.path.endswith("00001.json")),
        "manifest": f"{made.id}/manifest.json",
        "missing": made.under("files/")[0].path,
    }[victim]
    if packed:
        damage_packed(target, path, missing=victim == "missing")
    elif victim == "missing":
        (target / path).unlink()
    else:
        flip(target / path, 200)
    folder = move("elsewhere")
    with pytest.raises(NeedsPerson, match="The backup is damaged") as refused:
        restore(target, actor="bob")
    assert path in refused.value.what
    assert refused.value.code == "BACKUP_DAMAGED"
    assert not list((folder / "lake").iterdir())
    assert not (folder / "records.sqlite3").stat().st_size


def flip(path: Path, place: int) -> None:
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1
    path.write_bytes(whole)


def damage_packed(archive: Path, path: str, *, missing: bool) -> None:
    """Flip a byte of one member, or of its name."""
    import tarfile

    with tarfile.open(archive) as tar:
        member = tar.getmember(path)
        place = member.offset_data + 200
    if missing:  # the name is in the header before the data, or in a header of its own
        whole = archive.read_bytes()
        archive.write_bytes(whole.replace(path.encode()[-40:], b"x" * 40, 2))
    else:
        flip(archive, place)


def test_a_home_with_something_in_it_is_refused_and_put_aside_when_asked(
    at_home: House, sim: OrgsimServer, org: Org, tmp_path: Path
) -> None:
    at_home.collect(org, "login_history")
    back_up(tmp_path / "backups", actor="ann")
    with pytest.raises(NeedsPerson, match="nothing was restored over it") as refused:
        restore(tmp_path / "backups", actor="bob")
    assert refused.value.code == "HOME_NOT_EMPTY"
    now = datetime.now(UTC)
    WorkerBeat.objects.create(holder="w", started_at=now, seen_at=now)
    with pytest.raises(NeedsPerson, match="A worker of this installation runs"):
        restore(tmp_path / "backups", actor="bob", replace=True)
    WorkerBeat.objects.all().delete()
    Org.objects.filter(pk=org.pk).update(name="spoilt")
    done = restore(tmp_path / "backups", actor="bob", replace=True)
    assert len(done.aside) == 2
    assert all(Path(p).exists() for p in done.aside)
    go_on(at_home, sim)


def test_the_key_is_left_out_unless_asked_for_and_comes_back_by_its_passphrase(
    at_home: House, sim: OrgsimServer, org: Org, tmp_path: Path, move: Move
) -> None:
    secret = Path(at_home.settings.ORGWARDEN_KEY_FILE).read_text()
    with pytest.raises(NeedsPerson, match="fewer than 12"):
        back_up(tmp_path / "b", actor="ann", passphrase="short")
    made = back_up(tmp_path / "b", actor="ann", passphrase="a long passphrase")
    assert made.with_key
    for path in (tmp_path / "b").rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()
    folder = move("elsewhere", key=False)
    with pytest.raises(NeedsPerson, match="There is no key file"):
        restore(tmp_path / "b", actor="bob")
    with pytest.raises(NeedsPerson, match="does not open"):
        restore(tmp_path / "b", actor="bob", passphrase=lambda: "another passphrase")
    assert not (folder / "records.sqlite3").stat().st_size
    restore(tmp_path / "b", actor="bob", passphrase=lambda: "a long passphrase")
    assert Path(at_home.settings.ORGWARDEN_KEY_FILE).read_text() == secret
    assert at_home.outcome(Org.objects.get(), "login_history").outcome == Run.Outcome.DONE


def test_without_its_key_everything_but_the_secrets_comes_back(
    at_home: House, sim: OrgsimServer, org: Org, tmp_path: Path, move: Move
) -> None:
    at_home.collect(org, "login_history")
    events = at_home.count("login_history")
    back_up(tmp_path / "b", actor="ann")
    move("elsewhere", key=False)
    done = restore(tmp_path / "b", actor="bob", without_key=True)
    assert done.reconnect == ("prod",)
    assert at_home.count("login_history") == events
    row = Org.objects.get()
    assert (row.status, row.problem_fix) == (Org.Status.ERROR, "Reconnect the tenant.")
    assert not row.credentials.exists()


def test_a_folder_that_others_can_open_is_refused(at_home: House, org: Org, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(NeedsPerson, match="chmod 700") as refused:
        try:
            back_up(tmp_path / "open", actor="ann")
        except NeedsPerson as problem:
            raise NeedsPerson(problem.sentence()) from None
    assert "can be opened by others" in refused.value.what
    back_up(tmp_path / "b", actor="ann")
    (tmp_path / "b").chmod(0o777)
    with pytest.raises(NeedsPerson, match="proves nothing"):
        restore(tmp_path / "b", actor="bob", replace=True)
    with pytest.raises(NeedsPerson, match="There is nothing at"):
        restore(tmp_path / "nothing", actor="bob")
    (tmp_path / "empty").mkdir(mode=0o700)
    with pytest.raises(NeedsPerson, match="holds no finished backup"):
        restore(tmp_path / "empty", actor="bob")
