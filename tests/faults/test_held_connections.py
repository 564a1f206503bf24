"""Clients that hold their connections open, in any way, keep nobody else from being answered."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from services.registry import SERVICE_NAMES
from tests.support.backends import fresh_backends
from tests.support.held_connections import KINDS, HeldConnections
from tests.support.platform import Running

HELD = 200
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The web process of a platform on files, as ``motcua up`` runs it."""
    directory = tmp_path_factory.mktemp("held")
    with fresh_backends(directory) as files, Running(directory, files, {"web": ("web", "all")}) as running:
        yield running


def readiness(port: int, service: str) -> tuple[int, bytes]:
    """The status and the body of a service's answer whether it is ready."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    asked.request("GET", f"/{service}/health/ready")
    answer = asked.getresponse()
    found = answer.status, answer.read()
    asked.close()
    return found


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", KINDS)
def test_others_are_answered_while_connections_are_held(platform: Running, kind: str) -> None:
    with HeldConnections(platform.port, kind, HELD) as held:
        for _ in range(3):
            for service in SERVICE_NAMES:
                held.renew()
                assert readiness(platform.port, service) == (200, b'{"status":"ok"}')
