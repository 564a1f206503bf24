"""The rules of ratings, pure: one-time tokens, invitations that are used once and in time, and what a rating may say."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o or u, so a token can be read off a screen and typed in."""
TOKEN_LENGTH = 20  # 100 bits: not to be guessed, so the token alone is the right to rate

LOWEST, HIGHEST = 1, 5

_SEPARATORS = re.compile(r"[\s-]+")
_LOOK_ALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})


class InvitationError(Exception):
    """A token does not give the right to rate."""


class UnknownToken(InvitationError):
    """No invitation has this token."""


class AlreadyUsed(InvitationError):
    """The invitation was used: one rating each."""


class Expired(InvitationError):
    """The invitation's time is over."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """The right to rate one dossier once.

    Attributes:
        dossier: the dossier's code.
        expires_at: until when, in business time.
        used_at: when it was used, if it was.
    """

    dossier: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rating:
    """What a citizen says.

    Attributes:
        score: 1 (very dissatisfied) to 5 (very satisfied).
        criteria: criterion → 1 to 5; any of those on the form, or none.
        comment: in the citizen's words; may be empty.
    """

    score: int
    criteria: Mapping[str, int] = field(default_factory=dict, hash=False)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """One thing on the form, in Vietnamese and English."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked (NĐ 118/2025, Điều 33), as data.

    Attributes:
        invitation_days: calendar days for which an invitation holds.
        comment_characters: how long a comment may be.
        scores: score → its label, in the order of the form.
        criteria: criterion → its label, in the order of the form.
    """

    invitation_days: int
    comment_characters: int
    scores: Mapping[int, Label] = field(hash=False)
    criteria: Mapping[str, Label] = field(hash=False)


def new_token() -> str:
    """A fresh token, url-safe."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def tidy_token(text: str) -> str:
    """A token as somebody typed it, in the form in which it was given: spaces, hyphens and case do not matter, nor o for 0."""
    return _SEPARATORS.sub("", text).lower().translate(_LOOK_ALIKES)


def token_hash(token: str) -> str:
    """What is kept of a token: with 100 random bits a plain digest cannot be turned back.

    Args:
        token: as typed; see :func:`tidy_token`.
    """
    return hashlib.sha256(tidy_token(token).encode()).hexdigest()


def ensure_open(invitation: Invitation | None, now: datetime) -> Invitation:
    """The invitation, if it can be used now. One that was used stays used, whatever else is true of it.

    Args:
        invitation: what was found under a token.
        now: business time.

    Raises:
        UnknownToken: nothing was found.
        AlreadyUsed: it was used.
        Expired: its time is over.
    """
    if invitation is None:
        raise UnknownToken
    if invitation.used_at is not None:
        raise AlreadyUsed
    if now >= invitation.expires_at:
        raise Expired
    return invitation
