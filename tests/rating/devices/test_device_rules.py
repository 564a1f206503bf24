"""The rules of devices: which clock is believed, whom a device asks, how tokens follow each other, when a device is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rating.devices.commands import renewed
from services.rating.devices.domain import Device, fingerprint, given_at
from services.rating.devices.queries import is_silent
from services.rating.devices.rules import device_rules
from services.rating.devices.store import Tokens
from services.rating.devices.turn import Turn, turn_of
from services.rating.officials.domain import Visit
from services.rating.ratings.domain import COURTESIES
from tests.support.service import reference
from tests.support.stores import MONDAY

RULES = device_rules()
DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
NONE = timedelta(0)


def test_devices_ask_for_the_courtesies_that_ratings_know() -> None:
    assert tuple(RULES.courtesies) == COURTESIES


@pytest.mark.parametrize(
    ("behind", "noted", "present", "real"),
    [
        (NONE, NONE, NONE, NONE),
        (3 * HOUR, 3 * HOUR, 3 * HOUR, NONE),  # slow by three hours all the time
        (3 * HOUR, None, 3 * HOUR, NONE),  # before the first contact
        (20 * 365 * DAY, NONE, 20 * 365 * DAY, NONE),  # its battery was empty, and it began in another year
        (NONE, NONE, 5 * HOUR, NONE),  # its clock was set after the rating
        (-90 * SECOND, NONE, NONE, NONE),  # a little ahead: not later than now
        (20 * 365 * DAY, NONE, NONE, None),  # no clock says when it was
        (-HOUR, None, NONE, None),  # in the future
    ],
)
def test_the_first_clock_that_gives_a_possible_time_is_believed(
    behind: timedelta, noted: timedelta | None, present: timedelta, real: timedelta | None
) -> None:
    tapped = MONDAY - behind
    found = given_at(tapped, (noted, present), MONDAY, RULES.oldest, RULES.clock_tolerance)
    assert found == (None if real is None else MONDAY - real)


@given(st.datetimes(), st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
@settings(max_examples=200, deadline=None)
def test_no_clock_gives_an_impossible_time(tapped: Any, noted: int, present: int) -> None:
    offsets = (timedelta(milliseconds=noted), timedelta(milliseconds=present))
    found = given_at(tapped.replace(tzinfo=MONDAY.tzinfo), offsets, MONDAY, RULES.oldest, RULES.clock_tolerance)
    assert found is None or MONDAY - RULES.oldest <= found <= MONDAY


def test_a_rating_is_the_same_whatever_the_order_of_its_fields() -> None:
    one: dict[str, Any] = {"id": "x", "score": 5, "courtesy": {"greeting": True, "thanks": False}}
    assert fingerprint(one) == fingerprint({"courtesy": {"thanks": False, "greeting": True}, "score": 5, "id": "x"})
    assert fingerprint(one) != fingerprint(one | {"score": 4})


def visit(name: str, called: timedelta, served: timedelta | None = None, rated: bool = False) -> Visit:
    """A visit that was called and served so long ago."""
    at = None if served is None else MONDAY - served
    return Visit(name, "H12.31.01", 3, name.upper(), "clerk", MONDAY - called, at, MONDAY if rated else None)


@pytest.mark.parametrize(
    ("visits", "turn"),
    [
        ([], None),
        ([visit("a1", MINUTE)], Turn("a1", "A1", asks=False)),
        ([visit("a1", 9 * MINUTE, MINUTE)], Turn("a1", "A1", asks=True)),
        ([visit("a1", 9 * MINUTE, 6 * MINUTE)], None),  # gone
        ([visit("a1", 9 * MINUTE, MINUTE, rated=True)], None),
        ([visit("a1", 9 * MINUTE, rated=True)], None),  # rated before the clerk ended it
        (
            [visit("a2", SECOND), visit("a1", 9 * MINUTE, SECOND)],
            Turn("a1", "A1", asks=True),
        ),  # "next" ends the one before
        ([visit("a2", 2 * MINUTE), visit("a1", 9 * MINUTE, 2 * MINUTE)], Turn("a2", "A2", asks=False)),
        ([visit("a2", SECOND), visit("a1", 9 * MINUTE, SECOND, rated=True)], Turn("a2", "A2", asks=False)),
        ([visit("a2", 5 * MINUTE, SECOND), visit("a1", 9 * MINUTE, 5 * MINUTE)], Turn("a2", "A2", asks=True)),
    ],
)
def test_a_device_asks_who_was_served_and_shows_who_is_there(visits: list[Visit], turn: Turn | None) -> None:
    assert turn_of(visits, MONDAY, RULES) == turn


FRESH = Tokens("one", MONDAY, None, None, None)
LATER = MONDAY + RULES.rotate_after


def test_a_token_is_replaced_when_it_is_old_and_the_old_one_stays_good_for_a_while() -> None:
    assert renewed(FRESH, "one", "two", MONDAY + DAY, RULES) == (FRESH, False)
    offered, sent = renewed(FRESH, "one", "two", LATER, RULES)
    assert (offered, sent) == (replace(FRESH, next_hash="two"), True)
    # the answer was lost: the same successor again, as often as needed
    assert renewed(offered, "one", "two", LATER + 40 * DAY, RULES) == (offered, True)
    shown, sent = renewed(offered, "two", "three", LATER, RULES)
    assert (shown, sent) == (Tokens("two", LATER, None, "one", LATER + RULES.old_token_for), False)
    # another answer brought the old one back into the browser
    assert renewed(shown, "one", "two", LATER, RULES) == (shown, True)


def device(**changes: Any) -> Device:
    """A paired device that has just reported."""
    values: dict[str, Any] = {
        "desk": "H12.31.01",
        "number": 1,
        "counter": 3,
        "pairing": "p",
        "paired_at": MONDAY - DAY,
        "code_until": None,
    }
    values |= {"seen_at": MONDAY, "battery": None, "charging": None, "waiting": 0, "version": "", "clock_offset": NONE}
    return Device(**values | changes)


@pytest.mark.parametrize(
    ("changes", "after", "silent"),
    [
        ({}, 19 * MINUTE, False),
        ({}, 21 * MINUTE, True),
        ({"pairing": None}, DAY, False),
        ({"seen_at": None}, NONE, True),  # paired a day ago, and never heard of
        ({"seen_at": MONDAY + 9 * HOUR + 25 * MINUTE}, 15 * HOUR, False),  # the whole night
    ],
)
def test_a_device_is_silent_after_working_time_without_a_word(
    changes: dict[str, Any], after: timedelta, silent: bool
) -> None:
    assert is_silent(device(**changes), reference().agencies, MONDAY + after, RULES) is silent
