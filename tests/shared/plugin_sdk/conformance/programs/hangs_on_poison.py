"""Waits for ever when it cannot read a message."""

from __future__ import annotations

import time

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class HangsOnPoison(CorrectProgram):
    def unreadable(self, tag: int) -> None:
        time.sleep(3600)


if __name__ == "__main__":
    HangsOnPoison().run()
