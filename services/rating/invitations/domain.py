"""The rules of invitations: one-time tokens, and when an invitation can be used."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from shared.runtime.keyed_hash import keyed_hash
from shared.text import clean_code

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: without i, l, o and u, so that a token can be read off a screen and typed in."""
TOKEN_LENGTH = 20  # 100 bits: the token alone is the right to rate, so nobody must be able to guess it

_LOOK_ALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})


class InvitationError(Exception):
    """The token does not give the right to rate."""


class UnknownToken(InvitationError):
    """No invitation has this token."""


class AlreadyUsed(InvitationError):
    """The invitation was used: each allows one rating."""


class Expired(InvitationError):
    """The invitation has expired.

    Attributes:
        expires_at: since when, business time.
    """

    def __init__(self, expires_at: datetime) -> None:
        super().__init__(expires_at.isoformat())
        self.expires_at = expires_at


@dataclass(frozen=True, slots=True)
class Invitation:
    """The right to rate one dossier once.

    Attributes:
        dossier: the dossier's code.
        form: version of the form by which it is rated.
        expires_at: business time.
        used_at: business time; None if it was not used.
    """

    dossier: str
    form: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class RatedDossier:
    """The dossier that a rating is about.

    Attributes:
        dossier: the dossier's code.
        procedure: code of its procedure.
        field: of administration, such as ``land``.
        agency: code of the receiving agency.
        form: version of the form by which it is rated.
    """

    dossier: str
    procedure: str
    field: str
    agency: str
    form: str


def new_token() -> str:
    """A random token, safe in a URL."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def normalise_token(text: str) -> str:
    """A typed token in the form in which it was issued: without spaces and hyphens, in lower case, with 0 for o and 1 for i and l."""
    return clean_code(text).replace("-", "").lower().translate(_LOOK_ALIKES)


def token_hash(token: str, key: str) -> str:
    """The keyed hash that is stored instead of a token.

    Args:
        token: as typed; it is normalised first.
        key: of the platform; in no database.
    """
    return keyed_hash(key, "rating token", normalise_token(token))


def require_open(invitation: Invitation | None, now: datetime) -> Invitation:
    """Checks that an invitation can be used now. A used invitation counts as used even when it has also expired.

    Args:
        invitation: the invitation of a token, if there is one.
        now: business time.

    Raises:
        UnknownToken: there is no invitation.
        AlreadyUsed: it was used.
        Expired: it has expired.
    """
    if invitation is None:
        raise UnknownToken
    if invitation.used_at is not None:
        raise AlreadyUsed
    if now >= invitation.expires_at:
        raise Expired(invitation.expires_at)
    return invitation
