"""Acknowledges unreadable messages: a damaged step is lost without a trace."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class AcknowledgesPoison(CorrectProgram):
    def unreadable(self, tag: int) -> None:
        self.channel.basic_ack(tag)


if __name__ == "__main__":
    AcknowledgesPoison().run()
