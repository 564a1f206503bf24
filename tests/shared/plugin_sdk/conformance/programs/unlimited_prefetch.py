"""Sets no prefetch: the broker delivers the whole queue to one process."""

from __future__ import annotations

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class UnlimitedPrefetch(CorrectProgram):
    def set_up_channel(self) -> None:
        self.channel.confirm_delivery()


if __name__ == "__main__":
    UnlimitedPrefetch().run()
