"""Decomposes Vietnamese letters (NFD), as some file systems and databases do."""

from __future__ import annotations

import unicodedata
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class ManglesVietnamese(CorrectProgram):
    def outcome(self, event: dict[str, Any]) -> str:
        return unicodedata.normalize("NFD", super().outcome(event))


if __name__ == "__main__":
    ManglesVietnamese().run()
