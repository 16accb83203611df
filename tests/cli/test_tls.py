"""`orgwarden web --tls-cert --tls-key`: https by itself, and slow visitors hold nobody up."""

from __future__ import annotations

import datetime
import ipaddress
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cli.test_serving import PATIENCE, ends
from tests.support.command import Installation
from tests.support.postgres import free_port


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of its own making for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "orgwarden test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


@pytest.fixture
def served(
    fresh: Installation, certificate: tuple[Path, Path]
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    fresh.init()
    port = free_port()
    fresh.env["ORGWARDEN_PUBLIC_URL"] = f"https://127.0.0.1:{port}"
    cert, key = (str(p) for p in certificate)
    process = fresh.start("web", "--port", str(port), "--tls-cert", cert, "--tls-key", key)
    try:
        yield port, process
    finally:
        process.kill()
        process.communicate()


def ask(port: int, cert: Path, path: str = "/health/") -> requests.Response:
    until = time.monotonic() + PATIENCE
    with requests.Session() as session:
        session.trust_env = False
        while True:
            try:
                return session.get(f"https://127.0.0.1:{port}{path}", verify=str(cert), timeout=20)
            except requests.ConnectionError:
                assert time.monotonic() < until
                time.sleep(0.05)


def test_the_pages_answer_over_https_with_strict_cookies_and_headers(
    served: tuple[int, subprocess.Popen[str]], certificate: tuple[Path, Path]
) -> None:
    port, process = served
    assert ask(port, certificate[0], "/health/?part=pages").json()["status"] == "ok"
    page = ask(port, certificate[0], "/sign-in/")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-orgwarden-form=")
    assert "Secure" in cookie
    assert "Domain=" not in cookie
    seconds, said = ends(process, signal.SIGTERM)
    assert f"https://127.0.0.1:{port}" in said
    assert seconds < 15


def test_slow_and_silent_visitors_hold_nobody_up(
    served: tuple[int, subprocess.Popen[str]], certificate: tuple[Path, Path]
) -> None:
    port, process = served
    ask(port, certificate[0])
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    with ExitStack() as open_for_long:
        for n in range(40):
            raw = open_for_long.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            if n % 2:  # half never begin the handshake, half never end their request
                tls = open_for_long.enter_context(
                    trusting.wrap_socket(raw, server_hostname="127.0.0.1")
                )
                tls.sendall(b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        began = time.monotonic()
        for _ in range(10):
            assert ask(port, certificate[0]).status_code == 200
        assert time.monotonic() - began < 10
    ends(process, signal.SIGTERM)


def test_plain_http_and_old_tls_get_no_page(
    served: tuple[int, subprocess.Popen[str]], certificate: tuple[Path, Path]
) -> None:
    port, process = served
    ask(port, certificate[0])
    with socket.create_connection(("127.0.0.1", port), 20) as plain:
        plain.sendall(b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"HTTP/1.1 200" not in plain.recv(1000)
    ends(process, signal.SIGTERM)


def test_the_certificate_is_read_again_on_a_signal(
    served: tuple[int, subprocess.Popen[str]], certificate: tuple[Path, Path]
) -> None:
    port, process = served
    ask(port, certificate[0])
    process.send_signal(signal.SIGHUP)
    assert ask(port, certificate[0]).status_code == 200
    _, said = ends(process, signal.SIGTERM)
    assert "read again" in said


def test_what_cannot_work_is_told_in_one_sentence(
    fresh: Installation, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    fresh.init()
    cert, key = certificate
    other, encrypted = tmp_path / "other.pem", tmp_path / "encrypted.pem"
    other.write_text("hello")
    held = serialization.load_pem_private_key(key.read_bytes(), None)
    encrypted.write_bytes(
        held.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"passphrase"),
        )
    )
    https = {"ORGWARDEN_PUBLIC_URL": "https://127.0.0.1"}
    for env, files in (
        ({}, ("--tls-cert", cert, "--tls-key", key)),  # the public address is http
        (https, ("--tls-cert", cert)),
        (https, ("--tls-cert", tmp_path / "missing.pem", "--tls-key", key)),
        (https, ("--tls-cert", other, "--tls-key", key)),
        (https, ("--tls-cert", cert, "--tls-key", encrypted)),
    ):
        words = [str(word) for word in files]
        done = fresh.run("web", "--port", str(free_port()), *words, env=env, timeout=120)
        assert done.code == 1, done.err
        assert done.sentence
