"""Publishes without publisher confirms and acknowledges at once."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import PREFETCH, CorrectProgram


class NoConfirms(CorrectProgram):
    def set_up_channel(self) -> None:
        self.channel.basic_qos(prefetch_count=PREFETCH)


if __name__ == "__main__":
    NoConfirms().run()
