"""The boards of one process, so that any number of screens costs one small query a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.board.queries import BoardView, board_view, ready_results
from services.intake.tickets.groups import desk_services
from services.intake.tickets.queries import board_version
from shared.runtime.context import Context

FRESH_SECONDS = 1.0
"""Real time for which a board is taken as it is; then its version is read, and all else only if that has changed."""
EXTENSION = "motcua-intake-boards"


@dataclass(frozen=True, slots=True)
class Board:
    """A board as it was read.

    Attributes:
        version: changes with whatever the board shows, each minute and each day.
        now: business time.
        view: of the desk's visitors.
        results: masked codes of results that wait for their holders.
    """

    version: str
    now: datetime
    view: BoardView
    results: Sequence[str]


class Boards:
    """The present boards of one process; thread-safe.

    Waits pass without an event, so a board is also read anew each minute, with the results.

    Args:
        context: of intake.
        monotonic: real seconds.
    """

    def __init__(self, context: Context, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._boards: dict[str, tuple[float, Board]] = {}

    def current(self, desk: str) -> Board:
        """The board of a desk, at most a second old.

        Args:
            desk: code of a one-stop desk that exists; one board is kept for each.
        """
        known = self._boards.get(desk)
        if known is not None and self._monotonic() < known[0]:
            return known[1]
        with self._lock:
            known = self._boards.get(desk)
            if known is not None and self._monotonic() < known[0]:
                return known[1]
            board = self._read(desk, known[1] if known else None)
            self._boards[desk] = (self._monotonic() + FRESH_SECONDS, board)
            return board

    def _read(self, desk: str, known: Board | None) -> Board:
        now = self._context.clock.now()
        minute = f"{now:%H%M}"
        with self._context.store.read() as connection:
            version = f"{board_version(connection, desk, now)}.{minute}"
            if known is not None and known.version == version:
                return known
            same_minute = known is not None and known.version.rpartition(".")[2] == minute
            results = known.results if known is not None and same_minute else ready_results(connection, desk, now)
            return Board(version, now, board_view(connection, desk_services(desk, now.date()), now), results)
