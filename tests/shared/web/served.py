"""The example service behind the real server: ``python -m tests.shared.web.served FOLDER PORT WORKERS [DEADLINE_SECONDS]``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask

from shared.observability.logs import configure_logging
from shared.runtime.settings import read_settings
from shared.web.buffered_worker import BufferedThreadWorker
from shared.web.server import serve
from tests.shared.web.example_app import ExampleApp


def main(folder: str, port: str, workers: str, seconds: str = "") -> None:
    """Serves until it is stopped."""
    configure_logging()
    if seconds:
        BufferedThreadWorker.head_seconds = BufferedThreadWorker.transfer_seconds = float(seconds)
    drain = os.environ.get("MOTCUA_DRAIN_SECONDS", "")
    environ = {
        "MOTCUA_DRAIN_SECONDS": drain,
        "MOTCUA_MODE": "test",
        "MOTCUA_DATA": folder,
        "MOTCUA_PORT": port,
        "MOTCUA_WEB_WORKERS": workers,
    }

    def app() -> Flask:
        return ExampleApp(f"sqlite:///{folder}/example.db", Path(folder)).app

    serve(app, read_settings(environ), post_fork=[lambda: print("forked", flush=True)])


if __name__ == "__main__":
    main(*sys.argv[1:])
