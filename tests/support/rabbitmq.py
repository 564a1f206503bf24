"""A private RabbitMQ node for tests: the broker of the plug-in SDK, with virtual hosts for each test and with alarms."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import requests

from shared.plugin_sdk.devtools.private_broker import PrivateBroker
from tests.support.processes import wait_until

USER = "motcua-test"
PASSWORD = "motcua-test"


class RabbitServer(PrivateBroker):
    """A context manager; the node runs inside the block and its data is gone afterwards."""

    def __init__(self) -> None:
        super().__init__(USER, PASSWORD)

    def create_vhost(self, name: str | None = None) -> str:
        """Creates an empty virtual host and returns its AMQP URL.

        Args:
            name: a name of one's own; a unique one by default.
        """
        name = name or f"test-{uuid.uuid4().hex[:12]}"
        self.api("PUT", f"vhosts/{quote(name, safe='')}")
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.api("PUT", f"permissions/{quote(name, safe='')}/{USER}", json=everything)
        return self.url(name)

    def delete_vhost(self, url: str) -> None:
        """Deletes a virtual host made by ``create_vhost``, ending the connections to it."""
        self.api("DELETE", f"vhosts/{quote(vhost_of(url), safe='')}")

    def set_memory_alarm(self, on: bool) -> None:
        """Raises or clears the memory alarm, which blocks every publisher of the node, and waits until it is so."""
        self.ctl("set_vm_memory_high_watermark", "0" if on else "0.4")
        wait_until(lambda: self.alarmed == on, what=f"memory alarm {'on' if on else 'off'}")

    def set_disk_alarm(self, on: bool) -> None:
        """Raises or clears the disk alarm, which blocks every publisher of the node, and waits until it is so."""
        self.ctl("set_disk_free_limit", "1000000GB" if on else "1MB")
        wait_until(lambda: self.alarmed == on, what=f"disk alarm {'on' if on else 'off'}")

    @contextmanager
    def silent_queue(self, url: str, queue: str, seconds: float = 600.0) -> Iterator[None]:
        """Holds the process of a quorum queue still: it answers nobody, as on a machine that is very busy.

        Args:
            url: of the virtual host.
            queue: its name.
            seconds: how long at most.
        """
        resource = f'rabbit_misc:r(<<"{vhost_of(url)}">>, queue, <<"{queue}">>)'
        name = f"{{ok, Q}} = rabbit_amqqueue:lookup({resource}), {{Name, _}} = amqqueue:get_pid(Q)"
        self.ctl("eval", f"{name}, timer:apply_after({seconds * 1000:.0f}, sys, resume, [Name]), sys:suspend(Name).")
        try:
            yield
        finally:
            self.ctl("eval", f"{name}, sys:resume(Name).")

    @property
    def alarmed(self) -> bool:
        """Whether any alarm of this node is in effect."""
        return requests.get(f"{self.management_url}/api/health/checks/local-alarms", timeout=30).status_code == 503

    def api(self, method: str, path: str, json: Any = None) -> Any:
        """Calls the management API and returns the decoded answer, or None for an empty one.

        Args:
            path: below ``/api/``, such as ``vhosts/%2F``.

        Raises:
            requests.HTTPError: the node refused.
        """
        answer = requests.request(method, f"{self.management_url}/api/{path}", json=json, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def vhost_of(url: str) -> str:
    """The name of the virtual host in an AMQP URL."""
    return unquote(urlsplit(url).path.removeprefix("/"))
