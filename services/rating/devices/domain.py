"""Devices: what one delivers, when it was rated by its clock, and what is kept aside for review. Pure rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

DEVICES = range(1, 61)
"""Numbers that the devices of one desk can have."""


class Outcome(StrEnum):
    """What became of a delivered rating. All but `KEPT` lie aside for review and count nowhere."""

    KEPT = "kept"
    TOO_SOON = "too_soon"
    """Too short a time after another one without a number: perhaps one person who presses many times."""
    RATED_BEFORE = "rated_before"
    """The visit has a rating already."""
    UNKNOWN_VISIT = "unknown_visit"
    UNKNOWN_PLACE = "unknown_place"
    """Its pairing is not known, so neither is its counter."""
    TIME_UNKNOWN = "time_unknown"
    """No clock says when it was."""
    INVALID = "invalid"
    """It is not what the form asks."""
    CONFLICT = "conflict"
    """Another rating has its id."""


COUNTABLE = frozenset({Outcome.TOO_SOON, Outcome.UNKNOWN_VISIT, Outcome.TIME_UNKNOWN})
"""What a leader may let count: a valid rating of a known counter."""


class NotPaired(Exception):
    """The tablet is no longer paired."""


class UnknownReview(LookupError):
    """No rating lies aside under this number at the caller's desk, or somebody has decided otherwise."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a desk.

    Attributes:
        desk: code of the one-stop desk.
        number: among those of the desk.
        counter: at which it stands; None for a place without one.
        pairing: names the time since it was paired; None while it is not.
        paired_at: since when a browser is paired as this device; None while none is.
        code_until: until when the code for pairing it can be used; None without one.
        seen_at: when it last reported, business time; None if it has not yet.
        battery: per cent; None if the browser does not tell.
        charging: whether it is on mains; None if the browser does not tell.
        waiting: ratings that it had not delivered when it last reported.
        version: of its page.
        clock_offset: how far the server's clock was ahead of its own.
    """

    desk: str
    number: int
    counter: int | None
    pairing: str | None
    paired_at: datetime | None
    code_until: datetime | None
    seen_at: datetime | None
    battery: int | None
    charging: bool | None
    waiting: int
    version: str
    clock_offset: timedelta


@dataclass(frozen=True, slots=True)
class Pairing:
    """A time during which a browser was one device.

    Attributes:
        id: known to that browser and the server.
        desk: code of the one-stop desk.
        number: of the device.
        counter: at which it stood.
    """

    id: str
    desk: str
    number: int
    counter: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """How a device says it is.

    Attributes:
        sent_at: by its own clock.
        version: of its page.
        waiting: ratings not delivered yet.
        battery, charging: None if its browser does not tell.
    """

    sent_at: datetime
    version: str
    waiting: int
    battery: int | None
    charging: bool | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A rating as a device delivers it.

    Attributes:
        id: made by the device, a UUID.
        sequence: counts the ratings of the device.
        pairing: during which it was given.
        tapped_at: by the device's clock.
        offset: how far the server's clock was ahead at the device's last contact before it; None before the first.
        visit: what it is about; None without a number.
        score: as sent.
        courtesy: courtesy → whether it was said, as far as answered.
    """

    id: str
    sequence: int
    pairing: str
    tapped_at: datetime
    offset: timedelta | None
    visit: str | None
    score: int
    courtesy: Mapping[str, bool]


def fingerprint(sent: Mapping[str, Any]) -> str:
    """A hash of a rating as it was sent, so that a repetition is told from another rating with the same id."""
    return hashlib.sha256(json.dumps(dict(sent), default=str, sort_keys=True).encode()).hexdigest()


def given_at(
    tapped_at: datetime, offsets: tuple[timedelta | None, ...], now: datetime, oldest: timedelta, tolerance: timedelta
) -> datetime | None:
    """When a rating was given, by the server's clock.

    A device's clock may be wrong, and may have been set while it was offline. So the offset noted before the rating is tried first, and
    the present one then; the first that gives a time that can be is believed.

    Args:
        tapped_at: by the device's clock.
        offsets: how far the server's clock is ahead of it, the best first.
        now: the server's time.
        oldest: how old it can be.
        tolerance: how far in the future it may seem to be, since clocks differ a little.

    Returns:
        the time, not later than `now`; None if there is none that can be.
    """
    for offset in offsets:
        if offset is not None:
            found = shifted(tapped_at, offset)
            if found is not None and now - oldest <= found <= now + tolerance:
                return min(found, now)
    return None


def shifted(moment: datetime, offset: timedelta) -> datetime | None:
    """A moment moved; None where no calendar reaches."""
    try:
        return moment + offset
    except OverflowError:
        return None
