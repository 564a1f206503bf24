"""The private broker always ends with its parent, and reports why it cannot start."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.devtools.private_broker import BrokerFailed, PrivateBroker
from shared.plugin_sdk.devtools.process_group import alive, processes
from tests.support.processes import Proc, python, wait_until

KILLED = """
import time
from shared.plugin_sdk.devtools.private_broker import PrivateBroker
with PrivateBroker() as broker:
    print(broker.directory, broker.management_url, flush=True)
    time.sleep(600)
"""


def _of_the_node(home: str) -> list[int]:
    """The ids of all processes that have this home directory."""
    found = []
    for process in processes():
        try:
            environ = Path(f"/proc/{process.pid}/environ").read_bytes()
        except OSError:  # the process ended in the meantime
            continue
        if f"HOME={home}".encode() in environ.split(b"\0"):
            found.append(process.pid)
    return found


def test_broker_ends_when_its_parent_process_is_killed(
    spawn_process: Callable[..., Proc],
) -> None:
    process = spawn_process(python("-c", KILLED))
    wait_until(lambda: not process.running or process.output().endswith("\n"), 120, what="the broker's start")
    process.check()
    home, url = process.output().split()
    assert Management(url).call("GET", "vhosts", "/")["name"] == "/"
    session = _of_the_node(home)
    assert len(session) > 1
    os.kill(process.pid, 9)
    wait_until(lambda: not any(alive(pid) for pid in session), what="the end of every process of the node")


def test_failed_start_reports_the_reason_and_leaves_nothing() -> None:
    class Misconfigured(PrivateBroker):
        """A broker with an invalid port."""

        def start(self) -> None:
            (self.directory / "rabbitmq.conf").write_text("listeners.tcp.1 = 127.0.0.1:much\n")
            super().start()

    broker = Misconfigured()
    with pytest.raises(BrokerFailed, match=r"did not start:(.|\n)*cannot be converted"), broker:
        pytest.fail("it started")
    assert not broker.directory.exists()
    assert _of_the_node(str(broker.directory)) == []


def test_missing_rabbitmq_is_reported_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shared.plugin_sdk.devtools.private_broker.OWN_SCRIPTS", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(BrokerFailed, match="install"), PrivateBroker():
        pytest.fail("it started")
