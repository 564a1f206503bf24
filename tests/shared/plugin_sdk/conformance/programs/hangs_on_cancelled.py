"""Waits for ever for a lock when a step is cancelled."""

from __future__ import annotations

import time
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class HangsOnCancelled(CorrectProgram):
    def cancelled(self, event: dict[str, Any], tag: int) -> None:
        time.sleep(3600)


if __name__ == "__main__":
    HangsOnCancelled().run()
