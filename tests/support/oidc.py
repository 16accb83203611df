"""A small OpenID Connect provider on loopback, for tests of single sign-on.

It signs nobody in by itself: the test says who comes (`claims`) and what goes wrong (`fault`). It
checks what a provider has to: client, secret, redirect address, PKCE, a code used once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "orgwarden", "a-secret-of-the-test-provider"


class OidcProvider:
    """`provider.issuer` is its address while it runs."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "u-1", "email": "", "email_verified": True}
        self.fault = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._post(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        url = urlsplit(request.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            ends = ("authorization", "token", "userinfo")
            self._json(
                request,
                {
                    "issuer": self.issuer,
                    "jwks_uri": f"{self.issuer}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                    **{f"{end}_endpoint": f"{self.issuer}/{end}" for end in ends},
                },
            )
        elif url.path == "/authorization":
            assert query["client_id"] == CLIENT
            assert query["code_challenge_method"] == "S256"
            back = {"state": query["state"]}
            if self.fault == "denied":
                back["error"] = "access_denied"
            else:
                back["code"] = secrets.token_hex(8)
                self.codes[back["code"]] = query
            request.send_response(302)
            request.send_header("Location", f"{query['redirect_uri']}?{urlencode(back)}")
            request.send_header("Content-Length", "0")
            request.end_headers()
        elif url.path == "/userinfo":
            self._json(request, self.claims)
        elif url.path == "/keys":
            jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            self._json(request, {"keys": [{**jwk, "kid": "one", "use": "sig"}]})
        else:
            self._json(request, {}, 404)

    def _post(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"])).decode()
        sent = {k: v[0] for k, v in parse_qs(body).items()}
        asked = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = (
            asked is not None
            and (sent.get("client_id"), sent.get("client_secret")) == (CLIENT, SECRET)
            and sent.get("redirect_uri") == asked["redirect_uri"]
            and challenge == asked["code_challenge"]
        )
        if not right or self.fault == "token":
            self._json(request, {"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        token = {
            **self.claims,
            "iss": "https://evil.example" if self.fault == "issuer" else self.issuer,
            "aud": "somebody else" if self.fault == "audience" else CLIENT,
            "iat": now,
            "exp": now - 3600 if self.fault == "expired" else now + 300,
        }
        signed = jwt.encode(token, self.key, algorithm="RS256", headers={"kid": "one"})
        self._json(request, {"access_token": "t", "token_type": "Bearer", "id_token": signed})

    def _json(self, request: BaseHTTPRequestHandler, value: Any, status: int = 200) -> None:
        body = json.dumps(value).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
