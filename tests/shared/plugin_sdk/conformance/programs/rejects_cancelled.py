"""Rejects what is no step, so that cancelled steps fill the dead letters."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class RejectsCancelled(CorrectProgram):
    def cancelled(self, event: dict[str, Any], tag: int) -> None:
        self.channel.basic_reject(tag, requeue=False)


if __name__ == "__main__":
    RejectsCancelled().run()
