"""Has a clock that was never set."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class ClockAt1970(CorrectProgram):
    def now(self) -> str:
        return "1970-01-01T00:00:12+00:00"


if __name__ == "__main__":
    ClockAt1970().run()
