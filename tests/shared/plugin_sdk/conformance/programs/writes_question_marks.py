"""Writes notes through an encoding that lacks Vietnamese letters, so that they become question marks."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class WritesQuestionMarks(CorrectProgram):
    def note(self, event: dict[str, Any]) -> str:
        return super().note(event).encode("latin-1", errors="replace").decode("latin-1")


if __name__ == "__main__":
    WritesQuestionMarks().run()
