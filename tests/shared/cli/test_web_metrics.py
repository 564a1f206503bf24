"""Several web workers count together, also when the operator has named no folder for it."""

from __future__ import annotations

import os
import re
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import Proc, python, wait_port

PATH = "/stats/docs"


def counted(address: str) -> int:
    with urllib.request.urlopen(f"{address}/stats/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'request_duration_seconds_count\{[^}]*http_route="/stats/docs"[^}]*\} (\S+)', text)
    return int(sum(map(float, found)))


def test_two_workers_without_a_folder_show_one_total(spawn_process: Callable[..., Proc], tmp_path: Path) -> None:
    port = free_port()
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environ = {
        **os.environ,
        "PROMETHEUS_MULTIPROC_DIR": "",
        "TMPDIR": str(temporary),
        "MOTCUA_DATA": str(tmp_path),
        "MOTCUA_PORT": str(port),
        "MOTCUA_WEB_WORKERS": "2",
    }
    assert spawn_process(python("-m", "shared.cli", "migrate", "stats"), env=environ).wait(60) == 0
    web = spawn_process(python("-m", "shared.cli", "web", "stats"), env=environ)
    wait_port(port, process=web)
    address = f"http://127.0.0.1:{port}"
    for _ in range(20):  # a new connection each, so that both workers get some
        with urllib.request.urlopen(address + PATH, timeout=10) as answer:
            assert answer.status == 200
    assert {counted(address) for _ in range(10)} == {20}
    web.signal(signal.SIGTERM)
    assert web.wait(60) == 0
    assert list(temporary.glob("motcua-metrics-*")) == [], "the folder is gone with the processes"
