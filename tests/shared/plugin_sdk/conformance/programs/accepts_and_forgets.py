"""Accepts steps and never decides them."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class AcceptsAndForgets(CorrectProgram):
    def publish(self, event: dict[str, Any]) -> None:
        data = {name: value for name, value in self.content(event).items() if name != "outcome"}
        self.send("step.accepted", self.identifier(event), data)


if __name__ == "__main__":
    AcceptsAndForgets().run()
