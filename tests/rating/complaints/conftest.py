"""Fixtures of the tests of complaints."""

from __future__ import annotations

import pytest

from tests.rating.complaints.complaint_fixture import Office
from tests.support.service import ServiceUnderTest


@pytest.fixture
def office(rating: ServiceUnderTest) -> Office:
    """A desk with a leader and two officials, on SQLite."""
    return Office(rating)


@pytest.fixture
def both_offices(both: ServiceUnderTest) -> Office:
    """The same, once on SQLite and once on PostgreSQL."""
    return Office(both)
