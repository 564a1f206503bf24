"""Uses a new id for every decision, so that a repeated one takes effect twice."""

from __future__ import annotations

import uuid
from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class RandomIds(CorrectProgram):
    def identifier(self, event: dict[str, Any]) -> str:
        return str(uuid.uuid4())


if __name__ == "__main__":
    RandomIds().run()
