"""A correct program that asks for the papers of every step, and waits as long as the platform cannot give them."""

from __future__ import annotations

from typing import Any

from tests.shared.plugin_sdk.conformance.programs.correct import PAUSE_SECONDS, CorrectProgram, read_papers


class WaitsForPapers(CorrectProgram):
    def decide(self, event: dict[str, Any], tag: int) -> None:
        while not readable(str(event["data"]["task"])):
            self.channel.connection.sleep(PAUSE_SECONDS)
        super().decide(event, tag)


def readable(task: str) -> bool:
    try:
        read_papers(task)
    except OSError as error:
        print(f"the papers of {task} cannot be read yet: {error}", flush=True)
        return False
    return True


if __name__ == "__main__":
    WaitsForPapers().run()
