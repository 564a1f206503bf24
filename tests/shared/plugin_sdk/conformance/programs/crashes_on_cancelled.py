"""Ends when a step is cancelled; its supervisor starts it again, and the broker delivers the same event again."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class CrashesOnCancelled(CorrectProgram):
    def cancelled(self, event: dict[str, Any], tag: int) -> None:
        raise SystemExit(f"KeyError: 'outcomes' of task {event['data']['task']}")


if __name__ == "__main__":
    CrashesOnCancelled().run()
