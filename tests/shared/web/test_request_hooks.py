"""Request hooks: id, headers, log line, metrics."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from shared.observability.logs import JsonLines, configure_logging
from tests.shared.web.example_app import ExampleApp


def test_a_safe_request_id_is_kept_and_another_replaced(client: Any) -> None:
    assert (
        client.get("/intake/health/live", headers={"X-Request-ID": "abc-1.2_3"}).headers["X-Request-ID"] == "abc-1.2_3"
    )
    for unsafe in ("", "a b", "x" * 65, 'a"b', "{}"):
        made = client.get("/intake/health/live", headers={"X-Request-ID": unsafe}).headers["X-Request-ID"]
        assert made != unsafe
        assert len(made) == 24
    assert client.get("/nothing").headers["X-Request-ID"]


@pytest.mark.parametrize(
    "url", ["/intake/api/hello", "/intake/api/nothing", "/intake/api/paper", "/intake/metrics", "/intake/"]
)
def test_security_headers(client: Any, url: str) -> None:
    headers = client.get(url).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert ("style-src" in headers["Content-Security-Policy"]) == (url == "/intake/")


def test_static_files_may_be_kept(client: Any) -> None:
    answer = client.get("/intake/static/motcua.css")
    assert answer.status_code == 200
    assert "max-age=3600" in answer.headers["Cache-Control"]


def test_one_line_per_request_without_paths_queries_and_bodies(
    example: ExampleApp, caplog: pytest.LogCaptureFixture
) -> None:
    headers = example.token("clerk", "079085001234") | {"X-Request-ID": "r-1"}
    with caplog.at_level(logging.INFO):
        example.client().get("/intake/api/agencies/A1/things?name=Nguyen", headers=headers)
        example.client().post("/intake/api/things", json={"name": "Trần Thị B"}, headers=headers)
        example.client().get("/intake/health/live")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "motcua.request"]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/intake/api/agencies/<agency>/things", 200),
        ("POST", "/intake/api/things", 201),
    ]
    assert {line["request_id"] for line in lines} == {"r-1"}
    assert {line["service"] for line in lines} == {"intake"}
    for secret in ("Nguyen", "Trần", "079085001234", "A1"):
        assert secret not in json.dumps(lines, ensure_ascii=False)


def test_requests_are_counted_by_route(example: ExampleApp) -> None:
    client = example.client()
    for number in (1, 2):
        client.get(f"/intake/api/things/{number}", headers=example.token("clerk"))
    client.get("/intake/api/nothing")
    client.open("/intake/api/things", method="BREW")
    shown = client.get("/intake/metrics").text
    assert 'http_route="/intake/api/things/<int:number>"' in shown
    assert "things/1" not in shown
    assert "nothing" not in shown
    assert 'http_request_method="_OTHER"' in shown
    assert "BREW" not in shown


def test_log_lines_are_json(capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def restore() -> None:
        root.handlers[:] = handlers
        root.setLevel(level)

    request.addfinalizer(restore)
    configure_logging("WARNING")
    try:
        raise LookupError("x")
    except LookupError:
        logging.getLogger("a.b").warning("a %s", "ộ", exc_info=True, extra={"fields": {"n": 1}})
    logging.getLogger("a.b").info("not shown")
    [line] = capfd.readouterr().err.splitlines()
    written = json.loads(line)
    assert (written["message"], written["level"], written["logger"], written["n"]) == ("a ộ", "warning", "a.b", 1)
    assert written["time"].endswith("+07:00")
    assert "LookupError" in written["exception"]
