"""The real server: start, limits, metrics over all workers, and a clean stop."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import shared.web
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.settings import read_settings
from shared.web.server import server_options
from tests.support.processes import Proc, python, wait_port, wait_until


def ask(port: int, method: str, path: str, **options: Any) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, **options)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def endless_body(port: int) -> tuple[int, bytes]:
    chunks = (b" " * 65536 for _ in range(40))  # 2.5 MiB without a Content-Length
    headers = {"Content-Type": "application/json"}
    return ask(port, "POST", "/intake/api/anonymous", body=chunks, headers=headers, encode_chunked=True)


@pytest.fixture(params=[1, 2])
def server(
    request: pytest.FixtureRequest, tmp_path: Path, spawn_process: Callable[..., Proc]
) -> Iterator[tuple[Proc, int]]:
    port, metrics = free_port(), tmp_path / "metrics"
    metrics.mkdir()
    process = spawn_process(
        python("-m", "tests.shared.web.served", str(tmp_path), str(port), str(request.param)),
        env={"PROMETHEUS_MULTIPROC_DIR": str(metrics), "HOME": str(tmp_path)},
    )
    wait_port(port, process=process)
    wait_until(lambda: process.output().count("forked") == request.param)
    yield process, port
    assert process.terminate() == 0, process.output()
    assert list(metrics.glob("gauge_live*")) == [], "dead workers have left the live gauges"
    assert not [path for path in tmp_path.rglob("*") if path.is_socket()], "no control socket"


def test_requests_metrics_and_limits_of_all_workers(server: tuple[Proc, int]) -> None:
    process, port = server
    status, body = endless_body(port)
    assert (status, json.loads(body)["type"]) == (413, "urn:motcua:problem:too-large")
    for _ in range(20):
        assert ask(port, "GET", "/intake/health/live")[0] == 200
    assert ask(port, "GET", "/intake/health/ready")[0] == 200
    text = ask(port, "GET", "/intake/metrics")[1].decode()
    line = 'http_response_status_code="200",http_route="/intake/health/live",service="intake"} 20.0'
    assert [found for found in text.splitlines() if "duration_seconds_count" in found and found.endswith(line)]
    for written in process.output().splitlines():
        assert written in ("forked", "loading") or json.loads(written)


def test_files_arrive_whole(server: tuple[Proc, int]) -> None:
    process, port = server
    folder = Path(shared.web.__file__).parent / "static"
    files = sorted(folder.iterdir())
    assert len(files) > 3
    for file in files:
        assert ask(port, "GET", f"/intake/static/{file.name}") == (200, file.read_bytes())
    part = ask(port, "GET", f"/intake/static/{files[0].name}", headers={"Range": "bytes=5-9"})
    assert part == (206, files[0].read_bytes()[5:10])
    assert ask(port, "HEAD", f"/intake/static/{files[0].name}") == (200, b"")
    assert "Traceback" not in process.output()


def test_options_follow_the_settings(tmp_path: Path) -> None:
    environ = {"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path), "MOTCUA_HOST": "0.0.0.0", "MOTCUA_PORT": "8080"}
    one = server_options(read_settings(environ))
    assert (one["bind"], one["workers"], one["threads"]) == ("0.0.0.0:8080", 1, 4)
    several = server_options(read_settings(environ | {"MOTCUA_WEB_WORKERS": "3", "MOTCUA_WEB_THREADS": "2"}))
    assert (several["workers"], several["threads"]) == (3, 2)
    assert several["control_socket_disable"]
    assert several["max_requests"] == 0
