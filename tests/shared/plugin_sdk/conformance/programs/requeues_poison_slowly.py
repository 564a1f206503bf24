"""Gives unreadable messages back to the queue after a pause, for ever."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram

SECONDS = 1.5


class RequeuesPoisonSlowly(CorrectProgram):
    def unreadable(self, tag: int) -> None:
        self.channel.connection.call_later(SECONDS, lambda: self.channel.basic_reject(tag, requeue=True))


if __name__ == "__main__":
    RequeuesPoisonSlowly().run()
