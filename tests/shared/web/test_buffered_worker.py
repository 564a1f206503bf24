"""The web server's worker over raw sockets: framing, keep-alive, deadlines, refusals, and a clean stop."""

from __future__ import annotations

import json
import select
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.web.request_framing import MAX_UPLOAD_BYTES
from shared.web.waiting_connections import MAX_HELD_BYTES
from tests.shared.web.served import PIECE, PIECES
from tests.support.processes import Proc, python, wait_port, wait_until

LIVE = b"GET /intake/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
Spawn = Callable[..., Proc]
THREADS = 8
"""More than the server has."""
POST = b"POST /intake/api/anonymous HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proc, int]]:
    """The example service with deadlines of half a second."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    command = python("-m", "tests.shared.web.served", str(folder), str(port), "1", "0.5")
    with Proc(command, log=folder / "log") as process:
        wait_port(port, process=process)
        yield process, port


@pytest.fixture
def port(served: tuple[Proc, int]) -> int:
    """Where the example service listens."""
    return served[1]


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def until_closed(connection: socket.socket) -> bytes:
    found = bytearray()
    while data := connection.recv(1 << 20):
        found += data
    return bytes(found)


def until(connection: socket.socket, end: bytes, count: int = 1) -> bytes:
    found = b""
    while found.count(end) < count:
        data = connection.recv(65536)
        assert data, found
        found += data
    return found


def problem(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nContent-Type: application/problem+json\r\n" in head, answer
    assert b"\r\nConnection: close\r\n" in head + b"\r\n"
    read = json.loads(body)
    assert int(head.split()[1]) == read["status"]
    assert read["title"]
    return read["status"], read["type"].removeprefix("urn:motcua:problem:")


def test_one_connection_serves_many_requests_also_sent_ahead(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(LIVE * 5)
        assert until(connection, b'{"status":"ok"}', 5).count(b"HTTP/1.1 200 OK") == 5
        connection.sendall(LIVE[:-1])
        connection.sendall(LIVE[-1:] + LIVE)
        until(connection, b'{"status":"ok"}', 2)


def test_http_1_0_is_answered_and_closed(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GET /intake/health/live HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert until_closed(connection).endswith(b'{"status":"ok"}')


def test_a_chunked_body_in_pieces_is_read_whole(port: int) -> None:
    body = b'{"name": "' + b"x" * 20 + b'"}'
    with connect(port) as connection:
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        for byte in body:
            connection.sendall(b"1\r\n%c\r\n" % byte)
        connection.sendall(b"0\r\n\r\n" + LIVE)
        answer = until(connection, b'{"status":"ok"}')
    assert answer.startswith(b"HTTP/1.1 201"), answer


def test_a_client_that_asks_first_is_told_to_continue_once(port: int) -> None:
    body = b'{"name": "continued"}'
    with connect(port) as connection:
        connection.sendall(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 201")


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", 408, "request-timeout"),
        (POST + b"Content-Length: 10\r\n\r\n{", 408, "request-timeout"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", 408, "request-timeout"),
        (b"GET / HTTP/1.1\nHost: localhost\n\n", 400, "bad-request"),
        (b"\x00\x01 nothing\r\n\r\n", 400, "bad-request"),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 9000 + b"\r\n\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 40000, 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n\r\n", 417, "expectation-failed"),
        (POST + b"Transfer-Encoding: tea\r\n\r\n", 501, "not-implemented"),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "bad-request"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 20_000, 413, "too-large"),
        (POST + b"Content-Length: 99999999\r\n\r\n", 413, "too-large"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad-request"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabcdef", 400, "bad-request"),
    ],
)
def test_what_the_server_refuses_is_a_problem(port: int, sent: bytes, status: int, kind: str) -> None:
    with connect(port) as connection:
        connection.sendall(sent)
        assert problem(until_closed(connection)) == (status, kind)


def test_a_connection_that_sends_nothing_is_closed_without_an_answer(port: int) -> None:
    with connect(port) as connection:
        assert until_closed(connection) == b""


def test_nothing_of_a_malformed_request_is_logged(served: tuple[Proc, int]) -> None:
    process, port = served
    with connect(port) as connection:
        connection.sendall(b"GET /?name=Nguyen-Thi-Buoi\x1b[31m" + b"a" * 3000 + b" FTP/9\r\n\r\n")
        assert problem(until_closed(connection))[0] == 400
    assert "Buoi" not in process.output()
    assert "InvalidHTTPVersion" in process.output() or "InvalidRequestLine" in process.output()


def made(port: int) -> dict[str, int]:
    with connect(port) as connection:
        connection.sendall(b"GET /made HTTP/1.0\r\nHost: localhost\r\n\r\n")
        found: dict[str, int] = json.loads(until_closed(connection).partition(b"\r\n\r\n")[2])
    return found


def test_a_long_answer_is_made_as_it_is_taken_and_keeps_no_thread(port: int) -> None:
    ask = b"GET /long%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    before, slow = made(port), [connect(port) for _ in range(THREADS)]
    for connection in slow:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(ask % b"")
        connection.recv(1000)  # it has begun, and is read no further
    began = made(port)  # answered, though as many as there are threads wait
    assert THREADS <= began["made"] - before["made"] < THREADS * PIECES / 4
    for connection in slow:
        connection.close()
    wait_until(lambda: made(port)["ended"] == before["ended"] + THREADS, what="the answers of those who left are ended")
    for query, whole in ((b"", True), (b"?broken", False)):
        with connect(port) as connection:
            connection.sendall(ask % query + (LIVE.replace(b"Host", b"Connection: close\r\nHost") if whole else b""))
            answer = until_closed(connection)
        assert answer.count(PIECE) == (PIECES if whole else PIECES // 2 + 1)
        assert (b"\r\n0\r\n\r\nHTTP/1.1 200 OK" in answer) is whole, "the end is marked, and the next request answered"
        assert b"500" not in answer[-2000:]


def test_uploads_that_together_hold_too_much_memory_are_told_to_come_again(
    tmp_path: Path, spawn_process: Spawn
) -> None:
    port, half = free_port(), MAX_UPLOAD_BYTES // 2
    wait_port(port, process=spawn_process(python("-m", "tests.shared.web.served", str(tmp_path), str(port), "1")))
    head = b"POST /intake/online/drafts/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    many = MAX_HELD_BYTES // half + 1
    senders = [connect(port) for _ in range(many)]
    for sender in senders:
        sender.sendall(head % MAX_UPLOAD_BYTES + b"x" * half)
    told, _, _ = select.select(senders, [], [], 60)
    answer = until_closed(told[0])
    assert problem(answer) == (503, "unavailable")
    assert b"\r\nRetry-After: " in answer
    assert len(told) == 1, "no more than must"
    for sender in senders:
        sender.close()


def test_what_fails_after_an_answer_adds_nothing_to_it(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GET /unclosable HTTP/1.1\r\nHost: localhost\r\n\r\n" + LIVE)
        answer = until(connection, b'{"status":"ok"}')
    assert b"\r\n\r\nwholeHTTP/1.1 200 OK\r\n" in answer


def test_a_stopping_server_answers_who_is_connected(tmp_path: Path, spawn_process: Callable[..., Proc]) -> None:
    port = free_port()
    process = spawn_process(python("-m", "tests.shared.web.served", str(tmp_path), str(port), "1"))
    wait_port(port, process=process)
    with connect(port) as begun, connect(port) as idle:
        begun.sendall(LIVE + LIVE[:-2])  # the first answer shows that the server has it
        until(begun, b'{"status":"ok"}')
        idle.sendall(LIVE)
        until(idle, b'{"status":"ok"}')
        process.signal(signal.SIGTERM)
        assert until_closed(idle) == b""
        begun.sendall(LIVE[-2:])
        assert b"200 OK" in until_closed(begun)
    assert process.wait() == 0
