"""What officials do with dossiers at a desk, told to rating, so that ratings are about the right ones, and to stats."""

from __future__ import annotations

from shared.persistence.unit_of_work import UnitOfWork


def emit_handled(
    work: UnitOfWork, act: str, official: str, desk: str, *, dossier: str, procedure: str, field: str
) -> None:
    """Tells that an official received a dossier or handed over its result; nothing where nobody in particular did it.

    Args:
        work: the transaction in which it is done.
        act: one of :data:`shared.contracts.officials.DESK_ACTS`.
        official: the subject of their token; never a name.
        desk: code of the one-stop desk.
        dossier, procedure: codes.
        field: of the procedure.
    """
    if official:
        about = {"dossier": dossier, "procedure": procedure, "field": field}
        done = {"act": act, "official": official, "desk": desk, "at": work.now}
        work.emit("official.handled_dossier", done | about)
