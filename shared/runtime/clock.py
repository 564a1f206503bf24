"""The clock that all code uses.

Business time (`now`) may be virtual, so that a simulation runs a month of work in minutes. Technical time (`wall`) is always real: leases,
retries and token lifetimes measure real seconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from shared.runtime.private_files import private_folder

VIETNAM = timezone(timedelta(hours=7), "+07:00")
"""Vietnam has kept UTC+7 without daylight saving since 1975, so a fixed offset is exact and fast."""


class ClockError(ValueError):
    """The clock setting is invalid."""


@dataclass(frozen=True)
class Clock:
    """Gives business time and real time.

    Args:
        start: the business time at the anchor; ``None`` means real time.
        rate: virtual seconds that pass in one real second (1 = real speed).
        anchor: the real time, in Unix seconds, of `start`. All processes of one platform share it.
        source: gives real time in Unix seconds.
    """

    start: datetime | None = None
    rate: float = 1.0
    anchor: float = 0.0
    source: Callable[[], float] = time.time

    @property
    def virtual(self) -> bool:
        """Whether business time differs from real time."""
        return self.start is not None

    def now(self) -> datetime:
        """The business time, aware, in Vietnam's zone."""
        if self.start is None:
            return datetime.fromtimestamp(self.source(), VIETNAM)
        return self.start + timedelta(seconds=(self.source() - self.anchor) * self.rate)

    def wall(self) -> datetime:
        """The real time, aware, in Vietnam's zone: for leases, retries and tokens."""
        return datetime.fromtimestamp(self.source(), VIETNAM)

    def unix_seconds(self, moment: datetime) -> float:
        """The real time, in Unix seconds, at which the business time is `moment`."""
        if self.start is None:
            return moment.timestamp()
        return self.anchor + (moment - self.start).total_seconds() / self.rate

    def real_seconds(self, duration: timedelta) -> float:
        """How many real seconds a business duration takes."""
        return duration.total_seconds() / self.rate


def parse_clock(text: str, anchor_file: Path | None = None, source: Callable[[], float] = time.time) -> Clock:
    """Reads a clock setting.

    Args:
        text: empty for real time, else ``START@RATE`` or ``START@RATE@ANCHOR``: an ISO 8601 time with its offset, a positive
            number of virtual seconds per real second, and optionally the real Unix time of START.
        anchor_file: where the first process of a platform writes the anchor for the others, if the setting has none.
        source: gives real time in Unix seconds.

    Raises:
        ClockError: the text is not of that form.
    """
    if not text:
        return Clock(source=source)
    parts = text.split("@")
    if len(parts) not in (2, 3):
        raise ClockError(f"{text!r} is not START@RATE, for example 2016-01-04T07:30+07:00@5000")
    try:
        start = datetime.fromisoformat(parts[0])
        rate = float(parts[1])
        anchor = float(parts[2]) if len(parts) == 3 else None
    except ValueError as error:
        raise ClockError(f"{text!r} is not START@RATE: {error}") from error
    if start.tzinfo is None:
        raise ClockError(f"{parts[0]!r} has no offset from UTC, for example +07:00")
    if not 0 < rate <= 1_000_000:
        raise ClockError(f"rate {parts[1]} is not between 0 and 1,000,000")
    if anchor is None:
        anchor = _shared_anchor(anchor_file, text, source) if anchor_file else source()
    return Clock(start.astimezone(VIETNAM), rate, anchor, source)


def _shared_anchor(path: Path, text: str, source: Callable[[], float]) -> float:
    """The anchor of all processes: the first one creates the file. A changed setting replaces it."""
    if path.exists():
        setting, _, anchor = path.read_text().strip().rpartition(" ")
        if setting == text:
            return float(anchor)
        path.unlink(missing_ok=True)
    private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(f"{text} {source()!r}\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return _shared_anchor(path, text, source)
    finally:
        draft.unlink()
    return float(path.read_text().rpartition(" ")[2])
