"""Files from Salesforce: whole or not at all, wherever the wire is cut."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import pytest

from orgwarden.core.problems import NotThere, Problem, TryLater
from orgwarden.salesforce import Client
from orgwarden.salesforce import http as transport_module
from tests.salesforce.conftest import Clock, Tally, Wallet
from tests.salesforce.stub_server import Reply, StubServer, expired_token, fault, page

PATH = "/services/data/v62.0/sobjects/EventLogFile/0AT000000000001/LogFile"
CSV = b'"EVENT_TYPE","TIMESTAMP"\n' + b'"Login","20260101000000.000"\n' * 400
OFFSETS = sorted({0, 1, 9, 10, 17, 18, 19, 20, *range(0, len(CSV), 997), len(CSV) - 1})


def zipped(data: bytes) -> Reply:
    return Reply(gzip.compress(data), 200, {"Content-Encoding": "gzip"})


def cut(reply: Reply, at: int, *, chunked: bool = False, without_length: bool = False) -> Reply:
    return Reply(
        reply.body, 200, reply.headers, cut_at=at, chunked=chunked, without_length=without_length
    )


def test_a_file_arrives_as_it_is(stub: StubServer, client: Client, tmp_path: Path) -> None:
    seen: list[int] = []
    stub.routes[PATH] = Reply(CSV, 200, {"Content-Type": "application/octetstream"})
    done = client.download(
        PATH, tmp_path / "f", expected=len(CSV), progress=seen.append, hashed=True
    )
    assert (tmp_path / "f").read_bytes() == CSV
    assert done.bytes_read == len(CSV) == seen[-1]
    assert done.sha256 == hashlib.sha256(CSV).hexdigest()
    # Compression costs more than it saves on the way to this same machine.
    assert stub.asked[0].headers["Accept-Encoding"] == "identity"


def test_compressed_and_chunked_files_arrive_decoded(
    stub: StubServer, client: Client, tmp_path: Path
) -> None:
    members = gzip.compress(CSV[:100]) + gzip.compress(CSV[100:])
    for reply in (
        zipped(CSV),
        Reply(members, 200, {"Content-Encoding": "gzip"}),
        Reply(gzip.compress(CSV), 200, {"Content-Encoding": "gzip"}, chunked=True),
        Reply(gzip.compress(CSV), 200, {"Content-Encoding": "gzip"}, without_length=True),
        Reply(CSV, chunked=True),
        Reply(CSV, without_length=True),
    ):
        stub.routes[PATH] = reply
        client.download(PATH, tmp_path / "f", expected=len(CSV))
        assert (tmp_path / "f").read_bytes() == CSV


@pytest.mark.fault("D8")
@pytest.mark.parametrize("form", ["length", "chunked", "without length"])
def test_a_file_cut_anywhere_is_fetched_again(
    stub: StubServer, client: Client, tmp_path: Path, form: str
) -> None:
    for at in OFFSETS:
        stub.routes[PATH] = [
            cut(
                Reply(CSV),
                at,
                chunked=form == "chunked",
                without_length=form == "without length",
            ),
            Reply(CSV),
        ]
        client.download(PATH, tmp_path / "f", expected=len(CSV))
        assert (tmp_path / "f").read_bytes() == CSV, at
    assert len(stub.asked) == 2 * len(OFFSETS)


@pytest.mark.fault("D8")
@pytest.mark.parametrize("known", [True, False])
def test_a_compressed_file_cut_anywhere_is_fetched_again(
    stub: StubServer, client: Client, tmp_path: Path, clock: Clock, known: bool
) -> None:
    whole = zipped(CSV)
    for at in range(1, len(whole.body)):
        clock.now += 3600  # so many repetitions in one hour are not allowed
        # Closing the connection is how this body ends, so only its own trailer tells.
        stub.routes[PATH] = [cut(whole, at, without_length=True), whole]
        client.download(PATH, tmp_path / "f", expected=len(CSV) if known else None)
        assert (tmp_path / "f").read_bytes() == CSV, at


@pytest.mark.fault("D9")
def test_a_cut_between_gzip_members_is_seen_by_the_length(
    stub: StubServer, client: Client, tmp_path: Path
) -> None:
    stub.routes[PATH] = zipped(CSV[:500])
    with pytest.raises(TryLater) as raised:
        client.download(PATH, tmp_path / "f", expected=len(CSV))
    assert raised.value.code == "WRONG_LENGTH"
    assert len(stub.asked) == 3


def test_a_file_that_stays_cut_costs_three_calls_and_no_more(
    stub: StubServer, client: Client, tmp_path: Path, tally: Tally
) -> None:
    stub.routes[PATH] = cut(Reply(CSV), 100)
    with pytest.raises(TryLater) as raised:
        client.download(PATH, tmp_path / "f", expected=len(CSV))
    assert raised.value.code == "CUT_SHORT"
    assert len(tally.before_calls) == len(tally.after_calls) == 3


@pytest.mark.parametrize("expected", [len(CSV) - 1, len(CSV) + 1, 0])
def test_a_length_other_than_stated_is_not_accepted(
    stub: StubServer, client: Client, tmp_path: Path, expected: int
) -> None:
    stub.routes[PATH] = Reply(CSV)
    with pytest.raises(TryLater) as raised:
        client.download(PATH, tmp_path / "f", expected=expected)
    assert raised.value.code == "WRONG_LENGTH"


def test_an_empty_file_that_is_said_to_be_empty_is_fine(
    stub: StubServer, client: Client, tmp_path: Path
) -> None:
    for reply in (Reply(b""), zipped(b""), Reply(b"", chunked=True)):
        stub.routes[PATH] = reply
        assert client.download(PATH, tmp_path / "f", expected=0).bytes_read == 0
        assert (tmp_path / "f").read_bytes() == b""


def test_a_file_that_is_gone_is_not_there(stub: StubServer, client: Client, tmp_path: Path) -> None:
    stub.routes[PATH] = fault("NOT_FOUND", "The requested resource does not exist", 404)
    with pytest.raises(NotThere):
        client.download(PATH, tmp_path / "f", expected=10)
    assert not (tmp_path / "f").exists()


@pytest.mark.fault("A2")
def test_a_token_that_expires_at_a_file_is_renewed(
    stub: StubServer, client: Client, tmp_path: Path, wallet: Wallet
) -> None:
    stub.routes[PATH] = [expired_token(), Reply(CSV)]
    client.download(PATH, tmp_path / "f", expected=len(CSV))
    assert wallet.renewals == 1


def test_a_web_page_is_not_a_log_file(stub: StubServer, client: Client, tmp_path: Path) -> None:
    stub.routes[PATH] = [page(status=200), Reply(CSV)]
    client.download(PATH, tmp_path / "f", expected=len(CSV))
    assert (tmp_path / "f").read_bytes() == CSV


def test_a_bomb_is_left_alone(stub: StubServer, client: Client, tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(80)) + packer.flush()
    stub.routes[PATH] = Reply(bomb, 200, {"Content-Encoding": "gzip"})
    with pytest.raises(Problem) as raised:
        client.download(PATH, tmp_path / "f", expected=None)
    assert raised.value.code == "DECOMPRESSION_BOMB"
    with pytest.raises(TryLater) as too_long:
        client.download(PATH, tmp_path / "f", expected=1000)
    assert too_long.value.code == "WRONG_LENGTH"
    assert (tmp_path / "f").stat().st_size <= 2 * transport_module.CHUNK


def test_an_encoding_nobody_asked_for_is_refused(
    stub: StubServer, client: Client, tmp_path: Path
) -> None:
    stub.routes[PATH] = Reply(CSV, 200, {"Content-Encoding": "br"})
    with pytest.raises(Problem) as raised:
        client.download(PATH, tmp_path / "f", expected=None)
    assert raised.value.code == "UNKNOWN_ENCODING"


def test_a_full_disk_is_not_taken_for_a_network_fault(
    stub: StubServer, client: Client, tally: Tally
) -> None:
    stub.routes[PATH] = Reply(CSV)
    with pytest.raises(OSError, match="No space left"):
        client.download(PATH, Path("/dev/full"), expected=len(CSV))
    assert len(tally.after_calls) == 1
