"""More requests than threads, over real sockets: what waits is bounded, the rest is told to come again, and probes are answered."""

from __future__ import annotations

import html
import http.client
import json
import re
import select
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import Proc, python, wait_port, wait_until

Start = Callable[..., int]


@pytest.fixture
def start(tmp_path: Path, spawn_process: Callable[..., Proc]) -> Start:
    def start(threads: int, places: int, seconds: float) -> int:
        port = free_port()
        environ = {
            "MOTCUA_WEB_THREADS": str(threads),
            "MOTCUA_WAITING_REQUESTS": str(places),
            "MOTCUA_WAIT_SECONDS": str(seconds),
            "HOME": str(tmp_path),
        }
        process = spawn_process(python("-m", "tests.shared.web.served", str(tmp_path), str(port), "1"), env=environ)
        wait_port(port, process=process)
        return port

    return start


class Caller:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Caller:
        self.connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
        return self

    def answer(self) -> tuple[int, dict[str, str], str]:
        got = self.connection.getresponse()
        return got.status, {name.lower(): text for name, text in got.getheaders()}, got.read().decode()


def refused(answer: tuple[int, dict[str, str], str]) -> None:
    status, headers, body = answer
    assert (status, headers["content-type"]) == (503, "application/problem+json"), answer
    problem = json.loads(body)
    assert problem["type"] == "urn:motcua:problem:unavailable"
    assert problem["title"] == "Hệ thống đang bận, vui lòng thử lại sau ít phút"
    assert problem["retry_after"] == int(headers["retry-after"]) >= 1


def answered(callers: list[Caller], count: int) -> Iterator[Caller]:
    """The first so many that have an answer; they leave the list."""
    for _ in range(count):
        ready, _, _ = select.select([one.connection.sock for one in callers], [], [], 60)
        first = next(one for one in callers if one.connection.sock in ready)
        callers.remove(first)
        yield first


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def measured(port: int, name: str) -> dict[str, float]:
    text = Caller(port).send("/intake/metrics").answer()[2]
    lines = (line.rpartition(" ") for line in text.splitlines() if line.startswith(name))
    return {found[0]: float(found[2]) for found in lines}


def shed_in_all(port: int, count: int) -> set[str]:
    """The reasons for which so many requests were refused."""
    name = "motcua_requests_shed_total"
    wait_until(lambda: sum(measured(port, name).values()) == count, what=f"{count} are counted")
    return {found for one in measured(port, name) for found in re.findall('reason="([^"]+)"', one)}


def test_what_waits_is_bounded_and_the_rest_is_told_to_come_again(start: Start, tmp_path: Path) -> None:
    port = start(threads=2, places=3, seconds=60)
    held = [Caller(port).send("/held") for _ in range(2)]
    waiting = [Caller(port).send("/held") for _ in range(3)]
    wait_until(lambda: sum(measured(port, "motcua_requests_waiting").values()) == 3, what="three wait")
    late = Caller(port).send("/held")
    refused(late.answer())
    assert late.send("/intake/health/live").answer()[0] == 200, (
        "the connection stays, and probes have threads of their own"
    )

    clerk = Caller(port).send("/intake/staff", Accept="text/html")  # the weight of staff is above the public's
    (pushed_out,) = answered(waiting, 1)
    refused(pushed_out.answer())

    fields = {"name": "Nguyễn Thị Bưởi <&>", "form_key": "k-1", "do": "confirm"}
    own = {"Origin": f"http://127.0.0.1:{port}", "Content_Type": "application/x-www-form-urlencoded"}
    senders = [
        Caller(port).send("/intake/form?step=2", "POST", urlencode(fields), Accept="text/html,*/*", **own)
        for _ in range(3)
    ]
    (pushed_out,) = answered(waiting, 1)
    refused(pushed_out.answer())  # now there wait a page of staff, a form and /held
    for sender in answered(senders, 2):
        status, headers, page = sender.answer()
        assert (status, headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert int(headers["retry-after"]) >= 1
        assert "Gửi lại" in page
        assert 'action="/intake/form?step=2"' in page
        assert hidden_fields(page) == fields, "nothing that was typed is lost, and the key is the same"
    stranger = Caller(port).send(
        "/intake/form", "POST", urlencode(fields), Accept="text/html", Origin="http://evil.example",
        Content_Type="application/x-www-form-urlencoded",
    ).answer()  # fmt: skip
    assert stranger[0] == 503
    assert "Gửi lại" not in stranger[2], "a stranger's form does not become ours"
    lost = Caller(port).send("/intake/form", "POST", "{}", Content_Type="application/json")
    refused(lost.answer())

    (tmp_path / "released").touch()
    assert [one.answer()[0] for one in (*held, *waiting)] == [200] * 3
    assert [one.answer()[0] for one in (clerk, *senders)] == [303, 200]
    assert shed_in_all(port, 7) == {"full"}
    assert Caller(port).send("/intake/health/ready").answer()[0] == 200


def test_nobody_waits_longer_than_the_settings_say(start: Start, tmp_path: Path) -> None:
    port = start(threads=1, places=10, seconds=0.1)
    held = Caller(port).send("/held")
    wait_until(lambda: sum(measured(port, "motcua_requests_in_threads").values()) >= 1, what="the thread is in use")
    refused(Caller(port).send("/held").answer())
    page = Caller(port).send("/intake/", Accept="text/html").answer()
    assert page[0] == 503
    assert 'class="button" href="/intake/">Thử lại' in page[2]
    assert Caller(port).send("/intake/health/live").answer()[0] == 200
    (tmp_path / "released").touch()
    assert held.answer()[0] == 200
    assert shed_in_all(port, 2) == {"waited"}
