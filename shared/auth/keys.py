"""The keys that verify tokens, each pinned to the one algorithm of its type.

The key decides the algorithm, never the token's header. This prevents ``alg: none`` and "HS256 with the public key as secret"
(RFC 8725, sections 2.1 and 3.1).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWKClient, PyJWKSet
from jwt.exceptions import PyJWTError

from shared.data_files import read_json
from shared.runtime.settings import AuthSettings
from shared.runtime.signing_key import parse_signing_key, read_signing_key

log = logging.getLogger(__name__)

FETCH_SECONDS = 5.0
LIFETIME_SECONDS = 600.0
COOLDOWN_SECONDS = 30.0
MIN_RSA_BITS = 2048
UNREADABLE = (OSError, ValueError, PyJWTError, TypeError, AttributeError)
"""What reading keys may raise; the last two for a key set that is JSON of the wrong shape."""


class UnusableKey(ValueError):
    """The configured key is of a type that this platform does not accept."""


class KeysUnavailable(Exception):
    """The issuer's keys have never been read, so no token can be verified; this is not the caller's error."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the only algorithm that it may verify."""

    material: Any
    algorithm: str


class Keys(Protocol):
    """Where a verifier finds keys."""

    def find(self, kid: str | None) -> Key | None:
        """The key of that id; ``None`` when there is none."""


@dataclass(frozen=True, slots=True)
class OneKey:
    """The same key for every token; the token's key id is ignored."""

    key: Key

    def find(self, kid: str | None) -> Key | None:
        """The key."""
        return self.key


class KeyRing:
    """An issuer's published keys (JWK Set, RFC 7517), read again while the process runs.

    Keys that were read stay in use while the issuer cannot be reached. They are read again when they are old, or when a token names
    an unknown key, but at most once per cooldown, so that forged tokens cannot make us flood the issuer.

    Args:
        fetch: reads the set; may raise OSError, ValueError or PyJWTError.
        monotonic: technical time in seconds.
    """

    def __init__(self, fetch: Callable[[], PyJWKSet], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._keys: dict[str | None, Key] = {}
        self._stale_at = float("-inf")
        self._fetch_again_at = float("-inf")

    def find(self, kid: str | None) -> Key | None:
        """The key of that id; a token without an id gets the key if there is only one.

        Raises:
            KeysUnavailable: the set has never been read.
        """
        known = self._pick(kid)
        if known is not None and (self._monotonic() < self._stale_at or self._lock.locked()):
            return known
        with self._lock:
            if self._pick(kid) is None or self._monotonic() >= self._stale_at:
                self._refresh()
        if not self._keys:
            raise KeysUnavailable("the issuer's keys cannot be read")
        return self._pick(kid)

    def _pick(self, kid: str | None) -> Key | None:
        keys = self._keys
        if kid is None:
            return next(iter(keys.values())) if len(keys) == 1 else None
        return keys.get(kid)

    def _refresh(self) -> None:
        now = self._monotonic()
        if now < self._fetch_again_at:
            return
        self._fetch_again_at = now + COOLDOWN_SECONDS
        try:
            keys = dict(_usable(self._fetch()))
        except UNREADABLE as error:
            log.warning(
                "the issuer's keys cannot be read, the last ones stay in use: %s: %s", type(error).__name__, error
            )
            return
        self._keys = keys
        self._stale_at = now + LIFETIME_SECONDS


def _usable(keys: PyJWKSet) -> Iterable[tuple[str | None, Key]]:
    for jwk in keys.keys:
        if jwk.public_key_use not in (None, "sig"):
            continue
        try:
            yield jwk.key_id, public_key(jwk.key)
        except UnusableKey as error:
            log.info("a key of the issuer is ignored: %s", error)


def public_key(material: Any) -> Key:
    """Pins a public key to its algorithm: RSA to RS256, elliptic curve P-256 to ES256.

    Raises:
        UnusableKey: another type (such as a shared secret), another curve, or RSA of fewer than 2048 bits.
    """
    if isinstance(material, RSAPublicKey):
        if material.key_size < MIN_RSA_BITS:
            raise UnusableKey(f"RSA key of {material.key_size} bits; at least {MIN_RSA_BITS} are needed")
        return Key(material, "RS256")
    if isinstance(material, EllipticCurvePublicKey) and isinstance(material.curve, SECP256R1):
        return Key(material, "ES256")
    raise UnusableKey(f"{type(material).__name__} is neither an RSA nor a P-256 public key")


def open_keys(auth: AuthSettings, monotonic: Callable[[], float] = time.monotonic) -> Keys:
    """The keys that the settings name. Files are read now, so that a bad one fails at start; a URL is read at first use.

    Raises:
        UnusableKey: the key, the file or the URL cannot be used, or none is configured.
    """
    try:
        if auth.hs256_key:
            return OneKey(Key(auth.hs256_key, "HS256"))
        if auth.jwks:
            return _ring(lambda: PyJWKSet.from_dict(orjson.loads(auth.jwks)), "MOTCUA_JWKS", monotonic)
        if auth.public_key_file:
            return OneKey(public_key(load_pem_public_key(Path(auth.public_key_file).read_bytes())))
        if auth.jwks_file:
            path = Path(auth.jwks_file)
            return _ring(lambda: PyJWKSet.from_dict(read_json(path)), str(path), monotonic)
        if auth.jwks_url:
            return KeyRing(
                PyJWKClient(auth.jwks_url, cache_jwk_set=False, timeout=FETCH_SECONDS).get_jwk_set, monotonic
            )
        if auth.signing_key_file:
            return OneKey(public_key(read_signing_key(auth.signing_key_file).private.public_key()))
    except UNREADABLE as error:
        raise error if isinstance(error, UnusableKey) else UnusableKey(f"token key: {error}") from error
    raise UnusableKey("no token key is configured")


def open_agency_keys(auth: AuthSettings) -> Mapping[str, Key]:
    """The keys, by their id, that check the tokens of agencies' programs and no others; none where the settings name none.

    Raises:
        UnusableKey: the set or the signing key cannot be used, or they do not belong together.
    """
    if not auth.agency_jwks:
        return {}
    try:
        found = {kid: key for kid, key in _usable(PyJWKSet.from_dict(orjson.loads(auth.agency_jwks))) if kid}
        signer = parse_signing_key(auth.agency_signing_key).kid if auth.agency_signing_key else ""
    except UNREADABLE as error:
        raise UnusableKey(f"key of agencies' tokens: {error}") from error
    if not found:
        raise UnusableKey("MOTCUA_AGENCY_JWKS has no usable key with an id")
    if signer and signer not in found:
        raise UnusableKey("MOTCUA_AGENCY_JWKS does not hold the public half of MOTCUA_AGENCY_SIGNING_KEY")
    return found


def _ring(read: Callable[[], PyJWKSet], source: str, monotonic: Callable[[], float]) -> KeyRing:
    if not dict(_usable(read())):
        raise UnusableKey(f"{source} has no usable key")
    return KeyRing(read, monotonic)
