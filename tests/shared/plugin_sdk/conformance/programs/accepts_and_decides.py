"""A correct program that accepts every step and decides it by itself a moment later."""

from __future__ import annotations

import uuid
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram

SECONDS = 0.2


class AcceptsAndDecides(CorrectProgram):
    def decide(self, event: dict[str, Any], tag: int) -> None:
        data = {name: value for name, value in self.content(event).items() if name != "outcome"}
        self.send("step.accepted", str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event['id']}/accepted")), data)
        self.channel.connection.call_later(SECONDS, lambda: super(AcceptsAndDecides, self).decide(event, tag))


if __name__ == "__main__":
    AcceptsAndDecides().run()
