"""Acknowledges first and decides later from memory: a kill loses what is in memory."""

from __future__ import annotations

import time
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram

SECONDS = 0.02


class AcknowledgesFirst(CorrectProgram):
    def __init__(self) -> None:
        super().__init__()
        self.memory: list[dict[str, Any]] = []

    def decide(self, event: dict[str, Any], tag: int) -> None:
        self.channel.basic_ack(tag)
        if not self.memory:
            self.channel.connection.call_later(0, self.decide_next)
        self.memory.append(event)

    def decide_next(self) -> None:
        time.sleep(SECONDS)
        self.publish(self.memory.pop(0))
        if self.memory:
            self.channel.connection.call_later(0, self.decide_next)


if __name__ == "__main__":
    AcknowledgesFirst().run()
