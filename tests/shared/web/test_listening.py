"""The port is open only while a process has loaded the application: else a load balancer's requests would wait for the loading."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.process_group import descendants
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.web import listening as ports
from shared.web.listening import bind_port, close_port, open_port
from tests.shared.web.served import LOADING
from tests.support.processes import Proc, listening, python, wait_port, wait_until


@pytest.mark.parametrize("workers", [1, 2])
def test_who_has_not_loaded_the_application_refuses_connections(
    tmp_path: Path, spawn_process: Callable[..., Proc], workers: int
) -> None:
    port, hold = free_port(), tmp_path / LOADING
    hold.touch()
    process = spawn_process(python("-m", "tests.shared.web.served", str(tmp_path), str(port), str(workers)))

    def load(times: int) -> None:
        """The workers begin to load the application, and end it when they may."""
        wait_until(lambda: process.output().count("loading\n") == times, what="the application's loading")
        assert not listening(port), "connections would wait until the application is loaded"
        hold.unlink()
        wait_port(port, process=process)

    load(workers)
    hold.touch()
    for worker in descendants(process.pid):
        os.kill(worker, signal.SIGKILL)
    load(2 * workers)
    assert process.terminate() == 0, process.output()


def test_two_servers_do_not_share_a_port(tmp_path: Path, spawn_process: Callable[..., Proc]) -> None:
    port, hold = free_port(), tmp_path / LOADING
    hold.touch()
    command = python("-m", "tests.shared.web.served", str(tmp_path), str(port), "1")
    both = [spawn_process(command) for _ in range(2)]
    wait_until(lambda: all("loading\n" in process.output() for process in both), what="the application's loading")
    hold.unlink()
    wait_until(lambda: sum(process.running for process in both) == 1, what="the end of one")
    served = next(process for process in both if process.running)
    wait_port(port, process=served)


def test_a_bound_port_refuses_until_it_is_open_and_when_it_is_closed_again() -> None:
    port = free_port()
    with bind_port("127.0.0.1", port, shared=False) as bound:
        for _ in range(2):
            assert not listening(port)
            open_port([bound], 8)
            open_port([bound], 8)
            assert listening(port)
            close_port([bound])
            close_port([bound])
        assert not listening(port)


def test_sockets_of_several_workers_share_a_port_and_each_is_open_by_itself() -> None:
    port = free_port()
    with bind_port("127.0.0.1", port, shared=True) as one, bind_port("127.0.0.1", port, shared=True) as other:
        open_port([other], 64)
        close_port([one])
        assert all(listening(port) for _ in range(20))


def test_a_port_that_another_server_has_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "PAUSE_SECONDS", 0.0)
    port = free_port()
    with bind_port("127.0.0.1", port, shared=False) as first:
        open_port([first], 8)
        with pytest.raises(SystemExit):
            bind_port("127.0.0.1", port, shared=False)
