"""Decides otherwise when the broker marks a step as delivered before."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class DecidesOtherwiseWhenRepeated(CorrectProgram):
    def received(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self.redelivered = method.redelivered
        super().received(channel, method, properties, body)

    def outcome(self, event: dict[str, Any]) -> str:
        return str(event["data"]["outcomes"][-1 if self.redelivered else 0])


if __name__ == "__main__":
    DecidesOtherwiseWhenRepeated().run()
