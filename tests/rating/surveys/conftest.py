"""Fixtures of the tests of surveys: rating in August 2026."""

from __future__ import annotations

import pytest

from tests.rating.surveys.support import START
from tests.support.service import ServiceUnderTest


@pytest.fixture(autouse=True)
def in_august(request: pytest.FixtureRequest) -> None:
    """Sets the clock of the service, if the test has one."""
    for name in ("rating", "both"):
        if name in request.fixturenames:
            service: ServiceUnderTest = request.getfixturevalue(name)
            service.hand.seconds = START.timestamp()
