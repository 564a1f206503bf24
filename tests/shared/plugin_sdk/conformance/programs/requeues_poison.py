"""Gives unreadable messages back to the queue at once, for ever."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class RequeuesPoison(CorrectProgram):
    def unreadable(self, tag: int) -> None:
        self.channel.basic_reject(tag, requeue=True)


if __name__ == "__main__":
    RequeuesPoison().run()
