"""Bearer tokens: which are accepted and which are refused."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.auth import ROLES, InvalidToken, Principal, TokenVerifier, issue_token
from shared.auth.keys import Key, OneKey, UnusableKey, open_keys, public_key
from shared.runtime.clock import Clock, parse_clock
from shared.runtime.settings import AuthSettings

AUTH = AuthSettings(hs256_key="k" * 48, issuer="https://issuer.example", audience="motcua")
OTHER = replace(AUTH, hs256_key="x" * 48)


class Wall:
    """Real time under the test's control."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(AUTH, Clock().wall)


def claims(**changes: object) -> dict[str, object]:
    made: dict[str, object] = {
        "sub": "u-1",
        "roles": ["clerk"],
        "agency": "H12",
        "iss": AUTH.issuer,
        "aud": AUTH.audience,
    }
    made |= {"exp": datetime.now(UTC) + timedelta(hours=1)} | changes
    return {name: value for name, value in made.items() if value is not None}


def signed(key: Any = AUTH.hs256_key, algorithm: str = "HS256", headers: dict | None = None, **changes: object) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


def test_an_issued_token_names_its_principal(verifier: TokenVerifier) -> None:
    token = issue_token(AUTH, "u-1", ["clerk", "leader"], "H12.31")
    assert verifier.verify(token) == Principal("u-1", frozenset({"clerk", "leader"}), "H12.31")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_can_be_issued(verifier: TokenVerifier, role: str) -> None:
    principal = verifier.verify(issue_token(AUTH, "s", role))
    assert principal.roles == {role}
    assert principal.has("nobody", role)
    assert not principal.has("nobody")


def test_issuing_needs_a_known_role_a_subject_and_the_own_key() -> None:
    with pytest.raises(ValueError, match="unknown roles: king"):
        issue_token(AUTH, "s", "king")
    with pytest.raises(ValueError, match="subject"):
        issue_token(AUTH, "", "clerk")
    with pytest.raises(ValueError, match="no key here that signs"):
        issue_token(replace(AUTH, hs256_key="", jwks_url="https://issuer.example/keys"), "s", "clerk")


def test_a_single_role_claim_and_foreign_roles(verifier: TokenVerifier) -> None:
    assert verifier.verify(signed(roles=None, role="officer")).roles == {"officer"}
    assert verifier.verify(signed(roles=["offline_access", "clerk"])).roles == {"clerk"}
    assert verifier.verify(signed(roles=None)).roles == frozenset()


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (signed(key="z" * 48), "not signed"),
        (signed(key="k" * 64, algorithm="HS512"), "not signed"),
        (signed(exp=datetime.now(UTC) - timedelta(minutes=5)), "expired"),
        (signed(exp=None), "has no exp"),
        (signed(sub=None), "has no sub"),
        (signed(nbf=datetime.now(UTC) + timedelta(days=1)), "malformed"),
        (signed(aud="another"), "audience"),
        (signed(aud=None), "has no aud"),
        (signed(iss="https://evil.example"), "issuer"),
        (signed(roles={"clerk": True}), "roles"),
        (signed(agency=["H12"]), "agency"),
        (signed(sub="s" * 201), "sub"),
        (jwt.encode(claims(), "", algorithm="none"), "not signed"),
        ("", "malformed"),
        ("a.b.c", "malformed"),
        ("....", "malformed"),
        ("é.é.é", "malformed"),
        ("\udcff", "malformed"),
        (signed()[:-4], "not signed"),
    ],
)
def test_refused(verifier: TokenVerifier, token: str, reason: str) -> None:
    with pytest.raises(InvalidToken, match=reason):
        verifier.verify(token)


@given(st.text())
def test_any_text_is_refused_in_the_same_way(text: str) -> None:
    with pytest.raises(InvalidToken):
        TokenVerifier(AUTH, Clock().wall).verify(text)


def test_a_few_seconds_of_clock_skew_are_allowed(verifier: TokenVerifier) -> None:
    just_over = signed(exp=datetime.now(UTC) - timedelta(seconds=10))
    assert verifier.verify(just_over).subject == "u-1"


def test_the_public_key_is_no_shared_secret(rsa_key: rsa.RSAPrivateKey) -> None:
    """Algorithm confusion: HS256 with the PEM of the public key as the secret."""
    pem = rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    verifier = TokenVerifier(AUTH, Clock().wall, OneKey(public_key(rsa_key.public_key())))
    good = signed(rsa_key, "RS256")
    assert verifier.verify(good).subject == "u-1"
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()).rstrip(b"=")
    payload = good.split(".")[1].encode()
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    forged = base64.urlsafe_b64encode(mac.sign(header + b"." + payload, pem)).rstrip(b"=")
    with pytest.raises(InvalidToken):
        verifier.verify(b".".join((header, payload, forged)).decode())
    with pytest.raises(InvalidToken):
        verifier.verify(signed(rsa_key, "RS512"))


def test_an_elliptic_key_verifies_es256_alone(rsa_key: rsa.RSAPrivateKey) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    verifier = TokenVerifier(AUTH, Clock().wall, OneKey(public_key(key.public_key())))
    assert verifier.verify(signed(key, "ES256")).subject == "u-1"
    with pytest.raises(InvalidToken):
        verifier.verify(signed(rsa_key, "RS256"))


def test_keys_of_other_types_are_refused() -> None:
    for unfit in (ec.generate_private_key(ec.SECP384R1()).public_key(), b"secret" * 10, "secret" * 10):
        with pytest.raises(UnusableKey):
            public_key(unfit)
    with pytest.raises(UnusableKey, match="1024"):
        public_key(rsa.generate_private_key(65537, 1024).public_key())


def test_a_public_key_file(rsa_key: rsa.RSAPrivateKey, tmp_path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    auth = replace(AUTH, hs256_key="", public_key_file=str(path))
    assert TokenVerifier(auth, Clock().wall).verify(signed(rsa_key, "RS256")).agency == "H12"
    path.write_text("nonsense")
    with pytest.raises(UnusableKey):
        open_keys(auth)
    with pytest.raises(UnusableKey, match="no token key"):
        open_keys(AuthSettings())


class CountingKeys:
    """Counts the look-ups of a key."""

    def __init__(self) -> None:
        self.asked = 0

    def find(self, kid: str | None) -> Key:
        self.asked += 1
        return Key(AUTH.hs256_key, "HS256")


def test_a_verified_token_is_cached_but_never_beyond_its_expiry() -> None:
    wall, keys = Wall(), CountingKeys()
    verifier = TokenVerifier(AUTH, wall, keys)
    short, long = signed(exp=wall.now + timedelta(seconds=60)), signed(exp=wall.now + timedelta(hours=2))
    for _ in range(3):
        verifier.verify(short)
        verifier.verify(long)
    assert keys.asked == 2
    wall.now += timedelta(seconds=61)
    verifier.verify(long)
    assert keys.asked == 2
    verifier.verify(short)
    assert keys.asked == 3, "past its end a token must be looked at again"
    wall.now += timedelta(seconds=300)
    verifier.verify(long)
    assert keys.asked == 4, "a withdrawn key must be noticed"


def test_a_refused_token_is_not_cached(verifier: TokenVerifier) -> None:
    good = issue_token(OTHER, "s", "clerk")
    for _ in range(2):
        with pytest.raises(InvalidToken):
            verifier.verify(good)


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.auth.tokens.CACHE_SIZE", 2)
    keys = CountingKeys()
    verifier = TokenVerifier(AUTH, Clock().wall, keys)
    first, second, third = (issue_token(AUTH, f"s{number}", "clerk") for number in range(3))
    for token in (first, second, first, third, first):
        verifier.verify(token)
    assert keys.asked == 3, "the one used last stays"
    verifier.verify(second)
    assert keys.asked == 4, "the one used longest ago had to go"


def test_tokens_expire_in_real_time_under_a_virtual_clock() -> None:
    clock = parse_clock("2016-01-04T07:30+07:00@5000")
    token = issue_token(AUTH, "s", "clerk", lifetime=timedelta(minutes=5))
    assert TokenVerifier(AUTH, clock.wall).verify(token).subject == "s"
    with pytest.raises(InvalidToken, match="expired"):
        TokenVerifier(AUTH, clock.wall).verify(issue_token(AUTH, "s", "clerk", lifetime=timedelta(minutes=-5)))
