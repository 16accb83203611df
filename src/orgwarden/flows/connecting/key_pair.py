"""A key pair for JWT bearer: the key stays here, the certificate is uploaded to the app."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

BITS = 3072
LASTS = timedelta(days=2 * 365)
_CLOCKS_DIFFER = timedelta(hours=1)


def new_key_pair(name: str, now: datetime) -> dict[str, str]:
    """`private_key` and `certificate` as PEM. The certificate signs itself: Salesforce compares
    the key in it and asks no authority. `name` is shown in it, cut to what a certificate takes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    spoken = "".join(c for c in name if c.isprintable())[:40] or "tenant"
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Orgwarden {spoken}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + LASTS)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return {"private_key": private.decode(), "certificate": public.decode()}


def last_day(certificate: str) -> datetime:
    """When a certificate (PEM) ends."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc
