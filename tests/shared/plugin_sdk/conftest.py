"""Grounds for the tests of agencies' rights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shared.plugin_sdk.agency_fixture import Ground
from tests.support.rabbitmq import RabbitServer


@pytest.fixture(scope="module")
def ground(rabbit: RabbitServer) -> Iterator[Ground]:
    """Shared by the tests that change nothing."""
    url = rabbit.create_vhost()
    yield Ground(rabbit, url)
    rabbit.delete_vhost(url)


@pytest.fixture
def fresh(rabbit: RabbitServer, rabbit_url: str) -> Ground:
    return Ground(rabbit, rabbit_url)
