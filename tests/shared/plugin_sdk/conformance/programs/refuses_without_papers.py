"""Takes papers that it cannot read for papers that are missing, and refuses the step."""

from __future__ import annotations

from typing import Any
from urllib.error import HTTPError

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram, read_papers


class RefusesWithoutPapers(CorrectProgram):
    def outcome(self, event: dict[str, Any]) -> str:
        try:
            read_papers(str(event["data"]["task"]))
        except HTTPError:
            return "refused"
        return super().outcome(event)


if __name__ == "__main__":
    RefusesWithoutPapers().run()
