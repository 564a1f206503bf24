"""Also decides a task that it never received."""

from __future__ import annotations

import uuid
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class DecidesForeignTasks(CorrectProgram):
    def publish(self, event: dict[str, Any]) -> None:
        super().publish(event)
        foreign = {**self.content(event), "task": str(uuid.uuid4()), "dossier": "H12.99-251120-0001"}
        self.send("step.completed", str(uuid.uuid4()), {**foreign, "in_reply_to": str(uuid.uuid4())})


if __name__ == "__main__":
    DecidesForeignTasks().run()
