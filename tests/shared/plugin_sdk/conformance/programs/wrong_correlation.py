"""Uses the task as `in_reply_to` instead of the event's id."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class WrongCorrelation(CorrectProgram):
    def reply_to(self, event: dict[str, Any]) -> str:
        return str(event["data"]["task"])


if __name__ == "__main__":
    WrongCorrelation().run()
