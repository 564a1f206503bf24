"""The management API client: every error is one line without a password, and every call has a timeout."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.plugin_sdk.admin.management import Management, ManagementError, read_management
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.settings import SettingsError
from tests.support.rabbitmq import RabbitServer

SECRET = "s3cret-p@ss"


class FixedResponse(BaseHTTPRequestHandler):
    """A server that returns its `status` and `body`; without a body it answers only after `released` is set."""

    status = 200
    body: bytes | None = b""
    released = threading.Event()

    def do_GET(self) -> None:
        if self.body is None:
            self.released.wait(30)
            return
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def serve_response() -> Iterator[Callable[[int, bytes | None], Management]]:
    """Returns a function that starts a server with one fixed response and returns a client of it."""
    released = threading.Event()
    servers = []

    def serve(status: int, body: bytes | None) -> Management:
        kind = type("Response", (FixedResponse,), {"status": status, "body": body, "released": released})
        server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return Management(f"http://root:{SECRET.replace('@', '%40')}@127.0.0.1:{server.server_port}", timeout=0.3)

    yield serve
    released.set()
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (401, b'{"error":"not_authorised","reason":"Login failed"}', "refuses the user root"),
        (403, b"", "refuses the user root"),
        (
            400,
            b'{"error":"bad_request","reason":"inequivalent arg\\n \'x-queue-type\'"}',
            "inequivalent arg 'x-queue-type'",
        ),
        (400, b"[]", "no reason given"),
        (404, b"Not found", r"refused GET queues/v/a b \(404\)"),
        (500, b"<html>oops", r"\(500\)"),
        (200, b"<html>a proxy's welcome", "is not RabbitMQ's management API"),
        (200, None, "does not answer"),
    ],
)
def test_every_error_is_one_clear_line(
    serve_response: Callable[[int, bytes | None], Management], status: int, body: bytes | None, complaint: str
) -> None:
    management = serve_response(status, body)
    with pytest.raises(ManagementError, match=complaint) as caught:
        management.call("GET", "queues", "v", "a b")
    message = str(caught.value)
    assert management.address in message
    assert "\n" not in message
    assert SECRET not in message
    assert SECRET not in repr(management)


def test_missing_ok_returns_none_for_404(serve_response: Callable[[int, bytes | None], Management]) -> None:
    assert serve_response(404, b"Not found").call("GET", "users", "nobody", missing_ok=True) is None
    assert serve_response(200, b"[1]").call("GET", "users") == [1]


def test_no_server_is_one_clear_line() -> None:
    with pytest.raises(ManagementError, match=r"127\.0\.0\.1:\d+ does not answer: .*refused"):
        Management(f"http://a:{SECRET}@127.0.0.1:{free_port()}").call("GET", "users")


def test_names_with_special_characters_are_quoted(rabbit: RabbitServer) -> None:
    name = "tỉnh/Cà Mau #1?x=%2F"
    management = rabbit.management()
    management.call("PUT", "vhosts", name, body={})
    assert management.call("GET", "vhosts", name)["name"] == name
    management.call("DELETE", "vhosts", name)
    assert management.call("GET", "vhosts", name, missing_ok=True) is None


@pytest.mark.parametrize(
    "url",
    [
        "amqp://a:b@host",
        "http://host:15672",
        f"http://root:{SECRET.replace('@', '')}",
        f"http://root:{SECRET}@:15672",
        f"root:{SECRET}@host",
    ],
)
def test_invalid_url_is_reported_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_RABBITMQ_MANAGEMENT_URL cannot be used") as caught:
        read_management("/", {"MOTCUA_RABBITMQ_MANAGEMENT_URL": url})
    assert "s3cret" not in str(caught.value)


def test_missing_url_is_reported_with_an_example() -> None:
    with pytest.raises(SettingsError, match=r"is not set \(http://user:password@host:15672\)"):
        read_management("/", {})


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://a:b@broker", "broker:15672"),
        ("https://a:b@broker/rabbit/", "broker:15671"),
        ("http://a@[::1]:1", "::1:1"),
    ],
)
def test_default_ports(url: str, place: str) -> None:
    assert read_management("/", {"MOTCUA_RABBITMQ_MANAGEMENT_URL": url}).address == place
