"""The issuer's published keys: rotation, unreachability, files."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.auth import InvalidToken, KeysUnavailable, TokenVerifier
from shared.auth.keys import COOLDOWN_SECONDS, LIFETIME_SECONDS, UnusableKey, open_keys
from shared.runtime.clock import Clock
from shared.runtime.settings import AuthSettings

ISSUER = AuthSettings(audience="motcua")
KEYS = {kid: ec.generate_private_key(ec.SECP256R1()) for kid in ("old", "new")}


def published(*kids: str, **members: str) -> dict:
    return {
        "keys": [
            json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEYS[kid].public_key())) | {"kid": kid} | members
            for kid in kids
        ]
    }


def token(kid: str, named: str | None = "") -> str:
    claims = {"sub": "u", "role": "clerk", "aud": "motcua", "exp": datetime.now(UTC) + timedelta(hours=1)}
    headers = {"kid": kid if named == "" else named} if named is not None else None
    return jwt.encode(claims, KEYS[kid], algorithm="ES256", headers=headers)


class Issuer:
    """A JWKS endpoint on this machine."""

    def __init__(self) -> None:
        self.answer: dict | None = published("old")
        self.asked = 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                body = json.dumps(issuer.answer).encode()
                self.send_response(200 if issuer.answer is not None else 500)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Logs nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/keys"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Seconds:
    """Technical time under the test's control."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def verifier(issuer: Issuer, seconds: Seconds) -> TokenVerifier:
    auth = replace(ISSUER, jwks_url=issuer.url)
    return TokenVerifier(auth, Clock().wall, open_keys(auth, seconds))


def test_a_new_key_is_fetched_when_a_token_names_it(issuer: Issuer, seconds: Seconds, verifier: TokenVerifier) -> None:
    assert verifier.verify(token("old")).subject == "u"
    issuer.answer = published("old", "new")
    seconds.now += COOLDOWN_SECONDS
    assert verifier.verify(token("new")).subject == "u"
    assert issuer.asked == 2


def test_unknown_keys_do_not_flood_the_issuer(issuer: Issuer, seconds: Seconds, verifier: TokenVerifier) -> None:
    for number in range(5):
        with pytest.raises(InvalidToken, match="unknown key"):
            verifier.verify(token("old", named=f"made-up-{number}"))
    assert issuer.asked == 1
    seconds.now += COOLDOWN_SECONDS
    with pytest.raises(InvalidToken, match="unknown key"):
        verifier.verify(token("old", named="made-up"))
    assert issuer.asked == 2


def test_a_withdrawn_key_is_refused_after_the_keys_lifetime(
    issuer: Issuer, seconds: Seconds, verifier: TokenVerifier
) -> None:
    verifier.verify(token("old"))
    issuer.answer = published("new")
    assert verifier.verify(token("old")).subject == "u"
    seconds.now += LIFETIME_SECONDS
    with pytest.raises(InvalidToken, match="unknown key"):
        verifier.verify(token("old"))


def test_known_keys_stay_in_use_while_the_issuer_is_away(
    issuer: Issuer, seconds: Seconds, verifier: TokenVerifier
) -> None:
    verifier.verify(token("old"))
    issuer.answer = None
    seconds.now += 2 * LIFETIME_SECONDS
    assert verifier.verify(token("old")).subject == "u"
    assert verifier.verify(token("old")).subject == "u"
    assert issuer.asked == 2, "a failed question is not asked again at once"


def test_an_issuer_that_was_never_reached_is_not_the_callers_fault(
    issuer: Issuer, seconds: Seconds, verifier: TokenVerifier
) -> None:
    issuer.answer = None
    with pytest.raises(KeysUnavailable):
        verifier.verify(token("old"))
    issuer.answer = published("old")
    seconds.now += COOLDOWN_SECONDS
    assert verifier.verify(token("old")).subject == "u"


@pytest.mark.parametrize(
    "answer", [{"keys": "none"}, [], {"keys": [1]}, {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "old"}]}]
)
def test_key_sets_without_a_usable_key(issuer: Issuer, verifier: TokenVerifier, answer: dict) -> None:
    issuer.answer = answer
    with pytest.raises(KeysUnavailable):
        verifier.verify(token("old"))


def test_keys_for_encryption_verify_nothing(issuer: Issuer, verifier: TokenVerifier) -> None:
    issuer.answer = {"keys": published("old", use="enc")["keys"] + published("new", use="sig")["keys"]}
    with pytest.raises(InvalidToken, match="unknown key"):
        verifier.verify(token("old"))
    assert verifier.verify(token("new")).subject == "u"


def test_a_token_without_key_id_needs_a_ring_with_one_key(
    issuer: Issuer, seconds: Seconds, verifier: TokenVerifier
) -> None:
    assert verifier.verify(token("old", named=None)).subject == "u"
    issuer.answer = published("old", "new")
    seconds.now += LIFETIME_SECONDS
    with pytest.raises(InvalidToken, match="unknown key"):
        verifier.verify(token("new", named=None))


def test_keys_from_a_file_follow_the_file(tmp_path, seconds: Seconds) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(published("old")))
    auth = replace(ISSUER, jwks_file=str(path))
    verifier = TokenVerifier(auth, Clock().wall, open_keys(auth, seconds))
    verifier.verify(token("old"))
    path.write_text(json.dumps(published("new")))
    seconds.now += COOLDOWN_SECONDS
    assert verifier.verify(token("new")).subject == "u"


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", '{"keys": []}', '{"keys": [1]}', '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}']
)
def test_an_unusable_file_fails_at_start(tmp_path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(UnusableKey):
        open_keys(replace(ISSUER, jwks_file=str(path)))
    with pytest.raises(UnusableKey):
        open_keys(replace(ISSUER, jwks_file=str(path) + ".missing"))


def test_only_http_addresses_are_fetched() -> None:
    with pytest.raises(UnusableKey):
        open_keys(replace(ISSUER, jwks_url="file:///etc/passwd"))
