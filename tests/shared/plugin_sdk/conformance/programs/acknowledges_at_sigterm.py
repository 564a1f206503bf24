"""Acknowledges everything that it has received when it is told to end."""

from __future__ import annotations

import signal
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class AcknowledgesAtSigterm(CorrectProgram):
    ending = False

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self.end)
        super().run()

    def end(self, *_signal: object) -> None:
        self.ending = True

    def decide(self, event: dict[str, Any], tag: int) -> None:
        if self.ending:
            self.channel.basic_ack(0, multiple=True)
            self.channel.connection.close()
            raise SystemExit(0)
        super().decide(event, tag)


if __name__ == "__main__":
    AcknowledgesAtSigterm().run()
