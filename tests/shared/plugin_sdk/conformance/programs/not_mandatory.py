"""Publishes without mandatory: the broker confirms what no queue has received."""

from __future__ import annotations

import pika

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class NotMandatory(CorrectProgram):
    def publish_until_confirmed(self, key: str, body: bytes, properties: pika.BasicProperties) -> None:
        self.channel.basic_publish("motcua.agencies", key, body, properties)


if __name__ == "__main__":
    NotMandatory().run()
