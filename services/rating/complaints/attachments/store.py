"""The table of attachments. A file is uploaded under the identifier of its complaint, and belongs to it once the form is sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from services.rating.database import metadata
from shared.persistence.unit_of_work import UnitOfWork
from shared.uploads.rows import UploadRows, uploads_table
from shared.uploads.upload import State

AREA = "complaint-files"
"""Of the storage; intake sweeps its own area only."""
ATTACHED, TYPED = "attached", ""
"""What stands in place of a paper: attached to a complaint, or uploaded with a form that is not sent."""

uploads = uploads_table(metadata)
rows = UploadRows(uploads)
_C = uploads.c


def attach(work: UnitOfWork, complaint: str) -> int:
    """Lets the files that were uploaded with a form belong to its complaint; returns how many."""
    wanted = (_C.draft == complaint, _C.paper == TYPED, _C.state.in_((State.KEPT, State.CHECKING)))
    return int(work.execute(update(uploads).where(*wanted).values(paper=ATTACHED)).rowcount)


def erase_files(work: UnitOfWork, complaint: str) -> None:
    """Has all files of a complaint deleted."""
    rows.discard(work, complaint)


def discard_unsent(work: UnitOfWork, before: datetime, most: int) -> int:
    """Has files deleted whose form was never sent; `before` is real time. Returns how many."""
    old = (
        select(_C.id)
        .where(_C.paper == TYPED, _C.state.in_((State.KEPT, State.CHECKING, State.REFUSED)), _C.changed_at < before)
        .limit(most)
    )
    changed = update(uploads).where(_C.id.in_(old.scalar_subquery()))
    return int(work.execute(changed.values(state=State.DELETED, changed_at=work.clock.wall())).rowcount)
