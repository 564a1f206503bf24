"""Changes that are made and taken back, for tests that must leave a store as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork


class _UndoneError(Exception):
    """Ends a transaction that is not to be kept."""


@contextmanager
def undone(store: Store) -> Iterator[None]:
    """Inside the block, every transaction of this thread runs to its end, constraints and all, and is then rolled back.

    Args:
        store: of a service that answers in this thread.
    """
    kept, me = store.uow, get_ident()

    @contextmanager
    def uow() -> Iterator[UnitOfWork]:
        if get_ident() != me:
            with kept() as unit:
                yield unit
            return
        try:
            with kept() as unit:
                yield unit
                unit.flush_for_commit()
                raise _UndoneError
        except _UndoneError:
            return

    store.__dict__["uow"] = uow
    try:
        yield
    finally:
        del store.__dict__["uow"]
