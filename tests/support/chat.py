"""Starts the chat service of `chat_service`, and reads what it has taken."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import Proc, python, wait_port


class ChatService:
    """A service; use it as a context manager.

    Args:
        folder: for log and messages.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        command = python("-m", "tests.support.chat_service", str(self._port), str(folder))
        self.process = Proc(command, log=folder / "chat_service.log")

    def messages(self) -> list[dict[str, Any]]:
        """What it has taken, in order."""
        file = self._folder / "messages.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def state(self) -> dict[str, int]:
        """How often tokens were renewed and refused, and how often it was asked to send."""
        return dict(self._call("GET", "/state"))

    def control(self, **asked: Any) -> None:
        """Changes what it does."""
        self._call("POST", "/control", json.dumps(asked))

    def _call(self, method: str, path: str, body: str | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(method, path, body)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def __enter__(self) -> Self:
        wait_port(self._port, process=self.process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill9()
