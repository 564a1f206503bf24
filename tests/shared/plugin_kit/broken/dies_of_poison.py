"""Ends when it cannot read a message; the broker hands it the same one again."""

from __future__ import annotations

from tests.shared.plugin_kit.broken.plain import Adapter


class DiesOfPoison(Adapter):
    def unreadable(self, tag: int) -> None:
        raise SystemExit("cannot read a message")


if __name__ == "__main__":
    DiesOfPoison().run()
