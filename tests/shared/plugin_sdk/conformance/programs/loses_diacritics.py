"""Writes notes without the marks of Vietnamese letters, as old systems do."""

from __future__ import annotations

from typing import Any

from shared.plugin_sdk.conformance.text_checks import without_marks
from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class LosesDiacritics(CorrectProgram):
    def note(self, event: dict[str, Any]) -> str:
        return without_marks(super().note(event))


if __name__ == "__main__":
    LosesDiacritics().run()
