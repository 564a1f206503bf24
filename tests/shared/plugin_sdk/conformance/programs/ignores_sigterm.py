"""Ignores SIGTERM, so that it is killed in the middle of its work."""

from __future__ import annotations

import signal

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram


class IgnoresSigterm(CorrectProgram):
    def run(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().run()


if __name__ == "__main__":
    IgnoresSigterm().run()
