"""A correct program whose officials decide: it stores a step, accepts it, and forgets it until somebody decides.

Run with an argument, it is the officials: it decides all stored steps and ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

import pika

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class Accepts(CorrectProgram):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(os.environ["STEPS_FOLDER"])

    def publish(self, event: dict[str, Any]) -> None:
        file = self.folder / f"{event['id']}.json"
        unfinished = file.with_suffix(".new")
        unfinished.write_text(json.dumps(event, ensure_ascii=False))
        unfinished.replace(file)
        data = {name: value for name, value in self.content(event).items() if name != "outcome"}
        identifier = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event['id']}/accepted"))
        self.send("step.accepted", identifier, data)

    def decide_stored(self) -> None:
        with contextlib.closing(pika.BlockingConnection(pika.URLParameters(os.environ["MOTCUA_AMQP_URL"]))) as opened:
            self.channel = opened.channel()
            self.channel.confirm_delivery()
            for file in sorted(self.folder.glob("*.json")):
                super().publish(json.loads(file.read_text()))
                file.unlink()


if __name__ == "__main__":
    Accepts().decide_stored() if sys.argv[1:] else Accepts().run()
