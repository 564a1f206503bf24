"""Decides and never acknowledges: everything is delivered again after every restart."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class NeverAcknowledges(CorrectProgram):
    def decide(self, event: dict[str, Any], tag: int) -> None:
        self.publish(event)


if __name__ == "__main__":
    NeverAcknowledges().run()
