"""Exits at an unreadable message; the broker delivers the same message again."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import Adapter


class CrashesOnPoison(Adapter):
    def unreadable(self, tag: int) -> None:
        raise SystemExit("cannot read a message")


if __name__ == "__main__":
    CrashesOnPoison().run()
