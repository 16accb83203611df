"""An object store that is not as it should be: one sentence, what to do, and never a key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orgwarden.core.problems import NeedsPerson, Problem, TryLater
from orgwarden.lake import bucket, place
from orgwarden.lake.reading import Reader
from orgwarden.lake.table import OrgLake
from tests.lake.ground import ORG, csv_bytes, land, new_lake, row
from tests.support.object_store import ACCESS_KEY, SECRET_KEY, ObjectStore
from tests.support.postgres import free_port


def test_a_missing_bucket_is_named_before_anything_is_written(object_store: ObjectStore) -> None:
    lake = place.root("s3://not-there/lake", object_store.store())
    with pytest.raises(NeedsPerson) as problem:
        OrgLake.open_or_create(lake / ORG)
    assert problem.value.code == "LAKE_BUCKET"
    assert "not-there" in problem.value.what
    assert "ORGWARDEN_LAKE_URL" in problem.value.fix


def test_a_store_that_does_not_answer_is_tried_again_later(object_store: ObjectStore) -> None:
    store = replace(object_store.store(), endpoint=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TryLater) as problem:
        OrgLake.open_or_create(place.root("s3://lake/x", store) / ORG)
    assert problem.value.code == "LAKE_AWAY"
    assert "ORGWARDEN_LAKE_ENDPOINT" in problem.value.fix


@pytest.mark.parametrize(
    ("said", "code", "names"),
    [
        ("AWS Error NO_SUCH_BUCKET during HeadObject", "LAKE_BUCKET", "ORGWARDEN_LAKE_URL"),
        ("Generic S3 error: 403 Forbidden", "LAKE_REFUSED", "ORGWARDEN_LAKE_SECRET_KEY_FILE"),
        ("AWS Error ACCESS_DENIED during PutObject", "LAKE_REFUSED", "ORGWARDEN_LAKE_ACCESS_KEY"),
        ("AWS Error [code 301]: HTTP response code 301", "LAKE_REGION", "ORGWARDEN_LAKE_REGION"),
        ("curlCode: 28, Timeout was reached", "LAKE_AWAY", "ORGWARDEN_LAKE_ENDPOINT"),
    ],
)
def test_what_a_store_says_becomes_what_to_do(said: str, code: str, names: str) -> None:
    store = place.Store("https://store:9000", "", ACCESS_KEY, SECRET_KEY)
    with pytest.raises(Problem) as problem, bucket.Bucket("lake", "x", store).asked():
        raise OSError(f"{said}; {ACCESS_KEY} {SECRET_KEY}")
    assert problem.value.code == code
    assert names in problem.value.fix
    assert ACCESS_KEY not in problem.value.sentence()
    assert SECRET_KEY not in problem.value.sentence()


def test_a_query_can_neither_write_to_the_store_nor_read_another_org(
    object_store: ObjectStore,
) -> None:
    root = object_store.new_root()
    lake = new_lake(root)
    land(lake, [csv_bytes([row(1)])])
    other = OrgLake.open_or_create(root / "another")
    other.take(1)
    land(other, [csv_bytes([row(2)])])
    own, theirs = lake.files()[0].path, other.files()[0].path
    before = sorted(object_store.keys())
    with Reader(root, [ORG]) as reader:
        reader.run_for_user("SELECT 1 FROM event_log_api")
        for attack in (
            f"COPY (SELECT 1) TO '{own}'",
            f"COPY (SELECT 1) TO '{root}/new.parquet'",
            f"SELECT * FROM read_parquet('{theirs}')",
            f"SELECT * FROM glob('{root}/**')",
        ):
            try:
                said = str(reader.connection.execute(attack).fetchall())
            except Exception as error:  # noqa: BLE001  DuckDB's, or our file system's inside it
                said = str(error).replace(attack, "")
            assert not [word for word in (SECRET_KEY, "R2") if word in said], said
        assert reader.run('SELECT "REQUEST_ID" FROM event_log_api').num_rows == 1
    assert sorted(object_store.keys()) == before
