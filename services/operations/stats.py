"""What the command line does with the data of stats: its archive, rebuilding, replaying, checking of totals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from services.stats.archive.queries import Verified
    from services.stats.archive.rebuild.commands import Progress as Progress
    from services.stats.archive.rebuild.commands import Rebuild
    from services.stats.archive.rebuild.compare import Comparison as Comparison
    from services.stats.archive.rebuild.compare import Difference as Difference
    from services.stats.archive.replay.commands import Sent as Sent
    from services.stats.measures.recount import Difference as TotalDifference
    from shared.persistence.store import Store
    from shared.runtime.context import Context


def archived_months(connection: Connection) -> list[tuple[str, int, int, int, bool]]:
    """What stats has archived of each month: month, segments or batches, events, bytes as published, whether it is sealed.

    Args:
        connection: to stats' database.
    """
    from services.stats.archive.store import months

    return months(connection)


def archive_seals(connection: Connection) -> list[tuple[int, str, str]]:
    """Number, month and seal of each sealed segment of stats' archive.

    Args:
        connection: to stats' database.
    """
    from services.stats.archive.store import all_segments

    return [(segment.number, segment.month, seal) for segment, seal in all_segments(connection)]


def verify_archive(store: Store, known: dict[int, str]) -> Verified:
    """Checks stats' archive.

    Args:
        store: stats'.
        known: number → seal of segments, as somebody has noted them.
    """
    from services.stats.archive.queries import verify

    with store.snapshot(long=True) as connection:
        return verify(connection, known)


@contextmanager
def stats_rebuild(context: Context, report: Callable[[Progress], None]) -> Iterator[Rebuild]:
    """Makes what stats knows from its archive again; ends its connections at the end of the block.

    Args:
        context: stats'.
        report: called after each step.
    """
    from services.stats.archive.rebuild.commands import Rebuild
    from services.stats.facts.subjects import prepare
    from services.stats.handlers import FACTS, UNLINKED
    from services.stats.index.store import mark_everything

    rebuild = Rebuild(context, FACTS, UNLINKED, prepare, report, mark_everything)
    try:
        yield rebuild
    finally:
        rebuild.side.close()


def start_replay(
    store: Store, subscriber: str, since: datetime | None, until: datetime | None, types: Collection[str], *, new: bool
) -> int:
    """Writes down that a period of stats' archive is to be sent to a subscriber; arguments and errors as for
    :func:`services.stats.archive.replay.commands.start`."""
    from services.stats.archive.replay.commands import start

    return start(store, subscriber, since, until, types, new=new)


def send_replay(store: Store, number: int, report: Callable[[Sent], None]) -> int:
    """Sends a replay to its end; arguments and errors as for :func:`services.stats.archive.replay.commands.send`."""
    from services.stats.archive.replay.commands import send

    return send(store, number, report)


def drop_replay(store: Store, number: int) -> None:
    """Ends a replay where it stands; errors as for :func:`services.stats.archive.replay.commands.drop`."""
    from services.stats.archive.replay.commands import drop

    drop(store, number)


def verify_totals(store: Store, repair: bool = False) -> list[TotalDifference]:
    """Compares stats' totals and lists with its facts.

    Args:
        store: stats'.
        repair: whether wrong totals are set right; nobody else writes facts meanwhile.
    """
    from services.stats.measures.verifying import lock, verify

    today = store.clock.now().date()
    if not repair:
        with store.snapshot(long=True) as connection:
            return verify(connection, today)
    with store.uow() as work:
        lock(work.connection)
        return verify(work.connection, today, repair=True)


@dataclass(frozen=True, slots=True)
class LeastRatings:
    """From how many ratings on a share of them is shown.

    Attributes:
        leader_page: on the pages of leaders.
        report: in reports.
    """

    leader_page: int
    report: int


def least_ratings(on: date) -> LeastRatings:
    """What is in force on a day."""
    from services.stats.dashboards.samples import samples
    from services.stats.reports.rules import report_rules

    return LeastRatings(samples(on).leader_ratings, report_rules().rating_sample)
