"""The transport: what it repeats, how long it waits, where it goes, and what it never shows."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from orgwarden.core.problems import NeedsPerson, Problem, TryLater
from orgwarden.salesforce import Client, Secret, Transport
from orgwarden.salesforce.bodies import http_date, retry_after
from orgwarden.salesforce.restraint import AT_ONCE
from tests.salesforce.conftest import Clock
from tests.salesforce.stub_server import Reply, StubServer, as_json, fault

LIMITS = "/services/data/v62.0/limits"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        ("86400", 900),
        ("garbage", None),
        ("", None),
        ("-5", None),
        ("Sat, 21 Nov 2026 10:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 09:00:00 GMT", 0),
        ("Sun, 22 Nov 2026 10:00:00 GMT", 900),
    ],
)
@pytest.mark.fault("B7")
def test_retry_after_is_read_in_every_form_and_capped(text: str, seconds: int | None) -> None:
    headers = {"Retry-After": text, "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(headers) == expected


@pytest.mark.parametrize(
    "text",
    ["", "soon", "Fri, 31 Dec 9999 23:59:59 -1200"],
)
def test_a_date_that_is_none_is_unknown(text: str) -> None:
    assert http_date(text) is None


def test_a_transient_fault_is_tried_five_times_with_growing_waits(
    stub: StubServer, client: Client, clock: Clock
) -> None:
    stub.routes[LIMITS] = fault("UNKNOWN_EXCEPTION", "x", 500)
    with pytest.raises(TryLater):
        client.limits()
    assert len(stub.asked) == 5
    assert clock.waits == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.fault("B7")
def test_what_the_server_asks_to_wait_is_waited(
    stub: StubServer, client: Client, clock: Clock
) -> None:
    stub.routes[LIMITS] = [Reply(b"slow down", 429, {"Retry-After": "30"}), as_json({})]
    assert client.limits() == {}
    assert clock.waits == [30.0]


@pytest.mark.fault("B7")
def test_a_wait_of_minutes_is_the_callers(stub: StubServer, client: Client, clock: Clock) -> None:
    stub.routes[LIMITS] = Reply(b"", 503, {"Retry-After": "86400"})
    with pytest.raises(TryLater) as raised:
        client.limits()
    assert raised.value.after == timedelta(minutes=15)
    assert clock.waits == []
    assert len(stub.asked) == 1


def test_a_permanent_fault_is_asked_once(stub: StubServer, client: Client) -> None:
    for code in ("INVALID_TYPE", "INVALID_FIELD", "MALFORMED_QUERY", "QUERY_TIMEOUT"):
        stub.asked.clear()
        stub.routes[LIMITS] = fault(code, "x")
        with pytest.raises(Problem):
            client.limits()
        assert len(stub.asked) == 1, code


@pytest.mark.fault("B4")
def test_two_hours_of_faults_do_not_burn_the_quota(
    stub: StubServer, client: Client, clock: Clock
) -> None:
    stub.routes[LIMITS] = Reply(b"", 500)
    for _ in range(120):
        clock.now += 60
        with pytest.raises(TryLater) as raised:
            client.limits()
    # Ten until it is left alone, then one after 1, 2, 4, 8, 15, 15 … minutes.
    assert len(stub.asked) <= 10 + 4 + 8
    assert raised.value.code in ("LEFT_ALONE", "HTTP_500")


@pytest.mark.fault("B4")
def test_an_endpoint_that_was_left_alone_is_used_again_when_it_answers(
    stub: StubServer, client: Client, clock: Clock, transport: Transport
) -> None:
    stub.routes[LIMITS] = Reply(b"", 500)
    for _ in range(2):
        with pytest.raises(TryLater):
            client.limits()
    asked = len(stub.asked)
    with pytest.raises(TryLater) as alone:
        client.limits()
    assert alone.value.code == "LEFT_ALONE"
    assert alone.value.after == timedelta(minutes=1)
    assert len(stub.asked) == asked == 10
    stub.routes["/services/data/v62.0/query"] = as_json({})
    assert client.get("query", endpoint="query") == b"{}"  # only that endpoint is left alone
    clock.now += 60
    stub.routes[LIMITS] = as_json({})
    assert client.limits() == {}
    stub.routes[LIMITS] = [Reply(b"", 500), as_json({})]
    assert client.limits() == {}  # and repeated as before


@pytest.mark.fault("B4")
def test_a_person_who_asks_is_not_held_up(
    stub: StubServer, client: Client, transport: Transport
) -> None:
    stub.routes[LIMITS] = Reply(b"", 500)
    for _ in range(2):
        with pytest.raises(TryLater):
            client.limits()
    stub.routes[LIMITS] = as_json({})
    transport.forgive(transport.address(stub.url))
    assert client.limits() == {}


def test_at_most_four_calls_are_under_way_at_once(stub: StubServer, client: Client) -> None:
    """The fifth begins when one of the four has ended."""
    begun, most, lock, go = [0], [0], Lock(), Event()

    def slow(chunk: int) -> None:
        with lock:
            begun[0] += 1
            most[0] = max(most[0], begun[0])
            if begun[0] == AT_ONCE:
                go.set()
        assert go.wait(10)
        with lock:
            begun[0] -= 1

    stub.routes[LIMITS] = as_json({})
    with TemporaryDirectory() as folder, ThreadPoolExecutor(12) as pool:
        asked = [
            pool.submit(
                client.download, LIMITS, Path(folder) / str(n), expected=None, progress=slow
            )
            for n in range(12)
        ]  # fmt: skip
        for one in asked:
            one.result()
    assert most[0] == AT_ONCE


def test_nobody_listening_is_one_sentence_with_a_fix(clock: Clock) -> None:
    transport = Transport(allowed=frozenset({"127.0.0.1:9"}), wait=clock.wait)
    with pytest.raises(TryLater, match="cannot be reached") as raised:
        transport.send("GET", transport.address("http://127.0.0.1:9"), "/services/data")
    assert raised.value.code == "UNREACHABLE"
    assert "Check the address" in raised.value.fix
    assert len(clock.waits) == 4
    transport.close()


def test_a_name_that_does_not_exist_is_one_sentence_with_a_fix(clock: Clock) -> None:
    transport = Transport(allowed=frozenset({"nothing.invalid:80"}), wait=clock.wait)
    with pytest.raises(TryLater, match=r"nothing\.invalid cannot be reached"):
        transport.send("GET", transport.address("http://nothing.invalid"), "/services/data")
    transport.close()


def test_a_server_that_stops_in_the_middle_is_given_up_after_the_time_limit(
    stub: StubServer, clock: Clock
) -> None:
    transport = Transport(allowed=frozenset({stub.host}), read_timeout=0.1, wait=clock.wait)
    stub.routes["/x"] = Reply(b"half of it", cut_at=4, stall=0.4)
    with pytest.raises(TryLater) as raised:
        transport.send("GET", transport.address(stub.url), "/x", tries=1)
    assert raised.value.code == "NO_ANSWER"
    transport.close()


def test_an_answer_whose_head_makes_no_sense_is_asked_again(
    stub: StubServer, client: Client
) -> None:
    stub.routes[LIMITS] = [Reply(b"{}", headers={"Content-Length": "100"}), as_json({})]
    assert client.limits() == {}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_outside_the_allow_list_is_never_followed(
    stub: StubServer, other_stub: StubServer, client: Client, status: int
) -> None:
    stub.routes[LIMITS] = Reply(b"", status, {"Location": f"{other_stub.url}{LIMITS}"})
    with pytest.raises(NeedsPerson):
        client.limits()
    assert other_stub.asked == []


def test_a_redirect_within_the_org_is_followed(stub: StubServer, client: Client) -> None:
    stub.routes[LIMITS] = Reply(b"", 302, {"Location": "/services/data/v62.0/moved"})
    stub.routes["/services/data/v62.0/moved"] = as_json({})
    assert client.limits() == {}
    assert stub.asked[1].headers["Authorization"] == "Bearer token-0"


def test_redirects_without_end_end(stub: StubServer, client: Client) -> None:
    stub.routes[LIMITS] = Reply(b"", 302, {"Location": LIMITS})
    with pytest.raises(TryLater, match="redirects without end"):
        client.limits()
    assert len(stub.asked) <= 5


def test_a_sign_in_is_not_carried_to_another_host(
    stub: StubServer, other_stub: StubServer, clock: Clock
) -> None:
    transport = Transport(allowed=frozenset({stub.host, other_stub.host}), wait=clock.wait)
    stub.routes["/services/oauth2/token"] = Reply(
        b"", 307, {"Location": f"{other_stub.url}/services/oauth2/token"}
    )
    with pytest.raises(NeedsPerson, match="sends us on"):
        transport.send(
            "POST", transport.address(stub.url), "/services/oauth2/token", data={"secret": "x"}
        )
    assert other_stub.asked == []
    transport.close()


def test_no_cookie_is_kept(stub: StubServer, client: Client) -> None:
    stub.routes[LIMITS] = as_json({}, Set_Cookie="BrowserId=abc; path=/")
    client.limits()
    client.limits()
    assert all("Cookie" not in asked.headers for asked in stub.asked)


def test_netrc_and_proxies_do_not_touch_loopback(
    stub: StubServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    stub.routes[LIMITS] = as_json({})
    client.limits()
    assert stub.asked[0].headers["Authorization"] == "Bearer token-0"


def test_nothing_secret_is_logged_or_raised(
    stub: StubServer, client: Client, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    leaks = "token-0 00D000000000001!AQcAQH0dMHEXAMPLEzmpkb58urFRkgeBGsxL client_secret=hush"
    stub.routes[LIMITS] = fault("UNKNOWN_EXCEPTION", leaks, 500)
    stub.routes["/services/oauth2/token"] = as_json(
        {"error": "invalid_grant", "error_description": "bad client_secret=hush-2"}, 400
    )
    raised: list[str] = []
    with pytest.raises(TryLater) as by_client:
        client.limits()
    raised.append(by_client.value.sentence() + repr(by_client.value))
    with pytest.raises(Problem) as by_oauth:
        transport.send(
            "POST",
            transport.address(stub.url),
            "/services/oauth2/token",
            data={"client_secret": "hush-3"},
        )
    raised.append(by_oauth.value.sentence() + repr(by_oauth.value))
    seen = caplog.text + "".join(raised)
    for secret in ("AQcAQH0dMHEXAMPLE", "hush", "Bearer"):
        assert secret not in seen
    assert str(Secret("hush")) == repr(Secret("hush")) == f"{Secret('hush')}" == "Secret(…)"


@contextmanager
def tls_server(
    folder: Path,
    *,
    address: str = "127.0.0.1",
    days: int = 36500,
) -> Iterator[tuple[str, Path]]:
    """An https server on loopback with a certificate that only its own file vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's authority")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, key_file = folder / "ca.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", pem
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.fault("F10")
def test_an_authority_is_trusted_only_when_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    with tls_server(tmp_path) as (host, pem):
        strict = Transport(allowed=frozenset({host}), wait=clock.wait)
        with pytest.raises(NeedsPerson, match="not trusted") as raised:
            strict.send("GET", strict.address(f"https://{host}"), "/services/data")
        assert raised.value.code == "TLS"
        assert "ORGWARDEN_CA_BUNDLE" in raised.value.fix
        strict.close()
        monkeypatch.setenv("ORGWARDEN_CA_BUNDLE", str(pem))
        knowing = Transport(allowed=frozenset({host}), wait=clock.wait)
        answer = knowing.send("GET", knowing.address(f"https://{host}"), "/services/data")
        assert answer.body == b"[]"
        knowing.close()


@pytest.mark.fault("F10")
@pytest.mark.parametrize(
    "wrong",
    [{"days": 30}, {"address": "127.0.0.9"}],
    ids=["it ran out", "it is another host's"],
)
def test_a_wrong_certificate_is_refused_also_of_a_trusted_authority(
    tmp_path: Path, clock: Clock, wrong: dict[str, Any]
) -> None:
    with tls_server(tmp_path, **wrong) as (host, pem):
        knowing = Transport(allowed=frozenset({host}), wait=clock.wait, ca_bundle=pem)
        with pytest.raises(NeedsPerson, match="not trusted") as raised:
            knowing.send("GET", knowing.address(f"https://{host}"), "/services/data")
        assert raised.value.code == "TLS"
        knowing.close()


@pytest.mark.fault("F10")
def test_https_to_a_server_without_it_says_so(stub: StubServer, transport: Transport) -> None:
    with pytest.raises(NeedsPerson, match="does not speak https"):
        transport.send("GET", transport.address(f"https://{stub.host}"), "/services/data")


@pytest.mark.fault("F10")
def test_an_unreadable_authority_says_so(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for file in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(NeedsPerson, match="cannot be read as a list of certificates"):
            Transport(ca_bundle=file)
