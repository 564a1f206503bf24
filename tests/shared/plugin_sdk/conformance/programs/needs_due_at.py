"""Parses due_at without asking whether it is null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class NeedsDueAt(CorrectProgram):
    def decide(self, event: dict[str, Any], tag: int) -> None:
        datetime.fromisoformat(event["data"]["due_at"])
        super().decide(event, tag)


if __name__ == "__main__":
    NeedsDueAt().run()
