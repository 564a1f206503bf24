"""Decides correctly, but too slowly."""

from __future__ import annotations

import time
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram

SECONDS = 0.15


class TooSlow(CorrectProgram):
    def decide(self, event: dict[str, Any], tag: int) -> None:
        time.sleep(SECONDS)
        super().decide(event, tag)


if __name__ == "__main__":
    TooSlow().run()
