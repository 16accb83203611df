"""An org's own key pair: the same for the same options, so that what it signs is too.

It signs id tokens, and it is the ready key of the always-there app for the JWT bearer flow. It is
made from the seed and known to whoever knows that: a key for tests and for nothing else.
"""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from orgsim.org import Org

EXPONENT = 65537
HALF = 1024  # bits of each prime
ROUNDS = 12
SMALL = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))]


def _is_prime(n: int, rng: random.Random) -> bool:
    """Miller and Rabin's test."""
    if any(n % small == 0 for small in SMALL):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(ROUNDS):
        x = pow(rng.randrange(2, n - 1), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def _prime(rng: random.Random) -> int:
    while True:
        n = rng.getrandbits(HALF) | 3 << (HALF - 2) | 1
        if n % EXPONENT != 1 and _is_prime(n, rng):
            return n


FOUND: dict[tuple[int, int], tuple[int, int]] = {}  # primes by the seed and number of an org


def private_key(org: Org) -> rsa.RSAPrivateKey:
    """The key of an org; finding its primes is slow, so that is done once for equal orgs."""
    same = (org.options.seed, org.options.number)
    if same not in FOUND:
        rng = org.random("key pair")
        FOUND[same] = _prime(rng), _prime(rng)
    p, q = FOUND[same]
    d = pow(EXPONENT, -1, math.lcm(p - 1, q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    ).private_key()


def private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def certificate_pem(org: Org, key: rsa.RSAPrivateKey) -> str:
    """The certificate of the key, signed by itself, good for ten years from the org's start."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "orgsim JWT bearer")])
    day = datetime.fromtimestamp(org.options.now_ms // 86_400_000 * 86_400, UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1 + org.options.seed % (1 << 60))
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()
