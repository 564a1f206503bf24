"""A supervisor that is killed leaves nothing that serves."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.process_group import alive, descendants
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import Proc, listening, python, wait_until


@pytest.mark.parametrize("command", [("up",), ("demo", "--serve")])
def test_sigkill_of_a_supervisor_ends_its_children_and_frees_the_port(
    command: tuple[str, ...], spawn_process: Callable[..., Proc], tmp_path: Path
) -> None:
    port = free_port()
    environ = {**os.environ, "MOTCUA_DATA": str(tmp_path / "data"), "MOTCUA_PORT": str(port)}
    supervisor = spawn_process(python("-m", "shared.cli", *command), env=environ)
    wait_until(lambda: listening(port), timeout=90, what="the platform")
    children = descendants(supervisor.pid)
    assert len(children) >= 3, "web, its worker and the event worker"
    supervisor.signal(signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in children), timeout=30, what="the end of all children")
    assert not listening(port)
