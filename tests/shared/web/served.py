"""The example service behind the real server: ``python -m tests.shared.web.served FOLDER PORT WORKERS [DEADLINE_SECONDS]``.

Threads, places and times to wait are the environment's.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask

from shared.observability.logs import configure_logging
from shared.runtime.settings import read_settings
from shared.web.buffered_worker import BufferedThreadWorker
from shared.web.gateway import Gateway
from shared.web.server import serve
from tests.shared.web.example_app import ExampleApp

GIVEN = ("MOTCUA_DRAIN_SECONDS", "MOTCUA_WEB_THREADS", "MOTCUA_WAITING_REQUESTS", "MOTCUA_WAIT_SECONDS")
LOADING = "loading"
"""While the folder has a file of this name, the application is being loaded."""
PIECES, PIECE = 64, b"x" * (1 << 20)


class Unclosable:
    """An answer that fails when everything is sent."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"whole"])

    def close(self) -> None:
        """Fails."""
        raise RuntimeError("this cannot be closed")


class LongAnswers:
    """The example service, and beside it a long answer that says how much of it was made. With ``?broken`` it fails in its middle.

    ``/held`` keeps its thread until the folder has a file named ``released``.

    Args:
        app: the example service.
        folder: of the test.
    """

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app = app
        self.released = folder / "released"
        gateway = Gateway({"intake": app}, app)
        self.kinds, self.measures = gateway.kinds, gateway.measures
        self.made = self.ended = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answers one request."""
        if environ["PATH_INFO"] == "/made":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps({"made": self.made, "ended": self.ended}).encode()]
        if environ["PATH_INFO"] == "/held":
            while not self.released.exists():
                time.sleep(0.01)
            start_response("200 OK", [("Content-Length", "4")])
            return [b"held"]
        if environ["PATH_INFO"] == "/long":
            start_response("200 OK", [("Content-Type", "application/zip")])
            return self._pieces(environ["QUERY_STRING"] == "broken")
        if environ["PATH_INFO"] == "/unclosable":
            start_response("200 OK", [("Content-Length", "5")])
            return Unclosable()
        return self.app(environ, start_response)

    def _pieces(self, broken: bool) -> Iterator[bytes]:
        try:
            for number in range(PIECES):
                self.made += 1
                yield PIECE
                if broken and number == PIECES // 2:
                    raise OSError("the storage is gone")
        finally:
            self.ended += 1


def main(folder: str, port: str, workers: str, seconds: str = "") -> None:
    """Serves until it is stopped."""
    configure_logging()
    if seconds:
        BufferedThreadWorker.head_seconds = BufferedThreadWorker.transfer_seconds = float(seconds)
    given = {name: os.environ[name] for name in GIVEN if name in os.environ}
    environ = {
        **given,
        "MOTCUA_MODE": "test",
        "MOTCUA_DATA": folder,
        "MOTCUA_PORT": port,
        "MOTCUA_WEB_WORKERS": workers,
    }

    def app() -> Any:
        print("loading", flush=True)
        while (Path(folder) / LOADING).exists():
            time.sleep(0.01)
        return LongAnswers(ExampleApp(f"sqlite:///{folder}/example.db", Path(folder)).app, Path(folder))

    serve(app, read_settings(environ), post_fork=[lambda: print("forked", flush=True)])


if __name__ == "__main__":
    main(*sys.argv[1:])
