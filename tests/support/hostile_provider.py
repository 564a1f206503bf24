"""An OpenID provider that answers as it is told: ``python -m tests.support.hostile_provider PORT``.

The code says how: ``KIND.NONCE``. Whoever asks for ``/count`` learns how often the keys were read.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

CLIENT, SUBJECT = "motcua", "somebody"
KEYS = {name: generate_private_key(SECP256R1()) for name in ("known", "other", "rotated")}
PUBLISHED = ["known"]
READ = {"jwks": 0}


def public(key: EllipticCurvePrivateKey) -> bytes:
    """The public key as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""

    @property
    def issuer(self) -> str:
        """The provider's address."""
        return f"http://{self.headers['Host']}"

    def do_GET(self) -> None:
        """Metadata, keys, user information."""
        if self.path.endswith("/openid-configuration"):
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
            names["userinfo_endpoint"] = "userinfo"
            self.send({"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in names.items()})
        elif self.path == "/jwks":
            READ["jwks"] += 1
            made = [json.loads(ECAlgorithm.to_jwk(KEYS[name].public_key())) | {"kid": name} for name in PUBLISHED]
            self.send({"keys": made})
        elif self.path == "/count":
            self.send(READ)
        else:
            kind = self.headers.get("Authorization", "").removeprefix("Bearer ")
            numbers = {"no_number": "", "odd_number": "12-AB", "spaced_number": "095 185 001 234"}
            person = {"sub": "somebody else" if kind == "other_person" else SUBJECT}
            self.send(person | {"citizen_id": numbers.get(kind, "095185001234")})

    def do_POST(self) -> None:
        """Tokens, or what the code asks for instead."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        kind, _, nonce = parse_qs(body)["code"][0].partition(".")
        if kind == "used":
            self.send({"error": "invalid_grant"}, 400)
        elif kind == "broken":
            self.send({"error": "server_error"}, 500)
        elif kind == "html":
            self.raw(b"<html><h1>Welcome</h1>")
        elif kind == "array":
            self.raw(b"[]")
        elif kind == "huge":
            self.raw(b'{"id_token": "' + b"x" * (3 << 20) + b'"}')
        elif kind == "garbage":
            self.wfile.write(b"\x00\x01 not HTTP at all\r\n\r\n")
        elif kind == "redirect":
            self.send_response(307)
            self.send_header("Location", f"{self.issuer}/count")
            self.end_headers()
        elif kind == "silent":
            time.sleep(60)
        elif kind == "drop_by_drop":
            self.drip()
        else:
            self.send({"id_token": self.token(kind, nonce), "access_token": kind} if kind != "no_token" else {})

    def drip(self) -> None:
        """Sends byte after byte, for a minute."""
        self.send_response(200)
        self.end_headers()
        for _ in range(600):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def token(self, kind: str, nonce: str) -> str:
        """An identity token, with one fault."""
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "sub": SUBJECT, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": nonce, "name": "Nguyễn Thị Bưởi"}
        faults: dict[str, dict[str, Any]] = {
            "other_issuer": {"iss": "http://other.example"},
            "other_audience": {"aud": "another-client"},
            "other_party": {"aud": [CLIENT, "another"], "azp": "another"},
            "no_party": {"aud": [CLIENT, "another"]},
            "expired": {"iat": now - 900, "exp": now - 600},
            "future": {"iat": now + 600, "exp": now + 900},
            "other_nonce": {"nonce": "another"},
        }
        claims |= faults.get(kind, {})
        for name in {"no_nonce": ("nonce",), "no_end": ("exp",), "no_subject": ("sub",)}.get(kind, ()):
            del claims[name]
        if kind == "unsigned":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": "known"})
        if kind == "public_key_as_secret":
            head, body = (
                base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                for part in ({"alg": "HS256", "kid": "known", "typ": "JWT"}, claims)
            )
            signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
            signed = signature.sign(f"{head}.{body}".encode(), public(KEYS["known"]))
            return f"{head}.{body}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"
        if kind == "rotated" and kind not in PUBLISHED:
            PUBLISHED[:] = ["rotated"]
        signer = {"other_key": "other", "rotated": "rotated", "unknown_key": "other"}.get(kind, PUBLISHED[0])
        kid = {"unknown_key": "nobody-knows-it", "other_key": PUBLISHED[0]}.get(kind, signer)
        return jwt.encode(claims, KEYS[signer], algorithm="ES256", headers={"kid": kid})

    def send(self, value: Any, status: int = 200) -> None:
        """Answers with JSON."""
        self.raw(json.dumps(value).encode(), status)

    def raw(self, content: bytes, status: int = 200) -> None:
        """Answers with anything."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
