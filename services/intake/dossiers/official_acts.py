"""What officials do for citizens at a desk, told to rating, so that ratings are about the right ones, and to stats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.persistence.unit_of_work import UnitOfWork

_ABOUT = ("counter", "ticket", "number", "dossier", "procedure", "field")


def emit_served(work: UnitOfWork, act: str, official: str, desk: str, about: Mapping[str, Any]) -> None:
    """Tells that an official did something for a citizen; nothing where nobody in particular did it.

    Args:
        work: the transaction in which it is done.
        act: one of :data:`shared.contracts.officials.COUNTER_ACTS`.
        official: the subject of their token; never a name.
        desk: code of the one-stop desk.
        about: of a visitor the `counter`, and id (`ticket`) and shown `number` of the ticket; of a dossier `dossier`, `procedure` and
            `field`.
    """
    if official:
        done = {"act": act, "official": official, "desk": desk, "at": work.now}
        work.emit("official.served", dict.fromkeys(_ABOUT) | dict(about) | done)
