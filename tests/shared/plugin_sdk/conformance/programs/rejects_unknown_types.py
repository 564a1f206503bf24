"""Rejects events of types that it does not know, so that newer events fill the dead letters."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class RejectsUnknownTypes(CorrectProgram):
    def other(self, event: dict[str, Any], tag: int) -> None:
        self.channel.basic_reject(tag, requeue=False)


if __name__ == "__main__":
    RejectsUnknownTypes().run()
