"""Writes the time of its zone as if it were UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from tests.shared.plugin_sdk.conformance.programs.correct import CorrectProgram

VIETNAM = timezone(timedelta(hours=7))


class LocalTimeAsUtc(CorrectProgram):
    def now(self) -> str:
        return datetime.now(VIETNAM).replace(tzinfo=UTC).isoformat()


if __name__ == "__main__":
    LocalTimeAsUtc().run()
