"""Rejects a step whose papers it cannot read."""

from __future__ import annotations

from typing import Any
from urllib.error import HTTPError

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram, read_papers


class GivesUpOnPapers(CorrectProgram):
    def decide(self, event: dict[str, Any], tag: int) -> None:
        try:
            read_papers(str(event["data"]["task"]))
        except HTTPError:
            self.channel.basic_reject(tag, requeue=False)
            return
        super().decide(event, tag)


if __name__ == "__main__":
    GivesUpOnPapers().run()
