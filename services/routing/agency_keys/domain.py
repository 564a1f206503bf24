"""The keys of agencies' own software: when one is valid, which one a client has shown, and on which one an agency relies."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

SECRET_PREFIX = "motcua_agency_"
"""Begins each secret, so that scanners of source code and logs find one that was left there."""


class KeyState(StrEnum):
    """What a key is at a moment."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class TooManyKeys(ValueError):
    """The agency has as many valid keys as it may have: one is to be revoked first.

    Args:
        agency: its code.
        ids: of the valid keys.
    """

    def __init__(self, agency: str, ids: Sequence[str]) -> None:
        super().__init__(f"agency {agency} has {len(ids)} valid keys ({', '.join(ids)}): revoke one first")
        self.ids = tuple(ids)


class UnknownKey(LookupError):
    """The agency has no such key."""


class WrongClient(Exception):
    """The agency is unknown, or the secret is not one of its keys."""


class KeyOver(Exception):
    """The secret is that of a key that has expired or was revoked.

    Args:
        state: which of the two.
        at: since when.
    """

    def __init__(self, state: KeyState, at: datetime) -> None:
        super().__init__(f"the key is {state} since {at:%Y-%m-%d %H:%M}")
        self.state, self.at = state, at


@dataclass(frozen=True, slots=True)
class KeyRules:
    """How keys work from a day on.

    Attributes:
        valid_from: the first day on which these rules are in force.
        valid_for: how long a new key is valid.
        warn_before: how long before its end the operators are told.
        valid_at_once: how many keys of one agency may be valid at once; two, so that one is replaced without a gap.
        token_for: how long an access token is valid.
    """

    valid_from: date
    valid_for: timedelta
    warn_before: timedelta
    valid_at_once: int
    token_for: timedelta


@dataclass(frozen=True, slots=True)
class AgencyKey:
    """A row of `agency_key`; all times are real time.

    Attributes:
        agency: its code.
        id: names the key among those of the agency; not secret.
        secret_hash: SHA-256 of the secret, in hex.
        made_at, made_by: when and by whom.
        expires_at: from when on it is not valid.
        used_at: when it last gave a token, an hour late at most; None if it never did.
        revoked_at, revoked_by: when and by whom it was revoked; None if it was not.
        warned_on: the last day on which its end was announced; None if it never was.
    """

    agency: str
    id: str
    secret_hash: str = field(repr=False)
    made_at: datetime
    made_by: str
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    warned_on: date | None = None

    def state(self, at: datetime) -> KeyState:
        """What it is at a moment."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return KeyState.REVOKED
        return KeyState.VALID if at < self.expires_at else KeyState.EXPIRED


def valid_keys(keys: Sequence[AgencyKey], at: datetime) -> list[AgencyKey]:
    """The keys that are valid at a moment, in their order."""
    return [key for key in keys if key.state(at) == KeyState.VALID]


def key_shown(keys: Sequence[AgencyKey], secret_hash: str, at: datetime) -> AgencyKey:
    """The key that a client has shown. All are compared, each in constant time.

    Args:
        keys: of the agency that the client names.
        secret_hash: of the secret that it has shown.
        at: now.

    Raises:
        WrongClient: it is none of them.
        KeyOver: it has expired or was revoked.
    """
    shown = [key for key in keys if hmac.compare_digest(key.secret_hash, secret_hash)]
    if not shown:
        raise WrongClient
    key = shown[0]
    state = key.state(at)
    if state == KeyState.REVOKED and key.revoked_at is not None:
        raise KeyOver(state, key.revoked_at)
    if state == KeyState.EXPIRED:
        raise KeyOver(state, key.expires_at)
    return key


def relied_on(keys: Sequence[AgencyKey]) -> AgencyKey | None:
    """The key by whose end the agency's software must have another: of those not revoked the one that ends last.

    A key that was never used does not count beside one that was: the agency may not have put it into its settings yet. An expired key
    counts until it is revoked or another is used.

    Args:
        keys: of one agency.

    Returns:
        None when all are revoked, or there are none.
    """
    kept = [key for key in keys if key.revoked_at is None]
    used = [key for key in kept if key.used_at is not None]
    return max(used or kept, key=lambda key: (key.expires_at, key.id), default=None)


def warning_due(key: AgencyKey, rules: KeyRules, at: datetime) -> bool:
    """Whether the operators are to be told today that a key ends: each day from some time before its end on, until another is used.

    Args:
        key: on which an agency relies.
        rules: in force.
        at: now, in Vietnam's zone.
    """
    return key.expires_at - at <= rules.warn_before and (key.warned_on is None or key.warned_on < at.date())
