"""Ends when the broker has closed its connection."""

from __future__ import annotations

from pika.exceptions import AMQPError

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class EndsWithoutConnection(CorrectProgram):
    def connection_lost(self, error: AMQPError) -> None:
        raise SystemExit(f"lost: {error!r}")


if __name__ == "__main__":
    EndsWithoutConnection().run()
