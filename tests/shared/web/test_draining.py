"""A web server that is told to stop drains: behind a load balancer that follows readiness nobody is reset or refused."""

from __future__ import annotations

import http.client
import itertools
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import Proc, python, wait_port, wait_until

LIVE, READY = "/intake/health/live", "/intake/health/ready"


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def all_forked(server: Proc, workers: int) -> bool:
    return server.output().count("forked") == workers


class LoadBalancer:
    """Clients that ask only servers that were ready when it last looked, on kept and on new connections."""

    def __init__(self, ports: list[int]) -> None:
        self.ready = list(ports)
        self.answers: Counter[tuple[int, bool]] = Counter()
        """By port and whether the answer ended the connection."""
        self.failures: list[str] = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(6)]
        for thread in self.threads:
            thread.start()

    def _ask(self, number: int) -> None:
        connections: dict[int, http.client.HTTPConnection] = {}
        for turn in itertools.count(number):
            if self.stopping.is_set():
                break
            ready = self.ready
            port = ready[turn % len(ready)]
            connection = connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=30))
            try:
                connection.request("GET", LIVE)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.failures.append(f"{port}: {error!r}")
                connection.close()
                continue
            self.answers[port, answer.will_close] += 1
            if number % 2:
                connection.close()
        for connection in connections.values():
            connection.close()

    def stop(self) -> None:
        """Ends the clients."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_is_replaced_drops_nobody(
    workers: str, tmp_path: Path, spawn_process: Callable[..., Proc]
) -> None:
    ports, servers = [free_port(), free_port()], []
    for port in ports:
        folder = tmp_path / str(port)
        folder.mkdir()
        environ = {**os.environ, "MOTCUA_DRAIN_SECONDS": "3"}
        server = spawn_process(python("-m", "tests.shared.web.served", str(folder), str(port), workers), env=environ)
        wait_port(port, process=server)
        wait_until(partial(all_forked, server, int(workers)), what="all workers")
        servers.append(server)
    old, new = ports
    balancer = LoadBalancer(ports)
    try:
        wait_until(lambda: balancer.answers[old, False] > 100, what="requests to the old server")
        servers[0].signal(signal.SIGTERM)
        wait_until(lambda: balancer.answers[old, True] > 10, what="answers that end their connections")
        wait_until(lambda: status(old, READY) == 503, what="not ready")
        assert status(old, LIVE) == 200, "still accepting"
        balancer.ready = [new]
        before = balancer.answers[new, False]
        assert servers[0].wait(60) == 0, servers[0].output()
        wait_until(lambda: balancer.answers[new, False] > before + 100, what="requests to the new server")
    finally:
        balancer.stop()
    assert balancer.failures == []
    assert "the process stops" in servers[0].output()
