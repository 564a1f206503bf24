"""Derives the id of a decision from the task: a step that is assigned again gets the same id with another content."""

from __future__ import annotations

import uuid
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class IdsByTask(CorrectProgram):
    def identifier(self, event: dict[str, Any]) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, event["data"]["task"]))


if __name__ == "__main__":
    IdsByTask().run()
