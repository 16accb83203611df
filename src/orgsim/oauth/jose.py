"""JSON web tokens signed with RS256: the only kind Salesforce takes and gives."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class BadToken(ValueError):
    """Not a token, not RS256, or not signed by this key."""


def encode_bytes(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    try:
        head, body, signature = token.split(".")
        made = (
            json.loads(_decode_bytes(head)),
            json.loads(_decode_bytes(body)),
            _decode_bytes(signature),
        )
    except (ValueError, binascii.Error) as error:
        raise BadToken("not a token") from error
    if not isinstance(made[0], dict) or not isinstance(made[1], dict):
        raise BadToken("not a token")
    return made


def claims(token: str) -> dict[str, Any]:
    """What a token says, before anybody has checked who says it."""
    return _parts(token)[1]


def verified(token: str, key: rsa.RSAPublicKey) -> dict[str, Any]:
    """What a token says, its signature checked."""
    head, body, signature = _parts(token)
    if head.get("alg") != "RS256":
        raise BadToken("not signed with RS256")
    signed = token.rpartition(".")[0].encode()
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise BadToken("wrong signature") from error
    return body


def sign(body: dict[str, Any], key: rsa.RSAPrivateKey, key_id: str) -> str:
    head = {"alg": "RS256", "typ": "JWT", "kid": key_id}
    signed = ".".join(encode_bytes(json.dumps(p).encode()) for p in (head, body))
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{encode_bytes(signature)}"
