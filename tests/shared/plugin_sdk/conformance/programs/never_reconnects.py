"""Goes on without a connection when the broker has closed it."""

from __future__ import annotations

import time

from pika.exceptions import AMQPError

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class NeverReconnects(CorrectProgram):
    def connection_lost(self, error: AMQPError) -> None:
        print(f"lost: {error!r}", flush=True)
        time.sleep(3600)


if __name__ == "__main__":
    NeverReconnects().run()
