"""A broker with three granted agencies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shared.plugin_sdk.admin.agency_broker import AgencyBroker
from tests.support.rabbitmq import RabbitServer


@pytest.fixture(scope="module")
def shared_broker(rabbit: RabbitServer) -> Iterator[AgencyBroker]:
    """Shared by the tests of a module that change nothing."""
    url = rabbit.create_vhost()
    yield AgencyBroker(rabbit, url)
    rabbit.delete_vhost(url)


@pytest.fixture
def broker(rabbit: RabbitServer, rabbit_url: str) -> AgencyBroker:
    return AgencyBroker(rabbit, rabbit_url)
