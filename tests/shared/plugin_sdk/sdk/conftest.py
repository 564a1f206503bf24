"""A harness for every test of the SDK."""

from __future__ import annotations

import pytest

from shared.plugin_sdk.conformance.harness import Harness
from tests.shared.plugin_sdk.support import OpenHarness


@pytest.fixture
def harness(open_harness: OpenHarness, request: pytest.FixtureRequest) -> Harness:
    """A harness for an agency that only this test uses."""
    return open_harness(f"T.{abs(hash(request.node.nodeid)):x}")
