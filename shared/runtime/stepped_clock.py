"""A clock for simulations: business time stands still until a program moves it.

A year that passes in minutes makes each second of real delay hours of business time, so that whoever is quick would seem late. With this
clock nothing takes business time: a simulation moves the time to the next moment of its agenda, and moves it on when everything that
follows from that moment has been done. All processes of a platform on one machine read the time from one small file, which they map
into memory. Each service's worker notes beside it up to which moment its sweeps have looked at everything that is due.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shared.runtime.clock import VIETNAM, Clock, ClockError
from shared.runtime.private_files import private_folder

STEPPED = "stepped:"
"""Begins the setting of such a clock."""
_FORMAT = struct.Struct("<q")
_EPOCH = datetime(1970, 1, 1, 7, tzinfo=VIETNAM)
_MICROSECOND = timedelta(microseconds=1)


class BackwardStep(ValueError):
    """Time was to be moved back."""


class MomentFile:
    """One moment in a file of eight bytes that several processes map into memory. Reading costs no system call.

    Args:
        path: of the file; made with `first` if there is none.
        first: the moment of a new file.
    """

    def __init__(self, path: Path, first: datetime) -> None:
        if not path.exists():
            _create(path, _FORMAT.pack((first - _EPOCH) // _MICROSECOND))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _FORMAT.size)

    def read(self) -> datetime:
        """The moment, in Vietnam's zone."""
        return _EPOCH + timedelta(microseconds=_FORMAT.unpack_from(self._map)[0])

    def write(self, moment: datetime) -> None:
        """Replaces the moment: eight aligned bytes, which nobody sees half written."""
        _FORMAT.pack_into(self._map, 0, (moment - _EPOCH) // _MICROSECOND)


@dataclass(frozen=True)
class SteppedClock(Clock):
    """Business time that moves only when a simulation moves it.

    Attributes:
        file: where the time is; empty for none.
        moment: the file, mapped.
    """

    file: Path = Path()
    moment: MomentFile | None = None

    def now(self) -> datetime:
        """The business time, aware, in Vietnam's zone."""
        return self._mapped.read()

    def move(self, moment: datetime) -> None:
        """Moves time on, for all processes at once.

        Raises:
            BackwardStep: it is later already.
        """
        if moment < self.now():
            raise BackwardStep(f"{moment.isoformat()} is before {self.now().isoformat()}")
        self._mapped.write(moment)

    def seen_by(self, service: str) -> MomentFile:
        """Up to which moment the sweeps of a service have looked at what is due."""
        return MomentFile(self.file.with_name(f"{self.file.name}.{service}"), _EPOCH)

    def unix_seconds(self, moment: datetime) -> float:
        """The moment itself: no real time belongs to it."""
        return moment.timestamp()

    def real_seconds(self, duration: timedelta) -> float:
        """As on a real clock: what counts real seconds goes on meanwhile."""
        return duration.total_seconds()

    @property
    def _mapped(self) -> MomentFile:
        if self.moment is None:
            raise RuntimeError("a stepped clock needs its file")
        return self.moment


def parse_stepped_clock(text: str, file: Path, source: Callable[[], float] = time.time) -> SteppedClock:
    """Reads a setting ``stepped:START``: an ISO 8601 time with its offset. A platform that is started again goes on where it was.

    Args:
        text: the setting.
        file: which all processes of the platform share; made if there is none.
        source: gives real time in Unix seconds.

    Raises:
        ClockError: the text is not of that form.
    """
    try:
        start = datetime.fromisoformat(text.removeprefix(STEPPED))
    except ValueError as error:
        raise ClockError(f"{text!r} is not stepped:START: {error}") from error
    if start.tzinfo is None:
        raise ClockError(f"{text!r} has no offset from UTC, for example +07:00")
    moment = start.astimezone(VIETNAM)
    return SteppedClock(moment, 1.0, 0.0, source, file, MomentFile(file, moment))


def _create(path: Path, content: bytes) -> None:
    """Makes a file with its content at once; if another process was faster, its file stays."""
    private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.write_bytes(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
