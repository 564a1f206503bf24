"""Exits at an unreadable message; the broker delivers the same message again."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class CrashesOnPoison(CorrectProgram):
    def unreadable(self, tag: int) -> None:
        raise SystemExit("cannot read a message")


if __name__ == "__main__":
    CrashesOnPoison().run()
