"""Decides with an outcome that the step does not have."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class InventsOutcomes(CorrectProgram):
    def outcome(self, event: dict[str, Any]) -> str:
        return super().outcome(event) if event["data"]["obligation_outcome"] is None else "approved"


if __name__ == "__main__":
    InventsOutcomes().run()
