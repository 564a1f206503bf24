"""Writes a time that means 'no end' in its own database."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class ClockAt2099(CorrectProgram):
    def now(self) -> str:
        return "2099-12-31T23:59:59+07:00"


if __name__ == "__main__":
    ClockAt2099().run()
