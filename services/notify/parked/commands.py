"""Has a parked event applied again."""

from __future__ import annotations

from shared.messaging import parked_events
from shared.persistence.unit_of_work import UnitOfWork


def replay(work: UnitOfWork, id_: int) -> None:
    """The worker tries a parked event again, with a new count of attempts, and then those behind it; as ``motcua parked replay notify``.

    Args:
        work: the transaction.
        id_: its number; one that is no longer parked stays as it is.
    """
    parked_events.replay(work.connection, [id_], work.clock.wall())
