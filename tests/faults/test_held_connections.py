"""Clients that hold their connections open, in any way, keep nobody else from being answered."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from functools import partial

import pytest

from services.registry import SERVICE_NAMES
from tests.support.backends import fresh_backends
from tests.support.held_connections import KINDS, HeldConnections
from tests.support.platform import Running
from tests.support.processes import wait_until

HELD = 200
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The web process of a platform on files, as ``motcua up`` runs it."""
    directory = tmp_path_factory.mktemp("held")
    with fresh_backends(directory) as files, Running(directory, files, {"web": ("web", "all")}) as running:
        for (
            service
        ) in SERVICE_NAMES:  # a process that has just started may need more than a probe's two seconds for its database
            wait_until(partial(is_ready, running.port, service), what=f"{service} to be ready")
        yield running


def is_ready(port: int, service: str) -> bool:
    """Whether a service says that it can answer."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    asked.request("GET", f"/{service}/health/ready")
    found = asked.getresponse().status
    asked.close()
    return found == 200


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", KINDS)
def test_others_are_answered_while_connections_are_held(platform: Running, kind: str) -> None:
    with HeldConnections(platform.port, kind, HELD) as held:
        for service in SERVICE_NAMES:
            held.renew()
            assert is_ready(platform.port, service)
