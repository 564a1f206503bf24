"""Bearer tokens: verifying them, and issuing them where the platform has its own key.

Token times are always real time: the virtual clock of a demonstration must not make tokens immortal.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from shared.auth.keys import Keys, open_agency_keys, open_keys
from shared.auth.principal import ROLES, Principal
from shared.runtime.settings import AuthSettings
from shared.runtime.signing_key import SigningKey, parse_signing_key, read_signing_key

LEEWAY_SECONDS = 30
CACHE_SIZE = 4096
CACHE_SECONDS = 300.0
"""How long a verified token stays in the cache; afterwards a withdrawn key is noticed."""
MAX_SUBJECT = 200
AGENCY_ROLES = ("agency",)
"""What a token may hold that is signed with a key for agencies' programs; others are dropped."""
ISSUED_ELSEWHERE = "tokens are issued by another issuer: there is no key here that signs"


class InvalidToken(Exception):
    """The token is not valid. The text may be shown to the caller: it repeats nothing of the token."""


class TokenVerifier:
    """Verifies bearer tokens. Verified tokens are cached, since every request of a session has the same one.

    Args:
        auth: keys, issuer and audience.
        wall: real time, aware.
        keys: the source of keys; by default what `auth` names.

    Raises:
        shared.auth.keys.UnusableKey: the configured key cannot be used.
    """

    def __init__(self, auth: AuthSettings, wall: Callable[[], datetime], keys: Keys | None = None) -> None:
        self._keys = keys or open_keys(auth)
        self._agency_keys = open_agency_keys(auth)
        self._wall = wall
        self._issuer = auth.issuer or None
        self._audience = auth.audience or None
        self._lock = threading.Lock()
        self._cache: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    def verify(self, token: str) -> Principal:
        """The principal that a token names.

        Args:
            token: a JWS in compact form, without the word ``Bearer``.

        Raises:
            InvalidToken: malformed, not signed by the key, expired, or for another audience.
            KeysUnavailable: the issuer's keys have never been read.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        now = self._wall().timestamp()
        known = self._cached(digest, now)
        if known is not None:
            return known
        claims, of_agency = self._decode(token)
        principal = _principal(claims, AGENCY_ROLES if of_agency else ROLES)
        self._cache_until(digest, min(float(claims["exp"]), now + CACHE_SECONDS), principal)
        return principal

    def _cached(self, digest: bytes, now: float) -> Principal | None:
        with self._lock:
            entry = self._cache.get(digest)
            if entry is None:
                return None
            if now >= entry[0]:
                del self._cache[digest]
                return None
            self._cache.move_to_end(digest)
            return entry[1]

    def _cache_until(self, digest: bytes, until: float, principal: Principal) -> None:
        with self._lock:
            self._cache[digest] = until, principal
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)

    def _decode(self, token: str) -> tuple[Mapping[str, Any], bool]:
        """The claims of a token, and whether it is signed with a key that is good for tokens of agencies' programs alone."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            agencys = self._agency_keys.get(kid) if isinstance(kid, str) else None
            key = agencys or self._keys.find(kid)
            if key is None:
                raise InvalidToken("signed with an unknown key")
            claims: dict[str, Any] = jwt.decode(
                token,
                key.material,
                algorithms=[key.algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "sub"], "verify_aud": self._audience is not None},
            )
        except jwt.ExpiredSignatureError as error:
            raise InvalidToken("expired") from error
        except jwt.InvalidAudienceError as error:
            raise InvalidToken("for another audience") from error
        except jwt.InvalidIssuerError as error:
            raise InvalidToken("from another issuer") from error
        except jwt.MissingRequiredClaimError as error:
            raise InvalidToken(f"has no {error.claim}") from error
        # ValueError, TypeError: some malformed tokens pass the library's own checks (bad base64 in a header, wrong types)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise InvalidToken("malformed or not signed by the expected key") from error
        return claims, agencys is not None


def _principal(claims: Mapping[str, Any], among: Sequence[str]) -> Principal:
    named = claims.get("roles", claims.get("role", ()))
    roles = [named] if isinstance(named, str) else named
    agency = claims.get("agency") or ""
    if not isinstance(roles, list | tuple) or not isinstance(agency, str):
        raise InvalidToken("roles must be texts, agency a text")
    subject = claims["sub"]
    if not 0 < len(subject) <= MAX_SUBJECT:
        raise InvalidToken(f"sub must have 1 to {MAX_SUBJECT} characters")
    if not _storable(subject + agency):
        raise InvalidToken("sub and agency must be texts that can be stored")
    return Principal(subject, frozenset(role for role in among if role in roles), agency)


def _storable(text: str) -> bool:
    """Whether a text has neither lone surrogates nor control characters: no database stores those."""
    return not any(character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in text)


def issue_token(
    auth: AuthSettings,
    subject: str,
    role: str | Iterable[str],
    agency: str = "",
    lifetime: timedelta = timedelta(hours=8),
) -> str:
    """Issues a token signed with the platform's own key: for the embedded platform, its devices, and tests.

    Args:
        auth: must hold a key that signs.
        subject: an identifier, never a person's name.
        role: one role or several, from :data:`ROLES`.
        agency: the agency that the principal acts for, if any.
        lifetime: from now, in real time.

    Raises:
        ValueError: there is no key that signs, no subject, or a role is unknown.
    """
    if not auth.signs:
        raise ValueError(ISSUED_ELSEWHERE)
    roles = [role] if isinstance(role, str) else list(role)
    unknown = [name for name in roles if name not in ROLES]
    if unknown or not subject:
        raise ValueError(f"unknown roles: {', '.join(unknown)}" if unknown else "a token must name a subject")
    claims = _claims(auth, subject, roles, agency, lifetime)
    if auth.hs256_key:
        return jwt.encode(claims, auth.hs256_key, algorithm="HS256")
    return _signed(claims, read_signing_key(auth.signing_key_file))


def issue_agency_token(auth: AuthSettings, subject: str, agency: str, lifetime: timedelta) -> str:
    """Issues a token of an agency's program, with the key for such tokens if there is one.

    Args:
        auth: must hold a key that signs them.
        subject: the name of the program.
        agency: the code of its agency.
        lifetime: from now, in real time.

    Raises:
        ValueError: there is no such key.
    """
    if not auth.agency_signing_key:
        return issue_token(auth, subject, AGENCY_ROLES, agency, lifetime)
    claims = _claims(auth, subject, AGENCY_ROLES, agency, lifetime)
    return _signed(claims, parse_signing_key(auth.agency_signing_key))


def _claims(auth: AuthSettings, subject: str, roles: Sequence[str], agency: str, lifetime: timedelta) -> dict[str, Any]:
    now = datetime.now(UTC)
    claims: dict[str, Any] = {"sub": subject, "roles": list(roles), "iat": now, "exp": now + lifetime}
    named = {"agency": agency, "iss": auth.issuer, "aud": auth.audience}
    claims.update({claim: value for claim, value in named.items() if value})
    return claims


def _signed(claims: Mapping[str, Any], key: SigningKey) -> str:
    return jwt.encode(dict(claims), key.private, algorithm="ES256", headers={"kid": key.kid})
