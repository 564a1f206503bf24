"""Draws its outcomes: delivered again, a step may be decided otherwise."""

from __future__ import annotations

import random
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class RandomOutcomes(CorrectProgram):
    def outcome(self, event: dict[str, Any]) -> str:
        return str(random.choice(event["data"]["outcomes"]))


if __name__ == "__main__":
    RandomOutcomes().run()
